"""Deflate in pieces of one size, on as many cores as there are: the same bytes on each number of them.

Every piece is compressed by itself and ends on a byte, so that they can be put in a row: that costs a few bytes in a
mebibyte, and lets the pieces be made side by side (zlib works outside of Python's lock), or be taken from where they
were packed before.
"""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

PIECE = 1 << 20
"""Bytes of a piece."""
LEVEL = 1  # seven times smaller than stored; more costs more than it saves
_MOST_THREADS = 4

Piece = tuple[bytes, int, int, int]
"""A piece: SHA-256 of its content, where it begins in the file and how long it is there, CRC-32 of what is there."""


def piece_digests(path: Path, first: int = 0) -> list[bytes]:
    """Of the pieces of a file, from one of them on."""
    with open(path, "rb") as file:
        file.seek(first * PIECE)
        return [sha256(piece).digest() for piece in iter(lambda: file.read(PIECE), b"")]


class PieceCache:
    """A file in which pieces are packed already. What is not there as it should be is packed anew."""

    def __init__(self, path: Path, pieces: Iterable[Piece]) -> None:
        self._path = path
        self._known: Mapping[bytes, Piece] = {piece[0]: piece for piece in pieces}

    def packed(self, digest: bytes) -> bytes | None:
        """The piece of that digest, packed."""
        if (known := self._known.get(digest)) is None:
            return None
        _, start, length, check = known
        try:
            with open(self._path, "rb") as file:
                file.seek(start)
                found = file.read(length)
        except OSError:
            return None
        return found if zlib.crc32(found) == check else None


class Deflate:
    """A compressor, to be used in a `with` statement. Holds a few pieces, never all. `pieces` has afterwards what lies
    where, counted from where its output begins.
    """

    def __init__(self, shelf: PieceCache | None = None) -> None:
        self._shelf = shelf
        self.place = 0
        from concurrent.futures import ThreadPoolExecutor  # many runs write no package

        self._threads = min(_MOST_THREADS, os.cpu_count() or 1)
        self._pool = ThreadPoolExecutor(self._threads)
        self._waiting = bytearray()
        self._running: deque[Future[tuple[bytes, bytes]]] = deque()
        self.pieces: list[Piece] = []

    def __enter__(self) -> Deflate:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def compress(self, data: bytes) -> bytes:
        """Take some bytes; what is ready of those before."""
        if not self._waiting and len(data) == PIECE:  # nothing to be cut, so nothing to be copied
            self._running.append(self._pool.submit(self._pack, data))
            return b"".join(self._ready(self._threads))
        self._waiting += data
        while len(self._waiting) >= PIECE:
            self._running.append(self._pool.submit(self._pack, bytes(self._waiting[:PIECE])))
            del self._waiting[:PIECE]
        return b"".join(self._ready(self._threads))

    def flush(self) -> bytes:
        """All that is left, and the end."""
        ready = list(self._ready(0))
        last = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        return b"".join([*ready, last.compress(bytes(self._waiting)), last.flush()])

    def _pack(self, piece: bytes) -> tuple[bytes, bytes]:
        digest = sha256(piece).digest()
        packed = self._shelf.packed(digest) if self._shelf is not None else None
        if packed is None:
            packer = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
            packed = packer.compress(piece) + packer.flush(zlib.Z_FULL_FLUSH)
        return digest, packed

    def _ready(self, most_waiting: int) -> Iterator[bytes]:
        while len(self._running) > most_waiting:
            digest, packed = self._running.popleft().result()
            self.pieces.append((digest, self.place, len(packed), zlib.crc32(packed)))
            self.place += len(packed)
            yield packed
