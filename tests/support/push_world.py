"""A deck project and an Anki beside it, in every way in which a push reaches one."""

from __future__ import annotations

import contextlib
import copy
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files

pytest.importorskip("anki.collection")
sys.path.insert(0, str(Path(__file__).parents[1] / "engines"))

from anki.collection import Collection
from ankiconnect_server import Actions, AnkiConnectServer
from environments import NoEnvironmentError, python_with
from learner import Learner

SUPPORT = Path(__file__).parent
OLD = "23.10.1"
WAYS = ("http", "file", f"http {OLD}", f"file {OLD}")
YAML = "deck: Test\nid: test\nsubdecks: file\ntags: [ours]\nrules: [./facts.yaml]\n"
RULES = """rules:
  - id: fact
    on: list_item
    match: '{term} ↔ {meaning}'
    fields: {Front: '{term}', Back: '{meaning}'}
"""


class World:
    """The folder `notes`, and a collection that Anki has open. `url` is that of AnkiConnect."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.folder = folder
        self.notes = write_files(folder / "notes", files)
        self.file = folder / "collection.anki2"
        self.package = folder / "notes" / "notes.apkg"
        self.start()

    def start(self) -> None:
        self.collection = Collection(str(self.file))
        self.collection.set_v3_scheduler(True)
        self.server = AnkiConnectServer(Actions(self.collection))

    def stop(self) -> None:
        self.server.stop()
        with contextlib.redirect_stdout(sys.stderr):
            self.collection.close()

    def learn(self, verb: str, *arguments: Any) -> Any:
        """What the learner does in Anki."""
        with self.server.lock, contextlib.redirect_stdout(sys.stderr):
            return getattr(Learner(self.collection), verb)(*map(_plain, arguments))

    def push(self, *options: object) -> Ended:
        return deckgen("push", self.notes, "--url", self.server.url, *options)

    def status(self, *options: object) -> Ended:
        return deckgen("status", self.notes, "--url", self.server.url, *options)

    def build(self) -> Path:
        assert deckgen("build", self.notes, "-o", self.package).code == 0
        return self.package

    def write(self, name: str, text: str) -> None:
        (self.notes / name).write_text(text, "utf-8")

    def replace(self, name: str, old: str, new: str) -> None:
        text = (self.notes / name).read_text("utf-8")
        assert text.count(old) == 1, (name, old)
        self.write(name, text.replace(old, new))

    def state(self) -> dict[str, Any]:
        return self.learn("state")

    def guid(self, question: str, state: dict[str, Any] | None = None) -> str:
        """The GUID of the only note in Anki that has this as its first field."""
        notes = (state or self.state())["notes"]
        (found,) = [g for g, note in notes.items() if next(iter(note["fields"].values())) == question]
        return found


class FileWorld(World):
    """Anki is closed for every push."""

    def start(self) -> None:
        self.collection = Collection(str(self.file))
        self.collection.set_v3_scheduler(True)
        self.server = contextlib.nullcontext()  # type: ignore[assignment]
        self.server.lock = contextlib.nullcontext()  # type: ignore[attr-defined]

    def stop(self) -> None:
        with contextlib.redirect_stdout(sys.stderr):
            self.collection.close()

    def _closed(self, *arguments: object) -> Ended:
        self.stop()
        try:
            return deckgen(*arguments)
        finally:
            self.start()

    def push(self, *options: object) -> Ended:
        return self._closed("push", self.notes, "--to", self.file, *options)

    def status(self, *options: object) -> Ended:
        return self._closed("status", self.notes, "--to", self.file, *options)


class OldWorld(World):
    """Anki of another version, in a process of its own."""

    def __init__(self, folder: Path, files: dict[str, str], python: Path) -> None:
        self.python = python
        super().__init__(folder, files)

    def start(self) -> None:
        command = [str(self.python), str(SUPPORT / "ankiconnect_server.py"), str(self.file)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()

    def stop(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def learn(self, verb: str, *arguments: Any) -> Any:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([verb, *map(_plain, arguments)]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        assert "failed" not in answer, answer
        return answer["done"]

    def push(self, *options: object) -> Ended:
        return deckgen("push", self.notes, "--url", self.url, *options)

    def status(self, *options: object) -> Ended:
        return deckgen("status", self.notes, "--url", self.url, *options)


class OldFileWorld(OldWorld):
    """A closed collection, pushed into with that version's engine."""

    def push(self, *options: object) -> Ended:
        return self._closed("push", *options)

    def status(self, *options: object) -> Ended:
        return self._closed("status", *options)

    def _closed(self, verb: str, *options: object) -> Ended:
        self.stop()
        packages = next((self.python.parent.parent / "lib").glob("python3*/site-packages"))
        environment = {**os.environ, "PYTHONPATH": f"{SUPPORT.parents[1]}:{packages}"}
        command = [sys.executable, "-m", "deckgen", verb, str(self.notes), "--to", str(self.file), *map(str, options)]
        ended = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
        self.start()
        return Ended(ended.returncode, ended.stdout, ended.stderr)


def _plain(argument: Any) -> Any:
    return str(argument) if isinstance(argument, Path) else argument


@contextlib.contextmanager
def opened(world: World) -> Iterator[World]:
    """A world that ends."""
    try:
        yield world
    finally:
        world.stop()


# ---- making one


def make_world(way: str, folder: Path, files: dict[str, str]) -> World:
    if OLD not in way:
        return (FileWorld if way == "file" else World)(folder, files)
    try:
        python = python_with(OLD)
    except NoEnvironmentError as problem:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(str(problem), pytrace=False)
        pytest.skip(f"offline? {problem}")
    return (OldFileWorld if way.startswith("file") else OldWorld)(folder, files, python)


@pytest.fixture(name="world")
def world_of_three_facts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A project of three facts; anki over HTTP unless the test says otherwise."""
    files = {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": items("HDMI", "DP", "VGA")}
    with opened(make_world(getattr(request, "param", "http"), tmp_path, files)) as made:
        yield made


both = pytest.mark.parametrize("world", ["http", "file"], indirect=True)


def items(*terms: str, head: str = "# main\n\n") -> str:
    return head + "".join(f"- {term} ↔ what {term} is\n" for term in terms)


def without_times(state: dict[str, Any]) -> dict[str, Any]:
    """A state as it is compared where a push may add or touch a note at another moment: a new card's id is one."""
    told = copy.deepcopy(state)
    for note in told["notes"].values():
        del note["mod"]
        for card in note["cards"].values():
            del card["id"]
    return told


def schedules(state: dict[str, Any]) -> dict[str, Any]:
    """GUID and ordinal → type, due, interval, ease, reviews, lapses of each card; not whether it is suspended."""
    return {
        f"{guid}/{ordinal}": [card["id"], card["schedule"][0], *card["schedule"][2:6]]
        for guid, note in state["notes"].items()
        for ordinal, card in note["cards"].items()
    }
