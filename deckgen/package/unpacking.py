"""A package, as a file → its collection, as a file. Bounded: a package may come from anybody."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from deckgen.package.unreadable import ASKED_FOR, UnreadableError, refuse_size

UNPACKED_LIMIT = 1024**3
"""Bytes of an unpacked collection. A hundred thousand notes take about forty million."""
UNSUSPICIOUS, MOST_PACKED = 64 * 1024**2, 100
"""Over so many bytes, a collection must not be so many times larger than its package: Anki's reach twenty times."""
LISTING_LIMIT = 16 * 1024**2
"""Bytes of a zip file's list of entries: three hundred thousand media files."""

_BEST_FIRST = ("collection.anki21b", "collection.anki21", "collection.anki2")
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # Anki's own; others can ask for gigabytes to unpack with
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_WITHOUT_ZSTANDARD = "export again with `Support older Anki versions` ticked, or `pip install zstandard` beside deckgen"


def unpack_collection(path: Path, target: Path, shown: str) -> bool:
    """Write the collection of a package to `target`; whether Anki made the package. Raises `UnreadableError`."""
    with BoundedFile(path) as file, zipfile.ZipFile(file) as package:
        names = package.namelist()
        name = next((name for name in _BEST_FIRST if name in names), None)
        if name is None:
            raise UnreadableError("unreadable-package", f"{shown} has no collection in it", ASKED_FOR)
        entry = package.getinfo(name)
        if entry.compress_type not in METHODS:
            raise ValueError("its collection is packed in a way that Anki does not use")
        with package.open(entry) as packed, target.open("wb") as unpacked:
            reader = _zstandard(shown)(packed) if name.endswith("b") else packed
            _copy(reader, unpacked, shown, path.stat().st_size)
        return "meta" in names or name != "collection.anki2"


def unpacked_whole(package: zipfile.ZipFile, name: str) -> bytes:
    """A short entry of a package, also where newer versions of Anki packed it twice. Raises `UnreadableError`."""
    entry = package.getinfo(name)
    if entry.compress_type not in METHODS:
        raise ValueError("it is packed in a way that Anki does not use")
    with package.open(entry) as packed:
        reader: Any = io.BufferedReader(packed)
        if reader.peek(4)[:4] == _ZSTANDARD:
            reader = _zstandard(name)(reader)
        data: bytes = reader.read(LISTING_LIMIT + 1)
    if len(data) > LISTING_LIMIT:
        refuse_size("the list of the package's files is longer than any package's")
    return data


class BoundedFile(io.FileIO):
    """A file that is read piece by piece: `zipfile` makes an object of each entry that the file claims to have."""

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes, or all. Raises `UnreadableError` where these are too many."""
        data = super().read(LISTING_LIMIT + 1 if size is None or size < 0 else min(size, LISTING_LIMIT + 1))
        if len(data) > LISTING_LIMIT:
            refuse_size("the list of the package's files is longer than any package's")
        return data


def _copy(source: Any, target: IO[bytes], shown: str, packed: int) -> None:
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > UNPACKED_LIMIT:
            refuse_size(f"{shown} unpacks to more than {UNPACKED_LIMIT >> 20:,} MiB")
        if size > max(UNSUSPICIOUS, MOST_PACKED * packed):
            refuse_size(f"{shown} unpacks to more than {MOST_PACKED} times its size")
        target.write(chunk)


def _zstandard(shown: str) -> Callable[[Any], Any]:
    """What unpacks Zstandard: Python's own from 3.14 on, else the package of that name."""
    with contextlib.suppress(ImportError):
        zstd: Any = import_module("compression.zstd")
        opened_by: Callable[[Any], Any] = zstd.ZstdFile
        return opened_by
    try:
        zstandard: Any = import_module("zstandard")
    except ImportError:
        message = f"{shown} is in the format of newer Anki versions, packed with Zstandard"
        raise UnreadableError("package-needs-zstandard", message, _WITHOUT_ZSTANDARD) from None

    def opened(file: Any) -> Any:
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)

    return opened
