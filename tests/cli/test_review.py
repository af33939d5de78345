"""`deckgen review`: on a real pseudo-terminal, and key by key."""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.cli.review_screen import format_fields, parse_fields
from deckgen.project.choices import Choices, Wording, parse_choices
from deckgen.reports.columns import columns

pexpect = pytest.importorskip("pexpect", exc_type=ImportError) if os.name == "posix" else None
pytestmark = [pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")]

RULES = """
rules:
  - {id: term, on: definition, fields: {Front: '{term}', Back: '{definition}'}}
  - {id: pair, on: list_item, confidence: maybe, match: '{a} -> {b}', fields: {Front: '{a}', Back: '{b}'}}
"""
WORDS = {
    "Fetch": "the distance that the wind has blown over open water",
    "Swash": "the water that runs up a beach after a wave has broken",
    "Berm": "a terrace of sand above the reach of an ordinary tide",
    "Spit": "a ridge of sand that grows out from the shore into the sea",
    "潮汐": "海水在月球和太阳引力作用下的周期性涨落，一天两次，高低不同，各地也不一样，要看潮汐表",
}
NOTE = "# Coast\n\n" + "\n".join(f"{term}\n: {text}\n" for term, text in WORDS.items()) + "\n- groyne -> a wall\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = "deck: Coast\nid: coast\nrules: [./rules.yaml]\n"
    return write_files(tmp_path / "coast", {"deck.yaml": config, "rules.yaml": RULES, "a.md": NOTE})


class Sitting:
    """A run of `deckgen review` in a terminal."""

    def __init__(self, project: Path, *options: str, width: int = 80, **environment: str) -> None:
        here = str(Path(__file__).resolve().parents[2])
        around = {**os.environ, "TERM": "xterm-256color", "PYTHONPATH": here, **environment}
        self.child = pexpect.spawn(
            sys.executable,
            ["-m", "deckgen", "review", *options],
            cwd=str(project),
            env=around,
            dimensions=(40, width),
            encoding="utf-8",
            timeout=60,
        )

    def sees(self, text: str) -> None:
        """Wait until something is on the screen."""
        self.child.expect(text)

    def ends(self) -> str:
        """What is printed in the end."""
        self.child.expect(pexpect.EOF)
        self.child.close()
        assert self.child.exitstatus == 0, self.child.before
        return str(self.child.before)


def choices(project: Path) -> Choices:
    found, problems = parse_choices((project / "deck.choices.yaml").read_text("utf-8"), "")
    assert problems == []
    return found


def guids(project: Path, *options: str) -> dict[str, str]:
    notes = deckgen("list", "--json", *options, cwd=project).json
    return {note["fields"]["Front"]: note["guid"] for note in notes}


def editor(folder: Path, old: str, new: str) -> str:
    path = folder / "editor.py"
    path.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\np = Path(sys.argv[1])\n"
        f"p.write_text(p.read_text('utf-8').replace({old!r}, {new!r}), 'utf-8')\n"
    )
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return shlex.quote(str(path))


def test_a_sitting(project: Path, tmp_path: Path) -> None:
    ids = guids(project)
    suggested = guids(project, "--suggested")
    sitting = Sitting(project, EDITOR=editor(tmp_path, "the water that runs up a beach", "uprush"))
    sitting.sees("1 of 6 · new")
    sitting.child.send("s")  # Fetch
    sitting.sees("2 of 6")
    assert list(choices(project).notes) == [ids["Fetch"]]  # written at once
    sitting.child.send("e")  # Swash
    sitting.sees("3 of 6")
    sitting.child.send("s")  # Berm
    sitting.sees("4 of 6")
    sitting.child.send("u")
    sitting.sees("taken back")
    sitting.child.send("k")
    sitting.sees("4 of 6")
    sitting.child.send(" ")  # Spit, later
    sitting.sees("潮汐")
    sitting.child.send(" ")
    sitting.sees("suggestion")
    sitting.child.send("k")
    sitting.sees("nothing is left to decide")
    sitting.child.send("q")
    assert "4 decisions in deck.choices.yaml" in sitting.ends()
    found = choices(project).notes
    assert {guid for guid, one in found.items() if one.is_skipped} == {ids["Fetch"]}
    assert {guid for guid, one in found.items() if one.is_kept} == {ids["Swash"], ids["Berm"], suggested["groyne"]}
    assert found[ids["Swash"]].fields == (("Back", Wording("uprush after a wave has broken")),)
    assert set(guids(project)) == {"Swash", "Berm", "Spit", "潮汐", "groyne"}
    again = Sitting(project)
    again.sees("1 of 2")
    again.child.send("q")
    assert "0 decisions" in again.ends()


def test_never_this_rule_here(project: Path) -> None:
    sitting = Sitting(project)
    sitting.sees("1 of 6")
    sitting.child.send("n")
    sitting.sees("6 of 6")  # the others of the rule are passed over
    sitting.child.send("q")
    sitting.ends()
    assert [(one.rule, one.path) for one in choices(project).rules] == [("rules/term", "a.md")]
    assert guids(project) == {}


def test_only_suggestions(project: Path) -> None:
    sitting = Sitting(project, "--suggested")
    sitting.sees("1 of 1 · new · suggestion")
    sitting.child.send("q")
    sitting.ends()


