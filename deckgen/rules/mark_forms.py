r"""Forms of marked spans, such as `==answer==` or `{{c123::answer[::hint]}}` → what finds them.

In a form, `answer` stands for what is marked, `123` for its number, `hint` for a hint; brackets around a number or a
hint make it optional, `|` between two ways to write it, `\[` is a bracket, and all else is itself. An optional number
without other ways may be a string of `a`, `h` and `s`: on which cards the span is asked, hidden and shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.pattern_syntax import PatternError

_PIECE = lazy_regex(r"\\(?P<escaped>.)|(?P<slot>answer|123|hint)|(?P<other>.)", re.DOTALL)
_NATIVE = "{{c123::"
_LINE = r"(?:[^\n]|\n(?![ \t]*\n))"
_TAKEN = "\ue00f"  # what an earlier form has found: no form is looked for in it, nor around it


@dataclass(frozen=True, slots=True)
class MarkForm:
    """A form, compiled."""

    text: str
    expression: re.Pattern[str] = field(compare=False, repr=False)
    near: re.Pattern[str] | None = field(default=None, compare=False, repr=False)  # the same with a mark too many

    @property
    def is_native(self) -> bool:
        """Whether it is Anki's own, which Anki reads everywhere: in code and in formulas too."""
        return self.text.startswith(_NATIVE)


class Mark(Struct, frozen=True):
    """A marked span: all of it, what is marked, its number (0 for none, `NO_CARD` for one that Anki cannot show) and
    its hint's place (empty for none).
    """

    start: int
    end: int
    answer: tuple[int, int]
    number: int = 0
    hint: tuple[int, int] = (0, 0)


NO_CARD = -1
"""The number of a span that is to be hidden on other cards, or asked on several: Anki has no such deletions."""


def parse_form(text: str, *, is_in_line: bool = False) -> MarkForm:
    """Compile a form, of spans that may go on behind a line break or (`is_in_line`) may not. Raises `PatternError`."""
    pieces, place = _pieces(text, 0)
    if place < len(text):
        raise PatternError("`]` closes nothing", place, "write `\\]` for the character itself")
    if sum("(?P<answer>" in piece for piece in pieces) != 1:
        raise PatternError("a form holds `answer` once", 0, "such as `'==answer=='`")
    for name, shown in (("number", "123"), ("hint", "hint")):
        if sum(f"(?P<{name}" in piece for piece in pieces) > 1:
            raise PatternError(f"`{shown}` stands twice", 0)
    at = next(index for index, piece in enumerate(pieces) if "(?P<answer>" in piece)
    before, after = pieces[:at], pieces[at + 1 :]
    if not _literals(before) or not _literals(after):
        raise PatternError("a form begins and ends with marks", 0, "such as `'==answer=='`")
    expression = lazy_regex(_expression(before, after, "[^\\n]" if is_in_line else _LINE), re.DOTALL)
    return MarkForm(text, expression, _near(_literals(before), _literals(after)))


def _near(opening: list[str], closing: list[str]) -> re.Pattern[str] | None:
    """What finds `===x===` where `==x==` is a form: a mark repeated once more is another mark."""
    mark = _REPEATED.fullmatch(opening[0])
    if mark is None or opening[0] != closing[-1] or len(opening) > 1 or len(mark[0]) == len(mark[1]):
        return None
    return lazy_regex(
        rf"(?<!{mark[1]}){opening[0]}{mark[1]}+(?=\S)[^\n]{{0,500}}?(?<=\S){opening[0]}{mark[1]}+(?!{mark[1]})"
    )


def _pieces(text: str, place: int) -> tuple[list[str], int]:
    """Expressions of the parts of a form; an optional one begins with `(?:`."""
    pieces: list[str] = []
    literal = ""

    def close() -> None:
        nonlocal literal
        if literal:
            pieces.append(re.escape(literal))
        literal = ""

    while place < len(text):
        found = _PIECE.match(text, place)
        assert found is not None
        if found["slot"]:
            close()
            pieces.append(_SLOTS[found["slot"]])
        elif found["other"] == "[" and (end := _optional_end(text, place)):
            close()
            pieces.append(_optional(text[place + 1 : end]))
            place = end + 1
            continue
        else:
            literal += found["escaped"] or found["other"]
        place = found.end()
    close()
    return pieces, place


_SLOTS = {"answer": "(?P<answer>)", "123": r"(?P<number>\d{1,3})", "hint": "(?P<hint>)"}
_ACTIONS = r"(?P<number>\d{1,3}|[ahs]{1,20})"


