"""Cloze notes that are left → which is which line: by their text without the marks of its deletions.

A deletion more or less, another way to mark them, a slip mended outside of one, a sentence added to the paragraph: the
note is the same, and keeps the numbers of the deletions that are still there.
"""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.identity.answers import same_answer_form
from deckgen.identity.counts import counts_of_keys
from deckgen.identity.facts import Fact, key_of, place_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import LARGEST_FAMILY, LIVE, OLDER, RETIRED, LockCandidate, Pairs, grouped
from deckgen.identity.normal_form import LONGEST
from deckgen.identity.visible_question import is_slip
from deckgen.markdown.lazy_regex import lazy_regex

_KIND = "Cloze"
_NUMBERED = lazy_regex(r"\{\{c\d+::((?:[^{}:]|:(?!:)|\{[^{}]*\})*)(?:::[^{}]*)?\}\}")
_BRACED = lazy_regex(r"\{(?:c?\d+(?:::|[:|]))?([^{}]+)\}")
_LEAST = 12  # characters of a text that says which it is wherever it stands
_END = lazy_regex(r"[.!?;:\u3002\uff01\uff1f\uff1b\n]\s*$")
_WORD = lazy_regex(r"\w+|[^\w\s]")


def unmarked(text: str) -> str:
    """The normal form of a text with its deletions as plain text; `==…==` and `**…**` are none in any normal form."""
    text = _NUMBERED.sub(r"\1", text)
    return same_answer_form(_BRACED.sub(r"\1", text))


def pair_cloze(pairs: Pairs) -> None:
    """Pair what is left."""
    indices = [i for i in pairs.left_facts(range(len(pairs.facts))) if pairs.facts[i].key[0] == _KIND]
    lines = [e for e in pairs.candidates if e.line.kind == _KIND and e.note_index not in pairs.of_note]
    if not indices or not lines:
        return
    of_fact = {i: unmarked(pairs.facts[i].text) for i in indices}
    for tier in (LIVE, OLDER, RETIRED):
        candidates = [e for e in lines if e.tier == tier and e.note_index not in pairs.of_note]
        if tier == RETIRED:
            places = {place for i in indices for place in pairs.facts[i].places}
            candidates = [e for e in candidates if place_of(e.line) in places]
        if candidates and (left := pairs.left_facts(indices)):
            _pair_tier(pairs, candidates, left, of_fact)


def _pair_tier(pairs: Pairs, candidates: list[LockCandidate], indices: list[int], of_fact: dict[int, str]) -> None:
    of_line = {id(e): unmarked(e.line.text) for e in candidates}
    table = grouped((of_fact[i], i) for i in indices)
    known = grouped((of, e) for e in candidates if (of := of_line[id(e)]) in table)
    keys = counts_of_keys(pairs, {pairs.facts[i].key for i in indices}.union(key_of(e.line) for e in candidates))
    for of, of_text in known.items():
        if len({e.note_index for e in of_text}) == 1 and len(table[of]) == 1:
            candidate, index = of_text[0], table[of][0]
            fact = pairs.facts[index]
            if len(of) >= _LEAST or place_of(candidate.line) in fact.places:
                pairs.add(candidate, index, "same text")
    by_path = grouped((e.line.path, e) for e in candidates if e.note_index not in pairs.of_note and e.tier != RETIRED)
    edited: list[tuple[LockCandidate, int]] = []
    for index in pairs.left_facts(indices):
        fact = pairs.facts[index]
        near = [e for path in {path for path, _ in fact.places} for e in by_path.get(path, ())]
        if len(near) * len(indices) > LARGEST_FAMILY:
            continue
        edited += [
            (e, index)
            for e in near
            if not keys.now[key_of(e.line)] and not keys.before[fact.key] and _is_edited(e.line, fact, of_line[id(e)])
        ]
    by_note = grouped((e.note_index, index) for e, index in edited)
    by_fact = grouped((index, e.note_index) for e, index in edited)
    for candidate, index in edited:
        if len(set(by_note[candidate.note_index])) == 1 and len(set(by_fact[index])) == 1 and pairs.has_left(index):
            pairs.add(candidate, index, "reworded")


def _is_edited(line: LockEntry, fact: Fact, old: str) -> bool:
    """Whether a text is the other with sentences more, or a slip less, and a deletion in common."""
    if max(len(line.text), len(fact.text)) >= LONGEST or not set(_deleted(line)) & set(_answers(fact)):
        return False
    new = unmarked(fact.text)
    short, long = sorted((old, new), key=len)
    if len(short) >= _LEAST and short in long and _are_sentences(short, long):
        return True
    return is_slip(_WORD.findall(old), _WORD.findall(new))


def _are_sentences(short: str, long: str) -> bool:
    """Whether what a text has more are whole sentences around it."""
    before, _, after = long.partition(short)
    return (not before or bool(_END.search(before))) and (
        not after or bool(_END.search(short)) or _END.search(after[:1]) is not None
    )


def _deleted(line: LockEntry) -> Iterator[str]:
    return (same_answer_form(text) for _, text, before, after in line.cloze if before or after)


def _answers(fact: Fact) -> Iterator[str]:
    from deckgen.identity.cloze_numbers import gaps_of

    return (same_answer_form(gap.text) for gap in gaps_of(fact.draft))
