"""`deckgen coverage`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import Paths


def coverage(
    paths: Paths = None,
    page: Annotated[
        Path | None,
        Option("--html", metavar="FILE", help="Write a page that shows the notes, with what became cards in colour."),
    ] = None,
    json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show how much of the notes became cards, by source and rule, or as a page."""
    from deckgen.cli.compiling import find_build
    from deckgen.diagnostics.paths import shown_path
    from deckgen.project.locate import Request
    from deckgen.reports import coverage as report
    from deckgen.reports.coverage_page import page as make_page
    from deckgen.reports.coverage_reasons import reasons_of

    if page is not None and not terminal.may_be_replaced(page):
        raise click.BadParameter(f"{shown_path(page)} is there, and is no page: it stays", param_hint="--html")
    inputs = terminal.read(paths, only_chosen=True)
    build, _ = find_build(Request(tuple(paths or ())))
    made = None
    if build is not None:
        made = report.notes_made((one.note for one in build.notes if not one.note.is_skipped), build.chosen)
    with terminal.bar("files") as bar:
        measured = report.measure(inputs.chosen, inputs.rules, inputs.settings, made, bar.step)
    if page is not None:
        with terminal.bar("page") as bar:
            reasons = reasons_of(measured, inputs.rules, inputs.settings, bar.step)
        try:
            terminal.write_page(page, make_page(measured, inputs.settings.deck, reasons))
        except OSError as problem:
            terminal.exit_with([terminal.unwritable(page, problem)])
    if json:
        terminal.write_json(report.coverage_data(measured))
    else:
        width = terminal.width() if sys.stdout.isatty() else None
        terminal.write_lines(report.text_lines(measured, width, has_all=terminal.is_verbose()))
        if page is not None:
            terminal.write_lines([f"wrote {shown_path(page)}"])
