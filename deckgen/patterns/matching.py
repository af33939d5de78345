"""Patterns at work: the parts of a pattern → a matcher, which looks for the first way to fit that all types let pass.

From left to right, a capture is as short as the rest allows, alternatives go in order, an option is taken before it is
left out (law 3). The matcher is a chain of closures, each given the place to go on from; it knows what failed before,
so that its work grows with the square of the text at worst, and counts its steps: over `STEPS` on one text the rule
counts as not tried there (never a matter of seconds: the same notes come out on every machine).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deckgen.patterns.features import NOTHING, Needed, needs
from deckgen.patterns.grammar import (
    Capture,
    End,
    Gap,
    Group,
    Literal,
    Part,
    PatternError,
    Sequence,
    captures_in,
    fits_empty,
    parse_pattern,
)
from deckgen.patterns.literals import (
    END,
    first_expressions,
    is_plain,
    literal_expression,
    needed_expressions,
    plain_expression,
)
from deckgen.patterns.reading import WORD_START, Reading
from deckgen.patterns.types import CaptureType

STEPS = 50_000
"""Places tried for one pattern on one text."""


class StepsExhaustedError(Exception):
    """A pattern took more than `STEPS` steps on one text."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a capture took: a trimmed range of a reading."""

    reading: Reading
    start: int
    end: int

    @property
    def folded(self) -> str:
        """The text, folded."""
        return self.reading.folded[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Refused:
    """A capture that its type did not let pass, for `explain`."""

    name: str
    type: str
    text: str
    reason: str


Accept = Callable[["Match", int], bool]
"""Asked when all parts fit, with the end: False looks for another way."""


_NOTHING = Reading("")


@dataclass(slots=True)
class Match:
    """The state of one attempt: what is captured so far, the steps left, and what was refused."""

    captures: dict[str, Taken] = field(default_factory=dict)
    steps: int = STEPS
    accepted: int = 0  # how often `accept` was asked: only failures without it may be remembered
    refused: list[Refused] | None = None  # a list when somebody wants to know
    reading: Reading = _NOTHING
    text: str = ""
    start: int = 0
    starts: dict[int, int] = field(default_factory=dict)
    failed: set[tuple[int, int]] = field(default_factory=set)
    memory: dict[tuple[int, int], set[tuple[int, int]]] = field(default_factory=dict)
    accept: Accept = lambda match, end: True


_Step = Callable[[Match, int], bool]


@dataclass(frozen=True, slots=True)
class _Context:
    types: Callable[[str], CaptureType | None]
    doubled: frozenset[str]  # names that stand twice: what fails after them may depend on what they took


class Pattern:
    """A checked pattern. What it takes to match is made when it is first used: most rules never meet their words."""

    def __init__(self, text: str, parts: Sequence, types: Callable[[str], CaptureType | None]) -> None:
        found = captures_in(parts)
        counts = Counter(capture.name for capture in found if capture.name)
        self.text = text
        self.names = tuple(counts)
        self.type_of: Mapping[str, str] = {capture.name: capture.type for capture in found if capture.name}
        self.parts = parts
        self._context = _Context(types, frozenset(name for name, count in counts.items() if count > 1))

    @cached_property
    def _needed_words(self) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(need, re.DOTALL) for need in needed_expressions(self.parts))

    @cached_property
    def _first(self) -> re.Pattern[str] | None:
        return _finder(self.parts)

    @cached_property
    def _begins(self) -> re.Pattern[str]:
        first = self.parts[0]
        kind = self._context.types(first.type) if isinstance(first, Capture) and not first.inner else None
        return WORD_START if kind is None else kind.begins

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        """Marks that the Markdown must have somewhere."""
        return tuple({mark for part in self.parts if (mark := self.mark_of(part))})

    def mark_of(self, part: Part) -> str:
        """The mark without which a part cannot fit: of a capture of marked text; empty for none."""
        kind = self._context.types(part.type) if isinstance(part, Capture) and not part.inner else None
        return "" if kind is None else kind.mark

    @cached_property
    def _run(self) -> _Step:
        return _compile(self.parts, _finish, self._context)

    def may_match(self, reading: Reading) -> bool:
        """Whether the words that the pattern needs are there, in order: cheap, and never wrong about a no."""
        features = reading.features
        if any(need.isdisjoint(features) for need in self.needs):
            return False
        if not all(map(reading.runs, self._marks)):
            return False
        place, text = 0, reading.folded
        for need in self._needed_words:
            found = need.search(text, place)
            if found is None:
                return False
            place = found.end()
        return True

    @cached_property
    def needs(self) -> tuple[Needed, ...]:
        """What a text must hold for the words of the pattern: of each set of features one."""
        return needs(self.parts)

    @cached_property
    def all_needs(self) -> tuple[Needed, ...]:
        """The same, also of the types of its captures: without one of these, some capture is refused."""
        return needs(self.parts, self._need_of_type)

    def _need_of_type(self, name: str) -> Needed:
        kind = self._context.types(name)
        return NOTHING if kind is None else kind.needed

    def beginning(self, count: int) -> Pattern:
        """The first parts of it, as a pattern: how far the whole one fits, for `explain`."""
        return Pattern(self.text, self.parts[:count], self._context.types)

    def match(self, reading: Reading, start: int, match: Match, accept: Accept) -> bool:
        """Whether the pattern fits `reading` at `start`, in a way that `accept` takes."""
        outer = match.reading, match.text, match.start, match.accept, match.failed, match.starts
        # What fails, fails from any beginning; but a name that another pattern has bound may be asked for again.
        failed = set() if match.captures else match.memory.setdefault((id(self), id(reading)), set())
        match.reading, match.text, match.start, match.failed, match.starts = reading, reading.folded, start, failed, {}

        def accept_outside(inner: Match, end: int) -> bool:  # another pattern may run in there
            own = inner.reading, inner.text, inner.start, inner.accept, inner.failed, inner.starts
            inner.reading, inner.text, inner.start, inner.accept, inner.failed, inner.starts = outer
            try:
                return accept(inner, end)
            finally:
                inner.reading, inner.text, inner.start, inner.accept, inner.failed, inner.starts = own

        match.accept = accept_outside
        try:
            return self._run(match, start)
        finally:
            match.reading, match.text, match.start, match.accept, match.failed, match.starts = outer

    def next_start(self, reading: Reading, place: int) -> int:
        """The next place at or after `place` where the pattern could begin: a word, or its own first words."""
        text = reading.folded
        if self._first is not None:
            found = self._first.search(text, place)
            return len(text) + 1 if found is None else found.start()
        while (found := self._begins.search(text, place)) is not None:
            place = found.start()
            if text[place] != " " and not reading.splits_word(place):
                return place
            place += 1
        return len(text)


