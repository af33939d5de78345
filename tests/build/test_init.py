"""`deckgen init`: a deck.yaml for a folder of notes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.build.new_project import MERGE_LINE, slug
from deckgen.project.config import parse_config

CHINESE = "# 显卡\n\nOFA的全称是Optical Flow Accelerator，用来估计运动。\n\n- **插帧**：在两帧画面之间补出一帧\n"
ENGLISH = "# Queues\n\nA poison pill is a message that no consumer can process.\n\n- **Latency**: the time from a request to its answer\n"


def _config(folder: Path) -> str:
    return (folder / "deck.yaml").read_text("utf-8")


def test_it_keeps_the_packs_that_find_something(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE})
    ended = deckgen("init", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    read, problems = parse_config(_config(tmp_path), "deck.yaml")
    assert problems == []
    assert read.config.rules == ("zh/facts", "structure")
    assert read.config.sources == ("**/*.md",)
    assert read.config.deck == tmp_path.name
    assert re.fullmatch(re.escape(slug(tmp_path.name)) + "-[a-z0-9]{6}", read.config.id)


def test_english_notes_get_english_rules(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": ENGLISH})
    deckgen("init", cwd=tmp_path)
    assert parse_config(_config(tmp_path), "")[0].config.rules == ("en/facts", "structure")


def test_it_says_what_each_rule_would_make(tmp_path: Path) -> None:
    lines = "".join(f"X{n}A的全称是Xray {n} Alpha。\n\n" for n in range(5))
    write_files(tmp_path, {"notes/a.md": lines})
    ended = deckgen("init", "notes", cwd=tmp_path)
    assert (
        ended.out
        == """\
1 source, 5 notes

zh/facts: 5 notes
      5  full-name  缩写的全称
         X0A的全称是什么？ → Xray 0 Alpha
         X1A的全称是什么？ → Xray 1 Alpha
         X2A的全称是什么？ → Xray 2 Alpha

