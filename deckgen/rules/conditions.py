"""`when` and `unless`: what must hold, beside the pattern, for a match to make a note."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from deckgen.passages import Passage
from deckgen.patterns import Match, Pattern, Taken, parse_pattern
from deckgen.patterns.literals import is_plain, plain_expression
from deckgen.rules.initials import fitting_words

Finder = Callable[[Passage, Match], bool]
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
    owner = taken.reading.owner
    assert isinstance(owner, Passage)  # extraction makes readings of passages only
    return owner.part(*taken.reading.plain_range(taken.start, taken.end))


def parse_range(text: str) -> tuple[int, int]:
    """`3`, `2..5`, `10..`, `..600`. Raises `ValueError`."""
    low, dots, high = text.strip().partition("..")
    if not dots:
        return int(low), int(low)
    return int(low) if low else 0, int(high) if high else 1_000_000_000


def matching(pattern: Pattern) -> Finder:
    """Holds where the pattern fits the beginning of the text (law 1)."""

    def holds(passage: Passage, match: Match) -> bool:
        reading = passage.reading
        return pattern.may_match(reading) and pattern.match(
            reading, reading.first_word(None), Match(steps=match.steps), lambda *_: True
        )

    return holds


def finding(pattern: Pattern) -> Finder:
    """Holds where the pattern fits from some word on."""
    parts = parse_pattern(pattern.text)
    if is_plain(parts):
        search = cache(lambda: re.compile(plain_expression(parts), re.DOTALL).search)  # made when it is first asked
        return lambda passage, match: search()(passage.reading.folded) is not None

    def holds(passage: Passage, match: Match) -> bool:  # noqa: ARG001 (a Finder is given both)
        reading = passage.reading
        if not pattern.may_match(reading):
            return False
        place, state = pattern.next_start(reading, 0), Match()
        while place < len(reading):
            if pattern.match(reading, place, state, lambda *_: True):
                return True
            place = pattern.next_start(reading, place + 1)
        return False

    return holds


def on_text(word: str, name: str, finders: tuple[Finder, ...], texts: tuple[str, ...]) -> Condition:
    """`match` or `find` on one text: one of several patterns is enough."""
    head = f"{word}: {name + ': ' if name else ''}"

    def holds(candidate: Candidate, match: Match) -> bool:
        passage = value_of(candidate, match, name)
        return passage is not None and any(found(passage, match) for found in finders)

    def held_by(candidate: Candidate, match: Match) -> str:
        passage = value_of(candidate, match, name)
        held = (text for found, text in zip(finders, texts, strict=True) if passage and found(passage, match))
        return head + next(held, "")

    return Condition(head + " | ".join(texts), frozenset([name]), holds, held_by)


def under(finders: tuple[Finder, ...], texts: tuple[str, ...]) -> Condition:
    """Some heading of the path, its own too, or a parent item."""

    def held_by(candidate: Candidate, match: Match) -> str:
        for heading in candidate.heading_path():
            for found, text in zip(finders, texts, strict=True):
                if found(heading, match):
                    return f"under: {text} (“{heading.shown}”)"
        return "under"

    return Condition(
        f"under: {' | '.join(texts)}",
        frozenset(),
        lambda candidate, match: any(
            found(heading, match) for heading in candidate.heading_path() for found in finders
        ),
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


def property_is(name: str, wanted: tuple[str | bool, ...]) -> Condition:
    """What the element is: a text, true or false, or a range of numbers."""

    def holds(candidate: Candidate, match: Match) -> bool:
        passage = value_of(candidate, match, name)
        text = "" if passage is None else passage.shown.strip().casefold()
        for want in wanted:
            if isinstance(want, bool):
                if (text not in ("", "false", "no", "0")) == want:
                    return True
            elif text == want.casefold():
                return True
            elif ".." in want and re.fullmatch(r"\d+", text):
                low, high = parse_range(want)
                if low <= int(text) <= high:
                    return True
        return False

    return Condition(f"is: {name}: {', '.join(map(str, wanted))}", frozenset([name]), holds)


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
            words.folded, letters.reading.plain[slice(*letters.reading.plain_range(letters.start, letters.end))]
        )
        if fitting is None:
            return False
        match.captures[long] = Taken(words.reading, words.start + fitting[0], words.start + fitting[1])
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
    folded = passage.reading.folded
    if any(folded in heading.reading.folded for heading in candidate.heading_path()):
        return True
    if passage.words.marks(passage.start, passage.end) or re.search(r"[A-Za-z\ue000]", passage.plain):
        return True
    whole, start, end = passage.words.plain, passage.start, passage.end
    return start > 0 and end < len(whole) and whole[start - 1] in "（(《「“【\"'" and whole[end] in "）)》」”】\"'"


def first_failing(conditions: tuple[Conditions, ...], candidate: Candidate, match: Match) -> Condition | None:
    """Of `when`, whose lists are alternatives: a condition that fails, or None when all hold."""
    failing = None
    for alternative in conditions:
        failing = next((c for c in alternative.conditions if not c.holds(candidate, match)), None)
        if failing is None:
            return None
    return failing
