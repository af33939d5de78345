"""Names of Anki's → the searches of its browser that find what has them."""

from __future__ import annotations

import re
from collections.abc import Sequence


def escaped(name: str) -> str:
    """A name in a search, where these mean something."""
    return re.sub(r'([\\"*_:])', r"\\\1", name)


def deck_search(name: str) -> str:
    """The cards of a deck without those of the decks below it."""
    text = escaped(name).replace(r"\:\:", "::")
    return f'("deck:{text}" -"deck:{text}::*")'


def by_field_id(values: Sequence[str]) -> str:
    """The notes whose field ID is one of these letters and digits."""
    return " or ".join(f'"ID:{value}"' for value in values)
