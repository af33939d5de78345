"""What `lint` found, kept in the store until the next build that changes anything: to compare all notes takes long."""

from __future__ import annotations

import contextlib
import sqlite3

import msgspec

from deckgen.build.file_state import shown_diagnostic, stored_diagnostic
from deckgen.build.snapshot import Delta, load_snapshot
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


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    generation: str  # of the index
    findings: Findings


def load_findings(request: Request, now: int) -> Findings | None:
    """Those of a project in which nothing changed since; None where there are none, or something did."""
    last = _unchanged(request, now)
    if last is None:
        return None
    with contextlib.closing(open_cache(last.root, ())) as store:
        try:
            kept = msgspec.msgpack.decode(store.value(_NAME), type=_Kept) if not store.is_closed else None
        except (sqlite3.Error, ValueError, msgspec.MsgspecError):
            return None
    if kept is None or kept.generation != last.record.generation:
        return None
    found = kept.findings
    return Findings(
        tuple(shown_diagnostic(one, last.root) for one in found.warnings),
        tuple(shown_diagnostic(one, last.root) for one in found.found),
        found.notes,
        found.need_attention,
    )


def save_findings(request: Request, now: int, findings: Findings) -> None:
    """Keep what was found, where the project is as the last build left it."""
    last = _unchanged(request, now)
    if last is None:
        return
    stored = Findings(
        tuple(stored_diagnostic(one, last.root) for one in findings.warnings),
        tuple(stored_diagnostic(one, last.root) for one in findings.found),
        findings.notes,
        findings.need_attention,
    )
    with contextlib.closing(open_cache(last.root, ())) as store, contextlib.suppress(sqlite3.Error):
        store.begin(makes=False)
        if store.is_lasting:
            is_same = store.index.value("generation") == last.record.generation.encode()
            if is_same:
                store.index.remember(_NAME, msgspec.msgpack.encode(_Kept(last.record.generation, stored)))
            store.end(is_done=is_same, forgets=False)


def _unchanged(request: Request, now: int) -> Delta | None:
    last = load_snapshot(request, now)
    return last if last is not None and last.record.generation and last.is_same else None
