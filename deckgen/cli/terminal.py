"""What commands print to the two streams, and how they end."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from deckgen.markdown.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from pathlib import Path

    from deckgen.build.load import Inputs
    from deckgen.diagnostics import Diagnostic

BAR_FROM = 200
"""Notes that take about a second to push."""
_AT_ONCE = 1000  # pieces that are written together
WARNINGS_SHOWN = 50
"""Of one run: a thousand missing pictures are one mistake."""
_COLOR = "DECKGEN_COLOR"  # `--color`, for this process
_VERBOSITY = "DECKGEN_VERBOSITY"  # `--quiet` and `--verbose`, for this process


def choose_color(_context: object, _parameter: object, value: str) -> None:
    """What `--color` says."""
    os.environ[_COLOR] = value


def be_normal() -> None:
    """Say neither too much nor too little."""
    os.environ.pop(_VERBOSITY, None)


def be_quiet(_context: object, _parameter: object, is_wanted: bool) -> None:
    """What `--quiet` says."""
    if is_wanted:
        os.environ[_VERBOSITY] = "quiet"


def be_verbose(_context: object, _parameter: object, is_wanted: bool) -> None:
    """What `--verbose` says."""
    if is_wanted:
        os.environ[_VERBOSITY] = "verbose"


def is_quiet() -> bool:
    """Whether only errors are printed, and data that was asked for."""
    return os.environ.get(_VERBOSITY) == "quiet"


def is_verbose() -> bool:
    """Whether nothing is left out for being much."""
    return os.environ.get(_VERBOSITY) == "verbose"


def is_colored(stream: TextIO) -> bool:
    """Whether to print in colours: as `--color` says, else where there is a terminal that can, without `NO_COLOR`."""
    chosen = os.environ.get(_COLOR, "auto")
    if chosen != "auto":
        return chosen == "always"
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def painted(diagnostic: Diagnostic, stream: TextIO) -> str:
    """A diagnostic as it is printed, its severity in colour where somebody sees it."""
    from deckgen.diagnostics import format_diagnostic
    from deckgen.reports.columns import harmless

    text = harmless(format_diagnostic(diagnostic))
    if not is_colored(stream):
        return text
    code = "1;31" if diagnostic.severity == "error" else "1;33"
    head = f"{diagnostic.severity}[{diagnostic.kind}]"
    return text.replace(head, f"\x1b[{code}m{head}\x1b[0m", 1).replace("\n  help: ", "\n  \x1b[36mhelp:\x1b[0m ")


def print_diagnostics(diagnostics: Sequence[Diagnostic]) -> None:
    """Print diagnostics to standard error, and how many there are."""
    if is_quiet():
        diagnostics = [d for d in diagnostics if d.severity == "error"]
    warnings = [d for d in diagnostics if d.severity == "warning"]
    hidden = set(map(id, warnings[WARNINGS_SHOWN:])) if not is_verbose() else set()
    for diagnostic in diagnostics:
        if id(diagnostic) not in hidden:
            print(painted(diagnostic, sys.stderr), file=sys.stderr)
    errors = len(diagnostics) - len(warnings)
    counts = [f"{n:,} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (len(warnings), "warning")) if n]
    if counts:
        print(", ".join(counts) + (f" ({len(hidden):,} not shown: `-v` shows all)" if hidden else ""), file=sys.stderr)


def exit_with(diagnostics: Sequence[Diagnostic]) -> NoReturn:
    """Print diagnostics and end with exit code 2."""
    print_diagnostics(diagnostics)
    raise click.exceptions.Exit(2)


def read(paths: Sequence[Path] | None, *, only_chosen: bool = False) -> Inputs:
    """The notes and the rules of what the command line names. Diagnostics are printed; an error ends the command.
    `only_chosen`: without the project's other notes.
    """
    from deckgen.build.load import read_inputs
    from deckgen.diagnostics import has_errors, sort_diagnostics
    from deckgen.project.part import of_part
    from deckgen.project.project import Request, open_project

    project, diagnostics = open_project(Request(tuple(paths or ())))
    if project is None:
        exit_with(diagnostics)
    inputs, problems = read_inputs(project, only_chosen=only_chosen)
    found = [*diagnostics, *problems]
    diagnostics = sort_diagnostics(
        of_part(found, project.chosen, project.root, (source.path for source in project.sources))
    )
    if has_errors(diagnostics):
        exit_with(diagnostics)
    print_diagnostics(diagnostics)
    return inputs


def unwritable(path: Path, problem: OSError) -> Diagnostic:
    """A file that was asked for and cannot be written."""
    import deckgen.build.commit  # noqa: F401
    from deckgen.diagnostics import Diagnostic
    from deckgen.diagnostics.paths import shown_path

    return Diagnostic("unwritable", f"{shown_path(path)} cannot be written: {problem.strerror or problem}")


def width() -> int:
    """Columns to print in: those of the terminal, 80 where there is none."""
    return min(shutil.get_terminal_size().columns, 100)


# Colours, and what clears the screen: deckgen's own commands. CSV ends its lines with a carriage return.
_COMMAND = lazy_regex(r"(\x1b\[[0-9;]*m|\x1b\[2J\x1b\[3J\x1b\[H|\r(?=\n))|[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _harmless(text: str) -> str:
    """A text by which no note, name or answer of Anki's commands the terminal, or whatever shows a log of it."""
    from deckgen.reports.columns import harmless, in_written_order

    if not is_colored(sys.stdout) and not sys.stdout.isatty():
        return harmless(text)
    return _COMMAND.sub(lambda found: found[1] or "\ufffd", in_written_order(text))


