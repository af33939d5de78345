"""Block tokens → blocks with their places, link lines set apart."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from deckgen.markdown.blocks import (
    Block,
    CodeBlock,
    Container,
    Definition,
    DefinitionList,
    Heading,
    HtmlBlock,
    LinkLine,
    ListBlock,
    ListItem,
    MathBlock,
    Paragraph,
    Quote,
    Rule,
    Table,
    TableRow,
)
from deckgen.markdown.html_tables import HtmlTable
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.parser import block_tokens
from deckgen.markdown.text import Definitions, Text

if TYPE_CHECKING:
    from markdown_it.token import Token


class BlocksRead(Struct, frozen=True):
    """What the block parser made of a text."""

    lines: list[str]
    blocks: tuple[Block, ...]
    definitions: Definitions
    dropped_lines: frozenset[int]


def read_blocks(text: str, first_line: int = 0) -> BlocksRead:
    """Parse the blocks of a text; lines before the index `first_line` (front matter) are left out, but counted."""
    lines = text.split("\n")
    references: dict[str, Any] = {}
    footnotes: dict[str, str] = {}
    environment: dict[str, Any] = {"references": references, "compact": True}
    tokens = block_tokens(text, first_line, environment) if text.strip() else []
    definitions = Definitions(references, footnotes)
    reader = _Reader(text, lines, tokens, definitions, footnotes)
    blocks = reader.read_until("")
    dropped = frozenset(index + 1 for index in environment.get("dropped_lines", ()))
    return BlocksRead(lines, blocks, definitions, dropped)


class _Reader:
    """Walks the tokens once."""

    def __init__(
        self, text: str, lines: list[str], tokens: list[Token], definitions: Definitions, footnotes: dict[str, str]
    ) -> None:
        self.text = text
        self.lines = lines
        self.line_starts = [0, *accumulate(len(line) + 1 for line in lines)]
        self.tokens = tokens
        self.definitions = definitions
        self.footnotes = footnotes  # filled as they are met
        self.index = 0

    def read_until(self, closing: str) -> tuple[Block, ...]:
        """The blocks up to a closing token, which is passed over."""
        blocks: list[Block] = []
        has_urls = False
        while self.index < len(self.tokens):
            token = self.tokens[self.index]
            self.index += 1
            kind = token.type
            if kind == closing:
                break
            if kind == "paragraph":
                block: Block | None = Paragraph(*self._column(token), self._inline(token))
                has_urls = has_urls or "://" in token.content
            elif kind == "footnote_reference_open":
                self._read_footnote(token)
                continue
            else:
                read = _READERS.get(kind)
                block = read(self, token) if read else None
            if block is not None:
                blocks.append(block)
        return tuple(_with_link_lines(blocks) if has_urls else blocks)

    def _column(self, token: Token) -> tuple[int, int, int]:
        """Line, last line and column of a block's opening token."""
        assert token.map is not None
        first, end = token.map
        return first + 1, max(end, first + 1), token.meta["start"] - self.line_starts[first] + 1

    def _inline(self, token: Token) -> Text:
        """The text of an inline token whose lines begin at `meta["starts"]`."""
        assert token.map is not None
        first = token.map[0]
        columns = tuple([start - self.line_starts[first + row] + 1 for row, start in enumerate(token.meta["starts"])])
        content, start = token.content, token.meta["starts"][0]
        if content and not self.text.startswith(content[0], start):  # the parser has stripped odd spaces
            columns = (self.text.find(content[0], start) - self.line_starts[first] + 1, *columns[1:])
        return Text(content, first + 1, columns, self.definitions)

    def _heading(self, token: Token) -> Block:
        inline = self.tokens[self.index]
        self.index += 2
        text = self._inline(inline)
        if token.markup.startswith("#"):
            start = self.text.find(inline.content, token.meta["start"] + len(token.markup))
            text = Text(inline.content, text.line, (start - self.line_starts[text.line - 1] + 1,), self.definitions)
        else:  # underlined: of the lines before the last, each without its indentation
            count = inline.content.count("\n") + 1
            rows = [self.lines[text.line - 1 + row][text.columns[row] - 1 :] for row in range(count)]
            text = Text("\n".join(rows).rstrip(" \t"), text.line, text.columns[:count], self.definitions)
        return Heading(*self._column(token), int(token.tag[1]), text)

    def _list(self, token: Token) -> Block:
        closing = token.type.replace("_open", "_close")
        items: list[ListItem] = []
        while self.tokens[self.index].type != closing:
            item = self.tokens[self.index]
            self.index += 1
            items.append(self._item(item))
        self.index += 1
        line, _, column = self._column(token)
        return ListBlock(line, items[-1].end_line, column, token.type.startswith("o"), tuple(items))

    def _item(self, token: Token) -> ListItem:
        blocks = self.read_until("list_item_close")
        line, _, column = self._column(token)
        text, checked = None, None
        if blocks and isinstance(blocks[0], Paragraph):
            text = blocks[0].text
            box = _CHECKBOX.match(text.raw) if blocks[0].line == line else None
            if box:
                checked = box[1] != " "
                columns = (text.columns[0] + box.end(), *text.columns[1:])
                text = Text(text.raw[box.end() :], text.line, columns, self.definitions)
        number = token.info + token.markup if token.info else ""
        end_line = blocks[-1].end_line if blocks else line
        return ListItem(line, end_line, column, text, number, checked, blocks[1:] if text else blocks)

    def _quote(self, token: Token) -> Block:
        blocks = self.read_until("blockquote_close")
        line, _, column = self._column(token)
        end_line = max(blocks[-1].end_line, line) if blocks else line
        first = blocks[0] if blocks else None
        callout = _CALLOUT.match(first.text.raw) if isinstance(first, Paragraph) else None
        if callout is None or not isinstance(first, Paragraph):
            return Quote(line, end_line, column, blocks)
        head, body = _cut_text(first.text, 0, 1), _cut_text(first.text, 1, None)
        title = Text(head.raw[callout.end() :], head.line, (head.columns[0] + callout.end(),), self.definitions)
        rest: list[Block] = [Paragraph(body.line, first.end_line, body.columns[0], body)] if body.raw else []
        if "://" in body.raw:
            rest = _with_link_lines(rest)
        return Quote(line, end_line, column, (*rest, *blocks[1:]), callout[1].lower(), title if title.raw else None)

    def _code(self, token: Token) -> Block:
        language = token.info.split(maxsplit=1)[0] if token.info.strip() else ""
        return CodeBlock(*self._column(token), language.strip("{}").removeprefix("."), token.content.removesuffix("\n"))

    def _math(self, token: Token) -> Block:
        return MathBlock(*self._column(token), token.content.strip())

    def _rule(self, token: Token) -> Block:
        return Rule(*self._column(token))

    def _html(self, token: Token) -> Block:
        line, end_line, column = self._column(token)
        while end_line > line and not self.lines[end_line - 1].strip():
            end_line -= 1
        return HtmlBlock(line, end_line, column, token.content.rstrip("\n"))

    def _container(self, token: Token) -> Block:
        blocks = self.read_until("container_close")
        start, end = token.meta["title"]
        title = self._placed(start, end) if start < end else None
        return Container(*self._column(token), token.info.lower(), title, blocks)

    def _placed(self, start: int, end: int) -> Text:
        """The text that stands at a place, its lines without the white space around them."""
        first = bisect_right(self.line_starts, start) - 1
        raw: list[str] = []
        columns: list[int] = []
        for line in self.text[start:end].split("\n"):
            column = start - self.line_starts[first] + 1 if not raw else 1
            raw.append(line.strip())
            columns.append(column + len(line) - len(line.lstrip()))
        return Text("\n".join(raw), first + 1, tuple(columns), self.definitions)

    def _html_table(self, token: Token) -> Block:
        table: HtmlTable = token.meta["table"]
        width = len(table.rows[0]) if table.rows else len(table.header)
        line, end_line, column = self._column(token)
        empty = Text("", line, (column,), self.definitions)
        header = tuple(self._placed(*place) for place in table.header) or (empty,) * width
        rows: list[TableRow] = []
        for (start, end), cells in zip(table.places, table.rows, strict=True):
            first, last = (bisect_right(self.line_starts, place) for place in (start, end))
            begin = start - self.line_starts[first - 1] + 1
            rows.append(TableRow(first, last, begin, tuple(self._placed(*place) for place in cells)))
        return Table(line, end_line, column, header, tuple(rows), is_html=True)

    def _table(self, token: Token) -> Block:
        rows: list[TableRow] = []
        width = 0
        while (part := self.tokens[self.index]).type != "table_close":
            self.index += 1
            if part.type == "th_open":
                width += 1
            elif part.type == "tr_open":
                rows.append(TableRow(*self._column(part), ()))
        self.index += 1
        header, *body = (replace(row, cells=self._cells(row, width)) for row in rows)
        line, end_line, column = self._column(token)
        return Table(line, end_line, column, header.cells, tuple(body))

    def _cells(self, row: TableRow, width: int) -> tuple[Text, ...]:
        line = self.lines[row.line - 1]
        cells = []
        for start, end in _cell_spans(line, row.column - 1)[:width]:
            column = end - len(line[start:end].lstrip()) + 1
            written = line[start:end].strip()
            skipped = tuple(found.start() - index for index, found in enumerate(re.finditer(r"\\\|", written)))
            cells.append(Text(written.replace("\\|", "|"), row.line, (column,), self.definitions, skipped))
        missing = Text("", row.line, (len(line) + 1,), self.definitions)
        return tuple(cells + [missing] * (width - len(cells)))

    def _definitions(self, token: Token) -> Block:
        entries: list[Definition] = []
        while (part := self.tokens[self.index]).type != "dl_close":
            self.index += 1
            if part.type == "dt_open":
                inline = self.tokens[self.index]
                self.index += 2
                line, end_line, column = self._column(inline)
                entries.append(Definition(line, end_line, column, self._inline(inline), None, ()))
            elif part.type == "dd_open":
                blocks = self.read_until("dd_close")
                entry = entries[-1]
                meaning = entry.meaning
                if meaning is None and not entry.blocks and blocks and isinstance(blocks[0], Paragraph):
                    meaning, blocks = blocks[0].text, blocks[1:]
                    end_line = meaning.line + meaning.raw.count("\n")
                else:
                    end_line = entry.end_line
                end_line = blocks[-1].end_line if blocks else end_line
                entries[-1] = replace(entry, meaning=meaning, blocks=entry.blocks + blocks, end_line=end_line)
        self.index += 1
        line, end_line, column = self._column(token)
        return DefinitionList(line, entries[-1].end_line if entries else end_line, column, tuple(entries))

    def _read_footnote(self, token: Token) -> None:
        blocks = self.read_until("footnote_reference_close")
        texts = [block.text.raw for block in blocks if isinstance(block, Paragraph)]
        self.footnotes.setdefault(str(token.meta["label"]), "\n".join(texts))


