"""What the author marks in the notes themselves: no card of this, another deck for that file."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

RULES = """
rules:
  - {id: section, on: heading, match: '{q}?$', fields: {Front: '{heading}', Back: '{heading}'}}
  - {id: is, on: sentence, match: '{a:word} is {b}', fields: {Front: 'What is {a}?', Back: '{b}'}}
  - {id: row, on: table_row, fields: {Front: '{1}', Back: '{2}'}}
"""


def fronts(tmp_path: Path, note: str, *, code: int = 0) -> list[str]:
    write_files(tmp_path, {"a.md": note, "deck.yaml": "deck: N\nid: n\nrules: [./rules.yaml]\n", "rules.yaml": RULES})
    ended = deckgen("list", "--json", cwd=tmp_path)
    assert ended.code == code, ended.err
    return [note["fields"]["Front"] for note in ended.json]


MARK = "<!-- deckgen: skip -->"
SECTION = "<!-- deckgen: skip-section -->"


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (f"Fetch is a distance. {MARK}\n\nSwash is water.\n", ["What is Swash?"]),
        (f"Fetch is a distance.\nSwash is water. {MARK}\n\nSpit is a ridge.\n", ["What is Spit?"]),  # one paragraph
        (f"{MARK}\nFetch is a distance.\n\nSwash is water.\n", ["What is Swash?"]),
        (f"{MARK}\n\nFetch is a distance.\n\nSwash is water.\n", ["What is Swash?"]),
        (f"Swash is water.\n\n{MARK}\nFetch is a distance.\n", ["What is Swash?"]),
        (f"Fetch is a distance.\n{MARK}\n\nSwash is water.\n", ["What is Swash?"]),  # right below it
        (f"Fetch is a distance.\n\n{MARK}\n", []),  # nothing stands below it
        (f"- Fetch is a distance. {MARK}\n- Swash is water.\n", ["What is Swash?"]),
        (f"- Fetch is a distance. {MARK}\n  - Swash is water.\n", ["What is Swash?"]),
        (f"- Fetch is a distance.\n  {MARK}\n- Swash is water.\n", ["What is Swash?"]),
        (f"{MARK}\n- Fetch is a distance.\n- Swash is water.\n\nSpit is a ridge.\n", ["What is Spit?"]),
        (f"> Fetch is a distance. {MARK}\n\nSwash is water.\n", ["What is Swash?"]),
        (f"| A | B |\n|---|---|\n| one | two {MARK} |\n| three | four |\n", ["three"]),
        (f"{MARK}\n| A | B |\n|---|---|\n| one | two |\n\nSwash is water.\n", ["What is Swash?"]),
        (f"# Why Fetch? {MARK}\n\nSwash is water.\n", ["What is Swash?"]),
        (f"{MARK}\n# Why Fetch?\n\nSwash is water.\n", ["What is Swash?"]),
        (f"# One?\n\n{SECTION}\n\nFetch is a distance.\n\n## Two?\n\nSwash is water.\n\n# Three?\n", ["Three?"]),
        (f"# One?\n\nFetch is a distance.\n\n## Two?\n{SECTION}\n\nSwash is water.\n", ["One?", "What is Fetch?"]),
        (f"Fetch is a distance.\n\n{SECTION}\n", []),
        ("---\nanki: false\n---\nFetch is a distance.\n", []),
        ("---\nanki: true\n---\nFetch is a distance.\n", ["What is Fetch?"]),
        (f"Fetch is a distance.\n\n```html\n{MARK}\n```\n\nSwash is water.\n", ["What is Fetch?", "What is Swash?"]),
        (f"Fetch is a distance. `{MARK}` is a mark.\n", ["What is Fetch?"]),
        ("Fetch is a distance. <!-- skip -->\n", ["What is Fetch?"]),
        (f"Fetch is a distance. {MARK.upper()}\n", []),
    ],
)
def test_no_card_of_what_is_marked(tmp_path: Path, note: str, expected: list[str]) -> None:
    assert fronts(tmp_path, note) == expected


def test_a_mark_changes_no_other_note(tmp_path: Path) -> None:
    def guids(note: str) -> dict[str, str]:
        write_files(tmp_path, {"a.md": note})
        return {note["fields"]["Front"]: note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json}

    fronts(tmp_path, "")
    before = guids("Fetch is a distance.\n\n- Swash is water.\n- Spit is a ridge.\n")
    after = guids(f"Fetch is a distance. {MARK}\n\n- Swash is water.\n- Spit is a ridge.\n")
    assert after == {front: guid for front, guid in before.items() if "Fetch" not in front}


def test_a_marked_note_is_retired_without_a_warning_and_comes_back(tmp_path: Path) -> None:
    note = "Fetch is a distance.\n\nSwash is water.\n"
    fronts(tmp_path, note)
    guids = {note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json}
    deckgen("build", cwd=tmp_path)
    write_files(tmp_path, {"a.md": note.replace("distance.", f"distance. {MARK}")})
    ended = deckgen("build", "--json", cwd=tmp_path)
    assert (ended.json["changes"]["retired"], ended.json["changes"]["unchanged"], ended.kinds) == (1, 1, [])
    write_files(tmp_path, {"a.md": note})
    assert deckgen("build", "--json", cwd=tmp_path).json["changes"]["restored"] == 1
    assert {note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json} == guids


def test_a_mark_that_says_nothing_is_told(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "Fetch is a distance. <!-- deckgen: skp -->\n"})
    ended = deckgen("list", cwd=tmp_path)
    assert ended.kinds == ["unknown-mark"]
    assert "a.md:1:1" in ended.err
    assert "did you mean `skip`?" in ended.err


def test_explain_says_why(tmp_path: Path) -> None:
    fronts(tmp_path, f"Fetch is a distance. {MARK}\n")
    assert f"`{MARK}` stands on line 1" in deckgen("explain", "a.md:1", cwd=tmp_path).out


@pytest.mark.parametrize(
    ("written", "deck"),
    [("Verbs", "N::Verbs"), ("N::Verbs", "N::Verbs"), ("A::B", "N::A::B"), ("N", "N"), ("NN", "N::NN"), ("''", "N")],
)
def test_the_front_matter_names_a_deck(tmp_path: Path, written: str, deck: str) -> None:
    fronts(tmp_path, f"---\ndeck: {written}\n---\nFetch is a distance.\n")
    assert [note["deck"] for note in deckgen("list", "--json", cwd=tmp_path).json] == [deck]
