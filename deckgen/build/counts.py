"""Drafts → the notes that a deck gets of them: what every command counts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from deckgen.build.unit import CompiledNote
from deckgen.diagnostics.lint_kinds import LintSeverity, default_severity
from deckgen.extraction.rivals import resolve_rivals
from deckgen.identity.facts import facts_of, normalise_draft
from deckgen.model import Draft
from deckgen.project.part import Part

CardCheck = Callable[[Draft], Collection[str]]
"""The kinds of findings about one card."""


def notes_among(
    compiled: Sequence[CompiledNote], part: Part | None = None, skipped: Collection[int] = ()
) -> list[Draft]:
    """The drafts of a whole project as they are asked: one of several that say the same, none that is held back, none
    at the places that are `skipped`; or those that stand in a part of it.
    """
    asked = zip(compiled, resolve_rivals([(one.draft, one.sign) for one in compiled], skipped), strict=True)
    settled = [(one, draft) for place, (one, draft) in enumerate(asked) if draft is not None and place not in skipped]
    normal = [one.normal if draft is one.draft else normalise_draft(draft) for one, draft in settled]
    return [
        fact.draft
        for fact in facts_of([draft for _, draft in settled], normal)[0]
        if part is None or any(origin.span.path in part for origin in fact.origins)
    ]


def need_attention(findings: Iterable[Collection[str]], severities: Mapping[str, LintSeverity]) -> int:
    """How many notes have a finding that the project does not turn off. `findings`: the kinds of each note."""
    return sum(any(severities.get(kind, default_severity(kind)) != "off" for kind in kinds) for kinds in findings)
