"""What identity asks about the notes that it need not decide on again.

A note whose key is untouched since the last build, on both sides, keeps its line; it is still a rival of what was
reworded, it holds its GUID, and its answer is taken. `identify` is given what is left, and asks its context about the
rest. All notes together need none: `ALONE` knows of nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Protocol

from deckgen.identity.facts import Key, Place, natural_id
from deckgen.model import LAST_NOTE_ID, Guid

Rule = tuple[str, str]
"""Kind and rule identity."""


class Context(Protocol):
    """The other notes of a project: each a line of the lock, live, and the fact that it was found by."""

    def has_guid(self, guid: Guid, /) -> bool:
        """Whether another line has it."""

    def has_key(self, key: Key, /) -> bool:
        """Whether another line has it."""

    def had_key(self, digest: str, /) -> bool:
        """Whether another line once had the key of that digest."""

    def note_ids(self, guids: Collection[Guid], taken: set[int], /) -> Mapping[Guid, int]:
        """Note ids for new notes, given in the order of their GUIDs; `taken` are those of the lines at hand."""

    def count(self, rule: Rule, /) -> int:
        """How many other notes a rule has."""

    def answers(self, rule: Rule, asked: Collection[str], /) -> Mapping[str, int]:
        """How many other notes of a rule have each of these answers."""

    def answers_of_all(self, asked: Collection[str], /) -> Mapping[str, int]:
        """How many other notes, of any rule, have each of these answers."""

    def moved(self, old: Place, new: Place, /) -> int:
        """How many other notes stand at one place word for word as they stood at another."""

    def pictures(self) -> Iterable[tuple[str, str]]:
        """The pictures of other notes: how they are written, and the first digits of their digests."""

    def texts(self, rule: Rule, /) -> Iterable[list[str]]:
        """The texts of the other notes of a rule, some at a time."""

    def give_up(self) -> None:
        """Raise what has all notes looked at together, where there are others: too many are to be compared."""


class _Alone:
    """No other notes."""

    def has_guid(self, _: Guid, /) -> bool:
        return False

    def has_key(self, _: Key, /) -> bool:
        return False

    def had_key(self, _: str, /) -> bool:
        return False

    def note_ids(self, guids: Collection[Guid], taken: set[int], /) -> Mapping[Guid, int]:
        return give_ids(guids, taken.__contains__)

    def count(self, _: Rule, /) -> int:
        return 0

    def answers(self, _: Rule, __: Collection[str], /) -> Mapping[str, int]:
        return {}

    def answers_of_all(self, _: Collection[str], /) -> Mapping[str, int]:
        return {}

    def moved(self, _: Place, __: Place, /) -> int:
        return 0

    def pictures(self) -> Iterable[tuple[str, str]]:
        return ()

    def texts(self, _: Rule, /) -> Iterable[list[str]]:
        return ()

    def give_up(self) -> None:
        pass


ALONE: Context = _Alone()


def following_id(note_id: int) -> int:
    """The next whole second; behind the last one, the first."""
    return note_id + 1000 if note_id + 1000 <= LAST_NOTE_ID else 1000


def give_ids(guids: Iterable[Guid], is_taken: Callable[[int], bool]) -> dict[Guid, int]:
    """Note ids in the order of the GUIDs: the second that each asks for, or the next one that no line has."""
    ids: dict[Guid, int] = {}
    given: set[int] = set()
    for guid in sorted(guids):
        wanted = natural_id(guid)
        while wanted in given or is_taken(wanted):
            wanted = following_id(wanted)
        ids[guid] = wanted
        given.add(wanted)
    return ids
