"""What a build did, or would do, and what is left to do in Anki: as data, and as text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from deckgen.build import Build
from deckgen.diagnostics import Diagnostic
from deckgen.guids import search_id
from deckgen.reports.columns import counted, cut, harmless
from deckgen.source_files import shown_path

SEARCH_LIMIT = 500
"""GUIDs in one search. Anki's browser takes so many at once without a delay."""

_NEAR_MISSES_SHOWN = 5
_CHANGES = ("new", "updated", "moved", "restored", "retired", "unchanged")


def search_for(guids: Iterable[str]) -> list[str]:
    """The searches that find these notes in Anki's browser."""
    ordered = sorted(map(search_id, guids))
    pieces = [ordered[i : i + SEARCH_LIMIT] for i in range(0, len(ordered), SEARCH_LIMIT)]
    return [f'"ID:re:^({"|".join(piece)})$"' for piece in pieces]


def summary_data(build: Build) -> dict[str, Any]:
    """The summary for programs."""
    identified = build.identified
    retired = [line.guid for line in identified.retired]
    moved = [
        {"guid": moved.note.guid, "from": moved.old_deck, "to": moved.note.draft.deck} for moved in identified.moved
    ]
    return {
        "package": str(build.project.package_path),
        "lock": str(build.project.lock_path),
        "notes": len(build.notes),
        "cards": sum(len(note.cards) for note in build.notes),
        "changes": _changes(build),
        "moved": moved,
        "retired": retired,
        "searches": {
            "moved": {deck: search_for(guids) for deck, guids in _moved_by_deck(build).items()},
            "retired": [] if identified.retires_many else search_for(retired),
        },
        "near_misses": [
            {"old": miss.old.guid, "new": miss.new, "reason": miss.reason, "option": miss.hint}
            for miss in identified.near_misses
        ],
        "diagnostics": [diagnostic_data(d) for d in build.diagnostics],
    }


def diagnostic_data(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic for programs."""
    span = diagnostic.span
    return {
        "kind": diagnostic.kind,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "hint": diagnostic.hint,
        "path": span.path if span else None,
        "line": span.line if span else None,
        "column": span.column if span else None,
    }


def _changes(build: Build) -> dict[str, int]:
    """How many notes of the whole project change in which way. A note that moved may be updated as well."""
    counts = Counter[str](note.change for note in build.identified.notes)
    counts["retired"] = len(build.identified.retired)
    return {change: counts[change] for change in _CHANGES}


def _moved_by_deck(build: Build) -> dict[str, list[str]]:
    decks: dict[str, list[str]] = {}
    for moved in build.identified.moved:
        decks.setdefault(moved.note.draft.deck, []).append(moved.note.guid)
    return decks


def summary_lines(build: Build, *, is_written: bool) -> Iterator[str]:
    """The summary for people, with the searches to paste into Anki's browser."""
    project = build.project
    if build.notes:
        cards = counted(sum(len(note.cards) for note in build.notes), "card")
        unwritten = "" if is_written else " (nothing is written)"
        yield f"{shown_path(project.package_path)}: {counted(len(build.notes), 'note')}, {cards}{unwritten}"
    else:
        yield "no notes: no rule found a fact here; `deckgen rules list` shows what rules look for"
    for change, count in _changes(build).items():
        if count:
            yield f"  {count:7,} {change}"
    if held := sum(note.is_held_back for note in build.identified.notes):
        yield f"  {held:7,} left out, since a picture is missing: Anki keeps what it has"
    if cleaned := sum(d.kind == "sanitised-html" for d in build.diagnostics):
        yield f"  {cleaned:7,} with raw HTML that was sanitised"
    yield from _near_miss_lines(build)
    yield from _what_is_left(build, is_written=is_written)


def _near_miss_lines(build: Build) -> Iterator[str]:
    misses = build.identified.near_misses
    if not misses:
        return
    yield ""
    yield f"{counted(len(misses), 'new note')} may be an old one reworded; where it is, the option makes them one:"
    questions = {note.guid: note.draft.question for note in build.identified.notes}
    for miss in misses[:_NEAR_MISSES_SHOWN]:
        yield f"  - {cut(_one_line(miss.old.question), 74)}"
        yield f"  + {cut(_one_line(questions.get(miss.new, '')), 74)}"
        yield f"    {miss.reason}: {miss.hint}"
    if len(misses) > _NEAR_MISSES_SHOWN:
        yield f"  and {len(misses) - _NEAR_MISSES_SHOWN} more: `--json` has them all"


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _what_is_left(build: Build, *, is_written: bool) -> Iterator[str]:
    for deck, guids in _moved_by_deck(build).items():
        notes, them = counted(len(guids), "note"), "it" if len(guids) == 1 else "them"
        yield from _searches(
            f"{notes} now {_belongs(guids)} to {deck}. Anki moves nothing by itself; find {them} by", guids
        )
    retired = [line.guid for line in build.identified.retired]
    if retired and not build.identified.retires_many:
        notes, them = counted(len(retired), "retired note"), "it" if len(retired) == 1 else "them"
        stays = "stays" if len(retired) == 1 else "stay"
        yield from _searches(f"{notes} {stays} in Anki until you delete or suspend {them}; find {them} by", retired)
    lock = shown_path(build.project.lock_path)
    if build.is_lock_new and build.notes and is_written:
        yield ""
        yield f"Keep {lock} in version control, beside the notes: it knows which note in Anki is which."
    if build.is_rendering_new:
        yield ""
        yield "Cards are rendered in a new way. Notes get it with their next change; `--refresh ''` sends all now."


def _belongs(guids: Sequence[str]) -> str:
    return "belongs" if len(guids) == 1 else "belong"


def _searches(introduction: str, guids: Sequence[str]) -> Iterator[str]:
    """What to paste into the search of Anki's browser."""
    yield ""
    yield f"{introduction} this search in Anki's browser:"
    yield from (f"  {search}" for search in search_for(guids))
