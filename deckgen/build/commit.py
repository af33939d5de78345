"""Lock and package → the disk: both beside their targets, synced, renamed, the lock first.

A crash at any moment leaves the old pair, the new pair, or the new lock with the old package; the package is a function
of the sources and the new lock, so the next build makes the same one. The package first would let a note out that the
next build does not know.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import sqlite3
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, define

if TYPE_CHECKING:
    from deckgen.build.lock_writer import NextLock

define(
    "error",
    unwritable="The lock or the package could not be written; the old ones are unchanged.",
    lock_changed="deck.lock changed on disk twice while this build ran: another build, or a merge, is in progress.",
    lock_busy="Another build has been writing beside this lock for so long that something must be wrong with it.",
)

PATIENCE = 60.0
"""Seconds to wait for another build that is writing; a hundred thousand notes take it about ten."""


class LockChangedError(Exception):
    """deck.lock on disk is no longer what this build started from."""


class BusyError(OSError):
    """Another build did not end in time."""

    def __init__(self) -> None:
        super().__init__(errno.EBUSY, "another build is writing")


class Texts(Struct, frozen=True):
    """A lock that was read, and is written, as one text."""

    before: str | None
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether it is to be another one."""
        return self.after != self.before

    def is_still(self, path: Path) -> bool:
        """Whether the file says what was read."""
        return _decoded(_bytes_of(path)) == self.before

    def write_to(self, file: IO[bytes]) -> None:
        """Write what it is to be."""
        file.write(self.after.encode())


NewLock: TypeAlias = "Texts | NextLock"
"""A lock as a build found it, and as it is to be."""


def write_lock(lock_path: Path, before: str | None, after: str) -> list[Diagnostic]:
    """Write another lock in the place of one, and no package; as `write_both`."""
    return write_both(lock_path, Texts(before, after), lock_path, None)


def write_both(
    lock_path: Path,
    lock: NewLock,
    package_path: Path,
    make_package: Callable[[Path], Path | None] | None,
    patience: float = PATIENCE,
) -> list[Diagnostic]:
    """Write the lock, then the package. `make_package` writes a temporary file beside a target and returns its path;
    None where no package is to be there.

    What is as it should be already is not touched; a link is replaced, never followed. Raises `LockChangedError` when
    the lock on disk is not what the build found any more; then nothing is written.
    """
    shown = package_path
    if problem := _refusal(package_path) if make_package else "":
        return [_unwritable(shown, problem)]
    try:
        package_path.parent.mkdir(parents=True, exist_ok=True)
        with exclusively(lock_path, patience), contextlib.ExitStack() as stack:
            for target in (lock_path, package_path):
                _remove_remains(target)
            if not lock.is_still(lock_path):
                raise LockChangedError
            package = make_package(package_path) if make_package is not None else None
            if package is not None:
                stack.callback(package.unlink, missing_ok=True)
                if same_bytes(package, package_path):
                    package = None
                else:
                    package.chmod(_mode_of(package_path))
            shown = lock_path
            _replace_both(lock_path, lock, package, package_path)
    except BusyError:
        hint = "wait for it to end, or end it"
        return [Diagnostic("lock-busy", f"another build is writing beside `{lock_path}`", hint=hint)]
    except (OSError, sqlite3.Error) as problem:
        return [_unwritable(shown, getattr(problem, "strerror", None) or str(problem))]
    return []


def _replace_both(lock_path: Path, lock: NewLock, package: Path | None, package_path: Path) -> None:
    """Write the lock, which is known once the package is made, and rename both; when the package cannot be, the lock is
    put back.
    """
    if not lock.is_changed:
        if package is not None:
            _replace(package, package_path)
        return
    temporary = write_beside(lock_path, lock.write_to)
    with _unlinked(temporary):
        if not lock.is_still(lock_path):  # a merge, while the package was made
            raise LockChangedError
        with _put_aside(lock_path) as before:  # which changes the state of the file
            _replace(temporary, lock_path)
            if package is None:
                return
            try:
                _replace(package, package_path)
            except OSError:
                if before is None:
                    lock_path.unlink()
                else:
                    before.replace(lock_path)
                raise


