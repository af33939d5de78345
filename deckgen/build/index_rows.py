"""What the index holds: of a draft, of a decided note, of what the package has of a source; what each is found by."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from deckgen.diagnostics import Diagnostic
from deckgen.model import Draft, Guid, Html, MediaFile, Origin
from deckgen.rendering.note_types import NoteType


class MadeSource(msgspec.Struct, frozen=True, array_like=True):
    """What the package has of a source, and what is said about it."""

    ids: tuple[int, ...]  # of the notes that are in the package, in order
    total: int  # notes, also those without a card
    shown: int  # notes with a card, also those that are held back
    cards: int  # in the package
    held: int  # back, since a picture is missing
    declined: int  # by the learner, in Anki
    skipped: int  # by the learner's decision
    decided: tuple[str, ...]  # GUIDs that decisions about its notes name
    held_apart: tuple[str, ...]  # where notes stand that are not made: another one asks the same
    latest: int  # modified time of the newest note, in seconds
    decks: tuple[str, ...]
    media: tuple[MediaFile, ...]
    looked_at: tuple[str, ...]  # paths of pictures and sounds
    pictures: tuple[tuple[str, str], ...]  # as lines remember them
    has_media: bool  # whether what its notes are depends on other files
    is_missing_media: bool
    diagnostics: tuple[Diagnostic, ...]
    findings: tuple[tuple[str, ...], ...] = ()  # kinds, of each note in the package that has any


class OwnRendering(msgspec.Struct, frozen=True, array_like=True):
    """What a note shows where that is not what came of its source alone."""

    draft: Draft
    model: str
    fields: tuple[Html, ...]
    cards: tuple[int, ...]
    media: tuple[MediaFile, ...]


class StoredOptions(msgspec.Struct, frozen=True, array_like=True):
    """What commands ask about a build beside its notes."""

    rules: tuple[str, ...] = ()
    packs: tuple[str, ...] = ()
    note_types: dict[str, NoteType] = {}


class DecidedNote(msgspec.Struct, frozen=True, array_like=True):
    """Which note a draft is, as the last build left it."""

    ordinal: int  # of the draft among those of its source
    guid: Guid
    id: int
    mod: int
    cloze: tuple[int, ...] = ()
    is_shown: bool = True  # Anki makes a card of it
    is_held_back: bool = False
    is_declined: bool = False
    is_skipped: bool = False
    origins: tuple[Origin, ...] = ()
    own: OwnRendering | None = None


FactRow = tuple[Guid, int, bool, int]
"""What the index holds of a draft: what its key asks for, what its text is found by, whether it may show pictures, and
what a decision whose GUID is lost is found by.
"""


def text_key(kind: str, rule: str, digest: str) -> int:
    """What a text that a rule made a note of is found by."""
    return _number(f"{kind}\0{rule}\0{digest}".encode())


def choice_key(of: str) -> int:
    """What a draft is found by that a decision was made of."""
    return _number(of.encode())


def answer_key(kind: str, rule: str, answer: str) -> int:
    """What an answer to a rule's questions is found by."""
    return _number(f"{kind}\0{rule}\0\0{answer}".encode("utf-8", "surrogatepass"))


def family_key(kind: str, rule: str) -> int:
    """What the notes of a rule are found by."""
    return _number(f"{kind}\0{rule}".encode())


def row_key(row: bytes | memoryview) -> int:
    """What a line, as it is written, is known by."""
    return _number(row)


def _number(data: bytes | memoryview) -> int:
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big", signed=True)


def sort_key(path: str) -> str:
    """In the order of the sources: folder by folder."""
    return path.replace("/", "\0")
