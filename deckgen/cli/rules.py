"""`deckgen rules`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Argument, Commands, Option
from deckgen.cli.rules_by_example import new_rule, suggest_rules
from deckgen.cli.rules_try import try_rule_file

if TYPE_CHECKING:
    from deckgen.diagnostics import Diagnostic
    from deckgen.extraction.examples import ExampleResult
    from deckgen.rules.rule import RuleSet
    from deckgen.rules.shipped import PackText


def _packs(names: list[str]) -> tuple[list[PackText], list[Diagnostic]]:
    """The packs named, shipped or files; all shipped ones when none is."""
    from deckgen.diagnostics import Diagnostic
    from deckgen.diagnostics.yaml import nearest
    from deckgen.project.source_files import read_text
    from deckgen.rules.shipped import PackText, read_shipped, shipped_names

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


def run_examples(
    files: Annotated[
        list[str] | None,
        Argument(
            metavar="FILE",
            help="Rule files, or names of shipped packs. Default: all shipped packs.",
        ),
    ] = None,
    output: Annotated[
        Literal["text", "json", "sarif"], Option("--format", help="How to print them. SARIF has those that failed.")
    ] = "text",
    json: Annotated[bool, Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Run the examples inside rule files: given, expected, got."""
    import deckgen.rules  # the kinds of its diagnostics  # noqa: F401
    from deckgen.diagnostics import has_errors
    from deckgen.extraction.examples import check_examples
    from deckgen.project.project import note_types_around
    from deckgen.reports.columns import counted
    from deckgen.reports.example_lines import result_lines, unsaid_lines
    from deckgen.rules.loading import load_rules
    from deckgen.rules.shipped import read_shipped

    packs, diagnostics = _packs(files or [])
    own: dict[str, tuple[str, ...]] = {}
    for pack in packs:
        own.update({} if read_shipped(pack.name) == pack else note_types_around(Path(pack.path)))
    rules, problems = load_rules(packs, own)
    if has_errors([*diagnostics, *problems]):
        terminal.exit_with([*diagnostics, *problems])
    results = list(check_examples(rules))
    wrong = [result for result in results if not result.is_right]
    if json or output == "json":
        terminal.write_json([_as_json(result) for result in results])
    elif output == "sarif":
        from deckgen.reports.sarif import sarif_of_examples

        failed = (("\n".join(result_lines(result)), result.example.span) for result in wrong)
        terminal.write_json(sarif_of_examples(failed))
    else:
        terminal.write_lines(line for result in wrong for line in result_lines(result))
        terminal.write_lines(line for result in results if result.is_right for line in unsaid_lines(result))
        right = len(results) - len(wrong)
        terminal.write_lines([f"{counted(len(results), 'example')}, {right:,} right, {len(wrong):,} wrong"])
        if without := [rule.name for rule in rules.rules if not rule.examples]:
            terminal.write_lines([f"without an example: {', '.join(without)}"])
    if wrong:
        raise click.exceptions.Exit(1)


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
        "unsaid": list(result.unsaid),
    }


def list_rules(
    json: Annotated[bool, Option("--json", help="Print them as JSON.")] = False,
) -> None:
    """List the packs and their rules; in a deck project, its own too, with the notes that each rule makes."""
    from deckgen.reports import rule_pages

    rules, counts = _known_rules()
    if json:
        terminal.write_json([rule_pages.rule_data(rule, counts) for rule in rules.rules])
    else:
        terminal.write_lines(rule_pages.list_lines(rules, counts, terminal.width()))


