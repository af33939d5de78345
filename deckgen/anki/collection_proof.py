"""A file that is to be written as a collection → whether it is one, found out without touching it.

Anki's engine takes any SQLite file for a collection that is to be set up, and so turns the database of another program,
or Anki's own list of profiles, into an empty one. Nothing is opened by it before the file is proven.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

from deckgen.package.bounded_database import BoundedDatabase
from deckgen.package.unreadable import UnreadableError

_COLUMNS = {
    "col": "id crt mod scm ver dty usn ls conf models decks dconf tags",
    "notes": "id guid mid mod usn tags flds sfld csum flags data",
    "cards": "id nid did ord mod usn type queue due ivl factor reps lapses left odue odid flags data",
    "revlog": "id cid usn ease ivl lastIvl factor time type",
}
_SCHEMAS = range(11, 19)
"""Versions of a collection's tables: 11 from 2012 on, 18 since Anki 2.1.50."""

_JOURNAL = bytes.fromhex("d9d505f920a163d7")


def why_no_collection(path: Path) -> str:
    """What a file lacks to be a collection of Anki's; empty for one."""
    if path.suffix != ".anki2":
        return "the file of a collection ends in .anki2"
    try:
        if not path.is_file():
            return "it is no ordinary file"
        if _has_journal(path):
            return "another program did not end properly while it wrote to it"
        with BoundedDatabase(path) as database:
            for table, columns in _COLUMNS.items():
                next(database.rows(table, columns.split()), None)
            versions = [version for (version,) in database.rows("col", ["ver"])]
    except OSError as problem:
        return problem.strerror or str(problem)
    except UnreadableError as problem:
        return problem.diagnostic.message
    except (ValueError, sqlite3.Error) as problem:
        return str(problem)
    if len(versions) != 1 or versions[0] not in _SCHEMAS:
        return f"its version is {', '.join(map(str, versions)) or 'missing'}"
    return ""


def _has_journal(path: Path) -> bool:
    """Whether SQLite would undo something on opening it, and delete the file that a journal names."""
    journal = path.with_name(path.name + "-journal")
    if not journal.exists():
        return False
    if not journal.is_file():
        return True
    with journal.open("rb") as file:
        return file.read(len(_JOURNAL)) == _JOURNAL
