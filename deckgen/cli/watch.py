"""`deckgen watch`."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import click

from deckgen.cli import terminal
from deckgen.cli.annotated_command import Option
from deckgen.cli.arguments import BuiltPaths, LockPath
from deckgen.cli.compiling import find_build
from deckgen.cli.push import Conflicts, Profile, Retired, To, Url, close, open_target, paint, push_to

if TYPE_CHECKING:
    from deckgen.anki.plan import PushOptions
    from deckgen.build.view import Build
    from deckgen.project.locate import Request

_QUIET = 300
"""Milliseconds without another save, after which a build begins."""
_WATCHED = frozenset({".md", ".markdown", ".yaml", ".yml"})


def watch(
    paths: BuiltPaths = None,
    push: Annotated[bool, Option("--push", help="Bring Anki up to date after each build.")] = False,
    to: To = "anki",
    url: Url = None,
    profile: Profile = "",
    conflicts: Conflicts = "skip",
    retired: Retired = "suspend",
    output: Annotated[Path | None, Option("-o", "--output", metavar="FILE", help="The package to write.")] = None,
    lock: LockPath = None,
) -> None:
    """Build on every save, show which cards change, and carry on after errors; Ctrl-C ends it."""
    from deckgen.anki.plan import PushOptions
    from deckgen.project.locate import Request, whole_project

    if conflicts == "ask":
        raise click.BadParameter("`ask` is for `deckgen push`", param_hint="--conflicts")
    if retired == "delete":
        raise click.BadParameter("a half-written file would cost schedules; `deckgen push` can", param_hint="--retired")
    request = Request(whole_project(paths or ()), output, lock)
    gc.enable()
    options = PushOptions(conflicts, {}, retired)
    try:
        for _ in _saves(request):
            build = _built(request)
            if build is not None and push:
                _pushed(request, options, to, url, profile)
    except KeyboardInterrupt:
        pass
    print(file=sys.stderr)


def _saves(request: Request) -> Iterator[None]:
    """Once at the beginning, then whenever something that a build reads was saved."""
    from deckgen.project.saves import saves_below

    folders = _folders(request)
    is_read = _filter(folders)
    before = _moments(folders, is_read)
    yield
    print(f"watching {', '.join(map(str, folders))}; Ctrl-C ends it", file=sys.stderr)
    is_first = True
    for found in saves_below(folders, is_read, debounce=1600, quiet=_QUIET):
        # Nobody looked during the first build: a save from then is found now.
        if found or (is_first and _moments(folders, is_read) != before):
            yield
        is_first = False


def _moments(folders: Sequence[Path], is_read: Callable[[str], bool]) -> dict[str, int]:
    """When each file that a build reads was written."""
    moments: dict[str, int] = {}
    for folder in folders:
        for place, inner, files in os.walk(folder.resolve()):
            inner[:] = [name for name in inner if not name.startswith(".")]
            for name in files:
                path = os.path.join(place, name)
                if is_read(path):
                    with contextlib.suppress(OSError):
                        moments[path] = os.stat(path).st_mtime_ns
    return moments


def _folders(request: Request) -> list[Path]:
    from deckgen.project.project import open_project

    project, _ = open_project(request)
    if project is not None:
        return [project.root]
    return [path if path.is_dir() else path.parent for path in request.paths or (Path(),)]


def _filter(folders: Sequence[Path]) -> Callable[[str], bool]:
    """Whether a build reads a file: a note, a rule, a setting, a picture; nothing hidden, no lock and no package."""
    from deckgen.rendering.media import KINDS

    roots = [folder.resolve() for folder in folders]

    def is_read(name: str) -> bool:
        path = Path(name)
        parts = next((path.relative_to(root).parts for root in roots if path.is_relative_to(root)), path.parts)
        suffix = path.suffix.lower()
        return not any(part.startswith(".") for part in parts) and (suffix in _WATCHED or suffix.lstrip(".") in KINDS)

    return is_read


def _built(request: Request) -> Build | None:
    """Build, and print what changed; None after an error, which is printed."""
    from deckgen.build.options import Options
    from deckgen.build.snapshot import load_snapshot
    from deckgen.cli.build import run_build
    from deckgen.reports.diff import against_lock
    from deckgen.reports.diff_text import text_lines

    moment = time.strftime("%H:%M:%S")
    build, _ = find_build(request, makes_store=True)  # what changes in the lock as it is
    try:
        run_build(request, Options(), load_snapshot(request))
    except click.exceptions.Exit:
        terminal.write_summary([f"{moment} not built: see above"])
        return None
    if build is None:  # an error that was mended in between: the next save shows it
        return None
    found = against_lock(build, [str(path) for path in request.paths])
    if found.changes or found.near:
        terminal.write_summary(text_lines(found, terminal.width(), paint()))
    cards = sum(len(note.cards) for note in build.notes)
    terminal.write_summary([f"{moment} built: {len(build.notes):,} notes, {cards:,} cards"])
    return build


def _pushed(request: Request, options: PushOptions, to: str, url: str | None, profile: str) -> None:
    from deckgen.reports.push import plan_lines

    try:
        target = open_target(to, url, profile, is_read_only=False)
        try:
            plan, _ = push_to(target, request, options, asks=False, is_dry=False, shows_bar=True)
        finally:
            close(target)
    except click.exceptions.Exit:
        return
    terminal.write_summary(plan_lines(plan, target.name, terminal.width(), paint(), is_done=True))
