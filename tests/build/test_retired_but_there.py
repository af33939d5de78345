"""Notes whose text still stands: a bound never retires what the lock knows, and any other retirement says why."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import Ended, deckgen

LONG = "It holds what is needed soon. " * 40


def built(root: Path, notes: str, rules: str = "structure") -> Ended:
    """Build, and once more: the same bytes of both files, by the short ways, too."""
    root.mkdir(exist_ok=True)
    if not (root / "deck.yaml").exists():
        (root / "deck.yaml").write_text(f"deck: D\nid: leaving\nrules: [{rules}]\n", "utf-8")
    (root / "a.md").write_text(notes, "utf-8")
    ended = deckgen("build", root, cwd=root)
    assert ended.code == 0, ended.err
    files = {path: path.read_bytes() for path in (root / "deck.lock", root / f"{root.name}.apkg")}
    for _ in range(2):
        assert deckgen("build", root, cwd=root).code == 0
        assert {path: path.read_bytes() for path in files} == files
    return ended


def listed(root: Path) -> dict[str, str]:
    return {note["fields"]["Front"]: note["guid"] for note in deckgen("list", root, "--json", cwd=root).json}


QUESTION = "## What is a cache?\n\n{}\n\n## What is a heap?\n\nA tree of values.\n"


@pytest.mark.parametrize("answer", [LONG, "![](a.svg)"], ids=["too long", "a picture alone"])
def test_a_bound_never_retires_a_note_that_the_lock_knows(tmp_path: Path, answer: str) -> None:
    (tmp_path / "a.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><text>1</text></svg>", "utf-8")
    built(tmp_path, QUESTION.format("A small store."))
    before = listed(tmp_path)
    assert len(before) == 2
    ended = built(tmp_path, QUESTION.format(answer))
    assert list(listed(tmp_path).items()) == list(before.items()), "in the order of the text"
    assert "retired" not in ended.out
    ended = built(tmp_path, QUESTION.format(answer).replace("tree", "heap-ordered tree"))
    assert listed(tmp_path) == before
    built(tmp_path, "\n# More\n\n" + QUESTION.format(answer + " And more."))
    assert listed(tmp_path) == before


def test_a_front_is_told_apart_also_where_another_note_of_its_name_leaves(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# Networks\n\nHop\n: one router on the way\n", "utf-8")
    built(tmp_path, "# Brewing\n\n## Plants\n\nHop\n: a climbing plant whose cones make beer bitter\n")
    before = listed(tmp_path)
    built(tmp_path, "# Brewing\n\n*Hop*\n: 从请求到回答的时间\n")
    after = listed(tmp_path)
    assert list(after) == ["Brewing: <em>Hop</em>", "Networks: Hop"]
    assert after["Brewing: <em>Hop</em>"] not in before.values(), "the old note left"


def test_a_bound_holds_for_what_is_new(tmp_path: Path) -> None:
    built(tmp_path, QUESTION.format(LONG))
    assert list(listed(tmp_path)) == ["What is a heap?"]


def test_a_capture_that_grows_over_its_bound(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "types:\n  short: {like: text, length: 2..40}\nrules:\n  - id: said\n    on: list_item\n"
        "    match: '{term} = {what:short}'\n    fields: {Front: '{term}', Back: '{what}'}\n",
        "utf-8",
    )
    (tmp_path / "deck.yaml").write_text("deck: D\nid: leaving\nrules: [./r.yaml]\n", "utf-8")
    built(tmp_path, "- cache = a small store\n")
    before = listed(tmp_path)
    built(tmp_path, f"- cache = a small store, {LONG[:100]}\n- heap = {LONG[:100]}\n")
    assert listed(tmp_path) == before


def test_a_note_over_its_bound_goes_with_its_file(tmp_path: Path) -> None:
    built(tmp_path, QUESTION.format("A small store."))
    built(tmp_path, QUESTION.format(LONG))
    before = listed(tmp_path)
    (tmp_path / "a.md").rename(tmp_path / "笔记.md")
    assert "retired" not in deckgen("build", tmp_path, cwd=tmp_path).out
    assert listed(tmp_path) == before
    built(tmp_path, "# Nothing\n")
    assert listed(tmp_path) == before


def test_a_note_over_its_bound_stays_however_many_others_leave(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "types:\n  short: {like: text, length: 2..40}\nrules:\n  - id: said\n    on: list_item\n"
        "    match: '{term} = {what:short}'\n    fields: {Front: '{term}', Back: '{what}'}\n",
        "utf-8",
    )
    (tmp_path / "b.md").write_text("".join(f"- term {n} = thing {n}\n" for n in range(250)), "utf-8")
    built(tmp_path, "- cache = a small store\n", "./r.yaml")
    before = listed(tmp_path)
    (tmp_path / "b.md").write_text("Nothing.\n", "utf-8")
    built(tmp_path, f"- cache = a small store, {LONG[:100]}\n")
    assert listed(tmp_path) == {"cache": before["cache"]}


def test_a_retirement_of_what_still_stands_says_which_condition_failed(tmp_path: Path) -> None:
    built(tmp_path, QUESTION.format("A small store."))
    ended = built(tmp_path, QUESTION.format("A small store.").replace("cache?", "cache"))
    assert ended.kinds == ["retired-but-there"]
    assert re.search(r"a\.md:1:1: warning", ended.err), ended.err
    assert "`structure/question`" in ended.err
    assert "as it wants `" in ended.err


def test_a_condition_that_fails_is_named(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "rules:\n  - id: said\n    on: list_item\n    match: '{term} = {what}'\n    unless: {find: {what: draft}}\n"
        "    fields: {Front: '{term}', Back: '{what}'}\n",
        "utf-8",
    )
    (tmp_path / "deck.yaml").write_text("deck: D\nid: leaving\nrules: [./r.yaml]\n", "utf-8")
    built(tmp_path, "- cache = a small store\n- heap = a tree\n")
    (tmp_path / "a.md").write_text("- cache = a small store, a draft\n- heap = a tree\n", "utf-8")
    told = deckgen("diff", tmp_path, cwd=tmp_path)
    assert "retired-but-there" in told.kinds
    assert "`find: what: draft`" in told.err
    data = deckgen("build", tmp_path, "--dry-run", "--json", cwd=tmp_path).json
    (why,) = (d for d in data["diagnostics"] if d["kind"] == "retired-but-there")
    assert (Path(why["path"]).name, why["line"]) == ("a.md", 1)
    built(tmp_path, "- heap = a tree\n")
    assert "retired-but-there" not in deckgen("build", tmp_path, cwd=tmp_path).kinds


def test_of_rules_with_one_identity_that_for_such_a_text_says_why(tmp_path: Path) -> None:
    shared = "    identity: own/said\n    on: list_item\n    fields: {Front: '{term}', Back: '{what}'}\n"
    (tmp_path / "r.yaml").write_text(
        f"rules:\n  - id: said-zh\n    language: zh\n    match: '{{term}}：{{what}}'\n{shared}"
        f"  - id: said\n    language: en\n    match: '{{term}}: {{what}}'\n    unless: {{find: {{what: perhaps}}}}\n{shared}",
        "utf-8",
    )
    notes = "- Spit: a long strip of sand in the sea\n- Groyne: a wall across a beach\n"
    built(tmp_path, notes, "./r.yaml")
    ended = built(tmp_path, notes.replace("a long strip", "perhaps a long strip"))
    assert "rule `r/said` makes none of this text, as it leaves out `find: what: perhaps`" in ended.err


def test_a_text_without_the_words_that_name_a_note_is_not_its(tmp_path: Path) -> None:
    (tmp_path / "r.yaml").write_text(
        "rules:\n  - id: said\n    on: list_item\n    match: '{term}: {what}'\n    unless: {find: {what: high}}\n"
        "    fields: {Front: '{term}', Back: '{what}'}\n",
        "utf-8",
    )
    built(tmp_path, "- Tight: a leak-proof seal\n- Loose: not sealed\n", "./r.yaml")
    ended = built(tmp_path, "- Tight junction: closes all\n- Light: a high leak-proof seal\n- Loose: not sealed\n")
    assert "retired-but-there" not in ended.err
