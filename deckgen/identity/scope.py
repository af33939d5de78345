"""What a build looked at, and what it was asked for."""

from __future__ import annotations

import unicodedata

from msgspec import Struct
from msgspec.structs import replace

from deckgen.identity.lock import LockEntry, Retired


class Scope(Struct, frozen=True):
    """Paths are those of the drafts. A path that is in neither `read` nor `unread` is gone from disk, or excluded."""

    read: frozenset[str]
    unread: frozenset[str] = frozenset()  # among the sources, but not read now: their notes are asleep
    untried: frozenset[tuple[str, str]] = frozenset()  # path and identity of a rule that was not tried there
    same: tuple[tuple[str, str], ...] = ()  # OLD and NEW of each `--same OLD=NEW`, GUIDs
    refresh: str | None = None  # a glob of paths whose notes are sent again; "" for all
    excluded: frozenset[str] = frozenset()  # on disk, but no longer among the sources
    rules: frozenset[str] | None = None  # the identities of all rules, where known
    another: tuple[tuple[str, str], ...] = ()  # OLD and NEW of each `--another OLD=NEW`, GUIDs
    decided_same: tuple[tuple[str, str], ...] = ()  # so of decisions, which hold where both are there
    decided_another: tuple[tuple[str, str], ...] = ()

    def is_asleep(self, line: LockEntry) -> bool:
        """Whether a line is left alone, because the build did not look where it stands."""
        return not line.retired and (line.path in self.unread or (line.path, line.rule) in self.untried)

    def reason(self, line: LockEntry) -> Retired:
        """Why a live line is retired."""
        if line.path in self.excluded:
            return "excluded"
        if line.path in self.read and self.rules is not None and line.rule not in self.rules:
            return "rule"
        return "gone"

    def in_normal_form(self) -> Scope:
        """With paths as the lock holds them."""
        if all(path.isascii() for path in self.unread | self.read | self.excluded):
            return self
        return replace(
            self,
            read=frozenset(map(_nfc, self.read)),
            unread=frozenset(map(_nfc, self.unread)),
            untried=frozenset((_nfc(path), rule) for path, rule in self.untried),
            excluded=frozenset(map(_nfc, self.excluded)),
        )


def _nfc(path: str) -> str:
    return unicodedata.normalize("NFC", path)
