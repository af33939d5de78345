"""A document → the merge conflicts that were left in it, as git and its like write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.markdown.blocks import Block, CodeBlock, HtmlBlock, MathBlock, inner_blocks
from deckgen.markdown.lazy_regex import lazy_regex

define(
    "error",
    merge_conflict="A note has the markers of a merge conflict. Nothing is built until it is resolved: cards between "
    "the markers would leave the deck. Markers in code blocks are text.",
)
define(
    "warning",
    merge_conflict_in_html="A note has the first marker of a merge conflict. The last one stands within raw HTML, "
    "such as `<pre>`, where markers may be an example. The note is built as it stands.",
)

_START, _BASE = lazy_regex(r"<{7}(?: .*)?$"), lazy_regex(r"\|{7}(?: .*)?$")
_MIDDLE, _END = lazy_regex(r"={7}$"), lazy_regex(r">{7}(?: .*)?$")


def find_conflicts(path: str, lines: tuple[str, ...], blocks: Iterable[Block]) -> list[Diagnostic]:
    """An error for each conflict. `blocks` tell which lines are code."""
    candidates = [number for number, line in enumerate(lines, 1) if line[:7] in _MARKERS]
    if not candidates:
        return []
    code = set(_lines_of(blocks, (CodeBlock, MathBlock, HtmlBlock)))
    markers = [(number, lines[number - 1].rstrip()) for number in candidates if number not in code]
    html = [number for number in candidates if number in code and _END.match(lines[number - 1].rstrip())]
    html = sorted(set(html) & set(_lines_of(blocks, (HtmlBlock,)))) if html else []
    return [_conflict(path, group, lines, html) for group in _conflicts(markers)]


_MARKERS = frozenset({"<" * 7, "|" * 7, "=" * 7, ">" * 7})


def _conflicts(markers: Iterable[tuple[int, str]]) -> Iterator[list[int]]:
    """The lines of the markers of each conflict. A line `=======` alone underlines a heading, and `>>>>>>>` alone is a
    deep quote; a start says it all.
    """
    group: list[int] = []
    is_started = False
    for number, text in markers:
        if _START.match(text):
            if is_started:
                yield group
            group, is_started = [number], True
        elif _MIDDLE.match(text) or _BASE.match(text):
            group = [*group, number] if is_started else [number]
        elif _END.match(text) and group:
            yield [*group, number]
            group, is_started = [], False
    if is_started:
        yield group


def _conflict(path: str, group: list[int], lines: tuple[str, ...], ends_in_html: list[int]) -> Diagnostic:
    marker = lines[group[0] - 1].rstrip()
    *others, last = map(str, group)
    places = f"lines {', '.join(others)} and {last}" if others else f"line {last}"
    hint = f"keep the text that is right, delete the markers ({places}) and build again"
    if len(group) == 1:
        hint = "keep the text that is right, delete the markers and build again"
        if any(number > group[0] for number in ends_in_html):
            message = "this may be a merge conflict that ends in raw HTML"
            return Diagnostic("merge-conflict-in-html", message, Span(path, group[0]), hint, marker[:200])
    return Diagnostic("merge-conflict", "a merge conflict is not resolved", Span(path, group[0]), hint, marker[:200])


def _lines_of(blocks: Iterable[Block], kinds: tuple[type[Block], ...]) -> Iterator[int]:
    stack = list(blocks)
    while stack:
        block = stack.pop()
        if isinstance(block, kinds):
            yield from range(block.line, block.end_line + 1)
        stack.extend(inner_blocks(block))
