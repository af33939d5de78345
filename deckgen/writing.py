"""Lock and package → the disk: both beside their targets, synced, renamed, the lock first.

A crash at any moment leaves the old pair, the new pair, or the new lock with the old package; the package is a function
of the sources and the new lock, so the next build makes the same one. The package first would let a note out that the
next build does not know.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from deckgen.diagnostics import Diagnostic, Span, define

define(
    "error",
    unwritable="The disk refused the lock or the package; what stood there before is untouched.",
    lock_changed="deck.lock changed on disk while this build ran, twice: another build, or a merge, is at work.",
)


class LockChanged(Exception):
    """deck.lock on disk is no longer what this build started from."""


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other builds of the folder out for the moment of writing: an advisory lock, where the system has them."""
    try:
        import fcntl
    except ImportError:  # Windows: renaming is atomic there too, only the comparison before it is not
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_beside(target: Path, text: str) -> Path:
    """Write and sync a temporary file beside `target`; its path."""
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
            os.fchmod(file.fileno(), _mode_of(target))
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return temporary


def _mode_of(target: Path) -> int:
    """The permissions of the file that stands there, else those that a new file gets."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def write_pair(
    lock_path: Path, lock_before: str | None, lock_after: str, package_path: Path, make_package: Callable[[Path], Path] | None
) -> list[Diagnostic]:
    """Write the lock, then the package. `make_package` writes a temporary file beside the target and returns its path.

    Raises `LockChanged` when the lock on disk is not `lock_before` any more; then nothing is written.
    """
    temporary: list[Path] = []
    try:
        package_path.parent.mkdir(parents=True, exist_ok=True)
        package = make_package(package_path) if make_package else None
        if package is not None:
            temporary.append(package)
            os.chmod(package, _mode_of(package_path))
        changed = lock_after != lock_before
        lock = write_beside(lock_path, lock_after) if changed else None
        if lock is not None:
            temporary.append(lock)
        with _alone(lock_path.parent):
            if _current(lock_path) != lock_before:
                raise LockChanged
            if lock is not None:
                lock.replace(lock_path)
                _sync_folder(lock_path.parent)
            if package is not None:
                package.replace(package_path)
                _sync_folder(package_path.parent)
    except OSError as problem:
        name = problem.filename or package_path
        return [Diagnostic("unwritable", f"cannot write: {problem.strerror or problem}", Span(str(name)), "lock and package are as they were")]
    finally:
        for path in temporary:
            with contextlib.suppress(OSError):
                path.unlink(missing_ok=True)
    return []


def _current(lock_path: Path) -> str | None:
    try:
        return lock_path.read_text("utf-8-sig").replace("\r\n", "\n")
    except FileNotFoundError:
        return None


def _sync_folder(folder: Path) -> None:
    """Make a rename outlast a power cut; not every file system lets a folder be synced."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
