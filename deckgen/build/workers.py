"""All sources → what came of each, in their order: here, or shared out among processes where there is enough to do.

What is made of a source depends on nothing but it and the rules, so the number of processes changes nothing.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import TYPE_CHECKING

from deckgen.build.compile import CompileOptions, Read, SourceDigest, compile_source
from deckgen.build.compile_key import compile_key, text_digest
from deckgen.build.counts import CardCheck
from deckgen.build.store import SourceCache
from deckgen.build.unit import CompiledSource, decode_unit, encode_unit
from deckgen.diagnostics import Diagnostic, define
from deckgen.model import Source

if TYPE_CHECKING:
    from concurrent.futures import Future

define(
    "error",
    lost_worker="A process that read notes ended too early: it was killed, or there was not enough memory.",
)

ENOUGH = 100_000
"""Characters of notes that take about half a second: from here on a process more is worth starting."""
_MOST_WORKERS = 8
_SHARE = 20_000  # characters that are handed over at once: a tenth of a second


class CompileError(Exception):
    """Something outside kept notes from being made: a process was killed, a source is not to be read any more."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__(*diagnostics)
        self.diagnostics = list(diagnostics)


def _lost_worker() -> CompileError:
    hint = "DECKGEN_WORKERS=1 does all in one process, which takes less memory"
    return CompileError([Diagnostic("lost-worker", "a process that read notes was killed", hint=hint)])


def workers_for(size: int) -> int:
    """How many processes to use for that many characters: `DECKGEN_WORKERS`, else as many as are of use."""
    wish = os.environ.get("DECKGEN_WORKERS", "")
    if wish.isascii() and wish.isdigit():
        return max(1, min(int(wish), 64))
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _MOST_WORKERS, size // ENOUGH))


@dataclass
class Compiler:
    """How the notes of the sources are made. `step` is called with how many sources are done, and of how many."""

    workers: int | None = 1  # None: as many as are of use
    cache: SourceCache | None = None
    step: Callable[[int, int], None] = lambda done, total: None
    check: CardCheck = lambda draft: ()  # what there is to say about one card
    digests: dict[str, str] = field(default_factory=dict)  # of the texts, with a cache
    environment: str = ""  # what the notes were made with last, with a cache

    def languages(self, sources: Sequence[Source]) -> set[str]:
        """Those of the sources that the cache knows."""
        if self.cache is None:
            return set()
        return {language for source in sources if source.kept for language in self.cache.languages(source.path)}

    def make(
        self,
        sources: Sequence[Source],
        making: CompileOptions,
        reread: Callable[[Source], Source],
        read: Mapping[str, Read],
    ) -> list[CompiledSource]:
        """What came of each source, in their order. Raises `CompileError`.

        `reread` gets the text of one that was not read; `read` are those that were parsed already.
        """
        environment = self.environment = compile_key(making) if self.cache else ""
        found: dict[str, CompiledSource] = {}
        left: list[Source] = []
        for source in sources:
            digest = source.kept or (text_digest(source.text) if self.cache else "")
            self.digests[source.path] = digest
            known = self.cache.get(source.path, digest, environment) if self.cache else None
            if known is not None:
                found[source.path] = known
            else:
                left.append(source)
        done = len(found)
        for made, packed in self._made(left, making, reread, read):
            notes = decode_unit(packed) if isinstance(made, SourceDigest) else made
            assert notes is not None  # made a moment ago
            found[notes.path] = notes
            done += 1
            self.step(done, len(sources))
            if self.cache is not None:
                self.cache.put(notes, self.digests[notes.path], environment, packed or encode_unit(notes))
        return [found[source.path] for source in sources]

    def make_and_keep(
        self, sources: Sequence[Source], making: CompileOptions, reread: Callable[[Source], Source]
    ) -> Iterator[SourceDigest]:
        """The gist of what came of each source, in any order; the rest has the cache, which has begun to be written.
        Raises `CompileError`.
        """
        assert self.cache is not None
        environment = self.environment = compile_key(making)
        for done, (made, packed) in enumerate(self._made(sources, making, reread, {}), 1):
            gist = made if isinstance(made, SourceDigest) else SourceDigest.of(made)
            self.cache.put(
                made,
                self.digests[made.path],
                environment,
                packed if isinstance(made, SourceDigest) else encode_unit(made),
            )
            yield gist
            self.step(done, len(sources))

    def _made(
        self,
        sources: Sequence[Source],
        making: CompileOptions,
        reread: Callable[[Source], Source],
        read: Mapping[str, Read],
    ) -> Iterator[tuple[CompiledSource, bytes] | tuple[SourceDigest, bytes]]:
        """What is made of each source: here as it is, in other processes its gist, and the whole packed."""
        if not sources:
            return

        def with_texts(share: Sequence[Source]) -> list[Source]:
            texts = [reread(source) if source.kept else source for source in share]
            if self.cache is not None:
                self.digests.update((source.path, text_digest(source.text)) for source in texts)
            return texts

        making.rules()  # before processes begin, which then have them
        shares = list(_shares(sources, self._size))
        workers = min(self.workers or workers_for(sum(map(self._size, sources))), len(sources))
        if workers > 1:
            yield from _in_processes(shares, making, workers, read, with_texts)
            return
        with _collecting_seldom():
            for share in shares:
                for source in with_texts(share):
                    yield compile_source(source, making, read.get(source.path)), b""

    def _size(self, source: Source) -> int:
        """About how many characters a source has."""
        if not source.kept or self.cache is None:
            return len(source.text)
        state = self.cache.scanned_stamp(source.path)
        return state[0] // 2 if state is not None else 0


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


