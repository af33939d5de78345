"""Inline tokens → `Structure`: the text as read, the stretches of source behind it, and the marked spans."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

from markdown_it.token import Token

from deckgen.markdown import parser

CODE, MATH, URL, IMAGE = "\ue000", "\ue001", "\ue002", "\ue003"
PRIVATE = re.compile("[\ue000-\ue0ff]")
"""Characters that mean something to deckgen; in a source they are replaced, so that no note can forge one."""
REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True)
class Definitions:
    """What a document defines in one place and uses in another: `[label]: url` and `[^label]: text`."""

    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as markdown-it keeps them
    footnotes: Mapping[str, str] = field(default_factory=dict)  # the Markdown of each

    def environment(self, raw: str) -> dict[str, Any]:
        """What markdown-it's inline rules want to know about the rest of the document."""
        environment: dict[str, Any] = {}
        if self.references:
            environment["references"] = self.references
        if self.footnotes and "[^" in raw:
            used = re.findall(r"\[\^([^\]\s]+)\]", raw)
            environment["footnotes"] = {"refs": {":" + label: -1 for label in used if label in self.footnotes}, "list": {}}
        return environment

    def inline_footnote(self, label: str) -> str:
        """`^[its text]`, which stands for itself; empty when that cannot be written so."""
        content = re.sub(r"\[\^[^\]\s]+\]", "", " ".join(self.footnotes.get(label, "").split()))
        written = f"^[{content}]"
        tokens = parser().inline.parse_placed(written, parser(), {}) if content else []  # type: ignore[attr-defined]
        return written if [token.type for token in tokens] == ["footnote_ref"] else ""


NO_DEFINITIONS = Definitions()


@dataclass(slots=True)
class Segment:
    """`plain[start:end]` and the raw text behind it: character for character, or (`is_unit`) as a whole."""

    start: int
    end: int
    raw_start: int
    raw_end: int
    is_unit: bool = False
    shown: str = ""  # of an atom
    target: str = ""  # of a URL or an image


@dataclass(slots=True)
class MarkedSpan:
    """A pair of marks in `raw` and what it holds in `plain`. `opening` and `closing` are what to write when it is cut."""

    kind: str  # "" for HTML tags that mean no mark
    start: int
    end: int
    opening: str
    closing: str
    target: str = ""
    tag: str = ""  # of HTML
    raw_start: int = 0
    whole_opening: str = ""  # written instead of `opening` when the span is whole; [[Page]] needs the difference


