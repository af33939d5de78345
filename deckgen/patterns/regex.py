"""Regular expressions of rule authors, in a linear-time engine.

Python's `re` backtracks: one `(a+)+$` on one line would hang a build. google-re2 matches in time linear in the text,
whatever the expression, and so needs no clock and no bound that would make other notes on a slower machine. What it
cannot do (back-references, looking around) is refused when the pack is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, Protocol, cast

from deckgen.markdown.lazy_regex import lazy_regex


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


class _Compiled:
    """A checked expression. What is read from a cache is compiled when it is first used: most are not in one run."""

    def __init__(self, expression: str) -> None:
        self._expression = expression

    def __reduce__(self) -> tuple[Any, ...]:
        return _Compiled, (self._expression,)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):  # what copying and pickling ask for
            raise AttributeError(name)
        found = self.__dict__[name] = getattr(_compile(self._expression), name)
        return found


def compile_regex(expression: str) -> Regex:
    """Compile with Python's syntax for named groups. Raises `ValueError` saying what is wrong."""
    _compile(expression)
    return cast("Regex", _Compiled(expression))


@lru_cache(maxsize=256)
def _compile(expression: str) -> Regex:
    import re2

    try:
        compiled: Regex = re2.compile(_of_all_letters(expression), _options())
    except re2.error as problem:
        reason = problem.args[0]
        text = reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(text) from None
    names = _NAMED.findall(expression)
    if len(names) > len(compiled.groupindex):
        raise ValueError(f"two groups are named `{next(name for name in names if names.count(name) > 1)}`")
    return compiled


def compile_set(expressions: Sequence[str], *, is_found: bool) -> Callable[[bytes], list[int] | None]:
    """What says which of some expressions match a text, in any order: from any place on, or from its beginning.

    Where the engine has no room for them it says that all do. One more than there are says nothing.
    """
    import re2

    options = _options()
    made = re2.Set.SearchSet(options) if is_found else re2.Set.MatchSet(options)
    try:
        for expression in expressions:
            made.Add(expression)
        made.Add(_SENTINEL)
        made.Compile()
    except re2.error:
        return lambda _: list(range(len(expressions)))
    if made.Match(_SENTINEL.encode()) is None:  # too little room to run in, which it tells nobody
        return lambda _: list(range(len(expressions)))
    found: Callable[[bytes], list[int] | None] = made.Match
    return found


_SENTINEL = "\ue00e"
"""What hardly any text holds."""


def _options() -> Any:
    import re2

    options = re2.Options()
    options.log_errors = False
    options.max_mem = 16 << 20
    return options


_NAMED = lazy_regex(r"(?<!\\)\(\?P<(\w+)>")


_WORD = r"\pL\pM\pN_"
_PIECE = lazy_regex(r"\\Q.*?(?:\\E|$)|\\.|\[:\^?\w+:\]|\[\^?\]?|\]|.", re.DOTALL)


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
