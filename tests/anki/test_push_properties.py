"""Edits here, edits there, builds, imports and pushes in any order: every review stays, and the tags of both sides."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from push_world import RULES, FileWorld, World, opened, schedules

COUNT = 5
EXAMPLES = int(os.environ.get("PUSH_EXAMPLES", "12"))

HERE = ("edit here", "remove here", "restore here", "move here", "tag here", "rename here")
THERE = ("edit there", "delete there", "move there", "tag there", "untag there", "suspend there", "study there")
STEPS = st.tuples(
    st.sampled_from((*HERE, *THERE, *THERE, "push", "push", "push", "build", "import")), st.integers(0, COUNT - 1)
)


class Story:
    """The author's side of a story, and what the learner did that has to last."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.versions = [0] * COUNT
        self.here = [True] * COUNT
        self.files = ["main"] * COUNT
        self.tag = {"main": "main-0", "other": "other-0"}
        self.deck = "Test"
        self.count = 0
        self.guids: dict[int, str] = {}
        self.untagged: set[tuple[str, str]] = set()
        self.write()

    def write(self) -> None:
        for name in ("main", "other"):
            lines = [
                f"- port {n} ↔ version {self.versions[n]} of {n}\n"
                for n in range(COUNT)
                if self.here[n] and self.files[n] == name
            ]
            self.world.write(f"{name}.md", f"---\ntags: [{self.tag[name]}]\n---\n# {name}\n\n" + "".join(lines))
        yaml = f"deck: {self.deck}\nid: test\nsubdecks: file\nrules: [./facts.yaml]\n"
        self.world.write("deck.yaml", yaml)

    def step(self, name: str, which: int) -> None:
        self.count += 1
        if name in HERE:
            self.edit_here(name, which)
        elif name in THERE:
            self.live(name, which)
        elif name == "push":
            self.push()
        else:
            package = self.world.build()
            if name == "import":
                before = self.state()
                self.world.learn("import_package", package)
                check_schedules(before, self.state())

    def edit_here(self, name: str, which: int) -> None:
        if name == "edit here":
            self.versions[which] = self.count
        elif name in ("remove here", "restore here"):
            self.here[which] = name == "restore here"
        elif name == "move here":
            self.files[which] = "other" if self.files[which] == "main" else "main"
        elif name == "tag here":
            self.tag[self.files[which]] = f"{self.files[which]}-{self.count}"
        else:
            self.deck = f"Test {self.count}"
        self.write()

    def live(self, name: str, which: int) -> None:
        guid = next(
            (g for g, note in self.state()["notes"].items() if note["fields"]["Front"] == f"port {which}"), None
        )
        if name == "study there":
            self.world.learn("study", 3)
        elif guid is None:
            return
        elif name == "edit there":
            self.world.learn("edit", guid, "Back", f"mine {self.count}")
        elif name == "delete there":
            self.world.learn("delete", guid)
        elif name == "move there":
            self.world.learn("move", guid, f"Mine {which}")
        elif name == "tag there":
            self.world.learn("tag", guid, f"mine-{self.count}")
        elif name == "suspend there":
            self.world.learn("suspend", guid)
        else:
            for tag in self.state()["notes"][guid]["tags"]:
                if not tag.startswith(("mine", "deckgen")):
                    self.world.learn("untag", guid, tag)
                    self.untagged.add((guid, tag))
                    break

    def state(self) -> dict[str, Any]:
        return self.world.state()

    def retired(self) -> set[str]:
        lines = map(json.loads, (self.world.notes / "deck.lock").read_text("utf-8").splitlines()[1:])
        return {line["guid"] for line in lines if line.get("retired")}

    def push(self) -> None:
        before = self.state()
        ended = self.world.push()
        assert ended.code in (0, 1), ended
        after = self.state()
        check_schedules(before, after)
        for guid, old in before["notes"].items():
            self.check_kept(old, after["notes"][guid])
        for guid, note in after["notes"].items():
            self.check_ours(guid, note)
        assert self.world.push().code == ended.code
        assert self.state() == after, "a second push changes nothing"

    def check_kept(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """What the learner did is as it was."""
        assert {tag for tag in old["tags"] if tag.startswith("mine")} <= set(new["tags"])
        if old["fields"]["Back"].startswith("mine"):
            assert new["fields"]["Back"] == old["fields"]["Back"]
        is_retired = "deckgen::retired" in {*new["tags"], *old["tags"]}
        for ordinal, card in old["cards"].items():
            if card["deck"].startswith("Mine"):
                assert new["cards"][ordinal]["deck"] == card["deck"]
            if not is_retired:
                assert new["cards"][ordinal]["suspended"] == card["suspended"]

    def check_ours(self, guid: str, note: dict[str, Any]) -> None:
        """What the author wrote is there, where the learner did not do otherwise."""
        number = int(note["fields"]["Front"].split()[1])
        if guid in self.retired():  # a fact that moved and changed at once may be another note
            assert "deckgen::retired" in note["tags"]
            assert all(card["suspended"] for card in note["cards"].values())
            return
        assert "deckgen::retired" not in note["tags"]
        if not note["fields"]["Back"].startswith("mine"):
            assert note["fields"]["Back"] == f"version {self.versions[number]} of {number}"
        ours = {tag for tag in note["tags"] if not tag.startswith("mine")}
        wanted = self.tag[self.files[number]]
        assert ours <= {wanted}
        assert wanted in ours or any(guid == g for g, _ in self.untagged)
        for card in note["cards"].values():
            assert card["deck"].startswith("Mine") or card["deck"] == f"{self.deck}::{self.files[number]}"


def check_schedules(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Every review, every card with all that was learned of it."""
    assert after["reviews"] == before["reviews"]
    old, new = schedules(before), schedules(after)
    assert {card: new.get(card) for card in old} == old
    assert after["well"]


def tell(kind: type[World], steps: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder, opened(kind(Path(folder), {"facts.yaml": RULES})) as world:
        story = Story(world)
        story.push()
        for name, which in steps:
            story.step(name, which)
        story.push()


stories = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


@pytest.mark.usefixtures("plain_environment")
@stories
@example([("tag there", 1), ("tag here", 1), ("import", 0), ("edit here", 1), ("edit there", 1)])
@example([("edit here", 0), ("move here", 0)])
@example([("remove here", 2), ("push", 0), ("delete there", 2), ("restore here", 2)])
@example([("move here", 0), ("import", 0), ("move there", 0), ("move here", 0), ("push", 0), ("rename here", 0)])
@given(st.lists(STEPS, max_size=14))
def test_any_story_over_http(steps: list[tuple[str, int]]) -> None:
    tell(World, steps)


@pytest.mark.usefixtures("plain_environment")
@settings(
    max_examples=EXAMPLES // 3,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEPS, max_size=14))
def test_any_story_in_a_closed_collection(steps: list[tuple[str, int]]) -> None:
    tell(FileWorld, steps)
