"""A build as commands look at it, and that of a project in which nothing changed: read from the store as it is asked.

`list`, `diff`, `push` and their like ask for what a build would make. Where nothing changed since the last one, the
store has all of it: which notes there are (`decided`), their drafts and HTML (units), and the lock has their lines.
Nothing is parsed or compiled then, and no rules are read.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import msgspec
from msgspec.structs import replace

from deckgen.build.index_rows import MadeSource, StoredOptions, sort_key
from deckgen.build.snapshot import Delta, load_unchanged, unchanged_outcome
from deckgen.build.store import SourceCache, open_cache
from deckgen.build.stored_notes import stored_notes
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Lock, parse_lock
from deckgen.model import Note, RenderedNote
from deckgen.project.locate import Request, locate
from deckgen.project.part import Part, of_part, part_of
from deckgen.project.source_files import CONFIG_NAME, leave_unread, read_ordinary, read_text
from deckgen.rendering.note_types import BUILT_IN, NoteType

if TYPE_CHECKING:
    from deckgen.build.in_memory_build import InMemoryBuild
    from deckgen.build.result import Outcome
    from deckgen.diagnostics import Diagnostic
    from deckgen.project.project import Project
    from deckgen.rendering.media import ProjectFiles


Build: TypeAlias = "InMemoryBuild | UnchangedBuild"
"""What a build made, or would make."""


def note_type_of(build: Build, name: str) -> NoteType:
    """The note type that a rule's `note:` names."""
    return build.own_note_types.get(name) or BUILT_IN[name]


def note_types_of(build: Build) -> tuple[NoteType, ...]:
    """All that notes of a build may have."""
    return tuple({t.name: t for t in (*BUILT_IN.values(), *build.own_note_types.values())}.values())


def unchanged_build(request: Request, *, has_notes: bool = True) -> UnchangedBuild | None:
    """The build of a project in which nothing changed since the last one; None where something did. Without notes it
    only counts them. Of a part of the project, that of the whole knows all.
    """
    place, _ = locate(request)
    if place is None:
        return None
    is_project = (place.root / CONFIG_NAME).is_file()
    last = load_unchanged(replace(request, paths=(place.root,)) if is_project else request)
    if last is None:
        return None
    sources = (source.path for source in last.record.files["sources"])
    chosen = part_of(place.root, place.paths, sources) if is_project else None
    if chosen is not None and not chosen.sources:
        return None
    build = UnchangedBuild(request, last, open_cache(last.root, knows_sources=False), chosen)
    try:
        return build if build.load(has_notes=has_notes) else None
    except (sqlite3.Error, LookupError, ValueError, TypeError, msgspec.MsgspecError):  # a damaged store
        return None


