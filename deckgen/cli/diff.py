"""`deckgen diff`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from deckgen.cli import terminal
from deckgen.cli.arguments import LockPath, Paths

if TYPE_CHECKING:
    from deckgen.build.pipeline import Build
    from deckgen.reports.diff import Diff

Format = Literal["text", "json", "markdown"]


def diff(
    paths: Paths = None,
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="REV|FILE",
            help="A revision of git whose lock is compared, or an .apkg file. Default: the lock as it is.",
            show_default=False,
        ),
    ] = None,
    output_format: Annotated[Format, typer.Option("--format", help="How to print it.")] = "text",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    lock: LockPath = None,
) -> None:
    """Show what a build would change: old and new side by side, and why a note is the same note."""
    from deckgen.build.pipeline import open_and_run
    from deckgen.build.workers import Maker
    from deckgen.project.clock import read_clock
    from deckgen.project.project import Request
    from deckgen.reports.diff import diff_data

    now, problems = read_clock()
    if problems:
        terminal.exit_with(problems)
    made, diagnostics = open_and_run(Request(tuple(paths or ()), None, lock), now, maker=Maker(workers=None))
    if made is None:
        terminal.exit_with(diagnostics)
    terminal.print_diagnostics(diagnostics)
    found = _compare(made, against, [str(path) for path in paths or ()], now)
    if json or output_format == "json":
        terminal.write_json(diff_data(found))
    elif output_format == "markdown":
        from deckgen.reports.diff_markdown import markdown_lines

        terminal.write_lines(markdown_lines(found))
    else:
        from deckgen.reports.diff_text import Paint, text_lines

        paint = Paint(sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb")
        terminal.write_lines(text_lines(found, terminal.width(), paint))


def _compare(made: Build, against: str | None, paths: list[str], now: int) -> Diff:
    from deckgen.build.pipeline import run
    from deckgen.diagnostics import Diagnostic
    from deckgen.diagnostics.paths import shown_path
    from deckgen.package.reading import read_anki_notes
    from deckgen.project.git import read_lock_at
    from deckgen.reports import diff as report

    if against is None:
        return report.against_lock(made, paths)
    file = Path(against)
    if file.suffix.lower() in (".apkg", ".colpkg", ".anki2") or file.is_file():
        notes, problems = read_anki_notes(file)
        if notes is None:
            terminal.exit_with(problems)
        terminal.print_diagnostics(problems)
        return report.against_package(made, notes, shown_path(file), paths)
    text, problems = read_lock_at(made.project.lock_path, against)
    if text is None:
        terminal.exit_with(problems)
    then, problems = run(replace(made.project, lock_text=text), now)
    if then is None:
        terminal.exit_with(problems)
    before, today = then.lock_before.header.project, made.lock_before.header.project
    if before != today and not made.is_lock_new:
        message = f"at {against} the lock was of the project `{before}`, today it is of `{today}`"
        terminal.exit_with([Diagnostic("other-project", message, hint="no note of the one is a note of the other")])
    return report.against_revision(made, then, against, paths)
