"""An Anki package, or a closed collection, on disk → the notes in it.

A package is a zip file with a collection in it, a collection is a SQLite file: of schema 11 (`collection.anki2`,
`collection.anki21`: note types and decks as JSON) or of schema 18 (`collection.anki21b`, packed with Zstandard, and the
file that Anki itself works on: note types and decks in tables, their settings as protocol buffers). What is read may
come from anybody: sizes are bounded, views are refused, and nothing is ever written beside the file.
"""

from __future__ import annotations

import contextlib
import html
import json
import re
import sqlite3
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path

define(
    "error",
    unreadable_package="A file is no Anki package and no collection, or the disk refused.",
    package_needs_zstandard="A package is packed with Zstandard, which this Python cannot read by itself.",
    collection_in_use="A collection is open in Anki, or was left so; what is in the file is not all that is in Anki.",
    package_too_large="A package says it unpacks to more than any collection is large.",
)

UNPACKED_LIMIT = 4 * 1024**3
"""Bytes of an unpacked collection. A hundred thousand notes take about forty million."""

_BEST_FIRST = ("collection.anki21b", "collection.anki21", "collection.anki2")


@dataclass(frozen=True, slots=True)
class AnkiTemplate:
    """What makes one card of a note in Anki."""

    name: str
    id: int  # 0 where Anki knows none
    front: str
    back: str


@dataclass(frozen=True, slots=True)
class AnkiNoteType:
    """A note type as Anki has it; field ids are 0 where Anki knows none."""

    id: int
    name: str
    fields: tuple[str, ...]
    field_ids: tuple[int, ...]
    templates: tuple[AnkiTemplate, ...]
    css: str
    is_cloze: bool
    mod: int


@dataclass(frozen=True, slots=True)
class AnkiNote:
    """A note as Anki has it: fields are HTML, `mod` is in seconds."""

    guid: str
    id: int
    mod: int
    note_type: AnkiNoteType
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str  # of its first card

    def field(self, name: str) -> str:
        """The field of that name; nothing where its note type has none."""
        names = self.note_type.fields
        return self.fields[names.index(name)] if name in names else ""


@dataclass(frozen=True, slots=True)
class AnkiNotes:
    """What a package or a collection holds. `is_from_anki`: Anki wrote it, so it may hold what a learner edited."""

    notes: tuple[AnkiNote, ...]
    note_types: tuple[AnkiNoteType, ...]
    is_from_anki: bool


class _UnreadableError(Exception):
    """Why a file cannot be read; turned into its diagnostic at the door."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(kind, message, hint=hint)


def read_anki_notes(path: Path) -> tuple[AnkiNotes | None, list[Diagnostic]]:
    """The notes of a package (`.apkg`, `.colpkg`) or of a collection that Anki has not open."""
    shown = shown_path(path)
    try:
        with path.open("rb") as file:
            start = file.read(16)
        if start.startswith(b"SQLite format 3\0"):
            _check_closed(path, shown)
            return _read_collection(path, is_from_anki=True), []
        if not start.startswith(b"PK"):
            raise _UnreadableError(
                "unreadable-package", f"{shown} is neither an Anki package nor a collection", _ASKED_FOR
            )
        with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
            collection = Path(folder) / "collection.anki2"
            is_from_anki = _unpack(path, collection, shown)
            return _read_collection(collection, is_from_anki=is_from_anki), []
    except _UnreadableError as problem:
        return None, [problem.diagnostic]
    except OSError as problem:
        message = f"{shown} cannot be read: {problem.strerror or problem}"
        return None, [Diagnostic("unreadable-package", message, hint=_ASKED_FOR)]
    except Exception as problem:  # zip, Zstandard, SQLite, JSON: of a broken file each trips over something else
        message = f"{shown} is damaged, or of a format that deckgen does not know: {problem}"
        return None, [Diagnostic("unreadable-package", message, hint=_EXPORT_AGAIN)]


_ASKED_FOR = "name an .apkg file, or the collection.anki2 of a profile while Anki is closed"
_EXPORT_AGAIN = "in Anki, File › Check Database, then File › Export as an Anki Deck Package"
_WITHOUT_ZSTANDARD = "export again with `Support older Anki versions` ticked, or `pip install zstandard` beside deckgen"


# ---- fields


_UNREAD = re.compile(r"<!--.*?-->|<(style|script)\b.*?</\1\s*>|\[sound:[^\]]*\]", re.DOTALL | re.IGNORECASE)
_BREAK = re.compile(
    r"<(?:br|hr|/?(?:p|div|li|ul|ol|tr|td|th|table|pre|blockquote|h[1-6]|dt|dd))\b[^>]*>", re.IGNORECASE
)
_DELETION = re.compile(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)


def shown_text(field: str) -> str:
    """A field's HTML as one line of text: without tags and pictures, cloze deletions as what they delete."""
    if "{{c" in field:
        field = _DELETION.sub(r"\1", field)
    if "<" in field or "[" in field:
        field = re.sub(r"<[^>]*>", "", _BREAK.sub(" ", _UNREAD.sub("", field)))
    return " ".join(html.unescape(field).replace("\xa0", " ").split())


