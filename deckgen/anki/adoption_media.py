"""Pictures and sounds of a project × those of a deck in Anki → which are the same bytes, whatever they are called."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from urllib.parse import unquote

from msgspec import Struct, field

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import RenderedNote
from deckgen.package.anki_notes import AnkiNote
from deckgen.rendering.media import Digest, ProjectFiles

ReadDigests = Callable[[Collection[str], Collection[int]], Mapping[str, str]]
"""Names and sizes → the SHA-1 of the files in Anki that have them."""

_NAMED = lazy_regex(
    r"""<(?:img|audio|video)\b[^<>]*?\bsrc=(?:"([^"<>]*)"|'([^'<>]*)'|([^\s<>"']+))|\[sound:([^\[\]\n]*)\]"""
)  # up to the next opening: a field may come from anybody, and is to be read in linear time
_MOST_NAMED = 100  # files of one field that are looked at
_MOST_OF_FIELD = 200_000  # characters


class SameMedia(Struct, frozen=True):
    """What each file is known by, of the project and in Anki."""

    ours: Mapping[str, str] = field(default_factory=dict)
    theirs: Mapping[str, str] = field(default_factory=dict)


def names_in(html: str) -> list[str]:
    """The files that a field shows or plays."""
    if "src" not in html and "[sound:" not in html:
        return []
    found = _NAMED.finditer(html[:_MOST_OF_FIELD])
    names = [next(filter(None, one.groups()), "") for one, _ in zip(found, range(_MOST_NAMED), strict=False)]
    return [unquote(unescape(name)) for name in names if name]


def same_media(
    notes: Sequence[RenderedNote], others: Iterable[AnkiNote], files: ProjectFiles, read: ReadDigests
) -> SameMedia:
    """The digests of files that may be the same; none where one side has none."""
    wanted = {name for note in others for text in note.fields for name in names_in(text)}
    if not wanted:
        return SameMedia()
    ours: dict[str, str] = {}
    sizes: set[int] = set()
    for file in {file.path: file for note in notes for file in note.media}.values():
        found = files.digest(file.path)
        if isinstance(found, Digest):
            ours[file.name] = found.sha1
            sizes.add(found.size)
    return SameMedia(ours, read(wanted, sizes)) if sizes else SameMedia()


def digests_in(fields: Iterable[str], known: Mapping[str, str]) -> tuple[str, ...]:
    """What is known of the files of some fields, in order."""
    return tuple(known[name] for text in fields for name in names_in(text) if name in known) if known else ()
