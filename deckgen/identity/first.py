"""A project without a lock → GUIDs and note ids, while no more than the GUIDs of all notes is in memory.

The same as `identify` gives with an empty lock: a GUID comes from the key alone, and where several notes share a key
from the answer too; note ids are given in the order of the GUIDs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from deckgen.identity.assign import Built, Clock, build_new, new_guids
from deckgen.identity.facts import Fact, Normal, facts_of, natural_id
from deckgen.identity.lock import free_id, new_lock
from deckgen.model import Draft, Guid


class FirstNotes:
    """The notes of a project's first build. `asked` has the GUID that the key of each draft asks for.

    The drafts of doubled GUIDs have to be given to `settle` before the first `note`; and all drafts to `note` in the
    order of the sources, which is theirs as well.
    """

    def __init__(self, project: str, asked: Iterable[Guid]) -> None:
        self._project = project
        counts = Counter(asked)
        self.doubled = frozenset(guid for guid, count in counts.items() if count > 1)
        self._guids = [guid for guid, count in counts.items() if count == 1]
        self._of_doubled: list[tuple[Fact, Guid] | None] = []  # of each of their drafts; None for the same note again
        self._told_apart: list[tuple[Fact, Guid]] = []
        self._ids: dict[Guid, int] = {}  # but for those that have the id which they ask for

    def settle(self, drafts: Sequence[Draft], normals: Sequence[Normal]) -> None:
        """Tell the notes of doubled GUIDs apart, and give all notes their ids."""
        facts, order = facts_of(drafts, normals)
        guids = new_guids(self._project, new_lock(self._project), facts, range(len(facts)), set())
        met: set[int] = set()
        for index in order:
            self._of_doubled.append(None if index in met else (facts[index], guids[index]))
            met.add(index)
        self._told_apart = [found for found in self._of_doubled if found is not None]
        self._of_doubled.reverse()
        self._guids.extend(guids.values())
        self._guids.sort()
        if len(set(self._guids)) != len(self._guids):
            raise AssertionError("one GUID for two notes")
        taken: set[int] = set()
        for guid in self._guids:
            wanted = natural_id(guid)
            own = free_id(wanted, taken)
            taken.add(own)
            if own != wanted:
                self._ids[guid] = own

    @property
    def are_keys_unique(self) -> bool:
        """Whether no two notes share a key."""
        return len({fact.key for fact, _ in self._told_apart}) == len(self._told_apart)

    @property
    def count(self) -> int:
        """How many notes there are."""
        return len(self._guids)

    def note(self, draft: Draft, normal: Normal, asked: Guid, clock: Clock) -> Built | None:
        """The note of the next draft, and its line; None where it is a note that was there before."""
        fact, guid = self._next(draft, normal, asked)
        if fact is None:
            return None
        return build_new(fact, guid, self._ids.get(guid) or natural_id(guid), clock)

    def _next(self, draft: Draft, normal: Normal, asked: Guid) -> tuple[Fact | None, Guid]:
        if asked not in self.doubled:
            return facts_of([draft], [normal])[0][0], asked
        found = self._of_doubled.pop()
        return found if found is not None else (None, asked)
