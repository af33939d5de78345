"""`deckgen init`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument


def init(
    named: Annotated[Path | None, Argument(metavar="DIR", help="A folder of notes. Default: this one.")] = None,
) -> None:
    """Read a folder of notes, write a deck.yaml for it, and show what it would make."""
    from deckgen.build.load import read_inputs
    from deckgen.build.new_project import check, plan, write
    from deckgen.build.workers import CompileError, Compiler
    from deckgen.diagnostics import has_errors
    from deckgen.diagnostics.paths import shown_path
    from deckgen.project.project import open_folder
    from deckgen.reports.start import start_lines

    folder = named or Path()
    if problems := check(folder, is_named=named is not None):
        terminal.exit_with(problems)
    project, diagnostics = open_folder(folder)
    if project is None:
        terminal.exit_with(diagnostics)
    inputs, problems = read_inputs(project)
    diagnostics = [*diagnostics, *problems]
    if has_errors(diagnostics):
        terminal.exit_with(diagnostics)
    try:
        with terminal.bar("files") as bar:
            start = plan(inputs, Compiler(None, bar.step))
    except CompileError as problem:
        terminal.exit_with(problem.diagnostics)
    written, problems = write(folder, start)
    terminal.print_diagnostics(diagnostics)
    terminal.write_summary(start_lines(start, terminal.width()))
    if written:
        terminal.write_summary(["", "wrote " + " and ".join(shown_path(path) for path in written)])
    if problems:
        terminal.exit_with(problems)
    place = "" if folder == Path() else f" {shown_path(folder)}"
    shows, makes = f"`deckgen preview{place}` shows the cards", f"`deckgen build{place}` makes the package"
    terminal.write_summary([f"next: {shows}, {makes}"])
