"""Regular expressions of rule authors, in a linear-time engine.

Python's `re` backtracks: one `(a+)+$` on one line would hang a build. google-re2 matches in time linear in the text,
whatever the expression, and so needs no clock and no bound that would make other notes on a slower machine. What it
cannot do (back-references, looking around) is refused when the pack is read.
"""

from __future__ import annotations

from typing import Any, Protocol


class Found(Protocol):
    """A match."""

    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def groupdict(self) -> dict[str, str | None]: ...


class Regex(Protocol):
    """A compiled expression."""

    groupindex: dict[str, int]

    def match(self, text: str, pos: int = 0) -> Found | None: ...
    def search(self, text: str, pos: int = 0) -> Found | None: ...
    def finditer(self, text: str) -> Any: ...


def compile_regex(expression: str, *, multiline: bool = False) -> Regex:
    """Compile with Python's syntax for named groups. Raises `ValueError` saying what is wrong."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    try:
        compiled: Regex = re2.compile(f"(?m){expression}" if multiline else expression, options)
    except re2.error as problem:
        reason = problem.args[0]
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(text) from None
    return compiled
