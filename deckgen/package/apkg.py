"""Rendered notes → an Anki package, the same bytes every time; made of genanki's tables.

genanki's models, decks and schema, with ids, modified times and card positions of our own, and rows written in bulk:
genanki itself takes ids and times from the clock. What is written is a temporary file beside the target, synced; the
caller renames it. Memory grows neither with the number of notes nor with the size of media. The collection of a
package may be kept, so that the next one with a few other notes need not be written from the start.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import tempfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct

from deckgen.model import MediaFile, RenderedNote
from deckgen.package.collection import (
    Replacement,
    compact,
    described,
    insert_notes,
    note_types_in,
    replace_notes,
    working_file,
)
from deckgen.package.deflate import LEVEL, PIECE, Deflate, Piece, PieceCache
from deckgen.package.rows import Rows, deck_ids
from deckgen.package.zip_writer import Compressor, ZipWriter
from deckgen.rendering.media import MediaReader
from deckgen.rendering.note_types import NoteType

_MEDIA_KEPT_AS_IS = frozenset(
    {"png", "jpg", "jpeg", "gif", "webp", "avif", "mp3", "ogg", "oga", "opus", "m4a", "mp4", "webm"}
)


class KeptCollection(Struct):
    """A collection that stays for `change_package`, and the package that is made of it."""

    path: Path
    package: Path | None = None  # that of the last build
    pieces: Sequence[Piece] = ()  # of the collection in it; in the new one, once that is made
    # Is called once a new collection is in place, with the digests of its pieces.
    seal: Callable[[Path, Sequence[bytes]], None] = lambda path, pieces: None


def build_package(
    target: Path,
    notes: Iterable[RenderedNote],
    note_types: Iterable[NoteType],
    reader: MediaReader,
    positions: Mapping[str, int] | None = None,
    kept: KeptCollection | None = None,
) -> Path:
    """Write the package of the notes, in their order, to a temporary file beside `target`, and return its path.

    Of the note types those that notes have are written. Notes that are held back are left out. New cards come in the
    order of the notes, or by the `positions` of their GUIDs where a package has only some of a project's notes. Raises
    OSError when the disk refuses, or a picture changed since it was collected; then no temporary file is left. Its
    collection is `kept`.
    """

    def write(working: Path) -> Mapping[str, MediaFile]:
        with working_file(working) as connection:
            rows = Rows({t.name: t for t in note_types}, positions)
            _write_collection(connection, iter(notes), rows)
        return rows.media

    return _with_collection(target, write, reader, kept)


class NotKeptError(Exception):
    """The collection that was kept is not what a package can be made of."""


def change_package(
    target: Path,
    kept: KeptCollection,
    replacements: Iterable[Replacement],
    note_types: Iterable[NoteType],
    decks: Iterable[str],
    media: Iterable[MediaFile],
    reader: MediaReader,
) -> Path:
    """The package of the last build with some notes in the place of others; as `build_package`. `decks` and `media` are
    those of all notes afterwards. Raises `NotKeptError`; then the kept collection is lost.
    """
    known = {note_type.name: note_type for note_type in note_types}

    def write(working: Path) -> Mapping[str, MediaFile]:
        try:
            os.replace(kept.path, working)
        except OSError as problem:
            raise NotKeptError(str(problem)) from problem
        with working_file(working) as connection:
            replace_notes(connection, replacements, Rows(known))
            _describe_anew(connection, known.values(), decks)
        return {file.name: file for file in media}

    try:
        return _with_collection(target, write, reader, kept)
    except sqlite3.Error as problem:
        raise NotKeptError(str(problem)) from problem


def _with_collection(
    target: Path, write: Callable[[Path], Mapping[str, MediaFile]], reader: MediaReader, kept: KeptCollection | None
) -> Path:
    """The package of the collection that `write` makes in a working file."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with _working_folder(kept.path if kept else None) as folder:
                working, collection = Path(folder, "working"), Path(folder, "collection.anki2")
                media = write(working)
                compact(working, collection)
                working.unlink()
                pieces = _write_zip(file, collection, media, reader, kept)
                if kept is not None:
                    os.replace(collection, kept.path)
                    kept.seal(kept.path, [digest for digest, *_ in pieces])
                    kept.pieces = pieces
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    return temporary


@contextlib.contextmanager
def _working_folder(kept: Path | None) -> Iterator[str]:
    """Where a collection is made; beside the one that is kept, which is renamed then. A build that was killed left
    its own there: nobody else makes this package now (`writing`).
    """
    beside, prefix = (None, "deckgen-") if kept is None else (kept.parent, f"{kept.name}-")
    for remains in kept.parent.glob(f"{kept.name}-*") if kept is not None else ():
        shutil.rmtree(remains, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=beside) as folder:
        yield folder


def _write_collection(connection: sqlite3.Connection, notes: Iterator[RenderedNote], rows: Rows) -> None:
    """All of a collection."""
    from deckgen.package.genanki_tables import INDICES, TABLES

    for statement in TABLES:
        connection.execute(statement)
    insert_notes(connection, notes, rows)
    for statement in INDICES:
        connection.execute(statement)
    _describe(connection, rows.note_types.values(), rows.decks)


def _describe_anew(connection: sqlite3.Connection, note_types: Iterable[NoteType], decks: Iterable[str]) -> None:
    """Describe what notes have, where that is not what is described."""
    had_types, had_decks = described(connection)
    names = deck_ids(decks)
    used = note_types_in(connection)
    if had_types != used or had_decks != {1, *names.values()}:
        _describe(connection, (note_type for note_type in note_types if note_type.id in used), names)


def _describe(connection: sqlite3.Connection, note_types: Iterable[NoteType], decks: Mapping[str, int]) -> None:
    """Write the note types and the decks that notes have. Only here is genanki needed."""
    from deckgen.package.genanki_tables import described_decks, described_note_types

    known = json.loads(connection.execute("SELECT decks FROM col").fetchone()[0])
    described = {"1": known["1"], **described_decks(decks)}
    models = described_note_types(note_types)
    connection.execute("UPDATE col SET decks = ?, models = ?", (_json(described), _json(models)))


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _write_zip(
    file: Any, collection: Path, media: Mapping[str, MediaFile], reader: MediaReader, kept: KeptCollection | None
) -> Sequence[Piece]:
    """The package; where the pieces of its collection lie."""
    names = sorted(media)
    shelf = PieceCache(kept.package, kept.pieces) if kept is not None and kept.package is not None else None
    package = ZipWriter(file)
    size = collection.stat().st_size
    with Deflate(shelf) as deflate, open(collection, "rb") as rows:
        start = package.add("collection.anki2", iter(lambda: rows.read(PIECE), b""), deflate, size)
    index = _json({str(i): name for i, name in enumerate(names)}).encode()
    package.add("media", [index], _deflating(), len(index))
    for i, name in enumerate(names):
        is_packed = name.rpartition(".")[2] not in _MEDIA_KEPT_AS_IS
        found = hashlib.sha256()
        package.add(str(i), _hashed(reader.chunks(media[name].path), found), _deflating() if is_packed else None)
        if found.hexdigest() != media[name].digest:
            raise OSError(f"{media[name].path} changed while the package was written")
    package.finish()
    return [(digest, start + place, length, check) for digest, place, length, check in deflate.pieces]


def _deflating() -> Compressor:
    return zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)


def _hashed(chunks: Iterable[bytes], found: Any) -> Iterator[bytes]:
    for chunk in chunks:
        found.update(chunk)
        yield chunk
