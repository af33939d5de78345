"""Rules on notes → drafts (`cases/extraction.md`): what a draft holds, what makes none, what keeps rules off each other."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
from case_files import Case, read_cases, write_expected

from deckgen.build.load import choose_packs
from deckgen.diagnostics import format_diagnostic
from deckgen.extraction.examples import check_examples, shown_fields
from deckgen.extraction.extract import attempts_on, extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText, read_shipped, shipped_names

SETTINGS = Settings("Deck")


def rules_of(text: str, name: str = "mine") -> RuleSet:
    rules, problems = load_rules([PackText(name, "mine.yaml", text)])
    assert not problems, "\n".join(map(format_diagnostic, problems))
    return rules


def drafts_of(rules: RuleSet, text: str, settings: Settings = SETTINGS) -> list[Draft]:
    document, _ = read_document(Source("notes/example.md", text))
    return list(extract([document], rules, settings).drafts)


def written(draft: Draft) -> str:
    """A draft in a few lines: where it stands and its rule, fields, and all that is not as the fields make one expect."""
    fields = shown_fields(draft)
    lines = [f"{draft.origin.span.line} {draft.rule.removeprefix('mine/')}"]
    lines.extend(f"  {name}: {value!r}" for name, value in fields.items())
    lines.append(f"  key: {', '.join(map(repr, draft.key))}")
    others = {
        "identity": draft.identity if draft.identity != draft.rule else "",
        "kind": draft.kind if draft.kind != "Basic" else "",
        "question": draft.question if draft.question != "\n".join(draft.key) else "",
        "answer": draft.answer if draft.answer != fields.get("Back") else "",
        "text": draft.text if draft.text != draft.origin.text else "",
        "tags": " ".join(draft.tags),
        "deck": draft.deck.removeprefix("Deck").removeprefix("::"),
        "numbers": " ".join(map(str, draft.cloze_numbers)),
    }
    lines.extend(f"  {name}: {value!r}" for name, value in others.items() if value)
    return "\n".join(lines)


@pytest.mark.parametrize("case", read_cases("extraction"), ids=lambda case: case.name)
def test_extraction(case: Case, request: pytest.FixtureRequest) -> None:
    rules, _, text = case.given.partition("\n=====\n")
    found = "\n".join(map(written, drafts_of(rules_of(rules), text)))
    if request.config.getoption("update_cases") and found != case.expected:
        write_expected(case, found)
        return
    assert found == case.expected


def test_deletions_are_marked_with_characters_that_no_note_holds() -> None:
    rules = rules_of(
        "rules: [{id: a, on: line, marks: ['{answer|hint}', '{answer}'], note: Cloze, fields: {Text: '{text}'}}]"
    )
    (draft,) = drafts_of(rules, f"a {{b|c}} {{{DELETION_OPEN}d{DELETION_CLOSE}}}")
    replaced = "\ufffd"
    assert draft.fields == (
        (
            "Text",
            f"a {DELETION_OPEN}b{DELETION_HINT}c{DELETION_CLOSE} {DELETION_OPEN}{replaced}d{replaced}{DELETION_CLOSE}",
        ),
    )


@pytest.mark.parametrize(
    ("subdecks", "deck"),
    [("none", "Deck"), ("file", "Deck::A: b"), ("folder", "Deck::notes"), ("heading", "Deck::A:b")],
)
def test_subdecks(subdecks: str, deck: str) -> None:
    rules = rules_of("rules: [{id: a, on: line, match: '{x} = {y}', fields: {Front: '{x}', Back: '{y}'}}]")
    settings = Settings("Deck", subdecks, ("all",))
    (draft,) = drafts_of(rules, "---\ntitle: 'A: b'\ntags: one, two\n---\n# A::b\n\n## c\n\nx = y", settings)
    assert draft.deck == deck
    assert draft.tags == ("all", "one", "two")


def test_a_text_that_takes_too_long_is_told_and_left_alone() -> None:
    rules = rules_of(
        "rules: [{id: a, on: paragraph, match: '{a}a{b}a{c}a{d}a{e}x{e}', fields: {Front: '{a}', Back: '{b}'}}]"
    )
    document, _ = read_document(Source("a.md", "a " * 3000 + "x b"))
    extracted = extract([document], rules, SETTINGS)
    assert not extracted.drafts
    assert extracted.untried == {("a.md", "mine/a")}
    assert [d.kind for d in extracted.diagnostics] == ["text-too-long"]


def test_a_claim_is_told() -> None:
    rules = rules_of(
        "rules:\n"
        "  - {id: a, on: line, match: '{x} = {y}', claims: true, fields: {Front: '{x}', Back: '{y}'}}\n"
        "  - {id: b, on: line, match: '{x} = {y}', fields: {Front: 'b {x}', Back: '{y}'}}"
    )
    document, _ = read_document(Source("a.md", "a = b"))
    claimed = [a for a in attempts_on(document, rules, SETTINGS, "all") if a.claimed_by]
    assert [(a.rule.name, a.claimed_by.name if a.claimed_by else "") for a in claimed] == [("mine/b", "mine/a")]


def test_order_of_sources_then_text_then_rules() -> None:
    rules = rules_of(
        "rules:\n"
        "  - {id: late, on: section, fields: {Front: 's {heading}', Back: '{body}'}}\n"
        "  - {id: split, on: split, separator: '?', claims: true, fields: {Front: '{front}', Back: '{back}'}}\n"
        "  - {id: line, on: line, match: '{x} = {y}', fields: {Front: '{x}', Back: '{y}'}}"
    )
    documents = [read_document(Source(name, "# H\n\na = b\nc = d\n\nq\n?\na\n"))[0] for name in ("2.md", "1.md")]
    found = [(d.origin.span.path, d.origin.span.line, d.rule) for d in extract(documents, rules, SETTINGS).drafts]
    one = [(1, "mine/late"), (3, "mine/line"), (4, "mine/line"), (6, "mine/split")]
    assert found == [(path, *rest) for path in ("2.md", "1.md") for rest in one]


@pytest.mark.parametrize("name", shipped_names())
def test_examples_of_shipped_packs(name: str) -> None:
    pack = read_shipped(name)
    assert pack is not None
    rules, problems = load_rules([pack])
    assert not problems, "\n".join(map(format_diagnostic, problems))
    wrong = [
        (r.rule.name, r.example.text, [dict(note) for note in r.got]) for r in check_examples(rules) if not r.is_right
    ]
    assert wrong == []
    if name.startswith("compat/"):
        assert [(r.rule.name, r.example.text, r.unsaid) for r in check_examples(rules) if r.unsaid] == []
    few = [
        r.name
        for r in rules.rules
        if sum(bool(e.notes) for e in r.examples) < 2 or sum(not e.notes for e in r.examples) < 2
    ]
    assert few == []


@pytest.mark.slow
def test_rules_that_are_never_looked_at_would_have_made_nothing() -> None:
    """A build looks rules up by what a text holds; `explain` tries them all: both make the same drafts."""
    packs = [pack for name in shipped_names() if (pack := read_shipped(name)) is not None]
    rules, _ = load_rules(packs)
    texts = [example.text for rule in rules.rules for example in rule.examples]
    texts += [path.read_text(encoding="utf-8") for path in Path(__file__).parents[2].glob("decks/*/notes/**/*.md")]
    assert len(texts) > 200
    for text in texts:
        document, _ = read_document(Source("a.md", text))
        hopeful, all_tried = (
            [d for a in attempts_on(document, rules, SETTINGS, keep) for d in a.drafts] for keep in ("drafts", "all")
        )
        assert hopeful == all_tried, text


@pytest.mark.slow
def test_extraction_leaves_nothing_to_the_collector() -> None:
    """It runs without one (`_without_collector`), so nothing that it makes may hold itself."""
    packs = [pack for name in shipped_names() if (pack := read_shipped(name)) is not None]
    rules, _ = load_rules(packs)
    text = "\n\n".join(example.text for rule in rules.rules for example in rule.examples)
    document, _ = read_document(Source("a.md", text + "\n\n> A quote is a text. It is long.\n"))
    attempts_on(document, rules, SETTINGS)
    gc.collect()
    gc.disable()
    try:
        attempts_on(document, rules, SETTINGS)
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_packs_for_other_tools_are_told_of_and_never_chosen() -> None:
    compat = [name for name in shipped_names() if name.startswith("compat/")]
    assert len(compat) == 17
    page = (Path(__file__).parents[2] / "docs/move-in.md").read_text(encoding="utf-8")
    assert [name for name in compat if f"`{name}`" not in page] == []
    document, _ = read_document(Source("a.md", "Q: Who?\nA: Me\n\nun::one\n"))
    assert not {pack.name for pack in choose_packs([document])} & set(compat)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("# Flow\n\n## How does it flow?\n\n```mermaid\ngraph TD; a-->b\n```\n", [3]),
        ("# Flow\n\n## How does it flow?\n\nFrom a to b.\n\n# Drawing\n\n```mermaid\ngraph TD; a-->b\n```\n", []),
        ("# Flow\n\n## How is it drawn?\n\n```python\nmermaid = 1\n```\n", []),
    ],
)
def test_a_diagram_on_a_card_is_reported(text: str, lines: list[int]) -> None:
    pack = read_shipped("structure")
    assert pack is not None
    found = extract([read_document(Source("a.md", text))[0]], load_rules([pack])[0], Settings("D"))
    assert [d.span.line for d in found.diagnostics if d.kind == "unshown-syntax" and d.span] == lines
