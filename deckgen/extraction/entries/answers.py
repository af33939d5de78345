"""An entry → its answer: what stands behind its mark and below it, whole, without remarks."""

from __future__ import annotations

import re
import textwrap

from deckgen.extraction.elements.element import block_passage
from deckgen.extraction.entries.addresses import is_mere_link, leads_away, without_page
from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.lists import Listed, is_page, listed, numbered_items
from deckgen.extraction.entries.naming import EntryNaming
from deckgen.extraction.entries.questions import answer_start, question_end
from deckgen.extraction.widths import width_of
from deckgen.markdown.block_reader import read_blocks
from deckgen.markdown.blocks import (
    Block,
    CodeBlock,
    Container,
    Heading,
    HtmlBlock,
    LinkLine,
    ListBlock,
    MathBlock,
    Paragraph,
    Quote,
    Rule,
    Table,
)
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.document import blocks_markdown
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import split_sentences
from deckgen.markdown.text import Text
from deckgen.patterns.passage import Blocks, Passage

LONGEST_ANSWER, MOST_LINES = 700, 9
"""Columns of an answer as shown, where a Chinese character takes two, and its lines."""
_FORMULA_AND_MARKS = "\ue001 .。，,；;"
_SAYS_ENOUGH, _LONGEST_WITH_CHILDREN, _FIRST_SENTENCE_IN_ENGLISH = 24, 200, 170
"""Characters: of an answer that stands for itself, of one with its children, and of one with several sentences."""
_NUMBERED = lazy_regex(r"[\s>]*\d{1,3}[.)]\s")  # an item that is counted belongs to its list
_FIRST_SENTENCE_FROM = 400  # characters: a longer body is answered by its first sentence, the rest stands below


