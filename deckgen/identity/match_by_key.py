"""Facts × lines of the lock → which fact is which line: those that ask the same question, word for word.

Each pass looks at what is left. Where two lines or two facts could be meant and nothing tells them apart, nobody is
paired: a new card costs a few reviews, a schedule on another fact is a lie. Nothing here depends on an order.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from deckgen.identity.answers import alike, alike_despite_exchange, are_same, goes_on
from deckgen.identity.facts import Fact, Key, have_other_ids, key_of, make_guid, place_of
from deckgen.identity.lock import LockLine
from deckgen.identity.normal_form import digest, similar
from deckgen.identity.same_subject import is_exchanged
from deckgen.identity.visible_question import last_sign, visible

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
    project: str = ""
    apart: frozenset[tuple[int, int]] = frozenset()  # groups and facts that are no pairs
    of_fact: dict[int, tuple[Entry, str]] = field(default_factory=dict)
    of_group: dict[int, list[int]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)  # ids of the entries that found a fact
    clashing: dict[int, Entry] = field(default_factory=dict)  # facts that lost a GUID to one of another branch

    def add(self, entry: Entry, fact: int, reason: str) -> None:
        """Make a pair, unless something forbids it that counts for more than any likeness."""
        if reason != "by hand" and self.are_apart(entry, fact):
            return
        self.of_fact[fact] = (entry, reason)
        self.of_group.setdefault(entry.group, []).append(fact)
        self.used.add(id(entry))

    def are_apart(self, entry: Entry, fact: int) -> bool:
        """Whether the author said that they are two notes: by ids of his own, or by `--another`."""
        if (entry.group, fact) in self.apart or have_other_ids(entry.line, self.facts[fact]):
            return True
        if not entry.line.another:
            return False
        key, answer = self.facts[fact].key, digest(self.facts[fact].answer)
        return any(make_guid(self.project, key, salt) in entry.line.another for salt in ("", answer))

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


def is_vouched(line: LockLine, fact: Fact, *, is_retired: bool) -> bool:
    """Whether a fact that asks the same question as a line also stands where it stood, or says what it said."""
    if line.answer and line.answer == fact.answer:
        return True
    if place_of(line) in fact.places and asks_as_before(line, fact):
        return True
    if not line.answer and not fact.answer:
        return similar(line.text, fact.text) >= 75 and not is_exchanged(line.text, fact.text)
    return similar(line.text, fact.text) >= 50 and _answers_alike(line, fact, is_retired=is_retired)


def asks_as_before(line: LockLine, fact: Fact) -> bool:
    """Whether what stands in the question beside the key is as it was, and what the normal form leaves out at its end.

    A header that the key has not (`Principle`, `Technology`) and a sign (`Operator .`, `Operator ?`) tell two facts
    apart that stand in each other's place.
    """
    if key_of(line) != fact.key:  # then the question is compared as a whole
        return True
    is_other = line.question != fact.question and not line.cloze
    if is_other and is_exchanged(line.question, fact.question, forgives_slips=True):
        return False
    sign = last_sign(fact.draft.question)
    if not sign or line.digest == fact.digest:
        return True
    _, found, after = line.text.partition(line.question)
    return after.lstrip().startswith(sign) if found else sign in line.text


def _answers_alike(line: LockLine, fact: Fact, *, is_retired: bool) -> bool:
    """Whether the answers are one and the same, edited.

    A text is like another already by the question that both contain ("缺点：训练慢", "缺点：训练贵"), so that it
    vouches for nothing without its answer; one word in the place of another makes another fact ("训练慢，占显存",
    "推理慢，占显存"), and a very short answer says nothing but when it is the same. What left the notes some time ago
    has to be more alike.
    """
    length, likeness = min(len(line.answer), len(fact.answer)), similar(line.answer, fact.answer)
    now, lazy_regex = (50, 75) if length >= 20 else (70, 85)
    return (
        length >= 6 and likeness >= (lazy_regex if is_retired else now) and not is_exchanged(line.answer, fact.answer)
    )


# ---- passes 1 and 2


def pair_by_key(pairs: Pairs) -> None:
    """Passes 1 and 2."""
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
    pairs.settle()


def _pair_alone(pairs: Pairs, entry: Entry, index: int) -> None:
    """The only line and the only fact of a key."""
    line, fact = entry.line, pairs.facts[index]
    if line.digest == fact.digest:
        pairs.add(entry, index, "same")
    elif entry.tier == ASLEEP:
        if line.answer and line.answer == fact.answer:
            pairs.add(entry, index, "same question")
    elif is_vouched(line, fact, is_retired=entry.tier == RETIRED) or (
        entry.tier == LIVE and is_clearly_edited(line, fact)
    ):
        pairs.add(entry, index, "same question")


def is_clearly_edited(line: LockLine, fact: Fact) -> bool:
    """Whether a question that nothing else asks is the same note, although its headings and its answer changed at once.

    The question is the evidence here, so the answer needs less of it: in the same file, one that is like the old one
    although a word stands in the place of another, or any where headings above only came or went.
    """
    if any(line.path == path for path, _ in fact.places):
        is_near = any(line.path == path and _is_within(line.headings, above) for path, above in fact.places)
        if is_near and asks_as_before(line, fact):
            return True
        return is_edited_in_place(line, fact)
    if stands_near(line, fact) and is_edited_in_place(line, fact):
        return True
    answer = line.answer
    if min(len(answer), len(fact.answer)) >= _LONG and goes_on(answer, fact.answer):
        return True
    return are_same(answer, fact.answer) or alike(answer, fact.answer, least=85, forgives_slips=True)


_LONG = 20  # characters of an answer that says whose it is wherever it stands


def stands_near(line: LockLine, fact: Fact) -> bool:
    """Whether a fact stands in the same file, or below the same heading of another, as when a file is split."""
    return any(
        line.path == path or (line.headings and above and line.headings[-1] == above[-1]) for path, above in fact.places
    )


def is_edited_in_place(line: LockLine, fact: Fact) -> bool:
    """Whether the answer is the same one edited, where the question and the file are evidence as well."""
    answer = line.answer
    return are_same(answer, fact.answer) or alike_despite_exchange(answer, fact.answer) or goes_on(answer, fact.answer)


def _is_within(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one path of headings is the other with some more, numbers and letter case aside."""
    less, more = sorted((list(map(_heading, one)), list(map(_heading, other))), key=len)
    rest = iter(more)
    return all(heading in rest for heading in less)


