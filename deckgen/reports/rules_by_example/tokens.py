"""A sentence as tokens, and which of them only hold a sentence together."""

from __future__ import annotations

import re
from typing import NamedTuple

from deckgen.markdown.lazy_regex import lazy_regex

_HAN = "[\u3400-\u9fff]"
_PIECE = lazy_regex(f"{_HAN}|(?:(?!{_HAN})[\\w'’.-])+(?<![.-])|[^\\w\\s]")
FUNCTION_WORDS = frozenset(
    [
        "a",
        "an",
        "the",
        "of",
        "to",
        "in",
        "on",
        "at",
        "by",
        "for",
        "from",
        "with",
        "as",
        "is",
        "are",
        "was",
        "were",
        "be",
        "been",
        "being",
        "has",
        "have",
        "had",
        "do",
        "does",
        "did",
        "can",
        "could",
        "will",
        "would",
        "may",
        "might",
        "must",
        "shall",
        "should",
        "and",
        "or",
        "but",
        "that",
        "which",
        "who",
        "whom",
        "whose",
        "this",
        "these",
        "those",
        "it",
        "its",
        "not",
        "into",
        "than",
        "then",
        "called",
        "named",
        "known",
        "means",
        "stands",
    ]
)
FUNCTION_CHARACTERS = frozenset(
    '的是由在有为被于与和从以叫称指把将对了着过也都就而或及之其此这那，,。；;：:（）()、“”"'
)


class Token(NamedTuple):
    """A word, a number, a Chinese character or a mark, and its place in the sentence."""

    text: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is more than a mark."""
        return self.text[0].isalnum()

    @property
    def is_function(self) -> bool:
        """Whether it only holds a sentence together."""
        return self.text.lower() in FUNCTION_WORDS or self.text in FUNCTION_CHARACTERS or not self.is_word


def tokens_of(text: str) -> list[Token]:
    """The tokens of a text."""
    return [Token(found[0], found.start(), found.end()) for found in _PIECE.finditer(text)]


def is_chinese(text: str) -> bool:
    """Whether a text is mostly Chinese."""
    return len(re.findall(_HAN, text)) * 3 >= len(re.findall(r"\w", text)) > 0