def show_rule(
    name: Annotated[str, Argument(metavar="NAME", help="A rule, or its id alone; or a pack.")],
    json: Annotated[bool, Option("--json", help="Print it as JSON.")] = False,
) -> None:
    """Show a rule: its place, its YAML, and the conditions that its pack adds; for a pack, also its head."""
    from deckgen.diagnostics.yaml import nearest
    from deckgen.reports import rule_pages

    rules, counts = _known_rules()
    pack = [rule for rule in rules.rules if rule.pack == name]
    shown = pack or [rule for rule in rules.rules if rule.name == name or rule.name.endswith("/" + name)]
    if not shown:
        ids = [rule.name.rpartition("/")[2] for rule in rules.rules]
        hint = nearest(name, [*(rule.name for rule in rules.rules), *rules.packs, *ids])
        hint = hint if hint.startswith("did") else "`deckgen rules list` names them"
        raise click.BadParameter(f"no rule is named `{name}`; {hint}", param_hint="NAME")
    if json:
        terminal.write_json([rule_pages.rule_data(rule, counts) for rule in shown])
    else:
        texts = _pack_texts()
        pages = [rule_pages.page_lines(rule, texts.get(rule.span.path, ""), counts) for rule in shown]
        if pack:
            pages.insert(0, rule_pages.head_lines(name, texts.get(pack[0].span.path, "")))
        terminal.write_lines(
            line for number, page in enumerate(pages) for line in ([""] if number else []) + list(page)
        )


def print_schema(
    subject: Annotated[
        Literal["rules", "deck"], Argument(metavar="rules|deck", help="For rule files, or for deck.yaml.")
    ] = "rules",
) -> None:
    """Print the JSON Schema with which editors check and complete rule files, or deck.yaml."""
    from deckgen.reports.json_schema import format_schema

    terminal.write([format_schema(subject)])


def _known_rules() -> tuple[RuleSet, dict[str, int] | None]:
    """The shipped rules and the project's own; in a project, how many notes each makes there."""
    from deckgen.build.load import read_inputs
    from deckgen.diagnostics import has_errors
    from deckgen.extraction.extract import extract
    from deckgen.project.project import Request, open_project, stands_in_project
    from deckgen.rules.loading import load_rules
    from deckgen.rules.rule import RuleSet
    from deckgen.rules.shipped import read_shipped, shipped_names

    if not stands_in_project(Path()):
        rules, diagnostics = load_rules(_packs([])[0])
        if has_errors(diagnostics):
            terminal.exit_with(diagnostics)
        return rules, None
    project, diagnostics = open_project(Request())
    if project is None:
        terminal.exit_with(diagnostics)
    inputs, problems = read_inputs(project)
    if has_errors([*diagnostics, *problems]):
        terminal.exit_with([*diagnostics, *problems])
    used = inputs.rules
    counts = {rule.name: 0 for rule in used.rules}
    for draft in extract(inputs.documents, used, inputs.settings).drafts:
        counts[draft.rule] += 1
    others = [pack for name in shipped_names() if name not in used.packs and (pack := read_shipped(name))]
    unused, _ = load_rules(others)
    abouts = {**used.abouts, **unused.abouts}
    abbreviations = (*used.abbreviations, *unused.abbreviations)
    return RuleSet((*used.rules, *unused.rules), (*used.packs, *unused.packs), abouts, abbreviations), counts


def _pack_texts() -> dict[str, str]:
    """The text of every pack that `_known_rules` knows, by its path."""
    from deckgen.project.project import Request, open_project, stands_in_project

    packs = list(_packs([])[0])
    if stands_in_project(Path()):
        project, _ = open_project(Request())
        packs.extend(project.packs or () if project else ())
    return {pack.path: pack.text for pack in packs}


app = Commands(
    "rules",
    {
        "test": (run_examples, "Run the examples inside rule files: given, expected, got."),
        "try": (try_rule_file, "Watch a rule file and a note, and show what came."),
        "list": (list_rules, "List the packs and their rules."),
        "show": (show_rule, "Show a rule, or a pack."),
        "new": (new_rule, "Make a rule of a sentence and the card that you want."),
        "suggest": (suggest_rules, "List sentence frames that no rule takes."),
        "schema": (print_schema, "Print the JSON Schema for editors."),
    },
    help="The rule packs: list and show them, run their examples, help editors.",
)
