"""Rendered notes → an Anki package, the same bytes every time; the only module that knows genanki.

genanki's models, decks and schema, with ids, modified times and card positions of our own, and rows written in bulk:
genanki itself takes ids and times from the clock. What is written is a temporary file beside the target, synced; the
caller renames it. Memory grows neither with the number of notes nor with the size of media.
"""

from __future__ import annotations

import contextlib
import hashlib
import html
import json
import os
import re
import sqlite3
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from deckgen.media import MediaReader
from deckgen.model import MediaFile, RenderedNote
from deckgen.note_types import NoteType, permanent_id
from deckgen.stamps import anki_tag, stamped_fields

_MEDIA_KEPT_AS_IS = frozenset(
    {"png", "jpg", "jpeg", "gif", "webp", "avif", "mp3", "ogg", "oga", "opus", "m4a", "mp4", "webm"}
)
_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can say
_SQLITE_VERSION = 3_040_001  # the header names the SQLite that wrote last; always this one, so that it says nothing


class _Model(genanki.Model):  # type: ignore[misc]  # genanki has no types
    """A note type as genanki writes it, with ids for fields and templates and a modified time of its own."""

    def __init__(self, note_type: NoteType) -> None:
        fields = [
            {"name": f.name, **_id(f.id), "description": f.about, "collapsed": f.is_collapsed} for f in note_type.fields
        ]
        templates = [{"name": t.name, **_id(t.id), "qfmt": t.front, "afmt": t.back} for t in note_type.templates]
        kind = genanki.Model.CLOZE if note_type.is_cloze else genanki.Model.FRONT_BACK
        super().__init__(note_type.id, note_type.name, fields, templates, note_type.css, kind)
        self.mod = note_type.mod

    @property
    def _req(self) -> list[Any]:
        """Which fields a template needs: Anki works it out by itself since 2.1.28."""
        return [[ordinal, "any", [0]] for ordinal in range(len(self.templates))]

    def as_json(self) -> dict[str, Any]:
        """What stands in the collection; genanki's own would take its time from the clock, and name a deck."""
        return {**self.to_json(self.mod, None), "id": self.model_id}


def _id(number: int) -> dict[str, int]:
    """Nothing for 0: without an id Anki goes by the name."""
    return {"id": number} if number else {}


def build_package(
    target: Path,
    notes: Iterable[RenderedNote],
    note_types: Iterable[NoteType],
    reader: MediaReader,
    positions: Mapping[str, int] | None = None,
) -> Path:
    """Write the package of the notes, in their order, to a temporary file beside `target`, and return its path.

    Of the note types those that notes have are written. Notes that are held back are left out. New cards come in the
    order of the notes, or by the `positions` of their GUIDs where a package has only some of a project's notes. Raises
    OSError when the disk refuses, or a picture changed since it was collected; then no temporary file is left.
    """
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
                collection = Path(folder) / "collection.anki2"
                media = _write_collection(collection, notes, {t.name: t for t in note_types}, positions)
                _write_zip(file, collection, media, reader)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    return temporary


