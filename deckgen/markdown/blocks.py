"""The blocks of a document: frozen values with their lines, columns and lazily read texts.

Lines count from 1 and are inclusive; `column` is that of the block's first character, its marker included.
"""

from __future__ import annotations

from dataclasses import dataclass

from deckgen.markdown.text import Text


@dataclass(frozen=True, slots=True)
class Block:
    """What all blocks have."""

    line: int
    end_line: int
    column: int


@dataclass(frozen=True, slots=True)
class Heading(Block):
    """`# …`, or text underlined with `===` or `---`."""

    level: int
    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """Lines of text."""

    text: Text


@dataclass(frozen=True, slots=True)
class LinkLine(Block):
    """A bare URL that is a line of its own, and the line after it, which is what the linked page is called."""

    url: str
    title: Text | None


@dataclass(frozen=True, slots=True)
class ListItem(Block):
    """`text` is its first paragraph, `blocks` all that follows; `number` as written, empty for bullets."""

    text: Text | None
    number: str
    checked: bool | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class ListBlock(Block):
    """A bullet list or a numbered one."""

    ordered: bool
    items: tuple[ListItem, ...]


@dataclass(frozen=True, slots=True)
class Quote(Block):
    """A block quote; with `> [!kind] title` as its first line a callout, whose body alone is in `blocks`."""

    blocks: tuple[Block, ...]
    callout_kind: str = ""
    callout_title: Text | None = None


@dataclass(frozen=True, slots=True)
class CodeBlock(Block):
    """A fence or indented code; `language` is the first word after the fence."""

    language: str
    code: str


@dataclass(frozen=True, slots=True)
class MathBlock(Block):
    r"""`$$` or `\[` on lines of their own."""

    tex: str


@dataclass(frozen=True, slots=True)
class TableRow(Block):
    """As many cells as the header has."""

    cells: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table with its header row; the cells of a header that an HTML table does not have are empty."""

    header: tuple[Text, ...]
    rows: tuple[TableRow, ...]
    is_html: bool = False


@dataclass(frozen=True, slots=True)
class Container(Block):
    """What is set apart with a title of its own: `<details>`, `!!! note "…"`, `::: info …`."""

    kind: str
    title: Text | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Definition(Block):
    """A term and what it means: `meaning` is the first paragraph, `blocks` the rest and further meanings."""

    term: Text
    meaning: Text | None
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class DefinitionList(Block):
    """`Term` and `: meaning` lines."""

    entries: tuple[Definition, ...]


@dataclass(frozen=True, slots=True)
class Rule(Block):
    """A thematic break."""


@dataclass(frozen=True, slots=True)
class HtmlBlock(Block):
    """Raw HTML, comments too."""

    html: str


def inner_blocks(block: Block) -> tuple[Block, ...]:
    """The blocks that stand in it: a list's items, a quote's blocks; not the text of an item, nor cells."""
    match block:
        case ListItem(blocks=blocks) | Quote(blocks=blocks) | Definition(blocks=blocks) | Container(blocks=blocks):
            return blocks
        case ListBlock(items=items):
            return items
        case DefinitionList(entries=entries):
            return entries
        case _:
            return ()
