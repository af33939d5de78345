"""Source → document: its blocks, each with its exact place, its front matter, and what it defines for links."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any

from msgspec import Struct, field

from deckgen.diagnostics import Diagnostic, Span
from deckgen.markdown.atoms import PRIVATE, REPLACEMENT
from deckgen.markdown.block_reader import read_blocks
from deckgen.markdown.blocks import (
    Block,
    CodeBlock,
    Definition,
    DefinitionList,
    Heading,
    HtmlBlock,
    LinkLine,
    ListBlock,
    ListItem,
    MathBlock,
    Paragraph,
    Quote,
    Rule,
    Table,
    TableRow,
    inner_blocks,
)
from deckgen.markdown.cached_property import cached_property
from deckgen.markdown.dialects import PLAIN, Cleaned, Dialect, clean_lines, dialect_in
from deckgen.markdown.foreign_syntax import foreign_syntax
from deckgen.markdown.front_matter import TAG_KEYS, read_front_matter
from deckgen.markdown.language import NOT_LATIN, language_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.merge_conflicts import find_conflicts
from deckgen.markdown.note_name import note_name
from deckgen.markdown.parser import reference_key
from deckgen.markdown.text import Definitions, Text
from deckgen.model import Markdown, Source

__all__ = [
    "Block",
    "CodeBlock",
    "Definition",
    "DefinitionList",
    "Document",
    "Heading",
    "HtmlBlock",
    "LinkLine",
    "ListBlock",
    "ListItem",
    "MathBlock",
    "Paragraph",
    "Quote",
    "Rule",
    "Table",
    "TableRow",
    "blocks_markdown",
    "inner_blocks",
    "read_document",
]

_SMALL_WORD = lazy_regex(r"(?<![^\s(“‘\"'*_])[a-z]{5,}(?=[\s,;:)”’\"'*_]|[.?!]?$|[.?!]\s)")


class Document(Struct, frozen=True, dict=True):
    """One parsed source."""

    path: str
    title: str  # of the front matter, else the first heading of level 1, else the file's name
    front_matter: Mapping[str, Any]
    tags: tuple[str, ...]  # of the front matter
    lines: tuple[str, ...]  # without line ends; the first is line 1
    blocks: tuple[Block, ...]
    definitions: Definitions
    dropped_lines: frozenset[int]  # kramdown's attribute lines
    declared: str = ""  # the language that the front matter or the project says its text is in
    first_line: int = 1  # after the front matter
    unread: frozenset[str] = frozenset()  # keys of the front matter whose values cannot be known
    dialect: Dialect = PLAIN
    written: tuple[str, ...] = ()  # the lines as they are written, where a dialect reads them otherwise
    line_tags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)  # that a dialect took out of lines
    cardless_lines: frozenset[int] = frozenset()  # that make no card in a dialect

    @property
    def written_lines(self) -> tuple[str, ...]:
        """The lines before any dialect is taken in."""
        return self.written or self.lines

    @property
    def footnotes(self) -> Mapping[str, str]:
        """The Markdown of each footnote by its label."""
        return self.definitions.footnotes

    @cached_property
    def language(self) -> str:
        """That of most of its text."""
        return self._spoken(language_of(_sample(self.blocks))) or self.declared

    @cached_property
    def name(self) -> str:
        """What all of it is about, by its front matter or its file's name; empty where a heading says it."""
        headings = [block for block in self.blocks if isinstance(block, Heading)]
        return note_name(self.front_matter.get("title"), self.path, headings, self.language)

    @cached_property
    def prose(self) -> str:
        """Its lines without code and formulas, a space between."""
        unread = unread_lines(self.blocks)
        return " ".join(line for number, line in enumerate(self.lines, 1) if number not in unread)

    @cached_property
    def small_words(self) -> frozenset[str]:
        """The longer words that stand in it in small letters, outside of paths and code: no names."""
        return frozenset(_SMALL_WORD.findall(self.prose))

    def language_of(self, plain: str) -> str:
        """The language of a text in it: by its script, and of those in the Latin one as declared."""
        return self._spoken(language_of(plain)) or self.language

    def _spoken(self, script: str) -> str:
        return self.declared if script == "en" and self.declared and self.declared not in NOT_LATIN else script


