"""All that the rules make of one English note → whether most of it is doubtful, as a term of the confidence of each.

A log, an agenda or the text of a lesson gives few good cards, and those beside many doubtful ones are seldom better.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from deckgen.extraction.attempt import Attempt
from deckgen.extraction.card_signals import GIVEN_AWAY, IN_EXAMPLE
from deckgen.extraction.confidence import POINTS, confidence_of
from deckgen.extraction.english_answer_signals import FORMULA_GOES_ON, LIST_GOES_ON, SENTENCE_JOINED
from deckgen.extraction.english_fact_signals import AS_THING, PART_PLAYED
from deckgen.extraction.english_label_signals import OF_SOURCE, SPEAKS_FIRST
from deckgen.model import Draft

_FEWEST = 8
"""Drafts of a note of which a share says anything."""
_CONDITIONS = ("en/facts/if", "en/facts/causes")
_OF_ONE_CARD = frozenset(
    {
        GIVEN_AWAY,
        IN_EXAMPLE,
        LIST_GOES_ON,
        FORMULA_GOES_ON,
        SENTENCE_JOINED,
        OF_SOURCE,
        SPEAKS_FIRST,
        PART_PLAYED,
        AS_THING,
    }
)
"""Reasons that tell of a card alone."""
_OF_SHAPE, _OF_SENTENCES = -2, -1
_REASON = "most of what the rules find in this note is doubtful"


def weigh_note(attempts: Iterable[Attempt], language: str) -> None:
    """Lower the confidence of the drafts of a note, half of which or more are suggestions already."""
    if language != "en":
        return
    made = [attempt for attempt in attempts if attempt.drafts and _is_for_plain_notes(attempt)]
    drafts = [(draft, attempt) for attempt in made for draft in attempt.drafts]
    doubtful = [
        draft for draft, attempt in drafts if draft.confidence == "maybe" and not _says_nothing_of_note(draft, attempt)
    ]
    if len(drafts) < _FEWEST or 2 * len(doubtful) < len(drafts):
        return
    for attempt in made:
        attempt.drafts = [_lowered(draft, attempt) for draft in attempt.drafts]


def _is_for_plain_notes(attempt: Attempt) -> bool:
    return attempt.rule.is_shipped and not attempt.rule.pack.startswith("compat/")


def _says_nothing_of_note(draft: Draft, attempt: Attempt) -> bool:
    """Whether a suggestion is one for what it is about, and not for how the note is written: a condition, an effect, or
    a question that says its answer.
    """
    reasons = [reason for reason, _ in draft.confidence_terms]
    return attempt.rule.identity in _CONDITIONS or not _OF_ONE_CARD.isdisjoint(reasons)


def _lowered(draft: Draft, attempt: Attempt) -> Draft:
    worth = _OF_SHAPE if attempt.rule.pack == "structure" else _OF_SENTENCES
    terms = (*draft.confidence_terms, (_REASON, worth))
    points = POINTS[attempt.rule.confidence] + sum(points for _, points in terms)
    return replace(draft, confidence=confidence_of(points), confidence_terms=terms)
