"""What a push will do, as values: one entry for each note, note type, deck and media file that changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct, field

from deckgen.anki.actions import ChangeNoteType, UpdateStyling, UpdateTemplates
from deckgen.anki.anki_state import AnkiCard, AnkiNote
from deckgen.anki.push_record import PushRecord
from deckgen.anki.three_way import FieldMerge
from deckgen.identity.lock import LockEntry
from deckgen.model import MediaFile, RenderedNote
from deckgen.rendering.note_types import NoteType

Choice = Literal["ours", "theirs", "skip"]
Kind = Literal["retyped", "updated", "moved", "tagged", "retired", "restored", "noted"]
RETIRED_TAG = "deckgen::retired"


class PushOptions(Struct, frozen=True):
    """What the command line says of a push."""

    conflicts: Choice = "skip"
    choices: Mapping[str, Choice] = field(default_factory=dict)  # by GUID: of those that were asked about
    retired: Literal["suspend", "delete", "keep"] = "suspend"
    is_again: bool = False  # notes that the learner deleted come back
    accepts_deletions: bool = False  # also of more than a fifth
    names_profile: bool = False  # so that a profile without these notes is meant
    changes_note_types: bool = False  # of notes that were taken over from another tool


class NewNote(Struct, frozen=True):
    """A note to add, in the fields and cards of the note type that is there, with its place among new cards."""

    rendered: RenderedNote
    note_type: NoteType
    position: int
    baseline: str = ""  # for the push record, of a note that has no field for it


class NotePlan(Struct, frozen=True):
    """What is done to one note. `kind` is the most telling of it; `noted`: only what deckgen wrote is noted anew."""

    kind: Kind
    in_anki: AnkiNote
    rendered: RenderedNote | None
    writes: Mapping[str, str] = field(default_factory=dict)  # Anki's names of fields, the baseline among them
    announces: Mapping[str, str] = field(default_factory=dict)  # written before anything else
    fields: tuple[FieldMerge, ...] = ()  # those that the learner will see changed
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()
    moves: tuple[AnkiCard, ...] = ()
    deck: str = ""
    suspend: tuple[int, ...] = ()
    release: tuple[int, ...] = ()
    note_type: ChangeNoteType | None = None  # that it gets, with all its fields


class Conflict(Struct, frozen=True):
    """A note of which both sides changed a field, or of which nobody knows who did; and what becomes of it."""

    in_anki: AnkiNote
    rendered: RenderedNote
    fields: tuple[FieldMerge, ...]
    choice: Choice

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows who changed it: the note came without a baseline."""
        return all(one.verdict == "unknown" for one in self.fields)


class EditedByUser(Struct, frozen=True):
    """A note whose fields the learner edited, and which stays so."""

    in_anki: AnkiNote
    rendered: RenderedNote
    fields: tuple[FieldMerge, ...]


class MovedByUser(Struct, frozen=True):
    """A note whose cards the learner moved, and which stay there."""

    in_anki: AnkiNote
    rendered: RenderedNote
    cards: tuple[AnkiCard, ...]


class Rename(Struct, frozen=True):
    """A deck that has another name now, with the cards that come along."""

    old: str
    new: str
    cards: tuple[int, ...]


class Plan(Struct, frozen=True):
    """All of it. What is kept is reported; nothing is done about it."""

    new: tuple[NewNote, ...] = ()
    carriers: tuple[NewNote, ...] = ()  # that bring a note type which Anki lacks, and are deleted again
    left_over: tuple[int, ...] = ()  # such notes of a push that was interrupted
    notes: tuple[NotePlan, ...] = ()
    deletions: tuple[AnkiNote, ...] = ()
    renames: tuple[Rename, ...] = ()
    note_types: tuple[UpdateTemplates | UpdateStyling, ...] = ()
    media: tuple[MediaFile, ...] = ()
    record_before: PushRecord | None = None  # to be written before anything is deleted
    record: PushRecord | None = None  # to be written at the end, where it changed
    # kept
    conflicts: tuple[Conflict, ...] = ()
    edited: tuple[EditedByUser, ...] = ()
    moved: tuple[MovedByUser, ...] = ()
    styled: tuple[str, ...] = ()  # parts of note types that the learner changed
    declined: tuple[RenderedNote, ...] = ()  # newly seen to be deleted in Anki
    declined_before: int = 0
    changeable: tuple[RenderedNote, ...] = ()  # taken over, and left in their note type
    foreign: tuple[tuple[RenderedNote, str], ...] = ()  # left alone, with the reason
    unclear: tuple[RenderedNote, ...] = ()  # several notes in Anki have its ID
    waiting: int = 0  # cards that are in a filtered deck, to be moved by a later push
    unchanged: int = 0
    decks: frozenset[str] = frozenset()  # deckgen's names for the decks of the project
    lines: Mapping[str, LockEntry] = field(default_factory=dict)  # of the lock, that are other ones after the push

    @property
    def changes_anki(self) -> bool:
        """Whether there is anything to be done in Anki."""
        return bool(
            self.new
            or self.left_over
            or self.notes
            or self.deletions
            or self.renames
            or self.note_types
            or self.media
            or self.record_before
            or self.record
        )

    @property
    def open_conflicts(self) -> tuple[Conflict, ...]:
        """Those that nobody decided."""
        return tuple(one for one in self.conflicts if one.choice == "skip")
