"""Texts → those worth comparing with a given one, never all of them: by rare pieces of four characters.

The memory is linear and small (two machine integers a piece), the result the same on every machine: the hash is a CRC.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from zlib import crc32

_MOST_PIECES, _MOST_COMMON, _MOST_CANDIDATES = 8, 64, 12
_SHORT = 32  # of a longer text only the pieces that begin with one character in four are looked at


def pieces_of(text: str, mask: int) -> set[int]:
    """The hashes of the pieces of a text. A short text has all that a long one may share with it."""
    data = text.encode("utf-32-le")
    starts = range(0, max(4, len(data) - 12), 4)
    if len(text) > _SHORT:
        return {crc32(data[i : i + 16]) & mask for i in starts if not data[i] & 3}
    return {crc32(data[i : i + 16]) & mask for i in starts}


class Pieces:
    """An index from pieces to texts: chains in arrays."""

    def __init__(self, texts: Sequence[str]) -> None:
        size = 1 << max(10, min(22, (len(texts) * 16).bit_length()))
        self.mask = size - 1
        self.counts = array("i", bytes(4 * size))
        self.heads = array("i", bytes(4 * size))  # 1 + place in `owners`, 0 for none
        self.following = array("i")
        self.owners = array("i")
        for owner, text in enumerate(texts):
            for piece in pieces_of(text, self.mask):
                self.counts[piece] += 1
                self.following.append(self.heads[piece])
                self.owners.append(owner)
                self.heads[piece] = len(self.owners)

    def candidates(self, text: str) -> list[int]:
        """The texts that share the rarest pieces, those that share most of them first."""
        counts = self.counts
        known = sorted((counts[p], p) for p in pieces_of(text, self.mask) if 0 < counts[p] <= _MOST_COMMON)
        shared: Counter[int] = Counter()
        for _, piece in known[:_MOST_PIECES]:
            place = self.heads[piece]
            while place:
                shared[self.owners[place - 1]] += 1
                place = self.following[place - 1]
        if len(shared) <= _MOST_CANDIDATES:
            return sorted(shared)
        return [owner for owner, _ in sorted(shared.items(), key=lambda item: (-item[1], item[0]))[:_MOST_CANDIDATES]]


class Order:
    """Texts in alphabetical order of some view of them: what is beside a text there begins as it does."""

    def __init__(self, views: list[str]) -> None:
        self.places = sorted(range(len(views)), key=views.__getitem__)
        self.views = [views[place] for place in self.places]

    def beside(self, view: str, reach: int) -> list[int]:
        """The places of the texts around it that begin with the same fifth."""
        start = bisect_left(self.views, view)
        first = max(0, start - reach)
        beginning = view[: max(2, len(view) // 5)]
        around = enumerate(self.views[first : start + reach + 1], first)
        return [self.places[place] for place, other in around if other.startswith(beginning)]
