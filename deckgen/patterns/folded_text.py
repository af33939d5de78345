"""Text as a pattern reads it: letter case, the width of punctuation and idle white space folded, brackets paired.

Every position here is one of the folded text; `plain_range` leads back to the text as read.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from functools import lru_cache
from itertools import accumulate
from operator import add
from typing import Protocol

from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import enumerator_end
from deckgen.patterns.chinese_words import word_insides

_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0x0A: 0x20, 0x09: 0x20, 0xA0: 0x20}
_SPACES = str.maketrans("\n\t", "  ")
_WIDTH |= {ord("’"): ord("'"), ord("‐"): ord("-"), ord("‑"): ord("-")}

CJK = "\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff"
"""Chinese characters and marks, kana and full-width forms, as the inside of a character class."""
WORD = "0-9A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02af\u0370-\u1fff"
"""Letters and digits of scripts that put spaces between words."""
MARK = r"!-/:-@\[-`{-~·–—“”‘’«»"
"""Punctuation of those scripts; white space beside it never matters either."""

IDLE = lazy_regex(rf"(?=\s)(?:(?<=[{CJK}])\s+|\s+(?=[{CJK}]))")  # white space first: it is rare
RUN = 16
"""Of a longer run of one mark, or of white space, patterns see so much: to look at each of its places for where a word
or a capture ends would take quadratic time."""
LONG_RUN = lazy_regex(rf"([^\w\s])\1{{{RUN},}}")
_LONG_SPACE = lazy_regex(rf"\s{{{RUN + 1},}}")
_HAS_CJK = lazy_regex(rf"[{CJK}]")
_BRACKETS = {
    "(": ")",
    "[": "]",
    "{": "}",
    "“": "”",
    "‘": "’",
    "「": "」",
    "『": "』",
    "《": "》",
    "〈": "〉",
    "【": "】",
    "«": "»",
}
_CLOSING = frozenset(_BRACKETS.values())
_ANY_BRACKET = lazy_regex("[" + re.escape("".join([*_BRACKETS, *_CLOSING])) + '"]')
_ATOMS = "\ue000\ue001\ue002\ue003"
_CODE = "\ue000"
_CHINESE = lazy_regex("[\u3400-\u9fff]")
_ASCII_LETTER = lazy_regex("[A-Za-z]")
_WORD = lazy_regex(f"[{WORD}]")
_CLAUSE = r"[。；，：！？]|[,:;!?](?=\s|$|[^\x21-\x7e])|(?<=[^\x00-\x7f])[,:;!?]|—|(?<=\s)[-–](?=\s)"
CLAUSE_MARK = lazy_regex(
    _CLAUSE
    +
    # A full stop ends no clause where a small letter follows (`etc. are`), nor behind an ordinal (`3. Mai`).
    r"|(?<![\s.(][A-Za-z])(?<![\s(]\d)(?<![\s(]\d\d)\.(?=\s+[^\sa-z\u00df-\u00ff]|\s*$)"
)
CLAUSE_MARK_IN_SENTENCE = lazy_regex(_CLAUSE)
"""The same in a text that is one sentence, in which a full stop is an abbreviation's (`Dr. Ohm`)."""
SENTENCE_MARK = lazy_regex(r"[。！？]|[!?](?=\s|$|[^\x21-\x7e])|(?<=[^\x00-\x7f])[!?]")
WORD_START = lazy_regex(rf"(?<![{WORD}])[{WORD}]|[^{WORD} ]")
"""Where a word or a character that is none begins; a number with a point in it begins once more inside."""
EDGE = " ,.;:。、\t\n"
"""What a capture drops at its ends (law 4), as folded."""
_NEAR = 8  # characters of it that are gone through one by one: more is rare, and looked up


def fold_characters(text: str) -> str:
    """Letter case and width folded, one character for one."""
    if text.isascii():
        return text.translate(_SPACES).lower()
    folded = text.translate(_WIDTH)
    lower = folded.lower()
    return lower if len(lower) == len(folded) else "".join(c.lower() if len(c.lower()) == 1 else c for c in folded)


