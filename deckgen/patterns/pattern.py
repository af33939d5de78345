"""Checked patterns: pattern text → `Pattern`, which knows what a text must hold for it, and looks for a way to fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct

from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import WORD_START, FoldedText
from deckgen.patterns.literals import compiled, is_plain, needed_expressions, plain_expression, verbatim
from deckgen.patterns.match_state import Accept, Match, Step
from deckgen.patterns.matching import Context, compile_steps, finder_of
from deckgen.patterns.needed_features import NOTHING, Needed, needs
from deckgen.patterns.pattern_syntax import Capture, Literal, Part, PatternError, Sequence, captures_in, parse_pattern
from deckgen.patterns.types import CaptureType


class Pattern:
    """A checked pattern. What it takes to match is made when it is first used: most rules never meet their words."""

    def __init__(
        self, text: str, parts: Sequence, types: Callable[[str], CaptureType | None], *, is_verbatim: bool = False
    ) -> None:
        found = captures_in(parts)
        counts = Counter(capture.name for capture in found if capture.name)
        self.text = text
        self.names = tuple(counts)
        self.type_of: Mapping[str, str] = {capture.name: capture.type for capture in found if capture.name}
        self.parts = parts
        self._types = {capture.type: types(capture.type) for capture in found if not capture.inner}
        self._repeated = frozenset(name for name, count in counts.items() if count > 1)
        self._is_verbatim = is_verbatim

    def __getstate__(self) -> dict[str, object]:
        """For a cache: what it takes to match is made again, of the text."""
        kept = ("text", "names", "type_of", "_types", "_repeated", "_is_verbatim", "needs", "all_needs")
        return {name: getattr(self, name) for name in kept}

    @cached_property
    def parts(self) -> Sequence:
        """What it is made of."""
        return parse_pattern(self.text)

    @cached_property
    def _context(self) -> Context:
        return Context(self._types.get, self._repeated, self._is_verbatim)

    @cached_property
    def _needed_words(self) -> tuple[str | re.Pattern[str], ...]:
        return tuple(_needed_words(self.parts))

    @cached_property
    def _first(self) -> re.Pattern[str] | None:
        return finder_of(self.parts)

    @cached_property
    def _begins(self) -> re.Pattern[str]:
        first = self.parts[0]
        kind = self._types[first.type] if isinstance(first, Capture) and not first.inner else None
        return WORD_START if kind is None else kind.begins

    @cached_property
    def _marks(self) -> tuple[str, ...]:
        """Marks that the Markdown must have somewhere."""
        return tuple({mark for part in self.parts if (mark := self.mark_of(part))})

    @cached_property
    def _probed(self) -> tuple[CaptureType, ...]:
        """The types of its nameless captures that say whether a text may hold one. A name may be bound otherwise."""
        nameless = (part for part in self.parts if isinstance(part, Capture) and not part.inner and not part.name)
        kinds = (self._types[part.type] for part in nameless)
        return tuple({id(kind): kind for kind in kinds if kind is not None and kind.probe is not None}.values())

    def mark_of(self, part: Part) -> str:
        """The mark without which a part cannot fit: of a capture of marked text; empty for none."""
        kind = self._types[part.type] if isinstance(part, Capture) and not part.inner else None
        return "" if kind is None else kind.mark

    @cached_property
    def _run(self) -> Step:
        return compile_steps(self.parts, self._context)

    def may_match(self, folded_text: FoldedText) -> bool:
        """Whether the words that the pattern needs are there, in order: cheap, and never wrong about a no."""
        features = folded_text.features
        return not any(need.isdisjoint(features) for need in self.needs) and self.has_words(folded_text)

    def has_words(self, folded_text: FoldedText) -> bool:
        """The second half of it, for a text that is known to have all that the pattern needs."""
        if self._marks and not all(map(folded_text.runs, self._marks)):
            return False
        place, text = 0, folded_text.folded
        for need in self._needed_words:
            if isinstance(need, str):
                place = text.find(need, place) + len(need)
                if place < len(need):
                    return False
            else:
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
        kind = self._types[name]
        return NOTHING if kind is None else kind.needed

    def beginning(self, count: int) -> Pattern:
        """The first parts of it, as a pattern: how far the whole one fits, for `explain`."""
        return Pattern(self.text, self.parts[:count], self._types.get, is_verbatim=self._is_verbatim)

    def match(self, folded_text: FoldedText, start: int, match: Match, accept: Accept) -> bool:
        """Whether the pattern fits `folded_text` at `start`, in a way that `accept` takes."""
        if match.refused is None:  # nobody wants to know what each place lacks
            for kind in self._probed:
                if not kind.may_stand_in(folded_text):
                    return False
        outer = match.folded_text, match.text, match.start, match.accept, match.failed, match.starts
        # What fails, fails from any beginning; but a name that another pattern has bound may be asked for again.
        failed = set() if match.captures else match.memo.setdefault((id(self), id(folded_text)), set())
        match.folded_text, match.text, match.start, match.failed, match.starts = (
            folded_text,
            folded_text.folded,
            start,
            failed,
            {},
        )

        def accept_outside(inner: Match, end: int) -> bool:  # another pattern may run in there
            own = inner.folded_text, inner.text, inner.start, inner.accept, inner.failed, inner.starts
            inner.folded_text, inner.text, inner.start, inner.accept, inner.failed, inner.starts = outer
            try:
                return accept(inner, end)
            finally:
                inner.folded_text, inner.text, inner.start, inner.accept, inner.failed, inner.starts = own

        match.accept = accept_outside
        try:
            return self._run(match, start)
        finally:
            match.folded_text, match.text, match.start, match.accept, match.failed, match.starts = outer

    def next_start(self, folded_text: FoldedText, place: int) -> int:
        """The next place at or after `place` where the pattern could begin: a word, or its own first words."""
        text = folded_text.folded
        if self._first is not None:
            found = self._first.search(text, place)
            return len(text) + 1 if found is None else found.start()
        while (found := self._begins.search(text, place)) is not None:
            place = found.start()
            if text[place] != " " and not folded_text.splits_word(place):
                return place
            place += 1
        return len(text)


def _needed_words(parts: Sequence) -> Iterator[str | re.Pattern[str]]:
    """What a text must hold, in this order: as it stands, or by an expression."""
    for part in parts:
        if isinstance(part, Literal) and (text := verbatim(part.text)):
            yield text
        else:
            yield from map(compiled, needed_expressions((part,)))


def compile_pattern(text: str, types: Callable[[str], CaptureType | None], *, is_verbatim: bool = False) -> Pattern:
    """Compile a pattern; `types` finds a type by its name, verbatim captures keep the punctuation at their ends.
    Raises `PatternError`.
    """
    parts = parse_pattern(text)
    for capture in captures_in(parts):
        if not capture.inner and types(capture.type) is None:
            raise PatternError(f"unknown type `{capture.type}`", capture.offset, kind="unknown-type")
    return Pattern(text, parts, types, is_verbatim=is_verbatim)


def parse_plain(text: str) -> Sequence:
    """The parts of a pattern without captures. Raises `PatternError`."""
    parts = parse_pattern(text)
    if not is_plain(parts):
        raise PatternError("no capture can stand here", captures_in(parts)[0].offset)
    return parts


class _WholeLine(Struct, frozen=True):
    whole: re.Pattern[str]

    def __call__(self, line: str) -> bool:
        return self.whole.match(FoldedText(line).folded) is not None


def compile_line(text: str) -> Callable[[str], bool]:
    """A capture-free pattern as a test whether a line is nothing else. Raises `PatternError`."""
    return _WholeLine(lazy_regex(rf"\s*(?:{plain_expression(parse_plain(text))})\s*$", re.DOTALL))
