"""What stands on a line of its own in notes for other tools belongs to the card that it touches, and to no other."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from test_extraction import drafts_of

from deckgen.model import Draft
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

Said = tuple[str, ...]
"""Front or text, then what its asides say: id, tags, tail of the deck, extra."""


@dataclass(frozen=True)
class Syntax:
    """How a tool's notes write a card, its asides in front of it, inside or behind it."""

    name: str
    pack: str
    card: Callable[[str, str], str]  # its word, and a value for its aside; none without one
    says: Callable[[Draft], str]
    between: str = "\n"
    head: str = ""


def explicit_id(draft: Draft) -> str:
    assert len(draft.key) == 1
    return draft.key[0] if draft.has_explicit_id else ""


def tags(draft: Draft) -> str:
    return " ".join(draft.tags)


def deck(draft: Draft) -> str:
    return draft.deck.removeprefix("Deck").removeprefix("::")


def extra(draft: Draft) -> str:
    return str(dict(draft.fields).get("Extra", ""))


def lines(*texts: str) -> Callable[[str, str], str]:
    """A card of these lines; those with a value are left out where there is none."""

    def card(word: str, value: str) -> str:
        kept = [text for text in texts if value or "VALUE" not in text]
        return "\n".join(kept).replace("WORD", word).replace("VALUE", value) + "\n"

    return card


FCO, OTA = "compat/flashcards-obsidian", "compat/obsidian-to-anki"
SYNTAXES = [
    Syntax("fco line", FCO, lines("WORD::an answer", "^VALUE"), explicit_id),
    Syntax("fco line, no air", FCO, lines("WORD::an answer", "^VALUE"), explicit_id, between=""),
    Syntax("fco same line", FCO, lambda word, value: f"{word}::an answer{' ^' * bool(value)}{value}\n", explicit_id),
    Syntax("fco paragraph", FCO, lines("WORD #card", "an answer", "^VALUE"), explicit_id),
    Syntax("fco heading", FCO, lines("## WORD #card", "", "an answer", "", "and more", "^VALUE"), explicit_id),
    Syntax("fco next block", FCO, lines("WORD #card", "", "- one", "- two", "^VALUE"), explicit_id),
    Syntax("fco item", FCO, lines("- WORD::an answer", "  ^VALUE"), explicit_id, between=""),
    Syntax("fco reversed", FCO, lines("WORD:::an answer", "^VALUE"), explicit_id),
    Syntax("fco callout", FCO, lines("> [!card] WORD", "> an answer", "> ^VALUE"), explicit_id),
    Syntax("fco below callout", FCO, lines("> [!card] WORD", "> an answer", "^VALUE"), explicit_id),
    Syntax("fco cloze", FCO, lines("WORD has ==a deletion==", "^VALUE"), explicit_id),
    Syntax("fco tags", FCO, lines("WORD #card", "an answer", "#VALUE"), tags),
    Syntax(
        "fco tags above", FCO, lambda word, value: f"## {word}\n#card{' #' * bool(value)}{value}\nan answer\n", tags
    ),
    Syntax(
        "fco tags of a section",
        FCO,
        lambda word, value: f"## {word}\n\n#card{' #' * bool(value)}{value}\n\nan answer\n",
        tags,
    ),
    Syntax("ota block", OTA, lines("START", "Basic", "WORD", "Back: an answer", "Tags: VALUE", "END"), tags),
    Syntax(
        "ota block with id",
        OTA,
        lines("START", "Basic", "WORD", "Back: an answer", "Tags: VALUE", "<!--ID: 1608139621099-->", "END"),
        tags,
    ),
    Syntax(
        "ota inline",
        OTA,
        lambda word, value: f"STARTI [Basic] {word} Back: yes{' Tags: ' * bool(value)}{value} ENDI\n",
        tags,
        between="",
    ),
    Syntax("ota Q and A", OTA, lines("Q: WORD", "A: an answer", "Tags: VALUE"), tags),
    Syntax("ota Q and A, no air", OTA, lines("Q: WORD", "A: an answer", "Tags: VALUE"), tags, between=""),
    Syntax("ota Q and A, id", OTA, lines("Q: WORD", "A: an answer", "<!--ID: 1--> ", "Tags: VALUE"), tags),
    Syntax("ota single line", OTA, lines("WORD::an answer", "Tags: VALUE"), tags),
    Syntax("ota paragraph", OTA, lines("WORD #flashcard", "", "an answer", "Tags: VALUE"), tags),
    Syntax("ota ruled", OTA, lines("WORD", "---", "an answer", "Tags: VALUE"), tags),
    Syntax("ota cloze", OTA, lines("WORD has {a deletion}", "Tags: VALUE"), tags),
    Syntax("ota table", OTA, lines("| WORD |", "| --- |", "| answer |", "Tags: VALUE"), tags),
    Syntax(
        "ota deck",
        OTA,
        lines("Q: WORD", "A: an answer", "Tags: VALUE"),
        lambda draft: tags(draft) if deck(draft) == "Space" else "no deck",
        head="# Title\n\nTARGET DECK: Space\n\n",
    ),
    Syntax("logseq deck", "compat/logseq", lines("- WORD #card", "  deck:: VALUE", "  - an answer"), deck, between=""),
    Syntax("logseq tags", "compat/logseq", lines("- WORD #card", "  tags:: VALUE", "  - an answer"), tags, between=""),
    Syntax(
        "logseq extra", "compat/logseq", lines("- WORD #card", "  extra:: VALUE", "  - an answer"), extra, between=""
    ),
    Syntax("logseq cloze", "compat/logseq", lines("- WORD has {{cloze one}}", "  extra:: VALUE"), extra, between=""),
    Syntax("logseq hashtags", "compat/logseq", lines("- WORD #card", "  #VALUE", "  - an answer"), tags, between=""),
    Syntax(
        "logseq nested",
        "compat/logseq",
        lines("- topic", "  - WORD #card", "    extra:: VALUE", "    - an answer", "      - detail"),
        extra,
        between="",
    ),
    Syntax("mdanki", "compat/mdanki", lines("## WORD", "", "an answer", "", "[#VALUE](x)"), tags),
    Syntax("mdanki, no air", "compat/mdanki", lines("## WORD", "an answer", "[#VALUE]()"), tags, between=""),
    Syntax("mdanki deep", "compat/mdanki", lines("## WORD", "### part", "an answer", "", "[#VALUE]()"), tags),
    Syntax("mdanki long", "compat/mdanki", lines("## WORD", "", "what?", "", "%", "", "yes", "[#VALUE]()"), tags),
    Syntax("inka deck", "compat/inka", lines("---", "Deck: VALUE", "", "1. WORD", "> an answer", "---"), deck),
    Syntax("inka tags", "compat/inka", lines("---", "Tags: VALUE", "1. WORD", "> an answer", "---"), tags),
    Syntax("inka tags last", "compat/inka", lines("---", "1. WORD", "> an answer", "", "Tags: VALUE", "---"), tags),
]


