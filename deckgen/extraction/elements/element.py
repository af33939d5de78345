"""`Element`: an addressable piece of a document, what it offers under which name, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from deckgen.diagnostics import Span
from deckgen.extraction.elements.line_metadata import NO_METADATA, Extent, LineMetadata
from deckgen.extraction.entries.marks import label_of_line
from deckgen.markdown.blocks import Block, Heading, LinkLine, Paragraph
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.document import Document, blocks_markdown
from deckgen.markdown.escaping import escaped
from deckgen.markdown.language import language_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import section_number_end
from deckgen.markdown.superscripts import with_scripts
from deckgen.markdown.text import Text
from deckgen.model import Origin
from deckgen.patterns.passage import Blocks, Passage, texts_of
from deckgen.rules.preprocessing import Selector

INLINE = frozenset({"sentence", "clause", "line", "table_cell", "image", "link", "highlight"})
"""Elements that may share their lines with others: their source is what stands between their own characters."""

_WHOLE = frozenset({"split", "labelled", "tagged", "source", "list", "table", "code_block", "quote", "callout"})
"""Elements whose tags may stand on any of their lines; of others only on those of their main text."""


def _is_ascii(passage: Passage) -> bool:
    """Whether a passage is known to hold ASCII letters alone, before its text is read."""
    texts = passage.text.texts if isinstance(passage.text, Blocks) else (passage.text,)
    return all(isinstance(text, Text) and text.raw.isascii() and "&" not in text.raw for text in texts)


_SPEAKING = {
    "section": ("heading", "intro"),
    "definition": ("term", "definition"),
    "table_row": ("table",),
    "table_cell": ("table",),
    "callout": ("title", "body"),
    "code_block": ("before",),
    "labelled": ("text",),
    "split": ("text",),
    "highlight": ("text",),
}
"""Whose words tell the language of an element, where it is not its main text alone."""

Value = Passage | Callable[[], Passage | None] | None
Parts = Callable[[], Sequence[Mapping[str, Passage | None]]]
"""The several things that a value stands for, one after the other, each with its own values: for `for_each:`."""


class Where(Struct, frozen=True, eq=False):
    """Where a block stands: the headings above it, the list items it is a child of, the elements it stands in."""

    headings: tuple[Heading, ...] = ()
    parents: tuple[Text, ...] = ()
    inside: frozenset[str] = frozenset()
    siblings: tuple[Block, ...] = ()
    index: int = 0
    last: int | None = None  # of several siblings that are one element: the index of the last
    opening: Text | None = None  # of an item or a definition: the text that its blocks stand below
    metadata: LineMetadata = NO_METADATA
    thread: list[Element] | None = None  # of a quote: its last sentence
    known: dict[int, Passage] = field(default_factory=dict)  # of each text, read once

    def among(self, siblings: tuple[Block, ...], index: int, headings: tuple[Heading, ...]) -> Where:
        """The same for one of several blocks beside each other. (`replace` of all fields takes thrice as long.)"""
        return Where(
            headings, self.parents, self.inside, siblings, index, self.last, self.opening, self.metadata, self.thread,
            self.known,
        )  # fmt: skip

    def up_to(self, last: int) -> Where:
        """The same for siblings that are one element. (As above.)"""
        return Where(
            self.headings, self.parents, self.inside, self.siblings, self.index, last, self.opening, self.metadata,
            self.thread, self.known,
        )  # fmt: skip

    def passage(self, text: Text) -> Passage:
        """The text of a heading or parent item."""
        found = self.known.get(id(text))
        if found is None:
            found = self.known[id(text)] = Passage(text, *name_of_heading(text), is_outside=True)
        return found


_ANCHOR = lazy_regex(r"(?<=\S)(?:\s+\^[\w-]+|\s*\{[#.:][^{}]*\})\s*$")


def name_of_heading(text: Text) -> tuple[int, int]:
    """Where the name of a heading stands: behind its number (`1. Indexes` put second is the same heading), and before
    what only links to it (`Indexes ^indexes`, `Indexes {#indexes}`).
    """
    start = section_number_end(text.plain)
    found = _ANCHOR.search(text.plain)
    end = found.start() if found else len(text.plain)
    return (start, end) if start < end else (0, len(text.plain))


class Element:
    """An addressable piece of a document. `main` is the capture that a bare `match` looks at."""

    __slots__ = (
        "__dict__", "_parts", "_values", "asked", "column", "document", "end_line", "kind", "line", "main",
        "previous", "selector", "sentence", "where",
    )  # fmt: skip

    def __init__(
        self,
        kind: str,
        document: Document,
        where: Where,
        main: str,
        values: dict[str, Value],
        lines: tuple[int, int],
        column: int = 1,
    ) -> None:
        self.kind, self.document, self.where, self.main = kind, document, where, main
        self._values = values
        self._parts: dict[str, Parts] = {}
        self.line, self.end_line, self.column = *lines, column
        self.asked: dict[Hashable, bool] = {}  # conditions that look at no capture, and whether they hold
        self.selector: Selector | None = None  # where the kind alone does not say which rules ask for it
        self.previous: Element | None = None  # of a sentence: the one right before it, in the same paragraph or quote
        self.sentence: Element | None = None  # of a clause

    @property
    def path(self) -> str:
        """The source's path."""
        return self.document.path

    @property
    def inside(self) -> frozenset[str]:
        """The kinds of the elements that it stands in."""
        return self.where.inside | {"section"} if self.where.headings else self.where.inside

    @cached_property
    def own_tags(self) -> tuple[str, ...]:
        """The tags that stand in its text, or hold there (`hashtags:`)."""
        return self.where.metadata.tags_of(*self._own_lines()) if self.where.metadata else ()

    @property
    def file_tags(self) -> tuple[str, ...]:
        """The tags that stand before all text. Its note has them; a rule that asks for a tag does not mean them."""
        return self.where.metadata.file_tags_at(self.line) if self.where.metadata else ()

    @property
    def tags(self) -> tuple[str, ...]:
        """Its own tags, then those of the front matter."""
        return (*self.own_tags, *self.document.tags) if self.where.metadata else self.document.tags

    def _own_lines(self) -> tuple[int, int]:
        main = None if self.kind in _WHOLE else self.value(self.main)
        if not main:
            return self.line, self.line if self.kind == "list_item" else self.end_line
        return main.text.place(main.start)[0], main.text.place(main.end - 1)[0]

    def offers(self, name: str) -> bool:
        """Whether this very element has a value of that name, be it empty."""
        return name in self._values

    def value(self, name: str) -> Passage | None:
        """What the element offers under a name; None for nothing."""
        value = self._values.get(name)
        if isinstance(value, Passage):
            return value
        if value is not None:
            value = self._values[name] = value()
        elif name not in self._values:
            value = self._values[name] = self._common(name)
        return value

    def shown(self, name: str) -> str:
        """The same as read; nothing where there is none."""
        value = self.value(name)
        return value.shown if value is not None else ""

    def set_parts(self, name: str, parts: Parts) -> None:
        """Say what a value is made of."""
        self._parts[name] = parts

    def parts(self, name: str) -> Sequence[Mapping[str, Passage | None]]:
        """What a value is made of: the items of a list, of the front matter too."""
        if name in self._parts:
            return self._parts[name]()
        if name.startswith("front_matter."):
            found = _look_up(self.document.front_matter, name)
            listed = found if isinstance(found, list) else [] if found is None else [found]
            return [dict(_front_matter_values(name, one)) for one in listed]
        return []

    def _common(self, name: str) -> Passage | None:
        if name == "title":
            return Passage.of(escaped(self.document.title), is_outside=True)
        if name == "path":
            return Passage.of(escaped(self.document.path), is_outside=True)
        if name == "tags":
            return Passage.of(escaped(" ".join(self.tags)), is_outside=True)
        if name == "headings":
            return Passage.of(" › ".join(passage.markdown for passage in self._above()), is_outside=True)
        if name == "above":
            above = self._above()
            return Passage(above[-1].text, above[-1].start, is_outside=True) if above else None
        if name in ("before", "after"):
            return self.neighbour(name)
        if name.startswith("front_matter."):
            found = _look_up(self.document.front_matter, name)
            return None if found is None or isinstance(found, (dict, list)) else Passage.written(_text(found))
        return self.aside(name)

    def aside(self, name: str, *, is_with_next: bool = False) -> Passage | None:
        """What `aside:` found for it; `is_with_next`: also what stands below the next block, which is a part of it."""
        if not self.where.metadata:
            return None
        found = self.where.metadata.capture(name, self._reach(is_with_next=is_with_next))
        return None if found is None else Passage.written(found)

    def asides(self, name: str, *, is_with_next: bool = False) -> list[str]:
        """All that `aside:` found for it under a name, in its own lines and in those that hold for it."""
        metadata = self.where.metadata
        return list(metadata.captures_of(name, self._reach(is_with_next=is_with_next))) if metadata else []

    def _reach(self, *, is_with_next: bool) -> Extent:
        own = self._own_lines()
        whole = [(self.line, self.end_line) if self.kind in ("section", *_WHOLE) else own]
        if is_with_next and (block := self.neighbour_block("after")) is not None:
            whole.append((block.line, block.end_line))
        following = self.neighbour_block("after")
        room = (self.line, following.line - 1 if following is not None else len(self.document.lines))
        return Extent(own, whole, room, self._lines_above())

    def _lines_above(self) -> list[tuple[int, int]]:
        """The lines of the items and headings that it stands below, innermost first."""
        items = [(text.line, text.line + text.raw.count("\n")) for text in reversed(self.where.parents)]
        return items + [(heading.line, heading.end_line) for heading in reversed(self.where.headings)]

    def neighbour(self, side: str) -> Passage | None:
        """The block before or after."""
        block = self.neighbour_block(side)
        if block is None and side == "before" and self.where.index == 0 and self.where.opening is not None:
            return Passage(self.where.opening, is_outside=True)
        return None if block is None else block_passage(self.document, [block], is_outside=True)

    def neighbour_block(self, side: str) -> Block | None:
        """The same as a block."""
        where = self.where
        index = where.index - 1 if side == "before" else (where.index if where.last is None else where.last) + 1
        return where.siblings[index] if 0 <= index < len(where.siblings) else None

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
        """The language of the paragraph, section, definition or table it stands in; the document's without words."""
        values = [self.value(name) for name in _SPEAKING.get(self.kind, (self.main,))]
        passages = [passage for passage in values if passage]
        first_plain = passages[0].text.plain[:2000] if passages else ""
        first = language_of(first_plain)
        others = passages[1:]
        # A foreign name alone (a heading `TCP`) says nothing of the language: what stands with it does.
        if first not in ("", "en") or not others or (first == "en" and all(map(_is_ascii, others))):
            return self.document.language_of(first_plain)
        return self.document.language_of("\n".join([first_plain, *(passage.text.plain[:2000] for passage in others)]))

    @cached_property
    def source_text(self) -> str:
        """The verbatim text of the element."""
        if self.kind in INLINE:
            main = self.value(self.main)
            return main.text.source(main.start, main.end) if main else ""
        return "\n".join(self.document.lines[self.line - 1 : self.end_line])

    @cached_property
    def extent(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Line and column of its first character, and of the one after its last."""
        if self.kind in INLINE and (main := self.value(self.main)):
            line, column = main.text.place(main.end - 1)
            return (self.line, self.column), (line, column + 1)
        return (self.line, 0), (self.end_line + 1, 0)

    @cached_property
    def text_extent(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The same of its main text: of a section its heading, of an item its own text."""
        if self.kind in INLINE:
            return self.extent
        first, last = self._own_lines()
        return (first, 0), (last + 1, 0)

    def origin(self) -> Origin:
        """Where its notes come from."""
        last = self.document.lines[self.end_line - 1] if self.end_line <= len(self.document.lines) else ""
        span = Span(self.path, self.line, self.column, self.end_line, len(last) + 1)
        headings = tuple(passage.shown for passage in self._above())
        if self.kind == "section":
            heading = self.value("heading")
            headings = (*headings, heading.shown) if heading else headings
        context = self._context()
        return Origin(span, self.source_text, headings, context if context != headings else None, self.document.name)

    def _context(self) -> tuple[str, ...]:
        """The headings, then the labels of the items above: never a whole item."""
        above = self._above()
        labels = (label_of_line(text) for text in self.where.parents)
        named = [_as_shown(passage) for passage in above[: len(above) - len(self.where.parents)]]
        own = self.value("heading") if self.kind == "section" else None
        return (*named, *(label for label in labels if label), *([_as_shown(own)] if own else []))


def _as_shown(heading: Passage) -> str:
    """A heading as text beside a card."""
    return with_scripts(heading.markdown, heading.shown)


def _look_up(front_matter: object, name: str) -> object:
    """What stands under `front_matter.a.b`."""
    found = front_matter
    for key in name.split(".")[1:]:
        if not isinstance(found, Mapping):
            return None
        found = found.get(key)
    return found


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _front_matter_values(name: str, value: object) -> Iterator[tuple[str, Passage | None]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _front_matter_values(f"{name}.{key}", inner)
    elif value is not None:
        text = " ".join(map(_text, value)) if isinstance(value, list) else _text(value)
        yield name, Passage.written(text)


def block_passage(
    document: Document, blocks: Sequence[Block], *, column: int = 0, is_outside: bool = False
) -> Passage | None:
    """Blocks as one passage; None for none. `column` is where they begin, if what they stand in begins on that line."""
    if not blocks:
        return None
    if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
        return Passage(blocks[0].text, is_outside=is_outside)
    if len(blocks) == 1 and isinstance(blocks[0], LinkLine):
        return Passage.of(_link(blocks[0]), is_outside=is_outside)
    first, last = blocks[0].line, blocks[-1].end_line
    words = Blocks(lambda: tuple(texts_of(blocks)), lambda: blocks_markdown(document, first, last, column), first)
    return Passage(words, is_outside=is_outside)


def _link(block: LinkLine) -> str:
    if block.title is None:
        return f"<{block.url}>"
    return f"[{block.title.raw}](<{block.url}>)"
