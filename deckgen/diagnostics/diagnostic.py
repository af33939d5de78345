"""What an author did wrong: a place, a kind, a message and how to mend it.

Every step returns its diagnostics beside its values; nothing here raises. The explanation of each kind stands in
`KINDS` and is what the documentation prints.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Literal

from msgspec import Struct

Severity = Literal["error", "warning"]


class Span(Struct, frozen=True, order=True, array_like=True):
    """A place in a file. Lines and columns count from 1, columns in characters; `end_column` is exclusive."""

    path: str
    line: int = 1
    column: int = 1
    end_line: int = 0
    end_column: int = 0


class Kind(Struct, frozen=True):
    """What a diagnostic of this name means."""

    severity: Severity
    explanation: str


KINDS: dict[str, Kind] = {}


def define(severity: Severity, **kinds: str) -> None:
    """Add kinds to the catalogue: `define("error", unknown_key="…")` defines `unknown-key`."""
    for name, explanation in kinds.items():
        KINDS[name.replace("_", "-")] = Kind(severity, explanation)


class Diagnostic(Struct, frozen=True, array_like=True):
    """One finding. `line_text` is the line at `span`, so that a report can show it with a caret."""

    kind: str
    message: str
    span: Span | None = None
    hint: str = ""
    line_text: str = ""
    own_severity: Severity | None = None  # where the project says otherwise than its kind (`lint:` in deck.yaml)

    @property
    def severity(self) -> Severity:
        """Whether it stops a build."""
        return self.own_severity or KINDS[self.kind].severity


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them stops a build."""
    return any(d.severity == "error" for d in diagnostics)


def sort_diagnostics(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
    """By place, each once; those without a place come first."""
    unique = dict.fromkeys(diagnostics)
    return sorted(unique, key=lambda d: (d.span or Span("", 0), d.kind, d.message))


def _columns(text: str) -> int:
    """Terminal columns that a text takes: East Asian wide characters take two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def _fitting(characters: Iterable[str], width: int) -> int:
    """How many of the characters fit into so many columns."""
    used = count = 0
    for character in characters:
        used += _columns(character)
        if used > width:
            break
        count += 1
    return count


_LONGEST = 1_000  # characters of a message; it may quote what somebody wrote


def _one_line(message: str) -> str:
    line = message.replace("\n", " ")
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST // 2]}…{line[-_LONGEST // 4 :]}"


def format_diagnostic(diagnostic: Diagnostic, width: int = 78) -> str:
    """`path:line:column: error[kind]: message`, the line with a caret, and `help:` apart."""
    span, text = diagnostic.span, diagnostic.line_text.rstrip("\n").expandtabs(1)
    place = f"{span.path}:{span.line}:{span.column}: " if span else ""
    lines = [f"{place}{diagnostic.severity}[{diagnostic.kind}]: {_one_line(diagnostic.message)}"]
    if span and text.strip():
        start = span.column - 1
        end = span.end_column - 1 if span.end_column and span.end_line in (0, span.line) else start + 1
        end = min(end, start + width)
        cut = start - _fitting(reversed(text[max(0, start - 4 * width) : start]), width // 2)
        before = "…" if cut else ""  # a long line is shown from near the caret on
        shown = text[cut : cut + _fitting(text[cut : cut + 4 * width], width - 6)]
        marked = max(1, min(_columns(text[start:end]), _columns(shown) - _columns(text[cut:start])))
        after = "…" if len(text) > cut + len(shown) else ""
        lines.append(f"  | {before}{shown}{after}")
        lines.append(f"  | {' ' * (len(before) + _columns(text[cut:start]))}{'^' * marked}")
    lines.extend(f"  help: {_one_line(line)}" for line in diagnostic.hint.splitlines())
    return "\n".join(lines)


define(
    "error",
    source_not_found="A path on the command line does not exist, or no pattern in `sources` matches a file.",
    no_sources="There are no notes: `sources:` matches no file, or the folder has none.",
    unreadable_source="A source could not be read: the disk returned an error, or it is not an ordinary file.",
    not_utf8="A source is not in the encoding that deck.yaml sets with `encoding:` (UTF-8 by default).",
    source_too_large="A source is larger than deckgen reads; it is refused, never cut.",
    bad_yaml="A YAML file is not valid YAML.",
    unsafe_yaml="A YAML file contains more than data: a tag that would run code, or aliases that multiply.",
    doubled_key="A mapping has the same key twice; YAML would silently drop the first.",
    unknown_key="A mapping has an unknown key.",
    wrong_type="A value has another type than its key expects.",
    bad_value="A value has the right type but is not valid here.",
    missing_key="A mapping lacks a required key.",
)
