"""Several patterns × a passage → whether one of them holds, with a screen in front that says no to nearly all texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from deckgen.markdown.cached_property import cached_property
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.literals import is_plain, plain_expression
from deckgen.patterns.match_state import Match
from deckgen.patterns.needed_features import Needed, one_of
from deckgen.patterns.passage import Passage
from deckgen.patterns.pattern import Pattern
from deckgen.patterns.screen import Screen

Test = Callable[[Passage], bool]
"""Whether a pattern holds of a passage."""


class PatternSet:
    """Patterns one of which is enough; `is_found`: anywhere from some word on, not only where the text begins."""

    def __init__(self, patterns: Sequence[Pattern], *, is_found: bool) -> None:
        self._patterns, self._is_found = patterns, is_found

    def __getstate__(self) -> dict[str, object]:
        """For a cache: what it takes to test is made again, but for what stands in front."""
        kept = ("_patterns", "_is_found", "_needed", "_screen")
        return {name: getattr(self, name) for name in kept}

    @cached_property
    def _tests(self) -> dict[int, tuple[str, Test]]:
        return {}

    def _test(self, place: int) -> tuple[str, Test]:
        """One of the patterns as written, and as a test, which is made when it is first needed."""
        if place not in self._tests:
            pattern = self._patterns[place]
            self._tests[place] = pattern.text, (_finding if self._is_found else _matching)(pattern)
        return self._tests[place]

    @cached_property
    def _needed(self) -> Needed:
        """Features of which a text must hold one for any of them to fit."""
        return one_of(tuple(pattern.parts for pattern in self._patterns))

    @cached_property
    def _screen(self) -> Screen:
        return Screen((pattern.parts for pattern in self._patterns), is_found=self._is_found)

    def fitting(self, passage: Passage | None) -> str | None:
        """The first of the patterns, as written, that holds of a passage; None for none."""
        if passage is None:
            return None
        for place in self._passing(passage.folded_text):
            text, test = self._test(place)
            if test(passage):
                return text
        return None

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

    def _passing(self, folded_text: FoldedText) -> list[int]:
        """Which of them may hold."""
        if self._needed and self._needed.isdisjoint(folded_text.features):
            return []
        start = 0 if self._is_found else folded_text.first_word(None)
        return self._screen.passing(folded_text.folded[start:])

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
