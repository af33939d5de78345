"""Documents × rules → drafts: every rule is tried on every element that it asks for, in the order of the sources."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain, repeat
from operator import attrgetter
from typing import Literal

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, define
from deckgen.extraction.attempt import Attempt, Trace, Values, plausible_alternatives, too_long, try_rule
from deckgen.extraction.collector import without_collector
from deckgen.extraction.diagrams import diagram_problem
from deckgen.extraction.elements.element import INLINE, Element, Where
from deckgen.extraction.elements.from_blocks import elements_of
from deckgen.extraction.elements.from_lines import line_elements
from deckgen.extraction.elements.inline import Cutting
from deckgen.extraction.elements.line_preprocessing import preprocess
from deckgen.extraction.entries.document import entries_of, label_ends
from deckgen.extraction.entries.labels import Labels
from deckgen.extraction.entries.outline import Outline, outline_of
from deckgen.extraction.expectations import doubled_clozes, near_mark, unmet_expectations
from deckgen.extraction.faults import cut_words, has_no_letter, is_same_fact
from deckgen.extraction.note_signals import weigh_note
from deckgen.extraction.other_ids import ids_problem, with_other_ids
from deckgen.extraction.rivals import bare
from deckgen.extraction.rule_index import Layers, abbreviations_in, plan_of, speaks
from deckgen.extraction.schedules import schedules_problem, with_schedules
from deckgen.extraction.settings import Settings
from deckgen.extraction.skip_marks import mark_problems, reason_at, skipped_lines
from deckgen.extraction.subjects import Subjects
from deckgen.markdown.document import Document
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import CONFIDENCES, Confidence, Draft, is_at_least
from deckgen.patterns.match_state import StepsExhaustedError
from deckgen.rules.preprocessing import Preprocessing
from deckgen.rules.rule import Alternative, Rule, RuleSet

define(
    "warning",
    text_too_long="A text is too long for a pattern that can match it in too many ways; the rule was not tried there.",
)


class Extracted(Struct, frozen=True):
    """All drafts, and where a rule was not tried: (path, rule identity), whose notes stay as they are."""

    found: tuple[Draft, ...]  # those also that are less sure than the project wants its notes
    least: Confidence = "likely"
    untried: frozenset[tuple[str, str]] = frozenset()
    diagnostics: tuple[Diagnostic, ...] = ()
    matched: frozenset[str] = frozenset()  # the rules whose templates were filled, or tried

    @property
    def drafts(self) -> tuple[Draft, ...]:
        """Those that are sure enough."""
        return tuple(draft for draft in self.found if is_at_least(draft.confidence, self.least))


def extract(documents: Sequence[Document], rules: RuleSet, settings: Settings) -> Extracted:
    """All drafts of a project, in the order of the sources, then of the text, then of the rules."""
    found: list[Draft] = []
    untried: set[tuple[str, str]] = set()
    matched: set[str] = set()
    diagnostics: list[Diagnostic] = []
    with without_collector():
        for document in documents:
            diagnostics.extend(mark_problems(document))
            extraction = _Extraction(document, rules, settings, "drafts")
            attempts = extraction.attempts()
            matched |= extraction.subjects.matched
            diagnostics.extend(doubled_clozes(document, attempts))
            trace = partial(attempts_on, document, settings=settings, keep="all")
            unmet = unmet_expectations(document, rules, attempts, trace)
            diagnostics.extend(unmet.diagnostics)
            if unmet.refused:
                untried.update((document.path, rule.identity) for rule in rules.rules if rule.pack in unmet.refused)
            kept = [draft for a in attempts if a.rule.pack not in unmet.refused for draft in a.drafts]
            kept = with_other_ids(document, rules, kept)
            diagnostics.extend(ids_problem(document, kept))
            kept = with_schedules(document, rules, kept)
            diagnostics.extend(schedules_problem(document, kept))
            diagnostics.extend(diagram_problem(document, kept))
            found.extend(kept)
            for attempt in attempts:
                if attempt.near_mark and not attempt.drafts:
                    diagnostics.append(near_mark(attempt))
                if attempt.is_exhausted:
                    untried.add((document.path, attempt.rule.identity))
                    diagnostics.append(too_long(attempt))
    return Extracted(tuple(found), settings.confidence, frozenset(untried), tuple(diagnostics), frozenset(matched))


_PLACE = attrgetter("line", "column")
AttemptFilter = Literal["drafts", "tried", "traced", "all"]
"""Which attempts are wanted: those that made a draft or could not be tried, those with a chance, these with a trace of
why they made none, or, traced, all.
"""


def attempts_on(
    document: Document, rules: RuleSet, settings: Settings, keep: AttemptFilter = "drafts"
) -> list[Attempt]:
    """Every rule tried on every element of a document that it asks for, in the order of the text, then of the rules."""
    return _Extraction(document, rules, settings, keep).attempts()


class _Claim(Struct, frozen=True):
    """A region of text that a rule keeps later ones off."""

    rule: Rule
    start: tuple[int, int]
    end: tuple[int, int]


class _Extraction:
    """The rules on one document."""

    def __init__(self, document: Document, rules: RuleSet, settings: Settings, keep: AttemptFilter) -> None:
        self.document, self.settings, self.keep = document, settings, keep
        self.plan = plan_of(rules.rules)
        self.subjects = Subjects(self.plan.on_sentences, partial(_try_on_sentence, settings))
        self.claims: list[_Claim] = []
        self.abbreviations = partial(abbreviations_in, rules.abbreviations)
        self.labels = Labels(rules.label_words)
        self.outlines: list[Outline] = []

    def attempts(self) -> list[Attempt]:
        """All that are to be kept."""
        asked: list[tuple[int, Element, Layers]] = []
        for place, (preprocessing, element) in enumerate(self.elements()):
            layers = self.rules_on(preprocessing, element)
            if layers is not None:
                asked.append((place, element, layers))
        found: list[tuple[int, Attempt]] = []
        for layer in range(self.plan.layers):
            claims: list[_Claim] = []
            for place, element, layers in asked:
                for rule, alternatives in layers.rules[layer]:
                    attempt = self.attempt(rule, alternatives, element, are_admitted=layers.are_admitted)
                    if attempt is not None:
                        found.append((place, attempt))
                        if rule.claims and any(draft.confidence != "maybe" for draft in attempt.drafts):
                            claims.extend(_claims(attempt))
            self.claims.extend(claims)
        found.sort(key=lambda entry: (entry[0], entry[1].rule.order))
        attempts = [attempt for _, attempt in found]
        if self.keep == "drafts":
            for outline in self.outlines:
                outline.release()
        self.leave_skipped_out(attempts)
        _leave_faults_out(attempts)
        _ask_each_question_once(attempts)
        _tell_each_fact_once(attempts)
        _leave_headings_to_sentences(attempts)
        weigh_note(attempts, self.document.language)
        return attempts

    def leave_skipped_out(self, attempts: Iterable[Attempt]) -> None:
        """Make nothing of what the author marked as no card."""
        if not (skipped := skipped_lines(self.document)):
            return
        for attempt in attempts:
            reasons = [(draft, reason_at(skipped, draft.origin.span.line)) for draft in attempt.drafts]
            attempt.skipped = [(draft, reason) for draft, reason in reasons if reason]
            attempt.drafts = [draft for draft, reason in reasons if not reason]

    def elements(self) -> Iterator[tuple[Preprocessing, Element]]:
        """What the rules ask for, in the order of the text."""
        streams: list[Iterator[tuple[Preprocessing, Element]]] = []
        for preprocessing, selectors in self.plan.wanted.items():
            kinds = frozenset(selector.kind for selector in selectors if selector.is_plain)
            marked = [selector for selector in selectors if selector.kind == "highlight"]
            by_line = [s for s in selectors if not s.is_plain and s.kind != "highlight"]

            def cuts(sentence: Element, preprocessing: Preprocessing = preprocessing) -> bool:
                return self.plan.is_plausible_in_clauses(preprocessing, sentence)

            for region in preprocess(self.document, preprocessing):
                where = Where(siblings=region.blocks, metadata=region.metadata)
                entries = outline_of(region.document, where) if "entry" in kinds else None
                self.outlines.extend([] if entries is None else [entries])
                closed = {} if entries is None else label_ends(entries, self.labels)
                cutting = Cutting(None if self.keep == "all" else cuts, self.abbreviations, closed)
                made = [elements_of(region.document, kinds, where, marked, cutting)]
                if entries is not None:
                    made.append(entries_of(region.document, entries, self.labels, self.settings))
                made.extend(iter(sorted(line_elements(region, selector), key=_PLACE)) for selector in by_line)
                streams.extend(zip(repeat(preprocessing), stream) for stream in made)
        # Made one by one: what no rule is tried on, and all that it found out of itself, is given back at once.
        if not self.plan.is_simple or self.plan.has_entries:
            return heapq.merge(*streams, key=lambda found: _PLACE(found[1]))
        return chain.from_iterable(streams)

    def rules_on(self, preprocessing: Preprocessing, element: Element) -> Layers | None:
        """The rules to try on an element, by layer: all that ask for its kind, or only those with a chance."""
        if self.keep == "all":
            return self.plan.asking(preprocessing, element)
        return self.plan.plausible(preprocessing, element, admits=self.keep == "drafts")

    def attempt(
        self, rule: Rule, alternatives: Sequence[Alternative], element: Element, *, are_admitted: bool
    ) -> Attempt | None:
        """Try alternatives of a rule on an element; None for an attempt that is not to be kept."""
        are_all = self.keep == "all"
        if rule.language and not speaks(rule.language, element.language):
            return Attempt(rule, element, is_foreign=True) if are_all else None
        if not are_admitted:
            alternatives = plausible_alternatives(alternatives, element, are_chosen=not are_all)
        if not alternatives:
            return Attempt(rule, element, lacks_words=True) if are_all else None
        trace = Trace() if self.keep in ("traced", "all") else None
        attempt = Attempt(rule, element, trace=trace, subjects=self.subjects)
        if self.claims and (claim := self.claim_on(element)) is not None:
            attempt.claimed_by = claim.rule
        else:
            try:
                try_rule(attempt, alternatives, self.settings, are_admitted=are_admitted)
            except StepsExhaustedError:
                attempt.is_exhausted = True
        is_kept = self.keep != "drafts" or attempt.drafts or attempt.is_exhausted or attempt.near_mark
        return attempt if is_kept else None

    def claim_on(self, element: Element) -> _Claim | None:
        """A claim of an earlier rule on the text of an element."""
        start, end = element.text_extent
        return next((claim for claim in self.claims if claim.start < end and start < claim.end), None)


def _try_on_sentence(settings: Settings, subjects: Subjects, rule: Rule, sentence: Element) -> Sequence[Values]:
    """What a rule captures in a sentence, where it makes a note of it."""
    alternatives = (
        plausible_alternatives(rule.alternatives, sentence) if speaks(rule.language, sentence.language) else []
    )
    if not alternatives:
        return ()
    attempt = Attempt(rule, sentence, subjects=subjects)
    try:
        try_rule(attempt, alternatives, settings)
    except StepsExhaustedError:
        return ()
    return attempt.captured


def _claims(attempt: Attempt) -> Iterator[_Claim]:
    """The element, all within it, and the neighbours that its fields use."""
    element, rule = attempt.element, attempt.rule
    yield _Claim(rule, *element.extent)
    for side in ("before", "after"):
        block = element.neighbour_block(side) if side in rule.slots else None
        if block is not None:
            yield _Claim(rule, (block.line, 0), (block.end_line + 1, 0))


_AROUND_WORDS = lazy_regex(r"[\s*_`?？。.]+")


def _ask_each_question_once(attempts: Iterable[Attempt]) -> None:
    """Of two rules on overlapping text with the same question the note of the author's own rule stays, else the surer
    one, else that of the first. A mere suggestion comes last.
    """
    attempts = list(attempts)
    kept: list[tuple[Attempt, Draft]] = []
    asked_at: dict[tuple[str, int], list[int]] = defaultdict(list)  # by the lines of its element: one label may recur
    for attempt, draft in sorted(((one, draft) for one in attempts for draft in one.drafts), key=_precedence):
        question = _AROUND_WORDS.sub("", draft.fields[0][1]).casefold()
        element = attempt.element
        lines = range(element.line, max(element.end_line, element.extent[1][0]) + 1)
        beside = sorted({place for line in lines for place in asked_at.get((question, line), ())})
        first = next((kept[place][0] for place in beside if _is_said(attempt, draft, *kept[place])), None)
        if first is None:
            for line in lines:
                asked_at[question, line].append(len(kept))
            kept.append((attempt, draft))
        else:
            attempt.yielded.append((draft, first.rule))
    for attempt in attempts:
        if attempt.yielded:
            gone = {id(draft) for draft, _ in attempt.yielded}
            attempt.drafts = [draft for draft in attempt.drafts if id(draft) not in gone]


def _precedence(found: tuple[Attempt, Draft]) -> tuple[bool, bool, int, int]:
    attempt, draft = found
    level = CONFIDENCES.index(draft.confidence)
    return not level, attempt.rule.is_shipped, -level, attempt.rule.order


def _leave_faults_out(attempts: Iterable[Attempt]) -> None:
    """Rules whose fronts tell apart make nothing that `lint` calls an error."""
    for attempt in attempts:
        if attempt.rule.is_apart and attempt.drafts:
            attempt.left_out = [
                (draft, fault) for draft in attempt.drafts if (fault := _fault(draft, attempt.element.kind))
            ]
            if attempt.left_out:
                gone = {id(draft) for draft, _ in attempt.left_out}
                attempt.drafts = [draft for draft in attempt.drafts if id(draft) not in gone]


def _fault(draft: Draft, kind: str) -> str:
    """What `lint` would call an error of a draft by itself; empty for nothing."""
    if draft.note_type not in ("Basic", "Reversed", "Typed"):
        return ""
    if has_no_letter(draft.fields[0][1]):
        return "the question holds no letter"
    answer = draft.fields[1][1] if len(draft.fields) > 1 else ""
    if kind in ("sentence", "clause") and "://" in answer:
        return "the answer runs into an address"
    if "....." in answer and kind in ("sentence", "clause"):
        return "the answer trails off"
    words = cut_words(answer)
    return f"the answer is cut: “{words}”" if words else ""


def _tell_each_fact_once(attempts: Iterable[Attempt]) -> None:
    """Of two notes of one line for one fact the better stays: the one that is no mere suggestion; the one of the
    author's own rules, which do not say `fronts: apart`; else the surer one; else the one that asks for no more than
    the fact; else the one that names more; else the first.
    """
    drafts = [
        (
            (
                draft.confidence == "maybe",
                attempt.rule.is_apart,
                -CONFIDENCES.index(draft.confidence),
                len(bare(draft.answer)),
                -len(bare(draft.question)),
                attempt.rule.order,
            ),
            attempt,
            draft,
        )
        for attempt in attempts
        for draft in attempt.drafts
    ]
    by_line: dict[int, list[tuple[Attempt, Draft]]] = defaultdict(list)
    for _, attempt, draft in sorted(drafts, key=lambda entry: entry[0]):
        known = by_line[draft.origin.span.line]
        first = next((other for other, same in known if is_same_fact(same, draft)), None)
        if first is None or not attempt.rule.is_apart:
            known.append((attempt, draft))
        else:
            attempt.yielded.append((draft, first.rule))
            attempt.drafts = [other for other in attempt.drafts if other is not draft]


def _leave_headings_to_sentences(attempts: Sequence[Attempt]) -> None:
    """What a heading tells (*Border Gateway Protocol (BGP)*) and a sentence, too, is asked of the sentence."""
    spoken = {
        (draft.identity, bare(draft.fields[0][1])): attempt.rule
        for attempt in attempts
        if attempt.element.kind == "sentence"
        for draft in attempt.drafts
    }
    for attempt in attempts:
        if attempt.element.kind != "heading" or not attempt.rule.is_apart:
            continue
        for draft in tuple(attempt.drafts):
            rule = spoken.get((draft.identity, bare(draft.fields[0][1])))
            if rule is not None:
                attempt.yielded.append((draft, rule))
                attempt.drafts = [other for other in attempt.drafts if other is not draft]


def _is_said(attempt: Attempt, draft: Draft, earlier: Attempt, same: Draft) -> bool:
    """Whether an earlier draft with the same question leaves no room for this one."""
    if earlier.rule.order != attempt.rule.order:
        return _overlap(attempt.element, earlier.element)
    return earlier.element is attempt.element and same.fields == draft.fields  # one rule, the same note twice


def _overlap(one: Element, other: Element) -> bool:
    if one.kind in INLINE and other.kind in INLINE:
        (start, end), (first, last) = one.extent, other.extent
        return start < last and first < end
    return one.line <= other.end_line and other.line <= one.end_line
