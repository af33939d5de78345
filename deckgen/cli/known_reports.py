"""Commands that only print: nothing changed, so they print what they printed."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.build.known_reports import ReportPlace
    from deckgen.project.locate import Request


@contextlib.contextmanager
def printing(request: Request) -> Iterator[None]:
    """Print the report of this command line again where nothing changed, and end the command; else keep what is
    printed.
    """
    place = _place(request)
    known = place.read() if place is not None else None
    if known is not None:
        sys.stderr.write(known.err)
        terminal.write([known.out])
        raise click.exceptions.Exit(known.code)
    if place is None:
        yield
        return
    out, err = _Recorder(sys.stdout), _Recorder(sys.stderr)
    code = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            yield
    except click.exceptions.Exit as end:
        code = end.exit_code
        raise
    finally:
        if sys.exc_info()[0] in (None, click.exceptions.Exit):
            from deckgen.build.known_reports import Report

            place.write(Report("".join(out.pieces), "".join(err.pieces), code))


def _place(request: Request) -> ReportPlace | None:
    from deckgen.build.known_reports import report_place
    from deckgen.project.clock import read_clock

    now, problems = read_clock()
    if problems:
        return None
    variables = (os.environ.get(name, "") for name in ("NO_COLOR", "TERM", "CI"))
    around = (str(sys.stdout.isatty()), str(terminal.width()), *variables)
    return report_place(request, (*sys.argv[1:], *around), now)


class _Recorder:
    """A stream that keeps what goes through; a bar is written to `stream` itself."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        """Pass text on."""
        self.pieces.append(text)
        return int(self.stream.write(text))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)
