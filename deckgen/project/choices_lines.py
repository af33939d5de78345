"""deck.choices.yaml as deckgen writes it, read line by line: fifty times as fast as YAML, and the same values.

A file that a person wrote otherwise, or that is wrong anywhere, is not read here but as YAML.
"""

from __future__ import annotations

import json
import re
from typing import Any

from msgspec import Struct

from deckgen.diagnostics import Span
from deckgen.markdown.lazy_regex import lazy_regex

_TOKEN = lazy_regex(r'[{}\[\],]|: |"(?:[^"\\]|\\.)*"|[A-Za-z][\w./-]*', re.ASCII)
_WORDS: dict[str, Any] = {"true": True, "false": False}
_YAML_WORDS = frozenset({"null", "yes", "no", "on", "off"})


class _OtherwiseError(Exception):
    """Not as deckgen writes it."""


class WrittenLines(Struct, frozen=True):
    """The decisions, and the line of each, as `YamlNode` has them."""

    value: list[Any]
    path: str
    places: tuple[int, ...]
    lines: tuple[str, ...]

    def span(self, *path: str | int) -> Span:
        """The place of a decision."""
        return Span(self.path, self.places[int(path[0])] if path else 1)

    key_span = span

    def line_text(self, line: int) -> str:
        """A line of the file."""
        return self.lines[line - 1]


def read_lines(text: str, path: str) -> WrittenLines | None:
    """The decisions of a file in which each is one line; None for any other file."""
    if not text.isprintable() and re.search(
        "[^\n\x20-\x7e\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]", text
    ):
        return None
    if "\u2028" in text or "\u2029" in text:
        return None
    lines = tuple(text.split("\n"))
    values: list[Any] = []
    places: list[int] = []
    try:
        for number, line in enumerate(lines, 1):
            if line.startswith("- {"):
                values.append(_value_of(line[2:]))
                places.append(number)
            elif line and not line.startswith("#"):
                return None
    except (_OtherwiseError, ValueError, RecursionError):
        return None
    return WrittenLines(values, path, tuple(places), lines) if values else None


def _value_of(line: str) -> Any:
    tokens: list[str] = []
    end = 0
    for found in _TOKEN.finditer(line):
        if line[end : found.start()].strip(" "):
            raise _OtherwiseError
        tokens.append(found[0])
        end = found.end()
    if line[end:] or not tokens:
        raise _OtherwiseError
    tokens.reverse()
    value = _read(tokens, 0)
    if tokens:
        raise _OtherwiseError
    return value


def _read(tokens: list[str], depth: int) -> Any:
    piece = _next(tokens)
    if depth > 8:
        raise _OtherwiseError
    if piece == "{":
        return _mapping(tokens, depth)
    if piece == "[":
        values: list[Any] = []
        while tokens and tokens[-1] != "]":
            if values:
                _take(tokens, ",")
            values.append(_read(tokens, depth + 1))
        _take(tokens, "]")
        return values
    return _scalar(piece)


def _mapping(tokens: list[str], depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    while tokens and tokens[-1] != "}":
        if found:
            _take(tokens, ",")
        name = _scalar(_next(tokens))
        _take(tokens, ": ")
        if not isinstance(name, str) or name in found:
            raise _OtherwiseError
        found[name] = _read(tokens, depth + 1)
    _take(tokens, "}")
    return found


def _scalar(token: str) -> Any:
    if token[0] == '"':
        return json.loads(token)
    if token in ("{", "}", "[", "]", ",", ": ") or token.lower() in _YAML_WORDS:
        raise _OtherwiseError
    return _WORDS.get(token, token)


def _next(tokens: list[str]) -> str:
    if not tokens:
        raise _OtherwiseError
    return tokens.pop()


def _take(tokens: list[str], wanted: str) -> None:
    if _next(tokens) != wanted:
        raise _OtherwiseError
