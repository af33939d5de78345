"""Notes that are not in Anki → as they go into it: in the note types that are there, whatever the learner made of them.

They go as a package of these notes only, because nothing else gives Anki a note with its GUID and its place among the
new cards. The package has the note types by the names that they have in Anki, without ids and with the oldest modified
time: so Anki takes them for its own and changes nothing of them, and never makes a second one (`deckgen Basic+`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from deckgen.anki.anki_state import AnkiNoteType, AnkiState
from deckgen.anki.plan import NewNote
from deckgen.anki.three_way import map_fields
from deckgen.build.pipeline import Build
from deckgen.model import Html, RenderedNote
from deckgen.rendering.baseline import FIELD, baseline_of, format_baseline, has_baseline, name_digest
from deckgen.rendering.note_types import NoteField, NoteType, Template


def new_notes(missing: Iterable[RenderedNote], build: Build, state: AnkiState) -> list[NewNote]:
    """Each with the place among new cards that it has in the package of the whole project."""
    positions = {note.guid: index for index, note in enumerate(build.identified.notes, 1)}
    decks = _decks_renamed_in_anki(build, state)
    types = {note_type.name: note_type for note_type in build.note_types}  # with the CSS of deck.yaml
    found = []
    for rendered in missing:
        ours = types[build.rendering.note_type(rendered.note.draft.note_type).name]
        note_type = _as_in_anki(ours, state.note_types.get(ours.id))
        baseline = format_baseline(replace(baseline_of(rendered, ours), is_placed=True))
        fields = dict(zip(ours.field_names, rendered.fields, strict=True))
        if has_baseline(ours):
            fields[FIELD] = Html(baseline)
        mapping = {theirs: name for name, theirs in map_fields(ours.field_names, note_type.field_names).items()}
        draft = rendered.note.draft
        draft = replace(draft, deck=decks.get(name_digest(draft.deck), draft.deck))
        # Should Anki know the GUID after all, a note of this time is never taken for a newer one.
        note = replace(rendered.note, draft=draft, mod=rendered.note.id // 1000, is_held_back=False)
        adapted = replace(
            rendered,
            note=note,
            model=note_type.name,
            fields=tuple(fields.get(mapping.get(name, ""), Html("")) for name in note_type.field_names),
            cards=tuple(c for c in rendered.cards if ours.is_cloze or c < len(note_type.templates)),
        )
        found.append(NewNote(adapted, note_type, positions[note.guid], "" if has_baseline(ours) else baseline))
    return found


def _as_in_anki(ours: NoteType, theirs: AnkiNoteType | None) -> NoteType:
    """Without ids Anki goes by the names; with `mod` 0 it takes over neither templates nor CSS."""
    if theirs is None:
        return ours
    fields = tuple(NoteField(name, 0) for name in theirs.fields)
    templates = tuple(Template(t.name, 0, t.front, t.back) for t in theirs.templates)
    return NoteType(theirs.name, ours.id, fields, templates, theirs.css, ours.is_cloze, 0)


def _decks_renamed_in_anki(build: Build, state: AnkiState) -> dict[str, str]:
    """Digest of a deck of ours that is not there → the one deck in which all its notes are: the learner renamed it."""
    names = {name_digest(name) for name in state.decks}
    places: dict[str, set[str]] = {}
    for rendered in build.notes:
        key = name_digest(rendered.note.draft.deck)
        if key not in names and (note := state.notes.get(rendered.note.guid)) is not None:
            places.setdefault(key, set()).update(card.deck for card in note.cards)
    return {key: next(iter(decks)) for key, decks in places.items() if len(decks) == 1 and "" not in decks}
