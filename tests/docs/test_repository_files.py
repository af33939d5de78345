"""What others run from this repository: its action, its hooks for pre-commit, its workflows, its templates."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

ROOT = Path(__file__).parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS: list[dict[str, Any]] = ACTION["runs"]["steps"]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def git(folder: Path, *words: str) -> str:
    """What git says, with an author of the test's own."""
    author = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(["git", *author, *words], cwd=folder, capture_output=True, text=True, check=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A deck under version control, with one answer changed since the last commit but one."""
    folder = tmp_path / "笔记"
    write_files(folder, {"deck.yaml": "deck: D\nid: d\n", "a.md": "ATP stands for adenosine triphosphate.\n"})
    assert deckgen("build", cwd=folder).code == 0
    git(folder, "init", "-q")
    git(folder, "add", "a.md", "deck.yaml", "deck.lock")
    git(folder, "commit", "-q", "-m", "first")
    write_files(folder, {"a.md": "ATP stands for adenosine triphosphate.\n\n- **Nucleus**: where chromosomes are\n"})
    return folder


def run_script(name: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """A script of the action in a folder, with deckgen as it is here."""
    tools = folder.parent / "bin"
    tools.mkdir(exist_ok=True)
    command = tools / "deckgen"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -P -m deckgen "$@"\n')
    command.chmod(0o755)
    known = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), **environment}
    script = ROOT / ".github/action" / name
    return subprocess.run(["bash", str(script)], cwd=folder, env=known, capture_output=True, text=True, check=False)


def test_the_action_says_which_cards_change(repository: Path, tmp_path: Path) -> None:
    out, summary = tmp_path / "diff.md", tmp_path / "summary.md"
    environment = {"DECK": ".", "AGAINST": "HEAD", "OUT": str(out), "GITHUB_STEP_SUMMARY": str(summary)}
    done = run_script("diff.sh", repository, **environment)
    assert done.returncode == 0, done.stderr
    assert "where chromosomes are" in out.read_text("utf-8")
    assert summary.read_text("utf-8") == out.read_text("utf-8")


def test_the_action_compares_with_the_lock_where_the_revision_has_none(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "diff.md"
    done = run_script("diff.sh", repository, DECK=".", AGAINST="", OUT=str(out))
    assert done.returncode == 0, done.stderr
    assert "where chromosomes are" in out.read_text("utf-8")


def test_the_action_fails_where_the_lock_is_old_and_leaves_it(repository: Path) -> None:
    before = (repository / "deck.lock").read_bytes()
    done = run_script("check.sh", repository, DECK=".")
    assert done.returncode == 1
    assert "deck.lock is not up to date" in done.stderr
    assert (repository / "deck.lock").read_bytes() == before
    assert deckgen("build", cwd=repository).code == 0
    assert run_script("check.sh", repository, DECK=".").returncode == 0


def test_the_comment_is_posted_once_and_replaced(repository: Path, tmp_path: Path) -> None:
    out = tmp_path / "diff.md"
    out.write_text("- a card\n", "utf-8")
    calls = tmp_path / "calls"
    tools = tmp_path / "bin"
    tools.mkdir(exist_ok=True)
    fake = tools / "gh"
    fake.write_text(f'#!/bin/sh\necho "$@" >> "{calls}"\ncase "$*" in *--jq*) printf "%s" "$OLD" ;; esac\n')
    fake.chmod(0o755)
    environment = {"OUT": str(out), "REPOSITORY": "o/r", "PULL_REQUEST": "7"}
    assert run_script("comment.sh", repository, **environment, OLD="").returncode == 0
    assert run_script("comment.sh", repository, **environment, OLD="12").returncode == 0
    posted = [line for line in calls.read_text().splitlines() if "--method" in line]
    assert [line.split()[2:4] for line in posted] == [
        ["POST", "repos/o/r/issues/7/comments"],
        ["PATCH", "repos/o/r/issues/comments/12"],
    ]


def test_nothing_that_a_stranger_can_write_stands_in_a_script() -> None:
    """Values of an event reach a script by its environment only, never as a part of its text."""
    for step in STEPS:
        assert "${{" not in step.get("run", ""), step["name"]
        assert "run" not in step or step["shell"] == "bash"
    for path in (ROOT / ".github/action").glob("*.sh"):
        assert "${{" not in path.read_text("utf-8")


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_workflows_are_harmless_and_name_what_there_is(path: Path) -> None:
    text = path.read_text("utf-8")
    flow = yaml.safe_load(text)
    assert flow["permissions"] == {"contents": "read"}
    assert "pull_request_target" not in text
    targets = set((ROOT / "Makefile").read_text("utf-8").split(".PHONY:")[1].split("\n")[0].split())
    for job in flow["jobs"].values():
        for step in job["steps"]:
            words = step.get("run", "").split()
            if words[:1] == ["make"]:
                assert words[1] in targets, words


def test_hooks_and_templates_are_right() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    assert [hook["id"] for hook in hooks] == ["deckgen-check", "deckgen-lint"]
    for hook in hooks:
        assert hook["pass_filenames"] is False
        assert deckgen(hook["entry"].split()[1], "--help").code == 0
    ours = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    assert {hook["id"] for hook in ours["repos"][0]["hooks"]} == {"ruff", "format", "mypy", "imports"}
    for template in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        assert yaml.safe_load(template.read_text("utf-8"))


def test_a_hook_fails_where_the_lock_is_old(repository: Path) -> None:
    assert deckgen("build", "--check", cwd=repository).code == 1
    assert deckgen("build", cwd=repository).code == 0
    assert deckgen("build", "--check", cwd=repository).code == 0


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_scripts_have_no_errors_of_syntax() -> None:
    for path in (ROOT / ".github/action").glob("*.sh"):
        assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
