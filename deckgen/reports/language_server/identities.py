"""An open note × the lock → what a build would make of each of its drafts: new, updated, skipped, with which GUID.

Decided by `identify`, for this source alone: notes of other sources sleep, as where a build names one file. A note that
was moved here from another source is new until the next build, which looks at both.
"""

from __future__ import annotations

import os
from collections import defaultdict
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.admission import rendered_suggestion
from deckgen.build.compile import render_compiled
from deckgen.build.decisions import ProjectDecisions
from deckgen.build.in_memory_build import seen_of
from deckgen.identity.facts import key_of, make_guid
from deckgen.identity.identify import identify
from deckgen.identity.lock import LockEntry
from deckgen.identity.scope import Scope
from deckgen.identity.visible_changes import ignore_invisible_edits
from deckgen.model import Draft, Guid, Note, Origin, RenderedNote
from deckgen.project.clock import read_clock
from deckgen.rendering.media import collect_media
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import NoteType
from deckgen.reports.language_server.editor_project import EditorProject, SourceState


class KnownNote(Struct, frozen=True):
    """A draft of an open note, and the note that a build would make of it."""

    draft: Draft  # as its rule made it
    rendered: RenderedNote
    is_suggestion: bool = False

    @property
    def note(self) -> Note:
        """With GUID and change."""
        return self.rendered.note


class Identities(Struct, frozen=True):
    """What a build would make of a source."""

    notes: tuple[KnownNote, ...]  # suggestions come last
    retired: tuple[LockEntry, ...] = ()
    held: tuple[Draft, ...] = ()  # that no note is made of: another one asks the same


class Identifier:
    """Identities of open notes, kept while nothing changes."""

    def __init__(self, project: EditorProject) -> None:
        self._project = project
        self._generation = -1
        self._known: dict[str, Identities] = {}
        self._lock: object = None
        self._by_path: dict[str, list[LockEntry]] = {}
        self._by_asked: dict[Guid, list[LockEntry]] = {}

    def of(self, path: str) -> Identities:
        """Those of a source."""
        project = self._project
        if self._generation != project.generation:
            self._generation, self._known = project.generation, {}
        state = project.states.get(path)
        if state is None or project.project is None or project.compile_options is None:
            return Identities(())
        if path not in self._known:
            self._known[path] = self._identify(state)
        return self._known[path]

    def note_type(self, name: str) -> NoteType:
        """The note type that a rule names."""
        return self._rendering.note_type(name)

    @property
    def _rendering(self) -> RenderOptions:
        assert self._project.compile_options is not None
        return self._project.compile_options.rendering

    def _index_lock(self) -> None:
        lock = self._project.lock
        if self._lock is lock:
            return
        self._lock = lock
        by_path: dict[str, list[LockEntry]] = defaultdict(list)
        by_asked: dict[Guid, list[LockEntry]] = defaultdict(list)
        for line in lock.lines:
            by_path[line.path].append(line)
            by_asked[make_guid(lock.header.project, key_of(line), "")].append(line)
        self._by_path, self._by_asked = by_path, by_asked

    def _identify(self, state: SourceState) -> Identities:
        project = self._project
        assert project.project is not None
        assert project.compile_options is not None
        self._index_lock()
        files, rendering = project.files, self._rendering
        settled = project.index.settled(state.path)
        asked = [one for _, one in settled if one is not None]
        compiled = [project.compiled(state.path, draft) for draft in asked]
        drafts = [one.draft if one.shown else collect_media(one.draft, files)[0] for one in compiled]
        lines = {line.guid: line for line in self._by_path.get(state.path, ())}
        for one in compiled:
            lines.update((line.guid, line) for line in self._by_asked.get(one.guid, ()))
        chosen = tuple(lines[guid] for guid in sorted(lines))
        variants = {guid: several for guid, several in project.lock.variants.items() if guid in lines}
        lock = replace(project.lock, lines=chosen, variants=variants)
        others = frozenset(line.path for line in chosen) - {state.path}
        unread = frozenset(path for path in others if os.path.isfile(project.root / path))
        rules = frozenset(rule.identity for rule in project.compile_options.rules()[0].rules)
        scope = Scope(frozenset([state.path]), unread, rules=rules)
        now, _ = read_clock()
        decisions = ProjectDecisions.of_lock(project.project.choices, lock, files, rendering)
        found = identify(drafts, lock, scope, now, [one.normal for one in compiled], decisions=decisions)
        shown = {_made_of(draft): one.shown for draft, one in zip(drafts, compiled, strict=True)}
        rendered: dict[Guid, RenderedNote] = {}
        for note in found.notes:
            with_cards, _ = render_compiled(note, shown.get(_made_of(note.draft)), rendering)
            if with_cards is not None:
                rendered[note.guid] = with_cards
        found = ignore_invisible_edits(found, lock, partial(seen_of, rendered, rendering))
        by_origin = {
            (origin, note.draft.identity): note
            for note in found.notes
            for origin in (note.draft.origin, *note.origins)
            if note.guid in rendered
        }
        notes = [
            KnownNote(draft, replace(rendered[known.guid], note=known))
            for draft, one in settled
            if one is not None and (known := by_origin.get(_made_of(one))) is not None
        ]
        for draft in project.suggested(state):
            suggestion = rendered_suggestion(project.compiled(state.path, draft), files, rendering)
            if suggestion is not None:
                notes.append(KnownNote(draft, suggestion, is_suggestion=True))
        held = tuple(draft for draft, one in settled if one is None)
        return Identities(tuple(notes), found.retired, held)


def _made_of(draft: Draft) -> tuple[Origin, str]:
    """What tells a draft of a source from others, but for its pictures and words."""
    return draft.origin, draft.identity
