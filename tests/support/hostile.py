"""A stranger's folder with a canary beside it: what must not be run, made, changed or deleted, and must end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from command_line import Ended

NOTE = "MTL stands for multi-task learning.\n"
BUDGET = 60.0
"""Seconds that a process may take, far more than any of these needs on a busy machine."""


def command(*arguments: object, cwd: Path, environment: Mapping[str, str] | None = None) -> Ended:
    """`deckgen ARGUMENTS…` in a process of its own, which must end within the budget, without a traceback."""
    ended = subprocess.run(
        [sys.executable, "-m", "deckgen", *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, "CI": "", **(environment or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=BUDGET,
        check=False,
    )
    assert "Traceback" not in ended.stderr
    assert "bug in deckgen" not in ended.stderr, ended.stderr
    return Ended(ended.returncode, ended.stdout, ended.stderr)


def git(folder: Path, *arguments: str) -> str:
    """Git as the person who prepares the folder runs it."""
    who = ("-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main")
    ended = subprocess.run(["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True)
    return ended.stdout


@dataclass(frozen=True, slots=True)
class Canary:
    """Everything in a folder as it was, to be compared."""

    folder: Path
    before: Mapping[str, object]

    @classmethod
    def of(cls, folder: Path) -> Canary:
        """Look at what is there now."""
        return cls(folder, _contents(folder))

    def assert_untouched(self) -> None:
        """Nothing was made, changed or deleted."""
        assert _contents(self.folder) == self.before


def _contents(folder: Path) -> dict[str, object]:
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        found[name] = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else "no file"
    return found
