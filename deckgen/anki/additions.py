"""Notes that are not in Anki → as they go into it: in the note types that are there, whatever the learner made of them.

They go as a package of these notes only, because nothing else gives Anki a note with its GUID and its place among the
new cards. The package has the note types by the names that they have in Anki, without ids and with the oldest modified
time: so Anki takes them for its own and changes nothing of them, and never makes a second one (`deckgen Basic+`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import accumulate

from msgspec.structs import replace

from deckgen.anki.anki_state import AnkiNoteType, AnkiState
from deckgen.anki.plan import NewNote
from deckgen.anki.push_record import PushRecord
from deckgen.anki.three_way import map_fields
from deckgen.build.view import Build, note_type_of, note_types_of
from deckgen.model import Guid, Html, RenderedNote
from deckgen.rendering.baseline import FIELD, baseline_of, format_baseline, has_baseline, name_digest
from deckgen.rendering.note_types import NoteField, NoteType, Template


def new_notes(
    missing: Iterable[RenderedNote], build: Build, state: AnkiState, record: PushRecord, now: int
) -> list[NewNote]:
    """Each with the place among new cards that it has in the package of the whole project. `now`, in seconds, is what
    their ids in Anki are made of.
    """
    missing = list(missing)
    if not missing:
        return []
    positions = {note.guid: index for index, note in enumerate(build.identified.notes, 1)}
    decks = _decks_renamed_in_anki(build, state, record)
    ids = ids_of_now(missing, now)
    types = {note_type.name: note_type for note_type in note_types_of(build)}  # with the CSS of deck.yaml
    found = []
    for rendered, number in zip(missing, ids, strict=True):
        ours = types[note_type_of(build, rendered.note.draft.note_type).name]
        note_type = _as_in_anki(ours, state.note_types.get(ours.id))
        baseline = format_baseline(replace(baseline_of(rendered, ours), is_placed=True))
        fields = dict(zip(ours.field_names, rendered.fields, strict=True))
        if has_baseline(ours):
            fields[FIELD] = Html(baseline)
        mapping = {theirs: name for name, theirs in map_fields(ours.field_names, note_type.field_names).items()}
        draft = rendered.note.draft
        draft = replace(draft, deck=decks.get(name_digest(draft.deck), draft.deck))
        # Should Anki know the GUID after all, a note of this time is never taken for a newer one.
        mod = rendered.note.id // 1000
        note = replace(rendered.note, draft=draft, id=number, mod=mod, is_held_back=False)
        adapted = replace(
            rendered,
            note=note,
            model=note_type.name,
            fields=tuple(fields.get(mapping.get(name, ""), Html("")) for name in note_type.field_names),
            cards=tuple(c for c in rendered.cards if ours.is_cloze or c < len(note_type.templates)),
        )
        found.append(NewNote(adapted, note_type, positions[note.guid], "" if has_baseline(ours) else baseline))
    return found


def carrier_guid(note_type: int) -> str:
    """What the note is known by that brings a note type into Anki."""
    return f"deckgencarrier{name_digest(str(note_type))}"


def as_carrier(one: NewNote) -> NewNote:
    """A note of the same note type that says nothing: it only brings the type into Anki, and is deleted again."""
    rendered, note_type = one.rendered, one.note_type
    guid = Guid(carrier_guid(note_type.id))
    said = {note_type.field_names[0]: "{{c1::deckgen}} brought its note type with this note; delete it", "ID": guid}
    fields = tuple(Html(said.get(name, "")) for name in note_type.field_names)
    note = replace(rendered.note, guid=guid, draft=replace(rendered.note.draft, schedules=()))
    return replace(one, rendered=replace(rendered, note=note, fields=fields, cards=(0,), media=()), baseline="")


def ids_of_now(missing: Sequence[RenderedNote], now: int) -> list[int]:
    """Note ids in milliseconds. To Anki the id of a note, or of a card, is the moment in which it was added, and a
    card's id is that of its note and its ordinal: so there is room between them, and none is in the future.
    """
    sizes = [max(rendered.cards, default=0) + 1 for rendered in missing]
    first = now * 1000 - sum(sizes)
    return [first + before for before in accumulate(sizes, initial=0)][:-1]


def _as_in_anki(ours: NoteType, theirs: AnkiNoteType | None) -> NoteType:
    """Without ids Anki goes by the names; with `mod` 0 it takes over neither templates nor CSS."""
    if theirs is None:
        return ours
    fields = tuple(NoteField(name, 0) for name in theirs.fields)
    templates = tuple(Template(t.name, 0, t.front, t.back) for t in theirs.templates)
    return NoteType(theirs.name, ours.id, fields, templates, theirs.css, ours.is_cloze, 0)


def _decks_renamed_in_anki(build: Build, state: AnkiState, record: PushRecord) -> dict[str, str]:
    """Digest of a deck of ours that is not there → the deck that the learner made of it: the one that has its id, else
    the one in which most of its cards are.
    """
    names = {name_digest(name) for name in state.decks}
    by_id = {number: name for name, number in state.deck_ids.items()}
    places: dict[str, Counter[str]] = {}
    for rendered in build.notes:
        key = name_digest(rendered.note.draft.deck)
        if key not in names:
            note = state.notes.get(rendered.note.guid)
            places.setdefault(key, Counter()).update(card.deck for card in (note.cards if note else ()) if card.deck)
    found = {key: by_id.get(record.decks.get(key, 0), "") or _majority(decks) for key, decks in places.items()}
    return {key: name for key, name in found.items() if name}


def _majority(decks: Counter[str]) -> str:
    """The deck of more than half of the cards; empty where there is none."""
    (name, number), *_ = decks.most_common(1) or [("", 0)]
    return name if number * 2 > decks.total() else ""
