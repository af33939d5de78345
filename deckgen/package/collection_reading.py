"""A collection, as a SQLite file → the notes in it.

Of schema 11 (`collection.anki2`, `collection.anki21`: note types and decks as JSON) or of schema 18
(`collection.anki21b`, and the file that Anki itself works on: note types and decks in tables, their settings as
protocol buffers). Every value is checked here, so that nothing behind this module meets one that Anki would not write.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from deckgen.diagnostics import Diagnostic, define
from deckgen.model import GUID_LENGTH, LAST_SECOND
from deckgen.package.anki_notes import AnkiNote, AnkiNotes, AnkiNoteType, AnkiTemplate
from deckgen.package.bounded_database import BoundedDatabase, Value
from deckgen.package.protobuf import number_in, text_in
from deckgen.package.unreadable import refuse_size

define(
    "warning",
    odd_modified_time="A note in Anki has an impossible modified time; imports would never update it.",
    odd_guid="A note in Anki has a GUID that a lock cannot hold; it is skipped.",
)

MOST_NOTES, MOST_NOTE_TYPES, MOST_PARTS = 1_000_000, 10_000, 1_000
"""Notes and note types of a collection; fields and templates of a note type."""
_JSON_LIMIT = 16 * 1024**2  # bytes of the note types, or decks, of schema 11

_Int64 = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]


class _Field(msgspec.Struct, gc=False):
    name: str
    ord: _Int64 | None = None
    id: _Int64 | None = None


class _Template(msgspec.Struct, gc=False):
    name: str
    qfmt: str
    afmt: str
    ord: _Int64 | None = None
    id: _Int64 | None = None


class _Model(msgspec.Struct, gc=False):
    name: str
    flds: Annotated[list[_Field], Meta(max_length=MOST_PARTS)]
    tmpls: Annotated[list[_Template], Meta(max_length=MOST_PARTS)]
    css: str = ""
    type: _Int64 = 0
    mod: _Int64 = 0


class _Deck(msgspec.Struct, gc=False):
    name: str


def read_collection(path: Path, *, is_from_anki: bool) -> tuple[AnkiNotes, list[Diagnostic]]:
    """The notes of a collection that nobody has open. Raises `UnreadableError`, ValueError, sqlite3.Error."""
    with BoundedDatabase(path) as database:
        is_new = database.has_table("notetypes")
        note_types = _note_types_of_tables(database) if is_new else _note_types_of_json(database)
        decks = _decks_of_tables(database) if is_new else _decks_of_json(database)
        reader = _NoteReader(note_types, _deck_of_notes(database, decks))
        notes = tuple(sorted(reader.read(database), key=lambda note: note.id))
    return AnkiNotes(notes, tuple(note_types.values()), is_from_anki), reader.warnings()


# ---- values


def _integer(value: Value) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int):
        raise ValueError(f"a number of it is {'a text' if isinstance(value, str) else 'none'}")
    return value


def _text(value: Value) -> str:
    """A text; what is no UTF-8 in it is replaced."""
    if isinstance(value, (int, float)):
        return str(value)  # as SQLite stores a text of digits in a column for numbers
    if not isinstance(value, str):
        raise ValueError("a text of it is none")
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("the settings of a note type are not readable")
    return value


def _seconds(value: int) -> int:
    """A time as Anki's clock would have it."""
    return min(max(value, 0), LAST_SECOND)


# ---- notes


class _NoteReader:
    """Reads notes, and counts those with odd values."""

    def __init__(self, note_types: dict[int, AnkiNoteType], deck_of: dict[int, str]) -> None:
        self._note_types, self._deck_of = note_types, deck_of
        self._odd_times: list[AnkiNote] = []
        self._odd_guids = 0

    def read(self, database: BoundedDatabase) -> Iterator[AnkiNote]:
        """All notes of which a card can be made."""
        rows = database.rows("notes", ("guid", "id", "mod", "mid", "flds", "tags"))
        for count, (guid, number, mod, kind, fields, tags) in enumerate(rows):
            if count == MOST_NOTES:
                refuse_size(f"the collection holds more than {MOST_NOTES:,} notes")
            note_type = self._note_types.get(_integer(kind))
            text = _text(fields)
            if note_type is None or text.count("\x1f") + 1 != len(note_type.fields):
                continue  # Check Database would delete it, or mend its fields
            if not (identity := _guid(guid)):
                self._odd_guids += 1
                continue
            note = AnkiNote(
                identity,
                _integer(number),
                _seconds(_integer(mod)),
                note_type,
                tuple(text.split("\x1f")),
                tuple(_text(tags).split()),
                self._deck_of.get(_integer(number), ""),
            )
            if note.mod != mod:
                self._odd_times.append(note)
            yield note

    def warnings(self) -> list[Diagnostic]:
        """What there is to tell of odd values."""
        found = []
        if self._odd_times:
            message = f"{len(self._odd_times)} notes in Anki have a modified time before 1970 or after the year 9999"
            shown = ",".join(str(note.id) for note in self._odd_times[:50])
            hint = f"an import updates them only once they were edited in Anki by hand: `nid:{shown}` finds them there"
            found.append(Diagnostic("odd-modified-time", message, hint=hint))
        if self._odd_guids:
            message = (
                f"{self._odd_guids} notes in Anki have no GUID, or none of up to {GUID_LENGTH} characters of UTF-8"
            )
            hint = "File › Check Database in Anki, then export again"
            found.append(Diagnostic("odd-guid", message, hint=hint))
        return found


