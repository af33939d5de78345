"""A project with a lock → its notes, one by one, while no more of the lock is in memory than where its lines begin.

Most notes are found by a key that no other line and no other draft has: such a note needs its own line, and no more.
What is left, keys that several have, drafts without a line and lines without a draft, is decided by `identify`, as
always, among itself. That is the whole truth as long as notes are found by their keys alone; where a rewording, or
another line, could have a say, `NotKnownError` is raised, and all have to be looked at together.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from deckgen.identity.assign import DAY, Clock, build_known
from deckgen.identity.facts import Normal, digest_of_key, facts_of, key_of, make_guid
from deckgen.identity.lock import Header, LockLine
from deckgen.identity.match_by_key import is_vouched
from deckgen.model import Draft, Guid, Note

_FOUND_BY_KEY = frozenset({"", "same", "same question"})
"""Why a note is new, or the same: the passes in which no line of another key has a say."""


class NotKnownError(Exception):
    """More has to be looked at than what has the same key."""


def _insist(condition: object) -> None:
    if not condition:
        raise NotKnownError


def new_among(notes: Iterable[Note], lines: Mapping[str, LockLine], old: Collection[str]) -> list[Note]:
    """Of what `identify` made of some drafts and lines, which nothing else has the keys of, the notes that are new.
    `lines` are those afterwards, `old` the GUIDs before. Raises `NotKnownError` where it might have made another thing
    of them among all others.
    """
    _insist(all(note.reason in _FOUND_BY_KEY for note in notes))
    new = [note for note in notes if note.guid not in old]
    made = {(line.kind, line.rule, line.digest) for line in (lines[note.guid] for note in new)}
    left = {(line.kind, line.rule, line.digest) for line in lines.values() if line.retired}
    _insist(made.isdisjoint(left))  # another capture of the same text: how many have that text is asked of all
    return new


@dataclass(frozen=True, slots=True)
class KnownNote:
    """A note, its line, and the one that it had."""

    note: Note
    line: LockLine
    old: LockLine | None


Reading = Callable[[int], LockLine]
"""A place in the lock → the line that begins there."""


class KnownNotes:
    """The notes of a project with a lock. `lines` are all of them, each with its place; `asked` are the GUIDs that the
    keys of the drafts ask for. All of it raises `NotKnownError`.

    The drafts of `left` have to be decided upon, and given to `settle`, before the first `note`; and all drafts be
    given to `note` in the order of the sources.
    """

    def __init__(
        self, header: Header, lines: Iterable[tuple[int, LockLine]], asked: Iterable[Guid], read: Reading
    ) -> None:
        self._read = read
        counts = Counter(asked)
        self.places: dict[str, int] = {}  # by GUID
        self.live = 0
        self._ids: set[int] = set()
        self._former: set[str] = set()  # digests of keys
        guid_of: dict[Guid, str] = {}  # by what the key asks for: of its first line
        several: set[Guid] = set()  # what keys of more than one line ask for
        retired: set[Guid] = set()
        left: dict[str, LockLine] = {}
        for place, line in lines:
            wanted = make_guid(header.project, key_of(line), "")
            self.places[line.guid] = place
            self.live += not line.retired
            self._ids.add(line.id)
            self._former.update(line.was)
            if wanted in guid_of:
                several.add(wanted)
            if line.retired:
                retired.add(wanted)
            if line.retired or counts[wanted] != 1 or wanted in guid_of:
                left[line.guid] = line
            guid_of.setdefault(wanted, line.guid)
        _insist(len(self._ids) == len(self.places))
        for wanted in several:
            left.setdefault(guid_of[wanted], read(self.places[guid_of[wanted]]))
        self.tangled = several | {guid for guid, count in counts.items() if count > 1}
        self.left = self.tangled | retired | (counts.keys() - guid_of.keys())
        self.lines: Mapping[str, LockLine] = {guid: left[guid] for guid in sorted(left)}
        self._guid_of = {wanted: guid for wanted, guid in guid_of.items() if wanted != guid}
        self.are_keys_unique = False
        self._found: list[KnownNote | None] = []

    def settle(
        self,
        drafts: Sequence[Draft],
        normals: Sequence[Normal],
        notes: Sequence[Note],
        lines: Mapping[str, LockLine],
    ) -> None:
        """Take what `identify` made of the drafts and the lines that are left."""
        for one in new_among(notes, lines, self.lines):
            _insist(one.guid not in self.places and one.id not in self._ids)
            _insist(digest_of_key(key_of(lines[one.guid])) not in self._former)
        self.are_keys_unique = len({key_of(line) for line in lines.values()}) == len(lines)
        _, order = facts_of(drafts, normals)
        of_fact = dict(zip(dict.fromkeys(order), notes, strict=True))
        for index in order:
            note: Note | None = of_fact.pop(index) if index in of_fact else None
            found = None if note is None else KnownNote(note, lines[note.guid], self.lines.get(note.guid))
            self._found.append(found)
        self._found.reverse()

    def note(self, draft: Draft, normal: Normal, asked: Guid, clock: Clock) -> KnownNote | None:
        """The note of the next draft; None where it is a note that was there before."""
        if asked in self.left:
            return self._found.pop()
        old = self._read(self.places[self._guid_of.get(asked, asked)])
        (fact,), _ = facts_of([draft], [normal])
        _insist(key_of(old) == fact.key)
        reason = "same" if old.digest == fact.digest else "same question"
        _insist(reason == "same" or is_vouched(old, fact, is_retired=False))
        built = build_known(fact, old, (old,), reason, clock)
        _insist(built.note.mod <= clock.now + DAY)
        return KnownNote(built.note, built.line, old)
