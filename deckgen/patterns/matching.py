"""Patterns at work: the parts of a pattern → a matcher, which looks for the first way to fit that all types let pass.

From left to right, a capture is as short as the rest allows, alternatives go in order, an option is taken before it is
left out (law 3). The matcher is a chain of closures, each given the place to go on from; it knows what failed before,
so that its work grows with the square of the text at worst, and counts its steps: over `STEPS` on one text the rule
counts as not tried there (never a matter of seconds: the same notes come out on every machine).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import groupby

from msgspec import Struct
from msgspec.structs import replace

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.capture_spans import Following, span_step
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.literals import (
    BEGIN,
    END,
    STOP,
    compiled,
    first_expressions,
    literal_beginning,
    literal_expression,
    one_of,
    single_word,
    verbatim,
    verbatim_choice,
)
from deckgen.patterns.match_state import Match, Step, StepsExhaustedError, Taken
from deckgen.patterns.pattern_syntax import Capture, End, Gap, Group, Literal, Sequence, captures_in, fits_empty
from deckgen.patterns.types import CaptureType


class Context(Struct, frozen=True):
    """What the parts of one pattern share."""

    types: Callable[[str], CaptureType | None]
    repeated: frozenset[str]  # names that stand twice: what fails after them may depend on what they took
    is_verbatim: bool = False  # whether captures keep the punctuation at their ends

    def edges(self, folded_text: FoldedText, start: int, end: int) -> tuple[int, int]:
        """The range that a capture takes of what it fits."""
        return folded_text.stripped(start, end) if self.is_verbatim else folded_text.trimmed(start, end)


def finish(match: Match, place: int) -> bool:
    """The last step: asks whether the match is taken."""
    match.accepted += 1
    return match.accept(match, place)


class _Tail(Struct, frozen=True):
    """What follows behind the parts at hand, up to the end of the pattern: `({x}|a) b` has ` b` behind `x`."""

    parts: Sequence
    last: Step | None  # the step after all of it; None where a capture must be closed in between
    is_repeated: bool = False  # whether a name that stands twice is closed in between


def compile_steps(parts: Sequence, context: Context) -> Step:
    """The steps that match a pattern's parts one after the other, and then ask whether the match is taken."""
    return _compile(parts, finish, _Tail((), finish), context)


def _compile(parts: Sequence, then: Step, tail: _Tail, context: Context) -> Step:
    """The steps of some parts, and then `then`, which goes on with the tail."""
    if not parts:
        return then
    part, rest = parts[0], parts[1:]
    if isinstance(part, Capture):
        return _compile_capture(part, rest, then, tail, context)
    if isinstance(part, Gap):
        return _compile_gap(rest, then, tail, context)
    if isinstance(part, Group):
        return _compile_group(part, rest, then, tail, context)
    go_on = _compile(rest, then, tail, context)
    if isinstance(part, Literal) and (text := verbatim(part.text)):
        # Chinese words, mostly: a pattern has dozens, each of which would be an expression of its own to compile.
        length = len(text)
        return lambda match, place: match.text.startswith(text, place) and go_on(match, place + length)
    if isinstance(part, Literal) and part.text.strip():
        return _compile_literal(part.text, go_on)
    found_at = compiled(literal_expression(part.text) if isinstance(part, Literal) else END).match

    def space(match: Match, place: int) -> bool:
        found = found_at(match.text, place)
        return found is not None and go_on(match, found.end())

    return space


def _compile_literal(written: str, go_on: Step) -> Step:
    """The step of literal characters. Most places are no beginning of them, so the expression may never be needed."""
    has_space, first = literal_beginning(written)
    found_at: Callable[[str, int], re.Match[str] | None] | None = None

    def literal(match: Match, place: int) -> bool:
        nonlocal found_at
        text = match.text
        if not text.startswith(first, place):
            if not has_space:
                return False
            at = place + 1 if text.startswith(" ", place) else place
            if not text.startswith(first, at) and not text[at : at + 1].isspace():
                return False
        if found_at is None:
            found_at = compiled(literal_expression(written)).match
        found = found_at(text, place)
        return found is not None and go_on(match, found.end())

    return literal


def _compile_words(words: frozenset[str], go_on: Step) -> Step:
    """The step of one of several words: at one place stands one at most, which is looked up."""

    def one_of_words(match: Match, place: int) -> bool:
        found = _A_WORD.match(match.text, place)
        return found is not None and found.group() in words and go_on(match, found.end())

    return one_of_words


_A_WORD = lazy_regex(f"{BEGIN}[a-z]+{STOP}")


