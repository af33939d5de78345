"""A document → its outline: headings, lead-ins, items and lines, each with what stands below it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from deckgen.extraction.elements.element import Where
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.lines import is_label_alone, is_shared, line_end, line_spans, shared_marks, units_of
from deckgen.extraction.entries.marks import Parted, first_place, has_chinese, part, part_heading
from deckgen.extraction.entries.numbering import numbering_of
from deckgen.extraction.entries.page_data import page_data
from deckgen.extraction.entries.questions import asks, is_answer_line, question_prefix_end, undecorated
from deckgen.markdown.blocks import (
    Block,
    Container,
    Heading,
    LinkLine,
    ListBlock,
    ListItem,
    Paragraph,
    Quote,
    Rule,
    Table,
)
from deckgen.markdown.document import Document
from deckgen.markdown.escaping import escaped
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.text import Text


class Outline(Struct, frozen=True):
    """Every line of an outline, in the order of the source, and what all of them stand below."""

    root: Entry
    entries: list[Entry]

    def release(self) -> None:
        """Let go of what the entries know of each other: circles that nobody but the collector would free."""
        for entry in (self.root, *self.entries):
            entry.parent = None
            entry.children.clear()
            entry.following.clear()


def _explains(plain: str, parted: Parted) -> bool:
    """Whether a heading goes on behind a mark to say what it names: `Anoxia - no oxygen`, no `Book One: The Sea`."""
    body = plain[slice(*parted.body)]
    return not body or has_chinese(plain) or (body[:1].islower() and " " in body)


def outline_of(document: Document, where: Where) -> Outline:
    """The outline of a document, or of some of its blocks."""
    return _Outliner(document).read(where)


_LEADS = lazy_regex(r"[:：][*_\s]*$")


class _Numbered(Struct, frozen=True):
    """A numbered line that is open: its level, the index of its block, and whether nothing else stands in that."""

    level: float  # a half: a lead-in over numbered lines
    entry: Entry
    index: int
    is_alone: bool

    def may_own(self, text: Text | None) -> bool:
        """Whether what stands in a text, or in another block, may belong to it."""
        return self.is_alone or (text is not None and self.entry.text is text)


def _is_emphasised(entry: Entry) -> bool:
    """Whether a line is bold, italic, highlighted or underlined as a whole, its number and its tags aside."""
    text = entry.text
    assert text is not None
    start = first_place(text.plain, entry.start, entry.end)
    end = entry.start + len(undecorated(entry.plain))
    is_marked = not text.marks(start, end).isdisjoint({"bold", "italic", "highlight"})
    return is_marked or text.raw.lstrip().casefold().startswith(("<u>", "<b>", "<strong>", "<mark>"))


def _follow(above: Entry, entry: Entry) -> None:
    """Put a line below another one of its own text."""
    if above.text is entry.text:
        above.following.append(entry)
        above.end_line = entry.end_line


class _Outliner:
    def __init__(self, document: Document) -> None:
        self.document = document
        self.found: list[Entry] = []
        self.of_page: Block | None = None
        self.numbered: list[_Numbered] = []  # those that are open

    def read(self, where: Where) -> Outline:
        name = self.document.name
        title = Text(escaped(name)) if name else None
        named = Entry("name", where, 1, 1, 1, None, title, 0, len(title.plain)) if title is not None else None
        root = Entry("document", where, 1, len(self.document.lines), 1, named)
        self.of_page = page_data(where.siblings)
        self.walk(where.siblings, where, root)
        return Outline(root, self.found)

    def add(self, entry: Entry, parent: Entry) -> Entry:
        self.found.append(entry)
        parent.children.append(entry)
        return entry

    def walk(self, blocks: Sequence[Block], where: Where, parent: Entry) -> None:
        """Blocks that stand beside each other."""
        siblings = tuple(blocks)
        headings = where.headings
        open_headings: list[tuple[int, Entry]] = []
        owner = parent
        outer, self.numbered = self.numbered, []
        index = 0
        while index < len(siblings):
            block = siblings[index]
            if isinstance(block, (Heading, Rule)):
                self.close(0, siblings, index)
            if isinstance(block, Heading):
                headings = (*(h for h in headings if h.level < block.level), block)
                while open_headings and open_headings[-1][0] >= block.level:
                    open_headings.pop()
                above = open_headings[-1][1] if open_headings else parent
                owner = self.heading(block, where.among(siblings, index, headings[:-1]), above)
                open_headings.append((block.level, owner))
                index += 1
                continue
            index += self.block(block, siblings, where.among(siblings, index, headings), owner)
        self.close(0, siblings, index)
        self.numbered = outer

    # --- outlines written as paragraphs ------------------------------------------------------------------------------

    def open_title(self, text: Text | None = None) -> Entry | None:
        """The nearest numbered line to which what follows belongs: in its own text, or where it stands alone in one."""
        return next(
            (one.entry for one in reversed(self.numbered) if one.entry.is_title and one.may_own(text)),
            None,
        )

    def close(self, level: float, siblings: Sequence[Block], index: int) -> None:
        """End the numbered lines of a level and below: the blocks up to here are theirs."""
        while self.numbered and self.numbered[-1].level >= level:
            one = self.numbered.pop()
            entry = one.entry
            is_wide = one.is_alone or any(child.text is not entry.text for child in entry.children)
            blocks = tuple(siblings[one.index + 1 : index]) if is_wide else ()
            if not (entry.is_title or _LEADS.search(entry.plain)) or entry.blocks or not (blocks or entry.following):
                continue
            entry.form = "lead"
            entry.blocks = blocks
            if blocks:
                entry.end_line = blocks[-1].end_line

    def number(self, entry: Entry, level: float, siblings: Sequence[Block], index: int, *, is_alone: bool) -> None:
        """Begin a numbered line: what is as deep or deeper ends, and it belongs to what stands above it."""
        self.close(level, siblings, index)
        entry.level = int(level)
        above = self.numbered[-1].entry if self.numbered else None
        if above is not None:
            entry.parent = above
            _follow(above, entry)
        self.numbered.append(_Numbered(level, entry, index, is_alone))

    def heading(self, heading: Heading, where: Where, parent: Entry) -> Entry:
        end = where.index + 1
        while end < len(where.siblings) and not isinstance(where.siblings[end], Heading):
            end += 1
        below = where.siblings[where.index + 1 : end]
        while below and isinstance(below[-1], Rule):
            below = below[:-1]
        plain = heading.text.plain
        name = where.passage(heading.text)
        start = max(first_place(plain, 0, name.end), name.start)
        parted = part_heading(heading.text, start, name.end)
        if parted is not None and not _explains(plain, parted):
            parted = None
        entry = Entry(
            "heading", where.up_to(where.index + len(below)), heading.line,
            below[-1].end_line if below else heading.end_line, heading.column, parent, heading.text, start, name.end,
            parted, below,
        )  # fmt: skip
        return self.add(entry, parent)

    def block(self, block: Block, siblings: Sequence[Block], where: Where, parent: Entry) -> int:
        """One block; how many of the siblings it took with it."""
        if block is self.of_page:
            return 1
        if not isinstance(block, Paragraph):
            parent = self.open_title() or parent
        match block:
            case Paragraph():
                return self.paragraph(block, siblings, where, parent)
            case ListBlock():
                self.listed(block, where, parent)
            case Quote():
                self.quote(block, where, parent)
            case Container():
                self.set_apart(block, block.title, where, parent, "callout")
            case Table():
                parent.tables.append((block, where))
            case _:
                pass
        return 1

    # --- lists and quotes ------------------------------------------------------------------------------------------

    def listed(self, block: ListBlock, where: Where, parent: Entry) -> None:
        marks = [part(item.text, 0, line_end(item.text, 0)) if item.text is not None else None for item in block.items]
        shared = shared_marks(marks)
        asked: Entry | None = None  # the item before, where it is `Q: …` and nothing stands below it
        for item, parted in zip(block.items, marks, strict=True):
            if asked is not None and item.text is not None and is_answer_line(item.text.plain):
                asked.following.append(self.unit(item.text, (0, len(item.text.plain), None, False), where, asked))
                asked.blocks, asked.end_line = item.blocks, item.end_line
                asked = None
                continue
            entry = self.item(item, parted, where, parent, is_run=is_shared(parted, shared))
            asked = entry if entry is not None and not item.blocks and question_prefix_end(entry.plain) else None

    def item(self, item: ListItem, parted: Parted | None, where: Where, parent: Entry, *, is_run: bool) -> Entry | None:
        within = Where(
            where.headings, where.parents if item.text is None else (*where.parents, item.text),
            where.inside | {"list", "list_item"}, (), 0, None, item.text, where.metadata, None, where.known,
        )  # fmt: skip
        if item.text is None:
            self.walk(item.blocks, within, parent)
            return None
        end = len(item.text.plain)
        first, *others = line_spans(item.text)
        is_outline = len(others) > 1 and all(numbering_of(item.text.plain[slice(*line)]).level for line in others)
        if is_outline:
            end = first[1]
        elif (label := next((line for line in others if is_label_alone(item.text, line)), None)) is not None:
            end = label[0]  # a label behind an item, without a blank line, is none of it
        if (
            not is_outline and parted is not None and parted.body[1] < end
        ):  # what goes on in the next line belongs to it
            parted = part(item.text, 0, end) or parted
        entry = Entry(
            "item", where, item.line, item.end_line, item.column, parent, item.text, 0, end, parted, item.blocks,
            number=item.number, is_run=is_run,
        )  # fmt: skip
        self.add(entry, parent)
        parts = [part(item.text, *line) for line in others] if is_outline else []
        shared = shared_marks(parts)
        for line, own in zip(others, parts, strict=False):
            below = self.unit(item.text, (*line, own, is_shared(own, shared)), within, entry)
            below.level = numbering_of(below.plain).level
            entry.following.append(self.add(below, entry))
        self.walk(item.blocks, within, entry)
        return entry

    def quote(self, block: Quote, where: Where, parent: Entry) -> None:
        if block.callout_kind:
            self.set_apart(block, block.callout_title, where, parent, "callout")
        else:
            self.set_apart(block, None, where, parent, "quote")

    def set_apart(self, block: Quote | Container, title: Text | None, where: Where, parent: Entry, kind: str) -> None:
        """A quote, or what has a title of its own: a callout, an admonition, details."""
        within = Where(
            where.headings, where.parents, where.inside | {kind}, (), 0, None, None, where.metadata, None, where.known
        )
        owner = parent
        if title is not None and title.plain.strip():
            owner = Entry(
                "callout", where, block.line, block.end_line, block.column, parent, title, 0, len(title.plain),
                part(title, 0, len(title.plain)), block.blocks,
                kind=block.callout_kind if isinstance(block, Quote) else block.kind,
            )  # fmt: skip
            self.add(owner, parent)
        self.walk(block.blocks, within, owner)

    # --- paragraphs ------------------------------------------------------------------------------------------------

    def paragraph(self, block: Paragraph, siblings: Sequence[Block], where: Where, parent: Entry) -> int:
        text = block.text
        units = units_of(text, siblings, where.index)
        following = siblings[where.index + 1] if where.index + 1 < len(siblings) else None
        lead: Entry | None = None
        question: Entry | None = None
        for number, (start, end, parted, is_run) in enumerate(units):
            is_last = number == len(units) - 1
            plain = text.plain[start:end]
            if question is not None and (lead is question or is_answer_line(plain)):
                question.following.append(self.unit(text, (start, end, None, False), where, question))
                question.end_line = question.following[-1].end_line
                continue
            level = numbering_of(plain).level
            is_formula = not plain.strip("\ue001 .。，,；;")
            is_below = lead is not None and (is_formula or bool(level) or (parted is not None and parted.has_body))
            entry = self.unit(text, (start, end, parted, is_run), where, lead if lead and is_below else parent)
            if lead is not None and is_below:
                lead.following.append(entry)
                lead.end_line = entry.end_line
                entry.level = level
            else:
                lead = None
                self.place(entry, level, siblings, where.index, is_alone=len(units) == 1)
            holder = entry.parent or parent
            is_asking = asks(plain)
            question = entry if is_asking else None
            if not is_last:
                following_plain = text.plain[slice(*units[number + 1][:2])]
                is_title = not level and entry.is_title and number == 0 and numbering_of(following_plain).level
                if _LEADS.search(plain) or is_asking or is_title:
                    entry.form = "lead"
                    lead = entry
                self.add(entry, holder)
                continue
            taken = self.below(entry, following, siblings, where)
            self.add(entry, holder)
            if taken:
                entry.form = "lead"
                entry.blocks = tuple(siblings[where.index + 1 : where.index + 1 + taken])
                entry.end_line = entry.blocks[-1].end_line
                outer, self.numbered = self.numbered, []
                for offset, below in enumerate(entry.blocks, where.index + 1):
                    inner = where.among(tuple(siblings), offset, where.headings)
                    self.block(below, siblings[: where.index + 1 + taken], inner, entry)
                self.numbered = outer
                return taken + 1
            if lead is None and _LEADS.search(plain) and isinstance(following, Paragraph):
                below_level = numbering_of(following.text.plain).level
                if below_level and below_level > level:
                    self.numbered.append(_Numbered(below_level - 0.5, entry, where.index, is_alone=True))
        return 1

    def place(self, entry: Entry, level: int, siblings: Sequence[Block], index: int, *, is_alone: bool) -> None:
        """Whom a line of a paragraph belongs to by the numbers above it, and its own."""
        if level:
            self.number(entry, level, siblings, index, is_alone=is_alone)
            return
        while self.numbered and self.numbered[-1].level % 1:  # a lead-in: its numbered lines have ended
            self.close(self.numbered[-1].level, siblings, index)
        above = self.open_title(entry.text)
        if above is not None:
            entry.parent = above
            _follow(above, entry)

    def unit(self, text: Text, span: tuple[int, int, Parted | None, bool], where: Where, parent: Entry) -> Entry:
        start, end, parted, is_run = span
        line, column = text.place(start)
        return Entry(
            "line", where, line, text.place(max(start, end - 1))[0], column, parent, text, start, end, parted,
            is_run=is_run,
        )  # fmt: skip

    def below(self, entry: Entry, following: Block | None, siblings: Sequence[Block], where: Where) -> int:
        """How many of the blocks behind a lead-in belong to it."""
        if following is None:
            return 0
        plain = entry.plain.strip()
        is_lead = bool(_LEADS.search(plain))
        is_label = entry.parted is not None and not entry.parted.has_body
        is_short = len(plain) <= (24 if has_chinese(plain) else 60) and not plain.endswith((".", "。", "！", "!"))
        is_asking = asks(plain)
        if isinstance(following, ListBlock):
            return 1 if is_lead or is_label or is_asking or (is_short and not entry.body) else 0
        is_marked = is_label and entry.parted is not None and bool(entry.parted.emphasis)
        is_marked = is_marked or (is_asking and _is_emphasised(entry))
        if not (is_marked or is_asking):
            return 0
        if isinstance(following, Paragraph) and not asks(following.text.plain):
            if is_asking and not (is_marked or question_prefix_end(plain) or is_answer_line(following.text.plain)):
                return 0
            other = part(following.text, 0, line_end(following.text, 0))
            if other is not None and (other.emphasis or other.mark) and not is_asking:
                return 0
            after = siblings[where.index + 2] if where.index + 2 < len(siblings) else None
            return 2 if isinstance(after, ListBlock) and _LEADS.search(following.text.plain) else 1
        if isinstance(following, Table):
            return int(is_asking)
        return int(not isinstance(following, (Heading, Rule, LinkLine, Paragraph)))
