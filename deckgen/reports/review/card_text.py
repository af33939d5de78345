"""One thing to decide on → lines for a terminal: question, answer, where it comes from, what lint says, the keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from deckgen.reports.columns import columns, cut, harmless, wrapped
from deckgen.reports.drafts import plain, shown_lines
from deckgen.reports.review.queue import Item

Piece = tuple[str, str]
"""A style's name (`head`, `soft`, `strong`, `key`, `warning`, or nothing), and text."""
Line = list[Piece]

KEYS = (("k", "keep"), ("s", "skip"), ("e", "edit"), ("n", "never this rule here"), ("space", "later"))
MISS_KEYS = (("s", "same note"), ("a", "another note"), ("space", "later"))
MORE_KEYS = (("b", "back"), ("u", "undo"), ("q", "quit"))
_AROUND = 2
_MARGIN = 4


def card_lines(item: Item, source: Sequence[str], place: str, said: str, width: int) -> Iterator[Line]:
    """An item on its own. `place`: how far one is; `source`: the lines of its file; `said`: what was done last."""
    draft, span = item.note.note.draft, item.note.note.draft.origin.span
    level = "suggestion" if item.is_suggestion else draft.confidence
    about = f"{span.path}:{span.line}"
    title = " · ".join([place, *([] if item.miss else [item.note.note.change, level]), draft.rule])
    room = width - columns(about) - 2
    title = cut(title, max(room, 20))
    yield [("head", title), ("", " " * max(2, width - columns(title) - columns(about))), ("soft", harmless(about))]
    yield [("soft", "─" * width)]
    yield from _miss_lines(item, width) if item.miss else _field_lines(item, width)
    yield []
    for number in range(max(1, span.line - _AROUND), min(len(source), max(span.line, span.end_line) + _AROUND) + 1):
        is_own = span.line <= number <= max(span.line, span.end_line)
        if number > span.line + 6 + _AROUND:
            yield [("soft", "        …")]
            break
        text = cut(harmless(source[number - 1].expandtabs(4)), width - 9)
        yield [("soft", f"{'>' if is_own else ' '}{number:5} │ "), ("" if is_own else "soft", text)]
    for why, worth in draft.confidence_terms:
        yield [("soft", cut(f"  {worth:+} {why}", width))]
    for finding in item.findings:
        for index, line in enumerate(wrapped(f"{finding.kind}: {finding.message}", width - _MARGIN, 3)):
            yield [("warning", ("  ! " if not index else "    ") + harmless(line))]
    yield []
    yield from key_lines(item, width)
    if said:
        yield [("strong", cut(said, width))]


def _field_lines(item: Item, width: int) -> Iterator[Line]:
    for index, (name, text) in enumerate(shown_lines(item.note.note.draft)):
        is_own = name in item.note.note.draft.worded
        yield [("soft", f"{name}{' (your words)' if is_own else ''}")]
        lines = [line for one in text.splitlines() for line in wrapped(one, width - _MARGIN)]
        for line in lines[: 4 if index == 0 else 12]:
            yield [("", "  "), ("strong" if index == 0 else "", harmless(line))]
        if len(lines) > (4 if index == 0 else 12):
            yield [("soft", "  …")]


def _miss_lines(item: Item, width: int) -> Iterator[Line]:
    assert item.miss is not None
    old, draft = item.miss.old, item.note.note.draft
    pairs = (("old", old.question, old.answer), ("new", plain(draft.fields[0][1]), plain(draft.fields[-1][1])))
    for name, question, answer in pairs:
        yield [("soft", f"the {name} note")]
        for line in wrapped(question, width - _MARGIN, 3):
            yield [("", "  "), ("strong", harmless(line))]
        for line in wrapped(answer, width - _MARGIN, 4):
            yield [("", "  " + harmless(line))]
    yield [("soft", cut(f"not taken for one: {item.miss.reason}", width))]


def key_lines(item: Item, width: int) -> Iterator[Line]:
    """The keys and what they do."""
    line: Line = []
    used = 0
    for key, what in (*(MISS_KEYS if item.miss else KEYS), *MORE_KEYS):
        size = len(key) + len(what) + 4
        if used and used + size > width:
            yield line
            line, used = [], 0
        line += [("key", key), ("soft", f" {what}   ")]
        used += size
    yield line
