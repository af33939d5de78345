"""`deckgen rules try`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument, Option

_CLEAR = "\x1b[2J\x1b[3J\x1b[H"
_QUIET = 100
"""Milliseconds without another save."""


def try_rule_file(
    rule_file: Annotated[Path, Argument(metavar="FILE", help="A rule file.")],
    note: Annotated[Path, Argument(metavar="NOTE", help="A note to try it on.")],
    once: Annotated[bool, Option("--once", help="Show it once, and watch nothing.")] = False,
) -> None:
    """Watch a rule file and a note: what each example and each text gives, what changed since the last save.

    Only the rules of the file are tried. A card that came is marked by `+`, one that went by `-`, what else changed by
    `~`. Ctrl-C ends it.
    """
    from deckgen.reports.diff_text import Paint
    from deckgen.reports.rule_trial import Trial, trial_lines, try_rules

    for path, name in ((rule_file, "FILE"), (note, "NOTE")):
        if not path.is_file():
            raise click.BadParameter(f"there is no file `{path}`", param_hint=name)
    is_seen = sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    paint = Paint(terminal.is_colored(sys.stdout))
    before: Trial | None = None
    try:
        for _ in [None] if once else _saves([rule_file, note]):
            trial = try_rules(rule_file, note)
            head = [paint.head(f"{rule_file} on {note}"), ""]
            lines = [*head, *trial_lines(trial, before, terminal.width(), paint)]
            terminal.write([_CLEAR if is_seen and not once else "", *(line + "\n" for line in lines)])
            if trial.texts or trial.examples:
                before = trial
            if once and not trial.is_right:
                raise click.exceptions.Exit(2 if not trial.examples and trial.diagnostics else 1)
    except KeyboardInterrupt:
        print(file=sys.stderr)


def _saves(files: Sequence[Path]) -> Iterator[None]:
    """Once at the beginning, then whenever one of the files was saved, however its editor does that."""
    from watchfiles import watch

    wanted = {os.path.realpath(file) for file in files}
    folders = sorted({os.path.dirname(file) for file in wanted})

    def counts(_: object, path: str) -> bool:
        return os.path.realpath(path) in wanted

    def states() -> list[tuple[int, int]]:
        found = []
        for file in sorted(wanted):
            try:
                status = os.stat(file)
            except OSError:
                found.append((0, 0))
            else:
                found.append((status.st_mtime_ns, status.st_size))
        return found

    seen = states()
    yield
    for _ in watch(
        *folders, watch_filter=counts, recursive=False, step=_QUIET, rust_timeout=500, yield_on_timeout=True
    ):
        if (now := states()) != seen:
            seen = now
            yield
