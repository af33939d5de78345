"""`deckgen build`."""

from __future__ import annotations

import os
import shutil
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.arguments import BuiltPaths, LockPath
from deckgen.cli.commands import Option
from deckgen.cli.compiling import compiler

if TYPE_CHECKING:
    from deckgen.build.in_memory_build import InMemoryBuild
    from deckgen.build.pipeline import Options
    from deckgen.build.result import Outcome
    from deckgen.build.workers import Compiler
    from deckgen.package.apkg import Kept
    from deckgen.project.locate import Request


def build(
    paths: BuiltPaths = None,
    output: Annotated[Path | None, Option("-o", "--output", metavar="FILE", help="The package to write.")] = None,
    lock: LockPath = None,
    check: Annotated[
        bool, Option("--check", help="Write nothing; exit 1 if lock or package are not up to date.")
    ] = False,
    dry_run: Annotated[bool, Option("--dry-run", help="Write nothing; say what would be done.")] = False,
    json: Annotated[bool, Option("--json", help="Print the summary as JSON.")] = False,
    refresh: Annotated[
        str | None,
        Option(
            "--refresh",
            metavar="GLOB",
            help="Send the notes of these sources again, even unchanged ones; '' for all.",
        ),
    ] = None,
    same: Annotated[
        list[str] | None,
        Option("--same", metavar="OLD=NEW", help="The note with GUID NEW is the note OLD, reworded."),
    ] = None,
    another: Annotated[
        list[str] | None,
        Option(
            "--another",
            metavar="OLD=NEW",
            help="The note with GUID NEW is another note than OLD (OLD=OLD: undo a pairing).",
        ),
    ] = None,
) -> None:
    """Build the Anki package and the lock of a deck project, a folder of notes, or single notes."""
    from deckgen.diagnostics.paths import shown_path
    from deckgen.project.locate import Request, whole_project

    if output is not None and not os.path.lexists(output.parent):
        raise click.BadParameter(f"there is no folder `{shown_path(output.parent)}`", param_hint="-o")
    request = Request(whole_project(paths or ()), output, lock)
    is_writing = not (check or dry_run)
    if not same and not another and refresh is None:
        now = _now()
        if _tell_unchanged(request, now, is_json=json, is_check=check, is_writing=is_writing):
            return
        if is_writing and _tell_changes(request, now, is_json=json):
            return
    from deckgen.build.in_memory_build import outcome_of
    from deckgen.build.pipeline import Options
    from deckgen.build.preflight import is_up_to_date

    options = Options(_pairs(same or [], "--same"), refresh, _pairs(another or [], "--another"))
    made = run_build(request, options, is_writing=is_writing)
    is_fresh = not check or is_up_to_date(made)
    _tell(outcome_of(made), is_json=json, is_writing=is_writing, is_fresh=is_fresh if check else None)
    if not is_fresh:
        raise click.exceptions.Exit(1)


def _now() -> int:
    from deckgen.project.clock import read_clock

    now, problems = read_clock()
    if problems:
        terminal.exit_with(problems)
    return now


def _tell_unchanged(request: Request, now: int, *, is_json: bool, is_check: bool, is_writing: bool) -> bool:
    """Say what a build says where nothing changed since the last one; False where something did."""
    from deckgen.build.snapshot import load_snapshot, refresh, unchanged_outcome
    from deckgen.project.git_ignore import check_ignored
    from deckgen.project.locate import keeps_cache, locate

    place, _ = locate(request)
    if place is None or not keeps_cache(place):
        return False
    last = load_snapshot(request, place, now)
    if last is None or not last.is_same:
        return False
    if is_writing:
        refresh(last)
    outcome = unchanged_outcome(last, request)
    terminal.print_diagnostics([*check_ignored(Path(outcome.lock)), *outcome.diagnostics])
    _tell(outcome, is_json=is_json, is_writing=is_writing, is_fresh=True if is_check else None)
    return True


