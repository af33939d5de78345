"""The pipeline: a project → its notes, what changed, the next lock, and for `build` package and lock on disk.

A first build, a fresh clone, a pull, a merge, one edit and none are the same. Sources that changed are compiled into
the store (`CompiledProject`), identity is decided on (`NotesOfBuild`), and the notes are rendered, counted and packaged
source by source (`PackageWriter`). How much changed makes no difference but in time.

Identity decides on the keys that were touched, where the others are known to keep their notes. It decides on all notes
together where only a part is built, where the lock is not as deckgen writes it, or where what was touched turns out not
to be enough. The bytes are the same.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from typing import TypeVar

from msgspec import Struct

from deckgen.build.admission import admission_by_lock
from deckgen.build.commit import LockChangedError
from deckgen.build.compiled_project import DamagedStoreError
from deckgen.build.in_memory_build import InMemoryBuild
from deckgen.build.load import placing
from deckgen.build.options import Options
from deckgen.build.owned_folder import FOLDER, open_folder, seal
from deckgen.build.project_build import Built, Output, ProjectBuild
from deckgen.build.skips import skips_by_lock
from deckgen.build.snapshot import Delta, collection_path, save_snapshot
from deckgen.build.store import SourceCache, open_cache
from deckgen.build.unit import CompiledNote
from deckgen.build.workers import CompileError, Compiler
from deckgen.diagnostics import Diagnostic, has_errors, sort_diagnostics
from deckgen.extraction.collector import without_collector
from deckgen.extraction.other_ids import once
from deckgen.package.apkg import KeptCollection
from deckgen.project.locate import Place, Request, keeps_cache, locate
from deckgen.project.part import of_part
from deckgen.project.project import Project, open_project

Found = TypeVar("Found")


def build_project(
    request: Request,
    now: int,
    options: Options,
    compiler: Compiler,
    last: Delta | None = None,
    step: Callable[[int, int], None] = lambda done, total: None,
    *,
    is_writing: bool = True,
) -> Built:
    """Build, and write lock and package. `now`: seconds since 1970; `last`: what changed since the last build with the
    same command line, if that is known; `step` is called with how many sources are packaged, and of how many.
    """
    place, _ = locate(request)
    folder = place.root / FOLDER if place is not None and keeps_cache(place) else None
    is_folder_new = folder is not None and not os.path.lexists(folder)
    # Before the store begins to be written: what nobody vouches for yet would be deleted.
    kept = _kept(request, place) if place is not None and folder is not None and is_writing else None

    def run(build: ProjectBuild) -> Built:
        output = Output(last, kept if build.store.is_lasting else None, step, is_writing=is_writing)
        built = build.run(output)
        if built.outcome is not None and build.store.is_lasting:
            build.store.end(is_done=build.is_settled)
            if built.written_build is not None and place is not None:
                save_snapshot(built.written_build, request, place, output.collection)
        return built

    try:
        built = _run(request, now, options, compiler, run, makes=is_writing)
    except CompileError as problem:
        built = Built(tuple(problem.diagnostics))
    except LockChangedError:
        hint = "wait for the other build to end, then build again"
        message = "deck.lock changed while this build ran, twice"
        failure = Diagnostic("lock-changed", message, hint=hint)
        _, reported = open_and_run(request, now, options, compiler)  # what there is to tell of the notes all the same
        built = Built(tuple(reported), failures=(failure,))
    if built.outcome is None and folder is not None and is_folder_new:  # a build with an error leaves all as it was
        shutil.rmtree(folder, ignore_errors=True)
    return built


def open_and_run(
    request: Request,
    now: int,
    options: Options | None = None,
    compiler: Compiler | None = None,
    *,
    lock_text: str | None = None,
    makes_store: bool = False,
) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    """What a build would make, written nowhere; None where there is an error anywhere. `lock_text`: of another lock
    than the one on disk; `makes_store`: where there is none, so that a build that follows compiles nothing again.
    """
    try:
        built = _run(
            request,
            now,
            options or Options(),
            compiler or Compiler(),
            lambda build: build.run(None, lock_text),
            makes=makes_store,
        )
    except CompileError as problem:
        return None, problem.diagnostics
    return built.view, list(built.diagnostics)


def _run(
    request: Request,
    now: int,
    options: Options,
    compiler: Compiler,
    run: Callable[[ProjectBuild], Found],
    *,
    makes: bool,
) -> Found:
    """Open a project, with what earlier builds compiled, and `run` its build; from the start where the lock changed
    meanwhile, the store is damaged, or a source cannot be read, so that all such sources are reported. `makes` a store
    where there is none. Raises `CompileError`, `LockChangedError`.
    """
    reads_first = has_changed = False
    damages = 0
    while True:
        store = _open_store(request)
        if damages > 1:
            store.begin_in_memory()
        else:
            store.begin(makes=makes)
        build = None
        try:
            look = store.look if reads_first else store.look_only
            project, reported = open_project(request, look, reads_lock=False)
            if project is None:
                reads_first = True
                raise CompileError(sort_diagnostics(reported))
            build = ProjectBuild(project, reported, now, options, compiler, store)
            with without_collector():
                return run(build)
        except CompileError:
            if reads_first:
                raise
            reads_first = True
        except LockChangedError:
            if has_changed:
                raise
            has_changed = True
        except (DamagedStoreError, sqlite3.Error):
            if damages > 1:
                raise
            damages += 1
            store.delete()
        finally:
            store.end(is_done=build is not None and build.is_settled)
            store.close()


def _open_store(request: Request) -> SourceCache:
    place, _ = locate(request)
    return open_cache(place.root if place is not None and keeps_cache(place) else None)


def _kept(request: Request, place: Place) -> KeptCollection | None:
    """Where the collection of the package stays."""
    folder = open_folder(place.root)
    return KeptCollection(collection_path(folder, request, place), seal=seal) if folder is not None else None


class ProjectDrafts(Struct, frozen=True):
    """The drafts of a project, before identity."""

    project: Project
    compiled: tuple[CompiledNote, ...]
    placed: Callable[[Diagnostic], Diagnostic]  # a diagnostic of a source, with the path as a person wants it
    skipped: frozenset[int] = frozenset()  # places of drafts that the learner skipped, as far as their texts tell


def open_and_compile(
    request: Request, compiler: Compiler | None = None
) -> tuple[ProjectDrafts | None, list[Diagnostic]]:
    """Read a project and try the rules on it; no drafts when there is an error anywhere."""
    try:
        return _run(request, 0, Options(), compiler or Compiler(), _drafts_of, makes=False)
    except CompileError as problem:
        return None, problem.diagnostics


def _drafts_of(build: ProjectBuild) -> tuple[ProjectDrafts | None, list[Diagnostic]]:
    lock = build.compile()
    project, compiled = build.project, build.compiled
    admission = admission_by_lock(project.choices, lock) if lock is not None else compiled.admission
    placed = placing(project)
    reported = list(build.reported)
    prepared: list[CompiledNote] = []
    for source in project.sources:
        unit = compiled.unit(source.path)
        reported.extend(map(placed, unit.diagnostics))
        prepared.extend(admission.notes(unit).prepared)
    is_lock_new = not (lock.lines if lock is not None else compiled.index.has_lines())
    reported = once(reported, is_lock_new=is_lock_new)
    sources = (source.path for source in project.sources)
    reported = sort_diagnostics(of_part(reported, project.chosen, project.root, sources))
    if has_errors(reported):
        return None, reported
    skips = skips_by_lock(project.choices, lock, prepared) if lock is not None else compiled.skips
    skipped = frozenset(place for place, one in enumerate(prepared) if skips.has(one))
    return ProjectDrafts(project, tuple(prepared), placed, skipped), reported
