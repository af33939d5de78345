"""A folder on disk → the paths of its sources, and their text; what cannot be read is reported by name."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import IO

from msgspec import Struct

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import SAFELY, leads_outside, shown_path
from deckgen.model import Source
from deckgen.project.globs import Glob, glob_expression
from deckgen.project.sync_copies import copied_by

define(
    "warning",
    sync_copy="A sync service, an editor or a merge left this file beside a note. It is not built, since each of its "
    "notes would be made twice. To build it all the same, list its name in `sources:`.",
    link_not_followed="A symbolic link points outside the project, or to something hidden in it. Neither is read.",
)

SOURCE_LIMIT = 64 * 1024 * 1024
"""Bytes of one source: what is larger is no note, and would take minutes."""

CONFIG_NAME = "deck.yaml"

_SKIPPED = frozenset({"node_modules", "__pycache__"})


class SourceFile(Struct, frozen=True):
    """A file among the sources: its path in the project, with `/`, and where it lies."""

    path: str
    location: str

    @property
    def file(self) -> Path:
        """Where it lies; there may be ten thousand, of which few are asked for it."""
        return Path(self.location)


def find_sources(
    root: Path, sources: Sequence[str], exclude: Sequence[str] = ()
) -> tuple[list[SourceFile], list[Diagnostic]]:
    """The files that fit, sorted by their folders and names.

    Not looked into are hidden folders, environments of tools (`.venv`, `node_modules`), deck projects within this one,
    and whatever a symbolic link leads to outside of it.
    """
    wanted = [glob_expression(glob) for glob in sources]
    unwanted = [glob_expression(g) for glob in exclude for g in (glob, glob.rstrip("/") + "/**")]
    named = {unicodedata.normalize("NFC", glob).removeprefix("./") for glob in sources}
    found: dict[str, SourceFile] = {}
    links: list[SourceFile] = []
    diagnostics: list[Diagnostic] = []

    def unreadable(problem: OSError) -> None:
        # Passed over, its notes would count as deleted.
        shown = shown_path(Path(problem.filename or root))
        message = f"this folder cannot be read: {problem.strerror or problem}"
        diagnostics.append(Diagnostic("unreadable-source", message, Span(shown), "`exclude:` leaves it out"))

    for folder, folders, files, linked in _walk(str(root), unreadable):
        prefix = "" if folder == str(root) else os.path.relpath(folder, root).replace(os.sep, "/") + "/"
        diagnostics.extend(
            _not_followed(Path(folder, name))
            for name in sorted(folders)
            if not name.startswith(".")
            and name in linked
            and leads_outside(os.path.join(folder, name), root)
            and not _fits(prefix + name, unwanted)
        )
        folders[:] = sorted(name for name in folders if not is_skipped(folder, name))
        neighbours = {name.casefold() for name in files}
        for name in files:
            path = prefix + name
            if name.startswith("."):
                diagnostics.extend(_hidden(folder, prefix, name, wanted, unwanted))
                continue
            if not _fits(path, wanted) or _fits(path, unwanted):
                continue
            source = SourceFile(path, os.path.join(folder, name))
            if (program := copied_by(name, neighbours)) and unicodedata.normalize("NFC", path) not in named:
                diagnostics.append(_sync_copy(source.file, program))
                continue
            if name not in linked:
                found[path] = source
            elif leads_outside(source.file, root):
                diagnostics.append(_not_followed(source.file))
            else:
                links.append(source)
    targets = {os.path.realpath(source.location) for source in found.values()} if links else set[str]()
    for link in links:  # another name of a source would make each of its notes twice
        if os.path.realpath(link.file) not in targets:
            found[link.path] = link
    return sorted(found.values(), key=lambda source: source.path.split("/")), diagnostics


def _walk(folder: str, unreadable: Callable[[OSError], object]) -> Iterator[tuple[str, list[str], list[str], set[str]]]:
    """A folder and those below it: the names of the folders in it, of the files, and which of either are links.

    As `os.walk` goes, whoever asks takes folders out of the list that are not to be looked into. It does not say which
    files are links, and to ask that of each of ten thousand takes as long as all the rest.
    """
    folders, files, linked = list[str](), list[str](), set[str]()
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                (folders if _is_folder(entry) else files).append(entry.name)
                if entry.is_symlink():
                    linked.add(entry.name)
    except OSError as problem:
        unreadable(problem)
        return
    yield folder, folders, files, linked
    for name in folders:
        if name not in linked:
            yield from _walk(os.path.join(folder, name), unreadable)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that cannot be followed
        return False


def _fits(path: str, expressions: Sequence[Glob]) -> bool:
    path = unicodedata.normalize("NFC", path)  # deck.yaml is written so, a disk may have it otherwise
    return any(expression.match(path) for expression in expressions)


def is_skipped(folder: str, name: str) -> bool:
    """Whether a folder in a folder is not looked into."""
    if name.startswith(".") or name in _SKIPPED:
        return True
    inner = os.path.join(folder, name)
    return os.path.exists(os.path.join(inner, "pyvenv.cfg")) or os.path.isfile(os.path.join(inner, CONFIG_NAME))


def _not_followed(path: Path) -> Diagnostic:
    hint = "copy what it leads to into the project, or `exclude:` it"
    return Diagnostic(
        "link-not-followed",
        "this link leads out of the project, or to what is hidden in it",
        Span(shown_path(path)),
        hint,
    )


def _sync_copy(path: Path, program: str) -> Diagnostic:
    message = f"not built: this looks like a file that {program} left behind"
    hint = "copy what is new into the note and delete it; if it is a note, list its name in `sources:`"
    return Diagnostic("sync-copy", message, Span(shown_path(path)), hint)


_ICLOUD = ".icloud"


def _hidden(
    folder: str, prefix: str, name: str, wanted: Sequence[Glob], unwanted: Sequence[Glob]
) -> Iterator[Diagnostic]:
    """What stands for a note, in a file that is hidden."""
    if name.startswith(".#") and _fits(prefix + name, wanted) and not _fits(prefix + name, unwanted):
        yield _sync_copy(Path(folder, name), copied_by(name, ()))
    elif name.endswith(_ICLOUD):
        path = prefix + name[1 : -len(_ICLOUD)]
        if _fits(path, wanted) and not _fits(path, unwanted) and not os.path.exists(os.path.join(folder, name[1:])):
            message = f"`{name[1 : -len(_ICLOUD)]}` is in iCloud and not on this computer"
            hint = "download it in Finder, or `exclude:` it: without it, its notes would count as deleted"
            yield Diagnostic("unreadable-source", message, Span(shown_path(Path(folder, name))), hint)


_UNSAVED: ContextVar[Mapping[str, str] | None] = ContextVar("unsaved", default=None)  # by real paths


@contextmanager
def unsaved_texts(texts: Mapping[str, str]) -> Iterator[None]:
    """Read files as an editor has them, where it has them open: `texts` by the files' real paths."""
    token = _UNSAVED.set(texts)
    try:
        yield
    finally:
        _UNSAVED.reset(token)


