"""What a capture may take: the built-in types, and those that packs make from them."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import itemgetter

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import CAPITALS, DIGIT, LATIN, WORD, WORD_START, FoldedText
from deckgen.patterns.needed_features import NOTHING, Needed
from deckgen.patterns.regex import Regex, compile_regex
from deckgen.patterns.shapes import LATIN_WORD, SHAPES

MARKED = ("bold", "italic", "code", "link", "math", "highlight", "strike")
"""Types that are one span so marked in the Markdown."""

_LATIN = lazy_regex(SHAPES["latin"])
_LATIN_END = lazy_regex(LATIN_WORD)
_CJK_RUN = lazy_regex(SHAPES["cjk"])
_CAPITAL = "A-ZÀ-ÖØ-Þ"
_ALNUM = f"{_CAPITAL}a-zß-öø-ÿ0-9"
_ACRONYM = lazy_regex(
    rf"(?=[{_ALNUM}/&+.-]*[{_CAPITAL}][{_ALNUM}/&+.-]*[{_CAPITAL}])[{_CAPITAL}0-9][{_ALNUM}]*(?:[-/&+.][{_ALNUM}]+)*"
)
_QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』", "《": "》", '"': '"', "<": ">", "«": "»"}

ANY_LENGTH = 1_000_000_000

Refusal = str
"""Why a capture may not take a span, in words that end a sentence `x = … is not a name: …`."""


class CaptureType(Struct, frozen=True):
    """What a capture may take. `ends` lists the places where one that begins at `start` may end, shortest first."""

    name: str
    ends: Callable[[FoldedText, int], Iterable[int]] | None = None  # of a shape; None: anywhere up to `limit`
    limit: Callable[[FoldedText, int], int] = FoldedText.balanced_limit
    shortest: int = 1
    longest: int = ANY_LENGTH
    tests: tuple[Callable[[str], Refusal | None], ...] = ()  # on the folded text, trimmed
    articles: tuple[str, ...] = field(default=())
    is_noun_phrase: bool = False  # in English: it has the letter case that it has inside of a sentence
    is_verb: bool = False  # in English: behind other text it has its base form
    begins: re.Pattern[str] = WORD_START  # where one can begin
    mark: str = ""  # the mark that the span has in the Markdown
    needed: Needed = NOTHING  # features of which the text must hold one
    probe: Callable[[str], bool] | None = None  # whether a text, as read, may hold one anywhere

    def may_stand_in(self, folded_text: FoldedText) -> bool:
        """Whether a text may hold one at all: asked once, where a pattern would look for it at every place."""
        if self.probe is None:
            return True
        known = folded_text.probes
        if id(self) not in known:
            known[id(self)] = self.probe(folded_text.plain)
        return known[id(self)]

    def ends_at(self, folded_text: FoldedText, start: int) -> tuple[int, ...]:
        """The places where one of a shape may end that begins there, shortest first. Asked once, like `refusal`."""
        key = id(self), start
        if key not in folded_text.ends:
            folded_text.ends[key] = tuple(self.ends(folded_text, start)) if self.ends is not None else ()
        return folded_text.ends[key]

    def refusal(self, folded_text: FoldedText, start: int, end: int) -> Refusal | None:
        """Why this span may not be taken, or None. Asked once: most rules of a pack begin with the same subject."""
        key = id(self), start, end
        if key not in folded_text.refusals:
            folded_text.refusals[key] = self._refusal(folded_text, start, end)
        return folded_text.refusals[key]

    def _refusal(self, folded_text: FoldedText, start: int, end: int) -> Refusal | None:
        start, end = folded_text.trimmed(start, end)
        if start >= end:
            return "nothing is left of it"
        if self.shortest > 1 or self.longest < ANY_LENGTH:
            length = folded_text.length(start, end)
            if length < self.shortest:
                return f"{length} characters, {self.shortest} at least"
            if length > self.longest:
                return f"{length} characters, {self.longest} at most"
        if self.tests:
            text = folded_text.folded[start:end]
            tested = folded_text.tested
            for test in self.tests:  # most are those of the type that this one begins from
                key = id(test), start, end
                if key not in tested:
                    tested[key] = test(text)
                if refused := tested[key]:
                    return refused
        return None

    def is_outgrown(self, folded_text: FoldedText, start: int, end: int) -> bool:
        """Whether this span, and so any longer one from there, is too long."""
        return end - start > self.longest and folded_text.length(*folded_text.trimmed(start, end)) > self.longest

    def derive(
        self,
        name: str,
        *,
        length: tuple[int, int] | None = None,
        tests: Iterable[Callable[[str], Refusal | None]] = (),
        ends: Callable[[FoldedText, int], Iterable[int]] | None = None,
        probe: Callable[[str], bool] | None = None,
        articles: tuple[str, ...] = (),
        is_noun_phrase: bool = False,
        is_verb: bool = False,
        needed: Needed = NOTHING,
        until: re.Pattern[str] | None = None,
    ) -> CaptureType:
        """A type that begins from this one: its tests add up, a length or a shape takes the place of the former."""
        shortest, longest = length or (self.shortest, self.longest)
        return replace(
            self,
            name=name,
            shortest=shortest,
            longest=longest,
            tests=(*self.tests, *tests),
            ends=ends or self.ends,
            limit=_Stopping(self.limit, until) if until else self.limit,
            begins=WORD_START if ends else self.begins,
            mark="" if ends else self.mark,
            articles=articles or self.articles,
            is_noun_phrase=is_noun_phrase or self.is_noun_phrase,
            is_verb=is_verb or self.is_verb,
            needed=needed or (NOTHING if ends else self.needed),
            probe=probe if ends else self.probe,
        )


class _Stopping(Struct, frozen=True):
    """A limit that does not go past the first place, outside of inner brackets, where one of the words stands."""

    limit: Callable[[FoldedText, int], int]
    until: re.Pattern[str]

    def __call__(self, folded_text: FoldedText, start: int) -> int:
        end = self.limit(folded_text, start)
        for found in self.until.finditer(folded_text.folded, start + 1, end):
            if folded_text.is_level(start, found.start()):
                return found.start()
        return end


def _clause(folded_text: FoldedText, start: int) -> int:
    return folded_text.clause_limit(start, folded_text.balanced_limit(start))


def _sentence(folded_text: FoldedText, start: int) -> int:
    return folded_text.sentence_limit(start, folded_text.balanced_limit(start))


_REACH = 1_000
"""Characters of a run that is a number, a Latin or a Chinese term: a longer one is none, wherever it would end. To go
through all of it from each of its places would take quadratic time."""


class _Shaped(Struct, frozen=True):
    """The ends of what fits an expression."""

    shape: re.Pattern[str]

    def __call__(self, folded_text: FoldedText, start: int) -> Iterator[int]:
        start = _after_space(folded_text, start)
        found = self.shape.match(folded_text.folded, start, start + _REACH)
        if found and start < found.end() < start + _REACH and not folded_text.splits_word(start):
            end = found.end() - (len(found.group()) - len(found.group().rstrip()))
            if not folded_text.splits_word(end):
                yield end


def _after_space(folded_text: FoldedText, start: int) -> int:
    while start < len(folded_text.folded) and folded_text.folded[start] == " ":
        start += 1
    return start


def _latin_ends(folded_text: FoldedText, start: int) -> Iterator[int]:
    start = _after_space(folded_text, start)
    run = _LATIN.match(folded_text.folded, start, start + _REACH)
    if run and run.end() < start + _REACH and not folded_text.splits_word(start):
        for word in _LATIN_END.finditer(folded_text.folded, start, run.end()):
            if folded_text.is_chinese_code(word.start(), word.end()):
                return
            yield word.end()


def _cjk_ends(folded_text: FoldedText, start: int) -> Iterator[int]:
    if (run := _CJK_RUN.match(folded_text.folded, start, start + _REACH)) and run.end() < start + _REACH:
        yield from (end for end in range(start + 1, run.end() + 1) if not folded_text.splits_word(end))


def _acronym_ends(folded_text: FoldedText, start: int) -> Iterator[int]:
    start = _after_space(folded_text, start)
    if start >= len(folded_text.folded) or folded_text.splits_word(start):
        return
    first, _ = folded_text.plain_range(start, start + 1)
    if found := _ACRONYM.match(folded_text.plain, first, first + _REACH):
        end = start + len(found.group())
        if 2 <= len(found.group()) <= 12 and not folded_text.splits_word(end):
            yield end


def _quoted_ends(folded_text: FoldedText, start: int) -> Iterator[int]:
    start = _after_space(folded_text, start)
    if start < len(folded_text.folded) and (closing := _QUOTES.get(folded_text.folded[start])):
        last = start + _REACH
        end = folded_text.folded.find(closing, start + 1, last)
        while end > 0 and not folded_text.is_level(start, end + 1):
            end = folded_text.folded.find(closing, end + 1, last)
        if end > 0:
            yield end + 1


class _Marked(Struct, frozen=True):
    """The ends of what is so marked."""

    kind: str

    def __call__(self, folded_text: FoldedText, start: int) -> Iterator[int]:
        start = _after_space(folded_text, start)
        runs = folded_text.runs(self.kind)  # in order, and none in another
        index = bisect_right(runs, start, key=itemgetter(0))
        for begin, end in runs[max(index - 1, 0) : index]:
            if start < end and start == _after_space(folded_text, begin):
                if self.kind == "code" and folded_text.is_chinese_code(begin, end):
                    continue
                inner = folded_text.trimmed(begin, end)[1]
                if inner < end:  # the mark after a bold term may be bold itself
                    yield inner
                yield end


def _shape(name: str) -> CaptureType:
    shape = lazy_regex(SHAPES[name])
    needed = frozenset([DIGIT]) if name in ("year", "date") else NOTHING
    return CaptureType(name, ends=_Shaped(shape), begins=shape, needed=needed)


_LATIN_START = lazy_regex(rf"(?<![{WORD}])[{WORD}]|[\ue000\ue001_]")

BUILT_IN: Mapping[str, CaptureType] = {
    "text": CaptureType("text"),
    "phrase": CaptureType("phrase", limit=_clause),
    "rest": CaptureType("rest", limit=_sentence),
    "quoted": CaptureType("quoted", ends=_quoted_ends, begins=lazy_regex("[" + re.escape("".join(_QUOTES)) + "]")),
    "latin": CaptureType("latin", ends=_latin_ends, begins=_LATIN_START, needed=frozenset([LATIN])),
    "acronym": CaptureType("acronym", ends=_acronym_ends, begins=_LATIN_START, needed=frozenset([CAPITALS])),
    "cjk": CaptureType("cjk", ends=_cjk_ends, begins=_CJK_RUN),
    **{name: _shape(name) for name in ("number", "year", "date", "word")},
    **{name: CaptureType(name, ends=_Marked(name), mark=name) for name in MARKED},
}
"""The types that every pack knows."""


_REGEX_REACH = 4_000  # characters that an expression sees, from where the capture begins


class _Probe(Struct, frozen=True):
    """Whether an expression matches anywhere in a text that it sees as a whole; yes for a longer one, whose end it may
    not see.
    """

    regex: Regex

    def __call__(self, plain: str) -> bool:
        return len(plain) > _REGEX_REACH or self.regex.search(plain.encode("utf-8", "surrogatepass")) is not None


def regex_probe(expression: str) -> Callable[[str], bool]:
    """Whether a text may hold what an expression matches."""
    return _Probe(compile_regex(expression))


def regex_ends(expression: str) -> Callable[[FoldedText, int], Iterable[int]]:
    """A shape from a regular expression, in a linear-time engine. Raises `ValueError` with what is wrong with it."""
    return _RegexEnds(compile_regex(expression))


class _RegexEnds(Struct, frozen=True):
    """The end of what an expression matches."""

    regex: Regex

    def __call__(self, folded_text: FoldedText, start: int) -> Iterator[int]:
        start = _after_space(folded_text, start)
        if start < len(folded_text.folded):
            first, _ = folded_text.plain_range(start, start + 1)
            # One character before, for `\b` and `^`: the engine counts the bytes of all that stands in front.
            before = max(first - 1, 0)
            found = self.regex.match(folded_text.plain[before : first + _REGEX_REACH], first - before)
            if found and found.end() > first - before:
                end = folded_text.folded_place(before + found.end())
                if not folded_text.splits_word(end):
                    yield end
