"""A project → its package and its lock, while no more than what changed is compiled, identified and written.

A first build, a fresh clone, a pull and an edit are the same: sources that changed are compiled into the store, keys
that were touched are decided on (`identify`), and the notes of the sources that are stale then go into the package one
by one, in the place of those that it has of them. How much changed makes no difference but in time.

What concerns all notes together, an error anywhere, a lock that a merge left unsorted, lines that sleep, a part of a
project, is done by `pipeline`, which holds a whole build in memory: then None is returned. The bytes are the same.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from deckgen.build.admission import reworded
from deckgen.build.commit import LockChangedError, write_both
from deckgen.build.compile import CompileOptions
from deckgen.build.compiled_project import CompiledProject
from deckgen.build.counts import need_attention
from deckgen.build.decisions import ProjectDecisions
from deckgen.build.identify import NotesOfBuild, NotIncrementalError, require, sync_lines
from deckgen.build.index_rows import StoredOptions
from deckgen.build.leaving import look_into
from deckgen.build.load import files_of, placing, read_again, read_lock
from deckgen.build.lock_writer import NextLock, RowChanges
from deckgen.build.note_index import NoteIndex
from deckgen.build.package_writer import PackageWriter, Step
from deckgen.build.preflight import check_lock
from deckgen.build.result import NearlySame, Outcome
from deckgen.build.snapshot import Delta, Ending
from deckgen.build.store import SourceCache
from deckgen.build.workers import CompileError, Compiler
from deckgen.diagnostics import Diagnostic, has_errors, sort_diagnostics
from deckgen.extraction.other_ids import once
from deckgen.identity.assign import Clock
from deckgen.identity.facts import key_of, make_guid
from deckgen.identity.identify import check_retired
from deckgen.identity.lock import Header, Lock, LockEntry, format_lock, parse_lock
from deckgen.identity.lock_file import LockFile
from deckgen.identity.scope import Scope
from deckgen.package.apkg import Kept, NotKeptError
from deckgen.project.locate import Request
from deckgen.project.project import Project, open_project
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import stamp

_TRANSIENT = frozenset({"many-retired", "made-on-two-branches", "clock-ahead", "retired-but-there"})


@dataclass(frozen=True, slots=True)
class Built:
    """What such a build did; `ending` where the next one says the same if nothing changes."""

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]
    ending: Ending | None
    kept: Kept


def build_changes(
    request: Request, now: int, compiler: Compiler, kept: Callable[[], Kept | None], last: Delta | None, step: Step
) -> Built | None:
    """Build and write a project; None where all of it has to be looked at together. `last`: what changed since the last
    build with the same command line, `kept` makes a place for the collection of the package.
    """
    cache = compiler.cache
    if cache is None:
        return None
    is_done = False
    try:
        project, reported = _opened(request, cache)
        collection = kept()
        require(collection is not None and cache.begin())
        assert collection is not None
        with tempfile.TemporaryFile(prefix="deckgen-") as waiting, _opened_lock(project) as lock:
            building = _Building(project, now, compiler, reported, step, lock, collection, RowChanges(waiting))
            built = building.build(last)
        is_done = True
        return built
    except (NotIncrementalError, CompileError, LockChangedError, NotKeptError, ValueError, OSError, sqlite3.Error):
        return None
    finally:
        cache.end(is_done=is_done)


def _opened(request: Request, cache: SourceCache) -> tuple[Project, list[Diagnostic]]:
    """The project, with sources that are to be read when their turn comes, and a lock that is not read."""
    project, reported = open_project(request, cache.look_only, reads_lock=False)
    require(project is not None and not has_errors(reported) and project.sources)
    assert project is not None
    require(project.chosen is None and not project.reads_alone and not project.is_package_unclear)
    require(project.lock_text is not None or not project.package_path.exists())
    return project, reported


class _NoLock:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        pass


def _opened_lock(project: Project) -> LockFile | _NoLock:
    if project.lock_text is None:
        return _NoLock()
    require(project.lock_path.is_file())  # opening a pipe would wait for ever
    return LockFile(project.lock_path)


class _Building:
    """One build."""

    def __init__(
        self,
        project: Project,
        now: int,
        compiler: Compiler,
        reported: list[Diagnostic],
        step: Step,
        lock: LockFile | None,
        collection: Kept,
        rows: RowChanges,
    ) -> None:
        assert compiler.cache is not None
        self.project, self.reported, self.lock, self.rows = project, reported, lock, rows
        self.clock = Clock(now)
        self.begun = time.time_ns()
        self.index: NoteIndex = compiler.cache.index
        self.header = self._read_header()
        if self.index.value("project") != self.header.project.encode():
            self.index.clear()
            self.index.remember("project", self.header.project.encode())
        files = files_of(project)
        self.sources = CompiledProject(project, compiler, self.header, files)
        self.writer = PackageWriter(self.sources, self.clock, step, collection, rows)

    def _read_header(self) -> Header:
        """The header of the lock, which has to be as deckgen writes it."""
        if self.lock is None:
            lock, problems = read_lock(self.project)
            require(not problems)
            return lock.header
        parsed, problems = parse_lock(self.lock.header.decode(), "")
        require(not problems and format_lock(Lock(parsed.header)).encode() == self.lock.header)
        require(self.project.config.id in ("", parsed.header.project))
        return parsed.header

    def build(self, last: Delta | None) -> Built:
        """Run the stages."""
        project, index, writer = self.project, self.index, self.writer
        sync_lines(index, self.lock, self.header.project)
        making = self.sources.compile()
        rendering, header, is_rendered_otherwise = self.rendering(making)
        writer.touch_what_hangs_on_media(last)
        self.sources.touch_what_was_decided()
        require(not self.has_pairs_to_decide())
        decisions = ProjectDecisions(project.choices, index.has_guid, self.sources.files, rendering)
        notes = NotesOfBuild(index, self.lock, self.header, self.clock, decisions)
        is_changing = not is_rendered_otherwise and writer.is_collection_current(last)
        index.make_stale(index.touched_paths() if is_changing else (source.path for source in project.sources))
        pictures = {picture for made in writer.before.values() for picture in made.pictures}
        notes.decide(self.sources.drafts_of, partial(self.scope, making), pictures)
        leaving = look_into(notes.new_lines, project.sources, making, partial(read_again, project))
        require(not leaving.kept)
        self.reported.extend(why for _, why in leaving.reasons)
        require(not reworded(notes.new_lines, self.sources.suggestions_of_changed(notes.new_lines)))
        for line in notes.new_lines:
            self.rows.add(line)
        next_lock = NextLock(self.lock, format_lock(Lock(header)).encode(), self.rows, self.begun)

        def make(target: Path) -> Path:
            return writer.package(target, rendering, notes, is_changing=is_changing)

        problems = write_both(project.lock_path, next_lock, project.package_path, make)
        require(not problems)
        return self.finish(notes, next_lock, rendering, header)

    def has_pairs_to_decide(self) -> bool:
        """Whether the learner said of a note which one it is, and this is not so yet."""
        index, choices = self.index, self.project.choices
        new = {new for _, new in (*choices.same, *choices.another)}
        made = {guid for guid in new if index.has_guid(guid) or index.paths_of([guid])}
        same = any(
            index.has_guid(old) and new in made and old not in index.lines_asking([new]) for old, new in choices.same
        )
        return same or any(new in made and self._may_be(old, new) for old, new in choices.another)

    def _may_be(self, old: str, new: str) -> bool:
        """Whether the lock does not know yet that two notes are two."""
        row = self.lock.row(old) if self.lock is not None else b""
        return bool(row) and self.lock is not None and new not in self.lock.read(row).another

    def scope(self, making: CompileOptions, lines: Iterable[LockEntry]) -> Scope:
        """What identity may conclude from what is missing."""
        project = self.project
        read = frozenset(source.path for source in project.sources)
        there = {line.path for line in lines if not line.retired} - read
        there = {path for path in there if (project.root / path).is_file()}
        require(project.has_config or not there)  # else they are asleep
        return Scope(read, excluded=frozenset(there), rules=frozenset(r.identity for r in making.rules()[0].rules))

    def rendering(self, making: CompileOptions) -> tuple[RenderOptions, Header, bool]:
        """How notes are rendered, the header that says so, and whether it is otherwise than in the last package."""
        config = self.project.config
        note_types, remembered, problems = stamp(making.rendering.note_types, self.header.note_types, self.clock.now)
        require(not has_errors(problems))
        self.reported.extend(problems)
        rendering = RenderOptions(config.html, note_types, config.tts)
        packs = () if self.project.packs is not None else making.rules()[0].packs
        how = self.header.rendering or rendering.stamp
        header = replace(self.header, rules=packs, rendering=how, note_types=remembered, words=making.words)
        how_stamped = f"{rendering.stamp}\n{sorted(remembered.items())}".encode()
        is_otherwise = self.index.value("rendering") != how_stamped
        self.index.remember("rendering", how_stamped)
        return rendering, header, is_otherwise

    # ---- what was done

    def finish(self, notes: NotesOfBuild, lock: NextLock, rendering: RenderOptions, header: Header) -> Built:
        """Take down what was written; what there is to tell."""
        project, index, identified = self.project, self.index, notes.identified
        placed = placing(project)
        tally = self.writer.tally
        others = dict(self.writer.now_made())
        reported = [*self.reported, *self.sources.reported, *self.writer.reported]
        for path, made in others.items():
            if path not in self.writer.made:
                reported.extend(made.diagnostics)
                tally.changes["unchanged"] += made.total
        reported = once(reported, is_lock_new=self.lock is None)
        retired = identified.retired if identified is not None else ()
        many = check_retired(notes.live, len(retired))
        reported.extend(many)
        if identified is not None:
            reported.extend(d for d in identified.diagnostics if d.kind == "made-on-two-branches")
        diagnostics = tuple(sort_diagnostics(map(placed, reported)))
        misses = identified.near_misses if identified is not None else ()
        outcome = Outcome(
            package=str(project.package_path),
            lock=str(project.lock_path),
            notes=sum(len(made.ids) for made in others.values()),
            cards=sum(made.cards for made in others.values()),
            changes={**tally.changes, **({} if self.lock is None else {"retired": len(retired)})},
            held_back=sum(made.held for made in others.values()),
            declined=sum(made.declined for made in others.values()),
            skipped=sum(made.skipped for made in others.values()),
            suggestions=sum(not is_admitted for *_, is_admitted in index.suggestions()),
            decisions_gone=len(project.choices.notes) - len({one for made in others.values() for one in made.decided}),
            need_attention=need_attention(
                (kinds for made in others.values() for kinds in made.findings), project.config.lint
            ),
            held_apart=tuple(place for path in sorted(others) for place in others[path].held_apart),
            moved=tuple(tally.moved),
            retired=tuple(line.guid for line in retired),
            retires_many=bool(many),
            near_misses=tuple(
                NearlySame(
                    miss.old.guid,
                    miss.new,
                    miss.old.question,
                    tally.questions.get(miss.new, ""),
                    miss.reason,
                    miss.hint,
                )
                for miss in misses
            ),
            is_lock_new=self.lock is None,
            is_rendering_new=header.rendering != rendering.stamp,
            new_words=header.words if self.header.words not in ("", header.words) else "",
            diagnostics=diagnostics,
        )
        index.put_lines((line, make_guid(header.project, key_of(line), ""), row) for line, row in self.rows.all())
        index.remember("lock", f"{lock.size} {lock.digest}".encode())
        rules = self.sources.settling.making.rules()[0]
        names = tuple(rule.name for rule in rules.rules)
        index.remember_options(StoredOptions(names, tuple(rules.packs), dict(rendering.note_types)))
        generation = index.settle(self.writer.made, {source.path for source in project.sources})
        ending = None
        lasting = [diagnostic for diagnostic in diagnostics if diagnostic.kind not in _TRANSIENT]
        if not any(made.is_missing_media for made in others.values()):
            ending = Ending(
                project,
                replace(outcome.at_rest(is_rendering_new=outcome.is_rendering_new), diagnostics=tuple(lasting)),
                max((made.latest for made in others.values()), default=0),
                (lock.size, lock.digest),
                {path for made in others.values() for path in made.looked_at},
                {file for made in others.values() for file in made.media},
                generation,
            )
        around = check_lock(project.lock_path, changes=lock.is_changed)
        return Built(outcome, (*around, *diagnostics), ending, self.writer.collection)
