"""What identity makes of drafts and a lock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from deckgen.diagnostics import Diagnostic
from deckgen.identity.lock import Lock, LockEntry
from deckgen.model import Note

if TYPE_CHECKING:
    from deckgen.identity.near_misses import NearMiss


@dataclass(frozen=True, slots=True)
class Moved:
    """A note that Anki has in another deck. No package moves it."""

    note: Note
    old_deck: str


@dataclass(frozen=True, slots=True)
class Identified:
    """What identity makes of drafts and a lock. `notes` are in the order of the drafts."""

    notes: tuple[Note, ...]
    lock: Lock
    retired: tuple[LockEntry, ...] = ()  # newly
    restored: tuple[Note, ...] = ()
    moved: tuple[Moved, ...] = ()
    near_misses: tuple[NearMiss, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    retires_many: bool = False  # over a fifth of 20 notes or more: no search to paste
