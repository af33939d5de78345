"""A plan that nobody carries out, and how the cards fare → what differs between a project and Anki."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from deckgen.anki.anki_state import AnkiState
from deckgen.anki.plan import Plan
from deckgen.build.view import Build
from deckgen.model import RenderedNote
from deckgen.reports.columns import cut, harmless
from deckgen.reports.diff_text import Paint, field_lines
from deckgen.reports.push import conflict_lines, kept_lines, place_of, plan_counts, plan_data, question_of, shown_field

_LISTED = 20


class Struggle(Struct, frozen=True):
    """A note whose cards are forgotten again and again: the wording may be at fault."""

    rendered: RenderedNote
    lapses: int
    is_leech: bool


def struggles(build: Build, state: AnkiState) -> list[Struggle]:
    """The notes with lapses, those with the most first."""
    found = []
    for rendered in build.notes:
        note = state.notes.get(rendered.note.guid)
        if note is None:
            continue
        lapses = sum(card.lapses for card in note.cards)
        is_leech = any(tag.casefold() == "leech" for tag in note.tags)
        if lapses or is_leech:
            found.append(Struggle(rendered, lapses, is_leech))
    return sorted(found, key=lambda one: (not one.is_leech, -one.lapses, place_of(one.rendered)))


def status_data(plan: Plan, hard: list[Struggle]) -> dict[str, Any]:
    """All of it for programs."""
    shown = plan_data(plan)
    return {
        "counts": plan_counts(plan),
        "not_in_anki": shown["new"],
        "edited_in_anki": shown["edited_in_anki"],
        "moved_in_anki": shown["moved_in_anki"],
        "deleted_in_anki": shown["deleted_in_anki"],
        "conflicts": shown["conflicts"],
        "to_push": shown["notes"],
        "note_types_kept": shown["note_types_kept"],
        "lapses": [
            {
                "guid": one.rendered.note.guid,
                "path": one.rendered.note.draft.origin.span.path,
                "line": one.rendered.note.draft.origin.span.line,
                "lapses": one.lapses,
                "leech": one.is_leech,
            }
            for one in hard
        ],
    }


def status_lines(plan: Plan, hard: list[Struggle], name: str, width: int, paint: Paint) -> Iterator[str]:
    """For people: what was edited in Anki, what waits for a push, and what is hard to learn."""
    for one in plan.edited:
        yield f"* {harmless(place_of(one.rendered))}  {paint.soft('edited in Anki')}"
        yield "    " + paint.head(cut(question_of(one.rendered), width - 4))
        for field in one.fields:
            yield from field_lines(shown_field(field), width, paint)
        yield ""
    yield from conflict_lines(plan.conflicts, width, paint)
    for rendered in plan.declined:
        place, said = harmless(place_of(rendered)), paint.soft("deleted in Anki")
        yield f"- {place}  {cut(question_of(rendered), width // 2)}  {said}"
    if hard:
        yield paint.head("forgotten most often; perhaps the note is to blame")
        for one_hard in hard[:_LISTED]:
            lapses = f"{one_hard.lapses:4} ×{' leech' if one_hard.is_leech else ''}"
            place = harmless(place_of(one_hard.rendered))
            yield cut(f"  {lapses}  {place}  {question_of(one_hard.rendered)}", width)
        if len(hard) > _LISTED:
            yield f"  and {len(hard) - _LISTED:,} more: `--json` has them all"
        yield ""
    counts = plan_counts(plan)
    yield f"{name}: {plan.unchanged:,} as in the notes"
    if counts["new"]:
        yield f"  {counts['new']:7,} not in Anki yet"
    waiting = sum(counts[kind] for kind in ("updated", "moved", "tagged", "retired", "restored"))
    if waiting:
        yield f"  {waiting:7,} to be brought up to date by a push"
    if plan.conflicts:
        yield f"  {len(plan.conflicts):7,} edited here and there"
    yield from kept_lines(plan, width, len(plan.moved))
