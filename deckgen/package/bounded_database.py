"""A SQLite file of anybody's → the rows of its tables, read without running anything that it holds.

What the file says of itself is not believed: a view, a generated column or a page that is listed a thousand times can
make gigabytes of a few bytes. So only ordinary tables are read, with no more than their stored columns, and of all of
them together no more than the file has bytes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType

from deckgen.package.unreadable import refuse_size

VALUE_LIMIT = 64 * 1024**2
"""Bytes of one row."""
TOTAL_LIMIT = 256 * 1024**2
"""Bytes of all that is read: it is held in memory. A hundred thousand notes take about forty million."""

_ROW = 8  # bytes that a row takes in the file, at least
_OPERATIONS = 1_000  # of SQLite's machine, after which it is asked whether to go on
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: VALUE_LIMIT,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 100_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 100,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 2,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}

Value = int | float | str | bytes | None


class BoundedDatabase:
    """A database that is only read, to be used in a `with` statement. Raises `UnreadableError` where more is to be
    read than the file has, ValueError for a table that computes, and sqlite3.Error for a broken file.
    """

    def __init__(self, path: Path) -> None:
        size = path.stat().st_size
        self._left = min(2 * size, TOTAL_LIMIT)  # twice: a file in UTF-16 gives three bytes of UTF-8 for two
        self._operations_left = 10_000_000 + 10 * size
        self._is_over = False
        # `immutable`: neither a journal nor a `-wal` file beside it is looked at.
        self._connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
        for limit, value in _LIMITS.items():
            self._connection.setlimit(limit, value)
        self._connection.set_progress_handler(self._count, _OPERATIONS)
        self._connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")

    def __enter__(self) -> BoundedDatabase:
        for setting in ("trusted_schema = off", "cell_size_check = on", "mmap_size = 0", "query_only = on"):
            self._connection.execute(f"PRAGMA {setting}")
        computing = "type NOT IN ('table', 'index') OR sql NOT LIKE 'CREATE TABLE %' AND sql NOT LIKE 'CREATE%INDEX %'"
        found = self._connection.execute(f"SELECT name FROM sqlite_master WHERE {computing} LIMIT 1").fetchone()  # noqa: S608 (the line above)
        if found is not None:  # the names of others are not believed either: the SQL says what a name means
            raise ValueError("it has a view, a trigger or a virtual table, which Anki never makes")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
        if self._is_over and isinstance(problem, sqlite3.Error):
            refuse_size("the collection takes more work to read than any of its size")

    def _count(self) -> int:
        self._operations_left -= _OPERATIONS
        self._is_over = self._operations_left < 0
        return self._is_over

    def has_table(self, table: str) -> bool:
        """Whether there is a table of that name."""
        return bool(self._connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)).fetchall())

    def rows(self, table: str, columns: Sequence[str]) -> Iterator[tuple[Value, ...]]:
        """The rows of a table, in the order in which they are stored. What is no UTF-8 has lone surrogates."""
        if not self.has_table(table):
            raise ValueError(f"it has no table `{table}`")
        stored = {row[1] for row in self._connection.execute(f"PRAGMA table_xinfo({table})") if not row[6]}
        if missing := [column for column in columns if column not in stored]:
            raise ValueError(f"`{missing[0]}` is no stored column of `{table}`")
        query = f"SELECT {', '.join(columns)} FROM {table} NOT INDEXED"  # noqa: S608 (names of this program's)
        for row in self._connection.execute(query):
            self._left -= _ROW + sum(len(value) for value in row if isinstance(value, (str, bytes)))
            if self._left < 0:
                refuse_size("the collection holds more text than any of its size")
            yield row
