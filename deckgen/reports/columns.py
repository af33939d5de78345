"""Text that fits a terminal, in which a Chinese character takes two columns."""

from __future__ import annotations

import unicodedata


def columns(text: str) -> int:
    """The columns that a text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, width: int) -> str:
    """A text cut to so many columns."""
    if columns(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += columns(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def counted(number: int, word: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
