"""Folders of files as values, path → bytes: reading, writing, checking out, merging, and telling where two differ."""

from __future__ import annotations

import io
import os
import sqlite3
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

CACHE = ".deckgen"


def read_files(folder: Path) -> dict[str, bytes]:
    """What stands in a folder, by path, but for the cache."""
    found: dict[str, bytes] = {}
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != CACHE]
        for name in names:
            path = os.path.join(place, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, folder)] = file.read()
    return found


def put_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files below a folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def check_out(folder: Path, tree: Mapping[str, bytes]) -> None:
    """As git does: what is the same is not touched."""
    now = read_files(folder)
    for path in now.keys() - tree.keys():
        (folder / path).unlink()
    put_files(folder, {path: content for path, content in tree.items() if now.get(path) != content})


def merged(base: dict[str, bytes], ours: dict[str, bytes], theirs: dict[str, bytes]) -> dict[str, bytes]:
    """Three trees → one: where both changed a file, by union; packages are nobody's."""
    result = {}
    for path in sorted(base.keys() | ours.keys() | theirs.keys()):
        was, one, other = base.get(path), ours.get(path), theirs.get(path)
        if path.endswith(".apkg") or one == other or other == was:
            found = one
        elif one == was:
            found = other
        elif one is None or other is None:
            found = other if one is None else one
        else:
            found = _union(was or b"", one, other)
        if found is not None:
            result[path] = found
    return result


def _union(was: bytes, one: bytes, other: bytes) -> bytes:
    """Both sides' lines where they differ, as git's union does, but for one that stands there already."""
    ours, theirs, before = one.splitlines(True), other.splitlines(True), set(was.splitlines(True))
    gone = before - set(theirs)
    kept = [line for line in ours if line not in gone]
    added = [line for line in theirs if line not in before and line not in set(ours)]
    return b"".join([*kept, *added])


def unlike(one: dict[str, bytes], other: dict[str, bytes]) -> tuple[str, str]:
    """Those of two trees' files that differ, as text: of a package its notes."""
    paths = [path for path in sorted(one.keys() | other.keys()) if one.get(path) != other.get(path)]
    return _texts(one, paths), _texts(other, paths)


def _texts(files: dict[str, bytes], paths: Sequence[str]) -> str:
    shown = {
        path: _notes(files[path]) if path.endswith(".apkg") else files[path].decode("utf-8", "replace")
        for path in paths
        if path in files
    }
    return "\n".join(f"{path}:\n{shown.get(path, 'is not there')}" for path in paths)


def _notes(package: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(package)) as file:
            connection = sqlite3.connect(":memory:")
            connection.deserialize(file.read("collection.anki2"))
            rows = connection.execute("SELECT guid, id, mod, tags, flds FROM notes ORDER BY id").fetchall()
            return "\n".join([*map(str, rows), file.read("media").decode(), f"{len(package)} bytes"])
    except (zipfile.BadZipFile, KeyError, sqlite3.Error) as problem:
        return f"{problem}, {len(package)} bytes"
