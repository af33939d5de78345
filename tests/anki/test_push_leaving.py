"""Notes that the learner deleted, notes that left the sources, and notes that both sides edited."""

from __future__ import annotations

import pytest
from push_world import World, both, items, schedules, world_of_three_facts

__all__ = ["world_of_three_facts"]

pytestmark = pytest.mark.usefixtures("plain_environment")


# ---- notes that the learner deleted, or that left the sources


@both
def test_a_deleted_note_stays_deleted(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("delete", guid)
    assert "1 deleted in Anki" in world.push().out
    assert guid not in world.state()["notes"]
    assert '"declined":"' in (world.notes / "deck.lock").read_text("utf-8")
    assert world.learn("import_package", world.build()) == {"duplicate": 2}
    assert "1 deleted in Anki before" in world.push().out
    assert "1 new" in world.push("--again").out
    assert guid in world.state()["notes"]
    assert '"declined"' not in (world.notes / "deck.lock").read_text("utf-8")
    assert "nothing to do, 3 unchanged" in world.push().out


@both
def test_a_retired_note_comes_back_with_its_schedule(world: World) -> None:
    world.push()
    world.learn("study", 3)
    guid, before = world.guid("DP"), world.state()
    world.write("main.md", items("HDMI", "VGA"))
    assert "1 retired" in world.push().out
    retired = world.state()["notes"][guid]
    assert retired["cards"]["0"]["suspended"]
    assert "deckgen::retired" in retired["tags"]
    assert "nothing to do" in world.push().out
    world.write("main.md", items("HDMI", "DP", "VGA"))
    assert "1 restored" in world.push().out
    after = world.state()
    assert schedules(after) == schedules(before)
    assert after["notes"][guid]["tags"] == ["ours"]
    assert not after["notes"][guid]["cards"]["0"]["suspended"]


@both
def test_what_was_suspended_before_stays_suspended(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("suspend", guid)
    world.write("main.md", items("HDMI", "VGA"))
    world.push()
    world.write("main.md", items("HDMI", "DP", "VGA"))
    world.push()
    note = world.state()["notes"][guid]
    assert note["cards"]["0"]["suspended"]
    assert note["tags"] == ["ours"]


def test_a_learner_may_go_on_with_a_retired_note(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.write("main.md", items("HDMI", "VGA"))
    world.push()
    world.learn("unsuspend", guid)
    world.learn("untag", guid, "deckgen::retired")
    assert "nothing to do" in world.push().out
    assert not world.state()["notes"][guid]["cards"]["0"]["suspended"]


@both
def test_retired_notes_are_deleted_on_request(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.write("main.md", items("HDMI", "VGA"))
    assert "nothing to do" in world.push("--retired", "keep").out
    assert "1 deleted" in world.push("--retired", "delete").out
    assert guid not in world.state()["notes"]
    world.write("main.md", items("HDMI", "DP", "VGA"))
    assert "1 new" in world.push().out, "the deletion was not the learner's"
    assert guid in world.state()["notes"]


def test_a_note_of_the_sources_again_after_its_copy_in_anki_was_cleaned_up(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.write("main.md", items("HDMI", "VGA"))
    world.push()
    world.learn("delete", guid)
    world.push()
    world.write("main.md", items("HDMI", "DP", "VGA"))
    assert "1 new" in world.push().out


@both
def test_another_profile_is_not_taken_for_deletions(world: World) -> None:
    world.write("main.md", items(*(f"port {n}" for n in range(40))))
    world.push()
    state = world.state()
    for guid in list(state["notes"])[:25]:
        world.learn("delete", guid)
    ended = world.push()
    assert (ended.code, ended.kinds) == (2, ["many-deleted"])
    assert '"declined"' not in (world.notes / "deck.lock").read_text("utf-8")
    assert world.push("--accept-deletions").code == 0
    assert len(world.state()["notes"]) == 15


def test_many_schedules_are_not_deleted_by_a_missing_folder(world: World) -> None:
    world.write("main.md", items(*(f"port {n}" for n in range(40))))
    world.push()
    world.write("main.md", items("port 1"))
    ended = world.push("--retired", "delete")
    assert (ended.code, ended.kinds[-1]) == (2, "many-to-delete")
    assert len(world.state()["notes"]) == 40
    assert world.push().code == 0


# ---- conflicts


@both
@pytest.mark.parametrize(("choice", "answer"), [("ours", "a port"), ("theirs", "my words"), ("skip", "my words")])
def test_conflicts(world: World, choice: str, answer: str) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("edit", guid, "Back", "my words")
    world.learn("tag", guid, "mine")
    world.replace("main.md", "what DP is", "a port")
    shown = world.push("--dry-run")
    assert (shown.code, "my words" in shown.out, "a port" in shown.out) == (1, True, True)
    ended = world.push("--conflicts", choice)
    assert ended.code == (1 if choice == "skip" else 0), ended
    note = world.state()["notes"][guid]
    assert note["fields"]["Back"] == answer
    assert set(note["tags"]) == {"ours", "mine"}
    again = world.push()
    assert again.code == ended.code
    assert world.state()["notes"][guid] == note


def test_the_same_edit_on_both_sides_is_no_conflict(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("edit", guid, "Back", "a port")
    world.replace("main.md", "what DP is", "a port")
    assert world.push().code == 0
    world.replace("main.md", "↔ a port", "↔ a new port")
    assert world.push().code == 0
    assert world.state()["notes"][guid]["fields"]["Back"] == "a new port"


@both
def test_a_note_without_a_stamp_is_never_overwritten(world: World) -> None:
    """As an older deckgen's package brought it: what differs may be the learner's."""
    world.push()
    guid = world.guid("DP")
    world.learn("edit", guid, "Spare 1", "")
    world.learn("edit", guid, "Back", "my words")
    ended = world.push()
    assert ended.code == 1
    assert "nothing says who changed it" in ended.out
    assert world.state()["notes"][guid]["fields"]["Back"] == "my words"
    assert world.push("--conflicts", "theirs").code == 0
    assert "1 edited in Anki" in world.push().out