def _optional(text: str) -> str:
    """The expression of what stands in brackets: one of several ways to write a number or a hint, or nothing."""
    ways = re.split(r"(?<!\\)\|", text)
    choices = []
    for index, way in enumerate(ways):
        expression = "".join(_pieces(way, 0)[0])
        if found := re.search(r"(\W)hint(\W|$)", way):  # a mark repeated is another one: ` *hint*` is not ` **hint**`
            begin, end = re.escape(found[1]), re.escape(found[2])
            slot = f"(?!{begin})(?P<hint>)" + (f"(?<!{end})(?={end}(?!{end}))" if end else "")
            expression = expression.replace("(?P<hint>)", slot)
        for name in ("number", "hint"):
            expression = expression.replace(f"(?P<{name}>", f"(?P<{name}{index or ''}>")
        choices.append(expression)
    whole = "|".join(choices)
    return f"(?:{whole if len(ways) > 1 else whole.replace(_SLOTS['123'], _ACTIONS)})?"


def _optional_end(text: str, place: int) -> int:
    """Where brackets end that hold a number or a hint and no answer; 0 for others, which are marks themselves."""
    end = place + 1
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    inner = text[place + 1 : end]
    return end if end < len(text) and "answer" not in inner and ("123" in inner or "hint" in inner) else 0


_BRACES = re.escape("}}")
_REPEATED = lazy_regex(r"(\\?.)\1*")


def _literals(pieces: Iterable[str]) -> list[str]:
    return [piece for piece in pieces if not piece.startswith("(?")]


def _expression(before: list[str], after: list[str], character: str) -> str:
    opening, closing = _literals(before), _literals(after)
    ends = closing[0]
    if opening[0] == re.escape("{{c") and ends.startswith(_BRACES):  # of three braces the first is TeX's
        ends = f"{_BRACES}(?!\\}})"
    inner = f"(?:(?!{opening[0]}|{ends}){character})+?"
    is_even = opening[-1] == closing[0]  # `==x==`: marks that are their own partner are flanked as Markdown wants it
    answer = rf"(?P<answer>{inner}(?<!\s))" if is_even else f"(?P<answer>{inner})"
    hint = rf"(?:(?!{closing[-1]}){character})+?"
    begin = [before[0], r"(?!\s)", *before[1:]] if is_even else before
    body = re.sub(r"\(\?P<(hint\d*)>\)", lambda slot: f"(?P<{slot[1]}>{hint})", "".join([*begin, answer, *after]))
    if is_even and (mark := _REPEATED.fullmatch(opening[-1])):
        body = rf"(?<!{mark[1]}){body}(?!{mark[1]})"
    elif (mark := _REPEATED.fullmatch(opening[0])) and (end := _REPEATED.fullmatch(closing[-1])):
        # A mark repeated is one (law 2): `[x]` is not in `[[x]]`.
        inner_mark = rf"(?!{mark[1]})" if opening[0] is opening[-1] else ""
        body = rf"(?<!{mark[1]}){opening[0]}{inner_mark}{body.removeprefix(opening[0])}(?!{end[1]})"
    return body


def find_marks(forms: Iterable[MarkForm], masked: str, native: str = "") -> list[Mark]:
    """All marked spans of a text in which code, math and the like are masked; a form sees what the ones before left.
    `native`: the text in which Anki's own form is looked for; the same, where nothing is said.
    """
    found: list[Mark] = []
    native = native or masked
    for form in forms:
        spans = list(_matches(form, native if form.is_native else masked))
        found.extend(spans)
        for mark in spans:
            gone = _TAKEN * (mark.end - mark.start)
            masked = masked[: mark.start] + gone + masked[mark.end :]
            native = native[: mark.start] + gone + native[mark.end :]
    return sorted(found, key=lambda mark: mark.start)


def _matches(form: MarkForm, masked: str) -> Iterator[Mark]:
    for found in form.expression.finditer(masked):
        groups = found.groupdict()
        if not found["answer"].strip(" \t\n") or _TAKEN in found.group():
            continue
        written = next((value for name, value in groups.items() if name.startswith("number") and value), "")
        hint = next((name for name, value in groups.items() if name.startswith("hint") and value), "")
        place = found.span(hint) if hint else (0, 0)
        yield Mark(found.start(), found.end(), found.span("answer"), _number(written), place)


def _number(written: str) -> int:
    """The number of a span: as written, or that of the one card that asks it and where no other hides it."""
    if not written or written.isdigit():
        return int(written or 0)
    return written.index("a") + 1 if written.count("a") == 1 and "h" not in written else NO_CARD
