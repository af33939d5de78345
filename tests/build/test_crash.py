"""A build that ends at any moment, on a full disk, or beside another one: what stands there, and what comes next."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from command_line import deckgen, write_files

pytestmark = [
    pytest.mark.usefixtures("plain_environment"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork"),
]

ROOT = Path(__file__).parents[2]
RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nrules: [./rules.yaml]\n"
OLD = "Latency\n: the time from a request to its answer\n\nLoss\n: how many packets never arrive\n"
NEW = OLD.replace("how many packets never arrive", "the share of packets that never arrive") + "\nHop\n: one router\n"

# Calls and answers: the old pair, the new lock with the old package, the new pair.
Pair = list[str | None]


def moments(how: str, root: Path, which: str) -> list[list[Any]]:
    command = [sys.executable, str(ROOT / "tests/support/crashing_builds.py"), how, str(root)]
    command += {"what changed": ["rested"], "another, all together": ["together"]}.get(which, [])
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SOURCE_DATE_EPOCH": "1900000000"}
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in ended.stdout.splitlines()]


def prepared(root: Path, *, is_first: bool) -> tuple[Pair, Pair]:
    """The project as it was, and its new sources; lock and package before, and as a build without a mishap makes them."""
    files = {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes.md": OLD}
    old = write_files(root / "old", files)
    if not is_first:
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1800000000"}
        command = [sys.executable, "-m", "deckgen", "build", str(old), "-o", str(old / "p.apkg")]
        subprocess.run(command, check=True, capture_output=True, env=environment, cwd=ROOT)
    write_files(root / "new", {"notes.md": NEW})
    shutil.copytree(old, root / "p")
    shutil.copytree(root / "new", root / "p", dirs_exist_ok=True)
    before = pair(root / "p")
    environment = {**os.environ, "SOURCE_DATE_EPOCH": "1900000000"}
    command = [sys.executable, "-m", "deckgen", "build", str(root / "p")]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=ROOT)
    return before, pair(root / "p")


def pair(folder: Path) -> Pair:
    return [p.read_bytes().hex() if p.exists() else None for p in (folder / "deck.lock", folder / "p.apkg")]


FILES = ["deck.lock", "deck.yaml", "notes.md", "p.apkg", "rules.yaml"]


WHICH = pytest.mark.parametrize("which", ["the first", "another", "another, all together", "what changed"])


@WHICH
def test_a_build_killed_at_any_moment(tmp_path: Path, which: str) -> None:
    before, after = prepared(tmp_path, is_first=which == "the first")
    found = moments("killed", tmp_path, which)
    assert [code for code, *_ in found] == [9] * (len(found) - 1) + [0]
    assert len(found) > 20
    allowed = [before, [after[0], before[1]], after]
    states = [state for _, _, state, *_ in found]
    assert all(state in allowed for state in states)
    assert all(state in states for state in allowed), "each of the three was seen"
    assert states == sorted(states, key=allowed.index), "never back again"
    for _, _, _, next_code, next_told, next_state, names in found:
        assert (next_code, next_state) == (0, after), next_told
        assert names == FILES, "nothing is left behind"


@WHICH
def test_a_disk_that_is_full_from_any_write_on(tmp_path: Path, which: str) -> None:
    before, after = prepared(tmp_path, is_first=which == "the first")
    found = moments("full", tmp_path, which)
    codes = [code for code, *_ in found]
    assert codes == [2] * codes.count(2) + [0] * codes.count(0), "without a cache a build is done as well"
    assert codes.count(0)
    assert len(found) > 8
    for code, told, state, next_code, next_told, next_state, names in found:
        if code:
            assert "No space left on device" in told or "No usable temporary directory" in told
            assert "Traceback" not in told
            assert state in (before, [after[0], before[1]]), "the old pair; at worst the new lock, as after a crash"
        assert (next_code, next_state) == (0, after), next_told
        assert names == FILES


def test_two_builds_at_once_of_different_notes(tmp_path: Path) -> None:
    """Each reads the sources as they are; the lock in the end knows every note once, and the next build is at rest."""
    root = write_files(tmp_path / "p", {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes.md": OLD})
    many = "".join(f"Term {i}\n: what term number {i} means\n\n" for i in range(300))
    command = [sys.executable, "-m", "deckgen", "build", str(root)]
    for round_ in range(3):
        running = []
        for word in ("Jitter", "Hop"):
            write_files(root, {f"{word}{round_}.md": many.replace("Term", f"{word} {round_}")})
            running.append(
                subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, text=True)
            )
        ended = [(*process.communicate(), process.returncode) for process in running]
        assert [code for _, _, code in ended] == [0, 0], ended
        assert deckgen("build", root).code == 0
        rows = [json.loads(line) for line in (root / "deck.lock").read_text().splitlines()[1:]]
        assert len(rows) == len({row["guid"] for row in rows}) == 2 + 600 * (round_ + 1)
        assert not any("retired" in row for row in rows)
        assert deckgen("build", root, "--check").code == 0
        assert [path.name for path in root.iterdir() if path.name.startswith(".")] == [".deckgen"]
