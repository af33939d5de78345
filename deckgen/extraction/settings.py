"""What a project says of all its notes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from msgspec import Struct, field

from deckgen.model import Confidence


class Folder(NamedTuple):
    """What deck.yaml says of the notes in a folder and in those below it."""

    path: str
    deck: str = ""  # below the project's deck; empty: that of the folder above
    tags: tuple[str, ...] = ()


class Settings(Struct, frozen=True):
    """What deck.yaml says of all notes."""

    deck: str
    subdecks: str = "none"  # none | file | folder | heading
    tags: tuple[str, ...] = ()
    confidence: Confidence = "likely"  # the least of a note; what is less sure is a suggestion
    lists: str = "card"  # card | cloze | off
    vocabulary: str = "one"  # one | both
    note_types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    folders: tuple[Folder, ...] = ()

    def folders_above(self, path: str) -> list[Folder]:
        """Those of a source, the nearest last."""
        found = [folder for folder in self.folders if path.startswith(f"{folder.path}/")]
        return sorted(found, key=lambda folder: folder.path.count("/"))
