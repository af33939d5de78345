"""A history in the syntax of each tool: whatever is edited, no GUID, tag or deck of a card passes to a neighbour."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from identity_factories import Project

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import read_shipped

WORDS = [
    "anchor",
    "basalt",
    "cedar",
    "dolphin",
    "ember",
    "falcon",
    "granite",
    "heron",
    "island",
    "jasper",
    "kestrel",
    "lagoon",
    "marble",
    "nutmeg",
    "otter",
    "pepper",
    "quartz",
    "raven",
    "saffron",
    "thistle",
    "umber",
    "violet",
    "walnut",
    "xylem",
    "yarrow",
    "zephyr",
    "amber",
    "birch",
    "comet",
    "dune",
]


@dataclass
class Card:
    """What a card says. `number` tells cards apart for the test alone; it stands in the question."""

    number: int
    question: str
    answer: str
    tag: str = ""


Write = Callable[[Card], str]


@dataclass(frozen=True)
class Syntax:
    """How a tool's notes write a card, and what stands in front of all."""

    name: str
    pack: str
    write: Write
    head: str = ""
    between: str = "\n"
    has_id: bool = False
    has_tags: bool = True
    deck: str = ""
    files: bool = False  # whether a card is a file
    ids: list[str] = field(default_factory=list)


def block(card: Card) -> str:
    tags = f"Tags: {card.tag}\n" if card.tag else ""
    return f"START\nBasic\n{card.question}\nBack: {card.answer}\n{tags}<!--ID: 16081396{card.number:05}-->\nEND\n"


def question_answer(card: Card) -> str:
    return f"Q: {card.question}\nA: {card.answer}\n" + (f"Tags: {card.tag}\n" if card.tag else "")


def line(card: Card) -> str:
    return f"{card.question}::{card.answer}" + (f" #{card.tag}" if card.tag else "") + f" ^16990000{card.number:05}\n"


def tagged(card: Card) -> str:
    return (
        f"{card.question} #card"
        + (f" #{card.tag}" if card.tag else "")
        + f"\n{card.answer}\n^16990000{card.number:05}\n"
    )


def heading(card: Card) -> str:
    tags = f" #{card.tag}" if card.tag else ""
    return f"## {card.question} #card{tags}\n\n{card.answer}\n\nmore of {card.answer}\n^q-x{card.number:03}\n"


def numbered(card: Card) -> str:
    tags = f"Tags: {card.tag}\n" if card.tag else ""
    return f"---\nDeck: Inner\n{tags}\n<!--ID:{card.number}-->\n1. {card.question}\n\nmore\n> {card.answer}\n---\n"


def mdanki(card: Card) -> str:
    return f"## {card.question}\n\n{card.answer}\n\n" + (f"[#{card.tag}]()\n" if card.tag else "")


def logseq(card: Card) -> str:
    tags = f"  tags:: {card.tag}\n" if card.tag else ""
    return f"- {card.question} #card\n{tags}  id:: 65a1b2c3-0000-4000-8000-{card.number:012}\n  - {card.answer}\n"


def md2anki(card: Card) -> str:
    tags = f"\n`{{=:{card.tag}:=}}`\n" if card.tag else ""
    return f"## {card.question} (5afd1da8-f5af-4abd-8809-{card.number:012})\n{tags}\n{card.answer}\n"


SYNTAXES = [
    Syntax("block", "obsidian-to-anki", block, "TARGET DECK: Inner\n\n", deck="Inner"),
    Syntax("question and answer", "obsidian-to-anki", question_answer),
    Syntax("question and answer, no air", "obsidian-to-anki", question_answer, between=""),
    Syntax("single line", "flashcards-obsidian", line, has_id=True),
    Syntax("single line, no air", "flashcards-obsidian", line, between="", has_id=True),
    Syntax("tagged", "flashcards-obsidian", tagged, has_id=True),
    Syntax("heading", "flashcards-obsidian", heading, "---\ncards-deck: Inner\n---\n", has_id=True, deck="Inner"),
    Syntax("numbered", "inka", numbered, "Prose.\n\n", deck="Inner"),
    Syntax("heading", "mdanki", mdanki, "# Inner\n\n", deck="Inner"),
    Syntax("block", "logseq", logseq, between=""),
    Syntax("heading", "md2anki", md2anki, "# Inner (1)\n\n", has_id=True, deck="Inner"),
    Syntax(
        "lines",
        "obsidian-spaced-repetition",
        lambda card: f"{card.question}\n?\n{card.answer}" + (f" #{card.tag}\n" if card.tag else "\n"),
        "#flashcards/Inner\n\n",
        deck="Inner",
    ),
    Syntax(
        "reversed line",
        "obsidian-spaced-repetition",
        lambda card: f"{card.question}:::{card.answer}\n<!--SR:!2024-01-01,3,250-->\n",
        "#flashcards/Inner\n\n",
        has_tags=False,
        deck="Inner",
    ),
    Syntax(
        "labels", "ankiops", lambda card: f"Q: {card.question}\nA: {card.answer}\n", between="\n---\n\n", has_tags=False
    ),
    Syntax("labels", "hashcards", lambda card: f"Q: {card.question}\nA: {card.answer}\n", has_tags=False),
    Syntax(
        "parts",
        "ankdown",
        lambda card: f"{card.question}\n%\n{card.answer}\n" + (f"%\n{card.tag}\n" if card.tag else ""),
        between="---\n",
    ),
    Syntax("items", "ankivalenz", lambda card: f"- {card.question} ?:: {card.answer}\n", between="", has_tags=False),
    Syntax("heading", "anki-vscode", mdanki, "# Inner\n\n", deck="Inner"),
    Syntax(
        "heading",
        "anki-panky",
        lambda card: f"# {card.question}\n\n{card.answer}\n",
        "---\nname: Inner\n---\n",
        has_tags=False,
        deck="Inner",
    ),
    Syntax("file", "yanki", lambda card: f"{card.question}\n\n---\n\n{card.answer}\n", has_tags=False, files=True),
]


