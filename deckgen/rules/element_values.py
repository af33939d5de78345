"""What each element offers to patterns, fields and conditions; the first is the one that a bare `match` looks at."""

from __future__ import annotations

ELEMENT_VALUES: dict[str, tuple[str, ...]] = {
    "section": ("heading", "level", "body", "intro", "paragraph", "blocks"),
    "heading": ("heading", "level"),
    "paragraph": ("text", "first_line", "other_lines"),
    "line": ("text",),
    "sentence": ("text",),
    "clause": ("text", "subject"),
    "list_item": ("text", "children", "parent", "number", "depth", "ordered"),
    "list": ("items", "ordered"),
    "definition": ("term", "definition"),
    "table": ("rows", "columns"),
    "table_row": ("row", "columns", "rows", "number"),
    "table_cell": ("text", "row", "header", "column"),
    "code_block": ("code", "language"),
    "quote": ("body",),
    "callout": ("title", "body", "kind"),
    "image": ("alt", "image", "title"),
    "link": ("text", "url"),
    "highlight": ("marked", "hint", "text"),
    "entry": (
        "label",
        "body",
        "children",
        "answer",
        "more",
        "owner",
        "class",
        "form",
        "mark",
        "number",
        "list",
        "count",
        "items",
        "role",
        "roles",
        "context",
        "about",
        "gloss",
        "emphasis",
        "run",
        "depth",
        "language",
        "why",
        "shape",
        "defines",
        "content",
        "topic",
        "head",
        "row_kind",
        "reading",
        "meaning",
        "tongue",
        "gaps",
        "several",
        "expands",
        "kinds",
        "asked_owner",
        "whose",
        "kin",
        "paragraph",
        "first",
        "others",
    ),
    "labelled": (),
    "tagged": ("front", "back"),
    "split": ("front", "back"),
    "source": ("body", "name"),
}

EVERYWHERE = ("before", "after", "title", "path", "headings", "above", "tags", "tag")
"""What every element offers. `above` is the nearest heading above it."""


def has_columns(kind: str, name: str) -> bool:
    """Whether a name may be a column's, which only the table knows, or (`{1}`) a part's of a split text."""
    if kind == "split":
        return name.isdigit()
    return kind == "table_row" or (kind == "table" and name.startswith("header."))
