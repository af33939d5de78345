"""Files and folders as a build found or left them, so that the next one can tell, mostly without reading them, whether
they are still the same. Paths are relative to the project.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from deckgen.build.compile_key import text_digest
from deckgen.build.file_stamps import FileStamp, file_stamp, is_settled, mtime_is_reliable
from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.paths import shown_path
from deckgen.project.source_files import find_sources, is_skipped, read_text

if TYPE_CHECKING:
    from deckgen.project.project import Project


class FileEntry(msgspec.Struct, frozen=True, array_like=True):
    """A file as it was read or written, or a folder that was looked through."""

    path: str
    state: FileStamp
    digest: str  # SHA-256 of its text, of its bytes, or of what stands in a folder but for hidden things
    encoding: str = ""  # of a text; none of bytes, `_FOLDER` of a folder
    is_settled: bool = False  # the state alone tells that it is the same


_FOLDER = "folder"


def same_file(root: Path, entry: FileEntry, begun: int) -> FileEntry | None:
    """The file or folder as it is known from now on; None for another one."""
    path = os.path.join(root, entry.path)  # a `Path` of each of ten thousand files takes half the time
    state = file_stamp(path)
    if state is None:
        return None
    if state == entry.state and entry.is_settled:
        return entry
    if _digest(Path(path), entry.encoding) != entry.digest:
        return None
    return FileEntry(entry.path, state, entry.digest, entry.encoding, is_settled(state, begun))


def _digest(path: Path, encoding: str) -> str:
    if encoding == _FOLDER:
        return _listing(path)
    if encoding:
        text, _ = read_text(path, encoding, limit=None)
        return text_digest(text) if text is not None else "unreadable"
    return digest_of(path)


def digest_of(path: str | Path) -> str:
    """SHA-256 of the bytes of a file."""
    with open(path, "rb") as file:
        found = sha256()
        while chunk := file.read(1 << 20):
            found.update(chunk)
    return found.hexdigest()


def _listing(path: str | Path) -> str:
    """What stands in a folder: the names, and which of them are folders or links."""
    with os.scandir(path) as entries:
        names = sorted(
            f"{entry.name}/{entry.is_dir(follow_symlinks=False)}/{entry.is_symlink()}"
            for entry in entries
            if not entry.name.startswith(".")
        )
    return sha256("\n".join(names).encode("utf-8", "surrogateescape")).hexdigest()


LockDigest = tuple[int, str]
"""Size and SHA-256 of a lock as deckgen writes it."""


def lock_digest(pieces: Iterable[bytes | memoryview]) -> LockDigest:
    """Of a lock, piece by piece."""
    found, size = sha256(), 0
    for piece in pieces:
        found.update(piece)
        size += len(piece)
    return size, found.hexdigest()


def written_file(root: Path, path: Path, known: LockDigest | None = None) -> FileEntry | None:
    """A file that this build wrote, however young it is. Of the lock it is `known` what was written: on disk it may
    have other bytes, and the same text (the line ends of Windows).
    """
    state = file_stamp(path)
    if state is None:
        return None
    size, digest = known or (state[0], digest_of(path))
    is_as_written = state[0] == size
    encoding = "" if is_as_written else "utf-8"
    return FileEntry(in_project(root, path), state, digest, encoding, is_as_written and mtime_is_reliable(state))


def read_file(root: Path, path: Path, digest: str, encoding: str, begun: int) -> FileEntry | None:
    """A file that this build read, and the digest of what it read."""
    state = file_stamp(path)
    if state is None:
        return None
    return FileEntry(in_project(root, path), state, digest, encoding, is_settled(state, begun))


def in_project(root: Path, path: Path) -> str:
    """A path as a copy of the project would have it: relative to its folder, absolute where it leads out."""
    relative = os.path.relpath(os.path.realpath(path.parent), os.path.realpath(root))
    if relative.startswith(".."):
        return os.path.join(os.path.realpath(path.parent), path.name)
    return os.path.normpath(os.path.join(relative, path.name))


def folder_entries(project: Project, begun: int, *, looks_for_media: bool) -> Iterator[FileEntry | None]:
    """The folders that sources, and pictures if there are any, are looked for in; None where that is not sure."""
    found, _ = find_sources(project.root, project.config.sources, project.config.passed_over)
    if [source.path for source in found] != [source.path for source in project.sources]:
        yield None
        return
    for folder, folders, _files_in in os.walk(project.root):
        yield _folder_entry(project.root, folder, begun)
        kept = [name for name in folders if not name.startswith(".")]
        looked_into = [name for name in kept if looks_for_media or not is_skipped(folder, name)]
        for name in kept:
            path = os.path.join(folder, name)
            if name not in looked_into and file_stamp(path) is not None:
                yield _folder_entry(project.root, path, begun)
        folders[:] = looked_into


def _folder_entry(root: Path, folder: str, begun: int) -> FileEntry | None:
    state = file_stamp(folder)
    if state is None:
        return None
    return FileEntry(os.path.relpath(folder, root), state, _listing(folder), _FOLDER, is_settled(state, begun))


def shown_diagnostic(diagnostic: Diagnostic, root: Path) -> Diagnostic:
    """A stored diagnostic, as from the folder where one stands."""
    span = diagnostic.span
    return diagnostic if span is None else replace(diagnostic, span=replace(span, path=shown_path(root / span.path)))


def stored_diagnostic(diagnostic: Diagnostic, root: Path) -> Diagnostic:
    """A diagnostic as it is stored: with a path in the project, and its severity, which only its module defines."""
    span = diagnostic.span
    if span is not None:
        span = replace(span, path=in_project(root, Path(span.path)))
    return replace(diagnostic, span=span, own_severity=diagnostic.severity)
