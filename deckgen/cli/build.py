"""`deckgen build`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.build import Build, Options
    from deckgen.project import Request

SEARCH_LIMIT = 500
"""Notes in one search: what Anki's browser takes at once (anki_facts, section 6)."""


def build(
    paths: Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="A deck project, a folder of notes, or notes. Default: this folder.", show_default=False)] = None,
    output: Annotated[Path | None, typer.Option("-o", "--output", help="The package to write.", show_default=False)] = None,
    lock: Annotated[Path | None, typer.Option("--lock", help="The lock, where it is not deck.lock beside the notes.", show_default=False)] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 if lock or package are not up to date.")] = False,  # noqa: FBT002
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; say what would be done.")] = False,  # noqa: FBT002
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,  # noqa: FBT002
    refresh: Annotated[str | None, typer.Option("--refresh", metavar="GLOB", help="Send the notes of these sources as changed, though they are not.", show_default=False)] = None,
    same: Annotated[list[str] | None, typer.Option("--same", metavar="OLD=NEW", help="Two GUIDs: the new note is the old one, reworded.", show_default=False)] = None,
) -> None:
    """Build the Anki package and the lock of a deck project, a folder of notes, or single notes."""
    from deckgen.build import Options, is_up_to_date
    from deckgen.project import Request

    pairs = []
    for pair in same or []:
        old, separator, new = pair.partition("=")
        if not (separator and old and new):
            raise typer.BadParameter(f"`{pair}` is not OLD=NEW", param_hint="--same")
        pairs.append((old, new))
    request = Request(tuple(paths or ()), output, lock)
    made = _build(request, Options(tuple(pairs), refresh), is_writing=not (check or dry_run))
    fresh = is_up_to_date(made) if check else True
    if json:
        terminal.print_json(summary(made) | {"up_to_date": fresh} if check else summary(made))
    else:
        _print_summary(made, is_written=not (check or dry_run))
        if check:
            typer.echo("Up to date." if fresh else "Not up to date: run `deckgen build`.")
    if not fresh:
        raise typer.Exit(1)


def _build(request: Request, options: Options, *, is_writing: bool) -> Build:
    """Run the pipeline and write; when the lock changed meanwhile, once more from the start."""
    from deckgen.build import check_surroundings, open_and_run, read_now, write
    from deckgen.diagnostics import Diagnostic, has_errors
    from deckgen.writing import LockChanged

    for attempt in (1, 2):
        made, diagnostics = open_and_run(request, read_now(), options)
        if made is None:
            terminal.stop(diagnostics)
        diagnostics.extend(check_surroundings(made))
        if has_errors(diagnostics):
            terminal.stop(diagnostics)
        if attempt == 1:
            terminal.tell(diagnostics)
        if not is_writing:
            return made
        try:
            problems = write(made)
        except LockChanged:
            continue
        if problems:
            terminal.stop(problems)
        return made
    terminal.stop([Diagnostic("lock-changed", "deck.lock changed while this build ran, twice", hint="wait for the other build to end, then build again")])


def summary(made: Build) -> dict[str, Any]:
    """What a build did, for programs; `search` is what to paste into Anki's browser."""
    identified = made.identified
    changes = [note.note.change for note in made.notes]
    return {
        "package": str(made.project.package_path),
        "lock": str(made.project.lock_path),
        "notes": len(made.notes),
        "cards": sum(len(note.cards) for note in made.notes),
        "new": changes.count("new"),
        "updated": changes.count("updated"),
        "moved": [{"guid": n.note.guid, "deck": n.note.draft.deck} for n in made.notes if n.note.change == "moved"],
        "restored": changes.count("restored"),
        "unchanged": changes.count("unchanged"),
        "retired": [line.guid for line in identified.retired],
        "search": {"retired": search([line.guid for line in identified.retired])},
        "diagnostics": terminal.as_json(made.diagnostics),
    }


def search(guids: list[str]) -> str:
    """The search that finds these notes in Anki's browser; empty for none."""
    return f'"ID:re:^({"|".join(guids)})$"' if guids else ""


def _print_summary(made: Build, *, is_written: bool) -> None:
    """One line per kind of change, and what to do in Anki about notes that are gone or moved."""
    facts = summary(made)
    verb = "" if is_written else " would be"
    if made.notes:
        typer.echo(f"{facts['package']}: {terminal.counted(facts['notes'], 'note')}, {terminal.counted(facts['cards'], 'card')}")
    else:
        typer.echo("No notes: no rule found a fact. `deckgen rules list` shows what rules look for.")
    for kind, count in (
        ("new", facts["new"]), ("updated", facts["updated"]), ("moved", len(facts["moved"])), ("restored", facts["restored"]),
        ("retired", len(facts["retired"])), ("unchanged", facts["unchanged"]),
    ):  # fmt: skip
        if count:
            typer.echo(f"  {count:6,}{verb} {kind}")
    if made.is_lock_new and is_written:
        typer.echo(f"Keep {facts['lock']} beside the notes, in version control: it knows which note in Anki is which.")
    _print_searches(made)


def _print_searches(made: Build) -> None:
    moved: dict[str, list[str]] = {}
    for rendered in made.notes:
        if rendered.note.change == "moved":
            moved.setdefault(rendered.note.draft.deck, []).append(rendered.note.guid)
    for deck, guids in moved.items():
        typer.echo(f"A package moves nothing in Anki. To move {terminal.counted(len(guids), 'note')} to {deck}, search its browser for this and change the deck:")
        _print_search(guids)
    retired = [line.guid for line in made.identified.retired]
    if retired and not any(d.kind == "many-retired" for d in made.diagnostics):
        typer.echo(f"A package deletes nothing in Anki. To delete or suspend {terminal.counted(len(retired), 'retired note')}, search its browser for:")
        _print_search(retired)


def _print_search(guids: list[str]) -> None:
    for start in range(0, len(guids), SEARCH_LIMIT):
        typer.echo("  " + search(guids[start : start + SEARCH_LIMIT]))
