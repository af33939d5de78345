"""Own note types → the `mod` that Anki needs to take their new looks, and the changes that it cannot follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.lock import LockedNoteType
from deckgen.model import next_modified
from deckgen.rendering.note_types import BASIC, BUILT_IN, BUILT_IN_MOD, CLOZE, NoteType

define(
    "error",
    note_type_schema_changed="The fields or templates of one of your note types differ from those that its notes "
    "were built with. To Anki it would be another note type, and its existing notes would never be updated again.",
)


def digest(note_type: NoteType) -> str:
    """What templates and CSS look like: another digest needs a greater `mod`."""
    shown = [note_type.name, note_type.css, [(t.name, t.front, t.back) for t in note_type.templates]]
    return hashlib.sha256(json.dumps(shown, ensure_ascii=False).encode()).hexdigest()[:32]


def stamp(
    own: Mapping[str, NoteType], locked: Mapping[str, LockedNoteType], now: int
) -> tuple[dict[str, NoteType], dict[str, LockedNoteType], list[Diagnostic]]:
    """Own note types with their `mod`, what the lock's header remembers of them, and the changes Anki cannot follow.

    The built-in ones are among them once deck.yaml gave them CSS, then also by the kinds of notes that have them. A
    note type that deck.yaml no longer has keeps its line in the lock, so that it may come back. `now` is in seconds.
    """
    stamped: dict[str, NoteType] = {}
    remembered = dict(locked)
    diagnostics: list[Diagnostic] = []
    # One that once had another look than it ships with must be sent with a greater `mod` again, to get rid of it.
    styled_before = {t.name: t for t in (BASIC, CLOZE) if t.name in locked}
    for name, note_type in {**styled_before, **own}.items():
        before, found, mod = locked.get(name), digest(note_type), note_type.mod
        if before is not None:
            mod = before.mod if before.digest == found else next_modified(before.mod, now)
        elif mod == BUILT_IN_MOD:
            mod = next_modified(mod, now)
        stamped[name] = replace(note_type, mod=mod)
        templates = [template.name for template in note_type.templates]
        fields = list(note_type.field_names)
        remembered[name] = LockedNoteType(note_type.id, fields, templates, note_type.is_cloze, found, mod)
        if before is not None:
            diagnostics.extend(_schema_changes(name, before, remembered[name]))
    stamped |= {kind: stamped[t.name] for kind, t in BUILT_IN.items() if t.name in stamped}
    return stamped, dict(sorted(remembered.items())), diagnostics


def _schema_changes(name: str, before: LockedNoteType, after: LockedNoteType) -> list[Diagnostic]:
    parts = (
        ("fields", before.fields, after.fields),
        ("templates", before.templates, after.templates),
        ("`cloze`", before.cloze, after.cloze),
    )
    return [
        Diagnostic(
            "note-type-schema-changed",
            f"the {part} of note type `{name}` were {_listed(old)} and are now {_listed(new)}",
            hint="put them back as they were, or give the note type another name: its notes are then new notes in "
            "Anki, without the schedule of the old ones",
        )
        for part, old, new in parts
        if old != new
    ]


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).lower()
