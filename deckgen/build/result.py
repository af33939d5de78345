"""What a build did, or would do: as much of it as is said, and as the next build has to know when nothing changed."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic

CHANGES = ("new", "updated", "moved", "restored", "retired", "unchanged")


class MovedNote(Struct, frozen=True):
    """A note that Anki has in another deck: no package moves it."""

    guid: str
    old_deck: str
    deck: str


class NearlySame(Struct, frozen=True):
    """A new note that may be an old one: both questions, why it was not taken for it, and the option that does."""

    old: str
    new: str
    old_question: str
    new_question: str
    reason: str
    option: str


class Outcome(Struct, frozen=True):
    """Figures, and what is left to do in Anki. `notes` and `cards` are those of the package, `changes` count the notes
    that are made, of which some stay out of it; one that moved may be updated as well.
    """

    package: str
    lock: str
    notes: int
    cards: int
    changes: Mapping[str, int]
    elsewhere: Mapping[str, int] = field(default_factory=dict)  # of the sources that are not named
    held_back: int = 0  # notes that stay out of the package because a picture is missing
    declined: int = 0  # notes that stay out of the package because the learner deleted them in Anki
    suggestions: int = 0  # what is less sure than a note has to be
    skipped: int = 0  # notes that stay out of the package because the learner decided so
    decisions_gone: int = 0  # decisions about notes that are not there now
    need_attention: int = 0  # notes of the package with a finding of `deckgen lint` about their own card
    held_apart: tuple[str, ...] = ()  # where notes stand that are not made: another one asks the same
    moved: tuple[MovedNote, ...] = ()
    retired: tuple[str, ...] = ()  # GUIDs
    retires_many: bool = False
    near_misses: tuple[NearlySame, ...] = ()
    is_lock_new: bool = False
    is_rendering_new: bool = False
    new_words: str = ""  # the dictionary that Chinese words are found by now, where it was another one before
    diagnostics: tuple[Diagnostic, ...] = ()

    def unchanged_result(self, *, is_rendering_new: bool) -> Outcome:
        """That of the next build, if nothing changes."""
        live = sum(count for change, count in self.changes.items() if change != "retired")
        return replace(
            self,
            changes={"unchanged": live},
            moved=(),
            retired=(),
            retires_many=False,
            near_misses=(),
            is_lock_new=False,
            is_rendering_new=is_rendering_new,
            new_words="",
        )
