"""What one file's notes owe to others: labels that turn out to be roles, fronts that are taken; warm and cold."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen
from kept_builds import age, same_without

from deckgen.build.choices_file import edit_choices
from deckgen.extraction.rivals import Sign, decide
from deckgen.project.choices import NoteChoice
from deckgen.project.choices_text import with_note

A = "# Otitis media\n\nWritten by hand.\n\n- Outlook: heals within two weeks\n- Basalt: a dark rock\n"
B = "# Sinusitis\n\n- Mucus: thick and yellow\n"
ROLE = "# Sinusitis\n\n- Outlook: heals within a month\n"
RIVAL = "# Lava\n\n- Basalt: rock that cooled at the surface\n"


def listed(project: Path) -> dict[str, str]:
    """The GUID of each front of a.md."""
    notes = deckgen("list", ".", "--format", "json", cwd=project).json
    return {note["fields"]["Front"]: note["guid"] for note in notes if note["source"]["path"] == "a.md"}


def make(project: Path, **files: str) -> None:
    project.mkdir(exist_ok=True)
    for name, text in files.items():
        (project / f"{name}.md").write_text(text, "utf-8")
    age(project)


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    return tmp_path / "notes"


def there_and_back(project: Path, change: Callable[[], object], back: Callable[[], object], **fronts: str) -> None:
    """A change gives the notes of a.md, which are as asked before, other fronts, and the next one takes them back."""
    same_without(project)
    before = listed(project)
    change()
    same_without(project)
    assert listed(project) == {fronts.get(front, front): guid for front, guid in before.items()}
    assert listed(project) != before
    back()
    same_without(project)
    assert listed(project) == before


def test_a_label_that_turns_role_keeps_its_note_and_becomes_a_term_again(project: Path) -> None:
    make(project, a=A, b=B)
    there_and_back(project, lambda: make(project, b=ROLE), lambda: make(project, b=B), Outlook="Otitis media: Outlook")
    assert set(listed(project)) == {"Outlook", "Basalt"}


def test_a_label_that_turns_role_keeps_its_note_also_where_its_line_was_edited_in_the_same_build(project: Path) -> None:
    make(project, a=A, b=B)
    deckgen("build", ".", cwd=project)
    before = listed(project)
    make(project, a=A.replace("two weeks", "three weeks"), b=ROLE)
    deckgen("build", ".", cwd=project)
    assert listed(project)["Otitis media: Outlook"] == before["Outlook"]


def test_an_edit_of_one_file_changes_the_front_of_a_note_of_another(project: Path) -> None:
    make(project, a=A, b=B)
    there_and_back(
        project,
        lambda: make(project, b=RIVAL),
        lambda: make(project, b=RIVAL.replace("- Basalt", "- Pumice")),
        Basalt="Otitis media: Basalt",
    )


def test_what_nothing_tells_apart_is_not_made_and_counted_with_its_place(project: Path) -> None:
    make(project, a="# Rocks\n\n- Basalt: a dark rock\n- Basalt: a column of six sides\n")
    summary = deckgen("build", ".", cwd=project)
    assert "1 not made, since another note asks the same: a.md:4" in summary.out
    assert deckgen("build", ".", cwd=project).out.count("not made") == 1  # also where nothing changed
    assert "front-taken" in deckgen("lint", ".", cwd=project).out
    assert deckgen("lint", ".", cwd=project).code == 0


def sign(*asked: int, said: int, label: int = 0, owner: int = 0, is_apart: bool = True) -> Sign:
    return Sign(asked, said, label, owner, is_apart)


def test_decide() -> None:
    one, other = sign(1, 1, 10, 11, said=7), sign(1, 1, 10, 12, said=8)
    assert decide([("a", [one]), ("b", [other])]) == {"a": {0: (False, 3, None)}, "b": {0: (False, 3, None)}}
    same = sign(1, 1, 10, said=7)
    assert decide([("a", [same]), ("b", [same])]) == {}
    rival = sign(1, 1, 10, said=8)
    assert decide([("a", [same]), ("b", [rival])]) == {"b": {0: (False, 0, ("a", 0))}}
    assert decide([("a", [same, sign(1, said=9, is_apart=False)])]) == {"a": {0: (False, 2, None)}}


def test_a_role_is_decided_by_owners_and_asked_with_them() -> None:
    one, other = sign(1, 5, said=7, label=3, owner=4), sign(1, 6, said=8, label=3, owner=9)
    assert decide([("a", [one]), ("b", [other])]) == {"a": {0: (True, 0, None)}, "b": {0: (True, 0, None)}}
    assert decide([("a", [one]), ("b", [one])]) == {}


ROCKS = {"Basalt": "a dark rock that cools at the surface", "Granite": "a light rock that cools deep below"}
FORMS = {
    "other bullets": "# Rocks\n\n" + "".join(f"* {label}: {body}\n" for label, body in ROCKS.items()),
    "bold": "# Rocks\n\n" + "".join(f"- **{label}**: {body}\n" for label, body in ROCKS.items()),
    "numbers and another mark": "# Rocks\n\n" + "".join(f"1. {label} - {body}\n" for label, body in ROCKS.items()),
    "lines": "# Rocks\n\n" + "".join(f"{label} = {body}\n" for label, body in ROCKS.items()),
    "another order": "# Rocks\n\n" + "".join(f"- {label}: {ROCKS[label]}\n" for label in reversed(ROCKS)),
    "below another heading": "# Stones\n\n" + "".join(f"- {label}: {body}\n" for label, body in ROCKS.items()),
    "below an item": "# Rocks\n\n- Kinds of rock\n"
    + "".join(f"  - {label}: {body}\n" for label, body in ROCKS.items()),
    "a table": "# Rocks\n\n|  |  |\n| --- | --- |\n"
    + "".join(f"| {label} | {body} |\n" for label, body in ROCKS.items()),
    "callouts": "# Rocks\n\n" + "".join(f"> [!note] {label}\n> {body}\n\n" for label, body in ROCKS.items()),
    "details": "".join(f"<details><summary>{label}</summary>{body}</details>\n" for label, body in ROCKS.items()),
    "children": "# Rocks\n\n" + "".join(f"- {label}: {body}\n  - hard\n" for label, body in ROCKS.items()),
    "an outline": "# Rocks\n\n"
    + "".join(f"({n}) {label}: {body}\n" for n, (label, body) in enumerate(ROCKS.items(), 1)),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["a", "b"])
def test_entries_that_are_written_in_another_form_or_moved_keep_their_guids(
    project: Path, form: str, name: str
) -> None:
    make(project, a="# Rocks\n\n" + "".join(f"- {label}: {body}\n" for label, body in ROCKS.items()))
    deckgen("build", ".", cwd=project)
    before = {front: guid for front, guid in listed(project).items() if front in ROCKS}
    assert len(before) == len(ROCKS)
    (project / "a.md").unlink()
    make(project, **{name: FORMS[form]})
    deckgen("build", ".", cwd=project)
    notes = deckgen("list", ".", "--format", "json", cwd=project).json
    fronts = {note["fields"]["Front"].removesuffix(" = ?"): note["guid"] for note in notes}
    after = {front.removeprefix("<strong>").removesuffix("</strong>"): guid for front, guid in fronts.items()}
    assert {label: after.get(label) for label in ROCKS} == before


def decide_on(project: Path, guid: str, *, is_skipped: bool) -> None:
    choice = NoteChoice(guid, is_skipped=is_skipped)
    edit_choices(project, project / "deck.lock", lambda text: with_note(text, choice))
    age(project)


TWICE = "# Rocks\n\n- Basalt: a dark rock\n- Basalt: a column of six sides\n- Chert: breaks like glass\n"


def test_a_skipped_note_keeps_no_other_from_being_made(project: Path) -> None:
    make(project, a=TWICE)
    same_without(project)
    before = listed(project)
    assert set(before) == {"Basalt", "Chert"}
    decide_on(project, before["Basalt"], is_skipped=True)
    same_without(project)
    after = listed(project)
    assert set(after) == {"Basalt", "Chert"}
    assert after["Basalt"] != before["Basalt"]
    told = deckgen("build", ".", cwd=project).out
    assert ("1 not in the package: you decided so" in told, "not made" in told) == (True, False), told
    assert "2 notes" in deckgen("lint", ".", cwd=project).out
    decide_on(project, before["Basalt"], is_skipped=False)
    same_without(project)
    assert listed(project) == before


def test_a_skipped_note_makes_no_other_say_more(project: Path) -> None:
    make(project, a=A, b=RIVAL)
    same_without(project)
    notes = deckgen("list", ".", "--json", cwd=project).json
    (rival,) = [one["guid"] for one in notes if one["source"]["path"] == "b.md"]
    there_and_back(
        project,
        lambda: decide_on(project, rival, is_skipped=True),
        lambda: decide_on(project, rival, is_skipped=False),
        **{"Otitis media: Basalt": "Basalt"},
    )


def test_a_skipped_side_of_an_owner_makes_no_label_a_side(project: Path) -> None:
    make(project, a=A, b=ROLE)
    same_without(project)
    notes = deckgen("list", ".", "--json", cwd=project).json
    (side,) = [one["guid"] for one in notes if one["source"]["path"] == "b.md"]
    before = listed(project)
    assert "Otitis media: Outlook" in before
    decide_on(project, side, is_skipped=True)
    same_without(project)
    assert listed(project) == {"Outlook": before["Otitis media: Outlook"], "Basalt": before["Basalt"]}
    assert "1 not in the package" in deckgen("build", ".", cwd=project).out


def test_a_skipped_note_that_becomes_another_fact_counts_again(project: Path) -> None:
    make(project, a=TWICE)
    same_without(project)
    first = listed(project)["Basalt"]
    decide_on(project, first, is_skipped=True)
    same_without(project)
    make(project, a=TWICE.replace("a dark rock", "a name of a town in Ohio"))
    same_without(project)
    same_without(project)
    assert "1 not made" in deckgen("build", ".", cwd=project).out


def test_a_skipped_note_that_is_edited_is_still_not_there_for_others(project: Path) -> None:
    make(project, a=TWICE)
    same_without(project)
    first = listed(project)["Basalt"]
    decide_on(project, first, is_skipped=True)
    same_without(project)
    before = listed(project)
    make(project, a=TWICE.replace("a dark rock", "a dark fine rock"))
    same_without(project)
    assert listed(project) == before
    assert "1 not in the package" in deckgen("build", ".", cwd=project).out
    make(project, b="# Sands\n\n- Chert: a word for a coarse sand\n")
    same_without(project)
    assert listed(project)["Basalt"] == before["Basalt"]


def test_a_rule_that_is_off_in_a_source_tells_nothing_apart_from_it(project: Path) -> None:
    make(project, a=A, b=RIVAL)
    choices = project / "deck.choices.yaml"
    there_and_back(
        project,
        lambda: (choices.write_text("- {rule: structure, path: b.md}\n", "utf-8"), age(project)),
        lambda: (choices.unlink(), age(project)),
        **{"Otitis media: Basalt": "Basalt"},
    )
