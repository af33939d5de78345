"""deck.lock as a file: single lines are read, and copied, without holding the others.

A lock of a hundred thousand notes has a hundred megabytes. `lock` reads all of it, and decides what it means; this
knows no more than that it is sorted by GUID, and how a line is written. It is for locks that deckgen wrote itself.
"""

from __future__ import annotations

import io
import mmap
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from deckgen.identity.lock import LockEntry

_NEWLINE = b"\n"
_CHUNK = 1 << 20
_TEXTS_AT_ONCE = 2000


class _Text(msgspec.Struct):
    """What condition 3 of a rewording asks of a line."""

    guid: str
    kind: str
    rule: str
    text: str
    retired: str = ""


class LockFile:
    """A lock of which no more is in memory than the operating system likes, to be used in a `with` statement. Raises
    OSError, and ValueError for a file that is not as deckgen writes it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._data, self._file = _opened(path)
        self.size = len(self._data)
        self._first = self._data.find(_NEWLINE) + 1  # of the notes
        if self._first < 2 or self._data[self.size - 1 : self.size] != _NEWLINE:
            raise ValueError("not as deckgen writes it")
        self._decode = msgspec.json.Decoder(LockEntry).decode
        self._digest = ""

    def __enter__(self) -> LockFile:
        return self

    def __exit__(self, *_: object) -> None:
        if isinstance(self._data, mmap.mmap):
            self._data.close()
        self._file.close()

    @property
    def header(self) -> bytes:
        """The first line."""
        return self._data[: self._first]

    @property
    def digest(self) -> str:
        """SHA-256 of all."""
        if not self._digest:
            found = sha256()
            for piece in self.pieces(0, self.size):
                found.update(piece)
            self._digest = found.hexdigest()
        return self._digest

    @staticmethod
    def is_same(path: Path, digest: str) -> bool:
        """Whether a file has that digest."""
        try:
            with LockFile(path) as lock:
                return lock.digest == digest
        except (OSError, ValueError):
            return False

    def rows(self) -> Iterator[bytes]:
        """All lines, as they are written, in order."""
        start = self._first
        while start < self.size:
            end = self._data.find(_NEWLINE, start) + 1
            yield self._data[start:end]
            start = end

    def read(self, row: bytes) -> LockEntry:
        """The line that is written so. Raises ValueError where deckgen would write it in another way."""
        line = self._decode(row)
        if msgspec.json.encode(line) + _NEWLINE != row:
            raise ValueError("not as deckgen writes it")
        return line

    def row(self, guid: str) -> bytes:
        """The line of a note, as it is written; empty for none."""
        start = self.place_of(guid)
        return self._data[start : self.end_of(start)] if self.has_at(start, guid) else b""

    def texts(self, kind: str, rule: str, passed_over: frozenset[str]) -> Iterator[list[str]]:
        """The texts of the live notes of a rule, but for some, many at a time."""
        needle = b',"kind":' + msgspec.json.encode(kind) + b',"rule":' + msgspec.json.encode(rule) + b","
        decode = msgspec.json.Decoder(_Text).decode
        found: list[str] = []
        for row in self.rows():
            if needle in row:
                line = decode(row)
                if line.rule == rule and line.kind == kind and not line.retired and line.guid not in passed_over:
                    found.append(line.text)
                    if len(found) == _TEXTS_AT_ONCE:
                        yield found
                        found = []
        yield found

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """What stands between two places, read from the file: pages of a map that were touched stay in memory."""
        self._file.seek(start)
        while start < end:
            piece = self._file.read(min(_CHUNK, end - start))
            if not piece:
                raise ValueError("shorter than it was")
            yield piece
            start += len(piece)

    def place_of(self, guid: str) -> int:
        """Where the line of a GUID begins, or would begin."""
        low, high = self._first, self.size
        while low < high:
            start = max(low, self._data.rfind(_NEWLINE, low, (low + high) // 2) + 1)
            if self._guid_at(start) < guid:
                low = self.end_of(start)
            else:
                high = start
        return low

    def has_at(self, start: int, guid: str) -> bool:
        """Whether the line of a note begins there."""
        return start < self.size and self._guid_at(start) == guid

    def end_of(self, start: int) -> int:
        """Where the line ends that begins there."""
        return self._data.find(_NEWLINE, start) + 1

    def _guid_at(self, start: int) -> str:
        begin = start + len(b'{"guid":')
        end = self._data.find(b'","id":', begin) + 1
        return str(msgspec.json.decode(self._data[begin:end]))


def _opened(path: Path) -> tuple[bytes | mmap.mmap, IO[bytes]]:
    """A file as bytes that can be sliced, and to be read."""
    file = open(path, "rb")  # noqa: SIM115 (it is read from as long as the lock is used)
    try:
        if os.name != "nt":
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), file
        with file:  # Windows replaces no file that somebody looks into
            data = file.read()
        return data, io.BytesIO(data)
    except BaseException:
        file.close()
        raise
