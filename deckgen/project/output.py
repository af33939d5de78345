"""A project and a command line → the files that a build may write: really in the project, or named."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.project.locate import Request, outside_project
from deckgen.project.source_files import read_start

define(
    "error",
    not_a_package="The package would overwrite a file that is not a package, such as a note.",
)


def default_package(root: Path, paths: Sequence[Path], *, is_part: bool) -> Path | None:
    """Where the package goes when nothing says so. A part of a project does not replace the package of the whole."""
    if not is_part:
        return root / f"{file_name(root.resolve().name)}.apkg"
    if len(paths) > 1:
        return None
    (path,) = paths
    return path / f"{file_name(path.resolve().name)}.apkg" if path.is_dir() else path.with_suffix(".apkg")


def followed(path: Path) -> Path:
    """Where a file lies: nothing is written through a link, it is followed here or nowhere."""
    return Path(os.path.realpath(path)) if os.path.islink(path) else path


def package_target(root: Path, request: Request, default: Path) -> tuple[Path, list[Diagnostic]]:
    """The file of the package. Where the command line names none it lies in the project; and where it does, or a link
    leads to it, only a package is replaced.
    """
    named = request.output or default
    path = followed(named)
    if request.output is None and path != named and leads_outside(named, root):
        return named, [outside_project(named, "delete it; `-o FILE` puts the package elsewhere")]
    if (request.output is not None or path != named) and not _may_be_replaced(path):
        message = f"`{shown_path(path)}` is there and is no package: it stays"
        return path, [Diagnostic("not-a-package", message, hint="delete it, or name another file by `-o`")]
    return path, []


def _may_be_replaced(path: Path) -> bool:
    """Whether a package may take the place of what is there: of a package, of an empty file, of nothing."""
    try:
        return not path.is_file() or read_start(path, 2) in (b"", b"PK")
    except OSError:  # `write` says why
        return True


def file_name(name: str) -> str:
    """What a name of a folder or note is as the name of a file, on every system."""
    return re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", name).strip(". ") or "notes"
