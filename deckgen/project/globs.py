"""A glob as written in deck.yaml, a rule or a command → whether it fits a path in the project."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Protocol

from msgspec import Struct

from deckgen.patterns.regex import Regex, compile_regex


class Glob(Protocol):
    """A pattern of paths."""

    def match(self, path: str, /) -> object | None:
        """Whether it fits a whole path; None where it does not."""


class _LinearGlob(Struct, frozen=True):
    """A pattern for the linear engine, which reads UTF-8 alone."""

    regex: Regex

    def match(self, path: str, /) -> object | None:
        return self.regex.match(path.encode("utf-8", "replace").decode())


_MOST_WILDCARDS = 2
"""Of a pattern for Python's own engine: with each one more, that takes up to a path's length times as long."""


@lru_cache(maxsize=256)
def glob_expression(glob: str) -> Glob:
    """A glob as an expression on a path with `/`: `**` goes through folders, `*`, `?` and `[a-z]` do not; `{a,b}` is
    one of these.
    """
    parts: list[str] = []
    wildcards = 0
    glob = unicodedata.normalize("NFC", glob).removeprefix("./")
    for piece in re.split(r"((?:\*\*/)+|\*\*|\*|\?|\[!?[^]/]+\]|\{[\w.-]+(?:,[\w.-]+)+\})", glob):
        wildcards += piece.startswith("*")
        if piece.startswith("**/"):
            parts.append("(?:.*/)?")
        elif piece in ("**", "*", "?"):
            parts.append({"**": ".*", "*": "[^/]*", "?": "[^/]"}[piece])
        elif piece.startswith("[") and piece.endswith("]"):
            parts.append(_character_class(piece))
        elif piece.startswith("{") and piece.endswith("}"):
            parts.append(f"(?:{'|'.join(map(re.escape, piece[1:-1].split(',')))})")
        else:
            parts.append(re.escape(piece))
    expression = "".join(parts)
    if "[" in glob:  # it is a file's whole name, too
        expression = f"(?:{expression}|{re.escape(glob)})"
    if wildcards <= _MOST_WILDCARDS:
        return re.compile(expression + r"\Z", re.DOTALL)
    try:
        return _LinearGlob(compile_regex(f"(?s)^(?:{expression})$"))
    except ValueError:  # more than the engine has room for
        return re.compile(re.escape(glob) + r"\Z")


def _character_class(piece: str) -> str:
    """Some characters, or with `!` all others, and never `/`."""
    is_negated = piece.startswith("[!")
    inside = re.sub(
        "(.)-(.)", lambda r: f"{r[1]}-.0-{r[2]}" if r[1] < "/" < r[2] else r[0], piece[2 if is_negated else 1 : -1]
    )
    inside = inside.replace("\\", r"\\").replace("[", r"\[").replace("^", r"\^")
    expression = f"[^/{inside}]" if is_negated else f"[{inside}]"
    try:
        re.compile(expression)
    except re.error:  # `[z-a]`
        return re.escape(piece)
    return expression
