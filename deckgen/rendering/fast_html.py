"""The short way for most fields: paragraphs and tight lists of simple inline text → HTML, without the parser.

Of a field that may be more than that there is no HTML here; where there is, it is what the parser's tokens give.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from deckgen.markdown.fast_inline import code_in, simple_pieces
from deckgen.rendering.escaping import escape_code, escape_html, tex_html

_ITEM = re.compile(r"(?:[-*+]|(\d{1,9})[.)]) (?=\S)")
# Behind it a line may be something else than text. Fences, `$$`, `[`, `<` and the like are no simple inline text.
_OPENS = re.compile(r"[-+>#|:{=]|\*(?!\*?[^\s*])|\d{1,9}[.)](?:\s|\Z)")


@dataclass(slots=True)
class _Block:
    """A paragraph with its lines, or a list with its items."""

    lines: list[str]
    mark: str = ""  # of a list: `-`, or the `.` behind its numbers
    start: int | None = None  # of an ordered list


def simple_html(markdown: str) -> str | None:
    """The HTML of a simple field, in which math is still between rendering's own marks."""
    blocks = _blocks(markdown)
    if blocks is None:
        return None
    pieces = []
    for block in blocks:
        html = _list_html(block) if block.mark else _inline_html("\n".join(block.lines))
        if html is None:
            return None
        pieces.append(html if block.mark or len(blocks) == 1 else f"<p>{html}</p>\n")
    return "".join(pieces).strip()


def _blocks(markdown: str) -> list[_Block] | None:
    """The blocks, where they are only paragraphs and tight lists whose items are a line each."""
    blocks: list[_Block] = []
    is_after_blank = True
    for line in markdown.split("\n"):
        if not line:
            is_after_blank = True
            continue
        item = _ITEM.match(line)
        text = line[item.end() :] if item else line
        if _OPENS.match(text) or text[0].isspace() or text[-1].isspace():
            return None
        is_in_list = bool(blocks and blocks[-1].mark)
        if item is None:
            if is_after_blank:
                blocks.append(_Block([text]))
            elif is_in_list:
                return None
            else:
                blocks[-1].lines.append(text)
        elif is_in_list:
            if is_after_blank or blocks[-1].mark != item.group()[-2]:
                return None  # a loose list, or another one
            blocks[-1].lines.append(text)
        else:
            start = int(item[1]) if item[1] else None
            if not is_after_blank and start not in (None, 1):
                return None  # does not interrupt a paragraph
            blocks.append(_Block([text], item.group()[-2], start))
        is_after_blank = False
    return blocks


def _list_html(block: _Block) -> str | None:
    pieces = []
    for line in block.lines:
        html = _inline_html(line)
        if html is None:
            return None
        pieces.append(f"<li>{html}</li>\n")
    items = "".join(pieces)
    if block.start is None:
        return f"<ul>\n{items}</ul>\n"
    start = "" if block.start == 1 else f' start="{block.start}"'
    return f"<ol{start}>\n{items}</ol>\n"


_TAGS = {("open", 1): "<em>", ("close", 1): "</em>", ("open", 2): "<strong>", ("close", 2): "</strong>"}


def _inline_html(text: str) -> str | None:
    pieces = simple_pieces(text)
    if pieces is None:
        return None
    written = []
    for kind, start, end in pieces:
        if kind == "text":
            written.append(escape_html(text[start:end]))
        elif kind == "code":
            written.append(f"<code>{escape_code(code_in(text[start:end]))}</code>")
        elif kind == "math":
            written.append(tex_html(text[start + 1 : end - 1]))
        elif kind == "line_break":
            written.append("\n")
        else:
            written.append(_TAGS[kind, end - start])
    return "".join(written)
