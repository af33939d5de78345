"""Documents × rules → what of the notes became cards and what did not: per source, per rule, and place by place."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from deckgen.diagnostics import Span
from deckgen.extraction.attempt import Attempt
from deckgen.extraction.elements.element import Element
from deckgen.extraction.elements.from_blocks import elements_of
from deckgen.extraction.extract import attempts_on
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import Document
from deckgen.markdown.text import Text
from deckgen.model import Draft, Note, is_at_least
from deckgen.patterns.passage import Blocks, Passage, texts_of
from deckgen.project.part import Part
from deckgen.reports.columns import columns, counted, cut
from deckgen.reports.drafts import shown_fields
from deckgen.rules.rule import RuleSet

SourceSpan = tuple[int, int, int]
"""A line, and the columns from and up to which it is meant; all from 1, the last exclusive."""


class CoveredNote(Struct, frozen=True):
    """One note, and the stretches of its source that it was made of."""

    draft: Draft
    spans: tuple[SourceSpan, ...]
    is_repeat: bool = False  # the note stands in another place, too, and counts there


class CoveredSource(Struct, frozen=True):
    """One source: its notes in the order of the text, and how many of its elements made one."""

    document: Document
    notes: tuple[CoveredNote, ...]
    elements: Mapping[str, tuple[int, int]]  # per kind: with a note, all
    characters: int  # of its text, without headings, code and white space
    covered: int
    suggestions: int = 0  # what is less sure than a note of the deck

    @property
    def count(self) -> int:
        """How many notes stand here first."""
        return sum(not note.is_repeat for note in self.notes)

    @property
    def missing(self) -> int:
        """Characters of which no card was made."""
        return self.characters - self.covered

    @property
    def share(self) -> float:
        """How much of the text became cards."""
        return self.covered / self.characters if self.characters else 0.0


class RuleCount(Struct, frozen=True):
    """One rule: the notes that it made, and the elements where its words stood but made none."""

    name: str
    about: str
    notes: int
    passed_over: int


class Coverage(Struct, frozen=True):
    """All sources and all rules."""

    sources: tuple[CoveredSource, ...]
    rules: tuple[RuleCount, ...]

    @property
    def notes(self) -> int:
        """All notes."""
        return sum(source.count for source in self.sources)

    @property
    def suggestions(self) -> int:
        """What is less sure than a note of the deck."""
        return sum(source.suggestions for source in self.sources)

    @property
    def share(self) -> float:
        """How much of all text became cards."""
        characters = sum(source.characters for source in self.sources)
        return sum(source.covered for source in self.sources) / characters if characters else 0.0


Made = Mapping[tuple[Span, str], Sequence[bool]]
"""The notes of the deck that come from a place by a rule: whether each is a repeat."""


def notes_made(notes: Iterable[Note], part: Part | None = None) -> Made:
    """The places of the notes of a build: a note of several places counts where it stands first; of those in a part of
    the project, where only that is looked at.
    """
    found: dict[tuple[Span, str], list[bool]] = defaultdict(list)
    for note in notes:
        origins = [o for o in note.origins or (note.draft.origin,) if part is None or o.span.path in part]
        for number, origin in enumerate(origins):
            found[origin.span, note.draft.rule].append(number > 0)
    return found


def measure(
    documents: Sequence[Document],
    rules: RuleSet,
    settings: Settings,
    made: Made | None = None,
    step: Callable[[int, int], None] = lambda done, total: None,
) -> Coverage:
    """What the rules make of the documents, and what they pass over. `made`: the notes of the deck; without them all
    that is sure enough counts. `step` is called with how many documents are done, and of how many.
    """
    notes: Counter[str] = Counter()
    passed: Counter[str] = Counter()
    sources: list[CoveredSource] = []
    for done, document in enumerate(documents):
        step(done, len(documents))
        attempts = attempts_on(document, rules, settings, keep="tried")
        for attempt in attempts:
            passed[attempt.rule.name] += not (attempt.drafts or attempt.yielded)
        source = _source(document, attempts, rules, settings, made)
        notes.update(note.draft.rule for note in source.notes if not note.is_repeat)
        sources.append(source)
    counts = (RuleCount(r.name, r.about, notes[r.name], passed[r.name]) for r in rules.rules)
    return Coverage(tuple(sources), tuple(counts))


def _source(
    document: Document, attempts: Sequence[Attempt], rules: RuleSet, settings: Settings, made: Made | None
) -> CoveredSource:
    drafts = [(attempt, draft) for attempt in attempts for draft in attempt.drafts]
    places = {key: iter(made.get(key, ())) for key in map(_place_of, drafts)} if made is not None else {}
    notes: list[CoveredNote] = []
    suggestions = 0
    for attempt, draft in drafts:
        is_sure = is_at_least(draft.confidence, settings.confidence)
        is_repeat = (
            next(places[_place_of((attempt, draft))], None) if made is not None else (False if is_sure else None)
        )
        if is_repeat is not None:
            notes.append(CoveredNote(draft, tuple(_spans(attempt, draft)), is_repeat))
        suggestions += is_repeat is None and not is_sure
    kinds = frozenset(kind for rule in rules.rules for kind in rule.elements)
    total = Counter(element.kind for element in elements_of(document, kinds))
    tried = Counter({id(attempt.element): attempt.element.kind for attempt in attempts}.values())
    total |= Counter({kind: number for kind, number in tried.items() if kind not in total})
    with_note = Counter({id(a.element): a.element.kind for a in attempts if a.drafts or a.yielded}.values())
    characters, covered = _measured(document, notes)
    elements = {kind: (with_note[kind], number) for kind, number in total.items()}
    return CoveredSource(document, tuple(notes), elements, characters, covered, suggestions)


def _place_of(made: tuple[Attempt, Draft]) -> tuple[Span, str]:
    return made[1].origin.span, made[1].rule


def _spans(attempt: Attempt, draft: Draft) -> Iterator[SourceSpan]:
    """What a note of this attempt was made of: the element's own text, what patterns looked at and fields hold."""
    rule, element = attempt.rule, attempt.element
    if any(
        alternative.regex is not None for alternative in rule.alternatives
    ):  # which may have found a part of the element
        span = draft.origin.span
        return _lines(element.document, span.line, span.end_line or span.line, span.column)
    named = [element.main, *(name for alternative in rule.alternatives for name, _ in alternative.patterns)]
    named.extend(slot.name for _, template in rule.fields for slot in template.slots())
    found: list[SourceSpan] = []
    for name in dict.fromkeys(named):
        passage = element.value(name) if name and element.offers(name) else None
        if passage:
            found.extend(_spans_of(passage, element, runs_on=name in ("body", "children", "definition")))
    return iter(dict.fromkeys(found) or _lines(element.document, element.line, element.end_line, element.column))


