"""A source in the store, and which notes its drafts are → the notes as the last build left them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from deckgen.build.index_rows import DecidedNote
from deckgen.build.store import SourceCache
from deckgen.build.unit import ViewedSource, as_rendered
from deckgen.model import Note, RenderedNote
from deckgen.rendering.note_types import NoteType


def stored_notes(
    store: SourceCache, path: str, environment: str, digest: str, note_type: Callable[[str], NoteType]
) -> Iterator[tuple[Note, RenderedNote | None]]:
    """The notes of a source, and what is shown of them. Raises LookupError where the store has not got them."""
    source = store.view(path, environment, digest)
    if source is None:
        raise LookupError(path)
    for one in store.index.decided(path):
        yield _note(source, one, note_type)


def _note(
    source: ViewedSource, one: DecidedNote, note_type: Callable[[str], NoteType]
) -> tuple[Note, RenderedNote | None]:
    compiled = source.prepared[one.ordinal]
    draft = compiled.draft if one.own is None else one.own.draft
    note = Note(
        draft,
        one.guid,
        one.id,
        one.mod,
        "unchanged",
        one.cloze,
        one.origins,
        is_held_back=one.is_held_back,
        is_declined=one.is_declined,
        is_skipped=one.is_skipped,
    )
    if not one.is_shown:
        return note, None
    if one.own is not None:
        return note, RenderedNote(note, one.own.model, one.own.fields, one.own.cards, one.own.media)
    assert compiled.shown is not None
    return note, as_rendered(note, compiled.shown, note_type(draft.note_type))
