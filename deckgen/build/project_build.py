"""One build of a project: its lock and its sources, what identity decides, the notes, and both files on disk."""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.all_notes import AllDecided, AllNotes
from deckgen.build.commit import Texts, write_both
from deckgen.build.compiled_project import CompiledProject
from deckgen.build.decisions import DecidedState
from deckgen.build.file_state import lock_digest
from deckgen.build.finishing import (
    Rendered,
    diagnostics_of,
    is_steady,
    outcome_of,
    settle_index,
    view_of,
    written_build_of,
)
from deckgen.build.identify import AllNotesNeededError, require, sync_lines
from deckgen.build.in_memory_build import InMemoryBuild
from deckgen.build.load import files_of, placing, read_lock
from deckgen.build.lock_writer import NextLock, RowChanges
from deckgen.build.options import Options
from deckgen.build.package_writer import PackageWriter, Step
from deckgen.build.preflight import check_lock, check_output, check_surroundings, package_of
from deckgen.build.result import Outcome
from deckgen.build.snapshot import Delta, WrittenBuild
from deckgen.build.store import SourceCache
from deckgen.build.stored_notes import stored_notes
from deckgen.build.touched_notes import TouchedNotes
from deckgen.build.workers import Compiler
from deckgen.diagnostics import Diagnostic, has_errors, sort_diagnostics
from deckgen.extraction.other_ids import once
from deckgen.identity.assign import Clock
from deckgen.identity.facts import key_of, make_guid
from deckgen.identity.lock import Header, Lock, format_lock, parse_lock
from deckgen.identity.lock_file import LockFile
from deckgen.model import Note, RenderedNote
from deckgen.package.apkg import KeptCollection, NotKeptError
from deckgen.project.part import of_part
from deckgen.project.project import Project, with_lock_text
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_type_stamps import stamp


class Output(Struct, frozen=True):
    """What is written, and beside it."""

    last: Delta | None = None  # what changed since the last build with the same command line
    collection: KeptCollection | None = None  # where the collection of the package stays
    step: Step = lambda done, total: None
    is_writing: bool = True  # else it is only known what would be written


class Built(Struct, frozen=True):
    """What came of a build."""

    diagnostics: tuple[Diagnostic, ...]  # errors, too
    outcome: Outcome | None = None  # None after an error
    view: InMemoryBuild | None = None  # where all notes were decided on together
    failures: tuple[Diagnostic, ...] = ()  # why what was made could not be written
    written_build: WrittenBuild | None = None  # where the next build says the same if nothing changes


