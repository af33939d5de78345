"""Decks, cards, note types and media: where a push puts things, and what of the learner it leaves."""

from __future__ import annotations

import pytest
from push_world import RULES, WAYS, YAML, FileWorld, World, both, items, schedules, world_of_three_facts

__all__ = ["world_of_three_facts"]

pytestmark = pytest.mark.usefixtures("plain_environment")


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
    assert "1 picture or sound" in world.push().out
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
