"""What a push leaves behind in Anki, so that the next one knows what was there: a small media file of the project.

It lies in the collection's media folder and goes where the collection goes. `seen` are the GUIDs that were in this
Anki: one that is gone was deleted by the learner. `parts` are digests of the templates and the CSS that deckgen put
there; `baselines` are those of notes that have no field to carry them; `decks` are the ids of the decks that deckgen
made, by a digest of its name for them, so that a deck is known after the learner renamed it. Without the file nothing
is lost: then a deleted note is a new one, and what differs is asked about.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import msgspec
from msgspec import Struct, field


class PushRecord(Struct, frozen=True):
    """Of one project in one collection."""

    project: str
    seen: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    baselines: Mapping[str, str] = field(default_factory=dict)
    decks: Mapping[str, int] = field(default_factory=dict)


class _File(msgspec.Struct, omit_defaults=True):
    deckgen_push: int
    project: str
    seen: list[str] = []
    parts: list[str] = []
    baselines: dict[str, str] = msgspec.field(default_factory=dict, name="stamps")
    decks: dict[str, int] = {}


def record_name(project: str) -> str:
    """The name of the media file; one that begins with `_` is never taken for unused."""
    return f"_deckgen-{hashlib.sha256(project.encode()).hexdigest()[:12]}.json"


def format_record(record: PushRecord) -> str:
    """The file's text, the same for the same memory."""
    file = _File(1, record.project, sorted(record.seen), sorted(record.parts), dict(sorted(record.baselines.items())))
    file.decks = dict(sorted(record.decks.items()))
    return msgspec.json.encode(file).decode() + "\n"


def parse_record(text: str, project: str) -> PushRecord:
    """The memory; an empty one of a file that is damaged, newer, or of another project."""
    try:
        file = msgspec.json.decode(text, type=_File)
    except (msgspec.DecodeError, UnicodeError):
        return PushRecord(project)
    if file.deckgen_push != 1 or file.project != project:
        return PushRecord(project)
    return PushRecord(project, frozenset(file.seen), frozenset(file.parts), file.baselines, file.decks)
