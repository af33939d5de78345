"""Deck names that Anki would not keep as they are written, and so would be other decks in Anki than in the notes."""

from __future__ import annotations

import re
from collections.abc import Iterable

from deckgen.diagnostics import Diagnostic, define
from deckgen.model import Draft

define(
    "error",
    bad_deck_name="Anki would change the name of a deck on import: a part of it is empty, it is `Default`, or it "
    "contains characters that Anki drops.",
)


def find_problem(name: str) -> str:
    """What is wrong with a deck's name; empty when nothing is."""
    if not name.strip():
        return "a deck needs a name"
    for part in name.split("::"):
        if not part.strip():
            return f"`{name}` has an empty part: `::` stands between names only"
        if part != part.strip() or part.startswith(":") or part.endswith(":"):
            return f"`{name}` has a part that begins or ends with a space or a colon"
    if found := re.search(r'["\x00-\x1f\x7f]', name):
        return f"`{name}` holds {found.group()!r}, which Anki drops"
    if name.lower() == "default":
        return f"`{name}` is Anki's own deck"
    return ""


def check_decks(drafts: Iterable[Draft]) -> list[Diagnostic]:
    """A diagnostic for each bad deck name, at the first note that would go there."""
    first: dict[str, Draft] = {}
    for draft in drafts:
        first.setdefault(draft.deck, draft)
    hint = "`deck:` in deck.yaml, in the rule or in the note names it"
    return [
        Diagnostic("bad-deck-name", problem, draft.origin.span, hint)
        for name, draft in first.items()
        if (problem := find_problem(name))
    ]
