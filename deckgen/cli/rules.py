"""`deckgen rules`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.diagnostics import Diagnostic
    from deckgen.packs import PackText

app = typer.Typer(
    help="The rule packs: list them, and run their examples.", no_args_is_help=True, rich_markup_mode=None
)


def _packs(names: list[str]) -> tuple[list[PackText], list[Diagnostic]]:
    """The packs named, shipped or files; all shipped ones when none is."""
    from deckgen.diagnostics import Diagnostic
    from deckgen.packs import PackText, read_shipped, shipped_names
    from deckgen.yaml_reading import nearest

    packs, diagnostics = [], []
    for name in names or shipped_names():
        if pack := read_shipped(name):
            packs.append(pack)
            continue
        try:
            packs.append(PackText(Path(name).stem, name, Path(name).read_text("utf-8-sig")))
        except OSError as problem:
            diagnostics.append(
                Diagnostic(
                    "unknown-pack", f"`{name}` is no rule pack: {problem.strerror}", hint=nearest(name, shipped_names())
                )
            )
        except UnicodeDecodeError as problem:
            diagnostics.append(
                Diagnostic(
                    "not-utf8", f"`{name}` is not UTF-8: byte {problem.start} cannot be read", hint="save it as UTF-8"
                )
            )
    return packs, diagnostics


@app.command("test")
def run_examples(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[FILE]...",
            help="Rule files, or names of shipped packs. Default: all shipped packs.",
            show_default=False,
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the results as JSON.")] = False,
) -> None:
    """Run the examples inside rule files: given, expected, got."""
    import deckgen.rules  # the kinds of its diagnostics  # noqa: F401
    from deckgen.diagnostics import has_errors
    from deckgen.examples import check_examples
    from deckgen.reports.columns import counted
    from deckgen.rules import load_rules

    packs, diagnostics = _packs(files or [])
    rules, problems = load_rules(packs)
    if has_errors([*diagnostics, *problems]):
        terminal.stop([*diagnostics, *problems])
    results = list(check_examples(rules))
    wrong = [result for result in results if not result.is_right]
    if json:
        terminal.write_json([_as_json(result) for result in results])
    else:
        for result in wrong:
            span = result.example.span
            typer.echo(f"{span.path}:{span.line}:{span.column}: {result.rule.name}")
            typer.echo("  given     " + result.example.text.strip().replace("\n", "\n            "))
            _print_notes("  expected  ", result.example.notes)
            _print_notes("  got       ", result.got)
        without = [rule.name for rule in rules.rules if not rule.examples]
        typer.echo(f"{counted(len(results), 'example')}, {len(results) - len(wrong)} right, {len(wrong)} wrong")
        if without:
            typer.echo(f"without an example: {', '.join(without)}")
    if wrong:
        raise typer.Exit(1)


def _print_notes(label: str, notes: Any) -> None:
    if not notes:
        typer.echo(f"{label}no note")
    for index, note in enumerate(notes):
        shown = "; ".join(f"{name}: {value}" for name, value in note.items())
        typer.echo((label if index == 0 else " " * len(label)) + shown.replace("\n", "\\n"))


def _as_json(result: Any) -> dict[str, Any]:
    span = result.example.span
    return {
        "rule": result.rule.name,
        "path": span.path,
        "line": span.line,
        "right": result.is_right,
        "given": result.example.text,
        "expected": [dict(note) for note in result.example.notes],
        "got": [dict(note) for note in result.got],
    }


@app.command("list")
def list_rules(
    json: Annotated[bool, typer.Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the shipped packs and their rules, a line each."""
    from deckgen.diagnostics import has_errors
    from deckgen.reports.columns import cut
    from deckgen.rules import load_rules

    packs, diagnostics = _packs([])
    rules, problems = load_rules(packs)
    if has_errors([*diagnostics, *problems]):
        terminal.stop([*diagnostics, *problems])
    if json:
        terminal.write_json([{"rule": r.name, "about": r.about, "on": list(r.elements)} for r in rules.rules])
        return
    for pack in rules.packs:
        typer.echo(f"{pack}  {rules.abouts.get(pack, '')}")
        for rule in rules.rules:
            if rule.name.rpartition("/")[0] == pack:
                typer.echo(cut(f"  {rule.name.rpartition('/')[2]:20}  {rule.about}", 100))
