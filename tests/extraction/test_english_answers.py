"""English cards: whom a side belongs to, what a sentence answers, and what a field shows of what is written."""

from __future__ import annotations

import pytest

from deckgen.extraction.english_fact_signals import sentence_signals_of
from deckgen.extraction.english_question_signals import question_signals_of, stem_signals_of
from deckgen.extraction.extract import extract
from deckgen.extraction.given_away import is_label_again
from deckgen.extraction.settings import Settings
from deckgen.extraction.tidy_fields import tidied
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

RULES, PROBLEMS = load_rules([pack for name in ("structure", "en/facts") if (pack := read_shipped(name)) is not None])
assert not PROBLEMS


def drafts_of(text: str) -> list[Draft]:
    document, _ = read_document(Source("notes/a.md", text))
    return list(extract([document], RULES, Settings("Deck")).found)


def cards(text: str) -> list[tuple[str, str]]:
    return [(draft.fields[0][1], draft.fields[1][1]) for draft in drafts_of(text) if draft.confidence != "maybe"]


def test_a_side_belongs_to_the_nearest_item_even_if_that_begins_small() -> None:
    text = "# Boats\n\n## rigging\n\n- gaff\n  - length: four metres\n- boom\n  - types\n    - fixed\n    - loose\n"
    found = {draft.fields[0][1]: draft for draft in drafts_of(text)}
    assert {"gaff: length", "boom: types (2)"} <= set(found)
    assert found["gaff: length"].key == ("rigging", "length")  # by which older versions knew it


def test_an_adjective_is_named_with_what_it_is_of() -> None:
    text = "# Boats\n\n## sails\n\n- connective\n  - parts\n    - grommets\n    - hanks\n"
    assert "sails: connective: parts (2)" in {front for front, _ in cards(text)}


@pytest.mark.parametrize(
    ("text", "front"),
    [
        ("# Ports\n\n## Cebu\n\n- Background\n  - Founder: Rajah Lumaya\n", "Cebu: Founder"),
        ("# Law\n\n## 1 Salvage\n\n- Parties: owner\n\n## 2 Towage\n\n- Parties: both\n", "Towage: Parties"),
        ("# Law\n\n## 7 Seas Treaty\n\n- Parties: all\n", "7 Seas Treaty: Parties"),
        ("# Ports\n\n## Crews\n\n^crew-7a\n\n- Assumptions: none of them is paid\n", "Crews: Assumptions"),
    ],
)
def test_an_owner_is_named_without_what_only_places_it(text: str, front: str) -> None:
    assert front in {draft.fields[0][1] for draft in drafts_of(text)}


def test_a_list_of_one_everyday_word_says_of_what() -> None:
    text = "# Harbour office\n\n## Vessels\n\n- Tugs\n- Punts\n\n## Wreck markers\n\n- Buoys\n- Poles\n"
    assert {"Harbour office: Vessels (2)", "Wreck markers (2)"} <= {front for front, _ in cards(text)}


@pytest.mark.parametrize(
    ("rule", "front", "answer", "source"),
    [
        ("kinds", "What are captains?", "jealous of what pilots know", "Captains are jealous of what pilots know."),
        ("kinds", "What are pilots?", "ranked based on their years", "Pilots are ranked based on their years."),
        ("mass", "What is Magellan?", "seeing land at last", "Magellan is seeing land at last."),
        ("kind", "What is the draught?", "the highest with cargo", "The draught is the highest with cargo."),
        ("kind", "What is a chart?", "a map of the sea—the shoals, the lights—", "A chart is a map of the sea—"),
        ("kinds", "What are dues?", "sums paid for berths", "Dues are sums paid for berths, pilots, and lights."),
        ("kind", "What is drag?", "a force in the water", "Drag is a force in the water,"),
        ("relation", "What is a hull made by?", "the yard and painted by the crew", ""),
        ("relation", "What is Cook sent to?", "the South Sea", ""),
        ("relation", "What is a pilot named by?", "the port and holds office for life", ""),
        ("does", "What does a gauge show?", "the tide, and the tide runs twice a day", ""),
        ("why-is", "Why is ebb the fall in level of the sea?", "due to the Moon", ""),
        ("headed", "What are buoys?", "Buoys are moored to stones", ""),
        ("headed-noun", "Pilots", "The history of pilots began in the old ports", ""),
        ("relation", "What is a log written by?", "a mate whom he chose", ""),
        ("cause", "What do usu cause?", "fog", ""),
        ("kinds", "What were Castor and Pollux?", "the children of a king", ""),
        ("mass", "What is grow by the shore?", "a way of keeping off the quay", ""),
        ("states", "What does rule say?", "pilots come first", ""),
        ("appositions", "What are charts of Cebu?", "an island in the east", ""),
        ("kind", "What is Ports of the Sound?", "a list of the harbour office", ""),
        ("serves-as", "What does a mole act as?", "a wall for the boats and their", ""),
        ("mass", "What is shown @night to pilots?", "a lamp", ""),
        ("kind", "What is Output P'?", "the same set with another name", ""),
        ("share", "What share of hulls leak\nThe Book of Hulls?", "9 %", "9 % of hulls leak\nThe Book of Hulls"),
    ],
)
def test_a_sentence_that_does_not_answer_is_only_suggested(rule: str, front: str, answer: str, source: str) -> None:
    found = sentence_signals_of(rule, front, answer, source or f"{answer}.", has_heading=True)
    assert min(worth for _, worth in found) <= -2


