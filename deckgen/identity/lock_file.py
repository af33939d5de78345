"""deck.lock as bytes: a few of its lines are read, and exchanged, without reading the others.

A lock of a hundred thousand notes has a hundred megabytes. `lock` reads all of it, and decides what it means; this
knows no more than that it is sorted by GUID, and how a line is written. It is for locks that deckgen wrote itself.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec

from deckgen.identity.lock import LockLine

_NEWLINE = b"\n"
_PIECE = 1 << 20  # bytes that are copied at once


class LockFile:
    """A lock of which no more than a line is in memory, to be used in a `with` statement. Raises ValueError where a
    line is not as deckgen writes it, or not where it belongs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("rb")
        self.header = self._file.readline()
        self.size, self.digest = 0, ""  # when all lines were read
        self._decode = msgspec.json.Decoder(LockLine).decode

    def __enter__(self) -> LockFile:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def lines(self) -> Iterator[tuple[int, LockLine]]:
        """All, in order, each with the place where it begins."""
        self._file.seek(0)
        found, place, before = sha256(), 0, ""
        for row in self._file:
            if place:
                line = self._decode(row)
                if _json(line) + _NEWLINE != row or line.guid <= before:
                    raise ValueError("not as deckgen writes it")
                before = line.guid
                yield place, line
            found.update(row)
            place += len(row)
        self.size, self.digest = place, found.hexdigest()

    def at(self, place: int) -> LockLine:
        """The line that begins there."""
        self._file.seek(place)
        return self._decode(self._file.readline())

    def copy(self, start: int, end: int, write: Callable[[bytes], object]) -> None:
        """Write what stands between two places."""
        self._file.seek(start)
        while start < end:
            piece = self._file.read(min(end - start, _PIECE))
            if not piece:
                raise OSError("the lock is shorter than it was")
            write(piece)
            start += len(piece)

    def end_of(self, place: int) -> int:
        """Where the line ends that begins there."""
        self._file.seek(place)
        return place + len(self._file.readline())


def _json(value: Any) -> bytes:
    return msgspec.json.encode(value)


class LockText:
    """The text of a lock. Needles are whole members of a line's JSON: a quote inside of a text has a backslash before
    it there, so that no text looks like one.
    """

    def __init__(self, data: bytes | mmap.mmap) -> None:
        self.data = data
        self._first = data.find(_NEWLINE) + 1  # of the notes
        self._decode = msgspec.json.Decoder(LockLine).decode

    @classmethod
    def of(cls, path: Path) -> LockText:
        """The lock in a file, which is not read but where it is looked at. Raises OSError, ValueError for nothing."""
        with open(path, "rb") as file:
            if os.name == "nt":  # where no file is replaced that somebody looks into
                return cls(file.read())
            return cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))

    @property
    def is_plain(self) -> bool:
        """Whether it is as deckgen writes it, not as an editor or git may have left it."""
        return self._first > 1 and self.data[-1:] == _NEWLINE and self.data[self._first - 2 : self._first] == b"}\n"

    @property
    def header(self) -> bytes:
        """The first line."""
        return self.data[: self._first]

    def of_paths(self, paths: Iterable[str]) -> list[LockLine]:
        """The lines of notes that stand, or stood, in these sources."""
        return [line for path in paths for line in self._with(b',"path":' + _json(path) + b',"headings":')]

    def retired(self) -> list[LockLine]:
        """The lines of notes that left."""
        return list(self._with(b',"retired":"'))

    def of_key(self, kind: str, rule: str, key: tuple[str, ...]) -> list[LockLine]:
        """The lines with a key."""
        needle = b',"kind":' + _json(kind) + b',"rule":' + _json(rule) + b',"key":' + _json(key) + b","
        return list(self._with(needle))

    def has_guid(self, guid: str) -> bool:
        """Whether a line is of that note."""
        return self.data.find(b'{"guid":' + _json(guid) + b",", self._first) >= 0

    def has_id(self, note_id: int) -> bool:
        """Whether a line has that note id."""
        return self.data.find(b',"id":%d,' % note_id, self._first) >= 0

    def may_remember(self, digest: str) -> bool:
        """Whether a line may have had the key of that digest."""
        return self.data.find(b'"' + digest.encode() + b'"', self._first) >= 0

    def _with(self, needle: bytes) -> Iterator[LockLine]:
        place = self._first
        while (place := self.data.find(needle, place)) >= 0:
            start = self.data.rfind(_NEWLINE, 0, place) + 1
            end = self.data.find(_NEWLINE, place)
            end = len(self.data) if end < 0 else end
            yield self._decode(self.data[start:end])
            place = end

    def exchanged(self, lines: Mapping[str, LockLine]) -> Iterator[memoryview | bytes]:
        """The text, piece by piece, with these lines, by their GUIDs, in the place of those that they had, or new."""
        view, end = memoryview(self.data), 0
        for guid in sorted(lines):
            start = self._place_of(guid)
            yield view[end:start]
            yield _json(lines[guid]) + _NEWLINE
            end = self._end_of(start) if start < len(self.data) and self._guid_at(start) == guid else start
        yield view[end:]

    def _place_of(self, guid: str) -> int:
        """Where the line of a GUID begins, or would begin."""
        low, high = self._first, len(self.data)
        while low < high:
            start = max(low, self.data.rfind(_NEWLINE, low, (low + high) // 2) + 1)
            if self._guid_at(start) < guid:
                low = self._end_of(start)
            else:
                high = start
        return low

    def _end_of(self, start: int) -> int:
        return self.data.find(_NEWLINE, start) + 1

    def _guid_at(self, start: int) -> str:
        begin = start + len(b'{"guid":')
        end = self.data.find(b'","id":', begin) + 1
        return str(msgspec.json.decode(self.data[begin:end]))