_AHEAD = 3  # shares of each process that are handed over before they are begun: not all, which would fill the memory


def _in_processes(
    shares: Sequence[list[Source]],
    making: CompileOptions,
    workers: int,
    read: Mapping[str, Read],
    with_texts: Callable[[Sequence[Source]], list[Source]],
) -> Iterator[tuple[SourceDigest, bytes]]:
    # Imported here: most runs have no process to start.
    from concurrent.futures import CancelledError, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_all_start_methods, get_context

    forks = "fork" in get_all_start_methods()
    context = get_context("fork" if forks else "spawn")
    if not forks:  # a new Python would import modules from the folder one stands in, which are a stranger's
        os.environ["PYTHONSAFEPATH"] = "1"
    running: deque[Future[list[tuple[SourceDigest, bytes]]]] = deque()
    # What was parsed already goes along where that costs nothing.
    with ProcessPoolExecutor(workers, context, _begin, (making, read if forks else {})) as pool:
        try:
            for share in _from_both_ends(shares):
                running.append(pool.submit(_work, with_texts(share)))
                if len(running) > _AHEAD * workers:
                    yield from running.popleft().result()
            while running:
                yield from running.popleft().result()
        except (BrokenProcessPool, CancelledError):
            raise _lost_worker() from None
        except BaseException:  # Ctrl-C: what has not begun is not done any more
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _shares(sources: Sequence[Source], size_of: Callable[[Source], int]) -> Iterator[list[Source]]:
    """The sources in pieces of about one size, in order."""
    share: list[Source] = []
    size = 0
    for source in sources:
        share.append(source)
        size += size_of(source)
        if size >= _SHARE:
            yield share
            share, size = [], 0
    if share:
        yield share


def _from_both_ends(shares: Sequence[list[Source]]) -> Iterator[list[Source]]:
    """The first share, the last, the second, …: notes in one language stand together mostly, and a process that meets
    one language only gets the rules for it ready, not those for all.
    """
    half = (len(shares) + 1) // 2
    for first, last in zip_longest(shares[:half], reversed(shares[half:])):
        yield first
        if last is not None:
            yield last


_making: tuple[CompileOptions, Mapping[str, Read]] | None = None  # of a worker process


def _begin(making: CompileOptions, read: Mapping[str, Read]) -> None:
    """What a worker process does first. Ctrl-C is for the process that started it."""
    global _making  # noqa: PLW0603
    _making = making, read
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    gc.freeze()


def _work(sources: Sequence[Source]) -> list[tuple[SourceDigest, bytes]]:
    assert _making is not None
    making, read = _making
    found = (compile_source(source, making, read.get(source.path)) for source in sources)
    return [(SourceDigest.of(notes), encode_unit(notes)) for notes in found]
