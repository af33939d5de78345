"""Lists of words, looked up, say what one regular expression of them all says."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from deckgen.diagnostics.yaml import read_yaml
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.literals import plain_expression
from deckgen.patterns.pattern import parse_plain
from deckgen.patterns.word_lists import WordLists

PACKS = sorted((Path(__file__).parents[2] / "card_rules").rglob("*.yaml"))


def lists_of(path: Path) -> list[list[str]]:
    """The `not`, `but` and `is` of each type of a pack."""
    node, problems = read_yaml(path.read_text(encoding="utf-8"), path.name)
    assert node is not None
    assert not problems
    found = [kind.get(key) for kind in (node.value.get("types") or {}).values() for key in ("not", "but", "is")]
    return [[texts] if isinstance(texts, str) else texts for texts in found if texts]


def spans_of(path: Path, number: int) -> list[str]:
    """Stretches of the pack's own examples, from one word to another, as captures would take them."""
    chosen = random.Random(7)
    plain = re.sub(r"[\[\]{}|'\n]+", " ", path.read_text(encoding="utf-8"))
    folded_text = FoldedText(plain)
    spans = []
    while len(spans) < number:
        start = chosen.randrange(len(folded_text))
        end = min(start + chosen.choice([1, 2, 4, 8, 16, 40]), len(folded_text))
        if not folded_text.splits_word(start) and not folded_text.splits_word(end) and start < end:
            first, last = folded_text.trimmed(start, end)
            spans.append(folded_text.folded[first:last])
    return spans


@pytest.mark.parametrize("path", [path for path in PACKS if lists_of(path)], ids=lambda path: path.stem)
def test_a_list_is_what_its_expression_is(path: Path) -> None:
    spans = spans_of(path, 400)
    for texts in lists_of(path):
        patterns = [parse_plain(text) for text in texts]
        whole = re.compile("|".join(f"(?:{plain_expression(parts)})" for parts in patterns), re.DOTALL)
        words = WordLists(patterns)
        # Beside the spans, the words themselves, at a beginning, an end and in the middle.
        own = [word for text in texts for word in re.findall(r"[\w' -]+", FoldedText(text).folded)][:120]
        tried = [
            *spans,
            *own,
            *(f"x {word}" for word in own),
            *(f"{word}乙" for word in own),
            *(f"{word} y." for word in own),
        ]
        wrong = [text for text in tried if text and (words.find(text) is None) != (whole.match(text) is None)]
        assert wrong == []


@pytest.mark.parametrize(
    ("patterns", "text", "found"),
    [
        (["(it|he)"], "it is", "it"),
        (["(it|he)"], "items", None),
        (["…(it|he)"], "what he said", "he"),
        (["…(the|a)$"], "in the", "the"),
        (["…(the|a)$"], "in the end", None),
        (["(the|a)$"], "the.", "the"),
        (["(它|这)"], "它们", "它"),
        (["…(的|了)$"], "好的。", "的"),
        (["…(是|在 那)"], "他是谁", "是"),
        (["(a lot|most) of"], "a lot of it", "a lot of"),
        (["…(step {:number})"], "see step 3", "step 3"),
        (["der"], "räder", None),
    ],
)
def test_find(patterns: list[str], text: str, found: str | None) -> None:
    assert WordLists([parse_plain(pattern) for pattern in patterns]).find(text) == found
