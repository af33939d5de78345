"""The user's own cache folder, outside of all projects: files that only this user may read, and the secret among them.

No repository can know the secret, so that what carries a keyed digest (HMAC) made with it was made on this machine.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from deckgen.diagnostics.paths import SAFELY

_SECRET_SIZE = 32


def is_own(status: os.stat_result, is_kind: Callable[[int], bool]) -> bool:
    """Whether a file, or folder, is of a kind and of this user."""
    return is_kind(status.st_mode) and (not hasattr(os, "geteuid") or status.st_uid == os.geteuid())


def read_small(path: Path, most: int) -> bytes | None:
    """The content of a small ordinary file of this user; None for anything else."""
    try:
        if not is_own(os.lstat(path), stat.S_ISREG):
            return None
        with os.fdopen(os.open(path, SAFELY), "rb") as file:
            status = os.fstat(file.fileno())
            if not is_own(status, stat.S_ISREG) or status.st_size > most:
                return None
            return file.read(most)
    except OSError:
        return None


def delete(path: Path) -> None:
    """Delete a file, a link or a folder; follow nothing."""
    with contextlib.suppress(OSError):
        if stat.S_ISDIR(os.lstat(path).st_mode):
            shutil.rmtree(path, ignore_errors=True)
        else:
            os.unlink(path)


def write_file(folder: Path, target: Path, data: bytes) -> None:
    """Put a file in place, whatever stands there; only this user may read it."""
    import tempfile

    descriptor, name = tempfile.mkstemp(prefix=f"{target.name}-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def cache_folder() -> Path | None:
    """Where this user's programs keep what they can make again."""
    wish = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(wish):
        return Path(wish, "deckgen")
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA", "")
        return Path(local, "deckgen", "cache") if os.path.isabs(local) else None
    home = os.path.expanduser("~")
    if not (os.environ.get("HOME", home) and os.path.isabs(home)):
        return None
    return Path(home, "Library/Caches/deckgen") if sys.platform == "darwin" else Path(home, ".cache/deckgen")


def secret(*, makes: bool) -> bytes | None:
    """The secret of this user on this machine; None where there is, or can be, none."""
    folder = cache_folder()
    if folder is None:
        return None
    path = folder / "secret"
    found = _read_secret(path)
    if found is not None or not makes:
        return found
    import secrets
    import tempfile

    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not is_own(os.lstat(folder), stat.S_ISDIR):
            return None
        if os.path.lexists(path):  # one that others can read, or no ordinary file
            delete(path)
        descriptor, name = tempfile.mkstemp(prefix="secret-", suffix=".tmp", dir=folder)  # with mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(secrets.token_bytes(_SECRET_SIZE))
            try:
                os.link(name, path, follow_symlinks=False)
            except FileExistsError:  # another build was faster: its secret is read below
                pass
            except OSError:  # a file system without links
                os.replace(name, path)
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
    except OSError:
        return None
    return _read_secret(path)


def _read_secret(path: Path) -> bytes | None:
    found = read_small(path, _SECRET_SIZE)
    if found is None or len(found) != _SECRET_SIZE:
        return None
    if sys.platform != "win32" and os.lstat(path).st_mode & 0o077:
        return None
    return found
