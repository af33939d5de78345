"""Alternatives of rules × an element → those with a chance, by sets of bits: one for each alternative, in order.

Three questions, the cheapest first: which features the text must hold, what values the element must have, and the
conditions that several rules share. Each is asked once of an element, and its answer strikes out all that it is about.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from deckgen.extraction.attempt import may_match
from deckgen.extraction.elements.element import Element
from deckgen.patterns.match_state import Match, StepsExhaustedError
from deckgen.patterns.needed_features import Needed
from deckgen.rules.conditions import Condition, reading
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.preprocessing import Selector
from deckgen.rules.rule import Alternative, Rule


class Chooser:
    """Of some rules for one kind of element."""

    def __init__(self, rules: Sequence[tuple[int, Rule]], asked: Selector | str) -> None:
        main = ELEMENT_VALUES[asked][0] if isinstance(asked, str) else ""
        self._alternatives = [(layer, rule, alternative) for layer, rule in rules for alternative in rule.alternatives]
        needs = [_needs(alternative, main) for _, _, alternative in self._alternatives]
        self._levels = max(map(len, needs), default=0)
        self._always = (
            0  # bits of the alternatives of which nothing more can be said; of all levels, one behind the other
        )
        self._by_feature: dict[str, int] = {}
        for level in range(self._levels):
            for place, own in enumerate(needs, level * len(needs)):
                if level >= len(own):
                    self._always |= 1 << place
                else:
                    for feature in own[level]:
                        self._by_feature[feature] = self._by_feature.get(feature, 0) | 1 << place
        self._asked = frozenset(self._by_feature)
        self._values, self._guards = _shared_conditions([rule for _, rule, _ in self._alternatives])

    def bits_of(self, element: Element) -> int:
        """A bit for each alternative that may match."""
        count = len(self._alternatives)
        bits = (1 << count) - 1
        if not self._levels or (main := element.value(element.main)) is None:
            return bits
        held = self._always
        for feature in self._asked & main.folded_text.features:
            held |= self._by_feature[feature]
        for _ in range(self._levels):
            bits &= held
            held >>= count
        return bits

    def admitted(self, element: Element, bits: int) -> tuple[int, bool]:
        """Those of some alternatives whose words are there, and whose rules the shared conditions let pass.

        And whether that is known: where a condition takes too many steps, each rule is to ask for itself.
        """
        for values in self._values:
            if bits & values.asking:
                bits = values.passing(element, bits)
                if not bits:
                    return 0, True
        bits = self._with_words(element, bits)
        before, asked, match = bits, element.asked, Match()  # of no pattern: these look at no capture
        try:
            for condition, unless, when in self._guards if bits else ():
                if bits & (unless | when):
                    holds = asked.get(condition)
                    if holds is None:
                        holds = asked[condition] = condition.holds(element, match)
                    bits &= ~(unless if holds else when)
                    if not bits:
                        break
        except StepsExhaustedError:
            return before, False
        return bits, True

    def _with_words(self, element: Element, bits: int) -> int:
        found, left = bits, bits
        while left:
            lowest = left & -left
            left ^= lowest
            _, _, alternative = self._alternatives[lowest.bit_length() - 1]
            if not may_match(alternative, element, are_chosen=True):
                found ^= lowest
        return found

    def chosen(self, bits: int) -> Iterator[tuple[int, Rule, list[Alternative]]]:
        """The rules of such bits, in order, each with its layer and the alternatives that may match."""
        rule: Rule | None = None
        alternatives: list[Alternative] = []
        while bits:
            lowest = bits & -bits
            bits ^= lowest
            layer, other, alternative = self._alternatives[lowest.bit_length() - 1]
            if other is not rule:
                rule, alternatives = other, []
                yield layer, rule, alternatives
            alternatives.append(alternative)


class _Values:
    """What the value of one name must read, or must not, for which alternatives."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asking = 0  # alternatives that say anything of it
        self._wanting = 0  # those that want some reading
        self._wanted: dict[str, int] = {}
        self._refused: dict[str, int] = {}

    def add(self, bit: int, texts: Iterable[str], *, wanted: bool) -> None:
        """What one alternative says."""
        self.asking |= bit
        self._wanting |= bit if wanted else 0
        known = self._wanted if wanted else self._refused
        for text in texts:
            known[text] = known.get(text, 0) | bit

    def wants(self, bit: int) -> bool:
        """Whether an alternative wants some reading already."""
        return bool(self._wanting & bit)

    def passing(self, element: Element, bits: int) -> int:
        """Those of some alternatives that the value of an element lets pass."""
        text = reading(element.value(self.name))
        bits &= ~self._wanting | self._wanted.get(text, 0)
        return bits & ~self._refused.get(text, 0)


Guard = tuple[Condition, int, int]
"""A condition, and the alternatives that are out where it holds, and where it does not."""


def _shared_conditions(rules: Sequence[Rule]) -> tuple[list[_Values], list[Guard]]:
    """Of the rules of some alternatives, one for each: what looks at no capture, and at nothing of the rule's own."""
    values: dict[str, _Values] = {}
    guards: dict[Condition, tuple[int, int]] = {}
    eithers: list[Guard] = []  # asked before the others: they look up texts first, and most say no
    for place, rule in enumerate(rules):
        asked = [*((c, False) for c in rule.unless_before), *((c, True) for c in rule.when_before)]
        for condition, wanted in asked:
            if not rule.is_shared(condition):
                continue
            name = next(iter(condition.names), "")
            of_name = values.setdefault(name, _Values(name)) if condition.texts else None
            if of_name is None or (wanted and of_name.wants(1 << place)):
                unless, when = guards.get(condition, (0, 0))
                guards[condition] = (unless, when | 1 << place) if wanted else (unless | 1 << place, when)
            else:
                of_name.add(1 << place, condition.texts, wanted=wanted)
        if rule.either_before is not None:
            eithers.append((rule.either_before, 0, 1 << place))
            for name, texts in _wanted_by_all(rule.alternatives_before):
                of_name = values.setdefault(name, _Values(name))
                if not of_name.wants(1 << place):
                    of_name.add(1 << place, texts, wanted=True)
    return (
        sorted(values.values(), key=lambda one: -one.asking.bit_count()),
        eithers
        + sorted(((one, *masks) for one, masks in guards.items()), key=lambda one: -(one[1] | one[2]).bit_count()),
    )


def _wanted_by_all(alternatives: Sequence[Sequence[Condition]]) -> Iterator[tuple[str, frozenset[str]]]:
    """The values that each alternative wants to read in some way, and all these readings."""
    texts = [
        {next(iter(condition.names)): condition.texts for condition in one if condition.texts} for one in alternatives
    ]
    for name in texts[0] if texts else ():
        if all(name in one for one in texts):
            yield name, frozenset().union(*(one[name] for one in texts))


def _needs(alternative: Alternative, main: str) -> tuple[Needed, ...]:
    """What the main text of an element must hold for a way to fit."""
    return tuple(need for name, pattern in alternative.patterns if name in ("", main) for need in pattern.all_needs)
