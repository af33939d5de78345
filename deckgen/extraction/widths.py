"""Text → how wide it is to read: a Chinese character says as much as two letters."""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

WIDE = lazy_regex(r"[\u2e80-\u9fff\uff00-\uffef]")
"""A character of Chinese, Japanese or full-width text."""


def width_of(text: str) -> int:
    """How many columns a text has."""
    return len(text) + len(WIDE.findall(text))
