"""Drafts × what another tool wrote beside its cards about when they are due → the drafts with their schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.extraction.other_ids import lines_of_card
from deckgen.markdown.document import Document
from deckgen.model import CardSchedule, Draft
from deckgen.rules.expectations import Schedules
from deckgen.rules.rule import RuleSet

define(
    "warning",
    schedules_of_another_tool="The notes hold the schedule of another tool, taken over only where Anki is asked to.",
)

_EPOCH = date(1970, 1, 1).toordinal()
_LONGEST_INTERVAL = 36_500  # days: as Anki's


def with_schedules(document: Document, rules: RuleSet, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, each with when its cards are due, where the tool says it."""
    known = {schedules.pack: schedules for schedules in rules.schedules}
    if not known:
        return list(drafts)
    begins = {draft.origin.span.line for draft in drafts}
    found = []
    for draft in drafts:
        schedules = known.get(draft.rule.rpartition("/")[0])
        cards = _schedules_of(document, schedules, draft, begins) if schedules is not None else ()
        found.append(replace(draft, schedules=cards) if any(card.interval for card in cards) else draft)
    return found


def schedules_problem(document: Document, drafts: Sequence[Draft]) -> list[Diagnostic]:
    """What is reported of them at a first build: once a file."""
    first = next((draft for draft in drafts if draft.schedules), None)
    if first is None:
        return []
    tool = first.rule.split("/")[1]
    message = f"{tool} wrote here when its cards are due"
    hint = "`deckgen push` takes that over; of a package, Anki does where `Import any learning progress` is ticked"
    return [Diagnostic("schedules-of-another-tool", message, Span(document.path, first.origin.span.line), hint)]


def _schedules_of(document: Document, schedules: Schedules, draft: Draft, begins: set[int]) -> tuple[CardSchedule, ...]:
    if schedules.line is None or schedules.card is None:
        return ()
    for text in lines_of_card(document, draft, begins):
        if found := schedules.line.search(text):
            cards = str(found.groupdict()["cards"] or "").split(schedules.between)
            return tuple(_schedule(card.strip(), schedules) for card in cards if card.strip())
    return ()


def _schedule(text: str, schedules: Schedules) -> CardSchedule:
    found = schedules.card.search(text) if schedules.card is not None else None
    if found is None:
        return CardSchedule()
    groups = found.groupdict()
    due, interval, ease = (str(groups[name] or "") for name in ("due", "interval", "ease"))
    if due == schedules.unseen:
        return CardSchedule()
    try:
        day = date.fromisoformat(due).toordinal() - _EPOCH
        days = min(max(int(interval), 1), _LONGEST_INTERVAL)
    except ValueError:
        return CardSchedule()
    return CardSchedule(day, days, int(ease) if ease.isdecimal() and len(ease) < 5 else 0)
