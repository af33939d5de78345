r"""Simple inline Markdown as it reads, without the parser: for lists of thousands of notes, which show no more of it.

Such a text holds nothing but plain runs, `code`, $math$, line breaks, and **bold** or *italic* one after the other. Of
anything else, and of anything in doubt, there are no pieces: it is for `markdown`, and what comes of both is the same.
"""

from __future__ import annotations

import re

from deckgen.markdown.inline_parser import flanking
from deckgen.markdown.lazy_regex import lazy_regex

Piece = tuple[str, int, int]
"""Its kind, and where in the text it stands."""

# An underscore within a word, a lonely `=`, `!` and `&` begin nothing. Spaces at a break are for the parser to take.
_PIECE = lazy_regex(
    r"""
      (?P<text>(?:[^\\`*_\[<&$~=^!\n]+|(?<=[^\W_])_(?=[^\W_])|=(?!=)|!(?!\[)|&(?![\w\#]))+)
    | (?P<code>`[^`\n]+`(?!`))
    | (?P<math>\$(?!\s)(?:[^$\\`\n]|\\[^`\n])+(?<!\s)\$(?![\d$]))
    | (?P<run>\*\*?(?!\*))
    | (?P<line_break>(?<=\S)\n(?=\S))
    """,
    re.VERBOSE,
)
_LONGEST = 20_000  # characters: the parser gives up in the midst of very long texts


def simple_pieces(raw: str) -> list[Piece] | None:
    """The pieces of a simple text in order: text, code, math, line_break, and `open` or `close` of emphasis."""
    if len(raw) > _LONGEST or "://" in raw:
        return None
    pieces: list[Piece] = []
    place = opened = 0  # marks of the emphasis that is open
    for found in _PIECE.finditer(raw):
        start, end = found.span()
        kind = found.lastgroup
        if start != place or kind is None:
            return None
        if kind == "run":
            opens, closes = flanking(raw[start - 1] if start else " ", raw[end] if end < len(raw) else " ")
            if not opened and opens:
                kind, opened = "open", end - start
            elif opened == end - start and closes:
                kind, opened = "close", 0
            else:
                return None
        elif kind == "math" and start and raw[start - 1].isdigit():
            return None
        pieces.append((kind, start, end))
        place = end
    return pieces if place == len(raw) and not opened else None


def code_in(raw: str) -> str:
    """What stands between two backticks: a space at both ends goes, unless there is nothing else."""
    code = raw[1:-1]
    return code[1:-1] if code[0] == code[-1] == " " and code.strip(" ") else code


def simple_plain(raw: str) -> str | None:
    """A simple text as it is read, with code and math shown; paragraph by paragraph. None for one that is not."""
    parts: list[str] = []
    paragraphs = raw.split("\n\n")
    for paragraph in paragraphs:
        pieces = simple_pieces(paragraph)
        if pieces is None or (len(paragraphs) > 1 and (not paragraph or paragraph != paragraph.strip())):
            return None
        parts.append("\n" if parts else "")
        for kind, start, end in pieces:
            if kind == "code":
                parts.append(code_in(paragraph[start:end]))
            elif kind not in ("open", "close"):
                parts.append(paragraph[start:end])
    return "".join(parts)
