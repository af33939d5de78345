"""A push that ends anywhere is finished by the next one."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from push_world import RULES, YAML, FileWorld, World, items, opened, without_times

from deckgen.anki.actions import Action
from deckgen.anki.anki_state import AnkiQuery, AnkiState
from deckgen.anki.collection_engine import Collection
from deckgen.anki.execute import carry_out
from deckgen.anki.plan import PushOptions
from deckgen.anki.planner import make_plan, query_of
from deckgen.build.pipeline import open_and_run
from deckgen.project.project import Request

pytestmark = pytest.mark.usefixtures("plain_environment")

TERMS = [f"port {n}" for n in range(62)]  # more than one batch


def first_push(folder: Path, kind: type[World] = World) -> World:
    """A world in which something of every sort is to be done."""
    world = kind(
        folder,
        {
            "deck.yaml": YAML,
            "facts.yaml": RULES,
            "main.md": items(*TERMS),
            "other.md": items("a", "b", head="# other\n\n"),
        },
    )
    (world.notes / "port.png").write_bytes(b"PNG")
    assert world.push().code == 0
    world.learn("study", 10)
    state = world.state()
    world.learn("delete", world.guid("port 7", state))
    world.learn("edit", world.guid("port 8", state), "Back", "my words")
    world.learn("tag", world.guid("port 9", state), "mine")
    world.learn("move", world.guid("port 10", state), "My deck")
    text = items(*TERMS[:58], "new 1", "new 2").replace("what", "just what")
    world.write("main.md", text + "- a port ↔ so: ![](port.png)\n")
    world.write("other.md", items("a", "b", head="---\ntags: [more]\n---\n# renamed\n\n"))
    world.write("deck.yaml", YAML.replace("ours", "tagged"))
    return world


@pytest.mark.parametrize("retired", ["suspend", "delete"])
def test_silent_at_any_request(tmp_path: Path, retired: str) -> None:
    """AnkiConnect falls silent before each of its requests in turn, and after each before it answers."""
    start = tmp_path / "start"
    with opened(first_push(start)):
        pass
    expected, requests = pushed(start, tmp_path / "0", retired, 0, fails_after=False)
    assert requests > 12
    for number in range(1, requests + 1):
        for fails_after in (False, True) if retired == "suspend" else (number % 2 > 0,):
            folder = tmp_path / f"{number}{fails_after}"
            state, _ = pushed(start, folder, retired, number, fails_after=fails_after)
            assert state == expected, (number, fails_after)
            shutil.rmtree(folder)


def pushed(start: Path, folder: Path, retired: str, fail_at: int, *, fails_after: bool) -> tuple[dict[str, Any], int]:
    """The state after a push that ended at a request, where it is not 0, and one more."""
    shutil.copytree(start, folder)
    world = World.__new__(World)
    world.folder, world.notes, world.file = folder, folder / "notes", folder / "collection.anki2"
    world.start()
    with opened(world):
        world.server.fail_at, world.server.fails_after = fail_at, fails_after
        ended = world.push("--retired", retired)
        requests = world.server.requests
        if fail_at:
            assert ended.code == 2
            assert ended.kinds in (["anki-silent"], ["anki-not-running"]), ended
        world.server.fail_at = 0
        ended = world.push("--retired", retired)
        assert ended.code == 1, ended  # the conflict
        state = world.state()
        again = world.push("--retired", retired)
        assert again.code == 1
        assert world.state() == state
        return without_times(state), requests


class Interrupted(BaseException):
    """As Ctrl-C, or the end of the machine."""


class Mortal:
    """A closed collection whose process ends at one of its calls."""

    def __init__(self, inner: Collection, calls: int) -> None:
        self.inner, self.left, self.name = inner, calls, inner.name

    def _live(self, call: Callable[..., Any], *arguments: Any) -> Any:
        self.left -= 1
        if self.left == 0:
            raise Interrupted
        return call(*arguments)

    def read(self, asked: AnkiQuery) -> AnkiState:
        return self.inner.read(asked)

    def begin(self) -> str:
        return self._live(self.inner.begin)

    def carry_out(self, actions: Sequence[Action]) -> None:
        for action in actions:  # as far apart as they can be
            self._live(self.inner.carry_out, [action])

    def import_package(self, path: Path, *, with_schedules: bool = False) -> None:
        self._live(self.inner.import_package, path)

    def delete_by_field_id(self, values: Sequence[str]) -> None:
        self._live(self.inner.delete_by_field_id, values)

    def store_media(self, name: str, path: Path) -> None:
        self._live(self.inner.store_media, name, path)

    def deck_ids(self) -> Mapping[str, int]:
        return self.inner.deck_ids()

    def refresh(self) -> None:
        self.inner.refresh()

    def close(self) -> None:
        self.inner.close()


def test_killed_at_any_call(tmp_path: Path) -> None:
    start = tmp_path / "start"
    with opened(first_push(start, FileWorld)) as world:
        world.build()  # of the lock, so that every push plans the same
    expected, total = killed(start, tmp_path / "0", 10_000)
    assert total > 70
    for calls in (*range(1, 9), *range(10, total - 10, 15), *range(total - 10, total + 1)):
        folder = tmp_path / str(calls)
        assert killed(start, folder, calls)[0] == expected, calls
        shutil.rmtree(folder)


def killed(start: Path, folder: Path, calls: int) -> tuple[dict[str, Any], int]:
    """The state after a push whose process ended at a call, and a whole one; and how many calls there were."""
    shutil.copytree(start, folder)
    world = FileWorld.__new__(FileWorld)
    world.folder, world.notes, world.file = folder, folder / "notes", folder / "collection.anki2"
    made, problems = open_and_run(Request((world.notes,)), 1_790_000_000)
    assert made is not None, problems
    target = Mortal(Collection(world.file), calls)
    plan, told = make_plan(made, target.read(query_of(made)), PushOptions(), 1_767_225_600)
    assert not told
    with contextlib.suppress(Interrupted):
        carry_out(plan, target, made.files)
    assert (target.left == 0) == (calls < 10_000)
    target.close()
    world.start()
    with opened(world):
        assert world.push().code == 1
        state = world.state()
        assert world.push().code == 1
        assert world.state() == state
        return without_times(state), calls - target.left
