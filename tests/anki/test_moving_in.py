"""Decks that other tools made, with their reviews: adopted, pushed, edited, pushed again. Nothing learned is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command_line import deckgen
from push_world import WAYS, World, make_world, opened, schedules

pytestmark = pytest.mark.usefixtures("plain_environment")

ONE = [["Card 1", "{{Front}}", "{{FrontSide}}<hr id=answer>{{Back}}"]]
BOTH = [*ONE, ["Card 2", "{{Back}}", "{{FrontSide}}<hr id=answer>{{Front}}"]]
CLOZE = [["Cloze", "{{cloze:Text}}", "{{cloze:Text}}<br>{{Back Extra}}"]]
UUID = "5afd1da8-f5af-4abd-8809-6e3e47d164eb"
"""As a tool names a note: it is the GUID there."""


@dataclass(frozen=True)
class Tool:
    """`types`: name, fields, templates. `notes`: type, fields, GUID. `{0}` in a file is the number of the first note."""

    pack: str
    types: list[tuple[str, list[str], list[list[str]]]]
    notes: list[tuple[str, list[str], str]]
    files: dict[str, str]
    edit: tuple[str, str, str]  # file, what stands there, what stands there instead


TOOLS = {
    "obsidian-to-anki": Tool(
        "obsidian-to-anki",
        [
            ("OBasic", ["Front", "Back"], ONE),
            ("OBoth", ["Front", "Back"], BOTH),
            ("OCloze", ["Text", "Back Extra"], CLOZE),
        ],
        [
            ("OBasic", ["Which planet is nearest to the sun?", "Mercury."], ""),
            ("OBoth", ["moon", "a body that goes around a planet"], ""),
            ("OCloze", ["Its year has {{c1::687}} days.", "of Mars"], ""),
        ],
        {
            "a.md": "START\nBasic\nWhich planet is nearest to the sun?\nBack: Mercury.\n<!--ID: {0}-->\nEND\n\n"
            "START\nBasic (and reversed card)\nmoon\nBack: a body that goes around a planet\n<!--ID: {1}-->\nEND\n\n"
            "START\nCloze\nIts year has {{687}} days.\n<!--ID: {2}-->\nEND\n"
        },
        ("a.md", "Mercury.", "Mercury, of course."),
    ),
    "flashcards-obsidian": Tool(
        "flashcards-obsidian",
        [
            (
                "Obsidian-basic",
                ["Front", "Back", "Source"],
                [["Front / Back", "{{Front}}", "{{FrontSide}}{{Back}}{{Source}}"]],
            ),
            ("Obsidian-basic-reversed", ["Front", "Back"], BOTH),
            ("Obsidian-cloze", ["Text", "Back Extra"], CLOZE),
        ],
        [
            ("Obsidian-basic", ["cliff", "steep rock", "my own source"], ""),
            ("Obsidian-basic-reversed", ["la mer", "the sea"], ""),
            ("Obsidian-cloze", ["A spit is made of {{c1::sand}}.", ""], ""),
        ],
        {"a.md": "cliff::steep rock ^{0}\n\nla mer:::the sea ^{1}\n\nA spit is made of ==sand==.\n^{2}\n"},
        ("a.md", "steep rock", "a steep rock"),
    ),
    "inka": Tool(
        "inka",
        [("Inka Basic", ["Front", "Back"], ONE), ("Inka Cloze", ["Text", "Back Extra"], CLOZE)],
        [
            ("Inka Basic", ["What is a gambit?", "A pawn given for time."], ""),
            ("Inka Cloze", ["The {{c1::queen}} moves like {{c2::rook}} and bishop.", "in chess"], ""),
        ],
        {
            "a.md": "---\nDeck: Chess\n\n<!--ID:{0}-->\n1. What is a gambit?\n> A pawn given for time.\n\n<!--ID:{1}-->\n"
            "2. The {{queen}} moves like {{rook}} and bishop.\n---\n"
        },
        ("a.md", "given for time", "given for some time"),
    ),
    "md2anki": Tool(
        "md2anki",
        [("md2anki Basic", ["Front", "Back", "UUID"], ONE)],
        [("md2anki Basic", ["What is a levain?", "A starter of wild yeast.", UUID], UUID)],
        {"a.md": f"# Bread (3083273130)\n\n## What is a levain? ({UUID})\n\nA starter of wild yeast.\n"},
        ("a.md", "A starter", "A small starter"),
    ),
    "ankiops": Tool(
        "ankiops",
        [
            (
                "AnkiOpsQA",
                ["Question", "Answer", "Extra", "AnkiOps Key"],
                [["Card 1", "{{Question}}", "{{FrontSide}}{{Answer}}{{Extra}}"]],
            ),
            (
                "AnkiOpsCloze",
                ["Text", "Extra", "AnkiOps Key"],
                [["Cloze", "{{cloze:Text}}", "{{cloze:Text}}{{Extra}}"]],
            ),
        ],
        [
            ("AnkiOpsQA", ["What is a fugue?", "Voices that follow each other", "see Bach", "0123456789ab"], ""),
            ("AnkiOpsCloze", ["A fugue begins with its {{c1::subject}}.", "", "0123456789ac"], ""),
        ],
        {
            "a.md": "<!-- note_key: 0123456789ab -->\nQ: What is a fugue?\nA: Voices that follow each other\n\n---\n\n"
            "<!-- note_key: 0123456789ac -->\nT: A fugue begins with its {{{{c1::subject}}}}.\n"
        },
        ("a.md", "Voices", "Several voices"),
    ),
    "yanki": Tool(
        "yanki",
        [
            ("Yanki - Basic", ["Front", "Back", "YankiNamespace"], ONE),
            (
                "Yanki - Cloze",
                ["Front", "Back", "YankiNamespace"],
                [["Cloze", "{{cloze:Front}}", "{{cloze:Front}}<hr>{{Back}}"]],
            ),
        ],
        [
            ("Yanki - Basic", ["<p>How many legs has a spider?</p>", "<p>Eight</p>", "Yanki, my vault"], ""),
            ("Yanki - Cloze", ["<p>A beetle has {{c1::six}} legs.</p>", "", "Yanki, my vault"], ""),
        ],
        {
            "spider.md": "---\nnoteId: {0}\n---\nHow many legs has a spider?\n\n---\n\nEight\n",
            "beetle.md": "---\nnoteId: {1}\n---\nA beetle has ~~six~~ legs.\n",
        },
        ("spider.md", "Eight", "Eight of them"),
    ),
}


@pytest.fixture(name="moving")
def tools_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Tool, World]]:
    """What a tool left: its notes in Anki, learned and tagged by somebody; its ids in the Markdown."""
    way, name = request.param
    tool = TOOLS[name]
    config = f"deck: Mine\nid: mine\nrules: [compat/{tool.pack}]\ntags: [ours]\n"
    with opened(make_world(way, tmp_path, {"deck.yaml": config})) as world:
        for kind, fields, templates in tool.types:
            world.learn("note_type", kind, fields, templates, any("cloze:" in t[1] for t in templates))
        numbers = [world.learn("add_as", kind, fields, "mine", "Old", guid) for kind, fields, guid in tool.notes]
        world.learn("study", 12)
        for file, text in tool.files.items():
            world.write(file, text.format(*numbers))
        yield tool, world


def adopt(world: World) -> dict[str, Any]:
    world.stop()
    try:
        return dict(deckgen("adopt", world.file, world.notes, "--yes", "--json").json)
    finally:
        world.start()


def texts(state: dict[str, Any]) -> str:
    return json.dumps([note["fields"] for note in state["notes"].values()], ensure_ascii=False)


NOW = ("http", "file")
MOVES = [(way, name) for way in WAYS for name in TOOLS]


@pytest.mark.parametrize("moving", MOVES, indirect=True, ids=" ".join)
def test_a_deck_of_another_tool_keeps_its_schedule(moving: tuple[Tool, World]) -> None:
    tool, world = moving
    before = world.state()
    assert before["reviews"]
    adopted = adopt(world)
    assert (len(adopted["pairs"]), {pair["reason"] for pair in adopted["pairs"]}) == (len(tool.notes), {"id"})
    cautious = world.push()
    assert (cautious.code, "--change-note-types" in cautious.out) == (0, True), cautious
    assert world.state()["notes"] == before["notes"]
    pushed = world.push("--change-note-types")
    assert (pushed.code, f"{len(tool.notes)} given deckgen's note type" in pushed.out) == (0, True), pushed
    after = world.state()
    assert after["well"]
    assert schedules(after) == schedules(before)
    assert after["reviews"] == before["reviews"]
    for note in after["notes"].values():
        assert note["type"] in ("deckgen Basic", "deckgen Cloze")
        assert note["tags"] == ["mine", "ours"]
        assert {card["deck"] for card in note["cards"].values()} == {"Old"}
    for kept in ("my own source", "in chess", "of Mars", "see Bach"):
        assert (kept in texts(after)) == (kept in texts(before))
    assert "my vault" not in texts(after)
    again = world.push()
    assert (again.code, "nothing to do" in again.out) == (0, True), again
    world.replace(*tool.edit)
    edited = world.push()
    assert (edited.code, "1 updated" in edited.out) == (0, True), edited
    last = world.state()
    assert schedules(last) == schedules(before)
    assert len(last["notes"]) == len(before["notes"])
    assert tool.edit[2] in texts(last)


# ---- what is left alone, and what else stays


def basic_world(folder: Path, way: str = "http", types: str = "OBoth") -> World:
    """One note with both directions in Anki, of which the notes ask one."""
    config = "deck: Mine\nid: mine\nrules: [compat/obsidian-to-anki]\n"
    world = make_world(way, folder, {"deck.yaml": config})
    world.learn("note_type", "OBoth", ["Front", "Back"], BOTH)
    world.learn("note_type", "OTwice", ["Front", "Back"], [*ONE, ["Card 2", "Again: {{Front}}", "{{Back}}!"]])
    number = world.learn("add_as", types, ["moon", "a body that goes around a planet"], "mine", "Old")
    world.learn("study", 4)
    kind = "Basic" if types == "OBoth" else "Basic (and reversed card)"
    world.write("a.md", f"START\n{kind}\nmoon\nBack: a body that goes around a planet\n<!--ID: {number}-->\nEND\n")
    adopt(world)
    return world


@pytest.mark.parametrize(
    ("types", "reason"),
    [("OBoth", "a card of theirs is none of the notes"), ("OTwice", "two of its cards ask the same")],
)
@pytest.mark.parametrize("way", NOW)
def test_a_note_whose_card_would_be_lost_is_left_alone(tmp_path: Path, way: str, types: str, reason: str) -> None:
    with opened(basic_world(tmp_path, way, types)) as world:
        before = world.state()
        ended = world.push("--change-note-types")
        assert (ended.code, f"1 left alone: of note type {types}: {reason}" in ended.out) == (0, True), ended
        assert world.state()["notes"] == before["notes"]


@pytest.mark.parametrize("way", NOW)
def test_suspended_cards_and_those_in_filtered_decks_stay_so(tmp_path: Path, way: str) -> None:
    config = "deck: Mine\nid: mine\nrules: [compat/obsidian-to-anki]\n"
    with opened(make_world(way, tmp_path, {"deck.yaml": config})) as world:
        world.learn("note_type", "OBasic", ["Front", "Back"], ONE)
        numbers = [
            world.learn("add_as", "OBasic", [f"moon {i}", f"body {i} of many"], "mine", "Old", f"g{i}")
            for i in range(3)
        ]
        world.learn("study", 9)
        world.learn("suspend", "g0")
        world.learn("filtered", "moon")
        blocks = [
            f"START\nBasic\nmoon {i}\nBack: body {i} of many\n<!--ID: {n}-->\nEND\n" for i, n in enumerate(numbers)
        ]
        world.write("a.md", "\n".join(blocks))
        adopt(world)
        before = world.state()
        assert "3 given deckgen's note type" in world.push("--change-note-types").out
        after = world.state()
        for guid, note in before["notes"].items():
            assert after["notes"][guid]["cards"] == note["cards"]
        assert "nothing to do" in world.push().out


def test_an_old_ankiconnect_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ankiconnect_server import Actions

    with opened(basic_world(tmp_path)) as world:
        monkeypatch.delattr(Actions, "updateNoteModel")
        ended = world.push("--change-note-types")
        assert (ended.code, "changes no note types" in ended.out) == (0, True), ended


@pytest.mark.parametrize("way", NOW)
def test_a_note_that_has_the_number_of_a_passing_one_stays(
    tmp_path: Path, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anki gives an imported note another number where its own is taken."""
    from deckgen.anki import additions

    config = "deck: Mine\nid: mine\nrules: [compat/obsidian-to-anki]\n"
    with opened(make_world(way, tmp_path, {"deck.yaml": config})) as world:
        world.learn("note_type", "OBasic", ["Front", "Back"], ONE)
        other = world.learn("add_as", "OBasic", ["mine", "alone"], "", "Old", "other")
        number = world.learn("add_as", "OBasic", ["moon", "a body that goes around a planet"], "", "Old", "moon")
        world.write("a.md", f"START\nBasic\nmoon\nBack: a body that goes around a planet\n<!--ID: {number}-->\nEND\n")
        adopt(world)
        monkeypatch.setattr(additions, "ids_of_now", lambda missing, now: [other for _ in missing])
        assert "1 given deckgen's note type" in world.push("--change-note-types").out
        assert sorted(world.state()["notes"]) == ["moon", "other"]


