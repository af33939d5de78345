"""A slip in the front matter of a note, or a merge conflict in it, costs no tag, no deck and no note."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import deckgen, write_files

TEXT = "MTL stands for multi-task learning. CNN stands for convolutional neural network.\n"


def built(folder: Path) -> tuple[list[str], dict[str, tuple[int, str, str]]]:
    """What the build printed as kinds; modified time, deck and whether retired of each line of the lock."""
    ended = deckgen("build", folder)
    assert ended.code == 0, ended.err
    rows = map(json.loads, (folder / "deck.lock").read_text().splitlines()[1:])
    return ended.kinds, {row["question"]: (row["mod"], row["deck"], row.get("retired", "")) for row in rows}


def tags(folder: Path) -> list[list[str]]:
    return [note["tags"] for note in deckgen("list", folder, "--format", "json").json]


@pytest.mark.parametrize("slip", ["author: @me", "title: C: an overview", "x: [1, 2", "x: 'y", "\tx: 1", "a b c"])
def test_a_slip_in_another_key_changes_no_note(tmp_path: Path, slip: str) -> None:
    (tmp_path / "a.md").write_text(f"---\ntags: [sea, deep]\nsource: x\n---\n{TEXT}")
    _, before = built(tmp_path)
    (tmp_path / "a.md").write_text(f"---\ntags: [sea, deep]\nsource: x\n{slip}\n---\n{TEXT}")
    kinds, after = built(tmp_path)
    assert "bad-front-matter" in kinds
    assert after == before
    assert tags(tmp_path) == [["deep", "sea"]] * 2


@pytest.mark.parametrize("front", ["tags: [sea, {deep: x", "tags:\nsea\ndeep", "tags: |\n x\n y: z\n- @q"])
def test_while_tags_cannot_be_known_the_notes_stay_as_they_are(tmp_path: Path, front: str) -> None:
    write_files(tmp_path, {"a.md": f"---\ntags: [sea, deep]\n---\n{TEXT}", "b.md": "GAN stands for generative net.\n"})
    _, before = built(tmp_path)
    (tmp_path / "a.md").write_text(f"---\n{front}\n---\n{TEXT}CPU stands for central processing unit.\n")
    for _ in range(2):
        kinds, after = built(tmp_path)
        assert "notes-left-alone" in kinds
        assert after == before
    (tmp_path / "a.md").write_text(f"---\ntags: [sea, deep]\n---\n{TEXT}")
    assert built(tmp_path) == ([], before)


def test_a_deck_in_the_front_matter_that_cannot_be_known_moves_nothing(tmp_path: Path) -> None:
    config = "deck: D\nid: x\nrules: [compat/flashcards-obsidian]\n"
    note = "---\ncards-deck: Sea::Deep\ntags: [a]\n---\ncape::land\n"
    write_files(tmp_path, {"deck.yaml": config, "a.md": note})
    _, before = built(tmp_path)
    assert [deck for _, deck, _ in before.values()] == ["D::Sea::Deep"]
    (tmp_path / "a.md").write_text(note.replace("Sea::Deep", "\n  - @x\n  y: z"))
    kinds, after = built(tmp_path)
    assert "notes-left-alone" in kinds
    assert after == before


def test_an_end_that_went_missing_takes_no_card_away(tmp_path: Path) -> None:
    note = f"---\ntags: [sea]\n---\n\n# Names\n\n{TEXT}\n---\n\nGAN stands for generative net.\n"
    (tmp_path / "a.md").write_text(note)
    _, before = built(tmp_path)
    (tmp_path / "a.md").write_text(note.replace("[sea]\n---", "[sea]"))
    kinds, after = built(tmp_path)
    assert (kinds, after) == (["bad-front-matter"], before)


def test_byte_order_mark_and_line_ends_of_windows_change_nothing(tmp_path: Path) -> None:
    text = f"---\ntags: [sea]\nauthor: @me\n---\n{TEXT}"
    (tmp_path / "a.md").write_text(text)
    _, before = built(tmp_path)
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode())
    assert built(tmp_path) == (["bad-front-matter"], before)


def test_a_merge_conflict_stops_the_build_and_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(TEXT)
    built(tmp_path)
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.is_file() and path.suffix != ".md"}
    (tmp_path / "a.md").write_text(f"# Names\n\n<<<<<<< HEAD\n{TEXT}=======\nOther.\n>>>>>>> branch\n")
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds) == (2, ["merge-conflict"])
    assert "a.md:3:1: error[merge-conflict]" in ended.err
    assert "lines 3, 5 and 7" in ended.err
    assert files == {path.name: path.read_bytes() for path in tmp_path.iterdir() if path.name in files}
