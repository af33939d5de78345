"""A build that is held in memory, and what there is to say of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deckgen.build.admission import rendered_suggestion
from deckgen.build.counts import CardCheck, need_attention
from deckgen.build.result import MovedNote, NearlySame, Outcome
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
from deckgen.rules.rule import RuleSet


@dataclass(frozen=True, slots=True)
class InMemoryBuild:
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
    held_apart: tuple[str, ...] = ()  # where notes stand that are not made: another one asks the same
    decisions_gone: int = 0  # decisions about notes that are not there now
    check: CardCheck = lambda draft: ()  # what there is to say about one card
    suggested: tuple[CompiledNote, ...] = ()  # what is less sure than a note has to be, and was not decided on

    @property
    def suggestions(self) -> tuple[RenderedNote, ...]:
        """What is less sure than a note has to be, as notes: of the sources that the command line names."""
        found = (rendered_suggestion(one, self.files, self.rendering) for one in self._suggested_here)
        return tuple(one for one in found if one)

    @property
    def _suggested_here(self) -> list[CompiledNote]:
        return [one for one in self.suggested if self.chosen is None or one.draft.origin.span.path in self.chosen]

    @property
    def is_lock_new(self) -> bool:
        """Whether the project has no lock yet."""
        return self.project.lock_text is None

    @property
    def is_rendering_new(self) -> bool:
        """Whether HTML is made in another way than that of the notes sent before, which alone sends nothing again."""
        return self.lock_before.header.rendering not in ("", self.rendering.stamp)

    @property
    def new_words(self) -> str:
        """The dictionary that Chinese words are found by now, where the notes were made with another one before."""
        now, before = self.identified.lock.header.words, self.lock_before.header.words
        return now if before not in ("", now) else ""

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


def outcome_of(build: InMemoryBuild) -> Outcome:
    """What there is to tell of a build: of the part of the project that the command line names."""
    identified, part = build.identified, build.chosen
    notes = [note for note in identified.notes if part is None or part.has(note)]
    retired = [line for line in identified.retired if part is None or line.path in part]
    counts = Counter[str](note.change for note in notes)
    counts["retired"] = len(retired)
    rest = Counter[str](note.change for note in identified.notes) if part is not None else Counter[str]()
    rest["retired"] = len(identified.retired)
    questions = {note.guid: note.draft.question for note in identified.notes} if identified.near_misses else {}
    ours = {*(note.guid for note in notes), *(line.guid for line in retired)}
    return Outcome(
        package=str(build.project.package_path),
        lock=str(build.project.lock_path),
        notes=sum(not rendered.note.is_held_back for rendered in build.notes),
        cards=sum(len(rendered.cards) for rendered in build.notes if not rendered.note.is_held_back),
        changes=dict(counts),
        elsewhere=dict(+(rest - counts)),
        held_back=sum(is_waiting(note) for note in notes),
        declined=sum(note.is_declined for note in notes),
        skipped=sum(note.is_skipped and not note.is_declined for note in notes),
        decisions_gone=build.decisions_gone,
        suggestions=len(build._suggested_here),
        need_attention=need_attention(
            (build.check(one.note.draft) for one in build.notes if not one.note.is_held_back), build.project.config.lint
        ),
        held_apart=tuple(one for one in build.held_apart if part is None or one.rpartition(":")[0] in part),
        moved=tuple(
            MovedNote(moved.note.guid, moved.old_deck, moved.note.draft.deck)
            for moved in identified.moved
            if moved.note.guid in ours
        ),
        retired=tuple(line.guid for line in retired),
        retires_many=identified.retires_many,
        near_misses=tuple(
            NearlySame(miss.old.guid, miss.new, miss.old.question, questions.get(miss.new, ""), miss.reason, miss.hint)
            for miss in identified.near_misses
            if miss.new in ours or miss.old.guid in ours
        ),
        is_lock_new=build.is_lock_new,
        is_rendering_new=build.is_rendering_new,
        new_words=build.new_words,
        diagnostics=build.diagnostics,
    )
