"""`deckgen status`."""

from __future__ import annotations

import gc
from typing import Annotated

from deckgen.cli import terminal
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.commands import Option
from deckgen.cli.push import Profile, To, Url, close, open_target, paint, plan_for, run_checked


def status(
    paths: Paths = None,
    to: To = "anki",
    url: Url = None,
    profile: Profile = "",
    json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
    lock: LockPath = None,
) -> None:
    """Show what differs between the notes and Anki, and which notes are forgotten most often; changes nothing."""
    from deckgen.anki.actions import TargetError
    from deckgen.anki.plan import PushOptions
    from deckgen.project.locate import Request
    from deckgen.reports import status as report

    gc.disable()  # what is read is there until the process ends
    build = run_checked(Request(tuple(paths or ()), None, lock), prints_diagnostics=True)
    target = open_target(to, url, profile, is_read_only=True)
    try:
        state, plan = plan_for(build, target, PushOptions(), is_status=True)
    except TargetError as problem:
        terminal.exit_with([problem.diagnostic])
    finally:
        close(target)
    hard = report.struggles(build, state)
    if json:
        terminal.write_json(report.status_data(plan, hard))
    else:
        terminal.write_lines(report.status_lines(plan, hard, target.name, terminal.width(), paint()))
