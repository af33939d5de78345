"""`when` and `unless`: what must hold, beside the pattern, for a match to make a note."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from msgspec import Struct

from deckgen.patterns.match_state import Match, Taken
from deckgen.patterns.passage import Passage
from deckgen.rules.initials import fitting_words
from deckgen.rules.pattern_set import PatternSet


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


class Condition(Struct, frozen=True, eq=False):
    """One thing that must hold (or, in `unless`, must not). `about` says which, as `explain` prints it."""

    about: str
    names: frozenset[str]  # the captures that it looks at

    @property
    def texts(self) -> frozenset[str]:
        """It holds if its one value reads so, and else not; empty where it asks something else."""
        return frozenset()

    def holds(self, candidate: Candidate, match: Match) -> bool:
        """Whether it holds of a match."""
        raise NotImplementedError

    def held_by(self, candidate: Candidate, match: Match) -> str:  # noqa: ARG002 (conditions with patterns need both)
        """Of several patterns the one that holds, for `explain`; empty where there is nothing more to say."""
        return ""

    def words(self, candidate: Candidate, match: Match) -> str:  # noqa: ARG002 (the same)
        """The words of the note in which it holds, for `explain`."""
        return ""


class Conditions(Struct, frozen=True):
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


class OnText(Condition, frozen=True, eq=False):
    """`match` or `find` on one text."""

    head: str
    name: str
    tests: PatternSet

    def holds(self, candidate: Candidate, match: Match) -> bool:
        return self.tests.fitting(value_of(candidate, match, self.name)) is not None

    def held_by(self, candidate: Candidate, match: Match) -> str:
        return self.head + (self.tests.fitting(value_of(candidate, match, self.name)) or "")

    def words(self, candidate: Candidate, match: Match) -> str:
        return self.tests.words_in(value_of(candidate, match, self.name))


def on_text(word: str, name: str, tests: PatternSet) -> Condition:
    """`match` or `find` on one text."""
    head = f"{word}: {name + ': ' if name else ''}"
    return OnText(f"{head}{tests}", frozenset([name]), head, name, tests)


class Under(Condition, frozen=True, eq=False):
    """Some heading of the path, its own too, or a parent item."""

    tests: PatternSet

    def holds(self, candidate: Candidate, _: Match) -> bool:
        return any(map(self.tests.fit, candidate.heading_path()))

    def held_by(self, candidate: Candidate, _: Match) -> str:
        fitting = ((self.tests.fitting(heading), heading.shown) for heading in candidate.heading_path())
        return next((f"under: {text} (“{shown}”)" for text, shown in fitting if text is not None), "under")


def under(tests: PatternSet) -> Condition:
    """Some heading of the path, its own too, or a parent item."""
    return Under(f"under: {tests}", frozenset(), tests)


class Inside(Condition, frozen=True, eq=False):
    """An element that it stands in."""

    kinds: tuple[str, ...]

    def holds(self, candidate: Candidate, _: Match) -> bool:
        return any(kind in candidate.inside for kind in self.kinds)


def inside(kinds: tuple[str, ...]) -> Condition:
    """An element that it stands in."""
    return Inside(f"inside: {', '.join(kinds)}", frozenset(), kinds)


class OnPath(Condition, frozen=True, eq=False):
    """The source's path."""

    globs: tuple[str, ...]

    def holds(self, candidate: Candidate, _: Match) -> bool:
        return any(glob_matches(candidate.path, glob) for glob in self.globs)


def path(globs: tuple[str, ...]) -> Condition:
    """The source's path."""
    return OnPath(f"path: {', '.join(globs)}", frozenset(), globs)


def glob_matches(path_text: str, glob: str) -> bool:
    """Whether a path fits a glob in which `**/` also stands for nothing."""
    return fnmatch.fnmatchcase(path_text, glob) or (
        "**/" in glob and fnmatch.fnmatchcase(path_text, glob.replace("**/", ""))
    )


class Tagged(Condition, frozen=True, eq=False):
    """A tag of the element or the front matter: itself, or one below it."""

    tags: tuple[str, ...]

    def holds(self, candidate: Candidate, _: Match) -> bool:
        return any(is_asked_tag(own, self.tags) for own in candidate.tags)


def tag(names: tuple[str, ...]) -> Condition:
    """A tag of the element or the front matter: itself, or one below it."""
    return Tagged(f"tag: {', '.join(names)}", frozenset(), names)


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
    return "" if passage is None else passage.reading


