"""What came of each source, kept in `.deckgen/` beside the notes until the source, the rules or the program change.

The folder may be deleted at any time, also while a build runs. Nothing in it is believed without a check: it has to be
this machine's own (`owned_folder`), of this very program; a row counts for the text, the rules and
the options that it was made with, and only if its check sum fits. What does not fit is dropped without a word, and
made again.

A source is not even read where size, times and inode are what they were. As in git, times that are not older than the
moment at which the build began say nothing, for the file may have been written once more in the same tick.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from deckgen.build.compile_key import program_fingerprint, text_digest
from deckgen.build.environments import MadeWith
from deckgen.build.file_stamps import FileStamp, file_stamp, is_settled
from deckgen.build.index_rows import TABLES
from deckgen.build.note_index import NoteIndex
from deckgen.build.owned_folder import FOLDER, is_own_file, open_folder, seal
from deckgen.model import Source
from deckgen.project.source_files import leave_unread

if TYPE_CHECKING:
    from deckgen.build.compile import SourceDigest
    from deckgen.build.unit import CompiledSource, ViewedSource

_DATABASE = "sources.db"
_TABLES = """
CREATE TABLE owner (identity TEXT NOT NULL);
CREATE TABLE sources (
  path TEXT PRIMARY KEY, size INTEGER, modified INTEGER, changed INTEGER, inode INTEGER, encoding TEXT,
  digest TEXT, languages TEXT, environment TEXT, matched TEXT, made BLOB, checksum INTEGER
) WITHOUT ROWID;
CREATE TABLE links (link INTEGER, path TEXT, PRIMARY KEY (link, path)) WITHOUT ROWID;
CREATE INDEX links_by_path ON links (path);
"""


_REFRESH = "UPDATE sources SET size = ?, modified = ?, changed = ?, inode = ?, encoding = ? WHERE path = ?"
_SELDOM = 5.0  # seconds
_INSERT = "INSERT OR REPLACE INTO sources VALUES (?,?,?,?,?,?,?,?,?,?,?,?)"


class _Known(NamedTuple):
    """What is known of a source without what came of it."""

    state: FileStamp
    encoding: str
    digest: str
    languages: tuple[str, ...]
    environment: str
    matched: str  # rules, one a line


class SourceCache:
    """The cache of one project. Whatever goes wrong with it, the build goes on without."""

    def __init__(self, root: Path | None, connection: sqlite3.Connection | None, known: Mapping[str, _Known]) -> None:
        self._root = root
        self._connection = connection
        self._known = known
        self.begun = time.time_ns()  # before anything was read
        self._found: dict[str, tuple[FileStamp, str]] = {}  # how this build found each source, and its encoding
        self.is_lasting = False  # what is written outlives the build
        self._committed = 0.0
        self._is_writing = False

    def look(self, path: str, file: str, encoding: str) -> Source | None:
        """A source that is what it was, so that it need not be read; None for one to be read."""
        state = file_stamp(file)
        if state is None:
            return None
        self._found[path] = state, encoding
        known = self._known.get(path)
        is_same = known is not None and known.state == state and known.encoding == encoding
        return Source(path, "", known.digest, is_read=False) if known is not None and is_same else None

    def scanned_stamp(self, path: str) -> FileStamp | None:
        """The state in which a source was found, before it was read."""
        return self._found[path][0] if path in self._found else None

    def languages(self, path: str) -> tuple[str, ...]:
        """Those of a source that need not be read."""
        known = self._known.get(path)
        return known.languages if known is not None else ()

    def is_compiled(self, path: str, environment: str) -> bool:
        """Whether what is known of a source is what these rules make of it."""
        known = self._known.get(path)
        return known is not None and self.made_with.counts(known.environment, known.matched, environment)

    @cached_property
    def made_with(self) -> MadeWith:
        """What the notes of the last build were made with."""
        return MadeWith.read(self.index.value("made with")) if self._connection is not None else MadeWith()

    def unit(self, path: str, environment: str, digest: str | None = None) -> CompiledSource | None:
        """What came of a source when it was last tried, with these rules, if its text had that digest."""
        from deckgen.build.unit import decode_unit  # many runs read no unit

        data = self._data(path, environment, digest)
        notes = decode_unit(data) if data is not None else None
        return notes if notes is not None and notes.path == path else None

    def view(self, path: str, environment: str, digest: str) -> ViewedSource | None:
        """As much of it as commands look at."""
        from deckgen.build.unit import view_unit

        data = self._data(path, environment, digest)
        return view_unit(data) if data is not None else None

    def _data(self, path: str, environment: str, digest: str | None) -> bytes | None:
        if self._connection is None:
            return None
        query = "SELECT made, checksum, digest, environment, languages, matched FROM sources WHERE path = ?"
        try:
            row = self._connection.execute(query, (path,)).fetchone()
        except sqlite3.Error:
            return None
        if row is None or not isinstance(row[0], bytes) or not all(isinstance(text, str) for text in row[2:]):
            return None
        if _checksum(path, *row[2:], row[0]) != row[1] or digest not in (None, row[2]):
            return None
        return row[0] if self.made_with.counts(row[3], row[5], environment) else None

    def look_only(self, path: str, file: str, encoding: str) -> Source:
        """A source that is what it was, or else is read when its turn comes."""
        return self.look(path, file, encoding) or leave_unread(path)

    def unchanged(self, sources: Iterable[Source], read: Callable[[Source], Source]) -> dict[str, str]:
        """The sources whose text is what it was, with its digest; those that were touched are read for that."""
        found: dict[str, str] = {}
        for source in sources:
            known = self._known.get(source.path)
            if known is None or not known.digest:
                continue
            if source.digest == known.digest:
                found[source.path] = known.digest
            elif text_digest(read(source).text) == known.digest:
                found[source.path] = known.digest
                if source.path in self._found:
                    self._db.execute(_REFRESH, (*self._kept_stamp(source.path), source.path))
        return found

    def begin(self, *, makes: bool = True) -> None:
        """Begin to write, for `unit` to find what is `put`. Where nothing can be kept, or another build is at work, all
        is held in memory and gone in the end; so also where there is no file yet, unless that is to be made.
        """
        folder = open_folder(self._root, makes=makes) if self._root is not None else None
        is_damaged = self.is_closed  # or that of an older program
        self.close()
        if folder is not None and is_own_file(folder / _DATABASE) and (makes or not is_damaged):
            with contextlib.suppress(sqlite3.Error, OSError, ValueError):
                if is_damaged:
                    (folder / _DATABASE).unlink(missing_ok=True)
                self._connection = _open(folder)
                self._db.execute("BEGIN IMMEDIATE")
                self.is_lasting = self._is_writing = True
                self._committed = time.monotonic()
                return
            self.close()
        self.begin_in_memory()

    def begin_in_memory(self) -> None:
        """Begin to write what is gone in the end, and forget what is known."""
        self.close()
        self._known = {}
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        _make_tables(self._connection)
        self._db.execute("BEGIN")
        self._is_writing = True

    def delete(self) -> None:
        """Delete the file, which is damaged."""
        is_lasting = self.is_lasting
        self.close()
        self._known = {}
        if is_lasting and self._root is not None:
            with contextlib.suppress(OSError):
                (self._root / FOLDER / _DATABASE).unlink(missing_ok=True)

    @property
    def _db(self) -> sqlite3.Connection:
        assert self._connection is not None
        return self._connection

    @property
    def index(self) -> NoteIndex:
        """The index of notes and lines: as the last build left it, until the cache has begun to be written."""
        return NoteIndex(self._db)

    @property
    def is_closed(self) -> bool:
        """Whether there is nothing to read."""
        return self._connection is None

    def commit(self, *, seldom: bool = False) -> None:
        """Let what was written stay, also if the build is interrupted; `seldom`: where the last time is long ago."""
        if not seldom or time.monotonic() - self._committed > _SELDOM:
            self._db.execute("COMMIT")
            self._seal(is_digested=False)  # only for a build that is interrupted
            self._db.execute("BEGIN IMMEDIATE")
            self._committed = time.monotonic()

    def roll_back(self) -> None:
        """Take back what was written since the last `commit`."""
        self._db.execute("ROLLBACK")
        self._db.execute("BEGIN IMMEDIATE")
        self.__dict__.pop("made_with", None)  # as it is kept

    def _seal(self, *, is_digested: bool = True) -> None:
        if self.is_lasting and self._root is not None:
            seal(self._root / FOLDER / _DATABASE, is_digested=is_digested)

    def put(self, notes: SourceDigest, digest: str, environment: str, made: bytes) -> None:
        """Write what came of a text."""
        languages = " ".join(notes.languages)
        matched = "\n".join(notes.matched)
        checksum = _checksum(notes.path, digest, environment, languages, matched, made)
        stamp = self._kept_stamp(notes.path)
        row = (notes.path, *stamp, digest, languages, environment, matched, made, checksum)
        self._db.execute(_INSERT, row)
        self._db.execute("DELETE FROM links WHERE path = ?", (notes.path,))
        links = {(_signed(link), notes.path) for sign in notes.signs if sign is not None for link in sign.links}
        self._db.executemany("INSERT OR IGNORE INTO links VALUES (?, ?)", links)

    def _kept_stamp(self, path: str) -> tuple[int | str, ...]:
        """The state by which a source is known from now on, and its encoding."""
        state, encoding = self._found.get(path, (_UNSETTLED, ""))
        return (*(state if is_settled(state, self.begun) else _UNSETTLED), encoding)

    def links(self, paths: Iterable[str]) -> set[int]:
        """By what the notes of sources may change those of others (`Sign.links`)."""
        rows = chain.from_iterable(self._db.execute("SELECT link FROM links WHERE path = ?", (p,)) for p in paths)
        return {link for (link,) in rows}

    def linked(self, links: Iterable[int]) -> set[str]:
        """The sources with notes that have one of these links."""
        query = "SELECT path FROM links WHERE link = ?"
        return {path for (path,) in chain.from_iterable(self._db.execute(query, (link,)) for link in links)}

    def end(self, *, is_done: bool) -> None:
        """Be done with what `begin` began, if it did. What was not committed stays only if all is done; sources that
        were not looked at are not there any more, and are forgotten then.
        """
        if self._is_writing:
            with contextlib.suppress(sqlite3.Error):
                gone = [(path,) for path in self._known.keys() - self._found.keys()] if is_done else []
                self._db.executemany("DELETE FROM sources WHERE path = ?", gone)
                self._db.executemany("DELETE FROM links WHERE path = ?", gone)
                self._db.execute("COMMIT" if is_done else "ROLLBACK")
            self._seal()
        self._is_writing = False

    def close(self) -> None:
        """Let go of the file."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None
        self.is_lasting = self._is_writing = False


