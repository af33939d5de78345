"""A note whose kind changes in the sources: what has one note type in Anki stays the note, a cloze is another one."""

from __future__ import annotations

from pathlib import Path

from command_line import deckgen, write_files

RULES = """rules:
  - {id: basic, identity: own/fact, on: list_item, match: '{term} = {what}', fields: {Front: '{term}', Back: '{what}'}}
  - {id: both, identity: own/fact, on: list_item, note: Reversed, match: '{term} <> {what}', fields: {Front: '{term}', Back: '{what}'}}
  - {id: typed, identity: own/fact, on: list_item, note: Typed, match: '{term} ~> {what}', fields: {Front: '{term}', Back: '{what}'}}
  - {id: gap, identity: own/fact, on: list_item, note: Cloze, marks: ['==answer=='], fields: {Text: '{text}'}}
"""
NOTES = "- Spit = a strip of sand\n- Arch = rock with a hole\n"


def guids(project: Path) -> set[str]:
    return {note["guid"] for note in deckgen("list", project, "--json").json}


def test_a_card_that_is_asked_both_ways_or_typed_stays_the_note(tmp_path: Path) -> None:
    files = {"deck.yaml": "deck: K\nid: k\nrules: [./r.yaml]\n", "r.yaml": RULES, "a.md": NOTES}
    project = write_files(tmp_path / "k", files)
    deckgen("build", project)
    before = guids(project)
    for left, right in (("<>", "~>"), ("~>", "<>"), ("=", "=")):
        write_files(project, {"a.md": NOTES.replace("Spit =", f"Spit {left}").replace("Arch =", f"Arch {right}")})
        assert "2 updated" in deckgen("build", project).out
        assert guids(project) == before


def test_a_question_that_becomes_a_cloze_is_another_note_and_told(tmp_path: Path) -> None:
    files = {"deck.yaml": "deck: K\nid: k\nrules: [./r.yaml]\n", "r.yaml": RULES, "a.md": NOTES}
    project = write_files(tmp_path / "k", files)
    deckgen("build", project)
    write_files(project, {"a.md": NOTES.replace("Spit = a strip of sand", "Spit is ==a strip of sand==")})
    ended = deckgen("build", project)
    assert "1 new" in ended.out
    assert "1 retired" in ended.out
    assert ended.kinds == ["retired-but-there"]
    write_files(project, {"a.md": NOTES})
    assert "1 restored" in deckgen("build", project).out