class PropertyIs(Condition, frozen=True, eq=False):
    """What the element is: a text, true or false, or a range of numbers."""

    name: str
    wanted: tuple[str | bool, ...]
    read: frozenset[str]  # the texts, where nothing else is wanted

    @property
    def texts(self) -> frozenset[str]:
        return self.read

    def holds(self, candidate: Candidate, match: Match) -> bool:
        text = reading(value_of(candidate, match, self.name))
        if self.read:
            return text in self.read
        for want in self.wanted:
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


def property_is(name: str, wanted: tuple[str | bool, ...]) -> Condition:
    """What the element is: a text, true or false, or a range of numbers."""
    texts = [want.casefold() for want in wanted if isinstance(want, str) and ".." not in want]
    about = f"is: {name}: {', '.join(map(str, wanted))}"
    are_texts = len(texts) == len(wanted)
    return PropertyIs(about, frozenset([name]), name, wanted, frozenset(texts if are_texts else ()))


class Length(Condition, frozen=True, eq=False):
    """How many characters a reader sees, inclusive; in `prose` without code, math and links."""

    name: str
    low: int
    high: int
    of_prose: bool

    def holds(self, candidate: Candidate, match: Match) -> bool:
        passage = value_of(candidate, match, self.name)
        if passage is None:
            return self.low <= 0 <= self.high
        return self.low <= len(passage.prose.strip() if self.of_prose else passage.shown) <= self.high


def length(word: str, name: str, low: int, high: int) -> Condition:
    """How many characters a reader sees, inclusive; `word` is `length` or `prose`."""
    bounds = f"{low}..{'' if high >= _ANY else high}"
    about = f"{word}: {name + ': ' if name else ''}{bounds}"
    return Length(about, frozenset([name]), name, low, high, word == "prose")


class Initials(Condition, frozen=True, eq=False):
    """One capture is the other's initials; the long one is cut to the words that fit."""

    short: str
    long: str

    def holds(self, _: Candidate, match: Match) -> bool:
        letters, words = match.captures.get(self.short), match.captures.get(self.long)
        if letters is None or words is None:
            return False
        short = letters.folded_text.plain[slice(*letters.folded_text.plain_range(letters.start, letters.end))]
        fitting = fitting_words(words.folded, short)
        if fitting is None:
            return False
        match.captures[self.long] = Taken(words.folded_text, words.start + fitting[0], words.start + fitting[1])
        return True


def initials(short: str, long: str) -> Condition:
    """One capture is the other's initials; the long one is cut to the words that fit."""
    return Initials(f"initials: {short}, {long}", frozenset([short, long]), short, long)


class Known(Condition, frozen=True, eq=False):
    """A term that stands out: in the heading path, emphasised, Latin, or in brackets."""

    terms: tuple[str, ...]

    def holds(self, candidate: Candidate, match: Match) -> bool:
        for name in self.terms:
            passage = value_of(candidate, match, name)
            if passage is None or not _stands_out(passage, candidate):
                return False
        return True


def known(names: tuple[str, ...]) -> Condition:
    """A term that stands out: in the heading path, emphasised, Latin, or in brackets."""
    return Known(f"known: {', '.join(names)}", frozenset(names), names)


def _stands_out(passage: Passage, candidate: Candidate) -> bool:
    folded = passage.folded_text.folded
    if any(folded in heading.folded_text.folded for heading in candidate.heading_path()):
        return True
    if passage.text.marks(passage.start, passage.end) or re.search(r"[A-Za-z\ue000]", passage.plain):
        return True
    whole, start, end = passage.text.plain, passage.start, passage.end
    return start > 0 and end < len(whole) and whole[start - 1] in "（(《「“【\"'" and whole[end] in "）)》」”】\"'"


class Either(Condition, frozen=True, eq=False):
    """One alternative of several, each of conditions that must all hold."""

    alternatives: tuple[tuple[Condition, ...], ...]

    def holds(self, candidate: Candidate, match: Match) -> bool:
        for one in self.alternatives:
            for condition in one:
                if not condition.holds(candidate, match):
                    break
            else:
                return True
        return False


def either(alternatives: Sequence[Sequence[Condition]]) -> Condition:
    """One alternative of several, each of conditions that must all hold; those that look up a text are asked first."""
    return Either(
        " | ".join("; ".join(condition.about for condition in one) for one in alternatives),
        frozenset(name for one in alternatives for condition in one for name in condition.names),
        tuple(tuple(sorted(one, key=lambda condition: not condition.texts)) for one in alternatives),
    )


def first_failing(conditions: tuple[Conditions, ...], candidate: Candidate, match: Match) -> Condition | None:
    """Of `when`, whose lists are alternatives: a condition that fails, or None when all hold."""
    failing = None
    for alternative in conditions:
        failing = next((c for c in alternative.conditions if not c.holds(candidate, match)), None)
        if failing is None:
            return None
    return failing
