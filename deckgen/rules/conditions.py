"""`when` and `unless`: what must hold, beside the pattern, for a match to make a note."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from deckgen.patterns.features import Needed, one_of
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.literals import is_plain, plain_expression
from deckgen.patterns.matching import Match, Taken
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import Pattern
from deckgen.patterns.screen import Screen
from deckgen.rules.initials import fitting_words

Test = Callable[[Passage], bool]
"""Whether a pattern holds of a passage."""


class Candidate(Protocol):
    """What conditions ask of an element."""

    @property
    def main(self) -> str: ...
    @property
    def inside(self) -> frozenset[str]: ...
    @property
    def path(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    def value(self, name: str) -> Passage | None: ...
    def heading_path(self) -> tuple[Passage, ...]: ...


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """One thing that must hold (or, in `unless`, must not). `about` says which, as `explain` prints it."""

    about: str
    names: frozenset[str]  # the captures that it looks at
    holds: Callable[[Candidate, Match], bool]
    held_by: Callable[[Candidate, Match], str] | None = None  # of several patterns: the one that holds, for `explain`
    words: Callable[[Candidate, Match], str] | None = None  # those in which it holds, for `explain`
    texts: frozenset[str] = frozenset()  # where it holds if the value of its one name reads so, and else not


@dataclass(frozen=True, slots=True)
class Conditions:
    """All of these together."""

    conditions: tuple[Condition, ...]

    def names(self) -> frozenset[str]:
        """Every capture that they look at."""
        return frozenset().union(*(c.names for c in self.conditions))


def value_of(candidate: Candidate, match: Match, name: str) -> Passage | None:
    """A capture of the match, or what the element offers under that name."""
    taken = match.captures.get(name)
    return candidate.value(name or candidate.main) if taken is None else passage_of(taken)


def passage_of(taken: Taken) -> Passage:
    """The passage that a capture took."""
    owner = taken.folded_text.owner
    assert isinstance(owner, Passage)  # extraction folds the texts of passages only
    return owner.captured(*taken.folded_text.plain_range(taken.start, taken.end))


def parse_range(text: str) -> tuple[int, int]:
    """`3`, `2..5`, `10..`, `..600`. Raises `ValueError`."""
    low, dots, high = text.strip().partition("..")
    if not dots:
        return int(low), int(low)
    return int(low) if low else 0, int(high) if high else 1_000_000_000


_ANY = 1_000_000_000


def without_bounds(low: int, high: int) -> tuple[int, int]:
    """A range that has two ends, which say how large a good card is, as one that has none. One number, or one end,
    tells one thing from another.
    """
    return (low, high) if low == high or high >= _ANY else (0, _ANY)


class Tests:
    """Patterns one of which is enough; `is_found`: anywhere from some word on, not only where the text begins."""

    def __init__(self, patterns: Sequence[Pattern], *, is_found: bool) -> None:
        self._patterns, self._is_found = patterns, is_found

    @cached_property
    def _tests(self) -> tuple[tuple[str, Test], ...]:
        make = _finding if self._is_found else _matching
        return tuple((pattern.text, make(pattern)) for pattern in self._patterns)

    @cached_property
    def _needed(self) -> Needed:
        """Features of which a text must hold one for any of them to fit."""
        return one_of(tuple(pattern.parts for pattern in self._patterns))

    @cached_property
    def _screen(self) -> Screen:
        return Screen((pattern.parts for pattern in self._patterns), is_found=self._is_found)

    def fitting(self, passage: Passage | None) -> str | None:
        """The first of the patterns, as written, that holds of a passage; None for none."""
        if passage is None or not self._may_hold(passage.folded_text):
            return None
        return next((text for text, test in self._tests if test(passage)), None)

    def words_in(self, passage: Passage | None) -> str:
        """The words of a passage that one of them fits; nothing where none does."""
        if passage is None:
            return ""
        folded_text, ends = passage.folded_text, [0]

        def keep(_: Match, end: int) -> bool:
            ends.append(end)
            return True

        for pattern in self._patterns:
            place = pattern.next_start(folded_text, 0) if self._is_found else folded_text.first_word(None)
            while place < len(folded_text):
                if pattern.match(folded_text, place, Match(), keep):
                    return passage.captured(*folded_text.plain_range(place, ends[-1])).shown.strip()
                place = pattern.next_start(folded_text, place + 1) if self._is_found else len(folded_text)
        return ""

    def _may_hold(self, folded_text: FoldedText) -> bool:
        if self._needed and self._needed.isdisjoint(folded_text.features):
            return False
        start = 0 if self._is_found else folded_text.first_word(None)
        return self._screen.lets_pass(folded_text.folded[start:])

    def fit(self, passage: Passage) -> bool:
        """Whether one of them holds of a passage that many elements share, such as a heading: asked once."""
        known = passage.folded_text.tests
        if id(self) not in known:
            known[id(self)] = self.fitting(passage) is not None
        return known[id(self)]

    def __str__(self) -> str:
        return " | ".join(pattern.text for pattern in self._patterns)


def _matching(pattern: Pattern) -> Test:
    """Holds where the pattern fits the beginning of the text (law 1)."""
    if is_plain(pattern.parts):
        match = re.compile(plain_expression(pattern.parts), re.DOTALL).match
        return lambda passage: match(passage.folded_text.folded, passage.folded_text.first_word(None)) is not None

    def holds(passage: Passage) -> bool:
        folded_text = passage.folded_text
        return pattern.may_match(folded_text) and pattern.match(
            folded_text, folded_text.first_word(None), Match(), lambda *_: True
        )

    return holds


def _finding(pattern: Pattern) -> Test:
    """Holds where the pattern fits from some word on."""
    if is_plain(pattern.parts):
        search = re.compile(plain_expression(pattern.parts), re.DOTALL).search
        return lambda passage: search(passage.folded_text.folded) is not None

    def holds(passage: Passage) -> bool:
        folded_text = passage.folded_text
        if not pattern.may_match(folded_text):
            return False
        place, state = pattern.next_start(folded_text, 0), Match()
        while place < len(folded_text):
            if pattern.match(folded_text, place, state, lambda *_: True):
                return True
            place = pattern.next_start(folded_text, place + 1)
        return False

    return holds


def on_text(word: str, name: str, tests: Tests) -> Condition:
    """`match` or `find` on one text."""
    head = f"{word}: {name + ': ' if name else ''}"
    return Condition(
        f"{head}{tests}",
        frozenset([name]),
        lambda candidate, match: tests.fitting(value_of(candidate, match, name)) is not None,
        lambda candidate, match: head + (tests.fitting(value_of(candidate, match, name)) or ""),
        lambda candidate, match: tests.words_in(value_of(candidate, match, name)),
    )


def under(tests: Tests) -> Condition:
    """Some heading of the path, its own too, or a parent item."""

    def held_by(candidate: Candidate, _: Match) -> str:
        fitting = ((tests.fitting(heading), heading.shown) for heading in candidate.heading_path())
        return next((f"under: {text} (“{shown}”)" for text, shown in fitting if text is not None), "under")

    return Condition(
        f"under: {tests}",
        frozenset(),
        lambda candidate, _: any(map(tests.fit, candidate.heading_path())),
        held_by,
    )


def inside(kinds: tuple[str, ...]) -> Condition:
    """An element that it stands in."""
    return Condition(
        f"inside: {', '.join(kinds)}", frozenset(), lambda candidate, _: any(kind in candidate.inside for kind in kinds)
    )


def path(globs: tuple[str, ...]) -> Condition:
    """The source's path."""
    return Condition(
        f"path: {', '.join(globs)}",
        frozenset(),
        lambda candidate, _: any(glob_matches(candidate.path, glob) for glob in globs),
    )


