"""What Anki has of a project: the values that both ways into Anki read."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from deckgen.markdown.lazy_regex import lazy_regex

_CLOZE = lazy_regex(r"\{\{(?:[\w-]+:)*cloze:")


class AnkiCard(Struct, frozen=True):
    """A card in Anki; `deck` is its home deck, also while it is in a filtered one."""

    id: int
    deck: str
    is_suspended: bool = False
    is_filtered: bool = False
    lapses: int = 0
    ordinal: int = -1  # which of the note's cards it is, from 0; -1 where nobody asked


class AnkiNote(Struct, frozen=True):
    """A note in Anki. `mod` is in seconds, 0 where it is not known; the cards are in the order of their ordinals."""

    id: int
    guid: str
    note_type: int
    fields: Mapping[str, str]
    tags: tuple[str, ...]
    mod: int
    cards: tuple[AnkiCard, ...]


class AnkiTemplate(Struct, frozen=True):
    """What makes one card, as Anki has it."""

    name: str
    front: str
    back: str


class AnkiNoteType(Struct, frozen=True):
    """A note type as Anki has it: whatever the learner renamed or added."""

    id: int
    name: str
    fields: tuple[str, ...]
    templates: tuple[AnkiTemplate, ...]
    css: str

    @property
    def is_cloze(self) -> bool:
        """Whether a number in the text makes a card, not a template."""
        return any(_CLOZE.search(template.front) for template in self.templates)


class AnkiState(Struct, frozen=True):
    """All that a plan has to know of Anki. `decks`: how many cards are in each itself, -1 where nobody counted."""

    notes: Mapping[str, AnkiNote] = field(default_factory=dict)  # by GUID
    note_types: Mapping[int, AnkiNoteType] = field(default_factory=dict)
    decks: Mapping[str, int] = field(default_factory=dict)
    deck_ids: Mapping[str, int] = field(default_factory=dict)
    media: frozenset[str] = frozenset()  # those with names that deckgen gives
    record: str = ""
    unclear: frozenset[str] = frozenset()  # GUIDs of which nobody can say which note they are
    sees_guids: bool = True  # otherwise notes are known by their field ID
    changes_note_types: bool = True  # whether this way into Anki can


class AnkiQuery(Struct, frozen=True):
    """What to read. GUIDs are all those of the lock, retired ones too."""

    ids: Mapping[str, str]  # what field ID holds → GUID
    by_number: Mapping[tuple[int, int], str]  # (note type, note id) → GUID, of note types without a field ID
    note_types: frozenset[int]
    decks: frozenset[str]  # that notes belong to, or did
    record: str  # name of the media file
    note_ids: Mapping[str, tuple[int, ...]]  # GUID → the note ids that a push and a package give it
    with_lapses: bool = False
    adopted: Mapping[int, str] = field(default_factory=dict)  # note id → GUID, of notes that another tool made
