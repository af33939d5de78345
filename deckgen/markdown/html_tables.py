"""`<table>…</table>` → its rows of cells, as places in the text; nothing where it is no plain grid."""

from __future__ import annotations

import re

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex

MOST_CELLS = 2_000
MOST_COLUMNS = 40

_TAG = lazy_regex(
    r"<!--.*?-->|<(?P<close>/?)(?P<name>table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col)\b(?P<more>[^<>]*)>",
    re.IGNORECASE | re.DOTALL,
)
_NESTED = lazy_regex(r"<(?:table|ul|ol|pre|script|style|h[1-6]|details)\b", re.IGNORECASE)
_SPAN = lazy_regex(r"\b(row|col)span\s*=\s*[\"']?\s*(\d{1,4})", re.IGNORECASE)

Place = tuple[int, int]


class HtmlTable(Struct, frozen=True):
    """Its header (empty where none of its rows is one) and its rows: the places of the cells, and of each row."""

    header: tuple[Place, ...]
    rows: tuple[tuple[Place, ...], ...]
    places: tuple[Place, ...]


class _Cell(Struct, frozen=True):
    place: Place
    is_header: bool
    rows: int = 1
    columns: int = 1


def read_html_table(text: str, start: int, end: int) -> HtmlTable | None:
    """The table that stands at `start`; None where cells are joined sideways, or hold more than a line can."""
    rows = _rows(text, start, end)
    if rows is None:
        return None
    written = [(place, cells) for place, cells in rows if not _is_title(cells)]
    width = max((len(cells) for _, cells in written), default=0)
    grid = _grid([cells for _, cells in written])
    if grid is None or not 2 <= width <= MOST_COLUMNS or any(len(row) != width for row in grid):
        return None
    is_header = all(cell.is_header for cell in grid[0])
    header, body = (grid[0], grid[1:]) if is_header else ([], grid)
    return HtmlTable(
        tuple(cell.place for cell in header),
        tuple(tuple(cell.place for cell in row) for row in body),
        tuple(place for place, _ in written[1 if is_header else 0 :]),
    )


def _rows(text: str, start: int, end: int) -> list[tuple[Place, list[_Cell]]] | None:
    rows: list[tuple[Place, list[_Cell]]] = []
    opened: tuple[int, bool, str] | None = None  # of the cell that is open: where it begins, whether it is a header
    count = 0
    for tag in _TAG.finditer(text, start, end):
        name = (tag["name"] or "").casefold()
        if not name or name in ("thead", "tbody", "tfoot", "colgroup", "col", "caption"):
            continue
        if opened is not None:
            place = _trimmed(text, opened[0], tag.start())
            if _NESTED.search(text, *place) or not rows:
                return None
            spans = {kind.casefold(): int(number) or 1 for kind, number in _SPAN.findall(opened[2])}
            rows[-1][1].append(_Cell(place, opened[1], spans.get("row", 1), spans.get("col", 1)))
            opened = None
            count += 1
        if name == "table" and not tag["close"] and tag.start() != start:
            return None
        if name == "tr":
            if tag["close"]:
                if rows:
                    (begin, _), cells = rows[-1]
                    rows[-1] = ((begin, tag.end()), cells)
            else:
                rows.append(((tag.start(), tag.end()), []))
        elif name in ("td", "th") and not tag["close"]:
            opened = (tag.end(), name == "th", tag["more"])
        if count > MOST_CELLS:
            return None
    return [row for row in rows if row[1]]


def _is_title(cells: list[_Cell]) -> bool:
    """Whether a row is one cell over all columns."""
    return len(cells) == 1 and cells[0].columns > 1


def _grid(rows: list[list[_Cell]]) -> list[list[_Cell]] | None:
    """Rows with the cells that reach down into them."""
    grid: list[list[_Cell]] = []
    waiting: dict[int, tuple[_Cell, int]] = {}  # by column: a cell from above, and for how many rows it goes on
    for cells in rows:
        row: list[_Cell] = []
        left = list(cells)
        while left or len(row) in waiting:
            if len(row) > MOST_COLUMNS:
                return None
            if len(row) in waiting:
                cell, more = waiting.pop(len(row))
                if more > 1:
                    waiting[len(row)] = (cell, more - 1)
            else:
                cell = left.pop(0)
                if cell.columns > 1:
                    return None
                if cell.rows > 1:
                    waiting[len(row)] = (cell, cell.rows - 1)
            row.append(cell)
        grid.append(row)
    return grid or None


def _trimmed(text: str, start: int, end: int) -> Place:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