def said(syntax: Syntax, text: str) -> list[tuple[str, str]]:
    pack = read_shipped(syntax.pack)
    assert pack is not None
    rules, problems = load_rules([pack])
    assert not problems
    found = []
    for draft in drafts_of(rules, text):
        word = str(draft.fields[0][1]).split()[0]
        found.append((word, syntax.says(draft)))
    return sorted(set(found))


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: syntax.name)
def test_an_aside_belongs_to_its_card_alone(syntax: Syntax) -> None:
    """Whichever cards stand in a row, in whatever order, with an aside or without: each has its own, or none."""
    values = {"alpha": "1111111111111", "beta": "2222222222222", "gamma": "3333333333333"}
    if syntax.says is not explicit_id:
        values = {"alpha": "red", "beta": "green", "gamma": "blue"}
    for count in (1, 2, 3):
        for words in itertools.permutations(values, count):
            for chosen in itertools.product((False, True), repeat=count):
                cards: Sequence[str] = [
                    syntax.card(word, values[word] if has else "") for word, has in zip(words, chosen, strict=True)
                ]
                text = "Prose in front.\n\n" + syntax.head + syntax.between.join(cards)
                wanted = sorted((word, values[word] if has else "") for word, has in zip(words, chosen, strict=True))
                assert said(syntax, text) == wanted, text


def test_an_id_that_touches_nothing_is_no_ones() -> None:
    """flashcards-obsidian deletes a card of which nothing but its id is left."""
    syntax = SYNTAXES[0]
    text = "^1111111111111\n\nalpha::an answer\n\n^2222222222222\n\nbeta::an answer\n^3333333333333\n^4444444444444\n"
    assert said(syntax, text) == [("alpha", ""), ("beta", "3333333333333")]


@pytest.mark.parametrize("place", ["top", "below the title", "between", "at the end"])
def test_a_target_deck_and_file_tags_hold_for_the_whole_file(place: str) -> None:
    one, two = "Q: alpha\nA: one\n", "START\nBasic\nbeta\nBack: two\nEND\n"
    line = "TARGET DECK: Space\n\nFILE TAGS: a, b\n"
    parts = {
        "top": [line, one, two],
        "below the title": ["# Title", line, one, two],
        "between": [one, line, two],
        "at the end": [one, two, line],
    }[place]
    pack = read_shipped(OTA)
    assert pack is not None
    rules, _ = load_rules([pack])
    found = {(draft.fields[0][1], deck(draft), tags(draft)) for draft in drafts_of(rules, "\n".join(parts))}
    assert found == {("alpha", "Space", "a b"), ("beta", "Space", "a b")}


def test_the_first_target_deck_counts() -> None:
    text = "TARGET DECK: Space\n\nQ: alpha\nA: one\n\nTARGET DECK: Sea\n\nQ: beta\nA: two\n"
    syntax = Syntax("", OTA, lines(), deck)
    assert said(syntax, text) == [("alpha", "Space"), ("beta", "Space")]


def test_a_deck_of_a_logseq_page_or_block_holds_for_what_stands_below() -> None:
    page = "deck:: Page\n\n- alpha #card\n  - one\n- topic\n  deck:: Block\n  - beta #card\n    - two\n- gamma #card\n  - x\n"
    syntax = Syntax("", "compat/logseq", lines(), deck)
    assert said(syntax, page) == [("alpha", "Page"), ("beta", "Block"), ("gamma", "Page")]


def test_a_line_of_tags_of_spaced_repetition_holds_to_the_next() -> None:
    text = "#flashcards/sea\n\nalpha::one\n\nbeta::two\n\n#flashcards/space\n\ngamma::three\n"
    syntax = Syntax("", "compat/obsidian-spaced-repetition", lines(), deck)
    assert said(syntax, text) == [("alpha", "sea"), ("beta", "sea"), ("gamma", "space")]


def test_tags_before_all_text_are_those_of_the_file() -> None:
    """They tag its notes; a tag that a rule asks for makes no card of every paragraph."""
    syntax = Syntax("", FCO, lines(), tags)
    assert said(syntax, "#biology #card\n\nalpha #card\none\n\nA paragraph.\n\nMore.\n") == [("alpha", "biology")]
