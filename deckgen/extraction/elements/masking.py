"""Markdown as written × what is no syntax in it: code, math, URLs, images, targets of links, tags and escapes (law 4).

A masked text is as long as the text; what is masked is one private character after the other, which no pattern, form,
separator or tag fits.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import accumulate

from deckgen.markdown.block_reader import read_blocks
from deckgen.markdown.blocks import Block, CodeBlock, Container, HtmlBlock, MathBlock, Table, inner_blocks
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.text import CODE, Text
from deckgen.patterns.passage import texts_of

_ATOMS = ("code", "math", "image", "url")
_OTHERS = lazy_regex(r"\\[^\w\s]|\]\([^()\n]*\)|</?[A-Za-z][^<>\n]*>|<!--.*?-->", re.DOTALL)
_MAY_HOLD = lazy_regex(r"[\\`$<]|\]\(|!\[|://")


def mask_line(line: str) -> str:
    """One line, whatever block it stands in."""
    return mask_text(Text(line)) if _MAY_HOLD.search(line) else line


def mask_text(text: Text) -> str:
    """The raw Markdown of a text."""
    raw = text.raw
    if not _MAY_HOLD.search(raw):
        return raw
    count = raw.count("\n") + 1
    placed = Text(raw, 1, (1,) * count, text.definitions)
    return _masked(raw, _atom_spans([placed], raw))


def mask_blocks(markdown: str) -> str:
    """Any Markdown."""
    if not _MAY_HOLD.search(markdown) and "~~~" not in markdown and "    " not in markdown and "\t" not in markdown:
        return markdown
    blocks = read_blocks(markdown).blocks
    starts = _line_starts(markdown)
    spans = [(starts[first - 1], starts[last] - 1) for first, last in unread_lines(blocks)]
    return _masked(markdown, [*spans, *_atom_spans(texts_of(blocks), markdown)])


def unread_lines(blocks: Iterable[Block]) -> Iterator[tuple[int, int]]:
    """The lines, first and last, of blocks whose text is not read: code, math, HTML."""
    stack = list(blocks)
    while stack:
        block = stack.pop()
        if isinstance(block, (CodeBlock, MathBlock, HtmlBlock)) or (isinstance(block, Table) and block.is_html):
            yield block.line, block.end_line
        elif isinstance(block, Container) and (not block.blocks or block.line < block.blocks[0].line):
            yield block.line, block.line
        stack.extend(inner_blocks(block))


def _line_starts(markdown: str) -> list[int]:
    return [0, *accumulate(len(line) + 1 for line in markdown.split("\n"))]


def _atom_spans(texts: Iterable[Text], markdown: str) -> Iterator[tuple[int, int]]:
    starts = _line_starts(markdown)
    for text in texts:
        for kind in _ATOMS:
            for first, end in text.mark_runs(kind):
                line, column = text.place(first)
                for row, piece in enumerate(text.source(first, end).split("\n")):
                    if row:
                        column = text.columns[line + row - text.line]
                    start = starts[line + row - 1] + column - 1
                    yield start, start + len(piece)


def _masked(markdown: str, spans: Iterable[tuple[int, int]]) -> str:
    for start, end in spans:
        markdown = markdown[:start] + CODE * (end - start) + markdown[end:]
    return _OTHERS.sub(lambda found: CODE * len(found.group()), markdown)
