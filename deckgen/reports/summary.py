"""What a build did, or would do, and what is left to do in Anki: as data, and as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from deckgen.build.result import CHANGES, NearlySame, Outcome
from deckgen.diagnostics import KINDS, Diagnostic
from deckgen.diagnostics.paths import shown_path
from deckgen.identity.guid_field import search_id
from deckgen.reports.columns import counted, cut, harmless, wrapped

SEARCH_LIMIT = 500
"""GUIDs in one search. Anki's browser takes so many at once without a delay."""

_PLACES_SHOWN = 3
_NEAR_MISSES_SHOWN = 5


def search_for(guids: Iterable[str]) -> list[str]:
    """The searches that find these notes in Anki's browser."""
    ordered = sorted(map(search_id, guids))
    pieces = [ordered[i : i + SEARCH_LIMIT] for i in range(0, len(ordered), SEARCH_LIMIT)]
    return [f'"ID:re:^({"|".join(piece)})$"' for piece in pieces]


def summary_data(outcome: Outcome) -> dict[str, Any]:
    """The summary for programs."""
    return {
        "package": outcome.package,
        "lock": outcome.lock,
        "notes": outcome.notes,
        "cards": outcome.cards,
        "skipped": outcome.skipped,
        "suggestions": outcome.suggestions,
        "need_attention": outcome.need_attention,
        "decisions_gone": outcome.decisions_gone,
        "changes": {change: outcome.changes.get(change, 0) for change in CHANGES},
        "elsewhere": {change: outcome.elsewhere.get(change, 0) for change in CHANGES},
        "moved": [{"guid": moved.guid, "from": moved.old_deck, "to": moved.deck} for moved in outcome.moved],
        "retired": list(outcome.retired),
        "searches": {
            "moved": {deck: search_for(guids) for deck, guids in _moved_by_deck(outcome).items()},
            "retired": [] if outcome.retires_many else search_for(outcome.retired),
        },
        "near_misses": [
            {"old": miss.old, "new": miss.new, "reason": miss.reason, "option": miss.option}
            for miss in outcome.near_misses
        ],
        "diagnostics": [diagnostic_data(d) for d in outcome.diagnostics],
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


def _moved_by_deck(outcome: Outcome) -> dict[str, list[str]]:
    decks: dict[str, list[str]] = {}
    for moved in outcome.moved:
        decks.setdefault(moved.deck, []).append(moved.guid)
    return decks


def summary_lines(outcome: Outcome, width: int, *, is_written: bool, has_all: bool = False) -> Iterator[str]:
    """The summary for people, with the searches to paste into Anki's browser, which alone may be wider than the
    terminal. `has_all`: places and pairs, too, of which there are many.
    """
    if outcome.notes or outcome.held_back or outcome.declined or outcome.skipped:
        package, cards = shown_path(Path(outcome.package)), counted(outcome.cards, "card")
        unwritten = "" if is_written else " (nothing is written)"
        yield f"{package}: {counted(outcome.notes, 'note')}, {cards}{unwritten}"
    else:
        yield "no notes: no rule found a fact here; `deckgen rules list` shows what rules look for"
    for change in CHANGES:
        if count := outcome.changes.get(change, 0):
            yield f"  {count:7,} {change}"
    yield from _elsewhere(outcome.elsewhere)
    if held := outcome.held_back:
        yield f"  {held:7,} not in the package: a picture is missing, so Anki keeps the note as it is"
    if declined := outcome.declined:
        yield f"  {declined:7,} not in the package: deleted in Anki (`deckgen push --again` adds {_them(declined)})"
    if skipped := outcome.skipped:
        yield f"  {skipped:7,} not in the package: you decided so (`deckgen list --skipped` shows {_them(skipped)})"
    if suggestions := outcome.suggestions:
        yield f"  {suggestions:7,} suggested: not sure enough for the deck (`deckgen review --suggested`)"
    if number := outcome.need_attention:
        yield f"  {number:7,} {'card needs' if number == 1 else 'cards need'} attention (`deckgen lint`)"
    if gone := outcome.decisions_gone:
        yield f"  {gone:7,} {'decision is' if gone == 1 else 'decisions are'} about notes that are not there now"
    if apart := outcome.held_apart:
        yield f"  {len(apart):7,} not made, since another note asks the same{_some_places(apart, has_all=has_all)}"
    if cleaned := sum(d.kind == "sanitised-html" for d in outcome.diagnostics):
        yield f"  {cleaned:7,} with raw HTML that was sanitised"
    yield from _near_miss_lines(outcome.near_misses, len(outcome.near_misses) if has_all else _NEAR_MISSES_SHOWN)
    for line in _what_is_left(outcome, is_written=is_written):
        yield from [line] if not line or line.startswith(" ") else wrapped(line, width)


def _elsewhere(changes: Mapping[str, int]) -> Iterator[str]:
    """What changed in sources that are not named: the lock is that of the whole project."""
    found = [f"{count:,} {change}" for change in CHANGES if (count := changes.get(change, 0)) and change != "unchanged"]
    if found:
        yield f"  elsewhere in the project: {', '.join(found)} (in the lock, not in this package)"


def _them(count: int) -> str:
    return "it" if count == 1 else "them"


def _some_places(places: Sequence[str], *, has_all: bool) -> str:
    """A few places, or where they are listed."""
    if len(places) > _PLACES_SHOWN and not has_all:
        return " (`deckgen lint`)"
    return ": " + ", ".join(map(harmless, places))


def _near_miss_lines(misses: Sequence[NearlySame], shown: int) -> Iterator[str]:
    if not misses:
        return
    yield ""
    pairs = counted(len(misses), "pair")
    yield f"{pairs} of an old note and a new one may be one note reworded. Where it is, the option says so;"
    yield "`--another` in its place says that they are two:"
    for miss in misses[:shown]:
        yield f"  - {cut(_one_line(miss.old_question), 74)}"
        yield f"  + {cut(_one_line(miss.new_question), 74)}"
        yield f"    {miss.reason}: {miss.option}"
    if len(misses) > shown:
        yield f"  and {len(misses) - shown} more: `-v` shows all"


def _one_line(text: str) -> str:
    return harmless(" ".join(text.split()))


def _what_is_left(outcome: Outcome, *, is_written: bool) -> Iterator[str]:
    for deck, guids in _moved_by_deck(outcome).items():
        notes, them = counted(len(guids), "note"), "it" if len(guids) == 1 else "them"
        yield from _searches(
            f"{notes} now {_belongs(guids)} to {deck}. Anki moves nothing by itself; find {them} by", guids
        )
    retired = outcome.retired
    if retired and not outcome.retires_many:
        notes, them = counted(len(retired), "retired note"), "it" if len(retired) == 1 else "them"
        stays = "stays" if len(retired) == 1 else "stay"
        yield from _searches(f"{notes} {stays} in Anki until you delete or suspend {them}; find {them} by", retired)
    if outcome.is_lock_new and outcome.notes and is_written:
        yield ""
        lock = shown_path(Path(outcome.lock))
        yield f"Keep {lock} in version control, beside the notes: it knows which note in Anki is which."
    if outcome.new_words:
        yield ""
        yield f"Chinese words are found by {outcome.new_words} now, so that some rules may fit elsewhere."
    if outcome.is_rendering_new:
        yield ""
        yield "Cards are rendered in a new way. Notes get it with their next change; `--refresh ''` sends all now."


def _belongs(guids: Sequence[str]) -> str:
    return "belongs" if len(guids) == 1 else "belong"


def _searches(introduction: str, guids: Sequence[str]) -> Iterator[str]:
    """What to paste into the search of Anki's browser."""
    yield ""
    yield f"{introduction} this search in Anki's browser:"
    yield from (f"  {search}" for search in search_for(guids))


def explanation_lines(diagnostics: Iterable[Diagnostic], width: int) -> Iterator[str]:
    """What each kind that was found means, once."""
    for kind in sorted({d.kind for d in diagnostics}):
        first, *rest = wrapped(f"{kind}: {KINDS[kind].explanation}", width)
        yield first
        yield from ("  " + line for text in rest for line in wrapped(text, width - 2))