def made(folder: Path, name: str) -> Path:
    (folder / name).mkdir()
    return folder / name


def test_a_push_that_ends_in_between_is_finished_by_the_next(tmp_path: Path) -> None:
    """At every request: before it is carried out, and after."""
    tool = TOOLS["obsidian-to-anki"]
    config = "deck: Mine\nid: mine\nrules: [compat/obsidian-to-anki]\n"
    for is_after in (False, True):
        for at in range(1, 40):
            with opened(make_world("http", made(tmp_path, f"{at}{is_after}"), {"deck.yaml": config})) as world:
                for kind, fields, templates in tool.types:
                    world.learn("note_type", kind, fields, templates, any("cloze:" in t[1] for t in templates))
                numbers = [world.learn("add_as", kind, fields, "mine", "Old") for kind, fields, _ in tool.notes]
                world.learn("study", 12)
                world.write("a.md", tool.files["a.md"].format(*numbers))
                adopt(world)
                before = world.state()
                world.server.fail_at, world.server.fails_after = at, is_after
                broken = world.push("--change-note-types")
                world.server.fail_at = 0
                assert broken.code in (0, 2), broken
                assert world.push("--change-note-types").code == 0
                after = world.state()
                assert schedules(after) == schedules(before)
                assert {note["type"] for note in after["notes"].values()} == {"deckgen Basic", "deckgen Cloze"}
                assert len(after["notes"]) == len(before["notes"])
                assert after["well"]
            if broken.code == 0:
                break
        assert at > 5