def glob_matches(path_text: str, glob: str) -> bool:
    """Whether a path fits a glob in which `**/` also stands for nothing."""
    return fnmatch.fnmatchcase(path_text, glob) or (
        "**/" in glob and fnmatch.fnmatchcase(path_text, glob.replace("**/", ""))
    )


def tag(names: tuple[str, ...]) -> Condition:
    """A tag of the element or the front matter: itself, or one below it."""
    return Condition(
        f"tag: {', '.join(names)}",
        frozenset(),
        lambda candidate, _: any(is_asked_tag(own, names) for own in candidate.tags),
    )


def is_asked_tag(tag_text: str, names: Iterable[str]) -> bool:
    """Whether a tag is one of these, or below one."""
    return any(tag_text == name or tag_text.startswith((name + "/", name + "::")) for name in names)


def tag_below(names: Iterable[str], tags: Iterable[str]) -> str:
    """Of `fact/a/b`, where `fact` is asked for, `a/b`: of the first such tag."""
    for own in tags:
        for name in names:
            if own.startswith((name + "/", name + "::")):
                return own[len(name) :].lstrip("/:")
    return ""


def reading(passage: Passage | None) -> str:
    """What a value reads, for `is`; empty for nothing."""
    return "" if passage is None else passage.shown.strip().casefold()


