"""Pushes into real collections, in both ways and in two versions of Anki: everything that was done there stays."""

from __future__ import annotations

import copy
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent / "engines"))

from environments import NoEnvironmentError, python_with
from push_world import FileWorld, OldFileWorld, OldWorld, World, opened

pytestmark = pytest.mark.usefixtures("plain_environment")

OLD = "23.10.1"
WAYS = ("http", "file", f"http {OLD}", f"file {OLD}")
YAML = "deck: Test\nid: test\nsubdecks: file\ntags: [ours]\nrules: [./facts.yaml]\n"
RULES = """rules:
  - id: fact
    on: list_item
    match: '{term} ↔ {meaning}'
    fields: {Front: '{term}', Back: '{meaning}'}
"""


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


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A project of three facts; anki over HTTP unless the test says otherwise."""
    files = {"deck.yaml": YAML, "facts.yaml": RULES, "main.md": items("HDMI", "DP", "VGA")}
    with opened(make_world(getattr(request, "param", "http"), tmp_path, files)) as made:
        yield made


both = pytest.mark.parametrize("world", ["http", "file"], indirect=True)


def items(*terms: str, head: str = "# main\n\n") -> str:
    return head + "".join(f"- {term} ↔ what {term} is\n" for term in terms)


def without_times(state: dict[str, Any]) -> dict[str, Any]:
    """A state as it is compared where a push may touch a note at another moment."""
    told = copy.deepcopy(state)
    for note in told["notes"].values():
        del note["mod"]
    return told


def schedules(state: dict[str, Any]) -> dict[str, Any]:
    """GUID and ordinal → type, due, interval, ease, reviews, lapses of each card; not whether it is suspended."""
    return {
        f"{guid}/{ordinal}": [card["id"], card["schedule"][0], *card["schedule"][2:6]]
        for guid, note in state["notes"].items()
        for ordinal, card in note["cards"].items()
    }


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


# ---- decks


@both
def test_a_renamed_deck(world: World) -> None:
    world.push()
    world.learn("study", 2)
    before = world.state()
    world.write("deck.yaml", YAML.replace("deck: Test", "deck: Renamed::Deep"))
    ended = world.push()
    assert "Test::main → Renamed::Deep::main" in ended.out
    after = world.state()
    assert {card["deck"] for note in after["notes"].values() for card in note["cards"].values()} == {
        "Renamed::Deep::main"
    }
    assert (schedules(after), after["reviews"]) == (schedules(before), before["reviews"])
    if isinstance(world, FileWorld):
        assert "Test::main" not in after["decks"], "renamed, with its options"
    assert "nothing to do" in world.push().out


@pytest.mark.parametrize("name", ["A_b", "C: D (e)", "F and -G", "H*", "I 'j' k\\\\l", "数学 · 1", "tag:x or y", "é"])
def test_names_of_decks_are_no_searches(world: World, name: str) -> None:
    world.write("deck.yaml", YAML.replace("deck: Test", f'deck: "{name}"'))
    assert world.push().code == 0
    state = world.state()
    assert f"{name}::main".replace("\\\\", "\\") in state["decks"]
    world.learn("add", "my own card", name.replace("_", "x") + "::main")
    world.write("deck.yaml", YAML.replace("deck: Test", f'deck: "New {name}"'))
    world.push()
    after = world.state()
    assert {card["deck"] for guid in state["notes"] for card in after["notes"][guid]["cards"].values()} == {
        f"New {name}::main".replace("\\\\", "\\")
    }
    assert "nothing to do" in world.push().out


@both
def test_a_deck_with_somebody_elses_cards_is_not_renamed(world: World) -> None:
    world.push()
    world.learn("add", "my own card", "Test::main")
    world.write("deck.yaml", YAML.replace("deck: Test", "deck: Renamed"))
    world.push()
    decks = {n["fields"]["Front"]: n["cards"]["0"]["deck"] for n in world.state()["notes"].values()}
    assert decks["my own card"] == "Test::main"
    assert decks["DP"] == "Renamed::main"


@both
def test_new_notes_follow_a_deck_that_the_learner_renamed(world: World) -> None:
    world.push()
    world.learn("rename_deck", "Test", "My exams")
    world.write("main.md", items("HDMI", "DP", "VGA", "SCART"))
    world.push()
    state = world.state()
    assert {card["deck"] for note in state["notes"].values() for card in note["cards"].values()} == {"My exams::main"}
    assert "Test" not in state["decks"]
    assert "nothing to do" in world.push().out


@both
def test_built_and_imported_between_a_move_and_a_push(world: World) -> None:
    """The package moved no card, but says where they belong; the lock knows where they were."""
    world.push()
    world.write("deck.yaml", YAML.replace("deck: Test", "deck: Renamed"))
    world.replace("main.md", "what DP is", "a port")
    assert world.learn("import_package", world.build())["updated"] == 1
    world.push()
    assert {c["deck"] for n in world.state()["notes"].values() for c in n["cards"].values()} == {"Renamed::main"}
    assert "nothing to do" in world.push().out


@both
def test_cards_in_a_filtered_deck_move_later(world: World) -> None:
    world.push()
    world.learn("filtered", "deck:Test::main")
    world.write("deck.yaml", YAML.replace("deck: Test", "deck: Renamed"))
    assert "3 cards are in a filtered deck" in world.push().out
    assert world.push().code == 0
    world.learn("empty_filtered")
    world.push()
    assert {c["deck"] for n in world.state()["notes"].values() for c in n["cards"].values()} == {"Renamed::main"}


# ---- cards


@both
def test_a_second_card_and_the_schedule_of_the_first(world: World) -> None:
    world.push()
    world.learn("study", 3)
    before = world.state()
    world.write("facts.yaml", RULES.replace("    fields", "    note: Reversed\n    fields"))
    assert "3 updated" in world.push().out
    after = world.state()
    old, new = schedules(before), schedules(after)
    assert {card: new[card] for card in old} == old
    assert len(new) == 6
    assert {card["deck"] for note in after["notes"].values() for card in note["cards"].values()} == {"Test::main"}
    assert "nothing to do" in world.push().out


@both
def test_a_deletion_more(world: World) -> None:
    rule = "rules:\n  - id: gap\n    on: list_item\n    note: Cloze\n    match: '{a}和{b}组成{whole}'\n    fields: {Text: '{a}和{b}组成{whole}'}\n"
    world.write("facts.yaml", rule + "    cloze: [a]\n")
    world.write("main.md", "# 化学\n\n- 氢和氧组成水\n- 碳和氧组成二氧化碳\n")
    world.write("deck.yaml", YAML.replace("Test", "理科::基础").replace("ours", "化学"))
    assert "2 new" in world.push().out
    world.learn("study", 2)
    before = world.state()
    assert "理科::基础::化学" in before["decks"]
    world.write("facts.yaml", rule + "    cloze: [a, b]\n")
    world.push()
    after = world.state()
    old, new = schedules(before), schedules(after)
    assert {card: new[card] for card in old} == old
    assert len(new) == 4
    assert {card["deck"] for note in after["notes"].values() for card in note["cards"].values()} == {"理科::基础::化学"}
    assert "nothing to do" in world.push().out


# ---- note types and media


@both
def test_styling_of_the_learner_stays(world: World) -> None:
    world.push()
    world.learn("style", "deckgen Basic", ".card { color: teal }")
    world.write("main.md", items("HDMI", "DP", "VGA", "SCART"))
    ended = world.push()
    assert "kept as you changed it in Anki: deckgen Basic: CSS" in ended.out
    state = world.state()
    assert state["types"]["deckgen Basic"] == ".card { color: teal }"
    assert "deckgen Basic+" not in state["types"]


@both
def test_css_of_the_project(world: World) -> None:
    own = "css: '.question { color: teal }'\n"
    world.push()
    world.write("deck.yaml", YAML + own)
    assert "templates or CSS of deckgen Basic" in world.push().out
    assert "color: teal" in world.state()["types"]["deckgen Basic"]
    assert "nothing to do" in world.push().out
    world.write("deck.yaml", YAML + own.replace("teal", "navy"))
    world.push()
    assert "color: navy" in world.state()["types"]["deckgen Basic"]
    world.write("deck.yaml", YAML)
    world.push()
    assert "color: navy" not in world.state()["types"]["deckgen Basic"]


@both
def test_css_of_the_project_comes_with_the_first_note(world: World) -> None:
    world.write("deck.yaml", YAML + "css: '.question { color: teal }'\n")
    world.push()
    assert "color: teal" in world.state()["types"]["deckgen Basic"]
    assert "nothing to do" in world.push().out


@pytest.mark.parametrize("world", WAYS[:3], indirect=True)
def test_fields_that_the_learner_renamed_or_added(world: World) -> None:
    world.push()
    world.learn("rename_field", "deckgen Basic", "Back", "Answer")
    world.learn("add_field", "deckgen Basic", "My notes")
    guid = world.guid("HDMI")
    world.learn("edit", guid, "My notes", "remember this")
    world.write("main.md", items("HDMI", "DP", "VGA", "SCART").replace("what HDMI is", "a cable"))
    assert world.push().code == 0
    state = world.state()
    assert [name for name in state["types"] if name.startswith("deckgen")] == ["deckgen Basic"]
    assert state["notes"][guid]["fields"]["My notes"] == "remember this"
    assert state["notes"][world.guid("SCART", state)]["fields"]["ID"] == world.guid("SCART", state)


@both
def test_own_note_types(world: World) -> None:
    """They have no field for a stamp, nor one for the ID: what was written is remembered in the collection."""
    own = "note_types:\n  Word:\n    fields: [Term, Meaning]\n    templates:\n"
    own += "      - {name: Card 1, front: '{{Term}}', back: '{{Meaning}}'}\n"
    rule = "rules:\n  - id: word\n    on: list_item\n    note: Word\n    match: '{term} ↔ {meaning}'\n"
    rule += "    fields: {Term: '{term}', Meaning: '{meaning}'}\n"
    world.write("words.yaml", rule)
    yaml = YAML.replace("facts", "words") + own
    world.write("deck.yaml", yaml)
    world.write("main.md", "- Hund ↔ dog\n- Katze ↔ cat\n- Maus ↔ mouse\n")
    assert "3 new" in world.push().out
    state = world.state()
    assert "nothing to do" in world.push().out
    hund, katze, maus = (world.guid(name, state) for name in ("Hund", "Katze", "Maus"))
    world.learn("edit", hund, "Meaning", "the dog")
    world.learn("edit", maus, "Meaning", "the mouse")
    world.write("main.md", "- Hund ↔ a dog\n- Katze ↔ a cat\n- Maus ↔ mouse\n")
    assert world.push().code == 1
    notes = world.state()["notes"]
    assert [notes[guid]["fields"]["Meaning"] for guid in (hund, katze, maus)] == ["the dog", "a cat", "the mouse"]
    world.write("deck.yaml", yaml.replace("{{Meaning}}", "<i>{{Meaning}}</i>"))
    assert "templates or CSS of Word" in world.push().out
    world.learn("template", "Word", "afmt", "mine {{Meaning}}")
    world.write("deck.yaml", yaml.replace("{{Meaning}}", "<b>{{Meaning}}</b>"))
    assert "back of Card 1" in world.push().out


@pytest.mark.parametrize("world", WAYS[:3], indirect=True)
def test_media_are_uploaded_where_they_are_missing(world: World) -> None:
    (world.notes / "port.png").write_bytes(b"PNG 1")
    world.write("main.md", items("HDMI") + "- DP ↔ so: ![](port.png)\n")
    world.push()
    (first,) = [name for name in world.state()["media"] if name.startswith("port-")]
    assert "nothing to do" in world.push().out
    (world.notes / "port.png").write_bytes(b"PNG 2")
    assert "1 pictures or sounds" in world.push().out
    state = world.state()
    (second,) = [name for name in state["media"] if name.startswith("port-") and name != first]
    assert second in state["notes"][world.guid("DP", state)]["fields"]["Back"]


def test_nothing_of_others_is_touched(world: World) -> None:
    world.push()
    world.learn("add", "my own card", "Test::main")
    world.learn("copy", world.guid("VGA"))
    state = world.state()
    mine = {g: n for g, n in state["notes"].items() if "own card" in n["fields"].get("Front", "")}
    copies = [g for g, n in state["notes"].items() if n["fields"].get("ID") and n["fields"]["ID"] != g]
    world.write("main.md", items("HDMI", "DP", "VGA").replace("what", "exactly what"))
    world.write("deck.yaml", YAML.replace("ours", "theirs").replace("deck: Test", "deck: Other"))
    assert world.push("--retired", "delete").code == 0
    after = world.state()["notes"]
    assert {guid: after[guid] for guid in mine} == mine
    assert [after[guid] for guid in copies] == [state["notes"][guid] for guid in copies]
