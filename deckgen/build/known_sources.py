"""What the store knows of each source without what came of it: its state, its languages, what it was made with."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from deckgen.build.file_stamps import FileStamp


@dataclass(frozen=True, slots=True)
class KnownSource:
    """What is known of a source."""

    state: FileStamp
    encoding: str
    digest: str
    languages: tuple[str, ...]
    environment: str
    matched: str  # rules, one a line


_COLUMNS = "SELECT path, size, modified, changed, inode, encoding, digest, languages, environment, matched FROM sources"


def known_in(connection: sqlite3.Connection, paths: Sequence[str] | None) -> dict[str, KnownSource]:
    """What the database knows of sources; of some of them, where `paths` says which."""
    known: dict[str, KnownSource] = {}
    if paths is None:
        rows: Iterable[Any] = connection.execute(_COLUMNS)
    else:
        rows = chain.from_iterable(connection.execute(f"{_COLUMNS} WHERE path = ?", (path,)) for path in paths)
    for name, size, modified, changed, inode, encoding, digest, languages, environment, matched in rows:
        state = (int(size), int(modified), int(changed), int(inode))
        spoken = tuple(str(languages).split())
        known[str(name)] = KnownSource(state, str(encoding), str(digest), spoken, str(environment), str(matched))
    return known
