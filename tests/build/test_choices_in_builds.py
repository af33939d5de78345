"""The learner's decisions in builds: what is skipped stays out, what is worded stays worded, whatever the source does."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files

from deckgen.build.choices_file import edit_choices
from deckgen.package.reading import read_anki_notes
from deckgen.project.choices import NoteChoice, RuleChoice, Wording, parse_choices
from deckgen.project.choices_text import with_note, with_rule

RULES = """
rules:
  - {id: term, on: definition, fields: {Front: '{term}', Back: '{definition}'}}
  - {id: gap, on: paragraph, note: Cloze, marks: ['==answer=='], fields: {Text: '{text}'}}
  - {id: fact, on: list_item, match: '{a} -> {b}', note: Fact, fields: {Name: '{a}', Meaning: '{b}'}}
"""
CONFIG = """
deck: Terms
id: terms
sources: ['*.md', 'notes/*.md']
rules: [./rules.yaml]
note_types:
  Fact:
    fields: [Name, Meaning, Hint]
    templates: [{name: Card, front: '{{Name}}', back: '{{FrontSide}}<hr>{{Meaning}} {{Hint}}'}]
"""
NOTE = """# Coast

Fetch
: the distance that the wind has blown over open water

Swash
: the water that runs up a beach after a wave has broken

The highest tide is the ==spring tide==, the lowest one the ==neap tide==.

