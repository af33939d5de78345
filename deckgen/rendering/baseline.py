"""What deckgen wrote into a note, kept in the note itself: a rendered note ↔ the text of a hidden field.

A push has to tell what the learner edited in Anki from what deckgen once wrote there. A file beside the notes could
say so, but would be lost, or be that of another machine, or of a profile restored from a backup. So the note carries
the answer with it, through AnkiWeb and every copy: short digests of the fields, of the tags and of the deck that it
was given, in `Spare 1` of the built-in note types. Packages have it as well as pushes.

    1 f=1c291ca3,,8f3d4e00 t=0a1b2c3d d=99887766 p r=1700000000000

`f`: of the fields in the order of deckgen's note type, empty for an empty one; `t`: of the tags; `d`: of the deck;
`p`: the cards were really there, which a package cannot know; `r`: the ids of the cards that were suspended when the
note was retired; `w`: they are being suspended, so that a push that was interrupted then is finished.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable, Sequence
from functools import lru_cache

from msgspec import Struct

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import RenderedNote
from deckgen.rendering.note_types import BUILT_IN, NoteType

FIELD = "Spare 1"
_PLACES = {note_type.id: note_type.field_names.index(FIELD) for note_type in BUILT_IN.values()}


class SyncBaseline(Struct, frozen=True):
    """What deckgen wrote last. `fields` is None where that is not known."""

    fields: tuple[str, ...] | None
    tags: frozenset[str] = frozenset()
    deck: str = ""
    is_placed: bool = False
    retired: tuple[int, ...] | None = None
    is_retiring: bool = False


def digest(text: str) -> str:
    """Eight hexadecimal digits; nothing for nothing. Of the normal form that Anki stores a text in (NFC)."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}" if text else ""


@lru_cache(maxsize=4096)  # many notes have few tags and decks
def name_digest(name: str) -> str:
    """Of a tag or a deck: Anki takes names that differ in case only for one."""
    return digest(unicodedata.normalize("NFC", name).casefold())


@lru_cache(maxsize=4096)
def anki_tag(tag: str) -> str:
    """A tag as Anki stores it: a space would end it."""
    return re.sub(r"\s+", "_", tag.strip())


def has_baseline(note_type: NoteType) -> bool:
    """Whether notes of this type carry their stamp; those of a deck.yaml have no field to spare."""
    return note_type.id in _PLACES


def baseline_of(rendered: RenderedNote, note_type: NoteType) -> SyncBaseline:
    """Of a note as a package has it."""
    digests = [digest(text) for text in rendered.fields]
    if (place := _PLACES.get(note_type.id)) is not None:
        digests[place] = ""
    draft = rendered.note.draft
    return SyncBaseline(tuple(digests), tag_digests(draft.tags), name_digest(draft.deck))


def tag_digests(tags: Iterable[str]) -> frozenset[str]:
    """Of tags as they are written in the notes."""
    return frozenset([name_digest(anki_tag(tag)) for tag in tags]) - {""}


def fields_with_baseline(rendered: RenderedNote, note_type: NoteType) -> tuple[str, ...]:
    """The fields of a note with its stamp among them.

    They stay as they are where it has one already, and where the note type is one that Anki has (`mod` 0).
    """
    place = _PLACES.get(note_type.id)
    if place is None or not note_type.mod or rendered.fields[place]:
        return rendered.fields
    fields = list[str](rendered.fields)
    fields[place] = rendered.stamp or format_baseline(baseline_of(rendered, note_type))
    return tuple(fields)


def format_baseline(stamp: SyncBaseline) -> str:
    """The field's text."""
    parts = ["1"]
    if stamp.fields is not None:
        parts.append("f=" + ",".join(stamp.fields).rstrip(","))
    if stamp.tags:
        parts.append("t=" + ",".join(sorted(stamp.tags)))
    if stamp.deck:
        parts.append("d=" + stamp.deck)
    if stamp.is_placed:
        parts.append("p")
    if stamp.retired is not None:
        parts.append("r=" + ",".join(map(str, stamp.retired)))
    if stamp.is_retiring:
        parts.append("w")
    return " ".join(parts)


_DIGESTS = lazy_regex(r"(?:[0-9a-f]{8})?(?:,(?:[0-9a-f]{8})?)*")


def parse_baseline(text: str, fields: Sequence[str]) -> SyncBaseline | None:
    """The stamp of a note of a type with these fields; None for a text that is none."""
    version, *parts = text.split()[:8] or [""]
    if version != "1":
        return None
    found = {name: value for name, _, value in (part.partition("=") for part in parts)}
    if not all(_DIGESTS.fullmatch(found.get(name, "")) for name in "ftd"):
        return None
    digests = tuple(found["f"].split(",")) if "f" in found else None
    if digests is not None:
        if len(digests) > len(fields):
            return None
        digests += ("",) * (len(fields) - len(digests))
    retired = found.get("r")
    if retired is not None and not re.fullmatch(r"(?:[0-9]{1,16}(?:,[0-9]{1,16})*)?", retired):
        return None
    return SyncBaseline(
        digests,
        frozenset(found.get("t", "").split(",")) - {""},
        found.get("d", ""),
        "p" in found,
        None if retired is None else tuple(int(card) for card in retired.split(",") if card),
        "w" in found,
    )
