"""A build → what there is to decide on, in order: near misses, new notes, changed ones, the others, suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.identity.near_misses import NearMiss
from deckgen.model import RenderedNote
from deckgen.reports.lint import lint

if TYPE_CHECKING:
    from deckgen.build.view import Build


class Item(Struct, frozen=True):
    """One thing to decide on: a note, or whether it is an old one. `findings`: what lint says of it."""

    note: RenderedNote
    is_suggestion: bool = False
    miss: NearMiss | None = None
    findings: tuple[Diagnostic, ...] = ()


_ORDER = {"new": 0, "updated": 1, "restored": 1, "moved": 1}


def queue_of(build: Build, *, only_suggested: bool = False, only: Iterable[str] | None = None) -> list[Item]:
    """What is undecided. `only`: GUIDs of the notes that are asked for."""
    choices, wanted = build.project.choices, None if only is None else frozenset(only)
    suggestions = build.suggestions
    notes = [
        note
        for note in build.notes
        if not note.note.is_skipped
        and note.note.guid not in choices.notes
        and (wanted is None or note.note.guid in wanted)
    ]
    findings = _findings(build, [*notes, *suggestions])
    items = [] if only_suggested else [*_near_misses(build, choices.same, choices.another), *_items(notes, findings)]
    if wanted is None:
        items.extend(Item(note, True, None, findings.get(note.note.guid, ())) for note in suggestions)
    return items


def _items(notes: Sequence[RenderedNote], findings: dict[str, tuple[Diagnostic, ...]]) -> Iterator[Item]:
    for note in sorted(notes, key=lambda note: _ORDER.get(note.note.change, 2)):
        yield Item(note, False, None, findings.get(note.note.guid, ()))


def _near_misses(build: Build, *decided: Iterable[tuple[str, str]]) -> Iterator[Item]:
    known = {pair for pairs in decided for pair in pairs}
    notes = {note.note.guid: note for note in build.notes}
    for miss in build.identified.near_misses:
        if (miss.old.guid, miss.new) not in known and miss.new in notes:
            yield Item(notes[miss.new], False, miss)


def _findings(build: Build, notes: Sequence[RenderedNote]) -> dict[str, tuple[Diagnostic, ...]]:
    """What lint says of each note."""
    drafts = {(note.note.draft.origin.span, note.note.draft.rule): note.note.guid for note in notes}
    found: dict[str, tuple[Diagnostic, ...]] = {}
    for diagnostic in lint([note.note.draft for note in notes], build.project.config.lint):
        rule = diagnostic.hint.rpartition("made by ")[2]
        guid = drafts.get((diagnostic.span, rule)) if diagnostic.span else None
        if guid is not None:
            found[guid] = (*found.get(guid, ()), diagnostic)
    return found
