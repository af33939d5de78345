"""Inline Markdown as it is read, with the way back: which characters of the source each character came from.

A `Text` is made of raw Markdown and of where its lines stand. Nothing is parsed before somebody asks for it, and text
without a special character never is.
"""

from __future__ import annotations

import re
from bisect import bisect_right

from deckgen.markdown.atoms import CODE, IMAGE, MATH, PRIVATE, REPLACEMENT, URL
from deckgen.markdown.inline_parse import NO_DEFINITIONS, Definitions, InlineParse
from deckgen.markdown.inline_reader import read_inline
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.plain_text import plain_of
from deckgen.model import Markdown

__all__ = ["ATOMS", "CODE", "IMAGE", "MATH", "URL", "Definitions", "Text"]

ATOMS = {CODE: "code", MATH: "math", URL: "url", IMAGE: "image"}
"""One opaque character each in `plain`."""

_SPECIAL = lazy_regex(r"[\\`*_\[<&$~=^\ue000-\ue0ff]")
_SPACED_BREAK = lazy_regex(r"\s\n|\n\s")
_ATOM = lazy_regex(f"[{CODE}{MATH}{URL}{IMAGE}]")
_MERGED = frozenset({"bold", "italic", "strike", "highlight"})
_KINDS = ("bold", "italic", "strike", "highlight", "link", "code", "math", "image", "url")


class Text:
    """One stretch of inline Markdown: a paragraph, heading, list item's text or table cell."""

    __slots__ = ("_breaks", "_parse", "_runs", "_written", "columns", "definitions", "line", "raw", "skipped")

    def __init__(
        self,
        raw: str,
        line: int = 1,
        columns: tuple[int, ...] = (1,),
        definitions: Definitions = NO_DEFINITIONS,
        skipped: tuple[int, ...] = (),
    ) -> None:
        r"""`line` is that of the first line, `columns` where each line's content starts, both from 1.

        `definitions` are the document's link references and footnotes. `skipped` are offsets into `raw` before which
        the source has one more character: the backslash of a table cell's `\|`.
        """
        self.raw = raw
        self.line = line
        self.columns = columns
        self.definitions = definitions
        self.skipped = skipped
        self._parse: InlineParse | None = None
        self._breaks: list[int] | None = None
        self._runs: dict[str, list[tuple[int, int]]] | None = None
        self._written: dict[tuple[int, int], Markdown] = {}

    def __repr__(self) -> str:
        return f"Text({self.raw!r}, line={self.line})"

    def _read(self) -> InlineParse:
        parse = self._parse
        if parse is None:
            raw = self.raw
            if _SPECIAL.search(raw) or "://" in raw or ("\n" in raw and _SPACED_BREAK.search(raw)):
                raw = PRIVATE.sub(REPLACEMENT, raw)
                parse = read_inline(raw, self.definitions)
            else:
                parse = InlineParse(raw)
            self._parse = parse
        return parse

    @property
    def plain(self) -> str:
        r"""As read: no marks, entities and escapes as their characters, a line break as `\n`, an atom one character."""
        parse = self._parse
        return self._read().plain if parse is None else parse.plain

    @property
    def whole(self) -> Markdown:
        """The Markdown of all, as `markdown` has it."""
        return self.markdown(0, len(self.plain))

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be read."""
        return not self.plain

    def markdown(self, start: int, end: int) -> Markdown:
        """The Markdown of `plain[start:end]`, verbatim where it can be, well-formed, without white space at its ends.

        Marks cut through are opened and closed again: of `**DLSS 3** …`, `DLSS` is `**DLSS**`. What would open a block
        at the start of a line (`- `, `1. `, `#`) is escaped, reference links and footnotes are written out.
        """
        parse = self._read()
        start, end = _trim(parse.plain, start, end)
        if start >= end:
            return Markdown("")
        if parse.is_plain:
            return Markdown(_escape_block_starts(parse.plain[start:end]))
        if (start, end) not in self._written:  # a note asks for the same again: for its fields, its key, its identity
            self._written[start, end] = Markdown(_escape_block_starts(self._cut(parse, start, end)))
        return self._written[start, end]

    def _cut(self, parse: InlineParse, start: int, end: int) -> str:
        written = parse.markdown(start, end)
        whole = written == self.raw
        if not whole and _needs_check(written) and Text(written).plain != parse.plain[start:end]:
            return parse.escaped(start, end)  # out of its surroundings it would be read otherwise
        return written

    def shown(self, start: int, end: int) -> str:
        """`plain[start:end]` with atoms as they show: code, math with its dollar signs, the URL, the image's alt."""
        plain = self.plain[start:end]
        if not _ATOM.search(plain):
            return plain
        parse, parts, last = self._read(), [], start
        for segment in parse.atoms(start, end):
            parts.append(parse.plain[last : segment.start])
            parts.append(segment.shown)
            last = segment.end
        return "".join(parts) + parse.plain[last:end]

    def prose(self, start: int, end: int) -> str:
        """`plain[start:end]` without atoms and without the text of links."""
        parse, parts, last = self._read(), [], start
        for first, stop in self.mark_runs("link"):
            if stop > last and first < end:
                parts.append(parse.plain[last : max(first, last)])
                last = min(stop, end)
        parts.append(parse.plain[last:end])
        return _ATOM.sub("", "".join(parts))

    def mark_runs(self, kind: str) -> list[tuple[int, int]]:
        """The spans of `plain` so marked, in order: each link and atom by itself, touching emphasis as one."""
        parse = self._read()
        if parse.is_plain:
            return []
        if self._runs is None:
            self._runs = {}
            for span in parse.spans:
                if span.kind and span.start < span.end:
                    self._runs.setdefault(span.kind, []).append((span.start, span.end))
            for segment in parse.atoms(0, len(parse.plain)):
                self._runs.setdefault(ATOMS[parse.plain[segment.start]], []).append((segment.start, segment.end))
            for name, runs in self._runs.items():
                self._runs[name] = _merge(sorted(runs), touching=name in _MERGED)
        return self._runs.get(kind, [])

    def marks(self, start: int, end: int) -> frozenset[str]:
        """Those of bold, italic, strike, highlight, link, code, math, image, url that cover all of the range."""
        if start >= end or self._read().is_plain:
            return frozenset()
        return frozenset(kind for kind in _KINDS if _covers(self.mark_runs(kind), start, end))

    def link_target(self, place: int) -> str | None:
        """Where the link leads that `plain[place]` stands in, also a bare URL or a wiki link."""
        parse = self._read()
        for span in parse.spans:
            if span.kind == "link" and span.start <= place < span.end:
                return span.target
        segment = parse.segment_at(place)
        return segment.target if segment is not None and parse.plain[place : place + 1] == URL else None

    def place(self, index: int) -> tuple[int, int]:
        """Source line and column, from 1, of `plain[index]`; of the end for `len(plain)`."""
        offset = self._read().raw_start(index)
        if self._breaks is None:
            self._breaks = [0, *(found.end() for found in re.finditer("\n", self.raw))]
        row = bisect_right(self._breaks, offset) - 1
        column = self.columns[row] if row < len(self.columns) else 1
        line_start = self._breaks[row]
        more = bisect_right(self.skipped, offset) - bisect_right(self.skipped, line_start - 1) if self.skipped else 0
        return self.line + row, column + offset - line_start + more

    def source(self, start: int, end: int) -> str:
        """The raw Markdown from the first to the last character of `plain[start:end]`, marks left as they are cut."""
        parse = self._read()
        return self.raw[parse.raw_start(start) : parse.raw_end(end - 1)] if start < end else ""


