"""What came of a source → the notes of the deck: which suggestions are taken.

A draft that is less sure than the project asks is a suggestion. It is a note all the same where the learner took it,
or skipped it (so that the skip holds when it is reworded), and where the lock knows its text: crossing a level retires
nothing. A key alone says nothing, since a note of the deck may ask the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.compile import SourceDigest, fact_of, render_compiled, suggestion_of
from deckgen.build.index_rows import FactRow, Suggestion, family_key, text_key
from deckgen.build.unit import CompiledNote, CompiledSource
from deckgen.identity.assign import first_numbers
from deckgen.identity.facts import key_of, make_guid, natural_id
from deckgen.identity.lock import Lock, LockEntry
from deckgen.identity.normal_form import most_similar
from deckgen.model import Guid, Note, RenderedNote
from deckgen.project.choices import Choices
from deckgen.rendering.media import MediaReader, collect_media
from deckgen.rendering.note import RenderOptions

_ALIKE = 75  # of the texts of a reworded note, as identity asks


class Admission(Struct, frozen=True, eq=False):
    """Which suggestions are notes. `is_asked`, `has_note`, `is_known`: whether a line of the lock has what a key asks
    for, that together with a text, and a GUID. A text alone is not enough: a rule may make several notes of it, of
    which one is taken. What was edited is found by `LeavingNotes`.
    """

    choices: Choices
    is_asked: Callable[[Guid], bool]
    has_note: Callable[[Guid, int], bool]
    is_known: Callable[[str], bool]
    others: frozenset[tuple[Guid, int]] = frozenset()  # suggestions that a reworded line was found in
    takes_all: bool = False  # whether every suggestion is a note, as where notes in Anki are looked for
    _lost: list[frozenset[str]] = field(default_factory=list)

    def with_others(self, facts: Iterable[FactRow]) -> Admission:
        """The same with some more suggestions."""
        return replace(self, others=self.others.union((asked, text) for asked, text, *_ in facts))

    def admits(self, fact: FactRow, of: str) -> bool:
        """Whether a suggestion is a note. `of`: `choice_digest`."""
        asked, text, *_ = fact
        if self.takes_all or self.has_note(asked, text) or asked in self.choices.notes or (asked, text) in self.others:
            return True
        return bool(of) and of in self.lost

    @property
    def lost(self) -> frozenset[str]:
        """What finds the notes of decisions whose GUIDs no line has; looked for once."""
        if not self._lost:
            known = (choice.of for guid, choice in self.choices.notes.items() if choice.of and not self.is_known(guid))
            self._lost.append(frozenset(known))
        return self._lost[0]

    def is_note(self, one: CompiledNote) -> bool:
        """Whether a draft is a note."""
        return not one.suggested or self.admits(fact_of(one), one.suggested)

    def notes(self, source: CompiledSource) -> CompiledSource:
        """What came of a source, without what is only a suggestion."""
        if not any(one.suggested for one in source.prepared):
            return source
        kept = [one for one in source.prepared if self.is_note(one)]
        return replace(source, prepared=tuple(kept)) if len(kept) < len(source.prepared) else source

    def notes_in(self, digest: SourceDigest) -> SourceDigest:
        """What came of a source that is held as a digest, without what is only a suggestion."""
        if not any(digest.suggested):
            return digest
        kept = [
            place
            for place, one in enumerate(digest.suggested)
            if one is None or self.admits(digest.facts[place], one.choice)
        ]
        return digest._replace(
            facts=tuple(digest.facts[place] for place in kept),
            signs=tuple(digest.signs[place] for place in kept),
            suggested=tuple(digest.suggested[place] for place in kept),
        )

    def decided(self, digest: SourceDigest) -> list[tuple[FactRow, Suggestion, bool]]:
        """The suggestions of a source, and which of them are notes."""
        found = ((digest.facts[place], one) for place, one in enumerate(digest.suggested) if one)
        return [(fact, one, self.admits(fact, one.choice)) for fact, one in found]

    def left(self, source: CompiledSource) -> list[CompiledNote]:
        """The suggestions of a source that nobody decided on."""
        return [one for one in source.prepared if one.suggested and not self.admits(fact_of(one), one.suggested)]


def admission_by_lock(choices: Choices, lock: Lock, *, takes_all: bool = False) -> Admission:
    """By a lock that is read."""
    lines = [line for several in lock.variants.values() for line in several] + list(lock.lines)
    guids = {line.guid for line in lines}

    @cache  # asked of suggestions alone
    def known() -> tuple[set[tuple[Guid, int]], set[Guid]]:
        project = lock.header.project
        notes = {(make_guid(project, key_of(line), ""), text_key(line.kind, line.rule, line.digest)) for line in lines}
        return notes, {key for key, _ in notes}

    return Admission(
        choices,
        lambda key: key in known()[1],
        lambda key, text: (key, text) in known()[0],
        guids.__contains__,
        takes_all=takes_all,
    )


def rendered_suggestion(one: CompiledNote, files: MediaReader, options: RenderOptions) -> RenderedNote | None:
    """A suggestion as the note that it would be; None where it would have no card."""
    draft, _ = collect_media(one.draft, files)
    note = Note(draft, one.guid, natural_id(one.guid), 0, "new", first_numbers(draft), (draft.origin,))
    return render_compiled(note, one.shown if draft is one.draft else None, options)[0]


class LeavingNotes(Struct, frozen=True):
    """The notes that a build would retire, for suggestions to be compared with: one of these may be the same note,
    reworded.
    """

    asked: frozenset[Guid]  # what their keys ask for
    texts: Mapping[int, Sequence[str]]  # by rule

    @classmethod
    def of(cls, retired: Iterable[LockEntry], project: str) -> LeavingNotes:
        """Those of some lines."""
        asked: set[Guid] = set()
        texts: dict[int, list[str]] = {}
        for line in retired:
            asked.add(make_guid(project, key_of(line), ""))
            texts.setdefault(family_key(line.kind, line.rule), []).append(line.text)
        return cls(frozenset(asked), texts)

    def may_have_become(self, family: int, asked: Guid, text: str) -> bool:
        """Whether a suggestion of a rule may be one of them: it has the same key, or a text that is much alike."""
        texts = self.texts.get(family)
        return texts is not None and (asked in self.asked or most_similar(text, texts, _ALIKE) >= _ALIKE)

    def among(self, suggestions: Iterable[CompiledNote]) -> list[CompiledNote]:
        """The suggestions that may be one of them."""
        if not self.texts:
            return []
        known = ((one, suggestion_of(one)) for one in suggestions)
        return [one for one, row in known if self.may_have_become(row.family, one.guid, row.said)]


def copies_of(lines: Iterable[LockEntry], suggestions: Sequence[CompiledNote]) -> list[CompiledNote]:
    """The suggestions that say word for word what a note of the deck says, in another place."""
    if not suggestions:
        return []
    said = {(line.kind, line.rule, line.key, line.digest) for line in lines}
    return [
        one for one in suggestions if (one.draft.kind, one.draft.identity, one.normal.key, one.normal.digest) in said
    ]
