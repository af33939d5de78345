"""What a person is told when Anki cannot be reached, and that nothing is half-done then."""

from __future__ import annotations

import http.server
import json
import os
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen
from push_world import RULES, YAML, FileWorld, World, items, opened

from deckgen.anki.actions import TargetError
from deckgen.anki.ankiconnect import AnkiConnect, is_loopback
from deckgen.anki.push_record import PushRecord, format_record, parse_record, record_name

pytestmark = pytest.mark.usefixtures("plain_environment")

FILES = {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": items("HDMI", "DP", "VGA")}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with opened(World(tmp_path, FILES)) as made:
        yield made


def refused(ended: Ended, world: World, *kinds: str) -> None:
    """Exit code 2, the reason, and neither Anki nor the lock is touched."""
    assert (ended.code, ended.kinds) == (2, list(kinds)), ended
    assert "help: " in ended.err
    assert not (world.notes / "deck.lock").exists()
    assert world.state()["notes"] == {}


class Answering:
    """A server that answers every request with one text."""

    def __init__(self, text: bytes, status: int = 200) -> None:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_: Any) -> None:
                pass

        self.http = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()


def test_anki_is_not_running(world: World) -> None:
    ended = deckgen("push", world.notes, "--url", "http://127.0.0.1:9")
    refused(ended, world, "anki-not-running")
    assert "2055492159" in ended.err


@pytest.mark.parametrize(
    "text",
    [b"<html>Welcome to nginx</html>", b"[]", b"null", b'{"ok": true}', b'{"result": [], "error": null, "x": 1}'],
)
def test_something_else_answers(world: World, text: bytes) -> None:
    server = Answering(text)
    refused(deckgen("push", world.notes, "--url", server.url), world, "no-ankiconnect")
    server.http.shutdown()


