"""The plan of a push → lines for a terminal, and data for programs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from deckgen.anki.plan import Conflict, NotePlan, Plan
from deckgen.anki.three_way import FieldMerge
from deckgen.model import RenderedNote
from deckgen.package.field_text import shown_text
from deckgen.reports.columns import counted, cut, harmless, wrapped
from deckgen.reports.diff import FieldChange
from deckgen.reports.diff_text import Paint, field_lines

_MOST_MOVED = 5
_UNSEEN = frozenset({"Context", "Source", "ID", "Reverse", "Typed"})
_SAID = {
    "retyped": "given deckgen's note type; their schedules stay",
    "updated": "updated",
    "moved": "moved to another deck",
    "tagged": "with other tags",
    "retired": "retired: suspended, and tagged `deckgen::retired`",
    "restored": "restored",
    "noted": "noted to be the same here and there",
}


def plan_counts(plan: Plan) -> dict[str, int]:
    """How much of everything a push does, and leaves."""
    kinds = Counter[str](one.kind for one in plan.notes)
    return {
        "new": len(plan.new),
        **{kind: kinds[kind] for kind in _SAID},
        "deleted": len(plan.deletions),
        "decks_renamed": len(plan.renames),
        "note_types_updated": len({action.name for action in plan.note_types}),
        "media": len(plan.media),
        "conflicts": len(plan.open_conflicts),
        "edited_in_anki": len(plan.edited),
        "moved_in_anki": len(plan.moved),
        "deleted_in_anki": len(plan.declined) + plan.declined_before,
        "changeable": len(plan.changeable),
        "foreign": len(plan.foreign),
        "unclear": len(plan.unclear),
        "unchanged": plan.unchanged,
    }


def plan_data(plan: Plan) -> dict[str, Any]:
    """The plan for programs."""
    return {
        "counts": plan_counts(plan),
        "new": [one.rendered.note.guid for one in plan.new],
        "notes": [
            {
                "kind": one.kind,
                "guid": one.in_anki.guid,
                "source": _place_data(one.rendered),
                "fields": _fields_data(one.fields),
                "tags": {"add": list(one.add_tags), "remove": list(one.remove_tags)},
                "moves": [{"card": card.id, "from": card.deck, "to": one.deck} for card in one.moves],
            }
            for one in plan.notes
        ],
        "deletions": [note.guid for note in plan.deletions],
        "decks": [{"old": one.old, "new": one.new} for one in plan.renames],
        "conflicts": [
            {
                "guid": one.in_anki.guid,
                "source": _place_data(one.rendered),
                "fields": _fields_data(one.fields),
                "choice": one.choice,
                "unknown": one.is_unknown,
            }
            for one in plan.conflicts
        ],
        "edited_in_anki": [
            {"guid": one.in_anki.guid, "source": _place_data(one.rendered), "fields": _fields_data(one.fields)}
            for one in plan.edited
        ],
        "moved_in_anki": [
            {
                "guid": one.in_anki.guid,
                "source": _place_data(one.rendered),
                "decks": sorted({card.deck for card in one.cards}),
            }
            for one in plan.moved
        ],
        "deleted_in_anki": [{"guid": one.note.guid, "source": _place_data(one)} for one in plan.declined],
        "note_types_kept": list(plan.styled),
        "left_alone": [
            {"guid": one.note.guid, "source": _place_data(one), "reason": reason} for one, reason in plan.foreign
        ],
    }


def _place_data(rendered: RenderedNote | None) -> dict[str, Any] | None:
    if rendered is None:
        return None
    span = rendered.note.draft.origin.span
    return {"path": span.path, "line": span.line}


def _fields_data(fields: Iterable[FieldMerge]) -> dict[str, dict[str, str]]:
    return {one.name: {"anki": one.old, "notes": one.new} for one in fields}


# ---- for people


def plan_lines(plan: Plan, name: str, width: int, paint: Paint, *, is_done: bool) -> Iterator[str]:
    """What is done, or would be; every note of a plan that is only shown, and the conflicts in both cases."""
    if not is_done:
        yield from _note_lines(plan, width, paint)
    yield from conflict_lines(plan.open_conflicts, width, paint)
    done = list(_done_lines(plan))
    yield f"{name}: {'nothing to do' if not done else 'done' if is_done else 'to do'}, {plan.unchanged:,} unchanged"
    yield from done
    yield from kept_lines(plan, width)
    if plan.open_conflicts:
        yield ""
        yield from wrapped(
            f"{counted(len(plan.open_conflicts), 'note')} left alone: `--conflicts ours` writes the notes' wording, "
            "`theirs` keeps Anki's, `ask` asks about each",
            width,
        )


def _done_lines(plan: Plan) -> Iterator[str]:
    kinds = Counter[str](one.kind for one in plan.notes)
    if plan.new:
        yield f"  {len(plan.new):7,} new"
    for kind, said in _SAID.items():
        if kinds[kind] and kind != "noted":
            yield f"  {kinds[kind]:7,} {said}"
    if plan.deletions:
        yield f"  {len(plan.deletions):7,} deleted"
    for rename in plan.renames:
        yield f"          deck {harmless(rename.old)} → {harmless(rename.new)}"
    for note_type in dict.fromkeys(action.name for action in plan.note_types):
        yield f"          templates or CSS of {harmless(note_type)}"
    if plan.media:
        yield f"  {_number(len(plan.media), 'picture or sound that was', 'pictures or sounds that were')} missing"
    if settled := sum(one.choice == "theirs" for one in plan.conflicts):
        yield f"  {settled:7,} settled: Anki's wording stays"


def _number(number: int, one: str, many: str) -> str:
    return f"{number:7,} {one if number == 1 else many}"


def kept_lines(plan: Plan, width: int, most: int = _MOST_MOVED) -> Iterator[str]:
    """What the learner did in Anki, and which stays; of moved notes, `most` by name."""
    if plan.edited:
        yield f"  {len(plan.edited):7,} edited in Anki, and left so"
    if plan.moved:
        yield f"  {len(plan.moved):7,} moved in Anki, and left there:"
        for moved in plan.moved[:most]:
            decks = ", ".join(sorted({harmless(card.deck) for card in moved.cards}))
            yield cut(f"          {question_of(moved.rendered)} → {decks}", width)
        if len(plan.moved) > most:
            yield f"          and {len(plan.moved) - most:,} more: `deckgen status` lists them"
    if plan.declined:
        yield f"  {len(plan.declined):7,} deleted in Anki since the last push, and stay out (`--again` adds them)"
    if plan.declined_before:
        yield f"  {plan.declined_before:7,} deleted in Anki before"
    if plan.waiting:
        said = "is" if plan.waiting == 1 else "are"
        yield f"  {_number(plan.waiting, 'card', 'cards')} {said} in a filtered deck; a later push moves them"
    if plan.changeable:
        yield f"  {len(plan.changeable):7,} taken over from another tool, and left in its note type:"
        yield "          `deckgen push --change-note-types` gives them deckgen's, and keeps their schedules"
    for reason, number in Counter(reason for _, reason in plan.foreign).most_common():
        yield cut(f"  {number:7,} left alone: {harmless(reason)}", width)
    if plan.unclear:
        yield f"  {len(plan.unclear):7,} left alone: several notes in Anki have their ID; delete the copies"
    if plan.styled:
        yield from wrapped(f"kept as you changed it in Anki: {', '.join(map(harmless, plan.styled))}", width)


def conflict_lines(conflicts: Iterable[Conflict], width: int, paint: Paint) -> Iterator[str]:
    """Each side by side: Anki's wording on the left, that of the notes on the right."""
    for one in conflicts:
        why = "it differs, and nothing says who changed it" if one.is_unknown else "edited in Anki and in the notes"
        yield f"! {harmless(place_of(one.rendered))}  {paint.soft(why)}"
        yield "    " + paint.head(cut(question_of(one.rendered), width - 4))
        for field in one.fields:
            yield from field_lines(shown_field(field), width, paint)
        yield ""


