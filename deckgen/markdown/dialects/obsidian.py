"""Obsidian's Markdown: comments, block ids, tags, properties, tasks, ruby, and line breaks that are breaks."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from deckgen.markdown.dialects import Cleaned
from deckgen.markdown.dialects.masks import masked, without
from deckgen.markdown.lazy_regex import lazy_regex

_BLOCK_ID = lazy_regex(r"(?:^|(?<=\s))\^[A-Za-z0-9-]+\s*$")
_TAG = r"#[\w/-]*[^\W\d][\w/-]*"
_IS_TAG = lazy_regex(_TAG)
_PROPERTY = lazy_regex(r"\s*(?:>\s*)*(?:[-*+]\s+)?[^\W\d_][\w/-]*(?: [\w/-]+){0,3}::(?:\s+\S.*|\s*)$")
_INLINE_PROPERTY = lazy_regex(r"\[(?!\[)[^\W\d_][\w /-]{0,40}::[^\[\]]*\]|\([^\W\d_][\w /-]{0,40}::[^()]*\)")
_TASK = lazy_regex(r"\s*(?:>\s*)*(?:[-*+]|\d+[.)])\s+\[.\](?:\s|$)")
_RUBY = lazy_regex(r"\{([\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff々〆ヶ]+)((?:\|[^\W\d_]+)+)\}")
_NO_TEXT = lazy_regex(r"\s*(?:>\s*)*(?:#{1,6}\s|\||<|(?:[-*_]\s*){3,}$|={3,}\s*$|\[\^?[^\]]+\]:)")
_BEGINS_BLOCK = lazy_regex(
    r"\s*(?:>\s*)*(?:[-*+](?:\s|$)|\d+[.)](?:\s|$)|#{1,6}(?:\s|$)|\||<|```|~~~|\$\$|:\s|(?:[-*_]\s*){3,}$|={3,}\s*$|$)"
)


class Obsidian:
    """The lines of a note."""

    def __init__(self, lines: Sequence[str], first_line: int, unread: Collection[int]) -> None:
        self.lines, self.first_line, self.unread = list(lines), first_line, unread
        self.tags: dict[int, tuple[str, ...]] = {}
        self.file_tags: list[str] = []
        self.cardless: set[int] = set()
        self.emptied: set[int] = set()

    def clean(self, *, has_breaks: bool, hides_properties: bool, takes_tags: bool) -> Cleaned:
        """All of it."""
        if any("%%" in line for line in self.lines):
            self.drop_comments()
        for line in self.text_lines():
            text = self.lines[line - 1]
            if _TASK.match(text):
                self.cardless.add(line)
            if "^" in text and (found := _BLOCK_ID.search(masked(text))):
                self.set_line(line, text[: found.start()].rstrip())
            if hides_properties and "::" in self.lines[line - 1]:
                self.hide_properties(line)
            if takes_tags and "#" in self.lines[line - 1]:
                self.take_tags(line)
            if "{" in self.lines[line - 1]:
                self.lines[line - 1] = _RUBY.sub(_ruby, self.lines[line - 1])
        if has_breaks:
            self.write_breaks()
        return Cleaned(tuple(self.lines), self.tags, tuple(self.file_tags), frozenset(self.cardless))

    def text_lines(self) -> Iterator[int]:
        """The lines, from 1, that are neither front matter nor code."""
        return (line for line in range(self.first_line, len(self.lines) + 1) if line not in self.unread)

    def set_line(self, line: int, text: str) -> None:
        """What is left of a line."""
        if not text.strip(" \t>"):
            text = text.rstrip() if ">" in text else ""
            self.emptied.add(line)
        self.lines[line - 1] = text

    def drop_comments(self) -> None:
        """`%%…%%` in a line, and from a line that begins with `%%` on to the next `%%`."""
        is_open = False
        for line in self.text_lines():
            text = self.lines[line - 1]
            if is_open:
                end = text.find("%%")
                is_open = end < 0
                self.set_line(line, "" if is_open else text[end + 2 :].strip())
                text = self.lines[line - 1]
            if is_open or "%%" not in text:
                continue
            spans = []
            shown = masked(text)
            start = shown.find("%%")
            while start >= 0:
                end = shown.find("%%", start + 2)
                if end < 0:
                    if not shown[:start].strip(" \t>-*+"):
                        is_open = True
                        spans.append((start, len(text)))
                    break
                spans.append((start, end + 2))
                start = shown.find("%%", end + 2)
            self.set_line(line, without(text, spans))

    def hide_properties(self, line: int) -> None:
        """`key:: value` on a line of its own, `[key:: value]` and `(key:: value)` in one."""
        text = self.lines[line - 1]
        shown = masked(text)
        if _PROPERTY.match(shown):
            self.set_line(line, "")
        elif spans := [found.span() for found in _INLINE_PROPERTY.finditer(shown)]:
            self.set_line(line, without(text, spans))

    def take_tags(self, line: int) -> None:
        """Tags at the end of a line, which are that line's; on a line of their own those of the line above, and before
        all text those of the file.
        """
        text = self.lines[line - 1]
        shown = masked(text).rstrip()
        end = len(shown)
        found: list[str] = []
        while end and (word := shown[max(shown.rfind(" ", 0, end), shown.rfind("\t", 0, end)) + 1 : end]):
            if not _IS_TAG.fullmatch(word):
                break
            found.append(word[1:].strip("/"))
            end -= len(word)
            end = len(shown[max(end - 8, 0) : end].rstrip()) + max(end - 8, 0)
        if not found:
            return
        tags, rest = tuple(reversed(found)), text[:end].rstrip()
        if rest.strip(" \t>-*+"):
            self.set_line(line, rest)
            self.add_tags(line, tags)
            return
        self.set_line(line, "")
        above = line - 1
        while above >= self.first_line and above in self.emptied:
            above -= 1
        if above >= self.first_line and self.lines[above - 1].strip():
            self.add_tags(above, tags)
        elif not any(other.strip() for other in self.lines[self.first_line - 1 : line - 1]):
            self.file_tags.extend(tags)

    def add_tags(self, line: int, tags: tuple[str, ...]) -> None:
        """Tags of a line of text."""
        self.tags[line] = tuple(dict.fromkeys([*self.tags.get(line, ()), *tags]))

    def write_breaks(self) -> None:
        """A hard break at the end of each line of text that goes on in the next line."""
        for line in self.text_lines():
            text = self.lines[line - 1]
            following = self.lines[line] if line < len(self.lines) else ""
            if not text.strip() or line + 1 in self.unread or text.endswith(("  ", "\\")) or _NO_TEXT.match(text):
                continue
            if not _BEGINS_BLOCK.match(following):
                self.lines[line - 1] = text + "  "


def _ruby(found: re.Match[str]) -> str:
    """`{漢字|かん|じ}` as HTML: a reading for each character, or one for all."""
    base, readings = found[1], found[2][1:].split("|")
    parts = list(base) if len(readings) == len(base) else [base]
    if len(parts) != len(readings):
        parts, readings = [base], ["".join(readings)]
    inner = "".join(f"{part}<rt>{reading}</rt>" for part, reading in zip(parts, readings, strict=True))
    return f"<ruby>{inner}</ruby>"
