"""`deckgen adopt`."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument, Option
from deckgen.cli.arguments import LockPath
from deckgen.cli.compiling import find_build_of_all

if TYPE_CHECKING:
    from deckgen.anki.adoption import Adoption
    from deckgen.build.view import Build


def adopt(
    file: Annotated[
        Path,
        Argument(
            metavar="FILE",
            help="An .apkg file, or the collection.anki2 of a profile while Anki is closed.",
        ),
    ],
    path: Annotated[
        Path | None,
        Argument(
            metavar="PATH",
            help="A deck project, a folder of notes, or a note. Default: the project around this folder.",
        ),
    ] = None,
    lock: LockPath = None,
    yes: Annotated[bool, Option("--yes", help="Write the lock without asking.")] = False,
    json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Take over notes that are in Anki already, with their schedules; or restore a lost lock from its package."""
    from deckgen.anki.adoption import adopt as pair
    from deckgen.diagnostics.paths import shown_path
    from deckgen.package.media_reading import media_digests
    from deckgen.package.reading import read_anki_notes
    from deckgen.project.locate import Request
    from deckgen.reports import adoption as report

    found, problems = read_anki_notes(file)
    request = Request((path,) if path else (), None, lock)
    build, diagnostics = find_build_of_all(request)
    if build is None or found is None:
        terminal.exit_with([*problems, *diagnostics])
    terminal.print_diagnostics([*problems, *diagnostics])
    adoption = pair(build, found, partial(media_digests, file))
    if not json:
        terminal.write_lines(report.text_lines(adoption, shown_path(file), terminal.width()))
    is_written = bool(adoption.pairs) and (yes or _is_approved(build, adoption, asks=not json))
    if is_written:
        _write(build, adoption)
    if json:
        terminal.write_json(report.adoption_data(adoption) | {"written": is_written})
    elif is_written:
        terminal.write_lines(["", f"wrote {shown_path(build.project.lock_path)}"])
        terminal.write_lines(report.consequence_lines(adoption, terminal.width()))
    elif not adoption.pairs:
        terminal.write_lines(["nothing to take over"])
    else:
        terminal.write_lines(report.consequence_lines(adoption, terminal.width()))
        terminal.write_lines(["", "nothing is written; `--yes` writes the lock"])
    if not is_written:
        raise click.exceptions.Exit(1)


def _is_approved(build: Build, adoption: Adoption, *, asks: bool) -> bool:
    """Ask, where somebody is there to answer."""
    from deckgen.diagnostics.paths import shown_path
    from deckgen.reports.columns import counted

    if not asks or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    lock = shown_path(build.project.lock_path)
    print(f"\nWrite {counted(len(adoption.pairs), 'GUID')} into {lock}? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _write(build: Build, adoption: Adoption) -> None:
    from deckgen.build.commit import LockChangedError, write_lock
    from deckgen.diagnostics import Diagnostic

    project = build.project
    try:
        problems = write_lock(project.lock_path, project.lock_text, adoption.lock_text)
    except LockChangedError:
        problems = [Diagnostic("lock-changed", "deck.lock changed while its notes were paired", hint="adopt again")]
    if problems:
        terminal.exit_with(problems)