class EntryAnswers(EntryNaming):
    """What answers for an entry."""

    @cached_property
    def section(self) -> tuple[Block, ...]:
        """Of a heading that asks: all up to the next one of its level."""
        where = self.entry.where
        siblings, index = where.siblings, where.index
        heading = siblings[index]
        assert isinstance(heading, Heading)
        end = index + 1
        while end < len(siblings) and not (isinstance(b := siblings[end], Heading) and b.level <= heading.level):
            end += 1
        below = siblings[index + 1 : end]
        while below and isinstance(below[-1], Rule):
            below = below[:-1]
        return below

    @cached_property
    def body_span(self) -> tuple[int, int]:
        """The place of the body in the entry's text."""
        entry = self.entry
        text = entry.text
        if text is None:
            return 0, 0
        if self.label_class in ("question", "stem"):
            end = question_end(text.plain[entry.start : entry.end])
            if not end:
                return entry.end, entry.end
            start = entry.start + end
            start += answer_start(text.plain[start : entry.end])
            while start < entry.end and text.plain[start].isspace():
                start += 1
            return start, entry.end
        if self.entry_class == "word" and self.word is not None:
            return self.word.meaning
        return entry.parted.body if entry.parted is not None else (entry.end, entry.end)

    def body(self) -> Passage | None:
        """What stands behind the mark."""
        start, end = self.body_span
        text = self.entry.text
        if text is None:
            return None
        if self.entry.blocks and is_mere_link(text, start, end):
            return None  # what is said stands below
        end = without_page(text.plain, start, end)
        while start < end and self.entry.form in ("item", "line") and text.plain[end - 1] in ";；,，":
            end -= 1  # it joins the items of a list
        return Passage(text, start, end) if start < end else None

    @cached_property
    def blocks(self) -> tuple[Block, ...]:
        """The blocks below that answer: of a question in a heading its whole section."""
        blocks = self.section if self.entry_class == "question" and self.entry.form == "heading" else self.entry.blocks
        if self.right_option is not None:
            return ()
        is_asking = self.label_class in ("question", "stem")
        return (_hidden(blocks[0]) or blocks) if is_asking and len(blocks) == 1 else blocks

    def children(self) -> Passage | None:
        """What stands below, without remarks."""
        entry = self.entry
        if entry.following:
            return self.written(self._following_markdown())
        if self.remarks:
            left = self._without_remarks
            return self.written(left) if left.strip() else None
        if entry.form == "callout" and self.blocks and self.blocks[0].line == entry.line:
            return block_passage(self.document, self.blocks, column=self.blocks[0].column)
        return block_passage(self.document, self.blocks)

    @cached_property
    def remarks(self) -> list[tuple[int, int]]:
        """The lines of items below that are remarks or the numbers of pages, where anything else is left."""
        if not self.blocks or self.entry.form == "callout":
            return []
        for are_pages_alone in (False, True):  # where all are remarks, they are the answer, without numbers of pages
            found = self._remarks_below(are_pages_alone=are_pages_alone)
            if not found:
                return []
            lines = {line for first, last in found for line in range(first, last + 1)}
            is_all = all(
                line in lines or not self.document.lines[line - 1].strip()
                for line in range(self.blocks[0].line, self.blocks[-1].end_line + 1)
            )
            if not is_all or self.body_span[0] != self.body_span[1]:
                return sorted(found)
        return []

    def _remarks_below(self, *, are_pages_alone: bool) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        waiting = list(self.entry.children)
        while waiting:
            child = waiting.pop()
            is_page_number = child.form == "item" and is_page(child.plain)
            line = self.document.lines[child.line - 1]
            is_numbered = self.document.language != "zh" and _NUMBERED.match(line) is not None
            is_remark = child.form == "item" and not (are_pages_alone or is_numbered) and self.labels.is_aside(child)
            if is_page_number or is_remark:
                found.append((child.line, child.end_line))
            elif child.form in ("item", "lead", "line"):
                waiting.extend(child.children)
        return found

    @cached_property
    def _parted_lines(self) -> tuple[str, str] | None:
        """What stands below without the remarks, and the remarks."""
        first, last = self.blocks[0].line, self.blocks[-1].end_line
        written = str(blocks_markdown(self.document, first, last)).split("\n")
        if len(written) < last - first + 1 and any(
            line.strip() for line in self.document.lines[first - 1 + len(written) : last]
        ):
            return None
        left_out = {line - first for start, end in self.remarks for line in range(start, end + 1)}
        kept = [line for number, line in enumerate(written) if number not in left_out]
        others = [line for number, line in enumerate(written) if number in left_out]
        return "\n".join(kept).strip("\n"), textwrap.dedent("\n".join(others)).strip("\n")

    @property
    def _without_remarks(self) -> str:
        parted = self._parted_lines
        if parted is None:
            return str(blocks_markdown(self.document, self.blocks[0].line, self.blocks[-1].end_line))
        return parted[0]

    def _remarks(self) -> Passage | None:
        parted = self._parted_lines if self.remarks else None
        return self.written(parted[1]) if parted and parted[1] else None

    def _following_markdown(self) -> str:
        lines = []
        for child in self.entry.following:
            assert child.text is not None
            start = child.start
            if self.label_class == "question":
                start += answer_start(child.plain)
            lines.append(str(child.text.markdown(start, child.end)))
        lines = [line for line in lines if line.strip()]
        is_list = self.label_class != "question" and len(lines) > 1
        below = (
            [str(blocks_markdown(self.document, self.entry.blocks[0].line, self.entry.blocks[-1].end_line))]
            if self.entry.blocks
            else []
        )
        return "\n\n".join(["\n".join("- " + line for line in lines) if is_list else "  \n".join(lines), *below])

    @cached_property
    def answers(self) -> tuple[Passage | None, Passage | None]:
        """The answer, and what is too long for it and stands below."""
        if self.right_option is not None:
            return self.right_option, None
        body, children = self.body(), self.children()
        if self.label_class == "question" and body is None and children is not None:
            children = self._without_mark(children)
        if children is None:
            return self._shortened(body)
        whole = self._together(body, children)
        if body is not None and self._is_enough(body) and width_of(whole.shown) > _LONGEST_WITH_CHILDREN:
            said, rest = self._shortened(body)
            return said, children if rest is None else self._together(rest, children)
        is_short = width_of(whole.shown) <= LONGEST_ANSWER and str(whole.markdown).count("\n") + 1 <= 2 * MOST_LINES
        if is_short or self.label_class in ("question", "stem"):  # what bounds the answer to a question, the rule says
            return whole, self._remarks()
        if self.listed is not None and self.listed.kind == "labelled":
            return self._together(body, self.written(self.listed.markdown)), None
        if body is None:
            return None, None
        return body, children

    @cached_property
    def shape(self) -> str:
        """What stands below: nothing, items, text, lines, formula, code, picture, table or a mixture of them."""
        if self.entry.following:
            if all(_is_link_alone(child) for child in self.entry.following):
                return "link"
            if (
                all(not child.plain.strip(_FORMULA_AND_MARKS) for child in self.entry.following)
                and not self.entry.blocks
            ):
                return "formula"
            return "lines" if not self.entry.blocks else "mixed"
        if numbered_items(self.entry):
            return "items"
        blocks = [block for block in self.entry.blocks if not isinstance(block, (Rule, HtmlBlock))]
        if not blocks:
            return "text" if any(map(_is_html_text, self.entry.blocks)) else "nothing"
        kinds = {_shape_of(block) for block in blocks}
        if len(kinds) > 1:
            kinds.discard("picture")
        if len(kinds) > 1 or (len(blocks) > 1 and kinds in ({"items"}, {"text"}, {"table"})):
            return "mixed"
        return kinds.pop()

    def _without_mark(self, children: Passage) -> Passage:
        """An answer below a question, without `A:` and without the bullet of an item that is alone."""
        blocks = self.blocks
        if len(blocks) == 1 and isinstance(blocks[0], Paragraph):
            text = blocks[0].text
            start = answer_start(text.plain)
            return Passage(text, start) if start else children
        return children

    def _is_enough(self, body: Passage) -> bool:
        """Whether what stands behind an English term says what it is, so that its children only add to that."""
        if self.label_class != "term" or not self.entry.label.isascii():
            return False
        return len(body.plain) >= _SAYS_ENOUGH and not body.plain.rstrip().endswith((":", ";", ","))

    def _shortened(self, body: Passage | None) -> tuple[Passage | None, Passage | None]:
        is_english = self.label_class == "term" and self.entry.label.isascii()
        bound = _FIRST_SENTENCE_IN_ENGLISH if is_english else _FIRST_SENTENCE_FROM
        if body is None or len(body.plain) <= bound:
            return body, None
        spans = split_sentences(body.plain, self.document.language_of(body.plain))
        if len(spans) < 2:
            return body, None
        end = spans[0][1]
        for _, stop in spans[1:]:
            if stop > bound // 2 and end >= _SAYS_ENOUGH:
                break
            end = stop
        return body.part(0, end), body.part(end, len(body.plain))

    def _together(self, body: Passage | None, children: Passage) -> Passage:
        if body is None:
            return self._unwrapped(children)

        def texts() -> tuple[Text, ...]:
            return (body.text, *_texts(children)) if isinstance(body.text, Text) else _texts(children)

        return Passage(Blocks(texts, lambda: f"{body.markdown}\n\n{children.markdown}", self.entry.line))

    def _unwrapped(self, children: Passage) -> Passage:
        """One item that has nothing below is its text."""
        if self.remarks and isinstance(children.text, (Text, Blocks)):
            blocks = read_blocks(str(children.markdown)).blocks
            if len(blocks) == 1 and isinstance(blocks[0], ListBlock) and len(blocks[0].items) == 1:
                item = blocks[0].items[0]
                if item.text is not None and not item.blocks:
                    return self.written(str(item.text.whole))
        if len(self.blocks) == 1 and isinstance(self.blocks[0], ListBlock) and len(self.blocks[0].items) == 1:
            item = self.blocks[0].items[0]
            if item.text is not None and not item.blocks:
                start = answer_start(item.text.plain) if self.label_class == "question" else 0
                return Passage(item.text, start)
        return children

    def written(self, markdown: str) -> Passage:
        """Markdown of this entry's own."""
        return Passage(Blocks.of(markdown, self.entry.line))

    def paragraph(self) -> Passage | None:
        """The first block below, where it is text."""
        first = self.entry.blocks[0] if self.entry.blocks else None
        if first is None or _shape_of(first) != "text":
            return None
        return block_passage(self.document, [first])

    @cached_property
    def listed(self) -> Listed | None:
        """The children as a list that can be learned as one."""
        return listed(self.entry, self.labels)