def _spans_of(passage: Passage, element: Element, *, runs_on: bool) -> Iterator[SourceSpan]:
    words = passage.text
    if isinstance(words, Text) and _stands_in(words, element):
        yield from _text_spans(words, passage.start, passage.end)
    elif isinstance(words, Blocks):
        first, column = words.place(0)
        if first > element.line:  # with the bullet before the first text
            column = min(column, len(row := element.document.lines[first - 1]) - len(row.lstrip()) + 1)
        last = element.end_line if runs_on else words.place(len(words.plain) - 1)[0]
        yield from _lines(element.document, first, last, column)


def _stands_in(text: Text, element: Element) -> bool:
    """Whether it is a text of the element as written, and not one that was made up, as that of `{level}` is."""
    if not element.line <= text.line <= min(element.end_line, len(element.document.lines)):
        return False
    there = element.document.lines[text.line - 1][text.columns[0] - 1 :]
    return there.startswith(text.raw.partition("\n")[0].partition("|")[0])


def _text_spans(text: Text, start: int, end: int) -> Iterator[SourceSpan]:
    """A range of a text, line by line; a whole text with the marks at its ends."""
    rows = text.raw.split("\n")
    first = (text.line, text.columns[0]) if start == 0 else text.place(start)
    last_line = text.line + len(rows) - 1
    if end == len(text.plain):
        column = text.columns[-1] if len(text.columns) == len(rows) else 1
        last = (last_line, column + len(rows[-1]) + len(text.skipped))  # only cells, of one line, skip backslashes
    else:
        line, column = text.place(end - 1)
        last = (line, column + len(text.source(end - 1, end)))
    for line in range(first[0], last[0] + 1):
        row = line - text.line
        column = text.columns[row] if row < len(text.columns) else 1
        begin = first[1] if line == first[0] else column
        stop = last[1] if line == last[0] else column + len(rows[row].rstrip())
        if begin < stop:
            yield line, begin, stop


def _lines(document: Document, first: int, last: int, column: int) -> Iterator[SourceSpan]:
    for line in range(first, min(last, len(document.lines)) + 1):
        text = document.lines[line - 1]
        begin = column if line == first else len(text) - len(text.lstrip()) + 1
        if text.strip() and begin <= len(text):
            yield line, begin, len(text) + 1


def _measured(document: Document, notes: Iterable[CoveredNote]) -> tuple[int, int]:
    """Characters of the text, and those of them that some note covers."""
    covered: dict[int, list[tuple[int, int]]] = {}
    for note in notes:
        for line, begin, stop in note.spans:
            covered.setdefault(line, []).append((begin, stop))
    headings = {line for line, text in enumerate(document.lines, 1) if text.lstrip().startswith("#")}
    all_of_it = inside = 0
    for text in texts_of(document.blocks):
        for line, begin, stop in _text_spans(text, 0, len(text.plain)):
            if line in headings or line > len(document.lines):
                continue
            row = document.lines[line - 1]
            for column in range(begin, min(stop, len(row) + 1)):
                if not row[column - 1].isspace():
                    all_of_it += 1
                    inside += any(a <= column < b for a, b in covered.get(line, ()))
    return all_of_it, inside


