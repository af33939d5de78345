"""A document → the elements that rules look at, in the order of the source, each knowing where it stands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from deckgen.diagnostics import Span
from deckgen.blocks import (
    Block,
    CodeBlock,
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
)
from deckgen.documents import Document, blocks_markdown
from deckgen.model import Origin
from deckgen.passages import Blocks, Passage
from deckgen.sentences import enumerator_end, language_of, split_sentences
from deckgen.text import Text

_SPEAKING = {"section": ("heading", "intro"), "definition": ("term", "definition"), "table_row": ("table",)}
"""Whose words tell the language of an element, where it is not its main text alone."""

Value = Passage | Callable[[], Passage | None] | None


@dataclass(frozen=True, slots=True)
class Where:
    """Where a block stands: the headings above it, the list items it is a child of, the elements it stands in."""

    headings: tuple[Heading, ...] = ()
    parents: tuple[Text, ...] = ()
    inside: frozenset[str] = frozenset()
    siblings: tuple[Block, ...] = field(default=(), repr=False)
    index: int = 0
    known: dict[int, Passage] = field(default_factory=dict, repr=False, compare=False)  # of each text, read once

    def passage(self, text: Text) -> Passage:
        """The text of a heading or parent item."""
        found = self.known.get(id(text))
        if found is None:
            found = self.known[id(text)] = Passage(text, _unnumbered(text), is_outside=True)
        return found


def _unnumbered(text: Text) -> int:
    """Where a heading begins behind its number: `1. Indexes` put second is the same heading."""
    start = enumerator_end(text.plain, 0)
    return start if start < len(text.plain) else 0


class Element:
    """An addressable piece of a document. `main` is the capture that a bare `match` looks at."""

    __slots__ = ("__dict__", "_values", "asked", "column", "document", "end_line", "kind", "line", "main", "where")

    def __init__(self, kind: str, document: Document, where: Where, main: str, values: dict[str, Value], lines: tuple[int, int], column: int = 1) -> None:
        self.kind, self.document, self.where, self.main = kind, document, where, main
        self._values = values
        self.line, self.end_line, self.column = *lines, column
        self.asked: dict[Hashable, bool] = {}  # conditions that look at no capture, and whether they hold

    @property
    def path(self) -> str:
        """The source's path."""
        return self.document.path

    @property
    def inside(self) -> frozenset[str]:
        """The kinds of the elements that it stands in."""
        return self.where.inside

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """The tags of the front matter."""
        return self.document.tags

    def offers(self, name: str) -> bool:
        """Whether this very element has a value of that name, be it empty."""
        return name in self._values

    def value(self, name: str) -> Passage | None:
        """What the element offers under a name; None for nothing."""
        value = self._values.get(name)
        if callable(value):
            value = self._values[name] = value()
        if value is None and name not in self._values:
            value = self._values[name] = self._common(name)
        return value if isinstance(value, Passage) else None

    def _common(self, name: str) -> Passage | None:
        if name == "title":
            return Passage.of(self.document.title, is_outside=True)
        if name == "path":
            return Passage.of(_escaped(self.document.path), is_outside=True)
        if name == "tags":
            return Passage.of(" ".join(self.document.tags), is_outside=True)
        if name == "headings":
            return Passage.of(" › ".join(passage.markdown for passage in self._above()), is_outside=True)
        if name == "above":
            above = self._above()
            return Passage(above[-1].words, is_outside=True) if above else None
        if name in ("before", "after"):
            index = self.where.index + (-1 if name == "before" else 1)
            siblings = self.where.siblings
            return block_passage(self.document, [siblings[index]], is_outside=True) if 0 <= index < len(siblings) else None
        if name.startswith("front_matter."):
            value = self.document.front_matter.get(name.removeprefix("front_matter."))
            return None if value is None else Passage.of(_escaped(str(value)), is_outside=True)
        return None

    def _above(self) -> list[Passage]:
        own = self._values.get("heading")
        return [p for p in self.heading_path() if p is not own]

    def heading_path(self) -> tuple[Passage, ...]:
        """The headings above, outermost first, its own, then parent items."""
        above = [self.where.passage(heading.text) for heading in self.where.headings]
        own = self._values.get("heading")
        if isinstance(own, Passage):
            above.append(own)
        return (*above, *(self.where.passage(text) for text in self.where.parents))

    @cached_property
    def language(self) -> str:
        """The language of the paragraph, section, definition or table that it stands in; the document's where there are no words."""
        passages = [self.value(name) for name in _SPEAKING.get(self.kind, (self.main,))]
        plains = [passage.words.plain[:2000] for passage in passages if passage]
        # A foreign name alone (a heading `TCP`) says nothing of the language: what stands with it does.
        first = language_of(plains[0]) if plains else ""
        return (first if first not in ("", "en") else language_of("\n".join(plains))) or self.document.language

    @cached_property
    def source_text(self) -> str:
        """The verbatim text of the element."""
        if self.kind == "sentence":
            main = self.value(self.main)
            return main.words.source(main.start, main.end) if main else ""
        return "\n".join(self.document.lines[self.line - 1 : self.end_line])

    def origin(self) -> Origin:
        """Where its notes come from."""
        last = self.document.lines[self.end_line - 1] if self.end_line <= len(self.document.lines) else ""
        span = Span(self.path, self.line, self.column, self.end_line, len(last) + 1)
        headings = tuple(passage.shown for passage in self._above())
        if self.kind == "section":
            heading = self.value("heading")
            headings = (*headings, heading.shown) if heading else headings
        return Origin(span, self.source_text, headings)


