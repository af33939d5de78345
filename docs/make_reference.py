"""Writes the pages of docs/reference/ that say what the program itself knows: commands, keys, findings, diagnostics, packs.

`make reference` runs it; a test compares the pages that are there with what it would write.
"""

from __future__ import annotations

import html
import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

import deckgen
from deckgen.cli import app
from deckgen.diagnostics import KINDS
from deckgen.diagnostics.lint_kinds import LINT_KINDS, default_severity
from deckgen.project.config import KEYS
from deckgen.reports.json_schema import schema
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import Rule
from deckgen.rules.shipped import read_shipped, shipped_names

FOLDER = Path(__file__).parent / "reference"
NOTICE = "<!-- Written by docs/make_reference.py: run `make reference`. -->"


def pages() -> dict[str, str]:
    """Each generated page by its file name."""
    found = {
        "commands.md": commands_page(),
        "deck-yaml.md": keys_page(),
        "lint.md": lint_page(),
        "diagnostics.md": diagnostics_page(),
        "packs.md": packs_page(),
    }
    return {name: text.rstrip("\n") + "\n" for name, text in found.items()}


def _joined(title: str, intro: str, lines: Iterator[str]) -> str:
    return "\n".join([f"# {title}", "", NOTICE, "", intro, "", *lines])


def commands_page() -> str:
    """Every command with its arguments and options."""
    intro = (
        "A `PATH` is a deck project, a folder of notes, or a note. Without one, a command speaks of the notes in the working\n"
        "directory, and reads them as a part of the project around it; `build` and `watch` make the package of the project.\n"
        "Data goes to standard output and diagnostics to standard error.\n\n"
        "Exit codes: 0, all is well; 1, there are findings (an error of `lint`, an example that failed, something to build\n"
        "for `--check`, conflicts that `push` left, or nothing that `adopt` took over); 2, the input or the command line is\n"
        "wrong, or Anki could not be reached."
    )
    return _joined("Commands", intro, _command_lines(app, "deckgen"))


def _command_lines(group: click.Group, name: str) -> Iterator[str]:
    context = click.Context(group, info_name=name, help_option_names=["-h", "--help"])
    for each in group.list_commands(context):
        command = group.get_command(context, each)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _command_lines(command, f"{name} {each}")
            continue
        inner = click.Context(command, info_name=each, parent=context, max_content_width=100)
        inner.terminal_width = 100
        yield from [f"## {name} {each}", "", "```text", command.get_help(inner), "```", ""]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def keys_page() -> str:
    """Every key of deck.yaml."""
    properties: dict[str, Any] = schema("deck")["properties"]
    intro = (
        "A folder of notes needs no `deck.yaml`. With one you name the deck, choose sources, rules and tags, and set how cards\n"
        "look. [Cards](../cards.md) has examples. Editors complete the keys from the JSON Schema that `deckgen rules schema\n"
        "deck` prints."
    )

    def lines() -> Iterator[str]:
        yield from ["| key | values | meaning |", "| --- | --- | --- |"]
        for key in KEYS:
            described = properties[key]
            yield f"| `{key}` | {_values(described)} | {_cell(html.escape(described.get('description', ''), quote=False))} |"

    return _joined("deck.yaml", intro, lines())


def _values(described: dict[str, Any]) -> str:
    if "enum" in described:
        return ", ".join(
            f"`{json.dumps(value) if not isinstance(value, str) else value}`" for value in described["enum"]
        )
    if "anyOf" in described:
        return "text, or a list of texts"
    kind = described.get("type")
    return "a mapping" if kind == "object" else "a list" if kind == "array" else "text"


def lint_page() -> str:
    """What `deckgen lint` can find."""
    intro = (
        "`deckgen lint` reports cards that will be hard to learn. `lint:` in deck.yaml sets the severity of each kind:\n"
        "`off`, `warning` or `error`. The exit code is 1 if there is an error."
    )

    def lines() -> Iterator[str]:
        for kind in LINT_KINDS:
            yield from [f"## {kind}", "", f"*{default_severity(kind)} by default.* {KINDS[kind].explanation}", ""]

    return _joined("What lint finds", intro, lines())


def diagnostics_page() -> str:
    """Every other diagnostic."""
    _import_all()
    intro = (
        "Each diagnostic has a place, a kind in brackets and, where there is one, a way to mend it. An error stops the build;\n"
        "a warning does not. What `deckgen lint` finds is on [its own page](lint.md)."
    )

    def lines() -> Iterator[str]:
        for severity in ("error", "warning"):
            yield from [f"## {severity.capitalize()}s", ""]
            for name in sorted(KINDS):
                if KINDS[name].severity == severity and name not in LINT_KINDS:
                    yield from [f"### {name}", "", KINDS[name].explanation, ""]

    return _joined("Diagnostics", intro, lines())


def _import_all() -> None:
    for module in pkgutil.walk_packages(deckgen.__path__, "deckgen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def packs_page() -> str:
    """The gallery of packs: each rule with its first example that makes a note."""
    rules, _ = load_rules([pack for name in shipped_names() if (pack := read_shipped(name))])
    intro = (
        "Each pack is a file of rules in `card_rules/`. `rules:` in deck.yaml names the packs of a project. Every rule stands\n"
        "here with one of its examples: the note, and the card that it makes. `deckgen rules show PACK` prints a whole pack."
    )

    def lines() -> Iterator[str]:
        for pack in sorted(rules.packs, key=lambda name: (name.startswith("compat/"), name)):
            yield from [f"## {pack}", "", _cell(html.escape(rules.abouts.get(pack, ""), quote=False)), ""]
            yield from ["| rule | finds | in a note | on a card |", "| --- | --- | --- | --- |"]
            for rule in (rule for rule in rules.rules if rule.pack == pack):
                yield _rule_row(rule)
            yield ""

    return _joined("Packs", intro, lines())


def _rule_row(rule: Rule) -> str:
    name = rule.name.rpartition("/")[2]
    example = next((one for one in rule.examples if one.notes), None)
    shown = card = ""
    if example is not None:
        shown = _code(example.text)
        card = _code(" → ".join((v for k, v in example.notes[0].items() if k not in ("tags", "deck", "key"))))
    return f"| `{name}` | {_cell(html.escape(rule.about, quote=False))} | {shown} | {card} |"


def _code(text: str) -> str:
    """Text as it is written, in a table's cell."""
    lines = (
        re.sub(r"[<>&|\\`*_\[\]~$^=]", lambda sign: f"&#{ord(sign[0])};", line) for line in text.strip().split("\n")
    )
    return "<code>" + "<br>".join(lines) + "</code>"


def outdated() -> list[str]:
    """The names of pages that are not what the program says now."""
    written = {path.name: path.read_text("utf-8") for path in FOLDER.glob("*.md")}
    wanted = pages()
    return sorted(name for name in wanted.keys() | written.keys() if wanted.get(name) != written.get(name))


def main() -> None:
    """Write the pages; with `--check` exit with 1 if one is out of date."""
    if sys.argv[1:] == ["--check"]:
        found = outdated()
        sys.exit(f"out of date: {', '.join(found)}; run `make reference`" if found else 0)
    FOLDER.mkdir(exist_ok=True)
    for name, text in pages().items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
