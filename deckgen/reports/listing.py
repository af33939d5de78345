"""The notes of a build, one by one: as JSON, as CSV, as lines for a terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

from deckgen.build.view import Build, note_type_of
from deckgen.identity.lock import LockEntry
from deckgen.model import RenderedNote
from deckgen.reports.columns import columns, counted, cut, harmless
from deckgen.reports.drafts import glance, readable

COLUMNS = ("guid", "deck", "rule", "change", "path", "line", "question", "answer", "tags")
"""Of the CSV."""

_UNSEEN = frozenset({"ID", "Reverse", "Typed", "Speech", "Speech back"})  # fields that no card shows


def note_data(build: Build, rendered: RenderedNote) -> dict[str, Any]:
    """One note for programs. Tools are built on this: it changes only with a line in CHANGELOG.md."""
    note, draft = rendered.note, rendered.note.draft
    note_type = note_type_of(build, draft.note_type)
    span = draft.origin.span
    fields = zip(note_type.field_names, rendered.fields, strict=True)
    return {
        "guid": note.guid,
        "id": note.id,
        "note_type": draft.note_type,
        "deck": draft.deck,
        "tags": list(draft.tags),
        "fields": {name: value for name, value in fields if value and name not in _UNSEEN},
        "rule": draft.rule,
        "change": note.change,
        "confidence": draft.confidence,
        "source": {
            "path": span.path,
            "line": span.line,
            "column": span.column,
            "end_line": span.end_line or span.line,
            "text": draft.origin.text,
        },
    }


def retired_data(line: LockEntry) -> dict[str, Any]:
    """One retired note for programs: what the lock remembers of it."""
    return {
        "guid": line.guid,
        "id": line.id,
        "deck": line.deck,
        "rule": line.rule,
        "change": "retired",
        "reason": line.retired,
        "question": line.question,
        "answer": line.answer,
        "source": {"path": line.path, "text": line.text},
    }


def json_lines(items: Iterable[dict[str, Any]]) -> Iterator[str]:
    """One JSON array, an item a line, piece by piece: there may be a hundred thousand."""
    separator = "[\n"
    for item in items:
        yield separator + " " + json.dumps(item, ensure_ascii=False)
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"


def csv_lines(notes: Iterable[RenderedNote]) -> Iterator[str]:
    """A header, then a line a note; question and answer as Markdown."""
    yield _csv_line(COLUMNS)
    for rendered in notes:
        draft = rendered.note.draft
        question, *answers = [readable(value) for _, value in draft.fields]
        span = draft.origin.span
        answer, tags = (answers or [""])[0], " ".join(draft.tags)
        yield _csv_line(
            [
                rendered.note.guid,
                draft.deck,
                draft.rule,
                rendered.note.change,
                span.path,
                span.line,
                question,
                answer,
                tags,
            ]
        )


def _csv_line(values: Sequence[object]) -> str:
    line = io.StringIO()
    csv.writer(line).writerow(values)
    return line.getvalue()


def text_lines(notes: Sequence[RenderedNote], width: int) -> Iterator[str]:
    """Below each source, its notes: line, question and rule, and on a second line the answer."""
    path = None
    for rendered in notes:
        draft = rendered.note.draft
        if draft.origin.span.path != path:
            yield ("\n" if path is not None else "") + draft.origin.span.path + "\n"
            path = draft.origin.span.path
        question, *answers = [_plain(value) for _, value in draft.fields[:2]]
        yield from _note_lines(str(draft.origin.span.line), question, answers, draft.rule, width)
    yield ("\n" if notes else "") + counted(len(notes), "note") + "\n"


def retired_text_lines(lines: Sequence[LockEntry], width: int) -> Iterator[str]:
    """The same for retired notes, of which the lock knows no line number."""
    path = None
    for line in sorted(lines, key=lambda line: (line.path, line.question, line.guid)):
        if line.path != path:
            yield ("\n" if path is not None else "") + line.path + "\n"
            path = line.path
        yield from _note_lines("–", _plain(line.question), [_plain(line.answer)], line.rule, width)
    yield ("\n" if lines else "") + counted(len(lines), "retired note") + "\n"


def _note_lines(place: str, question: str, answers: Sequence[str], rule: str, width: int) -> Iterator[str]:
    name, taken = _name_of(rule)
    margin = f"{place:>5}  "
    room = max(width - len(margin), 30)
    shown = cut(question, room - taken - 2)
    gap = " " * (room - columns(shown) - taken)
    yield f"{margin}{shown}{gap}{name}\n"
    if answers and answers[0]:
        yield " " * len(margin) + cut("→ " + answers[0], room) + "\n"


@lru_cache(maxsize=256)
def _name_of(rule: str) -> tuple[str, int]:
    """What a rule is called, and the columns that this takes."""
    name = cut(rule.rpartition("/")[2], 24)
    return name, columns(name)


def _plain(markdown: str) -> str:
    return harmless(glance(markdown))
