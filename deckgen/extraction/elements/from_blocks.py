"""A document → its elements, in the order of the source."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from operator import attrgetter

from msgspec.structs import replace

from deckgen.extraction.elements.element import INLINE, Element, Value, Where, block_passage, name_of_heading
from deckgen.extraction.elements.highlights import highlights
from deckgen.extraction.elements.inline import WHOLE, Cutting, inline_elements, link_element
from deckgen.markdown.blocks import (
    Block,
    CodeBlock,
    Container,
    Definition,
    DefinitionList,
    Heading,
    LinkLine,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Table,
)
from deckgen.markdown.document import Document, blocks_markdown
from deckgen.markdown.escaping import escaped
from deckgen.markdown.text import Text
from deckgen.patterns.passage import Blocks, Passage, texts_of
from deckgen.rules.preprocessing import Selector

_PLACE, _LINE = attrgetter("line", "column"), attrgetter("line")
Marked = Sequence[Selector]
"""The `highlight` elements that are wanted: each with its own marks."""


def elements_of(
    document: Document,
    kinds: frozenset[str],
    where: Where | None = None,
    marked: Marked = (),
    cutting: Cutting = WHOLE,
) -> Iterator[Element]:
    """The elements of these kinds, in the order of the source; those of some of its blocks where `where` says so."""
    where = where or Where(siblings=document.blocks)
    return _Walker(document, kinds, marked, cutting).in_order(where)


class _Walker:
    def __init__(self, document: Document, kinds: frozenset[str], marked: Marked, cutting: Cutting) -> None:
        self.document, self.kinds, self.marked, self.cutting = document, kinds, marked, cutting
        self.looks_inside = bool(marked) or not kinds.isdisjoint(INLINE)  # whether texts are to be cut
        self.line = 0  # of the block, item or row that is walked: no element above it follows

    def in_order(self, where: Where) -> Iterator[Element]:
        """All elements, of each block, item or row as soon as it is done: of a long list all take a gigabyte."""
        found: list[Element] = []
        line = 0
        for element in self.walk(where.siblings, where):
            if self.line > line:
                line = self.line
                found.sort(key=_PLACE)
                done = bisect_left(found, line, key=_LINE)
                yield from found[:done]
                del found[:done]
            found.append(element)
        found.sort(key=_PLACE)
        yield from found

    def element(self, kind: str, where: Where, main: str, values: dict[str, Value], block: Block) -> Element:
        return Element(kind, self.document, where, main, values, (block.line, block.end_line), block.column)

    def walk(self, blocks: Sequence[Block], where: Where) -> Iterator[Element]:
        """Blocks that stand beside each other."""
        headings = where.headings
        siblings = tuple(blocks)
        for index, block in enumerate(siblings):
            self.line = block.line
            if isinstance(block, Heading):
                headings = (*(h for h in headings if h.level < block.level), block)
                above = where.among(siblings, index, headings[:-1])
                yield from self.heading(block, above)
            else:
                here = where.among(siblings, index, headings)
                if where.thread and not isinstance(block, Paragraph):
                    where.thread.clear()  # what stands between two sentences parts them
                yield from self.block(block, here)

    def heading(self, heading: Heading, above: Where) -> Iterator[Element]:
        """A heading, and the section below it."""
        if "section" in self.kinds:
            yield self.section(heading, above)
        if "heading" in self.kinds:
            yield self.element("heading", above, "heading", _heading_values(heading), heading)
        yield from self.inline(heading.text, above, self.kinds - {"sentence", "clause"})  # it is a line alone

    def section(self, heading: Heading, above: Where) -> Element:
        """A heading and all up to the next of its level or higher."""
        body = section_body(above.siblings, above.index)
        intro = body[: next((i for i, block in enumerate(body) if isinstance(block, Heading)), len(body))]
        first = body[0] if body else None
        document = self.document
        values: dict[str, Value] = {
            **_heading_values(heading),
            "blocks": lambda: Passage.of(str(len(body))),
            "body": lambda: block_passage(document, body),
            "intro": lambda: block_passage(document, intro),
            "paragraph": lambda: block_passage(document, [first]) if isinstance(first, (Paragraph, LinkLine)) else None,
        }
        where = above.up_to(above.index + len(body))
        lines = heading.line, body[-1].end_line if body else heading.end_line
        return Element("section", document, where, "heading", values, lines, heading.column)

    def block(self, block: Block, here: Where) -> Iterator[Element]:
        """A block that is no heading, and what is in it."""
        match block:
            case Paragraph():
                if "paragraph" in self.kinds:
                    yield self.element("paragraph", here, "text", _paragraph_values(block.text), block)
                yield from self.inline(block.text, here)
            case ListBlock():
                yield from self.list(block, here)
            case Quote():
                yield from self.quote(block, here)
            case Container():
                yield from self.container(block, here)
            case Table():
                yield from self.table(block, here)
            case DefinitionList():
                for entry in block.entries:
                    yield from self.definition(entry, here)
            case CodeBlock():
                if "code_block" in self.kinds:
                    values: dict[str, Value] = {
                        "code": lambda: Passage(Blocks(lambda: (), lambda: _fenced(self.document, block), block.line)),
                        "language": Passage.of(escaped(block.language)) if block.language else None,
                    }
                    yield self.element("code_block", here, "code", values, block)
            case LinkLine():
                if "link" in self.kinds:
                    title = Passage(block.title) if block.title else None
                    yield link_element(
                        self.document, here, title, block.url, (block.line, block.column), block.end_line
                    )
            case _:
                return

    def inline(self, text: Text | None, where: Where, kinds: frozenset[str] | None = None) -> Iterator[Element]:
        """What is in a text."""
        if text is None:
            return
        yield from inline_elements(self.document, text, where, self.kinds if kinds is None else kinds, self.cutting)
        for selector in self.marked:
            yield from highlights(self.document, text, where, selector)

    def list(self, block: ListBlock, here: Where) -> Iterator[Element]:
        """A list, its items and what is in them."""
        document = self.document
        ordered = Passage.of(str(block.ordered).lower())
        if "list" in self.kinds:
            values: dict[str, Value] = {"items": lambda: block_passage(document, [block]), "ordered": ordered}
            element = self.element("list", here, "items", values, block)
            element.set_parts("items", lambda: [{"items": _item_passage(document, item)} for item in block.items])
            yield element
        for place, item in enumerate(block.items, 1):
            self.line = item.line
            if "list_item" in self.kinds:
                yield self.item(item, place, ordered, here)
            if not (item.blocks or self.looks_inside):
                continue
            within = replace(here, inside=here.inside | {"list", "list_item"}, thread=None)
            yield from self.inline(item.text, within)
            parents = here.parents if item.text is None else (*here.parents, item.text)
            yield from self.walk(item.blocks, replace(within, parents=parents, opening=item.text))

    def item(self, item: ListItem, place: int, ordered: Passage, where: Where) -> Element:
        """A list item."""
        document = self.document
        parent = where.parents[-1] if where.parents else None
        values: dict[str, Value] = {
            "text": Passage(item.text) if item.text is not None else None,
            "children": lambda: _body(document, item, item.blocks),
            "parent": Passage(parent, is_outside=True) if parent is not None else None,
            "number": Passage.of(escaped(item.number or str(place))),
            "depth": Passage.of(str(len(where.parents) + 1)),
            "ordered": ordered,
        }
        element = self.element("list_item", where, "text", values, item)
        children = [child for block in item.blocks if isinstance(block, ListBlock) for child in block.items]
        element.set_parts("children", lambda: [{"children": _item_passage(document, child)} for child in children])
        return element

    def quote(self, block: Quote, here: Where) -> Iterator[Element]:
        """A quote or callout, and what is in it."""
        kind = "callout" if block.callout_kind else "quote"
        if kind in self.kinds:
            document = self.document
            values: dict[str, Value] = {"body": lambda: _body(document, block, block.blocks)}
            if block.callout_kind:
                title = Passage(block.callout_title) if block.callout_title is not None else None
                values |= {"title": title, "kind": Passage.of(escaped(block.callout_kind))}
            yield self.element(kind, here, "title" if block.callout_kind else "body", values, block)
        thread: list[Element] = []
        yield from self.walk(block.blocks, replace(here, inside=here.inside | {kind}, opening=None, thread=thread))
        thread.clear()  # its sentences know where they stand, and so the thread: a cycle that nobody would free

    def container(self, block: Container, here: Where) -> Iterator[Element]:
        """A callout in another notation, and what is in it."""
        if "callout" in self.kinds:
            document = self.document
            values: dict[str, Value] = {
                "body": lambda: _body(document, block, block.blocks),
                "title": Passage(block.title) if block.title is not None else None,
                "kind": Passage.of(escaped(block.kind)),
            }
            yield self.element("callout", here, "title", values, block)
        yield from self.walk(block.blocks, replace(here, inside=here.inside | {"callout"}, opening=None, thread=None))

    def definition(self, entry: Definition, here: Where) -> Iterator[Element]:
        """An entry of a definition list."""
        if "definition" in self.kinds:
            values: dict[str, Value] = {
                "term": Passage(entry.term),
                "definition": _meaning(self.document, entry.meaning, entry.blocks),
            }
            yield self.element("definition", here, "term", values, entry)
        within = replace(here, inside=here.inside | {"definition"}, thread=None)
        yield from self.inline(entry.meaning, within)
        within = replace(within, parents=(*here.parents, entry.term), opening=entry.meaning)
        yield from self.walk(entry.blocks, within)

    def table(self, table: Table, here: Where) -> Iterator[Element]:
        """A table, its body rows and their cells."""
        document, kinds = self.document, self.kinds
        whole = block_passage(document, [table])
        size: dict[str, Value] = {"columns": Passage.of(str(len(table.header)))}
        if "table" in kinds:
            yield self.element("table", here, "rows", {"rows": whole, **size, **_headers(table)}, table)
        within = replace(here, inside=here.inside | {"table"}, thread=None)
        size["rows"] = Passage.of(str(len(table.rows)))
        for number, row in enumerate(table.rows, 1):
            self.line = row.line
            first = Passage(row.cells[0]) if row.cells else None
            if "table_row" in kinds:
                values: dict[str, Value] = {"row": first, **size, "number": Passage.of(str(number)), "table": whole}
                values |= _headers(table)
                for column, cell in enumerate(row.cells, 1):
                    values[str(column)] = Passage(cell)
                    values.setdefault(table.header[column - 1].plain, Passage(cell))
                yield self.element("table_row", within, "row", values, row)
            for column, cell in enumerate(row.cells):
                if "table_cell" in kinds and column and cell.plain.strip():
                    values = {
                        "text": Passage(cell),
                        "row": Passage(row.cells[0], is_outside=True),
                        "header": Passage(table.header[column], is_outside=True),
                        "column": Passage.of(str(column + 1)),
                        "table": whole,
                    }
                    line, place = cell.place(0)
                    yield Element("table_cell", document, within, "text", values, (line, line), place)
                yield from self.inline(cell, within)


def section_body(siblings: Sequence[Block], index: int) -> Sequence[Block]:
    """The blocks of the section whose heading stands at `index`."""
    heading = siblings[index]
    assert isinstance(heading, Heading)
    end = index + 1
    while end < len(siblings) and not (isinstance(after := siblings[end], Heading) and after.level <= heading.level):
        end += 1
    return siblings[index + 1 : end]


def _heading_values(heading: Heading) -> dict[str, Value]:
    return {"heading": Passage(heading.text, *name_of_heading(heading.text)), "level": Passage.of(str(heading.level))}


def _paragraph_values(text: Text) -> dict[str, Value]:
    def cut() -> int:
        return text.plain.find("\n") % (len(text.plain) + 1)

    return {
        "text": Passage(text),
        "first_line": lambda: Passage(text, 0, cut()),
        "other_lines": lambda: Passage(text, min(cut() + 1, len(text.plain)), len(text.plain)),
    }


def _item_passage(document: Document, item: ListItem) -> Passage | None:
    """An item with its children."""
    if item.text is None or not item.blocks:
        return Passage(item.text) if item.text is not None else _body(document, item, item.blocks)
    return _meaning(document, item.text, item.blocks)


def _meaning(document: Document, text: Text | None, blocks: Sequence[Block]) -> Passage | None:
    """A text and the blocks after it as one passage."""
    if text is None:
        return block_passage(document, blocks)
    if not blocks:
        return Passage(text)
    first, last = blocks[0].line, blocks[-1].end_line
    return Passage(
        Blocks(
            lambda: (text, *texts_of(blocks)),
            lambda: f"{text.raw}\n\n{blocks_markdown(document, first, last)}",
            text.line,
        )
    )


def _fenced(document: Document, block: CodeBlock) -> str:
    """Code with its fence; indented code gets one."""
    written = blocks_markdown(document, block.line, block.end_line)
    if written.startswith(("```", "~~~")):
        return written
    fence = "`" * max([3, *(len(run) + 1 for run in re.findall("`+", block.code))])
    return f"{fence}\n{block.code}\n{fence}"


def _body(document: Document, outer: Block, blocks: Sequence[Block]) -> Passage | None:
    """What stands in a block, without its marks."""
    starts_together = bool(blocks) and blocks[0].line == outer.line
    return block_passage(document, blocks, column=blocks[0].column if starts_together else 0)


def _headers(table: Table) -> dict[str, Value]:
    return {f"header.{column}": Passage(header, is_outside=True) for column, header in enumerate(table.header, 1)}
