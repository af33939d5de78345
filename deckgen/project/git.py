"""A revision of git → deck.lock as it was there.

A repository's configuration can name commands (`core.fsmonitor`, filters, hooks, `textconv`), and a stranger's notes
may come with one. So no build starts git. `diff --against REV` needs its object reader; that runs in an empty
repository of its own, which is lent the objects and given a copy of the refs. No configuration but the one written
here is in reach.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

try:
    import resource
except ImportError:  # on Windows
    resource = None  # type: ignore[assignment]

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path
from deckgen.project.source_files import read_ordinary

define(
    "error",
    unknown_revision="Git does not know this revision, the lock did not exist there, or this is not a git repository.",
)
_PATIENCE = 30.0  # seconds for one question to git
_LOCK_LIMIT = 1 << 29  # bytes of a lock in a commit
_MEMORY_LIMIT = 1 << 31  # bytes of address space for git, which reads a file of objects whole, however long it is
_REFS_LIMIT = 1 << 28  # bytes of one file of refs or of their history
_CONFIGURATION_LIMIT = 1 << 18


class Repository(Struct, frozen=True):
    """A repository around a file. In a linked worktree `folder` has its HEAD, `common` everything that is shared."""

    top: Path
    folder: Path
    common: Path


def repository_of(folder: Path) -> Repository | None:
    """The repository that a folder stands in, found by its `.git` alone: a bare repository among the notes is none."""
    for top in (folder, *folder.parents):
        git = top / ".git"
        if git.is_dir():
            return Repository(top, git, git)
        if os.path.lexists(git):  # a linked worktree, or a submodule
            inside = _line_of(git).removeprefix("gitdir:").strip()
            linked = top / inside
            return Repository(top, linked, linked / _line_of(linked / "commondir")) if inside else None
    return None


def _line_of(path: Path) -> str:
    """The first line of a small file; empty where there is none."""
    return (plain_bytes(path, 4096).decode("utf-8", "replace").splitlines() or [""])[0].replace("\0", "")


def plain_bytes(path: Path, limit: int) -> bytes:
    """The bytes of an ordinary file, which is no link; none where there is no such file, or a larger one."""
    try:
        return read_ordinary(path, limit, follows_links=False)
    except (OSError, ValueError):
        return b""


def read_lock_at(lock_path: Path, revision: str) -> tuple[str | None, list[Diagnostic]]:
    """The text of the lock at a commit, branch or tag."""
    real = Path(os.path.realpath(lock_path))
    repository = repository_of(real.parent)
    with tempfile.TemporaryDirectory(prefix="deckgen-") as folder:
        git = _Git.lent(repository, Path(folder), has_history="@{" in revision) if repository is not None else None
        asked = (
            git.ask("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}") if git else None
        )
        if repository is None or git is None or asked is None:
            hint = "a commit, a branch or a tag of the repository that the lock stands in; or the path of an .apkg file"
            message = f"`{revision}` is no revision of git here, and no file"
            return None, [Diagnostic("unknown-revision", message, hint=hint)]
        name = f"{asked.decode().strip()}:{real.relative_to(repository.top).as_posix()}"
        size = git.ask("cat-file", "-s", name)
        text = git.ask("cat-file", "blob", name) if size is not None and int(size) <= _LOCK_LIMIT else None
    if text is None:
        message = f"there was no {shown_path(lock_path)} at {revision}"
        return None, [
            Diagnostic("unknown-revision", message, hint="`git log` beside the lock says since when it is there")
        ]
    return text.decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n"), []


class _Git(Struct, frozen=True):
    """Git's object reader, in a repository without a configuration of anybody else."""

    program: str
    folder: Path
    environment: Mapping[str, str]

    @classmethod
    def lent(cls, repository: Repository, folder: Path, *, has_history: bool) -> _Git | None:
        """One that reads the objects of a repository through an empty one made in `folder`; None without git."""
        # A relative entry of PATH would find a program among the notes.
        places = os.pathsep.join(p for p in os.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(p))
        program = shutil.which("git", path=places) if places else None
        if program is None:
            return None
        _copy_refs(repository, folder, has_history=has_history)
        (folder / "config").write_text(_configuration(repository, folder), "utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.upper().startswith("GIT_")}
        own = {
            "GIT_DIR": str(folder),
            "GIT_OBJECT_DIRECTORY": str(repository.common / "objects"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_ATTR_NOSYSTEM": "1",
            "GIT_NO_REPLACE_OBJECTS": "1",
            "GIT_NO_LAZY_FETCH": "1",
            "GIT_ALLOW_PROTOCOL": "",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_OPTIONAL_LOCKS": "0",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        return cls(program, folder, kept | own)

    def ask(self, *arguments: str) -> bytes | None:
        """What git prints; None when it fails."""
        command = [self.program, "--no-pager", *arguments]
        try:
            ended = subprocess.run(  # noqa: S603
                command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_PATIENCE,
                check=False,
                preexec_fn=_limit_memory if resource is not None else None,
            )
        except (OSError, ValueError, subprocess.SubprocessError):
            return None
        return ended.stdout if ended.returncode == 0 else None


def _limit_memory() -> None:
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    limit = _MEMORY_LIMIT if most == resource.RLIM_INFINITY else min(_MEMORY_LIMIT, most)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def _copy_refs(repository: Repository, folder: Path, *, has_history: bool) -> None:
    """Copy what leads from names to commits: plain files only, so that no pipe or link is followed."""
    for inner in ("objects", "refs"):
        (folder / inner).mkdir()
    with contextlib.suppress(OSError):
        for name in os.listdir(repository.folder):
            if name.endswith("HEAD"):
                _copy(repository.folder / name, folder / name)
    for name in ("packed-refs", "shallow"):
        _copy(repository.common / name, folder / name)
    trees = [repository.common / tree for tree in ("refs", "reftable", *(["logs"] if has_history else []))]
    for tree in trees:
        for place, _, names in os.walk(tree) if not tree.is_symlink() else ():
            for name in names:
                path = Path(place, name)
                _copy(path, folder / path.relative_to(repository.common))


def _copy(file: Path, to: Path) -> None:
    if content := plain_bytes(file, _REFS_LIMIT):
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(content)


_SHA256 = re.compile(rb"^\s*objectformat\s*=\s*sha256\s*$", re.IGNORECASE | re.MULTILINE)


def _configuration(repository: Repository, folder: Path) -> str:
    """How objects and refs are stored: all that the empty repository has to know of the real one."""
    lines = ["[core]", "repositoryformatversion = 1", "bare = true"]
    lines += ["packedGitWindowSize = 32m", "packedGitLimit = 256m", "deltaBaseCacheLimit = 64m", "[extensions]"]
    if _SHA256.search(plain_bytes(repository.common / "config", _CONFIGURATION_LIMIT)):
        lines.append("objectformat = sha256")
    if (folder / "reftable").is_dir():
        lines.append("refstorage = reftable")
    return "\n".join(lines) + "\n"
