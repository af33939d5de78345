"""What identity makes of drafts and a lock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.identity.lock import Lock, LockEntry
from deckgen.model import Note

if TYPE_CHECKING:
    from deckgen.identity.near_misses import NearMiss


class Identified(Struct, frozen=True):
    """What identity makes of drafts and a lock. `notes` are in the order of the drafts."""

    notes: tuple[Note, ...]
    lock: Lock
    retired: tuple[LockEntry, ...] = ()  # newly
    near_misses: tuple[NearMiss, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