def _is_link_alone(line: Entry) -> bool:
    """Whether a line is a link, or another note put in, and nothing else."""
    if line.text is None or any(atom in line.plain for atom in "\ue000\ue001\ue003"):
        return False
    return not line.text.prose(line.start, line.end).strip(" !")


def _shape_of(block: Block) -> str:
    match block:
        case ListBlock():
            return "items"
        case Paragraph():
            plain = block.text.plain.strip()
            if not plain.strip("\ue003 \n"):
                return "picture"
            if not plain.strip("\ue001 \n"):
                return "formula"
            prose = block.text.prose(0, len(block.text.plain)).strip()
            is_link = (not prose and "\ue000" not in plain) or (
                bool(block.text.mark_runs("url")) and leads_away(block.text, 0, len(block.text.plain))
            )
            return "link" if is_link else "text"
        case MathBlock():
            return "formula"
        case CodeBlock():
            return "code"
        case Quote() if len(block.blocks) == 1 and isinstance(block.blocks[0], Paragraph):
            return _shape_of(block.blocks[0])
        case Table():
            return "table"
        case LinkLine():
            return "link"
        case _:
            return "mixed"


_ANSWERS = lazy_regex(
    r"\W*(?:(?:click|tap|show|see|view|reveal|expand|the|here|to|for|full|sample|model)\s+)*"
    r"(?:answers?|solutions?|explanation|spoiler|details|expand|reveal)\W*$"
    r"|\W*(?:点击|点我|展开|查看|显示|参考|点此)*(?:答案|解答|解析|详情|展开|查看)?\W*$",
    re.IGNORECASE,
)


def _hidden(block: Block) -> tuple[Block, ...]:
    """What stands in a block that only hides the answer: details, or a callout, with a title that says so."""
    title = block.title if isinstance(block, Container) else block.callout_title if isinstance(block, Quote) else None
    if not isinstance(block, (Container, Quote)) or (isinstance(block, Quote) and not block.callout_kind):
        return ()
    return block.blocks if title is None or _ANSWERS.match(title.plain) else ()


def _is_html_text(block: Block) -> bool:
    """Whether raw HTML is a paragraph of text."""
    return isinstance(block, HtmlBlock) and _HTML_TEXT.match(block.html) is not None


_HTML_TEXT = lazy_regex(r"\s*<p\b[^<>]*>\s*[^<\s]", re.IGNORECASE)


def _texts(passage: Passage) -> tuple[Text, ...]:
    if isinstance(passage.text, Blocks):
        return passage.text.texts
    return (passage.text,) if isinstance(passage.text, Text) else ()
