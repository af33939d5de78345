"""The frozen values that pass between the steps of a build, in the order in which they arise."""

from __future__ import annotations

from typing import Literal, NamedTuple, NewType

from msgspec import Struct, field

from deckgen.diagnostics import Span

Guid = NewType("Guid", str)
"""16 characters of lower-case base32: what Anki knows a note by."""
GUID_LENGTH = 500
"""Characters that a GUID may have. Anki gives 10; other tools, 64 at most."""
LAST_SECOND = 253_402_300_799
"""The end of the year 9999: no modified time is later, so that SQLite and Anki can count on from each."""
LAST_NOTE_ID = LAST_SECOND * 1000
"""Note ids are milliseconds: that of the same second."""
Html = NewType("Html", str)
Markdown = NewType("Markdown", str)

Change = Literal["new", "updated", "moved", "retired", "restored", "unchanged"]
"""What a build does to one note against the lock."""

Confidence = Literal["maybe", "likely", "sure"]
"""How sure it is that a note is a good one."""
CONFIDENCES: tuple[Confidence, ...] = ("maybe", "likely", "sure")
"""From the least on."""


def is_at_least(confidence: Confidence, least: Confidence) -> bool:
    """Whether a level is as high as another one."""
    return CONFIDENCES.index(confidence) >= CONFIDENCES.index(least)


# A cloze deletion inside a draft's field, before it has its number: OPEN text [HINT hint] CLOSE. Private-use
# characters, which `documents` takes out of every source, so that no note can forge one.
DELETION_OPEN, DELETION_HINT, DELETION_CLOSE = "\ue010", "\ue011", "\ue012"


class Source(Struct, frozen=True):
    """One Markdown file, as read: decoded, without a byte order mark, with Unix line ends."""

    path: str  # relative to the deck project, `/` between folders
    text: str  # empty until it is read
    digest: str = ""  # of a text that need not be read, because the store knows what comes of it
    is_read: bool = True


class Origin(Struct, frozen=True, array_like=True):
    """Where a note comes from: the element's lines, its verbatim text and the headings above it, outermost first."""

    span: Span
    text: str
    headings: tuple[str, ...] = ()  # the plain text of the headings above, then of the items above
    context: tuple[str, ...] | None = None  # the same as a card shows them: of an item its label; None: as they are
    note_name: str = ""  # what the whole note is about, where no heading says it

    @property
    def shown_headings(self) -> tuple[str, ...]:
        """The headings above, as a card shows them."""
        return self.headings if self.context is None else self.context

    @property
    def shown_names(self) -> tuple[str, ...]:
        """All that says what a card is about, outermost first: the name of the note, then the headings above."""
        return (self.note_name, *self.shown_headings) if self.note_name else self.shown_headings


class MediaFile(Struct, frozen=True, array_like=True):
    """A picture or sound that a field names: the reference as written, and the digest (SHA-256, hex) of its bytes."""

    reference: str
    path: str  # relative to the deck project
    digest: str
    name: str  # flat ASCII name in the package, made of the content


class CardSchedule(NamedTuple):
    """When another tool wants to ask a card again. An `interval` of 0: it never asked it."""

    due: int = 0  # days since 1970
    interval: int = 0  # days
    ease: int = 0  # per cent; 0 where that is not known


class Draft(Struct, frozen=True, array_like=True):
    """A note before it has an identity: what one rule made of one element.

    `key`, `question`, `answer` and `text` are *not yet normalised*: they are Markdown as captured; identity
    normalises them. `key` holds the values that name the note, outside captures first, then in source order;
    `question` those captures in the first field, `answer` the others; `text` the element's own text with the outside
    captures that question or answer use. For a cloze, `question` is the text around the deletions (each replaced by
    `[…]`), `answer` the deletions joined by a newline.
    """

    rule: str  # `<pack>/<id>`
    identity: str  # what the rule's notes are known by, `<pack>/<id>` unless the rule says otherwise
    kind: str  # "Basic", "Cloze", "Cloze together", or an own note type's name
    note_type: str  # as the rule says: "Basic", "Reversed", "Typed", "Cloze", or an own note type's name
    fields: tuple[tuple[str, Markdown], ...]  # of the note type, filled templates
    key: tuple[str, ...]
    question: str
    answer: str
    text: str
    origin: Origin
    deck: str
    tags: tuple[str, ...] = ()
    media: tuple[MediaFile, ...] = ()
    missing_media: tuple[str, ...] = ()  # references of pictures and sounds that a field names and that cannot be had
    has_explicit_id: bool = False  # the key is an id on a line, written there by another tool
    cloze_numbers: tuple[int, ...] = ()  # `numbering: as-written` only: the number of each deletion, in order
    former: tuple[tuple[str, tuple[str, ...]], ...] = ()  # what it may be known by in an older lock: identity and key
    apart: bool = False  # its front must tell it from notes with other answers
    owner: str = ""  # Markdown: the nearest name above an entry
    role_key: tuple[str, ...] = ()  # of an entry whose label may turn out to be a role: its key then
    ids: tuple[str, ...] = ()  # of `key`: what no field shows, so that the author wrote it to name the note
    confidence: Confidence = "likely"
    confidence_terms: tuple[tuple[str, int], ...] = ()  # why it is another one than the rule says, with points
    other_ids: tuple[str, ...] = ()  # by which the tool that its notes were written for knows it in Anki
    schedules: tuple[CardSchedule, ...] = ()  # of its cards in another tool, in the order in which that asks them
    embeds: tuple[str, ...] = ()  # paths of other notes of which a field shows something
    worded: tuple[str, ...] = ()  # fields in the learner's own words
    html_fields: tuple[str, ...] = ()  # of these: those that are HTML, not Markdown

    @property
    def is_missing_media(self) -> bool:
        """Whether some picture or sound that a field names cannot be had."""
        return bool(self.missing_media)


class Note(Struct, frozen=True):
    """A draft with an identity. `cloze` is the number of each deletion, in order of appearance."""

    draft: Draft
    guid: Guid
    id: int  # milliseconds, whole seconds: Anki's note id
    mod: int  # seconds: Anki's modified time
    change: Change
    cloze: tuple[int, ...] = ()
    origins: tuple[Origin, ...] = ()  # all the places it stands in, the first of them the draft's own
    reason: str = ""  # why a changed text is the same note (the pass that paired it)
    is_held_back: bool = False  # not in the package: a picture it had is missing, `is_declined`, `is_skipped`
    is_declined: bool = False  # the learner deleted it in Anki
    is_skipped: bool = False  # the learner decided that it is no card


class RenderedNote(Struct, frozen=True):
    """A note as the package stores it: field HTML in the order of its note type's fields."""

    note: Note
    model: str  # name of the note type in Anki, e.g. "deckgen Basic"
    fields: tuple[Html, ...]
    cards: tuple[int, ...]  # ordinals of its cards, from 0
    media: tuple[MediaFile, ...] = field(default=())
    seen: str = ""  # the digest of what is seen of it, where that is known already
    stamp: str = ""  # what `stamps` writes into it, where that is known already


def next_modified(before: int, now: int) -> int:
    """The modified time of what changed: now, and later than before, for Anki takes over no other. In seconds."""
    return min(max(before + 1, now), LAST_SECOND)
