"""Whatever answers at the address of AnkiConnect: a push ends soon, with a reason, and without a traceback."""

from __future__ import annotations

import http.server
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files

from deckgen.anki import ankiconnect, ankiconnect_answers
from deckgen.rendering.note_types import BASIC

pytestmark = pytest.mark.usefixtures("plain_environment")

USUAL: dict[str, Any] = {
    "version": 6,
    "apiReflect": {"scopes": ["actions"], "actions": list(ankiconnect._NEEDED)},
    "modelNamesAndIds": {"deckgen Basic": 1, "Basic": 2},
    "deckNamesAndIds": {"Default": 1, "N": 2},
    "findCards": [11],
    "findNotes": [1],
    "getMediaFilesNames": [],
    "retrieveMediaFile": False,
    "notesInfo": [
        {
            "noteId": 1,
            "modelName": "deckgen Basic",
            "tags": ["a"],
            "fields": {"Front": {"value": "a", "order": 0}, "ID": {"value": "x", "order": 1}},
            "mod": 5,
            "cards": [11],
        },
        {},
    ],
    "getDecks": {"N": [11]},
    "cardsInfo": [{"cardId": 11, "lapses": 0}, {}],
    "modelFieldNames": ["Front", "ID"],
    "modelTemplates": {"Card": {"Front": "a", "Back": "b"}},
    "modelStyling": {"css": ""},
}
ODD: list[Any] = [
    None, True, 0, -1, 1.5, 2**53, 2**63, 10**400, "", "x", "字", "x" * 100_000, "\ud800", "\0", "<b>", [], [None], [[]], [0], [2**64],
    ["\ud800"], [1.5], ["a\x1b[31m\n"], {}, {"a": None}, {"a": 2**64}, {"\ud800": 1}, {"a": "b"}, {"a": []}, {"a": {}},
    [{"noteId": "x"}], [{"noteId": 1, "modelName": 5, "fields": [], "tags": "", "cards": None}],
    [{"noteId": 1, "modelName": "Basic", "fields": {"ID": "x"}, "tags": [], "cards": []}],
    [{"noteId": 1, "modelName": "Basic", "fields": {"ID": {"value": None, "order": 0}}, "tags": [], "cards": []}],
    [{"noteId": 1, "modelName": "Basic", "fields": {"ID": {"value": "", "order": "x"}}, "tags": [], "cards": [[]]}],
    [{"cardId": None, "lapses": "x"}],
]  # fmt: skip


class Answers:
    """A server that answers as AnkiConnect does, but for one action."""

    def __init__(self) -> None:
        self.changed: dict[str, Any] = {}
        self.raw: Callable[[Any], None] | None = None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if outer.raw is not None:
                    outer.raw(self)
                    return
                answer = json.dumps(outer.reply(request)).encode()
                self.send_response(200)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()

    def reply(self, request: Any) -> Any:
        name = request["action"]
        if name in self.changed:
            return {"result": self.changed[name], "error": None}
        if name == "multi":
            return {"result": [self.reply(one) for one in request["params"]["actions"]], "error": None}
        return {"result": USUAL.get(name), "error": None}


@pytest.fixture
def answers() -> Iterator[Answers]:
    server = Answers()
    yield server
    server.http.shutdown()
    server.http.server_close()


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_files(
        tmp_path / "n", {"deck.yaml": "deck: N\nid: n\n", "a.md": "MTL stands for multi-task learning.\n"}
    )


def pushed(project: Path, answers: Answers) -> Ended:
    return deckgen("push", project, "--dry-run", "--url", answers.url)


def test_what_answers_as_usual(project: Path, answers: Answers) -> None:
    assert pushed(project, answers).code == 0


