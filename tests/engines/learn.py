"""A learner in one version of Anki: a plan in JSON → what the engine did at every import, in JSON.

Runs inside an environment that has `anki` and nothing else, of any version since 2.1.66:

    python learn.py PLAN FOLDER > REPORT

A plan is a list of moments, in order. At each the packages are imported with Anki's default options, then cards are
answered, then the learner does things by hand:

    {"moment": 1700000000, "packages": ["a.apkg"], "answers": 40, "by_hand": [["tag", "guid", "mine"]]}

Months cannot pass while a test runs, so the clock is simulated: whatever the engine stamps with the present is put
back to the plan's moment right after, and the day on which the collection was made is moved back as moments go by, so
that cards come due. Packages have to be of the past of the real clock.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import sys
import time
from pathlib import Path
from typing import Any

from anki import buildinfo, import_export_pb2
from anki.collection import Collection

DAY = 86_400
IMPORT, STUDY, BY_HAND = 3600, 7200, 10_800  # seconds after the moment at which the package was built
CARD = "id, nid, ord, did, type, queue, due, ivl, factor, reps, lapses, left, odue, odid, flags, data"


class Learner:
    """A collection, and the simulated present."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "collection.anki2")
        self.started = int(time.time())
        self.collection = Collection(self.path)
        self.collection.set_v3_scheduler(True)
        self.made = self.collection.crt
        self.first: int | None = None
        self.answered = 0

    def wake_up(self, moment: int) -> None:
        """Let the days go by until a moment."""
        self.first = moment if self.first is None else self.first
        passed = (moment - self.first) // DAY
        self.collection.db.execute("update col set crt = ?", self.made - passed * DAY)
        # Steps of minutes are over after days.
        self.collection.db.execute("update cards set due = ? where queue = 1", self.started - 1)
        self.collection.close()
        self.collection = Collection(self.path)

    def put_back(self, moment: int) -> None:
        """All that was stamped with the present happened at that moment."""
        for table in ("notes", "cards"):
            self.collection.db.execute(f"update {table} set mod = ? where mod >= ?", moment, self.started)
        shift = (self.started - moment) * 1000
        self.collection.db.execute("update revlog set id = id - ? where id >= ?", shift, self.started * 1000)

    def import_package(self, path: str) -> dict[str, int]:
        """Import as the dialog does when nothing is changed in it; how many notes are in each part of the log."""
        if hasattr(import_export_pb2, "ImportAnkiPackageOptions"):
            options = import_export_pb2.ImportAnkiPackageOptions()
            request = import_export_pb2.ImportAnkiPackageRequest(package_path=path, options=options)
            log = self.collection.import_anki_package(request).log
        else:
            try:
                log = self.collection.import_anki_package(path).log
            except (AttributeError, TypeError):  # a request, but without options
                log = self.collection.import_anki_package(
                    import_export_pb2.ImportAnkiPackageRequest(package_path=path)
                ).log
        with contextlib.suppress(AttributeError):
            self.collection.models._clear_cache()
        names = [field.name for field in type(log).DESCRIPTOR.fields if field.name != "found_notes"]
        counts = {name: len(getattr(log, name)) for name in names if hasattr(getattr(log, name), "__len__")}
        return {name: count for name, count in counts.items() if count}

    def study(self, count: int) -> int:
        """Answer what is due, then what is new: one in seven with Again, one in five with Easy."""
        done = 0
        for deck in self.collection.decks.all_names_and_ids():
            self.collection.decks.select(deck.id)
            config = self.collection.decks.config_dict_for_deck_id(deck.id)
            config["new"]["perDay"] = config["rev"]["perDay"] = 9999
            self.collection.decks.update_config(config)
            while done < count and (card := self.collection.sched.getCard()):
                card.start_timer()
                ease = 1 if self.answered % 7 == 6 else 4 if self.answered % 5 == 4 else 3
                self.collection.sched.answerCard(card, ease)
                done += 1
                self.answered += 1
        return done

    def by_hand(self, verb: str, guid: str, *more: Any) -> None:
        """One thing that learners do in the browser or the editor."""
        note = self.collection.get_note(self.collection.db.scalar("select id from notes where guid = ?", guid))
        cards = [card.id for card in note.cards()]
        if verb == "edit":
            field, text = more
            note[field] = text
            self.collection.update_note(note)
        elif verb == "tag":
            note.tags = [*note.tags, *more]
            self.collection.update_note(note)
        elif verb == "suspend":
            self.collection.sched.suspend_cards(cards)
        elif verb == "flag":
            self.collection.set_user_flag_for_cards(*more, cards)
        elif verb == "move":
            self.collection.set_deck(cards, self.collection.decks.id(*more))
        else:
            raise ValueError(verb)

    def state(self) -> dict[str, Any]:
        """All that a learner could lose."""
        rows = self.collection.db.all(f"select {CARD} from cards")
        guids = dict(self.collection.db.all("select id, guid from notes"))
        reviews = self.collection.db.all("select * from revlog order by id")
        return {
            "cards": {str(row[0]): [guids[row[1]], *row[2:]] for row in rows},
            "notes": {
                guid: [fields.split("\x1f"), tags.split(), mod]
                for guid, fields, tags, mod in self.collection.db.all("select guid, flds, tags, mod from notes")
            },
            "notes_in_all": self.collection.note_count(),
            "reviews": len(reviews),
            "reviews_digest": hashlib.sha256(json.dumps(reviews).encode()).hexdigest(),
            "note_types": sorted(entry.name for entry in self.collection.models.all_names_and_ids()),
            "today": self.collection.sched.today,
        }

    def live(self, step: dict[str, Any]) -> dict[str, Any]:
        """One moment of the plan."""
        moment = step["moment"]
        self.wake_up(moment)
        before = self.state()
        logs = [self.import_package(path) for path in step["packages"]]
        after = self.state()
        empty = [note.note_id for note in self.collection.backend.get_empty_cards().notes]
        self.put_back(moment + IMPORT)
        answered = self.study(step.get("answers", 0))
        self.put_back(moment + STUDY)
        for action in step.get("by_hand", ()):
            self.by_hand(*action)
        self.put_back(moment + BY_HAND)
        return {"before": before, "logs": logs, "after": after, "empty_cards": empty, "answered": answered}


def main() -> None:
    """Live through a plan."""
    plan, folder = json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2])
    learner = Learner(folder)
    with contextlib.redirect_stdout(sys.stderr):  # the engine complains there of blocked threads
        steps = [learner.live(step) for step in plan]
        problems, is_well = learner.collection.fix_integrity()
        final = learner.state()
        learner.collection.close()
    report = {"version": buildinfo.version, "steps": steps, "final": final, "problems": problems, "is_well": is_well}
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
