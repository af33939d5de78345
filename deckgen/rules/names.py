"""The names that a rule's templates and conditions may use: what its patterns capture and what its elements offer."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from deckgen.diagnostics.yaml import nearest
from deckgen.rules.element_values import ELEMENT_VALUES, EVERYWHERE, has_columns


class Names(Struct, frozen=True):
    """`captured` are those of the rule's own patterns, `added` those that come of its settings: labels, asides, …"""

    kinds: tuple[str, ...]
    captured: tuple[str, ...] = ()
    added: tuple[str, ...] = ()

    def offers(self, name: str) -> bool:
        """Whether some of the elements may offer a value of this name."""
        if name in EVERYWHERE or name in self.added or name.startswith("front_matter."):
            return True
        return any(name in ELEMENT_VALUES[kind] or has_columns(kind, name) for kind in self.kinds)

    def is_taken(self, name: str) -> bool:
        """Whether an element has a value of this name for sure, which a capture would hide.

        The headers of a table are not known before its notes are: there a capture comes before a column of its name.
        """
        if name in EVERYWHERE or name in self.added or name.startswith(("front_matter.", "header.")):
            return True
        return any(name in ELEMENT_VALUES[kind] or (name.isdigit() and has_columns(kind, name)) for kind in self.kinds)

    def knows(self, name: str) -> bool:
        """Whether there can be a value of this name."""
        return name in self.captured or self.offers(name)

    def hint(self, name: str) -> str:
        """The nearest name that there is."""
        offered = [offer for kind in self.kinds for offer in ELEMENT_VALUES[kind]]
        return nearest(name, [*self.captured, *self.added, *offered, *EVERYWHERE])

    def with_captured(self, captured: Iterable[str]) -> Names:
        """The same with what patterns capture."""
        return Names(self.kinds, tuple(dict.fromkeys(captured)), self.added)
