"""Field templates: `{x}` is a capture, `[（{x}）]` goes when `x` is empty; a backslash and `n` are a new line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.pattern_syntax import PatternError

_NAME = lazy_regex(r"\{([^{}\[\]]+)\}")


NESTING, SLOTS, REPEATS = 10, 100, 10
"""Brackets in brackets, captures in all, and how often one of them may stand: a template makes gigabytes of no note."""


class Slot(Struct, frozen=True):
    """A capture in a template, and its place there."""

    name: str
    offset: int


Part = str | Slot | tuple["Part", ...]
"""Text, a capture, or an optional stretch."""


class Template(Struct, frozen=True):
    """A parsed field template."""

    text: str
    parts: tuple[Part, ...]

    def slots(self) -> Iterator[Slot]:
        """All captures in it, in order."""
        yield from _slots(self.parts)

    def fill(self, value_of: Callable[[str, bool], str]) -> str:
        """The filled template. `value_of` gives a capture's Markdown, and gets whether text stands before it."""
        return _fill(self.parts, value_of, "").strip()


def _slots(parts: tuple[Part, ...]) -> Iterator[Slot]:
    for part in parts:
        if isinstance(part, Slot):
            yield part
        elif isinstance(part, tuple):
            yield from _slots(part)


def _fill(parts: tuple[Part, ...], value_of: Callable[[str, bool], str], before: str) -> str:
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        elif isinstance(part, Slot):
            text += value_of(part.name, bool((before + text).strip()))
        elif all(value_of(slot.name, False).strip() for slot in _slots(part)):
            text += _fill(part, value_of, before + text)
    return text


def parse_template(text: str) -> Template:
    """Parse a field template. Raises `PatternError`."""
    parts, place = _parse(text, 0, 0)
    assert place == len(text)
    counts: Counter[str] = Counter()
    for slot in _slots(parts):
        counts[slot.name] += 1
        if counts[slot.name] > REPEATS or counts.total() > SLOTS:
            what = (
                f"`{slot.name}` more than {REPEATS} times" if counts[slot.name] > REPEATS else f"over {SLOTS} captures"
            )
            raise PatternError(f"this template holds {what}", slot.offset, "a card shows a text once or twice")
    return Template(text, parts)


def _parse(text: str, place: int, depth: int) -> tuple[tuple[Part, ...], int]:
    if depth > NESTING:
        hint = "write `\\[` for the character itself"
        raise PatternError(f"more than {NESTING} brackets in one another", place, hint)
    parts: list[Part] = []
    literal = ""

    def add(part: Part) -> None:
        nonlocal literal
        if literal:
            parts.append(literal)
        literal = ""
        parts.append(part)

    while place < len(text):
        character = text[place]
        if character == "\\" and place + 1 < len(text):
            following = text[place + 1]
            literal += {"n": "\n", "{": "{", "}": "}", "[": "\\[", "]": "\\]"}.get(following, character + following)
            place += 2
        elif character == "{":
            found = _NAME.match(text, place)
            if found is None:
                raise PatternError(
                    "`{` is never closed" if "}" not in text[place:] else "this is no capture",
                    place,
                    "write `\\{` for the character itself",
                )
            add(Slot(found.group(1).strip(), place))
            place = found.end()
        elif character == "[":
            inner, end = _parse(text, place + 1, depth + 1)
            if end >= len(text):
                raise PatternError("`[` is never closed", place, "write `\\[` for the character itself")
            if text.startswith("(", end + 1) or not any(_slots(inner)):  # a link, or brackets in the text
                literal += "["
                for part in inner:
                    if isinstance(part, str):
                        literal += part
                    else:
                        add(part)
                literal += "]"
            else:
                add(inner)
            place = end + 1
        elif character == "]" and depth:
            break
        elif character == "}":
            raise PatternError("`}` closes nothing", place, "write `\\}` for the character itself")
        else:
            literal += character
            place += 1
    if literal:
        parts.append(literal)
    return tuple(parts), place
