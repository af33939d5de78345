"""The examples inside rule files, run: what each rule makes of its own sources, against what it says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from deckgen.extraction.cloze_marks import write_deletions
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.rule import Example, Rule, RuleSet


@dataclass(frozen=True, slots=True)
class ExampleResult:
    """One example: the notes that came, in the fields that it gives."""

    rule: Rule
    example: Example
    got: tuple[Mapping[str, str], ...]

    @property
    def is_right(self) -> bool:
        """Whether it came out as written."""
        return list(self.got) == [dict(note) for note in self.example.notes]


def check_examples(rules: RuleSet) -> Iterator[ExampleResult]:
    """Run every example: its pack runs on its text, a whole source; the rule's notes are compared as Markdown."""
    for rule in rules.rules:
        siblings = replace(rules, rules=tuple(other for other in rules.rules if other.pack == rule.pack))
        for example in rule.examples:
            yield ExampleResult(rule, example, tuple(_notes(rule, example, siblings)))


def _notes(rule: Rule, example: Example, pack: RuleSet) -> Iterator[Mapping[str, str]]:
    document, _ = read_document(Source("example.md", example.text))
    found = extract([document], pack, Settings("Example", confidence=rule.confidence))
    drafts = [draft for draft in found.drafts if draft.rule == rule.name]
    for index, draft in enumerate(drafts):
        wanted = example.notes[min(index, len(example.notes) - 1)] if example.notes else None
        yield {name: value for name, value in shown_fields(draft).items() if wanted is None or name in wanted}


def shown_fields(draft: Draft) -> Mapping[str, str]:
    """The fields as Markdown, cloze deletions as Anki writes them, with the numbers that a new note has."""
    numbers = iter(draft.cloze_numbers or itertools.repeat(1))
    if not draft.cloze_numbers and draft.kind != "Cloze together":
        numbers = itertools.count(1)
    return {name: write_deletions(value, numbers) for name, value in draft.fields}
