"""A revision of git → deck.lock as it was there."""

from __future__ import annotations

import subprocess
from pathlib import Path

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path

define(
    "error",
    unknown_revision="Git knows no such revision, or the lock did not stand there; or there is no git here.",
)

_PATIENCE = 30.0


def read_lock_at(lock_path: Path, revision: str) -> tuple[str | None, list[Diagnostic]]:
    """The text of the lock at a commit, branch or tag."""
    real = lock_path.resolve()
    shown = shown_path(lock_path)
    asked = _git(real.parent, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if asked is None:
        hint = "a commit, a branch or a tag of the repository that the lock stands in; or the path of an .apkg file"
        return None, [
            Diagnostic("unknown-revision", f"`{revision}` is no revision of git here, and no file", hint=hint)
        ]
    text = _git(real.parent, "show", f"{asked.decode().strip()}:./{real.name}")
    if text is None:
        message = f"there was no {shown} at {revision}"
        return None, [
            Diagnostic("unknown-revision", message, hint="`git log` beside the lock says since when it is there")
        ]
    return text.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n"), []


def _git(folder: Path, *arguments: str) -> bytes | None:
    """What git prints; None when it fails, or is not there."""
    try:
        command = ["git", *arguments]
        ended = subprocess.run(command, cwd=folder, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603
    except (OSError, ValueError, subprocess.SubprocessError):
        return None
    return ended.stdout if ended.returncode == 0 else None
