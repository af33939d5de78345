"""`deckgen rules`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.diagnostics import Diagnostic
    from deckgen.examples import ExampleResult
    from deckgen.packs import PackText

app = typer.Typer(
    help="The rule packs: list them, and run their examples.", no_args_is_help=True, rich_markup_mode=None
)


def _packs(names: list[str]) -> tuple[list[PackText], list[Diagnostic]]:
    """The packs named, shipped or files; all shipped ones when none is."""
    from deckgen.diagnostics import Diagnostic
    from deckgen.packs import PackText, read_shipped, shipped_names
    from deckgen.source_files import read_text
    from deckgen.yaml_reading import nearest

    packs: list[PackText] = []
    diagnostics: list[Diagnostic] = []
    for name in names or shipped_names():
        path = Path(name)
        if pack := read_shipped(name):
            packs.append(pack)
        elif os.path.lexists(path):
            text, problems = read_text(path)
            diagnostics.extend(problems)
            packs.extend([] if text is None else [PackText(path.stem, name, text)])
        else:
            hint = nearest(name, shipped_names())
            diagnostics.append(
                Diagnostic("unknown-pack", f"`{name}` is neither a rule file nor a shipped pack", hint=hint)
            )
    return packs, diagnostics


@app.command("test")
def run_examples(
    files: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="FILE",
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
    from deckgen.packs import read_shipped
    from deckgen.project import note_types_around
    from deckgen.reports.columns import counted
    from deckgen.rules import load_rules

    packs, diagnostics = _packs(files or [])
    own: dict[str, tuple[str, ...]] = {}
    for pack in packs:
        own.update({} if read_shipped(pack.name) == pack else note_types_around(Path(pack.path)))
    rules, problems = load_rules(packs, own)
    if has_errors([*diagnostics, *problems]):
        terminal.stop([*diagnostics, *problems])
    results = list(check_examples(rules))
    wrong = [result for result in results if not result.is_right]
    if json:
        terminal.write_json([_as_json(result) for result in results])
    else:
        terminal.write_lines(line for result in wrong for line in _result_lines(result))
        right = len(results) - len(wrong)
        terminal.write_lines([f"{counted(len(results), 'example')}, {right:,} right, {len(wrong):,} wrong"])
        if without := [rule.name for rule in rules.rules if not rule.examples]:
            terminal.write_lines([f"without an example: {', '.join(without)}"])
    if wrong:
        raise typer.Exit(1)


def _result_lines(result: ExampleResult) -> Iterator[str]:
    span = result.example.span
    yield f"{span.path}:{span.line}:{span.column}: {result.rule.name}"
    yield "  given     " + result.example.text.strip().replace("\n", "\n            ")
    yield from _note_lines("expected", result.example.notes)
    yield from _note_lines("got", result.got)


def _note_lines(label: str, notes: Iterable[Mapping[str, str]]) -> Iterator[str]:
    shown = ["; ".join(f"{name}: {value}" for name, value in note.items()).replace("\n", "\\n") for note in notes]
    for index, line in enumerate(shown or ["no note"]):
        yield f"  {label if index == 0 else '':10}{line}"


def _as_json(result: ExampleResult) -> dict[str, Any]:
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
        terminal.write_lines([f"{pack}  {rules.abouts.get(pack, '')}".rstrip()])
        named = [rule for rule in rules.rules if rule.name.rpartition("/")[0] == pack]
        terminal.write_lines(cut(f"  {rule.name.rpartition('/')[2]:20}  {rule.about}".rstrip(), 100) for rule in named)
