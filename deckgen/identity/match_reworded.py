"""What is left of facts and lines → which fact is which line, reworded.

The five conditions of a pair (all of them; a pair that fails by one, the fourth aside, is a near miss):

1. place: the same rule, and the same source, or texts similar 90; a retired line only in the same place;
2. alike: texts similar 75, and each is the other's best;
3. ahead: by 10 of every other line and fact of that rule, paired ones included: a family of like sentences is no
   evidence;
4. names: the questions are about the same thing (`subjects`), and no number or Latin word of the texts was exchanged;
5. answer: twelve characters or more, no other note of the rule has it, and similar 90; or similar 60 where questions
   of twenty characters are similar 85.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from msgspec import Struct, field

from deckgen.identity.context import Context, Rule
from deckgen.identity.facts import Fact, place_of
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import LIVE, OLDER, RETIRED, LockCandidate, Pairs
from deckgen.identity.normal_form import are_swapped, atoms, most_similar, similar
from deckgen.identity.same_subject import ask_the_same
from deckgen.identity.similarity_index import Order, Pieces

ALIKE, NEARLY, AHEAD = 75, 60, 10
_ALL_PAIRS = 200  # so many texts of a rule are compared each with each
EXACT = 5_000_000
"""So many comparisons of a rule look at every rival; over it, at those beside it in three orders."""
_REACH = 5
_MOST_BESIDE = 16  # so many lines of one place, or of one answer, are worth comparing
_SURE = 85  # the only line with the fact's answer, and so much alike: were another one near, condition 3 would see it


class Miss(Struct, frozen=True):
    """A pair that fails by one condition."""

    candidate: LockCandidate
    fact: int
    condition: str
    similarity: float


class _Pair(Struct, frozen=True):
    candidate: LockCandidate
    index: int
    score: float


class _Family(Struct):
    """All lines and facts of one rule."""

    candidates: list[LockCandidate] = field(default_factory=list)
    facts: list[int] = field(default_factory=list)


def pair_reworded(pairs: Pairs, context: Context) -> list[Miss]:
    """Pair what was reworded; the near misses among what is left."""
    open_rules = {candidate.line.rule for candidate in _left_candidates(pairs, (LIVE, OLDER, RETIRED))}
    open_rules &= {pairs.facts[index].key[1] for index in pairs.left_facts(range(len(pairs.facts)))}
    if not open_rules:
        return []
    families: dict[Rule, _Family] = defaultdict(_Family)
    for candidate in pairs.candidates:
        if candidate.line.rule in open_rules:
            families[candidate.line.kind, candidate.line.rule].candidates.append(candidate)
    for index, fact in enumerate(pairs.facts):
        if fact.key[1] in open_rules:
            families[fact.key[:2]].facts.append(index)
    misses: list[Miss] = []
    for rule in sorted(families):
        for tiers in ((LIVE, OLDER), (RETIRED,)):
            misses.extend(_pair_family(pairs, families[rule], tiers, rule, context))
    still = [miss for miss in misses if pairs.has_left(miss.fact) and miss.candidate.note_index not in pairs.of_note]
    return sorted(still, key=lambda miss: (miss.candidate.line.guid, -miss.similarity, pairs.facts[miss.fact].digest))


def _left_candidates(pairs: Pairs, tiers: tuple[int, ...]) -> Iterator[LockCandidate]:
    return (
        candidate
        for candidate in pairs.candidates
        if candidate.tier in tiers and candidate.note_index not in pairs.of_note
    )


def _pair_family(pairs: Pairs, family: _Family, tiers: tuple[int, ...], rule: Rule, context: Context) -> list[Miss]:
    candidates = [
        candidate
        for candidate in family.candidates
        if candidate.tier in tiers and candidate.note_index not in pairs.of_note
    ]
    facts = pairs.left_facts(family.facts)
    if not candidates or not facts:
        return []
    size = len(family.candidates) + len(family.facts) + 2 * context.count(rule)
    best = _best_of_each_other(pairs, candidates, facts, is_small=size <= _ALL_PAIRS)
    if not best:
        return []
    answers = _answers(pairs, family, best, rule, context)
    failing = [(pair, _failing(pair, pairs.facts[pair.index], answers)) for pair in best]
    promising = [(pair, failed) for pair, failed in failing if len(set(failed) - {"names"}) < 2]
    ahead = _ahead(pairs, family, [pair for pair, _ in promising], rule, context)
    misses: list[Miss] = []
    for pair, failed in promising:
        conditions = [*failed, *(() if pair.index in ahead else ("ahead",))]
        if not conditions:
            pairs.add(pair.candidate, pair.index, "reworded")
        elif len(others := [condition for condition in conditions if condition != "names"]) < 2:
            misses.append(Miss(pair.candidate, pair.index, others[0] if others else "names", pair.score))
    return misses


def _best_of_each_other(
    pairs: Pairs, candidates: list[LockCandidate], facts: list[int], *, is_small: bool
) -> list[_Pair]:
    """Pairs of similarity 60 or more in which each is the other's only best."""
    of_fact: dict[int, _Pair | None] = {}  # None on a tie
    of_note: dict[int, _Pair | None] = {}
    highest: dict[int, float] = {}  # by fact, and by -1 - note_index
    for pair in _compared(pairs, candidates, facts, is_small=is_small):
        if pair.score < NEARLY:
            continue
        _keep_best(of_fact, highest, pair.index, pair.index, pair)
        _keep_best(of_note, highest, -1 - pair.candidate.note_index, pair.candidate.note_index, pair)
    return [
        best
        for best in of_fact.values()
        if best is not None and (back := of_note[best.candidate.note_index]) is not None and back.index == best.index
    ]


