"""Anki's own engine, for tests: a collection in a temporary folder, and packages imported as a learner would."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest

anki_collection = pytest.importorskip("anki.collection")

from anki.cards import Card  # noqa: E402
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest  # noqa: E402
from anki.notes import Note as AnkiNote  # noqa: E402

from deckgen.model import Note, RenderedNote  # noqa: E402
from deckgen.package.apkg import build_package  # noqa: E402
from deckgen.rendering.media import MediaReader, ProjectFiles  # noqa: E402
from deckgen.rendering.note import RenderOptions, render_note  # noqa: E402
from deckgen.rendering.note_types import BASIC, CLOZE, NoteType  # noqa: E402


class Anki:
    """A collection that deckgen's packages are imported into."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.collection = Collection(str(folder / "collection.anki2"))

    def import_package(self, path: Path) -> Mapping[str, int]:
        """Import with the default options; how many notes are in each part of Anki's log."""
        request = ImportAnkiPackageRequest(package_path=str(path), options=ImportAnkiPackageOptions())
        log = self.collection.import_anki_package(request).log
        self.collection.models._clear_cache()
        counts = {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}
        return {name: count for name, count in counts.items() if count}

    def note(self, guid: str) -> AnkiNote:
        """The note of that GUID."""
        (found,) = self.collection.db.list("select id from notes where guid = ?", guid)
        return self.collection.get_note(found)

    def cards(self, guid: str) -> list[Card]:
        """Its cards, by ordinal."""
        return sorted(self.note(guid).cards(), key=lambda card: card.ord)


def sides(card: Card) -> tuple[str, str]:
    """What a card shows, without its CSS."""
    question, answer = (
        re.sub(r"<style>.*?</style>", "", text, flags=re.DOTALL) for text in (card.question(), card.answer())
    )
    return question, answer


def render_all(notes: Iterable[Note], options: RenderOptions | None = None) -> list[RenderedNote]:
    """Rendered notes; none of them may be refused."""
    rendered = []
    for note in notes:
        result, diagnostics = render_note(note, options or RenderOptions())
        assert result is not None, diagnostics
        rendered.append(result)
    return rendered


def write_package(
    path: Path,
    notes: Iterable[RenderedNote],
    note_types: Iterable[NoteType] = (BASIC, CLOZE),
    reader: MediaReader | None = None,
) -> Path:
    """The package at `path`, as a build would put it there."""
    build_package(path, notes, note_types, reader or ProjectFiles(path.parent)).replace(path)
    return path
