r"""Inline Markdown as it reads, mostly without the parser: for lists of thousands of notes, which show no more of it.

A simple text holds nothing but plain runs, `code`, $math$, line breaks, and **bold** or *italic* one after the other.
Anything else, and anything in doubt, is for the parser, and what comes of both is the same.
"""

from __future__ import annotations

import re

from deckgen.markdown.flanking import flanking
from deckgen.markdown.lazy_regex import lazy_regex

# An underscore within a word, a lonely `=`, `!` and `&` begin nothing. Spaces at a break are for the parser to take.
_PIECE = lazy_regex(
    r"""
      (?P<text>(?:[^\\`*_\[<&$~=^!\n\ue000-\ue0ff]+|(?<=[^\W_])_(?=[^\W_])|=(?!=)|!(?!\[)|&(?![\w\#]))+)
    | (?P<code>`[^`\n\ue000-\ue0ff]+`(?!`))
    | (?P<math>\$(?!\s)(?:[^$\\`\n\ue000-\ue0ff]|\\[^`\n\ue000-\ue0ff])+(?<!\s)\$(?![\d$]))
    | (?P<run>\*\*?(?!\*))
    | (?P<line_break>(?<=\S)\n(?=\S))
    """,
    re.VERBOSE,
)
_LONGEST = 20_000  # characters: the parser gives up in the midst of very long texts


def plain_of(markdown: str) -> str:
    """As read, with atoms shown: for heading paths and measuring."""
    simple = simple_plain(markdown)
    if simple is not None:
        return simple
    from deckgen.markdown.text import Text  # which brings the parser along

    text = Text(markdown)
    return text.shown(0, len(text.plain))


def simple_plain(raw: str) -> str | None:
    """A simple text as it is read, with code and math shown; paragraph by paragraph. None for one that is not."""
    if "\n\n" not in raw:
        return _simple_paragraph(raw)
    parts: list[str] = []
    for paragraph in raw.split("\n\n"):
        if not paragraph or paragraph != paragraph.strip():
            return None
        part = _simple_paragraph(paragraph)
        if part is None:
            return None
        parts.append(part)
    return "\n".join(parts)


def _simple_paragraph(raw: str) -> str | None:
    if len(raw) > _LONGEST or "://" in raw:
        return None
    parts: list[str] = []
    place = opened = 0  # marks of the emphasis that is open
    for found in _PIECE.finditer(raw):
        start, end = found.span()
        kind = found.lastgroup
        if start != place:
            return None
        place = end
        if kind == "text" or kind == "line_break":
            parts.append(found.group())
        elif kind == "run":
            opens, closes = flanking(raw[start - 1] if start else " ", raw[end] if end < len(raw) else " ")
            if not opened and opens:
                opened = end - start
            elif opened == end - start and closes:
                opened = 0
            else:
                return None
        elif kind == "code":
            parts.append(_code_in(found.group()))
        elif start and raw[start - 1].isdigit():
            return None
        else:
            parts.append(found.group())
    return "".join(parts) if place == len(raw) and not opened else None


def _code_in(raw: str) -> str:
    """What stands between two backticks: a space at both ends goes, unless there is nothing else."""
    code = raw[1:-1]
    return code[1:-1] if code[0] == code[-1] == " " and code.strip(" ") else code
