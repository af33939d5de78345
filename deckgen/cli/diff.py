"""`deckgen diff`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.compiling import compiler, open_build, read_now

if TYPE_CHECKING:
    from deckgen.build.view import Build
    from deckgen.project.locate import Request
    from deckgen.reports.diff import Diff

Format = Literal["text", "json", "markdown"]


def diff(
    paths: Paths = None,
    against: Annotated[
        str | None,
        Option(
            "--against",
            metavar="REV|FILE",
            help="A revision of git whose lock is compared, or an .apkg file. Default: the lock as it is.",
        ),
    ] = None,
    output_format: Annotated[Format, Option("--format", help="How to print it.")] = "text",
    json: Annotated[bool, Option("--json", help="The same as --format json.")] = False,
    lock: LockPath = None,
) -> None:
    """Show what a build would change: old and new side by side, and why a note is the same note."""
    from deckgen.project.locate import Request
    from deckgen.reports.diff import diff_data

    request = Request(tuple(paths or ()), None, lock)
    chosen_format = "json" if json else output_format
    build = open_build(request, has_notes=against is not None)
    found = _compare(build, request, against)
    if chosen_format == "json":
        terminal.write_json(diff_data(found))
    elif chosen_format == "markdown":
        from deckgen.reports.diff_markdown import markdown_lines

        terminal.write_lines(markdown_lines(found))
    else:
        from deckgen.reports.diff_text import Paint, text_lines

        paint = Paint(terminal.is_colored(sys.stdout))
        terminal.write_lines(text_lines(found, terminal.width(), paint))


def _compare(build: Build, request: Request, against: str | None) -> Diff:
    from deckgen.diagnostics.paths import shown_path
    from deckgen.reports import diff as report

    paths = [str(path) for path in request.paths]
    if build.chosen is not None:  # `--same` is for a build of the whole project
        paths = [] if build.root.resolve() in Path.cwd().parents else [shown_path(build.root)]
    if against is None:
        return report.against_lock(build, paths)
    from deckgen.build.pipeline import open_and_run
    from deckgen.diagnostics import Diagnostic
    from deckgen.package.reading import read_anki_notes
    from deckgen.project.git import read_lock_at

    file = Path(against)
    if file.suffix.lower() in (".apkg", ".colpkg", ".anki2") or os.path.isfile(file):
        notes, problems = read_anki_notes(file)
        if notes is None:
            terminal.exit_with(problems)
        terminal.print_diagnostics(problems)
        return report.against_package(build, notes, shown_path(file), paths)
    text, problems = read_lock_at(build.project.lock_path, against)
    if text is None:
        terminal.exit_with(problems)
    with compiler() as compiles:
        then, problems = open_and_run(request, read_now(), None, compiles, lock_text=text)
    if then is None:
        terminal.exit_with(problems)
    before, today = then.lock_before.header.project, build.lock_before.header.project
    if before != today and not build.is_lock_new:
        message = f"at {against} the lock was of the project `{before}`, today it is of `{today}`"
        terminal.exit_with([Diagnostic("other-project", message, hint="no note of the one is a note of the other")])
    return report.against_revision(build, then, against, paths)
