"""What deckgen wrote of a note, what it has now, what Anki has → what to write of its fields, tags and decks.

A value that Anki has as deckgen wrote it is deckgen's to change; one that deckgen would write again is the learner's.
Where both changed it there is a conflict, and where nobody knows what was written, every difference is one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from deckgen.anki.anki_state import AnkiCard
from deckgen.rendering.baseline import SyncBaseline, anki_tag, digest, name_digest

Verdict = Literal["same", "update", "edited", "conflict", "unknown"]
"""`edited`: in Anki only; `conflict`: here and there; `unknown`: they differ, and nobody knows who changed it."""

OF_LEARNING = frozenset({"marked", "leech"})
"""Tags that Anki itself gives."""


class FieldMerge(Struct, frozen=True):
    """One field. `name` is deckgen's, `there` Anki's, which the learner may have renamed."""

    name: str
    in_anki: str
    old: str  # as Anki has it
    new: str  # as deckgen has it
    verdict: Verdict


@lru_cache(maxsize=64)  # a note type's notes all ask the same
def map_fields(ours: tuple[str, ...], theirs: tuple[str, ...]) -> Mapping[str, str]:
    """Our names of fields → those in Anki: by name, and one after the other where some were only renamed."""
    found = {name: name for name in ours if name in theirs}
    if len(ours) == len(theirs):
        rest = [name for name in theirs if name not in found]
        found.update(zip([name for name in ours if name not in found], rest, strict=True))
    return found


def merge_fields(
    names: Sequence[str], new: Sequence[str], in_anki: Mapping[str, str], base: SyncBaseline | None, skipped: str = ""
) -> list[FieldMerge]:
    """Every field of ours that Anki has, but for one that is no content."""
    mapping = map_fields(tuple(names), tuple(in_anki))
    merged = []
    for index, (name, text) in enumerate(zip(names, new, strict=True)):
        if name == skipped:
            continue
        if (theirs := mapping.get(name)) is None:
            continue
        old = in_anki[theirs]
        written = base.fields[index] if base is not None and base.fields is not None else None
        merged.append(FieldMerge(name, theirs, old, text, _verdict(old, text, written)))
    return merged


def _verdict(old: str, new: str, written: str | None) -> Verdict:
    if old == new or (not new.isascii() and unicodedata.normalize("NFC", old) == unicodedata.normalize("NFC", new)):
        return "same"
    if written is None:
        return "unknown"
    if digest(old) == written:
        return "update"
    return "edited" if digest(new) == written else "conflict"


@lru_cache(maxsize=4096)  # many notes have few tags
def has_tags_of_learning(tags: tuple[str, ...]) -> bool:
    """Whether notes have tags that belong to the learner."""
    return any(tag.casefold() in OF_LEARNING for tag in tags)


def merge_tags(new: Iterable[str], in_anki: Sequence[str], base: SyncBaseline | None) -> tuple[list[str], list[str]]:
    """Tags to add, and to remove: those that deckgen set, never others; one that the learner took off stays off."""
    ours = {name_digest(tag): tag for tag in map(anki_tag, new) if tag and tag.casefold() not in OF_LEARNING}
    theirs = {name_digest(tag) for tag in in_anki}
    written = base.tags if base is not None else frozenset[str]()
    add = [tag for key, tag in ours.items() if key not in theirs and key not in written]
    return sorted(add), sorted(tag for tag in in_anki if (key := name_digest(tag)) in written and key not in ours)


class DeckMerge(Struct, frozen=True):
    """The cards that deckgen moves, those that wait in a filtered deck, and those that the learner moved."""

    moves: tuple[AnkiCard, ...] = ()
    waiting: tuple[AnkiCard, ...] = ()
    moved_in_anki: tuple[AnkiCard, ...] = ()


def merge_decks(deck: str, cards: Iterable[AnkiCard], base: SyncBaseline | None, former: Iterable[str]) -> DeckMerge:
    """Where each card goes. A package writes down its deck without moving a card: then all `former` decks count."""
    wanted = name_digest(deck)
    written = {base.deck} if base is not None and base.deck else set()
    if base is None or not base.is_placed:
        written.update(map(name_digest, former))
    moves, waiting, moved_in_anki = list[AnkiCard](), list[AnkiCard](), list[AnkiCard]()
    for card in cards:
        place = name_digest(card.deck)
        if place == wanted:
            continue
        if place not in written:
            moved_in_anki.append(card)
        else:
            (waiting if card.is_filtered else moves).append(card)
    return DeckMerge(tuple(moves), tuple(waiting), tuple(moved_in_anki))
