"""What can be wrong in a rule file: `cases/bad_rules.md` holds each with all that is told of it, caret and hint included."""

from __future__ import annotations

import time

import pytest
from case_files import Case, read_cases, write_expected

from deckgen.diagnostics import format_diagnostic
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText, read_shipped, shipped_languages

NOTHING = "nothing is wrong"


def told(text: str) -> str:
    _, diagnostics = load_rules([PackText("mine", "mine.yaml", text)], {"Word": ("Word", "Meaning")})
    return "\n".join(map(format_diagnostic, diagnostics)) or NOTHING


@pytest.mark.parametrize("case", read_cases("bad_rules"), ids=lambda case: case.name)
def test_bad_rule(case: Case, request: pytest.FixtureRequest) -> None:
    found = told(case.given)
    if request.config.getoption("update_cases") and found != case.expected:
        write_expected(case, found)
        return
    assert found == case.expected
    assert found != NOTHING


def test_two_packs_of_one_name() -> None:
    packs = [PackText("mine", "a/mine.yaml", ""), PackText("other", "b/other.yaml", "pack: mine")]
    _, diagnostics = load_rules(packs)
    assert [(d.kind, d.message, d.span.path if d.span else "") for d in diagnostics] == [
        ("doubled-pack", "`mine` is also the name of a/mine.yaml", "b/other.yaml")
    ]


def test_an_own_note_type_and_its_fields() -> None:
    rule = "rules:\n  - {id: a, on: line, note: Word, fields: {Word: '{text}', Meaning: '{title}'}}"
    assert told(rule) == NOTHING
    assert "unknown-field" in told(rule.replace("Meaning", "Menaing"))


def test_wrong_rules_are_left_out_and_right_ones_kept() -> None:
    text = "rules:\n  - {id: a, on: line, fields: {Front: '{text}'}}\n  - {id: b, on: lien, fields: {Front: '{text}'}}"
    rules, diagnostics = load_rules([PackText("mine", "mine.yaml", text)])
    assert [rule.name for rule in rules.rules] == ["mine/a"]
    assert len(diagnostics) == 1


def test_a_bomb_of_aliases_costs_no_time() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    begun = time.process_time()
    assert "unsafe-yaml" in told("\n".join(lines))
    assert time.process_time() - begun < 5


def test_the_types_of_the_languages_are_right() -> None:
    """A build makes only those that a pattern names, and so would not tell."""
    for language in shipped_languages():
        text = read_shipped(f"{language}/types")
        assert text is not None
        assert load_rules([text])[1] == []
