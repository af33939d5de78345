"""What passes ask of all facts and lines, and not only of those that are left: how many have a key, or an answer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection

from msgspec import Struct

from deckgen.identity.context import Context
from deckgen.identity.facts import Key, key_of
from deckgen.identity.match_by_key import Pairs


class KeyCounts(Struct, frozen=True):
    """How many facts ask by each key now, and how many notes of the lock, live or not, asked by it."""

    now: Counter[Key]
    before: Counter[Key]


def counts_of_keys(pairs: Pairs, wanted: Collection[Key]) -> KeyCounts:
    """Of these keys."""
    now = Counter(key for fact in pairs.facts if (key := fact.key) in wanted)
    groups = {
        (key, candidate.note_index) for candidate in pairs.candidates if (key := key_of(candidate.line)) in wanted
    }
    return KeyCounts(now, Counter(key for key, _ in groups))


class AnswerCounts(Struct, frozen=True):
    """How many facts, and how many notes of the lock, have each answer."""

    now: Counter[str]
    before: Counter[str]

    def are_shared(self, line: str, fact: str) -> bool:
        """Whether a note other than these two has the answer of the line or that of the fact."""
        return any(
            self.before[answer] > (line == answer) or self.now[answer] > (fact == answer) for answer in {line, fact}
        )


def counts_of_answers(pairs: Pairs, wanted: Collection[str], context: Context) -> AnswerCounts:
    """Of these answers, in their normal form."""
    now = Counter(answer for fact in pairs.facts if (answer := fact.answer) in wanted)
    groups = {
        (answer, candidate.note_index) for candidate in pairs.candidates if (answer := candidate.line.answer) in wanted
    }
    before = Counter(answer for answer, _ in groups)
    others = context.answers_of_all(wanted)
    now.update(others)
    before.update(others)
    return AnswerCounts(now, before)