def _keep_best(best: dict[int, _Pair | None], highest: dict[int, float], name: int, key: int, pair: _Pair) -> None:
    known = highest.get(name, 0.0)
    if pair.score > known:
        highest[name] = pair.score
        best[key] = pair
    elif pair.score == known:
        other = best[key]
        if other is not None and (other.candidate.note_index, other.index) != (pair.candidate.note_index, pair.index):
            best[key] = None


def _compared(pairs: Pairs, candidates: list[LockCandidate], facts: list[int], *, is_small: bool) -> Iterator[_Pair]:
    """Lines and facts that may be each other's best, with their similarity: not all, but all that are worth it."""
    if is_small:
        for index in facts:
            text = pairs.facts[index].text
            yield from (_Pair(candidate, index, similar(candidate.line.text, text)) for candidate in candidates)
        return
    beside: dict[object, list[int]] = defaultdict(list)
    for number, candidate in enumerate(candidates):
        beside[place_of(candidate.line)].append(number)
        if candidate.line.answer:
            beside[candidate.line.answer].append(number)
    pieces: Pieces | None = None
    for index in facts:
        fact = pairs.facts[index]
        answering = beside.get(fact.answer, ())
        if len(answering) == 1:
            candidate = candidates[answering[0]]
            score = similar(candidate.line.text, fact.text)
            if score >= _SURE:
                yield _Pair(candidate, index, score)
                continue
        if pieces is None:
            pieces = Pieces([candidate.line.text for candidate in candidates])
        numbers = set(pieces.candidates(fact.text))
        for more in (answering, beside.get(fact.place, ())):
            if len(more) <= _MOST_BESIDE:
                numbers.update(more)
        for number in sorted(numbers):
            yield _Pair(candidates[number], index, similar(candidates[number].line.text, fact.text))


class _Answers(Struct, frozen=True):
    """How many notes of a rule have an answer: lines, by GUID, and facts."""

    of_lines: Counter[str]
    of_facts: Counter[str]

    def are_shared(self, line: str, fact: str) -> bool:
        """Whether another note has the answer of the line or that of the fact."""
        return any(
            self.of_lines[answer] > (line == answer) or self.of_facts[answer] > (fact == answer)
            for answer in {line, fact}
        )


def _answers(pairs: Pairs, family: _Family, wanted: list[_Pair], rule: Rule, context: Context) -> _Answers:
    asked = {pair.candidate.line.answer for pair in wanted} | {pairs.facts[pair.index].answer for pair in wanted}
    lines = {
        (candidate.note_index, answer) for candidate in family.candidates if (answer := candidate.line.answer) in asked
    }
    facts = (pairs.facts[index].answer for index in family.facts)
    found = _Answers(Counter(answer for _, answer in lines), Counter(answer for answer in facts if answer in asked))
    others = context.answers(rule, asked)
    found.of_lines.update(others)
    found.of_facts.update(others)
    return found


