"""One side of a card's template in Anki → the fields that it shows."""

from __future__ import annotations

from collections.abc import Sequence

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.package.field_text import without_comments

_REFERENCE = lazy_regex(r"\{\{(?:[\w-]+:)*([^{}#^/:]+)\}\}")


def fields_shown(template: str, fields: Sequence[str]) -> list[str]:
    """The fields of a note type that a side shows, in order; a field that is shown twice comes twice."""
    names = (name.strip() for name in _REFERENCE.findall(without_comments(template)))
    return [name for name in names if name in fields]


def asking_field(front: str, fields: Sequence[str]) -> str:
    """The field that a front shows first; some decks begin their notes with a number."""
    shown = [name for name in fields_shown(front, fields) if name != "Context"]
    return shown[0] if shown else fields[0] if fields else ""
