"""What `not`, `but` and `is` of a type say of what a capture would take."""

from __future__ import annotations

from msgspec import Struct

from deckgen.patterns.word_lists import WordLists


class Refuser(Struct, frozen=True, eq=False):
    """What `not` says, but for what `but` excuses."""

    refuse: WordLists
    excuse: WordLists | None

    def __call__(self, text: str) -> str | None:
        """Why a text is refused; None where it is not."""
        found = self.refuse.find(text)
        if found is None or (self.excuse is not None and self.excuse.find(text) is not None):
            return None
        return f"“{found}” may not stand there"


class Wanter(Struct, frozen=True, eq=False):
    """What `is` says."""

    want: WordLists
    texts: str

    def __call__(self, text: str) -> str | None:
        """Why a text is refused; None where it is not."""
        return None if self.want.find(text) is not None else f"it does not begin with {self.texts}"
