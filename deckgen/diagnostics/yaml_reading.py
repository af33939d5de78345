"""The parser's events → plain data with places; what is wrong is reported."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import yaml

from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.yaml import DEPTH, QUOTES, Node, Path, YamlNode, nearest

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_END = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # YAML's own
_FORBIDDEN = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def read(text: str, path: str, most: int) -> tuple[YamlNode | None, list[Diagnostic]]:
    """Read YAML as data, and report all that is wrong with it."""
    lines = tuple(_LINE_END.split(text))
    reader = _Reader(path, lines, most)
    forbidden = _FORBIDDEN.search(text)
    if forbidden is not None:
        before = _LINE_END.split(text[: forbidden.start()])
        message = f"the character U+{ord(forbidden.group()):04X} may not stand in YAML"
        reader.report("bad-yaml", message, Span(path, len(before), len(before[-1]) + 1), "delete it")
        return None, reader.diagnostics
    try:
        root = reader.compose(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        message = str(problem.problem or problem.context)
        span = reader.place_of(mark) if mark else Span(path)
        reader.report("bad-yaml", message, span, _hint_for(message, reader.line_text(span.line)))
        return None, reader.diagnostics
    except yaml.YAMLError as problem:
        reader.report("bad-yaml", str(problem).splitlines()[0], Span(path))
        return None, reader.diagnostics
    except _UnreadableError:
        return None, reader.diagnostics
    value = None if root is None else reader.read(root, ())
    return YamlNode(value, path, lines, reader.places, reader.keys), reader.diagnostics


def _hint_for(message: str, line: str) -> str:
    """What commonly is behind a message of the parser's."""
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation or "'\\t'" in message:
        return "indent with spaces: YAML allows no tab there"
    if "mapping values are not allowed" in message and indentation:
        return f"keys of one mapping begin in one column; {QUOTES}"
    if "mapping values are not allowed" in message or "cannot start any token" in message:
        return QUOTES
    if "could not find expected ':'" in message:
        return "a key is followed by `: `"
    if "block mapping" in message or "block end" in message or "block collection" in message:
        return "keys of one mapping begin in one column"
    return ""


class _UnreadableError(Exception):
    """Nothing can be made of the file; why stands in the diagnostics."""


