"""Facts and lines that are left → which fact is which line, by a question that asks the same of the same thing.

`same_subject` and `visible_question` say what is the same. The pairs of a question that is the same but for its wording
come first; then those of the same answer whose question became another form of the old one. Only what is left is looked
at, and of all others how many have a key or an answer (`counts`).
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from deckgen.identity.answers import alike, are_same, are_same_in_stems, goes_on, is_latin, same_answer_form
from deckgen.identity.context import ALONE, Context
from deckgen.identity.counts import AnswerCounts, KeyCounts, counts_of_answers, counts_of_keys
from deckgen.identity.facts import Fact, key_of, place_of
from deckgen.identity.lock import LockLine
from deckgen.identity.match_by_key import (
    ASLEEP,
    LARGEST_FAMILY,
    LIVE,
    OLDER,
    RETIRED,
    Entry,
    Pairs,
    grouped,
    is_edited_in_place,
    is_vouched,
    stands_near,
)
from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import Asked, ask_the_same, asked_of
from deckgen.identity.visible_question import is_slip, only_more_words, stems

_LONG_ANSWER, _AHEAD = 20, 15  # of several notes of one question: characters, and ahead of the next answer
_TELLING_ANSWER = 12  # characters; a shorter answer does not say whose it is


def pair_by_question(pairs: Pairs, context: Context = ALONE) -> None:
    """Passes 7 and 8."""
    lines = [entry for entry in pairs.entries if entry.group not in pairs.of_group and entry.tier != ASLEEP]
    facts = pairs.left_facts(range(len(pairs.facts)))
    if lines and facts:
        left = _Left(pairs, lines, facts)
        for tier in (LIVE, OLDER, RETIRED):
            _pair_same_subject(left, tier)
        for tier in (LIVE, OLDER):
            _pair_stems(left, tier)
            _pair_same_answer(left, tier, context)


@dataclass(slots=True)
class _Left:
    """What is left."""

    pairs: Pairs
    lines: list[Entry]
    facts: list[int]
    _keys: KeyCounts | None = None

    def entries(self, tier: int) -> list[Entry]:
        """The lines that still look for their facts."""
        return [entry for entry in self.lines if entry.tier == tier and entry.group not in self.pairs.of_group]

    def indices(self) -> list[int]:
        """The facts that still look for their lines."""
        return self.pairs.left_facts(self.facts)

    def of_line(self, entry: Entry) -> Asked:
        """What a line asks. Nothing of it is kept: a hundred thousand notes may be left."""
        return asked_of(entry.line.question)

    def of_fact(self, index: int) -> Asked:
        """What a fact asks."""
        return asked_of(self.pairs.facts[index].question)

    @property
    def keys(self) -> KeyCounts:
        """How often the keys of what is left are asked by anything."""
        if self._keys is None:
            wanted = {self.pairs.facts[index].key for index in self.facts}
            self._keys = counts_of_keys(self.pairs, wanted.union(key_of(entry.line) for entry in self.lines))
        return self._keys

    def is_alone(self, entry: Entry, index: int) -> bool:
        """Whether nothing else asks, or asked, by the key of the line or by that of the fact."""
        key, other = key_of(entry.line), self.pairs.facts[index].key
        keys = self.keys
        return keys.now[other] == keys.before[key] == 1 and not keys.now[key] and not keys.before[other]

    def groups(self, tier: int, form: str) -> Iterator[tuple[list[Entry], list[int]]]:
        """Lines of a tier and facts of one kind whose questions have one form."""
        indices, entries = self.indices(), self.entries(tier)
        if not indices or not entries:
            return
        table: dict[Hashable, list[int]] = grouped(
            ((self.pairs.facts[i].key[0], hash(getattr(self.of_fact(i), form))), i) for i in indices
        )
        if tier == RETIRED:  # which are many after some years, and nearly all of them stood elsewhere
            places = {place for index in indices for place in self.pairs.facts[index].places}
            entries = [entry for entry in entries if place_of(entry.line) in places]
        known = grouped(
            (of, entry)
            for entry in entries
            if (of := (entry.line.kind, hash(getattr(self.of_line(entry), form)))) in table
        )
        for of, of_form in known.items():
            yield of_form, table[of]


# ---- pass 7: the same question, as it is seen


def _pair_same_subject(left: _Left, tier: int) -> None:
    pairs = left.pairs
    for entries, indices in left.groups(tier, "subject"):
        for entry, index in _alone_with_rule(pairs, entries, indices):
            if left.is_alone(entry, index) and (reason := _reason_alone(left, entry, index)):
                pairs.add(entry, index, reason)
        rest = [entry for entry in entries if entry.group not in pairs.of_group]
        asking = pairs.left_facts(indices)
        if tier != RETIRED and rest and asking and len(rest) * len(asking) <= LARGEST_FAMILY:
            _pair_by_answers(left, rest, asking)


def _alone_with_rule(pairs: Pairs, entries: list[Entry], indices: list[int]) -> Iterator[tuple[Entry, int]]:
    """Of some lines and facts of one question, one of each rule where that is all it has; of all what is left then.

    A rule is a preference, not a wall: one that asks the same of the same thing is as good where there is no other.
    """
    lines = grouped((entry.line.rule, entry) for entry in entries)
    facts = grouped((pairs.facts[index].key[1], index) for index in indices)
    for rule, known in lines.items():
        if len({entry.group for entry in known}) == 1 and len(facts.get(rule, ())) == 1:
            yield known[0], facts[rule][0]
    rest = [entry for entry in entries if entry.group not in pairs.of_group]
    asking = pairs.left_facts(indices)
    if len({entry.group for entry in rest}) == 1 and len(asking) == 1:
        yield rest[0], asking[0]


def _reason_alone(left: _Left, entry: Entry, index: int) -> str:
    """Why a line and a fact that nothing else asks like are one; nothing where they are not."""
    line, fact = entry.line, left.pairs.facts[index]
    is_same_rule = line.rule == fact.key[1]
    is_retired = entry.tier == RETIRED
    if is_retired and place_of(line) not in fact.places:
        return ""
    one, other = left.of_line(entry), left.of_fact(index)
    if one.has_other_glosses(other) or (one.glosses != other.glosses and line.answer != fact.answer):
        return ""  # a gloss that comes or goes may tell it from another
    if is_same_rule and ask_the_same(line.question, fact.question):
        if is_vouched(line, fact, is_retired=False) or (not is_retired and _is_edited_there(line, fact)):
            return "reworded"
        return ""
    if _differs_in_code(left, entry, index):
        return ""
    if is_same_rule:
        if are_same(line.answer, fact.answer) or alike(line.answer, fact.answer) or _is_edited_there(line, fact):
            return "as seen"
        return ""
    return "other rule" if _is_same_for_other_rule(line, fact) else ""


def _is_edited_there(line: LockLine, fact: Fact) -> bool:
    return stands_near(line, fact) and is_edited_in_place(line, fact)


def _is_same_for_other_rule(line: LockLine, fact: Fact) -> bool:
    """Another rule may ask something else of the same thing: only its answer tells."""
    answer = line.answer
    if are_same(answer, fact.answer) or goes_on(answer, fact.answer):
        return True
    return alike(answer, fact.answer, least=70, forgives_slips=True)


def _differs_in_code(left: _Left, entry: Entry, index: int) -> bool:
    """Whether a word whose letter case changed stands in code, where `String` is not `string`."""
    written = left.pairs.facts[index].draft.question
    if "`" not in written:
        return False
    words = set(left.of_line(entry).words)
    lower = {word.lower() for word in words}
    in_code = {word for code in _CODE.findall(written) for word in _NAME.findall(code)}
    return any(word not in words and word.lower() in lower for word in in_code)


_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_CODE = re.compile(r"`([^`]+)`")


def _pair_by_answers(left: _Left, entries: list[Entry], indices: list[int]) -> None:
    """Several notes of one question: the ones with the same long answer, ahead of all others."""
    pairs, facts = left.pairs, left.pairs.facts
    found: list[tuple[Entry, int]] = []
    for index in indices:
        answer = facts[index].answer
        if len(answer) < _LONG_ANSWER:
            continue
        for entry in entries:
            if not are_same(entry.line.answer, answer) or _differs_in_code(left, entry, index):
                continue
            if left.of_line(entry).has_other_glosses(left.of_fact(index)):
                continue
            rivals = [similar(e.line.answer, answer) for e in entries if e.group != entry.group]
            rivals += [similar(entry.line.answer, facts[i].answer) for i in indices if i != index]
            if max(rivals, default=0.0) <= 100 - _AHEAD:
                found.append((entry, index))
    for entry, index in found:
        if entry.group not in pairs.of_group and pairs.has_left(index):
            pairs.add(entry, index, "as seen" if entry.line.rule == facts[index].key[1] else "other rule")


# ---- pass 8: the same answer, to a question in another form


def _pair_stems(left: _Left, tier: int) -> None:
    """Articles, plurals, the spaces of compounds: where the answer is the same, or clearly the same one edited."""
    pairs = left.pairs
    for entries, indices in left.groups(tier, "stem"):
        for entry, index in _alone_with_rule(pairs, entries, indices):
            line, fact = entry.line, pairs.facts[index]
            if _differs_in_code(left, entry, index) or not is_latin(fact.answer) or not left.is_alone(entry, index):
                continue
            is_close = (
                are_same_in_stems(line.answer, fact.answer)
                or goes_on(line.answer, fact.answer)
                or alike(line.answer, fact.answer, least=85, forgives_slips=True)
            )
            if is_close and left.of_line(entry).glosses == left.of_fact(index).glosses:
                pairs.add(entry, index, "reworded")


def _pair_same_answer(left: _Left, tier: int, context: Context) -> None:
    """A slip mended, or words that came or went, in the question of an answer that nothing else has."""
    pairs = left.pairs
    table = grouped(
        ((fact.key[0], form), i)
        for i in left.indices()
        if is_latin((fact := pairs.facts[i]).answer)
        if len(form := same_answer_form(fact.answer)) >= _TELLING_ANSWER
    )
    if not table:
        return
    known = grouped(
        (of, entry)
        for entry in left.entries(tier)
        if (of := (entry.line.kind, same_answer_form(entry.line.answer))) in table
    )
    hopeful = [
        (entries[0], table[of][0])
        for of, entries in known.items()
        if len({entry.group for entry in entries}) == 1 and len(table[of]) == 1
    ]
    if not hopeful:
        return
    wanted = {answer for e, i in hopeful for answer in (e.line.answer, pairs.facts[i].answer)}
    answers = counts_of_answers(pairs, wanted, context)
    for entry, index in hopeful:
        if _is_other_form(left, entry, index, answers):
            pairs.add(entry, index, "reworded")


def _is_other_form(left: _Left, entry: Entry, index: int, answers: AnswerCounts) -> bool:
    line, fact = entry.line, left.pairs.facts[index]
    if answers.are_shared(line.answer, fact.answer) or not left.is_alone(entry, index):
        return False
    if not stands_near(line, fact):
        return False
    one, other = left.of_line(entry), left.of_fact(index)
    if one.asks != other.asks or one.glosses != other.glosses or _differs_in_code(left, entry, index):
        return False
    return is_slip(stems(one.words), stems(other.words)) or only_more_words(one.words, other.words)
