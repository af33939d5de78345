"""Code → HTML with the classes of pygments, for the colours in the note types' CSS.

Pygments is imported only when a fence names a language. Cloze marks inside code stay where they are: they are no part
of what the lexer sees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN
from deckgen.rendering.cloze_html import OPENING
from deckgen.rendering.escaping import escape_code

_COLOURED_LIMIT = 100_000
"""Characters: longer code is shown without colours, lest a lexer take its time."""

_PLAIN_CLASSES = frozenset({"", "w", "n", "p", "x", "err"})  # what no style colours

_MARKS = lazy_regex(
    f"{DELETION_HINT}[^{DELETION_OPEN}{DELETION_HINT}{DELETION_CLOSE}]*{DELETION_CLOSE}|{OPENING}|[{DELETION_HINT}{DELETION_CLOSE}]"
)


def code_html(code: str, info: str) -> str:
    """A `<pre>` of a fence with this info string; an unknown language is shown plain."""
    code = code.rstrip("\n")
    language = _language(info)
    lexer = _lexer(language) if language and len(code) <= _COLOURED_LIMIT else None
    inner = escape_code(code) if lexer is None else _coloured(code, lexer)
    return f"<pre><code>{inner}</code></pre>\n"


def _language(info: str) -> str:
    """The language of an info string: `python`, `{.python .numbered}`, `python title="x"`, `python{1,3}`."""
    found = re.match(r"\s*(?:\{\s*\.?)?\s*([^\s{},:]+)", info)
    return found[1].lower().removeprefix("language-") if found else ""


@lru_cache(maxsize=64)
def _lexer(language: str) -> Any:
    """Pygments' lexer of that name, or None. Its classes have no types that say more than Any."""
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    if language in ("text", "txt", "plain", "plaintext"):
        return None
    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _coloured(code: str, lexer: Any) -> str:
    marks: list[tuple[int, str]] = []  # (offset in the code without marks, the mark)
    bare, last = [], 0
    for found in _MARKS.finditer(code):
        bare.append(code[last : found.start()])
        marks.append((sum(map(len, bare)), found.group()))
        last = found.end()
    bare.append(code[last:])
    pieces, position, next_mark = [], 0, 0
    for name, text in _runs("".join(bare), lexer):
        begin = 0
        while next_mark < len(marks) and marks[next_mark][0] <= position + len(text):
            offset, mark = marks[next_mark]
            if offset == position + len(text) and mark[0] == DELETION_OPEN:
                break  # opens what comes next
            pieces.append(_span(name, text[begin : offset - position]))
            pieces.append(mark)
            begin = offset - position
            next_mark += 1
        pieces.append(_span(name, text[begin:]))
        position += len(text)
    pieces.extend(mark for _, mark in marks[next_mark:])
    return "".join(pieces)


def _runs(code: str, lexer: Any) -> Iterator[tuple[str, str]]:
    """(CSS class, text), neighbours of one class joined."""
    from pygments.token import STANDARD_TYPES

    held, kept = "", ""
    for found, text in lexer.get_tokens(code):
        kind = found
        while kind not in STANDARD_TYPES:
            kind = kind.parent
        name = STANDARD_TYPES[kind]
        if name in _PLAIN_CLASSES:
            name = ""
        if name != held and kept:
            yield held, kept
            kept = ""
        held = name
        kept += text
    if kept:
        yield held, kept


def _span(name: str, text: str) -> str:
    if not text:
        return ""
    return f'<span class="{name}">{escape_code(text)}</span>' if name else escape_code(text)
