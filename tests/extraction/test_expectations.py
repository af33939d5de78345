"""What packs for marked notes expect: a mark of which no note comes is told, and what a tool refuses is left alone."""

from __future__ import annotations

import pytest

from deckgen.extraction.extract import Extracted, extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText, read_shipped


def extracted(name: str, text: str) -> Extracted:
    pack = read_shipped(f"compat/{name}")
    assert pack is not None
    rules, problems = load_rules([pack])
    assert not problems
    return extract([read_document(Source("a.md", text))[0]], rules, Settings("Deck"))


def told(name: str, text: str) -> list[tuple[int, str]]:
    found = extracted(name, text).diagnostics
    return [(problem.span.line if problem.span else 0, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("obsidian-to-anki", "START\nBasic\nWhat?\nEND\n", 1, "no rule fits"),
        ("obsidian-to-anki", "a\n\nSTART\nVocabulary\nWort\nBack: word\nEND\n", 3, "`Vocabulary` is none of Basic"),
        ("obsidian-to-anki", "STARTI [Vocab] Wort Back: word ENDI\n", 1, "`Vocab` is none of Basic"),
        ("obsidian-to-anki", "What? #flashcard\n", 1, "`Back` is empty"),
        ("obsidian-to-anki", "Q: What?\n", 1, "`Back` is empty"),
        ("flashcards-obsidian", "Say it aloud #card-spaced\n", 1, "a prompt without an answer"),
        ("flashcards-obsidian", "## What? #card\n", 1, "`Back` is empty"),
        ("flashcards-obsidian", "```flashcard\nfront: What?\n```\n", 1, "no rule fits"),
        ("obsidian-spaced-repetition", "#flashcards\n\nWhat?\n\n?\n\nThat\n", 5, ""),
        ("obsidian-spaced-repetition", "#flashcards\n\nAn ==aha;;oak==\n", 3, "on more than one card"),
        ("inka", "Prose.\n\n---\n1. What?\n---\n", 4, "neither a quoted answer nor a deletion"),
        ("yanki", "A front alone\n", 1, ""),
        ("logseq", "- What? #card\n", 1, "`Back` is empty"),
        ("mdanki", "## What?\n", 1, "`Back` is empty"),
    ],
)
def test_a_mark_without_a_note_is_told(name: str, text: str, line: int, said: str) -> None:
    found = [message for at, message in told(name, text) if at == line]
    assert len(found) == 1, told(name, text)
    assert said in found[0]
    assert "makes no note" in found[0]
    assert extracted(name, text).drafts == ()


@pytest.mark.parametrize("broken", ["expects: [{line: '^['}]", "refuses: [{text: '^['}]", "expects: [{says: no line}]"])
def test_what_is_wrong_with_an_expectation_is_told_and_looked_for_nowhere(broken: str) -> None:
    rules, problems = load_rules([PackText("own", "own.yaml", f"{broken}\nrules: []\n")])
    assert [problem.kind for problem in problems] in (["bad-regex"], ["missing-key"])
    assert extract([read_document(Source("a.md", "Q: What?\n"))[0]], rules, Settings("Deck")).diagnostics == ()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hashcards", "Q: What?\nA: That\n\n---\n\nStray text\n", "outside of the cards"),
        ("hashcards", "Q: What?\nA: That\nA: Or that\n", "one `A:`"),
        ("hashcards", "C: nothing deleted\n", "without a [deletion]"),
        ("ankiops", "Q: One\nQ: Two\nA: Three\n", "one `Q:`"),
        ("ankiops", "Q: a {{c1::b}}\nA: c\n", "belongs behind `T:`"),
        ("ankiops", "<!-- note_type: Mine -->\nQ: a\nA: b\n", "the note type Mine"),
        ("md2anki", "# Deck\n\n### Deep\n\ntext\n", "is no note of the deck"),
        ("yanki", "A {{c1::b}} c\n", "its deletions are written"),
    ],
)
def test_what_a_tool_refuses_is_left_alone(name: str, text: str, said: str) -> None:
    found = extracted(name, text)
    assert any(said in problem.message and problem.kind == "refused-by-tool" for problem in found.diagnostics)
    assert found.drafts == ()
    assert found.untried  # so that notes which were built before stay


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("obsidian-to-anki", "```\nSTART\nBasic\n```\n\n`Q: x`\n"),
        ("obsidian-to-anki", "START\nBasic\nWhat?\nBack: gone\nDELETE\n<!--ID: 1-->\nEND\n"),
        ("flashcards-obsidian", "> quoted #card\n\nstatus:: done\n"),
        ("obsidian-spaced-repetition", "le chat::the cat, before any tag\n"),
        ("hashcards", '---\nname = "Cells"\n---\n\n<!-- a remark -->\nQ: What?\nA: That\n\n---\nC: a [cell]\n'),
        ("inka", "1. A list outside of cards\n"),
    ],
)
def test_what_is_no_mark_is_not_told(name: str, text: str) -> None:
    assert told(name, text) == []


def test_clozes_that_differ_in_a_hint_alone_are_one_note_and_told() -> None:
    rules = "on: paragraph\nrules:\n  - {id: c, note: Cloze, marks: ['{{answer[::hint]}}'], fields: {Text: '{text}'}}\n"
    loaded, _ = load_rules([PackText("mine", "mine.yaml", rules)])
    document, _ = read_document(Source("a.md", "An {{oak}} grows.\n\nAn {{oak::tree}} grows.\n"))
    found = extract([document], loaded, Settings("Deck"))
    assert [problem.span and problem.span.line for problem in found.diagnostics] == [3]


def test_a_mark_too_many_is_told() -> None:
    rules = "on: paragraph\nrules:\n  - {id: c, note: Cloze, marks: ['==answer=='], fields: {Text: '{text}'}}\n"
    loaded, _ = load_rules([PackText("mine", "mine.yaml", rules)])
    document, _ = read_document(Source("a.md", "An ===oak=== grows.\n\nif a === b and `===c===`.\n\nA ==fir== too.\n"))
    found = extract([document], loaded, Settings("Deck"))
    assert [problem.span and problem.span.line for problem in found.diagnostics] == [1]
