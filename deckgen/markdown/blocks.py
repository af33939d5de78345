"""The blocks of a document: frozen values with their lines, columns and lazily read texts.

Lines count from 1 and are inclusive; `column` is that of the block's first character, its marker included.
"""

from __future__ import annotations

from msgspec import Struct

from deckgen.markdown.text import Text


class Block(Struct, frozen=True):
    """What all blocks have."""

    line: int
    end_line: int
    column: int


class Heading(Block, frozen=True):
    """`# …`, or text underlined with `===` or `---`."""

    level: int
    text: Text


class Paragraph(Block, frozen=True):
    """Lines of text."""

    text: Text


class LinkLine(Block, frozen=True):
    """A bare URL that is a line of its own, and the line after it, which is what the linked page is called."""

    url: str
    title: Text | None


class ListItem(Block, frozen=True):
    """`text` is its first paragraph, `blocks` all that follows; `number` as written, empty for bullets."""

    text: Text | None
    number: str
    checked: bool | None
    blocks: tuple[Block, ...]


class ListBlock(Block, frozen=True):
    """A bullet list or a numbered one."""

    ordered: bool
    items: tuple[ListItem, ...]


class Quote(Block, frozen=True):
    """A block quote; with `> [!kind] title` as its first line a callout, whose body alone is in `blocks`."""

    blocks: tuple[Block, ...]
    callout_kind: str = ""
    callout_title: Text | None = None


class CodeBlock(Block, frozen=True):
    """A fence or indented code; `language` is the first word after the fence."""

    language: str
    code: str


class MathBlock(Block, frozen=True):
    r"""`$$` or `\[` on lines of their own."""

    tex: str


class TableRow(Block, frozen=True):
    """As many cells as the header has."""

    cells: tuple[Text, ...]


class Table(Block, frozen=True):
    """A table with its header row; the cells of a header that an HTML table does not have are empty."""

    header: tuple[Text, ...]
    rows: tuple[TableRow, ...]
    is_html: bool = False


class Container(Block, frozen=True):
    """What is set apart with a title of its own: `<details>`, `!!! note "…"`, `::: info …`."""

    kind: str
    title: Text | None
    blocks: tuple[Block, ...]


class Definition(Block, frozen=True):
    """A term and what it means: `meaning` is the first paragraph, `blocks` the rest and further meanings."""

    term: Text
    meaning: Text | None
    blocks: tuple[Block, ...]


class DefinitionList(Block, frozen=True):
    """`Term` and `: meaning` lines."""

    entries: tuple[Definition, ...]


class Rule(Block, frozen=True):
    """A thematic break."""


class HtmlBlock(Block, frozen=True):
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