def _failing(pair: _Pair, fact: Fact, answers: _Answers) -> list[str]:
    """The conditions but 3 that a pair fails."""
    line = pair.candidate.line
    failed = []
    if pair.candidate.tier == RETIRED:
        is_near = place_of(line) in fact.places
    else:
        is_near = pair.score >= 90 or any(line.path == path for path, _ in fact.places)
    if not is_near:
        failed.append("place")
    if pair.score < ALIKE:
        failed.append("alike")
    if not _names_fit(line, fact):
        failed.append("names")
    if not _answer_fits(line, fact, answers):
        failed.append("answer")
    return failed


def _answer_fits(line: LockEntry, fact: Fact, answers: _Answers) -> bool:
    """Whether the answer vouches, alone or together with a long question. A short or a shared one never does."""
    if min(len(line.answer), len(fact.answer)) < 12 or answers.are_shared(line.answer, fact.answer):
        return False
    said = similar(line.answer, fact.answer)
    asked = min(len(line.question), len(fact.question))
    return said >= 90 or (said >= 60 and asked >= 20 and similar(line.question, fact.question) >= 85)


def _names_fit(line: LockEntry, fact: Fact) -> bool:
    """Whether both speak of the same things.

    The question of a cloze is the text around the deletions, and when a deletion moves, the names in it do, too: its
    whole text must then be about the same.
    """
    if line.cloze or line.kind.startswith("Cloze"):
        return ask_the_same(line.text, fact.text)
    rest, other_rest = line.text.replace(line.question, " "), fact.text.replace(fact.question, " ")
    return not are_swapped(atoms(rest), atoms(other_rest)) and ask_the_same(line.question, fact.question)


# ---- condition 3


def _ahead(pairs: Pairs, family: _Family, wanted: list[_Pair], rule: Rule, context: Context) -> set[int]:
    """The facts of the pairs whose similarity is 10 more than that of either side with anything else of the rule."""
    if not wanted:
        return set()
    if len(wanted) * (len(family.candidates) + len(family.facts) + 2 * context.count(rule)) <= EXACT:
        everything = list(range(len(family.candidates)))
        ahead = [
            pair
            for pair in wanted
            if not _has_rival_line(pairs, family, pair, everything) and not _has_rival_fact(pairs, pair, family.facts)
        ]
        for texts in context.texts(rule) if ahead else ():
            ahead = [pair for pair in ahead if not _has_rival_note(pairs, pair, texts)]
        return {pair.index for pair in ahead}
    context.give_up()
    for view in (_forwards, _backwards, _without_key):
        line_order = Order([view(candidate.line.text, candidate.line.key) for candidate in family.candidates])
        fact_order = Order([view(pairs.facts[i].text, pairs.facts[i].key[2]) for i in family.facts])
        still = []
        for pair in wanted:
            fact = pairs.facts[pair.index]
            beside = line_order.beside(view(fact.text, fact.key[2]), _REACH)
            if _has_rival_line(pairs, family, pair, beside):
                continue
            facts = fact_order.beside(view(pair.candidate.line.text, pair.candidate.line.key), _REACH)
            if not _has_rival_fact(pairs, pair, [family.facts[place] for place in facts]):
                still.append(pair)
        wanted = still
    return {pair.index for pair in wanted}


def _forwards(text: str, _: tuple[str, ...]) -> str:
    return text


def _backwards(text: str, _: tuple[str, ...]) -> str:
    return text[::-1]


def _without_key(text: str, key: tuple[str, ...]) -> str:
    """What the sentences of a family have in common."""
    for value in key:
        text = text.replace(value, "")
    return text


def _has_rival_line(pairs: Pairs, family: _Family, pair: _Pair, places: list[int]) -> bool:
    others = (family.candidates[place] for place in places)
    texts = [candidate.line.text for candidate in others if candidate.note_index != pair.candidate.note_index]
    return _has_rival(pairs.facts[pair.index].text, texts, pair.score)


def _has_rival_fact(pairs: Pairs, pair: _Pair, facts: Iterable[int]) -> bool:
    texts = [pairs.facts[index].text for index in facts if index != pair.index]
    return _has_rival(pair.candidate.line.text, texts, pair.score)


def _has_rival_note(pairs: Pairs, pair: _Pair, texts: list[str]) -> bool:
    """Whether one of some notes, each a line and its fact, is nearly as much like either side."""
    sides = (pairs.facts[pair.index].text, pair.candidate.line.text)
    return any(_has_rival(text, texts, pair.score) for text in sides)


def _has_rival(text: str, others: list[str], score: float) -> bool:
    return most_similar(text, others, score - AHEAD) > score - AHEAD
