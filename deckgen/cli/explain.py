"""`deckgen explain`."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument, Option


def explain(
    place: Annotated[str, Argument(metavar="FILE[:LINE]", help="A note, or a line of it.")],
    rules: Annotated[bool, Option("--rules", help="Show what each rule made of each element.")] = False,
    show_all: Annotated[bool, Option("--all", help="Show all rules, also those whose words are not there.")] = False,
    json: Annotated[bool, Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Show the cards of each sentence, item and row of a note, or why it has none."""
    from deckgen.diagnostics.paths import shown_path
    from deckgen.reports import explain as report
    from deckgen.reports.columns import counted

    path, line = _split(place)
    if os.path.isdir(path):
        raise click.BadParameter("this is a folder; name a note", param_hint="FILE[:LINE]")
    inputs = terminal.read([path], only_chosen=True)
    (document,) = inputs.chosen
    lines = len(document.lines) - (document.lines[-1:] == ("",))  # what stands behind the last line end is none
    if line is not None and not 0 < line <= lines:
        raise click.BadParameter(f"{path} has {counted(lines, 'line')}", param_hint="FILE[:LINE]")
    has_all = rules or show_all or json
    explained = report.explain(document, inputs.rules, inputs.settings, line, has_all=has_all)
    if json:
        terminal.write_json([report.explained_data(one) for one in explained])
    elif explained and not (rules or show_all):
        from deckgen.reports.explain_summary import summary_lines

        terminal.write_lines(
            summary_lines(explained, shown_path(path), terminal.width(), line, inputs.settings.confidence)
        )
    elif explained:
        terminal.write_lines(report.text_lines(explained, shown_path(path), terminal.width(), shows_all=show_all))
    else:
        terminal.write_lines(["no element that a rule looks at" + (" stands on this line" if line else "")])


def _split(place: str) -> tuple[Path, int | None]:
    """A path, and the line behind it, as in `notes/a.md:12`; a column, as in diagnostics, is passed over."""
    found = re.fullmatch(r"(.+?):(\d+)(?::\d+)?:?", place, re.DOTALL)
    if found is None or os.path.exists(place):
        return Path(place), None
    return Path(found[1]), int(found[2])
