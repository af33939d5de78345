"""A stretch of text → whether it leads elsewhere: to a page or another note, and says little itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deckgen.markdown.blocks import LinkLine, ListBlock, Paragraph

if TYPE_CHECKING:
    from deckgen.extraction.entries.entry import Entry
    from deckgen.markdown.blocks import Block
    from deckgen.markdown.text import Text

_ADDRESS = 0.3  # of what is read: the title of a page stands before its address
_LINKS = 0.6


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