def _escaped(text: str) -> str:
    return "".join("\\" + c if c in "\\`*_[]<>$#~=^" else c for c in text)


def texts_of(blocks: Sequence[Block]) -> Iterator[Text]:
    """The inline texts in blocks, in order; code and math blocks have none."""
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield block.text
            case LinkLine():
                if block.title is not None:
                    yield block.title
            case ListBlock():
                yield from texts_of(block.items)
            case ListItem():
                if block.text is not None:
                    yield block.text
                yield from texts_of(block.blocks)
            case Quote():
                yield from texts_of(block.blocks)
            case Table():
                for row in (block.header, *(row.cells for row in block.rows)):
                    yield from row
            case DefinitionList():
                for entry in block.entries:
                    yield entry.term
                    if entry.meaning is not None:
                        yield entry.meaning
                    yield from texts_of(entry.blocks)
            case _:
                pass


def block_passage(document: Document, blocks: Sequence[Block], *, is_outside: bool = False) -> Passage | None:
    """Blocks as one passage; None for none."""
    if not blocks:
        return None
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return Passage(blocks[0].text, is_outside=is_outside)
    if len(blocks) == 1 and isinstance(blocks[0], LinkLine):
        return Passage.of(_link(blocks[0]), is_outside=is_outside)
    first, last = blocks[0].line, blocks[-1].end_line
    return Passage(
        Blocks(lambda: tuple(texts_of(blocks)), lambda: blocks_markdown(document, first, last), first), is_outside=is_outside
    )


def _link(block: LinkLine) -> str:
    if block.title is None:
        return f"<{block.url}>"
    return f"[{block.title.raw}](<{block.url}>)"


def elements_of(document: Document, kinds: frozenset[str]) -> Iterator[Element]:
    """The elements of these kinds, in the order of the source."""
    found = _walk(document, document.blocks, Where(siblings=document.blocks), kinds)
    return iter(sorted(found, key=lambda element: (element.line, element.column)))


def _walk(document: Document, blocks: Sequence[Block], where: Where, kinds: frozenset[str]) -> Iterator[Element]:
    headings = where.headings
    siblings = tuple(blocks)
    for index, block in enumerate(siblings):
        if isinstance(block, Heading):
            headings = (*(h for h in headings if h.level < block.level), block)
            above = replace(where, headings=headings[:-1], siblings=siblings, index=index)
            if "section" in kinds:
                yield _section(document, siblings, index, above)
            continue
        yield from _walk_block(document, block, replace(where, headings=headings, siblings=siblings, index=index), kinds)


def _walk_block(document: Document, block: Block, here: Where, kinds: frozenset[str]) -> Iterator[Element]:
    match block:
        case Paragraph():
            if "paragraph" in kinds:
                yield _paragraph(document, block, here)
            yield from _sentences(document, block.text, here, kinds)
        case ListBlock():
            inside = here.inside | {"list", "list_item"}
            for item in block.items:
                if "list_item" in kinds:
                    yield _list_item(document, item, here)
                within = replace(here, inside=inside)
                if item.text is not None:
                    yield from _sentences(document, item.text, within, kinds)
                    within = replace(within, parents=(*here.parents, item.text))
                yield from _walk(document, item.blocks, within, kinds)
        case Quote():
            kind = "callout" if block.callout_kind else "quote"
            yield from _walk(document, block.blocks, replace(here, inside=here.inside | {kind}), kinds)
        case Table():
            yield from _table(document, block, replace(here, inside=here.inside | {"table"}), kinds)
        case DefinitionList():
            for entry in block.entries:
                within = replace(here, inside=here.inside | {"definition"})
                if "definition" in kinds:
                    yield Element(
                        "definition", document, here, "term",
                        {"term": Passage(entry.term), "definition": _definition(document, entry.meaning, entry.blocks)},
                        (entry.line, entry.end_line), entry.column,
                    )  # fmt: skip
                if entry.meaning is not None:
                    yield from _sentences(document, entry.meaning, within, kinds)
                yield from _walk(document, entry.blocks, replace(within, parents=(*here.parents, entry.term)), kinds)
        case LinkLine() | CodeBlock() | MathBlock() | HtmlBlock() | Rule() | Heading() | ListItem():
            return