def write(pieces: Iterable[str], *, is_data: bool = False) -> None:
    """Print pieces of text as they come. Whoever reads them may go early, as `head` does. Data is for another program,
    which gets it as it is.
    """
    is_raw = is_data and not sys.stdout.isatty()
    try:
        waiting = iter(pieces)
        while text := "".join(islice(waiting, _AT_ONCE)):
            sys.stdout.write(text if is_raw else _harmless(text))
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        raise click.exceptions.Exit(0) from None
    except OSError as problem:
        _forget_output()
        print(f"deckgen: cannot print: {problem.strerror or problem}", file=sys.stderr)
        raise click.exceptions.Exit(2) from None


def _forget_output() -> None:
    """What is still buffered goes nowhere, so that the end of the process does not trip over it."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextlib.contextmanager
def progress(label: str, length: int, is_wanted: bool = True) -> Iterator[Callable[[int], None]]:
    """A bar on standard error, where somebody sees it and there is enough to wait for; called with each step's size."""
    if not is_wanted or length < BAR_FROM or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield bar.update


def _screen() -> Any:
    """Standard error, also where what is printed there is kept."""
    return getattr(sys.stderr, "stream", sys.stderr)


class Bar:
    """A bar on a terminal's standard error for what takes over a second, with counts and the time that is left.

    None in a pipe, in CI, and where `TERM=dumb`. It begins when a second has gone by and there is more to do.
    """

    def __init__(self, label: str) -> None:
        self._label = label
        self._begun = time.monotonic()
        self._bar: Any = None
        self._shown = 0.0
        self._done = 0
        is_wanted = os.environ.get("CI", "").lower() not in ("1", "true") and os.environ.get("TERM") != "dumb"
        self._is_shown = is_wanted and sys.stderr.isatty() and not is_quiet()

    def step(self, done: int, total: int) -> None:
        """So many of so many are done."""
        if not self._is_shown:
            return
        if self._bar is None:
            if done >= total or time.monotonic() - self._begun < 1:
                return
            self._bar = click.progressbar(
                length=total, label=self._label, file=_screen(), show_pos=True, show_eta=True, width=30
            ).__enter__()
        if done < total and time.monotonic() - self._shown < 0.1:
            return
        self._shown = time.monotonic()
        self._bar.update(done - self._done)
        self._done = done
        if done >= total:
            self.end()

    def end(self) -> None:
        """Clear the line."""
        if self._bar is not None:
            self._bar.__exit__(None, None, None)
            self._bar = None
            _screen().write("\x1b[1A\x1b[2K")  # one up, where the bar was
            _screen().flush()


@contextlib.contextmanager
def bar(label: str) -> Iterator[Bar]:
    """A bar for as long as something takes."""
    shown = Bar(label)
    try:
        yield shown
    finally:
        shown.end()


def write_lines(lines: Iterable[str]) -> None:
    """Print lines."""
    write(line + "\n" for line in lines)


def write_summary(lines: Iterable[str]) -> None:
    """Print what was done, unless nobody wants to hear it."""
    if not is_quiet():
        write_lines(lines)


def write_json(value: Any) -> None:
    """Print one JSON value."""
    write([json.dumps(value, ensure_ascii=False, indent=1) + "\n"], is_data=True)


def may_be_replaced(path: Path) -> bool:
    """Whether nothing is lost by writing a page there: a slip of the hand must not cost a note. A link may lead
    anywhere.
    """
    from deckgen.project.source_files import read_start

    if not os.path.lexists(path):
        return True
    try:
        return not path.is_symlink() and read_start(path, 15).lower() in (b"<!doctype html>", b"")
    except OSError:
        return False


def write_page(path: Path, page: str) -> None:
    """Write a page, whole or not at all. Raises OSError."""
    from deckgen.build.commit import write_beside

    write_beside(path, lambda file: file.write(page.encode("utf-8"))).replace(path)
