"""The list below an entry → its first item, which may say what the entry is, and what the others add."""

from __future__ import annotations

import textwrap

from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.marks import first_place
from deckgen.markdown.blocks import ListBlock
from deckgen.markdown.document import Document, blocks_markdown
from deckgen.patterns.passage import Blocks, Passage


def first_item(entry: Entry) -> Passage | None:
    """The line of the first item, where a list of several is all that stands below, or stands there first."""
    found = _first(entry)
    if found is None or found.text is None:
        return None
    start = first_place(found.text.plain, found.start, found.end)
    return Passage(found.text, start, found.end) if start < found.end else None


def other_items(document: Document, entry: Entry) -> Passage | None:
    """What stands below that line, and the other items."""
    found = _first(entry)
    if found is None or found.text is None:
        return None
    parts = []
    if found.blocks:
        parts.append(str(blocks_markdown(document, found.blocks[0].line, found.blocks[-1].end_line)))
    after = found.end_line + 1
    if after <= entry.blocks[-1].end_line:
        parts.append(str(blocks_markdown(document, after, entry.blocks[-1].end_line)))
    markdown = "\n".join(textwrap.dedent(part).strip("\n") for part in parts).strip("\n")
    return Passage(Blocks.of(markdown, entry.line)) if markdown else None


def _first(entry: Entry) -> Entry | None:
    block = entry.blocks[0] if entry.blocks else None
    if not isinstance(block, ListBlock) or len(block.items) < 2:
        return None
    line = block.items[0].line
    return next((child for child in entry.children if child.form == "item" and child.line == line), None)
