"""Names and contents → a ZIP file, the same bytes on every machine and under every version of Python.

`zipfile` takes no compressor from outside and keeps the level of compression in names of its own; a package needs both.
The layout is that of `zipfile`: sizes stand in front of each content, too large ones in ZIP64 fields.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from struct import pack
from typing import IO, Protocol

_LARGE = (1 << 31) - 1
"""Sizes and places above it are written in 64 bits."""
_MANY = (1 << 16) - 1
_DATE = (0, 0x21)  # midnight, the first of January 1980: the first moment that there is
_UNIX, _ORDINARY_FILE = 3, 0o100644 << 16
_VERSION, _VERSION_64 = 20, 45
_STORED, _DEFLATED = 0, 8


class Compressor(Protocol):
    """What makes a content smaller."""

    def compress(self, data: bytes, /) -> bytes:
        """Take some bytes; what is ready of those before."""

    def flush(self) -> bytes:
        """All that is left."""


class ZipWriter:
    """Writes entries one after the other into a file that can be sought in; `finish` ends it. Names are ASCII."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._directory: list[bytes] = []

    def add(self, name: str, pieces: Iterable[bytes], compressor: Compressor | None = None, size: int = 0) -> int:
        """Write an entry, stored as it is without a compressor; where in the file its content begins. `size`: the bytes
        of the content, where that may be a lot. Raises OSError for more than 2 GiB that were not announced.
        """
        start = self._file.tell()
        is_large = size * 1.05 > _LARGE
        method = _STORED if compressor is None else _DEFLATED
        encoded = name.encode("ascii")
        self._file.write(_header(encoded, method, 0, 0, 0, is_large=is_large))
        check = before = after = 0
        for piece in pieces:
            check = zlib.crc32(piece, check)
            before += len(piece)
            after += self._file.write(compressor.compress(piece) if compressor is not None else piece)
        if compressor is not None:
            after += self._file.write(compressor.flush())
        if max(before, after) > _LARGE and not is_large:
            raise OSError(f"{name} has more than 2 GiB")
        end = self._file.tell()
        self._file.seek(start)
        self._file.write(_header(encoded, method, check, after, before, is_large=is_large))
        self._file.seek(end)
        self._directory.append(_directory_entry(encoded, method, check, after, before, start, is_large=is_large))
        return end - after

    def finish(self) -> None:
        """The directory of all entries, which a reader looks for first."""
        start, count = self._file.tell(), len(self._directory)
        size = sum(map(self._file.write, self._directory))
        if count > _MANY or start > _LARGE or size > _LARGE:
            end = (44, _VERSION_64, _VERSION_64, 0, 0, count, count, size, start)
            self._file.write(b"PK\6\6" + pack("<Q2H2L4Q", *end))
            self._file.write(b"PK\6\7" + pack("<LQL", 0, start + size, 1))
            count, size, start = min(count, _MANY), min(size, 0xFFFFFFFF), min(start, 0xFFFFFFFF)
        self._file.write(b"PK\5\6" + pack("<4H2LH", 0, 0, count, count, size, start, 0))


def _header(name: bytes, method: int, check: int, after: int, before: int, *, is_large: bool) -> bytes:
    extra, version = b"", _VERSION
    if is_large:
        extra, version = pack("<2H2Q", 1, 16, before, after), _VERSION_64
        before = after = 0xFFFFFFFF
    fields = (version, 0, method, *_DATE, check, after, before, len(name), len(extra))
    return b"PK\3\4" + pack("<5H3L2H", *fields) + name + extra


def _directory_entry(
    name: bytes, method: int, check: int, after: int, before: int, start: int, *, is_large: bool
) -> bytes:
    large: list[int] = []
    if max(before, after) > _LARGE:
        large, before, after = [before, after], 0xFFFFFFFF, 0xFFFFFFFF
    if start > _LARGE:
        large, start = [*large, start], 0xFFFFFFFF
    extra = pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
    version = _VERSION_64 if large or is_large else _VERSION
    versions = pack("<4B", version, _UNIX, version, 0)
    sizes = pack("<4H3L", 0, method, *_DATE, check, after, before)
    rest = pack("<5H2L", len(name), len(extra), 0, 0, 0, _ORDINARY_FILE, start)
    return b"PK\1\2" + versions + sizes + rest + name + extra
