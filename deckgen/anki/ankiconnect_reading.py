"""Searches and look-ups through AnkiConnect → what Anki has of a project."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from deckgen.anki.anki_state import AnkiCard, AnkiNote, AnkiNoteType, AnkiQuery, AnkiState, AnkiTemplate
from deckgen.anki.ankiconnect_answers import FieldInfo, NoteInfo
from deckgen.anki.searches import deck_search, escaped

Ask = Callable[..., Any]
AskAll = Callable[[Sequence[tuple[str, Mapping[str, Any]]]], list[Any]]

_WITH_CARDS = "(is:suspended or -is:suspended)"  # the add-on trips over notes without a card
_CHUNK = 500  # ids in one request


def read(asked: AnkiQuery, ask: Ask, ask_all: AskAll) -> AnkiState:
    """All of it, in few requests however many notes there are."""
    names: dict[str, int] = ask("modelNamesAndIds")
    types = {number: name for name, number in names.items() if number in asked.note_types}
    own = {number for number, _ in asked.by_number}
    searches = " or ".join(['"ID:_*"', *(f'"note:{escaped(types[number])}"' for number in sorted(own & types.keys()))])
    search = f"({searches}) {_WITH_CARDS}"
    decks: dict[str, int] = ask("deckNamesAndIds")
    listed = _listed(asked, f"({searches})", [name for name in decks if name in asked.decks], ask_all)
    found = _found(asked, _notes(search, ask, ask_all), names)
    adopted = _adopted(asked, found, ask_all)
    found |= {guid: [note] for guid, note in adopted.notes.items()}
    types |= {names[note.modelName]: note.modelName for note in adopted.notes.values() if note.modelName in names}
    numbers = {card for notes in found.values() for note in notes for card in note.cards}
    cards = _Cards(
        listed.deck_of | _decks_of([card for card in numbers if card not in listed.deck_of], ask_all),
        listed.suspended | adopted.suspended,
        listed.filtered | adopted.filtered,
        _lapses(search, ask, ask_all) if asked.with_lapses else {},
        adopted.ordinals,
    )
    return AnkiState(
        {guid: _note(guid, notes[0], names, cards) for guid, notes in found.items() if len(notes) == 1},
        _note_types(types, ask_all),
        {name: listed.counts.get(name, -1) for name in decks},
        decks,
        frozenset(name for name in listed.media if re.fullmatch(r"[a-z0-9-]+-[0-9a-f]{12}\.[a-z0-9]+", name)),
        _text(listed.record),
        frozenset(guid for guid, notes in found.items() if len(notes) > 1),
        sees_guids=False,
    )


class _Listed(Struct, frozen=True):
    """What can be asked for before the notes are known."""

    suspended: frozenset[int]
    filtered: frozenset[int]
    media: Sequence[str]
    record: Any
    deck_of: dict[int, str]  # of the cards in the project's decks
    counts: dict[str, int]  # how many cards each of them has


def _listed(asked: AnkiQuery, search: str, decks: Sequence[str], ask_all: AskAll) -> _Listed:
    suspended, filtered, media, record, *of_decks = ask_all(
        [
            ("findCards", {"query": f"{search} is:suspended"}),
            ("findCards", {"query": f"{search} deck:filtered"}),
            ("getMediaFilesNames", {"pattern": "*-????????????.*"}),
            ("retrieveMediaFile", {"filename": asked.record}),
            *(("findCards", {"query": deck_search(name)}) for name in decks),
        ]
    )
    deck_of = {card: name for name, cards in zip(decks, of_decks, strict=True) for card in cards}
    counts = {name: len(cards) for name, cards in zip(decks, of_decks, strict=True)}
    return _Listed(frozenset(suspended), frozenset(filtered), media, record, deck_of, counts)


class _Cards(Struct, frozen=True):
    """What is known of cards, by their numbers."""

    deck_of: Mapping[int, str]
    suspended: frozenset[int]
    filtered: frozenset[int]
    lapses: Mapping[int, int]
    ordinals: Mapping[int, int]  # of adopted notes

    def card(self, number: int) -> AnkiCard:
        return AnkiCard(
            number,
            self.deck_of.get(number, ""),
            number in self.suspended,
            number in self.filtered,
            self.lapses.get(number, 0),
            self.ordinals.get(number, -1),
        )


def _note(guid: str, note: NoteInfo, names: Mapping[str, int], cards: _Cards) -> AnkiNote:
    return AnkiNote(
        note.noteId,
        guid,
        names.get(note.modelName, 0),
        _values(note.fields),
        tuple(note.tags),
        note.mod or 0,
        tuple(map(cards.card, note.cards)),
    )


def _values(fields: Mapping[str, FieldInfo]) -> dict[str, str]:
    """What the fields of a note hold, in the order of its note type, which is that of nearly every answer."""
    orders = [there.order for there in fields.values()]
    if orders != sorted(orders):
        fields = {name: fields[name] for name in sorted(fields, key=lambda name: fields[name].order)}
    return {name: there.value for name, there in fields.items()}


class _Adopted(Struct):
    """Notes that another tool made, by GUID, and what searches for the field ID do not find of their cards."""

    notes: dict[str, NoteInfo] = field(default_factory=dict)
    ordinals: dict[int, int] = field(default_factory=dict)
    suspended: set[int] = field(default_factory=set)
    filtered: set[int] = field(default_factory=set)


def _adopted(asked: AnkiQuery, found: Mapping[str, object], ask_all: AskAll) -> _Adopted:
    """Those that have no field ID yet: the lock knows by which note ids they were taken over."""
    into = _Adopted()
    for part in _parts(sorted(number for number, guid in asked.adopted.items() if guid not in found)):
        search = f"nid:{','.join(map(str, part))}"
        there, suspended, filtered = ask_all(
            [
                ("findNotes", {"query": f"{search} {_WITH_CARDS}"}),
                ("findCards", {"query": f"{search} is:suspended"}),
                ("findCards", {"query": f"{search} deck:filtered"}),
            ]
        )
        (notes,) = ask_all([("notesInfo", {"notes": there})])
        into.notes |= {asked.adopted[note.noteId]: note for note in notes if note}
        into.suspended.update(suspended)
        into.filtered.update(filtered)
    several = [card for note in into.notes.values() if len(note.cards) > 1 for card in note.cards]
    answers = ask_all([("cardsInfo", {"cards": list(part)}) for part in _parts(several)])
    into.ordinals = {card["cardId"]: card["ord"] for answer in answers for card in answer if card}
    return into


def _text(data: Any) -> str:
    try:
        return base64.b64decode(data).decode("utf-8") if isinstance(data, str) else ""
    except ValueError:  # no Base64, or no UTF-8
        return ""


def _notes(search: str, ask: Ask, ask_all: AskAll) -> list[NoteInfo]:
    """In one request where the add-on is new enough; an old one wants the ids."""
    from deckgen.anki.actions import TargetError

    try:
        found = ask("notesInfo", query=search)
    except TargetError as problem:
        if problem.diagnostic.kind != "push-refused":
            raise
        ids = ask("findNotes", query=search)
        found = [note for part in _parts(ids) for note in ask_all([("notesInfo", {"notes": part})])[0]]
    return [note for note in found if note]


def _parts(ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK))


def _found(asked: AnkiQuery, notes: Iterable[NoteInfo], names: Mapping[str, int]) -> dict[str, list[NoteInfo]]:
    """GUID → the notes with its ID. A copy that the learner made of a note has it too: the first one counts."""
    found: dict[str, list[NoteInfo]] = defaultdict(list)
    for note in notes:
        field = note.fields.get("ID")
        guid = asked.ids.get(field.value) if field else None
        guid = guid or asked.by_number.get((names.get(note.modelName, 0), note.noteId))
        if guid is not None:
            found[guid].append(note)
    return {guid: _first(asked, guid, several) for guid, several in found.items()}


def _first(asked: AnkiQuery, guid: str, several: list[NoteInfo]) -> list[NoteInfo]:
    wanted = asked.note_ids.get(guid, ())
    return [note for note in several if note.noteId in wanted] or several


def _decks_of(cards: Sequence[int], ask_all: AskAll) -> dict[int, str]:
    answers = ask_all([("getDecks", {"cards": list(part)}) for part in _parts(sorted(cards))])
    return {card: deck for answer in answers for deck, found in answer.items() for card in found}


def _lapses(search: str, ask: Ask, ask_all: AskAll) -> dict[int, int]:
    cards = ask("findCards", query=f"{search} prop:lapses>0")
    answers = ask_all([("cardsInfo", {"cards": list(part)}) for part in _parts(cards)])
    return {card["cardId"]: card["lapses"] for answer in answers for card in answer if card}


def _note_types(types: Mapping[int, str], ask_all: AskAll) -> dict[int, AnkiNoteType]:
    names = list(types.items())
    actions = ("modelFieldNames", "modelTemplates", "modelStyling")
    answers = ask_all([(action, {"modelName": name}) for _, name in names for action in actions])
    found = {}
    for index, (number, name) in enumerate(names):
        fields, templates, styling = answers[index * 3 : index * 3 + 3]
        sides = tuple(AnkiTemplate(key, text["Front"], text["Back"]) for key, text in templates.items())
        found[number] = AnkiNoteType(number, name, tuple(fields), sides, styling["css"])
    return found
