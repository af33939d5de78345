"""The examples of docs/rules.md: a rule, a source, the notes that come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deckgen.diagnostics.yaml import read_yaml

DOCUMENT = Path(__file__).parents[2] / "docs" / "rules.md"
_FENCE = re.compile(r"^(?P<fence>```|~~~)(?P<kind>\w*)\n(?P<text>.*?)^(?P=fence)$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Shown:
    """One example; `line` is that of its rule, `heading` the one above it."""

    line: int
    heading: str
    rules: str
    source: str
    notes: list[dict[str, Any]]


def read_examples(text: str) -> Iterator[Shown]:
    """All examples of a document: a `yaml` fence, then a `markdown` and a `notes` fence, perhaps several pairs of these."""
    rules, line, source = "", 0, None
    for found in _FENCE.finditer(text):
        content = found["text"]
        if found["kind"] == "yaml":
            rules, line = content, text.count("\n", 0, found.start()) + 1
        elif found["kind"] == "markdown":
            source = content
        elif found["kind"] == "notes":
            assert rules, f"notes without a rule: {content}"
            assert source is not None, f"notes without a source: {content}"
            node, problems = read_yaml(content, "notes")
            assert node is not None, problems
            assert not problems, problems
            heading = re.findall(r"^#+ (.+)$", _FENCE.sub("", text[: found.start()]), re.MULTILINE)[-1]
            yield Shown(
                line, heading, rules if "rules:" in rules else f"rules:\n{_indented(rules)}", source, node.value
            )
            source = None


def _indented(text: str) -> str:
    return "".join(f"  {line}" if line.strip() else line for line in text.splitlines(keepends=True))
