"""The lock × scope → the lines that facts may be paired with, also those that a merge of two branches left behind."""

from __future__ import annotations

from collections.abc import Sequence

from deckgen.identity.facts import digest_of_key, key_of
from deckgen.identity.lock import Lock, LockEntry
from deckgen.identity.match_by_key import ASLEEP, LIVE, OLDER, RETIRED, LockCandidate
from deckgen.identity.scope import Scope
from deckgen.model import Guid


def candidates_of(lock: Lock, scope: Scope) -> list[LockCandidate]:
    """Every line as read; those of one GUID are one note."""
    candidates: list[LockCandidate] = []
    for note_index, line in enumerate(lock.lines):
        variants = lock.variants.get(Guid(line.guid)) if lock.variants else None
        if variants is None:
            candidates.append(LockCandidate(line, note_index, _tier(line, scope)))
            continue
        for variant in variants:
            tier = _tier(variant, scope)
            if line.retired:
                tier = RETIRED
            elif tier == RETIRED or (tier == LIVE and is_superseded(variant, variants)):
                tier = OLDER
            candidates.append(LockCandidate(variant, note_index, tier))
    return candidates


def _tier(line: LockEntry, scope: Scope) -> int:
    if line.retired:
        return RETIRED
    return ASLEEP if scope.is_asleep(line) else LIVE


def is_superseded(line: LockEntry, variants: Sequence[LockEntry]) -> bool:
    """Whether another line of the GUID is a later state of the same note: it remembers the key of this one.

    A union merge keeps what both branches started from where they changed neighbouring lines. Such a line finds a fact
    only after all others had their turn: X became Y and a new X came; the new X has its own line.
    """
    digest = digest_of_key(key_of(line))
    return any(digest in other.was and other.mod > line.mod for other in variants)
