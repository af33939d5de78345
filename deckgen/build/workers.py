"""All sources → what came of each, in their order: here, or shared out among processes where there is enough to do.

What is made of a source depends on nothing but it and the rules, so the number of processes changes nothing.
"""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TYPE_CHECKING

from msgspec import Struct

from deckgen.build.compile import CompileOptions, Read, SourceDigest, compile_source
from deckgen.build.counts import CardCheck
from deckgen.build.unit import encode_unit
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


Compiled = tuple[SourceDigest, bytes]
"""The digest of what came of a source, and all of it as bytes."""


class Compiler(Struct):
    """How the notes of the sources are made. `step` is called with how many sources are done, and of how many."""

    workers: int | None = 1  # None: as many as are of use
    step: Callable[[int, int], None] = lambda done, total: None
    check: CardCheck = lambda draft: ()  # what there is to say about one card

    def compile_all(
        self,
        sources: Sequence[Source],
        compile_options: CompileOptions,
        parsed: Mapping[str, Read],
        with_text: Callable[[Source], Source] = lambda source: source,
        size_of: Callable[[Source], int] = lambda source: len(source.text),
    ) -> Iterator[Compiled]:
        """What comes of each source, in any order. Raises `CompileError`.

        `with_text` reads a source whose text is not known yet, `size_of` tells about how many characters it has.
        """
        if not sources:
            return
        compile_options.rules()  # before processes begin, which then have them
        shares = list(_shares(sources, size_of))
        workers = min(self.workers or workers_for(sum(map(size_of, sources))), len(sources))
        if workers > 1:
            found = _in_processes(shares, compile_options, workers, parsed, with_text)
        else:
            found = _here(shares, compile_options, parsed, with_text)
        for done, made in enumerate(found, 1):
            yield made
            self.step(done, len(sources))


def _here(
    shares: Iterable[list[Source]],
    compile_options: CompileOptions,
    parsed: Mapping[str, Read],
    with_text: Callable[[Source], Source],
) -> Iterator[Compiled]:
    for share in shares:
        for source in list(map(with_text, share)):
            yield _compiled(source, compile_options, parsed)


def _compiled(source: Source, compile_options: CompileOptions, parsed: Mapping[str, Read]) -> Compiled:
    notes = compile_source(source, compile_options, parsed.get(source.path))
    return SourceDigest.of(notes), encode_unit(notes)


_AHEAD = 3  # shares of each process that are handed over before they are begun: not all, which would fill the memory


def _in_processes(
    shares: Sequence[list[Source]],
    compile_options: CompileOptions,
    workers: int,
    parsed: Mapping[str, Read],
    with_text: Callable[[Source], Source],
) -> Iterator[Compiled]:
    # Imported here: most runs have no process to start.
    from concurrent.futures import CancelledError, ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_all_start_methods, get_context

    forks = "fork" in get_all_start_methods()
    context = get_context("fork" if forks else "spawn")
    if not forks:  # a new Python would import modules from the folder one stands in, which are a stranger's
        os.environ["PYTHONSAFEPATH"] = "1"
    running: deque[Future[list[Compiled]]] = deque()
    # What was parsed already goes along where that costs nothing.
    with ProcessPoolExecutor(workers, context, _begin, (compile_options, parsed if forks else {})) as pool:
        try:
            for share in _from_both_ends(shares):
                running.append(pool.submit(_work, list(map(with_text, share))))
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


_compile_options: tuple[CompileOptions, Mapping[str, Read]] | None = None  # of a worker process


def _begin(compile_options: CompileOptions, parsed: Mapping[str, Read]) -> None:
    """What a worker process does first. Ctrl-C is for the process that started it."""
    global _compile_options  # noqa: PLW0603 (a pool hands its workers nothing but calls)
    _compile_options = compile_options, parsed
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.disable()
    gc.freeze()


def _work(sources: Sequence[Source]) -> list[Compiled]:
    assert _compile_options is not None
    return [_compiled(source, *_compile_options) for source in sources]
