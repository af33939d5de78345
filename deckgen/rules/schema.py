"""The shape of a rule file: what `msgspec` checks YAML against, and what the JSON Schema for editors is made of."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

Texts = str | list[str]
OnText = str | list[str] | dict[str, Texts]
"""Patterns on the element's text, or on captures by name."""


class TypeText(Struct, forbid_unknown_fields=True, frozen=True, rename={"not_": "not", "is_": "is"}):
    """A type of captures."""

    like: str | UnsetType = UNSET
    length: str | UnsetType = UNSET
    not_: Texts | UnsetType = UNSET
    but: Texts | UnsetType = UNSET
    is_: Texts | UnsetType = UNSET
    until: Texts | UnsetType = UNSET
    regex: str | UnsetType = UNSET
    articles: list[str] | UnsetType = UNSET
    phrase: Literal["noun", "verb", "verbless", "clause"] | UnsetType = UNSET


class ConditionText(Struct, forbid_unknown_fields=True, frozen=True, rename={"is_": "is"}):
    """`when` or `unless`: all of `when` must hold, any one of `unless` refuses."""

    match: OnText | UnsetType = UNSET
    find: OnText | UnsetType = UNSET
    under: Texts | UnsetType = UNSET
    inside: Texts | UnsetType = UNSET
    path: Texts | UnsetType = UNSET
    tag: Texts | UnsetType = UNSET
    is_: dict[str, str | bool | list[str | bool]] | UnsetType = UNSET
    length: dict[str, str] | str | UnsetType = UNSET
    prose: dict[str, str] | str | UnsetType = UNSET
    initials: dict[str, str] | UnsetType = UNSET
    known: Texts | UnsetType = UNSET


class ExpectationText(Struct, forbid_unknown_fields=True, frozen=True):
    """A mark of a card, or a text that a tool refuses."""

    says: str = ""
    line: str | UnsetType = UNSET
    text: str | UnsetType = UNSET
    until: str | UnsetType = UNSET
    block: str | UnsetType = UNSET
    unless: str | UnsetType = UNSET
    after: str | UnsetType = UNSET
    between: bool | UnsetType = UNSET
    refuses: bool | UnsetType = UNSET


class OtherIdText(Struct, forbid_unknown_fields=True, frozen=True):
    """Where a tool writes the id by which it knows a card in Anki: an expression with a group `id`."""

    line: str | UnsetType = UNSET
    front_matter: str | UnsetType = UNSET
    stands: Literal["before", "after"] = "after"


class ScheduleText(Struct, forbid_unknown_fields=True, frozen=True):
    """Where a tool writes when the cards of a note are due: a line with a group `cards`, and what says it of a card."""

    line: str
    card: str
    between: str = "!"
    unseen: str = ""


class ExampleText(Struct, forbid_unknown_fields=True, frozen=True):
    """A source, and the notes that the rule makes of it."""

    text: str
    notes: list[dict[str, str | list[str]]]
    settings: dict[str, str] | UnsetType = UNSET


class SharedText(Struct, forbid_unknown_fields=True, frozen=True):
    """What may stand in a rule, or at the top of its pack for all rules that do not say otherwise."""

    on: Texts | UnsetType = UNSET
    when: ConditionText | list[ConditionText] | UnsetType = UNSET
    unless: ConditionText | list[ConditionText] | UnsetType = UNSET
    note: str | UnsetType = UNSET
    key: list[str] | UnsetType = UNSET
    identity: str | UnsetType = UNSET
    former: list[str] | UnsetType = UNSET
    fronts: str | UnsetType = UNSET
    tags: str | list[str | dict[str, str]] | dict[str, str] | UnsetType = UNSET
    deck: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    claims: bool | UnsetType = UNSET
    confidence: str | UnsetType = UNSET
    for_each: str | UnsetType = UNSET
    cloze: Texts | UnsetType = UNSET
    marks: str | list[str] | dict[str, Texts] | UnsetType = UNSET
    numbering: str | UnsetType = UNSET
    verbatim: bool | UnsetType = UNSET
    labels: list[str] | dict[str, str] | UnsetType = UNSET
    separator: Texts | UnsetType = UNSET
    until: Texts | UnsetType = UNSET
    of: str | UnsetType = UNSET
    between: Texts | UnsetType = UNSET
    holds: Literal["element", "section", "onward", "file"] | UnsetType = UNSET
    aside: str | list[str] | dict[str, Texts] | UnsetType = UNSET
    hashtags: bool | str | UnsetType = UNSET


class RuleText(SharedText, forbid_unknown_fields=True, frozen=True):
    """One rule."""

    id: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    match: str | list[str | dict[str, str]] | dict[str, str] | UnsetType = UNSET
    find: str | list[str | dict[str, str]] | dict[str, str] | UnsetType = UNSET
    regex: Texts | UnsetType = UNSET
    carry: Texts | UnsetType = UNSET
    fields: dict[str, str] | UnsetType = UNSET
    examples: list[ExampleText] | UnsetType = UNSET


class PackFile(SharedText, forbid_unknown_fields=True, frozen=True):
    """One rule file. `rules` are checked one by one, so that each can have its own diagnostics."""

    pack: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    types: dict[str, Any] | UnsetType = UNSET
    skip: list[str] | UnsetType = UNSET
    abbreviations: list[str] | UnsetType = UNSET
    roles: list[str] | UnsetType = UNSET
    remarks: list[str] | UnsetType = UNSET
    sequences: list[str] | UnsetType = UNSET
    clauses: list[str] | UnsetType = UNSET
    generic: list[str] | UnsetType = UNSET
    names: list[str] | UnsetType = UNSET
    doubtful: list[str] | UnsetType = UNSET
    separators: dict[str, str] | UnsetType = UNSET
    signs: str | UnsetType = UNSET
    anki: OtherIdText | UnsetType = UNSET
    schedule: ScheduleText | UnsetType = UNSET
    expects: list[ExpectationText] | UnsetType = UNSET
    refuses: list[ExpectationText] | UnsetType = UNSET
    rules: list[Any] | UnsetType = UNSET


def keys_of(shape: type[Struct]) -> tuple[str, ...]:
    """The keys of a mapping, as YAML spells them."""
    return shape.__struct_encode_fields__