def compile_pattern(text: str, types: Callable[[str], CaptureType | None]) -> Pattern:
    """Compile a pattern; `types` finds a type by its name. Raises `PatternError`."""
    parts = parse_pattern(text)
    for capture in captures_in(parts):
        if not capture.inner and types(capture.type) is None:
            raise PatternError(f"unknown type `{capture.type}`", capture.offset, kind="unknown-type")
    return Pattern(text, parts, types)


def compile_test(text: str) -> Callable[[str], bool]:
    """A capture-free pattern as a test on folded text, at its beginning (law 1). Raises `PatternError`."""
    parts = parse_pattern(text)
    if not is_plain(parts):
        raise PatternError("no capture can stand here", captures_in(parts)[0].offset)
    found = re.compile(plain_expression(parts), re.DOTALL).match
    return lambda folded: found(folded) is not None


def compile_line(text: str) -> Callable[[str], bool]:
    """A capture-free pattern as a test whether a line is nothing else. Raises `PatternError`."""
    parts = parse_pattern(text)
    if not is_plain(parts):
        raise PatternError("no capture can stand here", captures_in(parts)[0].offset)
    whole = re.compile(rf"\s*(?:{plain_expression(parts)})\s*$", re.DOTALL)
    return lambda line: whole.match(Reading(line).folded) is not None


def _finish(match: Match, place: int) -> bool:
    match.accepted += 1
    return match.accept(match, place)


def _compile(parts: Sequence, then: _Step, context: _Context) -> _Step:
    if not parts:
        return then
    part, rest = parts[0], parts[1:]
    if isinstance(part, Capture):
        return _compile_capture(part, rest, then, context)
    if isinstance(part, Gap):
        return _compile_gap(rest, then, context)
    if isinstance(part, Group):
        return _compile_group(part, rest, then, context)
    found_at = re.compile(literal_expression(part.text) if isinstance(part, Literal) else END, re.DOTALL).match
    go_on = _compile(rest, then, context)

    def literal(match: Match, place: int) -> bool:
        found = found_at(match.text, place)
        return found is not None and go_on(match, found.end())

    return literal


def _compile_group(part: Group, rest: Sequence, then: _Step, context: _Context) -> _Step:
    go_on = _compile(rest, then, context)
    choices = tuple(_compile(choice, go_on, context) for choice in part.choices)
    is_optional = part.is_optional

    def group(match: Match, place: int) -> bool:
        return any(choice(match, place) for choice in choices) or (is_optional and go_on(match, place))

    return group


def _finder(rest: Sequence) -> re.Pattern[str] | None:
    first = first_expressions(rest)
    return re.compile("|".join(first), re.DOTALL) if first else None


def _compile_gap(rest: Sequence, then: _Step, context: _Context) -> _Step:
    if not rest:
        return then
    go_on = _remember(_compile(rest, then, context), rest, context)
    finder = _finder(rest)

    def gap(match: Match, place: int) -> bool:
        while place <= len(match.text):
            if finder is not None:
                found = finder.search(match.text, place)
                if found is None:
                    return False
                place = found.start()
            if go_on(match, place):
                return True
            place += 1
        return False

    return gap


