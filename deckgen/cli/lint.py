"""`deckgen lint`."""

from __future__ import annotations

from typing import Annotated

import typer

from deckgen.cli import terminal
from deckgen.cli.arguments import Paths


def lint(
    paths: Paths = None,
    json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
) -> None:
    """Find cards that will be hard to learn. `lint:` in deck.yaml says how grave each kind is."""
    from deckgen.diagnostics import format_diagnostic, has_errors, sort_diagnostics
    from deckgen.extraction.extract import extract
    from deckgen.reports.columns import counted, harmless
    from deckgen.reports.lint import explanation_lines
    from deckgen.reports.lint import lint as find
    from deckgen.reports.summary import diagnostic_data

    inputs = terminal.read(paths)
    drafts = extract(inputs.documents, inputs.rules, inputs.settings).drafts
    chosen = {document.path for document in inputs.chosen}
    found = [d for d in find(drafts, inputs.project.config.lint) if d.span is None or d.span.path in chosen]
    placed = sort_diagnostics(map(inputs.placed, found))
    if json:
        terminal.write_json([diagnostic_data(d) for d in placed])
    else:
        terminal.write_lines(harmless(format_diagnostic(d)) for d in placed)
        if placed:
            terminal.write_lines(["", *explanation_lines(placed, terminal.width()), ""])
        errors = sum(d.severity == "error" for d in placed)
        notes = sum(draft.origin.span.path in chosen for draft in drafts)
        kinds = f" ({counted(errors, 'error')})" if errors else ""
        terminal.write_lines([f"{counted(notes, 'note')}, {counted(len(placed), 'finding')}{kinds}"])
    if has_errors(placed):
        raise typer.Exit(1)
