"""The pictures and sounds of a build, for a page that stands alone: as data in it."""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Iterable

from deckgen.build.view import Build
from deckgen.diagnostics import Diagnostic, define
from deckgen.model import MediaFile
from deckgen.rendering.media import Digest

define(
    "warning",
    media_not_in_page="A picture or sound is too large for a page that needs no other files, and is shown there by "
    "name only.",
)

LARGEST, LARGEST_TOGETHER = 8 * 1024 * 1024, 64 * 1024 * 1024
"""Bytes of one file, and of all: a browser has the whole page in memory."""


def used_media(build: Build) -> dict[str, MediaFile]:
    """The media of the notes, by their names in the package."""
    return {file.name: file for rendered in build.notes for file in rendered.media}


def media_type(name: str) -> str:
    """What a browser calls a file of that name."""
    return mimetypes.guess_type(name)[0] or "application/octet-stream"


def embedded(build: Build) -> tuple[dict[str, str], list[Diagnostic]]:
    """`data:` addresses by name, and what is too large for them."""
    found: dict[str, str] = {}
    left_out: list[Diagnostic] = []
    together = 0
    for name, file in sorted(used_media(build).items()):
        digest = build.files.digest(file.path)
        size = digest.size if isinstance(digest, Digest) else 0
        if size > LARGEST or together + size > LARGEST_TOGETHER:
            left_out.append(Diagnostic("media-not-in-page", f"`{file.path}` has {size / 1024 / 1024:.0f} MB"))
            continue
        together += size
        found[name] = f"data:{media_type(name)};base64,{_base64(build.files.chunks(file.path))}"
    return found, left_out


def _base64(chunks: Iterable[bytes]) -> str:
    return base64.b64encode(b"".join(chunks)).decode()