def _definition(document: Document, meaning: Text | None, blocks: Sequence[Block]) -> Passage | None:
    if meaning is None:
        return block_passage(document, blocks)
    if not blocks:
        return Passage(meaning)
    rest = list(blocks)
    first, last = blocks[0].line, blocks[-1].end_line
    return Passage(
        Blocks(lambda: (meaning, *texts_of(rest)), lambda: f"{meaning.raw}\n\n{blocks_markdown(document, first, last)}", meaning.line)
    )


def _paragraph(document: Document, block: Paragraph, where: Where) -> Element:
    text = block.text

    def cut() -> int:
        return text.plain.find("\n") % (len(text.plain) + 1)

    values: dict[str, Value] = {
        "text": Passage(text),
        "first_line": lambda: Passage(text, 0, cut()),
        "other_lines": lambda: Passage(text, min(cut() + 1, len(text.plain)), len(text.plain)),
    }
    return Element("paragraph", document, where, "text", values, (block.line, block.end_line), block.column)


def _sentences(document: Document, text: Text, where: Where, kinds: frozenset[str]) -> Iterator[Element]:
    if "sentence" not in kinds:
        return
    plain = text.plain
    language = language_of(plain)
    for start, end in split_sentences(plain, language):
        line, column = text.place(start)
        last, _ = text.place(end - 1)
        element = Element("sentence", document, where, "text", {"text": Passage(text, start, end)}, (line, last), column)
        element.language = language or document.language
        yield element


def _section(document: Document, siblings: tuple[Block, ...], index: int, above: Where) -> Element:
    heading = siblings[index]
    assert isinstance(heading, Heading)
    end = index + 1
    while end < len(siblings) and not (isinstance(after := siblings[end], Heading) and after.level <= heading.level):
        end += 1
    body = siblings[index + 1 : end]
    intro_end = next((i for i, block in enumerate(body) if isinstance(block, Heading)), len(body))
    intro = body[:intro_end]
    first = body[0] if body else None
    values: dict[str, Value] = {
        "heading": Passage(heading.text, _unnumbered(heading.text)),
        "level": Passage.of(str(heading.level)),
        "blocks": Passage.of(str(len(body))),
        "body": lambda: block_passage(document, body),
        "intro": lambda: block_passage(document, intro),
        "paragraph": lambda: block_passage(document, [first]) if isinstance(first, (Paragraph, LinkLine)) else None,
    }
    last = body[-1].end_line if body else heading.end_line
    return Element("section", document, above, "heading", values, (heading.line, last), heading.column)


def _list_item(document: Document, item: ListItem, where: Where) -> Element:
    parent = where.parents[-1] if where.parents else None
    number = item.number or str(1)
    values: dict[str, Value] = {
        "text": Passage(item.text) if item.text is not None else None,
        "children": lambda: block_passage(document, item.blocks),
        "parent": Passage(parent, is_outside=True) if parent is not None else None,
        "number": Passage.of(_escaped(number)),
        "depth": Passage.of(str(len(where.parents) + 1)),
    }
    return Element("list_item", document, where, "text", values, (item.line, item.end_line), item.column)


def _table(document: Document, table: Table, where: Where, kinds: frozenset[str]) -> Iterator[Element]:
    for number, row in enumerate(table.rows, 1):
        if "table_row" in kinds:
            values: dict[str, Value] = {
                "row": Passage(row.cells[0]) if row.cells else None,
                "columns": Passage.of(str(len(table.header))),
                "rows": Passage.of(str(len(table.rows))),
                "number": Passage.of(str(number)),
                "table": block_passage(document, [table]),
            }
            for column, cell in enumerate(row.cells):
                values[str(column + 1)] = Passage(cell)
                if column < len(table.header):
                    header = table.header[column]
                    values[f"header.{column + 1}"] = Passage(header, is_outside=True)
                    values.setdefault(header.plain, Passage(cell))
            yield Element("table_row", document, where, "row", values, (row.line, row.end_line), row.column)
        for cell in row.cells:
            yield from _sentences(document, cell, where, kinds)