def test_without_colours(project: Path) -> None:
    sitting = Sitting(project, NO_COLOR="1")
    sitting.sees("1 of 6")
    sitting.sees("quit")
    shown = sitting.child.before
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-8]|9\d)", shown)
    sitting.child.send("q")
    sitting.ends()


def test_an_editor_that_fails_changes_nothing(project: Path) -> None:
    sitting = Sitting(project, EDITOR="false")
    sitting.sees("1 of 6")
    sitting.child.send("e")
    sitting.sees("nothing is changed")
    sitting.child.send("q")
    sitting.ends()
    assert not (project / "deck.choices.yaml").exists()


@pytest.mark.parametrize("variables", [{}, {"TERM": "dumb"}])
def test_without_a_terminal_there_is_a_clear_error(project: Path, variables: dict[str, str]) -> None:
    ended = deckgen("review", cwd=project)
    assert (ended.code, ended.kinds) == (2, ["no-terminal"])


def test_near_misses_are_asked_about(project: Path) -> None:
    deckgen("build", cwd=project)
    ids = guids(project)
    text = NOTE.replace(
        "Berm\n: a terrace of sand above the reach of an ordinary tide",
        "Beach berm\n: a terrace of sand beyond the reach of the waves",
    )
    write_files(project, {"a.md": text})
    assert "may be one note reworded" in deckgen("build", "--dry-run", cwd=project).out
    sitting = Sitting(project)
    sitting.sees("the old note")
    sitting.child.send("s")
    sitting.sees("2 of")
    sitting.child.send("q")
    sitting.ends()
    deckgen("build", cwd=project)
    assert guids(project)["Beach berm"] == ids["Berm"]
    for _ in range(2):
        ended = deckgen("build", "--json", cwd=project).json
        assert (ended["changes"]["unchanged"], ended["near_misses"]) == (5, [])


@pytest.mark.parametrize("width", [80, 50])
def test_nothing_is_wider_than_the_terminal(project: Path, width: int) -> None:
    from deckgen.build.pipeline import open_and_run
    from deckgen.project.locate import Request
    from deckgen.reports.review.deciding import Deciding
    from deckgen.reports.review.queue import queue_of
    from deckgen.reports.review.session import Session

    build, _ = open_and_run(Request((project,)), 0)
    assert build is not None
    items = queue_of(build)
    session = Session(items, Deciding(project, project / "deck.lock", Choices()), lambda _: NOTE.split("\n"))
    for session.place in range(len(items) + 1):
        for line in session.lines(width - 1):
            assert columns("".join(text for _, text in line)) < width


def test_fields_go_through_the_editor() -> None:
    fields = {"Front": "# a\n\nb", "Back": "", "Extra": "<!-- x -->"}
    assert parse_fields(format_fields(fields), fields) == fields
    assert isinstance(parse_fields("gone", fields), str)
    assert isinstance(parse_fields("<!-- Other -->\nx\n", fields), str)


def test_the_whole_loop_into_anki(project: Path, tmp_path: Path) -> None:
    """Build, import and learn; skip three, reword one, take a suggestion; edit the sources of all; build, import."""
    engine = pytest.importorskip("engine")
    (tmp_path / "anki").mkdir()
    anki = engine.Anki(tmp_path / "anki")
    package = project / "coast.apkg"
    deckgen("build", cwd=project)
    assert anki.import_package(package) == {"new": 5}
    ids = guids(project) | guids(project, "--suggested")
    for guid in list(guids(project).values()):
        for card in anki.cards(guid):
            card.type = card.queue = 2
            card.ivl = card.due = 40
            anki.collection.update_card(card)
    skipped = ("Fetch", "Berm", "潮汐")
    sitting = Sitting(project, EDITOR=editor(tmp_path, "the water that runs up a beach", "uprush"))
    for number, key in enumerate("sesksk", 1):  # Fetch, Swash, Berm, Spit, 潮汐, groyne
        sitting.sees(f"{number} of 6")
        sitting.child.send(key)
    sitting.sees("nothing is left to decide")
    sitting.child.send("q")
    sitting.ends()
    anki.collection.remove_notes([anki.note(ids[term]).id for term in skipped])
    text = NOTE
    for old, new in (
        ("has blown over", "blew across"),
        ("the water that runs", "water which runs"),
        ("a terrace of sand", "a flat terrace of sand"),
        ("a ridge of sand", "a long ridge of sand"),
        ("海水在月球和太阳", "海水在太阳和月球"),
        ("groyne -> a wall", "groyne -> a wall across the beach"),
    ):
        assert old in text
        text = text.replace(old, new)
    write_files(project, {"a.md": "Something else.\n", "tides/all.md": text})
    ended = deckgen("build", cwd=project)
    assert ended.kinds == ["worded-source-changed"]
    anki.import_package(package)
    for term in skipped:
        assert anki.collection.db.scalar("select count() from notes where guid = ?", ids[term]) == 0
    reworded = anki.note(ids["Swash"])
    assert reworded["Back"] == "uprush after a wave has broken"
    assert [(card.ivl, card.queue) for card in anki.cards(ids["Swash"])] == [(40, 2)]
    assert "a long ridge of sand" in anki.note(ids["Spit"])["Back"]
    assert [card.ivl for card in anki.cards(ids["Spit"])] == [40]
    assert anki.note(ids["groyne"])["Back"] == "a wall across the beach"
    assert anki.collection.note_count() == 3
    anki.collection.close()
