"""`deckgen lint`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import Paths
from deckgen.cli.compiling import compiler, read_now

if TYPE_CHECKING:
    from deckgen.build.findings import Findings, KnownCards
    from deckgen.project.locate import Request


def lint(
    paths: Paths = None,
    output: Annotated[
        Literal["text", "json", "sarif"], Option("--format", help="How to print them. SARIF is for forges and editors.")
    ] = "text",
    json: Annotated[bool, Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Find cards that will be hard to learn. `lint:` in deck.yaml sets the severity of each kind."""
    from deckgen.build.findings import load_findings, save_findings
    from deckgen.build.snapshot import load_unchanged
    from deckgen.diagnostics import has_errors, sort_diagnostics
    from deckgen.project.locate import Request
    from deckgen.reports.columns import counted
    from deckgen.reports.summary import diagnostic_data, explanation_lines

    request = Request(tuple(paths or ()))
    read_now()  # a clock that is set wrongly ends the command here
    last = load_unchanged(request)
    findings = load_findings(last)
    if findings is None:
        findings, cards = _find(request)
        save_findings(last, findings, cards)
    else:
        terminal.print_diagnostics(findings.warnings)
    placed = sort_diagnostics(findings.found)
    if json or output == "json":
        terminal.write_json([diagnostic_data(d) for d in placed])
    elif output == "sarif":
        from deckgen.reports.sarif import sarif_of

        terminal.write_json(sarif_of(placed))
    else:
        terminal.write_lines(terminal.painted(d, sys.stdout) for d in placed)
        if placed:
            terminal.write_lines(["", *explanation_lines(placed, terminal.width()), ""])
        errors = sum(d.severity == "error" for d in placed)
        kinds = f" ({counted(errors, 'error')})" if errors else ""
        number = findings.need_attention
        needy = f" ({number:,} {'needs' if number == 1 else 'need'} attention)" if number else ""
        terminal.write_lines([f"{counted(findings.notes, 'note')}{needy}, {counted(len(placed), 'finding')}{kinds}"])
    if has_errors(placed):
        raise click.exceptions.Exit(1)


def _find(request: Request) -> tuple[Findings, KnownCards]:
    from deckgen.build.counts import need_attention, notes_among
    from deckgen.build.findings import Findings, load_cards
    from deckgen.build.pipeline import open_and_compile
    from deckgen.project.editor import unsaid_dialect
    from deckgen.reports.lint import index_of, with_severities

    with compiler() as compiles:
        compiled, diagnostics = open_and_compile(request, compiles)
    if compiled is None:
        terminal.exit_with(diagnostics)
    terminal.print_diagnostics(diagnostics)
    project = compiled.project
    chosen = {source.path for source in project.sources} if project.chosen is None else project.chosen
    asked = [one for place, one in enumerate(compiled.compiled) if place not in compiled.skipped]
    index = index_of([one.draft for one in asked], [one.sign for one in asked], load_cards(project.root))
    found = with_severities(index.all_findings(), project.config.lint)
    found = [d for d in found if d.span is None or d.span.path in chosen]
    found.extend(unsaid_dialect(project.root, project.config_text))
    notes = notes_among(compiled.compiled, project.chosen, compiled.skipped)
    kinds = index.kinds()
    attention = need_attention((kinds[draft] for draft in notes), project.config.lint)
    findings = Findings(tuple(diagnostics), tuple(map(compiled.placed, found)), len(notes), attention)
    return findings, index.facts()