wrote notes/deck.yaml and notes/.gitattributes
next: `deckgen preview notes` shows the cards, `deckgen build notes` makes the package
"""
    )


def test_what_it_says_is_what_a_build_makes(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE, "b.md": ENGLISH})
    said = deckgen("init", cwd=tmp_path).out
    notes = deckgen("list", "--json", cwd=tmp_path).json
    assert said.startswith(f"2 sources, {len(notes)} notes\n")
    assert len(notes) >= 3


def test_notes_without_a_fact_get_a_project_all_the_same(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "今天天气很好。\n"})
    ended = deckgen("init", cwd=tmp_path)
    assert ended.code == 0
    assert "no rule finds a fact here" in ended.out
    read, problems = parse_config(_config(tmp_path), "")
    assert (problems, read.config.rules) == ([], None)


def test_notes_for_another_tool_are_told_of(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE + "".join(f"\nQ: What is {n}?\nA: A number\n" for n in range(6))})
    ended = deckgen("init", cwd=tmp_path)
    assert "compat/hashcards would find 6 notes more" in ended.out
    assert "compat/mdanki" not in ended.out  # headings with text below are in all notes
    assert "# rules: [compat/hashcards, zh/facts, " in _config(tmp_path)


def test_few_notes_for_another_tool_are_told_of_where_nothing_else_is_found(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "C: Nine is a [number]\n"})
    ended = deckgen("init", cwd=tmp_path)
    assert "compat/hashcards would find 1 note more" in ended.out
    assert "# rules: [compat/hashcards]" in _config(tmp_path)


def test_a_deck_yaml_is_never_written_over(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE, "deck.yaml": "deck: Mine\n"})
    ended = deckgen("init", cwd=tmp_path)
    assert (ended.code, ended.kinds, ended.out) == (2, ["project-exists"], "")
    assert _config(tmp_path) == "deck: Mine\n"
    assert not (tmp_path / ".gitattributes").exists()


def test_nor_is_what_a_broken_link_of_that_name_leads_to(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/a.md": CHINESE})
    (tmp_path / "notes" / "deck.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert deckgen("init", "notes", cwd=tmp_path).kinds == ["project-exists"]
    assert not (tmp_path / "elsewhere.yaml").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, f"{MERGE_LINE}\n"),
        ("*.png binary\n", f"*.png binary\n{MERGE_LINE}\n"),
        ("*.png binary", f"*.png binary\n{MERGE_LINE}\n"),
        ("*.png binary\r\n", f"*.png binary\r\n{MERGE_LINE}\r\n"),
        (f"{MERGE_LINE}\n*.png binary\n", f"{MERGE_LINE}\n*.png binary\n"),
        ("deck.lock   merge=union\n", "deck.lock   merge=union\n"),
    ],
)
def test_locks_merge(tmp_path: Path, before: str | None, after: str) -> None:
    write_files(tmp_path, {"a.md": CHINESE} | ({} if before is None else {".gitattributes": before}))
    ended = deckgen("init", cwd=tmp_path)
    assert (tmp_path / ".gitattributes").read_bytes().decode() == after
    assert ("and .gitattributes" in ended.out) == (before != after)


def test_a_folder_that_was_built_before_keeps_its_identities(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE})
    assert deckgen("build", cwd=tmp_path).code == 0
    before = {note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json}
    assert deckgen("init", cwd=tmp_path).code == 0
    notes = deckgen("list", "--json", cwd=tmp_path).json
    assert {note["guid"] for note in notes} == before
    assert {note["change"] for note in notes} == {"unchanged"}


@pytest.mark.parametrize(
    "name", ["深度学习", "notes: x", "#1 (draft)", "- a", "true", "1.10", "it's", 'say "hi"', "a  b", "Ünï"]
)
def test_any_folder_name_makes_a_right_deck_yaml(tmp_path: Path, name: str) -> None:
    write_files(tmp_path / name, {"a.md": CHINESE})
    assert deckgen("init", tmp_path / name).code == 0
    read, problems = parse_config(_config(tmp_path / name), "deck.yaml")
    assert problems == []
    assert read.config.id.isascii()
    assert deckgen("list", tmp_path / name).code == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [("My Notes!", "my-notes"), ("深度学习", "deck"), ("Ünï-Cörpus", "uni-corpus"), ("--", "deck")],
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


def test_two_projects_of_one_name_are_told_apart(tmp_path: Path) -> None:
    write_files(tmp_path, {"a/notes/a.md": CHINESE, "b/notes/a.md": CHINESE})
    deckgen("init", tmp_path / "a" / "notes")
    deckgen("init", tmp_path / "b" / "notes")
    assert _config(tmp_path / "a" / "notes") != _config(tmp_path / "b" / "notes")


@pytest.mark.parametrize(
    ("folder", "kind"), [("none", "source-not-found"), ("a.md", "source-not-found"), ("empty", "no-sources")]
)
def test_where_no_project_can_begin(tmp_path: Path, folder: str, kind: str) -> None:
    write_files(tmp_path, {"a.md": CHINESE})
    (tmp_path / "empty").mkdir()
    ended = deckgen("init", folder, cwd=tmp_path)
    assert (ended.code, ended.kinds) == (2, [kind])
    assert not (tmp_path / "empty" / "deck.yaml").exists()


def test_a_source_that_cannot_be_read_is_told_before_anything_is_written(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": CHINESE, "b.md": "显卡的全称".encode("gb18030")})
    ended = deckgen("init", cwd=tmp_path)
    assert (ended.code, ended.kinds) == (2, ["not-utf8"])
    assert not (tmp_path / "deck.yaml").exists()


def test_a_project_within_a_project(tmp_path: Path) -> None:
    write_files(tmp_path, {"deck.yaml": "deck: Outer\n", "a.md": CHINESE, "inner/b.md": ENGLISH})
    assert deckgen("init", "inner", cwd=tmp_path).code == 0
    assert parse_config(_config(tmp_path / "inner"), "")[0].config.deck == "inner"
