"""Rendered notes → rows of the two tables of a collection that say what there is to learn: `notes` and `cards`.

Ids, modified times and card positions are deckgen's own, made before: nothing here asks the clock.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import CardSchedule, MediaFile, Note, RenderedNote
from deckgen.rendering.baseline import anki_tag, fields_with_baseline
from deckgen.rendering.note_types import NoteType, permanent_id


class Rows:
    """Rows batch by batch, and the decks, note types and media met on the way.

    New cards come in the order of the notes, from `next_position` on, or by the `positions` of their GUIDs.
    """

    def __init__(self, note_types: Mapping[str, NoteType], positions: Mapping[str, int] | None = None) -> None:
        self._known = note_types
        self._positions = positions or {}
        self.next_position = 1
        self.note_types: dict[str, NoteType] = {}  # those that notes have
        self.decks: dict[str, int] = {}
        self.media: dict[str, MediaFile] = {}
        # Of the notes whose cards are still to be written: the note, its deck, ordinals, position.
        self._cards: list[tuple[Note, int, tuple[int, ...], int]] = []

    def of_notes(self, notes: Iterable[RenderedNote]) -> Iterator[tuple[object, ...]]:
        """One row a note, in the columns of Anki's `notes`; none for what is held back."""
        for rendered in notes:
            note = rendered.note
            if note.is_held_back:
                continue
            note_type = self.note_types.get(rendered.model)
            if note_type is None:
                note_type = self.note_types[rendered.model] = self._known[rendered.model]
            if len(rendered.fields) != len(note_type.fields):
                raise ValueError(
                    f"{note.guid}: {len(rendered.fields)} fields, {rendered.model} has {len(note_type.fields)}"
                )
            position = self._positions.get(note.guid, self.next_position)
            self.next_position += 1
            self._cards.append((note, self._deck(note.draft.deck), rendered.cards, position))
            for file in rendered.media:
                self.media[file.name] = file
            first = _sort_text(rendered.fields[0])
            yield (
                note.id,
                note.guid,
                note_type.id,
                note.mod,
                -1,  # to be synchronised
                _tags(note.draft.tags),
                "\x1f".join(fields_with_baseline(rendered, note_type)),
                first,
                int.from_bytes(hashlib.sha1(first.encode(), usedforsecurity=False).digest()[:4]),
                0,
                "",
            )

    def of_cards(self) -> Iterator[tuple[int | str, ...]]:
        """One row a card of the notes since the last call: new cards, due in the order of the notes, but for those that
        another tool has asked before. An import without learning progress makes new ones of these too, in their place.
        """
        for note, deck, ordinals, position in self._cards:
            begin, mod = note.id, note.mod
            schedules = _schedules(note) if note.draft.schedules else {}
            for ordinal in ordinals:
                # Note ids are whole seconds, so that a thousand card ids fit between two of them.
                head = (begin + ordinal, begin, deck, ordinal, mod, -1)
                learned = schedules.get(ordinal)
                if learned is None:
                    yield (*head, 0, 0, position, 0, 0, 0, 0, 0, 0, 0, 0, "")
                else:
                    due, ease = learned.due - FIRST_DAY, min(max(learned.ease or _EASE, 130), 9999) * 10
                    yield (*head, 2, 2, due, learned.interval, ease, 1, 0, 0, 0, 0, 0, f'{{"pos":{position}}}')
        self._cards.clear()

    def _deck(self, name: str) -> int:
        deck = self.decks.get(name)
        if deck is None:
            ((name, deck),) = deck_ids([name]).items()
            self.decks[name] = deck
        return deck


FIRST_DAY = 16_332
"""The day on which genanki's collection was made, in days since 1970: due dates count from there."""
_EASE = 250  # per cent: what Anki begins with


def _schedules(note: Note) -> dict[int, CardSchedule]:
    """The schedules of another tool by ordinals of cards: it asks deletions in their order, or by its own numbers."""
    draft = note.draft
    if not note.cloze:
        ordinals = [0, 1]
    elif draft.cloze_numbers:
        anki = dict(zip(draft.cloze_numbers, note.cloze, strict=False))
        ordinals = [anki[number] - 1 for number in sorted(anki)]
    else:
        ordinals = [number - 1 for number in dict.fromkeys(note.cloze)]
    return {ordinal: one for ordinal, one in zip(ordinals, draft.schedules, strict=False) if one.interval}


def deck_ids(names: Iterable[str]) -> dict[str, int]:
    """The ids of some decks, by their names as Anki has them."""
    in_normal_form = (unicodedata.normalize("NFC", name) for name in names)
    return {name: permanent_id(f"deck/{name}") for name in in_normal_form}


def _tags(tags: Iterable[str]) -> str:
    names = sorted(set(map(anki_tag, tags)) - {""})
    return f" {' '.join(names)} " if names else ""


_IMAGE = lazy_regex(r"""<img\b[^>]*?\ssrc="([^"]*)"[^>]*>""", re.IGNORECASE)


def _sort_text(field: str) -> str:
    """What Anki sorts and finds duplicates by: the text of the first field, and the names of its pictures."""
    if "<" in field:
        field = re.sub(r"<[^>]*>", "", _IMAGE.sub(r" \1 ", field))
    return unescape(field).replace("\xa0", " ") if "&" in field else field
