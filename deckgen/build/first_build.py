"""The first build of a project: without a lock there is nothing to compare with, so that a note's identity hangs on
nothing but its key, and on the other notes of that key.

Where something is wrong with the notes nothing is done here: the long way tells it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import IO

from deckgen.build.commit import write_both
from deckgen.build.compile import Prepared
from deckgen.build.file_state import LockDigest
from deckgen.build.load import read_lock
from deckgen.build.preflight import check_lock
from deckgen.build.result import Outcome
from deckgen.build.snapshot import Ending, are_lasting
from deckgen.build.streaming import Keep, NewLines, Step, Stream, Streamed, insist, stream
from deckgen.build.workers import Maker
from deckgen.diagnostics import Diagnostic, sort_diagnostics
from deckgen.identity.first import FirstNotes
from deckgen.identity.known import KnownNote
from deckgen.identity.lock import Header, Lock, format_lock
from deckgen.model import Draft
from deckgen.package.apkg import Kept
from deckgen.project.locate import Request
from deckgen.project.project import Project


def build_first(request: Request, now: int, maker: Maker, keep: Keep, step: Step) -> Streamed | None:
    """Build and write a project that has no lock; None where that has to be done the long way."""

    def build(project: Project, told: list[Diagnostic], kept: Kept) -> Streamed:
        insist(project.lock_text is None and not project.package_path.exists())
        return _build(project, now, maker, told, step, kept)

    return stream(request, maker, keep, build)


def _build(project: Project, now: int, maker: Maker, told: list[Diagnostic], step: Step, kept: Kept) -> Streamed:
    lock, problems = read_lock(project)
    insist(not problems)
    building = Stream(project, now, maker, told, step, lock.header)
    making, asked = building.gists()
    notes = FirstNotes(lock.header.project, asked)
    doubled = building.drafts_of(notes.doubled) if notes.doubled else []
    notes.settle([draft for draft, _ in doubled], [normal for _, normal in doubled])
    rendering, header, packs = building.rendering(making)

    def known(draft: Draft, prepared: Prepared) -> KnownNote | None:
        built = notes.note(draft, prepared.normal, prepared.guid, building.clock)
        return KnownNote(built.note, built.line, None) if built is not None else None

    with tempfile.TemporaryFile(prefix="deckgen-") as waiting:
        new_lock = _NewLock(header, waiting)
        make = partial(building.package, rendering=rendering, known=known, lines=new_lock.lines, kept=kept)
        insist(not write_both(project.lock_path, new_lock, project.package_path, make))
    building.cache.end()
    diagnostics = tuple(sort_diagnostics(building.told))
    outcome = Outcome(
        package=str(project.package_path),
        lock=str(project.lock_path),
        notes=building.made,
        cards=building.cards,
        changes={"new": notes.count},
        held_apart=building.held_apart,
        is_lock_new=True,
        diagnostics=diagnostics,
    )
    ending = None
    if building.is_steady and not building.has_untried and notes.are_keys_unique and are_lasting(diagnostics):
        ending = Ending(
            project,
            outcome.at_rest(is_rendering_new=False),
            building.latest,
            new_lock.digest,
            building.read,
            building.media,
            packs,
            building.entangled,
        )
    return Streamed(outcome, (*check_lock(project.lock_path, changes=True), *diagnostics), ending, kept)


class _NewLock:
    """A lock where there was none."""

    is_changed, size = True, 0  # it is not there before the package is

    def __init__(self, header: Header, waiting: IO[bytes]) -> None:
        self._header = header
        self.lines = NewLines(waiting)
        self.digest: LockDigest = (0, "")

    def is_still(self, path: Path) -> bool:
        return not path.exists()

    def write_to(self, file: IO[bytes]) -> None:
        found, size = sha256(), 0
        for piece in self._pieces():
            found.update(piece)
            size += file.write(piece)
        self.digest = (size, found.hexdigest())

    def _pieces(self) -> Iterator[bytes]:
        yield format_lock(Lock(self._header)).encode()
        yield from map(self.lines.row, self.lines.guids)
