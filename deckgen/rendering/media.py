"""A draft's pictures and sounds: what its fields name, found inside the project and named by content.

Anki keeps media flat and by name alone, and a file of a known name is never looked at again. So a name here is made of
the content (ASCII, `[a-z0-9._-]`): a changed picture has another name, and with it another field.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import SAFELY, leads_outside
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.parser import parser
from deckgen.model import Draft, MediaFile
from deckgen.rendering.embeds import EmbeddedNotes, inline_embeds
from deckgen.rendering.svg import SIZE_LIMIT as SVG_LIMIT
from deckgen.rendering.svg import clean_svg

if TYPE_CHECKING:
    from markdown_it.token import Token

define(
    "warning",
    missing_media="A picture or sound that a note names does not exist. A note that was built before stays as it is "
    "in Anki; a new one shows the alternative text until the file exists.",
    media_outside="The path of a picture or sound leads outside the project, directly or by a symbolic link. Nothing "
    "outside is ever put into a package.",
    media_too_large="A picture or sound is larger than deckgen puts into a package.",
    unreadable_media="A picture or sound could not be read: the disk returned an error, or it is not an ordinary file.",
    remote_media="A picture is on the network: cards show it only while there is a connection.",
    sanitised_picture="An SVG contains scripts, or loads something from elsewhere; these parts are removed in the "
    "package.",
    unknown_media="A file embedded as a picture is of a kind that Anki cannot show.",
)

Reason = Literal["missing-media", "media-outside", "media-too-large", "unreadable-media"]

PICTURES = frozenset(["png", "jpg", "jpeg", "gif", "svg", "webp", "avif", "bmp", "ico", "tif", "tiff", "apng"])
SOUNDS = frozenset(["mp3", "ogg", "oga", "opus", "wav", "m4a", "flac", "aac", "3gp"])
FILMS = frozenset(["mp4", "webm", "mov", "mkv", "m4v", "ogv", "mpg", "mpeg", "avi"])
KINDS = PICTURES | SOUNDS | FILMS

SIZE_LIMIT = 100 * 1024 * 1024
"""Bytes: what AnkiWeb takes of one file."""


class Digest(Struct, frozen=True):
    """What the bytes to be packaged are known by: both in hexadecimal digits, and how many there are."""

    sha256: str
    sha1: str
    size: int
    is_sanitised: bool = False  # of an SVG: they are not all that stands on the disk


class Refusal(Struct, frozen=True):
    """Why a file is not read, and what the disk said, where it said anything."""

    reason: Reason
    detail: str = ""


class MediaReader(Protocol):
    """The files of a project, for whoever puts them into a package. Paths are relative to it, with `/`."""

    def digest(self, path: str) -> Digest | Refusal:
        """What the file holds, or why it cannot be had."""

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file that has a digest; the disk may raise OSError."""

    def named(self, name: str) -> tuple[str, ...]:
        """The paths of all files of that name, wherever in the project: for wiki embeds."""

    @property
    def folders(self) -> tuple[str, ...]:
        """Where files are looked for that are not there from the note's own folder."""

    @property
    def notes(self) -> EmbeddedNotes | None:
        """The notes that others may embed; None where nothing does."""


