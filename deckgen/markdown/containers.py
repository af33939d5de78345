"""Lines → containers and HTML tables: `<details>`, `!!! note "…"`, `::: info …`, `<table>`, each with what is in it.

What has no end, or is nested too deep, stays what CommonMark makes of it. Only reading knows these rules: in a card
such lines are shown as they are written.
"""
# ruff: noqa: FBT001, N803 (how the parser calls its rules)

from __future__ import annotations

import re
from collections.abc import Callable

from markdown_it.rules_block import StateBlock

from deckgen.markdown.html_tables import read_html_table
from deckgen.markdown.lazy_regex import lazy_regex

MOST_LINES = 400
"""Of one container: so far an end is looked for."""

_ADMONITION = lazy_regex(
    r"(?:!{3}|\?{3}\+?)[ \t]++([A-Za-z][\w-]*+)(?:[ \t]++[\w-]++)*+[ \t]*+(?:[\"“]([^\"“”\n]*+)[\"”])?[ \t]*+"
)
_DIRECTIVE = lazy_regex(
    r":{3,}[ \t]*+(?:\{[.#]?(?P<class>[\w-]+)(?P<more>[^{}\n]*+)\}|(?P<name>[A-Za-z][\w-]*+))"
    r"(?:\[(?P<label>[^\]\n]*+)\])?[ \t]*+(?:\{(?P<attributes>[^{}\n]*+)\})?[ \t:]*+(?P<rest>[^\s{][^\n]*+)?"
)
_DIRECTIVE_END = lazy_regex(r":{3,}[ \t]*")
_TITLE = lazy_regex(r"title\s*=\s*\"([^\"\n]*)\"|title\s*=\s*“([^”\n]*)”")
_DETAILS = lazy_regex(r"<details\b[^<>\n]*>", re.IGNORECASE)
_DETAILS_TAG = lazy_regex(r"<(/?)details\b[^<>\n]*>", re.IGNORECASE)
_SUMMARY = lazy_regex(
    r"\s*<summary\b[^<>\n]*>((?:(?!</?summary|</?details).){0,1000})</summary>", re.IGNORECASE | re.DOTALL
)
_TABLE = lazy_regex(r"<table\b", re.IGNORECASE)
_TABLE_END = lazy_regex(r"</table\s*>[ \t]*$", re.IGNORECASE | re.MULTILINE)

Span = tuple[int, int]


