"""Cards → those that say nearly the same: looked up in an index, one card after the other.

Only cards of one kind with the same numbers and names are compared, since what differs in these is another fact; and of
them those that share a stretch of characters that few have.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from msgspec import Struct, field

from deckgen.identity.normal_form import similar
from deckgen.reports.lint_cards import Card

ALIKE = 93.0
"""Of 100: what two notes that say nearly the same have in common."""
_ALIKE_FROM = 16  # characters: of shorter ones a single word is too much of them
_SHINGLE, _SHINGLES, _SHARED_BY = 4, 8, 24  # notes are compared that share a rare stretch of so many characters


class _Group(Struct, eq=False):
    """The cards of one kind with the same numbers and names, by number, and those that have each stretch."""

    cards: dict[int, Card] = field(default_factory=dict)
    shingles: dict[str, int | set[int]] = field(default_factory=dict)  # none, while there is one card

    def add(self, number: int, card: Card) -> None:
        self.cards[number] = card
        if len(self.cards) > 1:
            for other in (number,) if self.shingles else tuple(self.cards):
                self._add(other)

    def remove(self, number: int) -> None:
        card = self.cards.pop(number)
        if len(self.cards) < 2:
            self.shingles.clear()
            return
        for shingle in _shingles(card):
            found = self.shingles[shingle]
            if isinstance(found, int):
                del self.shingles[shingle]
            else:
                found.discard(number)
                if len(found) == 1:
                    self.shingles[shingle] = found.pop()

    def near(self, number: int) -> set[int]:
        shared: list[tuple[int, str, set[int]]] = []
        for shingle in _shingles(self.cards[number]) if self.shingles else ():
            found = self.shingles[shingle]
            if not isinstance(found, int) and len(found) <= _SHARED_BY:
                shared.append((len(found), shingle, found))
        shared.sort(key=lambda one: one[:2])
        return set[int]().union(*(found for *_, found in shared[:_SHINGLES])) - {number}

    def _add(self, number: int) -> None:
        for shingle in _shingles(self.cards[number]):
            found = self.shingles.get(shingle)
            if found is None:
                self.shingles[shingle] = number
            elif isinstance(found, int):
                self.shingles[shingle] = {found, number}
            else:
                found.add(number)


class AlikeCards(Struct):
    """The cards of a project, each by a number."""

    _groups: dict[Hashable, _Group] = field(default_factory=dict)

    def add(self, number: int, card: Card) -> None:
        """One more card."""
        self._groups.setdefault(_group_of(card), _Group()).add(number, card)

    def remove(self, number: int, card: Card) -> None:
        """A card that is there no more."""
        group = self._groups[_group_of(card)]
        group.remove(number)
        if not group.cards:
            del self._groups[_group_of(card)]

    def near(self, number: int, card: Card) -> Iterator[int]:
        """The numbers of those that say nearly the same, and ask something else."""
        group = self._groups[_group_of(card)]
        return (other for other in group.near(number) if _are_alike(card, group.cards[other]))


def _group_of(card: Card) -> Hashable:
    return card.draft.kind, card.facts.names


def _shingles(card: Card) -> frozenset[str]:
    text = card.asked + "\n" + card.said
    if len(text) < _ALIKE_FROM:
        return frozenset()
    return frozenset(text[start : start + _SHINGLE] for start in range(len(text) - _SHINGLE + 1))


def _are_alike(one: Card, other: Card) -> bool:
    if one.asked == other.asked:
        return False  # one note, or one question with two answers, which is reported as that
    text, other_text = one.asked + "\n" + one.said, other.asked + "\n" + other.said
    return abs(len(text) - len(other_text)) <= 0.2 * len(text) and similar(text, other_text) >= ALIKE
