"""A pattern and a text that it does not fit → why not, in the pattern's own words: what `explain` prints."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.literals import needed_expressions
from deckgen.patterns.match_state import Match, Taken
from deckgen.patterns.pattern import Pattern
from deckgen.patterns.pattern_syntax import Capture, Gap


def missing_words(pattern: Pattern, folded_text: FoldedText) -> str:
    """The first words or marks of the pattern, as written, that the text has not, or not behind the others."""
    place = 0
    for index, part in enumerate(pattern.parts):
        for expression in needed_expressions((part,)):
            found = re.compile(expression, re.DOTALL).search(folded_text.folded, place)
            if found is None:
                return _written(pattern, index, index + 1)
            place = found.end()
    marks = {index: pattern.mark_of(part) for index, part in enumerate(pattern.parts)}
    return next(
        (_written(pattern, index, index + 1) for index, mark in marks.items() if mark and not folded_text.runs(mark)),
        "",
    )


def how_far(
    pattern: Pattern, folded_text: FoldedText, starts: Iterable[int], captures: Mapping[str, Taken]
) -> tuple[str, str, str]:
    """How far the pattern fits: the part of it that does, the part that is wanted next, and the text that is there.

    The first is empty when nothing fits; the last where the pattern could have gone on in several places. `captures`
    are those of the patterns that fitted before.
    """
    starts = list(starts)
    for count in range(len(pattern.parts) - 1, 0, -1):
        parts = pattern.parts[:count]
        if isinstance(parts[-1], Gap):
            continue
        ends = list(_ends(pattern.beginning(count), folded_text, starts, captures))
        if ends:
            is_open = isinstance(parts[-1], Capture)  # it could as well have taken less
            there = "" if is_open or len(set(ends)) > 1 else _following(folded_text, ends[0])
            return _written(pattern, 0, count), _written(pattern, count, count + 1), there
    there = _following(folded_text, starts[0]) if len(starts) == 1 else ""
    return "", _written(pattern, 0, 1), there


def _ends(
    pattern: Pattern, folded_text: FoldedText, starts: Iterable[int], captures: Mapping[str, Taken]
) -> Iterator[int]:
    for start in starts:
        ends: list[int] = []

        def accept(_: Match, end: int, ends: list[int] = ends) -> bool:
            ends.append(end)
            return True

        if pattern.match(folded_text, start, Match(captures=dict(captures)), accept):
            yield ends[0]


def _written(pattern: Pattern, first: int, last: int) -> str:
    """Some parts of the pattern, as its author wrote them."""
    end = pattern.parts[last].offset if last < len(pattern.parts) else len(pattern.text)
    return pattern.text[pattern.parts[first].offset : end].strip()


def _following(folded_text: FoldedText, place: int) -> str:
    if place >= len(folded_text):
        return ""
    first, _ = folded_text.plain_range(place, place + 1)
    text = folded_text.plain[first : first + 16].lstrip()
    return text if len(text) < 13 else text[:12] + "…"
