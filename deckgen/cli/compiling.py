"""How commands compile sources: in as many processes as are of use, with what earlier builds kept."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from deckgen.cli import terminal

if TYPE_CHECKING:
    from deckgen.build.workers import Maker
    from deckgen.project.locate import Request


@contextlib.contextmanager
def compiler(request: Request) -> Iterator[Maker]:
    """A compiler for a project, with a bar for who has to wait."""
    from deckgen.build.store import open_cache
    from deckgen.build.workers import Maker
    from deckgen.project.locate import keeps_cache, locate

    place, _ = locate(request)
    cache = open_cache(place.root) if place is not None and keeps_cache(place) else None
    bar = terminal.Bar("notes")
    try:
        yield Maker(None, cache, bar.step)
    finally:
        bar.end()
        if cache is not None:
            cache.close()