def _write_collection(
    path: Path,
    notes: Iterable[RenderedNote],
    note_types: Mapping[str, NoteType],
    positions: Mapping[str, int] | None,
) -> dict[str, MediaFile]:
    """The SQLite file; returns the media that its notes name."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in ("journal_mode = off", "synchronous = off", "secure_delete = on", "locking_mode = exclusive"):
            connection.execute(f"PRAGMA {pragma}")
        tables, indices = APKG_SCHEMA.partition("CREATE INDEX")[::2]
        connection.execute("BEGIN")
        for statement in filter(str.strip, (tables + APKG_COL).split(";\n")):
            connection.execute(statement)
        rows = _Rows(note_types, positions)
        remaining = iter(notes)
        while batch := list(islice(remaining, 2000)):
            connection.executemany("INSERT INTO notes VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows.of_notes(batch))
            connection.executemany("INSERT INTO cards VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", rows.of_cards())
        for statement in filter(str.strip, ("CREATE INDEX" + indices).split(";")):
            connection.execute(statement)
        decks = json.loads(connection.execute("SELECT decks FROM col").fetchone()[0])
        decks.update({str(i): genanki.Deck(i, name).to_json() for name, i in rows.decks.items()})
        models = {str(m.model_id): m.as_json() for m in rows.models.values()}
        connection.execute("UPDATE col SET decks = ?, models = ?", (_json(decks), _json(models)))
        connection.execute("COMMIT")
    finally:
        connection.close()
    with open(path, "r+b") as file:
        file.seek(96)
        file.write(_SQLITE_VERSION.to_bytes(4))
    return rows.media


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


class _Rows:
    """Rows of the two tables, batch by batch, and the decks, note types and media met on the way."""

    def __init__(self, note_types: Mapping[str, NoteType], positions: Mapping[str, int] | None) -> None:
        self._note_types = note_types
        self._positions = positions or {}
        self.models: dict[str, _Model] = {}
        self.decks: dict[str, int] = {}
        self.media: dict[str, MediaFile] = {}
        self._position = 0
        # Of the notes whose cards are still to be written: note id, deck, ordinals, modified time, position.
        self._cards: list[tuple[int, int, tuple[int, ...], int, int]] = []

    def of_notes(self, notes: Iterable[RenderedNote]) -> Iterator[tuple[object, ...]]:
        """One row a note, in the columns of Anki's `notes`."""
        for rendered in notes:
            note = rendered.note
            if note.is_held_back:
                continue
            model = self.models.get(rendered.model)
            if model is None:
                model = self.models[rendered.model] = _Model(self._note_types[rendered.model])
            if len(rendered.fields) != len(model.fields):
                raise ValueError(
                    f"{note.guid}: {len(rendered.fields)} fields, {rendered.model} has {len(model.fields)}"
                )
            self._position += 1
            position = self._positions.get(note.guid, self._position)
            self._cards.append((note.id, self._deck(note.draft.deck), rendered.cards, note.mod, position))
            for file in rendered.media:
                self.media[file.name] = file
            first = _sort_text(rendered.fields[0])
            yield (
                note.id,
                note.guid,
                model.model_id,
                note.mod,
                -1,  # to be synchronised
                _tags(note.draft.tags),
                "\x1f".join(stamped_fields(rendered, self._note_types[rendered.model])),
                first,
                int.from_bytes(hashlib.sha1(first.encode(), usedforsecurity=False).digest()[:4]),
                0,
                "",
            )

    def of_cards(self) -> Iterator[tuple[int | str, ...]]:
        """One row a card of the notes since the last call: new cards, due in the order of the notes."""
        for note, deck, ordinals, mod, position in self._cards:
            for ordinal in ordinals:
                # Note ids are whole seconds, so that a thousand card ids fit between two of them.
                yield (note + ordinal, note, deck, ordinal, mod, -1, 0, 0, position, 0, 0, 0, 0, 0, 0, 0, 0, "")
        self._cards.clear()

    def _deck(self, name: str) -> int:
        deck = self.decks.get(name)
        if deck is None:
            name = unicodedata.normalize("NFC", name)
            deck = self.decks[name] = permanent_id(f"deck/{name}")
        return deck


def _tags(tags: Iterable[str]) -> str:
    names = sorted(set(map(anki_tag, tags)) - {""})
    return f" {' '.join(names)} " if names else ""


_IMAGE = re.compile(r"""<img\b[^>]*?\ssrc="([^"]*)"[^>]*>""", re.IGNORECASE)


def _sort_text(field: str) -> str:
    """What Anki sorts and finds duplicates by: the text of the first field, and the names of its pictures."""
    if "<" in field:
        field = re.sub(r"<[^>]*>", "", _IMAGE.sub(r" \1 ", field))
    return html.unescape(field).replace("\xa0", " ") if "&" in field else field


def _write_zip(file: Any, collection: Path, media: Mapping[str, MediaFile], reader: MediaReader) -> None:
    names = sorted(media)
    with zipfile.ZipFile(file, "w") as package:
        with (
            _entry(package, "collection.anki2", collection.stat().st_size, is_packed=True) as entry,
            open(collection, "rb") as rows,
        ):
            while chunk := rows.read(1 << 20):
                entry.write(chunk)
        index = _json({str(i): name for i, name in enumerate(names)}).encode()
        with _entry(package, "media", len(index), is_packed=True) as entry:
            entry.write(index)
        for i, name in enumerate(names):
            is_packed = name.rpartition(".")[2] not in _MEDIA_KEPT_AS_IS
            found = hashlib.sha256()
            with _entry(package, str(i), 0, is_packed=is_packed) as entry:
                for chunk in reader.chunks(media[name].path):
                    found.update(chunk)
                    entry.write(chunk)
            if found.hexdigest() != media[name].digest:
                raise OSError(f"{media[name].path} changed while the package was written")


def _entry(package: zipfile.ZipFile, name: str, size: int, *, is_packed: bool) -> Any:
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = zipfile.ZIP_DEFLATED if is_packed else zipfile.ZIP_STORED
    info._compresslevel = 1  # type: ignore[attr-defined]  # seven times smaller than stored; more costs more than it saves
    info.create_system, info.external_attr = 3, 0o100644 << 16
    info.file_size = size
    return package.open(info, "w")