def property_is(name: str, wanted: tuple[str | bool, ...]) -> Condition:
    """What the element is: a text, true or false, or a range of numbers."""

    def holds(candidate: Candidate, match: Match) -> bool:
        text = reading(value_of(candidate, match, name))
        for want in wanted:
            if isinstance(want, bool):
                if (text not in ("", "false", "no", "0")) == want:
                    return True
            elif text == want.casefold():
                return True
            elif ".." in want and (number := re.fullmatch(r"\(?(\d+)[.)]?", text)):  # a list's number as written too
                low, high = parse_range(want)
                if low <= int(number[1]) <= high:
                    return True
        return False

    texts = [want for want in wanted if isinstance(want, str) and ".." not in want]
    are_texts = len(texts) == len(wanted)
    return Condition(
        f"is: {name}: {', '.join(map(str, wanted))}",
        frozenset([name]),
        holds,
        texts=frozenset(text.casefold() for text in texts) if are_texts else frozenset(),
    )


def length(word: str, name: str, low: int, high: int, measure: Callable[[Passage], int]) -> Condition:
    """How many characters a reader sees, inclusive."""

    def holds(candidate: Candidate, match: Match) -> bool:
        passage = value_of(candidate, match, name)
        return low <= (0 if passage is None else measure(passage)) <= high

    bounds = f"{low}..{'' if high >= 1_000_000_000 else high}"
    return Condition(f"{word}: {name + ': ' if name else ''}{bounds}", frozenset([name]), holds)


def initials(short: str, long: str) -> Condition:
    """One capture is the other's initials; the long one is cut to the words that fit."""

    def holds(_: Candidate, match: Match) -> bool:
        letters, words = match.captures.get(short), match.captures.get(long)
        if letters is None or words is None:
            return False
        fitting = fitting_words(
            words.folded, letters.folded_text.plain[slice(*letters.folded_text.plain_range(letters.start, letters.end))]
        )
        if fitting is None:
            return False
        match.captures[long] = Taken(words.folded_text, words.start + fitting[0], words.start + fitting[1])
        return True

    return Condition(f"initials: {short}, {long}", frozenset([short, long]), holds)


def known(names: tuple[str, ...]) -> Condition:
    """A term that stands out: in the heading path, emphasised, Latin, or in brackets."""

    def holds(candidate: Candidate, match: Match) -> bool:
        for name in names:
            passage = value_of(candidate, match, name)
            if passage is None or not _stands_out(passage, candidate):
                return False
        return True

    return Condition(f"known: {', '.join(names)}", frozenset(names), holds)


def _stands_out(passage: Passage, candidate: Candidate) -> bool:
    folded = passage.folded_text.folded
    if any(folded in heading.folded_text.folded for heading in candidate.heading_path()):
        return True
    if passage.text.marks(passage.start, passage.end) or re.search(r"[A-Za-z\ue000]", passage.plain):
        return True
    whole, start, end = passage.text.plain, passage.start, passage.end
    return start > 0 and end < len(whole) and whole[start - 1] in "（(《「“【\"'" and whole[end] in "）)》」”】\"'"


def either(alternatives: Sequence[Sequence[Condition]]) -> Condition:
    """One alternative of several, each of conditions that must all hold; those that look up a text are asked first."""
    sorted_ones = [sorted(one, key=lambda condition: not condition.texts) for one in alternatives]
    return Condition(
        " | ".join("; ".join(condition.about for condition in one) for one in alternatives),
        frozenset(name for one in alternatives for condition in one for name in condition.names),
        lambda candidate, match: any(
            all(condition.holds(candidate, match) for condition in one) for one in sorted_ones
        ),
    )


def first_failing(conditions: tuple[Conditions, ...], candidate: Candidate, match: Match) -> Condition | None:
    """Of `when`, whose lists are alternatives: a condition that fails, or None when all hold."""
    failing = None
    for alternative in conditions:
        failing = next((c for c in alternative.conditions if not c.holds(candidate, match)), None)
        if failing is None:
            return None
    return failing
