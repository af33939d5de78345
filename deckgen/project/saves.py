"""Folders → what is saved in them, as it happens.

No link is followed. The library follows them where the system cannot watch all that is below a folder, as on Linux: a
link to the root of the disk, in a stranger's notes, had every folder of the machine watched. There the folders are
watched one by one.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

PASSED_OVER = frozenset({".git", ".deckgen", "__pycache__", "node_modules", ".venv"})
_LISTS_FOLDERS = sys.platform == "linux"


def saves_below(
    roots: Iterable[Path], is_wanted: Callable[[str], bool], *, debounce: int, quiet: int
) -> Iterator[frozenset[str]]:
    """The paths of each burst of saves, and of new folders, whose files nobody saw coming; none after a second without.
    A burst lasts up to `debounce` milliseconds, and ends with `quiet` ones.
    """
    tops = [os.path.realpath(root) for root in roots]
    watched = _folders(tops)

    def counts(_: object, path: str) -> bool:
        return is_wanted(path) or (_LISTS_FOLDERS and _is_new(path, watched))

    def begin() -> Iterator[set[tuple[Any, str]]]:
        from watchfiles import watch

        return watch(
            *(watched if _LISTS_FOLDERS else tops),
            watch_filter=counts,
            debounce=debounce,
            step=quiet,
            rust_timeout=1000,
            yield_on_timeout=True,
            recursive=not _LISTS_FOLDERS,
            ignore_permission_denied=True,
        )

    changes = begin()
    while True:
        try:
            found = {path for _, path in next(changes)}
            if _LISTS_FOLDERS and (new := [path for path in found if _is_new(path, watched)]):
                watched |= _folders(new)
                changes = begin()
                found |= {path for _, path in next(changes)}  # from here on, nothing is missed
        except FileNotFoundError:  # one of the folders went before it was watched
            watched = _folders(tops)
            if not watched:
                raise
            changes = begin()
            continue
        yield frozenset(found)


def _folders(tops: Iterable[str]) -> dict[str, int]:
    """Folders, and those below them: their paths with what tells a folder from another one of its name."""
    found: dict[str, int] = {}
    for top in tops:
        for place, inner, _ in os.walk(top):
            inner[:] = [name for name in inner if name not in PASSED_OVER]
            if number := _number(place):
                found[place] = number
    return found


def _is_new(path: str, watched: dict[str, int]) -> bool:
    number = _number(path)
    return bool(number) and watched.get(path) != number and PASSED_OVER.isdisjoint(Path(path).parts)


def _number(path: str) -> int:
    """The inode of a folder; 0 for anything else."""
    try:
        status = os.lstat(path)
    except OSError:
        return 0
    return status.st_ino if stat.S_ISDIR(status.st_mode) else 0
