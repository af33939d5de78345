"""A heading, owner or question as written → what a front shows of it: all but the emoji and the number before it."""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

_DECORATION = lazy_regex(r"(?:[\u2600-\u27bf\u2b00-\u2bff\U0001f300-\U0001faff]\ufe0f?\s*)+(?:\d{1,2}[.)]\s+)?(?=\S)")
_COUNTED = lazy_regex(r"\[\d{1,3}\][ \t]+(?=\S)")
_NUMBERED = lazy_regex(
    r"第\s*[一二三四五六七八九十百\d]{1,4}\s*(?:章|节|课|讲|篇|部分|单元|编|卷|册)\s*[|｜:：、.．—-]+\s*(?=\S{2})"
)
_ASKS = lazy_regex(r"[?？]\W*$")


def shown_name(markdown: str) -> str:
    """A name without what only decorates it; all of it where nothing else is there."""
    return _DECORATION.sub("", markdown, count=1) if _DECORATION.match(markdown) else markdown


def without_number(name: str) -> str:
    """The name of a Chinese section without its number, where a mark parts the two: 第五节 ｜ 烧伤."""
    return _NUMBERED.sub("", name, count=1) if _NUMBERED.match(name) else name


def shown_question(markdown: str) -> str:
    """A question without the number in brackets that an author counts it by: `[15] Who …?`."""
    return _COUNTED.sub("", markdown, count=1) if _COUNTED.match(markdown) else markdown


def asks(markdown: str) -> bool:
    """Whether a heading asks, and so names nothing that a label could belong to."""
    return _ASKS.search(markdown[-8:]) is not None
