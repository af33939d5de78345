"""Whether anything at all changed since the last build; if not, what a build would say is known already.

A build depends on the files it reads, on what stands in the folders it looks through, on the command line, on where one
stands, and on the program. After a build all of that is written down in `.deckgen/`, with what the next build would
say. Where every file is what it was (size, times, inode; the content of those that are too young for their times to
tell), nothing has to be read.

What the next build would say is known in two cases: this build changed nothing, so that the next one does the same; or
every note's key is its own, so that the next build finds every line of the lock by it. What depends on more than
those files, a picture that is missing or a clock that is ahead, is not written down. Where a few sources changed and
nothing else, `few_changes` makes what hangs on them.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from deckgen.build.file_state import (
    FileRecord,
    FolderRecord,
    LockDigest,
    digest_of,
    folder_records,
    is_same_file,
    lock_digest,
    same_folder,
    written_file,
    written_lock,
)
from deckgen.build.owned_folder import is_own_file, open_folder, seal
from deckgen.build.result import Outcome
from deckgen.build.store import State, is_settled, owner_of, state_of, text_digest
from deckgen.diagnostics.paths import shown_path
from deckgen.model import MediaFile
from deckgen.package.deflate import Packed
from deckgen.project.source_files import CONFIG_NAME

if TYPE_CHECKING:
    from deckgen.build.pipeline import Build
    from deckgen.build.workers import Maker
    from deckgen.diagnostics import Diagnostic
    from deckgen.identity.lock import LockLine
    from deckgen.package.apkg import Kept
    from deckgen.project.locate import Place, Request
    from deckgen.project.project import Project

_MAGIC = b"deckgen at rest 2\n"
_MOST_RECORDS = 4  # of command lines in one project
_DAY = 24 * 60 * 60
_LASTING = frozenset(
    {"sanitised-html", "untypeable-answer", "note-without-card", "remote-media", "bad-front-matter", "empty-pattern"}
)
"""Diagnostics that the next build repeats if no file changes."""


class Rest(msgspec.Struct, frozen=True, array_like=True):
    """A project that is at rest, and what a build of it says."""

    key: str
    sources: tuple[str, ...]  # paths in the project
    files: tuple[FileRecord, ...]  # the sources, in the same order, then all others; last the lock and the package
    folders: tuple[FolderRecord, ...]
    latest: int  # modified time of the newest note, in seconds
    outcome: Outcome
    environment: str  # what the sources' notes were made with
    packs: tuple[str, ...]  # those chosen by the languages of the notes
    entangled: tuple[str, ...]  # sources with notes that stand in another one too, or share their key
    has_retired: bool  # whether the lock has notes that left
    collection: State | None  # of the collection of the package, where it was kept
    pieces: tuple[Packed, ...]  # where it lies in the package
    media: tuple[MediaFile, ...]  # in the package
    looks_for_media: bool  # whether a new file may be what a note means


@dataclass(frozen=True, slots=True)
class Rested:
    """What is the same as after the last build: all but the sources with these indices, and what is new or gone."""

    rest: Rest
    folder: Path  # of the cache
    changed: tuple[int, ...]
    has_other_files: bool  # something else stands in the folders
    begun: int  # nanoseconds

    @property
    def is_same(self) -> bool:
        """Whether nothing changed."""
        return not (self.changed or self.has_other_files)


def key_of(request: Request, place: Place, folder: Path) -> str:
    """What the command line, the place and the program are known by."""
    asked = (request.paths, request.output, request.lock, place.root, os.getcwd(), owner_of(folder))
    return sha256(repr(asked).encode("utf-8", "surrogatepass")).hexdigest()


def recall(request: Request, place: Place, now: int, *, is_writing: bool) -> Rested | None:
    """What a build would say, where nothing that it depends on changed, or nothing but the content of sources.

    Files that had to be read because they were too young are known by their times from then on, if `is_writing`.
    """
    begun = time.time_ns()
    folder = open_folder(place.root, makes=False)
    if folder is None:
        return None
    try:
        key = key_of(request, place, folder)
        rest = _read(folder / _name(key))
        if rest is None or rest.key != key or rest.latest > now + _DAY:
            return None
        folders = [same_folder(record, begun) for record in rest.folders]
        sources = len(rest.sources)
        if not all(map(is_same_file, rest.files[sources:])):
            return None
        changed = tuple(i for i, file in enumerate(rest.files[:sources]) if not is_same_file(file))
        if changed or None in folders:
            return Rested(rest, folder, changed, None in folders, begun)
        files = [
            FileRecord(file.path, file.state, text=file.text) if file.digest and is_settled(file.state, begun) else file
            for file in rest.files
        ]
        if is_writing and (files, folders) != (list(rest.files), list(rest.folders)):
            same = tuple(record for record in folders if record is not None)
            with contextlib.suppress(OSError):
                write_rest(folder, msgspec.structs.replace(rest, files=tuple(files), folders=same))
    except OSError:
        return None
    return Rested(rest, folder, (), False, begun)


def _name(key: str) -> str:
    return f"rest-{key[:16]}"


def _read(path: Path) -> Rest | None:
    if not path.exists() or not is_own_file(path):
        return None
    data = path.read_bytes()
    head, payload = data[: len(_MAGIC) + 32], data[len(_MAGIC) + 32 :]
    if head != _MAGIC + sha256(payload).digest():
        return None
    try:
        return msgspec.msgpack.decode(payload, type=Rest)
    except (msgspec.DecodeError, ValueError):
        return None


def collection_path(folder: Path, request: Request, place: Place) -> Path:
    """Where the collection of a package is kept."""
    return folder / f"collection-{key_of(request, place, folder)[:16]}"


@dataclass(frozen=True, slots=True)
class Ending:
    """What is to be known of a build that was written."""

    project: Project
    outcome: Outcome  # that of the next one
    latest: int  # modified time of the newest note, in seconds
    lock: LockDigest
    read: Collection[str] = ()  # paths, in the project, of media that were looked at
    media: Collection[MediaFile] = ()  # those in the package
    packs: tuple[str, ...] = ()
    entangled: Collection[str] = ()
    has_retired: bool = False


def ending_of(build: Build) -> Ending | None:
    """That of a build which left the project at rest; None where that is not sure."""
    if not _is_steady(build):
        return None
    from deckgen.build.pipeline import outcome_of

    stamp = build.identified.lock.header.rendering
    return Ending(
        build.project,
        outcome_of(build).at_rest(is_rendering_new=stamp not in ("", build.rendering.stamp)),
        max((note.mod for note in build.identified.notes), default=0),
        lock_digest([build.lock_text.encode("utf-8", "surrogatepass")]),
        {file.path for note in build.notes for file in note.note.draft.media},
        {file for note in build.notes for file in note.media},
        () if build.project.packs is not None else build.rules.packs,
        _entangled(build),
        any(line.retired for line in build.identified.lock.lines),
    )


def remember(ending: Ending, request: Request, place: Place, maker: Maker, kept: Kept | None) -> None:
    """Write down that a project is at rest; nothing where that is not sure."""
    with contextlib.suppress(OSError):
        folder = open_folder(place.root)
        if folder is None or maker.cache is None:
            return
        files = list(_files(ending, maker))
        folders = list(folder_records(ending.project, maker.cache.begun, looks_for_media=bool(ending.read)))
        if None in files or None in folders:
            return
        rest = Rest(
            key=key_of(request, place, folder),
            sources=tuple(source.path for source in ending.project.sources),
            files=tuple(file for file in files if file is not None),
            folders=tuple(inner for inner in folders if inner is not None),
            latest=ending.latest,
            outcome=ending.outcome,
            environment=maker.environment,
            packs=ending.packs,
            entangled=tuple(sorted(ending.entangled)),
            has_retired=ending.has_retired,
            collection=state_of(kept.path) if kept is not None else None,
            pieces=tuple(kept.pieces) if kept is not None else (),
            media=tuple(sorted(ending.media, key=lambda file: file.name)),
            looks_for_media=bool(ending.read),
        )
        write_rest(folder, rest)


def _is_steady(build: Build) -> bool:
    """Whether it is sure what the next build would do if nothing changed."""
    project, identified, lock = build.project, build.identified, build.identified.lock
    if project.chosen is not None or project.reads_alone or not project.package_path.is_file():
        return False
    if lock.variants or not are_lasting(build.diagnostics):
        return False
    if any(note.is_held_back or note.draft.is_missing_media for note in identified.notes):
        return False
    if sum(not line.retired for line in lock.lines) != len({note.guid for note in identified.notes}):
        return False  # lines of sources that this build did not read
    return build.lock_text == project.lock_text or len(set(map(_key, lock.lines))) == len(lock.lines)


def are_lasting(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether the next build says the same if no file changes."""
    return all(diagnostic.kind in _LASTING for diagnostic in diagnostics)


