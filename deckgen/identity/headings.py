"""Two paths of headings → whether the same notes may stand below both, because the headings were edited."""

from __future__ import annotations

from collections.abc import Sequence

from deckgen.identity.visible_question import visible


def is_within(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one path of headings is the other with some more, numbers and letter case aside."""
    less, more = sorted((list(map(_heading, one)), list(map(_heading, other))), key=len)
    rest = iter(more)
    return all(heading in rest for heading in less)


def is_reworded(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two paths of headings differ in the nearest alone, of which words came or went."""
    if not one or not other or list(map(_heading, one[:-1])) != list(map(_heading, other[:-1])):
        return False
    less, more = sorted((_heading(one[-1]), _heading(other[-1])), key=len)
    return bool(less) and less in more


def _heading(text: str) -> str:
    return visible(text).lower()
