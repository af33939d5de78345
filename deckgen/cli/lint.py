"""`deckgen lint`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Literal

import click

from deckgen.cli import terminal
from deckgen.cli.arguments import Paths
from deckgen.cli.commands import Option
from deckgen.cli.compiling import compiler, read_now

if TYPE_CHECKING:
    from deckgen.build.findings import Findings
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
    from deckgen.diagnostics import has_errors, sort_diagnostics
    from deckgen.project.locate import Request
    from deckgen.reports.columns import counted
    from deckgen.reports.summary import diagnostic_data, explanation_lines

    request = Request(tuple(paths or ()))
    now = read_now()
    findings = load_findings(request, now)
    if findings is None:
        findings = _find(request)
        save_findings(request, now, findings)
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
        cards = f" ({number:,} {'needs' if number == 1 else 'need'} attention)" if number else ""
        terminal.write_lines([f"{counted(findings.notes, 'note')}{cards}, {counted(len(placed), 'finding')}{kinds}"])
    if has_errors(placed):
        raise click.exceptions.Exit(1)


def _find(request: Request) -> Findings:
    from deckgen.build.counts import need_attention, notes_among
    from deckgen.build.findings import Findings
    from deckgen.build.pipeline import open_and_compile
    from deckgen.project.editor import unsaid_dialect
    from deckgen.reports.lint import lint as find
    from deckgen.reports.lint_cards import findings_about

    with compiler() as compiles:
        compiled, diagnostics = open_and_compile(request, compiles)
    if compiled is None:
        terminal.exit_with(diagnostics)
    terminal.print_diagnostics(diagnostics)
    project, drafts = compiled.project, compiled.drafts
    chosen = {source.path for source in project.sources} if project.chosen is None else project.chosen
    asked = [draft for place, draft in enumerate(drafts) if place not in compiled.skipped]
    found = [d for d in find(asked, project.config.lint) if d.span is None or d.span.path in chosen]
    found.extend(unsaid_dialect(project.root, project.config_text))
    notes = notes_among(drafts, project.chosen, compiled.skipped)
    attention = need_attention(map(findings_about, notes), project.config.lint)
    return Findings(tuple(diagnostics), tuple(map(compiled.placed, found)), len(notes), attention)