def test_anki_is_there_but_does_not_answer(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deckgen.anki.ankiconnect.FIRST_PATIENCE", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        ended = deckgen("push", world.notes, "--url", f"http://127.0.0.1:{silent.getsockname()[1]}")
    refused(ended, world, "anki-silent")


@pytest.mark.parametrize("version", [4, 5, None])
def test_a_version_too_old(world: World, version: int | None) -> None:
    server = Answering(json.dumps({"result": version, "error": None}).encode())
    refused(deckgen("push", world.notes, "--url", server.url), world, "ankiconnect-too-old")
    server.http.shutdown()


@pytest.mark.parametrize("name", ["importPackage", "notesInfo", "apiReflect"])
def test_an_action_is_missing(world: World, name: str) -> None:
    actions = type(world.server.actions)
    without = type("Without", (actions,), {name: None})
    world.server.actions.__class__ = without
    without.__getattribute__ = hiding(name)  # type: ignore[method-assign]
    ended = world.push()
    world.server.actions.__class__ = actions
    refused(ended, world, "ankiconnect-too-old")
    assert name in ended.err


def hiding(hidden: str) -> Any:
    def look_up(self: object, name: str) -> object:
        if name == hidden:
            raise AttributeError(name)
        return object.__getattribute__(self, name)

    return look_up


def test_no_profile_is_open(world: World) -> None:
    server = Answering(b'{"result": null, "error": "collection is not available"}')
    refused(deckgen("push", world.notes, "--url", server.url), world, "no-profile")
    server.http.shutdown()


def test_the_wrong_profile_is_open(world: World) -> None:
    ended = world.push("--profile", "Work")
    refused(ended, world, "no-profile")
    assert "`User 1`" in ended.err
    assert world.push("--profile", "User 1").code == 0


def test_the_api_key(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.server.key = "s3cr3t-token"
    refused(world.push(), world, "ankiconnect-key")
    monkeypatch.setenv("DECKGEN_ANKICONNECT_KEY", "wr0ng-token")
    ended = world.push()
    refused(ended, world, "ankiconnect-key")
    assert "wr0ng" not in ended.err + ended.out
    monkeypatch.setenv("DECKGEN_ANKICONNECT_KEY", "s3cr3t-token")
    for options in ((), ("--dry-run", "--json"), ("--json",)):
        ended = world.push(*options)
        assert ended.code == 0
        assert "s3cr3t" not in ended.err + ended.out
    for path in world.notes.rglob("*"):
        assert b"s3cr3t" not in path.read_bytes()


def test_a_key_that_comes_back_in_an_error_is_not_shown() -> None:
    server = Answering(b'{"result": null, "error": "bad request: {key: s3cr3t-token}"}')
    with pytest.raises(TargetError) as raised:
        AnkiConnect(server.url, "s3cr3t-token").ask("version")
    server.http.shutdown()
    told = raised.value.diagnostic
    assert "bad request" in told.message
    assert "s3cr3t" not in f"{told.message}{told.hint}{raised.value!r}"


@pytest.mark.parametrize("url", ["127.0.0.1", "ftp://127.0.0.1", "http://", "http://me:secret@127.0.0.1", "http://x:y"])
def test_an_address_that_is_none(world: World, url: str) -> None:
    ended = deckgen("push", world.notes, "--url", url)
    refused(ended, world, *(["bad-url"] if is_loopback(url) else ["remote-anki", "bad-url"]))
    assert "secret" not in ended.err


def test_another_machine_is_warned_about() -> None:
    assert all(map(is_loopback, ["http://127.0.0.1:8765", "http://localhost", "http://[::1]:8765"]))
    assert not any(map(is_loopback, ["http://192.168.0.2:8765", "http://localhost.example.com", "http://anki"]))


def test_a_running_anki_elsewhere_gets_files_as_data(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of this disk can be read there: the new notes go through the media folder, and leave nothing there."""
    monkeypatch.setattr("deckgen.anki.ankiconnect.LOOPBACK", frozenset())
    (world.notes / "port.png").write_bytes(b"PNG")
    world.write("main.md", items("HDMI") + "- DP ↔ so: ![](port.png)\n")
    ended = world.push()
    assert (ended.code, ended.kinds) == (0, ["remote-anki"]), ended
    state = world.state()
    assert len(state["notes"]) == 2
    assert sorted(name[:8] for name in state["media"]) == ["_deckgen", "port-" + state["media"][1][5:8]]
    assert "nothing to do" in world.push().out


def test_an_anki_that_sees_another_disk(world: World) -> None:
    """In a Flatpak, or when deckgen runs in WSL: the same machine, other files."""
    actions = type(world.server.actions)

    def blind_import(self: Any, path: str) -> bool:
        if "deckgen-" in path and "collection.media" not in path:
            raise FileNotFoundError(f"No such file or directory: '{path}'")
        return actions.importPackage(self, path)

    def blind_store(self: Any, filename: str, data: str | None = None, path: str | None = None) -> str:
        if path is not None:
            raise FileNotFoundError(f"No such file or directory: '{path}'")
        return actions.storeMediaFile(self, filename, data)

    blind = type("Blind", (actions,), {"importPackage": blind_import, "storeMediaFile": blind_store})
    world.server.actions.__class__ = blind
    assert "3 new" in world.push().out
    state = world.state()
    assert len(state["notes"]) == 3
    assert [name[:9] for name in state["media"]] == ["_deckgen-"]
    assert "_deckgen-new.apkg" not in state["media"]
    assert "nothing to do" in world.push().out


def test_an_addon_without_searches_in_notes_info(world: World) -> None:
    """Before 2024 `notesInfo` took ids only."""
    actions = type(world.server.actions)
    whole = actions.notesInfo

    def by_ids(self: Any, notes: list[int]) -> list[dict[str, Any]]:
        return [{k: v for k, v in one.items() if k not in ("mod", "profile")} for one in whole(self, notes)]

    older = type("Older", (actions,), {"notesInfo": by_ids})
    world.server.actions.__class__ = older
    assert world.push().code == 0
    assert "nothing to do, 3 unchanged" in world.push().out


def test_a_note_that_anki_refuses_to_change(world: World) -> None:
    world.push()
    world.replace("main.md", "what DP is", "a port")
    actions = type(world.server.actions)

    def refuse(self: Any, note: Any) -> None:
        raise ValueError("disk I/O error")

    world.server.actions.__class__ = type("Refusing", (actions,), {"updateNoteFields": refuse})
    ended = world.push()
    assert (ended.code, ended.kinds) == (2, ["push-refused"])
    assert "disk I/O error" in ended.err
    world.server.actions.__class__ = actions
    assert "1 updated" in world.push().out


# ---- closed collections


def test_a_collection_that_is_open(tmp_path: Path) -> None:
    with opened(World(tmp_path, FILES)) as world:
        ended = deckgen("push", world.notes, "--to", world.file)
        refused(ended, world, "collection-in-use")
        assert deckgen("status", world.notes, "--to", world.file).kinds == ["collection-in-use"]


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04 a package", b"SQLite format 3\0" + bytes(4096)])
def test_what_is_no_collection(tmp_path: Path, content: bytes | None) -> None:
    with opened(FileWorld(tmp_path, FILES)) as world:
        path = tmp_path / "other.anki2"
        if content is not None:
            path.write_bytes(content)
        refused(deckgen("push", world.notes, "--to", path), world, "no-collection")
        assert path.exists() == (content is not None)


def test_another_database(tmp_path: Path) -> None:
    path = tmp_path / "other.anki2"
    with sqlite3.connect(path) as connection:
        connection.execute("create table col (ver)")
        connection.execute("insert into col values (99)")
    connection.close()
    with opened(FileWorld(tmp_path, FILES)) as world:
        refused(deckgen("push", world.notes, "--to", path), world, "no-collection")


def test_a_backup_is_made_before_the_first_change(tmp_path: Path) -> None:
    with opened(FileWorld(tmp_path, FILES)) as world:
        ended = world.push("--json")
        backup = ended.json["backup"]
        assert ended.json["pushed"] is True
        assert Path(backup).suffix == ".colpkg"
        assert Path(backup).is_file()
        assert world.push("--json").json["backup"] is None, "nothing changed"


def test_looking_changes_nothing(tmp_path: Path) -> None:
    with opened(FileWorld(tmp_path, FILES)) as world:
        world.push()
        world.stop()
        before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
        world.replace("main.md", "what DP is", "a port")
        before[world.notes / "main.md"] = (world.notes / "main.md").read_bytes()
        assert "1 updated" in deckgen("push", world.notes, "--to", world.file, "--dry-run").out
        assert deckgen("status", world.notes, "--to", world.file).code == 0
        assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == before
        world.start()


def test_options_that_do_not_go_together(world: World) -> None:
    for options in (("--to", world.file, "--url", "http://x"), ("--conflicts", "ask"), ("--conflicts", "mine")):
        assert deckgen("push", world.notes, *options).code == 2


# ---- the memory in the collection


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"deckgen_push": 2, "project": "p"}', '{"deckgen_push": 1, "project": "q"}']
)
def test_a_memory_that_cannot_be_read_is_empty(text: str) -> None:
    assert parse_record(text, "p") == PushRecord("p")


def test_a_memory_reads_as_it_was_written() -> None:
    record = PushRecord("p", frozenset({"b", "a"}), frozenset({"00000001"}), {"a": "1 f=00000001"})
    assert parse_record(format_record(record), "p") == record
    assert record_name("p") != record_name("q")


def test_without_its_memory_a_push_overwrites_nothing(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("edit", guid, "Back", "my words")
    (record,) = [name for name in world.state()["media"] if name.startswith("_deckgen")]
    (world.folder / "collection.media" / record).unlink()
    assert world.push().code == 0
    assert world.state()["notes"][guid]["fields"]["Back"] == "my words"
    assert record in world.state()["media"]


# ---- asking


@pytest.mark.parametrize(("answer", "text"), [("n", "a port"), ("a", "my words"), ("s", "my words"), ("", "my words")])
def test_each_conflict_is_asked_about(world: World, answer: str, text: str) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("edit", guid, "Back", "my words")
    world.replace("main.md", "what DP is", "a port")
    ended = on_a_terminal(f"{answer}\n", "push", world.notes, "--url", world.server.url, "--conflicts", "ask")
    assert "Keep [a]nki's" in ended.out
    assert ended.code == (0 if answer in ("n", "a") and answer else 1), ended
    assert world.state()["notes"][guid]["fields"]["Back"] == text
    assert world.push().code == ended.code


def on_a_terminal(typed: str, *arguments: object) -> Ended:
    """The command line at a terminal at which this was typed."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    command = [sys.executable, "-m", "deckgen", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "NO_COLOR": "1"}
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, env=environment)
    os.close(theirs)
    shown = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # the other end is closed
            break
        if not piece:
            break
        shown += piece
    os.close(ours)
    assert process.stderr is not None
    told = process.stderr.read()
    process.stderr.close()
    return Ended(process.wait(60), shown.decode(), told.decode())
