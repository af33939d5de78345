"""The collection of a package: a SQLite file, whose bytes say nothing but what is in it.

SQLite lays out a file by its history. So a collection is written, or changed, in a working file, and copied from there
in the order of its rows (`compact`): the same rows give the same bytes, whether all of them were just written or a few
of a hundred thousand were changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from deckgen.model import RenderedNote
from deckgen.package.rows import Rows
from deckgen.rendering.note_types import NoteType

_PAGE = 16_384  # bytes: four times SQLite's own, and a copy of the file takes half as long
_BATCH = 2000  # notes: as many rows as are in memory at once
_SQLITE_VERSION = 3_040_001  # the header names the SQLite that wrote last; always this one, so that it says nothing


@contextmanager
def working_file(path: Path) -> Iterator[sqlite3.Connection]:
    """A collection that is worked on; nothing of it is safe from a crash."""
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        for pragma in (f"page_size = {_PAGE}", "journal_mode = off", "synchronous = off", "locking_mode = exclusive"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        yield connection
        connection.execute("COMMIT")
    finally:
        connection.close()


_INSERT_NOTE = "INSERT INTO notes VALUES (?,?,?,?,?,?,?,?,?,?,?)"
_INSERT_CARD = "INSERT INTO cards VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"


def insert_notes(connection: sqlite3.Connection, notes: Iterable[RenderedNote], rows: Rows) -> None:
    """Write notes and their cards, as they come."""
    remaining = iter(notes)
    while batch := list(islice(remaining, _BATCH)):
        connection.executemany(_INSERT_NOTE, rows.of_notes(batch))
        connection.executemany(_INSERT_CARD, rows.of_cards())


@contextmanager
def _quick(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        connection.execute("PRAGMA synchronous = off")
        yield connection
    finally:
        connection.close()


def compact(working: Path, target: Path) -> None:
    """Copy a working file to `target`, where nothing may be, in the order of its rows."""
    with _quick(working) as connection:
        connection.execute("VACUUM INTO ?", (str(target),))
    with open(target, "r+b") as file:
        for place, value in ((24, 1), (40, 1), (92, 1), (96, _SQLITE_VERSION)):  # what counts the changes of a file
            file.seek(place)
            file.write(value.to_bytes(4))


class Exchange(NamedTuple):
    """Notes that stand together, by their ids, and those in their place; where there were none, before which others."""

    old: Sequence[int]
    new: Sequence[RenderedNote]
    following: Sequence[int] = ()  # none: at the end


def exchange_notes(
    connection: sqlite3.Connection, exchanges: Iterable[Exchange], note_types: Mapping[str, NoteType]
) -> bool:
    """Put some notes in the place of others; what follows moves up or down. False where that cannot be done: where
    the old ones do not stand together, or the collection would not describe what its notes have, and nothing else.
    """
    placed: list[tuple[int, int, Exchange]] = []
    for index, exchange in enumerate(exchanges):
        if exchange.old or exchange.new:
            first = _place_of(connection, exchange)
            if first is None:
                return False
            placed.append((first, index, exchange))
    gone = [note for *_, exchange in placed for note in exchange.old]
    had = {_kinds(connection, note) for note in gone}
    for table, column in (("notes", "id"), ("cards", "nid")):
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", ((note,) for note in gone))  # noqa: S608
    note_types_now: set[int] = set()
    decks_now: set[int] = set()
    for first, _, (old, new, _) in sorted(placed, reverse=True):  # so that none moves the place of another
        if len(new) != len(old):
            shift, end = len(new) - len(old), first + len(old)
            connection.execute("UPDATE cards SET due = due + ? WHERE due >= ?", (shift, end))
        rows = Rows(note_types, first=first)
        insert_notes(connection, new, rows)
        if rows.media:
            return False
        note_types_now.update(note_type.id for note_type in rows.note_types.values())
        decks_now.update(rows.decks.values())
    described_types, described_decks = (set(map(int, json.loads(text))) for text in _described(connection))
    has_all = note_types_now <= described_types and decks_now <= described_decks
    return has_all and all(_is_used(connection, *kinds) for kinds in had)


def _place_of(connection: sqlite3.Connection, exchange: Exchange) -> int | None:
    """The position where an exchange begins."""
    if exchange.old or exchange.following:
        return _first_position(connection, exchange.old or exchange.following)
    (last,) = connection.execute("SELECT max(due) FROM cards").fetchone()
    return int(last) + 1 if last is not None else None


def _first_position(connection: sqlite3.Connection, notes: Sequence[int]) -> int | None:
    """The position of the first of some notes (their ids); None unless they stand together, each with a card."""
    known: set[int] = set()
    for note in notes:
        known.update(due for (due,) in connection.execute("SELECT DISTINCT due FROM cards WHERE nid = ?", (note,)))
    if not known or len(known) != len(notes) or max(known) - min(known) + 1 != len(known):
        return None
    return min(known)


def _described(connection: sqlite3.Connection) -> tuple[str, str]:
    """The JSON of the note types and of the decks."""
    models, decks = connection.execute("SELECT models, decks FROM col").fetchone()
    return str(models), str(decks)


def _kinds(connection: sqlite3.Connection, note: int) -> tuple[int, int]:
    """The note type of a note, and the deck of its cards."""
    found = connection.execute("SELECT mid, did FROM notes JOIN cards ON nid = notes.id WHERE notes.id = ?", (note,))
    mid, did = found.fetchone() or (0, 0)
    return int(mid), int(did)


def _is_used(connection: sqlite3.Connection, note_type: int, deck: int) -> bool:
    asked = (("SELECT 1 FROM notes WHERE mid = ? LIMIT 1", note_type), ("SELECT 1 FROM cards WHERE did = ?", deck))
    return all(connection.execute(query, (value,)).fetchone() for query, value in asked)
