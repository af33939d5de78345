"""The notes and note types of Anki, as a package or a collection holds them."""

from __future__ import annotations

from msgspec import Struct


class AnkiTemplate(Struct, frozen=True):
    """What makes one card of a note in Anki."""

    name: str
    id: int  # 0 where Anki knows none
    front: str
    back: str


class AnkiNoteType(Struct, frozen=True):
    """A note type as Anki has it; field ids are 0 where Anki knows none. `mod` is in seconds."""

    id: int
    name: str
    fields: tuple[str, ...]
    field_ids: tuple[int, ...]
    templates: tuple[AnkiTemplate, ...]
    css: str
    is_cloze: bool
    mod: int


class AnkiNote(Struct, frozen=True):
    """A note as Anki has it: fields are HTML, `mod` is in seconds."""

    guid: str
    id: int
    mod: int
    note_type: AnkiNoteType
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    deck: str  # of its first card

    def field(self, name: str) -> str:
        """The field of that name; nothing where its note type has none."""
        names = self.note_type.fields
        return self.fields[names.index(name)] if name in names else ""


class AnkiNotes(Struct, frozen=True):
    """What a package or a collection holds. `is_from_anki`: Anki wrote it, so it may hold what a learner edited."""

    notes: tuple[AnkiNote, ...]
    note_types: tuple[AnkiNoteType, ...]
    is_from_anki: bool