class _Reader:
    """Makes nodes of the parser's events, then plain data of the nodes; what is wrong collects in `diagnostics`."""

    def __init__(self, path: str, lines: tuple[str, ...], most: int) -> None:
        self.path, self.lines, self.most = path, lines, most
        self.places: dict[Path, Node] = {}
        self.keys: dict[Path, Node] = {}
        self.diagnostics: list[Diagnostic] = []
        self.count = 0

    def line_text(self, line: int) -> str:
        return self.lines[line - 1] if line <= len(self.lines) else ""

    def place_of(self, mark: Any) -> Span:
        """The parser means what is missing at the end by a line below it: shown is the end of the last line."""
        last = max((i for i, line in enumerate(self.lines) if line.strip()), default=0)
        if mark.line > last:
            return Span(self.path, last + 1, len(self.lines[last].rstrip()) + 1)
        return Span(self.path, mark.line + 1, mark.column + 1)

    def report(self, kind: str, message: str, span: Span, hint: str = "") -> None:
        self.diagnostics.append(Diagnostic(kind, message, span, hint, self.line_text(span.line)))

    def refuse(self, kind: str, message: str, node: Node, hint: str = "") -> None:
        start, end = node.start, node.end
        end_column = end.column + 1 if end.line == start.line else 0
        self.report(kind, message, Span(self.path, start.line + 1, start.column + 1, start.line + 1, end_column), hint)

    def compose(self, events: Iterator[Any]) -> Node | None:
        """The root of the one document; None where there is none. Iterative, so that no nesting is too deep for it."""
        root: Node | None = None
        anchors: dict[str, Node] = {}
        opened: list[Node] = []
        documents = 0
        for event in events:
            node: Node
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    begin = Node(event.start_mark, event.end_mark)
                    self.refuse("bad-yaml", "a second YAML document begins here", begin, "one file, one document")
                    break
                continue
            if isinstance(event, yaml.CollectionEndEvent):
                done = opened.pop()
                done.end, done.is_open = event.end_mark, False
                continue
            if isinstance(event, yaml.AliasEvent):
                place = Node(event.start_mark, event.end_mark)
                node = self._follow(event.anchor or "", place, anchors)
            elif isinstance(event, yaml.NodeEvent):
                node = self._begin(event)
                if event.anchor:
                    anchors[event.anchor] = node
            else:
                continue
            self.count += 1
            if self.count > self.most or len(opened) > DEPTH:
                what = f"more than {self.most:,} values" if self.count > self.most else f"more than {DEPTH} levels"
                self.refuse("unsafe-yaml", f"this file holds {what}", node)
                raise _UnreadableError
            if opened:
                opened[-1].content.append(node)
            else:
                root = node
            if node.is_open and not isinstance(event, yaml.AliasEvent):
                opened.append(node)
        self.count = 0
        return root

    def _follow(self, name: str, place: Node, anchors: dict[str, Node]) -> Node:
        """What an alias leads to; the alias itself, as a text, where it leads nowhere."""
        found = anchors.get(name)
        if found is None:
            hint = nearest(name, anchors) if anchors else "a text that begins with `*` needs quotes"
            self.refuse("bad-yaml", f"no `&{name}` stands above", place, hint)
        elif found.is_open:
            self.refuse("unsafe-yaml", f"`*{name}` would hold itself", place)
        else:
            return found
        return place

    def _begin(self, event: Any) -> Node:
        if event.tag and event.tag != "!":
            shown = event.tag.replace("tag:yaml.org,2002:", "!!")
            place = Node(event.start_mark, event.end_mark)
            self.refuse("unsafe-yaml", f"the tag `{shown}` asks for more than data", place, "leave the tag out")
        if isinstance(event, yaml.ScalarEvent):
            style = None if event.style in (None, "") and event.tag is None else event.style or '"'
            return Node(event.start_mark, event.end_mark, event.value, "scalar", style)
        kind = "list" if isinstance(event, yaml.SequenceStartEvent) else "mapping"
        return Node(event.start_mark, event.end_mark, [], kind, is_open=True)

    def read(self, node: Node, path: Path) -> Any:
        """Plain data of a node. Aliases are followed, and count as what they lead to."""
        self.count += 1
        if self.count > self.most or len(path) > DEPTH:
            if self.count == self.most + 1 or len(path) > DEPTH:
                self.refuse("unsafe-yaml", "this file holds too much once its aliases are followed", node)
            self.count = max(self.count, self.most + 1)
            return None
        self.places[path] = node
        if node.kind == "scalar":
            return _scalar(node)
        if node.kind == "list":
            values = []
            for index, child in enumerate(node.content):
                values.append(self.read(child, (*path, index)))
                if self.count > self.most:
                    break
            return values
        return self._read_mapping(node, path)

    def _read_mapping(self, node: Node, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in zip(node.content[::2], node.content[1::2], strict=False):
            if key.kind != "scalar":
                self.refuse("wrong-type", "a key is a text", key, QUOTES)
                continue
            name = key.content
            if name == "<<" and key.style is None:
                self.refuse("unknown-key", "merge keys (`<<`) are not followed", key, "write the keys out")
                continue
            if name in found:
                hint = "YAML would drop the first: join the two, or take one away"
                self.refuse("doubled-key", f"`{name}` stands twice", key, hint)
            self.keys[(*path, name)] = key
            found[name] = self.read(value, (*path, name))
            if self.count > self.most:
                break
        return found


def _scalar(node: Node) -> str | bool | None:
    text: str = node.content
    if node.style is None:
        if text in ("true", "false"):
            return text == "true"
        if text in ("", "~", "null"):
            return None
    return text
