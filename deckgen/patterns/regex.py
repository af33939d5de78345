"""Regular expressions of rule authors, in a linear-time engine.

Python's `re` backtracks: one `(a+)+$` on one line would hang a build. google-re2 matches in time linear in the text,
whatever the expression, and so needs no clock and no bound that would make other notes on a slower machine. What it
cannot do (back-references, looking around) is refused when the pack is read.
"""

from __future__ import annotations

import re
from typing import Any, Protocol


class Found(Protocol):
    """A match."""

    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def groupdict(self) -> dict[str, str | None]: ...


class Regex(Protocol):
    """A compiled expression."""

    groupindex: dict[str, int]

    def match(self, text: str | bytes, pos: int = 0) -> Found | None: ...
    def search(self, text: str | bytes, pos: int = 0) -> Found | None: ...
    def finditer(self, text: str) -> Any: ...


def compile_regex(expression: str) -> Regex:
    """Compile with Python's syntax for named groups. Raises `ValueError` saying what is wrong."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    try:
        compiled: Regex = re2.compile(_of_all_letters(expression), options)
    except re2.error as problem:
        reason = problem.args[0]
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(text) from None
    names = _NAMED.findall(expression)
    if len(names) > len(compiled.groupindex):
        raise ValueError(f"two groups are named `{next(name for name in names if names.count(name) > 1)}`")
    return compiled


_NAMED = re.compile(r"(?<!\\)\(\?P<(\w+)>")


_WORD = r"\pL\pM\pN_"
_PIECE = re.compile(r"\\Q.*?(?:\\E|$)|\\.|\[:\^?\w+:\]|\[\^?\]?|\]|.", re.DOTALL)


def _of_all_letters(expression: str) -> str:
    r"""The expression with `\w` and `\W` of all scripts, as in Python, where RE2 has ASCII alone: Größe, 中文."""
    pieces, is_class = [], False
    for found in _PIECE.finditer(expression):
        piece = found.group()
        if piece == r"\w":
            piece = _WORD if is_class else f"[{_WORD}]"
        elif piece == r"\W" and not is_class:
            piece = f"[^{_WORD}]"
        elif piece[0] == "[" and not piece.endswith(":]") and not is_class:
            is_class = True
        elif piece == "]":
            is_class = False
        pieces.append(piece)
    return "".join(pieces)
