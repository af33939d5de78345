"""deck.choices.yaml: what it says, what is wrong with it, and how decisions are written into it."""

from __future__ import annotations

import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from hypothesis import given
from hypothesis import strategies as st

from deckgen.build.choices_file import edit_choices
from deckgen.diagnostics import has_errors
from deckgen.diagnostics.yaml import read_yaml
from deckgen.project.choices import (
    NO_CHOICES,
    Choices,
    NoteChoice,
    RuleChoice,
    Wording,
    choices_path,
    parse_choices,
)
from deckgen.project.choices_lines import read_lines
from deckgen.project.choices_text import with_note, with_notes, with_pair, with_rule

A, B, C = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"


def read(text: str) -> Choices:
    choices, diagnostics = parse_choices(text, "deck.choices.yaml")
    assert not diagnostics, diagnostics
    return choices


def problems(text: str) -> list[str]:
    _, diagnostics = parse_choices(text, "deck.choices.yaml")
    return [f"{d.span.line}:{d.span.column} {d.kind}: {d.message}" for d in diagnostics if d.span]


def test_the_file_stands_beside_the_lock() -> None:
    assert choices_path(Path("n/deck.lock")) == Path("n/deck.choices.yaml")
    assert choices_path(Path("n/other.lock")) == Path("n/other.choices.yaml")


