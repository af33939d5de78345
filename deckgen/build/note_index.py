"""Which notes a project has, and the lines of its lock, as an index: the tables `fact`, `line`, `former` and `made`.

The index lies in the cache beside what came of each source. It holds no texts but what has to be found: of a note the
GUID that its key asks for, of a line that, and digests of its text and of its answer. A line itself is read from the
lock, and is what the index says only if the digest of its row is the same.

What was compiled is committed on its own, so that an interrupted build keeps it; `touched` then remembers whose notes
have still to be identified, and `stale` of which sources the package has not got the notes.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from secrets import token_hex
from typing import Any

import msgspec

from deckgen.build.index_rows import (
    TABLES,
    DecidedNote,
    FactRow,
    MadeSource,
    StoredOptions,
    answer_key,
    family_key,
    row_key,
    select_in,
    sort_key,
    text_key,
)
from deckgen.build.suggestion_index import SuggestionIndex
from deckgen.extraction.rival_values import Outcome
from deckgen.identity.lock import LockEntry
from deckgen.model import Guid

_NAMES = re.findall(r"CREATE TABLE (\w+)", TABLES)
_MANY = 500  # lines at a time


_DECODE_MADE = msgspec.msgpack.Decoder(MadeSource).decode
_DECODE_DECIDED = msgspec.msgpack.Decoder(tuple[DecidedNote, ...]).decode


class NoteIndex:
    """The index of one project, within the transaction of a build."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self.suggestions = SuggestionIndex(connection)

    # ---- meta

    def value(self, name: str) -> bytes:
        """A value; empty for none."""
        return next(iter(self._values("SELECT value FROM note_meta WHERE name = ?", name)), b"")

    def is_as_settled(self, generation: str) -> bool:
        """Whether the index is in the state of that name, and no source was compiled since: a build that did not come
        to its end keeps what it compiled, in which the rules or deck.yaml may have been others.
        """
        return self.value("generation") == generation.encode() and not self.stale()

    def remember(self, name: str, value: bytes) -> None:
        """Remember a value. Nothing is written where it is known: the file stays as it is, and its digest."""
        if self.value(name) != value:
            self._db.execute("INSERT OR REPLACE INTO note_meta VALUES (?, ?)", (name, value))

    def options(self) -> StoredOptions:
        """The rules and own note types of the last build."""
        return msgspec.msgpack.decode(self.value("options"), type=StoredOptions)

    def remember_options(self, options: StoredOptions) -> None:
        """Remember those of this one."""
        self.remember("options", msgspec.msgpack.encode(options))

    # ---- facts

    def put_facts(self, path: str, facts: Sequence[FactRow], digest: str) -> None:
        """What a source makes now; what its keys asked for, and ask for now, is touched. `digest`: of its text."""
        self._db.execute("INSERT OR REPLACE INTO indexed VALUES (?, ?)", (path, digest))
        self.touch_sources([path])
        self._db.execute("DELETE FROM fact WHERE path = ?", (path,))
        rows = ((path, ordinal, *fact) for ordinal, fact in enumerate(facts))
        self._db.executemany("INSERT INTO fact VALUES (?,?,?,?,?,?)", rows)
        self.touch(asked for asked, *_ in facts)

    def touch_decided(self, choices: Iterable[int]) -> None:
        """Have drafts decided on again that a decision was made of."""
        query = "INSERT OR IGNORE INTO touched SELECT asked FROM fact WHERE choice = ?"
        self._db.executemany(query, ((one,) for one in choices))

    def has_note(self, asked: Guid, text: int) -> bool:
        """Whether a line has what a key asks for, and a text."""
        return self._has("SELECT 1 FROM line WHERE asked = ? AND text = ?", asked, text)

    def outcomes(self) -> dict[str, dict[int, Outcome]]:
        """What becomes of drafts that are not as they are, by their places in their sources."""
        rows = self._db.execute("SELECT path, outcomes FROM outcome")
        return {path: msgspec.msgpack.decode(data, type=dict[int, Outcome]) for path, data in rows}

    def put_outcomes(self, path: str, outcomes: Mapping[int, Outcome]) -> None:
        """What becomes of the drafts of a source."""
        self._db.execute("DELETE FROM outcome WHERE path = ?", (path,))
        if outcomes:
            self._db.execute("INSERT INTO outcome VALUES (?, ?)", (path, msgspec.msgpack.encode(dict(outcomes))))

    def forget_sources(self, paths: Iterable[str]) -> None:
        """Sources that are gone."""
        for path in paths:
            self.put_facts(path, (), "")
            self._db.execute("DELETE FROM indexed WHERE path = ?", (path,))
            self.suggestions.put(path, ())

    def indexed(self) -> dict[str, str]:
        """The sources that the index knows, with the digests of their texts."""
        return dict(self._db.execute("SELECT path, digest FROM indexed"))

    def touch_sources(self, paths: Iterable[str]) -> None:
        """Have the notes of sources decided on, and written, again."""
        for path in paths:
            self._db.execute("INSERT OR IGNORE INTO touched SELECT asked FROM fact WHERE path = ?", (path,))
            self.make_stale([path])

    def touched_paths(self) -> list[str]:
        """The sources with notes of touched keys."""
        return self._values("SELECT DISTINCT path FROM fact WHERE asked IN (SELECT asked FROM touched)")

    def touch(self, asked: Iterable[str]) -> None:
        """Have keys decided on again."""
        self._db.executemany("INSERT OR IGNORE INTO touched VALUES (?)", ((one,) for one in asked))

    def make_stale(self, paths: Iterable[str]) -> None:
        """Have the notes of sources written again."""
        self._db.executemany("INSERT OR IGNORE INTO stale VALUES (?)", ((path,) for path in paths))

    def stale(self) -> list[str]:
        """The sources whose notes are to be written, in order."""
        return sorted(self._values("SELECT path FROM stale"), key=sort_key)

    def unsure(self) -> set[Guid]:
        """Of the touched keys, and those of stale sources, those that are not decided on by being alone: with one note
        and one live line of the same text, or with one note in a lock without lines. Pictures have to be looked at:
        their content may have moved to another path.
        """
        has_lines = self.has_lines()
        query = """
            SELECT asked, (SELECT count(*) FROM fact f WHERE f.asked = t.asked),
              (SELECT count(*) FROM line l WHERE l.asked = t.asked),
              (SELECT max(retired) FROM line l WHERE l.asked = t.asked),
              (SELECT text FROM fact f WHERE f.asked = t.asked), (SELECT text FROM line l WHERE l.asked = t.asked),
              (SELECT max(pictured) FROM fact f WHERE f.asked = t.asked)
            FROM (SELECT asked FROM touched UNION SELECT f.asked FROM stale s CROSS JOIN fact f ON f.path = s.path) t"""
        # CROSS JOIN has SQLite look at the few stale sources first; by itself it reads all facts.
        found: set[Guid] = set()
        for asked, facts, lines, retired, text, line_text, pictured in self._db.execute(query):
            is_same = facts == 1 and lines == 1 and not retired and not pictured and text == line_text
            is_first = facts == 1 and not lines and not has_lines
            is_nothing = not facts and not lines
            if not (is_same or is_first or is_nothing):
                found.add(asked)
        return found

    def new_alone(self) -> list[Guid]:
        """The touched keys with one note and no line."""
        return self._values("""
            SELECT asked FROM touched t WHERE (SELECT count(*) FROM fact f WHERE f.asked = t.asked) = 1
              AND NOT EXISTS (SELECT 1 FROM line l WHERE l.asked = t.asked)""")

    def paths_of(self, asked: Iterable[str]) -> set[str]:
        """The sources with notes of some keys."""
        return {path for (path,) in self._in("SELECT path FROM fact WHERE asked IN ", asked)}

    def asked_in(self, paths: Iterable[str]) -> set[Guid]:
        """The keys of the notes of some sources."""
        return {asked for (asked,) in self._in("SELECT asked FROM fact WHERE path IN ", paths)}

    def asked_by_text(self, texts: Iterable[int]) -> set[Guid]:
        """The keys of notes and lines with some texts."""
        wanted = list(texts)
        found = {asked for (asked,) in self._in("SELECT asked FROM fact WHERE text IN ", wanted)}
        return found | {asked for (asked,) in self._in("SELECT asked FROM line WHERE text IN ", wanted)}

    def texts_of(self, asked: Iterable[str]) -> set[int]:
        """The texts of notes of some keys."""
        return {text for (text,) in self._in("SELECT text FROM fact WHERE asked IN ", asked)}

    # ---- lines

    def has_lines(self) -> bool:
        """Whether there are any."""
        return self._has("SELECT 1 FROM line")

    def line_rows(self) -> dict[str, int]:
        """The row of each line, by GUID."""
        return dict(self._db.execute("SELECT guid, row FROM line"))

    def put_lines(self, lines: Iterable[tuple[LockEntry, Guid, bytes]]) -> None:
        """Lines of the lock, the GUIDs that their keys ask for, and their rows."""
        remaining = iter(lines)
        while found := list(islice(remaining, _MANY)):
            self._put_lines(found)

    def _put_lines(self, found: Sequence[tuple[LockEntry, Guid, bytes]]) -> None:
        gone = [line.guid for line, _, _ in found]
        self.forget_lines(gone)
        self._db.executemany("INSERT INTO line VALUES (?,?,?,?,?,?,?,?,?)", (_line_row(*one) for one in found))
        formers = ((key, line.guid) for line, _, _ in found for key in line.was)
        self._db.executemany("INSERT OR IGNORE INTO former VALUES (?, ?)", formers)

    def forget_lines(self, guids: Sequence[str]) -> None:
        """Lines that are gone, or another."""
        for statement in ("DELETE FROM line WHERE guid = ?", "DELETE FROM former WHERE guid = ?"):
            self._db.executemany(statement, ((guid,) for guid in guids))

    def asked_of_lines(self, guids: Iterable[str]) -> set[Guid]:
        """What the keys of some lines ask for."""
        return {asked for (asked,) in self._in("SELECT asked FROM line WHERE guid IN ", guids)}

    def texts_of_lines(self, guids: Iterable[str]) -> list[tuple[Guid, int, int, bool]]:
        """Some lines, what their texts and answers are found by, and whether their notes left."""
        query = "SELECT guid, text, answer, retired FROM line WHERE guid IN "
        return [(guid, text, answer, bool(retired)) for guid, text, answer, retired in self._in(query, guids)]

    def paths_saying(self, text: int) -> set[str]:
        """The sources with notes of a text."""
        return set(self._values("SELECT path FROM fact WHERE text = ?", text))

    def lines_asking(self, asked: Iterable[str]) -> list[Guid]:
        """The lines of some keys."""
        return [guid for (guid,) in self._in("SELECT guid FROM line WHERE asked IN ", asked)]

    def retired(self) -> list[tuple[Guid, Guid]]:
        """The lines of notes that left, and what their keys ask for."""
        return list(self._db.execute("SELECT guid, asked FROM line WHERE retired"))

    def live(self) -> int:
        """How many lines are of notes that did not leave."""
        (live,) = self._values("SELECT (SELECT count(*) FROM line) - (SELECT count(*) FROM line WHERE retired)")
        return int(live)

    def line_of(self, asked: str) -> str:
        """The line of a key that one line has; empty for none."""
        return next(iter(self._values("SELECT guid FROM line WHERE asked = ?", asked)), "")

    def row_of(self, guid: str) -> int | None:
        """The row of a line."""
        return next(iter(self._values("SELECT row FROM line WHERE guid = ?", guid)), None)

    def has_guid(self, guid: str) -> bool:
        """Whether a line has it."""
        return self.row_of(guid) is not None

    def is_live(self, guid: str) -> bool:
        """Whether a line is of a note that did not leave."""
        return self._has("SELECT 1 FROM line WHERE guid = ? AND NOT retired", guid)

    def has_key(self, asked: str) -> bool:
        """Whether a line has the key that asks for that GUID."""
        return bool(self.line_of(asked))

    def had_key(self, digest: str) -> bool:
        """Whether a line once had the key of that digest."""
        return self._has("SELECT 1 FROM former WHERE key = ?", digest)

    def has_id(self, note_id: int) -> bool:
        """Whether a line has that note id."""
        return self._has("SELECT 1 FROM line WHERE id = ?", note_id)

    def guids_of_family(self, kind: str, rule: str) -> list[Guid]:
        """The live lines of a rule."""
        return self._values("SELECT guid FROM line WHERE family = ? AND NOT retired", family_key(kind, rule))

    def lines_answering(self, kind: str, rule: str, answer: str) -> list[Guid]:
        """The live lines of a rule with an answer."""
        return self._values("SELECT guid FROM line WHERE answer = ? AND NOT retired", answer_key(kind, rule, answer))

    def lines_saying(self, answer: str) -> list[Guid]:
        """The live lines of any rule with an answer."""
        return self._values("SELECT guid FROM line WHERE said = ? AND NOT retired", answer_key("", "", answer))

    def has_doubled_ids(self) -> bool:
        """Whether two lines have one note id."""
        return self._has("SELECT 1 FROM line GROUP BY id HAVING count(*) > 1")

    # ---- what was made

    def made(self) -> Iterator[tuple[str, MadeSource]]:
        """What was made of each source, in order."""
        for path, data in self._db.execute("SELECT path, made FROM made ORDER BY sort"):
            yield path, _DECODE_MADE(data)

    def decided(self, path: str) -> tuple[DecidedNote, ...]:
        """Which notes the drafts of a source are."""
        data = self._values("SELECT notes FROM decided WHERE path = ?", path)
        return _DECODE_DECIDED(data[0]) if data else ()

    def put_made(self, path: str, made: MadeSource) -> None:
        """What the package has of a source."""
        data = msgspec.msgpack.encode(made)
        self._db.execute("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", (sort_key(path), path, data))

    def put_decided(self, path: str, notes: Sequence[DecidedNote]) -> None:
        """Which notes the drafts of a source are."""
        self._db.execute("INSERT OR REPLACE INTO decided VALUES (?, ?)", (path, msgspec.msgpack.encode(notes)))

    def settle(self, made: Mapping[str, MadeSource], there: Collection[str]) -> str:
        """All is identified, and written: what was made of sources, and which sources there are. A name of this state,
        which no other has.
        """
        for path, one in made.items():
            self.put_made(path, one)
        gone = [path for path in self._values("SELECT path FROM made") if path not in there]
        for table in ("made", "decided"):
            self._db.executemany(f"DELETE FROM {table} WHERE path = ?", ((path,) for path in gone))  # noqa: S608 (its name)
        self._db.execute("DELETE FROM touched")
        self._db.execute("DELETE FROM stale")
        generation = token_hex(8)
        self.remember("generation", generation.encode())
        return generation

    def clear(self) -> None:
        """Forget all: what was compiled is indexed again."""
        for table in _NAMES:
            self._db.execute(f"DELETE FROM {table}")  # noqa: S608 (names of tables)

    def _has(self, query: str, *arguments: object) -> bool:
        return self._db.execute(f"{query} LIMIT 1", arguments).fetchone() is not None

    def _values(self, query: str, *arguments: object) -> list[Any]:
        """The first column."""
        return [value for (value,) in self._db.execute(query, arguments)]

    def _in(self, query: str, values: Iterable[object]) -> Iterator[Any]:
        return select_in(self._db, query, values)


def _line_row(line: LockEntry, asked: Guid, row: bytes) -> tuple[object, ...]:
    kind, rule = line.kind, line.rule
    return (
        line.guid,
        line.id,
        asked,
        family_key(kind, rule),
        text_key(kind, rule, line.digest),
        answer_key(kind, rule, line.answer),
        answer_key("", "", line.answer),
        int(bool(line.retired)),
        row_key(row),
    )