def rules_of(syntax: Syntax) -> RuleSet:
    pack = read_shipped(f"compat/{syntax.pack}")
    assert pack is not None
    rules, problems = load_rules([pack])
    assert not problems
    return rules


def drafts_of(syntax: Syntax, rules: RuleSet, cards: list[Card]) -> tuple[Draft, ...]:
    if syntax.files:
        texts = {f"{card.number}.md": syntax.head + syntax.write(card) for card in cards}
    else:
        texts = {"a.md": syntax.head + syntax.between.join(map(syntax.write, cards))}
    documents = [read_document(Source(path, text))[0] for path, text in texts.items()]
    found = extract(documents, rules, Settings("Deck"))
    assert not found.untried, [problem.message for problem in found.diagnostics]
    return found.drafts


def number_of(draft: Draft) -> int:
    found = re.search(r"k(\d+)k", str(draft.fields[0][1]))
    assert found, draft.fields
    return int(found[1])


@dataclass
class World:
    """The cards of a history."""

    cards: list[Card] = field(default_factory=list)
    count: int = 0

    def new_card(self, seed: int) -> Card:
        self.count += 1
        words = [WORDS[(seed * 7 + self.count * place * 3 + place) % len(WORDS)] for place in range(1, 5)]
        question = f"{' '.join(words)} k{self.count}k"
        return Card(
            self.count, question, f"{WORDS[seed % len(WORDS)]} {words[0]} answer.", WORDS[seed % 5] if seed % 3 else ""
        )


def insert(world: World, place: int, seed: int, *, has_id: bool) -> None:
    world.cards.insert(place % (len(world.cards) + 1), world.new_card(seed))


def delete(world: World, place: int, seed: int, *, has_id: bool) -> None:
    if len(world.cards) > 1:
        del world.cards[place % len(world.cards)]


def edit_answer(world: World, place: int, seed: int, *, has_id: bool) -> None:
    card = world.cards[place % len(world.cards)]
    card.answer = f"{WORDS[seed % len(WORDS)]} {card.answer}"


def edit_question(world: World, place: int, seed: int, *, has_id: bool) -> None:
    card = world.cards[place % len(world.cards)]
    if has_id:
        words = card.question.split()
        words[seed % 4] = WORDS[(seed * 11) % len(WORDS)] + "s"
        card.question = " ".join(words)


def change_tag(world: World, place: int, seed: int, *, has_id: bool) -> None:
    card = world.cards[place % len(world.cards)]
    card.tag = "" if card.tag else WORDS[seed % len(WORDS)]


def swap(world: World, place: int, seed: int, *, has_id: bool) -> None:
    one, other = place % len(world.cards), seed % len(world.cards)
    world.cards[one], world.cards[other] = world.cards[other], world.cards[one]


EDITS = (insert, delete, edit_answer, edit_question, change_tag, swap)
steps = st.lists(st.tuples(st.sampled_from(EDITS), st.integers(0, 9), st.integers(0, 40)), min_size=1, max_size=6)


@pytest.mark.parametrize("syntax", SYNTAXES, ids=lambda syntax: f"{syntax.pack} {syntax.name}")
@settings(deadline=None, max_examples=12, suppress_health_check=list(HealthCheck))
@given(st.lists(st.integers(0, 40), min_size=2, max_size=5), steps)
def test_nothing_of_a_card_passes_to_a_neighbour(
    syntax: Syntax, seeds: list[int], edits: list[tuple[Callable[..., None], int, int]]
) -> None:
    rules, project, world = rules_of(syntax), Project(), World()
    for seed in seeds:
        insert(world, len(world.cards), seed, has_id=syntax.has_id)
    guids: dict[int, str] = {}
    owners: dict[str, int] = {}
    for edit, place, seed in [(swap, 0, 0), *edits]:
        edit(world, place, seed, has_id=syntax.has_id)
        drafts = drafts_of(syntax, rules, world.cards)
        cards = {card.number: card for card in world.cards}
        assert sorted(map(number_of, drafts)) == sorted(cards)
        for note in project.build(*drafts).notes:
            card = cards[number_of(note.draft)]
            shown = " ".join(str(text) for _, text in note.draft.fields)
            assert card.answer in shown
            assert owners.setdefault(note.guid, card.number) == card.number, "a GUID went to another card"
            assert guids.setdefault(card.number, note.guid) == note.guid, "a card lost its GUID"
            assert note.draft.tags == ((card.tag,) if card.tag and syntax.has_tags else ())
            assert note.draft.deck == "::".join(["Deck", *([syntax.deck] if syntax.deck else [])])
