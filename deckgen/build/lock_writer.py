"""A lock as it stands × rows that are others now → the next lock, written row by row."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from deckgen.build.file_stamps import FileStamp, file_stamp, is_settled, mtime_is_reliable
from deckgen.identity.lock import LockEntry
from deckgen.identity.lock_file import LockFile


class RowChanges:
    """Rows of the lock, which wait in a file until they are written in the order of their GUIDs."""

    def __init__(self, waiting: IO[bytes]) -> None:
        self._waiting = waiting
        self._encode = msgspec.json.Encoder().encode
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def add(self, line: LockEntry) -> None:
        """Have a line written in its turn."""
        row = self._encode(line) + b"\n"
        self._places[line.guid] = (self._end, len(row))
        self._end += self._waiting.write(row)

    @property
    def guids(self) -> list[str]:
        """Those of the lines, in the order in which they are written."""
        return sorted(self._places)

    def row(self, guid: str) -> bytes:
        """The line of a note, as it is written."""
        start, length = self._places[guid]
        self._waiting.seek(start)
        return self._waiting.read(length)

    def all(self) -> Iterator[tuple[LockEntry, bytes]]:
        """All lines, and how they are written."""
        decode = msgspec.json.Decoder(LockEntry).decode
        for guid in self.guids:
            row = self.row(guid)
            yield decode(row), row

    def __len__(self) -> int:
        return len(self._places)


class NextLock:
    """The lock that a build found, if it found one, with other rows, and perhaps another header."""

    def __init__(self, before: LockFile | None, header: bytes, rows: RowChanges, begun: int) -> None:
        self._before, self._header, self.rows, self._begun = before, header, rows, begun
        self._state: FileStamp | None = file_stamp(before.path) if before is not None else None
        self.size, self.digest = (before.size, before.digest) if before is not None else (0, "")

    @property
    def is_changed(self) -> bool:
        """Whether it is to be another one."""
        return self._before is None or len(self.rows) > 0 or self._header != self._before.header

    def is_still(self, path: Path) -> bool:
        """Whether the file is what the build found, or is not there as it was not then."""
        if self._before is None:
            return not path.exists()
        state = file_stamp(path)
        if state is None or state != self._state:
            return False
        return is_settled(state, self._begun) or mtime_is_reliable(state) or LockFile.is_same(path, self._before.digest)

    def write_to(self, file: IO[bytes]) -> None:
        """Write what it is to be."""
        found, size = sha256(), 0
        for piece in self._pieces():
            found.update(piece)
            size += file.write(piece)
        self.size, self.digest = size, found.hexdigest()

    def _pieces(self) -> Iterator[bytes]:
        yield self._header
        before = self._before
        if before is None:
            yield from map(self.rows.row, self.rows.guids)
            return
        end = len(before.header)
        for guid in self.rows.guids:
            start = before.place_of(guid)
            yield from before.pieces(end, start)
            yield self.rows.row(guid)
            end = before.end_of(start) if before.has_at(start, guid) else start
        yield from before.pieces(end, before.size)
