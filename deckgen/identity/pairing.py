"""Facts × lines of the lock → which fact is which line: the passes in which something is the same word for word.

Each pass looks at what is left. Where two lines or two facts could be meant and nothing tells them apart, nobody is
paired: a new card costs a few reviews, a schedule on another fact is a lie. Nothing here depends on an order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from deckgen.identity.facts import Fact, Key, digest_of_key, key_of, place_of
from deckgen.lock import LockLine
from deckgen.wording import are_swapped, atoms, similar

LIVE, OLDER, ASLEEP, RETIRED = range(4)
"""In the order in which they are tried. OLDER: what a note was before, left behind by a merge of two branches."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line that a fact may be paired with. Lines of one GUID are one group: its place in the lock."""

    line: LockLine
    group: int
    tier: int


@dataclass(slots=True)
class Pairs:
    """The pairs so far. A group gets several facts only where two branches were merged, and only until `settle`."""

    entries: Sequence[Entry]
    facts: Sequence[Fact]
    of_fact: dict[int, tuple[Entry, str]] = field(default_factory=dict)
    of_group: dict[int, list[int]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)  # ids of the entries that found a fact
    clashing: dict[int, Entry] = field(default_factory=dict)  # facts that lost a GUID to one of another branch

    def add(self, entry: Entry, fact: int, reason: str) -> None:
        """Make a pair."""
        self.of_fact[fact] = (entry, reason)
        self.of_group.setdefault(entry.group, []).append(fact)
        self.used.add(id(entry))

    def has_left(self, fact: int) -> bool:
        """Whether a fact still looks for its line."""
        return fact not in self.of_fact and fact not in self.clashing

    def left_facts(self, facts: Iterable[int]) -> list[int]:
        """Those that still look for their lines."""
        paired, clashing = self.of_fact, self.clashing
        return [index for index in facts if index not in paired and index not in clashing]

    def settle(self) -> None:
        """Of several facts that found lines of one GUID, the one of the older mod keeps it."""
        for group, facts in self.of_group.items():
            if len(facts) > 1:
                keeper = min(facts, key=lambda fact: (self.of_fact[fact][0].line.mod, self.facts[fact].digest))
                for fact in facts:
                    if fact != keeper:
                        self.clashing[fact] = self.of_fact.pop(fact)[0]
                self.of_group[group] = [keeper]


def pair_by_words(pairs: Pairs) -> None:
    """Passes 1 to 5."""
    _pair_by_key(pairs)
    pairs.settle()
    lines = [entry for entry in pairs.entries if entry.group not in pairs.of_group and entry.tier != ASLEEP]
    facts = pairs.left_facts(range(len(pairs.facts)))
    if lines and facts:
        _pair_same_text(pairs, lines, facts)
        _pair_other_rule(pairs, lines, facts)
        _pair_former_key(pairs, lines, facts)


def is_vouched(line: LockLine, fact: Fact, *, is_retired: bool) -> bool:
    """Whether a fact that asks the same question as a line also stands where it stood, or says what it said."""
    if place_of(line) in fact.places or (line.answer and line.answer == fact.answer):
        return True
    if similar(line.text, fact.text) < (75 if not line.answer and not fact.answer else 50):
        return False
    return _answers_alike(line, fact, is_retired=is_retired)


def _answers_alike(line: LockLine, fact: Fact, *, is_retired: bool) -> bool:
    """Whether the answers are one and the same, edited.

    A text is like another already by the question that both contain ("缺点：训练慢", "缺点：训练贵"), so that it
    vouches for nothing without its answer; of a short answer one number makes another fact, and a very short one says
    nothing but when it is the same. What left the notes some time ago has to be more alike.
    """
    if not line.answer and not fact.answer:
        return True
    length, likeness = min(len(line.answer), len(fact.answer)), similar(line.answer, fact.answer)
    if length >= 20:
        return likeness >= (75 if is_retired else 50)
    return (
        length >= 6
        and likeness >= (85 if is_retired else 70)
        and not are_swapped(atoms(line.answer), atoms(fact.answer))
    )


# ---- passes 1 and 2: the same key