class ProjectFiles:
    """The real files below a folder. Never leads out of it, also not by symbolic links; digests are made once."""

    _CHUNK = 1 << 20

    def __init__(
        self,
        root: Path,
        size_limit: int = SIZE_LIMIT,
        folders: Sequence[str] = (),
        notes: EmbeddedNotes | None = None,
    ) -> None:
        self._notes = notes
        self._root = os.path.realpath(root)
        self._size_limit = size_limit
        self._folders = tuple(folders)
        self._digests: dict[str, Digest | Refusal] = {}
        self._names: dict[str, list[str]] | None = None

    @property
    def folders(self) -> tuple[str, ...]:
        """Folders of the project, relative to it."""
        return self._folders

    @property
    def notes(self) -> EmbeddedNotes | None:
        """The notes of the project, where they embed one another."""
        return self._notes

    def digest(self, path: str) -> Digest | Refusal:
        """What the file holds, or why it cannot be had."""
        known = self._digests.get(path)
        if known is None:
            known = self._digests[path] = self._read_digest(path)
        return known

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of the file, a mebibyte at a time; of an SVG the harmless ones."""
        opened = self._open(path)
        if isinstance(opened, Refusal):
            raise OSError(f"{path}: {opened.detail or opened.reason}")
        if _is_svg(path):
            with os.fdopen(opened, "rb") as file:
                picture = clean_svg(file.read(SVG_LIMIT))
            yield picture.content if picture else b""
            return
        with os.fdopen(opened, "rb") as file:
            while chunk := file.read(self._CHUNK):
                yield chunk

    def named(self, name: str) -> tuple[str, ...]:
        """The paths of all files of that name; hidden folders are not looked into."""
        if self._names is None:
            self._names = {}
            for folder, folders, files in os.walk(self._root):
                folders[:] = sorted(f for f in folders if not f.startswith("."))
                relative = os.path.relpath(folder, self._root).replace(os.sep, "/")
                for file in files:
                    if file.rpartition(".")[2].lower() in KINDS:
                        found = self._names.setdefault(unicodedata.normalize("NFC", file), [])
                        found.append(posixpath.normpath(posixpath.join(relative, file)))
        return tuple(sorted(self._names.get(unicodedata.normalize("NFC", name), ()), key=lambda p: (p.count("/"), p)))

    def _read_digest(self, path: str) -> Digest | Refusal:
        opened = self._open(path)
        if isinstance(opened, Refusal):
            return opened
        sha256, sha1, size = hashlib.sha256(), hashlib.sha1(usedforsecurity=False), 0
        try:
            with os.fdopen(opened, "rb") as file:
                if _is_svg(path):
                    return _svg_digest(file.read(SVG_LIMIT + 1))
                while chunk := file.read(self._CHUNK):
                    sha256.update(chunk)
                    sha1.update(chunk)
                    size += len(chunk)
                    if size > self._size_limit:
                        return Refusal("media-too-large", _megabytes(self._size_limit))
        except OSError as error:
            return Refusal("unreadable-media", error.strerror or str(error))
        return Digest(sha256.hexdigest(), sha1.hexdigest(), size)

    def _open(self, path: str) -> int | Refusal:
        """A descriptor of an ordinary file that really stands below the root."""
        full = os.path.join(self._root, *path.split("/"))
        try:
            real = os.path.realpath(full)
            if leads_outside(full, self._root):
                return Refusal("media-outside")
            descriptor = os.open(real, SAFELY)  # the last part cannot be a link any more
        except (FileNotFoundError, NotADirectoryError, ValueError):  # ValueError: a NUL in the path
            return Refusal("missing-media")
        except OSError as error:
            return Refusal("unreadable-media", error.strerror or str(error))
        status = os.fstat(descriptor)
        refusal = None
        if not stat.S_ISREG(status.st_mode):
            refusal = Refusal("unreadable-media", "not an ordinary file")
        elif status.st_size > self._size_limit:
            refusal = Refusal("media-too-large", _megabytes(status.st_size))
        elif os.path.realpath(full) != real:  # a folder was exchanged for a link meanwhile
            refusal = Refusal("media-outside")
        if refusal is not None:
            os.close(descriptor)
            return refusal
        return descriptor


def _is_svg(path: str) -> bool:
    return path.lower().endswith(".svg")


def _svg_digest(content: bytes) -> Digest | Refusal:
    if len(content) > SVG_LIMIT:
        return Refusal("media-too-large", f"an SVG may have {_megabytes(SVG_LIMIT)}")
    picture = clean_svg(content)
    if picture is None:
        return Refusal("unreadable-media", "not an SVG that a browser would draw")
    kept = picture.content
    sha1 = hashlib.sha1(kept, usedforsecurity=False).hexdigest()
    return Digest(hashlib.sha256(kept).hexdigest(), sha1, len(kept), picture.is_sanitised)


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MB"


class Reference(Struct, frozen=True):
    """A picture or sound that Markdown names; `is_wiki` for `![[name]]`, which may stand anywhere in the project."""

    target: str  # as the parser gives it: what a renderer will look up
    is_wiki: bool = False


_MAY_NAME = lazy_regex(r"!\[|<(?:img|audio|video|source)\b", re.IGNORECASE)
_HTML_SOURCE = lazy_regex(
    r"""<(?:img|audio|video|source)\b[^>]*?\ssrc\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE | re.DOTALL
)
_SCHEME = lazy_regex(r"[a-z][a-z0-9+.-]+:|//", re.IGNORECASE)  # two letters at least: `C:` is a drive


def find_references(markdown: str) -> list[Reference]:
    """What a field's Markdown shows of pictures and sounds, in order, each once."""
    if ("![" not in markdown and "<" not in markdown) or not _MAY_NAME.search(markdown):
        return []
    return list(dict.fromkeys(_references(parser().parse(markdown), "")))


def _references(tokens: Iterable[Token], text: str) -> Iterator[Reference]:
    for token in tokens:
        if token.type == "image":
            is_wiki = token.map is not None and text.startswith("![[", token.map[0])
            yield Reference(str(token.attrs.get("src", "")), is_wiki)
        elif token.type in ("html_inline", "html_block"):
            for found in _HTML_SOURCE.finditer(token.content):
                yield Reference(found[1] or found[2] or found[3] or "")
        if token.children:
            yield from _references(token.children, token.content if token.type == "inline" else "")


def is_remote(target: str) -> bool:
    """Whether a reference leads to the network, or holds its own data (`data:`)."""
    return _SCHEME.match(target) is not None


def media_name(path: str, digest: Digest) -> str:
    """The flat name in a package: `<stem>-<sha1>.<extension>`."""
    stem, _, extension = posixpath.basename(path).rpartition(".")
    ascii_stem = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_stem)[:40].strip("-")
    return f"{slug or 'media'}-{digest.sha1[:12]}.{extension.lower()}"


