"""A document → its `entry` elements, in the order of the source."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from operator import attrgetter

from deckgen.extraction.elements.element import Element
from deckgen.extraction.entries.elements import entry_elements
from deckgen.extraction.entries.label_texts import NUMBERED
from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.outline import Outline
from deckgen.extraction.entries.tables import cell_elements
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import Document
from deckgen.patterns.folded_text import fold_characters

_LAWS = ("公理", "定律")  # which the number names


def entries_of(document: Document, outline: Outline, labels: Labels, settings: Settings) -> Iterator[Element]:
    """Every labelled line, question and cell of an outline, in the order of the text; entries are made one by one."""
    headings = (entry.label for entry in outline.entries if entry.form == "heading")
    folded = frozenset(fold_characters(heading.strip()) for heading in headings)
    labels = Labels(labels.words, folded, _sides(outline), _series(outline))
    place = attrgetter("line", "column")
    cells = [
        cell
        for holder in (outline.root, *outline.entries)
        for table, where in holder.tables
        for cell in cell_elements(document, table, where, labels, settings, holder)
    ]
    lines = (
        element
        for entry in sorted(outline.entries, key=place)
        if entry.text is not None and entry.text.plain[entry.start : entry.end].strip()
        for element in entry_elements(document, entry, labels, settings)
    )
    return heapq.merge(sorted(cells, key=place), lines, key=place)


def label_ends(outline: Outline, labels: Labels) -> dict[int, list[int]]:
    """Where labels end in texts, by the `id` of the text: no sentence goes on across such a place."""
    ends: dict[int, list[int]] = {}
    for entry in outline.entries:
        parted = entry.parted
        if entry.text is None or parted is None or not parted.mark or not parted.has_body or entry.form == "heading":
            continue
        if parted.mark.strip("：: ") and not parted.emphasis and not entry.is_run:
            continue
        if labels.class_of(entry)[0] in ("term", "role", "remark", "sequence", "date"):
            ends.setdefault(id(entry.text), []).append(parted.body[0])
    return ends


def _sides(outline: Outline) -> frozenset[str]:
    """The labels that stand in front of a text below two owners or more: each tells a side of them."""
    owners: dict[str, set[int]] = {}
    for entry in outline.entries:
        if entry.form in ("item", "line") and entry.body and entry.parent is not None:
            owners.setdefault(fold_characters(entry.label.strip()), set()).add(id(entry.parent))
    return frozenset(label for label, several in owners.items() if len(several) > 1)


def _series(outline: Outline) -> frozenset[str]:
    """What the labels of an outline are counted by: those with a number behind them, from one on."""
    counted: dict[str, set[str]] = {}
    for entry in outline.entries:
        found = NUMBERED.match(fold_characters(entry.label.strip(" *_:：")))
        if found and not found[1].strip().endswith(_LAWS):
            counted.setdefault(found[1].strip(), set()).add(found[2])
    return frozenset(name for name, numbers in counted.items() if len(numbers) > 1 and numbers & {"1", "一"})
