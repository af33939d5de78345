"""What a note says of itself at its top: `Class: …`, `Date: …`, `Tags: …`, in lines or items; no fact."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckgen.markdown.blocks import Block, Heading, ListBlock, Paragraph, Rule
from deckgen.markdown.lazy_regex import lazy_regex

_KEY = lazy_regex(r"[\s*_>-]{0,12}([^\W\d_][\w /-]{1,24}?)\s{0,3}[*_]{0,3}\s{0,3}(?::{1,2}|：)[*_]{0,3}(?=\s|$|\[|#)")
_OF_PAGES = lazy_regex(
    r"alias(?:es)?|tags?|keywords|created(?: at)?|modified|(?:last )?(?:updated|modified|edited)|status|class|course"
    r"|module|unit|subject|topics?|type|date|authors?|sources?|links?|url|ref(?:erence)?s?|related(?: notes)?|parent|up"
    r"|next|prev(?:ious)?|semester|teacher|prof(?:essor)?|lecturer|instructor|lecture|week|categor(?:y|ies)|project"
    r"|see also"
    r"|标签|日期|作者|创建(?:时间|日期)?|更新(?:时间|日期)?|来源|状态|课程|类型|主题|分类|相关",
    re.IGNORECASE,
)
_SURELY = lazy_regex(
    r"alias(?:es)?|tags?|created(?: at)?|modified|(?:last )?(?:updated|modified|edited)|status"
    r"|标签|创建(?:时间|日期)?|更新(?:时间|日期)?|状态",
    re.IGNORECASE,
)


def page_data(blocks: Sequence[Block]) -> Block | None:
    """The block right at the top, or below the title, that holds what a note says of itself; None without."""
    first = next((block for block in blocks if not _is_before(block)), None)
    return first if first is not None and _tells_of_page(_lines(first)) else None


def _is_before(block: Block) -> bool:
    return isinstance(block, Rule) or (isinstance(block, Heading) and block.level == 1)


def _lines(block: Block) -> list[str]:
    match block:
        case Paragraph():
            return block.text.plain.split("\n")
        case ListBlock():
            return [item.text.plain if item.text is not None else "" for item in block.items]
        case _:
            return []


def _tells_of_page(lines: Sequence[str]) -> bool:
    written = [line for line in lines if line.strip()]
    keys = [re.sub(r"[\s_-]+", " ", found[1].strip()) for line in written if (found := _KEY.match(line))]
    if not keys or len(keys) < len(written):
        return False
    of_pages = [key for key in keys if _OF_PAGES.fullmatch(key)]
    if any(_SURELY.fullmatch(key) for key in of_pages):
        return len(of_pages) * 2 >= len(keys)
    return len(of_pages) >= 2 and len(of_pages) == len(keys)
