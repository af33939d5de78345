"""`deckgen rules list` and `deckgen rules show`."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from command_line import deckgen, write_files

from deckgen.reports.columns import columns
from deckgen.reports.rule_pages import page_lines
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped, shipped_names

RULES = """\
about: 自己的规则
language: zh
on: sentence
unless: {find: [例如]}
rules:
  - id: full
    about: 全称
    match: '{term}的全称是{full}'  # a comment
    when: {length: {full: 2..}}
    fields: {Front: '{term}的全称？', Back: '{full}'}

  # the next
  - {id: other, match: '{term}又叫{alias}', identity: old/name, fields: {Front: '{term}又叫？', Back: '{alias}'}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = "deck: D\nrules: [./mine.yaml, structure]\nsources: ['notes/*.md']\n"
    note = "甲的全称是甲乙丙。丁的全称是丁乙丙。\n\n- **戊**：己庚辛\n"
    return write_files(tmp_path, {"deck.yaml": config, "mine.yaml": RULES, "notes/a.md": note})


def test_outside_of_a_project_all_that_ships_is_listed(tmp_path: Path) -> None:
    ended = deckgen("rules", "list", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert max(map(columns, lines)) <= 80
    heads = [line.split("  ")[0] for line in lines if line and not line.startswith(" ")]
    assert heads == shipped_names()
    assert "note" not in {line.split()[-1] for line in lines if line}


def test_in_a_project_its_own_rules_come_first_with_their_notes(project: Path) -> None:
    lines = deckgen("rules", "list", cwd=project).out.splitlines()
    assert max(map(columns, lines)) <= 80
    assert lines[0].split() == ["mine", "自己的规则", "2", "notes"]
    assert lines[1].split() == ["full", "全称", "2"]
    assert lines[2].split() == ["other", "0"]
    (english,) = [line for line in lines if line.startswith("en/facts")]
    assert english.endswith("not used here")


def test_counts_are_those_of_a_build(project: Path) -> None:
    listed = {rule["rule"]: rule.get("notes") for rule in deckgen("rules", "list", "--json", cwd=project).json}
    made = [note["rule"] for note in deckgen("list", "--json", cwd=project).json]
    assert {rule: made.count(rule) for rule in listed if listed[rule] is not None} == {
        rule: count for rule, count in listed.items() if count is not None
    }
    assert listed["mine/full"] == 2
    assert listed["en/facts/stands-for"] is None


def test_show(project: Path) -> None:
    assert (
        deckgen("rules", "show", "mine/full", cwd=project).out
        == """\
mine/full
mine.yaml:6
looks at: sentence, in zh; makes: Basic; 2 notes in this project

    - id: full
      about: 全称
      match: '{term}的全称是{full}'  # a comment
      when: {length: {full: 2..}}
      fields: {Front: '{term}的全称？', Back: '{full}'}

when, with what its pack says:
  length: full: 2..

unless, with what its pack says:
  find: 例如
"""
    )


def test_show_says_what_its_notes_are_known_by(project: Path) -> None:
    assert "its notes are known by: old/name\n" in deckgen("rules", "show", "other", cwd=project).out


def test_show_of_a_name_that_several_packs_have(tmp_path: Path) -> None:
    shown = deckgen("rules", "show", "alias", "--json", cwd=tmp_path).json
    assert [rule["rule"] for rule in shown] == ["en/facts/alias", "zh/facts/alias"]


def test_show_of_a_pack(project: Path) -> None:
    assert [rule["rule"] for rule in deckgen("rules", "show", "mine", "--json", cwd=project).json] == [
        "mine/full",
        "mine/other",
    ]


def test_show_of_a_pack_begins_with_its_head(tmp_path: Path) -> None:
    shown = deckgen("rules", "show", "compat/inka", cwd=tmp_path).out
    pack = read_shipped("compat/inka")
    assert pack is not None
    head = pack.text.split("\nrules:")[0].splitlines()
    assert shown.splitlines()[: len(head) + 1] == ["compat/inka", *(f"  {line}" for line in head)]
    assert head[0].startswith("# ")
    assert any(line.startswith("about: ") for line in head)


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_rule_shows_the_yaml_that_it_is(name: str) -> None:
    pack = read_shipped(name)
    assert pack is not None
    rules, _ = load_rules([pack])
    for rule in rules.rules:
        shown = "\n".join(page_lines(rule, pack.text, None))
        _, text = shown.split("\n\n    -", 1)
        own = text.split("\n\nwhen, ")[0].split("\n\nunless, ")[0]
        # Anchors go: some of those that a rule uses stand elsewhere in the pack.
        own = re.sub(r"(?<= )&\w[\w-]*|(?<= )\*\w[\w-]*(?=[ ,\n}])", "", own)
        read = yaml.compose("    -" + own, yaml.CSafeLoader)
        (keys,) = [{key.value: value.value for key, value in item.value} for item in read.value]
        assert rule.name == f"{rule.pack}/{keys['id']}"


@pytest.mark.parametrize(
    ("name", "hint"), [("zh/fact/alias", "did you mean"), ("xyzzy", "`deckgen rules list` names them")]
)
def test_a_name_that_no_rule_has(tmp_path: Path, name: str, hint: str) -> None:
    ended = deckgen("rules", "show", name, cwd=tmp_path)
    assert ended.code == 2
    assert hint in " ".join(ended.err.split())


def test_a_broken_project_is_told(project: Path) -> None:
    (project / "mine.yaml").write_text("rules: [{id: a, on: sentense, fields: {Front: x}}]", "utf-8")
    assert deckgen("rules", "list", cwd=project).kinds == ["unknown-element"]
