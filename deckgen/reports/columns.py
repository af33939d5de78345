"""Text that fits a terminal, in which a Chinese character or an emoji takes two columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex

_CONTROLS = {code: "\ufffd" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def harmless(text: str) -> str:
    """A text without the characters by which a note could command the terminal."""
    return text.translate(_CONTROLS)


def columns(text: str) -> int:
    """The columns that a text takes in a terminal that knows of emoji made of several characters."""
    if text.isascii():
        return len(text)
    return _columns(text)


def exceeds(text: str, width: int) -> bool:
    """Whether a text takes more columns than that: most are known by their length not to."""
    return 2 * len(text) > width and columns(text) > width


@lru_cache(maxsize=4096)  # mostly of single characters
def _columns(text: str) -> int:
    from wcwidth import wcswidth, wcwidth

    found = wcswidth(text)
    return found if found >= 0 else sum(max(wcwidth(c), 0) for c in text)  # with a control character in it


def _graphemes(text: str) -> Iterable[str]:
    """What a reader takes for one character: an emoji of a family is five."""
    if text.isascii():
        return text
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def cut(text: str, width: int) -> str:
    """A text cut to so many columns."""
    if len(text) <= 8 * width and columns(text) <= width:  # an emoji may be eight characters
        return text
    if text.isascii():
        return text[: max(width - 1, 0)] + "…"
    taken = used = 0
    for grapheme in _graphemes(text):
        used += len(grapheme) if grapheme.isascii() else _columns(grapheme)
        if used > width - 1:
            break
        taken += len(grapheme)
    return text[:taken] + "…"


def counted(number: int, word: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"


def wrapped(text: str, width: int, lines: int = 0) -> list[str]:
    """A text in lines of so many columns: broken at spaces and between Chinese characters, cut after so many lines."""
    found, line, used = [], "", 0
    for piece in _PIECES.findall(" ".join(text.split())):
        for part in [piece] if columns(piece) <= width else _chopped(piece, width):
            size = columns(part)
            if used + size > width and not part.isspace():
                found.append(line.rstrip())
                line, used = "", 0
            if line or not part.isspace():
                line, used = line + part, used + size
    found.append(line.rstrip())
    if lines and len(found) > lines:
        kept = found[:lines]
        joint = " " if max(kept[-1][-1:], found[lines][:1]) < "\u2e80" else ""  # none beside Chinese
        kept[-1] = cut(f"{kept[-1]}{joint}{found[lines]}", width)
        return kept
    return found


# A word; a Chinese character with the closing marks after it, which begin no line; one opening mark with what follows.
_CLOSING = "，。；：！？、”’）】》」』…,.;:!?)%"
_PIECES = lazy_regex(
    rf"\s+|[（“‘《「『【(\[]*(?:[\u2e80-\u9fff\uac00-\ud7ff\uff00-\uffef]|[^\s\u2e80-\u9fff\uac00-\ud7ff\uff00-\uffef（“‘《「『【]+)?[{re.escape(_CLOSING)}]*"
)


def _chopped(word: str, width: int) -> list[str]:
    pieces, piece = [], ""
    for grapheme in _graphemes(word):
        if columns(piece + grapheme) > width:
            pieces.append(piece)
            piece = ""
        piece += grapheme
    return [*pieces, piece]
