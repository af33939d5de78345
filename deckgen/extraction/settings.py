"""What a project says of all its notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from deckgen.model import Confidence


@dataclass(frozen=True, slots=True)
class Settings:
    """What deck.yaml says of all notes."""

    deck: str
    subdecks: str = "none"  # none | file | folder | heading
    tags: tuple[str, ...] = ()
    confidence: Confidence = "likely"  # the least of a note; what is less sure is a suggestion
    lists: str = "card"  # card | cloze | off
    vocabulary: str = "one"  # one | both
    note_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
