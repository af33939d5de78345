"""Our note types × those in Anki → templates and CSS to bring up to date: those that the learner left as they were."""

from __future__ import annotations

from deckgen.anki.actions import UpdateStyling, UpdateTemplates
from deckgen.anki.anki_state import AnkiNoteType, AnkiState
from deckgen.anki.push_record import PushRecord
from deckgen.build.view import Build, note_types_of
from deckgen.rendering.baseline import digest
from deckgen.rendering.note_types import BASIC, CLOZE, NoteType

RELEASED_PARTS: frozenset[str] = frozenset()
"""Digests of every template side and CSS that a release of deckgen had and a later one changed: Anki may still have
them from a package. Nothing was released yet."""


def plan_note_types(
    build: Build, state: AnkiState, record: PushRecord
) -> tuple[list[UpdateTemplates | UpdateStyling], list[str], set[str]]:
    """What to do, the parts that stay as the learner has them, and the digests of those that deckgen has there now."""
    known = RELEASED_PARTS | record.parts | {part for kind in (BASIC, CLOZE) for part in _parts(kind)}
    actions: list[UpdateTemplates | UpdateStyling] = []
    styled: list[str] = []
    parts: set[str] = set()
    for ours in note_types_of(build):
        theirs = state.note_types.get(ours.id)
        if theirs is None:  # it comes with the first note
            parts |= _parts(ours)
            continue
        if theirs.css == ours.css:
            parts.add(digest(ours.css))
        elif digest(theirs.css) in known:
            parts.add(digest(ours.css))
            actions.append(UpdateStyling(ours.id, theirs.name, ours.css))
        else:
            styled.append(f"{theirs.name}: CSS")
        action, kept = _templates(ours, theirs, known, parts)
        actions.extend([action] if action else [])
        styled.extend(kept)
    return actions, styled, parts


def _parts(note_type: NoteType) -> set[str]:
    sides = {digest(text) for template in note_type.templates for text in (template.front, template.back)}
    return sides | {digest(note_type.css)}


def _templates(
    ours: NoteType, theirs: AnkiNoteType, known: frozenset[str], parts: set[str]
) -> tuple[UpdateTemplates | None, list[str]]:
    if len(ours.templates) != len(theirs.templates) or not set(ours.field_names) <= set(theirs.fields):
        return None, [f"{theirs.name}: fields or templates"]
    fronts: dict[str, str] = {}
    backs: dict[str, str] = {}
    kept: list[str] = []
    for new, old in zip(ours.templates, theirs.templates, strict=True):
        for side, text, theirs_text, changed in (
            ("front", new.front, old.front, fronts),
            ("back", new.back, old.back, backs),
        ):
            if text == theirs_text:
                parts.add(digest(text))
            elif digest(theirs_text) in known:
                parts.add(digest(text))
                changed[old.name] = text
            else:
                kept.append(f"{theirs.name}: {side} of {old.name}")
    return (UpdateTemplates(ours.id, theirs.name, fronts, backs) if fronts or backs else None), kept
