"""What can be done to Anki, as values; and what a way into Anki has to offer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from deckgen.anki.anki_state import AnkiQuery, AnkiState
from deckgen.diagnostics import Diagnostic, define

define(
    "error",
    push_refused="Anki refused a part of a push. What was done before stays done; the next push does the rest.",
)


class UpdateFields(Struct, frozen=True):
    """Field texts of one note, by Anki's names; the other fields stay."""

    note: int
    fields: Mapping[str, str]


class ChangeNoteType(Struct, frozen=True):
    """Another note type for one note, with all its fields. Its cards stay, by their ordinals, as they were learned."""

    note: int
    old: int
    new: int
    name: str  # of the new one, in Anki
    fields: Mapping[str, str]  # by Anki's names
    tags: tuple[str, ...]  # that it has, and keeps


class ChangeTags(Struct, frozen=True):
    """Tags to add to some notes, or to remove from them."""

    notes: tuple[int, ...]
    tags: tuple[str, ...]
    is_removal: bool = False


class MoveCards(Struct, frozen=True):
    """Cards to put into a deck, which is made where it is not there."""

    cards: tuple[int, ...]
    deck: str


class RenameDeck(Struct, frozen=True):
    """A deck, all of whose cards are to be in another one that is not there yet; so are those below it."""

    old: str
    new: str
    cards: tuple[int, ...]  # of this deck itself


class SuspendCards(Struct, frozen=True):
    """Cards to suspend, or to bring back."""

    cards: tuple[int, ...]
    is_release: bool = False


class DeleteNotes(Struct, frozen=True):
    """Notes to delete, with their cards and schedules."""

    notes: tuple[int, ...]


class UpdateTemplates(Struct, frozen=True):
    """Fronts and backs of a note type's templates, by Anki's names; only those that are to change."""

    note_type: int
    name: str
    fronts: Mapping[str, str]
    backs: Mapping[str, str]


class UpdateStyling(Struct, frozen=True):
    """The CSS of a note type."""

    note_type: int
    name: str
    css: str


Action = (
    UpdateFields
    | ChangeNoteType
    | ChangeTags
    | MoveCards
    | RenameDeck
    | SuspendCards
    | DeleteNotes
    | UpdateTemplates
    | UpdateStyling
)


class TargetError(Exception):
    """Anki cannot be reached, or refuses; for people as a diagnostic."""

    def __init__(self, kind: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.diagnostic = Diagnostic(kind, message, hint=hint)


class Target(Protocol):
    """A way into Anki. All of it raises `TargetError`."""

    @property
    def name(self) -> str:
        """What it is called in messages."""

    @property
    def syncs_fully(self) -> bool:
        """Whether Anki wants a full sync after a change of note types."""

    def read(self, asked: AnkiQuery) -> AnkiState:
        """What Anki has of a project; changes nothing."""

    def begin(self) -> str:
        """Called once before the first change: makes a backup where that is deckgen's to do, and says where."""

    def carry_out(self, actions: Sequence[Action]) -> None:
        """Do these in order, in one go as far as this way allows."""

    def import_package(self, path: Path, *, with_schedules: bool = False) -> None:
        """Import a package, in which there is nothing but notes that are not in Anki; some cards may be due later."""

    def delete_by_field_id(self, values: Sequence[str]) -> None:
        """Delete the notes whose field ID is one of these: letters and digits that no note of a learner's has."""

    def store_media(self, name: str, path: Path) -> None:
        """Put a file into the media folder, instead of one that has the name."""

    def deck_ids(self) -> Mapping[str, int]:
        """The decks that are there now, with their ids."""

    def refresh(self) -> None:
        """Called once after the last change: windows of Anki that are open show what there is now."""

    def close(self) -> None:
        """Let go of Anki."""
