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


NOW, OLDER = ("http", "file"), tuple(way for way in WAYS if way not in ("http", "file"))
MOVES = [(way, name) for way in NOW for name in TOOLS] + [(way, "obsidian-to-anki") for way in OLDER]
"""In an older Anki the tool that makes every kind of note is enough."""


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
