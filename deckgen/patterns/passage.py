"""A part of a note's text, as read and as Markdown: what elements offer and captures take."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Protocol

from deckgen.markdown.block_reader import read_blocks
from deckgen.markdown.blocks import (
    Block,
    Container,
    DefinitionList,
    Heading,
    LinkLine,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Table,
)
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.text import Text
from deckgen.model import Markdown
from deckgen.patterns.folded_text import FoldedText


class InlineText(Protocol):
    """What `Text` knows of its characters."""

    @property
    def plain(self) -> str: ...
    @property
    def whole(self) -> Markdown: ...
    @property
    def is_empty(self) -> bool: ...
    def markdown(self, start: int, end: int) -> Markdown: ...
    def shown(self, start: int, end: int) -> str: ...
    def prose(self, start: int, end: int) -> str: ...
    def marks(self, start: int, end: int) -> frozenset[str]: ...
    def mark_runs(self, kind: str) -> list[tuple[int, int]]: ...
    def place(self, offset: int) -> tuple[int, int]: ...
    def source(self, start: int, end: int) -> str: ...


def _end_of(run: tuple[int, int]) -> int:
    return run[1]


class Passage:
    """A range of a text. `is_outside`: it does not stand in the element's own text (identity.md, "outside capture").
    `is_sentence`: it is no more than one sentence.
    """

    __slots__ = (
        "_end",
        "_folded_text",
        "_markdown",
        "_plain",
        "_reading",
        "is_outside",
        "is_sentence",
        "start",
        "text",
    )

    def __init__(
        self,
        text: InlineText,
        start: int = 0,
        end: int | None = None,
        *,
        is_outside: bool = False,
        is_sentence: bool = False,
    ) -> None:
        self.text = text
        self.start = start
        self._end = end  # None: to the end, which is not looked for before somebody asks
        self.is_outside, self.is_sentence = is_outside, is_sentence
        self._plain: str | None = None
        self._markdown: Markdown | None = None
        self._reading: str | None = None
        self._folded_text: FoldedText | None = None

    @classmethod
    def of(cls, markdown: str, *, is_outside: bool = False) -> Passage:
        """A passage of its own, from inline Markdown."""
        return cls(Text(markdown, 1, (1,) * (markdown.count("\n") + 1)), is_outside=is_outside)

    @classmethod
    def written(cls, markdown: str, line: int = 1, *, is_outside: bool = True) -> Passage:
        """A passage of its own, from any Markdown: of several lines it may be blocks."""
        if "\n" not in markdown.strip():
            return cls.of(markdown.strip(), is_outside=is_outside)
        return cls(Blocks.of(markdown, line), is_outside=is_outside)

    @property
    def end(self) -> int:
        """Where it ends."""
        if self._end is None:
            self._end = len(self.text.plain)
        return self._end

    @property
    def plain(self) -> str:
        """As read; code, math, URLs and images are one character each."""
        if self._plain is None:
            self._plain = self.text.plain[self.start : self._end]
        return self._plain

    @property
    def markdown(self) -> Markdown:
        """As Markdown, well formed."""
        if self._markdown is None:
            is_whole = self._end is None and not self.start
            self._markdown = self.text.whole if is_whole else self.text.markdown(self.start, self.end)
        return self._markdown

    @property
    def shown(self) -> str:
        """As read, code and math in full."""
        return self.text.shown(self.start, self.end)

    @property
    def reading(self) -> str:
        """As read, for comparison with a text that a rule names."""
        if self._reading is None:
            self._reading = self.shown.strip().casefold()
        return self._reading

    @property
    def prose(self) -> str:
        """As read, without code, math, images and links."""
        return self.text.prose(self.start, self.end)

    @property
    def folded_text(self) -> FoldedText:
        """The passage as patterns see it."""
        if self._folded_text is None:
            # Of a passage like this one: they would hold each other, and only the collector could free them.
            owner = Passage(self.text, self.start, self.end, is_outside=self.is_outside, is_sentence=self.is_sentence)
            self._folded_text = FoldedText(self.plain, owner)
        return self._folded_text

    def part(self, start: int, end: int) -> Passage:
        """A range of this passage."""
        return Passage(self.text, self.start + start, self.start + end, is_outside=self.is_outside)

    def captured(self, start: int, end: int) -> Passage:
        """The same as a pattern captures it: of a block that is alone the text, without the mark of its item."""
        if isinstance(self.text, Blocks) and self.text.is_one:
            return Passage(self.text.texts[0], self.start + start, self.start + end, is_outside=self.is_outside)
        return self.part(start, end)

    def shown_length(self, start: int, end: int) -> int:
        """Characters of a range of this passage, code and math in full."""
        return len(self.text.shown(self.start + start, self.start + end))

    def shown_range(self, start: int, end: int) -> str:
        """A range of this passage as read, code and math in full."""
        return self.text.shown(self.start + start, self.start + end)

    def mark_runs(self, kind: str) -> list[tuple[int, int]]:
        """The spans of this passage that are so marked."""
        runs = self.text.mark_runs(kind)  # in order, and none in another
        first, last = self.start, self.end
        begun = bisect_right(runs, first, key=_end_of)
        found = []
        for a, b in islice(runs, begun, None):
            if a >= last:
                break
            found.append((max(a, first) - first, min(b, last) - first))
        return found

    def __bool__(self) -> bool:
        if self._end is None and not self.start:
            return not self.text.is_empty
        return self.start < self.end


class Blocks:
    """Several blocks as one text: their inline texts, a line each, over the Markdown that they were written in."""

    def __init__(
        self, texts: Callable[[], tuple[Text, ...]], markdown: Callable[[], str], line: int, shift: int = 0
    ) -> None:
        """`line` is the first one; `shift` what the lines of the texts lack."""
        self._texts_of = texts
        self._markdown_of = markdown
        self._line = line
        self._shift = shift

    @classmethod
    def of(cls, markdown: str, line: int = 1) -> Blocks:
        """Blocks of their own, from Markdown that begins on that line."""
        return cls(lambda: tuple(texts_of(read_blocks(markdown).blocks)), lambda: markdown, line, line - 1)

    @cached_property
    def texts(self) -> tuple[Text, ...]:
        """The inline texts, in order."""
        return self._texts_of()

    @property
    def is_one(self) -> bool:
        """Whether there is one text alone, whose lines are those of the source."""
        return not self._shift and len(self.texts) == 1

    @cached_property
    def _whole(self) -> str:
        return self._markdown_of().strip("\n")

    @cached_property
    def _offsets(self) -> list[int]:
        offsets, place = [], 0
        for text in self.texts:
            offsets.append(place)
            place += len(text.plain) + 1
        return offsets

    @cached_property
    def plain(self) -> str:
        """The blocks as read, a line break between two."""
        return "\n".join(text.plain for text in self.texts) or ("\ue000" if self._whole.strip() else "")

    @property
    def whole(self) -> Markdown:
        """The Markdown of all, as written."""
        return Markdown(self._whole)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be read."""
        return not (self._whole.strip() or self.plain)

    def _pieces(self, start: int, end: int) -> list[tuple[Text, int, int]]:
        found = []
        for text, offset in zip(self.texts, self._offsets, strict=True):
            a, b = max(start - offset, 0), min(end - offset, len(text.plain))
            if a < b:
                found.append((text, a, b))
        return found

    def markdown(self, start: int, end: int) -> Markdown:
        """The Markdown of a range: as written for all of it, else that of its pieces, a paragraph each."""
        if start <= 0 and end >= len(self.plain):
            return Markdown(self._whole)
        return Markdown("\n\n".join(text.markdown(a, b) for text, a, b in self._pieces(start, end)))

    def shown(self, start: int, end: int) -> str:
        """As read, code and math in full. Of all: the Markdown's own text where blocks have no inline text (code)."""
        if start <= 0 and end >= len(self.plain) and not self.texts:
            return self._whole
        return "\n".join(text.shown(a, b) for text, a, b in self._pieces(start, end))

    def prose(self, start: int, end: int) -> str:
        """As read, without code, math, images and links."""
        return "\n".join(text.prose(a, b) for text, a, b in self._pieces(start, end))

    def marks(self, start: int, end: int) -> frozenset[str]:
        """The marks over a range that stands in one block."""
        pieces = self._pieces(start, end)
        return pieces[0][0].marks(pieces[0][1], pieces[0][2]) if len(pieces) == 1 else frozenset()

    def mark_runs(self, kind: str) -> list[tuple[int, int]]:
        """All spans so marked."""
        return [
            (a + offset, b + offset)
            for text, offset in zip(self.texts, self._offsets, strict=True)
            for a, b in text.mark_runs(kind)
        ]

    def place(self, offset: int) -> tuple[int, int]:
        """Line and column of a character."""
        pieces = self._pieces(offset, offset + 1)
        if not pieces:
            return self._line, 1
        line, column = pieces[0][0].place(pieces[0][1])
        return line + self._shift, column

    def source(self, start: int, end: int) -> str:
        """Verbatim, as far as one can say of several blocks."""
        return self.markdown(start, end)


def texts_of(blocks: Sequence[Block]) -> Iterator[Text]:
    """The inline texts in blocks, in order; code and math blocks have none."""
    for block in blocks:
        match block:
            case Heading() | Paragraph():
                yield block.text
            case LinkLine():
                if block.title is not None:
                    yield block.title
            case ListBlock():
                yield from texts_of(block.items)
            case ListItem():
                if block.text is not None:
                    yield block.text
                yield from texts_of(block.blocks)
            case Quote():
                yield from texts_of(block.blocks)
            case Container():
                if block.title is not None:
                    yield block.title
                yield from texts_of(block.blocks)
            case Table():
                for row in (block.header, *(row.cells for row in block.rows)):
                    yield from row
            case DefinitionList():
                for entry in block.entries:
                    yield entry.term
                    if entry.meaning is not None:
                        yield entry.meaning
                    yield from texts_of(entry.blocks)
            case _:
                pass