_READERS = {
    "heading_open": _Reader._heading,
    "bullet_list_open": _Reader._list,
    "ordered_list_open": _Reader._list,
    "blockquote_open": _Reader._quote,
    "fence": _Reader._code,
    "code_block": _Reader._code,
    "math_block": _Reader._math,
    "hr": _Reader._rule,
    "html_block": _Reader._html,
    "html_table": _Reader._html_table,
    "container_open": _Reader._container,
    "table_open": _Reader._table,
    "dl_open": _Reader._definitions,
}

_CHECKBOX = lazy_regex(r"\[([ xX])\][ \t]+")
_CALLOUT = lazy_regex(r"\[!([\w-]+)(?:\|[^\]]*)?\][-+]?[ \t]*")
_URL_LINE = lazy_regex(r"<?(https?://[^\s<>]+)>?[ \t]*", re.IGNORECASE)
_ENDS = lazy_regex(r"[：:。.!?！？；;…）)]$")
_CHINESE = lazy_regex("[\u3400-\u9fff]")


def _cell_spans(line: str, start: int) -> list[tuple[int, int]]:
    """Where the cells of a table row stand, as GFM cuts them: at every `|` that no backslash escapes, code or not."""
    end = len(line.rstrip())
    cuts = [found.start() for found in re.finditer(r"(?<!\\)\|", line[:end]) if found.start() >= start]
    edges = [start - 1, *cuts, end]
    spans = [(first + 1, last) for first, last in pairwise(edges)]
    if spans and spans[0][0] == spans[0][1]:
        del spans[0]
    if spans and spans[-1][0] == spans[-1][1]:
        spans.pop()
    return spans


