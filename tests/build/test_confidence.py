"""How sure a note is: what is less sure than the project asks is a suggestion, and no level retires what was learned."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files
from kept_builds import same_without

from deckgen.build.choices_file import edit_choices
from deckgen.extraction.card_signals import is_left_open
from deckgen.project.choices import NoteChoice
from deckgen.project.choices_text import with_note

RULES = """
rules:
  - {id: term, on: definition, confidence: LEVEL, fields: {Front: '{term}', Back: '{definition}'}}
  - {id: pair, on: list_item, match: '{a} -> {b}', fields: {Front: '{a}', Back: '{b}'}}
"""
NOTE = "Fetch\n: the distance that the wind has blown over open water\n\n- groyne -> a wall across a beach\n"


def project(folder: Path, level: str = "maybe", config: str = "", note: str = NOTE) -> Path:
    config = f"deck: N\nid: n\nrules: [./rules.yaml]\n{config}"
    return write_files(folder, {"a.md": note, "deck.yaml": config, "rules.yaml": RULES.replace("LEVEL", level)})


def fronts(folder: Path, *options: str) -> list[str]:
    return [note["fields"]["Front"] for note in deckgen("list", "--json", *options, cwd=folder).json]


@pytest.mark.parametrize(
    ("level", "config", "made", "suggested"),
    [
        ("maybe", "", ["groyne"], ["Fetch"]),
        ("likely", "", ["Fetch", "groyne"], []),
        ("maybe", "confidence: maybe\n", ["Fetch", "groyne"], []),
        ("sure", "confidence: sure\n", ["Fetch"], ["groyne"]),
    ],
)
def test_the_least_that_a_note_has_to_be(
    tmp_path: Path, level: str, config: str, made: list[str], suggested: list[str]
) -> None:
    project(tmp_path, level, config)
    assert fronts(tmp_path) == made
    assert fronts(tmp_path, "--suggested") == suggested


def test_a_suggestion_is_counted_and_in_no_package(tmp_path: Path) -> None:
    project(tmp_path)
    for _ in range(2):
        ended = deckgen("build", cwd=tmp_path)
        assert "1 note, 1 card" in ended.out
        assert "1 suggested" in ended.out
    assert "Fetch" not in (tmp_path / "deck.lock").read_text()


def test_a_suggestion_that_is_taken_is_in_the_deck(tmp_path: Path) -> None:
    project(tmp_path)
    deckgen("build", cwd=tmp_path)
    (guid,) = [note["guid"] for note in deckgen("list", "--json", "--suggested", cwd=tmp_path).json]
    edit_choices(tmp_path, tmp_path / "deck.lock", lambda text: with_note(text, NoteChoice(guid, is_kept=True)))
    assert fronts(tmp_path) == ["Fetch", "groyne"]
    deckgen("build", cwd=tmp_path)
    assert next(note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json) == guid
    write_files(tmp_path, {"a.md": NOTE.replace("Fetch\n", "The fetch\n")})
    ended = deckgen("build", "--json", cwd=tmp_path).json
    assert (ended["notes"], ended["changes"]["retired"], ended["suggestions"]) == (2, 0, 0)


def test_a_suggestion_that_is_skipped_stays_away_when_reworded(tmp_path: Path) -> None:
    project(tmp_path)
    (guid,) = [note["guid"] for note in deckgen("list", "--json", "--suggested", cwd=tmp_path).json]
    edit_choices(tmp_path, tmp_path / "deck.lock", lambda text: with_note(text, NoteChoice(guid, is_skipped=True)))
    deckgen("build", cwd=tmp_path)
    assert fronts(tmp_path, "--suggested") == []
    write_files(tmp_path, {"a.md": NOTE.replace("Fetch\n", "The fetch\n")})
    deckgen("build", cwd=tmp_path)
    assert fronts(tmp_path) == ["groyne"]
    assert fronts(tmp_path, "--suggested") == []
    assert fronts(tmp_path, "--skipped") == ["The fetch"]


@pytest.mark.parametrize("edit", ["", "answer", "question", "both at once"])
def test_crossing_a_level_retires_nothing(tmp_path: Path, edit: str) -> None:
    project(tmp_path, "likely")
    deckgen("build", cwd=tmp_path)
    guid = next(n["guid"] for n in deckgen("list", "--json", cwd=tmp_path).json if n["fields"]["Front"] == "Fetch")
    note = NOTE
    if edit == "answer":
        note = note.replace("has blown", "blew")
    elif edit:
        note = note.replace("Fetch\n", "The fetch\n")
    if edit == "both at once":
        project(tmp_path, "maybe", note=note)
        ended = deckgen("build", "--json", cwd=tmp_path).json
    else:
        project(tmp_path, "maybe")
        assert deckgen("build", "--json", cwd=tmp_path).json["changes"]["unchanged"] == 2
        project(tmp_path, "maybe", note=note)
        ended = deckgen("build", "--json", cwd=tmp_path).json
    assert (ended["notes"], ended["changes"]["retired"], ended["suggestions"]) == (2, 0, 0)
    assert guid in {note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json}


def test_a_suggestion_changes_no_other_note(tmp_path: Path) -> None:
    def guids() -> dict[str, str]:
        return {note["fields"]["Front"]: note["guid"] for note in deckgen("list", "--json", cwd=tmp_path).json}

    project(tmp_path, "likely", note=NOTE + "\n- Swash -> water\n")
    before = guids()
    project(tmp_path, "maybe", note=NOTE + "\nSwash\n: water that runs up a beach\n\n- Swash -> water\n")
    assert guids().items() <= before.items()


def test_a_suggestion_that_asks_what_a_note_asks_stays_one(tmp_path: Path) -> None:
    rules = RULES.replace("on: definition,", "on: definition, identity: mine,").replace(
        "on: list_item,", "on: list_item, identity: mine,"
    )
    config = "deck: N\nid: n\nrules: [./rules.yaml]\n"
    note = "Fetch\n: the distance that the wind has blown\n\n- Fetch -> how far the wind has blown\n"
    rules = rules.replace("LEVEL", "maybe")
    write_files(tmp_path, {"a.md": note, "deck.yaml": config, "rules.yaml": rules})
    first = deckgen("build", "--json", cwd=tmp_path).json
    assert (first["notes"], first["suggestions"]) == (1, 1)
    for name in ("b.md", "c.md"):  # by the short way, and once more
        write_files(tmp_path, {name: "# Nothing\n"})
        again = deckgen("build", "--json", cwd=tmp_path).json
        assert (again["notes"], again["suggestions"], again["changes"]["unchanged"]) == (1, 1, 1)
    assert len(deckgen("list", "--json", cwd=tmp_path).json) == 1


LONG = "the distance that the wind has blown over open water for a long time "


@pytest.mark.parametrize(
    ("note", "level", "why"),
    [
        (
            "- z: the number of protons in a nucleus\n",
            "maybe",
            "the label may name nothing: one character may be a symbol",
        ),
        ("- CPU: central processing unit\n", "sure", "the answer spells the initials out +2"),
        ("Q: What is a groyne?\nA: a wall across a beach\n", "sure", "the author marked question and answer +2"),
        (f"- Fetch: {LONG * 2}\n", "maybe", "no heading says what it is about -1; the answer is long -1"),
        (f"- Fetch: {LONG * 5}\n", "maybe", "the answer is very long -2"),
        (
            "# What does the fetch do to waves?\n\nDoes it make them higher?\n",
            "maybe",
            "the answer asks a question itself -2",
        ),
        ("- Groyne: trap, wall, etc.\n", "maybe", "the answer breaks off, or is an example -1"),
        ("- Groyne: slows the drift -->\n", "maybe", "the answer breaks off, or is an example -1"),
        ("- Groyne: {{ '/g.png' | relative_url }} a wall\n", "maybe", "the code of a site stands in the answer -3"),
        ("- Groyne: `{{ wall }}`\n", "likely", ""),
        (
            "# Bay (of the sea\n\n- Groyne (a wall: slows the drift of sand\n",
            "maybe",
            "a bracket of the question stays",
        ),
        ("- 风区：风吹过 [ 3. 填写距离 ] 的水面。\n", "maybe", "a place in it is left to be filled in -3"),
        ("- 左翼：山地和丘陵；右翼：平原\n", "maybe", "another label stands in the answer -2"),
        ("- 风区：风吹过的那段距离。\n", "likely", "no heading says what it is about -1"),
    ],
)
def test_explain_shows_the_sum(tmp_path: Path, note: str, level: str, why: str) -> None:
    write_files(tmp_path, {"a.md": note, "deck.yaml": "deck: N\nid: n\nrules: [structure]\n"})
    out = " ".join(deckgen("explain", "a.md:1", "--rules", cwd=tmp_path).out.split())
    assert f"confidence: {level}" in out
    assert why in out


@pytest.mark.parametrize("text", ["(0, 1]", "1) 左", "《红》（上）", "a :(", "[a](b)"])
def test_brackets_that_stay_open_nowhere(text: str) -> None:
    assert not is_left_open(text)


@pytest.mark.parametrize("text", ["左（右", "《红", "(a (b)"])
def test_brackets_that_stay_open(text: str) -> None:
    assert is_left_open(text)


def test_a_heading_may_say_that_it_is_an_example(tmp_path: Path) -> None:
    note = "# 单利\n\n## {}\n\n- **终值**：本金加上两年的利息，一共是一百零八元。\n- **利息**：本金的百分之八，一共是八元。\n"
    write_files(tmp_path, {"a.md": note.format("例子 2"), "deck.yaml": "deck: N\nid: n\n"})
    assert deckgen("list", "--json", cwd=tmp_path).json == []
    assert len(deckgen("list", "--json", "--suggested", cwd=tmp_path).json) >= 2
    write_files(tmp_path, {"a.md": note.format("计算")})
    assert len(deckgen("list", "--json", cwd=tmp_path).json) == 2


def test_a_level_that_is_none(tmp_path: Path) -> None:
    project(tmp_path, "mabye", "confidence: shure\n")
    ended = deckgen("list", cwd=tmp_path)
    assert ended.kinds == ["bad-value", "bad-value"]
    assert "did you mean `maybe`?" in ended.err
    assert "did you mean `sure`?" in ended.err


def test_looks_count_for_no_rule_of_the_project_and_for_no_mark_of_another_tool(tmp_path: Path) -> None:
    long = "the distance that the wind has blown over open water " * 8
    own = "rules:\n  - {id: pair, on: list_item, match: '{a} -> {b}', fields: {Front: '{a}', Back: '{b}'}}\n"
    for rules, note in (("./rules.yaml", f"- Fetch -> {long}\n"), ("compat/mdanki", f"## Fetch\n\n{long}\n")):
        files = {"a.md": note, "deck.yaml": f"deck: N\nid: n\nrules: [{rules}]\n", "rules.yaml": own}
        write_files(tmp_path, files)
        assert [note["confidence"] for note in deckgen("list", "--json", cwd=tmp_path).json] == ["likely"]


def test_a_card_that_its_author_marked_for_a_tool_is_in_the_deck(tmp_path: Path) -> None:
    """However long it is, in whatever language, and struck out in part."""
    long = " ".join(f"word{number} and another" for number in range(60))
    note = f"Was ist das?\n\n---\n\nDas ist ein ganz langer Text über ein Tier. {long} *~~no~~*\n"
    files = {"deck.yaml": "deck: D\nid: d\nrules: [compat/mdanki]\n", "a.md": f"# D\n\n## 鲸是什么？\n\n{note}"}
    write_files(tmp_path, files)
    assert deckgen("build", tmp_path, "--json").json["changes"]["new"] == 1
    (made,) = deckgen("list", tmp_path, "--json").json
    assert made["confidence"] == "likely"


def test_of_several_suggestions_of_one_text_the_one_that_is_taken_is_a_note(tmp_path: Path) -> None:
    rules = "rules:\n- {id: gap, on: highlight, marks: ['==answer=='], note: Cloze, cloze: [marked], confidence: maybe, fields: {Text: '{text}'}}\n"
    files = {
        "deck.yaml": "deck: D\nid: d\nrules: [./r.yaml]\n",
        "r.yaml": rules,
        "a.md": "A port is a ==number== of ==16 bits==.\n",
    }
    folder = write_files(tmp_path / "p", files)
    one, _ = deckgen("list", "--suggested", "--json", cwd=folder).json
    write_files(folder, {"deck.choices.yaml": f'- {{note: "{one["guid"]}", keep: true}}\n'})
    assert deckgen("build", cwd=folder).code == 0
    locked = (folder / "deck.lock").read_text("utf-8")
    assert deckgen("build", cwd=folder).code == 0
    assert (folder / "deck.lock").read_text("utf-8") == locked
    assert len(deckgen("list", "--json", cwd=folder).json) == 1


def test_a_suggestion_that_says_what_a_note_says_is_that_note_at_once(tmp_path: Path) -> None:
    long = f"抖动\n: {'word ' * 130}\n"  # less sure in a file of another language
    project(tmp_path, "likely", note=f"Fetch\n: open water\n\nThe wind has blown over it.\n\n{long}")
    deckgen("build", cwd=tmp_path)
    assert fronts(tmp_path, "--suggested") == ["抖动"]
    write_files(tmp_path, {"二.md": f"# 网络\n\n{long}\n包与包之间的时间差别很大。\n"})
    built: list[bytes] = []
    for _ in range(2):
        deckgen("build", cwd=tmp_path)
        built.append(next(tmp_path.glob("*.apkg")).read_bytes())
    assert built[0] == built[1]
    assert fronts(tmp_path) == ["Fetch", "抖动"]
    assert fronts(tmp_path, "--suggested") == []


FETCH = "Fetch\n: the distance that the wind has blown over open water\n"


def test_a_suggestion_that_stood_elsewhere_all_along_becomes_the_note_that_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    folder = project(tmp_path / "p", "likely", note=FETCH)
    deckgen("build", cwd=folder)
    (guid,) = [note["guid"] for note in deckgen("list", "--json", cwd=folder).json]
    project(folder, "maybe", note=FETCH)
    write_files(folder, {"b.md": FETCH.replace("Fetch\n", "The fetch\n")})
    deckgen("build", cwd=folder)
    assert (fronts(folder), fronts(folder, "--suggested")) == (["Fetch"], ["The fetch"])
    write_files(folder, {"a.md": "# Wind\n"})
    assert same_without(folder, "--json").json["changes"]["retired"] == 0
    assert [note["guid"] for note in deckgen("list", "--json", cwd=folder).json] == [guid]


def test_a_suggestion_becomes_no_note_that_left_long_ago_because_another_one_leaves_now(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    folder = project(tmp_path / "p", "likely", note=FETCH)
    write_files(folder, {"b.md": "Zone\n: the distance that the wind has blown over shallow water\n"})
    deckgen("build", cwd=folder)
    write_files(folder, {"a.md": "Wind.\n"})
    deckgen("build", cwd=folder)
    project(folder, "maybe", note=FETCH.replace("has blown", "blew"))
    deckgen("build", cwd=folder)
    assert (fronts(folder), fronts(folder, "--suggested")) == (["Zone"], ["Fetch"])
    write_files(folder, {"b.md": "Wind.\n"})
    changes = same_without(folder, "--json").json["changes"]
    assert (changes["restored"], changes["retired"]) == (0, 1)
    assert fronts(folder, "--suggested") == ["Fetch"]