def read_document(source: Source, language: str = "", dialect: Dialect = PLAIN) -> tuple[Document, list[Diagnostic]]:
    """Parse one source; whatever the text is, there is a document. `language`, `dialect`: what the project says it is
    in.
    """
    text = source.text
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        text = text.replace("\0", REPLACEMENT)
    text = PRIVATE.sub(REPLACEMENT, text)
    front = read_front_matter(text, source.path)
    front_matter = front.values
    found = read_blocks(text, front.lines)
    written: tuple[str, ...] = ()
    cleaned = Cleaned(())
    dialect = dialect or dialect_in(found.lines)
    if dialect:
        written = tuple(found.lines)
        cleaned = clean_lines(dialect, written, front.lines + 1, unread_lines(found.blocks))
        found = read_blocks("\n".join(cleaned.lines), front.lines)
    title = front_matter.get("title")
    if not isinstance(title, str) or not title.strip():
        heading = next((block for block in found.blocks if isinstance(block, Heading) and block.level == 1), None)
        title = heading.text.shown(0, len(heading.text.plain)) if heading else ""
    document = Document(
        path=source.path,
        title=" ".join(title.split()) or PurePosixPath(source.path).stem,
        front_matter=MappingProxyType(front_matter),
        tags=tuple(dict.fromkeys([*_tags(_written_tags(front_matter)), *cleaned.file_tags])),
        lines=tuple(found.lines),
        blocks=found.blocks,
        definitions=found.definitions,
        dropped_lines=found.dropped_lines,
        declared=_language(front_matter.get("language", front_matter.get("lang")) or language),
        first_line=front.lines + 1,
        unread=front.unread,
        dialect=dialect,
        written=written,
        line_tags=MappingProxyType(dict(cleaned.tags)),
        cardless_lines=cleaned.cardless,
    )
    conflicts = find_conflicts(source.path, document.lines, found.blocks)
    if any(conflict.severity == "error" for conflict in conflicts):
        return document, conflicts
    unshown = [Diagnostic("unshown-syntax", why, Span(source.path, line)) for line, why in cleaned.problems]
    return document, [*conflicts, *front.diagnostics, *unshown, *foreign_syntax(document.lines, source.path)]


def unread_lines(blocks: tuple[Block, ...]) -> frozenset[int]:
    """The lines of code and of formulas."""
    lines: set[int] = set()
    stack = list(blocks)
    while stack:
        block = stack.pop()
        if isinstance(block, (CodeBlock, MathBlock)):
            lines.update(range(block.line, block.end_line + 1))
        stack.extend(inner_blocks(block))
    return frozenset(lines)


def _written_tags(front_matter: Mapping[str, Any]) -> object:
    """What the front matter says of tags; Zola has them under `taxonomies`."""
    taxonomies = front_matter.get("taxonomies")
    known = taxonomies if isinstance(taxonomies, Mapping) else {}
    return next((values[key] for values in (front_matter, known) for key in TAG_KEYS if key in values), None)


def _language(tag: object) -> str:
    """The language of a tag such as `de` or `de-AT`."""
    found = re.match(r"[A-Za-z]{2,3}(?![A-Za-z])", tag.strip()) if isinstance(tag, str) else None
    return found.group().lower() if found else ""


def _tags(value: object) -> tuple[str, ...]:
    """A list, or text with commas or spaces between; `#` before a tag is dropped."""
    words = re.split(r"[,，\s]+", value) if isinstance(value, str) else value if isinstance(value, list) else []
    tags = (str(word).strip().lstrip("#").replace(" ", "_") for word in words if isinstance(word, str))
    return tuple(dict.fromkeys(tag for tag in tags if tag))


_SAMPLE = 20_000  # characters that tell a language


