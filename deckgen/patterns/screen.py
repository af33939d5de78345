"""Patterns → linear-time expressions, all tried at once, that a text must match for each of them to fit.

They are never wrong about a no: they say what the words of the patterns say, without what stands around them, and take
any text for a capture. A condition has dozens of patterns of which hardly ever one fits: to ask each would take twenty
times as long.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from deckgen.markdown.cached_property import cached_property
from deckgen.patterns.literals import literal_pieces
from deckgen.patterns.pattern_syntax import Capture, End, Gap, Group, Literal, Sequence
from deckgen.patterns.regex import compile_set

_SPACE = (
    r"[\s\x0b\x1c-\x1f\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}]"  # Python's `\s`
)
_END = rf"(?:{_SPACE}|[。.])*\z"
_ANY = r"(?s:.+)"


class Screen:
    """Which of some patterns may fit a folded text; `is_found`: from any place on, not from its beginning."""

    def __init__(self, patterns: Iterable[Sequence], *, is_found: bool) -> None:
        self._expressions = tuple(map(loose_expression, patterns))
        self._is_found = is_found

    def __getstate__(self) -> dict[str, object]:
        """For a cache: the engine's own form is made again."""
        return {"_expressions": self._expressions, "_is_found": self._is_found}

    @cached_property
    def _look(self) -> Callable[[bytes], list[int] | None]:
        return compile_set(self._expressions, is_found=self._is_found)

    def passing(self, folded: str) -> list[int]:
        """The places of the patterns that may fit, in order."""
        found = self._look(folded.encode("utf-8", "replace"))
        return [place for place in sorted(found) if place < len(self._expressions)] if found else []


def loose_expression(parts: Sequence) -> str:
    """What a text must match where the parts fit, in RE2's syntax."""
    return "".join(map(_loose, parts))


def _loose(part: Capture | End | Gap | Group | Literal) -> str:
    if isinstance(part, Literal):
        return "".join(_loose_piece(kind, text) for kind, text in literal_pieces(part.text))
    if isinstance(part, Gap):
        return r"(?s:.*)"
    if isinstance(part, End):
        return _END
    if isinstance(part, Capture):
        return _choices(part.inner) if part.inner else _ANY
    return _choices(part) + ("?" if part.is_optional else "")


def _choices(group: Group) -> str:
    return f"(?:{'|'.join(map(loose_expression, group.choices))})"


def _loose_piece(kind: str, text: str) -> str:
    if kind == "space":
        return f"{_SPACE}*"
    if kind == "mark":
        return f"{_SPACE}*{re.escape(text)}{_SPACE}*"
    before = r"\b" if kind == "word" and text[0].isascii() else ""
    after = r"\b" if kind == "word" and text[-1].isascii() else ""
    return before + re.escape(text) + after
