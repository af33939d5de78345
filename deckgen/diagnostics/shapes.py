"""A value read from YAML → the shape that it must have: its keys and types, and what is wrong with them, by place."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec
import msgspec.inspect

from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.yaml import QUOTES, Path, YamlNode, nearest


class Placed(Protocol):
    """Plain data, and where each part of it stands."""

    @property
    def value(self) -> Any:
        """All of it."""

    def key_span(self, *path: str | int) -> Span:
        """The place of a key."""

    def line_text(self, line: int) -> str:
        """A line of the file."""


def check_keys(node: Placed, path: Path, known: Iterable[str], diagnostics: list[Diagnostic]) -> None:
    """Tell of every key of a mapping that means nothing there."""
    value = node.value
    for step in path:
        value = value[step]
    names = list(known)
    for key in value if isinstance(value, dict) else ():
        if key not in names:
            span = node.key_span(*path, key)
            diagnostics.append(
                Diagnostic("unknown-key", f"unknown key `{key}`", span, nearest(key, names), node.line_text(span.line))
            )


def read_shape(node: YamlNode, value: Any, shape: Any, path: Path, diagnostics: list[Diagnostic]) -> Any:
    """A value as `shape` (a msgspec type), or None and a diagnostic at the very place of each thing that is wrong."""
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as problem:
        found: msgspec.ValidationError | None = problem
    rest = copy.deepcopy(value)  # msgspec reports one thing: take it out, and ask again
    while found is not None:
        inner = _place_of(found, rest)
        diagnostic, inner = _misshapen(node, str(found), shape, path, inner)
        diagnostics.append(diagnostic)
        found = None
        if _take_out(rest, inner):
            try:
                msgspec.convert(rest, shape)
            except msgspec.ValidationError as problem:
                found = problem if "missing required" not in str(problem) else None
    return None


def _place_of(problem: msgspec.ValidationError, value: Any) -> list[str | int]:
    """Where in a value something has not the right shape."""
    message, _, where = str(problem).partition(" - at `$")
    inner: list[str | int] = []
    for name, number in re.findall(r"\.([^.\[\]`]+)|\[(\d+|\.\.\.)\]", where):
        if number == "...":  # msgspec does not say which of the keys
            inner.extend(_first_of_type(value, inner, message))
            break
        inner.append(name or int(number))
    return inner


def _misshapen(
    node: YamlNode, problem: str, shape: Any, path: Path, inner: list[str | int]
) -> tuple[Diagnostic, list[str | int]]:
    """The diagnostic, and the place of what it is about."""
    message = problem.partition(" - at `$")[0]
    if unknown := re.search(r"unknown field `(.*)`", message):
        inner = [*inner, unknown[1]]
        span = node.key_span(*path, *inner)
        hint = nearest(unknown[1], _keys_at(msgspec.inspect.type_info(shape), inner[:-1]))
        return Diagnostic("unknown-key", f"unknown key `{unknown[1]}`", span, hint, node.line_text(span.line)), inner
    message = re.sub(r"`(\w+(?: \| \w+)+)`", lambda u: " or ".join(f"`{one}`" for one in u[1].split(" | ")), message)
    for theirs, ours in _TYPES.items():
        message = message.replace(theirs, ours)
    span = node.span(*path, *inner)
    hint = QUOTES if "got a mapping" in message or "got a list" in message else ""
    message = message.replace("`", "")
    message = message[:1].lower() + message[1:]
    return Diagnostic("wrong-type", message, span, hint, node.line_text(span.line)), inner


def _keys_at(info: Any, path: Sequence[str | int]) -> list[str]:
    """The keys that a mapping at this place of a shape may have."""
    kinds = list(info.types) if isinstance(info, msgspec.inspect.UnionType) else [info]
    if not path:
        return [f.encode_name for kind in kinds if isinstance(kind, msgspec.inspect.StructType) for f in kind.fields]
    step, rest = path[0], path[1:]
    for kind in kinds:
        if isinstance(kind, msgspec.inspect.StructType):
            inner = next((f.type for f in kind.fields if f.encode_name == step), None)
        elif isinstance(kind, msgspec.inspect.ListType):
            inner = kind.item_type if isinstance(step, int) else None
        else:
            inner = kind.value_type if isinstance(kind, msgspec.inspect.DictType) else None
        if inner is not None and (found := _keys_at(inner, rest)):
            return found
    return []


def _take_out(value: Any, path: Sequence[str | int]) -> bool:
    """Take out what stands at a place; False where nothing can be taken out."""
    for step in path[:-1]:
        value = value[step]
    if not path or not isinstance(value, dict):
        return False
    return value.pop(path[-1], None) is not None


def _first_of_type(value: Any, path: Sequence[str | int], message: str) -> list[str]:
    """The key of a mapping whose value is of the type that a message complains about."""
    got = {"object": dict, "array": list, "bool": bool, "null": type(None), "str": str}
    found = re.search(r"got `(\w+)`", message)
    for step in path:
        value = value[step]
    if not isinstance(value, dict) or found is None or found[1] not in got:
        return []
    return [key for key, one in value.items() if type(one) is got[found[1]]][:1]


_TYPES = {
    "`str`": "a text", "`object`": "a mapping", "`array`": "a list", "`bool`": "true or false", "`null`": "nothing",
    "Object missing required field": "there is no",
}  # fmt: skip