# --- as text, as data ---------------------------------------------------------------------------------------------

_KINDS_SHOWN = 4


_ROWS_SHOWN = 20
"""Of each table, where somebody sees it: the rest a file or a page has."""
_LEAST_OF_PATH = 8  # columns


def text_lines(coverage: Coverage, width: int | None, *, has_all: bool = False) -> Iterator[str]:
    """A table of the sources, those first of which most is missing, and one of the rules that made a note. `width`: of
    the terminal; without one nothing is cut. `has_all`: with the rules that could have made one.
    """
    with_note = Counter[str]()
    for source in coverage.sources:
        with_note.update({kind: count for kind, (count, _) in source.elements.items()})
    kinds = [kind for kind, count in with_note.most_common(_KINDS_SHOWN) if count]
    heads = ["notes", "text", *(kind.replace("_", " ") for kind in kinds)]
    ordered = sorted(coverage.sources, key=lambda source: (-source.missing, source.document.path))
    shown = ordered[: _ROWS_SHOWN if width else len(ordered)]
    rows = [[f"{source.count:,}", f"{source.share:.0%}", *_shares(source, kinds)] for source in shown]
    sizes = [max(6, *map(len, column)) for column in zip(heads, *rows, strict=True)]
    longest = max((columns(source.document.path) for source in shown), default=0)
    room = min(longest, max(width - sum(sizes) - 2 * len(sizes), _LEAST_OF_PATH)) if width else longest
    yield " " * room + "".join(f"  {head:>{size}}" for head, size in zip(heads, sizes, strict=True))
    for source, counts in zip(shown, rows, strict=True):
        path = _cut_left(source.document.path, room)
        cells = "".join(f"  {cell:>{size}}" for cell, size in zip(counts, sizes, strict=True))
        yield path + " " * (room - columns(path)) + cells
    if left := len(ordered) - len(shown):
        yield f"and {counted(left, 'more source')}: `--html FILE` writes a page with all of them"
    yield ""
    used = [rule for rule in coverage.rules if rule.notes or (has_all and rule.passed_over)]
    if width:
        used = sorted(used, key=lambda rule: (-rule.notes, -rule.passed_over))
    fewer = used[: _ROWS_SHOWN if width else len(used)]
    names = min(max((columns(rule.name) for rule in used), default=0), 34)
    yield " " * names + "   notes" + ("  passed" if has_all else "")
    for rule in fewer:
        row = f"{cut(rule.name, names):{names}}  {rule.notes:6,}" + (f"  {rule.passed_over:6,}" if has_all else "")
        row = f"{row}  {rule.about}".rstrip()
        yield cut(row, width) if width else row
    if left := len(used) - len(fewer):
        yield f"and {counted(left, 'more rule')}: `--json` has all of them"
    if unused := len(coverage.rules) - len(used):
        others = counted(unused, "other rule")
        if has_all:
            yield f"{others} found {'its' if unused == 1 else 'their'} words nowhere"
        else:
            yield f"{others} made no note here: `-v` lists those whose words are there"
    yield ""
    if has_all:
        yield "passed: elements where the words of a rule stood, and it made no note; `deckgen"
        yield "explain` says why"
    yield f"{totals(coverage)}, {coverage.share:.0%} of the text"


def totals(coverage: Coverage) -> str:
    """How many sources, notes and suggestions there are."""
    found = f"{counted(len(coverage.sources), 'source')}, {counted(coverage.notes, 'note')}"
    return f"{found}, {counted(coverage.suggestions, 'suggestion')}" if coverage.suggestions else found


def _shares(source: CoveredSource, kinds: Sequence[str]) -> list[str]:
    """Of each kind of element how many of a source made a note, and how many there are."""
    return ["{:,}/{:,}".format(*source.elements[kind]) if kind in source.elements else "–" for kind in kinds]


def _cut_left(text: str, width: int) -> str:
    if columns(text) <= width:
        return text
    while columns(text) >= width:
        text = text[1:]
    return "…" + text


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    """The same for programs, with the place of each note."""
    return {
        "notes": coverage.notes,
        "suggestions": coverage.suggestions,
        "share": round(coverage.share, 4),
        "sources": [
            {
                "path": source.document.path,
                "characters": source.characters,
                "covered": source.covered,
                "elements": {kind: {"with_note": a, "all": b} for kind, (a, b) in source.elements.items()},
                "notes": [
                    {
                        "rule": note.draft.rule,
                        "fields": dict(shown_fields(note.draft)),
                        "stretches": [list(span) for span in note.spans],
                    }
                    for note in source.notes
                ],
            }
            for source in coverage.sources
        ],
        "rules": [
            {"rule": rule.name, "about": rule.about, "notes": rule.notes, "passed_over": rule.passed_over}
            for rule in coverage.rules
        ],
    }
