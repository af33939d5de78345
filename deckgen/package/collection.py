"""The collection of a package: a SQLite file, whose bytes say nothing but what is in it.

SQLite lays out a file by its history. So a collection is written, or changed, in a working file, and copied from there
in the order of its rows (`compact`): the same rows give the same bytes, whether all of them were just written or a few
of a hundred thousand were changed.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from deckgen.model import RenderedNote
from deckgen.package.rows import Rows

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


class Replacement(NamedTuple):
    """Notes that stand together, by their ids, and those in their place. `place` is the position of the first among
    the notes as they were, from 1.
    """

    place: int
    old: Sequence[int]
    new: Sequence[RenderedNote]


def replace_notes(connection: sqlite3.Connection, replacements: Iterable[Replacement], rows: Rows) -> None:
    """Put some notes in the place of others; what follows moves up or down."""
    ordered = sorted(replacements, key=lambda one: one.place)
    gone = [note for one in ordered for note in one.old]
    for statement in ("DELETE FROM notes WHERE id = ?", "DELETE FROM cards WHERE nid = ?"):
        connection.executemany(statement, ((note,) for note in gone))
    shift = 0
    places: list[tuple[int, Replacement]] = []
    shifts: list[tuple[int, int]] = []
    for one in ordered:
        places.append((one.place + shift, one))
        if len(one.new) != len(one.old):
            shift += len(one.new) - len(one.old)
            shifts.append((one.place + len(one.old), shift))
    _move(connection, shifts)
    for place, one in places:
        rows.next_position = place
        insert_notes(connection, one.new, rows)


def _move(connection: sqlite3.Connection, shifts: Sequence[tuple[int, int]]) -> None:
    """Move cards from each position on by so many."""
    if not shifts:
        return
    connection.execute("CREATE TEMP TABLE shift (start INTEGER PRIMARY KEY, by INTEGER)")
    connection.executemany("INSERT OR REPLACE INTO shift VALUES (?, ?)", shifts)
    by, first = "(SELECT by FROM shift WHERE start <= {} ORDER BY start DESC LIMIT 1)", (shifts[0][0],)
    new = by.format("due")
    connection.execute(f"UPDATE cards SET due = due + {new} WHERE type = 0 AND due >= ?", first)  # noqa: S608 (built here)
    # Cards that come with a schedule have their position in `data`, `{"pos":12}`.
    place = "CAST(substr(data, 8) AS INTEGER)"
    moved = f"""'{{"pos":' || ({place} + {by.format(place)}) || '}}'"""
    connection.execute(f"UPDATE cards SET data = {moved} WHERE type = 2 AND {place} >= ?", first)  # noqa: S608 (built here)
    connection.execute("DROP TABLE shift")


def described(connection: sqlite3.Connection) -> tuple[set[int], set[int]]:
    """The note types and the decks that a collection describes."""
    models, decks = connection.execute("SELECT models, decks FROM col").fetchone()
    return set(map(int, json.loads(models))), set(map(int, json.loads(decks)))


def note_types_in(connection: sqlite3.Connection) -> set[int]:
    """The note types that notes have."""
    return {int(mid) for (mid,) in connection.execute("SELECT DISTINCT mid FROM notes")}
