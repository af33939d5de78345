"""`deckgen status`: what differs between the notes and Anki, and what is hard to learn."""

from __future__ import annotations

from pathlib import Path

import pytest
from push_world import World, both, items, world_of_three_facts

__all__ = ["world_of_three_facts"]

pytestmark = pytest.mark.usefixtures("plain_environment")


@both
def test_status(world: World) -> None:
    assert "3 not in Anki yet" in world.status().out
    world.push()
    world.learn("edit", world.guid("HDMI"), "Back", "my words")
    world.learn("move", world.guid("VGA"), "My deck")
    world.learn("delete", world.guid("DP"))
    world.write("main.md", items("HDMI", "DP", "VGA", "SCART"))
    state = world.state()
    shown = world.status()
    assert shown.code == 0
    assert "main.md:3  edited in Anki" in shown.out
    assert "my words" in shown.out
    assert "1 not in Anki yet" in shown.out
    assert "1 moved in Anki" in shown.out
    assert "DP  deleted in Anki" in shown.out
    data = world.status("--json").json
    assert data["counts"]["edited_in_anki"] == data["counts"]["deleted_in_anki"] == data["counts"]["moved_in_anki"] == 1
    assert data["moved_in_anki"][0]["decks"] == ["My deck"]
    assert data["edited_in_anki"][0]["fields"]["Back"] == {"anki": "my words", "notes": "what HDMI is"}
    assert world.state() == state
    assert '"declined"' not in (world.notes / "deck.lock").read_text("utf-8")


@both
def test_lapses_and_leeches_by_their_lines(world: World) -> None:
    world.push()
    guid = world.guid("DP")
    world.learn("forget", guid, 9)
    world.learn("tag", world.guid("VGA"), "leech")
    shown = world.status()
    assert "9 ×  main.md:4  DP" in shown.out
    assert "leech  main.md:5  VGA" in shown.out
    lapses = world.status("--json").json["lapses"]
    assert [(one["line"], one["lapses"], one["leech"]) for one in lapses] == [(5, 0, True), (4, 9, False)]


def test_status_of_an_anki_that_is_not_there(tmp_path: Path) -> None:
    from command_line import deckgen, write_files

    folder = write_files(tmp_path, {"main.md": items("HDMI")})
    ended = deckgen("status", folder, "--url", "http://127.0.0.1:9")
    assert (ended.code, ended.kinds) == (2, ["anki-not-running"])
