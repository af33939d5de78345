"""A stretch of text → whether it leads elsewhere: to a page or another note, and says little itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from deckgen.markdown.blocks import LinkLine, ListBlock, Paragraph
from deckgen.markdown.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from deckgen.extraction.entries.entry import Entry
    from deckgen.markdown.blocks import Block
    from deckgen.markdown.text import Text

_ADDRESS = 0.3  # of what is read: the title of a page stands before its address
_LINKS = 0.6
_LONGEST = 80  # characters of what only says where something stands
_SAYS_LINK = lazy_regex(
    r"(?:\W*(?:video|links?|here|sources?|web(?:site|page)?|site|demo|wiki(?:pedia)?|youtube|watch|see|view|click|picture"
    r"|image|photo|page|article|post|reference|docs?|documentation|视频|链接|来源|图片|网址|网站|官网|详情|点击|查看|这里))+\W*",
    re.IGNORECASE,
)
_PAGES = r"(?:pp?|pages?|pg)\.?\s?\d[\d\s,，–—~-]{0,24}"
_PAGE_AT_END = lazy_regex(rf"\s*[(（\[]\s*{_PAGES}[)）\]]\.?\s*$", re.IGNORECASE)
_REFERENCE = lazy_regex(
    rf"(?:[A-Z]{{0,6}}\s?(?:chapters?|ch|sections?|sec|unit|vol|volume|book)\.?\s*\d[\d.]*[\w ,:;–—-]*?)?\W{{0,4}}"
    rf"{_PAGES}(?:[,;]?\s*{_PAGES})*\.?",
    re.IGNORECASE,
)


def leads_away(text: Text, start: int, end: int) -> bool:
    """Whether a stretch is an address with its title, or links and hardly anything else."""
    urls = [run for run in text.mark_runs("url") if run[0] < end and run[1] > start]
    links = [run for run in text.mark_runs("link") if run[0] < end and run[1] > start]
    if not urls and not links:
        return False
    length = len(text.shown(start, end).strip())
    shown = sum(len(text.shown(max(a, start), min(b, end))) for a, b in urls)
    covered = shown + sum(min(b, end) - max(a, start) for a, b in links)
    return shown > _ADDRESS * length or covered >= _LINKS * length


def is_mere_link(text: Text, start: int, end: int) -> bool:
    """Whether a stretch is a link to another site whose words only say so: `[Video Link](https://…)`."""
    shown = text.plain[start:end].strip()
    if not shown or len(shown) > _LONGEST or not any(a <= start and end <= b + 1 for a, b in text.mark_runs("link")):
        return False
    return _SAYS_LINK.fullmatch(shown) is not None


def without_page(plain: str, start: int, end: int) -> int:
    """The end of a stretch without the page of a book that it was taken from, and without a second full stop."""
    found = _PAGE_AT_END.search(plain, max(start, end - _LONGEST), end)
    if found is not None and found.start() > start:
        end = found.start()
    if plain.endswith("..", start, end) and not plain.endswith("...", start, end):
        end -= 1
    return end


def is_reference(plain: str) -> bool:
    """Whether a text is a place in a book and nothing else: `Chapter 7.12, p. 260 - 261.`"""
    return len(plain) <= _LONGEST and _REFERENCE.fullmatch(plain.strip()) is not None


def is_path(text: Text, start: int, end: int) -> bool:
    """Whether a stretch is a link that shows the path of another note: `[[physics/light]]`."""
    shown = text.plain[start:end].strip()
    return (
        "/" in shown.strip("/")
        and " " not in shown
        and any(a <= start and end <= b + 1 for a, b in text.mark_runs("link"))
    )


def is_answered_elsewhere(entry: Entry) -> bool:
    """Whether what answers a question begins with an address or a link to the answer."""
    for child in entry.following[:1]:
        return child.text is not None and leads_away(child.text, child.start, child.end)
    return bool(entry.blocks) and _is_elsewhere(entry.blocks[0])


def _is_elsewhere(block: Block) -> bool:
    if isinstance(block, LinkLine):
        return True
    if isinstance(block, Paragraph):
        end = block.text.plain.find("\n")
        return leads_away(block.text, 0, end if end > 0 else len(block.text.plain))
    if isinstance(block, ListBlock):
        texts = [item.text for item in block.items if item.text is not None]
        return bool(texts) and all(leads_away(text, 0, len(text.plain)) for text in texts)
    return False
