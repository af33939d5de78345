"""The tables of the index and their rows: a draft, a decided note, what the package has of a source; and their keys."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b
from typing import Any, NamedTuple

import msgspec

from deckgen.diagnostics import Diagnostic
from deckgen.model import Draft, Guid, Html, MediaFile, Note, Origin, RenderedNote
from deckgen.rendering.note_types import NoteType

TABLES = """
CREATE TABLE note_meta (name TEXT PRIMARY KEY, value BLOB) WITHOUT ROWID;
CREATE TABLE fact (
  path TEXT, ordinal INTEGER, asked TEXT, text INTEGER, pictured INTEGER, choice INTEGER, PRIMARY KEY (path, ordinal)
) WITHOUT ROWID;
CREATE INDEX fact_asked ON fact (asked);
CREATE INDEX fact_text ON fact (text);
CREATE TABLE suggestion (
  path TEXT, ordinal INTEGER, asked TEXT, text INTEGER, choice TEXT, admitted INTEGER, family INTEGER, said TEXT,
  PRIMARY KEY (path, ordinal)
) WITHOUT ROWID;
CREATE TABLE line (
  guid TEXT PRIMARY KEY, id INTEGER, asked TEXT, family INTEGER, text INTEGER, answer INTEGER, said INTEGER,
  retired INTEGER, row INTEGER
) WITHOUT ROWID;
CREATE INDEX line_id ON line (id);
CREATE INDEX line_asked ON line (asked);
CREATE INDEX line_text ON line (text);
CREATE INDEX line_answer ON line (answer);
CREATE INDEX line_said ON line (said);
CREATE INDEX line_retired ON line (guid) WHERE retired;
CREATE TABLE former (key TEXT, guid TEXT, PRIMARY KEY (key, guid)) WITHOUT ROWID;
CREATE INDEX former_guid ON former (guid);
CREATE TABLE indexed (path TEXT PRIMARY KEY, digest TEXT) WITHOUT ROWID;
CREATE TABLE made (sort TEXT PRIMARY KEY, path TEXT UNIQUE, made BLOB) WITHOUT ROWID;
CREATE TABLE decided (path TEXT PRIMARY KEY, notes BLOB) WITHOUT ROWID;
CREATE TABLE outcome (path TEXT PRIMARY KEY, outcomes BLOB) WITHOUT ROWID;
CREATE TABLE touched (asked TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE stale (path TEXT PRIMARY KEY) WITHOUT ROWID;
"""
"""`asked`: the GUID that a key asks for."""


class MadeSource(msgspec.Struct, array_like=True):
    """What the package has of a source, and what is said about it: counted while its notes go by."""

    diagnostics: list[Diagnostic] = []
    held_apart: tuple[str, ...] = ()  # where notes stand that are not made: another one asks the same
    ids: list[int] = []  # of the notes that are in the package, in order
    total: int = 0  # notes, also those without a card
    shown: int = 0  # notes with a card, also those that are held back
    cards: int = 0  # in the package
    held: int = 0  # back, since a picture is missing
    declined: int = 0  # by the learner, in Anki
    skipped: int = 0  # by the learner's decision
    decided: set[str] = set()  # GUIDs that decisions about its notes name
    decks: set[str] = set()
    media: dict[str, MediaFile] = {}  # by name
    looked_at: set[str] = set()  # paths of pictures and sounds
    pictures: set[tuple[str, str]] = set()  # as lines remember them
    has_media: bool = False  # whether what its notes are depends on other files
    is_missing_media: bool = False
    findings: list[tuple[str, ...]] = []  # kinds, of each note in the package that has any

    def see(self, draft: Draft, pictures: Iterable[tuple[str, str]]) -> None:
        """What a draft owes to other files. `pictures`: as a line remembers them."""
        self.has_media = self.has_media or bool(draft.media or draft.missing_media or draft.embeds)
        self.is_missing_media = self.is_missing_media or draft.is_missing_media
        self.looked_at.update([*(file.path for file in draft.media), *draft.embeds])
        self.pictures.update(pictures)

    def count(self, note: Note, *, is_waiting: bool) -> None:
        """A note that is made."""
        self.total += 1
        self.held += is_waiting
        self.declined += note.is_declined
        self.skipped += note.is_skipped and not note.is_declined

    def package(self, rendered: RenderedNote, note: Note, findings: Collection[str]) -> None:
        """A note that is in the package."""
        self.ids.append(note.id)
        self.cards += len(rendered.cards)
        self.decks.add(note.draft.deck)
        if findings:
            self.findings.append(tuple(findings))
        self.media.update((file.name, file) for file in rendered.media)


class OwnRendering(msgspec.Struct, frozen=True, array_like=True):
    """What a note shows where that is not what came of its source alone."""

    draft: Draft
    model: str
    fields: tuple[Html, ...]
    cards: tuple[int, ...]
    media: tuple[MediaFile, ...]


class StoredOptions(msgspec.Struct, frozen=True, array_like=True):
    """What commands ask about a build beside its notes."""

    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    note_types: dict[str, NoteType] = {}


class DecidedNote(msgspec.Struct, frozen=True, array_like=True):
    """Which note a draft is, as the last build left it."""

    ordinal: int  # of the draft among those of its source
    guid: Guid
    id: int
    mod: int
    cloze: tuple[int, ...] = ()
    is_shown: bool = True  # Anki makes a card of it
    is_held_back: bool = False
    is_declined: bool = False
    is_skipped: bool = False
    origins: tuple[Origin, ...] = ()
    own: OwnRendering | None = None


FactRow = tuple[Guid, int, bool, int]
"""What the index holds of a draft: what its key asks for, what its text is found by, whether it may show pictures, and
what a decision whose GUID is lost is found by.
"""


class Suggestion(NamedTuple):
    """What the index holds of a draft that is less sure than a note has to be, beside its `FactRow`."""

    choice: str  # `choice_digest`
    family: int
    said: str  # its text, to be compared with those of notes that leave


SuggestionRow = tuple[str, FactRow, str, bool]
"""Of a suggestion: its path, what the index would hold of it as a note, its `choice_digest`, whether it is a note."""


def text_key(kind: str, rule: str, digest: str) -> int:
    """What a text that a rule made a note of is found by."""
    return _number(f"{kind}\0{rule}\0{digest}".encode())


def choice_key(of: str) -> int:
    """What a draft is found by that a decision was made of."""
    return _number(of.encode())


def answer_key(kind: str, rule: str, answer: str) -> int:
    """What an answer to a rule's questions is found by."""
    return _number(f"{kind}\0{rule}\0\0{answer}".encode("utf-8", "surrogatepass"))


def family_key(kind: str, rule: str) -> int:
    """What the notes of a rule are found by."""
    return _number(f"{kind}\0{rule}".encode())


def row_key(row: bytes | memoryview) -> int:
    """What a line, as it is written, is known by."""
    return _number(row)


_MANY = 500  # values in one query


def select_in(connection: sqlite3.Connection, query: str, values: Iterable[object]) -> Iterator[Any]:
    """The rows of a query that ends in `IN`, for some values."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        yield from connection.execute(f"{query}({','.join('?' * len(some))})", some).fetchall()


def _number(data: bytes | memoryview) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def sort_key(path: str) -> str:
    """In the order of the sources: folder by folder."""
    return path.replace("/", "\0")
