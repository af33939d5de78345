"""Builds with what earlier ones kept, held against builds without."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from command_line import Ended, deckgen

from deckgen.build import rebuild
from deckgen.build.owned_folder import FOLDER

LONG_AGO = 1_500_000_000


def age(folder: Path) -> None:
    """As if nothing had been touched for years; only the times of a change cannot be set."""
    for path in folder.rglob("*"):
        if FOLDER not in path.parts:
            os.utime(path, (LONG_AGO, LONG_AGO))


def outcome(project: Path, *arguments: str) -> tuple[Ended, dict[str, bytes]]:
    """What a build says and leaves, but for the cache."""
    ended = deckgen("build", ".", *arguments, cwd=project)
    files = {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and FOLDER not in path.parts
    }
    return ended, files


def the_long_way(project: Path, *arguments: str) -> tuple[Ended, dict[str, bytes]]:
    """The outcome of a build that looks at all notes together."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(rebuild, "build_again", lambda *_: None)
        return outcome(project, *arguments)


def same_without(project: Path, *arguments: str) -> Ended:
    """Build with the cache that is there, and copies without it, the long way and one by one: nothing may differ."""
    copies = []
    for other in (project.parent / "long", project.parent / "again"):
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        copies.append(other / project.name)  # a folder of the same name, as the package is called by it
        shutil.copytree(project, copies[-1], ignore=shutil.ignore_patterns(FOLDER))
    with_cache = outcome(project, *arguments)
    assert with_cache == the_long_way(copies[0], *arguments)
    assert with_cache == outcome(copies[1], *arguments)
    return with_cache[0]
