"""The number that a line of a paragraph begins with → how deep it stands: `一、` `（一）` `1.` `（1）` `①` `•`."""

from __future__ import annotations

from typing import NamedTuple

from deckgen.markdown.lazy_regex import lazy_regex

_NUMERAL = "[一二三四五六七八九十]{1,3}"
_CIRCLED = "\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
# From the widest to the narrowest: a line belongs to the nearest one above it of an earlier style.
_STYLES = lazy_regex(
    rf"""\s*(?:
      (?P<section>{_NUMERAL}、)
    | (?P<subsection>[(（]\s*{_NUMERAL}\s*[)）])
    | (?P<number>\d{{1,2}}(?:、|[.．](?=[^\d\s.．]|\s)|[)）](?=\D)))
    | (?P<bracketed>[(（]\s*\d{{1,2}}\s*[)）])
    | (?P<circled>[{_CIRCLED}])
    | (?P<letter>[(（]\s*(?:[a-z]|i{{1,3}}|iv|vi{{0,3}})\s*[)）])
    | (?P<word>第{_NUMERAL}(?:[，,、：:]|(?=[^\W章节课讲篇部分回卷册单元周天步题条项点类种个阶段期次组]))
        |(?:首先|其次|再次|最后)[，,、：:]?)
    | (?P<bullet>[•▪■◆●○◍◦‣◉◎◇□▫▶►▸➤➢❖✦✧★☆])
    )[ \t\u3000]*""",
    0x40,  # re.VERBOSE
)
LEVELS = ("section", "subsection", "number", "bracketed", "circled", "letter", "word", "bullet")
SPOKEN = LEVELS.index("word") + 1
"""The level of `第一，` and `首先`: what they number are clauses."""


class Numbering(NamedTuple):
    """How deep a line stands (1 is the widest), and where its text begins; level 0 for a line without a number."""

    level: int
    end: int

    @property
    def is_ordered(self) -> bool:
        """Whether lines of this style stand in an order."""
        return 0 < self.level < len(LEVELS)


NONE = Numbering(0, 0)


def numbering_of(plain: str) -> Numbering:
    """The number that a line begins with."""
    found = _STYLES.match(plain)
    if found is None or found.lastgroup is None or found.end() >= len(plain.rstrip()):
        return NONE
    return Numbering(LEVELS.index(found.lastgroup) + 1, found.end())
