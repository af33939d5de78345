"""A type of captures and what follows a capture → the step that tries the spans it may take, in the order of law 3.

A capture costs two calls within each other, and one more where failures are remembered: a pattern may have 200.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from msgspec import Struct

from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.match_state import REFUSED_KEPT, Match, Refused, Step, StepsExhaustedError, Taken
from deckgen.patterns.types import CaptureType

Edges = Callable[[FoldedText, int, int], tuple[int, int]]
"""The range that a capture takes of what it fits."""
Take = Callable[[Match, int, int, Step], bool]
"""Takes a span if its type lets it pass, and goes on with a step; gives it back where that fails."""


class Following(Struct, frozen=True):
    """What stands behind a capture, by which it is known where the capture may end."""

    go_on: Step  # the step of all that follows
    may_end: bool  # whether the text may end right behind the capture
    option: Step | None  # the same as `go_on` with one of its options taken; None where there is none to wait for
    finder: re.Pattern[str] | None  # finds where the rest, or one of its options, can begin; None for anywhere


def span_step(name: str, kind: CaptureType, following: Following, edges: Edges) -> Step:
    """The step that takes the spans of a capture from a place on, one after the other; or what its name took before."""
    take, again = _taker(name, kind, edges), _again(name, following.go_on)
    if kind.ends is not None:
        return _step_of_shape(name, kind, following, take, again)
    return _step_up_to_limit(name, kind, following, take, again)


def _again(name: str, go_on: Step) -> Step:
    """The step of a name that has taken a text already: it has to stand here, too."""

    def again(match: Match, start: int) -> bool:
        text = match.captures[name].folded
        while start < len(match.text) and match.text[start] == " ":
            start += 1
        end = start + len(text)
        splits_word = match.folded_text.splits_word
        if not match.text.startswith(text, start) or splits_word(start) or splits_word(end):
            return False
        return go_on(match, end)

    return again


def _taker(name: str, kind: CaptureType, edges: Edges) -> Take:
    number = id(kind)

    def take(match: Match, start: int, end: int, step: Step) -> bool:
        match.steps -= 1
        if match.steps < 0:
            raise StepsExhaustedError
        folded_text = match.folded_text
        key = number, start, end
        refusal = folded_text.refusals[key] if key in folded_text.refusals else kind.refusal(folded_text, start, end)
        if refusal is not None:
            if match.refused is not None and name and len(match.refused) < REFUSED_KEPT:
                match.refused.append(Refused(name, kind.name, _beginning(folded_text, start, end), refusal))
            return False
        if not name:
            return step(match, end)
        before = match.captures.get(name)
        match.captures[name] = Taken(folded_text, *edges(folded_text, start, end))
        if step(match, end):
            return True
        if before is None:
            del match.captures[name]
        else:
            match.captures[name] = before
        return False

    return take


def _beginning(folded_text: FoldedText, start: int, end: int) -> str:
    """What a capture would have taken, as read: as much of it as a person looks at."""
    start, end = folded_text.trimmed(start, end)
    return folded_text.plain[slice(*folded_text.plain_range(start, min(end, start + 200)))] if start < end else ""


def _step_of_shape(name: str, kind: CaptureType, following: Following, take: Take, again: Step) -> Step:
    """The step of a type that lists where its spans end."""
    go_on, may_end, option = following.go_on, following.may_end, following.option
    starts_rest = following.finder.match if following.finder is not None and option is None else None

    def shape(match: Match, start: int) -> bool:
        if name in match.captures:
            return again(match, start)
        folded_text = match.folded_text
        if folded_text.splits_word(start):
            return False
        ends: Iterable[int] = kind.ends_at(folded_text, start)
        if option is not None:
            for end in ends:
                if take(match, start, end, option):
                    return True
        if may_end:
            ends = reversed(tuple(ends))
        for end in ends:
            if (starts_rest is None or starts_rest(match.text, end)) and take(match, start, end, go_on):
                return True
        return False

    return shape


def _step_up_to_limit(name: str, kind: CaptureType, following: Following, take: Take, again: Step) -> Step:
    """The step of a type whose spans end anywhere up to a limit, of which the text is asked."""
    go_on, may_end, option, finder = following.go_on, following.may_end, following.option, following.finder
    limit_of, longest = kind.limit, kind.longest
    step = option or go_on

    def span(match: Match, start: int) -> bool:
        if name in match.captures:
            return again(match, start)
        folded_text = match.folded_text
        if folded_text.splits_word(start):
            return False
        limit = limit_of(folded_text, start)
        if may_end and option is None:
            return limit > start and take(match, start, limit, go_on)
        place = start + 1
        while place <= limit:
            if finder is not None:
                found = finder.search(match.text, place)
                if found is None or found.start() > limit:
                    break
                place = found.start()
            if folded_text.is_level(start, place) and not folded_text.splits_word(place):
                if take(match, start, place, step):
                    return True
                if place - start > longest and kind.is_outgrown(folded_text, start, place):
                    break
            place += 1
        return may_end and limit > start and take(match, start, limit, go_on)

    return span
