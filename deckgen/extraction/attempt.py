"""One rule tried on one element: its patterns, then its conditions, then a draft for each match."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic
from deckgen.extraction.confidence import with_confidence
from deckgen.extraction.drafting import make_draft
from deckgen.extraction.elements.element import Element
from deckgen.extraction.elements.line_preprocessing import without_code
from deckgen.extraction.settings import Settings
from deckgen.extraction.subjects import Subjects
from deckgen.markdown.text import Text
from deckgen.model import Draft
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.match_state import Match, Refused, Taken
from deckgen.patterns.passage import Blocks, Passage
from deckgen.rules.conditions import Condition, first_failing, tag_below, value_of
from deckgen.rules.rule import Alternative, Rule

Values = Mapping[str, Passage | None]
Found = tuple[str, int, int]
"""Text, its first line and its last."""


class Trace(Struct):
    """What one attempt met on its way, for `explain`. A build keeps none, and nothing in it decides anything."""

    refused: list[tuple[Alternative, list[Refused]]] = field(default_factory=list)  # of each alternative that was tried
    failed: list[tuple[Condition, dict[str, Taken]]] = field(default_factory=list)  # with the captures it looked at
    empty: list[tuple[str, dict[str, Taken]]] = field(default_factory=list)  # fields or captures that came out empty


class Attempt(Struct):
    """One rule tried on one element: what came of it. `explain` reads it, a build only the matches."""

    rule: Rule
    element: Element
    drafts: list[Draft] = field(default_factory=list)
    failed: Condition | None = None  # the condition that failed
    match: Match = field(default_factory=Match)
    yielded: list[tuple[Draft, Rule]] = field(default_factory=list)  # drafts whose question that rule asks already
    left_out: list[tuple[Draft, str]] = field(default_factory=list)  # drafts with a fault, and which
    skipped: list[tuple[Draft, str]] = field(default_factory=list)  # drafts that the author wants no cards of, and why
    claimed_by: Rule | None = None  # the rule that made a note of this text and keeps later ones off it
    is_foreign: bool = False  # the rule is for text in another language
    lacks_words: bool = False  # the words of the rule are not there
    near_mark: str = ""  # a form of a deletion that the text nearly has
    is_exhausted: bool = False  # too many ways to fit: the rule counts as not tried here
    trace: Trace | None = None
    subjects: Subjects | None = None  # what the sentences of the document are about
    extra_values: dict[str, Passage | None] = field(
        default_factory=dict
    )  # what is carried, one of several, or of a regex
    captured: list[Values] = field(default_factory=list)  # of each draft: what was captured and given
    found: Found | None = None  # of a regular expression in several blocks: the lines that it matched

    @property
    def main(self) -> str:
        """The capture that a bare `match` looks at."""
        return self.element.main

    @property
    def inside(self) -> frozenset[str]:
        """The kinds of the elements that it stands in."""
        return self.element.inside

    @property
    def path(self) -> str:
        """The source's path."""
        return self.element.path

    @property
    def tags(self) -> tuple[str, ...]:
        """Tags of the element and of the front matter."""
        return self.element.tags

    def heading_path(self) -> tuple[Passage, ...]:
        """The headings above, outermost first, its own, then parent items."""
        return self.element.heading_path()

    def value(self, name: str) -> Passage | None:
        """What stands under a name, beside the captures of the match."""
        if name in self.extra_values:
            return self.extra_values[name]
        if name == "tag":
            tag = tag_below(self.rule.asked_tags, self.element.tags)
            return Passage.of(tag.replace("_", r"\_"), is_outside=True) if tag else None
        if name == "subject" and self.subjects is not None and self.element.sentence is not None:
            return self.subjects.of_clause(self.element, self.rule)
        if name in self.rule.aside_names:
            return self.element.aside(name, is_with_next="after" in self.rule.slots)
        return self.element.value(name)


def plausible_alternatives(
    alternatives: Iterable[Alternative], element: Element, *, are_chosen: bool = False
) -> list[Alternative]:
    """The alternatives whose words are there: the cheapest question, so it is asked first.

    `are_chosen`: the main text is known to have what they need.
    """
    return [alternative for alternative in alternatives if may_match(alternative, element, are_chosen=are_chosen)]


def may_match(alternative: Alternative, element: Element, *, are_chosen: bool) -> bool:
    """Whether the words of an alternative are there."""
    main = element.main
    for name, pattern in alternative.patterns:
        passage = element.value(name or main)
        if passage is None:
            return False
        holds = pattern.has_words if are_chosen and (not name or name == main) else pattern.may_match
        if not holds(passage.folded_text):
            return False
    return True


