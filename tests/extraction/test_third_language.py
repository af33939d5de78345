"""A pack for a language that deckgen does not come with: two YAML files in `cases/german`, and no Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from msgspec.structs import replace

from deckgen.build.pipeline import open_and_run
from deckgen.diagnostics import format_diagnostic
from deckgen.diagnostics.yaml import read_yaml
from deckgen.extraction.examples import check_examples, shown_fields
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import Document, read_document
from deckgen.model import Source
from deckgen.project.project import Request
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText, read_shipped

GERMAN = Path(__file__).parents[1] / "cases" / "german"
NOTES = (GERMAN / "notes.md").read_text(encoding="utf-8")


def german(*shipped: str) -> RuleSet:
    packs = [PackText(name, name, (GERMAN / name).read_text(encoding="utf-8")) for name in ("types.yaml", "facts.yaml")]
    packs += [pack for name in shipped if (pack := read_shipped(name)) is not None]
    rules, problems = load_rules(packs)
    assert not problems, "\n".join(map(format_diagnostic, problems))
    return rules


def read(text: str, language: str = "") -> Document:
    return read_document(Source("notes.md", text), language)[0]


def cards(document: Document, rules: RuleSet) -> list[dict[str, Any]]:
    drafts = extract([document], rules, Settings("Deck")).drafts
    return [{"rule": d.rule, **shown_fields(d), "key": list(d.key)} for d in drafts]


def test_every_example_comes_out_as_written() -> None:
    results = list(check_examples(german()))
    assert [(r.rule.name, r.example.text, [dict(note) for note in r.got]) for r in results if not r.is_right] == []
    assert len(results) == 25


def test_cards_of_a_note() -> None:
    wanted, problems = read_yaml((GERMAN / "cards.yaml").read_text(encoding="utf-8"), "cards.yaml")
    assert wanted is not None
    assert not problems
    assert cards(read(NOTES), german()) == wanted.value


def test_the_language_is_said_in_the_front_matter_or_by_the_project() -> None:
    assert read(NOTES).language == "de"
    undeclared = NOTES.split("---\n", 2)[2]
    assert read(undeclared).language == "en"
    assert read(undeclared, "de").language == "de"
    assert read("# 中文\n\n这是一段中文，没有别的。", "de").language == "zh"
    assert read("12345", "de").language == "de"


def test_rules_for_english_leave_text_alone_that_is_said_to_be_german() -> None:
    text = "Curare is a poison used on the tips of arrows. Das Gift ist ein Stoff.\n"
    english = german("en/facts")
    assert {card["rule"] for card in cards(read(text), english)} >= {"de/facts/is", "en/facts/kind"}
    assert {card["rule"] for card in cards(read(text, "de"), english)} == {"de/facts/is"}


def test_abbreviations_end_no_sentence() -> None:
    rules = german()
    text = "Der Apfel ist ein Obst bzw. ein Baum am 3. Mai usw. Der Hund ist ein Tier.\n"
    assert [card["Back"] for card in cards(read(text), rules)] == [
        "ein Obst bzw. ein Baum am 3. Mai usw. Der Hund ist ein Tier"
    ]
    without = replace(rules, abbreviations=())
    assert [card["Back"] for card in cards(read(text), without)] == [
        "ein Obst bzw. ein Baum am 3",
        "ein Tier",
    ]


def test_a_project_says_its_language(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text("deck: D\nid: d\nlanguage: de\n", encoding="utf-8")
    (tmp_path / "notes.md").write_text("Gift is a poison in the dose of a glass.\n", encoding="utf-8")
    build, problems = open_and_run(Request((tmp_path,)), 0)
    assert not problems
    assert build is not None
    assert build.rules.packs == ("structure",)
    (tmp_path / "deck.yaml").write_text("deck: D\nid: d\nlanguage: German\n", encoding="utf-8")
    assert [problem.kind for problem in open_and_run(Request((tmp_path,)), 0)[1]] == ["bad-value"]
