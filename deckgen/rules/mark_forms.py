r"""Forms of marked spans, such as `==answer==` or `{{c123::answer[::hint]}}` → what finds them.

In a form, `answer` stands for what is marked, `123` for its number, `hint` for a hint; brackets around a number or a
hint make it optional, `\[` is a bracket, and all else is itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from deckgen.patterns.grammar import PatternError

_PIECE = re.compile(r"\\(?P<escaped>.)|(?P<slot>answer|123|hint)|(?P<other>.)", re.DOTALL)
_LINE = r"(?:[^\n]|\n(?![ \t]*\n))"
_TAKEN = "\ue00f"  # what an earlier form has found: no form is looked for in it, nor around it


@dataclass(frozen=True, slots=True)
class MarkForm:
    """A form, compiled."""

    text: str
    expression: re.Pattern[str] = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked span: all of it, what is marked, its number (0 for none) and its hint's place (empty for none)."""

    start: int
    end: int
    answer: tuple[int, int]
    number: int = 0
    hint: tuple[int, int] = (0, 0)


def parse_form(text: str) -> MarkForm:
    """Compile a form. Raises `PatternError`."""
    pieces, place = _pieces(text, 0, closing="")
    if place < len(text):
        raise PatternError("`]` closes nothing", place, "write `\\]` for the character itself")
    if sum("(?P<answer>" in piece for piece in pieces) != 1:
        raise PatternError("a form holds `answer` once", 0, "such as `'==answer=='`")
    for name, shown in (("number", "123"), ("hint", "hint")):
        if "".join(pieces).count(f"(?P<{name}>") > 1:
            raise PatternError(f"`{shown}` stands twice", 0)
    at = next(index for index, piece in enumerate(pieces) if "(?P<answer>" in piece)
    before, after = pieces[:at], pieces[at + 1 :]
    if not _literals(before) or not _literals(after):
        raise PatternError("a form begins and ends with marks", 0, "such as `'==answer=='`")
    return MarkForm(text, re.compile(_expression(before, after), re.DOTALL))


def _pieces(text: str, place: int, closing: str) -> tuple[list[str], int]:
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
            inner, _ = _pieces(text[:end], place + 1, closing="]")
            pieces.append(f"(?:{''.join(inner)})?")
            place = end + 1
            continue
        elif found["other"] == "]" and closing:
            break
        else:
            literal += found["escaped"] or found["other"]
        place = found.end()
    close()
    return pieces, place


_SLOTS = {"answer": "(?P<answer>)", "123": r"(?P<number>\d{1,3})", "hint": "(?P<hint>)"}


def _optional_end(text: str, place: int) -> int:
    """Where brackets end that hold a number or a hint and no answer; 0 for others, which are marks themselves."""
    end = place + 1
    while end < len(text) and text[end] != "]":
        end += 2 if text[end] == "\\" else 1
    inner = text[place + 1 : end]
    return end if end < len(text) and "answer" not in inner and ("123" in inner or "hint" in inner) else 0


_REPEATED = re.compile(r"(\\?.)\1*")


def _literals(pieces: Iterable[str]) -> list[str]:
    return [piece for piece in pieces if not piece.startswith("(?")]


def _expression(before: list[str], after: list[str]) -> str:
    opening, closing = _literals(before), _literals(after)
    inner = f"(?:(?!{opening[0]}|{closing[0]}){_LINE})+?"
    is_even = opening[-1] == closing[0]  # `==x==`: marks that are their own partner are flanked as Markdown wants it
    answer = rf"(?P<answer>(?!\s){inner}(?<!\s))" if is_even else f"(?P<answer>{inner})"
    hint = rf"(?P<hint>(?:(?!{closing[-1]}){_LINE})+?)"
    body = "".join([*before, answer, *after]).replace("(?P<hint>)", hint)
    if is_even and (mark := _REPEATED.fullmatch(opening[-1])):
        body = rf"(?<!{mark[1]}){body}(?!{mark[1]})"
    elif (mark := _REPEATED.fullmatch(opening[0])) and (end := _REPEATED.fullmatch(closing[-1])):
        # A mark repeated is one (law 2): `[x]` is not in `[[x]]`.
        inner_mark = rf"(?!{mark[1]})" if opening[0] is opening[-1] else ""
        body = rf"(?<!{mark[1]}){opening[0]}{inner_mark}{body.removeprefix(opening[0])}(?!{end[1]})"
    return body


def find_marks(forms: Iterable[MarkForm], masked: str) -> list[Mark]:
    """All marked spans of a text in which code, math and the like are masked; a form sees what the ones before left."""
    found: list[Mark] = []
    for form in forms:
        spans = list(_matches(form, masked))
        found.extend(spans)
        for mark in spans:
            masked = masked[: mark.start] + _TAKEN * (mark.end - mark.start) + masked[mark.end :]
    return sorted(found, key=lambda mark: mark.start)


def _matches(form: MarkForm, masked: str) -> Iterator[Mark]:
    for found in form.expression.finditer(masked):
        groups = found.groupdict()
        if not found["answer"].strip(" \t\n") or _TAKEN in found.group():
            continue
        number = int(groups.get("number") or 0)
        hint = found.span("hint") if groups.get("hint") else (0, 0)
        yield Mark(found.start(), found.end(), found.span("answer"), number, hint)
