"""A learner at work in a collection, of any Anki since 23.10: what a person does in Anki's windows, and would miss."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

from anki.collection import Collection
from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

CARD = "id, nid, ord, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags"


class Learner:
    """What a person does in Anki's windows, and what they would miss."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    def _note(self, guid: str) -> Any:
        return self.collection.get_note(self.collection.db.scalar("select id from notes where guid = ?", guid))

    def _save(self, note: Any) -> None:
        self.collection.update_note(note)

    def edit(self, guid: str, name: str, text: str) -> None:
        note = self._note(guid)
        note[name] = text
        self._save(note)

    def tag(self, guid: str, tag: str) -> None:
        self.collection.tags.bulk_add([self._note(guid).id], tag)

    def untag(self, guid: str, tag: str) -> None:
        self.collection.tags.bulk_remove([self._note(guid).id], tag)

    def move(self, guid: str, deck: str) -> None:
        self.collection.set_deck([card.id for card in self._note(guid).cards()], self.collection.decks.id(deck))

    def suspend(self, guid: str) -> None:
        self.collection.sched.suspend_cards([card.id for card in self._note(guid).cards()])

    def unsuspend(self, guid: str) -> None:
        self.collection.sched.unsuspend_cards([card.id for card in self._note(guid).cards()])

    def delete(self, guid: str) -> None:
        self.collection.remove_notes([self._note(guid).id])

    def rename_deck(self, old: str, new: str) -> None:
        self.collection.decks.rename(self.collection.decks.id_for_name(old), new)

    def rename_field(self, model: str, old: str, new: str) -> None:
        found = self.collection.models.by_name(model)
        field = next(f for f in found["flds"] if f["name"] == old)
        self.collection.models.rename_field(found, field, new)
        self.collection.models.update_dict(found)

    def add_field(self, model: str, name: str) -> None:
        found = self.collection.models.by_name(model)
        self.collection.models.add_field(found, self.collection.models.new_field(name))
        self.collection.models.update_dict(found)

    def style(self, model: str, css: str) -> None:
        found = self.collection.models.by_name(model)
        found["css"] = css
        self.collection.models.update_dict(found)

    def template(self, model: str, side: str, text: str) -> None:
        found = self.collection.models.by_name(model)
        found["tmpls"][0][side] = text
        self.collection.models.update_dict(found)

    def copy(self, guid: str) -> None:
        note = self._note(guid)
        double = self.collection.new_note(note.note_type())
        double.fields = list(note.fields)
        self.collection.add_note(double, note.cards()[0].did)

    def add(self, front: str, deck: str) -> None:
        note = self.collection.new_note(self.collection.models.by_name("Basic"))
        note.fields[0] = front
        self.collection.add_note(note, self.collection.decks.id(deck))

    def note_type(self, name: str, fields: list[str], templates: list[list[str]], is_cloze: bool = False) -> None:
        models = self.collection.models
        model = models.new(name)
        model["type"] = int(is_cloze)
        for field in fields:
            models.add_field(model, models.new_field(field))
        for title, front, back in templates:
            template = models.new_template(title)
            template["qfmt"], template["afmt"] = front, back
            models.add_template(model, template)
        models.add(model)

    def add_as(self, name: str, fields: list[str], tags: str, deck: str, guid: str = "") -> int:
        """A note of any note type, as another tool adds it; its number in Anki."""
        note = self.collection.new_note(self.collection.models.by_name(name))
        note.fields, note.tags = fields, tags.split()
        self.collection.add_note(note, self.collection.decks.id(deck))
        if guid:
            self.collection.db.execute("update notes set guid = ? where id = ?", guid, note.id)
        return int(note.id)

    def filtered(self, search: str) -> None:
        deck = self.collection.decks.new_filtered("Cram")
        found = self.collection.decks.get(deck)
        found["terms"] = [[search, 100, 0]]
        self.collection.decks.save(found)
        self.collection.sched.rebuild_filtered_deck(deck)

    def empty_filtered(self) -> None:
        deck = self.collection.decks.id_for_name("Cram")
        self.collection.sched.empty_filtered_deck(deck)
        self.collection.decks.remove([deck])

    def forget(self, guid: str, lapses: int) -> None:
        for card in self._note(guid).cards():
            card.type, card.queue, card.ivl, card.due, card.lapses = 2, 2, 1, 1, lapses
            self.collection.update_card(card)

    def added_today(self) -> list[int]:
        """The ids of the notes whose cards Anki says were added today."""
        return sorted(int(number) for number in self.collection.find_notes("added:1"))

    def study(self, count: int) -> int:
        """Answer so many cards: one in four with Again."""
        done = 0
        for deck in self.collection.decks.all_names_and_ids():
            self.collection.decks.select(deck.id)
            while done < count and (card := self.collection.sched.getCard()):
                card.start_timer()
                self.collection.sched.answerCard(card, 1 if done % 4 == 3 else 3)
                done += 1
        return done

    def import_package(self, path: str) -> dict[str, int]:
        request = ImportAnkiPackageRequest(package_path=path, options=ImportAnkiPackageOptions())
        log = self.collection.import_anki_package(request).log
        with contextlib.suppress(AttributeError):
            self.collection.models._clear_cache()
        counts = {name: len(getattr(log, name)) for name in ("new", "updated", "duplicate", "conflicting")}
        return {name: count for name, count in counts.items() if count}

    def state(self) -> dict[str, Any]:
        """All that a learner could lose, by GUID."""
        database = self.collection.db
        guids = dict(database.all("select id, guid from notes"))
        decks = {deck.id: deck.name for deck in self.collection.decks.all_names_and_ids()}
        types = {entry.id: entry.name for entry in self.collection.models.all_names_and_ids()}
        notes: dict[str, Any] = {}
        for guid, model, mod, tags, fields in database.all("select guid, mid, mod, tags, flds from notes"):
            names = [f["name"] for f in self.collection.models.get(model)["flds"]]
            notes[guid] = {
                "type": types[model],
                "mod": mod,
                "tags": sorted(tags.split()),
                "fields": dict(zip(names, fields.split("\x1f"), strict=True)),
                "cards": {},
            }
        for row in database.all(f"select {CARD} from cards order by id"):
            card, note, ordinal, deck = row[:4]
            told = {"id": card, "deck": decks[row[13] or deck], "suspended": row[5] == -1, "schedule": row[4:]}
            notes[guids[note]]["cards"][str(ordinal)] = told
        return {
            "notes": notes,
            "decks": sorted(decks.values()),
            "types": {name: self.collection.models.get(number)["css"] for number, name in types.items()},
            "reviews": database.all("select id, cid, ease, ivl, lastIvl, factor, type from revlog order by id"),
            "media": sorted(p.name for p in Path(self.collection.media.dir()).iterdir()),
            "well": self.collection.fix_integrity()[1],
        }
