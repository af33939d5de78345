"""A project with a lock, of whose sources nothing is kept: a fresh clone, a newer deckgen, a cache that was deleted.

All notes are made again, and most are found in the lock by their keys alone (`identity.known`); so they go from the
sources into the package one by one. Where something is wrong with the notes or with the lock, or was reworded, nothing
is done here: the long way looks at all of them together, and tells it.
"""

from __future__ import annotations

import tempfile
import time
import unicodedata
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO

from deckgen.build.commit import write_both
from deckgen.build.compile import Prepared
from deckgen.build.file_state import LockDigest, digest_of
from deckgen.build.leaving import any_may_stand
from deckgen.build.load import read_again
from deckgen.build.preflight import check_lock
from deckgen.build.result import MovedNote, Outcome
from deckgen.build.snapshot import Ending, are_lasting
from deckgen.build.store import is_settled, shows_writes, state_of
from deckgen.build.streaming import Keep, NewLines, NotStreamedError, Step, Stream, Streamed, insist, stream
from deckgen.build.workers import Maker
from deckgen.diagnostics import Diagnostic, sort_diagnostics
from deckgen.identity.assign import Clock
from deckgen.identity.identify import identify
from deckgen.identity.known import KnownNote, KnownNotes, NotKnownError
from deckgen.identity.lock import Header, Lock, LockLine, format_lock, parse_lock
from deckgen.identity.lock_file import LockFile
from deckgen.identity.scope import Scope
from deckgen.identity.visible_changes import settle_seen
from deckgen.model import Draft, Guid, Note
from deckgen.package.apkg import Kept
from deckgen.project.locate import Request
from deckgen.project.project import Project
from deckgen.rules.rule import RuleSet


def build_again(request: Request, now: int, maker: Maker, keep: Keep, step: Step) -> Streamed | None:
    """Build and write a project that has a lock; None where that has to be done the long way."""

    def build(project: Project, told: list[Diagnostic], kept: Kept) -> Streamed:
        insist(project.lock_text is not None and project.lock_path.is_file())  # opening a pipe would wait for ever
        insist(all(unicodedata.is_normalized("NFC", source.path) for source in project.sources))
        begun = time.time_ns()
        try:
            with LockFile(project.lock_path) as lock:
                return _Rebuilding(project, now, maker, told, step, lock, begun).build(kept)
        except (NotKnownError, ValueError, OSError):
            raise NotStreamedError from None

    return stream(request, maker, keep, build)


class _Rebuilding(Stream):
    """One such build."""

    def __init__(
        self,
        project: Project,
        now: int,
        maker: Maker,
        told: list[Diagnostic],
        step: Step,
        lock: LockFile,
        begun: int,
    ) -> None:
        header = _header(lock)
        insist(project.config.id in ("", header.project))
        super().__init__(project, now, maker, told, step, header)
        self.lock, self.begun = lock, begun
        self.changes = Counter[str]()
        self.moved: list[MovedNote] = []
        self.held_back = self.declined = 0
        self.paths: set[str] = set()  # where live lines stand

    def build(self, kept: Kept) -> Streamed:
        project = self.project
        making, asked = self.gists()
        rules, _ = making.rules()
        notes = KnownNotes(self.header, self.lines(), asked, self.lock.at)
        retired, has_retired = self.settle(notes, rules)
        rendering, header, packs = self.rendering(making)
        insist(header == self.header)

        def known(draft: Draft, prepared: Prepared) -> KnownNote | None:
            if prepared.guid in notes.tangled:
                self.entangled.add(draft.origin.span.path)
            return notes.note(draft, prepared.normal, prepared.guid, self.clock)

        with tempfile.TemporaryFile(prefix="deckgen-") as waiting:
            new_lock = _Exchanged(self.lock, notes.places, _ChangedLines(waiting, self.clock, self.tell), self.begun)
            for line in retired:
                new_lock.lines.add(line)

            def make(target: Path) -> Path:
                made = self.package(target, rendering, known, new_lock.lines, kept)
                if self.has_untried:
                    made.unlink()
                    raise NotStreamedError
                return made

            insist(not write_both(project.lock_path, new_lock, project.package_path, make))
        self.cache.end()
        diagnostics = tuple(sort_diagnostics(self.told))
        outcome = Outcome(
            package=str(project.package_path),
            lock=str(project.lock_path),
            notes=self.made,
            cards=self.cards,
            changes={**self.changes, "retired": len(retired)},
            held_back=self.held_back,
            declined=self.declined,
            held_apart=self.held_apart,
            moved=tuple(self.moved),
            retired=tuple(line.guid for line in retired),
            is_rendering_new=header.rendering != rendering.stamp,
            diagnostics=diagnostics,
        )
        ending = None
        is_told_again = not new_lock.is_changed or notes.are_keys_unique
        if self.is_steady and is_told_again and are_lasting(diagnostics):
            ending = Ending(
                project,
                outcome.at_rest(is_rendering_new=outcome.is_rendering_new),
                self.latest,
                new_lock.digest,
                self.read,
                self.media,
                packs,
                self.entangled,
                has_retired,
            )
        told = (*check_lock(project.lock_path, changes=new_lock.is_changed), *diagnostics)
        return Streamed(outcome, told, ending, kept)

    def lines(self) -> Iterator[tuple[int, LockLine]]:
        """Those of the lock, noting where they stand."""
        for place, line in self.lock.lines():
            if not line.retired:
                self.paths.add(line.path)
            yield place, line

    def settle(self, notes: KnownNotes, rules: RuleSet) -> tuple[tuple[LockLine, ...], bool]:
        """Decide on what is not known by a key of its own; the lines that are retired, and whether any are."""
        project = self.project
        read = frozenset(source.path for source in project.sources)
        there = frozenset(path for path in self.paths - read if (project.root / path).is_file())
        insist(project.has_config or not there)  # else they are asleep
        left = self.drafts_of(notes.left) if notes.left else []
        drafts, normals = [draft for draft, _ in left], [normal for _, normal in left]
        scope = Scope(read, excluded=there, rules=frozenset(rule.identity for rule in rules.rules))
        identified = identify(drafts, Lock(self.header, tuple(notes.lines.values())), scope, self.now, normals)
        insist(not identified.near_misses and all(told.kind == "many-retired" for told in identified.diagnostics))
        insist(not any_may_stand(identified.retired, project.sources, partial(read_again, project)))
        insist(notes.live < 20 or len(identified.retired) * 5 <= notes.live)  # of all, not of those that are left
        lines = {line.guid: line for line in identified.lock.lines}
        notes.settle(drafts, normals, identified.notes, lines)
        return identified.retired, any(line.retired for line in lines.values())

    def tell(self, note: Note, line: LockLine, old: LockLine | None) -> None:
        """Take down what became of a note."""
        self.changes[note.change] += 1
        self.held_back += note.is_held_back and not note.is_declined
        self.declined += note.is_declined
        if old is not None and line.deck != old.deck:
            self.moved.append(MovedNote(note.guid, old.deck, note.draft.deck))


