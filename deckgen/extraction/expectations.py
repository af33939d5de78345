"""A document × what its packs expect × the notes that were made → the marks of cards that no note was made of, and what
the packs' tools refuse.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate

from msgspec import Struct
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.extraction.attempt import Attempt
from deckgen.extraction.elements.line_preprocessing import preprocess, without_code
from deckgen.markdown.blocks import CodeBlock
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.document import Document, unread_lines
from deckgen.model import Draft
from deckgen.patterns.regex import Regex
from deckgen.rules.expectations import Expectation
from deckgen.rules.rule import Rule, RuleSet

define(
    "warning",
    card_without_note="A line marks a card, as a tool writes it, and no note comes of it.",
    refused_by_tool="The tool that the notes were written for refuses this file; its notes stay as they are.",
)


_LONGEST = 200
"""Lines of what a mark begins."""


class Unmet(Struct, frozen=True):
    """What was reported, and the packs of whose rules no note of the document may be made."""

    diagnostics: tuple[Diagnostic, ...] = ()
    refused: frozenset[str] = frozenset()


NOTHING_UNMET = Unmet()


def unmet_expectations(
    document: Document,
    rules: RuleSet,
    attempts: Sequence[Attempt],
    trace: Callable[[RuleSet], Sequence[Attempt]],
) -> Unmet:
    """What the packs expected of a document and did not get. `trace` tries their rules again and says why."""
    if not rules.expectations:
        return NOTHING_UNMET
    diagnostics: list[Diagnostic] = []
    refused: set[str] = set()
    for pack in dict.fromkeys(expectation.pack for expectation in rules.expectations):
        reader = _PackReader(document, rules, pack, attempts, trace)
        for expectation, line, groups in reader.unmet():
            diagnostics.append(reader.tell(expectation, line, groups))
            if expectation.refuses:
                refused.add(pack)
    return Unmet(tuple(diagnostics), frozenset(refused))


Groups = dict[str, str]


class _PackReader:
    """One pack on one document."""

    def __init__(
        self,
        document: Document,
        rules: RuleSet,
        pack: str,
        attempts: Sequence[Attempt],
        trace: Callable[[RuleSet], Sequence[Attempt]],
    ) -> None:
        self.document, self.rules, self.pack, self.trace = document, rules, pack, trace
        self.expectations = [one for one in rules.expectations if one.pack == pack]
        self.own = tuple(rule for rule in rules.rules if rule.pack == pack)
        self.covered = _covered_lines(attempts, self.own)
        opened = {block.line for block in document.blocks if isinstance(block, CodeBlock)}  # a fence may be a mark
        self.code = unread_lines(document.blocks) - opened
        self.lines = [_read_line(line) for line in document.written_lines]

    def unmet(self) -> Iterator[tuple[Expectation, int, Groups]]:
        """The first expectation of each line that is not met, and the texts that are refused."""
        reported: set[int] = set()
        for expectation in self.expectations:
            found = self.refused_texts(expectation) if expectation.line is None else self.marks(expectation)
            for line, groups in found:
                if line not in reported:
                    reported.add(line)
                    yield expectation, line, groups

    def is_read(self, line: int, expectation: Expectation) -> bool:
        """Whether a line is text that the expectation looks at."""
        if line < self.document.first_line or line in self.code:
            return False
        return not expectation.is_between or line in self.between

    @cached_property
    def between(self) -> frozenset[int]:
        """The lines that stand between the pack's `between:` lines."""
        regions = preprocess(self.document, self.own[0].preprocessing) if self.own else ()
        return frozenset(line for region in regions for line in range(region.first_line, region.last_line + 1))

    def marks(self, expectation: Expectation) -> Iterator[tuple[int, Groups]]:
        """The marks without a note."""
        assert expectation.line is not None
        is_on = expectation.after is None
        for line, text in enumerate(self.lines, 1):
            if not is_on:
                assert expectation.after is not None
                is_on = expectation.after.search(text) is not None
                continue
            if not text.strip() or not self.is_read(line, expectation) or not (found := expectation.line.search(text)):
                continue
            last = self.last_line(line, expectation.until)
            if not self.covered.isdisjoint(range(line, last + 1)):
                continue
            block = "\n".join(self.lines[line - 1 : last])
            if expectation.unless is not None and expectation.unless.search(block):
                continue
            groups = found.groupdict()
            if expectation.block is not None:
                inner = expectation.block.search(block)
                if inner is None:
                    continue
                groups |= inner.groupdict()
            yield line, {name: value or "" for name, value in groups.items()}

    def last_line(self, line: int, until: Regex | None) -> int:
        """The last line of what begins on a line."""
        if until is None:
            return line
        last = min(line + _LONGEST, len(self.lines))
        return next((other for other in range(line + 1, last + 1) if until.search(self.lines[other - 1])), last)

    def refused_texts(self, expectation: Expectation) -> Iterator[tuple[int, Groups]]:
        """Where a text stands that the tool refuses."""
        assert expectation.text is not None
        outside = "---" if expectation.is_between else ""  # as a line that parts what stands around it
        lines = [text if self.is_read(line, expectation) else outside for line, text in enumerate(self.lines, 1)]
        starts = [0, *accumulate(len(text) + 1 for text in lines)]
        for found in expectation.text.finditer("\n".join(lines)):
            if expectation.unless is not None and expectation.unless.search(found.group()):
                continue
            line = bisect_right(starts, found.start())
            yield line, {name: value or "" for name, value in found.groupdict().items()}

    def tell(self, expectation: Expectation, line: int, groups: Groups) -> Diagnostic:
        """The diagnostic of a line."""
        text = self.document.written_lines[line - 1].strip()[:60]
        said = re.sub(r"\{(\w+)\}", lambda slot: groups.get(slot[1], slot[0]), expectation.says)
        span = Span(self.document.path, line)
        if expectation.refuses:
            message = f"{self.pack.rpartition('/')[2]} would refuse this file: {said}"
            hint = "its notes stay as they were built before; correct it, or `exclude:` the file"
            return Diagnostic("refused-by-tool", message, span, hint)
        why = said or self.reason(line) or "no rule fits"
        return Diagnostic("card-without-note", f"`{text}` makes no note: {why}", span)

    def reason(self, line: int) -> str:
        """What a rule of the pack lacked to make a note of a line."""
        return self.reasons.get(line, "")

    @cached_property
    def reasons(self) -> dict[int, str]:
        """What came out empty where rules were tried, by the lines of the element."""
        own = RuleSet(self.own, (self.pack,), {}, self.rules.abbreviations, self.rules.label_words)
        found: dict[int, str] = {}
        for attempt in self.trace(own):
            if attempt.rule.note == "Cloze" or attempt.trace is None or not attempt.trace.empty:
                continue  # that a text holds no deletion is no reason
            element = attempt.element
            for line in range(element.line, min(element.end_line, element.line + _LONGEST) + 1):
                found.setdefault(line, f"`{attempt.trace.empty[-1][0]}` is empty")
        return found


