"""What came of one source, as it is kept in the store and passes between processes."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import TypeGuard, TypeVar

import msgspec
from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.extraction.rival_values import Sign
from deckgen.identity.facts import NormalForm
from deckgen.identity.guid_field import search_id
from deckgen.model import Draft, Guid, Html, Note, RenderedNote
from deckgen.rendering.note_types import NoteType


class RenderedDraft(Struct, frozen=True, array_like=True):
    """A rendered draft: what its note shows if it has these numbers, no media and, but for its ID, this GUID."""

    guid: Guid
    fields: tuple[Html, ...]
    cards: tuple[int, ...]
    numbers: tuple[int, ...]
    seen: str  # `visible_digest`
    stamp: str


class CompiledNote(Struct, frozen=True, array_like=True):
    """A draft, and what else depends on nothing but it."""

    draft: Draft
    shown: RenderedDraft | None
    normal: NormalForm
    guid: Guid  # that the key asks for
    sign: Sign | None = None  # what its rivals look at
    suggested: str = ""  # of a draft that is less sure than a note has to be: its `choice_digest`


class CompiledSource(Struct, frozen=True, array_like=True):
    """What came of one source. The lines of its diagnostics are with them, since the text will not be."""

    path: str
    prepared: tuple[CompiledNote, ...]
    languages: tuple[str, ...]
    untried: tuple[str, ...] = ()  # identities of rules
    diagnostics: tuple[Diagnostic, ...] = ()
    matched: tuple[str, ...] = ()  # the rules whose templates have a say in it


def is_rendering_of(rendered: RenderedDraft | None, note: Note) -> TypeGuard[RenderedDraft]:
    """Whether a note shows what its draft was rendered as."""
    return (
        rendered is not None
        and not note.draft.worded
        and rendered.numbers == note.cloze
        and len(note.origins) <= 1
        and not note.draft.media
    )


def as_rendered(note: Note, rendered: RenderedDraft, note_type: NoteType) -> RenderedNote:
    """A note as its draft was rendered, with its own GUID."""
    if note.guid == rendered.guid:
        return RenderedNote(note, note_type.name, rendered.fields, rendered.cards, (), rendered.seen, rendered.stamp)
    fields, place = rendered.fields, _id_place(note_type.field_names)
    if place >= 0 and all(name != "ID" for name, _ in note.draft.fields):
        fields = (*fields[:place], Html(search_id(note.guid)), *fields[place + 1 :])
    return RenderedNote(note, note_type.name, fields, rendered.cards, (), rendered.seen)


@lru_cache(maxsize=64)
def _id_place(names: tuple[str, ...]) -> int:
    return names.index("ID") if "ID" in names else -1


class ViewedNote(Struct, frozen=True, array_like=True):
    """As much of a compiled note as commands look at."""

    draft: Draft
    shown: RenderedDraft | None = None


class ViewedSource(Struct, frozen=True, array_like=True):
    """As much of a compiled source."""

    path: str
    prepared: tuple[ViewedNote, ...] = ()


Decoded = TypeVar("Decoded")

_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(CompiledSource)
_VIEW_DECODER = msgspec.msgpack.Decoder(ViewedSource)


def encode_unit(notes: CompiledSource) -> bytes:
    """What came of a source as bytes: between processes, and on the disk."""
    return zlib.compress(_ENCODER.encode(notes), 1)


def decode_unit(data: bytes) -> CompiledSource | None:
    """The same back; None for what `encode_unit` did not make."""
    return _decoded(data, _DECODER)


def view_unit(data: bytes) -> ViewedSource | None:
    """As much of it as commands look at."""
    return _decoded(data, _VIEW_DECODER)


def _decoded(data: bytes, decoder: msgspec.msgpack.Decoder[Decoded]) -> Decoded | None:
    try:
        return decoder.decode(zlib.decompress(data))
    except (zlib.error, msgspec.DecodeError, ValueError):
        return None
