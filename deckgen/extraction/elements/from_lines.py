"""Elements that are made of lines rather than of Markdown's blocks: `split`, `labelled`, and the whole `source`."""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cache
from pathlib import PurePosixPath

from msgspec.structs import replace

from deckgen.extraction.elements.element import Element, Value, Where, block_passage
from deckgen.extraction.elements.from_blocks import elements_of
from deckgen.extraction.elements.line_preprocessing import Region
from deckgen.markdown.blocks import Heading, Quote
from deckgen.markdown.document import Document, blocks_markdown
from deckgen.markdown.escaping import escaped
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.passage import Blocks, Passage
from deckgen.rules.conditions import is_asked_tag
from deckgen.rules.preprocessing import LineTest, Selector


def line_elements(region: Region, selector: Selector) -> Iterator[Element]:
    """The elements that a selector asks for, in order."""
    if selector.kind == "source":
        yield from _source(region, selector)
    elif selector.kind == "tagged":
        yield from _Lines(region, selector).tagged()
    elif selector.kind == "labelled":
        yield from _Lines(region, selector).labelled()
    elif selector.of == "section":
        yield from _sections(region, selector)
    else:
        yield from _Lines(region, selector).splits()


def lines_passage(document: Document, first: int, last: int, column: int = 1) -> Passage | None:
    """Whole lines, the first from a column on; None when nothing stands there."""

    @cache
    def markdown() -> str:
        return blocks_markdown(document, first, last, column)

    if last < first or not "".join([document.lines[first - 1][column - 1 :], *document.lines[first:last]]).strip():
        return None
    blank = 0
    while not document.lines[first - 1 + blank][column - 1 if not blank else 0 :].strip():
        blank += 1
    written = Blocks(lambda: Blocks.of(markdown()).texts, markdown, first + blank, first + blank - 1)
    return Passage(written)


def _source(region: Region, selector: Selector) -> Iterator[Element]:
    document = region.document
    if not region.blocks:
        return
    name = PurePosixPath(document.path).stem
    values: dict[str, Value] = {
        "body": lambda: block_passage(document, region.blocks),
        "name": Passage.of(escaped(name), is_outside=True),
    }
    lines = region.blocks[0].line, region.blocks[-1].end_line
    yield _placed(Element("source", document, Where(metadata=region.metadata), "body", values, lines), selector)


def _sections(region: Region, selector: Selector) -> Iterator[Element]:
    """Sections that hold a separator, with all that a section offers."""
    where = Where(siblings=region.blocks, metadata=region.metadata)
    for section in elements_of(region.document, frozenset({"section"}), where):
        heading = section.value("heading")
        first = heading.text.place(heading.end - 1)[0] + 1 if heading else section.line + 1
        cuts = _cuts(region, selector.separators, first, section.end_line)
        if cuts:
            values = _parts(region, first, section.end_line, cuts)
            offered = ("heading", "level", "blocks", "body", "intro", "paragraph")
            values |= {name: section.value(name) for name in offered}
            lines = section.line, section.end_line
            element = Element("split", region.document, section.where, "front", values, lines, section.column)
            yield _placed(element, selector)


def _cuts(region: Region, separators: tuple[LineTest, ...], first: int, last: int) -> list[int]:
    return [
        line for line, text in region.cuts.items() if first <= line <= last and any(s.fits(text) for s in separators)
    ]


def _parts(region: Region, first: int, last: int, cuts: list[int]) -> dict[str, Value]:
    """`front`, `back`, `1`, `2`, … of lines with separators."""
    document = region.document
    edges = [first - 1, *cuts, last + 1]
    values: dict[str, Value] = {
        str(number): lines_passage(document, start + 1, end - 1)
        for number, (start, end) in enumerate(itertools.pairwise(edges), 1)
    }
    text = lines_passage(document, first, last)
    return {"front": values["1"], "back": lines_passage(document, cuts[0] + 1, last), **values, "text": text}


def _placed(element: Element, selector: Selector) -> Element:
    element.selector = selector
    return element


