"""Traditional and simplified Chinese → one text: whether two texts differ in nothing but the script."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

_FEWEST = 3
_SIMPLIFIED = frozenset("这们时来为说国会学过对实现与产业题从开关让应还进动机数据类图种样体个么长问间没经门东车见书")
"""Frequent characters that the traditional script has not."""


def simplified(text: str) -> str:
    """With simplified characters, one for one: only to find what may be the same, for two may become one."""
    return text if text.isascii() else text.translate(_tables()[0])


def is_traditional(text: str) -> bool:
    """Whether a text is written in traditional characters: it holds several that the simplified script has not, and
    far fewer that only that has.
    """
    if text.isascii():
        return False
    traditional = _tables()[0]
    found = sum(ord(character) in traditional for character in text)
    return found >= _FEWEST and found > 4 * sum(character in _SIMPLIFIED for character in text)


def is_converted(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two texts, or two lists of words, are the same but for the script, converted in one direction."""
    if len(one) != len(other):
        return False
    pairs = {(a, b) for a, b in zip(one, other, strict=True) if a != b}
    known = _tables()[1]
    return pairs <= known or {(b, a) for a, b in pairs} <= known


@cache
def _tables() -> tuple[dict[int, str], frozenset[tuple[str, str]]]:
    """What each character becomes, and all pairs; read only where Chinese was reworded."""
    rows = Path(__file__).with_name("traditional.txt").read_text("utf-8").splitlines()
    pairs = [(pair[0], pair[1]) for row in rows if not row.startswith("#") for pair in row.split()]
    return {ord(one): other for one, other in pairs}, frozenset(pairs)
