"""Rules → which of them to try on which elements, worked out once for all documents.

Rules are looked up by the kind and language of an element and by what its text holds, so that most are never looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from deckgen.extraction.chooser import Chooser
from deckgen.extraction.elements.element import Element
from deckgen.markdown.language import NOT_LATIN
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


class Layers(NamedTuple):
    """The rules to try on an element, by layer, each with the alternatives that may match."""

    rules: Sequence[Sequence[tuple[Rule, Sequence[Alternative]]]]
    are_admitted: bool = False  # whether their words are known to be there, and shared conditions to let them pass


class Plan:
    """What a set of rules asks for, and in which order.

    The rules stand in layers: what comes after one that claims must know what is claimed. Those of a layer know nothing
    of each other.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.wanted: dict[Preprocessing, dict[Selector, None]] = {}
        self._asking: dict[tuple[Preprocessing, Selector | str], list[tuple[int, Rule]]] = {}
        self._choosers: dict[tuple[Preprocessing, Selector | str, str], Chooser] = {}
        self.on_sentences: dict[str, list[Rule]] = {}  # of each pack
        self.layers = 1
        for rule in rules:
            self.wanted.setdefault(rule.preprocessing, {}).update(dict.fromkeys(rule.selectors))
            for selector in rule.selectors:
                key = rule.preprocessing, selector.kind if selector.is_plain else selector
                self._asking.setdefault(key, []).append((self.layers - 1, rule))
            self.layers += rule.claims
            if "sentence" in rule.elements:
                self.on_sentences.setdefault(rule.pack, []).append(rule)
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

    def asking(self, preprocessing: Preprocessing, element: Element) -> Layers:
        """The rules that ask for such an element, in order, by layer."""
        layers: list[list[tuple[Rule, Sequence[Alternative]]]] = [[] for _ in range(self.layers)]
        for layer, rule in self._asking.get((preprocessing, element.selector or element.kind), ()):
            layers[layer].append((rule, rule.alternatives))
        return Layers(layers)

    def plausible(self, preprocessing: Preprocessing, element: Element, *, admits: bool) -> Layers | None:
        """Those of them that speak its language and whose words may be there, with those alternatives.

        `admits`: only those that the conditions shared by rules let pass. None where there is none: that is so for most
        elements.
        """
        asked = element.selector or element.kind
        language = element.language if (preprocessing, asked) in self._by_language else ""
        chooser = self._chooser(preprocessing, asked, language)
        bits, are_admitted = chooser.bits_of(element), False
        if bits and admits:
            bits, are_admitted = chooser.admitted(element, bits)
        if not bits:
            return None
        layers: list[list[tuple[Rule, Sequence[Alternative]]]] = [[] for _ in range(self.layers)]
        for layer, rule, alternatives in chooser.chosen(bits):
            layers[layer].append((rule, alternatives))
        return Layers(layers, are_admitted)

    def is_plausible_in_clauses(self, preprocessing: Preprocessing, sentence: Element) -> bool:
        """Whether any rule on clauses may fit one of a sentence: what a clause holds, the sentence does."""
        return bool(self._chooser(preprocessing, "clause", sentence.language).bits_of(sentence))

    def _chooser(self, preprocessing: Preprocessing, asked: Selector | str, language: str) -> Chooser:
        chooser = self._choosers.get((preprocessing, asked, language))
        if chooser is None:
            rules = [one for one in self._asking.get((preprocessing, asked), ()) if speaks(one[1].language, language)]
            chooser = self._choosers[preprocessing, asked, language] = Chooser(rules, asked)
        return chooser


@lru_cache(maxsize=8)
def plan_of(rules: tuple[Rule, ...]) -> Plan:
    """The plan of a set of rules."""
    return Plan(rules)