def _signed(link: int) -> int:
    return link - (1 << 64) if link >> 63 else link


_UNSETTLED = (-1, 0, 0, 0)  # the state of no file


def _checksum(*parts: str | bytes) -> int:
    total = 0
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total = zlib.crc32(data, zlib.crc32(b"%d" % len(data), total))
    return total


def open_cache(root: Path | None, *, knows_sources: bool = True) -> SourceCache:
    """The cache of the project in a folder; an empty one in the stead of one that is damaged or not its own, and of
    single notes, of which nothing is kept. `knows_sources`: whether it is asked which sources are what they were.

    Nothing is written before `begin`.
    """
    folder = open_folder(root, makes=False) if root is not None else None
    if folder is None or not (folder / _DATABASE).exists() or not is_own_file(folder / _DATABASE):
        return SourceCache(root, None, {})
    connection = None
    try:
        connection = _open(folder)
        return SourceCache(root, connection, _known_in(connection) if knows_sources else {})
    except (sqlite3.Error, OSError, ValueError, TypeError):
        if connection is not None:
            connection.close()
        return SourceCache(root, None, {})


def _known_in(connection: sqlite3.Connection) -> dict[str, _Known]:
    known: dict[str, _Known] = {}
    columns = "path, size, modified, changed, inode, encoding, digest, languages, environment, matched"
    for row in connection.execute(f"SELECT {columns} FROM sources"):  # noqa: S608 (the line above)
        path, size, modified, changed, inode, encoding, digest, languages, *made = row
        state = (int(size), int(modified), int(changed), int(inode))
        known[path] = _Known(state, encoding, digest, tuple(str(languages).split()), *made)
    return known


def _open(folder: Path) -> sqlite3.Connection:
    """The database, with its tables. Raises ValueError where it is that of another program."""
    connection = sqlite3.connect(folder / _DATABASE, timeout=0, isolation_level=None)
    try:
        # A crash may leave a damaged file, which is noticed; nothing that is kept here has to outlive it.
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("PRAGMA journal_mode = MEMORY")
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            _make_tables(connection)
        if connection.execute("SELECT identity FROM owner").fetchall() != [(program_fingerprint(),)]:
            raise ValueError("of another program")
    except BaseException:
        connection.close()
        raise
    return connection


def _make_tables(connection: sqlite3.Connection) -> None:
    connection.executescript(f"BEGIN IMMEDIATE; {_TABLES} {TABLES}")
    connection.execute("INSERT INTO owner VALUES (?)", (program_fingerprint(),))
    connection.execute("COMMIT")
