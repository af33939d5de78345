"""YAML as plain data, with the place of every value: text, true and false, lists, mappings."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, Span

NODES = 20_000
"""Values that a file may hold once its aliases are followed: what holds more is a bomb, not a rule pack."""

DEPTH = 50
"""Lists and mappings inside one another."""

Path = tuple[str | int, ...]

QUOTES = "in YAML, text with `{`, `[`, `*`, `!`, `: ` or ` #` in it needs quotes around it"


class Node(Struct, eq=False):
    """A part of a file: `content` is the text of a scalar, the nodes of a list, the pairs of a mapping."""

    start: Any  # marks: line and column from 0
    end: Any
    content: Any = ""
    kind: str = "scalar"
    style: str | None = None
    is_open: bool = False  # still being read: an alias to it would hold itself


class YamlNode(Struct, frozen=True, eq=False):
    """A YAML file: its plain `value`, and where each part of it stands."""

    value: Any
    path: str
    lines: tuple[str, ...]
    _places: dict[Path, Node]
    _keys: dict[Path, Node]

    def _span(self, node: Node) -> Span:
        return Span(self.path, node.start.line + 1, node.start.column + 1, node.end.line + 1, node.end.column + 1)

    def span(self, *path: str | int) -> Span:
        """The place of a value; of the nearest thing around it where it is not there."""
        while path and path not in self._places:
            path = path[:-1]
        node = self._places.get(path)
        return Span(self.path) if node is None else self._span(node)

    def key_span(self, *path: str | int) -> Span:
        """The place of a key."""
        node = self._keys.get(path)
        return self.span(*path) if node is None else self._span(node)

    def line_text(self, line: int) -> str:
        """A line of the file."""
        return self.lines[line - 1] if 0 < line <= len(self.lines) else ""

    def column_in_scalar(self, *path: str | int, offset: int) -> Span:
        """The place of a character of a text: exact for plain and single-quoted ones of one line."""
        node = self._places.get(path)
        if node is None or node.kind != "scalar" or node.start.line != node.end.line or node.style not in (None, "'"):
            return self.span(*path)
        before = node.content[:offset]
        column = node.start.column + len(before) + (1 + before.count("'") if node.style else 0)
        return Span(self.path, node.start.line + 1, min(column, node.end.column) + 1)


def read_yaml(text: str, path: str, most: int = NODES) -> tuple[YamlNode | None, list[Diagnostic]]:
    """Read YAML as data, and report all that is wrong with it. Never constructs anything but plain data.

    Every scalar is text but for a plain `true` or `false`, and plain nothing, `~` or `null`, which are None. `most`:
    values that the file may hold.
    """
    from deckgen.diagnostics.yaml_reading import read  # most runs read no YAML: rules are kept

    return read(text, path, most)


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest right name, or with all that are known."""
    import difflib

    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(names)}"
