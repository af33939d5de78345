"""Which compiled notes outlive an edit of templates: those of sources in which no rule with such a template matched.

Rules are tried before their templates are filled, so that a template has a say only where its rule matched. All else
that notes are made with has to be the same.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

_MOST_OLDER = 8
"""Edits one after the other that sources may have been left alone by."""


class MadeWith(msgspec.Struct, frozen=True):
    """What the notes of a project were made with last, and which older ones count for it."""

    environment: str = ""
    outline: str = ""  # the same without the templates of rules; empty where nothing older may count
    templates: dict[str, str] = {}
    older: dict[str, list[str]] = {}  # of an older environment the rules whose templates are others now

    def counts(self, environment: str, matched: str, wanted: str) -> bool:
        """Whether notes made with an environment, in which these rules (one a line) matched, are those that the wanted
        one makes.
        """
        if environment == wanted:
            return True
        edited = self.older.get(environment) if wanted == self.environment else None
        return edited is not None and set(matched.split("\n")).isdisjoint(edited)

    def followed_by(self, environment: str, outline: str, templates: Mapping[str, str]) -> MadeWith:
        """The same for the next environment."""
        older: dict[str, list[str]] = {}
        if outline and outline == self.outline:
            edited = _differing(self.templates, templates)
            older = {one: sorted({*names, *edited}) for one, names in list(self.older.items())[1 - _MOST_OLDER :]}
            older[self.environment] = sorted(edited)
            older.pop(environment, None)
        return MadeWith(environment, outline, dict(templates), older)

    @property
    def written(self) -> bytes:
        """As it is kept."""
        return msgspec.msgpack.encode(self)

    @classmethod
    def read(cls, data: bytes) -> MadeWith:
        """As it was kept; nothing where that is damaged."""
        try:
            return msgspec.msgpack.decode(data, type=cls) if data else cls()
        except (msgspec.DecodeError, ValueError):
            return cls()


def _differing(before: Mapping[str, str], now: Mapping[str, str]) -> set[str]:
    return {name for name in before.keys() | now.keys() if before.get(name) != now.get(name)}
