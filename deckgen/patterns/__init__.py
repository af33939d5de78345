"""The pattern language: a pattern reads like the sentence that it is for (docs/rules.md has its laws)."""

from deckgen.patterns.grammar import PatternError, captures_in, parse_pattern
from deckgen.patterns.matching import Match, Refused, StepsExhaustedError, Taken
from deckgen.patterns.pattern import Pattern, compile_line, compile_pattern, compile_test, parse_plain
from deckgen.patterns.reading import Reading
from deckgen.patterns.types import BUILT_IN, CaptureType

__all__ = [
    "BUILT_IN",
    "CaptureType",
    "Match",
    "Pattern",
    "PatternError",
    "Reading",
    "Refused",
    "StepsExhaustedError",
    "Taken",
    "captures_in",
    "compile_line",
    "compile_pattern",
    "compile_test",
    "parse_pattern",
    "parse_plain",
]