def _guid(value: Value) -> str:
    """A GUID that a lock can hold; empty for others."""
    if isinstance(value, int):
        return str(value)
    if not isinstance(value, str) or len(value) > GUID_LENGTH:
        return ""
    return value if value.isascii() or _text(value) == value else ""


def _deck_of_notes(database: BoundedDatabase, decks: dict[int, str]) -> dict[int, str]:
    """The deck of the first card of each note: its home deck, where it is in a filtered one."""
    first: dict[int, tuple[int, int]] = {}
    for note, ordinal, deck, home in database.rows("cards", ("nid", "ord", "did", "odid")):
        here = _integer(ordinal), _integer(home) or _integer(deck)
        number = _integer(note)
        if number not in first or here < first[number]:
            first[number] = here
    return {note: decks.get(deck, "") for note, (_, deck) in first.items()}


# ---- schema 11


def _json_of(database: BoundedDatabase, column: str) -> str:
    text = next((_text(value) for (value,) in database.rows("col", (column,))), "")
    if len(text) > _JSON_LIMIT:
        refuse_size(f"the {column} of the collection take more than {_JSON_LIMIT >> 20} MiB")
    return text


def _note_types_of_json(database: BoundedDatabase) -> dict[int, AnkiNoteType]:
    models = msgspec.json.decode(_json_of(database, "models"), type=dict[_Int64, _Model], strict=False)
    if len(models) > MOST_NOTE_TYPES:
        refuse_size(f"the collection holds more than {MOST_NOTE_TYPES:,} note types")
    found = {}
    for key, model in models.items():
        fields = sorted(model.flds, key=lambda field: field.ord or 0)
        templates = sorted(model.tmpls, key=lambda template: template.ord or 0)
        found[key] = AnkiNoteType(
            key,
            model.name,
            tuple(field.name for field in fields),
            tuple(field.id or 0 for field in fields),
            tuple(AnkiTemplate(t.name, t.id or 0, t.qfmt, t.afmt) for t in templates),
            model.css,
            model.type == 1,
            _seconds(model.mod),
        )
    return found


def _decks_of_json(database: BoundedDatabase) -> dict[int, str]:
    decks = msgspec.json.decode(_json_of(database, "decks"), type=dict[_Int64, _Deck], strict=False)
    return {key: deck.name for key, deck in decks.items()}


# ---- schema 18; the numbers of the protocol buffers are those of anki's notetypes.proto


def _note_types_of_tables(database: BoundedDatabase) -> dict[int, AnkiNoteType]:
    fields = _parts_of(database, "fields")
    templates = _parts_of(database, "templates")
    found: dict[int, AnkiNoteType] = {}
    for kind, name, mod, config in database.rows("notetypes", ("id", "name", "mtime_secs", "config")):
        if len(found) == MOST_NOTE_TYPES:
            refuse_size(f"the collection holds more than {MOST_NOTE_TYPES:,} note types")
        number, settings = _integer(kind), _bytes(config)
        of_fields, of_templates = fields.get(number, []), templates.get(number, [])
        found[number] = AnkiNoteType(
            number,
            _text(name),
            tuple(name for _, name, _ in of_fields),
            tuple(number_in(config, 9) for _, _, config in of_fields),
            tuple(AnkiTemplate(name, number_in(c, 8), text_in(c, 1), text_in(c, 2)) for _, name, c in of_templates),
            text_in(settings, 3),
            number_in(settings, 1) == 1,
            _seconds(_integer(mod)),
        )
    return found


def _parts_of(database: BoundedDatabase, table: str) -> dict[int, list[tuple[int, str, bytes]]]:
    """The fields, or templates, of each note type, in order."""
    found: dict[int, list[tuple[int, str, bytes]]] = {}
    for kind, ordinal, name, config in database.rows(table, ("ntid", "ord", "name", "config")):
        parts = found.setdefault(_integer(kind), [])
        parts.append((_integer(ordinal), _text(name), _bytes(config)))
        if len(parts) > MOST_PARTS:
            refuse_size(f"a note type of the collection has more than {MOST_PARTS:,} {table}")
    return {kind: sorted(parts) for kind, parts in found.items()}


def _decks_of_tables(database: BoundedDatabase) -> dict[int, str]:
    return {_integer(deck): _text(name).replace("\x1f", "::") for deck, name in database.rows("decks", ("id", "name"))}
