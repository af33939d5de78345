"""What was nearly paired: the line, the new note, and the condition that it failed by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from shlex import quote

from msgspec import Struct

from deckgen.identity.answers import are_same
from deckgen.identity.facts import Fact, Key, key_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import ASLEEP, LIVE, LockCandidate, Pairs
from deckgen.identity.match_reworded import Miss
from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import question_parts
from deckgen.identity.similarity_index import Pieces
from deckgen.identity.visible_question import only_more_words
from deckgen.identity.vouching import is_edited_in_place
from deckgen.model import Guid

REASONS = {
    "question": "the same question, but neither its place nor its answer is that of the old note",
    "place": "reworded and somewhere else at once",
    "alike": "the texts are not alike enough",
    "ahead": "another note is nearly as much like it, or asks the same",
    "names": "another word, name or number stands in the question",
    "answer": "the answer is short, shared or another one",
}


class NearMiss(Struct, frozen=True):
    """A new note that may be an old one. `hint` is what settles it."""

    old: LockEntry
    new: Guid
    condition: str  # of REASONS
    similarity: float  # of the texts, 0 to 100

    @property
    def reason(self) -> str:
        """What spoke against it."""
        return REASONS[self.condition]

    @property
    def hint(self) -> str:
        """The option that makes them one note."""
        return f"--same {quote(f'{self.old.guid}={self.new}')}"


_MOST_COMPARED = 16  # lines of one key
_ALIKE = 50  # a candidate that is less alike is none
_ALL_PAIRS = 40_000  # over so many pairs of retired lines and new facts, only those with a rare piece in common


def near_misses_of(
    pairs: Pairs,
    guids: Mapping[int, Guid],
    misses: Sequence[Miss],
    retired: Mapping[str, LockEntry],
    facts: Sequence[Fact],
) -> tuple[NearMiss, ...]:
    """Of each new fact a line that asks the same question, else the most alike of its rule; and of each line that is
    retired now, by GUID, the new fact that is most like it. `retired` and `facts` have pictures by their paths: which
    of them go by their content depends on all other notes.
    """
    by_fact = {miss.fact: miss for miss in sorted(misses, key=lambda miss: (miss.similarity, miss.candidate.line.guid))}
    asked: dict[Key, list[LockCandidate]] = {}
    new_keys = {pairs.facts[index].key for index in guids}
    for candidate in pairs.candidates if new_keys else ():
        if (
            candidate.tier != ASLEEP
            and candidate.note_index not in pairs.of_note
            and key_of(candidate.line) in new_keys
        ):
            asked.setdefault(key_of(candidate.line), []).append(candidate)
    found = []
    for index, guid in guids.items():
        fact = pairs.facts[index]
        known = [e for e in asked.get(fact.key, [])[:_MOST_COMPARED] if not pairs.are_apart(e, index)]
        if known:
            score, line = _most_alike(known, fact)
            found.append(NearMiss(line, guid, "question", score))
        elif index in by_fact and not pairs.are_apart(by_fact[index].candidate, index):
            miss = by_fact[index]
            found.append(NearMiss(miss.candidate.line, guid, miss.condition, miss.similarity))
    reported = {miss.old.guid for miss in found}
    left = [e for e in pairs.candidates if e.tier == LIVE and e.line.guid in retired and e.line.guid not in reported]
    as_written = [LockCandidate(retired[e.line.guid], e.note_index, e.tier) for e in left]
    found += _best_of_retired(pairs, guids, as_written, facts)
    return tuple(sorted(found, key=lambda miss: (miss.old.guid, miss.new)))


def _best_of_retired(
    pairs: Pairs, guids: Mapping[int, Guid], left: Sequence[LockCandidate], facts: Sequence[Fact]
) -> Iterator[NearMiss]:
    """The new fact that is most like each line, be it of another rule, and what spoke against it."""
    indices = sorted(guids, key=lambda index: guids[index])
    if not left or not indices:
        return
    pieces = None
    if len(left) * len(indices) > _ALL_PAIRS:
        pieces = Pieces([facts[index].text for index in indices])
    for candidate in left:
        line = candidate.line
        near = indices if pieces is None else [indices[place] for place in pieces.candidates(line.text)]
        scored = [
            (_likeness(line, facts[index]), guids[index], index)
            for index in near
            if facts[index].key[0] == line.kind and not pairs.are_apart(candidate, index)
        ]
        if scored and max(scored)[0] >= _ALIKE:
            score, guid, index = max(scored)
            yield NearMiss(line, guid, _condition(line, facts[index]), score)


def _likeness(line: LockEntry, fact: Fact) -> float:
    apart = (similar(line.question, fact.question) + similar(line.answer, fact.answer)) / 2
    return max(similar(line.text, fact.text), apart)


def _condition(line: LockEntry, fact: Fact) -> str:
    """What spoke against a pair: the first of what all passes ask for."""
    one, other = question_parts(line.question), question_parts(fact.question)
    if one.stem != other.stem and not only_more_words(one.words, other.words):
        return "names"
    if not (are_same(line.answer, fact.answer) or is_edited_in_place(line, fact)):
        return "answer"
    return "ahead" if any(line.path == path for path, _ in fact.places) else "place"


def _most_alike(candidates: Sequence[LockCandidate], fact: Fact) -> tuple[float, LockEntry]:
    """Its similarity, and the line. Of lines that tie, as those of one GUID do after a merge, the newest."""

    def rank(candidate: LockCandidate) -> tuple[float, str, int, str, str]:
        line = candidate.line
        return similar(line.text, fact.text), line.guid, line.mod, line.path, "\n".join(line.headings)

    best = max(candidates, key=rank)
    return rank(best)[0], best.line
