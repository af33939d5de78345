"""One note as the build has it × as Anki has it → what is done to it, and what of it is kept."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from deckgen.anki.anki_state import AnkiNote
from deckgen.anki.plan import RETIRED_TAG, Choice, Conflict, EditedByUser, Kind, MovedByUser, NotePlan, PushOptions
from deckgen.anki.push_record import PushRecord
from deckgen.anki.three_way import (
    DeckMerge,
    FieldMerge,
    has_tags_of_learning,
    map_fields,
    merge_decks,
    merge_fields,
    merge_tags,
)
from deckgen.identity.guid_field import search_id
from deckgen.identity.lock import LockEntry
from deckgen.model import RenderedNote
from deckgen.rendering.baseline import (
    FIELD,
    SyncBaseline,
    baseline_of,
    digest,
    format_baseline,
    has_baseline,
    name_digest,
    parse_baseline,
    tag_digests,
)
from deckgen.rendering.note_types import NoteType


class MergeBase(Struct, frozen=True):
    """What is known of a note beside its two versions."""

    record: PushRecord
    before: LockEntry | None  # as the lock had it before this build
    line: LockEntry | None
    note_type: NoteType | None  # the one of ours that it has in Anki


class NoteDiff(Struct, frozen=True):
    """The outcome. `baseline` is what the push record has to keep of a note that has no field for it."""

    guid: str
    rendered: RenderedNote | None = None
    plan: NotePlan | None = None
    conflict: Conflict | None = None
    edited: EditedByUser | None = None
    moved: MovedByUser | None = None
    waiting: int = 0
    baseline: str = ""


def compare(
    rendered: RenderedNote, in_anki: AnkiNote, note_type: NoteType, known: MergeBase, options: PushOptions
) -> NoteDiff | None:
    """What becomes of a note that stands in the sources; None for one of a note type that deckgen did not make."""
    guid, draft = rendered.note.guid, rendered.note.draft
    if in_anki.note_type != note_type.id and not _is_like(in_anki, note_type, guid):
        return None
    if _is_as_written(rendered, in_anki, note_type, known):
        return NoteDiff(guid, rendered)
    base = _base(in_anki, note_type, known)
    skipped = FIELD if has_baseline(note_type) else ""
    merged = merge_fields(note_type.field_names, rendered.fields, in_anki.fields, base, skipped)
    open_fields = tuple(one for one in merged if one.verdict in ("conflict", "unknown"))
    choice: Choice = options.choices.get(guid, options.conflicts) if open_fields else "ours"
    written = tuple(one for one in merged if _is_written(one, choice))
    add, remove = merge_tags(draft.tags, in_anki.tags, base)
    former = known.line.decks if known.line is not None else ()
    deck_merge = merge_decks(draft.deck, in_anki.cards, base, former)
    is_back, release = _coming_back(in_anki, base)
    remove += [RETIRED_TAG] if RETIRED_TAG in in_anki.tags and RETIRED_TAG not in remove else []
    is_changed = bool(written or add or remove or deck_merge.moves or is_back)
    baseline = _next_baseline(rendered, note_type, merged, choice, base, deck_merge)
    is_unsure = base is not None and not base.is_placed and bool(former) and not deck_merge.waiting
    is_noted = (
        is_changed or choice == "theirs" or (base is not None and (is_unsure or not _says_the_same(baseline, base)))
    )
    text = format_baseline(baseline) if is_noted else ""
    writes = {one.in_anki: one.new for one in written} | _baseline_write(in_anki, note_type, text)
    plan = None
    if writes or is_changed:
        plan = NotePlan(
            _kind(is_back=is_back, written=written, deck_merge=deck_merge, is_changed=is_changed),
            in_anki,
            rendered,
            writes,
            fields=written,
            add_tags=tuple(add),
            remove_tags=tuple(remove),
            moves=deck_merge.moves,
            deck=draft.deck,
            release=release,
        )
    edited = tuple(one for one in merged if one.verdict == "edited")
    return NoteDiff(
        guid,
        rendered,
        plan,
        Conflict(in_anki, rendered, open_fields, choice) if open_fields else None,
        EditedByUser(in_anki, rendered, edited) if edited else None,
        MovedByUser(in_anki, rendered, deck_merge.moved_in_anki) if deck_merge.moved_in_anki else None,
        len(deck_merge.waiting),
        "" if has_baseline(note_type) else text,
    )


def _is_as_written(rendered: RenderedNote, in_anki: AnkiNote, note_type: NoteType, known: MergeBase) -> bool:
    """Whether a note and its cards are to the letter as a package or a push left them: that of most notes."""
    draft, text = rendered.note.draft, in_anki.fields.get(FIELD, "")
    if not rendered.stamp or text not in (rendered.stamp, f"{rendered.stamp} p"):
        return False
    if text == rendered.stamp and known.line is not None and known.line.decks:  # nobody knows where its cards are
        return False
    ours = {**dict(zip(note_type.field_names, rendered.fields, strict=True)), FIELD: text}
    if in_anki.fields != ours or RETIRED_TAG in in_anki.tags or has_tags_of_learning(draft.tags):
        return False
    deck = name_digest(draft.deck)
    return not [card for card in in_anki.cards if name_digest(card.deck) != deck]


def _coming_back(in_anki: AnkiNote, base: SyncBaseline | None) -> tuple[bool, tuple[int, ...]]:
    """Whether the note was retired, and the cards that were suspended for it: all, where nobody remembers which."""
    remembered = base.retired if base is not None else None
    if remembered is None and RETIRED_TAG not in in_anki.tags:
        return False, ()
    cards = [card for card in in_anki.cards if remembered is None or card.id in remembered]
    return True, tuple(card.id for card in cards if card.is_suspended)


def _baseline_write(in_anki: AnkiNote, note_type: NoteType, text: str) -> dict[str, str]:
    """The field to write a baseline into, where the note type has one and it does not stand there yet."""
    field = map_fields(note_type.field_names, tuple(in_anki.fields)).get(FIELD) if has_baseline(note_type) else None
    return {field: text} if field and text and in_anki.fields[field] != text else {}


def _kind(*, is_back: bool, written: tuple[FieldMerge, ...], deck_merge: DeckMerge, is_changed: bool) -> Kind:
    if is_back:
        return "restored"
    if written:
        return "updated"
    if deck_merge.moves:
        return "moved"
    return "tagged" if is_changed else "noted"


def retire(in_anki: AnkiNote, known: MergeBase) -> NoteDiff | None:
    """Suspend the cards of a note that left the sources, once: a learner who brings one back has it so."""
    if known.note_type is None:
        return None
    base = _base(in_anki, known.note_type, known) or SyncBaseline(None)
    if base.retired is not None and not base.is_retiring:
        return None
    cards = base.retired
    if cards is None:  # the tag stands there already where a push was interrupted that could leave no baseline
        is_interrupted = RETIRED_TAG in in_anki.tags
        cards = tuple(card.id for card in in_anki.cards if is_interrupted or not card.is_suspended)
    baseline = replace(base, retired=cards, is_retiring=False)
    writes = _baseline_write(in_anki, known.note_type, format_baseline(baseline))
    plan = NotePlan(
        "retired",
        in_anki,
        None,
        writes,
        announces=dict.fromkeys(writes, format_baseline(replace(baseline, is_retiring=True))),
        add_tags=() if RETIRED_TAG in in_anki.tags else (RETIRED_TAG,),
        suspend=tuple(card.id for card in in_anki.cards if card.id in cards and not card.is_suspended),
    )
    return NoteDiff(
        in_anki.guid, plan=plan, baseline="" if has_baseline(known.note_type) else format_baseline(baseline)
    )


def _is_like(in_anki: AnkiNote, note_type: NoteType, guid: str) -> bool:
    """Whether its note type is one that an import made of ours, where the learner had changed that."""
    fields = in_anki.fields
    return "ID" in fields and fields["ID"] == search_id(guid) and all(n in fields for n in note_type.field_names)


def _base(in_anki: AnkiNote, note_type: NoteType, known: MergeBase) -> SyncBaseline | None:
    """What deckgen wrote last: from the note, the push record, or, of a note untouched since its import, all it has."""
    names = note_type.field_names
    mapping = map_fields(names, tuple(in_anki.fields))
    text = in_anki.fields.get(mapping.get(FIELD, ""), "") if has_baseline(note_type) else ""
    baseline = parse_baseline(text or known.record.baselines.get(in_anki.guid, ""), names)
    if baseline is not None and baseline.fields is not None:
        return baseline
    times = {line.mod for line in (known.before, known.line) if line is not None}
    times |= {known.line.id // 1000} if known.line is not None else set()
    if in_anki.mod not in times:
        return baseline
    digests = tuple(digest(in_anki.fields.get(mapping.get(name, ""), "")) if name != FIELD else "" for name in names)
    return SyncBaseline(digests, tag_digests(in_anki.tags), retired=baseline.retired if baseline else None)


def _is_written(one: FieldMerge, choice: Choice) -> bool:
    """A conflict that nobody decided leaves the whole note: half of an update may be a wrong card."""
    if one.verdict == "update":
        return choice != "skip"
    return one.verdict in ("conflict", "unknown") and choice == "ours"


def _next_baseline(
    rendered: RenderedNote,
    note_type: NoteType,
    merged: list[FieldMerge],
    choice: Choice,
    base: SyncBaseline | None,
    deck_merge: DeckMerge,
) -> SyncBaseline:
    """What there is to remember once the plan is carried out."""
    ours = baseline_of(rendered, note_type)
    fields = ours.fields
    if choice == "skip":
        fields = base.fields if base is not None else None
        if fields is not None and ours.fields is not None:
            same = {one.name for one in merged if one.verdict == "same"}
            fields = tuple(
                new if name in same else old
                for name, old, new in zip(note_type.field_names, fields, ours.fields, strict=True)
            )
    if deck_merge.waiting and base is not None:
        return SyncBaseline(fields, ours.tags, base.deck, base.is_placed)
    return SyncBaseline(fields, ours.tags, name_digest(rendered.note.draft.deck), is_placed=True)


def _says_the_same(baseline: SyncBaseline, base: SyncBaseline) -> bool:
    """Whether writing the baseline gains nothing: that cards are where a package put them goes without saying."""
    return replace(baseline, is_placed=base.is_placed) == base if baseline.deck == base.deck else baseline == base
