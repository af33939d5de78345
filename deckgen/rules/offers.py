"""What each element offers to patterns, fields and conditions; the first is the one that a bare `match` looks at."""

from __future__ import annotations

OFFERS: dict[str, tuple[str, ...]] = {
    "section": ("heading", "level", "body", "intro", "paragraph", "blocks"),
    "paragraph": ("text", "first_line", "other_lines"),
    "sentence": ("text",),
    "clause": ("text",),
    "list_item": ("text", "children", "parent", "number", "depth"),
    "definition": ("term", "definition"),
    "table_row": ("row", "columns", "rows"),
    "table_cell": ("text", "row", "header", "column"),
}

EVERYWHERE = ("before", "after", "title", "path", "headings", "above", "tags")
"""What every element offers. `above` is the nearest heading above it."""


def is_offered(kinds: tuple[str, ...], name: str) -> bool:
    """Whether some of these elements may offer a capture of this name."""
    if name in EVERYWHERE or name.startswith("front_matter."):
        return True
    if any(name in OFFERS[kind] for kind in kinds):
        return True
    return "table_row" in kinds  # a column by its number or its header, which only the table knows


def offered_names(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """All names that these elements offer, for hints."""
    return (*dict.fromkeys(name for kind in kinds for name in OFFERS[kind]), *EVERYWHERE)