Look = Callable[[str, str, str], Source | None]
"""Path of a source, its file and its encoding → the source without its text where that need not be read now."""


def leave_unread(path: str, _file: str = "", _encoding: str = "") -> Source:
    """A source that is read when its turn comes, if ever."""
    return Source(path, "", is_read=False)


def read_sources(
    files: Iterable[SourceFile], encoding: str, look: Look | None = None
) -> tuple[tuple[Source, ...], list[Diagnostic]]:
    """The sources that can be read, in order, and why others cannot. `look` tells those that need not be."""
    sources: list[Source] = []
    diagnostics: list[Diagnostic] = []
    for source in files:
        if not source.path.isprintable() and source.path != source.path.encode("utf-8", "replace").decode():
            message = "the name of this file is not UTF-8"
            diagnostics.append(Diagnostic("unreadable-source", message, Span(shown_path(source.file)), "rename it"))
            continue
        if look is not None and (unread := look(source.path, source.location, encoding)) is not None:
            sources.append(unread)
            continue
        text, problems = read_text(source.file, encoding)
        diagnostics.extend(problems)
        if text is not None:
            sources.append(Source(source.path, text))
    return tuple(sources), diagnostics


def read_ordinary(file: Path, limit: int | None, *, follows_links: bool = True) -> bytes:
    """The bytes of an ordinary file of at most `limit` bytes. Raises OSError, also for what is none: a pipe or a device
    would keep the build waiting for ever.
    """
    with _open_ordinary(file, follows_links=follows_links) as opened:
        if limit is not None and os.fstat(opened.fileno()).st_size > limit:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        data = opened.read() if limit is None else opened.read(limit + 1)
    if limit is not None and len(data) > limit:  # it grew
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return data


def read_start(file: Path, size: int) -> bytes:
    """The first bytes of an ordinary file. Raises OSError."""
    with _open_ordinary(file, follows_links=True) as opened:
        return opened.read(size)


def _open_ordinary(file: Path, *, follows_links: bool) -> IO[bytes]:
    if not stat.S_ISREG(os.stat(file, follow_symlinks=follows_links).st_mode):
        raise OSError(errno.EINVAL, "not an ordinary file")
    flags = SAFELY | getattr(os, "O_NOCTTY", 0)
    descriptor = os.open(file, flags & ~getattr(os, "O_NOFOLLOW", 0) if follows_links else flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):  # another one by now
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not an ordinary file")
    return open(descriptor, "rb")