def _header(lock: LockFile) -> Header:
    """The header of a lock as deckgen writes it."""
    parsed, problems = parse_lock(lock.header.decode(), "")
    insist(not problems and format_lock(Lock(parsed.header)).encode() == lock.header and parsed.header.rendering)
    return parsed.header


class _ChangedLines(NewLines):
    """The lines that are another afterwards."""

    def __init__(
        self, waiting: IO[bytes], clock: Clock, tell: Callable[[Note, LockLine, LockLine | None], object]
    ) -> None:
        super().__init__(waiting)
        self._clock, self._tell = clock, tell

    def settle(self, known: KnownNote, seen_of: Callable[[Guid], str]) -> Note:
        old = known.old
        note, line = settle_seen(known.note, known.line, old, (old,) if old else (), seen_of, self._clock)
        if line != old:
            self.add(line)
        self._tell(note, line, old)
        return note


class _Exchanged:
    """A lock in which some lines are exchanged."""

    size = 0  # nobody knows before the package is made

    def __init__(self, lock: LockFile, places: dict[str, int], lines: NewLines, begun: int) -> None:
        self._lock, self._places, self.lines, self._begun = lock, places, lines, begun
        self._state = state_of(lock.path)
        self.digest: LockDigest = lock.size, lock.digest

    @property
    def is_changed(self) -> bool:
        return bool(self.lines.guids)

    def is_still(self, path: Path) -> bool:
        state = state_of(path)
        if state is None or state != self._state:
            return False
        if is_settled(state, self._begun) or shows_writes(state):
            return True
        return self._lock.digest == digest_of(path)

    def write_to(self, file: IO[bytes]) -> None:
        digesting = _Digesting(file)
        known: list[str] = []
        end = 0
        for guid in self.lines.guids:
            place = self._places.get(guid)
            following = place
            if place is None:
                known = known or list(self._places)
                index = bisect(known, guid)
                following = self._places[known[index]] if index < len(known) else self._lock.size
            assert following is not None
            self._lock.copy(end, following, digesting.write)
            digesting.write(self.lines.row(guid))
            end = following if place is None else self._lock.end_of(place)
        self._lock.copy(end, self._lock.size, digesting.write)
        self.digest = digesting.size, digesting.digest


class _Digesting:
    """A file that is written, and known by what was."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._found, self.size = file, sha256(), 0

    def write(self, data: bytes) -> None:
        """Write some bytes."""
        self._found.update(data)
        self.size += self._file.write(data)

    @property
    def digest(self) -> str:
        """SHA-256 of all."""
        return self._found.hexdigest()