def test_all_that_can_be_decided() -> None:
    text = f"""
# a comment
- {{note: {A}, skip: true, of: 0123456789abcdef, text: "an excerpt: of it"}}
- note: {B}
  fields:
    Back: |
      my own

      words
    Extra: {{html: "<b>bold</b>"}}
- {{note: {C}, keep: true}}
- {{rule: zh/facts, path: "notes/**"}}
- {{same: [{A}, {B}]}}
- {{another: [{A}, {C}]}}
"""
    choices = read(text)
    assert choices.notes[A].is_skipped
    assert choices.notes[A].text == "an excerpt: of it"
    assert choices.notes[B].fields == (
        ("Back", Wording("my own\n\nwords\n")),
        ("Extra", Wording("<b>bold</b>", is_html=True)),
    )
    assert choices.notes[C].is_kept
    assert choices.same == ((A, B),)
    assert choices.another == ((A, C),)
    assert choices.is_rule_off("zh/facts/full-name", "notes/a/b.md")
    assert not choices.is_rule_off("zh/facts-of-mine/full-name", "notes/a.md")
    assert not choices.is_rule_off("zh/facts/full-name", "others/a.md")


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "[]\n"])
def test_nothing_decided(text: str) -> None:
    assert read(text) == NO_CHOICES


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("note: a\n", ["1:1 wrong-type: decisions are a list"]),
        ("- a\n", ["1:3 wrong-type: a decision is a mapping"]),
        ("- {skip: true}\n", ["1:3 bad-choice: this line does not say what it is about"]),
        ("- {note: a, skip: maybe}\n", ["1:19 wrong-type: `skip` is true or false"]),
        ("- {note: a, skp: true}\n", ["1:13 unknown-key: unknown key `skp`"]),
        ("- {note: [a], skip: true}\n", ["1:10 wrong-type: `note` is a text"]),
        ("- {note: '', skip: true}\n", ["1:10 wrong-type: `note` is a text"]),
        ("- {note: 'a b', skip: true}\n", ["1:10 bad-choice: `a b` is no GUID"]),
        ("- {note: a, fields: [x]}\n", ["1:21 wrong-type: `fields` is a mapping"]),
        ("- {note: a, fields: {Back: [x]}}\n", ["1:28 wrong-type: `Back` is a text"]),
        ("- {rule: [a], path: b}\n", ["1:10 wrong-type: `rule` is a text"]),
        ("- {same: [a]}\n", ["1:10 wrong-type: `same` is a list of two GUIDs"]),
        ("- {same: [a, b], note: c}\n", ["1:4 unknown-key: unknown key `same`"]),
        ("- {note: a, skip: true\n", ["1:23 bad-yaml: did not find expected ',' or '}'"]),
        (
            "- {note: !!python/object:os.system a}\n",
            ["1:10 unsafe-yaml: the tag `!!python/object:os.system` asks for more than data"],
        ),
        (f"<<<<<<< HEAD\n- {{note: {A}, skip: true}}\n", ["1:1 choices-conflict: merge conflict in the decisions"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, expected: list[str]) -> None:
    assert problems(text) == expected
    assert has_errors(parse_choices(text, "x")[1])


def test_two_lines_about_one_note_are_one_decision() -> None:
    choices = read(
        f'- {{note: {A}, skip: true}}\n- {{note: {A}, fields: {{Back: "b"}}}}\n- {{note: {A}, skip: true}}\n'
    )
    assert choices.notes[A] == NoteChoice(A, is_skipped=True, fields=(("Back", Wording("b")),))


def test_two_lines_that_differ_are_told() -> None:
    text = f"- {{note: {A}, keep: true}}\n- {{note: {A}, skip: true}}\n"
    assert problems(text) == [
        f"2:10 choices-differ: the note {A} is skipped on one line and kept on another: it is skipped"
    ]
    text = f"- {{note: {A}, fields: {{Back: one}}}}\n- {{note: {A}, fields: {{Back: two}}}}\n"
    assert problems(text) == [f"2:10 choices-differ: the note {A} has two wordings: this one holds"]
    assert parse_choices(text, "")[0].notes[A].fields == (("Back", Wording("two")),)
    text = f"- {{same: [{A}, {B}]}}\n- {{another: [{A}, {B}]}}\n"
    choices, _ = parse_choices(text, "")
    assert (choices.same, choices.another) == ((), ((A, B),))


def test_decisions_are_sorted_and_have_their_question_above() -> None:
    text = with_note("", NoteChoice(B, is_skipped=True, of="0123", text="the text"), "What is B?")
    text = with_note(text, NoteChoice(A, is_kept=True), "什么是 A？\nand more")
    text = with_rule(text, RuleChoice("en/facts/x", "notes/**"))
    text = with_pair(text, "same", A, C)
    head, _, rest = text.partition("\n\n")
    assert head.startswith("# Decisions")
    assert rest == (
        '- {rule: en/facts/x, path: "notes/**"}\n'
        f"- {{same: [{A}, {C}]}}\n"
        f"# 什么是 A？ and more\n- {{note: {A}, keep: true}}\n"
        f'# What is B?\n- {{note: {B}, skip: true, of: "0123", text: "the text"}}\n'
    )
    assert read(text).notes[B].of == "0123"


WRITTEN = f"""# my own words about this file

# a remark of mine
# What is B?
- {{note: {B}, skip: true}}   # behind it
- note: {C}   # in several lines
  fields:
    Back: |
      text

# the end
"""


def test_comments_and_the_order_of_others_stay() -> None:
    text = with_note(WRITTEN, NoteChoice(A, is_skipped=True), "What is A?")
    assert text == WRITTEN.replace("# a remark", f"# What is A?\n- {{note: {A}, skip: true}}\n# a remark", 1)
    text = with_note(WRITTEN, NoteChoice(B, is_kept=True), "What is B now?")
    assert text == WRITTEN.replace("skip: true}   # behind it", "keep: true}")
    text = with_note(WRITTEN, NoteChoice(B))
    assert "remark" not in text
    assert "in several lines" in text
    assert text.startswith("# my own words")


def test_taking_back_what_was_never_decided_changes_nothing() -> None:
    assert with_note(WRITTEN, NoteChoice(A)) == WRITTEN
    assert with_rule(WRITTEN, RuleChoice("a", "b"), holds=False) == WRITTEN


def test_a_list_in_brackets_becomes_lines() -> None:
    text = with_note(f"[{{note: {A}, skip: true}}, {{rule: a, path: b}}]\n", NoteChoice(B, is_kept=True))
    assert read(text) == Choices(
        {A: NoteChoice(A, is_skipped=True), B: NoteChoice(B, is_kept=True)}, (RuleChoice("a", "b"),)
    )


TEXTS = st.text(st.characters(blacklist_categories=("Cs",)), max_size=40)


@given(
    st.dictionaries(
        st.sampled_from([A, B, C, "x/y", "1", "true", "a:b", "~"]),
        st.tuples(
            st.booleans(),
            st.booleans(),
            st.dictionaries(TEXTS.filter(str.strip), TEXTS, max_size=3),
            TEXTS,
            st.booleans(),
        ),
        max_size=5,
    )
)
def test_what_is_written_is_what_is_read(decided: dict[str, tuple[bool, bool, dict[str, str], str, bool]]) -> None:
    text = ""
    for guid, (skip, keep, fields, question, is_html) in decided.items():
        wordings = tuple((name, Wording(value, is_html)) for name, value in fields.items())
        text = with_note(text, NoteChoice(guid, skip, keep, wordings), question)
    choices, _ = parse_choices(text, "")
    quick, slow = read_lines(text, ""), read_yaml(text, "")[0]
    assert quick is None or (slow is not None and quick.value == slow.value)
    assert {guid: (one.is_skipped, one.is_kept, dict(one.fields)) for guid, one in choices.notes.items()} == {
        guid: (skip, keep, {name: Wording(value, is_html) for name, value in fields.items()})
        for guid, (skip, keep, fields, _, is_html) in decided.items()
        if skip or keep or fields
    }


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
@pytest.mark.parametrize("is_there_before", [True, False])
def test_two_branches_are_merged_by_git(tmp_path: Path, is_there_before: bool) -> None:
    def git(*arguments: str) -> None:
        subprocess.run(
            ["git", "-c", "user.name=t", "-c", "user.email=t@t", *arguments],
            cwd=tmp_path,
            check=True,
            capture_output=True,
        )

    path = tmp_path / "deck.choices.yaml"
    git("init", "-q", "-b", "main")
    (tmp_path / ".gitattributes").write_text("deck.choices.yaml merge=union\n")
    start = with_note("", NoteChoice("m" * 16, is_skipped=True), "the same question") if is_there_before else ""
    if start:
        path.write_text(start)
    git("add", ".")
    git("commit", "-q", "-m", "start")
    sides = {"left": "abcd", "right": "efgh"}
    for branch, letters in sides.items():
        git("checkout", "-q", "-b", branch, "main")
        text = start
        for letter in letters:
            text = with_note(text, NoteChoice(letter * 16, is_skipped=True, text="t"), "the same question")
        text = with_rule(text, RuleChoice(f"rules/{branch}", "**"))
        text = with_pair(text, "same" if branch == "left" else "another", A, B if branch == "left" else C)
        path.write_text(text)
        git("add", ".")
        git("commit", "-q", "-m", branch)
    git("merge", "-q", "left", "-m", "merged")
    choices = read(path.read_text())
    expected = {letter * 16 for letter in "abcdefgh"} | ({"m" * 16} if is_there_before else set())
    assert set(choices.notes) == expected
    assert all(choice.is_skipped for choice in choices.notes.values())
    assert {rule.rule for rule in choices.rules} == {"rules/left", "rules/right"}
    assert choices.same == ((A, B),)
    assert choices.another == ((A, C),)


def test_a_broken_file_stops_the_build(tmp_path: Path) -> None:
    write_files(
        tmp_path, {"n/a.md": "# What is a groyne?\n\nA wall that traps sand.\n", "n/deck.yaml": "deck: N\nid: n\n"}
    )
    (tmp_path / "n" / "deck.choices.yaml").write_text("- {note: a, skp: true}\n")
    ended = deckgen("build", "n", cwd=tmp_path)
    assert (ended.code, ended.kinds) == (2, ["unknown-key"])
    assert "n/deck.choices.yaml:1:13:" in ended.err
    assert not (tmp_path / "n" / "deck.lock").exists()


def test_a_link_out_of_the_project_is_neither_read_nor_written(tmp_path: Path) -> None:
    write_files(tmp_path, {"n/a.md": "# What is a groyne?\n\nA wall.\n", "n/deck.yaml": "deck: N\n", "x.yaml": "- 1\n"})
    (tmp_path / "n" / "deck.choices.yaml").symlink_to(tmp_path / "x.yaml")
    assert deckgen("build", "n", cwd=tmp_path).kinds == ["outside-project"]
    found = edit_choices(tmp_path / "n", tmp_path / "n" / "deck.lock", lambda text: text + "- 2\n")
    assert [d.kind for d in found] == ["outside-project"]
    assert (tmp_path / "x.yaml").read_text() == "- 1\n"


def test_decisions_made_at_the_same_time_are_all_kept(tmp_path: Path) -> None:
    def decide(number: int) -> None:
        choice = NoteChoice(f"note{number:012}", is_skipped=True)
        assert edit_choices(tmp_path, tmp_path / "deck.lock", lambda text: with_note(text, choice)) == []

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decide, range(40)))
    assert len(read((tmp_path / "deck.choices.yaml").read_text()).notes) == 40
    assert not (tmp_path / ".gitattributes").exists()  # not in a repository