def _remember(step: _Step, rest: Sequence, context: _Context) -> _Step:
    """A step that knows where it failed.

    What was captured before plays no part in that, but where `accept` was asked or a name stands twice.
    """
    if any(c.name in context.doubled for c in captures_in(rest)):
        return step
    number = id(step)

    def remembering(match: Match, place: int) -> bool:
        key = (number, place)
        if key in match.failed:
            return False
        match.steps -= 1
        if match.steps < 0:
            raise StepsExhaustedError
        before = match.accepted
        if step(match, place):
            return True
        if match.accepted == before:
            match.failed.add(key)
        return False

    return remembering


def _compile_capture(part: Capture, rest: Sequence, then: _Step, context: _Context) -> _Step:
    name = part.name
    if len(rest) == 1 and isinstance(rest[0], Gap):
        rest = ()  # any text after it, or none: nothing to wait for
    go_on = _remember(_compile(rest, then, context), rest, context)
    if part.inner is not None:
        return _compile_choice(part, part.inner, go_on, context)
    kind = context.types(part.type)
    assert kind is not None  # compile_pattern has looked
    may_end = fits_empty(rest)
    # An option after a capture is waited for: the shortest span that an option follows, else the longest of the type.
    option = None
    if may_end and any(isinstance(after, Group) for after in rest):
        option = _remember(_compile((_taken_options(rest),), then, context), rest, context)
    finder = _finder((_taken_options(rest),)) if option else (None if may_end else _finder(rest))
    starts_rest = finder.match if finder is not None and option is None else None
    first, last = kind.ends, kind.limit

    def take(match: Match, start: int, end: int, step: _Step) -> bool:
        match.steps -= 1
        if match.steps < 0:
            raise StepsExhaustedError
        reading = match.reading
        refusal = kind.refusal(reading, start, end)
        if refusal is not None:
            if match.refused is not None and name:
                text = (
                    reading.plain[slice(*reading.plain_range(*reading.trimmed(start, end)))]
                    if reading.trimmed(start, end)[0] < end
                    else ""
                )
                match.refused.append(Refused(name, kind.name, text, refusal))
            return False
        if not name:
            return step(match, end)
        before = match.captures.get(name)
        match.captures[name] = Taken(reading, *reading.trimmed(start, end))
        if step(match, end):
            return True
        if before is None:
            del match.captures[name]
        else:
            match.captures[name] = before
        return False

    def same_again(match: Match, start: int, taken: Taken) -> bool:
        text = taken.folded
        while start < len(match.text) and match.text[start] == " ":
            start += 1
        end = start + len(text)
        if not match.text.startswith(text, start) or match.reading.splits_word(start) or match.reading.splits_word(end):
            return False
        return go_on(match, end)

    def capture(match: Match, start: int) -> bool:
        if name and (taken := match.captures.get(name)) is not None:
            return same_again(match, start, taken)
        reading = match.reading
        if first is not None:
            ends = list(first(reading, start))
            if option is not None and any(take(match, start, end, option) for end in ends):
                return True
            if starts_rest is not None:
                ends = [end for end in ends if starts_rest(match.text, end)]
            return any(take(match, start, end, go_on) for end in (reversed(ends) if may_end else ends))
        limit = last(reading, start)
        if may_end and option is None:
            return limit > start and take(match, start, limit, go_on)
        step = option or go_on
        place = start + 1
        while place <= limit:
            if finder is not None:
                found = finder.search(match.text, place)
                if found is None or found.start() > limit:
                    break
                place = found.start()
            if reading.is_level(start, place) and not reading.splits_word(place) and take(match, start, place, step):
                return True
            place += 1
        return may_end and limit > start and take(match, start, limit, go_on)

    return capture


def _taken_options(rest: Sequence) -> Group:
    """Of a sequence that may be empty: the ways in which something of it is there."""
    ways: list[Sequence] = []
    for index, part in enumerate(rest):
        if isinstance(part, Group):
            ways.extend((*choice, *rest[index + 1 :]) for choice in part.choices)
        elif isinstance(part, End):
            break
    return Group(tuple(ways))


def _compile_choice(part: Capture, inner: Group, go_on: _Step, context: _Context) -> _Step:
    name, number = part.name, id(part)

    def close(match: Match, end: int) -> bool:
        if not name:
            return go_on(match, end)
        start = match.starts[number]
        before = match.captures.get(name)
        trimmed = match.reading.trimmed(start, end)
        if before is not None and before.folded != match.text[trimmed[0] : trimmed[1]]:
            return False
        match.captures[name] = Taken(match.reading, *trimmed)
        if go_on(match, end):
            return True
        if before is None:
            del match.captures[name]
        else:
            match.captures[name] = before
        return False

    choices = tuple(_compile(choice, close, context) for choice in inner.choices)

    def choose(match: Match, start: int) -> bool:
        for choice in choices:
            match.starts[number] = start
            if choice(match, start):
                return True
        return False

    return choose
