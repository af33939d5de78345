"""AnkiConnect's protocol over a real collection, and a learner who works in it at the same time.

    python ankiconnect_server.py COLLECTION        # prints the port, serves until standard input ends

Runs with any Python that has `anki` 23.10 or newer, and nothing else. The actions answer as the add-on's do (its
version 6: `multi`, the API key in every action, errors as `{"result": null, "error": …}`), with what is odd about them:
`notesInfo` trips over a note without cards, `suspend` forgets to look at every other card, `importPackage` goes through
Anki's old importer, or what stands for it since 26.9. What the learner does comes line by line on standard input.
"""

from __future__ import annotations

import base64
import contextlib
import glob
import http.server
import inspect
import io
import json
import sys
import threading
import time
from pathlib import Path
from typing import Any

import anki.collection
import anki.lang
from anki.collection import Collection
from anki.errors import NotFoundError
from learner import Learner


class Actions:
    """The add-on's actions, by their names."""

    def __init__(self, collection: Collection, profile: str = "User 1") -> None:
        self.collection = collection
        self.profile = profile
        self.changes = 0  # that were made through these actions
        self.shown = 0  # how many of them the windows of Anki show: the add-on resets them before it changes anything

    def _reset(self) -> None:
        self.shown = self.changes

    # ---- about the add-on

    def version(self) -> int:
        return 6

    def apiReflect(self, scopes: list[str], actions: list[str] | None = None) -> dict[str, Any]:  # noqa: N802
        known = [name for name, _ in inspect.getmembers(type(self), inspect.isfunction) if not name.startswith("_")]
        known.append("multi")
        return {"scopes": scopes, "actions": [name for name in known if actions is None or name in actions]}

    def getActiveProfile(self) -> str:  # noqa: N802
        return self.profile

    # ---- notes and cards

    def findNotes(self, query: str) -> list[int]:  # noqa: N802
        return list(map(int, self.collection.find_notes(query)))

    def findCards(self, query: str) -> list[int]:  # noqa: N802
        return list(map(int, self.collection.find_cards(query)))

    def notesInfo(self, notes: list[int] | None = None, query: str | None = None) -> list[dict[str, Any]]:  # noqa: N802
        wanted = self.findNotes(query) if query is not None else notes or []
        cards: dict[int, list[int]] = {}
        for start in range(0, len(wanted), 999):
            part = ",".join(map(str, wanted[start : start + 999]))
            for card, note in self.collection.db.all(f"select id, nid from cards where nid in ({part}) order by ord"):
                cards.setdefault(note, []).append(card)
        found = []
        for number in wanted:
            try:
                note = self.collection.get_note(number)
            except NotFoundError:
                found.append({})
                continue
            model = note.note_type()
            fields = {f["name"]: {"value": note.fields[f["ord"]], "order": f["ord"]} for f in model["flds"]}
            found.append(
                {
                    "noteId": note.id,
                    "profile": self.profile,
                    "tags": note.tags,
                    "fields": fields,
                    "modelName": model["name"],
                    "mod": note.mod,
                    "cards": cards[number],
                }
            )
        return found

    def cardsInfo(self, cards: list[int]) -> list[dict[str, Any]]:  # noqa: N802
        found = [self.collection.get_card(number) for number in cards]
        return [
            {"cardId": card.id, "note": card.nid, "lapses": card.lapses, "reps": card.reps, "ord": card.ord}
            for card in found
        ]

    def updateNoteFields(self, note: dict[str, Any]) -> None:  # noqa: N802
        self._reset()
        self.changes += 1
        found = self.collection.get_note(note["id"])
        for name, value in note["fields"].items():
            if name in found:
                found[name] = value
        self.collection.update_note(found)

    def updateNoteModel(self, note: dict[str, Any]) -> None:  # noqa: N802
        model = self._model(note["modelName"])
        found = self.collection.get_note(note["id"])
        found.mid = model["id"]
        found._fmap = self.collection.models.field_map(model)
        found.fields = [""] * len(model["flds"])
        for name, value in note["fields"].items():
            for known in found.keys():  # noqa: SIM118 (a note iterates over its fields)
                if name.lower() == known.lower():
                    found[known] = value
        found.tags = note.get("tags", [])
        self.changes += 1
        self.collection.update_note(found)

    def addTags(self, notes: list[int], tags: str) -> None:  # noqa: N802
        self._reset()
        self.changes += bool(notes)
        self.collection.tags.bulk_add(notes, tags)

    def removeTags(self, notes: list[int], tags: str) -> None:  # noqa: N802
        self._reset()
        self.changes += bool(notes)
        self.collection.tags.bulk_remove(notes, tags)

    def suspend(self, cards: list[int], suspend: bool = True) -> bool:
        for card in cards:
            if (self.collection.get_card(card).queue == -1) == suspend:
                cards.remove(card)
        if not cards:
            return False
        (self.collection.sched.suspend_cards if suspend else self.collection.sched.unsuspend_cards)(cards)
        return True

    def unsuspend(self, cards: list[int]) -> None:
        self.suspend(cards, suspend=False)

    def deleteNotes(self, notes: list[int]) -> None:  # noqa: N802
        self._reset()
        self.changes += 1
        self.collection.remove_notes(notes)

    def importPackage(self, path: str) -> bool:  # noqa: N802
        from anki.importing import AnkiPackageImporter

        self._reset()
        self.changes += 1
        with contextlib.redirect_stderr(io.StringIO()):
            AnkiPackageImporter(self.collection, path).run()
        with contextlib.suppress(AttributeError):
            self.collection.models._clear_cache()
        return True

    # ---- decks

    def deckNamesAndIds(self) -> dict[str, int]:  # noqa: N802
        return {deck.name: int(deck.id) for deck in self.collection.decks.all_names_and_ids()}

    def getDecks(self, cards: list[int]) -> dict[str, list[int]]:  # noqa: N802
        decks: dict[str, list[int]] = {}
        for card in cards:
            deck = self.collection.db.scalar("select did from cards where id = ?", card)
            decks.setdefault(self.collection.decks.name(deck), []).append(card)
        return decks

    def changeDeck(self, cards: list[int], deck: str) -> None:  # noqa: N802
        self._reset()
        self.changes += 1
        number, moment, usn = self.collection.decks.id(deck), int(time.time()), self.collection.usn()
        for card in cards:
            self.collection.db.execute(
                "update cards set usn = ?, mod = ?, did = ? where id = ?", usn, moment, number, card
            )

    # ---- note types

    def modelNamesAndIds(self) -> dict[str, int]:  # noqa: N802
        return {entry.name: entry.id for entry in self.collection.models.all_names_and_ids()}

    def _model(self, name: str) -> Any:
        model = self.collection.models.by_name(name)
        if model is None:
            raise ValueError(f"model was not found: {name}")
        return model

    def modelFieldNames(self, modelName: str) -> list[str]:  # noqa: N802, N803
        return [field["name"] for field in self._model(modelName)["flds"]]

    def modelTemplates(self, modelName: str) -> dict[str, Any]:  # noqa: N802, N803
        return {t["name"]: {"Front": t["qfmt"], "Back": t["afmt"]} for t in self._model(modelName)["tmpls"]}

    def modelStyling(self, modelName: str) -> dict[str, str]:  # noqa: N802, N803
        return {"css": self._model(modelName)["css"]}

    def updateModelTemplates(self, model: dict[str, Any]) -> None:  # noqa: N802
        found = self._model(model["name"])
        for template in found["tmpls"]:
            sides = model["templates"].get(template["name"], {})
            template["qfmt"] = sides.get("Front") or template["qfmt"]
            template["afmt"] = sides.get("Back") or template["afmt"]
        self.collection.models.update_dict(found)

    def updateModelStyling(self, model: dict[str, str]) -> None:  # noqa: N802
        found = self._model(model["name"])
        found["css"] = model["css"]
        self.collection.models.update_dict(found)

    # ---- media

    def storeMediaFile(self, filename: str, data: str | None = None, path: str | None = None) -> str:  # noqa: N802
        content = base64.b64decode(data) if data is not None else Path(path or "").read_bytes()
        self.deleteMediaFile(filename)
        return self.collection.media.write_data(filename, content)

    def retrieveMediaFile(self, filename: str) -> str | bool:  # noqa: N802
        path = Path(self.collection.media.dir()) / filename
        return base64.b64encode(path.read_bytes()).decode() if path.exists() else False

    def getMediaFilesNames(self, pattern: str = "*") -> list[str]:  # noqa: N802
        return [Path(p).name for p in glob.glob(str(Path(self.collection.media.dir()) / pattern))]

    def getMediaDirPath(self) -> str:  # noqa: N802
        return str(Path(self.collection.media.dir()).resolve())

    def deleteMediaFile(self, filename: str) -> None:  # noqa: N802
        self.collection.media.trash_files([filename])


