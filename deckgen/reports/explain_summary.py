"""What became of each sentence, item and row of a note, in one line each: its cards, or the nearest reason for none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from msgspec import Struct, field

from deckgen.model import Confidence, Draft, is_at_least
from deckgen.reports.columns import columns, counted, cut, wrapped
from deckgen.reports.drafts import glanced_fields
from deckgen.reports.explain import Explained, Tried, text_of

_UNITS = ("sentence", "entry", "table_row", "definition", "heading")
"""The elements by which a person reads a note. What others make is shown with the first of these on their line."""

_WITHIN = ("list_item", "clause")
"""Elements whose reasons are those of the place where they stand, too."""

_REFUSED = re.compile(r"`[^`]*` = .* (?:is no `[^`]*`|is refused): ")
_FITTED = re.compile(r"fits up to `([^`]*)`")
_PARTS = re.compile(r"\[[^\]]*\]|\{[^}]*\}|\([^)]*\)")  # of a pattern: all but the words that must stand there
_SAID_NO = re.compile(r"`unless` (?:find|match|under|length)")
_BY_CHANCE = re.compile("does not begin with|at least")


class _Unit(Struct):
    """One place in a note."""

    line: int
    text: str
    notes: list[tuple[Tried, Draft]] = field(default_factory=list)
    near: tuple[int, str, str] = (0, "", "")  # how near it came, the rule, the reason


def summary_lines(
    explained: Sequence[Explained], path: str, width: int, line: int | None, least: Confidence
) -> Iterator[str]:
    """Places with cards, and those that came near to one; of one line, where it is given, every place. What is less
    sure than `least` is a suggestion.
    """
    units = [unit for unit in _units(explained) if unit.notes or line in (None, unit.line)]
    shown = [unit for unit in units if line is not None or unit.notes or unit.near[0]]
    yield path
    for unit in shown:
        yield from _unit_lines(unit, width, 3 if line is not None else 2, least)
    if rest := len(units) - len(shown):
        yield ""
        yield from wrapped(f"{counted(rest, 'more place')} in whose words no rule finds a fact", width)
    made = [is_at_least(draft.confidence, least) for unit in units for _, draft in unit.notes]
    suggested = f", {counted(left, 'suggestion')} (?)" if (left := made.count(False)) else ""
    yield ""
    notes = counted(made.count(True), "note")
    yield from wrapped(f"{notes}{suggested}; `--rules` says what each rule made of each place", width)


NO_FACT = "no rule finds a fact in these words"
"""Where no rule came near."""


def reasons_for_none(explained: Sequence[Explained]) -> Iterator[tuple[int, str, str]]:
    """Of each place without a card its line, its text, and the nearest reason."""
    for unit in _units(explained):
        if not unit.notes:
            score, rule, reason = unit.near
            yield unit.line, unit.text, f"{rule.rpartition('/')[2]}: {reason}" if score else NO_FACT


def texts_of(explained: Sequence[Explained]) -> Iterator[tuple[int, str, Sequence[tuple[Tried, Draft]], str]]:
    """Of each place its line, its text, its notes, and the nearest reason for none; nothing where no rule came near."""
    for unit in _units(explained):
        score, rule, reason = unit.near
        yield unit.line, unit.text, unit.notes, f"{reason} ({rule})" if score and not unit.notes else ""


def nearest_reason(explained: Sequence[Explained], line: int, column: int) -> tuple[str, str]:
    """Why nothing came of what stands at a place, in a sentence, and the rule that came nearest; nothing where
    something did.
    """
    units = _places(explained)
    before = [place for place in units if place <= (line, column)]
    unit = units[max(before)] if before else None
    if unit is None or unit.notes:
        return "", ""
    score, rule, reason = unit.near
    return (reason, rule) if score else ("no rule finds a fact in these words", "")


def _units(explained: Sequence[Explained]) -> list[_Unit]:
    units = _places(explained)
    spoken_for = {line for one in explained if any(t.drafts for t in one.tried) for line in _lines_of(one)}
    return [unit for _, unit in sorted(units.items()) if unit.notes or unit.line not in spoken_for]


def _places(explained: Sequence[Explained]) -> dict[tuple[int, int], _Unit]:
    """The units by line and column."""
    units: dict[tuple[int, int], _Unit] = {}
    first_on: dict[int, _Unit] = {}
    by_place = sorted(explained, key=lambda one: (one.element.line, one.element.column, one.element.kind not in _UNITS))
    for one in by_place:
        if one.element.kind in _UNITS:
            place = (one.element.line, one.element.column)
            first_on.setdefault(place[0], units.setdefault(place, _unit_of(one)))
    for one in by_place:
        place = (one.element.line, one.element.column)
        unit = units.get(place, first_on.get(place[0]))
        if unit is None:
            unit = first_on[place[0]] = units[place] = _unit_of(one)
        for tried in one.tried:
            unit.notes.extend((tried, draft) for draft in tried.drafts)
            if one.element.kind in _UNITS or one.element.kind in _WITHIN:
                unit.near = max(unit.near, _nearness(tried))
    return units


def _unit_of(one: Explained) -> _Unit:
    return _Unit(one.element.line, " ".join(text_of(one.element).split()))


def _lines_of(one: Explained) -> range:
    """The lines that an element with notes speaks for: a sentence or a clause only for itself."""
    element = one.element
    return range(0) if element.kind in ("sentence", "clause") else range(element.line, element.end_line + 1)


def _nearness(tried: Tried) -> tuple[int, str, str]:
    """How near a rule came, for comparing; 0 where its words may stand there by chance."""
    reason = tried.in_words or next(iter(tried.reasons), "")
    if tried.outcome == "asked already" or tried.outcome == "claimed":
        return (1000, tried.rule.name, reason)
    if tried.outcome == "not tried":
        return (900, tried.rule.name, reason)
    if tried.outcome == "refused":  # a reason without `when` or `unless` is one for which a whole card was left out
        is_none = not tried.is_meant or reason.startswith("`when`")
        is_vague = reason.startswith("`unless`") and not _SAID_NO.match(reason)
        return (0 if is_none or is_vague else 500, tried.rule.name, reason)
    if _REFUSED.match(reason) and not _BY_CHANCE.search(reason):
        return (600, tried.rule.name, reason)
    if (fitted := _FITTED.match(reason)) and (words := _PARTS.sub("", fitted[1]).strip()):
        return (min(100 + len(words), 300), tried.rule.name, reason)
    return (0, tried.rule.name, reason)


def _unit_lines(unit: _Unit, width: int, most: int, least: Confidence) -> Iterator[str]:
    yield f"{unit.line:5}  {cut(unit.text, width - 7)}"
    for tried, draft in unit.notes:
        front, *others = glanced_fields(draft)
        answer = next(iter(others), "")
        sign = "+" if is_at_least(draft.confidence, least) else "?"
        head = f"       {sign} {front}" + (f" → {answer}" if answer else "")
        name = tried.rule.name.rpartition("/")[2]
        head = cut(head, width - len(name) - 2)
        yield head + " " * (width - columns(head) - len(name)) + name
    if unit.notes:
        return
    score, rule, reason = unit.near
    if not score:
        yield f"       no card: {NO_FACT}"
        return
    name = rule.rpartition("/")[2]
    lines = wrapped(reason, width - 18 - len(name), most)
    for number, line in enumerate(lines):
        head = f"       {'no card: ' if not number else '         '}{line}"
        yield head if number else head + " " * (width - columns(head) - len(name)) + name
