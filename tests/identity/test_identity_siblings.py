"""Real notes of one rule, a word or a number apart, put in each other's place: no schedule passes to the other."""

from __future__ import annotations

import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from identity_factories import NOW, scope_of
from msgspec.structs import replace
from shared_notes import drafts_of, needed

from deckgen.identity.identify import identify
from deckgen.identity.lock import new_lock
from deckgen.identity.normal_form import normalise
from deckgen.identity.same_subject import question_parts
from deckgen.identity.visible_question import stems
from deckgen.model import Draft, Markdown

PAIRS = 2_000 * int(os.environ.get("IDENTITY_EXAMPLES", "1"))
MOST_MERGED = 5  # of 50,000
_WORD = re.compile(r"\d+(?:\.\d+)*|[^\W\d_]+|\S")


def test_siblings_in_each_others_place(tmp_path: Path) -> None:
    folders = [needed(name) for name in ("wide/en/a", "wide/zh/a", "corpus/en", "corpus/zh")]
    drafts = drafts_of(tmp_path / "p", folders)
    assert len(drafts) > 1_000
    chosen = random.Random(1)
    merged: list[str] = []
    for one, other in _pairs(drafts, chosen):
        for there in (_in_place_of(one, other), _with_answer_of(one, _in_place_of(one, other))):
            before = identify([one], new_lock("siblings"), scope_of([one]), NOW)
            after = identify([there], before.lock, scope_of([there]), NOW + 1)
            if after.notes[0].guid == before.notes[0].guid:
                merged.append(f"{one.identity}: {one.question!r} {one.answer!r} → {there.question!r} {there.answer!r}")
    print(f"{len(merged)} of {PAIRS} merged", *merged, sep="\n")
    assert len(merged) <= max(1, MOST_MERGED * PAIRS // 50_000), "\n".join(merged)


def _pairs(drafts: list[Draft], chosen: random.Random) -> Iterator[tuple[Draft, Draft]]:
    """All that are a word apart by themselves, in random order, then made ones: a word of another note of the rule."""
    by_rule: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    by_gap: dict[tuple[str, ...], list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_rule[draft.identity, draft.kind].append(draft)
        words = _WORD.findall(draft.question)
        for place in range(len(words) if len(words) <= 25 else 0):
            by_gap[draft.identity, draft.kind, *words[:place], "", *words[place + 1 :]].append(draft)
    found = [(a, b) for several in by_gap.values() for a in several for b in several if _are_siblings(a, b)]
    chosen.shuffle(found)
    yield from found[:PAIRS]
    rules = sorted(rule for rule, several in by_rule.items() if len(several) > 2)
    made = len(found)
    while made < PAIRS:
        several = by_rule[chosen.choice(rules)]
        one, other = chosen.choice(several), chosen.choice(several)
        sibling = _with_a_word_of(one, other, chosen)
        if sibling is not None and _are_siblings(one, sibling):
            made += 1
            yield one, sibling


def _are_siblings(one: Draft, other: Draft) -> bool:
    """Not what differs in nothing but letter case, articles or plurals, which is an edit."""
    return stems(question_parts(normalise(one.question)).words) != stems(
        question_parts(normalise(other.question)).words
    )


def _in_place_of(one: Draft, other: Draft) -> Draft:
    return replace(other, origin=replace(one.origin, text=other.origin.text), deck=one.deck)


def _with_answer_of(one: Draft, other: Draft) -> Draft:
    fields = (other.fields[0], *one.fields[1:])
    text = other.text.replace(other.answer, one.answer) if other.answer else other.text
    return replace(other, answer=one.answer, fields=fields, text=text)


def _with_a_word_of(one: Draft, other: Draft, chosen: random.Random) -> Draft | None:
    """With one word of its key exchanged for a word of the other's."""
    gone = [word for value in one.key for word in _WORD.findall(value) if word.isalnum()]
    come = [word for value in other.key for word in _WORD.findall(value) if word.isalnum()]
    if not gone or not come or "://" in one.question or "](" in one.question or "[[" in one.question:
        return None
    word, instead = chosen.choice(gone), chosen.choice(come)
    if word.lower() in ("a", "an", "the") or word == instead:
        return None

    def exchanged(text: str) -> str:
        return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)" if word.isascii() else re.escape(word), instead, text)

    name, front = one.fields[0]
    return replace(
        one,
        key=tuple(map(exchanged, one.key)),
        question=exchanged(one.question),
        text=exchanged(one.text),
        fields=((name, Markdown(exchanged(front))), *one.fields[1:]),
    )
