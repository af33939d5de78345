"""What `lint` found, kept in the store until the next build that changes anything: to compare all notes takes long."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec

from deckgen.build.file_state import shown_diagnostic, stored_diagnostic
from deckgen.build.snapshot import load_unchanged
from deckgen.build.store import open_cache
from deckgen.diagnostics import Diagnostic
from deckgen.project.locate import Request

_NAME = "lint"


class Findings(msgspec.Struct, frozen=True, array_like=True):
    """What there is to say about the drafts of a project."""

    warnings: tuple[Diagnostic, ...]  # about its files
    found: tuple[Diagnostic, ...]
    notes: int
    need_attention: int = 0  # of them, those with a finding about their own card

    def placed(self, place: Callable[[Diagnostic, Path], Diagnostic], root: Path) -> Findings:
        """The same with the places of all diagnostics as they are stored, or shown."""
        warnings, found = (tuple(place(one, root) for one in part) for part in (self.warnings, self.found))
        return Findings(warnings, found, self.notes, self.need_attention)


def load_findings(request: Request, now: int) -> Findings | None:
    """Those of a project in which nothing changed since; None where there are none, or something did."""
    last = load_unchanged(request, now)
    if last is None:
        return None
    with contextlib.closing(open_cache(last.root, knows_sources=False)) as store:
        try:
            data = b"" if store.is_closed else store.index.value(_NAME)
            generation, found = msgspec.msgpack.decode(data, type=tuple[str, Findings])
        except (sqlite3.Error, ValueError, msgspec.MsgspecError):
            return None
    return found.placed(shown_diagnostic, last.root) if generation == last.record.generation else None


def save_findings(request: Request, now: int, findings: Findings) -> None:
    """Keep what was found, where the project is as the last build left it."""
    last = load_unchanged(request, now)
    if last is None:
        return
    generation = last.record.generation
    with contextlib.closing(open_cache(last.root, knows_sources=False)) as store, contextlib.suppress(sqlite3.Error):
        store.begin(makes=False)
        if store.is_lasting:
            is_same = store.index.value("generation") == generation.encode()
            if is_same:
                stored = findings.placed(stored_diagnostic, last.root)
                store.index.remember(_NAME, msgspec.msgpack.encode((generation, stored)))
            store.end(is_done=is_same)
