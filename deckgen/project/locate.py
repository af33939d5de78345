"""The command line → the project that it means. Nothing is read yet."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.project.source_files import CONFIG_NAME

define(
    "error",
    outside_project="deck.yaml, deck.lock, the package or a rule file lies outside the project, by its path or by a "
    "symbolic link. It is neither read nor written unless the command line names it.",
)

LOCK_NAME = "deck.lock"


class Request(Struct, frozen=True):
    """What the command line says about the project."""

    paths: tuple[Path, ...] = ()
    output: Path | None = None
    lock: Path | None = None


class Place(Struct, frozen=True):
    """Where a project lies, and what the command line names of it."""

    root: Path
    paths: tuple[Path, ...]


def whole_project(paths: Sequence[Path]) -> tuple[Path, ...]:
    """The paths of a command that makes a package: without any, the project around the folder one stands in."""
    root = root_of(Path())
    return tuple(paths) or (() if root == Path() or not (root / CONFIG_NAME).is_file() else (root,))


def locate(request: Request) -> tuple[Place | None, list[Diagnostic]]:
    """Find a project: that of the folder or the files named, of the folder one stands in without any."""
    paths = tuple(path.parent if path.name == CONFIG_NAME else path for path in request.paths) or (Path(),)
    diagnostics = [
        Diagnostic("source-not-found", f"there is no `{shown_path(path)}`", hint="name a folder with notes, or a note")
        for path in paths
        if not is_there(path)
    ]
    if diagnostics:
        return None, diagnostics
    roots = list(dict.fromkeys(root_of(path) for path in paths))
    if len(roots) > 1 and not any((root / CONFIG_NAME).is_file() for root in roots):
        roots = [r for r in roots if all(o == r or r.resolve() in o.resolve().parents for o in roots)] or roots
    if len(roots) > 1:
        names = ", ".join(f"`{shown_path(root)}`" for root in roots)
        message = f"these paths belong to several projects: {names}"
        return None, [Diagnostic("bad-value", message, hint="build them one by one")]
    if problems := _check_files(roots[0], request):
        return None, problems
    return Place(roots[0], paths), []


def _check_files(root: Path, request: Request) -> list[Diagnostic]:
    """Whether the files that every build begins with are the project's own, and can be read without waiting."""
    config, lock = root / CONFIG_NAME, root / LOCK_NAME
    problems: list[Diagnostic] = []
    if os.path.lexists(config):
        if leads_outside(config, root):
            problems.append(outside_project(config, "copy what it leads to into the project"))
        elif not config.is_file():
            message = "this link leads nowhere" if config.is_symlink() else "this is no ordinary file"
            problems.append(Diagnostic("unreadable-source", message, Span(shown_path(config)), "delete it"))
    if request.lock is None and os.path.islink(lock) and leads_outside(lock, root):
        problems.append(outside_project(lock, "delete it; `--lock FILE` uses a lock that lies elsewhere"))
    return problems


def outside_project(path: Path, hint: str) -> Diagnostic:
    """A file of the project is a link that leads out of it."""
    return Diagnostic("outside-project", "this link leads out of the project", Span(shown_path(path)), hint)


def keeps_cache(place: Place) -> bool:
    """Whether builds there keep something: of a project or a folder, not of single notes somewhere."""
    return (place.root / CONFIG_NAME).is_file() or any(path.is_dir() for path in place.paths)


def is_there(path: Path) -> bool:
    """Whether there is anything."""
    try:
        return path.exists()
    except OSError:  # a name that is too long, a folder that may not be looked into
        return False


def root_of(path: Path) -> Path:
    """The folder of the nearest deck.yaml at or above a path, within one git repository; else the folder itself.

    A deck.yaml that is a link to nothing counts, so that it is reported rather than passed over. One above the folder
    counts only where it is the user's own or belongs to whoever owns the folder: anybody can put one into /tmp.
    """
    folder = path if path.is_dir() else path.parent
    if os.path.lexists(folder / CONFIG_NAME):
        return folder
    real = folder.resolve()
    for candidate in (real, *real.parents):
        if _is_own(candidate / CONFIG_NAME, real):
            return candidate
        if (candidate / ".git").exists():
            break
    return folder


def _is_own(config: Path, folder: Path) -> bool:
    try:
        owner = os.lstat(config).st_uid
        return not hasattr(os, "getuid") or owner in (os.getuid(), os.stat(folder).st_uid)
    except OSError:
        return False
