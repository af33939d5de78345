"""Facts × lines of the lock → which fact is which line: those that ask the same question, word for word.

Each pass looks at what is left. Where two lines or two facts could be meant and nothing tells them apart, nobody is
paired: a new card costs a few reviews, a schedule on another fact is a lie. Nothing here depends on an order.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import TypeVar

from msgspec import Struct, field

from deckgen.identity.context import Context
from deckgen.identity.facts import Fact, Key, Place, have_other_ids, key_of, make_guid, place_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.normal_form import digest, similar
from deckgen.identity.same_subject import is_exchanged
from deckgen.identity.vouching import asks_as_before, is_clearly_edited, is_edited_in_place, is_vouched

LIVE, OLDER, ASLEEP, RETIRED = range(4)
"""In the order in which they are tried. OLDER: what a note was before, left behind by a merge of two branches."""


class LockCandidate(Struct, frozen=True):
    """A line that a fact may be paired with. Lines of one GUID are one note: `note_index` is its place in the lock."""

    line: LockEntry
    note_index: int
    tier: int


class Pairs(Struct):
    """The pairs so far. A note gets several facts only where branches were merged, until `resolve_conflicts`."""

    candidates: Sequence[LockCandidate]
    facts: Sequence[Fact]
    project: str = ""
    apart: frozenset[tuple[int, int]] = frozenset()  # notes and facts that are no pairs
    of_fact: dict[int, tuple[LockCandidate, str]] = field(default_factory=dict)
    of_note: dict[int, list[int]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)  # ids of the entries that found a fact
    displaced: dict[int, LockCandidate] = field(default_factory=dict)  # facts that lost a GUID to one of another branch

    def add(self, candidate: LockCandidate, fact: int, reason: str) -> None:
        """Make a pair, unless something forbids it that counts for more than any likeness."""
        if reason != "by hand" and self.are_apart(candidate, fact):
            return
        self.of_fact[fact] = (candidate, reason)
        self.of_note.setdefault(candidate.note_index, []).append(fact)
        self.used.add(id(candidate))

    def are_apart(self, candidate: LockCandidate, fact: int) -> bool:
        """Whether the author said that they are two notes: by ids of his own, or by `--another`. A line is never
        another note than the fact that it was made of: who made it of that, by hand, took back what was said before.
        """
        line, one = candidate.line, self.facts[fact]
        if (candidate.note_index, fact) in self.apart:
            return True
        if not line.another and not one.ids:
            return False
        is_of_key = key_of(line) == one.key
        if is_of_key and (line.digest == one.digest or (line.answer and line.answer == one.answer)):
            return False
        if have_other_ids(line, one):
            return True
        # The GUID that a key alone asks for is that of one note of several which have the key, as this line has.
        salts = [digest(one.answer)] if is_of_key else ["", digest(one.answer)]
        return any(make_guid(self.project, one.key, salt) in line.another for salt in salts)

    def has_left(self, fact: int) -> bool:
        """Whether a fact still looks for its line."""
        return fact not in self.of_fact and fact not in self.displaced

    def left_facts(self, facts: Iterable[int]) -> list[int]:
        """Those that still look for their lines."""
        paired, displaced = self.of_fact, self.displaced
        return [index for index in facts if index not in paired and index not in displaced]

    def resolve_conflicts(self) -> None:
        """Of several facts that found lines of one GUID, the one of the older mod keeps it."""
        for note_index, facts in self.of_note.items():
            if len(facts) > 1:
                keeper = min(facts, key=lambda fact: (self.of_fact[fact][0].line.mod, self.facts[fact].digest))
                for fact in facts:
                    if fact != keeper:
                        self.displaced[fact] = self.of_fact.pop(fact)[0]
                self.of_note[note_index] = [keeper]


# ---- lines and facts of one key


def pair_by_key(pairs: Pairs, context: Context) -> None:
    """The same key: the same text first, then the same question."""
    lines: dict[Key, list[LockCandidate]] = defaultdict(list)
    facts: dict[Key, list[int]] = defaultdict(list)
    for candidate in pairs.candidates:
        lines[key_of(candidate.line)].append(candidate)
    for index, fact in enumerate(pairs.facts):
        facts[fact.key].append(index)
    for key, asking in facts.items():
        known = lines.get(key)
        if known is None:
            continue
        if len(known) > 1 or len(asking) > 1:
            _pair_one_key(pairs, known, asking)
        elif id(known[0]) not in pairs.used and pairs.has_left(asking[0]):
            _pair_alone(pairs, known[0], asking[0])
    alone = [(lines[key][0], asking[0]) for key, asking in facts.items() if len(asking) == 1 == len(lines.get(key, ()))]
    _pair_moved(pairs, alone, context)
    pairs.resolve_conflicts()


_MOVED = 2  # so many notes that stand word for word below another heading say that it is the old one, reworded


def _pair_moved(pairs: Pairs, alone: Sequence[tuple[LockCandidate, int]], context: Context) -> None:
    """The only line and the only fact of a key, where other notes of its place moved with it, as they were."""
    left = [(e, i) for e, i in alone if e.tier == LIVE and e.note_index not in pairs.of_note and pairs.has_left(i)]
    if not left:
        return
    leaving = {place_of(candidate.line) for candidate, _ in left}
    moved: Counter[tuple[Place, Place]] = Counter(
        (place, pairs.facts[index].place)
        for index, (candidate, reason) in pairs.of_fact.items()
        if reason == "same"
        and (place := place_of(candidate.line)) in leaving
        and place not in pairs.facts[index].places
    )
    for candidate, index in left:
        line, fact = candidate.line, pairs.facts[index]
        old, new = place_of(line), fact.place
        if not asks_as_before(line, fact):
            continue
        if moved[old, new] >= _MOVED or moved[old, new] + context.moved(old, new) >= _MOVED:
            pairs.add(candidate, index, "same question")


def _pair_alone(pairs: Pairs, candidate: LockCandidate, index: int) -> None:
    """The only line and the only fact of a key."""
    line, fact = candidate.line, pairs.facts[index]
    if line.digest == fact.digest:
        pairs.add(candidate, index, "same")
    elif candidate.tier == ASLEEP:
        if line.answer and line.answer == fact.answer:
            pairs.add(candidate, index, "same question")
    elif is_vouched(line, fact, is_retired=candidate.tier == RETIRED) or (
        candidate.tier == LIVE and is_clearly_edited(line, fact)
    ):
        pairs.add(candidate, index, "same question")


def _pair_one_key(pairs: Pairs, candidates: list[LockCandidate], facts: list[int]) -> None:
    """Several lines or facts of one key."""
    bucket = _Bucket(pairs, candidates, facts)
    bucket.pair_twins()
    for sign in (by_text_and_answer, _by_text):
        bucket.pair_unique(sign, "same", alone_among_all=sign is _by_text)
    for sign in (_by_all_but_text, _by_question_and_answer, _by_answer_and_place, _by_answer):
        bucket.pair_unique(sign, "same question")
    bucket.pair_unique(_by_place, "same question", alone_among_all=True, is_weak=True)
    bucket.pair_family()
    bucket.pair_in_file()


Sign = Callable[[LockEntry | Fact], Hashable]
"""What a line and a fact have to have in common; None has nothing in common with anything."""


def _place(one: LockEntry | Fact) -> Hashable:
    return one.place if isinstance(one, Fact) else place_of(one)


def by_text_and_answer(one: LockEntry | Fact) -> Hashable:
    """All that a note says, but for where."""
    return one.digest, one.question, one.answer


def _by_text(one: LockEntry | Fact) -> Hashable:
    return one.digest


def _by_all_but_text(one: LockEntry | Fact) -> Hashable:
    return (one.question, one.answer, _place(one)) if one.answer else None


def _by_question_and_answer(one: LockEntry | Fact) -> Hashable:
    return (one.question, one.answer) if one.answer else None


def _by_answer_and_place(one: LockEntry | Fact) -> Hashable:
    return (one.answer, _place(one)) if one.answer else None


def _by_answer(one: LockEntry | Fact) -> Hashable:
    return one.answer or None


def _by_place(one: LockEntry | Fact) -> Hashable:
    return _place(one)


_AHEAD = 15  # of the answers of all others of one question
LARGEST_FAMILY = 10_000  # comparisons; a question that so many notes ask tells nothing about any of them


class _Bucket(Struct):
    pairs: Pairs
    candidates: list[LockCandidate]
    facts: list[int]

    def left_candidates(self, tier: int, *, is_weak: bool) -> list[LockCandidate]:
        """A weak reason never finds a second fact for a GUID."""
        taken, used = self.pairs.of_note, self.pairs.used
        of_tier = (candidate for candidate in self.candidates if candidate.tier == tier)
        return [
            candidate
            for candidate in of_tier
            if not (candidate.note_index in taken if is_weak else id(candidate) in used)
        ]

    def left_facts(self) -> list[int]:
        return self.pairs.left_facts(self.facts)

    def pair_twins(self) -> None:
        """Lines alike in everything, as of a fact added on two branches: the one that stands there, then the oldest."""
        for tier in (LIVE, OLDER, ASLEEP, RETIRED):
            lines = grouped((by_text_and_answer(e.line), e) for e in self.left_candidates(tier, is_weak=False))
            facts = grouped((by_text_and_answer(self.pairs.facts[i]), i) for i in self.left_facts())
            for sign, asking in facts.items():
                if len(asking) == 1 and sign in lines:
                    places = self.pairs.facts[asking[0]].places
                    candidate = min(
                        lines[sign], key=lambda e: (place_of(e.line) not in places, e.line.mod, e.line.guid)
                    )
                    self.pairs.add(candidate, asking[0], "same")

    def pair_unique(self, sign: Sign, reason: str, *, alone_among_all: bool = False, is_weak: bool = False) -> None:
        """Pair where one note and one fact have the sign; `alone_among_all` counts those that are paired, too."""
        tiers = (LIVE, OLDER, RETIRED) if is_weak else (LIVE, OLDER, ASLEEP, RETIRED)
        for tier in tiers:
            asking = self.left_facts()
            if not asking:
                return
            left = self.left_candidates(tier, is_weak=is_weak)
            facts = grouped((sign(self.pairs.facts[i]), i) for i in (self.facts if alone_among_all else asking))
            counted = [e for e in self.candidates if e.tier <= tier] if alone_among_all else left
            lines = grouped((sign(e.line), e) for e in counted)
            open_lines = grouped((sign(e.line), e) for e in left)
            for index in asking:
                of_sign = sign(self.pairs.facts[index])
                if of_sign is None or len(facts[of_sign]) != 1:
                    continue
                if len({candidate.note_index for candidate in lines.get(of_sign, ())}) == 1 and of_sign in open_lines:
                    newest = min(open_lines[of_sign], key=lambda e: (-e.line.mod, e.line.digest, e.line.hash))
                    self.pairs.add(newest, index, reason)

    def pair_family(self) -> None:
        """Alone with the question and vouched for, or clearly the most alike of all that ask it."""
        for tier in (LIVE, OLDER, RETIRED):
            asking, left = self.left_facts(), self.left_candidates(tier, is_weak=True)
            if not asking or not left:
                continue
            known = [candidate for candidate in self.candidates if candidate.tier <= tier]
            if len(self.facts) == 1 and len({candidate.note_index for candidate in known}) == 1:
                candidate = min(left, key=lambda e: (-e.line.mod, e.line.digest, e.line.hash))
                if any(is_vouched(e.line, self.pairs.facts[asking[0]], is_retired=tier == RETIRED) for e in left):
                    self.pairs.add(candidate, asking[0], "same question")
            elif len(known) * len(self.facts) <= LARGEST_FAMILY:
                self._pair_most_alike(tier, left, asking, known)

    def pair_in_file(self) -> None:
        """In one file, with an answer that is clearly the same one edited: ahead of all others of that question."""
        asking, left = self.left_facts(), self.left_candidates(LIVE, is_weak=True)
        if not asking or not left or len(self.candidates) * len(self.facts) > LARGEST_FAMILY:
            return
        found: list[tuple[LockCandidate, int]] = []
        for index in asking:
            fact = self.pairs.facts[index]
            for candidate in left:
                line = candidate.line
                if not any(line.path == path for path, _ in fact.places) or not is_edited_in_place(line, fact):
                    continue
                score = similar(line.answer, fact.answer)
                rivals = [
                    similar(e.line.answer, fact.answer) for e in self.candidates if e.note_index != candidate.note_index
                ]
                rivals += [similar(line.answer, self.pairs.facts[i].answer) for i in self.facts if i != index]
                if max(rivals, default=0.0) <= score - _AHEAD:
                    found.append((candidate, index))
        for candidate, index in found:
            if candidate.note_index not in self.pairs.of_note and self.pairs.has_left(index):
                self.pairs.add(candidate, index, "same question")

    def _pair_most_alike(
        self, tier: int, left: list[LockCandidate], asking: list[int], known: list[LockCandidate]
    ) -> None:
        facts = self.pairs.facts
        scores = {(id(e), i): similar(e.line.text, facts[i].text) for e in known for i in self.facts}
        found: list[tuple[LockCandidate, int]] = []
        for index in asking:
            fact = facts[index]
            for candidate in left:
                score = scores[id(candidate), index]
                rivals = [scores[id(e), index] for e in known if e.note_index != candidate.note_index]
                rivals += [scores[id(candidate), i] for i in self.facts if i != index]
                if score < 75 or max(rivals, default=0.0) > score - 10:
                    continue
                stands_there = place_of(candidate.line) in fact.places
                if not (
                    stands_there
                    or (
                        tier != RETIRED and (score >= 90 or any(candidate.line.path == path for path, _ in fact.places))
                    )
                ):
                    continue
                if not is_exchanged(candidate.line.text, fact.text):
                    found.append((candidate, index))
        for candidate, index in found:
            if candidate.note_index not in self.pairs.of_note and self.pairs.has_left(index):
                self.pairs.add(candidate, index, "same question")


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def grouped(items: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key."""
    table: dict[K, list[V]] = defaultdict(list)
    for key, value in items:
        table[key].append(value)
    return table
