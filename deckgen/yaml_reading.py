"""YAML as plain data, with the place of every value: text, true and false, lists, mappings."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec
import yaml

from deckgen.diagnostics import Diagnostic, Span

NODES = 20_000
"""Values that a file may hold once its aliases are followed: what holds more is a bomb, not a rule pack."""

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class YamlNode:
    """A YAML file: its plain `value`, and where each part of it stands."""

    value: Any
    path: str
    lines: tuple[str, ...]
    _places: dict[Path, Any] = field(repr=False)
    _keys: dict[Path, Any] = field(repr=False)

    def _span(self, node: Any) -> Span:
        start, end = node.start_mark, node.end_mark
        return Span(self.path, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

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
        if node is None or node.start_mark.line != node.end_mark.line or node.style not in (None, "'"):
            return self.span(*path)
        line = self.line_text(node.start_mark.line + 1)
        column = node.start_mark.column + (1 if node.style else 0)
        if node.style:
            for character in node.value[:offset]:
                column += 2 if character == "'" else 1
        else:
            column += offset
        return Span(self.path, node.start_mark.line + 1, min(column, len(line)) + 1)


def read_yaml(text: str, path: str) -> tuple[YamlNode | None, list[Diagnostic]]:
    """Read YAML as data; all that is wrong with it."""
    lines = tuple(text.splitlines())
    reader = _Reader(path, lines)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        reader.tell("bad-yaml", str(problem.problem or problem.context), Span(path, mark.line + 1, mark.column + 1) if mark else Span(path))
        return None, reader.diagnostics
    except (yaml.YAMLError, ValueError) as problem:
        reader.tell("bad-yaml", str(problem).splitlines()[0], Span(path))
        return None, reader.diagnostics
    value = None if root is None else reader.read(root, ())
    return YamlNode(value, path, lines, reader.places, reader.keys), reader.diagnostics


class _Reader:
    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self.path, self.lines = path, lines
        self.places: dict[Path, Any] = {}
        self.keys: dict[Path, Any] = {}
        self.diagnostics: list[Diagnostic] = []
        self.count = 0

    def tell(self, kind: str, message: str, span: Span, hint: str = "") -> None:
        line = self.lines[span.line - 1] if span.line <= len(self.lines) else ""
        self.diagnostics.append(Diagnostic(kind, message, span, hint, line))

    def read(self, node: Any, path: Path) -> Any:
        self.count += 1
        span = Span(self.path, node.start_mark.line + 1, node.start_mark.column + 1)
        if self.count >= NODES or len(path) > 50:
            if self.count == NODES or len(path) > 50:
                self.tell("unsafe-yaml", "this file holds too much once its aliases are followed", span)
            return None
        self.places[path] = node
        if node.tag and not node.tag.startswith("tag:yaml.org,2002:") or node.tag.startswith("tag:yaml.org,2002:python"):
            self.tell("unsafe-yaml", f"the tag `{node.tag}` asks for more than data", span, "leave the tag out")
            return None
        if isinstance(node, yaml.ScalarNode):
            if node.style is None:
                if node.value in ("true", "false"):
                    return node.value == "true"
                if node.value in ("", "~", "null"):
                    return None
            return node.value
        if isinstance(node, yaml.SequenceNode):
            return [self.read(child, (*path, index)) for index, child in enumerate(node.value)]
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key_span = Span(self.path, key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                self.tell("wrong-type", "a key is a text", key_span, "put quotes around it: in YAML, `{` and `[` begin a mapping or a list")
                continue
            key = key_node.value
            if key in found:
                self.tell("doubled-key", f"`{key}` stands twice", key_span, "YAML would drop the first: join the two, or take one away")
            self.keys[(*path, key)] = key_node
            found[key] = self.read(value_node, (*path, key))
        return found


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint with the nearest right name, or with all that are known."""
    names = list(dict.fromkeys(known))
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else f"known here: {', '.join(names)}"


def check_keys(node: YamlNode, path: Path, known: Iterable[str], diagnostics: list[Diagnostic]) -> None:
    """Tell of every key of a mapping that means nothing there."""
    value = node.value
    for step in path:
        value = value[step]
    names = list(known)
    for key in value if isinstance(value, dict) else ():
        if key not in names:
            span = node.key_span(*path, key)
            diagnostics.append(Diagnostic("unknown-key", f"unknown key `{key}`", span, nearest(key, names), node.line_text(span.line)))


def read_shape(node: YamlNode, value: Any, shape: Any, path: Path, diagnostics: list[Diagnostic]) -> Any:
    """A value as `shape` (a msgspec type), or None and a diagnostic at the very place."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as problem:
        message, _, where = str(problem).partition(" - at `$")
        inner: list[str | int] = []
        for name, number in re.findall(r"\.([^.\[\]`]+)|\[(\d+)\]", where.split("[...]")[0]):
            inner.append(name if name else int(number))
        for theirs, ours in _TYPES.items():
            message = message.replace(theirs, ours)
        span = node.span(*path, *inner)
        hint = _QUOTES if "got a mapping" in message or "got a list" in message else ""
        message = message.replace("`", "")
        diagnostics.append(
            Diagnostic("wrong-type", message[:1].lower() + message[1:], span, hint, node.line_text(span.line))
        )
        return None


_TYPES = {
    "`str`": "a text", "`object`": "a mapping", "`array`": "a list", "`bool`": "true or false", "`null`": "nothing",
    "Object missing required field": "there is no",
}  # fmt: skip
_QUOTES = "in YAML, text with `{`, `[`, `*`, `!`, `: ` or ` #` in it needs quotes around it"
