"""Rules from anybody: nothing in them nests, repeats or grows without a bound, and what goes over it is told in its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from bounded_process import ends_within_bounds
from command_line import deckgen, write_files

from deckgen.patterns.pattern_syntax import PatternError, parse_pattern
from deckgen.rendering.note_types import cloze_fields, own_note_type
from deckgen.rules.templates import parse_template

pytestmark = pytest.mark.usefixtures("plain_environment")

PATTERNS = [
    "(" * 5000 + "a" + ")" * 5000,
    "[" * 5000 + "a",
    "{x:(" * 3000 + "a" + ")}" * 3000,
    "(a|" * 20_000,
    "{:word} " * 500,
]
PATTERNS += ["[a]" * 5000 + "b", "…{a}" * 500 + "z"]
TEMPLATES = ["[" * 5000 + "{a}" + "]" * 5000, "{a}" * 20_000, "[{a}" * 30 + "]" * 30, "[{a}]" * 11]


@pytest.mark.parametrize("pattern", PATTERNS, ids=range(len(PATTERNS)))
def test_a_pattern_without_bound(tmp_path: Path, pattern: str) -> None:
    with pytest.raises(PatternError):
        parse_pattern(pattern)
    rules = f"rules:\n  - id: x\n    on: sentence\n    match: '{pattern}'\n    fields: {{Front: a, Back: x}}\n"
    project = write_files(tmp_path, {"deck.yaml": "rules: [./r.yaml]\n", "r.yaml": rules, "a.md": "word " * 20})
    ended = deckgen("list", ".", cwd=project)
    assert ended.code == 2
    assert any(line.startswith("r.yaml:4:") for line in ended.err.splitlines()), ended.err[:500]
    assert len(ended.err) < 5_000


@pytest.mark.parametrize("template", TEMPLATES, ids=range(len(TEMPLATES)))
def test_a_template_without_bound(tmp_path: Path, template: str) -> None:
    with pytest.raises(PatternError):
        parse_template(template)
    rules = (
        f"rules:\n  - id: x\n    on: sentence\n    match: '{{a:text}}'\n    fields: {{Front: '{template}', Back: x}}\n"
    )
    files = {"deck.yaml": "rules: [./r.yaml]\n", "r.yaml": f"language: en\n{rules}", "a.md": "word " * 2000}
    project = write_files(tmp_path, files)
    ends_within_bounds(lambda: deckgen("list", project))
    ended = deckgen("list", ".", cwd=project)
    assert ended.code == 2
    assert any(line.startswith("r.yaml:6:") for line in ended.err.splitlines()), ended.err[:500]


@pytest.mark.parametrize(
    "between", ["[b] " * 190, "".join(f"{{x{n}:word}} " for n in range(190))], ids=["options", "captures"]
)
def test_a_pattern_as_large_as_may_be_is_matched(tmp_path: Path, between: str) -> None:
    """Each part is a call or two within the last one; Python has a bound on these."""
    rules = f"rules:\n  - id: x\n    on: sentence\n    match: '{{a:word}} {between}{{c:word}}'\n"
    rules += "    fields: {Front: '{a}', Back: '{c}'}\n"
    project = write_files(tmp_path, {"deck.yaml": "rules: [./r.yaml]\n", "r.yaml": rules, "a.md": "one two " * 120})
    assert deckgen("list", project).code == 0


@pytest.mark.parametrize("unit", ["{{", "<!--", "{{a", "}}", "-->", "{{a}}<!--", "{{#"])
def test_templates_of_note_types_are_read_in_proportion(unit: str) -> None:
    note_type = own_note_type("p", "Own", ["a"], [("C", unit * 200_000, "b")])
    ends_within_bounds(lambda: cloze_fields(note_type))
