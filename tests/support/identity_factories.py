"""Drafts and builds for the tests of identity: short to write, with all that identity looks at."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from deckgen.diagnostics import Span
from deckgen.identity.identified import Identified
from deckgen.identity.identify import identify
from deckgen.identity.lock import Lock, LockEntry, format_lock, new_lock, parse_lock
from deckgen.identity.scope import Scope
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft, Markdown, MediaFile, Note, Origin

NOW = 1_750_000_000


def deletions(text: str) -> Markdown:
    """`⟦text¦hint⟧` as the marks of a draft's field."""
    for shown, mark in (("⟦", DELETION_OPEN), ("¦", DELETION_HINT), ("⟧", DELETION_CLOSE)):
        text = text.replace(shown, mark)
    return Markdown(text)


def fact(
    question: str,
    answer: str,
    text: str | None = None,
    *,
    path: str = "a.md",
    headings: tuple[str, ...] = (),
    rule: str = "facts/is",
    kind: str = "Basic",
    note_type: str | None = None,
    front: str = "{}?",
    key: tuple[str, ...] | None = None,
    outside: str = "",
    deck: str = "Deck",
    tags: tuple[str, ...] = (),
    media: tuple[MediaFile, ...] = (),
    is_missing_media: bool = False,
    ids: tuple[str, ...] = (),
    former: tuple[tuple[str, tuple[str, ...]], ...] = (),
    line: int = 1,
) -> Draft:
    """A Basic note. `outside`: an outside capture that the question uses."""
    text = f"{question}：{answer}" if text is None else text
    asked = f"{outside}\n{question}" if outside else question
    return Draft(
        rule=rule,
        identity=rule,
        kind=kind,
        note_type=note_type or kind,
        fields=(("Front", Markdown(front.format(question))), ("Back", Markdown(answer))),
        key=key if key is not None else ((outside, question) if outside else (question,)),
        question=asked,
        answer=answer,
        text=f"{text}\n{outside}" if outside else text,
        origin=Origin(Span(path, line), text, headings),
        deck=deck,
        tags=tags,
        media=media,
        missing_media=("a.png",) if is_missing_media else (),
        ids=ids,
        former=former,
    )


def cloze(
    text: str,
    *,
    numbers: tuple[int, ...] = (),
    kind: str = "Cloze",
    path: str = "a.md",
    line: int = 1,
    rule: str = "marks/gap",
) -> Draft:
    """A cloze note of `A ⟦deleted¦hint⟧ text`."""
    marked = deletions(text)
    plain, around, deleted = [], [], []
    for index, piece in enumerate(text.replace("⟦", "⟧").split("⟧")):
        shown = piece.split("¦")[0] if index % 2 else piece
        plain.append(shown)
        around.append("[…]" if index % 2 else shown)
        deleted.extend([shown] if index % 2 else [])
    return Draft(
        rule=rule,
        identity=rule,
        kind=kind,
        note_type="Cloze",
        fields=(("Text", marked),),
        key=("".join(around),),
        question="".join(around),
        answer="\n".join(deleted),
        text="".join(plain),
        origin=Origin(Span(path, line), "".join(plain)),
        deck="Deck",
        cloze_numbers=numbers,
    )


def scope_of(drafts: Iterable[Draft], **more: object) -> Scope:
    """Every path that a draft stands in was read."""
    return Scope(frozenset(draft.origin.span.path for draft in drafts), **more)  # type: ignore[arg-type]


@dataclass
class Project:
    """Builds one after the other; the lock goes through its text each time, as on disk."""

    name: str = "test"
    lock: Lock = field(default_factory=lambda: new_lock("test"))
    clock: Iterable[int] = field(default_factory=lambda: itertools.count(NOW, 100))
    last: Identified | None = None

    def build(self, *drafts: Draft, now: int | None = None, **scope: object) -> Identified:
        """Build these drafts; what the scope does not say otherwise was read in full."""
        moment = now if now is not None else next(iter(self.clock))  # type: ignore[call-overload]
        before = self.lock
        result = identify(drafts, before, scope_of(drafts, **scope), moment)
        text = format_lock(result.lock)
        self.lock, problems = parse_lock(text, "deck.lock")
        assert not problems
        assert format_lock(self.lock) == text
        known = {line.guid: line.kind for line in before.lines}
        after = {line.guid: line.kind for line in self.lock.lines}
        assert known.items() <= after.items(), "a GUID left the lock, or changed its kind"
        assert len({line.id for line in self.lock.lines}) == len(self.lock.lines)
        self.last = result
        return result

    def guids(self, *drafts: Draft, **scope: object) -> list[str]:
        """The GUIDs of the notes of a build, in the order of the drafts."""
        return [note.guid for note in self.build(*drafts, **scope).notes]

    def text(self) -> str:
        """deck.lock."""
        return format_lock(self.lock)

    def line(self, guid: str) -> LockEntry:
        """The line of a note."""
        return next(line for line in self.lock.lines if line.guid == guid)


def by_question(notes: Sequence[Note]) -> Mapping[str, Note]:
    """The notes by what they ask."""
    return {note.draft.question: note for note in notes}


def merged(ours: str, theirs: str) -> str:
    """Two locks after git's union merge at its worst: every line of both."""
    return "\n".join(dict.fromkeys([*ours.splitlines(), *theirs.splitlines()])) + "\n"