@pytest.mark.parametrize("way", NOW)
@pytest.mark.parametrize(
    ("choice", "code", "back"),
    [
        ("skip", 1, "a body that goes around a planet, as I saw"),
        ("ours", 0, "a body that goes around a planet"),
        ("theirs", 0, "a body that goes around a planet, as I saw"),
    ],
)
def test_words_that_only_anki_has_are_a_conflict(tmp_path: Path, way: str, choice: str, code: int, back: str) -> None:
    config = "deck: Mine\nid: mine\nrules: [compat/obsidian-to-anki]\n"
    with opened(make_world(way, tmp_path, {"deck.yaml": config})) as world:
        world.learn("note_type", "OBasic", ["Front", "Back"], ONE)
        number = world.learn("add_as", "OBasic", ["moon", "a body that goes around a planet, as I saw"], "mine", "Old")
        world.learn("study", 4)
        world.write("a.md", f"START\nBasic\nmoon\nBack: a body that goes around a planet\n<!--ID: {number}-->\nEND\n")
        adopt(world)
        before = world.state()
        ended = world.push("--change-note-types", "--conflicts", choice)
        assert ended.code == code, ended
        after = world.state()
        assert schedules(after) == schedules(before)
        (note,) = after["notes"].values()
        assert (note["type"], note["fields"]["Back"]) == ("OBasic" if code else "deckgen Basic", back)
        if not code:
            again = world.push()
            assert (again.code, "nothing to do" in again.out) == (0, True), again
