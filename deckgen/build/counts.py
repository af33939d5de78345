"""Drafts → the notes that a deck gets of them: what every command counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from deckgen.diagnostics.lint_kinds import LintSeverity, default_severity
from deckgen.extraction.rivals import resolve_rivals
from deckgen.identity.facts import facts_of
from deckgen.model import Draft
from deckgen.project.part import Part

CardCheck = Callable[[Draft], Collection[str]]
"""The kinds of findings about one card."""


def notes_among(drafts: Sequence[Draft], part: Part | None = None, skipped: Collection[int] = ()) -> list[Draft]:
    """The drafts of a whole project as they are asked: one of several that say the same, none that is held back, none
    at the places that are `skipped`; or those that stand in a part of it.
    """
    asked = enumerate(resolve_rivals(drafts, skipped))
    settled = [draft for place, draft in asked if draft is not None and place not in skipped]
    return [
        fact.draft
        for fact in facts_of(settled)[0]
        if part is None or any(origin.span.path in part for origin in fact.origins)
    ]


def need_attention(findings: Iterable[Collection[str]], severities: Mapping[str, LintSeverity]) -> int:
    """How many notes have a finding that the project does not turn off. `findings`: the kinds of each note."""
    return sum(any(severities.get(kind, default_severity(kind)) != "off" for kind in kinds) for kinds in findings)
