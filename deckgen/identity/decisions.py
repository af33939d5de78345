"""What the learner decided about a note that identity has found: another wording, or that it is no card."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from msgspec.structs import replace

from deckgen.identity.facts import Fact
from deckgen.model import Draft, Guid


class Decided(NamedTuple):
    """A note's draft as the learner wants to read it, and whether it is to be learned at all."""

    draft: Draft
    is_skipped: bool = False


class Decisions(Protocol):
    """All that was decided."""

    def on(self, guid: Guid, fact: Fact, /) -> Decided:
        """About one note. The same draft where nothing was decided about its wording."""


class _Undecided:
    """Nothing was decided."""

    def on(self, _: Guid, fact: Fact, /) -> Decided:
        return Decided(fact.draft)


UNDECIDED: Decisions = _Undecided()


def reworded(fact: Fact, decided: Decided) -> Fact:
    """A fact with the draft that is shown of it. What it is known by is what its source says."""
    return fact if decided.draft is fact.draft else replace(fact, draft=decided.draft, content="")
