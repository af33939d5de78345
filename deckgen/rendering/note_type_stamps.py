"""Own note types → the `mod` that Anki needs to take their new looks, and the changes that it cannot follow."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, define
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
    own: Mapping[str, NoteType], locked: Mapping[str, Any], now: int
) -> tuple[dict[str, NoteType], dict[str, Any], list[Diagnostic]]:
    """Own note types with their `mod`, what the lock's header remembers of them, and the changes Anki cannot follow.

    The built-in ones are among them once deck.yaml gave them CSS, then also by the kinds of notes that have them. A
    note type that deck.yaml no longer has keeps its line in the lock, so that it may come back. `now` is in seconds.
    """
    stamped: dict[str, NoteType] = {}
    remembered: dict[str, Any] = dict(locked)
    diagnostics: list[Diagnostic] = []
    # One that once had another look than it ships with must be sent with a greater `mod` again, to get rid of it.
    styled_before = {t.name: t for t in (BASIC, CLOZE) if t.name in locked}
    for name, note_type in {**styled_before, **own}.items():
        before, found, mod = locked.get(name), digest(note_type), note_type.mod
        if before is not None:
            diagnostics.extend(_schema_changes(name, note_type, before))
            mod = before["mod"] if before["digest"] == found else next_modified(before["mod"], now)
        elif mod == BUILT_IN_MOD:
            mod = next_modified(mod, now)
        stamped[name] = replace(note_type, mod=mod)
        remembered[name] = {
            "id": note_type.id,
            "fields": list(note_type.field_names),
            "templates": [t.name for t in note_type.templates],
            "cloze": note_type.is_cloze,
            "digest": found,
            "mod": mod,
        }
    stamped |= {kind: stamped[t.name] for kind, t in BUILT_IN.items() if t.name in stamped}
    return stamped, dict(sorted(remembered.items())), diagnostics


def _schema_changes(name: str, note_type: NoteType, before: Mapping[str, Any]) -> list[Diagnostic]:
    after = {
        "fields": list(note_type.field_names),
        "templates": [t.name for t in note_type.templates],
        "cloze": note_type.is_cloze,
    }
    shown = {"fields": "fields", "templates": "templates", "cloze": "`cloze`"}
    return [
        Diagnostic(
            "note-type-schema-changed",
            f"the {shown[part]} of note type `{name}` were {_listed(before[part])} and are now {_listed(value)}",
            hint="put them back as they were, or give the note type another name: its notes are then new notes in "
            "Anki, without the schedule of the old ones",
        )
        for part, value in after.items()
        if before.get(part) != value
    ]


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value).lower()
