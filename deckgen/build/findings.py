"""What `lint` found, kept in the store until the next build that changes anything: to compare all notes takes long."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from deckgen.build.compile_key import program_fingerprint
from deckgen.build.file_state import shown_diagnostic, stored_diagnostic
from deckgen.build.snapshot import Delta
from deckgen.build.store import open_cache
from deckgen.diagnostics import Diagnostic

_NAME, _CARDS = "lint", "lint cards"


class CardFacts(msgspec.Struct, frozen=True, array_like=True):
    """What `lint` looks up of a card, as hashes of 8 bytes (0 for nothing), and what it found about it by itself."""

    asked: int
    said: int
    names: int  # the numbers and the names in it
    findings: tuple[tuple[str, str, str], ...] = ()  # kind, message, hint


KnownCards = Mapping[int, CardFacts]
"""By a digest of what a card is made of."""


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


def load_findings(last: Delta | None) -> Findings | None:
    """Those of a project in which nothing changed since the `last` build; None where there are none."""
    if last is None:
        return None
    with contextlib.closing(open_cache(last.root, knows_sources=False)) as store:
        try:
            data = b"" if store.is_closed else store.index.value(_NAME)
            generation, found = msgspec.msgpack.decode(data, type=tuple[str, Findings])
        except (sqlite3.Error, ValueError, msgspec.MsgspecError):
            return None
    return found.placed(shown_diagnostic, last.root) if generation == last.record.generation else None


def load_cards(root: Path) -> KnownCards:
    """What was found out about the cards of a project when `lint` last looked at them."""
    with contextlib.closing(open_cache(root, knows_sources=False)) as store:
        try:
            data = b"" if store.is_closed else store.index.value(_CARDS)
            program, found = msgspec.msgpack.decode(data, type=tuple[str, dict[int, CardFacts]])
        except (sqlite3.Error, ValueError, msgspec.MsgspecError):
            return {}
    return found if program == program_fingerprint() else {}


def save_findings(last: Delta | None, findings: Findings, cards: KnownCards) -> None:
    """Keep what was found in a project that is as the `last` build left it."""
    if last is None:
        return
    generation = last.record.generation
    with contextlib.closing(open_cache(last.root, knows_sources=False)) as store, contextlib.suppress(sqlite3.Error):
        store.begin(makes=False)
        if store.is_lasting:
            is_same = store.index.is_as_settled(generation)
            if is_same:
                stored = findings.placed(stored_diagnostic, last.root)
                store.index.remember(_NAME, msgspec.msgpack.encode((generation, stored)))
                store.index.remember(_CARDS, msgspec.msgpack.encode((program_fingerprint(), cards)))
            store.end(is_done=is_same)
