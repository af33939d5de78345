"""`deckgen list`."""

from __future__ import annotations

import csv
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.build import Build
    from deckgen.model import RenderedNote

Format = Literal["text", "json", "csv"]


def list_notes(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="A deck project, a folder of notes, or notes. Default: this folder.", show_default=False)] = None,
    output_format: Annotated[Format, typer.Option("--format", help="How to print them.")] = "text",
    json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,  # noqa: FBT002
    rule: Annotated[str | None, typer.Option("--rule", metavar="NAME", help="Only notes of this rule or pack.", show_default=False)] = None,
    file: Annotated[str | None, typer.Option("--file", metavar="GLOB", help="Only notes from these sources.", show_default=False)] = None,
    lock: Annotated[Path | None, typer.Option("--lock", help="The lock, where it is not deck.lock beside the notes.", show_default=False)] = None,
) -> None:
    """List the notes that a build would make, without writing anything."""
    from deckgen.build import open_and_run, read_now
    from deckgen.diagnostics import has_errors
    from deckgen.project import Request, glob_expression

    made, diagnostics = open_and_run(Request(tuple(paths or ()), None, lock), read_now())
    if made is None or has_errors(diagnostics):
        terminal.stop(diagnostics)
    terminal.tell(diagnostics)
    notes = list(made.notes)
    if rule is not None:
        notes = [n for n in notes if n.note.draft.rule == rule or n.note.draft.rule.startswith(rule + "/") or n.note.draft.rule.endswith("/" + rule)]
    if file is not None:
        wanted = glob_expression(file)
        notes = [n for n in notes if wanted.match(n.note.draft.origin.span.path)]
    if json or output_format == "json":
        _print_json(made, notes)
    elif output_format == "csv":
        _print_csv(made, notes)
    else:
        _print_text(made, notes)


def as_json(made: Build, rendered: RenderedNote) -> dict[str, Any]:
    """One note, as tools read it; it changes only with a line in CHANGELOG.md."""
    note, draft = rendered.note, rendered.note.draft
    names = made.rendering.note_type(draft.note_type).field_names
    span = draft.origin.span
    return {
        "guid": note.guid,
        "id": note.id,
        "note_type": draft.note_type,
        "deck": draft.deck,
        "tags": list(draft.tags),
        "fields": {name: value for name, value in zip(names, rendered.fields, strict=True) if value and name != "ID"},
        "rule": draft.rule,
        "change": note.change,
        "source": {
            "path": span.path,
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line or span.line,
            "text": draft.origin.text,
        },
    }


def _print_json(made: Build, notes: list[RenderedNote]) -> None:
    import json

    sys.stdout.write("[")
    for index, note in enumerate(notes):  # one at a time: there may be a million
        sys.stdout.write((",\n " if index else "\n ") + json.dumps(as_json(made, note), ensure_ascii=False))
    sys.stdout.write("\n]\n" if notes else "]\n")


def _print_csv(made: Build, notes: list[RenderedNote]) -> None:
    writer = csv.writer(sys.stdout)
    writer.writerow(["guid", "deck", "rule", "change", "path", "line", "question", "answer", "tags"])
    for rendered in notes:
        fields = list(as_json(made, rendered)["fields"].values())
        draft = rendered.note.draft
        writer.writerow([rendered.note.guid, draft.deck, draft.rule, rendered.note.change, draft.origin.span.path, draft.origin.span.line, fields[0], draft.fields[1][1] if len(draft.fields) > 1 else "", " ".join(draft.tags)])


def _print_text(made: Build, notes: list[RenderedNote]) -> None:
    """A question and its answer on two lines, below the source that they come from."""
    from deckgen.text import Text

    width = min(shutil.get_terminal_size().columns, 100)
    path = None
    for rendered in notes:
        draft = rendered.note.draft
        if draft.origin.span.path != path:
            path = draft.origin.span.path
            typer.echo(("" if rendered is notes[0] else "\n") + path)
        question, *answers = (" ".join(Text.plain_of(value).split()) for _, value in draft.fields)
        place = f"{draft.origin.span.line:5}  "
        rule = draft.rule.rpartition("/")[2]
        room = width - len(place)
        shown = terminal.cut(question, max(room - len(rule) - 2, 20))
        gap = " " * max(room - terminal.columns(shown) - len(rule), 2)
        typer.echo(f"{place}{shown}{gap}{rule}")
        for answer in answers[:1]:
            typer.echo(" " * len(place) + terminal.cut("→ " + answer, room))
    summary = terminal.counted(len(notes), "note")
    typer.echo(f"{'' if not notes else chr(10)}{summary}")
