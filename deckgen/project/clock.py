"""What a build depends on beside its files: the clock, and whether git would lose the lock."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path

define(
    "error",
    bad_clock="SOURCE_DATE_EPOCH is set, but is no number of seconds.",
)
define(
    "warning",
    lock_ignored="deck.lock is ignored by git, so that others, or you on another machine, would lose track of notes.",
)


def read_clock() -> tuple[int, list[Diagnostic]]:
    """Seconds since 1970: `SOURCE_DATE_EPOCH` where it is set, else the clock."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "").strip()
    if not epoch:
        return int(time.time()), []
    if epoch.isascii() and epoch.isdigit() and int(epoch) < 2**33:
        return int(epoch), []
    message = f"SOURCE_DATE_EPOCH is `{epoch}`, which is no number of seconds since 1970"
    return 0, [Diagnostic("bad-clock", message, hint="unset it, or set it as in `SOURCE_DATE_EPOCH=1700000000`")]


def check_ignored(lock_path: Path) -> list[Diagnostic]:
    """Whether git would lose the lock."""
    if not _is_ignored(lock_path):
        return []
    hint = f"take {lock_path.name} out of .gitignore, and commit it beside the notes"
    return [Diagnostic("lock-ignored", f"git ignores {shown_path(lock_path)}", hint=hint)]


def _is_ignored(path: Path) -> bool:
    folder = Path(os.path.realpath(path)).parent
    if not any((parent / ".git").exists() for parent in (folder, *folder.parents)):
        return False
    command = ["git", "check-ignore", "--quiet", path.name]
    try:
        asked = subprocess.run(command, cwd=folder, capture_output=True, timeout=5, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):  # no git here: then nobody commits from here
        return False
    return asked.returncode == 0
