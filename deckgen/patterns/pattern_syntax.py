"""Pattern text → its parts, or the place and the reason why it is no pattern.

pattern = { text | capture | group | "[" choices "]" | "…" | "..." } [ "$" ] ;     choices = pattern { "|" pattern } ;
capture = "{" [ name ] [ ":" ( type | group ) ] "}" ;     group = "(" choices ")" ;
text    = any character but { } ( ) [ ] | … $ and the backslash, or a backslash and any character ;
"""

from __future__ import annotations

import re
from functools import lru_cache

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex

NAME = lazy_regex(r"[^\W\d][\w.-]*|\d+", re.UNICODE)
_PLAIN = r"[^\\(){}\[\]|…$.]+"  # characters that are nothing but themselves
_RUN = lazy_regex(_PLAIN)
_WORDS = lazy_regex(rf"{_PLAIN}(?=[|)\]])")


NESTING, PARTS = 20, 200
"""Brackets in brackets; captures, gaps and groups of one pattern. Matching goes one call deeper with each."""


class PatternError(Exception):
    """Not a pattern: what is wrong, at which character, and how to mend it. Never leaves `rules`."""

    def __init__(self, message: str, offset: int, hint: str = "", kind: str = "bad-pattern") -> None:
        super().__init__(message)
        self.message, self.offset, self.hint, self.kind = message, offset, hint, kind


class Literal(Struct, frozen=True):
    """Characters that stand for themselves; spaces inside are white space."""

    text: str
    offset: int = 0


class Gap(Struct, frozen=True):
    """Any text of the element, or none."""

    offset: int = 0


class End(Struct, frozen=True):
    """The text ends here, but for a closing full stop."""

    offset: int = 0


class Capture(Struct, frozen=True):
    """A named span; without a name it is passed over. Either of a type, or of one of `inner`."""

    name: str
    type: str = "text"
    inner: Group | None = None
    offset: int = 0


class Group(Struct, frozen=True):
    """One of several sequences, in order; an optional one may be left out."""

    choices: tuple[Sequence, ...]
    is_optional: bool = False
    offset: int = 0


Part = Literal | Gap | End | Capture | Group
Sequence = tuple[Part, ...]


@lru_cache(maxsize=8192)  # a rule that asks two questions of a sentence has each pattern twice
def parse_pattern(text: str) -> Sequence:
    """The parts of a pattern. Raises `PatternError`."""
    parser = _Parser(text)
    parts = parser.sequence(closing="")
    if parser.place < len(text):
        raise PatternError(
            f"`{text[parser.place]}` closes nothing",
            parser.place,
            f"write `\\{text[parser.place]}` for the character itself",
        )
    if not parts:
        raise PatternError("the pattern is empty", 0)
    if fits_empty(parts):
        raise PatternError(
            "the pattern would fit an empty text", 0, "something in it must be there: a word, or a capture"
        )
    return parts


def fits_empty(parts: Sequence) -> bool:
    """Whether a sequence can match without taking a character."""
    return all(
        isinstance(part, (Gap, End))
        or (isinstance(part, Literal) and not part.text.strip())
        or (isinstance(part, Group) and (part.is_optional or any(fits_empty(c) for c in part.choices)))
        for part in parts
    )