# ---- the zip file


def _unpack(path: Path, target: Path, shown: str) -> bool:
    """Write the collection of a package to `target`; whether Anki made the package."""
    with zipfile.ZipFile(path) as package:
        names = package.namelist()
        name = next((name for name in _BEST_FIRST if name in names), None)
        if name is None:
            raise _UnreadableError("unreadable-package", f"{shown} has no collection in it", _ASKED_FOR)
        with package.open(name) as packed, target.open("wb") as file:
            reader = _zstandard(shown)(packed) if name.endswith("b") else packed
            _copy(reader, file, shown)
        return "meta" in names or name != "collection.anki2"


def _copy(source: Any, target: IO[bytes], shown: str) -> None:
    size = 0
    while chunk := source.read(1 << 20):
        size += len(chunk)
        if size > UNPACKED_LIMIT:
            message = f"{shown} unpacks to more than {UNPACKED_LIMIT >> 30} GiB"
            raise _UnreadableError("package-too-large", message, "this is no deck; where does the file come from?")
        target.write(chunk)


def _zstandard(shown: str) -> Callable[[Any], Any]:
    """What unpacks Zstandard: Python's own from 3.14 on, else the package of that name."""
    with contextlib.suppress(ImportError):
        from importlib import import_module

        zstd: Any = import_module("compression.zstd")
        opened_by: Callable[[Any], Any] = zstd.ZstdFile
        return opened_by
    try:
        zstandard: Any = import_module("zstandard")
    except ImportError:
        message = f"{shown} is in the format of newer Anki versions, packed with Zstandard"
        raise _UnreadableError("package-needs-zstandard", message, _WITHOUT_ZSTANDARD) from None

    def opened(file: Any) -> Any:
        return zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True)

    return opened


# ---- the collection


def _check_closed(path: Path, shown: str) -> None:
    """Refuse a collection that a process has open, or that was never closed: part of it would be in the `-wal` file."""
    journal = path.with_name(path.name + "-wal")
    in_use = journal.is_file() and journal.stat().st_size > 0
    hint = "close Anki, then try again"
    if in_use and not _is_locked(path):
        hint = "open and close Anki once: it did not end properly; or export the deck as a package"
    if in_use or _is_locked(path):
        raise _UnreadableError("collection-in-use", f"{shown} is open in Anki, or was not closed", hint)


def why_in_use(path: Path) -> Diagnostic | None:
    """Why a collection may not be touched; None where it is closed."""
    try:
        _check_closed(path, shown_path(path))
    except _UnreadableError as problem:
        return problem.diagnostic
    return None


def _is_locked(path: Path) -> bool:
    """Whether another process holds SQLite's lock; asked without SQLite, which would write beside the file."""
    try:
        import fcntl
    except ImportError:  # Windows: what is left is the journal
        return False
    with path.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 510, 0x40000002)  # SQLite's SHARED_FIRST, SHARED_SIZE
        except OSError:
            return True
        return False


def _read_collection(path: Path, *, is_from_anki: bool) -> AnkiNotes:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    try:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        connection.create_collation("unicase", _by_lower_case)
        connection.execute("PRAGMA trusted_schema = off")
        tables = {
            name: kind for name, kind in connection.execute("SELECT name, type FROM sqlite_master") if kind != "index"
        }
        read = ("col", "notes", "cards", "notetypes", "fields", "templates", "decks")
        if any(tables.get(name, "table") != "table" for name in read):  # a view could compute for ever
            raise ValueError("a table of it is none")
        is_new = "notetypes" in tables
        note_types = _note_types_of_tables(connection) if is_new else _note_types_of_json(connection)
        decks = _decks_of_tables(connection) if is_new else _decks_of_json(connection)
        return AnkiNotes(tuple(_notes(connection, note_types, decks)), tuple(note_types.values()), is_from_anki)
    finally:
        connection.close()


def _by_lower_case(one: str, other: str) -> int:
    return (one.lower() > other.lower()) - (one.lower() < other.lower())