def test_in_a_repository_git_is_told_to_merge_by_union(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    lines = ["deck.lock merge=union\n", "deck.choices.yaml merge=union\n"]
    (tmp_path / ".gitattributes").write_text(lines[0])
    edit_choices(tmp_path, tmp_path / "deck.lock", lambda text: with_note(text, NoteChoice(A, is_kept=True)))
    assert (tmp_path / ".gitattributes").read_text() == "".join(lines)


def test_a_broken_file_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "deck.choices.yaml").write_text("- {note\n")
    found = edit_choices(tmp_path, tmp_path / "deck.lock", lambda _: "")
    assert [d.kind for d in found] == ["bad-yaml"]
    assert (tmp_path / "deck.choices.yaml").read_text() == "- {note\n"


LINES = st.text(st.sampled_from(list("- {}[],:\"\\'#&*!|>%@`?~ntrueyfalsno1.\u2028é中\n ")), max_size=30)


@given(LINES)
def test_lines_are_read_as_yaml_reads_them(text: str) -> None:
    text = f"- {{note: a, {text}"
    quick = read_lines(text, "")
    if quick is not None:
        slow, problems = read_yaml(text, "")
        assert slow is not None
        assert not problems
        assert quick.value == slow.value


def test_many_decisions_are_read_and_written_fast() -> None:
    decided = [
        (NoteChoice(f"note{n:012}", is_skipped=True, of=f"{n:016x}", text="a text"), f"q {n}") for n in range(3000)
    ]
    text = with_notes("", decided)
    assert read_lines(text, "") is not None
    assert len(read(text).notes) == 3000
    assert with_notes(text, decided) == text
    assert with_notes(text, [(NoteChoice(one.guid), "") for one, _ in decided]).count("note") == text[:200].count(
        "notes"
    )
