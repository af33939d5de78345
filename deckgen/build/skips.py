"""The learner's choices × the lock → which drafts are of skipped notes, before it is known which notes drafts are.

A skipped note must not change the wording of others, nor keep them from being made: fronts are decided on as if its
text were not there. That comes before identity, so a draft counts as skipped where its rule is off in its source, or
its text and answer are those of a skipped line; or, where the GUID of a decision is lost, what that was made of. Once
identity knows the notes, what was edited in this very build is decided on again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.index_rows import answer_key, text_key
from deckgen.build.unit import CompiledNote, CompiledSource
from deckgen.identity.facts import Key, key_of
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Lock, LockEntry
from deckgen.identity.normal_form import cut, normalise
from deckgen.model import Draft, Origin
from deckgen.project.choices import Choices, choice_digest

SkippedText = tuple[int, int]
"""What a text and an answer of a line are found by."""
Mark = tuple[Origin, str, str]
"""What tells a draft from others: where it stands, the identity of its rule, its answer."""


class Skips(Struct, frozen=True):
    """Which drafts are of skipped notes. `known`: what identity found of them, where it was asked already."""

    choices: Choices
    texts: frozenset[SkippedText] = frozenset()
    lost: frozenset[str] = frozenset()  # `choice_digest` of decisions whose GUIDs no line has
    known: frozenset[Mark] | None = None

    @property
    def state(self) -> tuple[list[SkippedText], list[str], list[tuple[str, str]]]:
        """All that it goes by, to be written down."""
        return sorted(self.texts), sorted(self.lost), sorted((one.rule, one.path) for one in self.choices.rules)

    def places(self, source: CompiledSource) -> frozenset[int]:
        """The places of skipped drafts among the notes of a source."""
        if not (self.texts or self.lost or self.choices.rules or self.known):
            return frozenset()
        return frozenset(place for place, one in enumerate(source.prepared) if self.has(one))

    def has(self, one: CompiledNote) -> bool:
        """Whether a draft is of a skipped note."""
        draft, normal = one.draft, one.normal
        if self.known is not None:
            return mark_of(one) in self.known
        if self.choices.is_rule_off(draft.rule, draft.origin.span.path):
            return True
        if self.texts and _text_of(one) in self.texts:
            return True
        return bool(self.lost) and choice_digest(cut(normal.question), normal.digest) in self.lost

    def corrected(self, sources: Iterable[CompiledSource], identified: Identified) -> Skips | None:
        """The same as identity found it; None where it is so already."""
        assumed = frozenset(mark_of(one) for source in sources for one in source.prepared if self.has(one))
        places = {(origin, identity) for origin, identity, _ in assumed}
        skipped: set[Mark] = set()
        made: set[Mark] = set()
        for note in identified.notes:
            draft = note.draft
            for origin in note.origins or (draft.origin,):
                if note.is_skipped or (origin, draft.identity) in places:
                    mark = (origin, draft.identity, _answer_of(draft))
                    (skipped if note.is_skipped else made).add(mark)
        found = (assumed - made) | skipped
        return replace(self, known=found) if found != assumed else None


def mark_of(one: CompiledNote) -> Mark:
    """That of a draft."""
    return one.draft.origin, one.draft.identity, cut(one.normal.answer)


def _answer_of(draft: Draft) -> str:
    return cut(normalise(draft.answer, with_targets=True))


def _text_of(one: CompiledNote) -> SkippedText:
    draft, normal = one.draft, one.normal
    text = text_key(draft.kind, draft.identity, normal.digest)
    return text, answer_key(draft.kind, draft.identity, cut(normal.answer))


def _text_of_line(line: LockEntry) -> SkippedText:
    return text_key(line.kind, line.rule, line.digest), answer_key(line.kind, line.rule, line.answer)


def skips_by_lock(choices: Choices, lock: Lock, notes: Sequence[CompiledNote]) -> Skips:
    """By a lock that is read, of the notes of a project; with what alone can be a skipped one that was edited."""
    skipped = {guid for guid, choice in choices.notes.items() if choice.is_skipped}
    if not skipped:
        return Skips(choices)
    variants = (line for lines in lock.variants.values() for line in lines)
    lines = [line for line in (*lock.lines, *variants) if line.guid in skipped]
    texts = frozenset(map(_text_of_line, lines))
    lost = lost_among(choices, skipped - {line.guid for line in lines})
    return Skips(choices, texts.union(_edited(lines, lock, notes)), lost)


def _edited(skipped: Iterable[LockEntry], lock: Lock, notes: Sequence[CompiledNote]) -> Iterator[SkippedText]:
    """What the texts of skipped notes may have become: the one draft of the same key that is no other line's."""
    there = set(map(_text_of, notes))
    keys = Counter(key_of(line) for line in skipped if not line.retired and _text_of_line(line) not in there)
    if not keys:
        return
    known = {_text_of_line(line) for line in lock.lines if key_of(line) in keys}
    found: dict[Key, set[SkippedText]] = {key: set() for key, lines in keys.items() if lines == 1}
    for one in notes:
        draft = one.draft
        for values in {one.normal.key, tuple(map(normalise, draft.role_key))}:
            text, several = _text_of(one), found.get((draft.kind, draft.identity, values))
            if several is not None and text not in known:
                several.add(text)
    for several in found.values():
        yield from several if len(several) == 1 else ()


def lost_among(choices: Choices, guids: Iterable[str]) -> frozenset[str]:
    """What finds the notes of decisions whose GUIDs no line has."""
    return frozenset(of for guid in guids if (of := choices.notes[guid].of))
