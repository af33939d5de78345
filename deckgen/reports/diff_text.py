"""A diff → lines for a terminal: the old wording on the left, the new one on the right."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest

from msgspec import Struct

from deckgen.reports.columns import columns, cut, harmless, wrapped
from deckgen.reports.diff import ORDER, REASONS, Diff, FieldChange, NearPair, NoteChange

_NAMES = 9  # columns for the names of fields
_LINES = 8  # of one field: a long answer is shown from where it differs
_NARROW = 60
_SIGNS = {"new": "+", "updated": "~", "restored": "+", "moved": ">", "retired": "-"}
_RETIRED = {"gone": "no longer in the notes", "excluded": "its source is excluded", "rule": "its rule is gone"}
UNSEEN = "question and answer are the same; its template, its tags or a picture changed"


class Paint(Struct, frozen=True):
    """Colours of a terminal; none where nobody sees them."""

    is_on: bool = False

    def old(self, text: str) -> str:
        """What goes: red."""
        return self._in("31", text)

    def new(self, text: str) -> str:
        """What comes: green."""
        return self._in("32", text)

    def head(self, text: str) -> str:
        """A heading: bold."""
        return self._in("1", text)

    def soft(self, text: str) -> str:
        """What explains: dim."""
        return self._in("2", text)

    def _in(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.is_on and text else text


def text_lines(diff: Diff, width: int, paint: Paint) -> Iterator[str]:
    """The changes, one sort after the other; then what was not paired; then how many there are of each."""
    for change in ORDER:
        found = diff.of(change)
        if not found:
            continue
        yield paint.head(f"{len(found):,} {change}")
        for one in found:
            yield from _note_lines(one, width, paint)
        yield ""
    if diff.near:
        yield paint.head(f"{len(diff.near):,} new, but perhaps an old one reworded")
        for near in diff.near:
            yield from _near_lines(near, width, paint)
        yield ""
    if diff.kept:
        yield from wrapped(f"{diff.kept:,} read differently there and stay so: their sources are as they were", width)
    counts = ", ".join(f"{len(found):,} {change}" for change in ORDER if (found := diff.of(change)))
    yield from wrapped(f"against {diff.against}: {counts or 'no change'}, {diff.unchanged:,} unchanged", width)


def place_of(one: NoteChange) -> str:
    """Where a note stands, as editors take it."""
    return f"{one.path}:{one.line}" if one.line else one.path


def _note_lines(one: NoteChange, width: int, paint: Paint) -> Iterator[str]:
    colour = paint.old if one.change == "retired" else paint.new if one.change in ("new", "restored") else paint.head
    sign, place = _SIGNS[one.change], place_of(one)
    rule = one.rule.rpartition("/")[2]
    first = f"{sign} {harmless(place)}"
    yield cut(first, width - columns(rule) - 2) + "  " + paint.soft(cut(rule, width // 3))
    for line in wrapped(harmless(one.question), width - 4, 2):
        yield "    " + colour(line)
    if one.change in ("new", "retired") and one.answer:
        for index, line in enumerate(wrapped(harmless(one.answer), width - 6, 3)):
            yield "    " + ("→ " if not index else "  ") + line
    for field in one.fields:
        yield from field_lines(field, width, paint)
    if one.change == "updated" and not one.fields:
        yield from (f"    {line}" for line in wrapped(UNSEEN, width - 4))
    if one.old_deck:
        yield from field_lines(FieldChange("deck", one.old_deck, one.deck), width, paint)
    if why := reason_of(one):
        yield from ("    " + paint.soft(line) for line in wrapped(why, width - 4))


def reason_of(one: NoteChange) -> str:
    """Why it is the same note, or why it left, in words."""
    if one.change == "retired":
        return _RETIRED.get(one.reason, one.reason)
    return f"the same note: {REASONS.get(one.reason, one.reason)}" if one.reason else ""


def field_lines(field: FieldChange, width: int, paint: Paint) -> Iterator[str]:
    """One field, old and new side by side, or one below the other where there is no room."""
    old, new = around_the_change(harmless(field.old), harmless(field.new))
    name = f"    {cut(field.name, _NAMES - 1):<{_NAMES}}"
    if width < _NARROW:
        yield name.rstrip()
        yield from (paint.old("    - " + line) for line in wrapped(old, width - 6, _LINES))
        yield from (paint.new("    + " + line) for line in wrapped(new, width - 6, _LINES))
        return
    room = (width - len(name) - 3) // 2
    for left, right in zip_longest(wrapped(old, room, _LINES), wrapped(new, room, _LINES), fillvalue=""):
        gap = " " * (room - columns(left))
        yield f"{name}{paint.old(left)}{gap} │ {paint.new(right)}".rstrip()
        name = " " * len(name)


_LONGEST, _BEFORE = 240, 60  # characters of a field; of it, before the change


def around_the_change(old: str, new: str) -> tuple[str, str]:
    """Long texts from shortly before the first place in which they differ."""
    if max(len(old), len(new)) <= _LONGEST:
        return old, new
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    start = max(0, same - _BEFORE)
    return (old, new) if not start else ("…" + old[start:], "…" + new[start:])


def _near_lines(near: NearPair, width: int, paint: Paint) -> Iterator[str]:
    yield "? " + cut(harmless(near.question), width - 2)
    for name, old, new in (("question", near.old_question, near.question), ("answer", near.old_answer, near.answer)):
        yield from field_lines(FieldChange(name, old, new), width, paint)
    yield from ("    " + paint.soft(line) for line in wrapped(f"not paired: {near.reason}", width - 4))
    yield f"    {near.command}"  # whole, so that it can be copied
