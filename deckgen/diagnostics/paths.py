"""Paths: as a person wants to see them, whether they really lie in a project, and how a stranger's file is opened."""

from __future__ import annotations

import os
import re
from pathlib import Path

# Missing on Windows, where a checkout has no links unless the user asked for them, and no pipes.
SAFELY = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How a file is opened that somebody else may have made: it follows no link and waits for nobody."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def shown_path(path: Path) -> str:
    """A path as a person standing in the working directory would write it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        relative = str(path)
    shown = str(path) if relative.startswith("..") and path.is_absolute() else relative
    shown = shown.encode("utf-8", "backslashreplace").decode()
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode(), shown)


def leads_outside(path: Path | str, root: Path | str) -> bool:
    """Whether a path leads out of a project's folder, be it by a link, or into its `.git`; or by a link to anything
    hidden in it, which holds the secrets of tools rather than notes.
    """
    try:
        real, real_root = os.path.realpath(path), os.path.realpath(root)
    except ValueError:  # a NUL: there is no such file
        return False
    if real != real_root and not real.startswith(real_root.rstrip(os.sep) + os.sep):
        return True
    inside = os.path.relpath(real, real_root).split(os.sep)
    hidden = {name for name in inside if name.startswith(".") and name != os.curdir}
    return ".git" in {name.lower() for name in hidden} or not hidden <= set(Path(path).parts)