def _key(line: LockLine) -> tuple[str, str, tuple[str, ...]]:
    return line.kind, line.rule, line.key


def _entangled(build: Build) -> set[str]:
    """The sources whose notes hang on those of others."""
    count = Counter(map(_key, build.identified.lock.lines))
    doubled = {line.guid for line in build.identified.lock.lines if count[_key(line)] > 1}
    found: set[str] = set()
    for note in build.identified.notes:
        if len(note.origins) > 1 or note.guid in doubled:
            found.update(origin.span.path for origin in note.origins or (note.draft.origin,))
    return found


def _files(ending: Ending, maker: Maker) -> Iterator[FileRecord | None]:
    """What the build read and wrote; None for a file of which it is not sure what was read."""
    project, cache = ending.project, maker.cache
    assert cache is not None
    for source in project.sources:
        path, state = project.root / source.path, cache.found_state(source.path)
        digest = maker.digests.get(source.path, "")
        if state is None or not digest:
            yield None
        elif is_settled(state, cache.begun):
            yield FileRecord(str(path), state, text=digest)
        else:
            yield FileRecord(str(path), state, digest, project.config.encoding, digest)
    for path, found, encoding in _other_files(ending):
        state = state_of(path)
        if state is None:
            yield None
        elif is_settled(state, cache.begun):
            yield FileRecord(str(path), state)
        else:
            yield FileRecord(str(path), state, found if isinstance(found, str) else found(), encoding)
    size, digest = ending.lock
    yield written_lock(project.lock_path, size, lambda: digest)
    yield written_file(project.package_path)


def _other_files(ending: Ending) -> Iterator[tuple[Path, str | Callable[[], str], str]]:
    """deck.yaml, own rules and media: the path, the digest of what was read, the encoding where it was read as text."""
    project = ending.project
    if project.has_config:
        yield project.root / CONFIG_NAME, text_digest(project.config_text), "utf-8"
    texts = {pack.path: pack.text for pack in project.packs or ()}
    for name in project.config.rules or ():
        if name.endswith((".yaml", ".yml")):
            path = project.root / name
            yield path, text_digest(texts.get(shown_path(path), "")), "utf-8"
    digests = {file.path: file.digest for file in ending.media if not file.path.lower().endswith(".svg")}
    for file in sorted(ending.read):
        path = project.root / file
        yield path, digests.get(file) or partial(digest_of, path), ""


def write_rest(folder: Path, rest: Rest) -> None:
    """Write down what is known of a project at rest, for all command lines but the oldest."""
    payload = msgspec.msgpack.encode(rest)
    descriptor, temporary = tempfile.mkstemp(prefix="rest-", suffix=".tmp", dir=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(_MAGIC + sha256(payload).digest() + payload)
        os.replace(temporary, folder / _name(rest.key))
        seal(folder / _name(rest.key))
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
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