def _read_line(line: str) -> str:
    """A line with its code masked, but for what opens a fence."""
    return line if "`" not in line or line.lstrip().startswith("```") else without_code(line)


def near_mark(attempt: Attempt) -> Diagnostic:
    """What is reported of a text that has a deletion's mark once too often."""
    origin = attempt.element.origin()
    message = f"a mark too many: `{attempt.near_mark}` is a deletion for rule `{attempt.rule.name}`, and this is none"
    return Diagnostic("card-without-note", message, replace(origin.span, end_line=0, end_column=0))


def doubled_clozes(document: Document, attempts: Sequence[Attempt]) -> Iterator[Diagnostic]:
    """What is reported of cloze notes that ask the same for the same, and differ in a hint alone: they are one note."""
    known: dict[tuple[str, str, tuple[str, ...], str, str], Draft] = {}
    for attempt in attempts:
        for draft in attempt.drafts if attempt.rule.note == "Cloze" else ():
            same = known.setdefault((draft.kind, draft.identity, draft.key, draft.question, draft.answer), draft)
            if same.fields != draft.fields:
                message = f"this asks the same as line {same.origin.span.line}, but for its hint: both are one note"
                span = Span(document.path, draft.origin.span.line)
                yield Diagnostic("card-without-note", message, span, "change the words, or take one of them out")


def _covered_lines(attempts: Sequence[Attempt], rules: Sequence[Rule]) -> set[int]:
    """The lines that notes of some rules come from."""
    names = {rule.name for rule in rules}
    lines: set[int] = set()
    for attempt in attempts:
        drafts = [*attempt.drafts, *(draft for draft, _ in attempt.yielded)]
        for draft in drafts if attempt.rule.name in names else ():
            lines.update(range(draft.origin.span.line, draft.origin.span.end_line + 1))
    return lines
