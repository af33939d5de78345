"""A build that is held in memory, and what there is to say of it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from deckgen.build.admission import rendered_suggestion
from deckgen.build.unit import CompiledNote
from deckgen.diagnostics import Diagnostic
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Lock
from deckgen.identity.visible_changes import visible_digest
from deckgen.model import Guid, Note, RenderedNote
from deckgen.project.part import Part
from deckgen.project.project import Project
from deckgen.rendering.media import ProjectFiles
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import NoteType

if TYPE_CHECKING:
    from deckgen.rules.rule import RuleSet


class InMemoryBuild(Struct, frozen=True):
    """One run of the pipeline, without an error. `notes` are those that are shown and packaged."""

    project: Project
    rules: RuleSet
    identified: Identified
    notes: tuple[RenderedNote, ...]  # of the whole project, or of the sources that the command line names
    lock_before: Lock
    lock_text: str
    rendering: RenderOptions
    files: ProjectFiles
    diagnostics: tuple[Diagnostic, ...] = ()  # warnings
    suggested: tuple[CompiledNote, ...] = ()  # what is less sure than a note has to be, and was not decided on

    @property
    def suggestions(self) -> tuple[RenderedNote, ...]:
        """What is less sure than a note has to be, as notes: of the sources that the command line names."""
        found = (rendered_suggestion(one, self.files, self.rendering) for one in self.suggested)
        return tuple(one for one in found if one)

    @property
    def is_lock_new(self) -> bool:
        """Whether the project has no lock yet."""
        return self.project.lock_text is None

    @property
    def is_unchanged(self) -> bool:
        """Whether it is known, without looking at any note, that nothing changed since the last build."""
        return False

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.project.root

    @property
    def lock_path(self) -> Path:
        """Where the lock lies."""
        return self.project.lock_path

    @property
    def chosen(self) -> Part | None:
        """The part of the project that the command line names; None for all."""
        return self.project.chosen

    @property
    def count(self) -> int:
        """How many `notes` there are."""
        return len(self.notes)

    @property
    def rule_names(self) -> tuple[str, ...]:
        """The rules."""
        return tuple(rule.name for rule in self.rules.rules)

    @property
    def pack_names(self) -> tuple[str, ...]:
        """The packs that they come from."""
        return tuple(self.rules.packs)

    @property
    def own_note_types(self) -> Mapping[str, NoteType]:
        """Those of deck.yaml, by the names that rules use."""
        return self.rendering.note_types


def seen_of(rendered: Mapping[Guid, RenderedNote], options: RenderOptions, guid: Guid) -> str:
    """What is seen of a note, as a digest; nothing of one without a card."""
    note = rendered.get(guid)
    if note is None:
        return ""
    if note.seen:
        return note.seen
    name = note.note.draft.note_type
    return visible_digest(note, options.note_type(name).field_names, is_own=name in options.note_types)


def is_waiting(note: Note) -> bool:
    """Whether a note stays out of the package because a picture is missing, and for no other reason."""
    return note.is_held_back and not (note.is_declined or note.is_skipped)
