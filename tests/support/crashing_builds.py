"""Runs `deckgen build` over and over, each time ended one call on the disk later; prints what was found after each.

A process of its own, since only one without threads may fork: `crashing_builds.py HOW FOLDER [rested | together]`, where HOW is
`killed` (the process is gone at its n-th call) or `full` (its n-th write fails, and every later one). FOLDER holds
`old`, a project as it was built, and `new`, its sources as they are now. `rested`: a build found the old sources as
they were before, so that only what changed since is built. `together`: all notes are looked at together, where they
would go into the package one by one.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from deckgen.build import file_stamps
from deckgen.build.options import Options
from deckgen.build.project_build import ProjectBuild
from deckgen.cli import main

CALLS = ("replace", "rename", "fsync", "unlink", "remove", "chmod", "mkdir", "write")  # reading changes nothing
WRITES = ("fsync", "write", "replace", "rename", "mkdir")


class Disk:
    """Counts the calls of this process on the disk, in FOLDER, and ends or fails the n-th."""

    def __init__(self, how: str, moment: int) -> None:
        self.how, self.moment, self.calls = how, moment, 0

    def touch(self, is_write: bool) -> None:
        if self.how == "full" and not is_write:
            return
        self.calls += 1
        if self.how == "killed" and self.calls > self.moment:
            os._exit(9)
        if self.how == "full" and self.calls > self.moment:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def watch(self) -> None:
        """Put the counter before every call."""
        for name in CALLS:
            setattr(os, name, self._counted(getattr(os, name), name in WRITES))
        tempfile.mkstemp = self._counted(tempfile.mkstemp, True)  # type: ignore[assignment]
        os.fdopen = self._writing(os.fdopen)
        builtins.open = self._writing(builtins.open)
        io.open = builtins.open

    def _counted(self, call: Callable[..., Any], is_write: bool) -> Callable[..., Any]:
        def counted(*arguments: Any, **options: Any) -> Any:
            self.touch(is_write)
            return call(*arguments, **options)

        return counted

    def _writing(self, opening: Callable[..., Any]) -> Callable[..., Any]:
        def opened(*arguments: Any, **options: Any) -> Any:
            file = opening(*arguments, **options)
            mode = arguments[1] if len(arguments) > 1 else options.get("mode", "r")
            return _Counted(file, self) if isinstance(mode, str) and set(mode) & set("wax+") else file

        return opened


class _Counted:
    """A file that says when it is written to. Half of a write is done before the end: a torn one."""

    def __init__(self, file: Any, disk: Disk) -> None:
        self._file, self._disk = file, disk

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> _Counted:
        return self

    def __exit__(self, *problem: object) -> None:
        self._file.close()

    def write(self, content: Any) -> Any:
        half = len(content) // 2
        self._file.write(content[:half])
        self._file.flush()
        self._disk.touch(is_write=True)
        return half + self._file.write(content[half:])


def run(folder: Path) -> tuple[int, str]:
    """`deckgen build FOLDER`: its exit code, and what it told."""
    told = io.StringIO()
    sys.argv = ["deckgen", "build", str(folder)]
    try:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(told):
            main()
    except SystemExit as end:
        return int(end.code or 0), told.getvalue()
    return 0, told.getvalue()


def in_child(work: Callable[[], tuple[int, str]]) -> tuple[int, str]:
    """Run in a process that may be killed: code (9 when it was), and what it told."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        write, leave = os.write, os._exit
        try:
            code, told = work()
        except BaseException as problem:
            code, told = 70, repr(problem)
        write(writing, told.encode()[:8000])
        leave(code)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        told = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), told


def state(folder: Path) -> list[str | None]:
    """Lock and package as hexadecimal digits."""
    pair = [folder / "deck.lock", folder / "p.apkg"]
    return [path.read_bytes().hex() if path.exists() else None for path in pair]


def only_what_changed(folder: Path) -> tuple[int, str]:
    """The same build, where it is an error to decide on all notes together."""
    ProjectBuild.build_all = None  # type: ignore[assignment]  # calling it fails
    return run(folder)


def main_loop(how: str, root: Path, *, is_rested: bool, is_together: bool) -> None:
    """One line of JSON for each moment."""
    if is_rested:
        file_stamps.SLACK = -(10**15)  # as if all files were old enough to be known by their times
    if is_together:
        Options.is_about_all = True  # type: ignore[assignment]
    warm = root / "warm"
    shutil.copytree(root / "old", warm)
    run(warm)  # everything imported and compiled once, not in every child
    moment = code = -1
    while code != 0:
        moment += 1
        place, scratch = root / "p", root / "scratch"
        shutil.rmtree(scratch, ignore_errors=True)
        scratch.mkdir()
        tempfile.tempdir = str(scratch)  # what a killed build leaves there is the system's to clear
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(root / "old", place)
        if is_rested:
            in_child(lambda place=place: run(place))
        shutil.copytree(root / "new", place, dirs_exist_ok=True)

        def crash(moment: int = moment, place: Path = place) -> tuple[int, str]:
            Disk(how, moment).watch()
            return only_what_changed(place) if is_rested and how == "killed" else run(place)

        code, told = in_child(crash)
        found = state(place)
        next_code, next_told = in_child(lambda place=place: run(place))
        names = sorted(path.name for path in place.iterdir() if path.name != ".deckgen")  # the cache
        print(json.dumps([code, told, found, next_code, next_told, state(place), names]), flush=True)


if __name__ == "__main__":
    main_loop(sys.argv[1], Path(sys.argv[2]), is_rested="rested" in sys.argv, is_together="together" in sys.argv)