def read_text(
    file: Path, encoding: str = "utf-8", limit: int | None = SOURCE_LIMIT
) -> tuple[str | None, list[Diagnostic]]:
    """A file's text, without a byte order mark, line ends a line feed; None and why it cannot be had."""
    span = Span(shown_path(file))
    try:
        if not file.is_file():  # a pipe would keep the build waiting for ever
            message = "this link leads nowhere" if file.is_symlink() else "this is no ordinary file"
            return None, [Diagnostic("unreadable-source", message, span, "delete it, or `exclude:` it in deck.yaml")]
        unsaved = _unsaved_text(file)
        size = file.stat().st_size if unsaved is None else len(unsaved)
        if limit is not None and size > limit:
            message = f"this file has {size / 1024 / 1024:.0f} MB; deckgen reads up to {limit // 1024 // 1024} MB"
            return None, [Diagnostic("source-too-large", message, span, "split it, or `exclude:` it in deck.yaml")]
        data = read_ordinary(file, limit) if unsaved is None else b""
    except OSError as problem:
        return None, [Diagnostic("unreadable-source", f"this file cannot be read: {problem.strerror or problem}", span)]
    try:
        text = data.decode(encoding) if unsaved is None else unsaved
    except UnicodeDecodeError as problem:
        return None, [_not_decoded(data, problem.start, span.path, encoding)]
    except (UnicodeError, LookupError) as problem:  # codecs that say no place, such as idna
        return None, [Diagnostic("not-utf8", f"this file is not {encoding}: {problem}", span)]
    may_have_half = encoding != "utf-8" or unsaved is not None  # what is decoded as UTF-8 has none
    if may_have_half and (surrogate := re.search("[\ud800-\udfff]", text)):
        message = f"this file is not {encoding}: it holds half a character (U+{ord(surrogate.group()):04X})"
        return None, [Diagnostic("not-utf8", message, span)]
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text, []


def _unsaved_text(file: Path) -> str | None:
    texts = _UNSAVED.get()
    return texts.get(os.path.realpath(file)) if texts else None


def _not_decoded(data: bytes, start: int, shown: str, encoding: str) -> Diagnostic:
    line_start = data.rfind(b"\n", 0, start) + 1
    try:
        column = len(data[line_start:start].decode(encoding, "replace")) + 1
    except UnicodeError:  # codecs that replace nothing, such as idna
        column = 1
    span = Span(shown, data.count(b"\n", 0, start) + 1, column)
    message = f"this file is not {encoding.upper()}: the byte at offset {start:,} (0x{data[start]:02x}) is no character"
    return Diagnostic("not-utf8", message, span, _encoding_hint(data))


def _encoding_hint(data: bytes) -> str:
    if is_damaged_utf8(data):
        return "the rest of it is UTF-8: mend the characters there"
    likely = likely_encoding(data)
    if not likely:
        return "this is no text; `exclude:` leaves it out"
    return f"it looks like {likely}: save it as UTF-8, or say `encoding: {likely}` in deck.yaml"


def is_damaged_utf8(data: bytes) -> bool:
    """Whether by far the most of what is not ASCII does read as UTF-8: a few bytes of it are lost."""
    text = data.decode("utf-8", "replace")
    lost = text.count("\ufffd")
    read = sum(not c.isascii() for c in text) - lost
    return "\0" not in text and read > 8 * lost


def likely_encoding(data: bytes) -> str:
    """The encoding that a text, which is not UTF-8, is most likely in; empty for what is no text."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:100_000]
    if b"\0" in sample:
        for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[::2])):
            if zeros.count(0) * 3 > len(zeros) and _is_text(sample[: len(sample) // 2 * 2], name):
                return name
        return ""
    for cut in range(4):  # the sample may end in the middle of a character
        try:
            text = sample[: len(sample) - cut].decode("gb18030")
        except UnicodeDecodeError:
            continue
        beyond = [c for c in text if not c.isascii()]
        chinese = sum("\u4e00" <= c <= "\u9fff" or c in "，。：；？！、（）《》“”‘’…—" for c in beyond)
        if chinese >= 2 and chinese * 10 > len(beyond) * 8:
            return "gb18030"
        break
    return "latin-1" if _is_text(sample, "latin-1") else ""


def _is_text(data: bytes, encoding: str) -> bool:
    text = data.decode(encoding, "replace")
    odd = sum(unicodedata.category(c) in ("Cc", "Cn", "Co") and c not in "\t\n\r\f\x85" for c in text)
    return odd * 20 <= len(text)