def captures_in(parts: Sequence) -> list[Capture]:
    """All captures of a sequence, in order, those inside groups and captures too."""
    found: list[Capture] = []
    for part in parts:
        if isinstance(part, Capture):
            found.append(part)
            if part.inner:
                found.extend(c for choice in part.inner.choices for c in captures_in(choice))
        elif isinstance(part, Group):
            found.extend(c for choice in part.choices for c in captures_in(choice))
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0
        self.depth = self.parts = 0

    def sequence(self, closing: str) -> Sequence:
        parts: list[Part] = []
        literal, began = "", 0
        text = self.text

        def close_literal() -> None:
            nonlocal literal
            if literal:
                parts.append(Literal(literal, began))
                literal = ""

        while self.place < len(text):
            character, here = text[self.place], self.place
            if character in ")]}" or (character == "|" and closing):
                break
            if character == "|":
                raise PatternError(
                    "`|` stands outside of brackets",
                    here,
                    "alternatives stand in `(a|b)` or `[a|b]`; for the character itself write `\\|`",
                )
            if character in "{([…$" or text.startswith("...", here):
                close_literal()
                parts.append(self._special(character))
                continue
            if not literal:
                began = here
            if character == "\\":
                if here + 1 >= len(text):
                    raise PatternError("`\\` stands before nothing", here, "write `\\\\` for a backslash")
                literal += text[here + 1]
                self.place += 2
            elif run := _RUN.match(text, here):
                literal += run.group()
                self.place = run.end()
            else:
                literal += character
                self.place += 1
        close_literal()
        for part in parts[:-1]:
            if isinstance(part, End):
                raise PatternError(
                    "`$` stands before the end",
                    part.offset,
                    "`$` is the end of the text; for the character itself write `\\$`",
                )
        return tuple(parts)

    def _special(self, character: str) -> Part:
        here = self.place
        self.parts += 1
        if self.parts > PARTS:
            raise PatternError(f"more than {PARTS} captures and groups", here, "make several patterns of it")
        if character == "{":
            return self._capture()
        if character == "(":
            return self._group(")", is_optional=False)
        if character == "[":
            return self._group("]", is_optional=True)
        if character == "$":
            self.place += 1
            return End(here)
        self.place += 1 if character == "…" else 3
        return Gap(here)

    def _group(self, closing: str, *, is_optional: bool) -> Group:
        self.depth += 1
        if self.depth > NESTING:
            raise PatternError(f"more than {NESTING} brackets in one another", self.place, "write the alternatives out")
        try:
            return self._choices(closing, is_optional=is_optional)
        finally:
            self.depth -= 1

    def _choices(self, closing: str, *, is_optional: bool) -> Group:
        here = self.place
        choices: list[Sequence] = []
        self.place += 1
        while True:
            began = self.place
            if words := _WORDS.match(self.text, began):  # as most of thousands are
                choice: Sequence = (Literal(words.group(), began),)
                self.place = words.end()
            else:
                choice = self.sequence(closing)
            if not choice:
                raise PatternError(
                    "an alternative is empty", began, "leave it out, or make the whole optional: `[a|b]`"
                )
            choices.append(choice)
            if self.place >= len(self.text):
                raise PatternError(
                    f"`{self.text[here]}` is never closed",
                    here,
                    f"write `\\{self.text[here]}` for the character itself",
                )
            if self.text[self.place] != "|":
                break
            self.place += 1
        if self.text[self.place] != closing:
            raise PatternError(f"`{self.text[self.place]}` where `{closing}` is wanted", self.place)
        self.place += 1
        return Group(tuple(choices), is_optional, here)

    def _capture(self) -> Capture:
        here = self.place
        self.place += 1
        name, kind, inner = "", "text", None
        if found := NAME.match(self.text, self.place):
            name = found.group()
            self.place = found.end()
        if self.text.startswith(":", self.place):
            self.place += 1
            if self.text.startswith("(", self.place):
                inner = self._group(")", is_optional=False)
            elif found := NAME.match(self.text, self.place):
                kind = found.group()
                self.place = found.end()
            else:
                raise PatternError(
                    "a type is missing after `:`", self.place, "a type such as `name`, or alternatives: `{x:(a|b)}`"
                )
        if not self.text.startswith("}", self.place):
            is_cut_off = self.place >= len(self.text)
            message = "`{` is never closed" if is_cut_off else f"`{self.text[self.place]}` cannot stand in a capture"
            hint = "a capture is `{name}` or `{name:type}`; for the character itself write `\\{`"
            raise PatternError(message, here if is_cut_off else self.place, hint)
        self.place += 1
        return Capture(name, kind, inner, here)