def _pair_by_key(pairs: Pairs) -> None:
    lines: dict[Key, list[Entry]] = defaultdict(list)
    facts: dict[Key, list[int]] = defaultdict(list)
    for entry in pairs.entries:
        lines[key_of(entry.line)].append(entry)
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


def _pair_alone(pairs: Pairs, entry: Entry, index: int) -> None:
    """The only line and the only fact of a key."""
    line, fact = entry.line, pairs.facts[index]
    if line.digest == fact.digest:
        pairs.add(entry, index, "same")
    elif entry.tier == ASLEEP:
        if line.answer and line.answer == fact.answer:
            pairs.add(entry, index, "same question")
    elif is_vouched(line, fact, is_retired=entry.tier == RETIRED):
        pairs.add(entry, index, "same question")


def _pair_one_key(pairs: Pairs, entries: list[Entry], facts: list[int]) -> None:
    """Several lines or facts of one key."""
    bucket = _Bucket(pairs, entries, facts)
    bucket.pair_twins()
    for sign in (_by_text_and_answer, _by_text):
        bucket.pair_unique(sign, "same", alone_among_all=sign is _by_text)
    for sign in (_by_all_but_text, _by_question_and_answer, _by_answer_and_place, _by_answer):
        bucket.pair_unique(sign, "same question")
    bucket.pair_unique(_by_place, "same question", alone_among_all=True, is_weak=True)
    bucket.pair_family()


Sign = Callable[[LockLine | Fact], Hashable]
"""What a line and a fact have to have in common; None has nothing in common with anything."""


def _place(one: LockLine | Fact) -> Hashable:
    return one.place if isinstance(one, Fact) else place_of(one)


def _by_text_and_answer(one: LockLine | Fact) -> Hashable:
    return one.digest, one.question, one.answer


def _by_text(one: LockLine | Fact) -> Hashable:
    return one.digest


def _by_all_but_text(one: LockLine | Fact) -> Hashable:
    return (one.question, one.answer, _place(one)) if one.answer else None


def _by_question_and_answer(one: LockLine | Fact) -> Hashable:
    return (one.question, one.answer) if one.answer else None


def _by_answer_and_place(one: LockLine | Fact) -> Hashable:
    return (one.answer, _place(one)) if one.answer else None


def _by_answer(one: LockLine | Fact) -> Hashable:
    return one.answer or None


def _by_place(one: LockLine | Fact) -> Hashable:
    return _place(one)


_LARGEST_FAMILY = 10_000  # comparisons; a question that so many notes ask tells nothing about any of them