def _compile_texts(texts: tuple[str, ...], go_on: Step) -> Step:
    """The step of one of several texts that are found as they stand: Chinese words, mostly."""

    def one_of_texts(match: Match, place: int) -> bool:
        text = match.text
        if text.startswith(texts, place):
            for one in texts:
                if text.startswith(one, place) and go_on(match, place + len(one)):
                    return True
        return False

    return one_of_texts


def _kind_of_choice(choice: Sequence) -> str:
    return "word" if single_word(choice) else "verbatim" if verbatim_choice(choice) else ""


def _compile_group(part: Group, rest: Sequence, then: Step, tail: _Tail, context: Context) -> Step:
    go_on = _compile(rest, then, tail, context)
    behind = replace(tail, parts=(*rest, *tail.parts))
    choices: list[Step] = []
    for kind, together in groupby(part.choices, _kind_of_choice):
        alike = list(together)
        if kind == "word" and len(alike) > 1:
            choices.append(_compile_words(frozenset(map(single_word, alike)), go_on))
        elif kind == "verbatim" and len(alike) > 1:
            choices.append(_compile_texts(tuple(map(verbatim_choice, alike)), go_on))
        else:
            choices.extend(_compile(choice, go_on, behind, context) for choice in alike)
    is_optional = part.is_optional

    def group(match: Match, place: int) -> bool:
        for choice in choices:  # `any` would take half as long again
            if choice(match, place):
                return True
        return is_optional and go_on(match, place)

    return group


def finder_of(rest: Sequence) -> re.Pattern[str] | None:
    """What finds the places where a sequence can begin; None where that is anywhere."""
    first = first_expressions(rest)
    return compiled(one_of(first)) if first else None


def _compile_gap(rest: Sequence, then: Step, tail: _Tail, context: Context) -> Step:
    if not rest and not tail.parts:
        return then
    go_on = _remember(_compile(rest, then, tail, context), rest, tail, context)
    finder = finder_of((*rest, *tail.parts))

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


def _remember(step: Step, rest: Sequence, tail: _Tail, context: Context) -> Step:
    """A step that knows where it failed.

    What was captured before plays no part in that, but where `accept` was asked or a name stands twice.
    """
    if tail.is_repeated:
        return step
    if context.repeated and any(c.name in context.repeated for c in captures_in((*rest, *tail.parts))):
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


def _compile_capture(part: Capture, rest: Sequence, then: Step, tail: _Tail, context: Context) -> Step:
    name = part.name
    go_on = _remember(_compile(rest, then, tail, context), rest, tail, context)
    following = (*rest, *tail.parts)
    if part.inner is not None:
        behind = _Tail(following, None, tail.is_repeated or name in context.repeated)
        return _compile_choice(part, part.inner, go_on, behind, context)
    kind = context.types(part.type)
    assert kind is not None  # compile_pattern has looked
    return span_step(name, kind, _following(following, go_on, tail, context), context.edges)


def _following(parts: Sequence, go_on: Step, tail: _Tail, context: Context) -> Following:
    """What stands behind a capture. An option there is waited for: the shortest span that an option follows, else the
    longest of the type.
    """
    if len(parts) == 1 and isinstance(parts[0], Gap):
        parts = ()  # any text after it, or none: nothing to wait for
    may_end = fits_empty(parts)
    if may_end and tail.last is not None and any(isinstance(part, Group) for part in parts):
        taken = (_taken_options(parts),)
        end = replace(tail, parts=())
        option = _remember(_compile(taken, tail.last, end, context), taken, end, context)
        return Following(go_on, may_end, option, finder_of(taken))
    return Following(go_on, may_end, None, None if may_end else finder_of(parts))


def _taken_options(rest: Sequence) -> Group:
    """Of a sequence that may be empty: the ways in which something of it is there."""
    ways: list[Sequence] = []
    for index, part in enumerate(rest):
        if isinstance(part, Group):
            ways.extend((*choice, *rest[index + 1 :]) for choice in part.choices)
        elif isinstance(part, End):
            break
    return Group(tuple(ways))


def _compile_choice(part: Capture, inner: Group, go_on: Step, tail: _Tail, context: Context) -> Step:
    name, number = part.name, id(part)

    def close(match: Match, end: int) -> bool:
        if not name:
            return go_on(match, end)
        start = match.starts[number]
        before = match.captures.get(name)
        trimmed = context.edges(match.folded_text, start, end)
        if before is not None and before.folded != match.text[trimmed[0] : trimmed[1]]:
            return False
        match.captures[name] = Taken(match.folded_text, *trimmed)
        if go_on(match, end):
            return True
        if before is None:
            del match.captures[name]
        else:
            match.captures[name] = before
        return False

    choices = tuple(_compile(choice, close, tail, context) for choice in inner.choices)

    def choose(match: Match, start: int) -> bool:
        for choice in choices:
            match.starts[number] = start
            if choice(match, start):
                return True
        return False

    return choose
