"""All drafts × all lines of the lock → which notes they are, decided together.

What was touched is decided on by itself where that is enough (`touched_notes`). Here everything is at hand: the notes
of merged locks, of parts of a project, those that the command line names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.admission import Admission, LeavingNotes, admission_by_lock, copies_of
from deckgen.build.compile import fact_of
from deckgen.build.compiled_project import CompiledProject
from deckgen.build.decisions import ProjectDecisions
from deckgen.build.identify import NotesOfBuild
from deckgen.build.load import read_again
from deckgen.build.options import Options
from deckgen.build.retired_but_there import RetiredButThere, look_into, moves_between
from deckgen.build.scope import scope_of
from deckgen.build.skips import Skips, skips_by_lock
from deckgen.build.unit import CompiledNote
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.identity.assign import Clock
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Header, Lock
from deckgen.model import Draft, Origin
from deckgen.project.deck_names import check_decks
from deckgen.rendering.note import RenderOptions


class AllDecided(Struct, frozen=True):
    """All notes as they were decided on."""

    notes: NotesOfBuild
    identified: Identified
    retired_but_there: RetiredButThere
    suggested: tuple[CompiledNote, ...]  # what is less sure than a note has to be, and was not decided on


class AllNotes:
    """The notes of one build."""

    def __init__(
        self,
        compiled: CompiledProject,
        lock: Lock,
        header: Header,
        rendering: RenderOptions,
        clock: Clock,
        options: Options,
    ) -> None:
        self._compiled, self._lock, self._header, self._rendering = compiled, lock, header, rendering
        self._clock, self._options = clock, options
        self._paths = [source.path for source in compiled.project.sources]
        self.problems: list[Diagnostic] = []  # of what the notes are made of

    def decide(self, reported: Sequence[Diagnostic]) -> AllDecided | None:
        """Decide; None where there are errors, among what is `reported` already or in `problems`. Suggestions are notes
        that prove to be what became of retired ones, and copies of notes: the next build would find those in the lock.
        """
        choices = self._compiled.project.choices
        admission = admission_by_lock(choices, self._lock, takes_all=self._options.takes_suggestions)
        decided = self._decide(admission, reported)
        if decided is None:
            return None
        leaving = LeavingNotes.of(retired := decided.identified.retired, self._header.project)
        if candidates := leaving.among(self._compiled.suggestions(self._paths) if retired else ()):
            tried = self._decide(admission.with_others(map(fact_of, candidates)), reported)
            notes = tried.identified.notes if tried is not None else ()
            guids = {line.guid for line in retired}
            known = {_made_of(note.draft) for note in notes if note.guid in guids}
            found = [one for one in candidates if _made_of(one.draft) in known]
            admission = admission.with_others(map(fact_of, found))
            decided = tried if len(found) == len(candidates) else self._decide(admission, reported)
            if decided is None:
                return None
        if copies := copies_of(decided.identified.lock.lines, self._compiled.suggestions(self._paths)):
            return self._decide(admission.with_others(map(fact_of, copies)), reported)
        return decided

    def _decide(self, admission: Admission, reported: Sequence[Diagnostic]) -> AllDecided | None:
        """Decide with some suggestions; twice, where other drafts turn out to be of skipped notes."""
        choices = self._compiled.project.choices
        sources = self._compiled.all_notes(admission)
        skips = Skips(choices)
        if choices.notes:
            skips = skips_by_lock(choices, self._lock, [one for source in sources for one in source.prepared])
        decided = self._decide_with(admission, reported, skips)
        seen = skips.corrected(sources, decided.identified) if decided is not None and choices else None
        return decided if seen is None else self._decide_with(admission, reported, seen)

    def _decide_with(self, admission: Admission, reported: Sequence[Diagnostic], skips: Skips) -> AllDecided | None:
        compiled, project = self._compiled, self._compiled.project
        compiled.settle_all(admission, skips)
        drafts = self._drafts()
        if not any(problem.kind == "bad-deck-name" for problem in (*reported, *self.problems)):
            self.problems.extend(check_decks([draft for draft, _ in drafts]))
        if has_errors(reported) or has_errors(self.problems):
            return None
        untried = frozenset((path, identity) for path in self._paths for identity in compiled.unit(path).untried)
        rules = compiled.compile_options.rules()[0]
        scope = scope_of(project, {line.path for line in self._lock.lines}, rules, untried, self._options)
        decisions = ProjectDecisions.of_lock(project.choices, self._lock, compiled.files, self._rendering)
        notes = NotesOfBuild(compiled.index, None, self._header, self._clock, decisions)
        start = replace(self._lock, header=self._header)
        identified = notes.decide_on_all(drafts, start, scope)
        read = partial(read_again, project)
        retired_but_there = look_into(
            identified.retired,
            project.sources,
            compiled.compile_options,
            read,
            compiled.made_of,
            moves_between(self._lock.lines, notes.lines),
        )
        if retired_but_there.kept:
            for one in retired_but_there.kept:
                compiled.made_after_all.setdefault(one.draft.origin.span.path, []).append(one)
            identified = notes.decide_on_all(self._drafts(), start, scope)
        stayed = {_made_of(one.draft) for one in retired_but_there.kept}
        suggested = tuple(one for one in compiled.suggestions(self._paths) if _made_of(one.draft) not in stayed)
        return AllDecided(notes, identified, retired_but_there, suggested)

    def _drafts(self) -> list[tuple[Draft, CompiledNote]]:
        """All drafts with their pictures, in order; what is wrong with them is known afterwards."""
        compiled = self._compiled
        self.problems = []
        found: list[tuple[Draft, CompiledNote]] = []
        for source in compiled.project.sources:
            self.problems.extend(compiled.unit(source.path).diagnostics)
            for _, _, one in compiled.settled_notes(source.path):
                draft, problems = compiled.with_media(one)
                found.append((draft, one))
                self.problems.extend(problems)
        return found


def _made_of(draft: Draft) -> tuple[Origin, str, str]:
    """What tells a draft from others, with or without its pictures."""
    return draft.origin, draft.rule, draft.question
