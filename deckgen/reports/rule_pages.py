"""Rules as people look them up: a line each, or a page with the YAML and what else holds for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from deckgen.reports.columns import columns, counted, cut, wrapped
from deckgen.rules.rule import Rule, RuleSet

Counts = Mapping[str, int] | None
"""How many notes a rule makes in the project, by its name; rules that are not in it are the packs it does not use."""


def list_lines(rules: RuleSet, counts: Counts, width: int) -> Iterator[str]:
    """Each pack with its rules, a line each."""
    for index, pack in enumerate(rules.packs):
        own = [rule for rule in rules.rules if rule.pack == pack]
        if index:
            yield ""
        made = sum((counts or {}).get(rule.name, 0) for rule in own)
        used = any(rule.name in (counts or {}) for rule in own)
        note = "" if counts is None else counted(made, "note") if used else "not used here"
        yield _filled(f"{pack}  {rules.abouts.get(pack, '')}".rstrip(), note, width)
        names = min(max((len(_id(rule)) for rule in own), default=0), 28)
        for rule in own:
            number = str(counts[rule.name]) if counts and rule.name in counts else ""
            yield _filled(f"  {_id(rule):{names}}  {rule.about}".rstrip(), number, width)


def _id(rule: Rule) -> str:
    return rule.name.rpartition("/")[2]


def _filled(left: str, right: str, width: int) -> str:
    if not right:
        return cut(left, width)
    left = cut(left, width - columns(right) - 2)
    return left + " " * (width - columns(left) - columns(right)) + right


def head_lines(name: str, pack_text: str) -> Iterator[str]:
    """A pack by its own words: the comment at its head, what it is for, the settings that all its rules share."""
    yield name
    for line in pack_text.split("\n"):
        if line.startswith(("rules:", "types:")):
            break
        if line.strip():
            yield f"  {line}"


def page_lines(rule: Rule, pack_text: str, counts: Counts) -> Iterator[str]:
    """One rule: where it stands, its YAML as written, and the conditions that its pack adds."""
    yield rule.name
    yield f"{rule.span.path}:{rule.span.line}"
    language = f", in {rule.language}" if rule.language else ""
    made = f"; {counted(counts[rule.name], 'note')} in this project" if counts and rule.name in counts else ""
    yield f"looks at: {', '.join(rule.elements)}{language}; makes: {rule.note}{made}"
    if rule.identity != rule.name:
        yield f"its notes are known by: {rule.identity}"
    yield ""
    yield from _yaml_lines(rule, pack_text)
    yield from _condition_lines("when", [c.about for part in rule.when for c in part.conditions])
    yield from _condition_lines("unless", [c.about for part in rule.unless for c in part.conditions])


def _yaml_lines(rule: Rule, pack_text: str) -> list[str]:
    lines = pack_text.split("\n")[rule.span.line - 1 : max(rule.span.end_line, rule.span.line)]
    if len(lines) > 1 and rule.span.end_column <= 1 + len(lines[-1]) - len(lines[-1].lstrip()):
        lines.pop()  # the end of a mapping is where the next thing begins
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        lines.pop()
    return ["  " + line for line in lines]


def _condition_lines(word: str, abouts: list[str]) -> Iterator[str]:
    if abouts:
        yield ""
        yield f"{word}, with what its pack says:"
        for about in abouts:
            yield from ("  " + line for line in wrapped(about, 76))


def rule_data(rule: Rule, counts: Counts) -> dict[str, Any]:
    """One rule for programs. `notes` is left out where no project is, or it does not use the rule."""
    data = {
        "rule": rule.name,
        "about": rule.about,
        "on": list(rule.elements),
        "language": rule.language,
        "note": rule.note,
        "identity": rule.identity,
        "match": [
            {name: pattern.text for name, pattern in alternative.patterns}
            for alternative in rule.alternatives
            if alternative.patterns
        ],
        "finds": rule.finds,
        "when": [[c.about for c in part.conditions] for part in rule.when if part.conditions],
        "unless": [c.about for part in rule.unless for c in part.conditions],
        "fields": {name: template.text for name, template in rule.fields},
        "path": rule.span.path,
        "line": rule.span.line,
    }
    return data | ({"notes": counts[rule.name]} if counts and rule.name in counts else {})
