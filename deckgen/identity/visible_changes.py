"""Rendered notes → which of the changed ones look as before, so that Anki need not hear of the edit.

Other bullets, `__` for `**`, a wrapped paragraph, a comment, the padding of a table, all that a formatter does to a
folder of notes: the Markdown is another one, the card is not. Sending it again would overwrite what the learner wrote
into the note. The Markdown is compared first (`hash`: a newer renderer changes no card that was not edited), and only
where it differs what is seen (`seen`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from deckgen.identity.assign import NOT_CONTENT, Clock
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Lock, LockEntry
from deckgen.identity.normal_form import digest
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Change, Guid, Html, Note, RenderedNote

_VERBATIM = lazy_regex(r"(<pre\b.*?</pre>)", re.DOTALL)


def visible_digest(note: RenderedNote, names: Iterable[str], *, is_own: bool) -> str:
    """Of the fields, switches and tags as Anki gets them. `names` are those of the fields.

    White space is one space, as a browser shows it; not in an own note type, whose CSS may say otherwise.
    """
    parts = [note.note.draft.note_type, *sorted(note.note.draft.tags), ""]
    for name, html in zip(names, note.fields, strict=True):
        if is_own or name not in NOT_CONTENT:
            parts += (name, html if is_own or "white-space" in html else _as_shown(html))
    content = "\x00".join(parts)
    return digest(content if content.isascii() else unicodedata.normalize("NFC", content))[:16]


def _as_shown(html: Html) -> str:
    pieces = _VERBATIM.split(html) if "<pre" in html else [str(html)]
    pieces[::2] = [" ".join(piece.split()) for piece in pieces[::2]]
    return "\n".join(pieces)


def ignore_invisible_edits(identified: Identified, before: Lock, seen_of: Callable[[Guid], str]) -> Identified:
    """What identity made, once it is rendered: edits that nobody sees move no modified time.

    `seen_of` gives `visible_digest` of a note, "" where Anki would make no card of it; asked for changed notes only.
    """
    lines = {line.guid: line for line in identified.lock.lines}
    old_lines = {line.guid: line for line in before.lines}
    settled: dict[Guid, Note] = {}
    for note in identified.notes:
        old = old_lines.get(note.guid)
        variants = before.variants.get(note.guid) or ((old,) if old is not None else ())
        changed = ignore_invisible_edit(note, lines[note.guid], old, variants, seen_of, Clock(0))
        settled[note.guid], lines[note.guid] = changed
    return replace(
        identified,
        notes=tuple(settled[note.guid] for note in identified.notes),
        lock=replace(identified.lock, lines=tuple(lines[guid] for guid in sorted(lines))),
    )


def ignore_invisible_edit(
    note: Note,
    line: LockEntry,
    old: LockEntry | None,
    variants: Iterable[LockEntry],
    seen_of: Callable[[Guid], str],
    clock: Clock,
) -> tuple[Note, LockEntry]:
    """One note and its line, with the modified time that it has once it is known what is seen of it. `variants` are the
    lines that it had, `old` of them all.
    """
    if note.is_held_back or (old is not None and line.hash == old.hash and line.mod == old.mod):
        return note, line
    seen = seen_of(note.guid)
    line = msgspec.structs.replace(line, seen=seen)
    if not seen or old is None or line.mod == old.mod or clock.refreshes(line.path):
        return note, line
    if {variant.seen for variant in variants if variant.mod == old.mod} == {seen}:
        line = msgspec.structs.replace(line, mod=old.mod)
        note = replace(note, mod=old.mod, change=_change(note, line, old))
    return note, line


def _change(note: Note, line: LockEntry, old: LockEntry) -> Change:
    if note.change == "restored":
        return "restored"
    return "moved" if line.deck != old.deck else "unchanged"
