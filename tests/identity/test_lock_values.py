"""Odd values in deck.lock, key by key: each is refused with its place and a way out, or can be built on for good."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

CONFIG = """deck: N
id: n
rules: [./r.yaml, structure, en/facts]
note_types:
  Own:
    fields: [F, B]
    templates:
      - {name: C, front: '{{F}}', back: '{{B}}'}
"""
RULES = """rules:
  - id: own
    on: section
    note: Own
    fields: {F: '{heading}', B: '{body}'}
  - id: cloze
    on: sentence
    match: 'A {x} is {z} and {y}'
    note: Cloze
    cloze: [x, y]
    fields: {Text: 'A {x} is {z} and {y}'}
"""
NOTE = "MTL stands for multi-task learning.\n\nA cache is fast and near.\n\n## What is it?\n\nA thing.\n"


def edited(text: str) -> str:
    """Another answer, another question, and a new note."""
    text = text.replace("multi-task", "multi task").replace("thing", "part").replace("near", "close")
    return "ABC stands for a big car.\n\n" + text.replace("What is it", "What is that")


ODD = {
    "-1": "-1", "0": "0", "2^31": str(2**31), "2^53": str(2**53), "2^63-1": str(2**63 - 1), "2^64": str(2**64),
    "400 digits": "9" * 400, "5000 digits": "9" * 5000, "float": "1.5", "1e400": "1e400", "NaN": "NaN",
    "-Infinity": "-Infinity", "true": "true", "null": "null", "empty": '""', "text": '"x"',
    "a million characters": '"' + "a " * 500_000 + '"', "a lone surrogate": '"\\ud800"', "NUL": '"a\\u0000b"',
    "a line end": '"a\\nb"', "escape": '"\\u001b[31m"', "bidi": '"\\u202e"', "NFD": '"e\\u0301"', "private": '"\\ue010"',
    "leads out": '"../../x"', "absolute": '"/etc/passwd"', "600 characters": '"' + "a" * 600 + '"', "spaces": '" "',
    "empty list": "[]", "list of a text": '["a"]', "list of a number": "[0]", "list of a list": "[[]]",
    "list of a surrogate": '["\\ud800"]', "a long list": "[" + ",".join(['"a"'] * 100_000) + "]",
    "2,000 deep": "[" * 2000 + "]" * 2000, "never closed": "[" * 200_000, "object": "{}", "object of one": '{"a":1}',
    "deletion 0": '[[0,"a","",""]]', "deletion -1": '[[-1,"a","",""]]', "deletion 2^63": f'[[{2**63},"a","",""]]',
    "deletion 501": '[[501,"a","",""]]', "a short deletion": '[[1,"a",""]]', "a deletion of null": '[[1,null,"",""]]',
    "two deletions": '[[1,"a","",""],[1,"b","",""]]',
}  # fmt: skip
HEADER = ["deckgen_lock", "project", "rules", "rendering", "note_types", "words"]
LINE = ["guid", "id", "kind", "rule", "key", "was", "text", "digest", "question", "answer", "path", "headings", "deck"]
LINE += ["hash", "mod", "cloze", "retired", "declined", "decks", "seen", "missing"]
NOTE_TYPE = ["id", "fields", "templates", "cloze", "digest", "mod"]
NAMED = {"other-project", "note-type-schema-changed", "too-many-deletions"}  # about what the lock says, not how


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = write_files(tmp_path_factory.mktemp("lock") / "n", {"deck.yaml": CONFIG, "r.yaml": RULES, "a.md": NOTE})
    assert deckgen("build", project).code == 0
    return project


def with_value(row: str, key: str, value: str) -> str:
    members = {name: json.dumps(held, ensure_ascii=False) for name, held in json.loads(row).items()}
    return "{" + ",".join(f'"{name}":{held}' for name, held in {**members, key: value}.items()) + "}"


def check(built: Path, place: Path, which: str, change: object) -> None:
    """Change the header, or the line that holds a text, and build, edit and build again."""
    project = place / "n"
    shutil.rmtree(project, ignore_errors=True)
    shutil.copytree(built, project)
    lock = project / "deck.lock"
    rows = lock.read_text().splitlines()
    number = next(index for index, row in enumerate(rows) if which in row)
    assert callable(change)
    rows[number] = change(rows[number])
    lock.write_text("\n".join(rows) + "\n")
    for turn in range(2):
        for command in ("build", "diff" if turn else "build"):
            ended = deckgen(command, project)
            if ended.code == 2 and not turn:
                assert {kind for kind in ended.kinds if not kind.startswith("lock-")} <= NAMED, ended.err
                assert "deck.lock:" in ended.err.splitlines()[0] or set(ended.kinds) <= NAMED
                assert "help:" in ended.err
                assert len(ended.err) < 20_000
                return
            assert ended.code == 0, (turn, command, ended.err[:2000])
        (project / "a.md").write_text(edited(NOTE))


@pytest.mark.parametrize("key", LINE)
def test_a_line(built: Path, tmp_path: Path, key: str) -> None:
    for value in ODD.values():
        check(built, tmp_path, "multi-task", lambda row, value=value: with_value(row, key, value))


@pytest.mark.parametrize("key", ["cloze", "kind", "mod"])
def test_the_line_of_a_cloze(built: Path, tmp_path: Path, key: str) -> None:
    for value in ODD.values():
        check(built, tmp_path, '"kind":"Cloze"', lambda row, value=value: with_value(row, key, value))


@pytest.mark.parametrize("key", HEADER)
def test_the_header(built: Path, tmp_path: Path, key: str) -> None:
    for value in ODD.values():
        check(built, tmp_path, "deckgen_lock", lambda row, value=value: with_value(row, key, value))


@pytest.mark.parametrize("key", NOTE_TYPE)
def test_a_note_type_in_the_header(built: Path, tmp_path: Path, key: str) -> None:
    def change(row: str, value: str) -> str:
        known = json.dumps(json.loads(row)["note_types"]["Own"])
        return with_value(row, "note_types", f'{{"Own":{with_value(known, key, value)}}}')

    for value in ODD.values():
        check(built, tmp_path, "deckgen_lock", lambda row, value=value: change(row, value))


@pytest.mark.parametrize("which", ["deckgen_lock", "multi-task"])
def test_keys_that_are_missing_doubled_or_unknown(built: Path, tmp_path: Path, which: str) -> None:
    for key in (*HEADER, *LINE):
        check(built, tmp_path, which, lambda row, key=key: row.replace(f'"{key}"', '"x"', 1))
        check(built, tmp_path, which, lambda row, key=key: row[:-1] + f',"{key}":""}}')
        check(built, tmp_path, which, lambda row, key=key: row[: max(1, row.find(f'"{key}"'))])


@pytest.mark.parametrize("time", [253_402_300_799, 253_402_300_798])
@pytest.mark.parametrize("key", ["id", "mod"])
def test_the_last_number_is_built_on(built: Path, tmp_path: Path, key: str, time: int) -> None:
    """What counts on from it stays within what the next build reads."""
    value = str(time * 1000 if key == "id" else time)
    check(built, tmp_path, "multi-task", lambda row: with_value(row, key, value))
    twins = built.parent / "twins"
    shutil.rmtree(twins, ignore_errors=True)
    shutil.copytree(built, twins)
    lock = twins / "deck.lock"
    head, *rows = lock.read_text().splitlines()
    lock.write_text("\n".join([head, *(with_value(row, key, value) for row in rows)]) + "\n")
    for _ in range(2):
        assert deckgen("build", twins).code == 0
        (twins / "a.md").write_text(edited(NOTE))
        assert deckgen("build", twins).code == 0
        (twins / "a.md").write_text(NOTE)
