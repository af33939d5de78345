"""YAML → checked rules and compiled patterns (docs/rules.md is the language)."""

from deckgen.rules.loading import language_types, load_rules
from deckgen.rules.rule import Example, Rule, RuleSet, Way

__all__ = ["Example", "Rule", "RuleSet", "Way", "language_types", "load_rules"]
