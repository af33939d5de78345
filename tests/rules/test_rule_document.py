"""docs/rules.md is true: every example in it is run."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rule_document import DOCUMENT, Shown, read_examples

from deckgen.diagnostics import format_diagnostic
from deckgen.extraction.examples import shown_fields
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.patterns.types import BUILT_IN
from deckgen.rules.element_values import ELEMENT_VALUES, EVERYWHERE
from deckgen.rules.loading import load_rules
from deckgen.rules.schema import ConditionText, PackFile, RuleText, TypeText, keys_of
from deckgen.rules.shipped import PackText

TEXT = DOCUMENT.read_text(encoding="utf-8")
EXAMPLES = list(read_examples(TEXT))


def drafts_of(shown: Shown) -> list[Draft]:
    rules, problems = load_rules([PackText("mine", "mine.yaml", shown.rules)])
    assert not problems, "\n".join(map(format_diagnostic, problems))
    document, problems = read_document(Source("notes/example.md", shown.source))
    assert not problems
    return list(extract([document], rules, Settings("Deck")).drafts)


def said(draft: Draft, wanted: dict[str, Any]) -> dict[str, Any]:
    """What the document says of a note, as it is: fields, and what else it names."""
    found: dict[str, Any] = {**shown_fields(draft)}
    for name in ("tags", "key"):
        if name in wanted:
            found[name] = list(getattr(draft, name))
    for name in ("deck", "identity"):
        if name in wanted:
            found[name] = getattr(draft, name)
    return found


@pytest.mark.parametrize("shown", EXAMPLES, ids=lambda shown: f"{shown.line} {shown.heading}")
def test_example(shown: Shown) -> None:
    drafts = drafts_of(shown)
    empty: dict[str, Any] = {}
    wanted = [*shown.notes, *[empty] * len(drafts)]
    assert [said(draft, want) for draft, want in zip(drafts, wanted, strict=False)] == shown.notes


def test_nothing_is_left_out() -> None:
    names = {name for kind in ELEMENT_VALUES for name in (kind, *ELEMENT_VALUES[kind])} | set(EVERYWHERE)
    names |= {key for shape in (RuleText, PackFile, ConditionText) for key in keys_of(shape)}
    assert {
        name for name in names if f"`{name}`" not in TEXT and f"`{name}:" not in TEXT and f"{{{name}}}" not in TEXT
    } == set()


def test_every_element_and_condition_has_an_example() -> None:
    rules = "\n".join(shown.rules for shown in EXAMPLES)
    asked = set(re.findall(r"\bon: \[?([a-z_]+)", rules))
    assert set(ELEMENT_VALUES) - asked == set()
    assert [key for key in keys_of(ConditionText) if not re.search(rf"\b{key}: ", rules)] == []


def test_links_lead_to_headings() -> None:
    headings = {
        re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    assert [link for link in re.findall(r"\]\(#([^)]+)\)", TEXT) if link not in headings] == []


def test_every_law_has_an_example() -> None:
    laws = re.findall(r"^### (\d\. .+)$", TEXT, re.MULTILINE)
    assert [law[0] for law in laws] == ["1", "2", "3", "4", "5"]
    assert [law for law in laws if law not in {shown.heading for shown in EXAMPLES}] == []


def test_every_key_and_every_type_has_an_example() -> None:
    rules = "\n".join(shown.rules for shown in EXAMPLES)
    keys = {key for shape in (RuleText, PackFile, TypeText) for key in keys_of(shape)} - {
        "pack",
        "about",
        "examples",
        "rules",
    }
    assert sorted(key for key in keys if not re.search(rf"\b{key}: ", rules)) == []
    assert (
        sorted(name for name in BUILT_IN if not re.search(rf":{name}\}}|like: {name}\b", rules) and name != "text")
        == []
    )
