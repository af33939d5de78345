"""`deckgen review`."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.compiling import find_build

if TYPE_CHECKING:
    from deckgen.build.view import Build
    from deckgen.reports.review.session import Session


def review(
    paths: Paths = None,
    suggested: Annotated[bool, Option("--suggested", help="Only what is not sure enough for the deck.")] = False,
    since: Annotated[
        str | None, Option("--since", metavar="REV", help="Only notes that are new or changed since a git revision.")
    ] = None,
    lock: LockPath = None,
) -> None:
    """Decide on notes one by one: keep, skip, edit, or never this rule here.

    Each decision is written to deck.choices.yaml at once. The next build, push and package go by it.
    """
    from deckgen.project.locate import Request
    from deckgen.reports.review.deciding import Deciding
    from deckgen.reports.review.queue import queue_of
    from deckgen.reports.review.session import Session

    _check_terminal()
    build, diagnostics = find_build(Request(tuple(paths or ()), None, lock))
    if build is None:
        terminal.exit_with(diagnostics)
    only = _changed_since(build, since) if since is not None else None
    items = queue_of(build, only_suggested=suggested, only=only)
    if not items:
        terminal.write_lines(["nothing is left to decide"])
        return
    deciding = Deciding(build.root, build.lock_path, build.project.choices)
    session = Session(items, deciding, lambda path: _lines_of(build, path))
    _run(session)
    terminal.write_lines([session.ending, *(["next: `deckgen build`"] if session.decided else [])])


def _check_terminal() -> None:
    """One answers with keys: without a terminal there is nobody to ask."""
    from deckgen.diagnostics import Diagnostic, define

    define("error", no_terminal="`deckgen review` asks a person, and there is no terminal.")
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        hint = (
            "run it in a terminal; `deckgen preview` does the same in the browser, and deck.choices.yaml can be edited"
        )
        terminal.exit_with([Diagnostic("no-terminal", "there is no terminal to ask in", hint=hint)])


def _changed_since(build: Build, revision: str) -> set[str]:
    """The notes that the lock of a revision has not, or has with other content."""
    from deckgen.diagnostics import has_errors
    from deckgen.identity.lock import parse_lock
    from deckgen.project.git import read_lock_at

    text, problems = read_lock_at(build.lock_path, revision)
    if text is None:
        terminal.exit_with(problems)
    then, problems = parse_lock(text, revision)
    if has_errors(problems):
        terminal.exit_with(problems)
    before = {line.guid: line.hash for line in then.lines}
    return {line.guid for line in build.identified.lock.lines if before.get(line.guid) != line.hash}


def _lines_of(build: Build, path: str) -> Sequence[str]:
    from deckgen.project.source_files import read_text

    text, _ = read_text(build.root / path, build.project.config.encoding)
    return (text or "").split("\n")


def _run(session: Session) -> None:
    from deckgen.cli.review_screen import run_screen

    gc.enable()
    run_screen(session)
