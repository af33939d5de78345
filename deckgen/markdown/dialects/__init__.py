"""How an editor writes Markdown beyond CommonMark, taken in before any element is read.

A dialect is a step from lines to lines, a line for a line: what the editor hides is gone, what it shows as a tag, a
break or another note's name is written as Markdown has it. Code and formulas stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence

from msgspec import Struct, field

COMMONMARK, OBSIDIAN, LOGSEQ = "commonmark", "obsidian", "logseq"
DIALECTS = (COMMONMARK, OBSIDIAN, LOGSEQ)


class Dialect(Struct, frozen=True):
    """A dialect and the settings of its editor that matter."""

    name: str = COMMONMARK
    has_breaks: bool = False  # whether a single line break is one
    excluded: tuple[str, ...] = ()  # globs of notes that are none: templates

    def __bool__(self) -> bool:
        return self.name != COMMONMARK


PLAIN = Dialect()
_BLOCK_ID = re.compile(r"\s*(?:[-*+]\s+)?id::\s+[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\s*")
"""Only Logseq writes such a line."""


class Cleaned(Struct, frozen=True):
    """The lines as Markdown has them, and what was taken out of them, by line from 1."""

    lines: tuple[str, ...]
    tags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    file_tags: tuple[str, ...] = ()
    cardless: frozenset[int] = frozenset()  # lines that make no card: tasks
    problems: tuple[tuple[int, str], ...] = ()


def dialect_in(lines: Sequence[str]) -> Dialect:
    """The dialect that the lines of a source show by themselves, wherever it lies: Logseq's ids of blocks."""
    is_logseq = any("id::" in line and _BLOCK_ID.fullmatch(line) for line in lines)
    return Dialect(LOGSEQ) if is_logseq else PLAIN


def clean_lines(
    dialect: Dialect,
    lines: Sequence[str],
    first_line: int,
    unread: Collection[int],
    *,
    keeps_properties: bool = False,
    keeps_tags: bool = False,
) -> Cleaned:
    """The lines of a source from `first_line` on, after its front matter. `unread` are those of code and formulas.

    `keeps_properties`, `keeps_tags`: for rules that read lines such as `key:: value` or tags themselves.
    """
    if dialect.name == OBSIDIAN:
        from deckgen.markdown.dialects.obsidian import Obsidian

        reader = Obsidian(lines, first_line, unread)
        return reader.clean(
            has_breaks=dialect.has_breaks, hides_properties=not keeps_properties, takes_tags=not keeps_tags
        )
    if dialect.name == LOGSEQ:
        from deckgen.markdown.dialects.logseq import Logseq

        return Logseq(lines, first_line, unread).clean()
    return Cleaned(tuple(lines))