@contextlib.contextmanager
def _unlinked(temporary: Path) -> Iterator[None]:
    """Delete a temporary file in the end, where it was not renamed."""
    try:
        yield
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def _put_aside(path: Path) -> Iterator[Path | None]:
    """Another name of the file for a while, under which it stays when that is replaced; None where there is none."""
    if not path.exists():
        yield None
        return
    aside = write_beside(path, lambda _: None)
    try:
        aside.unlink()
        try:
            os.link(path, aside)
        except OSError:  # a file system without links
            shutil.copy2(path, aside)
        yield aside
    finally:
        aside.unlink(missing_ok=True)


def _replace(temporary: Path, target: Path) -> None:
    temporary.replace(target)
    # The rename has to outlast a power cut; not every file system lets a folder be synced.
    with contextlib.suppress(OSError):
        descriptor = os.open(target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def write_beside(target: Path, write: Callable[[IO[bytes]], object]) -> Path:
    """Write and sync a temporary file beside `target`; its path."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(_mode_of(target))
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _remove_remains(target: Path) -> None:
    """Delete the temporary files of builds that were killed; whoever still writes here holds the lock."""
    for path in target.parent.glob(f".{_escaped(target.name)}.????????.tmp"):
        with contextlib.suppress(OSError):
            path.unlink()


def _escaped(name: str) -> str:
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def _refusal(package_path: Path) -> str:
    """Why no package can be put there; renaming onto it would fail only after the lock was written."""
    try:
        mode = package_path.stat().st_mode
    except FileNotFoundError:
        return ""
    except OSError as problem:
        return problem.strerror or str(problem)
    if stat.S_ISDIR(mode):
        return "it is a folder"
    return "" if stat.S_ISREG(mode) else "it is no ordinary file"


def _unwritable(path: Path, problem: str) -> Diagnostic:
    hint = "lock and package are as they were; `-o FILE` puts the package elsewhere"
    return Diagnostic("unwritable", f"`{path}` cannot be written: {problem}", hint=hint)


def _mode_of(target: Path) -> int:
    """The permissions of the file that stands there, else those that a new file gets."""
    with contextlib.suppress(OSError):
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _bytes_of(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _decoded(content: bytes | None) -> str | None:
    """The lock as `project` reads it."""
    if content is None:
        return None
    text = content.decode("utf-8", "replace").removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def same_bytes(one: Path, other: Path) -> bool:
    """Whether two files hold the same; nothing is the same as a file that is not there."""
    try:
        if one.stat().st_size != other.stat().st_size:
            return False
        with one.open("rb") as first, other.open("rb") as second:
            while (chunk := first.read(1 << 20)) == second.read(1 << 20):
                if not chunk:
                    return True
    except FileNotFoundError:
        pass
    return False


@contextlib.contextmanager
def exclusively(lock_path: Path, patience: float) -> Iterator[None]:
    """Keep other builds with this lock out: by an advisory lock on its folder, which ends with the process."""
    try:
        import fcntl
    except ImportError:
        with _alone_by_file(lock_path.with_name(f".{lock_path.name}.busy"), patience):
            yield
        return
    descriptor = os.open(lock_path.parent, os.O_RDONLY)
    try:
        end = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise BusyError from None
                time.sleep(0.02)
            except OSError:  # a file system without locks: what is left is to compare before renaming
                break
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _alone_by_file(busy: Path, patience: float) -> Iterator[None]:
    """Where the system has no such locks (Windows): a file that only one build can make. One of ten minutes is dead."""
    end = time.monotonic() + patience
    while True:
        try:
            os.close(os.open(busy, os.O_CREAT | os.O_EXCL | os.O_WRONLY))
            break
        except FileExistsError:
            with contextlib.suppress(OSError):
                if time.time() - busy.stat().st_mtime > 600:
                    busy.unlink()
                    continue
            if time.monotonic() > end:
                raise BusyError from None
            time.sleep(0.02)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            busy.unlink()
