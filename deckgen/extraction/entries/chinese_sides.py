"""A Chinese label, what stands behind it, and what it belongs to → how it is asked for.

*五帝：黄帝、颛顼、帝喾、尧、舜* lists as many as the label counts; *量刑情节：法定情节与酌定情节* lists its kinds.
A heading is named in a question without what only explains it: *对冲基金 —— “富人的游戏”* is 对冲基金.
"""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.passage import Passage

_PARTS = lazy_regex(r"\s*(?:[、，,；;]|(?<=[\u3400-\u9fff]{2})[和与及](?=[\u3400-\u9fff]{2}))\s*")
_GLOSS = lazy_regex(r"\s*[(（][^()（）]*[)）]")
_COUNTED = lazy_regex(
    r"(?:^|[^第\d])([两二三四五六七八九十]|\d{1,2})(?!进制|次|维|元|极|氧|叉|战|手|者|级|期|年|月|日|挡|档)(?:大|个|种|类|项)?[\u3400-\u9fff]{1,6}$"
)
_COUNTS_OUT = lazy_regex(r"(?:分为|分成|具?有|包括)[两二三四五六七八九十\d]")
_SAYS = lazy_regex(r"[是就把让]|如果|或者|还是")
_NUMBERS = {**{numeral: number for number, numeral in enumerate("一二三四五六七八九十", start=1)}, "两": 2}
_LONGEST, _LONGEST_PART = 120, 16  # characters
_LONGEST_HEAD = 2
_FEWEST, _MOST = 2, 10


def lists_kinds(label: str, said: str) -> bool:
    """Whether what is said of a label is a row of its kinds, or of as many members as it counts."""
    if not said or len(said) > _LONGEST or "：" in said or "的" in said:
        return False
    parts = [part for part in _PARTS.split(_GLOSS.sub("", said).rstrip(" 。.；;等")) if part]
    if not _FEWEST <= len(parts) <= _MOST or max(map(len, parts)) > _LONGEST_PART:
        return False
    name = _GLOSS.sub("", label).strip()
    if _COUNTS_OUT.search(name):
        return False  # 常用和弦有三种 says how many already
    counted = _COUNTED.search(name) if not any(map(_SAYS.search, parts)) else None
    if counted is not None and _NUMBERS.get(counted[1], int(counted[1]) if counted[1].isdigit() else 0) == len(parts):
        return True
    head = name[-_LONGEST_HEAD:]
    return len(head) == _LONGEST_HEAD and all(len(part) > len(head) and part.endswith(head) for part in parts)


_EXPLAINED = lazy_regex(r"(?<=[\u3400-\u9fff)）A-Za-z])\s*(?:——|—|--)\s*[“\"「].{1,40}$")
_LONG_GLOSS = lazy_regex(r"(?<=[\u3400-\u9fff]{2})\s*[(（][^()（）]{0,30}[\u3400-\u9fff]{6}[^()（）]{0,30}[)）]$")
_TRANSLATED = lazy_regex(r"[A-Z]?[a-z]+(?: [A-Za-z][a-z]+){0,3}\s+[-–—]\s+(?=[\u3400-\u9fff]{2})")
_MARK_IN_FRONT = lazy_regex(r"[|｜]{1,3}\s*(?=[^|｜]+$)")
"""What parts the number of a section from its name (第五节 ｜ 烧伤), or marks the heading: || 烧伤."""
_AT_END = lazy_regex(
    r"\s*(?:[(（【\[]\s*(?:特别|非常|最)?(?:重点|重要|重中之重|必考|必背|常考|背(?!景)|默|不默|了解|掌握|难点|考点|选读|略)[^()（）【】\[\]]{0,8}[)）】\]]"
    r"|(?<=\s)[Pp]\.?\s?\d{1,3}\s*[-~～—]\s*[Pp]?\.?\s?\d{1,3}|\{\s*#[\w-]{1,60}\s*\})$"
)
"""What a learner notes behind a heading: how important it is, its page, the anchor of a page."""
_ASKED_IN_HEADING = lazy_regex(r"什么[是叫](?=[\u3400-\u9fffA-Za-z]{2})")
_LONGEST_NAME = 200  # characters: the expressions take quadratic time


def asked_name(owner: Passage | None, label: str = "") -> Passage | None:
    """What something belongs to as a question names it: without a motto, an explanation, its English or a mark in
    front, and without a side that the label says again (改革的影响 of 积极影响).
    """
    if owner is None or len(owner.plain) > _LONGEST_NAME:
        return owner
    plain = owner.plain
    found = _TRANSLATED.match(plain) or _MARK_IN_FRONT.match(plain) or _ASKED_IN_HEADING.match(plain)
    start = found.end() if found is not None else 0
    end = len(plain)
    for explained in (_AT_END, _EXPLAINED, _LONG_GLOSS):
        found = explained.search(plain, start, end)
        end = found.start() if found is not None else end
    side = label.strip()[-_LONGEST_HEAD:]
    if len(side) == _LONGEST_HEAD and side != label.strip() and plain[start:end].endswith(f"的{side}"):
        end -= len(side) + 1
    return owner.part(start, end) if (start or end < len(plain)) and end - start > 1 else owner
