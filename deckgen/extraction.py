"""Documents × rules → drafts: every rule is tried on every element that it asks for, in the order of the sources."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from deckgen.diagnostics import Diagnostic, define
from deckgen.documents import Document
from deckgen.elements import Element, elements_of
from deckgen.model import Draft, Markdown
from deckgen.passages import Passage
from deckgen.patterns import Match, Refused, StepsExhausted, Taken
from deckgen.rules.conditions import Condition, first_failing, value_of
from deckgen.rules.rule import Rule, RuleSet, Way
from deckgen.sentences import language_of

define(
    "warning",
    text_too_long="A text is so long and so like a pattern that trying it would take for ever; the rule counts as not "
    "tried there.",
)


@dataclass(frozen=True, slots=True)
class Settings:
    """What deck.yaml says of all notes."""

    deck: str
    subdecks: str = "none"  # none | file | folder | heading
    tags: tuple[str, ...] = ()
    note_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Extracted:
    """The drafts, and where a rule was not tried: (path, rule identity), whose notes stay as they are."""

    drafts: tuple[Draft, ...]
    untried: frozenset[tuple[str, str]] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()


@dataclass(slots=True)
class Trace:
    """What one attempt met on its way, for `explain`. A build keeps none, and nothing in it decides anything."""

    refused: list[tuple[Way, list[Refused]]] = field(default_factory=list)  # of each way that was tried
    failed: list[tuple[Condition, dict[str, Taken]]] = field(default_factory=list)  # with the captures it looked at
    empty: list[tuple[str, dict[str, Taken]]] = field(default_factory=list)  # fields that came out empty


@dataclass(slots=True)
class Attempt:
    """One rule tried on one element: what came of it. `explain` reads it, a build only the matches."""

    rule: Rule
    element: Element
    drafts: list[Draft] = field(default_factory=list)
    failed: Condition | None = None  # the condition that failed
    match: Match = field(default_factory=Match)
    given_way: list[tuple[Draft, Rule]] = field(default_factory=list)  # drafts whose question that rule asks already
    is_foreign: bool = False  # the rule is for text in another language
    is_hopeless: bool = False  # the words of the rule are not there
    is_exhausted: bool = False  # too many ways to fit: the rule counts as not tried here
    trace: Trace | None = None


def extract(documents: Sequence[Document], rules: RuleSet, settings: Settings) -> Extracted:
    """All drafts of a project, in the order of the sources, then of the text, then of the rules."""
    drafts: list[Draft] = []
    untried: set[tuple[str, str]] = set()
    diagnostics: list[Diagnostic] = []
    for document in documents:
        for attempt in attempts_on(document, rules, settings):
            drafts.extend(attempt.drafts)
            if attempt.is_exhausted:
                untried.add((document.path, attempt.rule.identity))
                diagnostics.append(_too_long(attempt))
    return Extracted(tuple(drafts), frozenset(untried), tuple(diagnostics))


Kept = Literal["drafts", "tried", "all"]
"""Which attempts are wanted: those that made a draft or could not be tried, those with a chance, or, traced, all."""


def attempts_on(document: Document, rules: RuleSet, settings: Settings, keep: Kept = "drafts") -> list[Attempt]:
    """Every rule tried on every element of a document that it asks for, in the order of the text, then of the rules."""
    is_traced = keep == "all"
    by_kind: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules.rules:
        for kind in rule.elements:
            by_kind[kind].append(rule)
    attempts: list[Attempt] = []
    for element in elements_of(document, frozenset(by_kind)):
        for rule in by_kind[element.kind]:
            if not speaks(rule.language, element.language):
                if is_traced:
                    attempts.append(Attempt(rule, element, is_foreign=True))
                continue
            if not may_match(rule, element):
                if is_traced:
                    attempts.append(Attempt(rule, element, is_hopeless=True))
                continue
            attempt = Attempt(rule, element, trace=Trace() if is_traced else None)
            try:
                try_rule(attempt, settings)
            except StepsExhausted:
                attempt.is_exhausted = True
            if keep != "drafts" or attempt.drafts or attempt.is_exhausted:
                attempts.append(attempt)
    _ask_each_question_once(attempts)
    return attempts


def speaks(rule_language: str, language: str) -> bool:
    """Whether a rule for one language looks at text of another: all languages of the Latin script are one here."""
    if not rule_language or rule_language == language:
        return True
    return language == "en" and rule_language not in ("zh", "ja", "ko", "ru")


def _too_long(attempt: Attempt) -> Diagnostic:
    span = attempt.element.origin().span
    return Diagnostic(
        "text-too-long",
        f"rule `{attempt.rule.name}` was not tried on this {attempt.element.kind}: too many ways to fit it",
        span,
        "break the text up, or give the captures of the rule a type or a length",
        attempt.element.document.lines[span.line - 1][:200],
    )


def try_rule(attempt: Attempt, settings: Settings) -> None:
    """Try a rule on an element; the drafts, or why there are none, stand in `attempt` afterwards."""
    rule, element = attempt.rule, attempt.element
    attempt.failed = _failing_before(rule, element, attempt.match)
    if attempt.failed is not None:
        return
    for way in rule.ways:
        if not _way_may_match(way, element):
            continue
        if attempt.trace is not None:
            attempt.match.refused = []
            attempt.trace.refused.append((way, attempt.match.refused))
        drafts = list(_find(attempt, way, settings) if rule.finds else _match(attempt, way, settings))
        if drafts:
            attempt.drafts = drafts
            return


def may_match(rule: Rule, element: Element) -> bool:
    """Whether the words of some way are there: the cheapest question, so it is asked first."""
    return any(_way_may_match(way, element) for way in rule.ways)


def _way_may_match(way: Way, element: Element) -> bool:
    for name, pattern in way.patterns:
        passage = element.value(name or element.main)
        if passage is None or not pattern.may_match(passage.reading):
            return False
    return True


def _failing_before(rule: Rule, element: Element, match: Match) -> Condition | None:
    """A condition that refuses whatever is captured. Those of a pack are the same for all its rules: asked once."""
    for condition in rule.unless_before:
        if _holds(condition, element, match):
            return condition
    for condition in rule.when_before:
        if not _holds(condition, element, match):
            return condition
    return None


def _holds(condition: Condition, element: Element, match: Match) -> bool:
    known = element.asked.get(condition)
    if known is None:
        known = element.asked[condition] = condition.holds(element, match)
    return known


def _match(attempt: Attempt, way: Way, settings: Settings) -> Iterator[Draft]:
    element, rule = attempt.element, attempt.rule
    if not way.patterns:
        if (draft := _draft_if_allowed(attempt, settings)) is not None:
            yield draft
        return
    readings = []
    for name, _ in way.patterns:
        passage = element.value(name or element.main)
        assert passage is not None  # _may_match has looked
        readings.append(passage.reading)
    made: list[Draft] = []

    def go_on(index: int, match: Match) -> bool:
        if index == len(way.patterns):
            draft = _draft_if_allowed(attempt, settings)
            if draft is not None:
                made.append(draft)
            return draft is not None
        reading = readings[index]
        skip = rule.skip if isinstance(rule.skip, re.Pattern) else None
        return way.patterns[index][1].match(
            reading, reading.first_word(skip), match, lambda inner, _: go_on(index + 1, inner)
        )

    go_on(0, attempt.match)
    yield from made


def _find(attempt: Attempt, way: Way, settings: Settings) -> Iterator[Draft]:
    """A draft for each place that fits, without overlap. With several patterns, the first is looked for, the others must fit."""
    element = attempt.element
    (name, pattern), *others = way.patterns
    passage = element.value(name or element.main)
    assert passage is not None  # _may_match has looked
    reading = passage.reading
    place = pattern.next_start(reading, 0)
    while place < len(reading):
        made: list[tuple[Draft, int]] = []

        def accept(match: Match, end: int, made: list[tuple[Draft, int]] = made) -> bool:
            for other_name, other in others:
                found = element.value(other_name or element.main)
                if found is None or not other.match(
                    found.reading, found.reading.first_word(None), match, lambda *_: True
                ):
                    return False
            draft = _draft_if_allowed(attempt, settings)
            if draft is not None:
                made.append((draft, end))
            return draft is not None

        attempt.match.captures.clear()
        if pattern.match(reading, place, attempt.match, accept):
            draft, end = made[-1]
            yield draft
            place = pattern.next_start(reading, max(end, place + 1))
        else:
            place = pattern.next_start(reading, place + 1)


def _draft_if_allowed(attempt: Attempt, settings: Settings) -> Draft | None:
    rule, element, match = attempt.rule, attempt.element, attempt.match
    failing = first_failing(rule.when, element, match)
    if failing is None:
        failing = next((c for c in rule.unless_after if c.holds(element, match)), None)
    if failing is not None:
        attempt.failed = failing
        if attempt.trace is not None:
            attempt.trace.failed.append((failing, dict(match.captures)))
        return None
    return make_draft(attempt, settings)


def make_draft(attempt: Attempt, settings: Settings) -> Draft | None:
    """The draft of one match; None when its question, or an answer that the rule fills, comes out empty."""
    rule, element, match = attempt.rule, attempt.element, attempt.match

    def markdown_of(name: str, follows_text: bool) -> str:
        passage = value_of(element, match, name)
        if passage is None:
            return ""
        text = passage.markdown.strip()
        article = _article(rule, name, passage)
        return text[:1].lower() + text[1:] if article and follows_text and text[:1].isalpha() else text

    fields: list[tuple[str, Markdown]] = []
    for index, (name, template) in enumerate(rule.fields):
        filled = template.fill(markdown_of)
        if not filled and (index == 0 or name == "Back"):
            if attempt.trace is not None:
                attempt.trace.empty.append((name, dict(match.captures)))
            return None
        fields.append((name, Markdown(filled)))
    question = dict.fromkeys(slot.name for slot in rule.fields[0][1].slots())
    answer = dict.fromkeys(
        slot.name for _, template in rule.fields[1:] for slot in template.slots() if slot.name not in question
    )
    question_values = _ordered(rule, element, match, question)
    answer_values = _ordered(rule, element, match, answer)
    outside = [text for passage, text in question_values + answer_values if passage.is_outside]
    key = [text for _, text in _ordered(rule, element, match, dict.fromkeys(rule.key))]
    origin = element.origin()
    return Draft(
        rule=rule.name,
        identity=rule.identity,
        kind={"Reversed": "Basic", "Typed": "Basic"}.get(rule.note, rule.note),
        note_type=rule.note,
        fields=tuple(fields),
        key=tuple(key),
        question="\n".join(text for _, text in question_values),
        answer="\n".join(text for _, text in answer_values),
        text="\n".join([element.source_text, *outside]),
        origin=origin,
        deck=_deck(rule, element, settings, markdown_of),
        tags=_tags(rule, element, settings, markdown_of),
    )


def _article(rule: Rule, name: str, passage: Passage) -> str:
    kind = rule.articles.get(name)
    if kind is None:
        return ""
    words = passage.plain.split(" ", 1)
    return words[0] if len(words) > 1 and words[0].lower() in kind.articles else ""


def _ordered(rule: Rule, element: Element, match: Match, names: Iterable[str]) -> list[tuple[Passage, str]]:
    """The values of captures, without their articles: outside ones first, then in source order."""
    found = []
    for order, name in enumerate(names):
        passage = value_of(element, match, name)
        if passage is None or not passage:
            continue
        text = passage.markdown.strip()
        if article := _article(rule, name, passage):
            text = text[len(article) :].lstrip() if text.startswith(article) else text
        place = (0, order, 0) if passage.is_outside else (1, *passage.words.place(passage.start))
        found.append((place, passage, text))
    return [(passage, text) for _, passage, text in sorted(found, key=lambda entry: entry[0])]


def _tags(rule: Rule, element: Element, settings: Settings, markdown_of: object) -> tuple[str, ...]:
    own = [template.fill(markdown_of) for template in rule.tags]  # type: ignore[arg-type]
    tags = [*settings.tags, *element.document.tags, *own]
    return tuple(
        sorted({re.sub(r"\s+", "-", tag.strip().lstrip("#")).replace("/", "::") for tag in tags if tag.strip("# \t")})
    )


def _deck(rule: Rule, element: Element, settings: Settings, markdown_of: object) -> str:
    tails = []
    if settings.subdecks in ("file", "folder"):
        folders = element.path.split("/")
        tails.extend(folders[:-1] if settings.subdecks == "folder" else [element.document.title])
    elif settings.subdecks == "heading" and element.heading_path():
        tails.append(element.heading_path()[0].shown)
    if rule.deck is not None:
        tails.extend(rule.deck.fill(markdown_of).replace("/", "::").split("::"))  # type: ignore[arg-type]
    return "::".join([settings.deck, *(tail.strip().replace("::", ":") for tail in tails if tail.strip())])


def _ask_each_question_once(attempts: Iterable[Attempt]) -> None:
    """Of two rules on overlapping text with the same question, the first one's note stays."""
    kept: dict[str, list[tuple[Attempt, Draft]]] = defaultdict(list)
    for attempt in sorted(attempts, key=lambda attempt: attempt.rule.order):
        for draft in attempt.drafts:
            asked = kept[re.sub(r"[\s*_`?？。.]+", "", draft.fields[0][1]).casefold()]
            first = next((other for other, same in asked if _is_said(attempt, draft, other, same)), None)
            if first is None:
                asked.append((attempt, draft))
            else:
                attempt.given_way.append((draft, first.rule))
        if attempt.given_way:
            gone = {id(draft) for draft, _ in attempt.given_way}
            attempt.drafts = [draft for draft in attempt.drafts if id(draft) not in gone]


def _is_said(attempt: Attempt, draft: Draft, earlier: Attempt, same: Draft) -> bool:
    """Whether an earlier draft with the same question leaves no room for this one."""
    if earlier.rule.order != attempt.rule.order:
        return _overlaps(attempt.element, earlier.element)
    return earlier.element is attempt.element and same.fields == draft.fields  # one rule, the same note twice


def _overlaps(one: Element, other: Element) -> bool:
    if one.kind == other.kind and one.kind in ("sentence", "clause", "table_cell"):
        return one is other or (one.line, one.column) == (other.line, other.column)
    return one.line <= other.end_line and other.line <= one.end_line


def languages_in(documents: Iterable[Document]) -> set[str]:
    """The languages that the documents are written in."""
    return {document.language or language_of(document.title) for document in documents}