IDEOGRAPHS = lazy_regex("[\u4e00-\u9fff]+")
_RUN = lazy_regex(r"[a-z0-9_]{2,}")

DIGIT, LATIN, CAPITALS = r"\d", r"\l", r"\A"
"""Features that a text has which holds a digit, a Latin letter, two capital letters in a word."""
_CAPITAL = "A-ZÀ-ÖØ-Þ"
_KINDS = (
    (DIGIT, lazy_regex(r"\d")),
    (LATIN, lazy_regex(f"[{WORD}\ue000\ue001_]")),
    (CAPITALS, lazy_regex(rf"[{_CAPITAL}][^\s，。；：、（）]*[{_CAPITAL}]")),
)


def features_of(folded: str, plain: str) -> frozenset[str]:
    """The features of a text, folded and as read: its runs of ASCII letters and digits, each of its characters,
    pairs of them where some are Chinese, and what sorts of them there are.
    """
    found = set(folded)
    if not folded.isascii() and IDEOGRAPHS.search(folded):
        found.update(map(add, folded, folded[1:]))
    found.update(_RUN.findall(folded))
    found.update(name for name, expression in _KINDS if expression.search(plain))
    return frozenset(found)


class _Folding:
    """What patterns make of a text, whoever owns it: most texts are asked for as an item, a sentence and a clause."""

    __slots__ = ("_features", "back", "folded", "plain", "wide")

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self.back: list[int] | None = None  # of each place of the folded text the one in the text as read
        dropped: list[tuple[int, int]] = []
        if not plain.isascii() and _HAS_CJK.search(plain):
            dropped = [gap.span() for gap in IDLE.finditer(plain)]
        if len(plain) > RUN and (LONG_RUN.search(plain) or _LONG_SPACE.search(plain)):
            # The last one stays, so that what ends behind the run in the folded text ends there in the text as read.
            dropped += [(run.start() + RUN - 1, run.end() - 1) for run in LONG_RUN.finditer(plain)]
            dropped += [(run.start() + RUN - 1, run.end() - 1) for run in _LONG_SPACE.finditer(plain)]
            dropped.sort()
        if dropped:
            back: list[int] = []
            last = 0
            for first, end in dropped:
                back.extend(range(last, first))
                last = max(last, end)
            back.extend(range(last, len(plain)))
            self.back = back
            plain = "".join(map(plain.__getitem__, back))
        self.wide = plain  # as `folded`, but with marks of their own width: a full-width comma always ends a clause
        self.folded = fold_characters(plain)
        self._features: frozenset[str] | None = None

    @property
    def features(self) -> frozenset[str]:
        if self._features is None:
            self._features = features_of(self.folded, self.plain)
        return self._features


_SHORT = 1000  # characters: what is longer is a whole section, of which there is one
_folding = lru_cache(maxsize=128)(_Folding)


class Owner(Protocol):
    """The passage that a folded text was made of: it knows marks, and how atoms (code, math) are shown."""

    def shown_length(self, start: int, end: int) -> int: ...
    def shown_range(self, start: int, end: int) -> str: ...
    def mark_runs(self, kind: str) -> list[tuple[int, int]]: ...
    @property
    def is_sentence(self) -> bool: ...


