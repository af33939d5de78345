"""The lock × scope → the lines that facts may be paired with, also those that a merge of two branches left behind."""

from __future__ import annotations

from collections.abc import Sequence

from deckgen.identity.facts import digest_of_key, key_of
from deckgen.identity.lock import Lock, LockLine
from deckgen.identity.match_by_key import ASLEEP, LIVE, OLDER, RETIRED, Entry
from deckgen.identity.scope import Scope
from deckgen.model import Guid


def entries_of(lock: Lock, scope: Scope) -> list[Entry]:
    """Every line as read; those of one GUID are one group."""
    entries: list[Entry] = []
    for group, line in enumerate(lock.lines):
        variants = lock.variants.get(Guid(line.guid)) if lock.variants else None
        if variants is None:
            entries.append(Entry(line, group, _tier(line, scope)))
            continue
        for variant in variants:
            tier = _tier(variant, scope)
            if line.retired:
                tier = RETIRED
            elif tier == RETIRED or (tier == LIVE and is_superseded(variant, variants)):
                tier = OLDER
            entries.append(Entry(variant, group, tier))
    return entries


def _tier(line: LockLine, scope: Scope) -> int:
    if line.retired:
        return RETIRED
    return ASLEEP if scope.is_asleep(line) else LIVE


def is_superseded(line: LockLine, variants: Sequence[LockLine]) -> bool:
    """Whether another line of the GUID is a later state of the same note: it remembers the key of this one.

    A union merge keeps what both branches started from where they changed neighbouring lines. Such a line finds a fact
    only after all others had their turn: X became Y and a new X came; the new X has its own line.
    """
    digest = digest_of_key(key_of(line))
    return any(digest in other.was and other.mod > line.mod for other in variants)