def try_rule(
    attempt: Attempt, alternatives: Iterable[Alternative], settings: Settings, *, are_admitted: bool = False
) -> None:
    """Try alternatives of a rule on an element; the drafts, or why there are none, stand in `attempt` afterwards.

    `are_admitted`: the conditions that the rule shares with others are known to let it pass.
    """
    attempt.failed = _failing_own(attempt) if are_admitted else _failing_before(attempt)
    if attempt.failed is not None:
        return
    for alternative in alternatives:
        if attempt.trace is not None:
            attempt.match.refused = []
            attempt.trace.refused.append((alternative, attempt.match.refused))
        if alternative.regex is not None:
            _search(attempt, alternative, settings)
        elif attempt.rule.finds:
            _find(attempt, alternative, settings)
        else:
            _match(attempt, alternative, settings)
        if attempt.drafts:
            return


def _failing_before(attempt: Attempt) -> Condition | None:
    """A condition that refuses whatever is captured. Those of a pack are the same for all its rules: asked once."""
    for condition in attempt.rule.unless_before:
        if _holds(condition, attempt):
            return condition
    for condition in attempt.rule.when_before:
        if not _holds(condition, attempt):
            return condition
    return None


def _failing_own(attempt: Attempt) -> Condition | None:
    """The same of the conditions that the rule shares with no other."""
    for condition, wanted in attempt.rule.own_before:
        if _holds(condition, attempt) != wanted:
            return condition
    return None


def _holds(condition: Condition, attempt: Attempt) -> bool:
    asked = attempt.element.asked
    known = asked.get(condition)
    if known is None:
        known = asked[condition] = condition.holds(attempt, attempt.match)
    return known


def _match(attempt: Attempt, alternative: Alternative, settings: Settings) -> None:
    _match_from(0, attempt.match, _folded_texts(attempt.element, alternative), attempt, alternative, settings)


def _match_from(
    index: int,
    match: Match,
    folded_texts: list[FoldedText],
    attempt: Attempt,
    alternative: Alternative,
    settings: Settings,
) -> bool:
    """Match the patterns of an alternative from one of them on. (A closure that calls itself could only be freed by the
    collector.)
    """
    if index == len(alternative.patterns):
        return _make_drafts(attempt, settings)
    folded_text, (_, pattern) = folded_texts[index], alternative.patterns[index]
    start = folded_text.first_word(attempt.rule.skip)

    def go_on(inner: Match, _: int) -> bool:
        return _match_from(index + 1, inner, folded_texts, attempt, alternative, settings)

    return pattern.match(folded_text, start, match, go_on)


def _folded_texts(element: Element, alternative: Alternative) -> list[FoldedText]:
    folded_texts = []
    for name, _ in alternative.patterns:
        passage = element.value(name or element.main)
        assert passage is not None  # plausible_alternatives has looked
        folded_texts.append(passage.folded_text)
    return folded_texts


def _find(attempt: Attempt, alternative: Alternative, settings: Settings) -> None:
    """Drafts for each place that fits, without overlap. Of several patterns the first is looked for, the rest fit."""
    (_, pattern), *others = alternative.patterns
    folded_text, *other_texts = _folded_texts(attempt.element, alternative)
    ends: list[int] = []

    def accept(match: Match, end: int) -> bool:
        for (_, other), inner in zip(others, other_texts, strict=True):
            if not other.match(inner, inner.first_word(None), match, lambda *_: True):
                return False
        ends.append(end)
        return _make_drafts(attempt, settings)

    place = pattern.next_start(folded_text, 0)
    while place < len(folded_text):
        attempt.match.captures.clear()
        if pattern.match(folded_text, place, attempt.match, accept):
            place = pattern.next_start(folded_text, max(ends[-1], place + 1))
        else:
            place = pattern.next_start(folded_text, place + 1)


def _search(attempt: Attempt, alternative: Alternative, settings: Settings) -> None:
    """Drafts for each match of a regular expression on the Markdown as written."""
    main = attempt.element.value(attempt.element.main)
    if main is None or alternative.regex is None:
        return
    is_text = isinstance(main.text, Text)
    markdown = main.text.source(main.start, main.end) if is_text else str(main.markdown)
    place = main.text.place(main.start)
    for found in alternative.regex.finditer(markdown):
        groups = ((name, found.start(group), found.end(group)) for name, group in alternative.regex.groupindex.items())
        attempt.extra_values = {
            name: _written(markdown, start, end, place, is_text=is_text) if start < end else None
            for name, start, end in groups
        }
        if not is_text:
            first, last = (place[0] + markdown.count("\n", 0, at) for at in (found.start(), max(found.end() - 1, 0)))
            attempt.found = markdown[found.start() : found.end()], first, last
        _make_drafts(attempt, settings)
    attempt.extra_values, attempt.found = {}, None