_HTML = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "mark": "highlight", "a": "link"}
_HTML |= {"s": "strike", "del": "strike", "strike": "strike"}
_VOID = frozenset({"area", "base", "col", "embed", "hr", "input", "link", "meta", "param", "source", "track", "wbr"})
_MARKS = {"strong": "bold", "em": "italic", "s": "strike", "mark": "highlight", "link": "link", "wiki": "link"}
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTE = re.compile(r"""\s([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_ESCAPED = re.compile(r"([\\`*_<>&$~=^!])|([\[\]])|(?<=:)(/)(?=/)")
_SPACE = " \t\u3000\xa0"


class Structure:
    """What a parse found. Without segments the text is plain: `raw` and `plain` are the same."""

    __slots__ = ("_starts", "edits", "is_plain", "plain", "raw", "segments", "spans")

    def __init__(self, raw: str) -> None:
        self.raw = self.plain = raw
        self.is_plain = True
        self.segments: list[Segment] = []
        self.spans: list[MarkedSpan] = []  # in the order in which they open
        self.edits: list[tuple[int, int, str]] = []  # stretches of raw that `markdown` writes otherwise
        self._starts: list[int] = []

    def segment_at(self, index: int) -> Segment | None:
        """The segment that holds `plain[index]`."""
        if not self._starts and self.segments:
            self._starts = [segment.start for segment in self.segments]
        found = bisect_right(self._starts, index) - 1
        return self.segments[found] if found >= 0 else None

    def atoms(self, start: int, end: int) -> Iterator[Segment]:
        """The atoms of `plain[start:end]`."""
        for place in range(start, min(end, len(self.plain))):
            if CODE <= self.plain[place] <= IMAGE:
                segment = self.segment_at(place)
                if segment is not None:
                    yield segment

    def raw_start(self, index: int) -> int:
        """Where in raw the character begins; the end for `len(plain)`."""
        if self.is_plain:
            return index
        if index >= len(self.plain):
            return self.raw_end(len(self.plain) - 1)
        segment = self.segment_at(index)
        if segment is None:
            return 0
        return segment.raw_start if segment.is_unit else segment.raw_start + index - segment.start

    def raw_end(self, index: int) -> int:
        """Where in raw the character ends."""
        if self.is_plain:
            return index + 1
        segment = self.segment_at(index)
        if segment is None:
            return 0
        return segment.raw_end if segment.is_unit else segment.raw_start + index + 1 - segment.start

    def markdown(self, start: int, end: int) -> str:
        """The raw of a non-empty range, with the marks around it opened and closed."""
        first, last = self.raw_start(start), self.raw_end(end - 1)
        opened: list[str] = []
        closed: list[str] = []
        edits = self.edits
        for span in self.spans:
            if span.start < end and span.end > start:
                is_whole = span.start >= start and span.end <= end
                if span.start <= start:
                    opened.append(span.whole_opening if is_whole and span.whole_opening else span.opening)
                elif span.whole_opening and not is_whole:
                    edits = sorted([*edits, (span.raw_start, span.raw_start + len(span.whole_opening), span.opening)])
                if span.end >= end:
                    closed.append(span.closing)
        for from_, to, _ in edits:
            if from_ == last:  # a footnote belongs to the word before it
                last = to
        closed.reverse()
        return "".join(opened) + self._edited(first, last, edits) + "".join(closed)

    def _edited(self, first: int, last: int, edits: list[tuple[int, int, str]]) -> str:
        parts, place = [], first
        for from_, to, text in edits:
            if from_ >= place and to <= last:
                parts.append(self.raw[place:from_])
                parts.append(text)
                place = to
        return "".join(parts) + self.raw[place:last]

    def escaped(self, start: int, end: int) -> str:
        """The range without marks, every character that could mean something escaped."""
        parts = []
        place = start
        while place < end:
            segment = self.segment_at(place)
            if segment is None:
                break
            stop = min(segment.end, end)
            text = self.plain[place:stop]
            if text == URL and self.raw[segment.raw_start] != "<":
                parts.append(f"<{self.raw[segment.raw_start : segment.raw_end]}>")
            elif segment.is_unit and CODE <= text[:1] <= IMAGE:
                parts.append(self._edited(segment.raw_start, segment.raw_end, self.edits))
            else:
                parts.append(_ESCAPED.sub(_escape, text))
            place = stop
        return "".join(parts)


def _escape(found: re.Match[str]) -> str:
    # A bracket after a backslash would be TeX's \[, a slash after one is no escape.
    return "\\" + found[1] if found[1] else f"&#{ord(found.group())};"


def read_inline(raw: str, definitions: Definitions = NO_DEFINITIONS) -> Structure:
    """Parse inline Markdown; `raw` holds no private-use characters."""
    md = parser()
    tokens = md.inline.parse_placed(raw, md, definitions.environment(raw))  # type: ignore[attr-defined]
    reader = _Reader(raw, definitions)
    if "~~~" in raw:
        _order_tildes(tokens)
    skip = 0
    for index, token in enumerate(tokens):
        if skip:
            skip -= 1
        elif token.type == "link_open" and token.info == "auto":
            reader.add_atom(token, URL, tokens[index + 1].content, str(token.attrs["href"]))
            skip = 2
        else:
            reader.read(token)
    return reader.finish()


def _order_tildes(tokens: list[Token]) -> None:
    """Of `~~a~~~` the parser moves the odd tilde behind the closing mark: so move its place."""
    for index, token in enumerate(tokens):
        if token.type == "text" and token.content == "~" and token.map and index and tokens[index - 1].type == "s_close":
            first = index - 1
            while first and tokens[first - 1].type == "s_close":
                first -= 1
            place = min(moved.map[0] for moved in tokens[first : index + 1] if moved.map)
            for moved in tokens[first : index + 1]:
                width = 1 if moved is token else 2
                moved.map = [place, place + width]
                place += width


class _Reader:
    """Builds a `Structure` from tokens in order."""

    def __init__(self, raw: str, definitions: Definitions) -> None:
        self.raw = raw
        self.definitions = definitions
        self.structure = Structure(raw)
        self.parts: list[str] = []
        self.length = 0
        self.open: list[MarkedSpan] = []
        self.at_end: list[MarkedSpan] = []  # opened or closed since the last character that is no white space
        self.is_after_break = False

    def finish(self) -> Structure:
        structure = self.structure
        structure.plain, structure.is_plain = "".join(self.parts), False
        structure.spans = [span for span in structure.spans if span.closing]  # an HTML tag may never be closed
        structure.edits.sort()
        return structure

    def read(self, token: Token) -> None:
        """Take one token."""
        assert token.map is not None, token
        start, end = token.map
        kind = token.type
        if kind == "text":
            if token.info == "url":
                self.add_atom(token, URL, token.content, token.content)
            elif token.content:
                self._add_text(token.content, start)
        elif kind == "text_special":
            content = PRIVATE.sub(REPLACEMENT, token.content)
            if content == self.raw[start:end]:
                self._add_text(content, start)
            else:
                self._add_unit(content, start, end)
        elif kind in ("softbreak", "hardbreak"):
            self._add_break(start, end)
        elif kind == "code_inline":
            self.add_atom(token, CODE, token.content)
        elif kind.startswith("math_inline"):
            self.add_atom(token, MATH, self.raw[start:end])
        elif kind == "image":
            self._add_image(token, start, end)
        elif kind == "html_inline":
            self._read_html(token.content, start, end)
        elif kind == "footnote_ref":
            label = token.meta.get("label")
            if label is not None:
                self.structure.edits.append((start, end, self.definitions.inline_footnote(label)))
            else:
                self.structure.edits.append((start, end, self.raw[start:end]))
        elif token.nesting == 1:
            self._open(token, start, end)
        elif token.nesting == -1:
            self._close(token, start, end)

    def _add_segment(self, text: str, segment: Segment) -> None:
        self.structure.segments.append(segment)
        self._add_part(text)

    def _add_part(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)
        self.is_after_break = False
        if self.at_end and not text.isspace():
            self.at_end.clear()

    def _add_text(self, text: str, start: int) -> None:
        if self.is_after_break:
            kept = text.lstrip(_SPACE)
            start += len(text) - len(kept)
            text = kept
            if not text:
                return
        segments = self.structure.segments
        if segments and not segments[-1].is_unit and segments[-1].raw_end == start and segments[-1].end == self.length:
            segments[-1].end += len(text)
            segments[-1].raw_end += len(text)
            self._add_part(text)
        else:
            self._add_segment(text, Segment(self.length, self.length + len(text), start, start + len(text)))

    def _add_unit(self, text: str, start: int, end: int, shown: str = "", target: str = "") -> None:
        self._add_segment(text, Segment(self.length, self.length + len(text), start, end, True, shown, target))

    def add_atom(self, token: Token, character: str, shown: str, target: str = "") -> None:
        """Code, math, a URL or an image."""
        assert token.map is not None
        self._add_unit(character, token.map[0], token.map[1], PRIVATE.sub(REPLACEMENT, shown), target)

    def _add_break(self, start: int, end: int) -> None:
        """A line break: white space before it goes, two in a row are one."""
        self._trim_end()
        segments = self.structure.segments
        if segments and segments[-1].is_unit and self.parts[-1] == "\n":
            segments[-1].raw_end = end
        else:
            self._add_unit("\n", start, end)
        self.is_after_break = True

    def _trim_end(self) -> None:
        segments = self.structure.segments
        while segments and not segments[-1].is_unit and self.parts[-1][-1] in _SPACE:
            kept = self.parts[-1].rstrip(_SPACE)
            cut = len(self.parts[-1]) - len(kept)
            self.length -= cut
            segments[-1].end -= cut
            segments[-1].raw_end -= cut
            if kept:
                self.parts[-1] = kept
            else:
                self.parts.pop()
            if segments[-1].start == segments[-1].end:
                segments.pop()
        for span in self.at_end:
            span.start = min(span.start, self.length)
            span.end = min(span.end, self.length)  # -1 as long as it is open

    def _add_image(self, token: Token, start: int, end: int) -> None:
        alt = "".join(child.content for child in token.children or ())
        source = str(token.attrs.get("src", ""))
        self.add_atom(token, IMAGE, alt, source)
        if self.raw[end - 1] == "]" and not self.raw.startswith("![[", start):  # by reference
            title = token.attrs.get("title")
            self.structure.edits.append((start, end, f"![{token.content}]({_destination(source, title)})"))

    def _open(self, token: Token, start: int, end: int) -> None:
        name = token.type.removesuffix("_open")
        if name == "strong":  # two marks, of which the parser gives the inner one
            start -= 1
        span = MarkedSpan(_MARKS.get(name, ""), self.length, -1, self.raw[start:end], "")
        if name == "link":
            span.target = str(token.attrs["href"])
        elif name == "wiki":
            span.target = str(token.meta["target"])
            if self.raw[end - 1] == "[":
                span.whole_opening, span.opening = span.opening, f"[[{span.target}|"
        self._add_span(span, start)

    def _add_span(self, span: MarkedSpan, start: int) -> None:
        span.raw_start = start
        self.structure.spans.append(span)
        self.open.append(span)
        self.at_end.append(span)

    def _close(self, token: Token, start: int, end: int) -> None:
        while self.open[-1].tag:  # an HTML tag opened in here and not closed
            self.open.pop()
        span = self.open.pop()
        if token.type == "strong_close":
            end += 1
        span.end, span.closing = self.length, self.raw[start:end]
        self.at_end.append(span)
        if token.type == "link_close" and self.raw[end - 1] == "]":  # by reference: written out
            span.closing = f"]({_destination(span.target, None)})"
            self.structure.edits.append((start, end, span.closing))

    def _read_html(self, html: str, start: int, end: int) -> None:
        found = _TAG.match(html)
        if found is None:  # a comment, a declaration
            self.structure.edits.append((start, end, ""))
            return
        name = found[2].lower()
        if name == "br":
            self._add_break(start, end)
        elif name == "img" and not found[1]:
            attributes = {match[1].lower(): unescape(match[2] or match[3] or match[4] or "") for match in _ATTRIBUTE.finditer(html)}
            alt, source = (PRIVATE.sub(REPLACEMENT, attributes.get(name, "")) for name in ("alt", "src"))
            self._add_unit(IMAGE, start, end, alt, source)
        elif found[1]:
            depth, lowest = len(self.open), max(0, len(self.open) - 50)
            while depth > lowest and self.open[depth - 1].tag not in ("", name):
                depth -= 1
            if depth and self.open[depth - 1].tag == name:
                span = self.open[depth - 1]
                del self.open[depth - 1 :]
                span.end, span.closing = self.length, html
                self.at_end.append(span)
        elif name not in _VOID and not html.endswith("/>"):
            span = MarkedSpan(_HTML.get(name, ""), self.length, -1, html, "", tag=name)
            if name == "a":
                target = next((match for match in _ATTRIBUTE.finditer(html) if match[1].lower() == "href"), None)
                span.target = unescape(target[2] or target[3] or target[4] or "") if target else ""
            self._add_span(span, start)


def _destination(url: str, title: object) -> str:
    written = url if url and not re.search(r"[\s()<>\\]", url) else f"<{url}>"
    if not title:
        return written
    quoted = str(title).replace("\\", "\\\\").replace('"', '\\"')
    return f'{written} "{quoted}"'
