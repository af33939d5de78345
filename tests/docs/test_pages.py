"""The pages of docs/: generated ones are up to date, examples run, and links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from command_line import deckgen, write_files

from deckgen.project.config import KEYS

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md"))
PUBLIC = [*PAGES, "../SECURITY.md", "../CONTRIBUTING.md"]


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a language on a page."""
    text = (DOCS / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands(page: str) -> list[list[str]]:
    """The words of each command that a page shows."""
    lines = [line for block in blocks(page, "console") for line in block.splitlines()]
    return [line.removeprefix("$ ").partition("#")[0].split() for line in lines if line.startswith("$ ")]


def test_the_reference_is_up_to_date() -> None:
    """In a process of its own: tests define diagnostics that the program does not have."""
    command = [sys.executable, str(DOCS / "make_reference.py"), "--check"]
    known = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=known, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_every_page_is_in_the_navigation() -> None:
    text = re.sub(r"!!\S+", "", (ROOT / "mkdocs.yml").read_text("utf-8"))
    nav = yaml.safe_load(text)["nav"]

    def targets(part: object) -> list[str]:
        if isinstance(part, dict):
            return [target for value in part.values() for target in targets(value)]
        return [target for one in part for target in targets(one)] if isinstance(part, list) else [str(part)]

    assert sorted(targets(nav)) == PAGES


@pytest.mark.parametrize("page", PUBLIC)
def test_no_link_leads_nowhere(page: str) -> None:
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", (DOCS / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)", text):
        if "://" not in target:
            assert ((DOCS / page).parent / target).resolve().exists(), target


def test_the_tutorial_runs(tmp_path: Path) -> None:
    (note,) = blocks("tutorial.md", "markdown")
    write_files(tmp_path, {"vault/cells.md": note})
    folder = tmp_path
    for words in commands("tutorial.md"):
        if words[0] == "cd":
            folder = folder / words[1]
            continue
        ended = deckgen(*words[1:], cwd=folder)
        assert (ended.code, ended.err) == (0, ""), (words, ended.err)
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["cells.md", "deck.lock", "deck.yaml", "vault.apkg"]


def test_the_rule_of_ten_minutes_comes_out_as_written(tmp_path: Path) -> None:
    rule, config = blocks("write-a-rule.md", "yaml")
    (sentence, *_) = blocks("write-a-rule.md", "text")
    write_files(tmp_path, {"rules/mine.yaml": rule, "deck.yaml": f"deck: D\nid: d\n{config}", "a.md": sentence})
    tested = deckgen("rules", "test", "rules/mine.yaml", cwd=tmp_path)
    assert (tested.code, tested.out) == (0, "2 examples, 2 right, 0 wrong\n")
    listed = deckgen("list", "--rule", "mine", "--format", "json", cwd=tmp_path)
    assert [card["fields"]["Back"] for card in listed.json] == ["Charles Goodyear"]
    assert deckgen("rules", "show", "en/facts/creator", cwd=tmp_path).code == 0


def test_the_deck_yaml_is_right_and_shows_the_common_keys(tmp_path: Path) -> None:
    (config,) = blocks("projects.md", "yaml")
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
    assert set(KEYS) >= keys >= {"deck", "id", "sources", "exclude", "rules", "subdecks", "tags", "html", "encoding"}


@pytest.mark.parametrize(
    ("subdecks", "deck"), [("none", "D"), ("folder", "D::physics"), ("file", "D::Heat"), ("heading", "D::Heat")]
)
def test_folders_as_decks_are_as_the_page_says(subdecks: str, deck: str, tmp_path: Path) -> None:
    note = "# Heat\n\n## Words\n\nATP stands for adenosine triphosphate.\n"
    write_files(tmp_path, {"deck.yaml": f"deck: D\nid: d\nsubdecks: {subdecks}\n", "physics/heat.md": note})
    assert [card["deck"] for card in deckgen("list", "--json", cwd=tmp_path).json] == [deck]
    assert f"`{subdecks}`" in (DOCS / "projects.md").read_text("utf-8")