def _heading(text: str) -> str:
    return visible(text).lower()


def _pair_one_key(pairs: Pairs, entries: list[Entry], facts: list[int]) -> None:
    """Several lines or facts of one key."""
    bucket = _Bucket(pairs, entries, facts)
    bucket.pair_twins()
    for sign in (by_text_and_answer, _by_text):
        bucket.pair_unique(sign, "same", alone_among_all=sign is _by_text)
    for sign in (_by_all_but_text, _by_question_and_answer, _by_answer_and_place, _by_answer):
        bucket.pair_unique(sign, "same question")
    bucket.pair_unique(_by_place, "same question", alone_among_all=True, is_weak=True)
    bucket.pair_family()
    bucket.pair_in_file()


Sign = Callable[[LockLine | Fact], Hashable]
"""What a line and a fact have to have in common; None has nothing in common with anything."""


def _place(one: LockLine | Fact) -> Hashable:
    return one.place if isinstance(one, Fact) else place_of(one)


def by_text_and_answer(one: LockLine | Fact) -> Hashable:
    """All that a note says, but for where."""
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


_AHEAD = 15  # of the answers of all others of one question
LARGEST_FAMILY = 10_000  # comparisons; a question that so many notes ask tells nothing about any of them


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
            lines = grouped((by_text_and_answer(e.line), e) for e in self.left_entries(tier, is_weak=False))
            facts = grouped((by_text_and_answer(self.pairs.facts[i]), i) for i in self.left_facts())
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
            facts = grouped((sign(self.pairs.facts[i]), i) for i in (self.facts if alone_among_all else asking))
            counted = [e for e in self.entries if e.tier <= tier] if alone_among_all else left
            lines = grouped((sign(e.line), e) for e in counted)
            open_lines = grouped((sign(e.line), e) for e in left)
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
            elif len(known) * len(self.facts) <= LARGEST_FAMILY:
                self._pair_most_alike(tier, left, asking, known)

    def pair_in_file(self) -> None:
        """In one file, with an answer that is clearly the same one edited: ahead of all others of that question."""
        asking, left = self.left_facts(), self.left_entries(LIVE, is_weak=True)
        if not asking or not left or len(self.entries) * len(self.facts) > LARGEST_FAMILY:
            return
        found: list[tuple[Entry, int]] = []
        for index in asking:
            fact = self.pairs.facts[index]
            for entry in left:
                line = entry.line
                if not any(line.path == path for path, _ in fact.places) or not is_edited_in_place(line, fact):
                    continue
                score = similar(line.answer, fact.answer)
                rivals = [similar(e.line.answer, fact.answer) for e in self.entries if e.group != entry.group]
                rivals += [similar(line.answer, self.pairs.facts[i].answer) for i in self.facts if i != index]
                if max(rivals, default=0.0) <= score - _AHEAD:
                    found.append((entry, index))
        for entry, index in found:
            if entry.group not in self.pairs.of_group and self.pairs.has_left(index):
                self.pairs.add(entry, index, "same question")

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
                if not is_exchanged(entry.line.text, fact.text):
                    found.append((entry, index))
        for entry, index in found:
            if entry.group not in self.pairs.of_group and self.pairs.has_left(index):
                self.pairs.add(entry, index, "same question")


K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def grouped(items: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The values of each key."""
    table: dict[K, list[V]] = defaultdict(list)
    for key, value in items:
        table[key].append(value)
    return table
