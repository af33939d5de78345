"""One source, its rules → for each element: what became of every rule that was tried there, and why.

The attempts are those of a build, made by the same code with a trace. Only the words that a pattern wanted next are
found out afterwards, by running its beginning.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from msgspec import Struct

from deckgen.extraction.attempt import Attempt
from deckgen.extraction.confidence import POINTS
from deckgen.extraction.elements.element import Element, Where
from deckgen.extraction.elements.from_blocks import elements_of
from deckgen.extraction.extract import attempts_on
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import Document
from deckgen.model import Draft
from deckgen.patterns.failing import how_far, missing_words
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.match_state import Match, Refused, Taken
from deckgen.patterns.pattern import Pattern
from deckgen.reports.columns import columns, counted, cut, wrapped
from deckgen.reports.drafts import shown_fields
from deckgen.rules.conditions import Condition, either, passage_of
from deckgen.rules.rule import Alternative, Rule, RuleSet

Outcome = Literal["note", "asked already", "claimed", "refused", "no fit", "no words", "not tried"]
"""What became of a rule on an element: `no words` marks a text that the rule was never meant for."""

_REASONS_KEPT = 20  # of one rule on one element: the captures of a long text can be refused in a thousand places
_REASONS_SHOWN, _LINES_SHOWN = 2, 2  # in text, where not all is asked for
_MARKS = {
    "note": "+",
    "not tried": "!",
    "asked already": "=",
    "claimed": "=",
    "refused": "-",
    "no fit": "-",
    "no words": "·",
}
_MARKED = tuple(_MARKS)  # in the order in which they are shown


class Tried(Struct, frozen=True):
    """One rule on one element."""

    rule: Rule
    outcome: Outcome
    drafts: tuple[Draft, ...] = ()
    reasons: tuple[str, ...] = ()
    in_words: str = ""  # of what refused it: the first of the reasons as a person says it
    is_meant: bool = True  # whether the text is of the sort that it is for


class Explained(Struct, frozen=True):
    """One element, with every rule that asks for its kind and speaks its language, in order."""

    element: Element
    tried: tuple[Tried, ...]
    foreign: int  # rules for other languages

    @property
    def shown(self) -> tuple[Tried, ...]:
        """The rules that had a chance."""
        return tuple(tried for tried in self.tried if tried.outcome != "no words")


def explain(
    document: Document, rules: RuleSet, settings: Settings, line: int | None = None, *, has_all: bool = True
) -> list[Explained]:
    """Every element of a document, or those on a line: a section counts for its heading, and where it made a note for
    all its lines. `has_all`: with the rules whose words are not there, which are most, and take most of the time.
    """
    by_element: dict[Hashable, tuple[Element, list[Attempt]]] = {}
    for attempt in attempts_on(document, rules, settings, keep="all" if has_all else "traced"):
        element = attempt.element  # the same for two rules, be it that they want the source read in different manners
        by_element.setdefault(_key_of(element), (element, []))[1].append(attempt)
    if not has_all:  # of what no rule has a chance on there is no attempt
        for element in elements_of(document, _READ, Where(siblings=document.blocks)):
            by_element.setdefault(_key_of(element), (element, []))
    return [
        Explained(
            element,
            tuple(_explain(attempt) for attempt in attempts if not attempt.is_foreign),
            sum(attempt.is_foreign for attempt in attempts),
        )
        for element, attempts in by_element.values()
        if line is None or _is_on(element, attempts, line)
    ]


_READ = frozenset({"sentence", "table_row", "definition"})
"""What a person reads a note by, whatever rules there are."""


def _key_of(element: Element) -> Hashable:
    return element.kind, element.line, element.column, element.end_line, text_of(element)


def _is_on(element: Element, attempts: Iterable[Attempt], line: int) -> bool:
    if element.kind in ("section", "source") and element.line != line:
        return element.line < line <= element.end_line and any(attempt.drafts for attempt in attempts)
    return element.line <= line <= element.end_line


def _explain(attempt: Attempt) -> Tried:
    rule = attempt.rule
    yielded = tuple(
        f"“{_flat(draft.fields[0][1])}” is asked by {'an earlier match' if other is rule else other.name} already"
        for draft, other in attempt.yielded
    )
    if attempt.drafts:
        return Tried(rule, "note", tuple(attempt.drafts), yielded)
    if attempt.skipped:
        return Tried(
            rule, "refused", (), tuple(f"{reason}: “{_flat(d.fields[0][1])}”" for d, reason in attempt.skipped)
        )
    if attempt.left_out:
        return Tried(rule, "refused", (), tuple(f"{fault}: “{_flat(d.fields[0][1])}”" for d, fault in attempt.left_out))
    if yielded:
        return Tried(rule, "asked already", (), yielded)
    if attempt.claimed_by is not None:
        return Tried(rule, "claimed", (), (f"{attempt.claimed_by.name} made a note of this text and claims it",))
    if attempt.lacks_words:
        return Tried(rule, "no words", (), _first_reasons(_words_missing(attempt)))
    if attempt.is_exhausted:
        return Tried(rule, "not tried", (), ("too many ways to fit: break the text up",))
    trace = attempt.trace
    if trace is None or (attempt.failed is not None and not trace.failed):
        said = _in_words(attempt, attempt.failed, {}) if attempt.failed is not None else ""
        return Tried(rule, "refused", (), _first_reasons(_before(attempt)), said, _is_meant(attempt))
    refused = [_failing(attempt, condition, captures) for condition, captures in trace.failed]
    refused.extend(_empty(rule, name, captures) for name, captures in trace.empty)
    if refused:
        said = _in_words(attempt, *trace.failed[0]) if trace.failed else ""
        return Tried(rule, "refused", (), _first_reasons(refused), said)
    reasons = [reason for alternative, found in trace.refused for reason in _unfit(attempt, alternative, found)]
    return Tried(rule, "no fit", (), _first_reasons(reasons))


def _empty(rule: Rule, name: str, captures: Mapping[str, Taken]) -> str:
    if name in rule.carry:
        return f"no sentence right before, of which a rule of the pack made a note, begins with a `{name}`"
    return f"`{name}` comes out empty{_having(captures)}"


def _first_reasons(reasons: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(reasons))[:_REASONS_KEPT]


def _words_missing(attempt: Attempt) -> Iterator[str]:
    for alternative in attempt.rule.alternatives:
        for name, pattern in alternative.patterns:
            passage = attempt.element.value(name or attempt.element.main)
            if passage is None:
                yield f"there is no `{name or attempt.element.main}` here"
                break
            if words := missing_words(pattern, passage.folded_text):
                yield f"`{words}` is not there{f' in `{name}`' if name else ''}"
                break


def _before(attempt: Attempt) -> Iterator[str]:
    """Why a rule was refused before it looked at the text."""
    if attempt.failed is not None:
        yield _failing(attempt, attempt.failed, {})


def _failing(attempt: Attempt, condition: Condition, captures: Mapping[str, Taken]) -> str:
    looked_at = {name: taken for name, taken in captures.items() if name in condition.names}
    if any(condition in part.conditions for part in attempt.rule.unless):
        about = condition.held_by(attempt, Match(captures=dict(captures)))
        return f"`unless` {about or condition.about}{_having(looked_at)}"
    return f"`when` does not hold: {cut(condition.about, 200)}{_having(looked_at)}"


def _is_meant(attempt: Attempt) -> bool:
    """Whether a rule that refused a text is for texts of that sort: what it asks of them before it matches holds."""
    rule, captured = attempt.rule, {name for one in attempt.rule.alternatives for name in one.names}
    lists = [[c for c in one.conditions if captured.isdisjoint(c.names)] for one in rule.when_after]
    asked = [list(rule.when_before), *([] if not lists else [[either(lists)]])]
    return all(condition.holds(attempt, attempt.match) for conditions in asked for condition in conditions)


def _in_words(attempt: Attempt, condition: Condition, captures: Mapping[str, Taken]) -> str:
    """What a rule refuses, in the words of the note; nothing where it misses something."""
    if not any(condition in part.conditions for part in attempt.rule.unless):
        return ""
    words = condition.words(attempt, Match(captures=dict(captures)))
    name = next((name for name in condition.names if name), "")
    return f"refused for “{cut(_flat(words), 30)}”{f' in `{name}`' if name else ''}" if words else ""


def _having(captures: Mapping[str, Taken]) -> str:
    shown = [f"{name} = {cut(passage_of(taken).shown, 60)}" for name, taken in captures.items()]
    return f" ({'; '.join(shown)})" if shown else ""


def _unfit(attempt: Attempt, alternative: Alternative, refused: Sequence[Refused]) -> Iterator[str]:
    """Why no pattern of a way fits: captures that were refused, the last of the pattern first, else what is wanted."""
    if refused:
        order = {name: place for place, name in enumerate(alternative.names)}
        for one in sorted(refused, key=lambda one: -order.get(one.name, 0)):
            text = f"“{cut(_flat(one.text), 60)}”" if one.text else "nothing"
            kind = f" is no `{one.type}`" if one.type != "text" else " is refused"
            yield f"`{one.name}` = {text}{kind}: {one.reason}"
        return
    if alternative.regex is not None:
        yield "the regular expression finds nothing here"
    match = Match()
    skip = attempt.rule.skip
    for name, pattern in alternative.patterns:
        passage = attempt.element.value(name or attempt.element.main)
        if passage is None:
            continue
        folded_text = passage.folded_text
        starts = _starts(pattern, folded_text) if attempt.rule.finds else [folded_text.first_word(skip)]
        if any(pattern.match(folded_text, start, match, lambda *_: True) for start in starts):
            continue  # another pattern of the alternative is to blame, for which the captures of this one hold
        fits, wanted, there = how_far(pattern, folded_text, starts, match.captures)
        where = f"`{name}` " if name else ""
        having = _having({n: t for n, t in match.captures.items() if n in pattern.names})
        if fits:
            but = f", but “{there}” follows" if there else ""
            yield f"{where}fits up to `{fits}`, then wants `{wanted}`{but}{having}"
        else:
            instead = f", not “{there}”" if there else ""
            yield f"{where}wants `{wanted}` first{instead}{having}"
        return


def _starts(pattern: Pattern, folded_text: FoldedText) -> list[int]:
    starts = []
    place = pattern.next_start(folded_text, 0)
    while place < len(folded_text):
        starts.append(place)
        place = pattern.next_start(folded_text, place + 1)
    return starts


def _lost(drafts: Iterable[tuple[Draft, str]]) -> tuple[str, ...]:
    """Drafts of which no note was made, and why."""
    return tuple([f"{reason}: “{_flat(draft.fields[0][1])}”" for draft, reason in drafts])


def _flat(text: str) -> str:
    return " ".join(text.split())


# --- as text, as data ---------------------------------------------------------------------------------------------


def text_lines(explained: Sequence[Explained], path: str, width: int, *, shows_all: bool) -> Iterator[str]:
    """Element by element. Rules without a chance are counted, and elements that have no others, unless `shows_all`."""
    shown = [one for one in explained if shows_all or one.shown]
    for index, one in enumerate(shown):
        if index:
            yield ""
        yield from _element_lines(one, path, width, shows_all=shows_all)
    if rest := len(explained) - len(shown):
        if shown:
            yield ""
        which = f"{counted(rest, 'more element' if shown else 'element')}"
        yield f"{which} in which no rule found its words; `--all` lists {'it' if rest == 1 else 'them'}"
    notes = sum(len(tried.drafts) for one in explained for tried in one.tried)
    yield ""
    yield f"{counted(len(explained), 'element')}, {counted(notes, 'note')}"


def _element_lines(one: Explained, path: str, width: int, *, shows_all: bool) -> Iterator[str]:
    element = one.element
    language = f" ({element.language})" if element.language else ""
    yield f"{path}:{element.line}:{element.column}: {element.kind}{language}"
    for line in wrapped(text_of(element), width - 4, 3):
        yield f"  | {line}"
    for tried in sorted(one.tried if shows_all else one.shown, key=lambda tried: _MARKED.index(tried.outcome)):
        yield f"  {_MARKS[tried.outcome]} {tried.rule.name}"
        for draft in tried.drafts:
            for name, value in shown_fields(draft):
                yield from _hanging(f"{name}: ", value, width, 6)
            if draft.confidence_terms or draft.confidence != "likely":
                yield from _hanging("confidence: ", confidence_sum(tried.rule, draft), width, 6)
        for reason in tried.reasons[: None if shows_all else _REASONS_SHOWN]:
            yield from _hanging("", reason, width, 0 if shows_all else _LINES_SHOWN)
    hopeless = 0 if shows_all else len(one.tried) - len(one.shown)
    rest = (
        [f"{counted(hopeless, 'rule')} found none of {'its' if hopeless == 1 else 'their'} words"] if hopeless else []
    )
    rest.extend([f"{counted(one.foreign, 'rule')} for other languages"] if one.foreign else [])
    if rest:
        yield f"  · {', '.join(rest)}"


def confidence_sum(rule: Rule, draft: Draft) -> str:
    """How sure a note is, and the sum that says so; what is less sure than `likely` is a suggestion by default."""
    points = POINTS[rule.confidence]
    terms = [f"{rule.confidence} by its rule {points}", *(f"{why} {worth:+}" for why, worth in draft.confidence_terms)]
    total = points + sum(worth for _, worth in draft.confidence_terms)
    return draft.confidence + (f" = {total}: {'; '.join(terms)}" if draft.confidence_terms else f", {terms[0]}")


def _hanging(label: str, text: str, width: int, lines: int) -> Iterator[str]:
    margin = " " * 6
    indent = " " * columns(label)
    for index, line in enumerate(wrapped(text, width - len(margin) - len(indent), lines)):
        yield margin + (indent if index else label) + line


def text_of(element: Element) -> str:
    """What an element says, as it reads."""
    main = element.value(element.main)
    return main.shown if main else element.source_text


def explained_data(one: Explained) -> dict[str, Any]:
    """One element for programs."""
    element = one.element
    return {
        "kind": element.kind,
        "language": element.language,
        "line": element.line,
        "column": element.column,
        "end_line": element.end_line,
        "text": text_of(element),
        "rules": [
            {
                "rule": tried.rule.name,
                "outcome": tried.outcome,
                "notes": [dict(draft.fields) for draft in tried.drafts],
                "confidence": [
                    {"level": draft.confidence, "terms": [list(term) for term in draft.confidence_terms]}
                    for draft in tried.drafts
                ],
                "reasons": list(tried.reasons),
            }
            for tried in one.tried
        ],
        "foreign": one.foreign,
    }
