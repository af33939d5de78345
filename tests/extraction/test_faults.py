"""Answers that are a piece of something, and those that only look so."""

import pytest

from deckgen.extraction.extract import extract
from deckgen.extraction.faults import cut_words
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText, read_shipped


@pytest.mark.parametrize("answer", ["and the rest of it", "So it goes on", "但是还有", "these three:"])
def test_cut(answer: str) -> None:
    assert cut_words(answer)


@pytest.mark.parametrize("answer", ["AND, OR and NOT", "Because the tasks pull in two directions", "because it floats"])
def test_whole(answer: str) -> None:
    assert cut_words(answer) == ""


@pytest.mark.parametrize("note", ["Basic", "Reversed", "Typed"])
@pytest.mark.parametrize("front", ["{port}接口", "{port}接口能传什么？"])
def test_the_note_of_an_own_rule_stays_whatever_it_is_asked_as(note: str, front: str) -> None:
    own = f"rules:\n  - id: port\n    on: list_item\n    note: {note}\n    match: '{{port}}接口 ↔ {{use}}'\n"
    own += f"    fields: {{Front: '{front}', Back: '{{use}}'}}\n"
    shipped = [pack for name in ("zh/facts", "structure") if (pack := read_shipped(name))]
    rules, _ = load_rules([*shipped, PackText("ports", "ports.yaml", own)])
    document, _ = read_document(Source("a.md", "# 接口\n\n- VGA接口 ↔ 只传模拟画面\n- DVI接口 ↔ 以数字画面为主\n"))
    drafts = [draft for draft in extract([document], rules, Settings("Deck")).drafts if "接口 ↔" in draft.origin.text]
    assert [(draft.rule, draft.note_type) for draft in drafts if "\n" not in draft.origin.text] == [
        ("ports/port", note)
    ] * 2
