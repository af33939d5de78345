"""What of a question is decoration, what an author changes in it without asking anything else, and what never is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from identity_factories import Project, fact

from deckgen.identity.normal_form import normalise
from deckgen.identity.same_subject import question_parts
from deckgen.identity.visible_question import is_slip, only_more_words, stems, visible
from deckgen.model import Draft

VISIBLE = [
    ("<b>F5</b>", "F5"),
    ("⭐ Lathe", "Lathe"),
    ("Lathe 🔸", "Lathe"),
    (":warning: Lathe", "Lathe"),
    ("Q1: the use of a lathe", "the use of a lathe"),
    ("12. Lathe", "Lathe"),
    ("(3) Lathe", "Lathe"),
    ("a) Lathe", "Lathe"),
    ("Lathe {#lathe .big}", "Lathe"),
    ("⭐", "⭐"),
    ("Q_1: x", "Q_1: x"),
    ("Listing 10-20", "Listing 10-20"),
    ("3.5 mm jack", "3.5 mm jack"),
    ("List<String>", "List<String>"),
    ("x<sup>2</sup>", "x<sup>2</sup>"),
    ("std::vector", "std::vector"),
    ("♀", "♀"),
    ("20 °C", "20 °C"),
]


@pytest.mark.parametrize(("question", "shown"), VISIBLE)
def test_what_is_seen_of_a_question(question: str, shown: str) -> None:
    assert visible(question) == shown


@given(st.text())
def test_any_text_can_be_seen(text: str) -> None:
    assert visible(text) or not text.strip()
    asked = question_parts(normalise(text))
    assert asked == question_parts(normalise(text))
    assert only_more_words(asked.words, asked.words) is False
    assert is_slip(stems(asked.words), stems(asked.words)) is False


ANSWER = "a process by which solvent passes through a membrane"
SHORT = "solvent"
KEPT = [
    ("osmosis", "Osmosis", SHORT),
    ("**osmosis**", "**Osmosis**", SHORT),
    ("Lathe", "⭐ Lathe", SHORT),
    ("<b>F5</b>", "F5", SHORT),
    ("What is osmosis", "Q2: What is osmosis", SHORT),
    ("Q1: What is osmosis", "Q2: What is osmosis", SHORT),
    ("the “reverse” flow", "the reverse flow", SHORT),
    ("learning-rate schedule", "learning rate schedule", SHORT),
    ("platform as a service", "Platform as a Service", SHORT),
    ("An ion channel", "Ion channels", ANSWER),
    ("Brooks' Law", "Brooks's Law", ANSWER),
    ("data center", "datacenter", ANSWER),
    ("PR", "PRs", ANSWER),
    ("seen in escape circuts", "seen in escape circuits", ANSWER),
    ("medicin", "medicine", ANSWER),
    ("explains why it flows", "explains well why it flows", ANSWER),
    ("Peptides", "Peptides NT", ANSWER),
    ("Neuroglia cells", "Neuroglia (glial) cells", ANSWER),
]
TRAPS = [
    (r"`\s`", r"`\S`"),
    ("epsp", "ipsp"),
    ("the epsp of a cell", "the ipsp of a cell"),
    ("Q_1", "Q_2"),
    ("HTTP", "HTTPS"),
    ("What is HTTP", "What is HTTPS"),
    ("Operator `.`", "Operator `?`"),
    ("Operator .", "Operator ?"),
    ("flippase", "floppase"),
    ("the flippase of a membrane", "the floppase of a membrane"),
    ("positive lookbehind", "negative lookbehind"),
    ("lookbehind", "negative lookbehind"),
    ("What is SNS", "What is SNS used for"),
    ("Listing 10-20", "Listing 10-21"),
    ("最大值", "最小值"),
    ("左心室", "右心室"),
    ("DLSS 3", "DLSS 3.5"),
    ("`String`", "`string`"),
    ("Date()", "DATE()"),
    ("-o", "-O"),
    ("GIPS", "GIPs"),
    ("the US", "the us"),
    ("GAN", "Conditional GAN"),
    ("an ion channel", "voltage-gated ion channel"),
    ("Franchise", "Franchisee"),
    ("the caller of a function", "the called of a function"),
    ("Jaeger", "Zipkin"),
    ("nitrate", "nitrite"),
    ("first law of motion", "second law of motion"),
    ("law of motion", "third law of motion"),
    ("it converges", "it never converges"),
    ("strcpy", "strncpy"),
    ("Meta character {n}", "Meta character {n,m}"),
    ("the gas at 20 °C", "the gas at 25 °C"),
]


@pytest.mark.parametrize(("before", "after", "answer"), KEPT)
def test_a_question_that_is_the_same_as_it_is_seen(before: str, after: str, answer: str) -> None:
    other = fact("lever", "a bar that turns about a point")
    for first, second in ((before, after), (after, before)):
        project = Project()
        guid, _ = project.guids(fact(first, answer), other)
        assert project.guids(fact(second, answer), other)[0] == guid
        assert project.guids(fact(second, answer), other)[0] == guid


@pytest.mark.parametrize(("before", "after"), TRAPS)
def test_a_question_that_only_looks_like_another(before: str, after: str) -> None:
    """In its place, with an answer of its own; with the same one, too, unless the same words may well be the same note."""
    other = fact("lever", "a bar that turns about a point")
    for first, second in ((before, after), (after, before)):
        for then in ("an enzyme that moves lipids across a bilayer", ANSWER):
            if first.rstrip(" .?") == second.rstrip(" .?") and then == ANSWER:
                continue  # one key, one answer: it is the normal form that leaves the sign out
            project = Project()
            guid, _ = project.guids(fact(first, ANSWER), other)
            assert project.guids(fact(second, then), other)[0] != guid, (first, second, then)


OTHER_RULES: list[tuple[str, Draft, bool]] = [
    ("the same answer", fact("Osmosis", "the flow of a solvent", rule="structure/term"), True),
    ("more said", fact("**Osmosis**", "the flow of a solvent: it needs a membrane", rule="structure/term"), True),
    ("a word mended", fact("Osmosis", "the flow of a solvant", rule="structure/term"), True),
    ("something else of it", fact("Osmosis", "osmosis of water", rule="facts/alias"), False),
    ("how many", fact("Osmosis", "3", rule="facts/count"), False),
]


@pytest.mark.parametrize(("what", "after", "is_kept"), OTHER_RULES, ids=[what for what, *_ in OTHER_RULES])
def test_another_rule_that_asks_of_the_same_thing(what: str, after: Draft, is_kept: bool) -> None:
    project = Project()
    (guid,) = project.guids(fact("Osmosis", "the flow of a solvent"))
    assert (project.guids(after) == [guid]) is is_kept, what


def test_several_of_one_question_get_icons() -> None:
    """Told apart by their answers, which are long, the same, and ahead of all others."""
    limits = [
        "requests are throttled above a thousand a second",
        "items hold no more than four hundred kilobytes",
        "objects are at most five terabytes large",
    ]
    project = Project()
    guids = project.guids(*(fact("Limits", answer, headings=(answer[:3],)) for answer in limits))
    after = [fact("🔸 Limits", answer, headings=(answer[:3],)) for answer in limits]
    assert project.guids(*after) == guids


def test_an_edit_of_heading_and_answer_at_once() -> None:
    soil = fact("Humus", "the organic matter of a soil that has decayed", headings=("Soil",))
    edited = fact("Humus", "the organic material of a soil that has decayed", headings=("Soils",))
    project = Project()
    (guid,) = project.guids(soil)
    assert project.guids(edited) == [guid]
