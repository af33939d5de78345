"""What a project says of all its notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Settings:
    """What deck.yaml says of all notes."""

    deck: str
    subdecks: str = "none"  # none | file | folder | heading
    tags: tuple[str, ...] = ()
    note_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
