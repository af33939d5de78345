"""A coverage → why what was passed over made no card: the nearest reason, place by place, as `explain` says it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from deckgen.extraction.settings import Settings
from deckgen.reports.coverage import Coverage
from deckgen.reports.explain import explain
from deckgen.reports.explain_summary import NO_FACT, reasons_for_none
from deckgen.rules.rule import RuleSet

Reasons = Mapping[str, Mapping[int, tuple[tuple[str, str], ...]]]
"""By path and line: what was passed over there, and why."""


def reasons_of(
    coverage: Coverage,
    rules: RuleSet,
    settings: Settings,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Reasons:
    """The reasons of all sources. `step` is called with how many are done, and of how many."""
    found: dict[str, dict[int, tuple[tuple[str, str], ...]]] = {}
    for done, source in enumerate(coverage.sources):
        step(done, len(coverage.sources))
        of_lines: dict[int, dict[str, str]] = {}
        for line, text, reason in reasons_for_none(explain(source.document, rules, settings, has_all=False)):
            reasons = of_lines.setdefault(line, {})
            if reason != NO_FACT or text not in reasons:  # an item and its sentence are one text
                reasons[text] = reason
        found[source.document.path] = {line: tuple(several.items()) for line, several in of_lines.items()}
    return found
