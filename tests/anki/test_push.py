"""Pushes into real collections, in both ways and in two versions of Anki: what is edited here and there."""

from __future__ import annotations

import json
from typing import Any

import pytest
from push_world import WAYS, World, both, items, schedules, world_of_three_facts

__all__ = ["world_of_three_facts"]

pytestmark = pytest.mark.usefixtures("plain_environment")


# ---- first and second push


@pytest.mark.parametrize("world", WAYS, indirect=True)
def test_a_second_push_changes_nothing(world: World) -> None:
    first = world.push()
    assert (first.code, "3 new" in first.out) == (0, True), first
    state = world.state()
    assert state["well"]
    assert state["decks"] == ["Default", "Test", "Test::main"]
    dues = {note["fields"]["Front"]: note["cards"]["0"]["schedule"][2] for note in state["notes"].values()}
    assert sorted(dues.values()) == [1, 2, 3]
    assert dues["HDMI"] == 1
    second = world.push()
    assert (second.code, "nothing to do" in second.out) == (0, True), second
    assert world.state() == state
    assert json.loads((world.notes / "deck.lock").read_text("utf-8").splitlines()[0])["project"] == "test"


@both
def test_new_notes_stand_where_they_stand_in_the_notes(world: World) -> None:
    world.push()
    world.write("main.md", items("HDMI", "SCART", "DP", "VGA"))
    assert "1 new" in world.push().out
    cards = {n["fields"]["Front"]: n["cards"]["0"]["schedule"][2] for n in world.state()["notes"].values()}
    assert cards["SCART"] == 2


@both
def test_what_an_import_brought_is_no_news(world: World) -> None:
    assert world.learn("import_package", world.build()) == {"new": 3}
    state = world.state()
    assert "nothing to do" in world.push().out.replace("done", "nothing to do")
    after = world.state()
    assert after["notes"] == state["notes"]
    assert world.learn("import_package", world.build()) == {"duplicate": 3}


@both
def test_edited_after_an_import(world: World) -> None:
    """The package said what it wrote, so the first push knows who edited what."""
    world.learn("import_package", world.build())
    guid = world.guid("HDMI")
    world.learn("edit", guid, "Back", "in my own words")
    world.replace("main.md", "what DP is", "a port for displays")
    world.build()
    ended = world.push()
    assert (ended.code, "1 updated" in ended.out, "1 edited in Anki" in ended.out) == (0, True, True), ended
    state = world.state()
    assert state["notes"][guid]["fields"]["Back"] == "in my own words"
    assert state["notes"][world.guid("DP", state)]["fields"]["Back"] == "a port for displays"


@both
def test_one_file_of_a_project(world: World) -> None:
    world.write("other.md", items("SCART", "S-Video", head="# other\n\n"))
    world.push()
    state = world.state()
    world.write("main.md", items("HDMI", "DP").replace("what", "just what"))
    world.write("other.md", items("SCART", "S-Video", "Composite", head="# other\n\n").replace("what", "just what"))
    notes, world.notes = world.notes, world.notes / "other.md"
    ended = world.push()
    world.notes = notes
    assert ("2 updated" in ended.out, "1 new" in ended.out, "retired" in ended.out) == (True, True, False), ended
    after = world.state()
    for question in ("HDMI", "DP", "VGA"):
        guid = world.guid(question, state)
        assert after["notes"][guid] == state["notes"][guid]
    assert after["notes"][world.guid("Composite", after)]["cards"]["0"]["schedule"][2] == 5
    ended = world.push()
    assert ("2 updated" in ended.out, "1 retired" in ended.out, "new" in ended.out) == (True, True, False), ended


# ---- every edit here with every edit there

HERE = ("same", "edited", "gone", "moved", "tagged")
THERE = ("same", "edited", "deleted", "moved", "tagged", "untagged", "suspended")


@pytest.mark.parametrize("world", WAYS, indirect=True)
def test_every_edit_here_with_every_edit_there(world: World) -> None:
    names = {here: [f"{here}-{there}" for there in THERE] for here in HERE}
    plain = [name for here in HERE if here != "tagged" for name in names[here]]
    world.write("main.md", items(*plain))
    world.write("tagged.md", items(*names["tagged"], head="---\ntags: [before]\n---\n# tagged\n\n"))
    assert world.push().code == 0
    world.learn("study", 12)
    state = world.state()
    guids = {name: world.guid(name, state) for here in HERE for name in names[here]}
    for here in HERE:
        learn_all(world, {there: guids[f"{here}-{there}"] for there in THERE})
    before = world.state()
    moved = [f"- {name} ↔ what {name} is\n" for name in names["moved"]]
    lines = [line for line in items(*plain).splitlines(keepends=True) if line not in moved and "- gone-" not in line]
    text = "".join(line.replace("↔ what", "↔ just what") if line.startswith("- edited-") else line for line in lines)
    world.write("main.md", text)
    world.write("other.md", "# other\n\n" + "".join(moved))
    world.write("tagged.md", (world.notes / "tagged.md").read_text("utf-8").replace("[before]", "[after]"))
    ended = world.push()
    assert ended.code == 1, ended
    assert "edited-edited" in ended.out
    after = world.state()
    check_combinations(before, after, guids)
    again = world.push()
    assert again.code == 1
    assert world.state() == after


def learn_all(world: World, guids: dict[str, str]) -> None:
    world.learn("edit", guids["edited"], "Back", "in my own words")
    world.learn("delete", guids["deleted"])
    world.learn("move", guids["moved"], "My deck")
    world.learn("tag", guids["tagged"], "mine")
    world.learn("untag", guids["untagged"], "ours")
    world.learn("suspend", guids["suspended"])


def check_combinations(before: dict[str, Any], after: dict[str, Any], guids: dict[str, str]) -> None:
    assert after["well"]
    assert after["reviews"] == before["reviews"]
    assert schedules(after) == schedules(before)
    for name, guid in guids.items():
        here, there = name.split("-")
        if there == "deleted":
            assert guid not in after["notes"], name
            continue
        note, old = after["notes"][guid], before["notes"][guid]
        answer = f"just what {name} is" if here == "edited" else f"what {name} is"
        assert note["fields"]["Back"] == ("in my own words" if there == "edited" else answer), name
        tags = {"ours"} if there != "untagged" else set()
        tags |= {"mine"} if there == "tagged" else set()
        tags |= {"after"} if here == "tagged" else set()
        tags |= {"deckgen::retired"} if here == "gone" else set()
        assert set(note["tags"]) == tags, name
        card = note["cards"]["0"]
        assert card["suspended"] == (here == "gone" or there == "suspended"), name
        deck = "Test::other" if here == "moved" else "Test::tagged" if here == "tagged" else "Test::main"
        assert card["deck"] == ("My deck" if there == "moved" else deck), name
        if here == "same":
            assert note == old, name
