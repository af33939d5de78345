"""The folder of an editor says how its notes are written; nothing outside of the project is looked at."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.markdown.dialects import COMMONMARK, LOGSEQ, OBSIDIAN
from deckgen.project.config import parse_config
from deckgen.project.editor import dialect_of, guessed_dialect

NOTE = "# Birds\n\n- **Tern**: a bird that dives ^t1\n- **Gull**: a bird that follows ships\n"


def fronts(folder: Path) -> list[str]:
    return sorted(note["fields"]["Front"] for note in deckgen("list", "--json", folder).json)


def answers(folder: Path) -> str:
    return " ".join(note["fields"].get("Back", "") for note in deckgen("list", "--json", folder).json)


def test_a_vault_without_a_deck_yaml_is_read_as_one(tmp_path: Path) -> None:
    write_files(tmp_path, {".obsidian/app.json": "{}", "a.md": NOTE})
    assert guessed_dialect(tmp_path) == OBSIDIAN
    assert "^t1" not in answers(tmp_path)


def test_a_deck_yaml_that_does_not_say_is_plain_markdown(tmp_path: Path) -> None:
    write_files(tmp_path, {".obsidian/app.json": "{}", "a.md": NOTE, "deck.yaml": "deck: D\n"})
    assert "^t1" in answers(tmp_path)
    assert deckgen("lint", tmp_path).out.count("dialect-unsaid") >= 1
    (tmp_path / "deck.yaml").write_text("deck: D\ndialect: commonmark\n")
    assert "dialect-unsaid" not in deckgen("lint", tmp_path).out
    (tmp_path / "deck.yaml").write_text("deck: D\ndialect: obsidian\n")
    assert "^t1" not in answers(tmp_path)


def test_the_settings_of_the_vault_count(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".obsidian/app.json": '{"strictLineBreaks": true}',
            ".obsidian/templates.json": '{"folder": "My Templates/"}',
            ".obsidian/plugins/templater-obsidian/data.json": '{"templates_folder": "T"}',
        },
    )
    dialect = dialect_of(tmp_path, OBSIDIAN)
    assert (dialect.has_breaks, dialect.excluded) == (False, ("My Templates/**", "T/**"))
    assert dialect_of(tmp_path, OBSIDIAN, breaks=True).has_breaks
    assert dialect_of(tmp_path, LOGSEQ).excluded == ()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"folder": 7}', '{"folder": "../secret"}', "\xff", "x" * 2_000_000, "[" * 200_000]
)
def test_settings_that_say_nothing(tmp_path: Path, text: str) -> None:
    write_files(tmp_path, {".obsidian/templates.json": text, ".obsidian/app.json": text})
    assert dialect_of(tmp_path, OBSIDIAN).excluded == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
def test_settings_outside_are_not_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"outside/templates.json": '{"folder": "x"}', "vault/a.md": NOTE})
    (tmp_path / "vault" / ".obsidian").symlink_to(tmp_path / "outside")
    assert dialect_of(tmp_path / "vault", OBSIDIAN).excluded == ()


def test_init_says_the_dialect_and_leaves_out_what_is_no_note(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".obsidian/templates.json": '{"folder": "Templates"}',
            "Templates/t.md": "# {{title}}\n\n- **{{x}}**: y\n",
            "Journal/2024-01-01.md": "# Day\n\n- **Rain**: all day\n",
            "Journal/2024-01-02.md": "text\n",
            "Journal/2024-01-03.md": "text\n",
            "README.md": "# Read me\n\n- **Use**: with care\n",
            "Birds/a.md": NOTE,
        },
    )
    assert deckgen("init", tmp_path).code == 0
    read, problems = parse_config((tmp_path / "deck.yaml").read_text("utf-8"), "deck.yaml")
    assert problems == []
    assert read.config.dialect.name == OBSIDIAN
    assert read.config.exclude == ("Templates/**", "Journal/**", "README.md")
    assert "Rain" not in " ".join(fronts(tmp_path))


def test_init_chooses_the_pack_whose_marks_stand_there(tmp_path: Path) -> None:
    cards = "".join(f"START\nBasic\nWhat is {n}?\nBack: a number\nEND\n\n" for n in range(4))
    write_files(tmp_path, {"a.md": f"# Title\n\n{cards}"})
    assert deckgen("init", tmp_path).code == 0
    read, _ = parse_config((tmp_path / "deck.yaml").read_text("utf-8"), "deck.yaml")
    assert read.config.rules == ("compat/obsidian-to-anki",)
    assert len(fronts(tmp_path)) == 4


def test_other_names_of_notes_are_read(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.markdown": NOTE, "b.MD": NOTE.replace("Tern", "Skua").replace("Gull", "Auk")})
    assert guessed_dialect(tmp_path) == COMMONMARK
    assert {"<strong>Tern</strong>", "<strong>Skua</strong>"} <= set(fronts(tmp_path))
    assert deckgen("init", tmp_path).code == 0
    assert {"<strong>Tern</strong>", "<strong>Skua</strong>"} <= set(fronts(tmp_path))