class AnkiConnectServer:
    """Serves one collection on a port of its own. `fail_at`: the request, from 1, before which it falls silent."""

    def __init__(self, actions: Actions, key: str = "") -> None:
        self.actions = actions
        self.key = key
        self.requests = 0
        self.fail_at = 0
        self.fails_after = False  # the request is carried out, only the answer is lost
        self.lock = threading.Lock()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.requests += 1
                is_last = outer.fail_at and outer.requests >= outer.fail_at
                if is_last and not outer.fails_after:
                    self.connection.close()
                    return
                with outer.lock, contextlib.redirect_stdout(sys.stderr):
                    reply = json.dumps(outer.handle(json.loads(body))).encode()
                if is_last:
                    self.connection.close()
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_: Any) -> None:
                pass

            def handle_one_request(self) -> None:
                with contextlib.suppress(OSError, ValueError):
                    super().handle_one_request()

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        try:
            name = request.get("action", "")
            if self.key and request.get("key") != self.key:
                raise PermissionError("valid api key must be provided")
            if name == "multi":
                return {"result": [self.handle(one) for one in request["params"]["actions"]], "error": None}
            if name.startswith("_") or not hasattr(self.actions, name):
                raise ValueError("unsupported action")
            return {"result": getattr(self.actions, name)(**request.get("params", {})), "error": None}
        except Exception as problem:
            return {"result": None, "error": str(problem)}

    def stop(self) -> None:
        self.http.shutdown()
        self.http.server_close()


def main() -> None:
    anki.lang.set_lang("en")
    with contextlib.redirect_stdout(sys.stderr):
        collection = Collection(sys.argv[1])
    server = AnkiConnectServer(Actions(collection), sys.argv[2] if len(sys.argv) > 2 else "")
    print(server.url, flush=True)
    for line in sys.stdin:  # one JSON list a line: [verb, argument, …] of the learner
        verb, *arguments = json.loads(line)
        with server.lock, contextlib.redirect_stdout(sys.stderr):
            try:
                answer = {"done": getattr(Learner(collection), verb)(*arguments)}
            except Exception as problem:
                answer = {"failed": f"{type(problem).__name__}: {problem}"}
        print(json.dumps(answer), flush=True)
    server.stop()
    with contextlib.redirect_stdout(sys.stderr):
        collection.close()


if __name__ == "__main__":
    main()