@pytest.mark.parametrize(
    ("rule", "front", "answer", "source"),
    [
        ("kinds", "What are dues?", "sums that ships pay", "Dues are sums that ships pay."),
        ("kind", "What is a chart?", "a map of the sea, its shoals and lights", "A chart is a map of the sea."),
        ("relation", "What are reports sent to?", "the harbour master", "Reports are sent to the harbour master."),
        ("relation", "What is a hull made of?", "oak and pitch", "A hull is made of oak and pitch."),
        ("does", "What does a gauge show?", "the tide and the wind", "A gauge shows the tide and the wind."),
        ("why-is", "Why is water near the bed of the river slower?", "the bed holds it back", ""),
        ("headed", "What are trials?", "Trials are voyages that are made to find faults", ""),
        ("headed-noun", "Ebb", "The fall of the sea that follows high water", ""),
        ("cause", "What do bacteria cause?", "rot", "Bacteria cause rot."),
        ("share", "What share of hulls leak?", "9 %", "9 % of hulls leak."),
    ],
)
def test_a_sentence_that_answers(rule: str, front: str, answer: str, source: str) -> None:
    assert not list(sentence_signals_of(rule, front, answer, source or f"{answer}.", has_heading=True))


def test_what_is_no_list_and_no_answer_is_only_suggested() -> None:
    assert not cards("# Pilots\n\n## Duties of pilots\n\n- The bar\n- However\n")
    assert cards("# Pilots\n\n## Duties of pilots\n\n- The bar\n- The wrecks\n")
    assert not cards("# Harbour songs\n\n- Type: #source of the old crews\n")
    assert not cards("# Harbour songs\n\n- Shanty: We have to tell them from ballads\n")


def test_two_letters_without_a_heading_are_only_suggested() -> None:
    asked = ("initials-behind", "What does SG stand for?", "Storm gauge", "A storm gauge (SG) floats.")
    assert sum(worth for _, worth in sentence_signals_of(*asked, has_heading=False)) <= -5
    assert not list(sentence_signals_of(*asked, has_heading=True))


@pytest.mark.parametrize(
    ("label", "said"),
    [
        ("Wikipedia", "a wall that runs into the sea"),
        ("Newest chart", "charts/2019/harbour.pdf"),
        ("Highly silted", "such ports are dredged every spring"),
        ("build and repair hulls", "a work of the winter months"),
        ("Pilots", "always want to be paid before the voyage"),
    ],
)
def test_a_label_that_names_nothing_is_only_suggested(label: str, said: str) -> None:
    assert label not in {front for front, _ in cards(f"# Ports\n\n- {label}: {said}\n- Pier: a wall\n")}


def test_what_an_arrow_says_of_its_label() -> None:
    text = "# Ways\n\n- Ferry → crosses the sound twice a day\n- Tram → the old town\n"
    assert {("Ferry", "crosses the sound twice a day"), ("Tram → ?", "the old town")} <= set(cards(text))


def test_what_says_its_label_again() -> None:
    assert is_label_again("windspeed", "wind speed")
    assert is_label_again("Sound", "a sound")
    assert not is_label_again("RNLI", "Royal National Lifeboat Institution")
    assert not is_label_again("Next 4 hours", "Every hour")


def test_what_stands_below_an_example_is_only_suggested() -> None:
    text = "# Trade\n\n## Example\n\n### Cargo of the Beagle\n\n- **Ballast**: stones from the beach\n"
    assert not cards(text)
    assert cards(text.replace("## Example", "## Ships"))


@pytest.mark.parametrize(
    "stem",
    [
        "so, we can part it. The parts are …",
        "Its value drivers are …",
        "Some other signs include …",
        "In a storm, for example one from the west, the pilot must …",
    ],
)
def test_a_stem_that_leans_on_what_stands_before(stem: str) -> None:
    assert list(stem_signals_of(stem))
    assert not list(stem_signals_of("A tide is called neap when …"))


def test_a_question_that_nobody_can_answer_by_itself() -> None:
    assert dict(question_signals_of("Who are we in the market?", "A small port"))
    assert dict(question_signals_of("How much did it cost?", "Two ducats"))
    assert not list(question_signals_of("When a hull dries in the sun, what does it lose?", "Its shape"))
    assert dict(question_signals_of("Rules, which form the base of the law, are?", "Old", is_stem=True))
    assert not list(question_signals_of("Before a voyage, which of the ropes are tarred?", "All", is_stem=True))


def test_a_row_of_somebody_is_only_suggested() -> None:
    table = "# Ways\n\n## Ferries\n\n| They use | Harbour | River |\n| --- | --- | --- |\n| They use | tugs | oars |\n"
    assert not any(front.startswith("They") for front, _ in cards(table))


@pytest.mark.parametrize(
    ("name", "written", "shown"),
    [
        ("Front", "What is the \u200bsun \u200b?", "What is the sun?"),
        ("Front", "**Ebb tides.**", "**Ebb tides**"),
        ("Front", "St. John's wort.", "St. John's wort."),
        ("Back", "a wall of stone ^mole-1", "a wall of stone"),
        ("Back", "a wall of stone\n^mole-1", "a wall of stone"),
        ("Back", "two to the n: 2 ^n", "two to the n: 2 ^n"),
        ("Back", "is a wall of stone", "a wall of stone"),
        ("Back", 'the last unit, or each one more"', "the last unit, or each one more"),
        ("Back", 'a rope of 5"', 'a rope of 5"'),
        ("Back", "a wall of stone (pp. 36-8).", "a wall of stone."),
        ("Back", "Is used by ships", "Is used by ships"),
    ],
)
def test_what_a_field_shows(name: str, written: str, shown: str) -> None:
    assert tidied(name, written, is_english_term=True) == shown
