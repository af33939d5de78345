"""The words that a rule of a shipped pack asks with → in the script of the note: 是什麼 in traditional characters."""

from __future__ import annotations

from functools import lru_cache

from deckgen.identity.chinese_scripts import is_traditional
from deckgen.rules.rule import Rule
from deckgen.rules.templates import Part, Slot, Template

_TRADITIONAL = str.maketrans(
    "业个为么于从会传写军决几别办动区夺宽届开时机条来样毕点现种称简组编缩获认词语说谁质购过适采里长发义两",
    "業個為麼於從會傳寫軍決幾別辦動區奪寬屆開時機條來樣畢點現種稱簡組編縮獲認詞語說誰質購過適採裡長發義兩",
)
"""The characters that the packs ask with, as they are written there; a text needs more than one for one."""
_LONGEST_SAMPLE = 6000
"""Characters of a note that its script is read from."""


def fields_in_script(rule: Rule, lines: tuple[str, ...]) -> tuple[tuple[str, Template], ...]:
    """The fields of a rule as they are filled in a note with these lines."""
    if rule.language != "zh" or not rule.is_shipped or not _is_traditional(lines):
        return rule.fields
    return tuple((name, _in_traditional(template)) for name, template in rule.fields)


@lru_cache(maxsize=4)
def _is_traditional(lines: tuple[str, ...]) -> bool:
    return is_traditional("\n".join(lines[:_LONGEST_SAMPLE])[:_LONGEST_SAMPLE])


@lru_cache(maxsize=512)
def _in_traditional(template: Template) -> Template:
    return Template(template.text, tuple(_converted(part) for part in template.parts))


def _converted(part: Part) -> Part:
    if isinstance(part, str):
        return part.translate(_TRADITIONAL)
    return part if isinstance(part, Slot) else tuple(_converted(one) for one in part)