def _written(markdown: str, start: int, end: int, place: tuple[int, int], *, is_text: bool) -> Passage | None:
    """A group of a regular expression: a passage of its own, of one text or of blocks."""
    written = markdown[start:end]
    if not written.strip():
        return None
    line = place[0] + markdown.count("\n", 0, start)
    if not is_text and "\n" in written.strip():
        return Passage(Blocks.of(written.strip("\n"), line))
    begin = markdown.rfind("\n", 0, start) + 1
    column = start - begin + (1 if begin else place[1])
    return Passage(Text(written, line, (column, *(1 for _ in range(written.count("\n"))))))


def _make_drafts(attempt: Attempt, settings: Settings) -> bool:
    """Drafts of the match as it is now: one, or with `for_each` one for each thing there."""
    rule = attempt.rule
    if not _take_carried(attempt):
        return False
    if not rule.for_each:
        return _make_draft(attempt, settings)
    given, is_made = attempt.extra_values, False
    slots = [slot.name for _, template in rule.fields for slot in template.slots()]
    nothing = {name: None for name in slots if (name + ".").startswith(rule.for_each + ".")}
    for values in attempt.element.parts(rule.for_each):
        attempt.extra_values = {**given, **nothing, **values}
        is_made = _make_draft(attempt, settings) or is_made
    attempt.extra_values = given
    return is_made


def _take_carried(attempt: Attempt) -> bool:
    """Whether all that the rule carries is there: captured after all, or had of the sentence before."""
    for name in attempt.rule.carry:
        if name in attempt.match.captures:
            continue
        carried = attempt.subjects.carried(attempt.element, attempt.rule, name) if attempt.subjects else None
        if carried is None:
            if attempt.trace is not None:
                attempt.trace.empty.append((name, dict(attempt.match.captures)))
            return False
        attempt.extra_values[name] = carried
    return True


def _make_draft(attempt: Attempt, settings: Settings) -> bool:
    rule, match = attempt.rule, attempt.match
    failing = first_failing(rule.when_after, attempt, match)
    if failing is None:
        failing = next((c for c in rule.unless_after if c.holds(attempt, match)), None)
    if failing is not None:
        attempt.failed = failing
        if attempt.trace is not None:
            attempt.trace.failed.append((failing, dict(match.captures)))
        return False
    known: dict[str, Passage | None] = {}

    def value(name: str) -> Passage | None:  # templates, question, answer and key ask for the same ones
        if name not in known:
            known[name] = value_of(attempt, match, name)
        return known[name]

    if attempt.subjects is not None:
        attempt.subjects.matched.add(rule.name)
    draft = make_draft(rule, attempt.element, value, settings)
    if isinstance(draft, str):
        attempt.near_mark = _near_mark(rule, attempt.element)
        if attempt.trace is not None:
            attempt.trace.empty.append((draft, dict(match.captures)))
        return False
    if attempt.found is not None:
        draft = _narrowed(draft, attempt.found)
    attempt.drafts.append(with_confidence(draft, attempt))
    captured = {name: value(name) for name in match.captures}
    attempt.captured.append({**attempt.extra_values, **captured})
    return True


def _near_mark(rule: Rule, element: Element) -> str:
    """A form of a deletion that the text of an element has but for a mark too many."""
    near = [form for form in rule.marks if form.near is not None]
    text = without_code(element.source_text) if near else ""
    return next((form.text for form in near if form.near is not None and form.near.search(text)), "")


def _narrowed(draft: Draft, found: Found) -> Draft:
    """A draft of a part of its element: of the lines that were found there."""
    text, first, last = found
    span = replace(draft.origin.span, line=first, column=1, end_line=last, end_column=0)
    return replace(draft, text=text, origin=replace(draft.origin, span=span, text=text))


def too_long(attempt: Attempt) -> Diagnostic:
    """That a rule was not tried on a text."""
    span = attempt.element.origin().span
    return Diagnostic(
        "text-too-long",
        f"rule `{attempt.rule.name}` was not tried on this {attempt.element.kind}: too many ways to fit it",
        span,
        "break the text up, or give the captures of the rule a type or a length",
        attempt.element.document.lines[span.line - 1][:200],
    )
