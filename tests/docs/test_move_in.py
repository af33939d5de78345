"""docs/move-in.md is true: the example of each tool is built with its pack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from deckgen.extraction.examples import shown_fields
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped, shipped_names

TEXT = (Path(__file__).parents[2] / "docs" / "move-in.md").read_text("utf-8")


def examples() -> Iterator[tuple[str, str, str, list[dict[str, Any]]]]:
    for section in TEXT.split("\n## Coming from ")[1:]:
        fences = dict(re.findall(r"^```(\w+)\n(.*?)^```$", section, re.MULTILINE | re.DOTALL))
        if "notes" in fences:
            title = section.split("\n", 1)[0]
            yield title, yaml.safe_load(fences["yaml"])["rules"][0], fences["markdown"], yaml.safe_load(fences["notes"])


@pytest.mark.parametrize(("title", "name", "text", "notes"), list(examples()), ids=lambda value: str(value)[:30])
def test_coming_from(title: str, name: str, text: str, notes: list[dict[str, Any]]) -> None:
    pack = read_shipped(name)
    assert pack is not None, title
    rules, problems = load_rules([pack])
    assert not problems
    found = extract([read_document(Source("example.md", text))[0]], rules, Settings("Deck"))
    assert {problem.kind for problem in found.diagnostics} <= {"ids-of-another-tool", "schedules-of-another-tool"}
    said = [
        {**shown_fields(draft), "deck": draft.deck, "tags": list(draft.tags), "key": list(draft.key)}
        for draft in found.drafts
    ]
    assert [{name: note[name] for name in want} for note, want in zip(said, notes, strict=True)] == notes


def test_every_pack_for_another_tool_is_named() -> None:
    assert [name for name in shipped_names() if name.startswith("compat/") and f"`{name}`" not in TEXT] == []
