"""A rule as text → the rule file of a project, with the rule at its end."""

from __future__ import annotations

import json
import re
from pathlib import Path

from deckgen.build.commit import write_beside
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.project.locate import outside_project
from deckgen.project.source_files import read_text
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText


def own_rules_path(root: Path) -> Path:
    """The file to which new rules of a project are added."""
    return root / "rules" / "mine.yaml"


def skeleton(sentence: str) -> str:
    """A rule that is still to be written, with the sentence that it is for."""
    quoted = json.dumps(sentence, ensure_ascii=False)
    return (
        "  - id: my-rule\n"
        "    on: sentence\n"
        "    match: '{subject} WORDS {answer}'\n"
        "    fields: {Front: 'QUESTION {subject}?', Back: '{answer}'}\n"
        "    examples:\n"
        f"      - text: {quoted}\n"
        '        notes: [{Front: "QUESTION", Back: "ANSWER"}]\n'
    )


def with_rule(before: str, rule: str) -> str:
    """The text of a rule file with one more rule."""
    before = before if not before or before.endswith("\n") else before + "\n"
    if not re.search(r"^rules:\s*$", before, re.MULTILINE):
        before += "rules:\n"
    return f"{before}\n{rule}" if before.strip() != "rules:" else before + rule


def add_rule(target: Path, root: Path, rule: str) -> list[Diagnostic]:
    """Add a rule to a rule file of a project, or make one; nothing is read or written through a link that leads out."""
    if leads_outside(target, root):
        return [outside_project(target, "delete it, or copy what it leads to into the project")]
    before = ""
    if target.exists():
        text, problems = read_text(target)
        if text is None:
            return problems
        before = text
    after = with_rule(before, rule)
    _, problems = load_rules([PackText(target.stem, shown_path(target), after)])
    if has_errors(problems):
        return problems
    try:
        target.parent.mkdir(exist_ok=True)
        write_beside(target, lambda file: file.write(after.encode())).replace(target)
    except OSError as problem:
        return [Diagnostic("unwritable", f"{shown_path(target)} cannot be written: {problem.strerror or problem}")]
    return []


def how_to_use(names: tuple[str, ...] | None, target: Path) -> str:
    """What is left to be done so that a project uses its rule file; nothing where its `rules:` name it."""
    named = f"./rules/{target.name}"
    if any(name.removeprefix("./") == named.removeprefix("./") for name in names or ()):
        return ""
    return f"add `{named}` to `rules:` in deck.yaml, beside the packs that you want"
