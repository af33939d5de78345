"""A Chinese label below a side of something → that thing and its side, which the label alone does not say.

*局部用药* below *治疗* of *雪盲* is asked as *雪盲的治疗：局部用药*. A label that is defined names something by itself,
wherever it stands.
"""

from __future__ import annotations

import re

from deckgen.extraction.entries.entry import Entry
from deckgen.extraction.entries.owners import named
from deckgen.markdown.blocks import Paragraph
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import fold_characters
from deckgen.patterns.passage import Passage

_DEFINITION = lazy_regex(r"^(?:是?指|即|是|由|一种|一类|一个|用来|用于|又称|也叫)|的[\u3400-\u9fff]{1,8}(?<!等)$")
_LONGEST = 24  # characters of an owner with its side
_SIDES_TOLD = lazy_regex(
    r"(?:主要|基本|作用|药理|重大|历史|现实|地理|临床|早期|晚期|核心)?(?:治疗|诊断|预防|症状|表现|病因|机制|特点|特征|作用|意义|影响|危害|原因|背景"
    r"|结果|后果|不良反应|并发症|优点|缺点|优势|劣势|要求|用途)"
)
"""Sides that what stands below tells. Below a side that only sorts, as 分类 does, a label is a name by itself."""


def defines(entry: Entry) -> bool:
    """Whether what is said first of a label, behind its mark or in the paragraph below it, is a definition."""
    said = entry.body
    if not said and entry.blocks and isinstance(entry.blocks[0], Paragraph):
        said = entry.blocks[0].text.plain
    return _DEFINITION.search(re.split("[，。；,;]", said, maxsplit=1)[0].strip()) is not None


def owner_of_side(entry: Entry, owner: Passage | None) -> Passage | None:
    """The owner of an entry with its side, where that side stands right above and the label is no definition."""
    above = next((one for one in entry.above() if one.text is not None), None)
    if owner is None or above is None or above.form not in ("heading", "item", "lead") or len(owner.plain) > _LONGEST:
        return None
    side = named(above).strip()
    if _SIDES_TOLD.fullmatch(side) is None or owner.plain.strip() == side or defines(entry):
        return None
    label, name = fold_characters(entry.label.strip()), fold_characters(owner.plain)
    return None if label in name or name in label else owner
