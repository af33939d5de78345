"""Rules → which of them to try on which elements, worked out once for all documents.

Rules are looked up by the kind and language of an element and by what its text holds, so that most are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from deckgen.extraction.elements.element import Element
from deckgen.markdown.sentences import NOT_LATIN
from deckgen.patterns.features import Needed
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.preprocessing import Preprocessing, Selector
from deckgen.rules.rule import Alternative, Rule


def speaks(rule_language: str, language: str) -> bool:
    """Whether a rule for one language looks at text of another: text in the Latin script, of which nobody says more, is
    taken for any language of it.
    """
    if not rule_language or rule_language == language:
        return True
    return language == "en" and rule_language not in NOT_LATIN


@lru_cache(maxsize=32)
def abbreviations_in(known: tuple[tuple[str, str], ...], language: str) -> re.Pattern[str] | None:
    """What finds the abbreviations of a language in its texts, of those that packs know."""
    spoken = [expression for own, expression in known if expression and speaks(own, language)]
    return re.compile("|".join(spoken), re.IGNORECASE) if spoken else None


class Plan:
    """What a set of rules asks for, and in which order.

    The rules stand in layers: what comes after one that claims must know what is claimed. Those of a layer know nothing
    of each other.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.wanted: dict[Preprocessing, dict[Selector, None]] = {}
        self._asking: dict[tuple[Preprocessing, Selector | str], list[tuple[int, Rule]]] = {}
        self._choosers: dict[tuple[Preprocessing, Selector | str, str], _Chooser] = {}
        self.layers = 1
        for rule in rules:
            self.wanted.setdefault(rule.preprocessing, {}).update(dict.fromkeys(rule.selectors))
            for selector in rule.selectors:
                key = rule.preprocessing, selector.kind if selector.is_plain else selector
                self._asking.setdefault(key, []).append((self.layers - 1, rule))
            self.layers += rule.claims
        # Only where a rule is for one language need an element's be known: it takes reading all of a section.
        self._by_language = frozenset(key for key, asking in self._asking.items() if any(r.language for _, r in asking))

    @property
    def is_simple(self) -> bool:
        """Whether all elements are blocks and sentences of documents as they stand."""
        return len(self.wanted) <= 1 and all(s.is_plain for selectors in self.wanted.values() for s in selectors)

    @property
    def has_entries(self) -> bool:
        """Whether any rule asks for entries."""
        return any(s.kind == "entry" for selectors in self.wanted.values() for s in selectors)

    def asking(self, preprocessing: Preprocessing, element: Element) -> list[list[tuple[Rule, Sequence[Alternative]]]]:
        """The rules that ask for such an element, in order, by layer."""
        layers: list[list[tuple[Rule, Sequence[Alternative]]]] = [[] for _ in range(self.layers)]
        for layer, rule in self._asking.get((preprocessing, element.selector or element.kind), ()):
            layers[layer].append((rule, rule.alternatives))
        return layers

    def plausible(
        self, preprocessing: Preprocessing, element: Element
    ) -> list[list[tuple[Rule, Sequence[Alternative]]]] | None:
        """Those of them that speak its language and whose words may be there, with those alternatives.

        None where there is none: that is so for most elements.
        """
        asked = element.selector or element.kind
        language = element.language if (preprocessing, asked) in self._by_language else ""
        chooser = self._chooser(preprocessing, asked, language)
        bits = chooser.bits_of(element)
        if not bits:
            return None
        layers: list[list[tuple[Rule, Sequence[Alternative]]]] = [[] for _ in range(self.layers)]
        for layer, rule, alternatives in chooser.chosen(bits):
            layers[layer].append((rule, alternatives))
        return layers

    def is_plausible_in_clauses(self, preprocessing: Preprocessing, sentence: Element) -> bool:
        """Whether any rule on clauses may fit one of a sentence: what a clause holds, the sentence does."""
        return bool(self._chooser(preprocessing, "clause", sentence.language).bits_of(sentence))

    def _chooser(self, preprocessing: Preprocessing, asked: Selector | str, language: str) -> _Chooser:
        chooser = self._choosers.get((preprocessing, asked, language))
        if chooser is None:
            rules = [one for one in self._asking.get((preprocessing, asked), ()) if speaks(one[1].language, language)]
            chooser = self._choosers[preprocessing, asked, language] = _Chooser(rules, asked)
        return chooser


@lru_cache(maxsize=8)
def plan_of(rules: tuple[Rule, ...]) -> Plan:
    """The plan of a set of rules."""
    return Plan(rules)


class _Chooser:
    """Alternatives of rules by the features of texts that may match them: a bit for each, in order."""

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


def _needs(alternative: Alternative, main: str) -> tuple[Needed, ...]:
    """What the main text of an element must hold for a way to fit."""
    return tuple(need for name, pattern in alternative.patterns if name in ("", main) for need in pattern.all_needs)
