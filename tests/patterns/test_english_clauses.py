"""English clauses: labels that say something by a verb, and texts that are a noun and what tells it from others."""

import pytest

from deckgen.patterns.english_clauses import why_doubtful_label, why_no_fragment, why_no_label


@pytest.mark.parametrize(
    "label",
    [
        "Law of large numbers",
        "Bread and butter",
        "Means of production",
        "Lessons learned in war",
        "Erosion that undermines cliffs",
        "Slack tide",
        "For loop",
        "A groyne of oak",
        "Uses of kelp",
        "The Count of Monte Cristo",
    ],
)
def test_labels(label: str) -> None:
    assert why_no_label(label) is None


@pytest.mark.parametrize(
    "label",
    [
        "Rust takes hold",
        "Kelp is the most common seaweed",
        "Small harbours typically adopt",
        "Inns offered more comfort",
        "Measure the draught",
        "Cold and extremely wet",
        "Water shrinks when heated",
        "Easier to sail and repair",
        "Has a keel",
        "By the harbour master",
        "Usually, ships relied on pilots",
        "No chart fully characterises a reef",
    ],
)
def test_clauses(label: str) -> None:
    assert why_no_label(label) is not None


@pytest.mark.parametrize(
    "text",
    [
        "a wall that keeps sand on a beach",
        "a right to keep the goods of another until a debt is paid",
        "a tool that joins planks by melting their edges or by driving pegs",
        "the person who borrows a boat, and later owes money",
        "a loose pile of stones",
    ],
)
def test_fragments(text: str) -> None:
    assert why_no_fragment(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "the tide that comes in at night is the higher one",
        "the two currents join to form an eddy",
        "the fear of storms can lead to delays",
        "the keeper occurs in every story that is told here",
    ],
)
def test_sentences(text: str) -> None:
    assert why_no_fragment(text) is not None


@pytest.mark.parametrize("text", ["a keeper views her craft as an art", "the pilot guards a harbour"])
def test_a_plural_takes_no_object(text: str) -> None:
    assert why_no_fragment(text) is not None


@pytest.mark.parametrize(
    "label",
    [
        "Storm surge",
        "Means of rescue",
        "Merge sort",
        "Requirements of a pilot",
        "Spare parts",
        "Lights and buoys",
        "Kelp",
    ],
)
def test_labels_without_doubt(label: str) -> None:
    assert why_doubtful_label(label) is None


@pytest.mark.parametrize(
    "label",
    [
        "Requires ballast",
        "Pilots respond to signals",
        "Harbour gates open",
        "Here’s the tide table",
        "Obey “no anchoring” signs",
        "Fewer wrecks",
        "(tides of the north)",
        "Low water hence no landing",
        "Signals of all kinds, including",
        "Example chart",
    ],
)
def test_doubtful_labels(label: str) -> None:
    assert why_doubtful_label(label) is not None
