"""Patterns without captures → a test of short texts by sets of words, where one expression would take long to compile.

Types refuse hundreds of words: at the beginning of a capture, at its end, anywhere in it. Single words and runs of
Chinese characters are looked up; what is left (several words, gaps, shapes) is one regular expression.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.literals import END, joined, one_of, plain_expression, verbatim
from deckgen.patterns.pattern_syntax import End, Gap, Group, Literal, Sequence
from deckgen.patterns.screen import Screen

_WORD = lazy_regex(r"[0-9A-Za-z_\u00c0-\u024f]+")  # as `literals.BEGIN` and `literals.STOP` part words
_SPACE = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
_CLOSING = _SPACE + "\u2028\u2029\u202f\u205f\u3000。."  # what may stand behind the end


class WordLists:
    """Whether one of several patterns fits a folded text from its beginning on, as an expression of them all would."""

    def __init__(self, patterns: Iterable[Sequence]) -> None:
        self._characters: dict[tuple[bool, bool], list[str]] = {}  # by whether a gap is before, and the end behind
        self._words: dict[tuple[bool, bool], set[str]] = {}
        self._patterns: list[tuple[bool, bool]] = []  # the same two of each
        self._rest: list[tuple[int, Sequence]] = []  # choices that are no words, by pattern
        for parts in patterns:
            self._add(parts)
        self._beginnings = tuple(self._characters.get((False, False), ()))
        self._endings = tuple(self._characters.get((True, True), ()))
        self._has_ascii = any(one.isascii() for several in self._characters.values() for one in several)

    def _add(self, parts: Sequence) -> None:
        has_gap = len(parts) > 1 and isinstance(parts[0], Gap)
        has_end = isinstance(parts[-1], End)
        inner = parts[has_gap : len(parts) - has_end]
        group = inner[0] if len(inner) == 1 else None
        choices: Iterable[Sequence] = group.choices if isinstance(group, Group) and not group.is_optional else (inner,)
        rest: list[Sequence] = []
        for choice in choices:
            literal = choice[0].text if len(choice) == 1 and isinstance(choice[0], Literal) else ""
            if literal.isascii() and literal.isalpha():
                self._words.setdefault((has_gap, has_end), set()).add(literal.lower())
            elif literal and (found := verbatim(literal)) is not None:
                self._characters.setdefault((has_gap, has_end), []).append(found)
            else:
                rest.append(choice)
        self._rest.extend((len(self._patterns), choice) for choice in rest)
        self._patterns.append((has_gap, has_end))

    def __getstate__(self) -> dict[str, object]:
        """For a cache: the parts of patterns as expressions."""
        kept = ("_characters", "_words", "_beginnings", "_endings", "_patterns", "_screen", "_written", "_has_ascii")
        return {name: getattr(self, name) for name in kept}

    @cached_property
    def _screen(self) -> Screen | None:
        """What says which of them may fit: most texts none; the rest are compiled one by one, and most are never."""
        found: list[Sequence] = []
        for number, choice in self._rest:
            has_gap, has_end = self._patterns[number]
            found.append((*([Gap()] if has_gap else ()), *choice, *([End()] if has_end else ())))
        return Screen(found, is_found=False) if found else None

    @cached_property
    def _written(self) -> list[tuple[int, str]]:
        return [(number, plain_expression(choice)) for number, choice in self._rest]

    def find(self, text: str) -> str | None:
        """The words of the text that one of the patterns has; None where none fits."""
        found = self._find_characters(text) if self._has_ascii or not text.isascii() else None
        found = found or (self._find_word(text) if self._words else None)
        if found is not None or self._screen is None:
            return found
        passing = [self._written[place] for place in self._screen.passing(text)]
        for number, of_pattern in groupby(passing, key=itemgetter(0)):
            match = self._compiled(number, tuple([written for _, written in of_pattern])).match(text)
            if match is not None:
                words: str = next((group for group in match.groups() if group), None) or match.group()
                return words.strip()
        return None

    def _compiled(self, number: int, choices: tuple[str, ...]) -> re.Pattern[str]:
        """Some choices of a pattern, as one expression."""
        known = self._known.get((number, choices))
        if known is None:
            has_gap, has_end = self._patterns[number]
            expression = joined([one_of(list(choices)), *([END] if has_end else [])])
            # What stands after a leading gap is a group of its own: the words that `explain` shows.
            known = re.compile(f".*?({expression})" if has_gap else expression, re.DOTALL)
            self._known[number, choices] = known
        return known

    @cached_property
    def _known(self) -> dict[tuple[int, tuple[str, ...]], re.Pattern[str]]:
        return {}

    def _find_characters(self, text: str) -> str | None:
        if text.startswith(self._beginnings):
            return next(one for one in self._beginnings if text.startswith(one))
        anywhere = self._characters.get((True, False), ())
        if any(map(text.__contains__, anywhere)):
            return next(one for one in anywhere if one in text)
        closed = text.rstrip(_CLOSING)
        if closed.endswith(self._endings):
            return next(one for one in self._endings if closed.endswith(one))
        return closed if closed in self._characters.get((False, True), ()) else None

    def _find_word(self, text: str) -> str | None:
        words, nothing = self._words, frozenset[str]()
        found = _WORD.match(text)
        first = found.group() if found is not None else ""
        if not first and (True, False) not in words and (True, True) not in words:
            return None
        if first in words.get((False, False), nothing):
            return first
        closed = text.rstrip(_CLOSING)
        if closed in words.get((False, True), nothing):
            return closed
        if (True, False) in words or (True, True) in words:
            tokens: list[str] = _WORD.findall(text)
            if hit := next((token for token in tokens if token in words.get((True, False), nothing)), None):
                return hit
            if tokens and tokens[-1] in words.get((True, True), nothing) and closed.endswith(tokens[-1]):
                return tokens[-1]
        return None
