"""A rule file and a note × each other → what each example and each text of the note gives, and what changed since.

For rule authors: only the rules of the file are tried, so that each line of the report is theirs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, format_diagnostic, has_errors
from deckgen.diagnostics.paths import shown_path
from deckgen.extraction.examples import check_examples
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.project.config import Config
from deckgen.project.locate import Request
from deckgen.project.project import note_types_around, open_project
from deckgen.project.source_files import leave_unread, read_text
from deckgen.reports.columns import counted, cut, harmless
from deckgen.reports.diff_text import Paint
from deckgen.reports.drafts import plain
from deckgen.reports.example_lines import difference_lines
from deckgen.reports.explain import explain
from deckgen.reports.explain_summary import texts_of
from deckgen.rules.loading import load_rules
from deckgen.rules.rule import RuleSet
from deckgen.rules.shipped import PackText


class TriedText(Struct, frozen=True):
    """A text of the note: a sentence, an item, a row."""

    line: int
    text: str
    cards: tuple[str, ...]
    reason: str = ""  # the nearest one where there is no card


class TriedExample(Struct, frozen=True):
    """An example of a rule."""

    line: int
    rule: str
    text: str
    is_right: bool
    difference: tuple[str, ...] = ()


class Trial(Struct, frozen=True):
    """What came of a rule file and a note."""

    diagnostics: tuple[Diagnostic, ...] = ()
    examples: tuple[TriedExample, ...] = ()
    texts: tuple[TriedText, ...] = ()

    @property
    def is_right(self) -> bool:
        """Whether the file has no mistake, and every example comes out as written."""
        return not has_errors(self.diagnostics) and all(one.is_right for one in self.examples)

    @property
    def cards(self) -> frozenset[str]:
        """All cards of the note."""
        return frozenset(card for one in self.texts for card in one.cards)


def try_rules(rule_file: Path, note: Path) -> Trial:
    """Read both as they are now, and try the one on the other."""
    rules_text, problems = read_text(rule_file)
    note_text, more = read_text(note)
    if rules_text is None or note_text is None:
        return Trial((*problems, *more))
    pack = PackText(rule_file.stem, shown_path(rule_file), rules_text)
    rules, problems = load_rules([pack], note_types_around(rule_file))
    if has_errors(problems):
        return Trial(tuple(problems))
    project, _ = open_project(Request((note,)), leave_unread, reads_lock=False)
    config = project.config if project is not None else Config()
    return Trial(tuple(problems), tuple(_examples(rules)), tuple(_texts(note_text, rules, config)))


def _examples(rules: RuleSet) -> Iterator[TriedExample]:
    for result in check_examples(rules):
        text = " ".join(result.example.text.split())
        difference = () if result.is_right else tuple(difference_lines(result))
        yield TriedExample(result.example.span.line, result.rule.name, text, result.is_right, difference)


def _texts(text: str, rules: RuleSet, config: Config) -> Iterator[TriedText]:
    document, _ = read_document(Source("note.md", text), config.language, config.dialect)
    settings = Settings(
        config.deck or "Deck", config.subdecks, config.tags, config.confidence, config.lists, config.vocabulary
    )
    for line, words, notes, reason in texts_of(explain(document, rules, settings)):
        cards = tuple(
            f"{' → '.join(plain(value) for _, value in draft.fields if value.strip())}  ({tried.rule.name})"
            for tried, draft in notes
        )
        yield TriedText(line, words, cards, reason)


def trial_lines(now: Trial, before: Trial | None, width: int, paint: Paint) -> Iterator[str]:
    """All of it for a terminal. `+` and `-` mark cards that came or went since `before`, `~` what else changed."""
    for diagnostic in now.diagnostics:
        yield from harmless(format_diagnostic(diagnostic)).split("\n")
    if has_errors(now.diagnostics):
        return
    known = {(one.rule, one.text): one for one in before.examples} if before is not None else {}
    for one in now.examples:
        old = known.get((one.rule, one.text))
        is_same = old is not None and (old.is_right, old.difference) == (one.is_right, one.difference)
        mark = " " if is_same or before is None else "~"
        sign = paint.new("✓") if one.is_right else paint.old("✗")
        yield f"{mark} {sign} {cut(harmless(f'{one.line}: {one.rule}: {one.text}'), width - 4)}"
        yield from (cut(harmless(f"   {line}"), width) for line in one.difference)
    if now.examples:
        yield ""
    yield from _text_lines(now, before, width, paint)
    right = sum(one.is_right for one in now.examples)
    yield ""
    yield f"{right} of {counted(len(now.examples), 'example')} right, {counted(len(now.cards), 'card')} in the note"


def _text_lines(now: Trial, before: Trial | None, width: int, paint: Paint) -> Iterator[str]:
    known: Mapping[str, TriedText] = {one.text: one for one in before.texts} if before is not None else {}
    old_cards = before.cards if before is not None else now.cards
    shown: set[str] = set()
    for one in now.texts:
        old = known.get(one.text)
        gone = [card for card in (old.cards if old is not None else ()) if card not in now.cards]
        shown.update(gone)
        if not one.cards and not one.reason and not gone:
            continue
        is_other = before is not None and (old is None or old.reason != one.reason) and not one.cards and not gone
        yield f"{'~' if is_other else ' '} {cut(harmless(f'{one.line:4}  {one.text}'), width - 2)}"
        for card in one.cards:
            mark = " " if card in old_cards else paint.new("+")
            yield f"{mark}       {cut(harmless(card), width - 8)}"
        for card in gone:
            yield f"{paint.old('-')}       {cut(harmless(card), width - 8)}"
        if one.reason and not one.cards:
            yield "        " + paint.soft(cut(harmless(f"no card: {one.reason}"), width - 8))
    for card in sorted(old_cards - now.cards - shown):
        yield f"{paint.old('-')}       {cut(harmless(card), width - 8)}"
