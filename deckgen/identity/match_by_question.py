"""Facts and lines that are left → which fact is which line, by a question that asks the same of the same thing.

`same_subject` and `visible_question` say what is the same. The pairs of a question that is the same but for its wording
come first; then those of the same answer whose question became another form of the old one. Only what is left is looked
at, and of all others how many have a key or an answer (`counts`).
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from msgspec import Struct

from deckgen.identity.answers import (
    alike,
    are_same,
    are_same_in_stems,
    goes_on,
    is_latin,
    same_answer_form,
    without_question,
)
from deckgen.identity.context import Context
from deckgen.identity.counts import AnswerCounts, KeyCounts, counts_of_answers, counts_of_keys
from deckgen.identity.facts import Fact, key_of, place_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import (
    ASLEEP,
    LARGEST_FAMILY,
    LIVE,
    OLDER,
    RETIRED,
    LockCandidate,
    Pairs,
    grouped,
)
from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import QuestionParts, ask_the_same, question_parts
from deckgen.identity.visible_question import is_slip, last_sign, only_more_words, stems
from deckgen.identity.vouching import is_edited_in_place, is_vouched, stands_near
from deckgen.markdown.lazy_regex import lazy_regex

_LONG_ANSWER, _AHEAD = 20, 15  # of several notes of one question: characters, and ahead of the next answer
_TELLING_ANSWER = 12  # characters; a shorter answer does not say whose it is


def pair_by_question(pairs: Pairs, context: Context) -> None:
    """The same question as it is seen, then the same answer to another form of it."""
    lines = [
        candidate
        for candidate in pairs.candidates
        if candidate.note_index not in pairs.of_note and candidate.tier != ASLEEP
    ]
    facts = pairs.left_facts(range(len(pairs.facts)))
    if lines and facts:
        left = _Left(pairs, lines, facts)
        for tier in (LIVE, OLDER, RETIRED):
            _pair_same_subject(left, tier)
        for tier in (LIVE, OLDER):
            _pair_same_values(left, tier)
            _pair_stems(left, tier)
            _pair_same_answer(left, tier, context)


class _Left(Struct):
    """What is left."""

    pairs: Pairs
    lines: list[LockCandidate]
    facts: list[int]
    _keys: KeyCounts | None = None

    def candidates(self, tier: int) -> list[LockCandidate]:
        """The lines that still look for their facts."""
        return [
            candidate
            for candidate in self.lines
            if candidate.tier == tier and candidate.note_index not in self.pairs.of_note
        ]

    def indices(self) -> list[int]:
        """The facts that still look for their lines."""
        return self.pairs.left_facts(self.facts)

    def of_line(self, candidate: LockCandidate) -> QuestionParts:
        """What a line asks. Nothing of it is kept: a hundred thousand notes may be left."""
        return question_parts(candidate.line.question)

    def of_fact(self, index: int) -> QuestionParts:
        """What a fact asks."""
        return question_parts(self.pairs.facts[index].question)

    def signed(self, index: int) -> Hashable:
        """What a fact asks whose question ends in a sign of its own, which the normal form leaves out: `Operator ?`."""
        fact = self.pairs.facts[index]
        sign = last_sign(fact.draft.question)
        return question_parts(f"{fact.question} {sign}").subject if sign and not fact.question.endswith(sign) else None

    @property
    def keys(self) -> KeyCounts:
        """How often the keys of what is left are asked by anything."""
        if self._keys is None:
            wanted = {self.pairs.facts[index].key for index in self.facts}
            self._keys = counts_of_keys(self.pairs, wanted.union(key_of(candidate.line) for candidate in self.lines))
        return self._keys

    def is_alone(self, candidate: LockCandidate, index: int) -> bool:
        """Whether nothing else asks, or asked, by the key of the line or by that of the fact."""
        key, other = key_of(candidate.line), self.pairs.facts[index].key
        keys = self.keys
        return keys.now[other] == keys.before[key] == 1 and not keys.now[key] and not keys.before[other]

    def groups(
        self, tier: int, form: str, *, is_signed: bool = False
    ) -> Iterator[tuple[list[LockCandidate], list[int]]]:
        """Lines of a tier and facts of one kind whose questions have one form."""
        indices, candidates = self.indices(), self.candidates(tier)
        if not indices or not candidates:
            return
        table: dict[Hashable, list[int]] = grouped(
            ((self.pairs.facts[i].key[0], hash(of)), i)
            for i in indices
            if (of := self.signed(i) if is_signed else getattr(self.of_fact(i), form)) is not None
        )
        if not table:
            return
        if tier == RETIRED:  # which are many after some years, and nearly all of them stood elsewhere
            places = {place for index in indices for place in self.pairs.facts[index].places}
            candidates = [candidate for candidate in candidates if place_of(candidate.line) in places]
        known = grouped(
            (of, candidate)
            for candidate in candidates
            if (of := (candidate.line.kind, hash(getattr(self.of_line(candidate), form)))) in table
        )
        for of, of_form in known.items():
            yield of_form, table[of]


# ---- the same question, as it is seen


def _pair_same_subject(left: _Left, tier: int) -> None:
    for candidates, indices in left.groups(tier, "subject"):
        _pair_one_subject(left, tier, candidates, indices)
    for candidates, indices in left.groups(tier, "subject", is_signed=True):
        _pair_one_subject(left, tier, candidates, indices)


def _pair_one_subject(left: _Left, tier: int, candidates: list[LockCandidate], indices: list[int]) -> None:
    pairs = left.pairs
    for candidate, index in _alone_with_rule(pairs, candidates, indices):
        if left.is_alone(candidate, index) and (reason := _reason_alone(left, candidate, index)):
            pairs.add(candidate, index, reason)
    rest = [candidate for candidate in candidates if candidate.note_index not in pairs.of_note]
    asking = pairs.left_facts(indices)
    if tier != RETIRED and rest and asking and len(rest) * len(asking) <= LARGEST_FAMILY:
        _pair_by_answers(left, rest, asking)


def _alone_with_rule(
    pairs: Pairs, candidates: list[LockCandidate], indices: list[int]
) -> Iterator[tuple[LockCandidate, int]]:
    """Of some lines and facts of one question, one of each rule where that is all it has; of all what is left then.

    A rule is a preference, not a wall: one that asks the same of the same thing is as good where there is no other.
    """
    lines = grouped((candidate.line.rule, candidate) for candidate in candidates)
    facts = grouped((pairs.facts[index].key[1], index) for index in indices)
    for rule, known in lines.items():
        if len({candidate.note_index for candidate in known}) == 1 and len(facts.get(rule, ())) == 1:
            yield known[0], facts[rule][0]
    rest = [candidate for candidate in candidates if candidate.note_index not in pairs.of_note]
    asking = pairs.left_facts(indices)
    if len({candidate.note_index for candidate in rest}) == 1 and len(asking) == 1:
        yield rest[0], asking[0]


def _reason_alone(left: _Left, candidate: LockCandidate, index: int) -> str:
    """Why a line and a fact that nothing else asks like are one; nothing where they are not."""
    line, fact = candidate.line, left.pairs.facts[index]
    is_same_rule = line.rule == fact.key[1]
    is_retired = candidate.tier == RETIRED
    if is_retired and place_of(line) not in fact.places:
        return ""
    one, other = left.of_line(candidate), left.of_fact(index)
    if one.has_other_glosses(other) or (one.glosses != other.glosses and line.answer != fact.answer):
        return ""  # a gloss that comes or goes may tell it from another
    if is_same_rule and ask_the_same(line.question, fact.question):
        if is_vouched(line, fact, is_retired=False) or (not is_retired and _is_edited_there(line, fact)):
            return "reworded"
        return ""
    if _differs_in_code(left, candidate, index):
        return ""
    if is_same_rule:
        if are_same(line.answer, fact.answer) or alike(line.answer, fact.answer) or _is_edited_there(line, fact):
            return "as seen"
        return ""
    return "other rule" if _is_same_for_other_rule(line, fact) else ""


def _is_edited_there(line: LockEntry, fact: Fact) -> bool:
    return stands_near(line, fact) and is_edited_in_place(line, fact)


def _is_same_for_other_rule(line: LockEntry, fact: Fact) -> bool:
    """Another rule may ask something else of the same thing: only its answer tells."""
    one, other = without_question(line.answer, line.question), without_question(fact.answer, fact.question)
    return are_same(one, other) or goes_on(one, other) or alike(one, other, least=70, forgives_slips=True)


def _differs_in_code(left: _Left, candidate: LockCandidate, index: int) -> bool:
    """Whether a word whose letter case changed stands in code, where `String` is not `string`."""
    written = left.pairs.facts[index].draft.question
    if "`" not in written:
        return False
    words = set(left.of_line(candidate).words)
    lower = {word.lower() for word in words}
    in_code = {word for code in _CODE.findall(written) for word in _NAME.findall(code)}
    return any(word not in words and word.lower() in lower for word in in_code)


_NAME = lazy_regex(r"[A-Za-z][A-Za-z0-9]*")
_CODE = lazy_regex(r"`([^`]+)`")


def _pair_by_answers(left: _Left, candidates: list[LockCandidate], indices: list[int]) -> None:
    """Several notes of one question: the ones with the same long answer, ahead of all others."""
    pairs, facts = left.pairs, left.pairs.facts
    found: list[tuple[LockCandidate, int]] = []
    for index in indices:
        answer = facts[index].answer
        if len(answer) < _LONG_ANSWER:
            continue
        for candidate in candidates:
            if not are_same(candidate.line.answer, answer) or _differs_in_code(left, candidate, index):
                continue
            if left.of_line(candidate).has_other_glosses(left.of_fact(index)):
                continue
            rivals = [similar(e.line.answer, answer) for e in candidates if e.note_index != candidate.note_index]
            rivals += [similar(candidate.line.answer, facts[i].answer) for i in indices if i != index]
            if max(rivals, default=0.0) <= 100 - _AHEAD:
                found.append((candidate, index))
    for candidate, index in found:
        if candidate.note_index not in pairs.of_note and pairs.has_left(index):
            pairs.add(candidate, index, "as seen" if candidate.line.rule == facts[index].key[1] else "other rule")


def _pair_same_values(left: _Left, tier: int) -> None:
    """Another rule that asks by the same values in another order: of a cell, its row and column, or the reverse."""
    pairs = left.pairs

    def sign(kind: str, key: tuple[str, ...], path: str) -> Hashable:
        return kind, tuple(sorted(key)), path

    table: dict[Hashable, list[int]] = grouped(
        (sign(fact.key[0], fact.key[2], path), index)
        for index in left.indices()
        if len((fact := pairs.facts[index]).key[2]) > 1
        for path in {path for path, _ in fact.places}
    )
    if not table:
        return
    known = grouped(
        (of, candidate)
        for candidate in left.candidates(tier)
        if (of := sign((line := candidate.line).kind, line.key, line.path)) in table
    )
    for of, candidates in known.items():
        if (
            len({candidate.note_index for candidate in candidates}) == 1
            and len(table[of]) == 1
            and pairs.has_left(table[of][0])
        ):
            line, fact = candidates[0].line, pairs.facts[table[of][0]]
            if line.rule != fact.key[1] and _is_same_for_other_rule(line, fact):
                pairs.add(candidates[0], table[of][0], "other rule")


# ---- the same answer, to a question in another form


def _pair_stems(left: _Left, tier: int) -> None:
    """Articles, plurals, the spaces of compounds: where the answer is the same, or clearly the same one edited."""
    pairs = left.pairs
    for candidates, indices in left.groups(tier, "stem"):
        for candidate, index in _alone_with_rule(pairs, candidates, indices):
            line, fact = candidate.line, pairs.facts[index]
            if (
                _differs_in_code(left, candidate, index)
                or not is_latin(fact.answer)
                or not left.is_alone(candidate, index)
            ):
                continue
            is_close = (
                are_same_in_stems(line.answer, fact.answer)
                or goes_on(line.answer, fact.answer)
                or alike(line.answer, fact.answer, least=85, forgives_slips=True)
            )
            if is_close and left.of_line(candidate).glosses == left.of_fact(index).glosses:
                pairs.add(candidate, index, "reworded")


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
        (of, candidate)
        for candidate in left.candidates(tier)
        if (of := (candidate.line.kind, same_answer_form(candidate.line.answer))) in table
    )
    promising = [
        (candidates[0], table[of][0])
        for of, candidates in known.items()
        if len({candidate.note_index for candidate in candidates}) == 1 and len(table[of]) == 1
    ]
    if not promising:
        return
    wanted = {answer for e, i in promising for answer in (e.line.answer, pairs.facts[i].answer)}
    answers = counts_of_answers(pairs, wanted, context)
    for candidate, index in promising:
        if _is_other_form(left, candidate, index, answers):
            pairs.add(candidate, index, "reworded")


def _is_other_form(left: _Left, candidate: LockCandidate, index: int, answers: AnswerCounts) -> bool:
    line, fact = candidate.line, left.pairs.facts[index]
    if answers.are_shared(line.answer, fact.answer) or not left.is_alone(candidate, index):
        return False
    if not stands_near(line, fact):
        return False
    one, other = left.of_line(candidate), left.of_fact(index)
    if one.asks != other.asks or one.glosses != other.glosses or _differs_in_code(left, candidate, index):
        return False
    return is_slip(stems(one.words), stems(other.words)) or only_more_words(one.words, other.words)
