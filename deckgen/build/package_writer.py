"""Notes that are decided on → the package: of the last one where its collection is there, else from the start.

Notes go by one by one, source by source, and what the package has of each source is remembered in the index.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.compile import render_compiled
from deckgen.build.compiled_project import CompiledProject, SettledNote
from deckgen.build.identify import AllNotesNeededError, KnownNote, NotesOfBuild, require
from deckgen.build.in_memory_build import is_waiting, seen_of
from deckgen.build.index_rows import DecidedNote, MadeSource, OwnRendering
from deckgen.build.lock_writer import RowChanges
from deckgen.build.result import MovedNote
from deckgen.build.unit import CompiledNote, is_rendering_of
from deckgen.diagnostics import has_errors
from deckgen.identity.assign import Clock, check_note, is_ahead, media_of
from deckgen.identity.visible_changes import ignore_invisible_edit
from deckgen.model import MediaFile, Note, RenderedNote
from deckgen.package.apkg import KeptCollection, build_package, change_package
from deckgen.package.collection import Replacement
from deckgen.project.deck_names import find_problem
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import BUILT_IN, NoteType

Step = Callable[[int, int], None]
"""Is called with how many sources are done, and of how many."""


class Tally(Struct):
    """What is counted while the notes go by."""

    changes: Counter[str] = field(default_factory=Counter)
    elsewhere: Counter[str] = field(default_factory=Counter)  # of notes that are not in the part that is asked for
    here: set[str] = field(default_factory=set)  # GUIDs of those that are, where a part is
    moved: list[MovedNote] = field(default_factory=list)
    questions: dict[str, str] = field(default_factory=dict)  # of new notes, for near misses
    ahead: list[int] = field(default_factory=list)  # modified times in the future of notes that changed


def _stored(one: SettledNote, note: Note, rendered: RenderedNote | None) -> DecidedNote:
    own = None
    if rendered is not None and not (one.is_as_compiled and is_rendering_of(one.compiled.shown, note)):
        own = OwnRendering(note.draft, rendered.model, rendered.fields, rendered.cards, rendered.media)
    return DecidedNote(
        one.ordinal,
        note.guid,
        note.id,
        note.mod,
        note.cloze,
        rendered is not None,
        note.is_held_back,
        note.is_declined,
        note.is_skipped,
        note.origins,
        own,
    )


class PackageWriter:
    """The notes of one build, rendered, and the package of them."""

    def __init__(
        self,
        compiled: CompiledProject,
        notes: NotesOfBuild,
        rendering: RenderOptions,
        clock: Clock,
        rows: RowChanges,
        before: Mapping[str, MadeSource],
    ) -> None:
        self.project, self.compiled, self.index, self.files = compiled.project, compiled, compiled.index, compiled.files
        self.notes, self.rendering, self.clock, self.rows = notes, rendering, clock, rows
        self.before = before  # what the last package has of each source, where some of that stays
        self.made: dict[str, MadeSource] = {}
        self.tally = Tally()
        self.has_untried = False  # whether some rule was not tried on a source: its notes are only passed over

    def package(self, target: Path, collection: KeptCollection | None, step: Step, *, is_changing: bool) -> Path | None:
        """Make the package of what is stale, from the start or of the last one, whose collection it then is; None for a
        project without notes that has no package.
        """
        note_types: dict[str, NoteType] = {t.name: t for t in (*BUILT_IN.values(), *self.rendering.note_types.values())}
        stale = self.index.stale()
        there = {source.path for source in self.project.sources}
        if is_changing and collection is not None:
            replacements = self.replacements([path for path in stale if path in there], stale, step)
            made = change_package(
                target, collection, replacements, note_types.values(), self.decks(), self.media(), self.files
            )
        else:
            require(there.issuperset(stale) and there.issubset(stale))
            rendered = (note for path in stale for note in self.make(path, step))
            made = build_package(target, rendered, note_types.values(), self.files, kept=collection)
        if not self.is_in_order:
            made.unlink()
            raise AllNotesNeededError
        if not any(made.shown for _, made in self.now_made()) and not os.path.isfile(self.project.package_path):
            made.unlink()
            return None
        return made

    @property
    def is_in_order(self) -> bool:
        """Whether nothing is wrong that is to be reported of all notes at once."""
        return not (self.has_untried or any(has_errors(one.diagnostics) for _, one in self.now_made()))

    def replacements(self, paths: Sequence[str], stale: Sequence[str], step: Step) -> list[Replacement]:
        """Of each stale source where its notes begin in the package, those that it has there, and its notes now."""
        new = {path: [one for one in self.make(path, step) if not one.note.is_held_back] for path in paths}
        before = self.before
        place, found = 1, []
        wanted = set(stale)
        for path in sorted({*before, *new}, key=lambda path: path.split("/")):
            old = before[path].ids if path in before else ()
            if path in wanted and (old or new.get(path)):
                found.append(Replacement(place, old, new.get(path, [])))
            place += len(old)
        return found

    def make(self, path: str, step: Step = lambda done, total: None) -> Iterator[RenderedNote]:
        """The notes of a source that have a card; also those that stay out of the package."""
        return (rendered for _, rendered in self.all_of(path, step) if rendered is not None)

    def all_of(
        self, path: str, step: Step = lambda done, total: None, *, keeps: bool = True
    ) -> Iterator[tuple[Note, RenderedNote | None]]:
        """All notes of a source, and what is shown of them. What is to be known of them is counted, and written to the
        index if it `keeps` it.
        """
        step(len(self.made), len(self.project.sources))
        unit = self.compiled.unit(path)
        # Of all notes it was made sure when they were decided on.
        skipped = frozenset() if self.notes.is_of_all else self.compiled.skipped_ordinals(path)
        made = MadeSource(list(unit.diagnostics))
        stored: list[DecidedNote] = []
        for one in self.compiled.settled_notes(path):
            draft, problems = self.compiled.with_media(one.compiled)
            made.diagnostics.extend(problems)
            made.see(draft, media_of(draft.media))
            require(not find_problem(draft.deck))
            known = self.notes.note(draft, one.compiled)
            if known is None:
                continue
            if not self.notes.is_of_all:
                is_skipped = known.note.is_skipped
                require(is_skipped == (one.ordinal in skipped) and not (is_skipped and len(known.note.origins) > 1))
            rendered = self._rendered(one.compiled, known, made)
            note = self.settle(known, rendered)
            is_here = self.is_here(note)
            if is_here:
                made.count(note, is_waiting=is_waiting(note))
            if keeps:
                stored.append(_stored(one, note, rendered))
            if rendered is not None:
                made.shown += 1
                if is_here and not note.is_held_back:
                    made.package(rendered, note, self.compiled.compiler.check(note.draft))
                rendered = rendered if rendered.note is note else replace(rendered, note=note)
            yield note, rendered
        made.held_apart = self.compiled.settling.held.get(path, ())
        self.has_untried = self.has_untried or bool(unit.untried)
        self.made[path] = made
        if keeps:
            self.index.put_decided(path, stored)

    def _rendered(self, compiled: CompiledNote, known: KnownNote, made: MadeSource) -> RenderedNote | None:
        """A note that is decided on, as it is shown."""
        note, decisions = known.note, self.notes.decisions
        if note.draft.worded:
            made.see(note.draft, media_of(note.draft.media))
        if note.guid in decisions.used:
            made.decided.add(decisions.used[note.guid])
        rendered, problems = render_compiled(note, compiled.shown, self.rendering)
        made.diagnostics.extend((*decisions.problems.get(note.guid, ()), *problems, *check_note(note)))
        made.pictures.update(known.line.media)
        return rendered

    def is_here(self, note: Note) -> bool:
        """Whether a note is in the part of the project that the command line names."""
        return self.project.chosen is None or self.project.chosen.has(note)

    def settle(self, known: KnownNote, rendered: RenderedNote | None) -> Note:
        """A note with the modified time that it has once it is known what is seen of it."""
        seen = partial(seen_of, {known.note.guid: rendered} if rendered else {}, self.rendering)
        old = known.old
        note, line = ignore_invisible_edit(known.note, known.line, old, known.variants, seen, self.clock)
        if line != old:
            self.rows.add(line)
        if line.guid in self.notes.lines:
            self.notes.lines[line.guid] = line
        self._count(note, old.deck if old is not None else line.deck, line.deck)
        return note

    def _count(self, note: Note, old_deck: str, deck: str) -> None:
        tally = self.tally
        if note.change == "new":
            tally.questions[note.guid] = note.draft.question
        if is_ahead(note, self.clock.now):
            tally.ahead.append(note.mod)
        if not self.is_here(note):
            tally.elsewhere[note.change] += 1
            return
        tally.changes[note.change] += 1
        if self.project.chosen is not None:
            tally.here.add(note.guid)
        if deck != old_deck:
            tally.moved.append(MovedNote(note.guid, old_deck, note.draft.deck))

    def now_made(self) -> Iterator[tuple[str, MadeSource]]:
        """What the package has of each source afterwards."""
        there = {source.path for source in self.project.sources}
        for path, made in self.before.items():
            if path in there and path not in self.made:
                yield path, made
        yield from self.made.items()

    def decks(self) -> set[str]:
        """All decks of notes in the package."""
        return {deck for _, made in self.now_made() for deck in made.decks}

    def media(self) -> list[MediaFile]:
        """All pictures and sounds in the package."""
        found = {name: file for _, made in self.now_made() for name, file in made.media.items()}
        return [found[name] for name in sorted(found)]
