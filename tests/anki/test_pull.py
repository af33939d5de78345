"""`deckgen pull`: what was edited in Anki becomes the learner's words, and stays through builds and pushes."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Ended, deckgen
from push_world import FileWorld, World

from deckgen.project.choices import Choices, Wording, parse_choices

pytestmark = pytest.mark.usefixtures("plain_environment")

YAML = "deck: Test\nid: test\nrules: [./facts.yaml]\n"
RULES = """rules:
  - {id: fact, on: list_item, match: '{term} ↔ {meaning}', fields: {Front: '{term}', Back: '{meaning}'}}
  - {id: gap, on: paragraph, note: Cloze, marks: ['==answer=='], fields: {Text: '{text}'}}
"""
NOTES = """# Ports

- HDMI ↔ one cable for picture and sound
- DP ↔ the display port
- VGA ↔ an old plug ![the plug](vga.png)
- 端口 ↔ 一个接口

The port is ==8080== today.
"""


@pytest.fixture
def world(tmp_path: Path) -> World:
    found = FileWorld(tmp_path, {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": NOTES, "vga.png": "a picture"})
    assert found.push().code == 0
    return found


def pull(world: World, *options: object) -> Ended:
    world.stop()
    try:
        return deckgen("pull", world.notes, "--to", world.file, *options)
    finally:
        world.start()


def choices(world: World) -> Choices:
    path = world.notes / "deck.choices.yaml"
    return parse_choices(path.read_text("utf-8") if path.exists() else "", "")[0]


EDITS = {
    "plain": ("HDMI", "Back", "a cable &amp; a plug", Wording("a cable & a plug")),
    "bold": ("HDMI", "Back", "<strong>one</strong> cable", Wording("**one** cable")),
    "bold as Anki writes it": ("HDMI", "Back", "<b>one</b> cable", None),
    "a list": ("DP", "Back", "<ul><li>one</li><li>two</li></ul>", None),
    "math": ("DP", "Back", r"about \(x^2\) of it", None),
    "Chinese": ("端口", "Back", "一个新的接口，用来连接", Wording("一个新的接口，用来连接")),
    "lines": ("HDMI", "Back", "one<br>two", None),
}


@pytest.mark.parametrize("name", EDITS)
def test_an_edit_comes_back_and_stays(world: World, name: str) -> None:
    question, field, text, expected = EDITS[name]
    guid = world.guid(question)
    world.learn("edit", guid, field, text)
    before = world.state()
    notes = {path.name: path.read_bytes() for path in world.notes.glob("*.md")}
    shown = pull(world, "--dry-run")
    assert "1 note edited in Anki (nothing is written)" in shown.out
    assert not choices(world).notes
    assert "1 note in your words" in pull(world, "--yes").out
    assert world.state() == before
    (wording,) = [one for _, one in choices(world).notes[guid].fields]
    assert expected in (None, wording)
    assert {path.name: path.read_bytes() for path in world.notes.glob("*.md")} == notes
    for _ in range(2):
        assert deckgen("build", world.notes).code == 0
        assert world.push().code == 0
        after = world.state()
        assert after["notes"][guid]["fields"][field] == text
        assert {g: n["fields"] for g, n in after["notes"].items() if g != guid} == {
            g: n["fields"] for g, n in before["notes"].items() if g != guid
        }
    assert "nothing was edited" in pull(world, "--yes").out


def test_a_picture_and_a_cloze(world: World) -> None:
    state = world.state()
    picture, cloze = world.guid("VGA"), world.guid("The port is {{c1::8080}} today.")
    name = state["notes"][picture]["fields"]["Back"].partition('src="')[2].partition('"')[0]
    world.learn("edit", picture, "Back", f'a plug: <img src="{name}">')
    world.learn("edit", cloze, "Text", "Today the port is {{c1::8080::number}}.")
    pull(world, "--yes")
    found = choices(world).notes
    assert "vga.png" in found[picture].fields[0][1].text
    assert found[cloze].fields == (("Text", Wording("Today the port is {{c1::8080::number}}.")),)
    deckgen("build", world.notes)
    assert world.push().code == 0
    after = world.state()["notes"]
    assert name in after[picture]["fields"]["Back"]
    assert after[cloze]["fields"]["Text"] == "Today the port is {{c1::8080::number}}."


def test_twenty_round_trips(world: World) -> None:
    guid = world.guid("HDMI")
    others = None
    for number in range(20):
        world.learn("edit", guid, "Back", f"words of day {number}, <i>and more</i>")
        pull(world, "--yes")
        assert deckgen("build", world.notes).code == 0
        assert world.push().code == 0
        state = world.state()
        assert state["notes"][guid]["fields"]["Back"] == f"words of day {number}, <i>and more</i>"
        rest = {g: note["fields"] for g, note in state["notes"].items() if g != guid}
        assert others in (None, rest)
        others = rest
    assert len(choices(world).notes) == 1


def test_without_a_terminal_nothing_is_taken_unasked(world: World) -> None:
    world.learn("edit", world.guid("HDMI"), "Back", "words")
    assert pull(world).code == 2
    assert not choices(world).notes


def test_what_is_not_wanted_in_anki_is_skipped_where_asked(world: World) -> None:
    deleted, tagged = world.guid("HDMI"), world.guid("DP")
    world.learn("delete", deleted)
    world.learn("tag", tagged, "deckgen::skip")
    assert "`--skips` skips them" in pull(world, "--yes").out
    assert not choices(world).notes
    assert "2 notes skipped" in pull(world, "--yes", "--skips").out
    assert {guid for guid, one in choices(world).notes.items() if one.is_skipped} == {deleted, tagged}
    deckgen("build", world.notes)
    world.push()
    assert deleted not in world.state()["notes"]
    assert "nothing was edited" in pull(world, "--yes", "--skips").out