- groyne -> a wall across a beach that keeps the sand where it is
"""


class World:
    """A project that is built by the command line."""

    def __init__(self, folder: Path, files: dict[str, str]) -> None:
        self.root = write_files(folder, {"deck.yaml": CONFIG, "rules.yaml": RULES, **files})

    def build(self) -> Ended:
        ended = deckgen("build", cwd=self.root)
        assert ended.code == 0, ended.err
        return ended

    def write(self, **files: str) -> None:
        write_files(self.root, {name.replace("_", ".", 1): text for name, text in files.items()})

    def listed(self, *options: str) -> dict[str, dict[str, Any]]:
        """The notes by the beginning of their first field."""
        notes = deckgen("list", "--json", *options, cwd=self.root).json
        return {next(iter(note["fields"].values()))[:12]: note for note in notes}

    def guid(self, start: str) -> str:
        return next(note["guid"] for first, note in self.listed().items() if first.startswith(start))

    def decide(self, edit: Callable[[str], str]) -> None:
        assert edit_choices(self.root, self.root / "deck.lock", edit) == []

    def packaged(self) -> dict[str, list[str]]:
        """The fields of the notes in the package by GUID."""
        notes, problems = read_anki_notes(self.root / f"{self.root.name}.apkg")
        assert notes is not None, problems
        return {note.guid: list(note.fields) for note in notes.notes}


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path / "Terms", {"a.md": NOTE, "notes/z.md": "Nothing to learn.\n"})
    world.build()
    return world


def test_a_skipped_note_is_in_no_package(world: World) -> None:
    guid = world.guid("Fetch")
    world.decide(lambda text: with_note(text, NoteChoice(guid, is_skipped=True)))
    ended = world.build()
    assert guid not in world.packaged()
    assert "1 not in the package: you decided so" in ended.out
    assert "Fetch" not in world.listed()
    assert list(world.listed("--skipped")) == ["Fetch"]
    assert f'"guid":"{guid}"' in (world.root / "deck.lock").read_text()
    world.decide(lambda text: with_note(text, NoteChoice(guid)))
    world.build()
    assert guid in world.packaged()


EDITS = {
    "the answer reworded": lambda root: edit(root, "a.md", "has blown over", "blew across"),
    "the file renamed": lambda root: (root / "a.md").rename(root / "b.md"),
    "moved into a folder": lambda root: write_files(root, {"notes/c.md": take(root)}),
    "the heading renamed": lambda root: edit(root, "a.md", "# Coast", "# Coasts and beaches"),
    "the cache deleted": lambda root: shutil.rmtree(root / ".deckgen", ignore_errors=True),
    "the rule renamed with identity": lambda root: edit(
        root, "rules.yaml", "id: term,", "id: definition, identity: rules/term,"
    ),
    "the question reworded": lambda root: edit(root, "a.md", "Fetch\n", "The fetch\n"),
}


def edit(root: Path, name: str, old: str, new: str) -> None:
    path = root / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def take(root: Path) -> str:
    """The first two entries, taken out of their file."""
    text = (root / "a.md").read_text()
    start, end = text.index("Fetch"), text.index("The highest")
    (root / "a.md").write_text(text[:start] + text[end:])
    return text[start:end]


@pytest.mark.parametrize("name", EDITS)
def test_decisions_hold_while_the_fact_does(world: World, name: str) -> None:
    skipped, worded = world.guid("Fetch"), world.guid("Swash")
    words = (("Back", Wording("the uprush")),)
    world.decide(lambda text: with_note(text, NoteChoice(skipped, is_skipped=True)))
    world.decide(lambda text: with_note(text, NoteChoice(worded, fields=words)))
    world.build()
    EDITS[name](world.root)
    world.build()
    packaged = world.packaged()
    assert skipped not in packaged
    assert not any("distance" in "".join(fields) for fields in packaged.values())
    assert packaged[worded][1] == "the uprush"


def test_a_lost_lock_loses_no_decision(world: World) -> None:
    edit(world.root, "a.md", "Fetch\n", "The fetch\n")
    world.build()
    note = world.listed()["The fetch"]
    from deckgen.identity.normal_form import digest, normalise
    from deckgen.project.choices import choice_digest

    of = choice_digest(normalise("The fetch"), digest(normalise(note["source"]["text"])))
    world.decide(lambda text: with_note(text, NoteChoice(note["guid"], is_skipped=True, of=of)))
    world.build()
    assert note["guid"] not in world.packaged()
    (world.root / "deck.lock").unlink()
    (world.root / "Terms.apkg").unlink()
    shutil.rmtree(world.root / ".deckgen")
    world.build()
    assert not any("distance" in "".join(fields) for fields in world.packaged().values())
    assert len(world.packaged()) == 3


def test_words_keep_guid_key_and_say_when_the_source_changed(world: World) -> None:
    guid = world.guid("Swash")
    before = (world.root / "deck.lock").read_text()
    world.decide(lambda text: with_note(text, NoteChoice(guid, fields=(("Back", Wording("**uprush**")),), of="x" * 16)))
    ended = world.build()
    assert ended.kinds == ["worded-source-changed"]
    assert "a.md:6:1" in ended.err
    assert world.packaged()[guid][1] == "<strong>uprush</strong>"
    (old,) = (line for line in before.splitlines() if guid in line)
    (new,) = (line for line in (world.root / "deck.lock").read_text().splitlines() if guid in line)
    assert [part for part in old.split(",") if part.startswith('"key"')] == [
        part for part in new.split(",") if part.startswith('"key"')
    ]
    assert deckgen("build", cwd=world.root).kinds == ["worded-source-changed"]  # also where nothing changed since


def test_words_in_a_cloze_and_in_an_own_note_type(world: World) -> None:
    cloze, own = world.guid("The highest"), world.guid("groyne")
    text = "{{c2::Neap tides::which?}} are the lowest."
    world.decide(lambda t: with_note(t, NoteChoice(cloze, fields=(("Text", Wording(text)),))))
    words = (("Meaning", Wording("<u>a wall</u>", is_html=True)), ("Hint", Wording("*sand*")))
    world.decide(lambda t: with_note(t, NoteChoice(own, fields=words)))
    world.build()
    packaged = world.packaged()
    assert packaged[cloze][0] == "{{c2::Neap tides::which?}} are the lowest."
    assert packaged[own] == ["groyne", "<u>a wall</u>", "<em>sand</em>"]
    world.decide(lambda t: with_note(t, NoteChoice(cloze)))
    world.build()
    assert world.packaged()[cloze][0].count("{{c1::spring tide}}") == 1  # its numbers are as before
    assert "{{c2::neap tide}}" in world.packaged()[cloze][0]


def test_a_deletion_that_only_the_words_have_is_the_same_at_every_build(world: World) -> None:
    cloze = world.guid("The highest")
    words = NoteChoice(
        cloze, fields=(("Text", Wording("{{c1::Spring tides}} come at new moon and at {{c7::full moon}}.")),)
    )
    world.decide(lambda text: with_note(text, words))
    world.build()
    before = (world.root / "deck.lock").read_text("utf-8")
    assert "full moon" in before
    shutil.rmtree(world.root / ".deckgen")
    world.build()
    assert (world.root / "deck.lock").read_text("utf-8") == before


def test_words_as_html_do_no_harm(world: World) -> None:
    guid = world.guid("Swash")
    html = '<b onclick="x()">up</b><script>alert(1)</script>'
    world.decide(lambda t: with_note(t, NoteChoice(guid, fields=(("Back", Wording(html, is_html=True)),))))
    assert world.build().kinds == ["sanitised-html"]
    assert world.packaged()[guid][1] == "<b>up</b>"


@pytest.mark.parametrize(
    ("start", "fields"),
    [
        ("Swash", {"Bck": "x"}),
        ("Swash", {"Front": " "}),
        ("The highest", {"Text": "no deletion"}),
    ],
)
def test_words_that_cannot_be_used_leave_the_note_as_it_is(world: World, start: str, fields: dict[str, str]) -> None:
    guid = world.guid(start)
    before = world.packaged()
    words = tuple((name, Wording(text)) for name, text in fields.items())
    world.decide(lambda t: with_note(t, NoteChoice(guid, fields=words)))
    assert world.build().kinds == ["bad-wording"]
    assert world.packaged() == before


def test_never_this_rule_here(world: World) -> None:
    world.write(b_md=NOTE.replace("Fetch", "Berm").replace("Swash", "Backwash"))
    world.decide(lambda t: with_rule(t, RuleChoice("rules/term", "a.md")))
    world.build()
    firsts = {fields[0] for fields in world.packaged().values()}
    assert {"Berm", "Backwash"} <= firsts
    assert not {"Fetch", "Swash"} & firsts
    assert sorted(world.listed("--skipped")) == ["Fetch", "Swash"]


def test_a_decision_about_a_note_that_is_gone_is_kept_and_counted(world: World) -> None:
    guid = world.guid("Fetch")
    world.decide(lambda t: with_note(t, NoteChoice(guid, is_skipped=True)))
    edit(world.root, "a.md", "Fetch\n: the distance that the wind has blown over open water\n", "")
    ended = world.build()
    assert "1 decision is about notes that are not there now" in ended.out
    assert guid in parse_choices((world.root / "deck.choices.yaml").read_text(), "")[0].notes
    world.write(a_md=NOTE)
    world.build()
    assert guid not in world.packaged()


def test_a_build_is_unchanged_until_a_decision_is_made(world: World) -> None:
    guid = world.guid("Fetch")
    world.decide(lambda t: with_note(t, NoteChoice(guid, is_skipped=True)))
    world.build()
    lock, package = (world.root / "deck.lock").read_bytes(), (world.root / "Terms.apkg").read_bytes()
    assert "unchanged" in world.build().out
    assert (world.root / "deck.lock").read_bytes() == lock
    assert (world.root / "Terms.apkg").read_bytes() == package
    kept = deckgen("diff", cwd=world.root)
    (world.root / ".deckgen").rename(world.root.parent / "forgotten")
    assert deckgen("diff", cwd=world.root).out == kept.out, "what is skipped is not counted"
    (world.root / "deck.choices.yaml").unlink()
    world.build()
    assert guid in world.packaged()


def test_a_skip_before_the_first_build(tmp_path: Path) -> None:
    world = World(tmp_path / "Terms", {"a.md": NOTE})
    guid = world.guid("Fetch")
    world.decide(lambda t: with_note(t, NoteChoice(guid, is_skipped=True)))
    world.build()
    assert guid not in world.packaged()
    edit(world.root, "a.md", "Fetch\n", "The fetch\n")
    world.build()
    assert guid not in world.packaged()
    assert len(world.packaged()) == 3


def test_lint_says_nothing_of_what_is_skipped(tmp_path: Path) -> None:
    note = f"Fetch\n: of the wind {'and more ' * 90}\n\nSwash\n: of a wave {'and less ' * 90}\n"
    world = World(tmp_path / "Terms", {"a.md": note})
    world.build()
    before = deckgen("lint", "--json", cwd=world.root).json
    assert {found["line"] for found in before} == {1, 4}
    guid = world.guid("Fetch")
    world.decide(lambda text: with_note(text, NoteChoice(guid, is_skipped=True)))
    for _ in range(2):
        assert {found["line"] for found in deckgen("lint", "--json", cwd=world.root).json} == {4}
        world.build()
    edit(world.root, "a.md", "of the wind", "of each wind")
    assert {found["line"] for found in deckgen("lint", "--json", cwd=world.root).json} == {4}