def collect_media(draft: Draft, reader: MediaReader) -> tuple[Draft, list[Diagnostic]]:
    """The draft with the media its fields name, and what they embed of notes, and whether any could not be had."""
    embedded: list[Diagnostic] = []
    if reader.notes is not None:
        draft, embedded = inline_embeds(draft, reader.notes, KINDS)
    references = dict.fromkeys(r for _, markdown in draft.fields for r in find_references(markdown))
    if not references:
        return draft, embedded
    media: dict[str, MediaFile] = {}
    diagnostics = embedded
    missing = list(draft.missing_media)
    for reference in references:
        target = reference.target
        if is_remote(target):
            if not target.lower().startswith("data:"):
                diagnostics.append(_diagnostic(draft, target, "remote-media", f"`{target}` is on the network"))
            continue
        found = _resolve(reference, draft.origin.span.path, reader)
        if isinstance(found, MediaFile):
            media[target] = found
            digest = reader.digest(found.path)
            if isinstance(digest, Digest) and digest.is_sanitised:
                message = f"`{_shown(target)}` is packaged without its scripts and what it would load"
                diagnostics.append(_diagnostic(draft, target, "sanitised-picture", message))
        elif found is not None:
            diagnostics.append(_refused(draft, target, found))
            if found.reason != "unknown-media":
                missing.append(target)
    return replace(draft, media=tuple(media.values()), missing_media=tuple(dict.fromkeys(missing))), diagnostics


class _Refused(Struct, frozen=True):
    reason: Reason | Literal["unknown-media"]
    detail: str = ""


def _resolve(reference: Reference, source: str, reader: MediaReader) -> MediaFile | _Refused:
    refused: _Refused | None = None
    for path in _candidates(reference, source, reader):
        if path is None:
            refused = refused or _Refused("media-outside")
            continue
        if posixpath.basename(path).rpartition(".")[2].lower() not in KINDS or "." not in posixpath.basename(path)[1:]:
            refused = refused or _Refused("unknown-media")
            continue
        digest = reader.digest(path)
        if isinstance(digest, Digest):
            return MediaFile(reference.target, path, digest.sha256, media_name(path, digest))
        if refused is None or refused.reason == "missing-media":
            refused = _Refused(digest.reason, digest.detail)
    return refused or _Refused("missing-media")


def _candidates(reference: Reference, source: str, reader: MediaReader) -> Iterator[str | None]:
    """The paths that a reference may mean, likeliest first; None for one that leads out of the project."""
    target, folder = reference.target, posixpath.dirname(source)
    decoded = unquote(target).replace("\\", "/")
    spellings = [decoded, target, re.sub(r"[?#].*", "", decoded)]
    spellings += [unicodedata.normalize(form, decoded) for form in ("NFC", "NFD")]
    for spelling in dict.fromkeys(spellings):
        if spelling.startswith("/"):
            yield _inside(spelling.lstrip("/"))
        else:
            yield _inside(posixpath.join(folder, spelling))
    for configured in reader.folders:
        yield from (_inside(posixpath.join(configured, spelling.lstrip("/"))) for spelling in dict.fromkeys(spellings))
    if reference.is_wiki:
        yield _inside(decoded.lstrip("/"))
        yield from reader.named(posixpath.basename(decoded))


def _inside(path: str) -> str | None:
    normal = posixpath.normpath(path)
    return None if normal == ".." or normal.startswith(("../", "/")) else normal


_SAYS = {
    "missing-media": "`{}` is not there",
    "media-outside": "`{}` leads out of the project",
    "media-too-large": "`{}` is too large",
    "unreadable-media": "`{}` could not be read",
    "unknown-media": "`{}` is no picture, sound or film",
}
_HINTS = {
    "missing-media": "a path is relative to the note's file; a leading `/` is the project",
    "media-outside": "copy the file into the project",
}


def _refused(draft: Draft, target: str, refused: _Refused) -> Diagnostic:
    message = _SAYS[refused.reason].format(_shown(target)) + (f": {refused.detail}" if refused.detail else "")
    return _diagnostic(draft, target, refused.reason, message, _HINTS.get(refused.reason, ""))


def _shown(target: str) -> str:
    return unquote(target) if unquote(target).isprintable() else target


def _diagnostic(draft: Draft, target: str, kind: str, message: str, hint: str = "") -> Diagnostic:
    """Placed at the reference where the element's text has it, else at the element."""
    span, text = draft.origin.span, draft.origin.text
    for written in dict.fromkeys((target, unquote(target))):
        offset = text.find(written)
        if offset >= 0:
            line = span.line + text.count("\n", 0, offset)
            begin = text.rfind("\n", 0, offset) + 1
            column = offset - begin + (span.column if line == span.line else 1)
            place = Span(span.path, line, column, line, column + len(written))
            return Diagnostic(kind, message, place, hint)
    return Diagnostic(kind, message, span, hint)
