"""Inline tokens → `InlineParse`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deckgen.markdown.atoms import CODE, IMAGE, MATH, PRIVATE, REPLACEMENT, URL
from deckgen.markdown.entities import unescape
from deckgen.markdown.inline_parse import NO_DEFINITIONS, Definitions, InlineParse, MarkedSpan, Segment
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.parser import inline_tokens

if TYPE_CHECKING:
    from markdown_it.token import Token

_HTML = {"b": "bold", "strong": "bold", "i": "italic", "em": "italic", "mark": "highlight", "a": "link"}
_HTML |= {"s": "strike", "del": "strike", "strike": "strike"}
_VOID = frozenset({"area", "base", "col", "embed", "hr", "input", "link", "meta", "param", "source", "track", "wbr"})
_MARKS = {"strong": "bold", "em": "italic", "s": "strike", "mark": "highlight", "link": "link", "wiki": "link"}
_TAG = lazy_regex(r"<(/?)([A-Za-z][A-Za-z0-9-]*)")
_ATTRIBUTE = lazy_regex(r"""\s([A-Za-z-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_BLOCK_IN_ATOM = lazy_regex(r"\n[-+*#>~`{_=\d\[]")
_SPACE = " \t\u3000\xa0"


def read_inline(raw: str, definitions: Definitions = NO_DEFINITIONS) -> InlineParse:
    """Parse inline Markdown; `raw` holds no private-use characters."""
    tokens = inline_tokens(raw, definitions.environment(raw))
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
        if index and token.type == "text" and token.content == "~" and tokens[index - 1].type == "s_close":
            first = index - 1
            while first and tokens[first - 1].type == "s_close":
                first -= 1
            place = min(moved.map[0] for moved in tokens[first : index + 1] if moved.map)
            for moved in tokens[first : index + 1]:
                width = 1 if moved is token else 2
                moved.map = [place, place + width]
                place += width


class _Reader:
    """Builds a `InlineParse` from tokens in order."""

    def __init__(self, raw: str, definitions: Definitions) -> None:
        self.raw = raw
        self.definitions = definitions
        self.parse = InlineParse(raw)
        self.parts: list[str] = []
        self.length = 0
        self.open: list[MarkedSpan] = []
        self.at_end: list[MarkedSpan] = []  # opened or closed since the last character that is no white space
        self.is_after_break = False

    def finish(self) -> InlineParse:
        parse = self.parse
        parse.plain, parse.is_plain = "".join(self.parts), False
        parse.spans = [span for span in parse.spans if span.closing]  # an HTML tag may never be closed
        parse.edits.sort()
        return parse

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
                self.parse.edits.append((start, end, self.definitions.inline_footnote(label)))
            else:
                self.parse.edits.append((start, end, self.raw[start:end]))
        elif token.nesting == 1:
            self._open(token, start, end)
        elif token.nesting == -1:
            self._close(token, start, end)

    def _add_segment(self, text: str, segment: Segment) -> None:
        self.parse.segments.append(segment)
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
        segments = self.parse.segments
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
        start, end = token.map
        if _BLOCK_IN_ATOM.search(self.raw, start, end):  # it stood there indented, which it no longer is
            self.parse.edits.append((start, end, self.raw[start:end].replace("\n", " ")))
        self._add_unit(character, start, end, PRIVATE.sub(REPLACEMENT, shown), target)

    def _add_break(self, start: int, end: int) -> None:
        """A line break: white space before it goes, two in a row are one."""
        self._trim_end()
        segments = self.parse.segments
        if segments and segments[-1].is_unit and self.parts[-1] == "\n":
            segments[-1].raw_end = end
        else:
            self._add_unit("\n", start, end)
        self.is_after_break = True

    def _trim_end(self) -> None:
        segments = self.parse.segments
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
            self.parse.edits.append((start, end, f"![{token.content}]({_destination(source, title)})"))

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
        self.parse.spans.append(span)
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
            self.parse.edits.append((start, end, span.closing))

    def _read_html(self, html: str, start: int, end: int) -> None:
        found = _TAG.match(html)
        if found is None:  # a comment, a declaration
            self.parse.edits.append((start, end, ""))
            return
        name = found[2].lower()
        if name == "br":
            self._add_break(start, end)
        elif name == "img" and not found[1]:
            self._add_unit(IMAGE, start, end, _attribute(html, "alt"), _attribute(html, "src"))
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
                span.target = _attribute(html, "href")
            self._add_span(span, start)


def _attribute(html: str, name: str) -> str:
    found = next((match for match in _ATTRIBUTE.finditer(html) if match[1].lower() == name), None)
    return PRIVATE.sub(REPLACEMENT, unescape(found[2] or found[3] or found[4] or "")) if found else ""


def _destination(url: str, title: object) -> str:
    written = url if url and not re.search(r"[\s()<>\\]", url) else f"<{url}>"
    if not title:
        return written
    quoted = str(title).replace("\\", "\\\\").replace('"', '\\"')
    return f'{written} "{quoted}"'
