"""How a diagnostic is printed."""

from __future__ import annotations

import time

import pytest

from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.diagnostic import format_diagnostic


def printed(line: str, column: int, end: int = 0) -> list[str]:
    span = Span("a.md", 1, column, 1 if end else 0, end)
    return format_diagnostic(Diagnostic("bad-value", "no", span, line_text=line)).splitlines()[1:]


def test_a_short_line_is_shown_whole() -> None:
    assert printed("one two three", 5, 8) == ["  | one two three", "  |     ^^^"]


def test_a_long_line_is_shown_from_near_the_caret_on() -> None:
    assert printed("a" * 100 + "here" + "b" * 100, 101, 105) == [
        "  | …" + "a" * 39 + "here" + "b" * 29 + "…",
        "  | " + " " * 40 + "^^^^",
    ]


def test_wide_characters_take_two_columns() -> None:
    assert printed("字" * 60 + "here", 61, 65) == ["  | …" + "字" * 19 + "here", "  | " + " " * 39 + "^^^^"]


def test_a_mark_ends_with_what_is_shown() -> None:
    assert printed("a" * 200, 1, 200) == ["  | " + "a" * 72 + "…", "  | " + "^" * 72]


@pytest.mark.parametrize("text", ["word ", "字", "e\u0301", "\u0301"])
def test_a_line_of_a_megabyte_is_cut_at_once(text: str) -> None:
    line = text * (1_000_000 // len(text))
    began = time.process_time()
    for column in (1, 500_000, 1_000_000):
        assert max(map(len, printed(line, column, column + 5))) < 800
    assert time.process_time() - began < 1