class _Lines:
    """The lines of a region, and where they stand."""

    def __init__(self, region: Region, selector: Selector) -> None:
        self.region, self.selector = region, selector
        self.headings = [block for block in region.blocks if isinstance(block, Heading)]
        self.heading_lines = {line for h in self.headings for line in range(h.line, h.end_line + 1)}

    def text(self, line: int) -> str:
        return self.region.document.lines[line - 1]

    def is_blank(self, line: int) -> bool:
        return line not in self.region.code_lines and not self.text(line).strip()

    def is_end(self, line: int) -> bool:
        """Whether a line is what `until:` says; a blank one where it says nothing."""
        until = self.selector.until
        if until is None:
            return self.is_blank(line)
        return line not in self.region.code_lines and any(test.fits(self.text(line)) for test in until)

    def element(self, main: str, values: dict[str, Value], first: int, last: int) -> Element:
        above: tuple[Heading, ...] = ()
        for heading in self.headings:
            if heading.line < first:
                above = (*(h for h in above if h.level < heading.level), heading)
        blocks = self.region.blocks
        index = bisect_left(blocks, first, key=lambda block: block.line)
        inner_end = bisect_right(blocks, last, key=lambda block: block.line)
        where = Where(above, siblings=blocks, index=index, metadata=self.region.metadata)
        where = replace(where, last=inner_end - 1)
        element = Element(self.selector.kind, self.region.document, where, main, values, (first, last))
        return _placed(element, self.selector)

    def splits(self) -> Iterator[Element]:
        """Lines around separators: up to a blank one or a heading, or the whole region."""
        first_line, last_line = self.region.first_line, self.region.last_line
        cuts = _cuts(self.region, self.selector.separators, first_line, last_line)
        if self.selector.of == "source":
            if cuts:
                yield self.element("front", _parts(self.region, first_line, last_line, cuts), first_line, last_line)
            return
        start = first_line
        for cut in cuts:
            if cut < start:
                continue
            first = cut
            while (
                first > start
                and not (self.is_blank(first - 1) or self.is_end(first - 1))
                and (first - 1 not in self.heading_lines)
            ):
                first -= 1
            last = cut
            while (
                last < last_line
                and not self.is_end(last + 1)
                and (self.selector.until is not None or last + 1 not in self.heading_lines)
            ):
                last += 1
            inner = [line for line in cuts if cut <= line <= last]
            start = last + 1
            while last > cut and self.is_blank(last):
                last -= 1
            yield self.element("front", _parts(self.region, first, last, inner), first, last)

    def labelled(self) -> Iterator[Element]:
        """Lines from the first label on."""
        labels = self.selector.labels
        line, last_line = self.region.first_line, self.region.last_line
        while line <= last_line:
            label = self.label_at(line)
            if label is None or label[0] != labels[0]:
                line += 1
                continue
            places = [(label[0], line, label[1])]
            end = line + 1
            while end <= last_line and not self.ends_labelled(end, places):
                other = self.label_at(end)
                if other is not None and other[0] not in (name for name, _, _ in places):
                    places.append((other[0], end, other[1]))
                end += 1
            last = end - 1
            while last > line and self.is_blank(last):
                last -= 1
            yield self.element(labels[0], self.label_values(places, last), line, last)
            line = end

    def ends_labelled(self, line: int, places: list[tuple[str, int, int]]) -> bool:
        """Whether what began with the first label ends before this line."""
        label = self.label_at(line)
        if line in self.heading_lines or (label is not None and label[0] == self.selector.labels[0]):
            return True
        if not self.is_end(line):
            return False
        if self.selector.until is not None:
            return True
        following = line  # after a blank line, another label goes on
        while following <= self.region.last_line and self.is_blank(following):
            following += 1
        other = self.label_at(following) if following <= self.region.last_line else None
        taken = [name for name, _, _ in places]
        return other is None or other[0] in taken

    def label_at(self, line: int) -> tuple[str, int] | None:
        """The label that a line begins with, and the column after it."""
        is_code = line in self.region.code_lines
        for start in self.selector.starts:
            is_text = not is_code or (start.is_quote and self.is_in_quote(line))
            if is_text and (begun := start.expression.match(self.text(line))):
                return start.name, begun.end() + 1
        if is_code:
            return None
        if self.selector.starts:
            return None
        found = _label_expression(self.selector.labels).match(self.text(line))
        return None if found is None else (found["label"], found.end() + 1)

    def is_in_quote(self, line: int) -> bool:
        """Whether a block quote covers a line, with code in it or not."""
        place = bisect_right(self.region.blocks, line, key=lambda block: block.line)
        block = self.region.blocks[place - 1] if place else None
        return isinstance(block, Quote) and line <= block.end_line

    def label_values(self, places: list[tuple[str, int, int]], last: int) -> dict[str, Value]:
        document = self.region.document
        ends = [*(line - 1 for _, line, _ in places[1:]), last]
        values: dict[str, Value] = dict.fromkeys(self.selector.labels)
        quotes = [start.name for start in self.selector.starts if start.is_quote]
        for (name, line, column), end in zip(places, ends, strict=True):
            values[name] = self.quoted(line, end) if name in quotes else lines_passage(document, line, end, column)
        return {**values, "text": lines_passage(document, places[0][1], last)}

    def quoted(self, first: int, last: int) -> Passage | None:
        """The lines of a block quote from one on, without its marks."""
        end = first
        while end < last and _QUOTE_MARK.match(self.text(end + 1)):
            end += 1
        text = "\n".join(_QUOTE_MARK.sub("", self.text(line), count=1) for line in range(first, end + 1))
        return Passage(Blocks.of(text, first)) if text.strip() else None

    def tagged(self) -> Iterator[Element]:
        """Lines with a tag that marks a question, and the lines below them, else the next block."""
        marked = sorted(line for line in self.region.metadata.tags if self.is_marked(line))
        before = 0
        for line in marked:
            first = line
            while first > max(before + 1, self.region.first_line) and self.goes_on(first - 1):
                first -= 1
            if before and self.runs(before, first):  # of a paragraph with several only the first has lines above
                first = line
            before = line
            begin, end = self.below(line)
            values: dict[str, Value] = {
                "front": lines_passage(self.region.document, first, line),
                "back": lines_passage(self.region.document, begin, end) if end else None,
            }
            yield self.element("front", values, first, max(line, end))

    def is_marked(self, line: int) -> bool:
        """Whether a line of text has one of the tags that are asked for."""
        if not self.region.first_line <= line <= self.region.last_line or line in self.heading_lines:
            return False
        is_text = bool(self.text(line).strip()) and not _QUOTE_MARK.match(self.text(line))
        tags = self.region.metadata.tags.get(line, ())
        return is_text and any(is_asked_tag(tag, self.selector.tags) for tag in tags)

    def goes_on(self, line: int) -> bool:
        """Whether a line is text of a paragraph, or was taken out of one."""
        return line in self.region.emptied or (bool(self.text(line).strip()) and line not in self.heading_lines)

    def runs(self, line: int, last: int) -> bool:
        """Whether no blank line stands between two lines."""
        return all(self.goes_on(between) for between in range(line, last))

    def below(self, line: int) -> tuple[int, int]:
        """First and last line of what stands below a question: of its paragraph, else of the next block."""
        first = line + 1
        while first <= self.region.last_line and first in self.region.emptied:
            first += 1
        end = first - 1
        while end < self.region.last_line and self.goes_on(end + 1) and not self.is_marked(end + 1):
            end += 1
        if end >= first:
            return first, end
        place = bisect_right(self.region.blocks, line, key=lambda block: block.line)
        after = self.region.blocks[place] if place < len(self.region.blocks) else None
        if after is None or isinstance(after, Heading):
            return first, 0
        marked = (other for other in range(after.line, after.end_line + 1) if self.is_marked(other))
        end = next(marked, after.end_line + 1) - 1
        return (after.line, end) if end >= after.line else (first, 0)


_QUOTE_MARK = lazy_regex(r" {0,3}> ?")


@cache
def _label_expression(labels: tuple[str, ...]) -> re.Pattern[str]:
    names = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    return re.compile(
        rf"[ ]{{0,3}}(?P<marks>\*\*|__|\*|_|)(?P<label>{names})(?:(?P=marks)[ ]*[:：]|[:：](?P=marks))[ \t]*"
    )
