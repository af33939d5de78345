"""Builds with what earlier ones kept, held against builds without; and what a build costs."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from command_line import Ended, deckgen

from deckgen.build import identify as deciding
from deckgen.build import workers
from deckgen.build.options import Options
from deckgen.build.owned_folder import FOLDER
from deckgen.package.rows import Rows

LONG_AGO = 1_500_000_000


@dataclass
class Costs:
    """What was done, whatever did it."""

    compiled: list[str] = field(default_factory=list)  # sources on which rules were tried
    decided: int = 0  # drafts that went through all passes of identity
    written: int = 0  # notes whose rows were written


@contextlib.contextmanager
def counted() -> Iterator[Costs]:
    """Count what builds in this process cost."""
    costs = Costs()
    compile_source, identify, rows = workers.compile_source, deciding.identify, Rows.of_notes

    def compiling(source, *rest):  # type: ignore[no-untyped-def]
        costs.compiled.append(source.path)
        return compile_source(source, *rest)

    def identifying(drafts, *rest, **more):  # type: ignore[no-untyped-def]
        costs.decided += len(drafts)
        return identify(drafts, *rest, **more)

    def writing(self, notes):  # type: ignore[no-untyped-def]
        for row in rows(self, notes):
            costs.written += 1
            yield row

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(workers, "compile_source", compiling)
        patched.setattr(deciding, "identify", identifying)
        patched.setattr(Rows, "of_notes", writing)
        yield costs


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


def together(project: Path, *arguments: str) -> tuple[Ended, dict[str, bytes]]:
    """The outcome of a build that decides on all notes together."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Options, "is_about_all", True)
        return outcome(project, *arguments)


def same_without(project: Path, *arguments: str) -> Ended:
    """Build with the cache that is there, and copies without it, together and one by one: nothing may differ."""
    return same_at_cost(project, *arguments)[0]


def same_at_cost(project: Path, *arguments: str) -> tuple[Ended, Costs]:
    """`same_without`, and what the build with the cache cost."""
    copies = []
    for other in (project.parent / "long", project.parent / "again"):
        shutil.rmtree(other, ignore_errors=True)
        other.mkdir()
        copies.append(other / project.name)  # a folder of the same name, as the package is called by it
        shutil.copytree(project, copies[-1], ignore=shutil.ignore_patterns(FOLDER))
    with counted() as costs:
        with_cache = outcome(project, *arguments)
    assert with_cache == together(copies[0], *arguments)
    assert with_cache == outcome(copies[1], *arguments)
    return with_cache[0], costs
