"""A YAML file that may be broken × a place in it → the keys above that place, and the word that is being written.

While somebody types, the file is no YAML most of the time, so this goes by indentation and brackets alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex

ITEM = "*"
"""A step into a list."""
_LINE = lazy_regex(r"(?P<indent>\s*(?:-\s+)*(?:-$)?)(?:(?P<key>[\w./-]+)\s*:(?=\s|$)\s*)?(?P<rest>.*)$", re.DOTALL)
_WORD = lazy_regex(r"[\w./-]*$")


class YamlPlace(Struct, frozen=True):
    """Where in a file something is written."""

    path: tuple[str, ...]  # keys, and `*` for each list
    is_key: bool  # whether a key may stand here
    word: str  # what is written of it
    value: str = ""  # of a value: all of it up to the place


def place_at(lines: Sequence[str], line: int, column: int) -> YamlPlace:
    """What is written at a line and a column, both from 1."""
    before = lines[line - 1][: column - 1] if line <= len(lines) else ""
    found = _LINE.match(before)
    assert found is not None
    indent, key, rest = found["indent"], found["key"], found["rest"]
    bullets = indent.count("-")
    depth = indent.index("-") if bullets else len(indent)
    path = _above(lines, line, depth, is_item=bool(bullets)) + (ITEM,) * bullets
    if key is not None:
        path += (key,)
    inner = _within(rest)
    path += inner.path
    is_block_key = key is None and not inner.is_flow and _WORD.fullmatch(rest) is not None
    word = _WORD.search(inner.rest)
    return YamlPlace(path, is_block_key or inner.is_key, word[0] if word else "", inner.rest)


def _above(lines: Sequence[str], line: int, depth: int, *, is_item: bool) -> tuple[str, ...]:
    """The keys above what stands at a depth: of a list item, its dash does."""
    path: list[str] = []
    for number in range(line - 1, 0, -1):
        text = lines[number - 1]
        if not text.strip() or text.lstrip().startswith("#"):
            continue
        found = _LINE.match(text)
        assert found is not None
        indent, own = found["indent"], len(found["indent"])
        dashes = [column for column, character in enumerate(indent) if character == "-"]
        is_first_key = bool(dashes) and own == depth and not is_item
        is_parent = found["key"] is not None and (own < depth or (is_item and own == depth and not dashes))
        if is_parent:
            path.insert(0, found["key"])
            depth, is_item = own, False
        if (is_parent or is_first_key) and dashes:
            path[:0] = [ITEM] * len(dashes)
            depth, is_item = dashes[0], True
        if depth == 0 and not is_item:
            break
    return tuple(path)


class _Within(Struct, frozen=True):
    path: tuple[str, ...]
    is_flow: bool
    is_key: bool
    rest: str


def _within(text: str) -> _Within:
    """The keys inside of brackets on one line: `{Front: '{x}', Back: '`."""
    stack: list[list[str]] = []  # of each bracket: itself, the key that is written
    quote, start, place = "", 0, 0
    while place < len(text):
        character = text[place]
        if quote:
            if character == "\\" and quote == '"':
                place += 1
            elif character == quote:
                quote = ""
        elif character in "'\"" and not text[start:place].strip():
            quote = character
            start = place + 1
        elif character in "{[" and not text[start:place].strip():
            stack.append([character, ""])
            start = place + 1
        elif character in "}]" and stack:
            stack.pop()
            start = place + 1
        elif character == "," and stack:
            stack[-1][1] = ""
            start = place + 1
        elif character == ":" and stack and stack[-1][0] == "{" and not stack[-1][1]:
            stack[-1][1] = text[start:place].strip().strip("'\"")
            start = place + 1
        place += 1
    path: list[str] = []
    for bracket, key in stack:
        if bracket == "[":
            path.append(ITEM)
        elif key:
            path.append(key)
    is_key = bool(stack) and stack[-1][0] == "{" and not stack[-1][1] and not quote
    return _Within(tuple(path), bool(stack), is_key, text[start:].lstrip() if not quote else text[start:])
