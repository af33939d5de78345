"""What was touched since the last build → which notes the drafts of these keys are; all others keep theirs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from unicodedata import normalize

from msgspec import Struct

from deckgen.build.admission import LeavingNotes
from deckgen.build.compiled_project import CompiledProject
from deckgen.build.decisions import ProjectDecisions
from deckgen.build.identify import NotesOfBuild, require
from deckgen.build.index_rows import MadeSource
from deckgen.build.load import read_again
from deckgen.build.options import Options
from deckgen.build.retired_but_there import RetiredButThere, look_into
from deckgen.build.scope import scope_of
from deckgen.diagnostics import has_errors
from deckgen.identity.assign import Clock
from deckgen.identity.lock import Header, LockEntry
from deckgen.identity.lock_file import LockFile
from deckgen.identity.scope import Scope
from deckgen.model import Guid
from deckgen.rendering.note import RenderOptions


class TouchedNotes(Struct, frozen=True):
    """The notes of one build, decided on by what was touched. Raises `AllNotesNeededError` where that is not enough."""

    compiled: CompiledProject
    lock: LockFile | None
    header: Header
    rendering: RenderOptions
    clock: Clock
    options: Options

    def decide(
        self, before: Mapping[str, MadeSource], *, is_media_same: bool, are_others_kept: bool
    ) -> tuple[NotesOfBuild, RetiredButThere]:
        """Decide, and know the sources whose notes have to be made, which are all where the others are not kept.
        `before`: what the last build made of each source.
        """
        compiled, index, project = self.compiled, self.compiled.index, self.compiled.project
        if not is_media_same:  # what a note with pictures is, other files say
            index.touch_sources([path for path, made in before.items() if made.has_media])
        if self.options.refresh is not None:
            paths = (source.path for source in project.sources)
            index.touch_sources([path for path in paths if self.clock.refreshes(normalize("NFC", path))])
        compiled.touch_what_was_decided()
        pairs = (*self.options.same, *self.options.another, *self._undecided_pairs())
        named = {Guid(guid) for pair in pairs for guid in pair}
        named_keys = index.asked_of_lines(named) | named  # a new note has the GUID that its key asks for
        index.touch(named_keys)
        require(compiled.are_skips_known)
        index.make_stale(index.touched_paths() if are_others_kept else (source.path for source in project.sources))
        decisions = ProjectDecisions(project.choices, index.has_guid, compiled.files, self.rendering)
        notes = NotesOfBuild(index, self.lock, self.header, self.clock, decisions)
        pictures = {picture for made in before.values() for picture in made.pictures}
        notes.decide(compiled.drafts_of, self._scope, pictures, named_keys)
        require(not named or (notes.identified and not has_errors(notes.identified.diagnostics)))
        read = partial(read_again, project)
        require(not self._may_have_moved(notes.retired))
        retired_but_there = look_into(
            notes.retired, project.sources, compiled.compile_options, read, compiled.made_of, {}
        )
        require(not retired_but_there.kept and not index.suggestions.have_copies())
        leaving = LeavingNotes.of(notes.retired, self.header.project)
        suggestions = index.suggestions.left() if notes.retired else ()
        require(not any(leaving.may_have_become(*one) for one in suggestions))
        return notes, retired_but_there

    def _may_have_moved(self, retired: Sequence[LockEntry]) -> bool:
        """Whether the source of a retired note is gone, and others changed: all notes tell whether it went to these."""
        sources = self.compiled.project.sources
        there = {normalize("NFC", source.path) for source in sources} if retired else set()
        is_gone = any(line.path not in there for line in retired)
        return is_gone and not {source.path for source in sources}.isdisjoint(self.compiled.index.stale())

    def _undecided_pairs(self) -> list[tuple[str, str]]:
        """Of the pairs of which the learner said that they are one note, or two, those where this is not so yet."""
        index, choices = self.compiled.index, self.compiled.project.choices
        return [
            *((old, new) for old, new in choices.same if index.has_guid(old) and self._may_become(old, new)),
            *((old, new) for old, new in choices.another if self._may_be(old, new)),
        ]

    def _may_become(self, old: str, new: str) -> bool:
        """Whether there is a note of that GUID, or will be, so that it can become the old one."""
        index = self.compiled.index
        return index.is_live(new) or (bool(index.paths_of([new])) and old not in index.lines_asking([new]))

    def _may_be(self, old: str, new: str) -> bool:
        """Whether the lock does not know yet that two notes are two."""
        index = self.compiled.index
        row = self.lock.row(old) if self.lock is not None else b""
        is_made = index.has_guid(new) or bool(index.paths_of([new]))
        return bool(row) and is_made and self.lock is not None and new not in self.lock.read(row).another

    def _scope(self, lines: Iterable[LockEntry]) -> Scope:
        """What identity may conclude from what is missing, of some lines."""
        rules = self.compiled.compile_options.rules()[0]
        paths = {line.path for line in lines if not line.retired}
        scope = scope_of(self.compiled.project, paths, rules, frozenset(), self.options)
        require(not scope.unread)
        return scope
