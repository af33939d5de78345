"""The examples inside rule files, run: what each rule makes of its own sources, against what it says."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping

from msgspec import Struct
from msgspec.structs import replace

from deckgen.extraction.cloze_marks import write_deletions
from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.rule import Example, Rule, RuleSet

Said = str | list[str]


class ExampleResult(Struct, frozen=True):
    """One example: the notes that came, in the fields that it gives."""

    rule: Rule
    example: Example
    got: tuple[Mapping[str, Said], ...]
    unsaid: tuple[str, ...] = ()  # what its notes have and it does not say

    @property
    def is_right(self) -> bool:
        """Whether it came out as written."""
        return list(self.got) == [dict(note) for note in self.example.notes]


def check_examples(rules: RuleSet, only: str = "") -> Iterator[ExampleResult]:
    """Run every example: its pack runs on its text, a whole source; the rule's notes are compared as Markdown. `only`:
    the one rule whose examples are run.
    """
    for rule in rules.rules:
        if only not in ("", rule.name):
            continue
        own = tuple(other for other in rules.rules if other.pack == rule.pack)
        expected = tuple(one for one in rules.expectations if one.pack == rule.pack)
        siblings = replace(rules, rules=own, expectations=expected)
        for example in rule.examples:
            yield _result(rule, example, siblings)


def _result(rule: Rule, example: Example, pack: RuleSet) -> ExampleResult:
    document, _ = read_document(Source("example.md", example.text))
    says = example.settings
    settings = Settings(
        _DECK,
        confidence=rule.confidence,
        lists=says.get("lists", "card"),
        vocabulary=says.get("vocabulary", "one"),
    )
    drafts = [draft for draft in extract([document], pack, settings).drafts if draft.rule == rule.name]
    got: list[Mapping[str, Said]] = []
    unsaid: dict[str, None] = {}
    for index, draft in enumerate(drafts):
        wanted = example.notes[min(index, len(example.notes) - 1)] if example.notes else None
        said = _said(draft)
        got.append({name: value for name, value in said.items() if wanted is None or name in wanted})
        if wanted is not None:
            unsaid.update((name, None) for name in _set_by(draft, said) if name not in wanted)
    return ExampleResult(rule, example, tuple(got), tuple(unsaid))


_DECK = "Example"


def _said(draft: Draft) -> Mapping[str, Said]:
    """All that an example may say of a note."""
    deck = draft.deck.removeprefix(_DECK).removeprefix("::")
    return {**shown_fields(draft), "tags": list(draft.tags), "deck": deck, "key": list(draft.ids)}


def _set_by(draft: Draft, said: Mapping[str, Said]) -> Iterator[str]:
    """What a rule says of a note: its fields, and the tags, deck and id that it was given."""
    yield from (name for name, value in said.items() if value and (name != "key" or draft.has_explicit_id))


def shown_fields(draft: Draft) -> Mapping[str, str]:
    """The fields as Markdown, cloze deletions as Anki writes them, with the numbers that a new note has."""
    numbers = iter(draft.cloze_numbers or itertools.repeat(1))
    if not draft.cloze_numbers and draft.kind != "Cloze together":
        numbers = itertools.count(1)
    return {name: write_deletions(value, numbers) for name, value in draft.fields}
