"""Cards with ids of another tool: which note a card is, across edits, and from locks written before ids lay below."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import deckgen

NOTES = """cape::land that juts into the sea
^1714056234891

bay::sea that juts into the land
^1714056234892

fjord::a valley that the sea has filled
^1714056234893

atoll::a ring of coral ^1714056234894
"""

# As deckgen wrote it while an id below a card was taken for that of the next one.
OLD_LOCK = r"""{"deckgen_lock":1,"project":"sea","rendering":"1 html=sanitize"}
{"guid":"cguzrr2i4igxxsrn","id":1526912700000,"kind":"Basic","rule":"compat/flashcards-obsidian/line","key":["1714056234891"],"text":"bay::sea that juts into the land","digest":"0dd9d1d0017223e9921ad9bad409621d","question":"bay","answer":"sea that juts into the land","path":"a.md","headings":[],"deck":"Sea","hash":"1ab4c4aa87616ad0bb1208de5406e98a","mod":1526912700,"seen":"39d7a1664dc76ae3"}
{"guid":"gqcuzuu6r2jzyzls","id":1305700750000,"kind":"Basic","rule":"compat/flashcards-obsidian/line","key":["cape"],"text":"cape::land that juts into the sea","digest":"7660a2c25c6cc8a1c54a888ee46b3c26","question":"cape","answer":"land that juts into the sea","path":"a.md","headings":[],"deck":"Sea","hash":"b4c015fff5d10f5045f7f499d6c9b9b6","mod":1305700750,"seen":"c0b2c5d6d6d3ad61"}
{"guid":"jeiyowyxe6mdvzqe","id":1387672510000,"kind":"Basic","rule":"compat/flashcards-obsidian/line","key":["1714056234892"],"text":"fjord::a valley that the sea has filled","digest":"b0e384c76421aadb104e07d5c7925139","question":"fjord","answer":"a valley that the sea has filled","path":"a.md","headings":[],"deck":"Sea","hash":"c68e5d80cdc3ffb1d78913041156d0a4","mod":1387672510,"seen":"62e4d0111663f92c"}
{"guid":"twutxau6r3j724ca","id":1456205391000,"kind":"Basic","rule":"compat/flashcards-obsidian/line","key":["1714056234894"],"text":"atoll::a ring of coral","digest":"c08a17a5c8dbca83ad3c00b8e00b0f94","question":"atoll","answer":"a ring of coral","path":"a.md","headings":[],"deck":"Sea","hash":"c5f7fc54db9b2b89028a6df694689f81","mod":1456205391,"seen":"0ea8cce7b073aeaa"}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deck.yaml").write_text("deck: Sea\nid: sea\nrules: [compat/flashcards-obsidian]\n")
    return tmp_path


def built(folder: Path, notes: str) -> dict[str, str]:
    """GUIDs of the live notes, by their questions."""
    (folder / "a.md").write_text(notes)
    assert deckgen("build", folder).code == 0
    rows = map(json.loads, (folder / "deck.lock").read_text().splitlines()[1:])
    return {row["question"]: row["guid"] for row in rows if "retired" not in row}


def old_guids() -> dict[str, str]:
    return {row["question"]: row["guid"] for row in map(json.loads, OLD_LOCK.splitlines()[1:])}


def test_an_old_lock_keeps_every_guid(folder: Path) -> None:
    (folder / "deck.lock").write_text(OLD_LOCK)
    assert built(folder, NOTES) == old_guids()
    assert built(folder, NOTES) == old_guids()
    assert deckgen("build", folder, "--check").code == 0


def test_an_old_lock_and_edits_hand_no_guid_to_another_fact(folder: Path) -> None:
    (folder / "deck.lock").write_text(OLD_LOCK)
    edited = NOTES.replace("juts into the land", "reaches into the land").replace("a ring of coral", "a ring of reefs")
    edited = edited.replace("fjord::a valley that the sea has filled\n^1714056234893", "delta::mud\n^1714056239999")
    found, old = built(folder, edited), old_guids()
    assert {word: found[word] for word in ("cape", "bay", "atoll")} == {w: old[w] for w in ("cape", "bay", "atoll")}
    assert found["delta"] not in old.values()


@pytest.mark.parametrize("gone", ["cape", "bay", "fjord", "atoll"])
def test_a_card_taken_out_changes_no_other(folder: Path, gone: str) -> None:
    before = built(folder, NOTES)
    after = built(folder, "\n\n".join(card for card in NOTES.split("\n\n") if not card.startswith(gone)))
    assert after == {word: guid for word, guid in before.items() if word != gone}


@pytest.mark.parametrize("replaced", ["cape", "bay", "fjord", "atoll"])
def test_a_card_replaced_by_another_gives_it_no_guid(folder: Path, replaced: str) -> None:
    before = built(folder, NOTES)
    cards = ["delta::mud of a river\n^1714056239999" if c.startswith(replaced) else c for c in NOTES.split("\n\n")]
    after = built(folder, "\n\n".join(cards))
    assert after.pop("delta") not in before.values()
    assert after == {word: guid for word, guid in before.items() if word != replaced}


def test_a_card_that_moves_takes_its_id_along(folder: Path) -> None:
    before = built(folder, NOTES)
    assert built(folder, "\n\n".join(reversed(NOTES.rstrip().split("\n\n")))) == before


def test_the_id_of_a_card_that_is_gone_is_no_ones(folder: Path) -> None:
    """Of a deleted card flashcards-obsidian leaves the id, so that Anki's note goes, too."""
    before = built(folder, NOTES)
    after = built(folder, NOTES.replace("bay::sea that juts into the land\n", ""))
    assert after == {word: guid for word, guid in before.items() if word != "bay"}


def test_an_id_that_comes_later_keeps_the_note(folder: Path) -> None:
    before = built(folder, NOTES.replace("^1714056234891\n", "").replace(" ^1714056234894", ""))
    assert built(folder, NOTES) == before


def test_a_card_reworded_under_its_id_is_the_same_note(folder: Path) -> None:
    before = built(folder, NOTES)
    after = built(folder, NOTES.replace("bay::sea that juts into the land", "What is a bay?::a wide inlet"))
    assert after["What is a bay"] == before["bay"]


def test_ids_of_another_tool_are_told_once_and_not_after_a_lock(folder: Path) -> None:
    (folder / "a.md").write_text(NOTES)
    (folder / "b.md").write_text("delta::mud ^1714056234899\n")
    assert deckgen("list", folder).kinds == ["ids-of-another-tool"]
    assert deckgen("build", folder).kinds == ["ids-of-another-tool"]
    (folder / "b.md").write_text("delta::mud and sand ^1714056234899\n")
    assert deckgen("build", folder).kinds == []
    assert deckgen("build", folder).kinds == []
