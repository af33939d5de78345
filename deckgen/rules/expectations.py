"""What a pack expects of notes: the marks by which its tool means a card, and what the tool refuses."""

from __future__ import annotations

from msgspec import Struct

from deckgen.patterns.regex import Regex


class Expectation(Struct, frozen=True, eq=False):
    """A line that means a card (`line`), or a text that should not be there (`text`): what is reported of it."""

    pack: str
    says: str
    refuses: bool  # whether the tool makes nothing of such a file, so that nothing is made of it here either
    is_between: bool  # whether only what stands between the pack's `between:` lines counts
    line: Regex | None = None
    text: Regex | None = None
    until: Regex | None = None  # the last line of what the mark begins
    block: Regex | None = None  # what must stand there
    unless: Regex | None = None  # what must not stand there
    after: Regex | None = None  # what must stand in a line above


class OtherIds(Struct, frozen=True, eq=False):
    """Where a pack's tool writes the id by which it knows a card in Anki."""

    pack: str
    front_matter: str = ""  # the key of a file that is a card
    is_before: bool = False  # whether the line stands before the card, and not in it or right below it
    line: Regex | None = None


class Schedules(Struct, frozen=True, eq=False):
    """Where a pack's tool writes when the cards of a note are due. `unseen` is the day of one that was never asked."""

    pack: str
    between: str
    unseen: str
    line: Regex | None = None
    card: Regex | None = None
