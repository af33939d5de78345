"""A capture of a rule × another name → every place of the rule in which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from deckgen.diagnostics.yaml import Path, YamlNode
from deckgen.patterns.pattern_syntax import NAME

_LISTS = frozenset({"key", "cloze", "carry", "for_each", "known"})
_MAPPINGS = frozenset({"is", "length", "prose", "initials", "match", "find"})


class Name(Struct, frozen=True):
    """A name in a line, by its columns from 1."""

    name: str
    begin: int
    end: int


def name_at(line: str, column: int) -> Name | None:
    """The capture at a column: in braces, in a group of an expression, or a word of its own."""
    for found in re.finditer(r"(?<!\\)\{([^\W\d][\w.-]*)(?=[}:])|\(\?P<(\w+)>", line):
        group = 1 if found[1] else 2
        if found.start(group) < column <= found.end(group) + 1:
            return Name(found[group], found.start(group) + 1, found.end(group) + 1)
    key = re.match(r"[\s-]*([\w-]+):", line)
    begin = key.end() if key and key[1] in _LISTS | _MAPPINGS | {"when", "unless"} else len(line) if key else 0
    for found in re.finditer(r"[^\W\d][\w.-]*", line):
        if found.start() >= begin and found.start() < column <= found.end() + 1:
            return Name(found[0], found.start() + 1, found.end() + 1)
    return None


class Renaming:
    """One name that becomes another. Raises ValueError for what is no name."""

    def __init__(self, node: YamlNode, lines: Sequence[str], old: str, new: str) -> None:
        if NAME.fullmatch(new) is None or new.isdigit():
            raise ValueError(f"`{new}` is no name of a capture")
        self.node, self.lines, self.old = node, lines, old

    def places(self, line: int) -> list[tuple[int, int]]:
        """Line and column of each place in the rule around a line, both from 1."""
        rules = self.node.value.get("rules") if isinstance(self.node.value, dict) else None
        if not isinstance(rules, list):
            return []
        starts = [self.node.span("rules", index).line for index in range(len(rules))]
        index = max((i for i, start in enumerate(starts) if start <= line), default=None)
        if index is None or not isinstance(rules[index], dict):
            return []
        found: set[tuple[int, int]] = set()
        for key, value in rules[index].items():
            if key not in ("examples", "id", "about"):
                found.update(self._in(value, ("rules", index, key)))
        return sorted(found)

    def _in(self, value: Any, path: Path) -> Iterator[tuple[int, int]]:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key == self.old and path[-1] in _MAPPINGS:
                    yield from self._word(self.node.key_span(*path, key).line, self.node.key_span(*path, key).column)
                yield from self._in(inner, (*path, key))
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from self._in(inner, (*path, index))
        elif isinstance(value, str):
            span = self.node.span(*path)
            named = [step for step in path if isinstance(step, str)][-1]
            if value == self.old and (named in _LISTS or "initials" in path):
                yield from self._word(span.line, span.column)
            yield from self._in_text(span.line, span.column, span.end_line, span.end_column)

    def _word(self, line: int, column: int) -> Iterator[tuple[int, int]]:
        at = self.lines[line - 1].find(self.old, column - 1)
        if at >= 0:
            yield line, at + 1

    def _in_text(self, line: int, column: int, end_line: int, end_column: int) -> Iterator[tuple[int, int]]:
        """In braces, and as the name of a group."""
        name = re.escape(self.old)
        wanted = re.compile(rf"(?<!\\)\{{{name}(?=[}}:])|\(\?P<{name}>")
        for number in range(line, min(max(end_line, line), len(self.lines)) + 1):
            text = self.lines[number - 1]
            end = end_column - 1 if number == end_line else len(text)
            for found in wanted.finditer(text, column - 1 if number == line else 0, max(end, 0)):
                yield number, text.index(self.old, found.start()) + 1
