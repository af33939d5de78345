"""A label → whether it names something by itself: *Intrusive*, *Important genus*, 传说时期 do not."""

from __future__ import annotations

from deckgen.extraction.entries.marks import has_chinese
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.chinese_words import is_one_word
from deckgen.patterns.english_words import is_lone_adjective

# What tells which one of several things a small noun behind it is.
_TELLS_WHICH = frozenset({
    "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "important", "main", "key", "major", "minor", "full", "classic", "classical", "typical", "common", "famous",
    "notable", "other", "first", "second", "third", "last", "next", "early", "earlier", "late", "later", "new",
    "newer", "old", "older", "big", "bigger", "large", "larger", "small", "smaller", "high", "higher", "low", "lower",
    "long", "longer", "short", "shorter", "good", "better", "bad", "best", "worst", "strong", "stronger", "weak",
    "weaker", "simple", "basic", "general", "special", "specific", "primary", "secondary", "final", "initial",
    "original", "modern", "upper", "average", "overall", "additional", "possible", "potential", "only", "whole",
    "several", "both", "all", "some", "many", "most", "few", "positive", "negative", "internal", "external", "local",
    "mild", "moderate", "severe", "acute", "chronic", "left", "right", "rear", "inner", "outer", "total", "partial",
    "complete", "incomplete", "direct", "indirect",
})  # fmt: skip
_ALONE = frozenset({
    "both", "either", "neither", "all", "none", "others", "another", "most", "some", "many", "few", "one", "two",
    "first", "second", "former", "latter",
})  # fmt: skip
_WORD = lazy_regex(r"[A-Za-z][A-Za-z'-]*")
_ENDS_ZH = lazy_regex(
    r"(?:时期|阶段|时代|年代|[早中晚前后初末急慢]期|类|(?<!模)型|部分|方面|层面|性质|强度|程度|其他|其它)\s*(?:[(（][^()（）]*[)）])?$"
)
_CONDITION_ZH = lazy_regex(
    r"\d.*(?:以下|以上|以内|以外|之间|不足|超过)(?:者|的)?$|的(?:不同|差异|差别|角度|标准|依据)$"
)
_QUANTITY_ZH = lazy_regex(r"\W*\d[\d.,]*\s?[\u3400-\u9fff%]{0,2}\s?(?:以下|以上|以内|以外|之间)")
_LONGEST_ZH = 8


def needs_owner(label: str) -> bool:
    """Whether a label says what it is of only together with what it stands below."""
    text = label.strip(" *_`:：")
    if has_chinese(text):
        is_one_of_kind = len(text) <= _LONGEST_ZH and _ENDS_ZH.search(text) is not None and not is_one_word(text)
        return is_one_of_kind or _QUANTITY_ZH.fullmatch(text) is not None
    words = text.split()
    if not words or any(_WORD.fullmatch(word) is None for word in words):
        return False
    first = words[0].lower()
    if len(words) == 1:
        return says_which(text)
    return len(words) <= 3 and first in _TELLS_WHICH and all(word.islower() for word in words[1:])


def says_which(label: str) -> bool:
    """Whether a label is a single word of Latin letters that only says which of several things is meant: *Humoral*."""
    word = label.strip(" *_`:：").lower()
    return _WORD.fullmatch(word) is not None and (word in _ALONE or is_lone_adjective(word))


def is_condition(label: str) -> bool:
    """Whether a Chinese label is a condition or a criterion, of which only a sentence could say what follows."""
    text = label.strip(" *_`:：")
    return has_chinese(text) and _CONDITION_ZH.search(text) is not None and not _QUANTITY_ZH.fullmatch(text)
