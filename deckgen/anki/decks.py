"""Cards that move × the decks that are there → the decks that are rather renamed: with their options and all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from msgspec.structs import replace

from deckgen.anki.anki_state import AnkiState
from deckgen.anki.plan import NotePlan, Rename
from deckgen.rendering.baseline import name_digest


def find_renames(plans: Sequence[NotePlan], state: AnkiState) -> tuple[list[Rename], list[NotePlan]]:
    """The renames, outermost deck first, and the plans without the moves that these make.

    A deck is renamed where all its cards go to one deck that is not there yet, and those of each deck below it go to
    the deck of the same name below that one. One other card in it, and only the project's own are moved.
    """
    cards: dict[str, list[int]] = defaultdict(list)
    targets: dict[str, set[str]] = defaultdict(set)
    for plan in plans:
        for card in plan.moves:
            cards[card.deck].append(card.id)
            targets[card.deck].add(plan.deck)
    names = {name_digest(name) for name in state.decks}
    going = {
        old: next(iter(new))
        for old, new in targets.items()
        if len(new) == 1
        and state.decks.get(old) == len(cards[old])
        and name_digest(next(iter(new))) not in names
        and not next(iter(new)).startswith(f"{old}::")
    }
    renamed = {old: new for old, new in going.items() if _brings_all_below(old, new, going, state)}
    renames = [Rename(old, renamed[old], tuple(cards[old])) for old in sorted(renamed)]
    kept = [replace(plan, moves=tuple(card for card in plan.moves if card.deck not in renamed)) for plan in plans]
    return renames, kept


def _brings_all_below(old: str, new: str, going: dict[str, str], state: AnkiState) -> bool:
    return all(
        count == 0 or going.get(name) == new + name[len(old) :]
        for name, count in state.decks.items()
        if name.startswith(f"{old}::")
    )