@pytest.mark.parametrize("action", [*USUAL, "multi"])
def test_an_answer_of_another_type(project: Path, answers: Answers, action: str) -> None:
    for odd in ODD:
        answers.changed = {action: odd}
        ended = pushed(project, answers)
        assert ended.code in (0, 1) or "help:" in ended.err
        assert set(ended.kinds) <= {"no-ankiconnect", "ankiconnect-too-old", "push-refused"}, (action, odd)
        assert len(ended.err) < 10_000
        assert deckgen("status", project, "--url", answers.url).code in (0, 1, 2)


def test_answers_that_are_none(project: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ankiconnect_answers, "ANSWER_LIMIT", 1_000_000)

    def of(status: int, body: bytes, *headers: tuple[str, str]) -> Callable[[Any], None]:
        def answer(handler: Any) -> None:
            handler.send_response(status)
            for name, value in headers:
                handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(body)

        return answer

    raw = [
        of(200, b""), of(200, b"<html>"), of(200, b"NaN"), of(200, b'{"result": NaN, "error": null}'), of(500, b"{}"),
        of(200, b"[" * 500_000), of(200, b'{"result":' * 50_000), of(200, b'{"result": "' + b"x" * 2_000_000),
        of(302, b"", ("Location", "file:///etc/passwd")), of(301, b"", ("Location", "http://127.0.0.1:1/")),
        of(200, b"{}", ("Content-Length", "99999999999999")), of(200, b"{}", ("Content-Length", "-1")),
        of(200, b"zz\r\n", ("Transfer-Encoding", "chunked")), of(200, b"\x1f\x8b", ("Content-Encoding", "gzip")),
        of(200, b'{"result": "\\ud800", "error": null}'), of(200, b'{"result": 6, "error": "' + b"x" * 100_000 + b'"}'),
        of(200, b'{"result": "\xff", "error": null}'), of(200, b'{"result": 6, "error": "\x8d"}'), of(200, b'{"\xff": 1}'),
        of(200, b'{"result": 6, "error": {"a": [1]}}'), of(200, b'{"result": 6}'), of(200, b"\xff\xfe"), of(204, b""),
        of(200, b'{"result": ' + b"9" * 5000 + b', "error": null}'), lambda handler: handler.wfile.write(b"\0" * 100),
        lambda handler: handler.wfile.write(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 500 + b"\r\n"),
        lambda handler: handler.wfile.write(b"HTTP/1.1 99999 \xff\r\n\r\n"),
    ]  # fmt: skip
    for answers.raw in raw:
        ended = pushed(project, answers)
        assert ended.code == 2
        assert len(ended.err) < 10_000
        assert "help:" in ended.err


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_byte_at_a_time_without_end(
    project: Path, answers: Answers, monkeypatch: pytest.MonkeyPatch, start: bytes
) -> None:
    """Each byte would begin the time-out of the connection anew."""
    monkeypatch.setattr(ankiconnect, "FIRST_PATIENCE", 0.5)
    is_over = threading.Event()

    def drip(handler: Any) -> None:
        handler.wfile.write(start)
        while not is_over.is_set():
            try:
                handler.wfile.write(b" ")
                handler.wfile.flush()
            except OSError:
                is_over.set()
            time.sleep(0.02)

    answers.raw = drip
    ended = pushed(project, answers)
    assert (ended.code, ended.kinds) == (2, ["anki-silent"])
    assert is_over.wait(30)


def test_nobody_speaks(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ankiconnect, "FIRST_PATIENCE", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ended = deckgen("push", project, "--dry-run", "--url", f"http://127.0.0.1:{silent.getsockname()[1]}")
    assert (ended.code, ended.kinds) == (2, ["anki-silent"])


@pytest.mark.parametrize("fields", [[], ["Front", "Front"], ["Front", "ID", "ID", "ID", "ID", "ID", "ID", "ID", "ID"]])
def test_a_note_type_that_anki_cannot_have(project: Path, answers: Answers, fields: list[str]) -> None:
    answers.changed = {"modelNamesAndIds": {"deckgen Basic": BASIC.id}, "modelFieldNames": fields}
    ended = pushed(project, answers)
    assert ended.code == 2
    assert ended.kinds == ["no-ankiconnect"]
