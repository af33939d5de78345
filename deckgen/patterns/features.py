"""Patterns → features that a text must hold for them to have a chance (`reading.features_of` has those of a text).

A feature is a run of ASCII letters and digits, which patterns match whole (law 2), or a single character.
Whether a text holds one is a matter of sets: so most rules are never tried on most sentences, nor even looked at.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckgen.patterns.grammar import Capture, Group, Literal, Sequence
from deckgen.patterns.literals import literal_pieces

_RUN = re.compile(r"[a-z0-9_]+")
_COMMON = frozenset("的是一在有和了不人由为以个中上大年于也指叫称之其与及或，。、；：（）") | frozenset(" ,.;:()-")


def anchors(parts: Sequence) -> frozenset[str] | None:
    """Features of which a text must hold at least one for the sequence to fit; None where nothing can be said.

    Of several such sets, the one that fewest texts hold, as far as one can guess.
    """
    found = [anchor for anchor in _needs(parts) if anchor]
    return min(found, key=lambda anchor: max(map(_commonness, anchor)), default=None)


def _needs(parts: Sequence) -> Iterator[frozenset[str]]:
    for part in parts:
        if isinstance(part, Literal):
            if best := min(_literal_features(part.text), key=_commonness, default=None):
                yield frozenset([best])
        elif isinstance(part, Group) and not part.is_optional:
            yield _of_choices(part)
        elif isinstance(part, Capture) and part.inner:
            yield _of_choices(part.inner)


def _of_choices(group: Group) -> frozenset[str]:
    """One feature of each alternative; none where some alternative needs none."""
    sets = [anchors(choice) for choice in group.choices]
    return frozenset().union(*(one for one in sets if one)) if all(sets) else frozenset()


def _literal_features(text: str) -> Iterator[str]:
    for kind, piece in literal_pieces(text):
        if kind == "word":
            if piece.isascii():
                yield from _RUN.findall(piece)
        elif kind != "space" and piece[0] != "_":
            yield piece[0]


def _commonness(feature: str) -> int:
    """How many texts hold it, by a rough guess."""
    if feature in _COMMON:
        return 3
    if feature[0].isascii():
        return 3 if not feature.isalnum() else 2 if len(feature) < 4 else 1
    return 1
