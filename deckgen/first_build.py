"""The first build of a project: notes go from the sources into the package one by one, however many there are.

Without a lock there is nothing to compare with, so that a note's identity hangs on nothing but its key, and on the
other notes of that key. So no more than the GUIDs of all notes are in memory at once: what came of the sources is in
the cache, from where it is read again, in order, when all GUIDs are known; the lines of the lock wait in a file until
they can be sorted.

What is written is, byte for byte, what `build` and `delivery` write, which hold a whole build in memory. Where
something is wrong with the notes nothing is done here: the long way tells it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO

import msgspec

from deckgen.build import seen_of
from deckgen.cache import FOLDER, SourceCache
from deckgen.deck_names import find_problem
from deckgen.delivery import check_lock
from deckgen.diagnostics import Diagnostic, has_errors, sort_diagnostics
from deckgen.file_records import LockDigest
from deckgen.identity import Clock, FirstNotes, Normal, check_notes
from deckgen.inputs import languages_in, making_of, packs_for, placing, read_again, read_lock, some_of
from deckgen.locating import Request
from deckgen.lock import Header, Lock, LockLine, format_lock
from deckgen.making import Maker, NotMadeError
from deckgen.media import ProjectFiles, collect_media
from deckgen.model import Draft, Guid, MediaFile, RenderedNote
from deckgen.note_types import BUILT_IN, stamp
from deckgen.outcome import Outcome
from deckgen.package import Kept, build_package
from deckgen.project import Project, open_project
from deckgen.rendering import RenderOptions
from deckgen.source_notes import Making, Prepared, SourceNotes, render_prepared
from deckgen.unchanged import Ending, are_lasting
from deckgen.writing import LockChangedError, write_both


class _NotFirstError(Exception):
    """There is something to compare with, or an error to tell."""


def _insist(condition: object) -> None:
    if not condition:
        raise _NotFirstError


@dataclass(frozen=True, slots=True)
class FirstBuild:
    """What such a build did; `ending` where it left the project at rest."""

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]
    ending: Ending | None
    kept: Kept


Step = Callable[[int, int], None]
"""Is told how many sources are done, and of how many."""


def build_first(
    request: Request, now: int, maker: Maker, keep: Callable[[], Kept | None], step: Step
) -> FirstBuild | None:
    """Build and write a project that has no lock; None where that has to be done the long way. `keep` makes a place
    for the collection, which is not to be there before it is sure that there is a project.
    """
    cache = maker.cache
    if cache is None:
        return None
    new_folder: Path | None = None
    try:
        project, told = _opened(request, cache)
        new_folder = None if (project.root / FOLDER).exists() else project.root / FOLDER
        kept = keep()
        _insist(kept is not None and cache.begin())
        assert kept is not None
        return _Building(project, now, maker, told, step).build(kept)
    except (_NotFirstError, NotMadeError, LockChangedError):
        if new_folder is None:
            cache.end()  # what was made is of use the long way, too
        else:
            cache.close()
            shutil.rmtree(new_folder, ignore_errors=True)  # a build with an error leaves all as it was
        return None


def _opened(request: Request, cache: SourceCache) -> tuple[Project, list[Diagnostic]]:
    """The project, with sources that are to be read when their turn comes."""

    def look(path: str, file: Path, encoding: str) -> str:
        cache.look(path, file, encoding)
        return "unread"

    project, told = open_project(request, look)
    _insist(project is not None and not has_errors(told) and project.sources)
    assert project is not None
    _insist(project.lock_text is None and not project.package_path.exists())
    _insist(project.chosen is None and not project.reads_alone and not project.is_package_unclear)
    return project, told


class _Building:
    """One such build: gists, then GUIDs, then notes."""

    def __init__(self, project: Project, now: int, maker: Maker, told: list[Diagnostic], step: Step) -> None:
        assert maker.cache is not None
        self.step = step
        self.project, self.maker, self.cache, self.told = project, maker, maker.cache, told
        self.now, self.clock = now, Clock(now)
        self.placed = placing(project)
        self.files = ProjectFiles(project.root, folders=project.config.media)
        lock, problems = read_lock(project)
        _insist(not problems)
        self.header = lock.header
        self.cards = 0
        self.made = 0  # notes with cards
        self.latest = 0
        self.read: set[str] = set()
        self.media: set[MediaFile] = set()
        self.entangled: set[str] = set()
        self.is_steady = True

    def build(self, kept: Kept) -> FirstBuild:
        making, notes = self.identities()
        rendering, packs = self.rendering(making)
        note_types = {t.name: t for t in (*BUILT_IN.values(), *rendering.note_types.values())}
        project = self.project
        with tempfile.TemporaryFile(prefix="deckgen-") as waiting:
            lock = _Lines(self.header, waiting)

            def make(target: Path) -> Path:
                rendered = self.notes(notes, rendering, lock)
                made = build_package(target, rendered, note_types.values(), self.files, kept=kept)
                if has_errors(self.told):
                    made.unlink()
                    raise _NotFirstError
                return made

            _insist(not write_both(project.lock_path, lock, project.package_path, make))
        self.cache.end()
        diagnostics = tuple(sort_diagnostics(self.told))
        outcome = Outcome(
            package=str(project.package_path),
            lock=str(project.lock_path),
            notes=self.made,
            cards=self.cards,
            changes={"new": notes.count},
            is_lock_new=True,
            diagnostics=diagnostics,
        )
        told = (*check_lock(project.lock_path, changes=True), *diagnostics)
        ending = None
        if self.is_steady and are_lasting(diagnostics):
            at_rest = outcome.at_rest(is_rendering_new=False)
            ending = Ending(project, at_rest, self.latest, lock.digest, self.read, self.media, packs, self.entangled)
        return FirstBuild(outcome, told, ending, kept)

    # ---- which notes there are

    def identities(self) -> tuple[Making, FirstNotes]:
        """Try the rules on all sources, and find out the GUIDs of what came of them."""
        project, config = self.project, self.project.config
        read = partial(read_again, project)
        packs = project.packs
        if packs is None:
            packs = packs_for(languages_in(map(read, some_of(project.sources)), config.language))
        while True:
            making = making_of(project, self.header.project, packs)
            _insist(not has_errors(making.rules()[1]))
            languages: set[str] = set()
            asked: list[Guid] = []
            decks: set[str] = set()
            for gist in self.maker.make_and_keep(project.sources, making, read):
                languages.update(gist.languages)
                asked.extend(gist.guids)
                decks.update(gist.decks)
            wanted = packs if project.packs is not None else packs_for(languages)
            if wanted == packs:
                break
            packs = wanted
        _insist(asked and not any(map(find_problem, decks)))
        self.told.extend(making.rules()[1])
        notes = FirstNotes(self.header.project, asked)
        doubled = self.drafts_of(notes.doubled) if notes.doubled else []
        notes.settle([draft for draft, _ in doubled], [normal for _, normal in doubled])
        return making, notes

    def drafts_of(self, guids: frozenset[Guid]) -> list[tuple[Draft, Normal]]:
        """The drafts that ask for these GUIDs, in order."""
        return [
            (prepared.draft, prepared.normal)
            for source in self.sources()
            for prepared in source.prepared
            if prepared.guid in guids
        ]

    def sources(self) -> Iterator[SourceNotes]:
        """What came of each source, in order."""
        for source in self.project.sources:
            notes = self.cache.made_of(source.path, self.maker.environment)
            if notes is None:
                raise _NotFirstError
            yield notes

    def rendering(self, making: Making) -> tuple[RenderOptions, tuple[str, ...]]:
        """How notes are rendered, which the header says from now on; and the packs that their languages chose."""
        config = self.project.config
        note_types, remembered, problems = stamp(making.rendering.note_types, self.header.note_types, self.now)
        _insist(not has_errors(problems))
        self.told.extend(problems)
        rendering = RenderOptions(config.html, note_types, config.tts)
        packs = () if self.project.packs is not None else making.rules()[0].packs
        self.header = replace(self.header, rules=packs, rendering=rendering.stamp, note_types=remembered)
        return rendering, packs

    # ---- the notes, one by one

    def notes(self, notes: FirstNotes, rendering: RenderOptions, lock: _Lines) -> Iterator[RenderedNote]:
        """Those with cards, in order; the lines of all go to the lock."""
        lock.header = self.header
        for done, source in enumerate(self.sources()):
            self.step(done, len(self.project.sources))
            self.told.extend(map(self.placed, source.diagnostics))
            self.is_steady = self.is_steady and not source.untried
            for prepared in source.prepared:
                rendered = self.note(prepared, notes, rendering, lock)
                if rendered is not None:
                    self.made += 1
                    self.cards += len(rendered.cards)
                    yield rendered
        self.is_steady = self.is_steady and notes.are_keys_unique

    def note(
        self, prepared: Prepared, notes: FirstNotes, rendering: RenderOptions, lock: _Lines
    ) -> RenderedNote | None:
        """A note as the package has it; None without a card, and where it was there before."""
        draft, problems = (prepared.draft, ()) if prepared.shown else collect_media(prepared.draft, self.files)
        self.told.extend(map(self.placed, problems))
        built = notes.note(draft, prepared.normal, prepared.guid, self.clock)
        if built is None:
            return None
        note = built.note
        rendered, problems = render_prepared(note, prepared.shown, rendering)
        problems.extend(check_notes([note], self.now, {}))
        _insist(all(problem.kind != "clock-ahead" for problem in problems))  # told of all notes at once
        self.told.extend(map(self.placed, problems))
        seen = seen_of({note.guid: rendered} if rendered else {}, rendering, note.guid)
        lock.add(msgspec.structs.replace(built.line, seen=seen))
        self.latest = max(self.latest, note.mod)
        self.read.update(file.path for file in draft.media)
        self.media.update(rendered.media if rendered is not None else ())
        self.is_steady = self.is_steady and not draft.is_missing_media
        if len(note.origins) > 1:
            self.entangled.update(origin.span.path for origin in note.origins)
        return rendered


class _Lines:
    """A new lock, whose lines wait in a file until they are written in the order of their GUIDs."""

    is_changed, size = True, 0  # it is not there before the package is

    def __init__(self, header: Header, waiting: IO[bytes]) -> None:
        self.header = header
        self._waiting = waiting
        self._encode = msgspec.json.Encoder().encode
        self._places: dict[str, tuple[int, int]] = {}
        self._end = 0
        self.digest: LockDigest = (0, "")

    def add(self, line: LockLine) -> None:
        """Have a line written in its turn."""
        row = self._encode(line)
        self._places[line.guid] = (self._end, len(row))
        self._end += self._waiting.write(row)

    def is_still(self, path: Path) -> bool:
        return not path.exists()

    def write_to(self, file: IO[bytes]) -> None:
        found, size = sha256(), 0
        for piece in self._pieces():
            found.update(piece)
            size += file.write(piece)
        self.digest = (size, found.hexdigest())

    def _pieces(self) -> Iterator[bytes]:
        yield format_lock(Lock(self.header)).encode()
        for guid in sorted(self._places):
            start, length = self._places[guid]
            self._waiting.seek(start)
            yield self._waiting.read(length) + b"\n"
