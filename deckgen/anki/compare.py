"""One note as the build has it × as Anki has it → what is done to it, and what of it is kept."""

from __future__ import annotations

from dataclasses import dataclass, replace

from deckgen.anki.anki_state import NoteThere
from deckgen.anki.plan import RETIRED_TAG, Choice, Conflict, Edited, Kind, NotePlan, Placed, Wishes
from deckgen.anki.push_record import Memory
from deckgen.anki.three_way import DeckMerge, FieldMerge, map_fields, merge_decks, merge_fields, merge_tags
from deckgen.identity.guid_field import search_id
from deckgen.identity.lock import LockLine
from deckgen.model import RenderedNote
from deckgen.rendering.baseline import (
    FIELD,
    Stamp,
    digest,
    format_stamp,
    is_stamped,
    name_digest,
    parse_stamp,
    stamp_of,
    tag_digests,
)
from deckgen.rendering.note_types import NoteType


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a note beside its two versions."""

    memory: Memory
    before: LockLine | None  # as the lock had it before this build
    line: LockLine | None
    note_type: NoteType | None  # the one of ours that it has in Anki


@dataclass(frozen=True, slots=True)
class Compared:
    """The outcome. `stamp` is what the memory has to keep of a note that has no field for it."""

    guid: str
    rendered: RenderedNote | None = None
    plan: NotePlan | None = None
    conflict: Conflict | None = None
    edited: Edited | None = None
    placed: Placed | None = None
    waiting: int = 0
    stamp: str = ""


def compare(
    rendered: RenderedNote, there: NoteThere, note_type: NoteType, known: Known, wishes: Wishes
) -> Compared | None:
    """What becomes of a note that stands in the sources; None for one of a note type that deckgen did not make."""
    guid, draft = rendered.note.guid, rendered.note.draft
    if there.note_type != note_type.id and not _is_like(there, note_type, guid):
        return None
    base = _base(there, note_type, known)
    skipped = FIELD if is_stamped(note_type) else ""
    merged = merge_fields(note_type.field_names, rendered.fields, there.fields, base, skipped)
    open_fields = tuple(one for one in merged if one.verdict in ("conflict", "unknown"))
    choice: Choice = wishes.choices.get(guid, wishes.conflicts) if open_fields else "ours"
    written = tuple(one for one in merged if _is_written(one, choice))
    add, remove = merge_tags(draft.tags, there.tags, base)
    former = known.line.decks if known.line is not None else ()
    placing = merge_decks(draft.deck, there.cards, base, former)
    is_back, release = _coming_back(there, base)
    remove += [RETIRED_TAG] if RETIRED_TAG in there.tags and RETIRED_TAG not in remove else []
    is_changed = bool(written or add or remove or placing.moves or is_back)
    stamp = _next_stamp(rendered, note_type, merged, choice, base, placing)
    is_unsure = base is not None and not base.is_placed and bool(former) and not placing.waiting
    is_noted = is_changed or choice == "theirs" or (base is not None and (is_unsure or not _says_the_same(stamp, base)))
    text = format_stamp(stamp) if is_noted else ""
    writes = {one.there: one.new for one in written} | _stamp_write(there, note_type, text)
    plan = None
    if writes or is_changed:
        plan = NotePlan(
            _kind(is_back=is_back, written=written, placing=placing, is_changed=is_changed),
            there,
            rendered,
            writes,
            fields=written,
            add_tags=tuple(add),
            remove_tags=tuple(remove),
            moves=placing.moves,
            deck=draft.deck,
            release=release,
        )
    edited = tuple(one for one in merged if one.verdict == "edited")
    return Compared(
        guid,
        rendered,
        plan,
        Conflict(there, rendered, open_fields, choice) if open_fields else None,
        Edited(there, rendered, edited) if edited else None,
        Placed(there, rendered, placing.moved_there) if placing.moved_there else None,
        len(placing.waiting),
        "" if is_stamped(note_type) else text,
    )


def _coming_back(there: NoteThere, base: Stamp | None) -> tuple[bool, tuple[int, ...]]:
    """Whether the note was retired, and the cards that were suspended for it: all, where nobody remembers which."""
    remembered = base.retired if base is not None else None
    if remembered is None and RETIRED_TAG not in there.tags:
        return False, ()
    cards = [card for card in there.cards if remembered is None or card.id in remembered]
    return True, tuple(card.id for card in cards if card.is_suspended)


def _stamp_write(there: NoteThere, note_type: NoteType, text: str) -> dict[str, str]:
    """The field to write a stamp into, where the note type has one and it does not stand there yet."""
    field = map_fields(note_type.field_names, tuple(there.fields)).get(FIELD) if is_stamped(note_type) else None
    return {field: text} if field and text and there.fields[field] != text else {}


def _kind(*, is_back: bool, written: tuple[FieldMerge, ...], placing: DeckMerge, is_changed: bool) -> Kind:
    if is_back:
        return "restored"
    if written:
        return "updated"
    if placing.moves:
        return "moved"
    return "tagged" if is_changed else "noted"


def retire(there: NoteThere, known: Known) -> Compared | None:
    """Suspend the cards of a note that left the sources, once: a learner who brings one back has it so."""
    if known.note_type is None:
        return None
    base = _base(there, known.note_type, known) or Stamp(None)
    if base.retired is not None and not base.is_retiring:
        return None
    cards = base.retired
    if cards is None:  # the tag stands there already where a push was interrupted that could leave no stamp
        is_interrupted = RETIRED_TAG in there.tags
        cards = tuple(card.id for card in there.cards if is_interrupted or not card.is_suspended)
    stamp = replace(base, retired=cards, is_retiring=False)
    writes = _stamp_write(there, known.note_type, format_stamp(stamp))
    plan = NotePlan(
        "retired",
        there,
        None,
        writes,
        announces=dict.fromkeys(writes, format_stamp(replace(stamp, is_retiring=True))),
        add_tags=() if RETIRED_TAG in there.tags else (RETIRED_TAG,),
        suspend=tuple(card.id for card in there.cards if card.id in cards and not card.is_suspended),
    )
    return Compared(there.guid, plan=plan, stamp="" if is_stamped(known.note_type) else format_stamp(stamp))


def _is_like(there: NoteThere, note_type: NoteType, guid: str) -> bool:
    """Whether its note type is one that an import made of ours, where the learner had changed that."""
    fields = there.fields
    return "ID" in fields and fields["ID"] == search_id(guid) and all(n in fields for n in note_type.field_names)


def _base(there: NoteThere, note_type: NoteType, known: Known) -> Stamp | None:
    """What deckgen wrote last: from the note, from the memory, or, of a note untouched since its import, all it has."""
    names = note_type.field_names
    mapping = map_fields(names, tuple(there.fields))
    text = there.fields.get(mapping.get(FIELD, ""), "") if is_stamped(note_type) else ""
    stamp = parse_stamp(text or known.memory.stamps.get(there.guid, ""), names)
    if stamp is not None and stamp.fields is not None:
        return stamp
    times = {line.mod for line in (known.before, known.line) if line is not None}
    times |= {known.line.id // 1000} if known.line is not None else set()
    if there.mod not in times:
        return stamp
    digests = tuple(digest(there.fields.get(mapping.get(name, ""), "")) if name != FIELD else "" for name in names)
    return Stamp(digests, tag_digests(there.tags), retired=stamp.retired if stamp else None)


def _is_written(one: FieldMerge, choice: Choice) -> bool:
    """A conflict that nobody decided leaves the whole note: half of an update may be a wrong card."""
    if one.verdict == "update":
        return choice != "skip"
    return one.verdict in ("conflict", "unknown") and choice == "ours"


def _next_stamp(
    rendered: RenderedNote,
    note_type: NoteType,
    merged: list[FieldMerge],
    choice: Choice,
    base: Stamp | None,
    placing: DeckMerge,
) -> Stamp:
    """What there is to remember once the plan is carried out."""
    ours = stamp_of(rendered, note_type)
    fields = ours.fields
    if choice == "skip":
        fields = base.fields if base is not None else None
        if fields is not None and ours.fields is not None:
            same = {one.name for one in merged if one.verdict == "same"}
            fields = tuple(
                new if name in same else old
                for name, old, new in zip(note_type.field_names, fields, ours.fields, strict=True)
            )
    if placing.waiting and base is not None:
        return Stamp(fields, ours.tags, base.deck, base.is_placed)
    return Stamp(fields, ours.tags, name_digest(rendered.note.draft.deck), is_placed=True)


def _says_the_same(stamp: Stamp, base: Stamp) -> bool:
    """Whether nothing is gained by writing the stamp: that cards are where a package put them goes without saying."""
    return replace(stamp, is_placed=base.is_placed) == base if stamp.deck == base.deck else stamp == base