def _trim(plain: str, start: int, end: int) -> tuple[int, int]:
    start, end = max(start, 0), min(end, len(plain))
    while start < end and plain[start].isspace():
        start += 1
    while start < end and plain[end - 1].isspace():
        end -= 1
    return start, end


def _merge(runs: list[tuple[int, int]], *, touching: bool) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in runs:
        if merged and (start < merged[-1][1] or (touching and start == merged[-1][1])):
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged


def _covers(runs: list[tuple[int, int]], start: int, end: int) -> bool:
    for first, last in runs:
        if first > start:
            return False
        if last > start:
            start = last
            if start >= end:
                return True
    return False


def _needs_check(markdown: str) -> bool:
    return _SPECIAL.search(markdown) is not None or "://" in markdown


# What opens a block at the start of a line: up to where the backslash goes, or the marks that are all escaped.
_OPENS = r"""(?:
    (?=[-+](?:[ \t]|$) | \#{1,6}(?:[ \t]|$) | > | \{:[^{}\n]*\}[ \t]*$ | -[ \t]*(?:-[ \t]*){2,}$)
  | (?:\*(?=[ \t]|$) | ~{3,} | `{3,}(?=[^`\n]*$) | (?P<rule>[*_])(?:[ \t]*(?P=rule)){2,}(?=[ \t]*$))
  | \d{1,9}(?=[.)](?:[ \t]|$))
  | \[(?=[^\[\]\n]+\]:)
)"""
_FIRST_LINE = lazy_regex(_OPENS, re.VERBOSE | re.MULTILINE)
_OTHER_LINE = lazy_regex(rf"^[ \t]*(?:(?=-+[ \t]*$)|=+(?=[ \t]*$)|{_OPENS})", re.VERBOSE | re.MULTILINE)
_SUSPECT = lazy_regex(r"^[ \t]*[-+*#>~`{_=\d\[]", re.MULTILINE)


def _escape_block_starts(markdown: str) -> str:
    """With a backslash where a line would open a block, which it did not in its place."""
    if not _SUSPECT.search(markdown):
        return markdown
    first, newline, rest = markdown.partition("\n")
    found = _FIRST_LINE.match(first)
    if found:
        first = _escape(found) + first[found.end() :]
    escaped = first + newline + _OTHER_LINE.sub(_escape, rest)
    if escaped != markdown and plain_of(escaped) != plain_of(markdown):
        return markdown  # the line stands inside of code or math
    return escaped


def _escape(found: re.Match[str]) -> str:
    marks = found.group().lstrip(" \t")
    space = found.group()[: found.end() - found.start() - len(marks)]
    if marks[:1] == "[":
        return space + "&#91;"  # after a backslash it would be TeX's
    return space + (marks + "\\" if not marks or marks.isdigit() else re.sub(r"(?=[^ \t])", r"\\", marks))
