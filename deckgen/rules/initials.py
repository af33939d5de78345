"""Whether a short form is the initials of a long one: ASR of Automatic Speech Recognition."""

from __future__ import annotations

import re
from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex

_WORD = lazy_regex(r"(-?)([^\W_]+)")
_SMALL = frozenset(
    re.findall(
        r"\w+",
        "a an the of and for in on to with by or at as from"
        " der die das des dem den und für von vom zu zur zum im am auf mit"
        " de du la le les et en pour par del el y para da dos di della dei per",
    )
)
"""Words of several languages that may lack a letter of their own."""

_COMPOUND = 8
"""Letters from which on a word may be two: HyperText gives HT, while Direct does not give DR."""

_SILENT = frozenset(["model", "models", "network", "networks"])
"""What a thing is, behind its name: an abbreviation may leave it out (CBOW, the Continuous Bag-of-Words Model)."""
_FOREIGN = frozenset(["protocol", "protocols", "algorithm", "algorithms", "method", "methods", "system", "systems"])
"""Words that follow a name without being of it: the Simple Mail Transfer Protocol protocol."""


_LETTERS, _REACH = 40, 2_000
"""No abbreviation has more letters, nor stands for more characters, of which the last are looked at."""


def fitting_words(long: str, short: str) -> tuple[int, int] | None:
    """The range of `long` (the whole of it, or its last words) that `short` abbreviates; None when none does."""
    letters = "".join(c for c in short if c.isalnum())
    if len(letters) > 2 and letters.endswith("s") and letters[:-1].isupper():
        letters = letters[:-1]  # CNNs
    letters = letters.lower()
    if len(letters) > _LETTERS:
        return None
    if len(long) > _REACH:
        cut = len(long) - _REACH
        while cut < len(long) and long[cut - 1].isalnum() and long[cut].isalnum():  # never inside of a word
            cut += 1
        fitting = fitting_words(long[cut:], short)
        return fitting and (fitting[0] + cut, fitting[1] + cut)
    found = list(_WORD.finditer(long.lower()))[-3 * len(letters) - 10 :]
    last = found[-1].group(2) if found else ""
    if last in _FOREIGN and last[0] != letters[-1:]:
        long = long[: found.pop().start()].rstrip()
    if len(found) < 2 or len(letters) < 2:
        return None
    words = tuple(
        (
            word.group(2),
            bool(word.group(1)) or word.group(2) in _SMALL or (word is found[-1] and word.group(2) in _SILENT),
        )
        for word in found
    )
    for first in range(len(words) - 2, -1, -1):  # no more words than it takes
        if not words[first][1] and _fits(words[first:], letters):
            return found[first].start(2), len(long)
    return None


@lru_cache(maxsize=4096)
def _fits(words: tuple[tuple[str, bool], ...], letters: str, taken_before: int = 0) -> bool:
    """Whether each word gives at least its first letter, in order.

    Small words and those behind a hyphen may give none, nor need the last of a long one (DNSSEC).
    """
    if not words:
        return not letters
    (word, is_small), rest = words[0], words[1:]
    if is_small and _fits(rest, letters, taken_before):
        return True
    if not letters:
        return not rest and taken_before >= 5
    if word.startswith("ex") and letters[0] == "x" and _fits(rest, letters[1:], taken_before + 1):  # eXtensible
        return True
    if word[0] != letters[0]:
        return False
    place, taken = 1, 1
    while True:  # more letters of the same word, in order: HyperText gives HT
        if _fits(rest, letters[taken:], taken_before + taken):
            return True
        if taken >= len(letters) or taken >= 4:
            return False
        found = word.find(letters[taken], place)
        if found < 0 or (found > place and len(word) < _COMPOUND):
            return False
        place, taken = found + 1, taken + 1
