"""`![[Note#Heading]]` in a field → what stands in that note: once, within a bound, of the project's own notes alone."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, define
from deckgen.markdown.blocks import Block, Heading, ListBlock
from deckgen.markdown.document import Document, blocks_markdown
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft, Markdown

define(
    "warning",
    embed_left_out="A note that is embedded in another does not stand on its card.",
)

EMBED_LIMIT = 4000
"""Characters of an embedded note that a card may show."""

_EMBED = lazy_regex(r"!\[\[(?P<note>[^\]\[|#^\n]*)(?:#(?P<part>[^\]\[|\n]+))?(?:\|[^\]\n]*)?\]\]")
_CODE = lazy_regex(r"(`+)(?!`).*?(?<!`)\1(?!`)|^ {0,3}(```+|~~~+).*?^ {0,3}\2", re.DOTALL | re.MULTILINE)
_BLOCK_ID = lazy_regex(r"(?:^|\s)\^([A-Za-z0-9-]+)\s*$")

Read = Callable[[str], Document | None]
"""The document of a path of the project; None where it cannot be had."""


class EmbeddedNotes:
    """The notes of a project by what an embed may call them."""

    def __init__(self, paths: Sequence[str], read: Read) -> None:
        self._paths: dict[str, str] = {}
        for path in sorted(paths, key=lambda path: (-path.count("/"), path), reverse=True):
            stem = _folded(path.rpartition(".")[0])
            parts = stem.split("/")
            for start in range(len(parts)):
                self._paths["/".join(parts[start:])] = path
        self._read = read
        self._known: dict[str, Document | None] = {}

    def find(self, name: str) -> str:
        """The path of a note; empty for none."""
        return self._paths.get(_folded(name.strip().removesuffix(".md").lstrip("/")), "")

    def document(self, path: str) -> Document | None:
        """A note, parsed; None where it cannot be read."""
        if path not in self._known:
            self._known[path] = self._read(path)
        return self._known[path]


def inline_embeds(draft: Draft, notes: EmbeddedNotes, media: frozenset[str]) -> tuple[Draft, list[Diagnostic]]:
    """The draft with what its fields embed of other notes, and why some of it is left out. `media` are the kinds of
    files that are pictures or sounds.
    """
    if not any("![[" in markdown for _, markdown in draft.fields):
        return draft, []
    inliner = _Inliner(draft, notes, media)
    fields = tuple((name, Markdown(inliner.inlined(markdown))) for name, markdown in draft.fields)
    return replace(draft, fields=fields, embeds=tuple(dict.fromkeys(inliner.used))), inliner.diagnostics


class _Inliner:
    def __init__(self, draft: Draft, notes: EmbeddedNotes, media: frozenset[str]) -> None:
        self.draft, self.notes, self.media = draft, notes, media
        self.used: list[str] = []
        self.diagnostics: list[Diagnostic] = []

    def inlined(self, markdown: str) -> str:
        """A field with its embeds resolved."""
        code = [found.span() for found in _CODE.finditer(markdown)]
        pieces: list[str] = []
        place = 0
        for found in _EMBED.finditer(markdown):
            name = found["note"].strip()
            is_file = name.rpartition(".")[2].lower() in self.media and "." in name
            if is_file or any(start <= found.start() < end for start, end in code):
                continue
            begin = markdown.rfind("\n", 0, found.start()) + 1
            before, after = markdown[begin : found.start()], markdown[found.end() :].split("\n", 1)[0]
            pieces += [markdown[place : found.start()], self.content(found, before, after)]
            place = found.end()
        return "".join([*pieces, markdown[place:]])

    def content(self, found: re.Match[str], before: str, after: str) -> str:
        """What stands in the place of an embed."""
        shown = found["part"].lstrip("^") if found["part"] and not found["note"] else found["note"].strip()
        path = self.notes.find(found["note"]) if found["note"].strip() else self.draft.origin.span.path
        document = self.notes.document(path) if path else None
        if document is None:
            return self.left_out(found, shown, "there is no such note among the sources")
        self.used.append(path)
        text = _part(document, (found["part"] or "").strip())
        if text is None:
            return self.left_out(found, shown, f"`{path}` has no such heading or block")
        text = _EMBED.sub(lambda inner: "" if self.is_note(inner) else inner.group(), text).strip("\n")
        if len(text) > EMBED_LIMIT:
            why = f"it has {len(text):,} characters, and a card shows up to {EMBED_LIMIT:,}"
            return self.left_out(found, shown, why)
        is_alone = not before.strip(" \t>-*+0123456789.)") and not after.strip()
        if "\n" in text.strip() and not is_alone:
            return self.left_out(found, shown, "it is more than a line, in the middle of one")
        indent = " " * len(before) if not before.strip(" \t") or before.strip(" \t")[0] in "-*+0123456789" else before
        return text.strip().replace("\n", "\n" + indent)

    def is_note(self, found: re.Match[str]) -> bool:
        """Whether an embed is one of a note."""
        name = found["note"].strip()
        return not ("." in name and name.rpartition(".")[2].lower() in self.media)

    def left_out(self, found: re.Match[str], shown: str, why: str) -> str:
        """The name alone, and a word about it."""
        message = f"`{found.group()[:60]}` is left out: {why}"
        self.diagnostics.append(Diagnostic("embed-left-out", message, self.draft.origin.span))
        return shown


def _part(document: Document, part: str) -> str | None:
    """The Markdown of a note, of a section of it, or of a block with an id; None where there is none."""
    if not part:
        first, last = document.first_line, len(document.lines)
        return blocks_markdown(document, first, last) if document.blocks else ""
    if part.startswith("^"):
        return _block(document, part[1:])
    wanted = _folded(part.rpartition("#")[2])
    for index, block in enumerate(document.blocks):
        if isinstance(block, Heading) and _folded(block.text.plain) == wanted:
            end = _section_end(document.blocks, index)
            last = document.blocks[end - 1].end_line
            return blocks_markdown(document, block.end_line + 1, last) if end > index + 1 else ""
    return None


def _section_end(blocks: Sequence[Block], index: int) -> int:
    heading = blocks[index]
    assert isinstance(heading, Heading)
    end = index + 1
    while end < len(blocks) and not (isinstance(after := blocks[end], Heading) and after.level <= heading.level):
        end += 1
    return end


def _block(document: Document, wanted: str) -> str | None:
    for number, line in enumerate(document.written_lines, 1):
        found = _BLOCK_ID.search(line)
        if found is None or found[1].lower() != wanted.lower():
            continue
        place = number if document.lines[number - 1].strip() else number - 1
        block = next((b for b in document.blocks if b.line <= place <= b.end_line), None)
        if block is None:
            return None
        is_item = isinstance(block, ListBlock) and document.lines[number - 1].strip()
        first, last = (number, number) if is_item else (block.line, block.end_line)
        text = blocks_markdown(document, first, last)
        return re.sub(r"^(?:[-*+]|\d+[.)])\s+", "", text) if first == last else text
    return None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())
