"""After an edit of a template only the sources in which its rule matched are compiled; the build is one from the start."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen
from kept_builds import counted, outcome, same_at_cost
from test_incremental import NOTES, project, replacing

from deckgen.build.environments import MadeWith
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText

__all__ = ["project"]
ALL = ["a.md", "b.md", "c/c.md", "e.md"]
GAP = "fields: {Text: '{text}'}"
TERM = "fields: {Front: '{term}', Back: '{definition}'}"


@pytest.mark.parametrize(
    ("old", "new", "compiled"),
    [
        (GAP, "fields: {Text: 'Fill in: {text}'}", ["b.md"]),
        (GAP, "fields: {Text: '{text}', Back: '{headings}'}", ["b.md"]),
        (TERM, "fields: {Front: 'What is {term}?', Back: '{definition}'}", ["a.md", "b.md", "c/c.md"]),
        (TERM, "fields: {Front: '{definition}', Back: '{term}'}", ["a.md", "b.md", "c/c.md"]),  # another key
        (TERM, f"{TERM}\n    about: Terms.\n    examples: []", []),
        (TERM, f"{TERM}\n    tags: [term]", ALL),
        ("on: highlight", "on: highlight\n    when: {length: 3..}", ALL),
    ],
)
def test_what_an_edit_of_a_rule_costs(project: Path, old: str, new: str, compiled: list[str]) -> None:
    replacing("rules.yaml", old, new)(project)
    ended, costs = same_at_cost(project)
    assert (ended.code, sorted(costs.compiled)) == (0, compiled)
    with counted() as costs:
        again, _ = outcome(project)
    assert (again.code, costs.compiled) == (0, [])


def test_edits_one_after_the_other(project: Path) -> None:
    """Back and forth, between edits of notes: every time the bytes of a build from the start."""
    steps: list[tuple[Callable[[Path], None], list[str]]] = [
        (replacing("rules.yaml", GAP, "fields: {Text: 'One: {text}'}"), ["b.md"]),
        (
            replacing("rules.yaml", TERM, "fields: {Front: 'Say {term}', Back: '{definition}'}"),
            ["a.md", "b.md", "c/c.md"],
        ),
        (replacing("rules.yaml", "One: ", "Two: "), ["b.md"]),
        (replacing("e.md", "Nothing yet.", "A bit is a ==digit==."), ["e.md"]),
        (replacing("rules.yaml", "Two: ", "One: "), ["b.md", "e.md"]),
        (replacing("rules.yaml", "Say {term}", "{term}"), ["a.md", "b.md", "c/c.md"]),
        (replacing("rules.yaml", "One: ", ""), ["b.md", "e.md"]),
    ]
    for edit, compiled in steps:
        edit(project)
        ended, costs = same_at_cost(project)
        assert (ended.code, sorted(costs.compiled)) == (0, compiled)


def test_a_rule_that_matched_and_made_nothing_counts(project: Path) -> None:
    """`{headings}` is empty where there is none: with another template the rule makes a note there."""
    above = "fields: {Text: '{headings}: {text}'}"
    replacing("rules.yaml", GAP, above)(project)
    assert outcome(project)[0].code == 0
    replacing("e.md", "Nothing yet.", "A bit is a ==digit==.")(project)
    assert "digit" not in deckgen("list", ".", cwd=project).out
    assert outcome(project)[0].code == 0
    replacing("rules.yaml", above, GAP)(project)
    ended, costs = same_at_cost(project)
    assert (ended.code, sorted(costs.compiled)) == (0, ["b.md", "e.md"])
    assert "digit" in deckgen("list", ".", cwd=project).out


def test_commands_see_the_last_edit(project: Path) -> None:
    replacing("rules.yaml", GAP, "fields: {Text: 'Fill in: {text}'}")(project)
    before = deckgen("list", ".", cwd=project).out  # what a build would make
    outcome(project)
    assert deckgen("list", ".", cwd=project).out == before
    assert "Fill in: " in before
    assert "Latency" in before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("deck.yaml", "deck: Terms", "deck: Other"),
        ("deck.yaml", "id: terms", "id: terms\ntags: [net]"),
        ("deck.yaml", "id: terms", "id: terms\nconfidence: sure"),
        ("deck.yaml", "id: terms", "id: terms\nlanguage: de"),
        ("deck.yaml", "id: terms", "id: terms\nhtml: escape"),
        ("rules.yaml", "id: term\n", "id: word\n"),
    ],
)
def test_any_other_edit_compiles_all(project: Path, file: str, old: str, new: str) -> None:
    """Also together with that of a template."""
    replacing("rules.yaml", GAP, "fields: {Text: 'Fill in: {text}'}")(project)
    replacing(file, old, new)(project)
    ended, costs = same_at_cost(project)
    assert (ended.code, sorted(costs.compiled)) == (0, ALL)


def test_which_environments_count() -> None:
    first = {"rules/gap": "1", "rules/term": "1"}
    made = MadeWith().followed_by("a", "outline", first)
    assert made.counts("a", "rules/gap", "a")
    assert not made.counts("b", "", "a")
    after = MadeWith.read(made.written).followed_by("b", "outline", {**first, "rules/gap": "2"})
    assert after.counts("a", "rules/term", "b")
    assert not after.counts("a", "rules/gap\nrules/term", "b")
    assert not after.counts("a", "", "c")
    assert not after.followed_by("c", "another", first).counts("a", "", "c")
    assert not made.followed_by("b", "", first).followed_by("c", "", first).counts("b", "", "c")
    assert MadeWith.read(b"\x00damaged") == MadeWith()


def test_an_outline_says_all_but_templates() -> None:
    text = NOTES["rules.yaml"]
    same = text.replace(GAP, "fields: {Text: 'Fill in: {text}'}").replace(
        "on: highlight", "about: Gaps.\n    on: highlight"
    )
    assert rules_of(same).outline == rules_of(text).outline
    assert rules_of(same).templates["rules/gap"] != rules_of(text).templates["rules/gap"]
    assert rules_of(same).templates["rules/term"] == rules_of(text).templates["rules/term"]
    for old, new in (("on: definition", "on: definition\n    unless: {under: Old}"), (TERM, f"{TERM}\n    tags: [x]")):
        assert rules_of(text.replace(old, new)).outline != rules_of(text).outline
    looks_around = "fields: {Front: '{term}', Back: '{definition}{front_matter.unit}'}"
    assert rules_of(text.replace(TERM, looks_around)).outline != rules_of(text).outline  # of notes with a broken one


def rules_of(text: str) -> RuleSet:
    """The rules of a file without a mistake."""
    rules, diagnostics = load_rules([PackText("rules", "rules.yaml", text)])
    assert not diagnostics
    return rules