class ProjectBuild:
    """One build. Raises `CompileError`, `DamagedStoreError`, `LockChangedError`."""

    def __init__(
        self,
        project: Project,
        reported: list[Diagnostic],
        now: int,
        options: Options,
        compiler: Compiler,
        store: SourceCache,
    ) -> None:
        self.project, self.options, self.compiler, self.store = project, options, compiler, store
        self.reported = reported  # with paths as a person wants them
        self.clock = Clock(now, options.refresh)
        self.begun = time.time_ns()
        self.index = store.index
        self.lock_file: LockFile | None = None
        self.lock: Lock | None = None  # as read, where it had to be
        self.compiled: CompiledProject
        self.is_settled = False  # whether the store has all that is to be known of what was written

    # ---- the lock and the sources

    def run(self, output: Output | None, lock_text: str | None = None) -> Built:
        """Build; written is only what has an output. `lock_text`: of another lock than the one on disk."""
        with contextlib.ExitStack() as stack:
            before = self._open_lock(lock_text, stack)
            is_in_order = self._compile(before, syncs=lock_text is None)
            failures: Sequence[Diagnostic] = ()
            if is_in_order and self._may_be_partial(output):
                with contextlib.suppress(AllNotesNeededError, NotKeptError, ValueError, OSError):
                    built = self.build_touched(output, before)
                    if not built.failures:
                        return built
                    failures = built.failures
                self.store.roll_back()
            return self.build_all(output, failures)

    def compile(self) -> Lock | None:
        """Have what changed compiled, and no more; the lock, unless the index knows what it says of drafts."""
        with contextlib.ExitStack() as stack:
            is_in_order = self._compile(self._open_lock(None, stack), syncs=True)
            is_any_skipped = any(choice.is_skipped for choice in self.project.choices.notes.values())
            return self._read_lock() if is_any_skipped or not is_in_order else None

    def _compile(self, before: Header, *, syncs: bool) -> bool:
        """Compile what changed; whether the index knows the lines of the lock."""
        if self.index.value("project") != before.project.encode():
            self.index.clear()
            self.index.remember("project", before.project.encode())
        is_in_order = syncs and self._sync_lines()
        self.compiled = CompiledProject(self.project, self.compiler, self.store, before, files_of(self.project))
        self.compiled.compile()
        self.reported.extend(self.compiled.rule_problems())
        return is_in_order

    def _open_lock(self, lock_text: str | None, stack: contextlib.ExitStack) -> Header:
        """The header of the lock, which is read in full only where it is not as deckgen writes it."""
        if lock_text is not None:
            self.project = replace(self.project, lock_text=lock_text)
            self.store.begin_in_memory()  # what that lock says of rules and languages is not for the next build
            self.index = self.store.index
        elif self.project.lock_text is not None and os.path.isfile(
            self.project.lock_path
        ):  # a pipe would wait for ever
            with contextlib.suppress(OSError, ValueError):
                lock = stack.enter_context(LockFile(self.project.lock_path))
                parsed, problems = parse_lock(lock.header.decode(), "")
                is_as_written = not problems and format_lock(Lock(parsed.header)).encode() == lock.header
                if is_as_written and self.project.config.id in ("", parsed.header.project):
                    self.lock_file = lock
                    return parsed.header
        return self._read_lock(is_text_known=lock_text is not None).header

    def _read_lock(self, *, is_text_known: bool = False) -> Lock:
        """All of the lock, read once; what is wrong with it is reported."""
        if self.lock is None:
            if self.project.lock_text is not None and not is_text_known:
                self.project, problems = with_lock_text(self.project)
                self.reported.extend(problems)
            self.lock, problems = read_lock(self.project)
            self.reported.extend(problems)
        return self.lock

    def _sync_lines(self) -> bool:
        """Have the index know the lines of the lock; False where they are not as deckgen writes them."""
        if self.lock_file is None and self.project.lock_text is not None:
            return False
        try:
            sync_lines(self.index, self.lock_file, self.index.value("project").decode())
        except ValueError:
            return False
        return True

    def _rendering(self, before: Header) -> tuple[RenderOptions, Header, list[Diagnostic]]:
        """How notes are rendered, the header that says so, and what is wrong with that."""
        project, compile_options = self.project, self.compiled.compile_options
        note_types, remembered, problems = stamp(
            compile_options.rendering.note_types, before.note_types, self.clock.now
        )
        rendering = RenderOptions(project.config.html, note_types, project.config.tts)
        packs = () if project.packs is not None else compile_options.rules()[0].packs
        has_baseline = not before.rendering or self.options.refreshes_all(source.path for source in project.sources)
        how = rendering.stamp if has_baseline else before.rendering
        header = replace(before, rules=packs, rendering=how, note_types=remembered, words=compile_options.words)
        return rendering, header, problems

    # ---- where what was touched is decided on

    def _may_be_partial(self, output: Output | None) -> bool:
        """Whether what was touched may be decided on by itself."""
        project = self.project
        is_whole_project = output is None or (project.chosen is None and not project.is_package_unclear)
        is_lock_lost = project.lock_text is None and os.path.exists(project.package_path)
        is_right = bool(project.sources) and not has_errors(self.reported) and not is_lock_lost
        return is_whole_project and is_right and not project.reads_alone and not self.options.is_about_all

    def build_touched(self, output: Output | None, before: Header) -> Built:
        """Decide on what was touched, and write if that is asked for; raises `AllNotesNeededError` where that is not
        enough.
        """
        rendering, header, problems = self._rendering(before)
        is_rendered_otherwise = self._remember_rendering(rendering, header)
        require(not has_errors(problems))
        is_writing = output is not None and output.is_writing
        last = output.last if output is not None else None
        is_media_same = last is not None and last.is_media_same and self._is_of_last(last)
        are_others_kept = not is_rendered_otherwise and (
            self._is_collection_current(output) if output is not None and is_writing else self._has_last()
        )
        require(is_writing or are_others_kept)
        made = dict(self.index.made())
        touched = TouchedNotes(self.compiled, self.lock_file, before, rendering, self.clock, self.options)
        notes, retired_but_there = touched.decide(made, is_media_same=is_media_same, are_others_kept=are_others_kept)
        with tempfile.TemporaryFile(prefix="deckgen-") as waiting:
            rows = RowChanges(waiting)
            for line in notes.changed:
                rows.add(line)
            lock = None if is_writing else self._read_lock()
            writer = PackageWriter(self.compiled, notes, rendering, self.clock, rows, made)
            rendered = Rendered(self.project, writer, notes, before, header, rendering, self.lock_file is None)
            reported = [*problems, *(why for _, why in retired_but_there.reasons)]
            if lock is not None:
                return self._show_touched(rendered, lock, output, reported)
            assert output is not None
            return self._write_touched(rendered, output, reported, is_changing=are_others_kept)

    def _write_touched(
        self, rendered: Rendered, output: Output, reported: Sequence[Diagnostic], *, is_changing: bool
    ) -> Built:
        """Make the notes of stale sources while the package is written."""
        project, index, writer = self.project, self.index, rendered.writer
        head = format_lock(Lock(rendered.header)).encode()
        next_lock = NextLock(self.lock_file, head, writer.rows, self.begun)
        make = partial(writer.package, collection=output.collection, step=output.step, is_changing=is_changing)
        if failures := write_both(project.lock_path, next_lock, project.package_path, make):
            return Built((), failures=tuple(failures))
        rows = writer.rows.all()
        index.put_lines((line, make_guid(rendered.header.project, key_of(line), ""), row) for line, row in rows)
        diagnostics = self._sorted([*reported, *diagnostics_of(rendered)])
        outcome = outcome_of(rendered, index.suggestions.count_left(), diagnostics)
        around = check_lock(project.lock_path, changes=next_lock.is_changed)
        lock = next_lock.size, next_lock.digest
        written_build = written_build_of(rendered, outcome, lock, settle_index(index, rendered, lock))
        self.is_settled = True
        return Built((*around, *diagnostics), outcome, None, (), written_build)

    def _show_touched(
        self, rendered: Rendered, lock: Lock, output: Output | None, reported: Sequence[Diagnostic]
    ) -> Built:
        """Make the notes of stale sources, and have the others as the last build left them."""
        compiled, writer, stale = self.compiled, rendered.writer, set(self.index.stale())
        notes: list[tuple[Note, RenderedNote | None]] = []
        try:
            for path in (source.path for source in self.project.sources):
                if path in stale:
                    notes += writer.all_of(path)
                elif path in writer.before and writer.before[path].total:
                    digest, note_type = compiled.digests[path], rendered.rendering.note_type
                    notes += stored_notes(self.store, path, compiled.environment, digest, note_type)
        except LookupError:  # not what it should be
            raise AllNotesNeededError from None
        require(writer.is_in_order)
        lines = {line.guid: line for line in (*lock.lines, *(line for line, _ in writer.rows.all()))}
        paths = self.index.suggestions.paths_left()
        suggested = compiled.suggestions(source.path for source in self.project.sources if source.path in paths)
        diagnostics = self._sorted([*reported, *diagnostics_of(rendered)])
        return self._shown(rendered, view_of(rendered, lock, notes, lines, suggested, diagnostics), output)

    def _has_last(self) -> bool:
        """Whether the index knows the notes of the last build, and this one begins where that ended."""
        return self.lock_file is not None and bool(self.index.value("generation"))

    def _remember_rendering(self, rendering: RenderOptions, header: Header) -> bool:
        """Have the next build know how notes are rendered; whether that is otherwise than in the last package."""
        now = f"{rendering.stamp}\n{sorted(header.note_types.items())}".encode()
        before = self.index.value("rendering")
        self.index.remember("rendering", now)
        return before != now

    def _is_collection_current(self, output: Output) -> bool:
        """Whether the collection of the last package is there, and is what the index says of it."""
        last, collection = output.last, output.collection
        if last is None or collection is None or not self._is_of_last(last):
            return False
        if not last.is_collection_whole(collection.path):
            return False
        collection.package, collection.pieces = self.project.package_path, last.record.pieces
        return True

    def _is_of_last(self, last: Delta) -> bool:
        """Whether the index is as the last build with the same command line left it."""
        return bool(last.record.generation) and last.record.generation.encode() == self.index.value("generation")

    # ---- where all notes are decided on together

    def build_all(self, output: Output | None, failures: Sequence[Diagnostic] = ()) -> Built:
        """Decide on all notes, and write if there is an output and no `failures` say why that cannot be."""
        lock = self._read_lock()
        project = self.project
        rendering, header, problems = self._rendering(lock.header)
        reported = [*self.reported, *problems]
        all_notes = AllNotes(self.compiled, lock, header, rendering, self.clock, self.options)
        decided = all_notes.decide(reported)
        if decided is None:
            return Built(tuple(self._sorted([*problems, *once(all_notes.problems, is_lock_new=not lock.lines)])))
        with tempfile.TemporaryFile(prefix="deckgen-") as waiting:
            writer = PackageWriter(self.compiled, decided.notes, rendering, self.clock, RowChanges(waiting), {})
            keeps = output is not None and output.is_writing
            notes = [pair for source in project.sources for pair in writer.all_of(source.path, keeps=keeps)]
        rendered = Rendered(project, writer, decided.notes, lock.header, header, rendering, project.lock_text is None)
        retired = {line.guid for line in decided.identified.retired}
        reasons = [why for guid, why in decided.retired_but_there.reasons if guid in retired]
        diagnostics = self._sorted([*problems, *diagnostics_of(rendered), *reasons])
        if has_errors(diagnostics):
            return Built(tuple(diagnostics))
        view = view_of(rendered, lock, notes, decided.notes.lines, decided.suggested, diagnostics)
        built = self._shown(rendered, view, output)
        if built.outcome is None or output is None or not output.is_writing:
            return built
        diagnostics, outcome = list(built.diagnostics), built.outcome
        is_made = bool(view.notes) or os.path.isfile(project.package_path)
        make = partial(package_of, view, kept=output.collection) if is_made else None
        texts = Texts(project.lock_text, view.lock_text)
        if failures := failures or write_both(project.lock_path, texts, project.package_path, make):
            return Built(tuple(diagnostics), None, None, tuple(failures))
        self.is_settled = self._settle_all(rendered, decided)
        digest = lock_digest([view.lock_text.encode("utf-8", "surrogatepass")])
        generation = settle_index(self.index, rendered, digest) if self.is_settled else ""
        written_build = written_build_of(rendered, outcome, digest, generation) if is_steady(view) else None
        return Built(tuple(diagnostics), outcome, view, (), written_build)

    def _shown(self, rendered: Rendered, view: InMemoryBuild, output: Output | None) -> Built:
        """A build that is not written yet; an error where it cannot be."""
        outcome = outcome_of(rendered, len(view.suggested), view.diagnostics)
        around = [*check_output(self.project), *check_surroundings(view)] if output is not None else []
        if has_errors(around):
            return Built((*around, *view.diagnostics))
        return Built((*around, *view.diagnostics), outcome, view)

    def _settle_all(self, rendered: Rendered, decided: AllDecided) -> bool:
        """Have the index know the lines of the lock that was written; False where the notes are not all there is to
        know: a part of the project, notes that sleep, or are made although their rule would not.
        """
        project, index = self.project, self.index
        lines = decided.notes.lines.values()
        is_whole = project.chosen is None and not project.reads_alone and not rendered.writer.has_untried
        has_asleep = sum(not line.retired for line in lines) != len({note.guid for note in decided.identified.notes})
        if not is_whole or has_asleep or decided.retired_but_there.kept or not os.path.isfile(project.lock_path):
            return False
        try:
            with LockFile(project.lock_path) as lock:
                sync_lines(index, lock, rendered.header.project)
        except (OSError, ValueError):
            return False
        self.compiled.index_settled()
        self._remember_rendering(rendered.rendering, rendered.header)
        index.remember("choices", DecidedState.of(project.choices, index.has_guid).written)
        return True

    def _sorted(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """All that is reported so far, and some more with paths in the project: of the part that is asked for."""
        project = self.project
        found = [*self.reported, *map(placing(project), diagnostics)]
        return sort_diagnostics(of_part(found, project.chosen, project.root, (one.path for one in project.sources)))
