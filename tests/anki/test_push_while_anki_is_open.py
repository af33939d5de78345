"""What somebody sees who has Anki open during a push: windows, decks, dates, profiles."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from command_line import deckgen
from push_world import RULES, YAML, FileWorld, World, both, items, make_world, opened, world_of_three_facts

__all__ = ["world_of_three_facts"]

pytestmark = pytest.mark.usefixtures("plain_environment")


# ---- windows


def is_shown(world: World) -> bool:
    """Whether the windows of Anki show every change."""
    return bool(world.server.actions.changes) and world.server.actions.shown == world.server.actions.changes


def test_windows_show_what_a_push_changed(world: World) -> None:
    world.push()
    assert is_shown(world), "new notes"
    world.replace("main.md", "what DP is", "another meaning")
    world.push()
    assert is_shown(world), "a field"
    world.write("main.md", items("HDMI", "VGA"))
    world.push()
    assert is_shown(world), "a retired note"
    world.write("main.md", items("HDMI"))
    world.push("--retired", "delete")
    assert is_shown(world), "a deleted note"


# ---- decks


def renamed_and_one_moved(world: World) -> None:
    world.push()
    world.learn("rename_deck", "Test::main", "Mine")
    world.learn("move", world.guid("DP"), "Elsewhere")


def deck_of(world: World, question: str) -> str:
    state = world.state()
    return str(state["notes"][world.guid(question, state)]["cards"]["0"]["deck"])


@both
def test_new_notes_go_to_the_deck_that_the_learner_renamed(world: World) -> None:
    """Also where one of its cards lies elsewhere, in which case the deck was made again under its old name."""
    renamed_and_one_moved(world)
    world.write("main.md", items("HDMI", "DP", "VGA", "DVI"))
    world.push()
    assert deck_of(world, "DVI") == "Mine"
    assert deck_of(world, "DP") == "Elsewhere"
    assert "Test::main" not in world.state()["decks"]


@both
def test_a_renamed_deck_is_known_by_its_id_when_most_of_its_cards_are_elsewhere(world: World) -> None:
    renamed_and_one_moved(world)
    world.learn("move", world.guid("HDMI"), "Elsewhere")
    world.learn("move", world.guid("VGA"), "Elsewhere")
    world.write("main.md", items("HDMI", "DP", "VGA", "DVI"))
    world.push()
    assert deck_of(world, "DVI") == "Mine"


@both
def test_it_says_which_notes_are_moved_in_anki(world: World) -> None:
    renamed_and_one_moved(world)
    ended = world.push()
    assert "DP → Elsewhere" in ended.out
    assert "DP → Elsewhere" in world.status().out


# ---- dates


@both
def test_notes_that_a_push_adds_are_of_today(world: World) -> None:
    before = int(time.time())
    world.push()
    numbers = world.learn("added_today")
    assert len(numbers) == 3
    assert all(before - 60 <= number // 1000 <= time.time() for number in numbers)
    assert "nothing to do" in world.push().out


@both
def test_a_build_and_a_push_after_it_know_the_same_notes(world: World) -> None:
    world.push()
    guids = set(world.state()["notes"])
    world.replace("main.md", "what DP is", "another meaning")
    package = world.build()
    world.learn("import_package", str(package))
    after = world.state()["notes"]
    assert set(after) == guids
    assert after[world.guid("DP")]["fields"]["Back"] == "another meaning"
    assert len(world.learn("added_today")) == 3, "an import finds a note by its GUID and leaves its id"


OWN = "note_types: {Word: {fields: [Word, Meaning], templates: [{name: Card 1, front: '{{Word}}', back: '{{Meaning}}'}]}}\n"


@both
def test_notes_of_own_types_are_found_by_the_id_that_a_push_gave_them(world: World) -> None:
    world.write("deck.yaml", YAML + OWN)
    world.write(
        "facts.yaml", RULES.replace("fields: {Front:", "note: Word\n    fields: {Word:").replace("Back:", "Meaning:")
    )
    world.push()
    assert len(world.state()["notes"]) == 3
    world.replace("main.md", "what DP is", "another meaning")
    ended = world.push()
    assert "1 updated" in ended.out, ended.out + ended.err
    assert len(world.state()["notes"]) == 3


# ---- profiles


def test_another_profile_is_asked_for_by_name(world: World, tmp_path: Path) -> None:
    world.push()
    (tmp_path / "other").mkdir()
    with opened(make_world("http", tmp_path / "other", {})) as other:
        stopped = deckgen("push", world.notes, "--url", other.server.url)
        assert (stopped.code, stopped.kinds) == (2, ["other-profile"])
        assert other.state()["notes"] == {}
        named = deckgen("push", world.notes, "--url", other.server.url, "--profile", "User 1")
        assert named.code == 0, named.err
        assert len(other.state()["notes"]) == 3
        assert deckgen("push", world.notes, "--url", other.server.url).code == 0, "it is known now"
    assert "nothing to do" in world.push().out


def test_a_closed_collection_is_found_by_its_profile(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = tmp_path / "Anki2"
    monkeypatch.setenv("ANKI_BASE", str(base))
    for name in ("Ada", "奥托"):
        (base / name).mkdir(parents=True)
        with opened(FileWorld(base / name, {})):
            pass
    (base / "addons21").mkdir()
    unclear = deckgen("push", world.notes, "--to", "closed")
    assert (unclear.code, unclear.kinds) == (2, ["no-profile"])
    assert "`Ada`, `奥托`" in unclear.err
    unknown = deckgen("push", world.notes, "--to", "closed", "--profile", "Eve")
    assert (unknown.code, unknown.kinds) == (2, ["no-profile"])
    done = deckgen("push", world.notes, "--to", "closed", "--profile", "奥托")
    assert done.code == 0, done.err
    with opened(FileWorld(base / "奥托", {})) as filled:
        assert len(filled.state()["notes"]) == 3


# ---- words


@both
def test_a_conflict_that_is_settled_is_something_done(world: World) -> None:
    world.push()
    world.learn("edit", world.guid("DP"), "Back", "my words")
    world.replace("main.md", "what DP is", "another meaning")
    assert world.push().code == 1
    ended = world.push("--conflicts", "theirs")
    assert "1 settled: Anki's wording stays" in ended.out
    assert "nothing to do" not in ended.out


def test_a_thousand_changed_notes_take_seconds_and_leave_anki_usable(world: World) -> None:
    """Twenty batches, each of which is done in half a second; time of this process alone, server included."""
    terms = [f"term {number:04}" for number in range(1000)]
    world.write("main.md", items(*terms))
    assert "1,000 new" in world.push().out
    world.write("main.md", items(*terms).replace("what ", "just what "))
    requests, started = world.server.requests, time.process_time()
    assert "1,000 updated" in world.push().out
    assert world.server.requests - requests <= 40
    assert time.process_time() - started < 10
    requests = world.server.requests
    assert "nothing to do" in world.push().out
    assert world.server.requests - requests <= 10
