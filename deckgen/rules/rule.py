"""Checked rules: what `extraction` works with."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from deckgen.diagnostics import Span
from deckgen.markdown.cached_property import cached_property
from deckgen.model import Confidence
from deckgen.patterns.pattern import Pattern
from deckgen.patterns.regex import Regex
from deckgen.patterns.types import CaptureType
from deckgen.rules.conditions import Condition, Conditions, either
from deckgen.rules.element_values import EVERYWHERE
from deckgen.rules.expectations import Expectation, OtherIds, Schedules
from deckgen.rules.label_words import NO_WORDS, LabelWords
from deckgen.rules.mark_forms import MarkForm
from deckgen.rules.preprocessing import Preprocessing, Selector
from deckgen.rules.templates import Template

NOTES = ("Basic", "Reversed", "Typed", "Cloze")
"""The built-in kinds of note; `deck.yaml` may add note types of its own."""


class Example(Struct, frozen=True):
    """A source, and the notes that the rule makes of it: the fields given, as Markdown."""

    text: str
    notes: tuple[Mapping[str, str | list[str]], ...]
    span: Span
    settings: Mapping[str, str] = field(default_factory=dict)  # of deck.yaml


class Alternative(Struct, frozen=True):
    """One way to match: patterns on captures of the element (`""`: its main text), all of which must fit."""

    patterns: tuple[tuple[str, Pattern], ...] = ()
    regex: Regex | None = None  # instead of patterns: on the Markdown as written

    @property
    def names(self) -> tuple[str, ...]:
        """The captures that it can make."""
        groups = self.regex.groupindex if self.regex is not None else ()
        return tuple(dict.fromkeys([*(name for _, pattern in self.patterns for name in pattern.names), *groups]))


class Rule(Struct, frozen=True, eq=False, dict=True):
    """One rule, ready to be tried on elements. `order` is its place among all rules of the build."""

    name: str  # `<pack>/<id>`
    about: str
    identity: str
    former: tuple[str, ...]  # identities by which its notes may have been known
    is_apart: bool  # its fronts must tell its notes from those with other answers
    order: int
    elements: tuple[str, ...]
    selectors: tuple[Selector, ...]  # one for each of `elements`
    preprocessing: Preprocessing
    language: str
    alternatives: tuple[Alternative, ...]
    finds: bool  # whether it makes a note of each place
    carry: tuple[str, ...]  # captures that a sentence takes from the one before
    for_each: str
    fields: tuple[tuple[str, Template], ...]
    note: str
    cloze: tuple[str, ...]  # captures that are deleted
    marks: tuple[MarkForm, ...]  # what is deleted where it is so marked
    numbering: str  # each, together, or as-written and its kin
    key: tuple[str, ...]
    tags: tuple[Template, ...]
    tag_lists: tuple[Template, ...]  # that each hold several tags
    asked_tags: tuple[str, ...]  # those that `when` asks for
    mark_tags: tuple[str, ...]  # those that any rule of the pack asks for: they say what is a card, and tag none
    deck: Template | None
    when: tuple[Conditions, ...]
    unless: tuple[Conditions, ...]
    claims: bool
    confidence: Confidence  # of its notes, where nothing speaks for or against them
    skip: re.Pattern[str] | None  # the words that a pattern passes over
    articles: Mapping[str, CaptureType]
    examples: tuple[Example, ...]
    span: Span

    @property
    def pack(self) -> str:
        """The name of its pack."""
        return self.name.rpartition("/")[0]

    @property
    def keeps_numbers(self) -> bool:
        """Whether the numbers of its deletions are those that the notes say."""
        return self.numbering not in ("each", "together")

    @property
    def is_shipped(self) -> bool:
        """Whether it comes with deckgen, rather than from the author of the notes."""
        return self.span.path.startswith("card_rules/")  # as `shipped.read_shipped` calls them

    @cached_property
    def captured(self) -> frozenset[str]:
        """The values that come with a match, and not with the element alone."""
        return frozenset(
            [*(name for alternative in self.alternatives for name in alternative.names), *self.carry, "tag"]
        )

    @cached_property
    def slots(self) -> frozenset[str]:
        """The values that its fields use."""
        return frozenset(slot.name for _, template in self.fields for slot in template.slots())

    @cached_property
    def aside_names(self) -> frozenset[str]:
        """The values that `aside:` takes out of lines."""
        return frozenset(name for aside in self.preprocessing.aside for name in aside.pattern.names)

    @cached_property
    def id_names(self) -> tuple[str, ...]:
        """The names of its key that are an author's own ids: they stand in no field, and say nothing of the place."""
        return tuple(dict.fromkeys(name for name in self.key if name not in self.slots and name not in EVERYWHERE))

    @cached_property
    def names(self) -> frozenset[str]:
        """All the values that it looks at."""
        templates = [*self.tags, *self.tag_lists, *([self.deck] if self.deck is not None else [])]
        asked = [condition.names for part in (*self.when, *self.unless) for condition in part.conditions]
        return self.slots.union(
            (slot.name for template in templates for slot in template.slots()),
            (name for alternative in self.alternatives for name, _ in alternative.patterns),
            self.key,
            (self.for_each,),
            *asked,
        )

    def _is_late(self, condition: Condition) -> bool:
        """Whether a condition must wait for a match."""
        each = self.for_each
        return any(name in self.captured or (each and (name + ".").startswith(each + ".")) for name in condition.names)

    @cached_property
    def unless_before(self) -> tuple[Condition, ...]:
        """Conditions that refuse, and look at no capture."""
        return tuple(c for part in self.unless for c in part.conditions if not self._is_late(c))

    @cached_property
    def unless_after(self) -> tuple[Condition, ...]:
        """Conditions that refuse, and look at captures."""
        return tuple(c for part in self.unless for c in part.conditions if self._is_late(c))

    @cached_property
    def when_before(self) -> tuple[Condition, ...]:
        """Conditions that must hold, and look at no capture; none where there are alternatives."""
        if len(self.when) != 1:
            return ()
        return tuple(c for c in self.when[0].conditions if not self._is_late(c))

    def is_shared(self, condition: Condition) -> bool:
        """Whether a condition says the same of an element for all rules that have it."""
        return not any(name in ("subject", "tag") or name in self.aside_names for name in condition.names)

    @cached_property
    def own_before(self) -> tuple[tuple[Condition, bool], ...]:
        """Of the conditions that look at no capture those that no other rule can ask for this one, and what each must
        come to.
        """
        asked = [*((c, False) for c in self.unless_before), *((c, True) for c in self.when_before)]
        return tuple((condition, wanted) for condition, wanted in asked if not self.is_shared(condition))

    @cached_property
    def alternatives_before(self) -> Sequence[Sequence[Condition]]:
        """Where `when` has alternatives: of each what looks at no capture; nothing where one has only what does."""
        if len(self.when) < 2:
            return ()
        known = [[c for c in part.conditions if self.is_shared(c) and not self._is_late(c)] for part in self.when]
        return known if all(known) else ()

    @cached_property
    def either_before(self) -> Condition | None:
        """That one of these alternatives holds. None says nothing."""
        return either(self.alternatives_before) if self.alternatives_before else None

    @cached_property
    def when_after(self) -> tuple[Conditions, ...]:
        """Alternatives one of which must hold of a match."""
        if len(self.when) != 1:
            return self.when
        return (Conditions(tuple(c for c in self.when[0].conditions if self._is_late(c))),)


class RuleSet(Struct, frozen=True):
    """All rules of a build, in order."""

    rules: tuple[Rule, ...]
    packs: tuple[str, ...] = ()
    abouts: Mapping[str, str] = field(default_factory=dict)  # per pack
    abbreviations: tuple[tuple[str, str], ...] = ()  # of packs: their language, and an expression that finds them
    label_words: LabelWords = NO_WORDS  # what labels are by their words
    expectations: tuple[Expectation, ...] = ()  # of packs for notes that are marked
    other_ids: tuple[OtherIds, ...] = ()  # of packs
    schedules: tuple[Schedules, ...] = ()  # of packs
    signs: tuple[tuple[str, Regex], ...] = ()  # of packs: what stands in lines of notes for their tools alone
    outline: str = ""  # a digest of all packs but for the templates of fields
    templates: Mapping[str, str] = field(default_factory=dict)  # of each rule a digest of these