class UnchangedBuild:
    """What a build of a project makes in which nothing changed."""

    is_unchanged = True
    is_lock_new = False

    def __init__(self, request: Request, last: Delta, store: SourceCache, chosen: Part | None) -> None:
        self._request, self._last, self._store, self.chosen = request, last, store, chosen
        self.count = 0
        self._options = StoredOptions()
        self._notes: list[tuple[Note, RenderedNote | None]] = []

    def load(self, *, has_notes: bool) -> bool:
        """Read what the store has of it; False where that is of another build."""
        if self._store.is_closed or not self._store.index.is_as_settled(self._last.record.generation):
            return False
        index = self._store.index
        self._options = index.options()
        made_of = list(index.made())
        self._notes = list(self._read_notes(made_of)) if has_notes or self.chosen is not None else []
        if self.chosen is not None:
            self.count = sum(not rendered.note.is_skipped for rendered in self.notes)
            return True
        shown = 0
        for path, made in made_of:
            shown += made.shown
            if made.skipped or made.declined:  # a note that is both counts as declined
                self.count -= sum(one.is_shown and one.is_skipped for one in index.decided(path))
        self.count += shown
        return not has_notes or shown == len(self.notes)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self._last.root

    @property
    def lock_path(self) -> Path:
        """Where the lock lies."""
        return Path(self.outcome.lock)

    @cached_property
    def outcome(self) -> Outcome:
        """What a build says."""
        return unchanged_outcome(self._last, self._request)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Warnings."""
        sources = self._digests
        return tuple(of_part(self.outcome.diagnostics, self.chosen, self.root, sources))

    @cached_property
    def notes(self) -> tuple[RenderedNote, ...]:
        """Those that are shown and packaged, of the part that the command line names."""
        part = self.chosen
        return tuple(one for note, one in self._notes if one is not None and (part is None or part.has(note)))

    @cached_property
    def suggestions(self) -> tuple[RenderedNote, ...]:
        """What is less sure than a note has to be, as notes."""
        return tuple(self._suggestions())

    def _suggestions(self) -> Iterator[RenderedNote]:
        from deckgen.build.admission import rendered_suggestion
        from deckgen.rendering.note import RenderOptions

        config = self.project.config
        options = RenderOptions(config.html, dict(self.own_note_types), config.tts)
        found: dict[str, list[bool]] = {}
        for path, _, _, is_admitted in self._store.index.suggestions.all():
            found.setdefault(path, []).append(is_admitted)
        for path in sorted(found, key=sort_key):
            if self.chosen is not None and path not in self.chosen:
                continue
            unit = self._store.unit(path, self._environment, self._digests[path])
            if unit is None:
                raise LookupError(path)
            suggested = [one for one in unit.prepared if one.suggested]
            for one, is_admitted in zip(suggested, found[path], strict=True):
                if not is_admitted and (note := rendered_suggestion(one, self.files, options)) is not None:
                    yield note

    @cached_property
    def identified(self) -> Identified:
        """What became of all notes: nothing."""
        shown = {rendered.note.guid: rendered.note for _, rendered in self._notes if rendered is not None}
        return Identified(tuple(shown.get(note.guid, note) for note, _ in self._notes), self.lock_before)

    @cached_property
    def _environment(self) -> str:
        return self._store.index.value("environment").decode()

    @cached_property
    def _digests(self) -> dict[str, str]:
        """A build that ended with an error keeps what it compiled, maybe of other texts."""
        return {source.path: source.digest for source in self._last.record.files["sources"]}

    def _read_notes(self, made_of: Iterable[tuple[str, MadeSource]]) -> Iterator[tuple[Note, RenderedNote | None]]:
        """All notes, in the order of the sources."""
        for path, made in made_of:
            if not made.total:
                continue
            yield from stored_notes(
                self._store, path, self._environment, self._digests[path], partial(note_type_of, self)
            )

    @cached_property
    def lock_before(self) -> Lock:
        """The lock as it is: as the last build wrote it."""
        try:
            return parse_lock(read_ordinary(self.lock_path, None), "")[0]
        except OSError:
            return parse_lock("", "")[0]

    @cached_property
    def lock_text(self) -> str:
        """The lock as it is to be, and is."""
        return read_text(self.lock_path, limit=None)[0] or ""

    @cached_property
    def project(self) -> Project:
        """As the disk has it; its sources are not read."""
        from deckgen.project.project import open_project

        project, _ = open_project(self._request, leave_unread)
        assert project is not None  # it was opened by the last build, and is the same
        return project

    @property
    def rule_names(self) -> tuple[str, ...]:
        """The rules."""
        return self._options.rules

    @property
    def pack_names(self) -> tuple[str, ...]:
        """The packs that they come from."""
        return self._options.packs

    @property
    def own_note_types(self) -> Mapping[str, NoteType]:
        """Those of deck.yaml, by the names that rules use."""
        return self._options.note_types

    @cached_property
    def files(self) -> ProjectFiles:
        """Pictures and sounds."""
        from deckgen.build.load import files_of

        return files_of(self.project)
