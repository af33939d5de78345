"""English verbs: the base form that a question has of them."""

import pytest

from deckgen.patterns.english_verbs import in_base_form, why_no_verb


@pytest.mark.parametrize(
    ("verb", "base"),
    [
        ("impairs", "impair"),
        ("carries", "carry"),
        ("catalyses", "catalyse"),
        ("emphasises", "emphasise"),
        ("leads to", "lead to"),
        ("stores and sends", "store and send"),
        ("flushes", "flush"),
        ("release", "release"),
        ("**sorts**", "**sort**"),
    ],
)
def test_of_one_thing(verb: str, base: str) -> None:
    assert in_base_form(verb) == base


@pytest.mark.parametrize(
    ("verb", "base"),
    [
        ("regained", "regain"),
        ("decided", "decide"),
        ("carried", "carry"),
        ("planned", "plan"),
        ("travelled", "travel"),
        ("annexed", "annex"),
        ("hypothesised", "hypothesise"),
        ("realized", "realize"),
        ("used", "use"),
        ("freed", "free"),
        ("held", "hold"),
        ("overthrew", "overthrow"),
        ("took Genoa and Bari", "take Genoa and Bari"),
        ("signed the peace and left Naples", "sign the peace and leave Naples"),
        ("need", "need"),
    ],
)
def test_of_the_past(verb: str, base: str) -> None:
    assert in_base_form(verb) == base


def test_what_begins_with_no_verb() -> None:
    assert why_no_verb("regained its ports") is None
    assert why_no_verb("marks a shoal") is None
    assert why_no_verb("quickly sinks") is not None