@dataclass(slots=True)
class _Bucket:
    pairs: Pairs
    entries: list[Entry]
    facts: list[int]

    def left_entries(self, tier: int, *, is_weak: bool) -> list[Entry]:
        """A weak reason never finds a second fact for a GUID."""
        taken, used = self.pairs.of_group, self.pairs.used
        of_tier = (entry for entry in self.entries if entry.tier == tier)
        return [entry for entry in of_tier if not (entry.group in taken if is_weak else id(entry) in used)]

    def left_facts(self) -> list[int]:
        return self.pairs.left_facts(self.facts)

    def pair_twins(self) -> None:
        """Lines alike in everything, as of a fact added on two branches: the one that stands there, then the oldest."""
        for tier in (LIVE, OLDER, ASLEEP, RETIRED):
            lines = _grouped((_by_text_and_answer(e.line), e) for e in self.left_entries(tier, is_weak=False))
            facts = _grouped((_by_text_and_answer(self.pairs.facts[i]), i) for i in self.left_facts())
            for sign, asking in facts.items():
                if len(asking) == 1 and sign in lines:
                    places = self.pairs.facts[asking[0]].places
                    entry = min(lines[sign], key=lambda e: (place_of(e.line) not in places, e.line.mod, e.line.guid))
                    self.pairs.add(entry, asking[0], "same")

    def pair_unique(self, sign: Sign, reason: str, *, alone_among_all: bool = False, is_weak: bool = False) -> None:
        """Pair where one group and one fact have the sign; `alone_among_all` counts those that are paired, too."""
        tiers = (LIVE, OLDER, RETIRED) if is_weak else (LIVE, OLDER, ASLEEP, RETIRED)
        for tier in tiers:
            asking = self.left_facts()
            if not asking:
                return
            left = self.left_entries(tier, is_weak=is_weak)
            facts = _grouped((sign(self.pairs.facts[i]), i) for i in (self.facts if alone_among_all else asking))
            counted = [e for e in self.entries if e.tier <= tier] if alone_among_all else left
            lines = _grouped((sign(e.line), e) for e in counted)
            open_lines = _grouped((sign(e.line), e) for e in left)
            for index in asking:
                of_sign = sign(self.pairs.facts[index])
                if of_sign is None or len(facts[of_sign]) != 1:
                    continue
                if len({entry.group for entry in lines.get(of_sign, ())}) == 1 and of_sign in open_lines:
                    newest = min(open_lines[of_sign], key=lambda e: (-e.line.mod, e.line.digest, e.line.hash))
                    self.pairs.add(newest, index, reason)

    def pair_family(self) -> None:
        """Alone with the question and vouched for, or clearly the most alike of all that ask it."""
        for tier in (LIVE, OLDER, RETIRED):
            asking, left = self.left_facts(), self.left_entries(tier, is_weak=True)
            if not asking or not left:
                continue
            known = [entry for entry in self.entries if entry.tier <= tier]
            if len(self.facts) == 1 and len({entry.group for entry in known}) == 1:
                entry = min(left, key=lambda e: (-e.line.mod, e.line.digest, e.line.hash))
                if any(is_vouched(e.line, self.pairs.facts[asking[0]], is_retired=tier == RETIRED) for e in left):
                    self.pairs.add(entry, asking[0], "same question")
            elif len(known) * len(self.facts) <= _LARGEST_FAMILY:
                self._pair_most_alike(tier, left, asking, known)

    def _pair_most_alike(self, tier: int, left: list[Entry], asking: list[int], known: list[Entry]) -> None:
        facts = self.pairs.facts
        scores = {(id(e), i): similar(e.line.text, facts[i].text) for e in known for i in self.facts}
        found: list[tuple[Entry, int]] = []
        for index in asking:
            fact = facts[index]
            for entry in left:
                score = scores[id(entry), index]
                rivals = [scores[id(e), index] for e in known if e.group != entry.group]
                rivals += [scores[id(entry), i] for i in self.facts if i != index]
                if score < 75 or max(rivals, default=0.0) > score - 10:
                    continue
                stands_there = place_of(entry.line) in fact.places
                if not (
                    stands_there
                    or (tier != RETIRED and (score >= 90 or any(entry.line.path == path for path, _ in fact.places)))
                ):
                    continue
                if not are_swapped(atoms(entry.line.text), atoms(fact.text)):
                    found.append((entry, index))
        for entry, index in found:
            if entry.group not in self.pairs.of_group and self.pairs.has_left(index):
                self.pairs.add(entry, index, "same question")


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def _grouped(items: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    table: dict[K, list[V]] = defaultdict(list)
    for key, value in items:
        table[key].append(value)
    return table


# ---- passes 3 to 5: another key


def _left(pairs: Pairs, entries: list[Entry], facts: list[int], tier: int) -> tuple[list[Entry], list[int]]:
    lines = [entry for entry in entries if entry.tier == tier and entry.group not in pairs.of_group]
    return lines, pairs.left_facts(facts)


def _pair_same_text(pairs: Pairs, entries: list[Entry], facts: list[int]) -> None:
    """Pass 3: the rule now captures something else in the same text."""

    def sign(rule: tuple[str, str], digest: str) -> Hashable:
        return *rule, digest

    texts = {sign(pairs.facts[i].key[:2], pairs.facts[i].digest) for i in facts}
    all_lines = _grouped(
        (of, e) for e in pairs.entries if (of := sign((e.line.kind, e.line.rule), e.line.digest)) in texts
    )
    all_facts = _grouped((of, i) for i, f in enumerate(pairs.facts) if (of := sign(f.key[:2], f.digest)) in texts)
    for tier in (LIVE, OLDER, RETIRED):
        lines, asking = _left(pairs, entries, facts, tier)
        if not lines or not asking:
            continue
        table = _grouped((sign(pairs.facts[i].key[:2], pairs.facts[i].digest), i) for i in asking)
        for of, known in _grouped((sign((e.line.kind, e.line.rule), e.line.digest), e) for e in lines).items():
            if of in table and len(known) * len(table[of]) <= _LARGEST_FAMILY:
                groups = {entry.group for entry in all_lines[of]}
                is_only_one = len(groups) == 1 and len(all_facts[of]) == 1
                for entry, index in _best_of_each(pairs, known, table[of], is_only_one=is_only_one):
                    pairs.add(entry, index, "same text")


def _best_of_each(
    pairs: Pairs, entries: list[Entry], facts: list[int], *, is_only_one: bool
) -> list[tuple[Entry, int]]:
    """Pairs that are each other's best by question or answer; where a text has several notes, by a question
    of which only more or less was captured: siblings in one sentence are as like each other as anything.
    """

    def score(entry: Entry, index: int) -> float:
        line, fact = entry.line, pairs.facts[index]
        asked, said = similar(line.question, fact.question), similar(line.answer, fact.answer)
        if is_only_one:
            return max(asked, said)
        if asked < 50 or not (line.question in fact.question or fact.question in line.question):
            return 0.0
        return asked + said / 100

    scores = {(id(e), i): score(e, i) for e in entries for i in facts}
    found = []
    for entry in entries:
        for index in facts:
            own = scores[id(entry), index]
            others = [scores[id(e), index] for e in entries if e.group != entry.group]
            others += [scores[id(entry), i] for i in facts if i != index]
            if own >= 50 and all(other < own for other in others):
                found.append((entry, index))
    groups = _grouped((entry.group, (entry, index)) for entry, index in found)
    return [several[0] for several in groups.values() if len({index for _, index in several}) == 1]


def _pair_other_rule(pairs: Pairs, entries: list[Entry], facts: list[int]) -> None:
    """Pass 4: another rule makes the same note of the same text."""
    for tier in (LIVE, OLDER, RETIRED):
        lines, asking = _left(pairs, entries, facts, tier)
        table = _grouped((_by_text_and_answer(e.line), e) for e in lines)
        asking = [i for i in asking if _by_text_and_answer(pairs.facts[i]) in table]
        for sign, indices in _grouped((_by_text_and_answer(pairs.facts[i]), i) for i in asking).items():
            known = table.get(sign, [])
            for kind in {pairs.facts[i].key[0] for i in indices}:
                of_kind = [entry for entry in known if entry.line.kind == kind]
                own = [i for i in indices if pairs.facts[i].key[0] == kind]
                if len({entry.group for entry in of_kind}) == 1 and len(own) == 1:
                    pairs.add(of_kind[0], own[0], "other rule")


def _pair_former_key(pairs: Pairs, entries: list[Entry], facts: list[int]) -> None:
    """Pass 5: a rewording that was undone."""
    was = {former for entry in entries for former in entry.line.was}
    if not was:
        return
    asking_at = _grouped((of, i) for i in facts if (of := digest_of_key(pairs.facts[i].key)) in was)
    for tier in (LIVE, OLDER, RETIRED):
        lines, left = _left(pairs, entries, facts, tier)
        table = _grouped((former, entry) for entry in lines for former in entry.line.was if former in asking_at)
        still = set(left)
        wanted: list[tuple[Entry, int]] = []
        for former, known in table.items():
            for index in asking_at[former]:
                if index in still:
                    fact = pairs.facts[index]
                    wanted.extend((e, index) for e in known if is_vouched(e.line, fact, is_retired=tier == RETIRED))
        by_fact = _grouped((index, entry) for entry, index in wanted)
        by_group = _grouped((entry.group, index) for entry, index in wanted)
        for index, known in by_fact.items():
            best = _narrowed(known, pairs.facts[index])
            if len({entry.group for entry in best}) == 1 and len(set(by_group[best[0].group])) == 1:
                pairs.add(best[0], index, "former key")


def _narrowed(entries: list[Entry], fact: Fact) -> list[Entry]:
    """Those with the same answer where there are some, of these the ones that stand there."""
    same_answer = [entry for entry in entries if entry.line.answer == fact.answer and fact.answer] or entries
    return [entry for entry in same_answer if place_of(entry.line) in fact.places] or same_answer
