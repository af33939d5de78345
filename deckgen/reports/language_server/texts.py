"""The texts that an editor has open, and places in them: the protocol's units ↔ lines and columns of deckgen."""

from __future__ import annotations

import os
from functools import cached_property

from lsprotocol import types as lsp
from msgspec import Struct

from deckgen.diagnostics import Span

Encoding = str
"""What the editor counts columns in: `utf-8`, `utf-16` or `utf-32`."""


class OpenText(Struct, frozen=True, dict=True):
    """A text as the editor has it, its line ends as deckgen reads them."""

    uri: str
    path: str  # the file's real path
    version: int | None
    text: str
    encoding: Encoding = "utf-16"

    @cached_property
    def lines(self) -> list[str]:
        """Its lines."""
        return self.text.split("\n")

    def line(self, number: int) -> str:
        """A line, counted from 1; nothing where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def position(self, line: int, column: int) -> lsp.Position:
        """A line and a column, both from 1, as the editor counts."""
        line = max(1, min(line, len(self.lines)))
        before = self.lines[line - 1][: max(column - 1, 0)]
        return lsp.Position(line - 1, units(before, self.encoding))

    def place(self, position: lsp.Position) -> tuple[int, int]:
        """A position of the editor as line and column, both from 1."""
        line = max(1, min(position.line + 1, len(self.lines)))
        return line, characters(self.lines[line - 1], position.character, self.encoding) + 1

    def range(self, span: Span) -> lsp.Range:
        """Where something stands; the rest of its line where it does not say how far it goes."""
        end_line, end_column = span.end_line or span.line, span.end_column
        if end_line < span.line or (end_line == span.line and end_column <= span.column):
            end_line, end_column = span.line, len(self.line(span.line)) + 1
        return lsp.Range(self.position(span.line, span.column), self.position(end_line, end_column))

    def first_line(self, span: Span) -> lsp.Range:
        """As much of it as stands on its first line: what is underlined should not hide the text."""
        whole = self.range(span)
        if whole.end.line > whole.start.line:
            return lsp.Range(whole.start, self.position(span.line, len(self.line(span.line)) + 1))
        return whole


def open_text(uri: str, path: str, version: int | None, source: str, encoding: Encoding) -> OpenText:
    """What an editor sent."""
    text = source.removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")  # half a character is none
    return OpenText(uri, os.path.realpath(path), version, text, encoding)


def units(text: str, encoding: Encoding) -> int:
    """How long a text is for the editor."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(ord(c) > 0xFFFF for c in text)


def characters(text: str, count: int, encoding: Encoding) -> int:
    """How many characters of a text so many of the editor's units are."""
    if encoding == "utf-32" or text.isascii():
        return min(count, len(text))
    used = 0
    for index, character in enumerate(text):
        if used >= count:
            return index
        used += units(character, encoding)
    return len(text)
