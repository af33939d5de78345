"""Notes that are decided on → the package: of the last one where its collection is there, else from the start.

Notes go by one by one, source by source, and what the package has of each source is remembered in the index.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from deckgen.build.compile import render_compiled
from deckgen.build.compiled_project import CompiledProject
from deckgen.build.identify import KnownNote, NotesOfBuild, NotIncrementalError, require
from deckgen.build.in_memory_build import is_waiting, seen_of
from deckgen.build.index_rows import DecidedNote, MadeSource, OwnRendering
from deckgen.build.lock_writer import RowChanges
from deckgen.build.result import MovedNote
from deckgen.build.snapshot import Delta
from deckgen.build.unit import is_rendering_of
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.identity.assign import DAY, Clock, check_notes, media_of
from deckgen.identity.visible_changes import ignore_invisible_edit
from deckgen.model import MediaFile, Note, RenderedNote
from deckgen.package.apkg import Kept, build_package, change_package
from deckgen.package.collection import Exchange
from deckgen.project.deck_names import find_problem
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import BUILT_IN, NoteType

Step = Callable[[int, int], None]
"""Is called with how many sources are done, and of how many."""


@dataclass
class Tally:
    """What is counted while the notes go by."""

    changes: Counter[str] = field(default_factory=Counter)
    moved: list[MovedNote] = field(default_factory=list)
    held_back: int = 0
    questions: dict[str, str] = field(default_factory=dict)  # of new notes, for near misses


def _stored(ordinal: int, note: Note, rendered: RenderedNote | None, *, is_own: bool) -> DecidedNote:
    own = None
    if rendered is not None and is_own:
        own = OwnRendering(note.draft, rendered.model, rendered.fields, rendered.cards, rendered.media)
    return DecidedNote(
        ordinal,
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
    """The package of one build."""

    def __init__(self, compiled: CompiledProject, clock: Clock, step: Step, collection: Kept, rows: RowChanges) -> None:
        self.project, self.compiled, self.index, self.files = compiled.project, compiled, compiled.index, compiled.files
        self.clock, self.step, self.collection, self.rows = clock, step, collection, rows
        self.before: dict[str, MadeSource] = dict(self.index.made())  # what the last package has of each source
        self.made: dict[str, MadeSource] = {}
        self.tally = Tally()
        self.reported: list[Diagnostic] = []

    def touch_what_hangs_on_media(self, last: Delta | None) -> None:
        """What a note with pictures is, other files say: it is looked at again, unless none of them changed."""
        if last is None or not last.is_media_same or not self.is_of_last(last):
            self.index.touch_sources([path for path, made in self.before.items() if made.has_media])

    def is_collection_current(self, last: Delta | None) -> bool:
        """Whether the collection of the last package is there, and is what the index says of it."""
        if last is None or not self.is_of_last(last) or not last.is_collection_whole(self.collection.path):
            return False
        self.collection.package, self.collection.pieces = self.project.package_path, last.record.pieces
        return True

    def is_of_last(self, last: Delta) -> bool:
        """Whether the index is as the last build with the same command line left it."""
        return bool(last.record.generation) and last.record.generation.encode() == self.index.value("generation")

    def package(self, target: Path, rendering: RenderOptions, notes: NotesOfBuild, *, is_changing: bool) -> Path:
        """Make the package: of the last one, or from the start."""
        note_types: dict[str, NoteType] = {t.name: t for t in (*BUILT_IN.values(), *rendering.note_types.values())}
        stale = self.index.stale()
        there = {source.path for source in self.project.sources}
        if not is_changing:
            require({path for path in stale if path in there} == there)
            rendered = (note for path in stale if path in there for note in self.make(path, rendering, notes))
            made = build_package(target, rendered, note_types.values(), self.files, kept=self.collection)
        else:
            exchanges = self.exchanges([path for path in stale if path in there], stale, rendering, notes)
            made = change_package(
                target, self.collection, exchanges, note_types.values(), self.decks(), self.media(), self.files
            )
        is_needed = any(made.shown for _, made in self.now_made()) or self.project.package_path.is_file()
        if has_errors(self.reported) or not is_needed:
            made.unlink()
            raise NotIncrementalError
        return made

    def exchanges(
        self, making: Sequence[str], stale: Sequence[str], rendering: RenderOptions, notes: NotesOfBuild
    ) -> list[Exchange]:
        """Of each stale source where its notes begin in the package, those that it has there, and its notes now."""
        new = {path: list(self.make(path, rendering, notes)) for path in making}
        before = self.before
        place, found = 1, []
        wanted = set(stale)
        for path in sorted({*before, *new}, key=lambda path: path.split("/")):
            old = before[path].ids if path in before else ()
            if path in wanted and (old or new.get(path)):
                found.append(Exchange(place, old, new.get(path, [])))
            place += len(old)
        return found

    def make(self, path: str, rendering: RenderOptions, notes: NotesOfBuild) -> Iterator[RenderedNote]:
        """The notes of a source, as the package has them."""
        raw, source = self.compiled.unit(path), self.compiled.settled(path)
        ordinals = self.compiled.ordinals(raw)
        held_apart = self.compiled.settling.held.get(path, ())
        require(not source.untried)
        self.step(len(self.made), len(self.project.sources))
        reported: list[Diagnostic] = list(source.diagnostics)
        ids: list[int] = []
        stored: list[DecidedNote] = []
        cards = latest = held = declined = skipped = total = shown_notes = 0
        findings: list[tuple[str, ...]] = []
        decided: set[str] = set()
        decks: set[str] = set()
        media: dict[str, MediaFile] = {}
        looked_at: set[str] = set()
        pictures: set[tuple[str, str]] = set()
        has_media = is_missing = False
        for (ordinal, is_as_compiled), prepared in zip(ordinals, source.prepared, strict=True):
            draft, problems = self.compiled.with_media(prepared)
            reported.extend(problems)
            has_media = has_media or bool(draft.media or draft.missing_media or draft.embeds)
            is_missing = is_missing or draft.is_missing_media
            looked_at.update([*(file.path for file in draft.media), *draft.embeds])
            pictures.update(media_of(draft.media))
            require(not find_problem(draft.deck))
            known = notes.note(draft, prepared)
            if known is None:
                continue
            total += 1
            shown = known.note.draft
            if shown.worded:
                has_media = has_media or bool(shown.media or shown.missing_media)
                is_missing = is_missing or shown.is_missing_media
                looked_at.update(file.path for file in shown.media)
                pictures.update(media_of(shown.media))
            reported.extend(notes.decisions.problems.get(known.note.guid, ()))
            decided.update([notes.decisions.used[known.note.guid]] if known.note.guid in notes.decisions.used else [])
            rendered, problems = render_compiled(known.note, prepared.shown, rendering)
            reported.extend(problems)
            reported.extend(check_notes([known.note], self.clock.now, {}))
            pictures.update(known.line.media)
            note = self.settle(known, rendered, rendering)
            latest = max(latest, note.mod)
            held += is_waiting(note)
            declined += note.is_declined
            skipped += note.is_skipped and not note.is_declined
            is_own = not (is_as_compiled and is_rendering_of(prepared.shown, note))
            stored.append(_stored(ordinal, note, rendered, is_own=is_own))
            if rendered is None:
                continue
            shown_notes += 1
            if not note.is_held_back:
                ids.append(note.id)
                cards += len(rendered.cards)
                decks.add(draft.deck)
                if kinds := self.compiled.compiler.check(note.draft):
                    findings.append(tuple(kinds))
                media.update((file.name, file) for file in rendered.media)
                yield rendered if rendered.note is note else replace(rendered, note=note)
        require(latest <= self.clock.now + DAY)  # reported of all notes at once
        self.reported.extend(reported)
        self.index.put_decided(path, stored)
        self.made[path] = MadeSource(
            tuple(ids),
            total,
            shown_notes,
            cards,
            held,
            declined,
            skipped,
            tuple(sorted(decided)),
            held_apart,
            latest,
            tuple(sorted(decks)),
            tuple(media[name] for name in sorted(media)),
            tuple(sorted(looked_at)),
            tuple(sorted(pictures)),
            has_media,
            is_missing,
            tuple(reported),
            tuple(findings),
        )

    def settle(self, known: KnownNote, rendered: RenderedNote | None, rendering: RenderOptions) -> Note:
        """A note with the modified time that it has once it is known what is seen of it."""
        seen = partial(seen_of, {known.note.guid: rendered} if rendered else {}, rendering)
        old = known.old
        note, line = ignore_invisible_edit(known.note, known.line, old, (old,) if old else (), seen, self.clock)
        if line != old:
            self.rows.add(line)
        self.tally.changes[note.change] += 1
        if old is not None and line.deck != old.deck:
            self.tally.moved.append(MovedNote(note.guid, old.deck, note.draft.deck))
        if note.change == "new":
            self.tally.questions[note.guid] = note.draft.question
        return note

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
        found = {file.name: file for _, made in self.now_made() for file in made.media}
        return [found[name] for name in sorted(found)]
