"""A document × the preprocessing that a rule asks for → regions, each a file of its own for the rule.

Lines are found before Markdown is: what parts regions or cuts an element is no Markdown, tags and asides are taken
out, HTML comments are never text. Lines keep their numbers.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.extraction.elements.line_metadata import NO_METADATA, AloneLine, LineMetadata, Reach, metadata_of
from deckgen.extraction.elements.masking import mask_line
from deckgen.markdown.block_reader import read_blocks
from deckgen.markdown.blocks import Block, HtmlBlock
from deckgen.markdown.dialects import clean_lines
from deckgen.markdown.document import Document, unread_lines
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import FoldedText
from deckgen.patterns.match_state import Match
from deckgen.rules.conditions import is_asked_tag
from deckgen.rules.preprocessing import Aside, Preprocessing

_WALL = "<!---->"
"""A line that ends every block and shows nothing; it stands where a separator stood."""

_TAG = lazy_regex(r"(?<![^\s(（，。、；：])#([\w/-]*[^\W\d][\w/-]*)")
_ID_ONLY = lazy_regex(r"(?:\s+\^[\w-]+)?\s*")
_COMMENT = lazy_regex(r"<!--.*?(?:-->|$)")
_MARKS_ONLY = lazy_regex(r"[\s>*+#-]*$")
_HEADING = lazy_regex(r" {0,3}#{1,6}(?:[ \t]|$)")


class Region(Struct, frozen=True):
    """Some lines of a document, from the first to the last, and their blocks."""

    document: Document
    blocks: tuple[Block, ...]
    first_line: int
    last_line: int
    metadata: LineMetadata = NO_METADATA
    code_lines: frozenset[int] = frozenset()
    cuts: Mapping[int, str] = field(default_factory=dict)  # separators, by their line
    emptied: frozenset[int] = frozenset()  # lines of which nothing is left


def preprocess(document: Document, preprocessing: Preprocessing) -> list[Region]:
    """The regions of a document; the whole of it where no preprocessing is asked for."""
    if not preprocessing:
        metadata = LineMetadata(tags=document.line_tags) if document.line_tags else NO_METADATA
        return [Region(document, document.blocks, 1, len(document.lines), metadata)]
    return _Preprocessor(document, preprocessing).read()


class _Preprocessor:
    def __init__(self, document: Document, preprocessing: Preprocessing) -> None:
        self.document, self.preprocessing = document, preprocessing
        self.lines = list(document.written_lines)
        self.code_lines = unread_lines(document.blocks)
        self.first = document.first_line
        self.emptied: set[int] = set()  # lines of which nothing is left
        self.tags: dict[int, tuple[str, ...]] = {}
        self.captures: dict[int, dict[str, str]] = {}
        self.alone: list[AloneLine] = []  # lines that were nothing but tags and asides

    def text_lines(self) -> list[int]:
        """The lines, from 1, that are neither front matter nor code."""
        return [line for line in range(self.first, len(self.lines) + 1) if line not in self.code_lines]

    def read(self) -> list[Region]:
        self.drop_comments()
        for line in self.text_lines():
            self.take(line)
        if self.document.dialect:
            self.take_in_dialect()
        ranges = self.ranges()
        cuts = {
            line: self.lines[line - 1]
            for line in self.text_lines()
            if any(test.fits(self.lines[line - 1]) for test in self.preprocessing.cuts)
        }
        document, blocks = self.parse(ranges, cuts)
        reach = Reach(self.lines, self.first, ranges, self.emptied, self.headings())
        metadata = metadata_of(self.alone, reach, self.tags, self.captures, holds_onward=self.holds_onward)
        regions = []
        index = 0
        for first, last in ranges:
            inner = []
            while index < len(blocks) and blocks[index].line <= last:
                if blocks[index].line >= first:
                    inner.append(blocks[index])
                index += 1
            emptied = frozenset(self.emptied)
            regions.append(Region(document, tuple(inner), first, last, metadata, self.code_lines, cuts, emptied))
        return regions

    def take_in_dialect(self) -> None:
        """What the editor hides, of what the rules did not ask for."""
        before = list(self.lines)
        cleaned = clean_lines(
            self.document.dialect,
            before,
            self.first,
            self.code_lines,
            keeps_properties=True,
            keeps_tags=self.preprocessing.hashtags,
        )
        self.emptied.update(
            line
            for line, (old, new) in enumerate(zip(before, cleaned.lines, strict=True), 1)
            if old.strip() and not new
        )
        self.lines = list(cleaned.lines)
        for line, tags in cleaned.tags.items():
            self.tags[line] = (*self.tags.get(line, ()), *tags)

    def drop_comments(self) -> None:
        """HTML comments are never text."""
        is_open = False
        for line in self.text_lines():
            text = self.lines[line - 1]
            if is_open:
                end = text.find("-->")
                text = "" if end < 0 else text[end + 3 :]
                is_open = end < 0
            if "<!--" in text:
                masked = without_code(text)
                for found in reversed(list(_COMMENT.finditer(masked))):
                    is_open = is_open or not found.group().endswith("-->")
                    text = text[: found.start()].rstrip() + text[found.end() :]
            if text != self.lines[line - 1]:
                self.set_line(line, text)

    def set_line(self, line: int, text: str) -> None:
        """What is left of a line."""
        if not text.strip():
            self.emptied.add(line)
        self.lines[line - 1] = text

    def take(self, line: int) -> None:
        """Tags and asides out of a line."""
        tags = self.take_tags(line) if self.preprocessing.hashtags and "#" in self.lines[line - 1] else ()
        found = [(aside.scope, self.take_aside(line, aside)) for aside in self.preprocessing.aside]
        asides = [(scope, taken) for scope, taken in found if taken is not None]
        text = self.lines[line - 1]
        if not (tags or asides):
            return
        if not text.strip() or (asides and _MARKS_ONLY.match(text)):
            self.set_line(line, "")
            self.alone.append(AloneLine(line, tags, tuple(asides)))
            return
        if tags:
            self.tags[line] = tags
        for _, taken in asides:
            self.captures.setdefault(line, {}).update(taken)

    def take_tags(self, line: int) -> tuple[str, ...]:
        """The tags of a line, and the line without them."""
        text = self.lines[line - 1]
        found = list(_TAG.finditer(mask_line(text)))
        if self.preprocessing.tags_at_end:
            found = _tags_at_end(text, found)
        for tag in reversed(found):
            before, after = text[: tag.start()], text[tag.end() :]
            text = before + after.lstrip() if not before.strip() else before.rstrip() + after
        self.lines[line - 1] = text
        return tuple(tag[1].strip("/") for tag in found)

    def holds_onward(self, tags: tuple[str, ...]) -> bool:
        """Whether a line of tags alone holds for all that follows: where one of them is asked for, if any is."""
        asked = self.preprocessing.asked_tags
        return self.preprocessing.tag_lines == "onwards" and (
            not asked or any(is_asked_tag(tag, asked) for tag in tags)
        )

    def take_aside(self, line: int, aside: Aside) -> Mapping[str, str] | None:
        """What a pattern captures in a line, and the line without it; None where it finds nothing."""
        text = self.lines[line - 1]
        if aside.heading is not None:
            if line <= self.first or not aside.heading.fits(self.document.written_lines[line - 2]):
                return None
            self.set_line(line - 1, "")
        folded_text = FoldedText(text if "`" in aside.text else mask_line(text))
        if not aside.pattern.may_match(folded_text):
            return None
        spans: list[tuple[int, int]] = []
        taken: dict[str, str] = {}
        place = aside.pattern.next_start(folded_text, 0)
        while place < len(folded_text):
            ends: list[int] = []

            def accept(match: Match, end: int, ends: list[int] = ends) -> bool:
                ends.append(end)
                for name, capture in match.captures.items():
                    first, last = capture.folded_text.plain_range(capture.start, capture.end)
                    taken.setdefault(name, text[first:last])
                return True

            if aside.pattern.match(folded_text, place, Match(), accept) and ends[-1] > place:
                spans.append(folded_text.plain_range(place, min(ends[-1], len(folded_text))))
                place = aside.pattern.next_start(folded_text, ends[-1])
            else:
                place = aside.pattern.next_start(folded_text, place + 1)
        for first, last in reversed(spans):
            before, after = text[:first], text[last:]
            if not before.strip():
                text = before + after.lstrip()
            else:
                space = " " if before[-1:].isspace() and after[:1].strip() else ""
                text = before.rstrip() + space + after
        self.lines[line - 1] = text
        return taken if spans else None

    def headings(self) -> frozenset[int]:
        """The lines that are headings."""
        lines = (line for line in self.text_lines() if self.lines[line - 1].lstrip()[:1] == "#")
        return frozenset(line for line in lines if _HEADING.match(self.lines[line - 1]))

    def ranges(self) -> list[tuple[int, int]]:
        """First and last line of each region."""
        between, lines = self.preprocessing.between, self.text_lines()
        if not between:
            return [(self.first, len(self.lines))]
        if len(between) == 1:
            walls = [line for line in lines if between[0].fits(self.lines[line - 1])]
            edges = [self.first - 1, *walls, len(self.lines) + 1]
            return [(first + 1, last - 1) for first, last in itertools.pairwise(edges) if first + 1 < last]
        ranges, opened = [], 0
        for line in lines:
            if not opened and between[0].fits(self.lines[line - 1]):
                opened = line
            elif opened and between[1].fits(self.lines[line - 1]):
                ranges.append((opened + 1, line - 1))
                opened = 0
        return ranges

    def parse(self, ranges: list[tuple[int, int]], cuts: Mapping[int, str]) -> tuple[Document, tuple[Block, ...]]:
        """The document as its lines are now, without what stands outside of the regions."""
        kept = [""] * len(self.lines)
        for first, last in ranges:
            kept[first - 1 : last] = self.lines[first - 1 : last]
        read = list(kept)
        for line in cuts:
            if read[line - 1]:
                read[line - 1] = _WALL
        if self.preprocessing.between:
            inside = {line for first, last in ranges for line in range(first, last + 1)}
            read = [text if line in inside else _WALL for line, text in enumerate(read, 1)]
        found = read_blocks("\n".join(read), self.first - 1)
        blocks = tuple(b for b in found.blocks if not (isinstance(b, HtmlBlock) and b.html.startswith(_WALL)))
        # The language is that of the whole, which the regions need not show.
        document = replace(
            self.document,
            lines=tuple(self.lines),
            blocks=blocks,
            definitions=found.definitions,
            dropped_lines=found.dropped_lines,
        )
        document.__dict__["language"] = self.document.language
        return document, blocks


def _tags_at_end(text: str, tags: list[re.Match[str]]) -> list[re.Match[str]]:
    """Those of the tags of a line behind which only others and an id stand."""
    if not tags or not _ID_ONLY.fullmatch(text, tags[-1].end()):
        return []
    first = len(tags) - 1
    while first and not text[tags[first - 1].end() : tags[first].start()].strip():
        first -= 1
    return tags[first:]


def without_code(text: str) -> str:
    """A line with its code masked, but its comments still there."""
    return re.sub(r"`+[^`]*`+", lambda found: "\ue000" * len(found.group()), text)
