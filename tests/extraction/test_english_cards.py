"""English cards: what a label needs to ask, which answer stands below it, and which of them are only suggestions."""

from __future__ import annotations

import pytest

from deckgen.extraction.english_looks import facts_looks_of
from deckgen.extraction.entries.english_sides import has_value, is_bare_name, is_name_to_name
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

RULES, PROBLEMS = load_rules([pack for name in ("structure", "en/facts") if (pack := read_shipped(name)) is not None])
assert not PROBLEMS


def drafts_of(text: str, *, confidence: str = "likely") -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    found = extract([document], RULES, Settings("Deck")).found
    return [draft for draft in found if draft.confidence == confidence or confidence == "any"]


def cards(text: str) -> list[tuple[str, str]]:
    return [(draft.fields[0][1], draft.fields[1][1]) for draft in drafts_of(text)]


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Publication date", "1851"),
        ("Largest port", "Valparaíso".replace("í", "i")),
        ("Length", "~40 km"),
        ("Two wrecks", "a brig"),
    ],
)
def test_a_value_is_asked_with_its_owner(label: str, said: str) -> None:
    assert has_value(label, said)


@pytest.mark.parametrize(
    ("label", "said"),
    [("Groyne", "a wall"), ("Largest port", "a harbour for ships"), ("Lisbon", "1755"), ("Tide table", "times")],
)
def test_what_asks_by_itself(label: str, said: str) -> None:
    assert not has_value(label, said)


def test_a_name_behind_a_name() -> None:
    assert is_bare_name("Ferdinand Magellan")
    assert not is_bare_name("Basalt")
    assert is_name_to_name("Cebu", "Rajah Humabon")
    assert not is_name_to_name("Captain of the Trinidad", "Rajah Humabon")


def test_the_first_item_answers_and_the_others_stand_beside() -> None:
    text = "## Groyne\n\n- A low wall that runs into the sea\n- Sand piles up on one side\n- Worms eat those of wood\n"
    (draft,) = drafts_of(text)
    assert [value for _, value in draft.fields[:3]] == [
        "Groyne",
        "A low wall that runs into the sea",
        "- Sand piles up on one side\n- Worms eat those of wood",
    ]


def test_a_long_answer_is_its_first_sentence() -> None:
    rest = "Pilots of the port must know it by heart. " * 4
    text = f"- **Slack water**: the short time without a current between the tides. {rest}\n- **Fetch**: open water\n"
    front, back = cards(text)[0]
    assert (front, back) == ("**Slack water**", "the short time without a current between the tides.")


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Pilots respond to signals", "at once"),
        ("Dues", "derived from the draught of the ship"),
        ("Cebu", "Rajah Humabon"),
    ],
)
def test_what_is_only_suggested(label: str, said: str) -> None:
    found = drafts_of(f"# Voyages\n\n- {label}: {said}\n- Pier: a wall\n", confidence="any")
    levels = {draft.fields[1][1]: draft.confidence for draft in found}
    assert (levels[said], levels["a wall"]) == ("maybe", "likely")


@pytest.mark.parametrize(
    ("rule", "front", "answer"),
    [
        ("kinds", "What were rulers?", "men with ships"),
        ("kinds", "What are pilots?", "paid by the port for each ship"),
        ("does", "What does signal light?", "serve to warn ships"),
        ("nickname", "What is another name for laws?", "the Rolls"),
        ("equals", "What does dimensions of a hull equal?", "its volume"),
    ],
)
def test_questions_that_do_not_fit(rule: str, front: str, answer: str) -> None:
    assert sum(worth for _, worth in facts_looks_of(rule, front, answer)) <= -2


@pytest.mark.parametrize(
    ("rule", "front", "answer"),
    [
        ("kinds", "What were the consuls?", "the two magistrates who led Rome"),
        ("kinds", "What are pilots?", "seamen who know the waters of a port"),
        ("does", "What does a beacon mark?", "the end of a reef"),
        ("value", "What is the capital of Peru?", "Lima"),
    ],
)
def test_questions_that_fit(rule: str, front: str, answer: str) -> None:
    assert not list(facts_looks_of(rule, front, answer))
