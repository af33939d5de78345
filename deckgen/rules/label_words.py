"""The words by which packs tell what a label is: a role, a remark, a part of a sequence, a clause."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from deckgen.markdown.cached_property import cached_property
from deckgen.patterns.pattern_syntax import parse_pattern
from deckgen.patterns.word_lists import WordLists

CLASSES = ("remarks", "sequences", "roles", "clauses", "generic", "names", "doubtful")
"""The lists, as packs spell them; a label belongs to the first that has it. `generic` names no owner,
`names` are labels although they look like clauses; `doubtful` ones may name nothing: what they make is a suggestion."""


class LabelWords(Struct, frozen=True, dict=True):
    """Patterns of each list, of one pack or of all together."""

    remarks: tuple[str, ...] = ()
    sequences: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
    generic: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in CLASSES)

    def __getstate__(self) -> dict[str, object]:
        """For a cache: with the lists read."""
        return {name: getattr(self, name) for name in (*CLASSES, "_lists")}

    @cached_property
    def _lists(self) -> dict[str, WordLists]:
        return {name: WordLists(list(map(parse_pattern, getattr(self, name)))) for name in CLASSES}

    def find(self, name: str, folded: str) -> str | None:
        """The words of a folded label that a list has; None where it has none of them."""
        return self._lists[name].find(folded)

    def words_of(self, name: str) -> tuple[str, ...]:
        """The patterns of a list."""
        found: tuple[str, ...] = getattr(self, name)
        return found


NO_WORDS = LabelWords()


def together(words: Iterable[LabelWords]) -> LabelWords:
    """All words of several packs."""
    several = [one for one in words if one]
    if not several:
        return NO_WORDS
    return LabelWords(*(tuple(dict.fromkeys(w for one in several for w in one.words_of(name))) for name in CLASSES))