def _cut_text(text: Text, first: int, end: int | None) -> Text:
    """Some of the lines of a text."""
    lines = text.raw.split("\n")[first:end]
    return Text("\n".join(lines).rstrip(), text.line + first, text.columns[first:end] or (1,), text.definitions)


def _with_link_lines(blocks: list[Block]) -> list[Block]:
    """The paragraphs that hold lines which are only a URL, taken apart; the line after such a line is its title."""
    result: list[Block] = []
    waiting: LinkLine | None = None  # a link line whose title may be the next paragraph's first line
    for block in blocks:
        if not isinstance(block, Paragraph):
            waiting = None
            result.append(block)
            continue
        parts = _split_paragraph(block)
        if waiting is not None and isinstance(parts[0], Paragraph):
            head = _cut_text(parts[0].text, 0, 1)
            result[-1] = replace(waiting, end_line=head.line, title=head)
            rest = _cut_text(parts[0].text, 1, None)
            if rest.raw:
                parts[0] = Paragraph(rest.line, parts[0].end_line, rest.columns[0], rest)
            else:
                del parts[0]
        result.extend(parts)
        last = result[-1]
        waiting = last if isinstance(last, LinkLine) and last.title is None else None
    return result


def _split_paragraph(block: Paragraph) -> list[Block]:
    text = block.text
    if "://" not in text.raw:
        return [block]
    lines = text.raw.split("\n")
    is_url = [_URL_LINE.fullmatch(line) is not None for line in lines]
    if not any(is_url):
        return [block]
    parts: list[Block] = []
    start = index = 0

    def flush(stop: int) -> None:
        if stop > start:
            kept = _cut_text(text, start, stop)
            parts.append(Paragraph(kept.line, kept.line + stop - start - 1, kept.columns[0], kept))

    while index < len(lines):
        before = lines[index - 1].rstrip() if index > start else "."
        # In wrapped text a long URL may come to stand on a line of its own.
        is_wrapped = not _ENDS.search(before) and not _CHINESE.search(before)
        if not is_url[index] or is_wrapped:
            index += 1
            continue
        flush(index)
        found = _URL_LINE.fullmatch(lines[index])
        has_title = index + 1 < len(lines) and not is_url[index + 1]
        title = _cut_text(text, index + 1, index + 2) if has_title else None
        line, column = text.line + index, text.columns[index]
        parts.append(LinkLine(line, line + has_title, column, found[1] if found else "", title))
        index += 1 + has_title
        start = index
    flush(len(lines))
    return parts
