"""The suggestions of a project, as an index: drafts that are less sure than a note has to be. Some are notes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator

from deckgen.build.index_rows import FactRow, Suggestion, SuggestionRow, select_in
from deckgen.model import Guid

_ROWS = "SELECT path, asked, text, choice, admitted FROM suggestion"


class SuggestionIndex:
    """The table `suggestion` of one project."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    def put(self, path: str, suggestions: Iterable[tuple[FactRow, Suggestion, bool]]) -> None:
        """Those of a source: what the index would hold of each as a note, and whether it is one."""
        self._db.execute("DELETE FROM suggestion WHERE path = ?", (path,))
        rows = (
            (path, ordinal, fact[0], fact[1], one.choice, is_admitted, one.family, one.said)
            for ordinal, (fact, one, is_admitted) in enumerate(suggestions)
        )
        self._db.executemany("INSERT INTO suggestion VALUES (?,?,?,?,?,?,?,?)", rows)

    def all(self) -> Iterator[SuggestionRow]:
        """Those of all sources."""
        return map(_row, self._db.execute(_ROWS))

    def admitted_otherwise(self) -> Iterator[SuggestionRow]:
        """Those that are notes although no line has their key and text, and those that are none although one has."""
        is_known = "EXISTS (SELECT 1 FROM line WHERE line.asked = s.asked AND line.text = s.text)"
        return map(_row, self._db.execute(f"{_ROWS} s WHERE admitted != {is_known}"))

    def named(self, asked: Iterable[str], choices: Iterable[str]) -> Iterator[SuggestionRow]:
        """Those of some keys, and those that some decisions were made of."""
        yield from map(_row, select_in(self._db, f"{_ROWS} WHERE asked IN ", asked))
        yield from map(_row, select_in(self._db, f"{_ROWS} WHERE choice IN ", choices))

    def left(self) -> Iterator[tuple[int, Guid, str]]:
        """Those that are no notes: the rule, what the key asks for, the text."""
        yield from self._db.execute("SELECT family, asked, said FROM suggestion WHERE NOT admitted")

    def paths_left(self) -> set[str]:
        """The sources with such that are no notes."""
        return {path for (path,) in self._db.execute("SELECT DISTINCT path FROM suggestion WHERE NOT admitted")}

    def count_left(self) -> int:
        """How many are no notes."""
        (count,) = self._db.execute("SELECT count(*) FROM suggestion WHERE NOT admitted").fetchone()
        return int(count)

    def have_copies(self) -> bool:
        """Whether one that is no note says word for word what a note of a touched key says, in another place."""
        query = (
            "SELECT 1 FROM suggestion JOIN touched USING (asked) JOIN fact USING (asked, text)"
            " WHERE NOT admitted LIMIT 1"
        )
        return self._db.execute(query).fetchone() is not None


def _row(row: tuple[str, Guid, int, str, int]) -> SuggestionRow:
    path, asked, text, of, is_admitted = row
    return path, (asked, text, False, 0), of, bool(is_admitted)
