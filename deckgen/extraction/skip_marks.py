"""A document → the lines that its author wants no cards of, by a comment in the notes or `anki: false` above them.

| mark | where it stands | no cards of |
| --- | --- | --- |
| `<!-- deckgen: skip -->` | behind an element, or on a line right below it | that element |
| | on a line of its own above one | that element, be it a whole list or table |
| `<!-- deckgen: skip-section -->` | below a heading | all up to the next heading of its level or higher |
| `anki: false` | in the front matter | the file |

An item's children are no part of what stands on its line: they have marks of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.yaml import nearest
from deckgen.markdown.document import (
    Block,
    CodeBlock,
    Definition,
    Document,
    Heading,
    HtmlBlock,
    ListItem,
    MathBlock,
    inner_blocks,
)
from deckgen.markdown.lazy_regex import lazy_regex

define(
    "warning",
    unknown_mark="A comment in the notes speaks to deckgen, which does not know what it says.",
)

MARKS = ("skip", "skip-section")
_MARK = lazy_regex(r"<!--\s*deckgen:\s*([^>]*?)\s*-->", re.IGNORECASE)
_CODE = lazy_regex(r"(`+)(?!`).*?(?<!`)\1(?!`)")


class SkippedLines(Struct, frozen=True):
    """Lines of which no cards are made, and why, for people."""

    first: int
    last: int
    reason: str


def skipped_lines(document: Document) -> tuple[SkippedLines, ...]:
    """All of a document."""
    if document.front_matter.get("anki") is False:
        return (SkippedLines(1, len(document.lines), "`anki: false` stands in the front matter"),)
    tasks = (SkippedLines(line, line, "it is a task") for line in sorted(document.cardless_lines))
    return (*_read(document)[0], *tasks)


def mark_problems(document: Document) -> list[Diagnostic]:
    """Comments that say what deckgen does not know."""
    return _read(document)[1]


def reason_at(skipped: Sequence[SkippedLines], line: int) -> str:
    """Why there is to be no card of what begins on a line; empty where there may be one."""
    return next((one.reason for one in skipped if one.first <= line <= one.last), "")


@lru_cache(maxsize=8)
def _marked_lines(lines: tuple[str, ...]) -> tuple[tuple[int, str, bool], ...]:
    """The lines with a mark, what it says, and whether nothing else stands there."""
    found: list[tuple[int, str, bool]] = []
    for number, line in enumerate(lines, 1):
        if "<!--" in line and "deckgen" in line.lower():
            is_alone = not _MARK.sub("", line).strip(" \t>")
            marks = _MARK.finditer(_CODE.sub(lambda code: " " * len(code[0]), line))
            found.extend((number, mark[1].lower(), is_alone) for mark in marks)
    return tuple(found)


def _read(document: Document) -> tuple[list[SkippedLines], list[Diagnostic]]:
    skipped: list[SkippedLines] = []
    problems: list[Diagnostic] = []
    for number, word, is_alone in _marked_lines(document.lines):
        place = _place_of(document.blocks, number)
        if number < document.first_line or place is None or isinstance(place.block, CodeBlock | MathBlock):
            continue
        reason = f"`<!-- deckgen: {word} -->` stands on line {number}"
        if word == "skip":
            skipped.extend(
                SkippedLines(first, last, reason) for first, last in _element(document, place, is_alone=is_alone)
            )
        elif word == "skip-section":
            skipped.append(SkippedLines(*_section(document, number), reason))
        else:
            message = f"`{word}` is nothing that a comment can say to deckgen"
            line = document.lines[number - 1]
            problems.append(
                Diagnostic("unknown-mark", message, Span(document.path, number), nearest(word, MARKS), line)
            )
    return skipped, problems


class _Place(Struct, frozen=True):
    """The innermost block on a line, the blocks beside it, and what it stands in."""

    block: Block
    siblings: tuple[Block, ...]
    index: int
    outer: Block | None


def _place_of(blocks: tuple[Block, ...], line: int, outer: Block | None = None) -> _Place | None:
    for index, block in enumerate(blocks):
        if block.line <= line <= block.end_line:
            inner = getattr(block, "rows", None) or inner_blocks(block)
            return _place_of(inner, line, block) or _Place(block, blocks, index, outer)
    return None


def _element(document: Document, place: _Place, *, is_alone: bool) -> Iterator[tuple[int, int]]:
    """The lines of the element that a mark speaks of."""
    block = place.block
    if not isinstance(block, HtmlBlock) or not is_alone:
        yield _own_lines(block)
        return
    above = document.lines[block.line - 2] if block.line > 1 else ""
    below = document.lines[block.end_line] if block.end_line < len(document.lines) else ""
    is_behind = bool(above.strip(" \t>")) and not below.strip(" \t>")
    following = place.siblings[place.index + 1] if place.index + 1 < len(place.siblings) else None
    if (is_behind or following is None) and (place.index or place.outer is not None):
        before = place.siblings[place.index - 1] if place.index else place.outer
        assert before is not None
        yield _own_lines(before)
    elif following is not None:
        is_whole = not isinstance(following, Heading)
        yield (following.line, following.end_line if is_whole else following.line)


def _own_lines(block: Block) -> tuple[int, int]:
    """The lines of a block without those of blocks in it."""
    if isinstance(block, ListItem | Definition) and block.blocks:
        return block.line, max(block.line, block.blocks[0].line - 1)
    return block.line, block.end_line


def _section(document: Document, line: int) -> tuple[int, int]:
    """The innermost section that a line stands in; the whole file above the first heading."""
    headings = [block for block in document.blocks if isinstance(block, Heading)]
    above = [heading for heading in headings if heading.line <= line]
    if not above:
        return 1, len(document.lines)
    own = above[-1]
    ends = (heading.line - 1 for heading in headings if heading.line > own.line and heading.level <= own.level)
    return own.line, next(ends, len(document.lines))
