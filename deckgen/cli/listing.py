"""`deckgen list`."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import LockPath, Paths
from deckgen.cli.compiling import open_build

if TYPE_CHECKING:
    from deckgen.build.view import Build
    from deckgen.identity.lock import LockEntry
    from deckgen.model import RenderedNote
    from deckgen.project.part import Part

Format = Literal["text", "json", "csv"]
Which = Literal["made", "retired", "skipped", "suggested"]


def list_notes(
    paths: Paths = None,
    output_format: Annotated[Format, Option("--format", help="How to print them.")] = "text",
    json: Annotated[bool, Option("--json", help="The same as --format json.")] = False,
    rule: Annotated[
        str | None,
        Option("--rule", metavar="NAME", help="Only notes of this rule or pack."),
    ] = None,
    file: Annotated[
        str | None,
        Option("--file", metavar="GLOB", help="Only notes from these sources."),
    ] = None,
    retired: Annotated[bool, Option("--retired", help="List the notes that left the sources, from the lock.")] = False,
    skipped: Annotated[bool, Option("--skipped", help="List the notes that you skipped.")] = False,
    suggested: Annotated[
        bool, Option("--suggested", help="List what is not sure enough for the deck; `deckgen review` takes it.")
    ] = False,
    lock: LockPath = None,
) -> None:
    """List the notes that a build would make, without writing anything."""
    from deckgen.project.globs import glob_expression
    from deckgen.project.locate import Request

    which: Which = "retired" if retired else "skipped" if skipped else "suggested" if suggested else "made"
    chosen_format = "json" if json else output_format
    build = open_build(Request(tuple(paths or ()), None, lock), has_notes=which != "retired")
    source_fits = glob_expression(file if file is not None else "**").match
    if which == "retired":
        if chosen_format == "csv":
            raise click.BadParameter("retired notes are listed as text or JSON", param_hint="--format")
        _list_retired(
            [
                line
                for line in build.identified.lock.lines
                if line.retired
                and (build.chosen is None or line.path in build.chosen)
                and source_fits(line.path)
                and _is_named(line.rule, rule)
            ],
            chosen_format,
        )
        return
    if rule is not None:
        _check_rule(build, rule)
    notes = [
        _shown_here(note, build.chosen)
        for note in (build.suggestions if which == "suggested" else build.notes)
        if note.note.is_skipped == (which == "skipped")
        and source_fits(note.note.draft.origin.span.path)
        and _is_named(note.note.draft.rule, rule)
    ]
    _list_made(build, notes, chosen_format)


def _list_retired(lines: Sequence[LockEntry], chosen_format: Format) -> None:
    from deckgen.reports import listing

    if chosen_format == "json":
        terminal.write(listing.json_lines(map(listing.retired_data, lines)), is_data=True)
    else:
        terminal.write(listing.retired_text_lines(lines, terminal.width()))


def _list_made(build: Build, notes: Sequence[RenderedNote], chosen_format: Format) -> None:
    from deckgen.reports import listing

    if chosen_format == "json":
        terminal.write(listing.json_lines(listing.note_data(build, note) for note in notes), is_data=True)
    elif chosen_format == "csv":
        terminal.write(listing.csv_lines(notes), is_data=True)
    else:
        terminal.write(listing.text_lines(notes, terminal.width()))
        if not notes and sys.stdout.isatty():
            terminal.write_lines(["`deckgen rules list` shows what rules look for"])


def _shown_here(rendered: RenderedNote, part: Part | None) -> RenderedNote:
    """A note of several places under the one that is asked for."""
    from msgspec.structs import replace

    note = rendered.note
    if part is None or note.draft.origin.span.path in part:
        return rendered
    here = next(origin for origin in note.origins if origin.span.path in part)
    return replace(rendered, note=replace(note, draft=replace(note.draft, origin=here)))


def _is_named(name: str, wanted: str | None) -> bool:
    """Whether a rule's full name, its id alone, or its pack is the one wanted."""
    return wanted is None or name == wanted or name.startswith(wanted + "/") or name.endswith("/" + wanted)


def _check_rule(build: Build, wanted: str) -> None:
    """A name that no rule has is a slip, not an empty list."""
    from deckgen.diagnostics.yaml import nearest

    names = build.rule_names
    if not any(_is_named(name, wanted) for name in names):
        parts: Iterable[str] = [*names, *(name.rpartition("/")[2] for name in names), *build.pack_names]
        hint = nearest(wanted, parts)
        if not hint.startswith("did"):
            hint = "`deckgen rules list` names them"
        raise click.BadParameter(f"no rule of this build is named `{wanted}`; {hint}", param_hint="--rule")