def _note_lines(plan: Plan, width: int, paint: Paint) -> Iterator[str]:
    for new in plan.new:
        yield f"+ {harmless(place_of(new.rendered))}  {paint.new(cut(question_of(new.rendered), width // 2))}"
    for one in plan.notes:
        if one.kind != "noted":
            yield from _one_note(one, width, paint)
    for note in plan.deletions:
        yield "- " + paint.old(cut(shown_text(next(iter(note.fields.values()), "")), width - 2))
    if plan.new or plan.notes or plan.deletions:
        yield ""


def _one_note(one: NotePlan, width: int, paint: Paint) -> Iterator[str]:
    if one.rendered is None:
        yield "- " + paint.old(cut(shown_text(next(iter(one.in_anki.fields.values()), "")), width - 12)) + "  retired"
        return
    yield f"~ {harmless(place_of(one.rendered))}  {paint.soft(one.kind)}"
    yield "    " + paint.head(cut(question_of(one.rendered), width - 4))
    for field in one.fields:
        if field.name not in _UNSEEN:
            yield from field_lines(shown_field(field), width, paint)
    for sign, tags in (("+", one.add_tags), ("-", one.remove_tags)):
        if tags:
            yield f"    tags     {sign} {harmless(' '.join(tags))}"
    if one.moves:
        yield from field_lines(FieldChange("deck", one.moves[0].deck, one.deck), width, paint)


def shown_field(field: FieldMerge) -> FieldChange:
    """Both sides as text, or as HTML where only that differs."""
    old, new = shown_text(field.old), shown_text(field.new)
    return FieldChange(field.name, *((old, new) if old != new else (field.old, field.new)))


def place_of(rendered: RenderedNote) -> str:
    """Where a note stands, as editors take it."""
    span = rendered.note.draft.origin.span
    return f"{span.path}:{span.line}"


def question_of(rendered: RenderedNote) -> str:
    """The first field in one line."""
    return harmless(shown_text(rendered.fields[0]))
