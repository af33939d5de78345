"""What of a draft its rivals look at, and what becomes of it: values of `rivals` that are kept with a source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple


class Sign(NamedTuple):
    """What of a draft its rivals look at: hashes of 8 bytes, 0 for nothing."""

    asked: tuple[int, ...]  # its front, its front as a role, then with each context, nearest first; with the deck
    said: int  # its answer
    label: int = 0  # of an entry whose label may turn out to be a role
    owner: int = 0
    is_apart: bool = True  # whether its front may be changed

    @property
    def links(self) -> frozenset[int]:
        """By what other drafts change what becomes of this one."""
        return frozenset({*self.asked[:2], self.label} - {0})


class Outcome(NamedTuple):
    """What becomes of a draft: as a role, under a wider front (0: its own), or held back for the one at a place."""

    is_role: bool = False
    level: int = 0
    held_for: tuple[str, int] | None = None  # path, ordinal


AS_IT_IS = Outcome()
Signs = Sequence[tuple[str, Sequence[Sign | None]]]
"""Of each source, in order: its path, and the signs of its drafts."""
Outcomes = Mapping[str, Mapping[int, Outcome]]
"""Of each source the drafts that are not as they are, by their place in it."""
