"""A note that another tool made, and that was taken over × what the build makes of it → deckgen's note type for it.

Its cards stay as they were learned: a card is known by its ordinal, and the first one asks on both sides for the field
that the notes were paired by. What else the learner had on the card is kept below the answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from deckgen.anki.actions import ChangeNoteType
from deckgen.anki.anki_state import AnkiNote, AnkiNoteType, AnkiState
from deckgen.anki.compare import NoteDiff
from deckgen.anki.plan import Choice, Conflict, NotePlan
from deckgen.anki.three_way import FieldMerge, map_fields, merge_tags
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import RenderedNote
from deckgen.package.field_text import shown_text
from deckgen.package.template_fields import asking_field, fields_shown
from deckgen.rendering.baseline import FIELD, baseline_of, format_baseline, has_baseline
from deckgen.rendering.note_types import NoteType

_KEPT_IN = "Extra"
_KEY = lazy_regex(r"[\w-]{8,64}")
_OF_TOOLS = frozenset({"id", "nid", "guid", "uuid", "noteid", "yankinamespace"})
"""Names of fields in which tools keep what no card shows."""


def change_note_type(
    rendered: RenderedNote, note: AnkiNote, ours: NoteType, state: AnkiState, choice: Choice
) -> NoteDiff | str:
    """What gives the note the note type of the build, or why nothing may. Where Anki has words that the notes lack,
    nobody knows who wrote them: that is a conflict.
    """
    theirs, there = state.note_types.get(note.note_type), state.note_types.get(ours.id)
    if not state.changes_note_types:
        return "this AnkiConnect changes no note types: Tools › Add-ons › Check for Updates"
    if theirs is None or not theirs.templates:
        return "of a note type that cannot be read"
    if there is None and "ID" not in ours.field_names:
        return f"Anki has no note type {ours.name} yet: import the package once"
    if theirs.is_cloze != ours.is_cloze:
        return f"of note type {theirs.name}: deletions there, question and answer here, or the other way round"
    if problem := _lost_card(rendered, note, theirs, ours, there):
        return problem
    baseline = format_baseline(replace(baseline_of(rendered, ours), is_placed=True))
    texts = dict(zip(ours.field_names, map(str, rendered.fields), strict=True))
    if has_baseline(ours):
        texts[FIELD] = baseline
    replaced = _replaced(theirs)
    if _KEPT_IN in texts and not texts[_KEPT_IN]:
        texts[_KEPT_IN] = _rest(texts, note, replaced)
    lost = [
        FieldMerge(ours.field_names[place], name, note.fields[name], texts[ours.field_names[place]], "unknown")
        for place, name in enumerate(replaced)
        if place < len(ours.field_names) and _words(note.fields[name]) - _words("\n".join(rendered.fields))
    ]
    conflict = Conflict(note, rendered, tuple(lost), choice) if lost else None
    if conflict is not None and choice == "skip":
        return NoteDiff(note.guid, rendered, conflict=conflict)
    if choice == "theirs":
        texts |= {one.name: one.old for one in lost}
    names = map_fields(ours.field_names, there.fields if there is not None else ours.field_names)
    fields = {names[name]: text for name, text in texts.items() if name in names}
    change = ChangeNoteType(
        note.id, note.note_type, ours.id, there.name if there is not None else ours.name, fields, note.tags
    )
    add, _ = merge_tags(rendered.note.draft.tags, note.tags, None)
    plan = NotePlan("retyped", note, rendered, add_tags=tuple(add), note_type=change)
    return NoteDiff(note.guid, rendered, plan, conflict, baseline="" if has_baseline(ours) else baseline)


def _words(html: str) -> set[str]:
    """The words of a field; of scripts without spaces, the characters."""
    return set(re.findall(r"[^\W_\u2e80-\u9fff]+|[\u2e80-\u9fff]", shown_text(html).casefold()))


def _replaced(theirs: AnkiNoteType) -> list[str]:
    """The fields of which the notes have their own words: what asks, then what answers."""
    asking = asking_field(theirs.templates[0].front, theirs.fields)
    if theirs.is_cloze:
        return [asking]
    answers = [name for name in fields_shown(theirs.templates[0].back, theirs.fields) if name != asking]
    return [asking, *answers[:1]]


def _lost_card(
    rendered: RenderedNote, note: AnkiNote, theirs: AnkiNoteType, ours: NoteType, there: AnkiNoteType | None
) -> str:
    """Why a card would be lost, or ask something else than before; nothing where all cards stay what they are."""
    if theirs.is_cloze:
        return ""
    ordinals = {0} if len(theirs.templates) == 1 else {card.ordinal for card in note.cards}
    templates = len(there.templates) if there is not None else len(ours.templates)
    if any(ordinal not in rendered.cards or ordinal >= templates for ordinal in ordinals):
        return f"of note type {theirs.name}: a card of theirs is none of the notes"
    asked = [asking_field(theirs.templates[ordinal].front, theirs.fields) for ordinal in sorted(ordinals)]
    if len(set(asked)) < len(asked):
        return f"of note type {theirs.name}: two of its cards ask the same"
    return ""


def _rest(texts: Mapping[str, str], note: AnkiNote, replaced: Sequence[str]) -> str:
    """What the note says in Anki beside question and answer, which the notes have in their own words."""
    said = {shown_text(text) for text in texts.values()}
    rest = [
        text
        for name, text in note.fields.items()
        if name not in replaced
        and name.replace(" ", "").casefold() not in _OF_TOOLS
        and (shown := shown_text(text))
        and shown not in said
        and not _KEY.fullmatch(shown)
    ]
    return "<br>".join(rest)
