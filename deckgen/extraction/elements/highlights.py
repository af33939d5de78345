"""A text × forms of marked spans → an element for each span."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from deckgen.extraction.elements.element import Element, Value, Where
from deckgen.extraction.elements.masking import mask_text
from deckgen.markdown.document import Document
from deckgen.markdown.text import Text
from deckgen.patterns.passage import Passage
from deckgen.rules.mark_forms import Mark, MarkForm, find_marks
from deckgen.rules.preprocessing import Selector


def highlights(document: Document, text: Text, where: Where, selector: Selector) -> Iterator[Element]:
    """The marked spans of a text. In `text`, marks that Markdown does not know are taken off."""
    forms = [form for form in selector.marks if isinstance(form, MarkForm)]
    marks = find_marks(forms, mask_text(text))
    if not marks:
        return
    language = document.language_of(text.plain)
    for mark in marks:
        shown, (start, end) = _unmarked(text, marks, mark)
        line, column = _place(text, mark.start)
        hint = text.raw[slice(*mark.hint)]
        values: dict[str, Value] = {
            "marked": Passage(shown, start, end),
            "hint": Passage.of(hint) if hint else None,
            "text": Passage(shown),
        }
        last, end_column = _place(text, mark.end - 1)
        element = Element("highlight", document, where, "marked", values, (line, last), column)
        element.extent = (line, column), (last, end_column + 1)
        element.language, element.source_text, element.selector = language, text.raw, selector
        yield element


def _place(text: Text, offset: int) -> tuple[int, int]:
    """Line and column of a character of the raw text."""
    row = text.raw.count("\n", 0, offset)
    begin = text.raw.rfind("\n", 0, offset) + 1
    return text.line + row, (text.columns[row] if row < len(text.columns) else 1) + offset - begin


def _unmarked(text: Text, marks: Sequence[Mark], chosen: Mark) -> tuple[Text, tuple[int, int]]:
    """The text without the marks of the chosen span and without those that would show; where the span stands then."""
    parts: list[str] = []
    length = last = start = 0
    for mark in marks:
        answer, written = text.raw[slice(*mark.answer)], text.raw[mark.start : mark.end]
        keeps = mark is not chosen and Text(written).plain == Text(answer).plain
        parts += [text.raw[last : mark.start], written if keeps else answer]
        length += len(parts[-2])
        if mark is chosen:
            start = length
        length += len(parts[-1])
        last = mark.end
    raw = "".join([*parts, text.raw[last:]])
    offsets = _raw_offsets(raw)
    end = start + chosen.answer[1] - chosen.answer[0]
    return Text(raw, text.line, text.columns, text.definitions), (
        bisect_left(offsets, start),
        bisect_left(offsets, end),
    )


def _raw_offsets(raw: str) -> list[int]:
    """Where in raw each character as read begins."""
    lines = raw.split("\n")
    text = Text(raw, 1, (1,) * len(lines))
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return [starts[line - 1] + column - 1 for line, column in map(text.place, range(len(text.plain)))]
