"""Files and folders as a build found or left them, so that the next one can tell, mostly without reading them, whether
they are still the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deckgen.build.store import State, is_settled, shows_writes, state_of, text_digest
from deckgen.project.source_files import find_sources, is_skipped, read_text

if TYPE_CHECKING:
    from deckgen.project.project import Project


class FileRecord(msgspec.Struct, frozen=True, array_like=True):
    """A file as it was read or written; `digest` where its times cannot tell: of its text, or else of its bytes."""

    path: str
    state: State
    digest: str = ""
    encoding: str = ""
    text: str = ""  # of a source: the digest of its text


class FolderRecord(msgspec.Struct, frozen=True, array_like=True):
    """A folder, and what stands in it but for hidden things."""

    path: str
    state: State
    digest: str
    is_settled: bool


def is_same_file(record: FileRecord) -> bool:
    """Whether a file is what it was."""
    if state_of(record.path) != record.state:
        return False
    return not record.digest or _digest(record.path, record.encoding) == record.digest


def same_folder(record: FolderRecord, begun: int) -> FolderRecord | None:
    """The folder as it is known from now on; None for another one."""
    state = state_of(record.path)
    if state is None:
        return None
    if record.is_settled and state == record.state:
        return record
    if _listing(record.path) != record.digest:
        return None
    return FolderRecord(record.path, state, record.digest, is_settled(state, begun))


def _digest(path: str, encoding: str) -> str:
    if encoding:
        text, _ = read_text(Path(path), encoding, limit=None)
        return text_digest(text) if text is not None else "unreadable"
    return digest_of(path)


def digest_of(path: str | Path) -> str:
    """SHA-256 of the bytes of a file."""
    with open(path, "rb") as file:
        found = sha256()
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def _listing(path: str) -> str:
    """What stands in a folder: the names, and which of them are folders or links."""
    with os.scandir(path) as entries:
        names = sorted(
            f"{entry.name}/{entry.is_dir(follow_symlinks=False)}/{entry.is_symlink()}"
            for entry in entries
            if not entry.name.startswith(".")
        )
    return sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()


def written_file(path: Path) -> FileRecord | None:
    """A file that this build wrote, however young it is."""
    state = state_of(path)
    if state is None:
        return None
    return FileRecord(str(path), state, "" if shows_writes(state) else _digest(str(path), ""))


LockDigest = tuple[int, str]
"""Size and SHA-256 of a lock as deckgen writes it."""


def lock_digest(pieces: Iterable[bytes | memoryview]) -> LockDigest:
    """Of a lock, piece by piece."""
    found, size = sha256(), 0
    for piece in pieces:
        found.update(piece)
        size += len(piece)
    return size, found.hexdigest()


def written_lock(path: Path, size: int, digest: Callable[[], str]) -> FileRecord | None:
    """The lock, of which this build knows what it wrote: its size in bytes, and SHA-256, which is asked for where times
    do not do. It may have other bytes than deckgen writes, and the same text (the line ends of Windows).
    """
    state = state_of(path)
    if state is None:
        return None
    is_as_written = state[0] == size
    if is_as_written and shows_writes(state):
        return FileRecord(str(path), state)
    return FileRecord(str(path), state, digest(), "" if is_as_written else "utf-8")


def folder_records(project: Project, begun: int, *, looks_for_media: bool) -> Iterator[FolderRecord | None]:
    """The folders that sources, and pictures if there are any, are looked for in; None where that is not sure."""
    found, _ = find_sources(project.root, project.config.sources, project.config.exclude)
    if [source.path for source in found] != [source.path for source in project.sources]:
        yield None
        return
    for folder, folders, _files_in in os.walk(project.root):
        state = state_of(folder)
        yield None if state is None else FolderRecord(folder, state, _listing(folder), is_settled(state, begun))
        kept = [name for name in folders if not name.startswith(".")]
        looked_into = [name for name in kept if looks_for_media or not is_skipped(folder, name)]
        for name in kept:
            path = os.path.join(folder, name)
            if name not in looked_into and (state := state_of(path)) is not None:
                yield FolderRecord(path, state, _listing(path), is_settled(state, begun))
        folders[:] = looked_into
