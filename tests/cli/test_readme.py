"""README.md says what is: its examples run, its commands are those there are."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from command_line import deckgen, write_files

from deckgen.cli import app
from deckgen.markdown.text import Text
from deckgen.project.config import KEYS

pytestmark = pytest.mark.usefixtures("plain_environment")

README = (Path(__file__).parents[2] / "README.md").read_text("utf-8")


def block(language: str, containing: str) -> str:
    """The one fenced block of a language that holds a text."""
    found = [b for b in re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL) if containing in b]
    assert len(found) == 1, (language, containing)
    return found[0]


def table(heading: str) -> list[list[str]]:
    """The body rows of the table whose header begins so."""
    lines = README.split(f"| {heading} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]


def test_the_note_makes_the_cards_of_the_table(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes.md": block("markdown", "# ")})
    ended = deckgen("list", "notes.md", "--format", "json", cwd=tmp_path)
    cards = [[note["fields"]["Front"], note["fields"]["Back"]] for note in ended.json]
    assert [[re.sub("<[^>]*>", "", side) for side in card] for card in cards] == [
        [Text.plain_of(cell) for cell in row] for row in table("Question")
    ]
    assert len(block("markdown", "# ").splitlines()) <= 10


def test_the_two_commands(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/a.md": block("markdown", "# ")})
    for line in block("console", "deckgen list").splitlines():
        ended = deckgen(*line.partition("#")[0].split()[2:], cwd=tmp_path)
        assert ended.code == 0, ended.err
    assert sorted(path.name for path in (tmp_path / "notes").glob("[!.]*")) == ["a.md", "deck.lock", "notes.apkg"]


def test_the_deck_yaml_is_right_and_shows_the_common_keys(tmp_path: Path) -> None:
    config = block("yaml", "sources:")
    write_files(
        tmp_path,
        {
            "deck.yaml": config,
            "rules/mine.yaml": "rules: []\n",
            "notes/a.md": "DLSS的全称是Deep Learning Super Sampling。\n",
            "notes/b.md": "MTL stands for multi-task learning.\n",
        },
    )
    ended = deckgen("list", tmp_path, "--json")
    assert (ended.code, ended.err) == (0, "")
    assert len(ended.json) == 2
    keys = set(re.findall(r"^(\w+):", config, re.MULTILINE))
    assert keys <= set(KEYS)
    assert keys >= {"deck", "id", "sources", "exclude", "rules", "subdecks", "tags", "html", "encoding"}


def test_the_rule_comes_out_as_written(tmp_path: Path) -> None:
    write_files(tmp_path, {"rules/mine.yaml": block("yaml", "id: full-name")})
    assert "`deckgen rules test rules/mine.yaml`" in README
    ended = deckgen("rules", "test", "rules/mine.yaml", cwd=tmp_path)
    assert ended.code == 0, ended.out + ended.err
    assert "2 examples, 2 right" in ended.out


def commands() -> set[str]:
    return set(app.list_commands(click.Context(app)))


def test_every_command_is_in_the_table() -> None:
    rows = [row[0] for row in table("command")]
    named = {found[1] for row in rows if (found := re.match(r"`deckgen (\w+)", row))}
    assert named == commands()


@pytest.mark.parametrize("row", [row[0].strip("`") for row in table("command")])
def test_options_in_the_table_are_those_there_are(row: str) -> None:
    words = row.replace("\\|", "|").split()
    shown = deckgen(words[1], "--help").out
    for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*", row):
        assert option in shown, (row, option)


def test_no_link_leads_nowhere() -> None:
    root = Path(__file__).parents[2]
    for target in re.findall(r"\]\(([^)#]+)", README):
        assert target.startswith("https://") or (root / target).exists(), target
