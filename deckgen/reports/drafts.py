"""Drafts as people read them: fields as plain text, deletions in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from deckgen.markdown.plain_text import plain_of
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft


def readable(markdown: str) -> str:
    """Markdown with its cloze deletions in brackets, without their hints."""
    if DELETION_OPEN not in markdown:
        return markdown
    pieces = markdown.replace(DELETION_OPEN, "[").split(DELETION_CLOSE)
    return "]".join(piece.partition(DELETION_HINT)[0] for piece in pieces)


@lru_cache(maxsize=256)  # one card is looked at in several ways
def plain(markdown: str) -> str:
    """Markdown as read, on one line."""
    return " ".join(_shown(markdown).split())


def glance(markdown: str) -> str:
    """Markdown as read, on one short line: items apart, and a picture as one."""
    if "<" in markdown or "![" in markdown:
        markdown = _PICTURE.sub("[picture]", markdown)
    if not _BULLET.search(markdown):
        return plain(markdown)
    lines = (_BULLET.sub("", line).strip() for line in _shown(markdown).splitlines())
    return " · ".join(line for line in lines if line)


_PICTURE = re.compile(r"<img\b[^>]*>|!\[\s*\]\([^)\n]*\)", re.IGNORECASE)  # that says nothing of itself
_BULLET = re.compile(r"^[ \t]*[-*+](?:[ \t]+|$)", re.MULTILINE)


def _shown(markdown: str) -> str:
    return plain_of(readable(markdown))


def shown_lines(draft: Draft) -> Iterator[tuple[str, str]]:
    """The fields that hold something, with their lines."""
    for name, value in draft.fields:
        lines = (line.strip() for line in _shown(value).splitlines())
        if shown := "\n".join(line for line in lines if line):
            yield name, shown


def glanced_fields(draft: Draft) -> list[str]:
    """What the fields hold, each on one short line."""
    return [shown for _, value in draft.fields if (shown := glance(value))]


def shown_fields(draft: Draft) -> Iterator[tuple[str, str]]:
    """The fields that hold something, each on one line."""
    for name, value in draft.fields:
        if shown := plain(value):
            yield name, shown
