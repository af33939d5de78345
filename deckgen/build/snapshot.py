"""What a build found and left, so that the next one can tell what changed since.

A build depends on the files it reads, on what stands in the folders it looks through, on the command line and on the
program. After a build all of that is written down in `.deckgen/`, with what the next build would say: what this one
said of the notes, and that nothing changed. Where every file is what it was (size, times, inode; or else its content),
nothing has to be read.

Nothing in a record hangs on where the project lies or on where one stands, so that it serves in a copy of the folder,
in another checkout, and from every folder. What depends on more than files, as a picture that is missing, is not
written down.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.compile_key import program_fingerprint, text_digest
from deckgen.build.file_stamps import FileStamp, is_settled
from deckgen.build.file_state import (
    FileEntry,
    LockDigest,
    digest_of,
    folder_entries,
    in_project,
    read_file,
    same_file,
    shown_diagnostic,
    stored_diagnostic,
    written_file,
)
from deckgen.build.owned_folder import digest_of_pieces, is_own_file, open_folder, own_digest, seal
from deckgen.build.result import Outcome
from deckgen.build.user_cache import write_file
from deckgen.diagnostics import sort_diagnostics
from deckgen.diagnostics.paths import shown_path
from deckgen.model import MediaFile
from deckgen.package.deflate import Piece, piece_digests
from deckgen.project.editor import dialect_of, editor_state
from deckgen.project.locate import LOCK_NAME, keeps_cache, locate
from deckgen.project.source_files import CONFIG_NAME

if TYPE_CHECKING:
    from deckgen.package.apkg import KeptCollection
    from deckgen.project.locate import Place, Request
    from deckgen.project.project import Project

Part = Literal["sources", "settings", "media", "written", "folders"]
"""What a build depends on: `settings` are deck.yaml, rules and decisions, `written` are lock and package."""

_MAGIC = b"deckgen record 7\n"
_MOST_RECORDS = 4  # of command lines in one project


class BuildRecord(msgspec.Struct, frozen=True, array_like=True):
    """A build, and what the next one says if nothing changes."""

    key: str
    files: dict[Part, tuple[FileEntry, ...]]
    outcome: Outcome
    generation: str  # of the index, where the package was made of it
    pieces: tuple[Piece, ...]  # where the collection lies in the package
    rest: tuple[bytes, ...]  # the digest of what is no whole piece of it
    looks_for_media: bool  # whether a new file may be what a note means
    editor: str  # what the folder of an editor says


class Delta(Struct, frozen=True, dict=True):
    """What changed since the last build with the same command line."""

    record: BuildRecord
    folder: Path  # of the cache
    root: Path
    begun: int  # nanoseconds

    @cached_property
    def files(self) -> dict[Part, list[FileEntry | None]]:
        """All files and folders as they are known from now on; None for those that changed."""
        return {
            part: [same_file(self.root, entry, self.begun) for entry in entries]
            for part, entries in self.record.files.items()
        }

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        is_editor_same = self.record.editor == editor_state(self.root)
        return is_editor_same and not any(None in entries for entries in self.files.values())

    @property
    def is_media_same(self) -> bool:
        """Whether every picture and sound is what it was, and none may have come."""
        return None not in self.files["media"] and not (self.record.looks_for_media and None in self.files["folders"])

    def is_collection_whole(self, path: Path) -> bool:
        """Whether the collection that was kept is that of the package."""
        pieces = [*(digest for digest, *_ in self.record.pieces), *self.record.rest]
        return path.exists() and is_own_file(path) and own_digest(path) == digest_of_pieces(pieces)

    def refreshed(self) -> BuildRecord:
        """The record, with files known by their times that had to be read because they were too young, or touched."""
        return msgspec.structs.replace(self.record, files=_known(self.files))


def _known(files: Mapping[Part, Iterable[FileEntry | None]]) -> dict[Part, tuple[FileEntry, ...]]:
    return {part: tuple(entry for entry in entries if entry is not None) for part, entries in files.items()}


def output_key(request: Request, place: Place) -> str:
    """What the command line and the program are known by."""
    paths = sorted({in_project(place.root, path / "x") for path in place.paths})
    asked = [in_project(place.root, path) if path is not None else "" for path in (request.output, request.lock)]
    return sha256(repr((paths, asked, program_fingerprint())).encode("utf-8", "surrogatepass")).hexdigest()


def load_snapshot(request: Request) -> Delta | None:
    """What a build knows of the last one with the same command line."""
    place, _ = locate(request)
    if place is None or not keeps_cache(place):
        return None
    begun = time.time_ns()
    folder = open_folder(place.root, makes=False)
    if folder is None:
        return None
    try:
        key = output_key(request, place)
        record = _read(folder / _name(key))
    except OSError:
        return None
    if record is None or record.key != key:
        return None
    return Delta(record, folder, place.root, begun)


def load_unchanged(request: Request) -> Delta | None:
    """The last build, where nothing changed since and the index has its notes; None otherwise."""
    last = load_snapshot(request)
    return last if last is not None and last.record.generation and last.is_same else None


def unchanged_outcome(delta: Delta, request: Request) -> Outcome:
    """What a build says where nothing changed, as from the folder where one stands."""
    root, before = delta.root, delta.record.outcome
    shown = [shown_diagnostic(diagnostic, root) for diagnostic in before.diagnostics]
    return replace(
        before,
        package=str(request.output or root / before.package),
        lock=str(request.lock or root / LOCK_NAME),
        diagnostics=tuple(sort_diagnostics(shown)),
    )


def refresh(delta: Delta) -> None:
    """Have files that were read because they were too young known by their times from now on."""
    with contextlib.suppress(OSError):
        record = delta.refreshed()
        if record != delta.record:
            _write(delta.folder, record)


def _name(key: str) -> str:
    return f"rest-{key[:16]}"


def _read(path: Path) -> BuildRecord | None:
    if not path.exists() or not is_own_file(path):
        return None
    data = path.read_bytes()
    head, payload = data[: len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
    if head != _MAGIC + sha256(payload).digest():
        return None
    try:
        return msgspec.msgpack.decode(payload, type=BuildRecord)
    except (msgspec.DecodeError, ValueError):
        return None


def collection_path(folder: Path, request: Request, place: Place) -> Path:
    """Where the collection of a package is kept."""
    return folder / f"collection-{output_key(request, place)[:16]}"


class WrittenBuild(Struct, frozen=True):
    """What is to be known of a build that was written."""

    project: Project
    outcome: Outcome  # that of the next one
    lock: LockDigest
    read: Collection[str]  # paths, in the project, of media that were looked at
    media: Collection[MediaFile]  # those in the package
    generation: str
    begun: int  # nanoseconds
    sources: Sequence[tuple[FileStamp | None, str]]  # how each was found, and the digest of its text


def save_snapshot(written_build: WrittenBuild, request: Request, place: Place, kept: KeptCollection | None) -> None:
    """Write down what a build found and left; nothing where that is not sure."""
    with contextlib.suppress(OSError):
        folder = open_folder(place.root)
        if folder is None:
            return
        project = written_build.project
        files: dict[Part, list[FileEntry | None]] = {
            "sources": list(_sources(written_build)),
            "settings": list(_settings(written_build)),
            "media": list(_media(written_build)),
            "written": list(_written(written_build)),
            "folders": list(
                folder_entries(project, written_build.begun, looks_for_media=bool(written_build.read)),
            ),
        }
        editor, config = editor_state(project.root), project.config
        is_dialect_same = dialect_of(project.root, config.dialect.name, breaks=config.breaks) == config.dialect
        if any(None in entries for entries in files.values()) or not is_dialect_same:
            return
        package = in_project(project.root, project.package_path)
        diagnostics = tuple(
            stored_diagnostic(diagnostic, project.root) for diagnostic in written_build.outcome.diagnostics
        )
        record = BuildRecord(
            key=output_key(request, place),
            files=_known(files),
            outcome=replace(written_build.outcome, package=package, lock="", diagnostics=diagnostics),
            generation=written_build.generation,
            pieces=tuple(kept.pieces) if kept is not None else (),
            rest=tuple(piece_digests(kept.path, len(kept.pieces))) if kept is not None else (),
            looks_for_media=bool(written_build.read),
            editor=editor,
        )
        _write(folder, record)


def _sources(written_build: WrittenBuild) -> Iterator[FileEntry | None]:
    """The sources; None for one of which it is not sure what was read."""
    encoding = written_build.project.config.encoding
    for source, (stamp, digest) in zip(written_build.project.sources, written_build.sources, strict=True):
        if stamp is None or not digest:
            yield None
        else:
            yield FileEntry(source.path, stamp, digest, encoding, is_settled(stamp, written_build.begun))


def _settings(written_build: WrittenBuild) -> Iterator[FileEntry | None]:
    project = written_build.project

    def read(path: Path, text: str) -> FileEntry | None:
        return read_file(project.root, path, text_digest(text), "utf-8", written_build.begun)

    if project.has_config:
        yield read(project.root / CONFIG_NAME, project.config_text)
    if project.choices_text is not None:
        from deckgen.project.choices import choices_path

        yield read(choices_path(project.lock_path), project.choices_text)
    texts = {pack.path: pack.text for pack in project.packs or ()}
    for name in project.config.rules or ():
        if name.endswith((".yaml", ".yml")):
            path = project.root / name
            yield read(path, texts.get(shown_path(path), ""))


def _media(written_build: WrittenBuild) -> Iterator[FileEntry | None]:
    root = written_build.project.root
    digests = {file.path: file.digest for file in written_build.media if not file.path.lower().endswith(".svg")}
    for file in sorted(written_build.read):
        path = root / file
        yield read_file(root, path, digests.get(file) or digest_of(path), "", written_build.begun)


def _written(written_build: WrittenBuild) -> Iterator[FileEntry | None]:
    project = written_build.project
    yield written_file(project.root, project.lock_path, written_build.lock)
    yield written_file(project.root, project.package_path)


def _write(folder: Path, record: BuildRecord) -> None:
    """Write down what is known of a build, for all command lines but the oldest."""
    payload = msgspec.msgpack.encode(record)
    path = folder / _name(record.key)
    write_file(folder, path, _MAGIC + sha256(payload).digest() + payload)
    seal(path)
    _forget_oldest(folder)


def _forget_oldest(folder: Path) -> None:
    """Records of command lines that were not used for long, and collections that no record knows."""
    records = sorted(folder.glob("rest-*"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in records[_MOST_RECORDS:]:
        path.unlink(missing_ok=True)
    known = {path.name.partition("-")[2] for path in records[:_MOST_RECORDS]}
    for path in folder.glob("collection-*"):
        if path.is_file() and path.name.partition("-")[2] not in known:
            path.unlink(missing_ok=True)
