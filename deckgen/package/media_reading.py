"""The pictures and sounds of a package, or beside a closed collection → the SHA-1 of those that may be asked for.

What is read may come from anybody: only ordinary files of a size that is asked for are read, and no more than so much.
"""

from __future__ import annotations

import hashlib
import os
import stat
import zipfile
from collections.abc import Collection, Iterator, Mapping
from itertools import islice
from pathlib import Path

import msgspec

from deckgen.diagnostics.paths import SAFELY
from deckgen.package.protobuf import messages_in, number_in, text_in
from deckgen.package.unpacking import METHODS, BoundedFile, unpacked_whole

MOST_READ = 1024**3
"""Bytes of pictures and sounds that are read of one package or collection."""
_MOST_FILES = 500_000
_CHUNK = 1 << 20


def media_digests(path: Path, names: Collection[str], sizes: Collection[int]) -> Mapping[str, str]:
    """The SHA-1 of the files with these names and sizes that a package or a collection has; nothing of a broken one."""
    if not names or not sizes:
        return {}
    try:
        with path.open("rb") as file:
            is_package = file.read(2) == b"PK"
        found = _of_package(path, frozenset(names), frozenset(sizes)) if is_package else _beside(path, names, sizes)
        return dict(found)
    except Exception:  # zip, Zstandard, JSON: of a broken file each trips over something else
        return {}


def _of_package(path: Path, names: frozenset[str], sizes: frozenset[int]) -> Iterator[tuple[str, str]]:
    with BoundedFile(path) as file, zipfile.ZipFile(file) as package:
        listing = unpacked_whole(package, "media")
        if "collection.anki21b" in package.namelist():
            for entry in islice(messages_in(listing, 1), _MOST_FILES):  # Anki wrote down size and SHA-1 of each
                name, digest = text_in(entry, 1), next(messages_in(entry, 3), b"")
                if name in names and number_in(entry, 2) in sizes and len(digest) == 20:
                    yield name, digest.hex()
            return
        left, there = MOST_READ, frozenset(package.namelist())
        for key, name in msgspec.json.decode(listing, type=dict[str, str]).items():
            if name not in names or key not in there:
                continue
            info = package.getinfo(key)
            if info.file_size in sizes and info.file_size <= left and info.compress_type in METHODS:
                left -= info.file_size
                with package.open(info) as packed:
                    yield name, _sha1(iter(lambda: packed.read(_CHUNK), b""), info.file_size)


def _beside(path: Path, names: Collection[str], sizes: Collection[int]) -> Iterator[tuple[str, str]]:
    folder = path.with_suffix(".media")
    left = MOST_READ
    for name in names:
        if os.path.basename(name) != name or name in ("", os.curdir, os.pardir):
            continue
        try:
            descriptor = os.open(folder / name, SAFELY)
        except (OSError, ValueError):
            continue
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if stat.S_ISREG(found.st_mode) and found.st_size in sizes and found.st_size <= left:
                left -= found.st_size
                yield name, _sha1(iter(lambda: file.read(_CHUNK), b""), found.st_size)


def _sha1(chunks: Iterator[bytes], most: int) -> str:
    """The digest of some bytes, of which there should not be more than so many."""
    digest, read = hashlib.sha1(usedforsecurity=False), 0
    for chunk in chunks:
        digest.update(chunk)
        read += len(chunk)
        if read > most:
            break
    return digest.hexdigest()
