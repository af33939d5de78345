"""Rules → which of them to try on which elements, worked out once for all documents.

Rules are looked up by the kind and language of an element and by what its text holds, so that most are never looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from deckgen.elements import Element
from deckgen.rules.manner import Manner, Selector
from deckgen.rules.rule import Rule, Way


def speaks(rule_language: str, language: str) -> bool:
    """Whether a rule for one language looks at text of another: all languages of the Latin script are one here."""
    if not rule_language or rule_language == language:
        return True
    return language == "en" and rule_language not in ("zh", "ja", "ko", "ru")


class Plan:
    """What a set of rules asks for, and in which order."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.wanted: dict[Manner, dict[Selector, None]] = {}
        for rule in rules:
            self.wanted.setdefault(rule.manner, {}).update(dict.fromkeys(rule.selectors))
        self.layers = tuple(map(Layer, _layers(rules)))

    @property
    def is_simple(self) -> bool:
        """Whether all elements are blocks and sentences of documents as they stand."""
        return len(self.wanted) <= 1 and all(s.is_plain for selectors in self.wanted.values() for s in selectors)


@lru_cache(maxsize=8)
def plan_of(rules: tuple[Rule, ...]) -> Plan:
    """The plan of a set of rules."""
    return Plan(rules)


def _layers(rules: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Rules in order, cut after each that claims: what comes later must know what is claimed."""
    layer: list[Rule] = []
    for rule in rules:
        layer.append(rule)
        if rule.claims:
            yield layer
            layer = []
    yield layer


class Layer:
    """Rules that know nothing of each other."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._asking: dict[tuple[Manner, Selector | str], list[Rule]] = {}
        self._choosers: dict[tuple[Manner, Selector | str, str], _Chooser] = {}
        for rule in rules:
            for selector in rule.selectors:
                key = rule.manner, selector.kind if selector.is_plain else selector
                self._asking.setdefault(key, []).append(rule)

    def asking(self, manner: Manner, element: Element) -> Sequence[Rule]:
        """The rules that ask for such an element, in order."""
        return self._asking.get((manner, element.selector or element.kind), ())

    def hopeful(self, manner: Manner, element: Element) -> Iterator[Rule]:
        """Those of them that speak its language and whose words may be there."""
        return self._chooser(manner, element.selector or element.kind, element.language).choose(element)

    def hopes_in_clauses(self, manner: Manner, sentence: Element) -> bool:
        """Whether any rule on clauses may fit one of a sentence: what a clause holds, the sentence does."""
        return bool(self._chooser(manner, "clause", sentence.language).bits_of(sentence))

    def _chooser(self, manner: Manner, asked: Selector | str, language: str) -> _Chooser:
        chooser = self._choosers.get((manner, asked, language))
        if chooser is None:
            rules = [rule for rule in self._asking.get((manner, asked), ()) if speaks(rule.language, language)]
            chooser = self._choosers[manner, asked, language] = _Chooser(rules)
        return chooser


class _Chooser:
    """Rules by the features of texts that may match them."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._always = 0  # bits of the rules about which nothing can be said
        self._by_feature: dict[str, int] = {}
        for place, rule in enumerate(rules):
            anchors = [_anchor(way) for way in rule.ways]
            for feature in frozenset().union(*(anchor for anchor in anchors if anchor)):
                self._by_feature[feature] = self._by_feature.get(feature, 0) | 1 << place
            if not all(anchors):
                self._always |= 1 << place
        self._features = frozenset(self._by_feature)

    def bits_of(self, element: Element) -> int:
        """A bit for each rule that may match."""
        bits = self._always
        if self._features and (main := element.value(element.main)) is not None:
            for feature in self._features & main.reading.features:
                bits |= self._by_feature[feature]
        return bits

    def choose(self, element: Element) -> Iterator[Rule]:
        """The rules that may match the element, in order."""
        bits = self.bits_of(element)
        while bits:
            lowest = bits & -bits
            yield self._rules[lowest.bit_length() - 1]
            bits ^= lowest


def _anchor(way: Way) -> frozenset[str] | None:
    """Features of the main text of which one must be there for a way to fit; None where nothing can be said."""
    return next((pattern.anchor for name, pattern in way.patterns if not name), None)
