"""What commands print: diagnostics, tables that fit the terminal, JSON."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import typer

if TYPE_CHECKING:
    from deckgen.diagnostics import Diagnostic


def tell(diagnostics: Sequence[Diagnostic], *, as_json: bool = False) -> None:
    """Print diagnostics to standard error, and how many there are."""
    from deckgen.diagnostics import format_diagnostic

    if as_json:
        return
    shown = 0
    for diagnostic in diagnostics:
        if diagnostic.severity == "warning" and shown >= 50:
            continue
        shown += 1
        print(format_diagnostic(diagnostic), file=sys.stderr)
    errors = sum(d.severity == "error" for d in diagnostics)
    warnings = len(diagnostics) - errors
    if diagnostics:
        counts = [f"{n} {word}{'s' if n > 1 else ''}" for n, word in ((errors, "error"), (warnings, "warning")) if n]
        more = len(diagnostics) - shown
        print(f"{', '.join(counts)}" + (f" ({more} not shown)" if more else ""), file=sys.stderr)


def stop(diagnostics: Sequence[Diagnostic]) -> NoReturn:
    """Print diagnostics and leave with exit code 2."""
    tell(diagnostics)
    raise typer.Exit(2)


def print_json(value: Any) -> None:
    """One JSON value on standard output."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


def as_json(diagnostics: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Diagnostics for programs."""
    return [
        {
            "kind": d.kind,
            "severity": d.severity,
            "message": d.message,
            "hint": d.hint,
            "path": d.span.path if d.span else None,
            "line": d.span.line if d.span else None,
            "column": d.span.column if d.span else None,
        }
        for d in diagnostics
    ]


def columns(text: str) -> int:
    """The columns that a text takes in a terminal: a Chinese character takes two."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def cut(text: str, width: int) -> str:
    """A text cut to so many columns."""
    if columns(text) <= width:
        return text
    taken, used = [], 0
    for character in text:
        used += columns(character)
        if used > width - 1:
            break
        taken.append(character)
    return "".join(taken) + "…"


def counted(number: int, word: str) -> str:
    """`1 note`, `2 notes`."""
    return f"{number:,} {word}{'' if number == 1 else 's'}"
