"""Text that fits a terminal, in which a Chinese character or an emoji takes two columns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")

_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Marks by which what stands behind them is shown in another order than it is written in."""


def harmless(text: str) -> str:
    """A text without the characters by which a note could command the terminal, or turn a line round."""
    return _CONTROLS.sub("\ufffd", in_written_order(text))


def in_written_order(text: str) -> str:
    """A text without marks that turn the rest of a line round."""
    return text if text.isascii() else _DIRECTIONS.sub("", text)


# Of these each character is a grapheme, which takes one column, or two from U+3000 on. Combining marks, emoji and what
# joins them are not among them.
_SINGLE = (
    r" -~\u00a0-\u00a8\u00aa-\u00ac\u00af-\u02ff\u0370-\u0482\u1e00-\u200a\u2010-\u2027\u2070-\u20cf\u2190-\u2193"
    r"\u2200-\u22ff\u2460-\u24c1\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
)
_OTHER = lazy_regex(f"[^{_SINGLE}]")
_WIDE = lazy_regex(r"[^\0-\u2fff]+")


def columns(text: str) -> int:
    """The columns that a text takes in a terminal that knows of emoji made of several characters."""
    return _single_columns(text) if _is_single(text) else _grapheme_columns(text)


def _is_single(text: str) -> bool:
    return text.isascii() or _OTHER.search(text) is None


def _single_columns(text: str) -> int:
    return len(text) if text.isascii() else 2 * len(text) - len(_WIDE.sub("", text))


def exceeds(text: str, width: int) -> bool:
    """Whether a text takes more columns than that: most are known by their length not to."""
    return 2 * len(text) > width and columns(text) > width


@lru_cache(maxsize=4096)  # mostly of single characters
def _grapheme_columns(text: str) -> int:
    from wcwidth import wcswidth, wcwidth

    found = wcswidth(text)
    return found if found >= 0 else sum(max(wcwidth(c), 0) for c in text)  # with a control character in it


def _graphemes(text: str) -> Iterable[str]:
    """What a reader takes for one character: an emoji of a family is five."""
    if _is_single(text):
        return text
    from wcwidth import iter_graphemes

    return iter_graphemes(text)


def cut(text: str, width: int) -> str:
    """A text cut to so many columns."""
    start = text[: max(width, 0) + 1]  # too much where each takes at least one column
    if _is_single(start):
        return text if _single_columns(start) <= width else _fitting(start, max(width - 1, 0)) + "…"
    if len(text) <= 8 * width and columns(text) <= width:  # an emoji may be eight characters
        return text
    taken = used = 0
    for grapheme in _graphemes(text):
        used += columns(grapheme)
        if used > width - 1:
            break
        taken += len(grapheme)
    return text[:taken] + "…"


def _fitting(text: str, room: int) -> str:
    """The start that fits in so many columns, of a text in which each character is a grapheme."""
    for run in _WIDE.finditer(text):
        start, end = run.span()
        if room <= start:
            break
        if room < 2 * end - start:
            return text[: start + (room - start) // 2]
        room -= end - start  # each takes one more
    return text[:room]


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