def container(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A block that note-taking tools set apart, with its kind and its title."""
    start, end = state.bMarks[startLine] + state.tShift[startLine], state.eMarks[startLine]
    if "compact" not in state.env or state.is_code_block(startLine):
        return False
    read = _FORMS.get(state.src[start : start + 1])
    return read is not None and read(state, startLine, endLine, (start, end), silent)


def html_table(state: StateBlock, startLine: int, endLine: int, silent: bool) -> bool:
    """A table in HTML, up to its end: blank lines inside do not end it."""
    start = state.bMarks[startLine] + state.tShift[startLine]
    if "compact" not in state.env or not _TABLE.match(state.src, start) or state.is_code_block(startLine):
        return False
    last = next((n for n in _lines(startLine, endLine) if _TABLE_END.search(_line(state, n))), None)
    if last is None or not _is_unmarked(state, startLine, last):
        return False
    table = read_html_table(state.src, start, state.eMarks[last])
    if table is None:
        return False
    if not silent:
        token = state.push("html_table", "table", 0)
        token.map, token.meta = [startLine, last + 1], {"start": start, "table": table}
        state.line = last + 1
    return True


def _admonition(state: StateBlock, line: int, end_line: int, span: Span, silent: bool) -> bool:
    found = _ADMONITION.fullmatch(state.src, *span)
    last = line
    for number in _lines(line + 1, end_line) if found else ():
        if not state.isEmpty(number):
            if state.sCount[number] < state.blkIndent + 4:
                break
            last = number
    if found is None or last == line:
        return False
    if not silent:
        _push(state, (line, last), found[1], found.span(2), (line + 1, last + 1), state.blkIndent + 4)
    return True


def _directive(state: StateBlock, line: int, end_line: int, span: Span, silent: bool) -> bool:
    found = _DIRECTIVE.fullmatch(state.src, *span)
    if found is None:
        return False
    depth, last = 1, -1
    for number in _lines(line + 1, end_line):
        start, end = state.bMarks[number] + state.tShift[number], state.eMarks[number]
        if not state.src.startswith(":::", start):
            continue
        depth += -1 if _DIRECTIVE_END.fullmatch(state.src, start, end) else 1
        if not depth:
            last = number
            break
    if last < 0:
        return False
    if not silent:
        title = next((found.span(name) for name in ("label", "rest") if found[name]), (-1, -1))
        title = title[0], title[0] + len(state.src[slice(*title)].rstrip(" \t:")) if title[0] >= 0 else -1
        for name in ("more", "attributes") if title[0] < 0 else ():
            written = _TITLE.search(state.src, *found.span(name)) if found[name] else None
            if written is not None:
                title = written.span(written.lastindex or 0)
        _push(state, (line, last), found["name"] or found["class"], title, (line + 1, last), state.blkIndent)
    return True


def _details(state: StateBlock, line: int, end_line: int, span: Span, silent: bool) -> bool:
    opening = _DETAILS.match(state.src, *span)
    if opening is None:
        return False
    place = _end_of_details(state, line, end_line, opening.end())
    if place is None or not _is_unmarked(state, line, place[0]):
        return False
    last, stop = place
    summary = _SUMMARY.match(state.src, opening.end(), stop)
    first_place = summary.end() if summary else opening.end()
    if not silent:
        first = line
        while state.eMarks[first] < first_place:
            first += 1
        body = _Cut(state, first, first_place, last, stop)
        title = summary.span(1) if summary else (-1, -1)
        _push(state, (line, last), "details", title, body.lines, body.indent)
        body.restore()
    return True


def _end_of_details(state: StateBlock, line: int, end_line: int, start: int) -> tuple[int, int] | None:
    """The line of the closing tag, and where the tag begins; None where something stands behind it."""
    depth = 1
    for number in _lines(line, end_line):
        begin = max(start, state.bMarks[number] + state.tShift[number])
        for tag in _DETAILS_TAG.finditer(state.src, begin, state.eMarks[number]):
            depth += -1 if tag[1] else 1
            if not depth:
                return None if state.src[tag.end() : state.eMarks[number]].strip() else (number, tag.start())
    return None


class _Cut:
    """The lines of a body that may begin behind a tag and end before one; `restore` gives the lines back."""

    def __init__(self, state: StateBlock, first: int, start: int, last: int, stop: int) -> None:
        self.state = state
        self.before = [
            (number, state.tShift[number], state.sCount[number], state.eMarks[number]) for number in {first, last}
        ]
        state.eMarks[last] = stop
        follows = not state.isEmpty(first + 1) if first + 1 <= last else False
        if state.src[start : state.eMarks[first]].strip():
            while state.src[start].isspace():
                start += 1
            state.tShift[first], state.sCount[first] = start - state.bMarks[first], state.blkIndent
        else:
            first += 1
        self.lines = (first, last + 1 if not state.isEmpty(last) else last)
        self.indent = state.blkIndent
        indents = [state.sCount[number] for number in range(*self.lines) if not state.isEmpty(number)]
        if follows and indents:  # without a blank line behind the tags it is no code
            self.indent = max(self.indent, min(indents))

    def restore(self) -> None:
        state = self.state
        for number, shift, count, end in self.before:
            state.tShift[number], state.sCount[number], state.eMarks[number] = shift, count, end


_FORMS: dict[str, Callable[[StateBlock, int, int, Span, bool], bool]] = {
    "!": _admonition,
    "?": _admonition,
    ":": _directive,
    "<": _details,
}


def _push(state: StateBlock, lines: Span, kind: str, title: Span, body: Span, indent: int) -> None:
    """The tokens of a container and of what stands in it."""
    opening = state.push("container_open", "div", 1)
    opening.map, opening.info = [lines[0], lines[1] + 1], kind
    opening.meta = {"start": state.bMarks[lines[0]] + state.tShift[lines[0]], "title": title}
    outer = state.lineMax, state.blkIndent, state.parentType, state.tight
    state.lineMax, state.blkIndent, state.parentType = body[1], indent, "root"
    state.md.block.tokenize(state, *body)
    state.lineMax, state.blkIndent, state.parentType, state.tight = outer
    state.push("container_close", "div", -1)
    state.line = lines[1] + 1


def _lines(first: int, end: int) -> range:
    return range(first, min(end, first + MOST_LINES))


def _line(state: StateBlock, number: int) -> str:
    return state.src[state.bMarks[number] + state.tShift[number] : state.eMarks[number]]


def _is_unmarked(state: StateBlock, first: int, last: int) -> bool:
    """Whether no mark of a quote stands between the lines of what is read as one."""
    return all(
        not state.src[state.eMarks[number - 1] + 1 : state.bMarks[number]].strip()
        for number in range(first + 1, last + 1)
    )
