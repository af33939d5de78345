"""A pack as data → digests: of all but the templates of its rules, and of each rule's templates.

Where only a template is another one, notes of other rules are what they were (`build/environments.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from deckgen.rules.rule import Rule

_SAYS_NOTHING = ("about", "examples")
"""Keys of a rule that make no note another one."""


def outline_of(value: Mapping[str, Any]) -> str:
    """A digest of a pack without templates, examples and what is said about rules."""
    rules = value.get("rules")
    left_out = (*_SAYS_NOTHING, "fields")
    bare = [
        {key: inner for key, inner in rule.items() if key not in left_out} if isinstance(rule, dict) else rule
        for rule in (rules if isinstance(rules, list) else [])
    ]
    return _digest({**value, "about": None, "rules": bare})


def template_digests(rules: Iterable[Rule]) -> dict[str, str]:
    """Of each rule a digest of its templates."""
    return {rule.name: _digest([(name, template.text) for name, template in rule.fields]) for rule in rules}


def outline_of_all(outlines: Sequence[tuple[str, str]], rules: Sequence[Rule], *said: object) -> str:
    """One of several packs; with it what templates say of texts that their rules do not match."""
    looks = [(rule.name, "after" in rule.slots, sorted(filter(_is_of_file, rule.names))) for rule in rules]
    return _digest([list(outlines), looks, *map(repr, said)])


def _is_of_file(name: str) -> bool:
    return name.startswith("front_matter.")


def _digest(value: object) -> str:
    return sha256(repr(value).encode("utf-8", "surrogatepass")).hexdigest()