def _notes(
    connection: sqlite3.Connection, note_types: dict[int, AnkiNoteType], decks: dict[int, str]
) -> Iterator[AnkiNote]:
    """In the order of the cards: a package's is that of the sources."""
    places = "SELECT nid, min(due), min(ord), CASE odid WHEN 0 THEN did ELSE odid END FROM cards GROUP BY nid"
    deck_of = {note: decks.get(int(deck), "") for note, _, _, deck in connection.execute(places)}
    rows = connection.execute("SELECT guid, id, mod, mid, flds, tags FROM notes ORDER BY id")
    for guid, note, mod, kind, fields, tags in rows:
        if (note_type := note_types.get(int(kind))) is None:
            continue  # Check Database would delete it
        values = tuple(str(fields).split("\x1f"))
        if len(values) == len(note_type.fields):
            yield AnkiNote(
                str(guid), int(note), int(mod), note_type, values, tuple(str(tags).split()), deck_of.get(note, "")
            )


def _note_types_of_json(connection: sqlite3.Connection) -> dict[int, AnkiNoteType]:
    (text,) = connection.execute("SELECT models FROM col").fetchone()
    found = {}
    for key, model in json.loads(text).items():
        fields = sorted(model["flds"], key=lambda field: int(field.get("ord", 0)))
        templates = sorted(model["tmpls"], key=lambda template: int(template.get("ord", 0)))
        found[int(key)] = AnkiNoteType(
            int(key),
            str(model["name"]),
            tuple(str(field["name"]) for field in fields),
            tuple(int(field.get("id") or 0) for field in fields),
            tuple(
                AnkiTemplate(str(t["name"]), int(t.get("id") or 0), str(t["qfmt"]), str(t["afmt"])) for t in templates
            ),
            str(model.get("css", "")),
            int(model.get("type", 0)) == 1,
            int(model.get("mod", 0)),
        )
    return found


def _decks_of_json(connection: sqlite3.Connection) -> dict[int, str]:
    (text,) = connection.execute("SELECT decks FROM col").fetchone()
    return {int(key): str(deck["name"]) for key, deck in json.loads(text).items()}


def _note_types_of_tables(connection: sqlite3.Connection) -> dict[int, AnkiNoteType]:
    """Numbers of the protocol buffers: anki's notetypes.proto."""
    fields: dict[int, list[tuple[str, int]]] = {}
    for kind, name, config in connection.execute("SELECT ntid, name, config FROM fields ORDER BY ntid, ord"):
        fields.setdefault(int(kind), []).append((str(name), _number(config, 9)))
    templates: dict[int, list[AnkiTemplate]] = {}
    for kind, name, config in connection.execute("SELECT ntid, name, config FROM templates ORDER BY ntid, ord"):
        template = AnkiTemplate(str(name), _number(config, 8), _string(config, 1), _string(config, 2))
        templates.setdefault(int(kind), []).append(template)
    return {
        int(kind): AnkiNoteType(
            int(kind),
            str(name),
            tuple(name for name, _ in fields.get(kind, [])),
            tuple(identity for _, identity in fields.get(kind, [])),
            tuple(templates.get(kind, [])),
            _string(config, 3),
            _number(config, 1) == 1,
            int(mod),
        )
        for kind, name, mod, config in connection.execute("SELECT id, name, mtime_secs, config FROM notetypes")
    }


def _decks_of_tables(connection: sqlite3.Connection) -> dict[int, str]:
    rows = connection.execute("SELECT id, name FROM decks")
    return {int(deck): str(name).replace("\x1f", "::") for deck, name in rows}


# ---- protocol buffers: as much of them as a note type needs


def _number(message: bytes, wanted: int) -> int:
    """A signed number of a message; 0 where it is not there."""
    found = next((value for number, value in _parts(message) if number == wanted and isinstance(value, int)), 0)
    return found - (1 << 64) if found >> 63 else found


def _string(message: bytes, wanted: int) -> str:
    """A text of a message; empty where it is not there."""
    values = (value for number, value in _parts(message) if number == wanted and isinstance(value, bytes))
    return next(values, b"").decode("utf-8", "replace")


def _parts(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The numbered parts of a message. Raises ValueError when it is none."""
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(message, place)
            yield number, value
        elif kind == 2:
            length, place = _varint(message, place)
            yield number, message[place : place + length]
            place += length
        elif kind in (1, 5):
            place += 8 if kind == 1 else 4
        else:
            raise ValueError("a note type's settings are not readable")


def _varint(message: bytes, place: int) -> tuple[int, int]:
    value = shift = 0
    while place < len(message) and shift < 70:
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
    raise ValueError("a note type's settings are not readable")
