"""`deckgen build`."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import BuiltPaths, LockPath
from deckgen.cli.compiling import compiler, read_now

if TYPE_CHECKING:
    from deckgen.build.options import Options
    from deckgen.build.project_build import Built
    from deckgen.build.result import Outcome
    from deckgen.build.snapshot import Delta
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
    from deckgen.build.options import Options
    from deckgen.build.snapshot import load_snapshot
    from deckgen.diagnostics.paths import shown_path
    from deckgen.project.locate import Request, whole_project

    if output is not None and not os.path.lexists(output.parent):
        raise click.BadParameter(f"there is no folder `{shown_path(output.parent)}`", param_hint="-o")
    request = Request(whole_project(paths or ()), output, lock)
    options = Options(_pairs(same or [], "--same"), refresh, _pairs(another or [], "--another"))
    is_writing = not (check or dry_run)
    read_now()  # a clock that is set wrongly ends the command here
    last = load_snapshot(request)
    if last is not None and options == Options() and last.is_same:
        outcome = _unchanged(last, request, is_writing=is_writing)
        _tell(outcome, is_json=json, is_writing=is_writing, is_fresh=True if check else None)
        return
    built = run_build(request, options, last, is_writing=is_writing)
    is_fresh = None
    if check:
        from deckgen.build.preflight import is_up_to_date

        assert built.view is not None
        is_fresh = is_up_to_date(built.view)
    assert built.outcome is not None
    _tell(built.outcome, is_json=json, is_writing=is_writing, is_fresh=is_fresh)
    if is_fresh is False:
        raise click.exceptions.Exit(1)


def _unchanged(last: Delta, request: Request, *, is_writing: bool) -> Outcome:
    """What there is to say where nothing changed, with its warnings printed."""
    from deckgen.build.snapshot import refresh, unchanged_outcome
    from deckgen.project.git_ignore import check_ignored

    if is_writing:
        refresh(last)
    outcome = unchanged_outcome(last, request)
    terminal.print_diagnostics([*check_ignored(Path(outcome.lock)), *outcome.diagnostics])
    return outcome


def run_build(request: Request, options: Options, last: Delta | None = None, *, is_writing: bool = True) -> Built:
    """Build, and print what there is to tell; errors end the command."""
    from deckgen.build.pipeline import build_project

    bar = cache(lambda: terminal.Bar("package"))  # which begins when the notes are made
    with compiler(checks=True) as compiles:
        try:
            built = build_project(
                request, read_now(), options, compiles, last, lambda *step: bar().step(*step), is_writing=is_writing
            )
        finally:
            bar().end()
    terminal.print_diagnostics(built.diagnostics)
    if built.failures:
        terminal.print_diagnostics(built.failures)
    if built.outcome is None:
        raise click.exceptions.Exit(2)
    return built


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
