"""`adopt` pairs by the ids that another tool wrote in the notes, before it looks at words."""

from __future__ import annotations

import pytest

from deckgen.anki.adoption_matching import NoteText, match_notes
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

UUID = "5afd1da8-f5af-4abd-8809-6e3e47d164eb"


def ids_of(name: str, text: str) -> list[tuple[str, ...]]:
    pack = read_shipped(f"compat/{name}")
    assert pack is not None
    rules, problems = load_rules([pack])
    assert not problems
    return [d.other_ids for d in extract([read_document(Source("a.md", text))[0]], rules, Settings("Deck")).drafts]


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        (
            "obsidian-to-anki",
            "START\nBasic\na?\nBack: b\nTags: t\n<!--ID: 1608139621001-->\nEND\n\nSTART\nBasic\nc?\nBack: d\nEND\n",
            [("1608139621001",), ()],
        ),
        ("obsidian-to-anki", "Q: a\nA: b\n<!--ID: 1608139621001-->\nQ: c\nA: d\n", [("1608139621001",), ()]),
        ("obsidian-to-anki", "a::b\n\nc::d <!--ID: 1608139621001-->\n", [(), ("1608139621001",)]),
        (
            "flashcards-obsidian",
            "a::b ^1699000000001\nc::d\n^1699000000002\n",
            [("1699000000001",), ("1699000000002",)],
        ),
        (
            "inka",
            "Prose.\n\n---\n<!--ID:1612509025074-->\n1. a\n> b\n2. c\n> d\n<!--ID:1612509025075-->\n3. e\n> f\n---\n",
            [("1612509025074",), (), ("1612509025075",)],
        ),
        ("yanki", "---\nnoteId: 1725245375335\n---\na\n\n---\n\nb\n", [("1725245375335",)]),
        ("ankiops", "<!-- note_key: 0123456789ab -->\nQ: a\nA: b\n\n---\n\nQ: c\nA: d\n", [("0123456789ab",), ()]),
        ("md2anki", f"# D (1)\n\n## a ({UUID})\n\nb\n\n## c\n\nd\n", [(UUID,), ()]),
        ("logseq", f"- a #card\n  id:: {UUID}\n  - b\n- c #card\n  - d\n", [(UUID,), ()]),
    ],
)
def test_each_card_has_its_own_id(name: str, text: str, ids: list[tuple[str, ...]]) -> None:
    assert ids_of(name, text) == ids


def note(question: str, *names: str, is_cloze: bool = False) -> NoteText:
    return NoteText(question, ("answer",), is_cloze, names=frozenset(names))


def test_an_id_counts_for_more_than_words() -> None:
    result = match_notes([note("one", "7"), note("two")], [note("two", "7"), note("one", "8")])
    assert {our: (found.other, found.reason) for our, found in result.pairs.items()} == {0: (0, "id")}


def test_an_id_that_two_cards_have_says_nothing() -> None:
    ours = [note("one", "7"), note("two", "7")]
    result = match_notes(ours, [note("three", "7"), note("two", "8")])
    assert {our: found.reason for our, found in result.pairs.items()} == {1: "same"}


def test_a_cloze_is_no_question() -> None:
    assert match_notes([note("one", "7")], [note("two", "7", is_cloze=True)]).pairs == {}
