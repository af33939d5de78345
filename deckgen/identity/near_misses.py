"""What was nearly paired: the line, the new note, and the condition that it failed by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from shlex import quote

from deckgen.identity.facts import Fact, Key, key_of
from deckgen.identity.lock import LockLine
from deckgen.identity.match_by_key import ASLEEP, Entry, Pairs
from deckgen.identity.match_reworded import Miss
from deckgen.identity.normal_form import similar
from deckgen.model import Guid

REASONS = {
    "question": "the same question, but neither its place nor its answer is that of the old note",
    "place": "reworded and somewhere else at once",
    "alike": "the texts are not alike enough",
    "ahead": "another note of the rule is nearly as much like it",
    "names": "another word, name or number stands in the question",
    "answer": "the answer is short, shared or another one",
}


@dataclass(frozen=True, slots=True)
class NearMiss:
    """A new note that may be an old one. `hint` is what settles it."""

    old: LockLine
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


def near_misses_of(pairs: Pairs, guids: Mapping[int, Guid], misses: Sequence[Miss]) -> tuple[NearMiss, ...]:
    """One for each new fact at most: a line that asks the same question, else the most alike."""
    by_fact = {miss.fact: miss for miss in sorted(misses, key=lambda miss: (miss.similarity, miss.entry.line.guid))}
    asked: dict[Key, list[Entry]] = {}
    new_keys = {pairs.facts[index].key for index in guids}
    for entry in pairs.entries if new_keys else ():
        if entry.tier != ASLEEP and entry.group not in pairs.of_group and key_of(entry.line) in new_keys:
            asked.setdefault(key_of(entry.line), []).append(entry)
    found = []
    for index, guid in guids.items():
        fact = pairs.facts[index]
        known = asked.get(fact.key, [])[:_MOST_COMPARED]
        if known:
            score, line = _most_alike(known, fact)
            found.append(NearMiss(line, guid, "question", score))
        elif index in by_fact:
            miss = by_fact[index]
            found.append(NearMiss(miss.entry.line, guid, miss.condition, miss.similarity))
    return tuple(sorted(found, key=lambda miss: (miss.old.guid, miss.new)))


def _most_alike(entries: Sequence[Entry], fact: Fact) -> tuple[float, LockLine]:
    """Its similarity, and the line. Of lines that tie, as those of one GUID do after a merge, the newest."""

    def rank(entry: Entry) -> tuple[float, str, int, str, str]:
        line = entry.line
        return similar(line.text, fact.text), line.guid, line.mod, line.path, "\n".join(line.headings)

    best = max(entries, key=rank)
    return rank(best)[0], best.line
