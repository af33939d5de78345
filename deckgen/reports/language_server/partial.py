"""Two versions of a note → the part that has to be read at once, and what is known of the rest.

While somebody types, only the section around the change is tried: the headings above it stand in their places, all else
is blank, so that lines count as in the whole note. What this leaves out (a label that has its owner in another
section) is corrected when the whole note is tried, as soon as the typing stops.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft

_HEADING = lazy_regex(r" {0,3}(#{1,6})(?:[ \t]|$)")
_FENCE = lazy_regex(r" {0,3}(`{3,}|~{3,})")
LONGEST = 120
"""Lines of a section that is read as a whole; of a longer one some paragraphs around the change."""
_AROUND = 30


class Region(Struct, frozen=True):
    """Lines of a note, from 1: `first` to `last` now, to `last_before` in the version before."""

    first: int
    last: int
    last_before: int

    @property
    def shift(self) -> int:
        """How far what stands below moved."""
        return self.last - self.last_before


def changed_region(before: Sequence[str], now: Sequence[str]) -> Region | None:
    """The section around what differs; None where nothing does, or where it changes how all is read."""
    start = _shared(before, now)
    if start == len(before) == len(now):
        return None
    end = _shared(before[start:][::-1], now[start:][::-1])
    if start < _front_matter_end(before) or start < _front_matter_end(now):
        return None
    first, last = start + 1, max(len(now) - end, start + 1)
    headings = _headings(now)
    above = [line for line, _ in headings if line <= first]
    below = [line for line, _ in headings if line > last]
    widened = above[-1] if above else 1, below[0] - 1 if below else len(now)
    if widened[1] - widened[0] > LONGEST:
        widened = _paragraphs(now, first, last, widened)
    return Region(*widened, widened[1] - len(now) + len(before))


def masked(lines: Sequence[str], first: int, last: int) -> str:
    """A note of which only some lines are left, with its front matter and the headings above them."""
    kept = set(range(_front_matter_end(lines)))
    stack: list[tuple[int, int]] = []
    for line, level in _headings(lines):
        if line > first:
            break
        stack = [one for one in stack if one[1] < level] + [(line, level)]
    kept.update(line - 1 for line, _ in stack)
    return "\n".join(
        line if first <= number <= last or number - 1 in kept else "" for number, line in enumerate(lines, 1)
    )


def merged_drafts(before: Iterable[Draft], found: Iterable[Draft], region: Region) -> tuple[Draft, ...]:
    """The drafts of a note: those of the region as they were found now, all others where they stand now."""
    kept = [moved for draft in before if (moved := _moved_draft(draft, region)) is not None]
    new = [draft for draft in found if region.first <= draft.origin.span.line <= region.last]
    return tuple(sorted([*kept, *new], key=lambda draft: (draft.origin.span.line, draft.origin.span.column)))


def merged_diagnostics(
    before: Iterable[Diagnostic], found: Iterable[Diagnostic], region: Region
) -> tuple[Diagnostic, ...]:
    """The same of what was found in a note."""
    kept = list(_moved_diagnostics(before, region))
    new = [one for one in found if one.span is not None and region.first <= one.span.line <= region.last]
    return (*kept, *new)


def _moved_draft(draft: Draft, region: Region) -> Draft | None:
    span = _moved(draft.origin.span, region)
    if span is None or span is draft.origin.span:
        return draft if span is not None else None
    return replace(draft, origin=replace(draft.origin, span=span))


def _moved_diagnostics(found: Iterable[Diagnostic], region: Region) -> Iterator[Diagnostic]:
    for one in found:
        if one.span is None:
            yield one
        elif (span := _moved(one.span, region)) is not None:
            yield replace(one, span=span)


def _moved(span: Span, region: Region) -> Span | None:
    """Where something stands now; None for what stood in the region."""
    if span.line < region.first:
        return span
    if span.line <= region.last_before:
        return None
    if not region.shift:
        return span
    return replace(span, line=span.line + region.shift, end_line=span.end_line and span.end_line + region.shift)


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many lines two texts begin with alike."""
    most = min(len(one), len(other))
    return next((index for index in range(most) if one[index] != other[index]), most)


def _front_matter_end(lines: Sequence[str]) -> int:
    """How many lines the front matter has, with the lines around it."""
    if not lines or lines[0].rstrip() != "---":
        return 0
    return next((index + 1 for index, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "...")), len(lines))


def _headings(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Lines and levels of the headings that are written with `#`, outside of fenced code."""
    found: list[tuple[int, int]] = []
    fence = ""
    for number, line in enumerate(lines, 1):
        if mark := _FENCE.match(line):
            if not fence:
                fence = mark[1]
            elif mark[1].startswith(fence):
                fence = ""
        elif not fence and (heading := _HEADING.match(line)):
            found.append((number, len(heading[1])))
    return found


def _paragraphs(lines: Sequence[str], first: int, last: int, most: tuple[int, int]) -> tuple[int, int]:
    """A part of a long section that begins and ends between paragraphs."""
    start = max(most[0], first - _AROUND)
    while start > most[0] and (lines[start - 2].strip() or lines[start - 1].startswith((" ", "\t"))):
        start -= 1
    end = min(most[1], last + _AROUND)
    while end < most[1] and (lines[end - 1].strip() or lines[end].startswith((" ", "\t"))):
        end += 1
    return start, end
