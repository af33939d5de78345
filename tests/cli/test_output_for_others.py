"""Colours for terminals, SARIF for forges, completion for shells."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

FILES = {
    "deck.yaml": "deck: D\nid: d\nrules: [./r.yaml]\nlint: {answer-in-question: error}\n",
    "r.yaml": """rules:
  - id: r
    on: list_item
    match: '{a} = {b}'
    fields: {Front: '{a}', Back: '{b}'}
    examples:
      - {text: '- x = y', notes: [{Front: x, Back: z}]}
      - {text: '- x', notes: []}
""",
    "笔记 1.md": "- the capital Paris of France = Paris\n- b = c\n",
}
ESCAPE = "\x1b["


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return write_files(tmp_path / "p", FILES)


def test_colours_are_for_terminals_unless_they_are_asked_for(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ESCAPE not in deckgen("lint", cwd=project).out
    always = deckgen("--color", "always", "lint", cwd=project).out
    assert "\x1b[1;31merror[answer-in-question]\x1b[0m" in always
    assert re.sub(r"\x1b\[[0-9;]*m", "", always) == deckgen("--color", "never", "lint", cwd=project).out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    assert ESCAPE not in deckgen("lint", cwd=project).out
    assert ESCAPE in deckgen("--color", "always", "diff", cwd=project).out


def test_errors_are_in_colour_too(project: Path) -> None:
    write_files(project, {"deck.yaml": "deck: D\nid: d\nruls: []\n"})
    ended = deckgen("--color", "always", "list", cwd=project)
    assert ended.code == 2
    assert "\x1b[1;31merror[unknown-key]\x1b[0m" in ended.err


def check_sarif(text: str) -> list[dict[str, object]]:
    """The results of one run; the parts of SARIF 2.1.0 that readers need are there."""
    log = json.loads(text)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    rules = {rule["id"] for rule in run["tool"]["driver"]["rules"]}
    for result in run["results"]:
        assert result["ruleId"] in rules
        assert result["level"] in ("error", "warning")
        (location,) = result["locations"]
        region = location["physicalLocation"]["region"]
        assert region["startLine"] >= 1
        assert region["startColumn"] >= 1
    return list(run["results"])


def test_lint_as_sarif(project: Path) -> None:
    ended = deckgen("lint", "--format", "sarif", cwd=project)
    assert ended.code == 1
    (result,) = check_sarif(ended.out)
    assert result["ruleId"] == "answer-in-question"
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]  # type: ignore[index]
    assert place == "%E7%AC%94%E8%AE%B0%201.md"
    write_files(project, {"笔记 1.md": "- b = c\n"})
    assert check_sarif(deckgen("lint", "--format", "sarif", cwd=project).out) == []


def test_failed_examples_as_sarif(project: Path) -> None:
    ended = deckgen("rules", "test", "r.yaml", "--format", "sarif", cwd=project)
    assert ended.code == 1
    (result,) = check_sarif(ended.out)
    assert "expected  Front: x; Back: z" in result["message"]["text"]  # type: ignore[index]


@pytest.mark.parametrize(("shell", "name"), [("bash", "deckgen"), ("zsh", "_deckgen"), ("fish", "deckgen.fish")])
def test_completion_is_written_where_the_shell_looks(
    shell: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("SHELL", f"/usr/bin/{shell}")
    for _ in range(2):  # also over its own file
        ended = deckgen("--install-completion", cwd=tmp_path)
        assert (ended.code, ended.err) == (0, "")
    (path,) = [path for path in home.rglob("*") if path.is_file()]
    assert path.name == name
    assert str(path) in ended.out
    assert "_DECKGEN_COMPLETE" in path.read_text("utf-8")


def test_completion_never_takes_the_place_of_another_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/fish")
    write_files(tmp_path, {".config/fish/completions/deckgen.fish": "mine\n"})
    ended = deckgen("--install-completion", cwd=tmp_path)
    assert ended.code == 2
    assert "move it away first" in ended.err
    assert (tmp_path / ".config/fish/completions/deckgen.fish").read_text() == "mine\n"
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert "bash, zsh, fish" in deckgen("--install-completion", cwd=tmp_path).err
