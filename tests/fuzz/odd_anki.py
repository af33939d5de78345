"""An AnkiConnect that has most notes of a project, and answers with odd types, odd sizes and broken HTTP."""

from __future__ import annotations

import contextlib
import http.server
import json
import sqlite3
import threading
from pathlib import Path
from random import Random
from typing import Any

from mutations import as_json, mutate_bytes, mutate_tree, pick


class OddAnki:
    """Answers on a port of its own, each answer mutated with some probability, until `stop`."""

    def __init__(self, collection: bytes) -> None:
        self.random = Random(0)
        self.rate = 0.3
        database = sqlite3.connect(":memory:")
        database.deserialize(collection)
        database.create_collation("unicase", lambda one, other: (one > other) - (one < other))
        models, decks = (json.loads(text) for text in database.execute("SELECT models, decks FROM col").fetchone())
        self.models = {model["name"]: model for model in models.values()}
        self.decks = {deck["name"]: int(deck["id"]) for deck in decks.values()}
        names = {int(key): model for key, model in models.items()}
        self.notes = []
        for note, kind, flds, tags in database.execute("SELECT id, mid, flds, tags FROM notes"):
            model = names[kind]
            fields = {
                f["name"]: {"value": v, "order": n}
                for n, (f, v) in enumerate(zip(model["flds"], flds.split("\x1f"), strict=True))
            }
            cards = [card for (card,) in database.execute("SELECT id FROM cards WHERE nid = ?", (note,))]
            self.notes.append(
                {
                    "noteId": note,
                    "tags": tags.split(),
                    "fields": fields,
                    "modelName": model["name"],
                    "mod": 1,
                    "cards": cards,
                }
            )
        database.close()
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with contextlib.suppress(OSError):
                    self.wfile.write(outer.answer(json.loads(body)))

            def log_message(self, *_: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def begin(self, seed: int) -> None:
        """Another Anki from now on."""
        self.random = Random(seed)
        self.rate = self.random.choice((0.02, 0.05, 0.3))

    def stop(self) -> None:
        """Answer no more."""
        self.http.shutdown()
        self.http.server_close()

    def answer(self, request: dict[str, Any]) -> bytes:
        """The bytes of one answer."""
        tree = self.handle(request)
        if self.random.random() < self.rate / 4:
            tree = mutate_tree(self.random, tree)
        body = as_json(tree).encode("utf-8", "surrogatepass")
        head = (
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            % len(body)
        )
        if self.random.random() >= 0.02:
            return head + body
        return pick(
            self.random,
            (
                b"",
                mutate_bytes(self.random, head) + body,
                head + mutate_bytes(self.random, body),
                head.replace(b"Content-Length", b"X") + body,
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffff\r\n" + body,
                b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 300 + b"\r\n" + body,
                b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
                b"HTTP/1.1 500 x\r\n\r\n" + body,
                b"HTTP/1.1 200 OK\r\n\r\n" + b"[" * 100_000,
                b"HTTP/1.1 200 OK\r\n\r\n" + b'{"result": ' + b"9" * 100_000 + b', "error": null}',
            ),
        )

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """What the add-on would answer, or nearly."""
        name, parameters = request["action"], request.get("params", {})
        if name == "multi":
            return {"result": [self.handle(one) for one in parameters["actions"]], "error": None}
        result = self._result(name, parameters)
        if self.random.random() < self.rate:
            result = mutate_tree(self.random, result)
        if self.random.random() < self.rate / 8:
            return {
                "result": None,
                "error": pick(
                    self.random, ("no", "", 5, {}, "unsupported action", "'NoneType' object has no attribute 'x'")
                ),
            }
        return {"result": result, "error": None}

    def _result(self, name: str, parameters: dict[str, Any]) -> Any:
        cards = [card for note in self.notes for card in note["cards"]]
        model = self.models.get(parameters.get("modelName", ""))
        if name == "findCards":
            return cards if "deck:" in parameters["query"] else self.random.sample(cards, self.random.randrange(3))
        if model is not None:
            return {
                "modelFieldNames": [field["name"] for field in model["flds"]],
                "modelTemplates": {t["name"]: {"Front": t["qfmt"], "Back": t["afmt"]} for t in model["tmpls"]},
                "modelStyling": {"css": model["css"]},
            }.get(name)
        notes = [note for note in self.notes if self.random.random() < 0.8]
        return {
            "version": 6,
            "apiReflect": {"scopes": ["actions"], "actions": parameters.get("actions", [])},
            "modelNamesAndIds": {key: int(value["id"]) for key, value in self.models.items()},
            "deckNamesAndIds": {name: index for index, name in enumerate(self.decks, 1)},
            "getDecks": {next(iter(self.decks)): parameters.get("cards", [])},
            "notesInfo": notes,
            "findNotes": [note["noteId"] for note in notes],
            "cardsInfo": [{"cardId": card, "lapses": 9, "reps": 3} for card in cards],
            "getMediaFilesNames": ["plan-0123456789ab.png"],
            "retrieveMediaFile": pick(self.random, (False, "e30=", "eyJhIjoxfQ==", "x")),
            "getMediaDirPath": str(Path("/nowhere")),
            "importPackage": True,
            "getActiveProfile": "User 1",
            "suspend": True,
        }.get(name)