def _sample(blocks: tuple[Block, ...]) -> str:
    """Text to tell the language by, without URLs, code and math."""
    parts: list[str] = []
    size = 0
    stack: list[Block] = list(reversed(blocks))
    while stack and size < _SAMPLE:
        block = stack.pop()
        text = block.term if isinstance(block, Definition) else getattr(block, "text", None)
        if isinstance(text, Text):
            parts.append(text.raw[:_SAMPLE])
            size += len(parts[-1])
        stack.extend(reversed(inner_blocks(block)))
    return re.sub(r"https?://\S+|`[^`]*`|\$[^$]*\$|\]\([^)]*\)", " ", "\n".join(parts))


def blocks_markdown(document: Document, first_line: int, last_line: int, column: int = 0) -> Markdown:
    """The Markdown of whole lines, verbatim but dedented: the marks and indentation of what they stand in taken off.

    `column` is where their content begins in the first line; left out, it is that of the outermost block that begins
    there. Link references and footnotes that the lines use and that stand elsewhere are added at the end.
    """
    first_line, last_line = max(first_line, 1), min(last_line, len(document.lines))
    if first_line > last_line:
        return Markdown("")
    lines = document.lines[first_line - 1 : last_line]
    column = column or _content_column(document.blocks, first_line)
    if column > 1:
        steps = _prefix_steps(lines[0][: column - 1])
        lines = (lines[0][column - 1 :], *(_without_prefix(line, steps) for line in lines[1:]))
    kept = [line for number, line in enumerate(lines, first_line) if number not in document.dropped_lines]
    while kept and not kept[0].strip():
        del kept[0]
    while kept and not kept[-1].strip():
        kept.pop()
    text = "\n".join(kept)
    added = _definitions_used(document, text, range(first_line - 1, last_line)) if "[" in text else []
    return Markdown("\n\n".join([text, "\n".join(added)]) if added else text)


def _content_column(blocks: tuple[Block, ...], line: int) -> int:
    column = 1
    while blocks:
        found = bisect_right(blocks, line, key=lambda block: block.line) - 1
        while found > 0 and blocks[found - 1].line == line:
            found -= 1
        if found < 0 or blocks[found].end_line < line:
            return column
        block = blocks[found]
        column = block.column
        if block.line == line:
            return column
        text = block.meaning if isinstance(block, Definition) else getattr(block, "text", None)
        if isinstance(text, Text) and 0 <= line - text.line < len(text.columns):
            return text.columns[line - text.line]
        blocks = inner_blocks(block)
    return column


def _prefix_steps(prefix: str) -> list[int]:
    """What stands before the content of a first line: -1 for a quote's mark, else columns of indentation."""
    steps: list[int] = []
    place = width = 0
    while place < len(prefix):
        if prefix[place] == ">":
            steps.extend([width, -1])
            width = 0
            if prefix[place + 1 : place + 2] == " ":
                place += 1
        else:
            width += 4 - width % 4 if prefix[place] == "\t" else 1
        place += 1
    return [step for step in [*steps, width] if step]


def _without_prefix(line: str, steps: list[int]) -> str:
    place = 0
    for step in steps:
        if step == -1:
            mark = re.compile(r" {0,3}> ?").match(line, place)
            if mark is None:
                break  # a continuation without the mark
            place = mark.end()
            continue
        width = 0
        while width < step and place < len(line) and line[place] in " \t":
            width += 4 - width % 4 if line[place] == "\t" else 1
            place += 1
        if width > step:
            line = line[:place] + " " * (width - step) + line[place:]
    return line[place:]


def _definitions_used(document: Document, text: str, lines: range) -> list[str]:
    references, footnotes = document.definitions.references, document.definitions.footnotes
    added: dict[str, None] = {}
    if footnotes:
        for label in re.findall(r"\[\^([^\]\s]+)\](?!:)", text):
            if label in footnotes and f"[^{label}]:" not in text and footnotes[label]:
                added[f"[^{label}]: {' '.join(footnotes[label].split())}"] = None
    if references:
        for label in re.findall(r"\[([^\[\]\n]+)\]", text):
            known = references.get(reference_key(label))
            if known is not None and known["map"][0] not in lines:
                title = f' "{known["title"]}"' if known["title"] else ""
                added[f"[{label}]: <{known['href']}>{title}"] = None
    return list(added)
