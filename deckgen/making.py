"""All sources → what came of each, in their order: here, or shared out among processes where there is enough to do.

What is made of a source depends on nothing but it and the rules, so the number of processes changes nothing.
"""

from __future__ import annotations

import gc
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_all_start_methods, get_context

from deckgen.diagnostics import Diagnostic, define
from deckgen.model import Source
from deckgen.source_notes import Making, Read, SourceNotes, notes_of, pack_notes, unpack_notes

define(
    "error",
    lost_worker="A process that was to read notes ended before it was done: killed, or out of memory.",
)

ENOUGH = 400_000
"""Characters of notes that take about a second: from here on a process more is worth starting."""
_MOST_WORKERS = 8
_SHARE = 60_000  # characters that are handed over at once: a tenth of a second


class LostWorkerError(Exception):
    """A process ended before it was done."""

    @property
    def diagnostic(self) -> Diagnostic:
        """What to tell."""
        hint = "DECKGEN_WORKERS=1 does all in one process, which takes less memory"
        return Diagnostic("lost-worker", "a process that read notes was killed", hint=hint)


def workers_for(size: int) -> int:
    """How many processes to use for that many characters: `DECKGEN_WORKERS`, else as many as are of use."""
    wish = os.environ.get("DECKGEN_WORKERS", "")
    if wish.isascii() and wish.isdigit():
        return max(1, min(int(wish), 64))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _MOST_WORKERS, size // ENOUGH))


@dataclass
class Maker:
    """How the notes of the sources are made. `step` is told how many sources are done, and of how many."""

    workers: int | None = 1  # None: as many as are of use
    step: Callable[[int, int], None] = lambda done, total: None

    def make(self, sources: Sequence[Source], making: Making, read: Mapping[str, Read]) -> list[SourceNotes]:
        """What came of each source, in their order. `read`: some of them, parsed. Raises `LostWorkerError`."""
        making.rules()  # before processes begin, which then have them
        size = sum(len(source.text) for source in sources)
        workers = min(self.workers or workers_for(size), len(sources))
        made = self._here(sources, making, read) if workers < 2 else _in_processes(sources, making, workers)
        found: list[SourceNotes] = []
        for notes in made:
            found.append(notes)
            self.step(len(found), len(sources))
        return found

    def _here(self, sources: Sequence[Source], making: Making, read: Mapping[str, Read]) -> Iterator[SourceNotes]:
        with _collecting_seldom():
            for source in sources:
                yield notes_of(source, making, read.get(source.path))


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Leave the collection of garbage to `extraction`, which does it once a source."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def _in_processes(sources: Sequence[Source], making: Making, workers: int) -> Iterator[SourceNotes]:
    context = get_context("fork" if "fork" in get_all_start_methods() else "spawn")
    with ProcessPoolExecutor(workers, context, _begin, (making,)) as pool:
        try:
            for packed in pool.map(_work, _shares(sources)):
                for data in packed:
                    notes = unpack_notes(data)
                    assert notes is not None  # made a moment ago
                    yield notes
        except (BrokenProcessPool, CancelledError):
            raise LostWorkerError from None
        except BaseException:  # Ctrl-C: what has not begun is not done any more
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _shares(sources: Sequence[Source]) -> Iterator[list[Source]]:
    """The sources in pieces of about one size, in order."""
    share: list[Source] = []
    size = 0
    for source in sources:
        share.append(source)
        size += len(source.text)
        if size >= _SHARE:
            yield share
            share, size = [], 0
    if share:
        yield share


_making: Making | None = None  # of a worker process


def _begin(making: Making) -> None:
    """What a worker process does first. Ctrl-C is for the process that started it."""
    global _making  # noqa: PLW0603
    _making = making
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    gc.freeze()


def _work(sources: Sequence[Source]) -> list[bytes]:
    assert _making is not None
    return [pack_notes(notes_of(source, _making)) for source in sources]
