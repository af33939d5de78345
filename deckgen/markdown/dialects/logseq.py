"""Logseq's Markdown: properties, references to blocks, embeds, sizes of pictures, tasks and org blocks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from deckgen.markdown.dialects import Cleaned
from deckgen.markdown.dialects.masks import masked, without
from deckgen.markdown.lazy_regex import lazy_regex

_PROPERTY = lazy_regex(r"\s*(?:[-*+]\s+)?[A-Za-z][\w./-]*::(?:\s.*)?$")
_ID = lazy_regex(r"\s*(?:[-*+]\s+)?id::\s*([0-9a-f-]{36})\s*$")
_REFERENCE = lazy_regex(r"\{\{embed\s+\(\(([0-9a-f-]{36})\)\)\s*\}\}|\(\(([0-9a-f-]{36})\)\)")
_MACRO = lazy_regex(r"\{\{(?:embed|query|renderer|video|youtube|tweet)\b[^{}]*\}\}")
_SIZE = lazy_regex(r"(?<=[)\]])\{:[^{}\n]*\}")
_PLAN = lazy_regex(r"\s*(?:SCHEDULED|DEADLINE):\s*<[^>]*>\s*$|\s*:(?:LOGBOOK|END):\s*$|\s*CLOCK:\s")
_ORG = lazy_regex(r"\s*(?:[-*+]\s+)?#\+(?:BEGIN|END)_\w+.*$", re.IGNORECASE)
_TASK = lazy_regex(r"\s*[-*+]\s+(?:TODO|DOING|DONE|LATER|NOW|WAITING|CANCELED|CANCELLED|IN-PROGRESS)\b")
_BULLET = lazy_regex(r"\s*[-*+]\s+")


class Logseq:
    """The lines of a page."""

    def __init__(self, lines: Sequence[str], first_line: int, unread: Collection[int]) -> None:
        self.lines, self.first_line, self.unread = list(lines), first_line, unread
        self.problems: list[tuple[int, str]] = []

    def text_lines(self) -> Iterator[int]:
        """The lines, from 1, that are neither front matter nor code."""
        return (line for line in range(self.first_line, len(self.lines) + 1) if line not in self.unread)

    def clean(self) -> Cleaned:
        """All of it."""
        blocks = self.texts_by_id()
        cardless = set()
        for line in self.text_lines():
            text = self.lines[line - 1]
            if _TASK.match(text):
                cardless.add(line)
            if _PROPERTY.match(text) or _PLAN.match(text) or _ORG.match(text):
                self.lines[line - 1] = ""
                continue
            if "((" in text or "{{" in text or "{:" in text:
                self.lines[line - 1] = self.resolved(line, text, blocks)
        return Cleaned(tuple(self.lines), cardless=frozenset(cardless), problems=tuple(self.problems))

    def texts_by_id(self) -> dict[str, str]:
        """The text of each block of the page that has an id."""
        found: dict[str, str] = {}
        text = ""
        for line in self.text_lines():
            written = self.lines[line - 1]
            if identified := _ID.match(written):
                found[identified[1]] = text
            elif _BULLET.match(written) and not _PROPERTY.match(written):
                text = _BULLET.sub("", written, count=1).strip()
        return found

    def resolved(self, line: int, text: str, blocks: dict[str, str]) -> str:
        """A line with the text of the blocks that it refers to, without what only Logseq shows."""
        shown = masked(text)
        pieces: list[str] = []
        place = 0
        for found in _REFERENCE.finditer(shown):
            named = found[1] or found[2]
            found_text = blocks.get(named)
            if found_text is None or _REFERENCE.search(found_text):
                self.problems.append((line, f"the block `{named}` is not on this page, so nothing stands in its place"))
            pieces += [
                text[place : found.start()],
                found_text if found_text is not None and not _REFERENCE.search(found_text) else "",
            ]
            place = found.end()
        text = "".join([*pieces, text[place:]])
        shown = masked(text)
        for found in _MACRO.finditer(shown):
            self.problems.append((line, f"`{found.group()[:40]}` shows something in Logseq alone"))
        spans = [found.span() for pattern in (_MACRO, _SIZE) for found in pattern.finditer(shown)]
        return without(text, spans).rstrip()
