"""A diff → Markdown for a pull request: a table of counts, and a table for each sort of change."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.reports.columns import cut, harmless
from deckgen.reports.diff import ORDER, Diff, NearPair, NoteChange
from deckgen.reports.diff_text import UNSEEN, around_the_change, place_of, reason_of

_ROWS = 100  # of a table: a comment on GitHub takes 65,536 characters
_LONGEST = 300  # columns of a cell


def markdown_lines(diff: Diff) -> Iterator[str]:
    """The whole comment."""
    yield f"**Cards against {_escaped(diff.against)}**"
    yield ""
    yield from _table([*ORDER, "unchanged"], [[f"{len(diff.of(one)):,}" for one in ORDER] + [f"{diff.unchanged:,}"]])
    for change in ORDER:
        if found := diff.of(change):
            yield from _section(f"{len(found):,} {change}", *_TABLES[change], found)
    if diff.near:
        yield from _near_section(diff.near)
    if diff.kept:
        yield ""
        yield f"{diff.kept:,} read differently there and stay so: their sources are as they were."


def _section(
    title: str, header: list[str], rows_of: Callable[[NoteChange], list[list[str]]], found: Sequence[NoteChange]
) -> Iterator[str]:
    yield ""
    yield f"### {title}"
    yield ""
    rows: list[list[str]] = []
    shown = 0
    for one in found:
        if (more := rows_of(one)) and len(rows) + len(more) > _ROWS:
            break
        rows.extend(more)
        shown += 1
    yield from _table(header, rows)
    if shown < len(found):
        yield ""
        yield f"and {len(found) - shown:,} more"


def _new_rows(one: NoteChange) -> list[list[str]]:
    return [[_cell(place_of(one)), _cell(one.question), _cell(one.answer)]]


def _retired_rows(one: NoteChange) -> list[list[str]]:
    return [[_cell(place_of(one)), _cell(one.question), _cell(one.answer), _cell(reason_of(one))]]


def _moved_rows(one: NoteChange) -> list[list[str]]:
    return [[_cell(place_of(one)), _cell(one.question), _cell(one.old_deck), _cell(one.deck)]]


def _updated_rows(one: NoteChange) -> list[list[str]]:
    changed = [(field.name, *around_the_change(field.old, field.new)) for field in one.fields]
    changed += [("deck", one.old_deck, one.deck)] if one.old_deck else []
    rows = [[_cell(name), _cell(old), _cell(new)] for name, old, new in changed] or [["", _cell(UNSEEN), ""]]
    why = f"<br>{_cell(reason_of(one))}" if one.reason else ""
    where = f"{_cell(place_of(one))}<br>**{_cell(one.question)}**{why}"
    return [[where if not index else "", *row] for index, row in enumerate(rows)]


_CHANGED = (["note", "field", "before", "after"], _updated_rows)
_TABLES: dict[str, tuple[list[str], Callable[[NoteChange], list[list[str]]]]] = {
    "new": (["where", "question", "answer"], _new_rows),
    "updated": _CHANGED,
    "restored": _CHANGED,
    "moved": (["where", "question", "from", "to"], _moved_rows),
    "retired": (["where", "question", "answer", "why"], _retired_rows),
}


def _near_section(pairs: Sequence[NearPair]) -> Iterator[str]:
    yield ""
    yield f"### {len(pairs):,} new, but perhaps an old one reworded"
    yield ""
    rows = [
        [
            f"{_cell(near.old_question)}<br>{_cell(near.old_answer)}",
            f"{_cell(near.question)}<br>{_cell(near.answer)}",
            _cell(near.reason),
        ]
        for near in pairs[:_ROWS]
    ]
    yield from _table(["old", "new", "not paired, because"], rows)
    yield ""
    yield "Where the two are one note:"
    yield ""
    commands = [harmless(" ".join(near.command.split("\n"))) for near in pairs[:_ROWS]]
    fence = "`" * max([3, *(len(run) + 1 for command in commands for run in re.findall("`+", command))])
    yield f"{fence}console"
    yield from commands
    yield fence


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(header)} |"
    yield f"|{'|'.join([' --- '] * len(header))}|"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _cell(text: str) -> str:
    return _escaped(cut(text, _LONGEST))


# All that Markdown or HTML takes for a mark, wherever it stands; `$` is math on GitHub.
_MARKS = lazy_regex(r"[\\`*_\[\]<>#|~$:]")
_ENTITIES = {"<": "&lt;", ">": "&gt;"}


def _escaped(text: str) -> str:
    """A text that shows as it is, in one cell. An `@name` or a `#12` in a note calls nobody and links to nothing."""
    text = " ".join(harmless(text).split()).replace("&", "&amp;")
    text = _MARKS.sub(lambda found: _ENTITIES.get(found[0], "\\" + found[0]), text)
    text = re.sub(r"(?i)\bwww(?=\.)", lambda found: found[0] + "\u2060", text)
    return text.replace("@", "@\u2060").replace("\\#", "\\#\u2060")
