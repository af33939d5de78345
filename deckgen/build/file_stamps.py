"""What `stat` says of a file, and when that alone shows that the file is as it was."""

from __future__ import annotations

import os
from pathlib import Path

SLACK = 2_000_000_000
"""Nanoseconds: the coarsest times that a file system keeps (FAT) are two seconds apart."""
_COARSE = 1_000_000
"""Nanoseconds: a time that is no round number of these comes from a file system with a finer clock."""


FileStamp = tuple[int, int, int, int]
"""Size, modified, changed (both in nanoseconds) and inode of a file."""


def file_stamp(path: str | Path) -> FileStamp | None:
    """The state of an ordinary file, or of a folder."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)


def is_settled(state: FileStamp, begun: int) -> bool:
    """Whether a file in this state cannot have been written since without its times telling. `begun`: nanoseconds."""
    return max(state[1], state[2]) + SLACK < begun


def mtime_is_reliable(state: FileStamp) -> bool:
    """Whether a later write to the file must show in its times, however soon it comes. It is so where the file was
    renamed into place, or changed its owner or mode, in a later tick than its last write: by the clock of its own file
    system, which tells ticks apart. A write gives both times the tick in which it happens.
    """
    _, modified, changed, _ = state
    return modified < changed and modified % _COARSE != 0
