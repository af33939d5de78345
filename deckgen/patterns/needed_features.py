"""Patterns → features that a text must hold for them to have a chance (`folded_text.features_of` has those of a text).

A feature is a run of ASCII letters and digits, which patterns match whole (law 2), two Chinese characters that stand
side by side, or a single character.
Whether a text holds one is a matter of sets: so most rules are never tried on most sentences, nor even looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import IDEOGRAPHS
from deckgen.patterns.literals import literal_pieces
from deckgen.patterns.pattern_syntax import Capture, Group, Literal, Sequence

Needed = frozenset[str]
"""Features of which a text must hold at least one; none where nothing can be said."""
NOTHING: Needed = frozenset()
TypeNeeds = Callable[[str], Needed]
"""What a text must hold for a capture of that type."""

MOST_NEEDS = 4
"""How many needs of a pattern are worth asking for: the rest hardly ever say no where these say yes."""

_RUN = lazy_regex(r"[a-z0-9_]+")
_COMMON_PAIRS = frozenset(["就是", "是一", "一个", "一种", "可以", "的是", "也是", "使用", "由于", "用于", "进行"])
_COMMON = frozenset("的是一在有和了不人由为以个中上大年于也指叫称之其与及或，。、；：（）") | frozenset(" ,.;:()-")


def needs(parts: Sequence, of_type: TypeNeeds = lambda _: NOTHING) -> tuple[Needed, ...]:
    """What a text must hold for the sequence to fit: of each set one feature; the sets that fewest texts hold first."""
    found = dict.fromkeys(need for need in _needs(parts, of_type) if need)
    return tuple(sorted(found, key=lambda need: (max(map(_commonness, need)), len(need)))[:MOST_NEEDS])


def _needs(parts: Sequence, of_type: TypeNeeds) -> Iterator[Needed]:
    for part in parts:
        if isinstance(part, Literal):
            yield from (frozenset([feature]) for feature in _literal_features(part.text))
        elif isinstance(part, Group) and not part.is_optional:
            yield one_of(part.choices, of_type)
        elif isinstance(part, Capture):
            yield one_of(part.inner.choices, of_type) if part.inner else of_type(part.type)


def one_of(choices: tuple[Sequence, ...], of_type: TypeNeeds = lambda _: NOTHING) -> Needed:
    """The rarest need of each alternative, together; nothing where some alternative needs nothing."""
    found: set[str] = set()
    for choice in choices:
        first = choice[0]
        if len(choice) == 1 and isinstance(first, Literal):  # as most of thousands are
            rarest = _rarest(first.text)
        else:
            rarest = next(iter(needs(choice, of_type)), NOTHING)
        if not rarest:
            return NOTHING
        found |= rarest
    return frozenset(found)


@lru_cache(maxsize=8192)
def _rarest(text: str) -> Needed:
    """Of literal characters the feature that fewest texts hold."""
    features = list(_literal_features(text))
    return frozenset([min(features, key=_commonness)]) if features else NOTHING


def _literal_features(text: str) -> Iterator[str]:
    before, is_covered = "", True  # the Chinese character right before, and whether it stands in a feature yet
    for kind, piece in literal_pieces(text):
        is_chinese = kind == "other" and not piece.isascii() and IDEOGRAPHS.match(piece) is not None
        if not is_covered and not is_chinese:
            yield before
        if is_chinese:
            if before:
                yield before + piece
            before, is_covered = piece, bool(before)
            continue
        before, is_covered = "", True
        if kind == "word":
            if piece.isascii():
                yield from _RUN.findall(piece)
        elif kind != "space" and piece[0] != "_":
            yield piece[0]
    if not is_covered:
        yield before


def _commonness(feature: str) -> int:
    """How many texts hold it, by a rough guess."""
    if feature in _COMMON:
        return 3
    if feature in _COMMON_PAIRS:
        return 2
    if feature[0].isascii():
        return 3 if not feature.isalnum() else 2 if len(feature) < 4 else 1
    return 1
