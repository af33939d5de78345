"""Notes that go from the sources into the package one by one, however many there are.

What came of the sources goes into the cache, and is read again from there, in order, when it is known which notes there
are; so no more than the GUIDs of all notes is in memory at once. Where the lock is another one afterwards, its new
lines wait in a file. `first_build` does this without a lock, `rebuild` with one; what they write is, byte for byte,
what `build` and `delivery` write, which hold a whole build in memory.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO

import msgspec

from deckgen.build.commit import LockChangedError
from deckgen.build.compile import Making, Prepared, SourceNotes, render_prepared
from deckgen.build.load import languages_in, making_of, packs_for, placing, read_again, some_of
from deckgen.build.owned_folder import FOLDER
from deckgen.build.pipeline import seen_of
from deckgen.build.result import Outcome
from deckgen.build.settling import Settling
from deckgen.build.snapshot import Ending
from deckgen.build.store import SourceCache
from deckgen.build.workers import Maker, NotMadeError
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.identity.assign import Clock, check_notes
from deckgen.identity.facts import Normal
from deckgen.identity.known import KnownNote
from deckgen.identity.lock import Header, LockLine
from deckgen.model import Draft, Guid, MediaFile, Note, RenderedNote
from deckgen.package.apkg import Kept, build_package
from deckgen.project.deck_names import find_problem
from deckgen.project.locate import Request
from deckgen.project.project import Project, open_project
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import BUILT_IN, NoteType, stamp


class NotStreamedError(Exception):
    """Something has to be told, or looked at, that is not known of one note alone: that is done the long way."""


def insist(condition: object) -> None:
    """Raise `NotStreamedError` where a condition does not hold."""
    if not condition:
        raise NotStreamedError


@dataclass(frozen=True, slots=True)
class Streamed:
    """What such a build did; `ending` where it left the project at rest."""

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]
    ending: Ending | None
    kept: Kept


Step = Callable[[int, int], None]
"""Is told how many sources are done, and of how many."""
Keep = Callable[[], Kept | None]
"""Makes a place for the collection, which is not to be there before it is sure that there is a project."""


def stream(
    request: Request, maker: Maker, keep: Keep, build: Callable[[Project, list[Diagnostic], Kept], Streamed]
) -> Streamed | None:
    """Open a project, and `build` it; None where that has to be done the long way."""
    cache = maker.cache
    if cache is None:
        return None
    new_folder: Path | None = None
    try:
        project, told = _opened(request, cache)
        new_folder = None if (project.root / FOLDER).exists() else project.root / FOLDER
        kept = keep()
        insist(kept is not None and cache.begin())
        assert kept is not None
        return build(project, told, kept)
    except (NotStreamedError, NotMadeError, LockChangedError):
        if new_folder is None:
            cache.end()  # what was made is of use the long way, too
        else:
            cache.close()
            shutil.rmtree(new_folder, ignore_errors=True)  # a build with an error leaves all as it was
        return None


def _opened(request: Request, cache: SourceCache) -> tuple[Project, list[Diagnostic]]:
    """The project, with sources that are to be read when their turn comes, and a lock that is not read."""

    def look(path: str, file: Path, encoding: str) -> str:
        cache.look(path, file, encoding)
        return "unread"

    project, told = open_project(request, look, reads_lock=False)
    insist(project is not None and not has_errors(told) and project.sources)
    assert project is not None
    insist(project.chosen is None and not project.reads_alone and not project.is_package_unclear)
    return project, told


class Stream:
    """The steps that both kinds of build have in common."""

    def __init__(
        self, project: Project, now: int, maker: Maker, told: list[Diagnostic], step: Step, header: Header
    ) -> None:
        assert maker.cache is not None
        self.step = step
        self.project, self.maker, self.cache, self.told = project, maker, maker.cache, told
        self.now, self.clock = now, Clock(now)
        self.placed = placing(project)
        self.files = ProjectFiles(project.root, folders=project.config.media)
        self.header = header
        self.made = 0  # notes in the package
        self.cards = 0
        self.latest = 0
        self.read: set[str] = set()
        self.media: set[MediaFile] = set()
        self.entangled: set[str] = set()
        self.is_steady = True
        self.settling: Settling | None = None  # what notes of one source owe to others
        self.has_untried = False  # whether a rule was not tried on some source

    @property
    def held_apart(self) -> tuple[str, ...]:
        """Where notes stand that are not made, since another one asks the same."""
        return self.settling.places if self.settling is not None else ()

    # ---- which notes there are

    def gists(self) -> tuple[Making, list[Guid]]:
        """Try the rules on all sources: the GUIDs that the keys of the drafts ask for."""
        project, before = self.project, self.header.rules
        read = partial(read_again, project)
        packs = project.packs
        if packs is None:
            sample = languages_in(map(read, some_of(project.sources)), project.config.language)
            packs = packs_for(sample, before)
        while True:
            making = making_of(project, self.header.project, packs)
            insist(not has_errors(making.rules()[1]))
            languages: set[str] = set()
            decks: set[str] = set()
            gists = list(self.maker.make_and_keep(project.sources, making, read))
            for gist in gists:
                languages.update(gist.languages)
                decks.update(gist.decks)
            wanted = packs if project.packs is not None else packs_for(languages, before)
            if wanted == packs:
                break
            packs = wanted
        self.settling = settling = Settling.of_gists(gists, making)
        asked: list[Guid] = []
        for gist in gists:
            notes = self.cache.made_of(gist.path, self.maker.environment) if gist.path in settling.outcomes else None
            asked.extend(settling.guids(gist, notes))
        insist(asked and not any(map(find_problem, decks)))
        self.told.extend(making.rules()[1])
        return making, asked

    def drafts_of(self, guids: Iterable[Guid]) -> list[tuple[Draft, Normal]]:
        """The drafts that ask for these GUIDs, in order."""
        asked = frozenset(guids)
        return [
            (self._with_media(prepared)[0], prepared.normal)
            for source in self.sources()
            for prepared in source.prepared
            if prepared.guid in asked
        ]

    def _with_media(self, prepared: Prepared) -> tuple[Draft, Sequence[Diagnostic]]:
        """A draft with its pictures, and what is to be told of them."""
        return (prepared.draft, ()) if prepared.shown else collect_media(prepared.draft, self.files)

    def sources(self) -> Iterator[SourceNotes]:
        """What came of each source, in order."""
        for source in self.project.sources:
            notes = self.cache.made_of(source.path, self.maker.environment)
            if notes is None:
                raise NotStreamedError
            yield notes if self.settling is None else self.settling.settled(notes)

    def rendering(self, making: Making) -> tuple[RenderOptions, Header, tuple[str, ...]]:
        """How notes are rendered, the header that says so, and the packs that the languages of the notes chose."""
        config = self.project.config
        note_types, remembered, problems = stamp(making.rendering.note_types, self.header.note_types, self.now)
        insist(not has_errors(problems))
        self.told.extend(problems)
        rendering = RenderOptions(config.html, note_types, config.tts)
        packs = () if self.project.packs is not None else making.rules()[0].packs
        how = self.header.rendering or rendering.stamp
        header = replace(self.header, rules=packs, rendering=how, note_types=remembered, words=making.words)
        return rendering, header, packs

    # ---- the notes, one by one

    def package(
        self,
        target: Path,
        rendering: RenderOptions,
        known: Callable[[Draft, Prepared], KnownNote | None],
        lines: NewLines,
        kept: Kept,
    ) -> Path:
        """Make the package. `known` says of each draft, in order, which note it is; nothing where it was there."""
        rendered = self._notes(rendering, known, lines)
        note_types: dict[str, NoteType] = {t.name: t for t in (*BUILT_IN.values(), *rendering.note_types.values())}
        made = build_package(target, rendered, note_types.values(), self.files, kept=kept)
        if has_errors(self.told):
            made.unlink()
            raise NotStreamedError
        return made

    def _notes(
        self, rendering: RenderOptions, known: Callable[[Draft, Prepared], KnownNote | None], lines: NewLines
    ) -> Iterator[RenderedNote]:
        for done, source in enumerate(self.sources()):
            self.step(done, len(self.project.sources))
            self.told.extend(map(self.placed, source.diagnostics))
            self.has_untried = self.has_untried or bool(source.untried)
            for prepared in source.prepared:
                rendered = self._note(prepared, rendering, known, lines)
                if rendered is not None:
                    if not rendered.note.is_held_back:
                        self.made += 1
                        self.cards += len(rendered.cards)
                    yield rendered

    def _note(
        self,
        prepared: Prepared,
        rendering: RenderOptions,
        known: Callable[[Draft, Prepared], KnownNote | None],
        lines: NewLines,
    ) -> RenderedNote | None:
        """A note as the package has it; None without a card, and where it was there before."""
        draft, problems = self._with_media(prepared)
        self.told.extend(map(self.placed, problems))
        found = known(draft, prepared)
        if found is None:
            return None
        note = found.note
        rendered, problems = render_prepared(note, prepared.shown, rendering)
        problems.extend(check_notes([note], self.now, {}))
        insist(all(problem.kind != "clock-ahead" for problem in problems))  # told of all notes at once
        self.told.extend(map(self.placed, problems))
        seen = partial(seen_of, {note.guid: rendered} if rendered else {}, rendering)
        note = lines.settle(found, seen)
        self.latest = max(self.latest, note.mod)
        self.read.update(file.path for file in draft.media)
        self.media.update(rendered.media if rendered is not None else ())
        self.is_steady = self.is_steady and not draft.is_missing_media and not note.is_held_back
        if len(note.origins) > 1:
            self.entangled.update(origin.span.path for origin in note.origins)
        return rendered if rendered is None or rendered.note is note else replace(rendered, note=note)


class NewLines:
    """Lines of the lock, which wait in a file until they are written in the order of their GUIDs."""

    def __init__(self, waiting: IO[bytes]) -> None:
        self._waiting = waiting
        self._encode = msgspec.json.Encoder().encode
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0

    def settle(self, known: KnownNote, seen_of: Callable[[Guid], str]) -> Note:
        """A note with the modified time that it has once it is known what is seen of it; its line, if that changed, is
        to be written.
        """
        self.add(msgspec.structs.replace(known.line, seen=seen_of(known.note.guid)))
        return known.note

    def add(self, line: LockLine) -> None:
        """Have a line written in its turn."""
        row = self._encode(line)
        self._places[line.guid] = (self._end, len(row))
        self._end += self._waiting.write(row)

    @property
    def guids(self) -> list[str]:
        """Those of the lines, in the order in which they are written."""
        return sorted(self._places)

    def row(self, guid: str) -> bytes:
        """The line of a note, as it is written."""
        start, length = self._places[guid]
        self._waiting.seek(start)
        return self._waiting.read(length) + b"\n"
