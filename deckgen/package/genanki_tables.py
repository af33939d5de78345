"""What genanki knows of a collection: its tables, and how note types and decks are described in it.

The only module that imports genanki, which takes a tenth of a second: whoever only changes notes needs none of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import genanki
from genanki.apkg_col import APKG_COL
from genanki.apkg_schema import APKG_SCHEMA

from deckgen.rendering.note_types import NoteType


def _statements(script: str, end: str) -> tuple[str, ...]:
    return tuple(filter(str.strip, script.split(end)))


_TABLES, _INDICES = APKG_SCHEMA.partition("CREATE INDEX")[::2]
TABLES = _statements(_TABLES + APKG_COL, ";\n")
INDICES = _statements("CREATE INDEX" + _INDICES, ";")
"""To be made when all rows are there: at once is cheaper than row by row."""


def described_note_types(note_types: Iterable[NoteType]) -> dict[str, Any]:
    """The JSON of some note types, by their ids."""
    return {str(note_type.id): _Model(note_type).as_json() for note_type in note_types}


def described_decks(decks: Mapping[str, int]) -> dict[str, Any]:
    """The JSON of some decks, by their ids; they are given by their names."""
    return {str(i): genanki.Deck(i, name).to_json() for name, i in decks.items()}


class _Model(genanki.Model):  # type: ignore[misc]  # genanki has no types
    """A note type as genanki writes it, with ids for fields and templates and a modified time of its own."""

    def __init__(self, note_type: NoteType) -> None:
        fields = [
            {"name": f.name, **_id(f.id), "description": f.about, "collapsed": f.is_collapsed} for f in note_type.fields
        ]
        templates = [{"name": t.name, **_id(t.id), "qfmt": t.front, "afmt": t.back} for t in note_type.templates]
        kind = genanki.Model.CLOZE if note_type.is_cloze else genanki.Model.FRONT_BACK
        super().__init__(note_type.id, note_type.name, fields, templates, note_type.css, kind)
        self.mod = note_type.mod

    @property
    def _req(self) -> list[Any]:
        """Which fields a template needs: Anki works it out by itself since 2.1.28."""
        return [[ordinal, "any", [0]] for ordinal in range(len(self.templates))]

    def as_json(self) -> dict[str, Any]:
        """What stands in the collection; genanki's own would take its time from the clock, and name a deck."""
        return {**self.to_json(self.mod, None), "id": self.model_id}


def _id(number: int) -> dict[str, int]:
    """Nothing for 0: without an id Anki goes by the name."""
    return {"id": number} if number else {}
