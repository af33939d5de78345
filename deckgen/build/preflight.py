"""A build → the disk: whether anything would change there, what around it would cost schedules, and the writing."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from deckgen.build.view import Build, note_types_of
from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path
from deckgen.project.git_ignore import check_ignored
from deckgen.project.locate import LOCK_NAME

if TYPE_CHECKING:
    from deckgen.build.in_memory_build import InMemoryBuild
    from deckgen.package.apkg import KeptCollection
    from deckgen.project.project import Project

define(
    "error",
    lost_lock="There is a package, but no deck.lock: a build could give notes other identities than they have in Anki.",
    no_output="Several parts of a project are to be packaged, and no output file is named.",
)
define(
    "warning",
    lock_not_committed="Under CI, this build changes deck.lock: unless that is committed, each run sends the same "
    "notes as changed again.",
)


def check_output(project: Project) -> list[Diagnostic]:
    """Whether it is clear where the package goes."""
    if not project.is_package_unclear:
        return []
    hint = "`-o FILE` says where; or name one folder, or one file"
    return [Diagnostic("no-output", "several parts of a project have no package of their own", hint=hint)]


def check_surroundings(build: Build) -> list[Diagnostic]:
    """What about the files around a build would cost somebody their schedules."""
    if build.is_unchanged:
        return check_lock(build.lock_path, changes=False)
    project = build.project
    lock, package = shown_path(project.lock_path), shown_path(project.package_path)
    found: list[Diagnostic] = []
    # A lock that came meanwhile is another build's: `write` sees it, and the build starts again.
    if build.is_lock_new and os.path.isfile(project.package_path) and not os.path.exists(project.lock_path):
        place = "" if project.root.resolve() == Path.cwd() else f" {shown_path(project.root)}"
        hint = f"restore {LOCK_NAME} from version control or a backup; "
        hint += f"`deckgen adopt {package}{place}` makes it again\n"
        hint += "if the package was never imported, delete it"
        found.append(Diagnostic("lost-lock", f"there is a {package}, but no {lock}", hint=hint))
    return [*found, *check_lock(project.lock_path, changes=build.lock_text != project.lock_text)]


def check_lock(path: Path, *, changes: bool) -> list[Diagnostic]:
    """Whether a lock, which this build `changes` or not, would be lost."""
    found: list[Diagnostic] = []
    if changes and os.environ.get("CI", "").lower() in ("1", "true"):
        hint = "build where the lock can be committed; CI can make sure of it by `deckgen build --check`"
        found.append(Diagnostic("lock-not-committed", f"this build changes {shown_path(path)}", hint=hint))
    return [*found, *check_ignored(path)]


def is_up_to_date(build: InMemoryBuild) -> bool:
    """Whether writing the build would change nothing: the lock, and the package where there is one."""
    from deckgen.build.commit import same_bytes

    target = build.project.package_path
    if build.lock_text != build.project.lock_text:
        return False
    if not target.is_file():
        return not build.project.is_package_chosen
    with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
        return same_bytes(package_of(build, Path(folder) / target.name), target)


def package_of(build: Build, target: Path, kept: KeptCollection | None = None) -> Path:
    """Make the package in a temporary file beside `target`; its path. Its collection is `kept` for the next build."""
    from deckgen.package.apkg import build_package

    return build_package(target, build.notes, note_types_of(build), build.files, kept=kept)
