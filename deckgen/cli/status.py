"""`deckgen status`."""

from __future__ import annotations

from typing import Annotated

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.push import Profile, To, Url, compared, paint


def status(
    paths: Paths = None,
    to: To = "anki",
    url: Url = None,
    profile: Profile = "",
    json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
    lock: LockPath = None,
) -> None:
    """Show what differs between the notes and Anki, and which notes are forgotten most often; changes nothing."""
    from deckgen.reports import status as report

    build, target, state, plan = compared(paths, to, url, profile, lock)
    hard = report.struggles(build, state)
    if json:
        terminal.write_json(report.status_data(plan, hard))
    else:
        terminal.write_lines(report.status_lines(plan, hard, target.name, terminal.width(), paint()))
