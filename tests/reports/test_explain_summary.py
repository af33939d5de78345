"""`deckgen explain` for people: one line a place, and the nearest reason for no card."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

NOTE = """# Graphics

DLSS的全称是Deep Learning Super Sampling。它的全称是什么，不必记。

MTL stands for multi-task learning. It stands for a poison pill.

- **Ghosting**: a trail behind a moving thing

<!-- deckgen: skip -->
- **Banding**: steps where a gradient should be

Yes.
"""


def shown(project: Path, place: str, *options: str) -> list[str]:
    write_files(project, {"笔记.md": NOTE})
    ended = deckgen("explain", place, *options, cwd=project)
    assert (ended.code, ended.err) == (0, "")
    return ended.out.splitlines()


def test_each_place_has_its_cards_or_why_it_has_none(tmp_path: Path) -> None:
    lines = shown(tmp_path, "笔记.md")
    text = "\n".join(lines)
    assert "+ What does MTL stand for? → multi-task learning" in text
    assert "+ Ghosting → a trail behind a moving thing" in text
    assert "no card: `term` = “It”" in text
    assert "`<!-- deckgen: skip -->` stands on line 9" in text
    assert "in whose words no rule finds a fact" in text
    assert all(len(line) <= 80 for line in lines)
    assert len(lines) < 30


def test_a_line_says_also_that_there_is_no_fact(tmp_path: Path) -> None:
    assert "       no card: no rule finds a fact in these words" in shown(tmp_path, "笔记.md:12")


def test_an_item_is_shown_once(tmp_path: Path) -> None:
    """The sentences in an item that made a card are no places of their own."""
    lines = shown(tmp_path, "笔记.md:7")
    assert [line[:5].strip() for line in lines if line[:5].strip().isdigit()] == ["7"]


def test_the_rules_are_there_when_they_are_asked_for(tmp_path: Path) -> None:
    assert any("en/facts/stands-for-words" in line for line in shown(tmp_path, "笔记.md:5", "--rules"))


def test_a_reason_is_that_of_a_rule_for_such_texts_in_the_words_of_the_note(tmp_path: Path) -> None:
    rules = """pack: own
rules:
  - id: foreign
    on: list_item
    when: {match: 'Zz{:latin}'}
    unless: {find: '{:cjk}'}
    fields: {Front: '{text}', Back: '{text}'}
    examples: []
  - id: asks
    on: list_item
    match: '{term}: {what}'
    unless: {find: {what: 'maybe'}}
    fields: {Front: '{term}', Back: '{what}'}
    examples: []
"""
    files = {
        "deck.yaml": "deck: A\nid: a\nrules: [./own.yaml]\n",
        "own.yaml": rules,
        "a.md": "- 沙嘴\n- Spit: maybe sand\n",
    }
    write_files(tmp_path, files)
    told = deckgen("explain", "a.md", cwd=tmp_path).out
    assert "foreign" not in told
    assert "no card: refused for “maybe” in `what`" in told
    assert "1 more place" in told
