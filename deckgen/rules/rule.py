"""Checked rules: what `extraction` works with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from deckgen.diagnostics import Span
from deckgen.patterns import CaptureType, Pattern
from deckgen.rules.conditions import Condition, Conditions
from deckgen.rules.templates import Template

NOTES = ("Basic", "Reversed", "Typed", "Cloze")
"""The built-in kinds of note; `deck.yaml` may add note types of its own."""


@dataclass(frozen=True, slots=True)
class Example:
    """A source, and the notes that the rule makes of it: the fields given, as Markdown."""

    text: str
    notes: tuple[Mapping[str, str], ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Way:
    """One way to match: patterns on captures of the element (`""`: its main text), all of which must fit."""

    patterns: tuple[tuple[str, Pattern], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The captures that it can make."""
        return tuple(dict.fromkeys(name for _, pattern in self.patterns for name in pattern.names))


@dataclass(frozen=True)
class Rule:
    """One rule, ready to be tried on elements. `order` is its place among all rules of the build."""

    name: str  # `<pack>/<id>`
    about: str
    identity: str
    order: int
    elements: tuple[str, ...]
    language: str
    ways: tuple[Way, ...]
    finds: bool  # whether it makes a note of each place
    fields: tuple[tuple[str, Template], ...]
    note: str
    key: tuple[str, ...]
    tags: tuple[Template, ...]
    deck: Template | None
    when: tuple[Conditions, ...]
    unless: tuple[Conditions, ...]
    skip: object  # compiled expression of the words that a pattern passes over, or None
    articles: Mapping[str, CaptureType]
    examples: tuple[Example, ...]
    span: Span

    @property
    def pack(self) -> str:
        """The name of its pack."""
        return self.name.rpartition("/")[0]

    @cached_property
    def captured(self) -> frozenset[str]:
        """The captures that some way of it makes."""
        return frozenset(name for way in self.ways for name in way.names)

    @cached_property
    def unless_before(self) -> tuple[Condition, ...]:
        """Conditions that refuse, and look at no capture."""
        return tuple(c for part in self.unless for c in part.conditions if not c.names & self.captured)

    @cached_property
    def unless_after(self) -> tuple[Condition, ...]:
        """Conditions that refuse, and look at captures."""
        return tuple(c for part in self.unless for c in part.conditions if c.names & self.captured)

    @cached_property
    def when_before(self) -> tuple[Condition, ...]:
        """Conditions that must hold, and look at no capture; none where there are alternatives."""
        if len(self.when) != 1:
            return ()
        return tuple(c for c in self.when[0].conditions if not c.names & self.captured)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a build, in order."""

    rules: tuple[Rule, ...]
    packs: tuple[str, ...] = ()
    abouts: Mapping[str, str] = field(default_factory=dict)  # per pack
