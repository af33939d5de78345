"""How commands come by a build: what earlier builds kept where nothing changed, else what changed is compiled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.build.in_memory_build import InMemoryBuild
    from deckgen.build.view import Build
    from deckgen.build.workers import Compiler
    from deckgen.diagnostics import Diagnostic
    from deckgen.model import Draft
    from deckgen.project.locate import Request


@contextlib.contextmanager
def compiler(*, checks: bool = False) -> Iterator[Compiler]:
    """A compiler, with a bar for who has to wait. It `checks` cards where their findings are counted."""
    from deckgen.build.workers import Compiler

    def check(draft: Draft) -> tuple[str, ...]:
        from deckgen.reports.lint_cards import findings_about

        return findings_about(draft) if checks else ()

    bar = terminal.Bar("files")
    try:
        yield Compiler(None, bar.step, check)
    finally:
        bar.end()


def read_now() -> int:
    """The time of a build."""
    from deckgen.project.clock import read_clock

    now, problems = read_clock()
    if problems:
        terminal.exit_with(problems)
    return now


def find_build(
    request: Request, *, has_notes: bool = True, makes_store: bool = False
) -> tuple[Build | None, list[Diagnostic]]:
    """What a build would make, written nowhere; None after an error. Without notes only changed ones are looked at.
    `makes_store` where there is none, for the build that follows.
    """
    from deckgen.build.view import unchanged_build

    read_now()  # a clock that is set wrongly ends the command here
    unchanged = unchanged_build(request, has_notes=has_notes)
    if unchanged is not None:
        return unchanged, list(unchanged.diagnostics)
    return _run(request, makes_store=makes_store)


def find_build_of_all(request: Request) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    """What a build would make if all suggestions were taken: what notes in Anki may have been made of."""
    return _run(request, takes_suggestions=True)


def _run(
    request: Request, *, takes_suggestions: bool = False, makes_store: bool = False
) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    from deckgen.build.options import Options
    from deckgen.build.pipeline import open_and_run

    with compiler() as compiles:
        options = Options(takes_suggestions=takes_suggestions)
        return open_and_run(request, read_now(), options, compiles, makes_store=makes_store)


def open_build(request: Request, *, has_notes: bool = True) -> Build:
    """What a build would make, with its warnings printed; an error ends the command."""
    found, diagnostics = find_build(request, has_notes=has_notes)
    if found is None:
        terminal.exit_with(diagnostics)
    terminal.print_diagnostics(diagnostics)
    return found
