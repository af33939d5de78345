"""README.md, in both languages, says what is: its examples run, and one says what the other does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.markdown.plain_text import plain_of

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
READMES = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "README.zh-CN.md")}
ENGLISH, CHINESE = READMES.values()


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def rows(text: str, heading: str) -> list[list[str]]:
    """The body rows of the table whose header begins so."""
    lines = text.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def commands(text: str) -> list[str]:
    """What a reader types, without the remarks behind it."""
    return [
        line.removeprefix("$ ").partition("#")[0].strip()
        for block in blocks(text, "console")
        for line in block.splitlines()
    ]


def test_the_note_makes_the_cards_of_the_table(tmp_path: Path) -> None:
    (note,) = blocks(ENGLISH, "markdown")
    write_files(tmp_path, {"notes.md": note})
    ended = deckgen("list", "notes.md", "--format", "json", cwd=tmp_path)
    cards = [[re.sub("<[^>]*>", "", card["fields"][side]) for side in ("Front", "Back")] for card in ended.json]
    assert cards == [[plain_of(cell) for cell in row] for row in rows(ENGLISH, "Question")]
    assert cards == rows(CHINESE, "问题")
    assert len(note.splitlines()) <= 10


def test_the_two_languages_say_the_same() -> None:
    for language in ("markdown", "yaml"):
        assert blocks(ENGLISH, language) == blocks(CHINESE, language)
    assert commands(ENGLISH) == commands(CHINESE)
    assert len(re.findall("^## ", ENGLISH, re.MULTILINE)) == len(re.findall("^## ", CHINESE, re.MULTILINE))
    assert re.findall(r"^!?\[?.*\]\((docs/pictures/[^)]+)\)", ENGLISH, re.MULTILINE) == re.findall(
        r"^!?\[?.*\]\((docs/pictures/[^)]+)\)", CHINESE, re.MULTILINE
    )
    linked = [set(re.findall(r"\]\(([^)]+)\)", text)) - READMES.keys() for text in READMES.values()]
    assert linked[0] == linked[1]
    named = [set(re.findall(r"`([^`\n]+)`", text)) for text in READMES.values()]
    assert named[0] == named[1]
    numbers = [sorted(re.findall(r"\d+(?:\.\d+)*(?= %|\b)", text)) for text in READMES.values()]
    assert numbers[0] == numbers[1]


def test_its_commands_exist(tmp_path: Path) -> None:
    """The rest of each line is run by tests/readme_walk.py, in a fresh environment."""
    for line in commands(ENGLISH):
        if line.startswith("deckgen "):
            assert deckgen(line.split()[1], "--help", cwd=tmp_path).code == 0


@pytest.mark.parametrize("name", READMES)
def test_no_link_leads_nowhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)", READMES[name]):
        assert (ROOT / target).exists(), target


@pytest.mark.parametrize("name", READMES)
def test_it_is_short(name: str) -> None:
    assert len(READMES[name].splitlines()) <= 130
