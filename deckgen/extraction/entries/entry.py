"""One line of an outline, and what stands below it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from deckgen.extraction.elements.element import Where
from deckgen.extraction.entries.marks import Parted, first_place, has_chinese
from deckgen.extraction.entries.words import Pair
from deckgen.markdown.blocks import Block, Table
from deckgen.markdown.text import Text

_SENTENCE_ENDS = tuple("。！？；，.!?;,")


class Entry(Struct, eq=False):
    """One line of an outline, and what stands below it."""

    form: str  # heading, item, line (of a run, or alone), lead, callout, document, or the name of that
    where: Where
    line: int
    end_line: int
    column: int
    parent: Entry | None
    text: Text | None = None
    start: int = 0
    end: int = 0
    parted: Parted | None = None
    blocks: tuple[Block, ...] = ()  # below it, without the lines of its own text
    children: list[Entry] = field(default_factory=list)
    following: list[Entry] = field(default_factory=list)  # of a lead-in: lines below it in its own text
    number: str = ""
    kind: str = ""  # of a callout
    level: int = 0  # of a line that begins with a number of its own: how deep it stands
    is_run: bool = False  # its neighbours have the same mark
    tables: list[tuple[Table, Where]] = field(default_factory=list)
    words: dict[int, Pair] | None = None  # of its children, where they are words with what they mean

    @property
    def plain(self) -> str:
        """Its own line as read."""
        return self.text.plain[self.start : self.end] if self.text is not None else ""

    @property
    def label(self) -> str:
        """What it calls its subject; its whole line where nothing parts it."""
        if self.text is None:
            return ""
        if self.parted is None:
            return self.text.plain[first_place(self.text.plain, self.start, self.end) : self.end].strip()
        return self.text.plain[slice(*self.parted.label)]

    @property
    def body(self) -> str:
        """What stands behind its mark."""
        return self.text.plain[slice(*self.parted.body)] if self.text is not None and self.parted is not None else ""

    @property
    def is_title(self) -> bool:
        """Whether what follows a numbered line may belong to it: a short line that is no sentence."""
        plain = self.plain.strip()
        longest = 24 if has_chinese(plain) else 60
        return not self.body and len(plain) <= longest and not plain.endswith(_SENTENCE_ENDS)

    @property
    def depth(self) -> int:
        """How deep it stands in its note, from 1 on."""
        return sum(above.text is not None and above.form != "name" for above in self.above()) + 1

    def above(self) -> Iterator[Entry]:
        """What it stands below, nearest first."""
        entry = self.parent
        while entry is not None:
            yield entry
            entry = entry.parent
