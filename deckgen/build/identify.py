"""The index of a project × its lock → which notes are which: only what was touched is decided on.

A key that is touched on neither side, by no draft and by no line of the lock, keeps its pair. Of the touched ones most
are alone: one draft, and one line that says the same, or none in a project without a lock. What is left goes through
all passes of `identify`, together with all that may have a say in it: the notes and lines of the same keys, those of
the same text, and the notes that left. About the others identity asks its context, which reads the index.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from unicodedata import normalize

from msgspec import Struct

from deckgen.build.decisions import ProjectDecisions
from deckgen.build.index_rows import row_key
from deckgen.build.note_index import NoteIndex
from deckgen.build.unit import CompiledNote
from deckgen.identity.assign import Clock, build_known, build_new
from deckgen.identity.context import ALONE, Context, Rule, give_ids
from deckgen.identity.facts import Fact, Key, Place, facts_of, key_of, make_guid, natural_id, place_of
from deckgen.identity.identified import Identified
from deckgen.identity.identify import identify
from deckgen.identity.lock import Header, Lock, LockEntry
from deckgen.identity.lock_file import LockFile
from deckgen.identity.scope import Scope
from deckgen.model import Draft, Guid, Note


class AllNotesNeededError(Exception):
    """What was touched cannot be decided on by itself."""


def require(condition: object) -> None:
    """Go on only if that holds where no more than what was touched is decided on."""
    if not condition:
        raise AllNotesNeededError


def sync_lines(index: NoteIndex, lock: LockFile | None, project: str) -> None:
    """Have the index know the lines of the lock as it is. Raises ValueError for one that deckgen would write in
    another way.
    """
    if lock is None:
        if index.has_lines():
            index.clear()
        return
    state = f"{lock.size} {lock.digest}".encode()
    if index.value("lock") == state:
        return
    known = index.line_rows()
    changed: list[tuple[LockEntry, Guid, bytes]] = []
    before, ids = "", set[int]()
    for row in lock.rows():
        number = row_key(row)
        start = row.find(b'"', 8) + 1
        guid = row[start : row.find(b'"', start)].decode()
        if known.pop(guid, None) == number:
            if guid <= before:
                raise ValueError("not as deckgen writes it")
            before = guid
            continue
        line = lock.read(row)
        if line.guid <= before or line.id in ids:
            raise ValueError("not as deckgen writes it")
        before = line.guid
        ids.add(line.id)
        known.pop(line.guid, None)
        changed.append((line, make_guid(project, key_of(line), ""), row))
        if len(changed) >= 1000:
            _take_lines(index, changed)
            changed = []
    _take_lines(index, changed)
    index.touch(index.asked_of_lines(known))
    index.forget_lines(list(known))
    if index.has_doubled_ids():
        raise ValueError("two notes of one id")
    index.remember("lock", state)


def _take_lines(index: NoteIndex, lines: Sequence[tuple[LockEntry, Guid, bytes]]) -> None:
    index.touch(index.asked_of_lines(line.guid for line, _, _ in lines))
    index.put_lines(lines)
    index.touch(asked for _, asked, _ in lines)


class KnownNote(Struct, frozen=True):
    """A note, its line, and the one that it had."""

    note: Note
    line: LockEntry
    old: LockEntry | None
    variants: tuple[LockEntry, ...]  # of the old line: several after a merge


class _OtherNotes:
    """The notes that are not decided on, for identity to ask about."""

    def __init__(
        self,
        index: NoteIndex,
        lock: LockFile | None,
        project: str,
        decided: frozenset[str],
        alone: Sequence[Guid],
        pictures: Collection[tuple[str, str]],
        alone_in: Callable[[str], Iterable[tuple[Fact, LockEntry]]],
    ) -> None:
        self._pictures, self._alone_in = pictures, cache(alone_in)
        self._index, self._lock, self._project, self._decided, self._alone = index, lock, project, decided, alone
        self._counts: dict[Rule, int] = {}

    def has_guid(self, guid: Guid, /) -> bool:
        return self._index.has_guid(guid)

    def has_key(self, key: Key, /) -> bool:
        return self._index.has_key(make_guid(self._project, key, ""))

    def had_key(self, digest: str, /) -> bool:
        return self._index.had_key(digest)

    def note_ids(self, guids: Collection[Guid], taken: set[int], /) -> Mapping[Guid, int]:
        del taken  # the index has them all
        return give_ids([*self._alone, *guids], self._index.has_id)

    def count(self, rule: Rule, /) -> int:
        if rule not in self._counts:
            guids = self._index.guids_of_family(*rule)
            self._counts[rule] = sum(guid not in self._decided for guid in guids)
        return self._counts[rule]

    def answers(self, rule: Rule, asked: Collection[str], /) -> Mapping[str, int]:
        found = {answer: self._index.lines_answering(*rule, answer) for answer in asked if answer}
        return {answer: sum(guid not in self._decided for guid in guids) for answer, guids in found.items()}

    def answers_of_all(self, asked: Collection[str], /) -> Mapping[str, int]:
        found = {answer: self._index.lines_saying(answer) for answer in asked if answer}
        return {answer: sum(guid not in self._decided for guid in guids) for answer, guids in found.items()}

    def moved(self, old: Place, new: Place, /) -> int:
        there = [(fact, line) for fact, line in self._alone_in(new[0]) if fact.place == new]
        return sum(place_of(line) == old and old not in fact.places for fact, line in there)

    def pictures(self) -> Iterable[tuple[str, str]]:
        return self._pictures

    def texts(self, rule: Rule, /) -> Iterable[list[str]]:
        return self._lock.texts(*rule, self._decided) if self._lock is not None else ()

    def give_up(self) -> None:
        raise AllNotesNeededError


DraftsOf = Callable[[Collection[str], Collection[Guid]], Iterator[tuple[Draft, CompiledNote]]]
"""Paths, and what keys ask for → the drafts of these keys in these sources, in order."""


class NotesOfBuild:
    """Which note each draft of a build is. Drafts have to be asked about in the order of the sources."""

    def __init__(
        self,
        index: NoteIndex,
        lock: LockFile | None,
        header: Header,
        clock: Clock,
        decisions: ProjectDecisions,
    ) -> None:
        self.decisions = decisions
        self._index, self._lock, self._header, self._clock = index, lock, header, clock
        self.identified: Identified | None = None
        self.live = index.live()
        self.retired: Sequence[LockEntry] = ()  # lines of notes that left
        self.changed: list[LockEntry] = []  # lines that changed, of which no note is made
        self.lines: dict[str, LockEntry] = {}  # of the notes that were decided on together
        self.is_of_all = False
        self._unsure: set[Guid] = set()
        self._decided: dict[str, list[KnownNote | None]] = {}  # by source, the last one first
        self._ids: dict[Guid, int] = {}

    def decide(
        self,
        drafts_of: DraftsOf,
        scope: Callable[[Iterable[LockEntry]], Scope],
        pictures: Collection[tuple[str, str]],
        named: Collection[Guid],
    ) -> None:
        """Decide on what is not known by a key of its own, of the keys that were touched and of stale sources, and on
        those keys that are `named`. `pictures` are those of the notes as they were.
        """
        index = self._index
        self._unsure = unsure = index.unsure().union(named)
        left = index.retired() if unsure else []
        unsure.update(asked for _, asked in left)
        unsure.update(index.asked_by_text(index.texts_of(unsure)))
        alone = [] if index.has_lines() else [guid for guid in index.new_alone() if guid not in unsure]
        if not unsure:
            self._take_ids(alone)
            return
        found = list(drafts_of(index.paths_of(unsure), unsure))
        guids = sorted({*index.lines_asking(unsure), *(guid for guid, _ in left)})
        lines = tuple(map(self.line, guids))
        others = _OtherNotes(
            index,
            self._lock,
            self._header.project,
            frozenset(guids),
            alone,
            pictures,
            partial(self._alone_in, drafts_of),
        )
        identified = self._identify(found, Lock(self._header, lines), scope(lines), others)
        if alone:
            self._take_ids([*alone, *(note.guid for note in identified.notes)])
        same = {line.guid for line in lines if line == self.lines[line.guid]}
        made = {note.guid for note in identified.notes}
        self.changed = [line for guid, line in self.lines.items() if guid not in same | made]
        self._check_others()

    def _alone_in(self, drafts_of: DraftsOf, of: str) -> list[tuple[Fact, LockEntry]]:
        """The notes of a source that are as their lines have them, and are not decided on with others. `of`: the path
        as lines have it.
        """
        index, project = self._index, self._header.project
        asked = index.asked_in(path for path in index.indexed() if normalize("NFC", path) == of) - self._unsure
        found = list(drafts_of(index.paths_of(asked), asked))
        facts, _ = facts_of([draft for draft, _ in found], [one.normal for _, one in found])
        guids = [index.line_of(make_guid(project, fact.key, "")) for fact in facts]
        return [(fact, self.line(guid)) for fact, guid in zip(facts, guids, strict=True) if guid]

    def decide_on_all(self, drafts: Sequence[tuple[Draft, CompiledNote]], lock: Lock, scope: Scope) -> Identified:
        """Decide on all drafts and all lines together, whatever was touched. `drafts` are in the order of the sources,
        with their pictures.
        """
        self.live = sum(not line.retired for line in lock.lines)
        self.is_of_all = True
        return self._identify(drafts, lock, scope, ALONE)

    def _identify(
        self, found: Sequence[tuple[Draft, CompiledNote]], lock: Lock, scope: Scope, context: Context
    ) -> Identified:
        drafts, normals = [draft for draft, _ in found], [one.normal for _, one in found]
        identified = identify(drafts, lock, scope, self._clock.now, normals, context, self.decisions)
        self.identified, self.retired = identified, identified.retired
        self.lines = {line.guid: line for line in identified.lock.lines}
        before = {line.guid: line for line in lock.lines}
        _, order = facts_of(drafts, normals)
        of_fact = dict(zip(dict.fromkeys(order), identified.notes, strict=True))
        self._decided = {}
        for draft, fact in zip(drafts, order, strict=True):
            note, known = of_fact.pop(fact, None), None
            if note is not None:
                old = before.get(note.guid)
                variants = lock.variants.get(note.guid, (old,) if old is not None else ())
                known = KnownNote(note, self.lines[note.guid], old, variants)
            self._decided.setdefault(draft.origin.span.path, []).append(known)
        for of_path in self._decided.values():
            of_path.reverse()
        return identified

    def _check_others(self) -> None:
        """Make sure that what was asked for its neighbours' sake alone stays as it is."""
        stale = set(self._index.stale())
        for path, of_path in self._decided.items():
            if path not in stale and any(known and known.line != known.old for known in of_path):
                raise AllNotesNeededError

    def _take_ids(self, guids: Iterable[Guid]) -> None:
        """Give new notes their ids, and keep those that are not what a GUID asks for."""
        self._ids = {guid: own for guid, own in give_ids(guids, self._index.has_id).items() if own != natural_id(guid)}

    def note(self, draft: Draft, prepared: CompiledNote) -> KnownNote | None:
        """The note of the next draft; None where it is a note that was there before."""
        if self.is_of_all or prepared.guid in self._unsure:
            return self._decided[draft.origin.span.path].pop()
        (fact,), _ = facts_of([draft], [prepared.normal])
        guid = self._index.line_of(prepared.guid)
        if not guid:
            if self._index.has_lines():
                raise AllNotesNeededError(draft, prepared.guid)  # the index is not what it should be
            built = build_new(
                fact,
                prepared.guid,
                self._ids.get(prepared.guid) or natural_id(prepared.guid),
                self._clock,
                self.decisions,
            )
            return KnownNote(built.note, built.line, None, ())
        old = self.line(guid)
        if key_of(old) != fact.key or old.digest != fact.digest:
            raise AllNotesNeededError
        built = build_known(fact, old, (old,), "same", self._clock, self.decisions)
        return KnownNote(built.note, built.line, old, (old,))

    def line(self, guid: str) -> LockEntry:
        """A line of the lock, which is what the index says."""
        row = self._lock.row(guid) if self._lock is not None else b""
        if not row or row_key(row) != self._index.row_of(guid):
            raise AllNotesNeededError
        assert self._lock is not None
        return self._lock.read(row)
