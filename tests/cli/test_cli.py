from __future__ import annotations

import csv
import io
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen import __version__
from deckgen.reports.columns import columns, cut

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
FACTS = "# Networks\n\nLatency\n: the **time** from a request to its answer\n\n延迟\n: 从请求到答复的时间，越短越好\n"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return write_files(tmp_path / "notes", {"a.md": FACTS, "b/b.md": "Jitter\n: how much latency varies\n"})


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "deckgen", *arguments]


def test_help_is_quick() -> None:
    """A tenth of a second, on a machine that does nothing else: here the processor time of the best of five."""
    best = 10.0
    for _ in range(5):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        shown = subprocess.run(command("--help"), capture_output=True, text=True, check=True, cwd=ROOT)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        best = min(best, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    assert "build" in shown.stdout
    assert best < 0.25


def test_help_imports_nothing_of_the_pipeline() -> None:
    program = "import sys; from deckgen.cli import app; print(*sys.modules)"
    shown = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(shown.stdout.split())
    assert not loaded & {
        "genanki",
        "markdown_it",
        "msgspec",
        "yaml",
        "rich",
        "rapidfuzz",
        "nh3",
        "deckgen.build.pipeline",
    }


def test_plain_values_need_no_pydantic(notes: Path) -> None:
    program = "import sys; from deckgen.cli import app; app(standalone_mode=False); print(*sys.modules)"
    given = ["build", str(notes), "-o", str(notes / "x.apkg"), "--same", "a=b", "--dry-run"]
    shown = subprocess.run(
        [sys.executable, "-c", program, *given], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert not {"pydantic", "pydantic_core"} & set(shown.stdout.split())


def test_values_of_the_wrong_kind(notes: Path) -> None:
    assert "'xx' is not one of" in deckgen("list", notes, "--format", "xx").err
    assert "--port" in deckgen("preview", notes, "--port", "x").err
    assert deckgen("list", notes, "--format", "csv").code == 0


def test_version() -> None:
    assert deckgen("--version").out == f"deckgen {__version__}\n"


def test_every_command_has_help() -> None:
    for name in ([], ["build"], ["list"], ["rules"], ["rules", "test"], ["rules", "list"]):
        ended = deckgen(*name, "--help")
        assert ended.code == 0
        assert ended.out.startswith("Usage: ")


def test_the_json_of_a_note(notes: Path) -> None:
    latency = deckgen("list", notes, "--format", "json").json[0]
    assert list(latency) == [
        "guid",
        "id",
        "note_type",
        "deck",
        "tags",
        "fields",
        "rule",
        "change",
        "confidence",
        "source",
    ]
    assert len(latency.pop("guid")) == 16
    assert latency.pop("id") % 1000 == 0
    assert latency == {
        "note_type": "Basic",
        "deck": "notes",
        "tags": [],
        "fields": {
            "Front": "Latency",
            "Back": "the <strong>time</strong> from a request to its answer",
            "Context": "Networks",
            "Source": "a.md › Networks",
        },
        "rule": "structure/definition",
        "change": "new",
        "confidence": "likely",
        "source": {
            "path": "a.md",
            "line": 3,
            "column": 1,
            "end_line": 4,
            "text": "Latency\n: the **time** from a request to its answer",
        },
    }


def test_json_of_no_notes(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": "Nothing."})
    ended = deckgen("list", tmp_path / "a.md", "--json")
    assert (ended.code, ended.json) == (0, [])


def test_text_fits_eighty_columns(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    (notes / "a.md").write_text(FACTS.replace("越短越好", "越短越好，" * 20))
    lines = deckgen("list", notes).out.splitlines()
    assert lines[0] == "a.md"
    assert all(columns(line) <= 80 for line in lines)
    assert {columns(line) for line in lines if line.endswith("definition")} == {80}  # right-aligned, also after Chinese
    assert any(line.startswith("       → 从请求到答复的时间") and line.endswith("…") for line in lines)
    assert lines[-1] == "3 notes"


def test_csv(notes: Path) -> None:
    found = list(csv.DictReader(io.StringIO(deckgen("list", notes, "--format", "csv").out)))
    assert [(row["question"], row["path"], row["line"]) for row in found] == [
        ("Latency", "a.md", "3"),
        ("延迟", "a.md", "6"),
        ("Jitter", "b/b.md", "1"),
    ]
    assert found[0]["answer"] == "the **time** from a request to its answer"


@pytest.mark.parametrize(
    ("options", "count"),
    [
        (["--file", "b/*"], 1),
        (["--file", "**/*.md"], 3),
        (["--file", "*.txt"], 0),
        (["--rule", "structure/definition"], 3),
        (["--rule", "definition"], 3),
        (["--rule", "structure"], 3),
    ],
)
def test_filters(notes: Path, options: list[str], count: int) -> None:
    assert len(deckgen("list", notes, "--json", *options).json) == count


def test_a_rule_that_is_not_there_is_a_slip(notes: Path) -> None:
    assert "did you mean `definition`?" in " ".join(deckgen("list", notes, "--rule", "defintion").err.split())


def test_diagnostics_go_to_standard_error(notes: Path) -> None:
    (notes / "c.md").write_text("Loss\n: what never arrives ![x](no.png)\n")
    ended = deckgen("list", notes, "--json")
    assert len(ended.json) == 4
    assert ended.kinds == ["missing-media"]
    assert "1 warning" in ended.err


def test_a_note_cannot_command_the_terminal(notes: Path) -> None:
    (notes / "c.md").write_text("L\x1b[2Joss\n: what \x1b]0;owned\x07 never arrives ![x](no.png)\n")
    ended = deckgen("list", notes)
    assert ended.kinds == ["missing-media"]
    assert not set(ended.out + ended.err) & {"\x1b", "\x07"}


def test_many_warnings_are_counted(notes: Path) -> None:
    (notes / "c.md").write_text("".join(f"Term {i}\n: word ![x](no{i}.png)\n\n" for i in range(60)))
    ended = deckgen("list", notes, "--json")
    assert len(ended.kinds) == 50
    assert "60 warnings (10 not shown: `-v` shows all)" in ended.err


def test_the_summary_for_programs(notes: Path) -> None:
    summary = deckgen("build", notes, "--json").json
    assert summary["changes"] == {"new": 3, "updated": 0, "moved": 0, "restored": 0, "retired": 0, "unchanged": 0}
    assert (summary["notes"], summary["cards"]) == (3, 3)
    assert Path(summary["package"]) == notes / "notes.apkg"
    (notes / "a.md").write_text("Nothing.")
    summary = deckgen("build", notes, "--json").json
    assert len(summary["retired"]) == 2
    assert summary["searches"]["retired"] == [f'"ID:re:^({"|".join(sorted(summary["retired"]))})$"']
    assert deckgen("build", notes, "--check", "--json").json["up_to_date"] is True


@pytest.mark.parametrize("arguments", [["list", "--json"], ["list"], ["rules", "list"], ["build", "--dry-run"]])
def test_a_reader_that_goes_early_is_no_error(notes: Path, arguments: list[str]) -> None:
    (notes / "many.md").write_text("".join(f"Term {i}\n: {'word ' * 200}\n\n" for i in range(100)))
    places = [str(notes)] if arguments[0] != "rules" else []
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(command(*arguments, *places), stdout=writing, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    os.close(writing)
    assert (ended.returncode, ended.stderr) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_output_that_cannot_be_printed(notes: Path) -> None:
    with open("/dev/full", "wb") as full:
        ended = subprocess.run(command("list", str(notes)), stdout=full, stderr=subprocess.PIPE, cwd=ROOT, check=False)
    assert ended.returncode == 2
    assert b"No space left" in ended.stderr
    assert b"Traceback" not in ended.stderr


def test_a_terminal_that_knows_no_unicode(notes: Path) -> None:
    environment = {**os.environ, "LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    shown = subprocess.run(command("list", str(notes)), capture_output=True, check=True, cwd=ROOT, env=environment)
    assert "延迟" in shown.stdout.decode()


@pytest.mark.parametrize("is_debugging", [False, True])
def test_a_bug_is_told_in_two_lines_and_with_a_traceback_on_request(is_debugging: bool) -> None:
    program = (
        "import deckgen.build.pipeline, sys\n"
        "def broken(*_, **__): raise ZeroDivisionError('by accident')\n"
        "deckgen.build.pipeline.open_and_run = broken\n"
        "from deckgen.cli import main\n"
        "sys.argv = ['deckgen', 'list', '.']\n"
        "main()\n"
    )
    environment = {**os.environ, "DECKGEN_DEBUG": "1" if is_debugging else ""}
    command_line = [sys.executable, "-c", program]
    ended = subprocess.run(command_line, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert ended.returncode == (1 if is_debugging else 2)
    assert ("Traceback" in ended.stderr) is is_debugging
    assert is_debugging or "this is a bug in deckgen: ZeroDivisionError: by accident" in ended.stderr


def test_without_a_clock_there_is_no_build(notes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "yesterday")
    assert deckgen("build", notes).kinds == ["bad-clock"]


def test_shipped_rules_are_listed_and_come_out_as_written() -> None:
    listed = deckgen("rules", "list")
    assert listed.code == 0
    assert "\nen/facts  " in listed.out
    names = {rule["rule"] for rule in deckgen("rules", "list", "--json").json}
    assert "structure/definition" in names
    tested = deckgen("rules", "test")
    assert tested.code == 0, tested.out
    assert " 0 wrong\n" in tested.out


def test_own_note_types_are_those_of_the_project_around(tmp_path: Path) -> None:
    card = "{name: Card, front: '{{Word}}', back: '{{Meaning}}'}"
    rules = "rules:\n- {id: w, on: definition, note: Word, fields: {Word: '{term}', Meaning: '{definition}'},\n"
    rules += '   examples: [{text: "a\\n: b", notes: [{Word: a, Meaning: b}]}]}\n'
    config = f"deck: A\nnote_types: {{Word: {{fields: [Word, Meaning], templates: [{card}]}}}}\n"
    write_files(tmp_path, {"deck.yaml": config, "rules/mine.yaml": rules})
    assert "1 right" in deckgen("rules", "test", tmp_path / "rules" / "mine.yaml").out
    (tmp_path / "deck.yaml").unlink()
    assert deckgen("rules", "test", tmp_path / "rules" / "mine.yaml").kinds == ["unknown-note"]


def test_one_pack_is_tested_by_name(notes: Path) -> None:
    results = deckgen("rules", "test", "structure", "--json").json
    assert {result["rule"].partition("/")[0] for result in results} == {"structure"}
    assert all(result["right"] for result in results)


def test_the_folder_one_stands_in_is_the_default(notes: Path) -> None:
    assert len(deckgen("list", "--json", cwd=notes).json) == 3
    assert len(deckgen("list", "--json", cwd=notes / "b").json) == 1
    (notes / "deck.yaml").write_text("deck: Networks\nid: networks\n")
    assert len(deckgen("list", "--json", cwd=notes / "b").json) == 1
    assert deckgen("list", "--json", cwd=notes / "b").json[0]["source"]["path"] == "b/b.md"


@pytest.mark.parametrize(
    ("text", "width", "shown"),
    [
        ("abc", 3, "abc"),
        ("abcd", 3, "ab…"),
        ("围棋比赛", 8, "围棋比赛"),
        ("围棋比赛", 7, "围棋比…"),
        ("围棋比赛", 6, "围棋…"),
        ("e\u0301e\u0301", 2, "e\u0301e\u0301"),
    ],
)
def test_cut(text: str, width: int, shown: str) -> None:
    assert cut(text, width) == shown


@pytest.mark.parametrize(
    ("command", "code"),
    [("--version", 0), ("--version >&-", 0), ("--version >&- 2>&-", 0), ("list nowhere 2>&1 | cat", 2), ("nothing", 2)],
)
def test_the_program_ends_with_the_code_of_its_command(command: str, code: int) -> None:
    script = f'set -o pipefail; "$0" -m deckgen {command}'
    started = ["bash", "-c", script, sys.executable]
    ended = subprocess.run(started, check=False, capture_output=True, text=True, cwd=ROOT)
    assert ended.returncode == code
    assert "Traceback" not in ended.stdout + ended.stderr
    if code == 0 and "&" not in command:
        assert ended.stdout.startswith("deckgen ")
    if "| cat" in command:
        assert "there is no `nowhere`" in ended.stdout