def _tell_changes(request: Request, now: int, *, is_json: bool) -> bool:
    """Build what changed, and say so; False where all notes have to be looked at together."""
    from deckgen.build.incremental import build_changes
    from deckgen.build.owned_folder import FOLDER
    from deckgen.build.snapshot import load_snapshot, save_snapshot
    from deckgen.project.locate import keeps_cache, locate

    place, _ = locate(request)
    if place is None or not keeps_cache(place):
        return False
    is_folder_new = not os.path.lexists(place.root / FOLDER)
    bar = cache(lambda: terminal.Bar("package"))  # which begins when the notes are made
    with compiler(request) as maker:
        last = load_snapshot(request, place, now)
        try:
            built = build_changes(
                request, now, maker, partial(_kept, request, maker), last, lambda *step: bar().step(*step)
            )
        finally:
            bar().end()
        if built is None:
            if is_folder_new:  # a build with an error leaves all as it was
                if maker.cache is not None:
                    maker.cache.close()
                shutil.rmtree(place.root / FOLDER, ignore_errors=True)
            return False
        terminal.print_diagnostics(built.diagnostics)
        if built.ending is not None:
            save_snapshot(built.ending, request, place, maker, built.kept)
    _tell(built.outcome, is_json=is_json, is_writing=True, is_fresh=None)
    return True


def _tell(outcome: Outcome, *, is_json: bool, is_writing: bool, is_fresh: bool | None) -> None:
    """The summary. `is_fresh`, whether all is up to date, is said for `--check`."""
    from deckgen.reports.summary import summary_data, summary_lines

    if is_json:
        terminal.write_json(summary_data(outcome) | ({} if is_fresh is None else {"up_to_date": is_fresh}))
        return
    lines = summary_lines(outcome, terminal.width(), is_written=is_writing, has_all=terminal.is_verbose())
    terminal.write_summary(lines)
    if is_fresh is not None:
        terminal.write_summary(["up to date" if is_fresh else "not up to date: run `deckgen build`"])


def _pairs(given: list[str], option: str) -> tuple[tuple[str, str], ...]:
    pairs = []
    for pair in given:
        old, _, new = pair.rpartition("=")  # a GUID from elsewhere may hold the sign
        if not (old.strip() and new.strip()):
            raise click.BadParameter(f"`{pair}` is not OLD=NEW", param_hint=option)
        pairs.append((old.strip(), new.strip()))
    return tuple(pairs)


def run_build(request: Request, options: Options, *, is_writing: bool) -> InMemoryBuild:
    """Run the pipeline and write; when the lock changed meanwhile, once more from the start. Errors end the command."""
    from deckgen.build.commit import LockChangedError
    from deckgen.build.owned_folder import FOLDER
    from deckgen.build.pipeline import open_and_run
    from deckgen.build.preflight import check_output, check_surroundings, write
    from deckgen.diagnostics import Diagnostic, has_errors
    from deckgen.project.clock import read_clock

    now, problems = read_clock()
    if problems:
        terminal.exit_with(problems)
    is_first = True
    while True:
        with compiler(request) as maker:
            made, diagnostics = open_and_run(request, now, options, maker)
            if made is None:
                terminal.exit_with(diagnostics)
            diagnostics = [*check_output(made.project), *check_surroundings(made), *diagnostics]
            if has_errors(diagnostics):
                terminal.exit_with(diagnostics)
            if is_first:
                terminal.print_diagnostics(diagnostics)
            if not is_writing:
                return made
            folder = made.project.root / FOLDER
            is_folder_new = not folder.exists()
            kept = _kept(request, maker)
            try:
                problems = write(made, kept)
            except LockChangedError:
                if is_first:
                    is_first = False
                    continue
                hint = "wait for the other build to end, then build again"
                problems = [Diagnostic("lock-changed", "deck.lock changed while this build ran, twice", hint=hint)]
            if problems:
                if is_folder_new:  # a build with an error leaves all as it was
                    shutil.rmtree(folder, ignore_errors=True)
                terminal.exit_with(problems)
            _keep(made, request, maker, kept)
            return made


def _kept(request: Request, maker: Compiler) -> Kept | None:
    """Where the collection of the package stays."""
    from deckgen.build.owned_folder import open_folder, seal
    from deckgen.build.snapshot import collection_path
    from deckgen.package.apkg import Kept
    from deckgen.project.locate import locate

    place, _ = locate(request)
    folder = open_folder(place.root) if place is not None and maker.cache is not None else None
    return (
        Kept(collection_path(folder, request, place), seal=seal) if folder is not None and place is not None else None
    )


def _keep(made: InMemoryBuild, request: Request, maker: Compiler, kept: Kept | None) -> None:
    """Have the next build know what this one made."""
    from deckgen.build.snapshot import ending_of, save_snapshot
    from deckgen.project.locate import locate

    if maker.cache is None:
        return
    maker.cache.keep()
    place, _ = locate(request)
    if place is not None and (ending := ending_of(made)) is not None:
        save_snapshot(ending, request, place, maker, kept)
