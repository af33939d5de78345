"""What notes hold of other programs' own syntax, which would stand on cards as it is: reported once a file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.markdown.lazy_regex import lazy_regex

define(
    "warning",
    unshown_syntax="Something in the notes is shown by another program alone, and not on a card.",
)

_JOPLIN = lazy_regex(r"\]\(:/[0-9a-f]{32}\)")
_BEAR = lazy_regex(r"(?<![:\w])::(?=\S)[^:\n]{1,200}?(?<=\S)::(?![:\w])")
_NOTION = lazy_regex(r" [0-9a-f]{32}\.(?:md|markdown)$", re.IGNORECASE)


def foreign_syntax(lines: Sequence[str], path: str) -> Iterator[Diagnostic]:
    """Joplin's resources, Bear's highlights, and files that Notion exported."""
    if _NOTION.search(path):
        message = "the name of this file ends as Notion's exports do: each export may name it anew"
        hint = "rename it without the digits, so that its cards stay where they are"
        yield Diagnostic("unshown-syntax", message, Span(path), hint)
    for number, line in enumerate(lines, 1):
        if ":/" in line and _JOPLIN.search(line):
            message = "`:/…` names a resource of Joplin, which is not in this folder"
            hint = "export the notes as `MD - Markdown`, with their resources"
            yield Diagnostic("unshown-syntax", message, Span(path, number), hint, line)
            break
    for number, line in enumerate(lines, 1):
        found = _BEAR.search(line) if line.count("::") == 2 and "`" not in line else None
        if found and line[: found.start()].strip() and line[found.end() :].strip():
            message = f"`{found.group()[:40]}` looks like a highlight of Bear, which stands on cards as it is"
            yield Diagnostic("unshown-syntax", message, Span(path, number), "write it as `==…==`", line)
            break
