"""Which marks of emphasis may open it, and which may close it, by the characters beside them."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_CJK = (
    *("\u1100\u11ff", "\u2e80\ua4cf", "\ua960\ua97f", "\uac00\ud7ff", "\uf900\ufaff", "\ufe30\ufe4f", "\uff00\uffef"),
    *("\U0001aff0\U0001b16f", "\U00020000\U0003ffff"),
)  # the first and the last of each range


def is_punctuation(character: str) -> bool:
    """Whether CommonMark counts it as punctuation: symbols are, too."""
    return unicodedata.category(character)[0] in "PS"


def is_space(character: str) -> bool:
    """Whether CommonMark counts it as white space."""
    return character in "\t\n\v\f\r" or unicodedata.category(character) == "Zs"


def _is_cjk(character: str) -> bool:
    return any(ends[0] <= character <= ends[1] for ends in _CJK)


@lru_cache(maxsize=8192)
def flanking(last: str, following: str) -> tuple[bool, bool]:
    """Whether marks between two characters are left-flanking (may open emphasis) and right-flanking (may close it)."""
    last_cjk, next_cjk = _is_cjk(last), _is_cjk(following)
    last_mark, next_mark = is_punctuation(last), is_punctuation(following)
    last_space, next_space = is_space(last), is_space(following)
    left = not next_space and (not next_mark or next_cjk or last_space or last_mark or last_cjk)
    right = not last_space and (not last_mark or last_cjk or next_space or next_mark or next_cjk)
    return left, right