class FoldedText:
    """One text, prepared once for all the patterns that look at it."""

    def __init__(self, plain: str, owner: Owner | None = None) -> None:
        self.plain = plain
        self.owner = owner
        self._folding = folding = _folding(plain) if len(plain) <= _SHORT else _Folding(plain)
        self._back, self._wide, self.folded = folding.back, folding.wide, folding.folded
        self._runs: dict[str, list[tuple[int, int]]] = {}
        self.starts: dict[object, int] = {}  # where a pattern begins, per list of words to skip
        self.refusals: dict[tuple[int, int, int], str | None] = {}  # of types, by id: why they do not take a span
        self.probes: dict[int, bool] = {}  # of types, by id: whether one may stand anywhere
        self.tests: dict[int, bool] = {}  # of conditions, by id: whether one of their patterns fits
        self.tested: dict[tuple[int, int, int], str | None] = {}  # the same, of the single tests of types
        self.ends: dict[tuple[int, int], tuple[int, ...]] = {}  # of types, by id: where one may end that begins there
        self._clauses: dict[tuple[int, int], int] = {}  # where the clause ends that a place stands in
        self._run_starts: list[int] | None = None
        self._insides: dict[int, frozenset[int]] = {}  # of runs of Chinese characters: the places inside of their words

    @property
    def features(self) -> frozenset[str]:
        """What of it can be looked up."""
        return self._folding.features

    def __len__(self) -> int:
        return len(self.folded)

    def plain_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of the text as read that stands for a non-empty range here."""
        if self._back is None:
            return start, end
        return self._back[start], self._back[end - 1] + 1

    def folded_place(self, place: int) -> int:
        """The position here of a position in the text as read."""
        return place if self._back is None else bisect_left(self._back, place)

    def length(self, start: int, end: int) -> int:
        """Characters as a reader sees them: code and math as they are shown."""
        first, last = self.plain_range(start, end)
        if self.owner is None or not self._has_atoms:
            return last - first
        return self.owner.shown_length(first, last)

    @cached_property
    def _has_atoms(self) -> bool:
        return any(map(self.plain.__contains__, _ATOMS))

    def runs(self, kind: str) -> list[tuple[int, int]]:
        """The spans so marked in the Markdown: `bold`, `code`, …"""
        if self.owner is None:
            return []
        if kind not in self._runs:
            spans = ((self.folded_place(a), self.folded_place(b)) for a, b in self.owner.mark_runs(kind))
            self._runs[kind] = [(a, b) for a, b in spans if a < b]
        return self._runs[kind]

    def is_chinese_code(self, start: int, end: int) -> bool:
        """Whether Chinese words are set in code, as some authors mark what matters: that is neither code nor Latin."""
        if self.owner is None or _CODE not in self.folded[start:end]:
            return False
        shown = self.owner.shown_range(*self.plain_range(start, end))
        return _CHINESE.search(shown) is not None and _ASCII_LETTER.search(shown) is None

    def trimmed(self, start: int, end: int) -> tuple[int, int]:
        """The range without white space and `，。、；：,.;:` at its ends (law 4)."""
        text = self.folded
        if start < end and text[start] in EDGE:
            near = min(end, start + _NEAR)
            while start < near and text[start] in EDGE:
                start += 1
            if start == near < end:
                start = min(end, self._edges[0][start])
        if start < end and text[end - 1] in EDGE:
            near = max(start, end - _NEAR)
            while end > near and text[end - 1] in EDGE:
                end -= 1
            if start < near == end:
                end = max(start, self._edges[1][end])
        return start, end

    def stripped(self, start: int, end: int) -> tuple[int, int]:
        """The range without white space at its ends: what a verbatim capture takes."""
        text = self.folded
        while start < end and text[start].isspace():
            start += 1
        while start < end and text[end - 1].isspace():
            end -= 1
        return start, end

    @cached_property
    def _edges(self) -> tuple[list[int], list[int]]:
        """For each place the next one behind which something is kept, and the last one before which it is."""
        text, following, before = self.folded, [0] * (len(self.folded) + 1), [0] * (len(self.folded) + 1)
        following[len(text)] = len(text)
        for place in range(len(text) - 1, -1, -1):
            following[place] = following[place + 1] if text[place] in EDGE else place
        for place in range(1, len(text) + 1):
            before[place] = before[place - 1] if text[place - 1] in EDGE else place
        return following, before

    @cached_property
    def _depths(self) -> list[int] | None:
        """How deep in paired brackets each position stands (a closing one at the depth outside); None without any."""
        text = self.folded
        if not _ANY_BRACKET.search(text):
            return None
        stack: list[tuple[str, int]] = []
        opened: Counter[str] = Counter()  # what is on the stack
        pairs: dict[int, int] = {}

        def close(mark: str, place: int) -> None:
            while stack[-1][0] != mark:  # an unmatched opening bracket inside is an ordinary character
                opened[stack.pop()[0]] -= 1
            opened[mark] -= 1
            pairs[stack.pop()[1]] = place

        for found in _ANY_BRACKET.finditer(text):
            mark, place = found.group(), found.start()
            if opened[mark]:
                close(mark, place)
            elif mark == '"' or mark in _BRACKETS:
                closing = _BRACKETS.get(mark, mark)
                stack.append((closing, place))
                opened[closing] += 1
        change = [0] * (len(text) + 2)
        for begin, end in pairs.items():
            change[begin + 1] += 1
            change[end + 1] -= 1
        return list(accumulate(change[: len(text) + 1]))

    def balanced_limit(self, start: int) -> int:
        """How far a span from `start` can reach without taking a bracket whose partner stands before it."""
        depths = self._depths
        if depths is None or not depths[start]:
            return len(self.folded)
        return self._limits[start]

    @cached_property
    def _limits(self) -> list[int]:
        """Before which place each position meets one that is less deep."""
        depths = self._depths or []
        limits, waiting = [len(self.folded)] * len(depths), list[int]()
        for place, depth in enumerate(depths):
            while waiting and depths[waiting[-1]] > depth:
                limits[waiting.pop()] = place - 1
            waiting.append(place)
        return limits

    def is_level(self, start: int, end: int) -> bool:
        """Whether a span within `balanced_limit` ends outside of every pair that opens in it."""
        depths = self._depths
        return depths is None or depths[start] == depths[end]

    def splits_word(self, place: int) -> bool:
        """Whether a word or a number would be cut at `place`."""
        text = self.folded
        if not 0 < place < len(text):
            return False
        before, after = text[place - 1], text[place]
        if before == " " or after == " ":
            return False
        if "\u4e00" <= after <= "\u9fff":
            return "\u4e00" <= before <= "\u9fff" and self._splits_chinese(place)
        if _WORD.match(after):
            if _WORD.match(before):
                return True
            return before in ".," and after.isdigit() and place > 1 and text[place - 2].isdigit()
        return after in ".," and before.isdigit() and place + 1 < len(text) and text[place + 1].isdigit()

    def _splits_chinese(self, place: int) -> bool:
        """The same between two Chinese characters. The dictionary is asked about the run that they stand in."""
        if self._run_starts is None:
            self._run_starts = [run.start() for run in IDEOGRAPHS.finditer(self.folded)]
        start = self._run_starts[bisect_left(self._run_starts, place) - 1]
        if start not in self._insides:
            run = IDEOGRAPHS.match(self.folded, start)
            assert run is not None  # one begins there
            self._insides[start] = word_insides(self.folded, start, run.end())
        return place in self._insides[start]

    def clause_limit(self, start: int, limit: int) -> int:
        """Where the clause ends that `start` stands in: the next clause mark that is outside of inner brackets."""
        key = start, limit
        if key not in self._clauses:
            is_sentence = self.owner is not None and self.owner.is_sentence
            self._clauses[key] = self._next_mark(CLAUSE_MARK_IN_SENTENCE if is_sentence else CLAUSE_MARK, start, limit)
        return self._clauses[key]

    def sentence_limit(self, start: int, limit: int) -> int:
        """Where the sentence ends that `start` stands in."""
        return self._next_mark(SENTENCE_MARK, start, limit)

    def _next_mark(self, marks: re.Pattern[str], start: int, limit: int) -> int:
        for found in marks.finditer(self._wide, start, limit):
            place = found.start()
            if place > start and self.is_level(start, place):
                return place
        return limit

    def first_word(self, skip: re.Pattern[str] | None) -> int:
        """Where a pattern begins (law 1): after bullets, enumerators and the words that the pack skips."""
        if skip not in self.starts:
            start = 0
            while True:
                at = enumerator_end(self.folded, start)
                found = skip.match(self.folded, at) if skip else None
                if found and found.end() > at:
                    at = found.end()
                if at == start:
                    break
                start = at
            while start < len(self.folded) and self.folded[start] == " ":
                start += 1
            self.starts[skip] = start
        return self.starts[skip]
