"""A build × a lock, or a package → what the build changes there, note by note, with both wordings and the reason.

A lock holds normal forms of question and answer (`wording`), so these are shown of both sides; a package holds the
fields themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from shlex import quote
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.view import Build, note_type_of
from deckgen.identity.guid_field import search_id
from deckgen.identity.lock import LockEntry
from deckgen.model import Change, Note, RenderedNote
from deckgen.package.anki_notes import AnkiNote, AnkiNotes
from deckgen.package.field_text import shown_text
from deckgen.rendering import baseline as stamps
from deckgen.reports.drafts import plain

if TYPE_CHECKING:
    from deckgen.identity.identified import Identified

ORDER: tuple[Change, ...] = ("new", "updated", "restored", "moved", "retired")

REASONS = {
    "same": "the same question and text",
    "same question": "the same question",
    "same text": "the same text, of which the rule takes something else now",
    "other rule": "the same question and answer, found by another rule",
    "former key": "it asks what it asked before it was reworded",
    "other script": "the same text in the other Chinese script",
    "as seen": "the same question as it is seen: other marks, icons, numbers or letter case",
    "reworded": "reworded: it asks the same thing in other words",
    "by hand": "so said by hand (`--same`, or one GUID in the lock)",
    "lock": "the lock has known it by this GUID since",
    "guid": "it has the same GUID",
}
"""Why a note whose wording changed is the same note: the pass of identity that found it."""

_HIDDEN = frozenset({"Context", "Source", "ID", "Reverse", "Typed", "Speech", "Speech back", stamps.FIELD})


class FieldChange(Struct, frozen=True):
    """A field, or `question`, `answer`, `tags`, that reads differently."""

    name: str
    old: str
    new: str


class NoteChange(Struct, frozen=True):
    """What happens to one note. `line` is 0 where only the lock knows it."""

    change: Change
    guid: str
    rule: str
    path: str
    line: int
    question: str
    answer: str
    deck: str
    old_deck: str = ""  # where it is another one
    fields: tuple[FieldChange, ...] = ()
    reason: str = ""  # of REASONS, where the wording changed; of a retired note the lock's


class NearPair(Struct, frozen=True):
    """A new note that may be an old one, and the command that makes them one."""

    old: str
    new: str
    old_question: str
    old_answer: str
    question: str
    answer: str
    reason: str
    command: str


class Diff(Struct, frozen=True):
    """All changes, in `ORDER`, then as they stand in the sources."""

    against: str
    changes: tuple[NoteChange, ...]
    near: tuple[NearPair, ...]
    unchanged: int
    kept: int = 0  # notes that read differently in a package, and stay so

    def of(self, change: Change) -> list[NoteChange]:
        """The changes of one sort. A note that moved may be updated as well; then it is among the updated."""
        return [one for one in self.changes if one.change == change]


# ---- against the lock


def against_lock(build: Build, paths: Sequence[str]) -> Diff:
    """What the build changes in the lock that it started from."""
    if build.is_unchanged:
        return Diff("deck.lock", (), (), build.count)
    old = {line.guid: line for line in build.lock_before.lines}
    return _against_lines(build, old, build.identified, "deck.lock", paths)


def against_revision(build: Build, then: Build, revision: str, paths: Sequence[str]) -> Diff:
    """What the build changes in an earlier lock. `then` is a build of the same sources that started from that lock.

    The lock of today says which note is which; the reasons are those of `then` where it comes to the same.
    """
    old = {line.guid: line for line in then.lock_before.lines}
    return _against_lines(build, old, then.identified, revision, paths)


def _against_lines(
    build: Build, old: Mapping[str, LockEntry], reasons: Identified, against: str, paths: Sequence[str]
) -> Diff:
    lines = {line.guid: line for line in build.identified.lock.lines}
    reason_of = {note.guid: note.reason for note in reasons.notes}
    notes = {note.guid: note for note in build.identified.notes}
    found: list[NoteChange] = []
    unchanged = 0
    for note in _shown_notes(build):
        before = old.get(note.guid)
        one = _change_of(note, lines.get(note.guid), before, reason_of.get(note.guid) or "lock")
        found.extend([one] if one else [])
        unchanged += one is None
    for guid, line in old.items():
        after = lines.get(guid)
        if not line.retired and guid not in notes and (after is None or after.retired) and _is_chosen(build, line.path):
            found.append(_retired(line, "gone" if after is None else after.retired))
    return Diff(against, _in_order(found), _near_pairs(build, paths), unchanged)


def _change_of(note: Note, after: LockEntry | None, before: LockEntry | None, reason: str) -> NoteChange | None:
    """None where the package that is built says nothing else of the note."""
    if before is None:
        return _of_note(note, "new")
    if after is None:
        return None
    change: Change = "updated"
    if before.retired:
        change = "restored"
    elif after.mod == before.mod and after.hash == before.hash:
        if after.deck == before.deck:
            return None
        change = "moved"
    pairs = (("question", before.question, after.question), ("answer", before.answer, after.answer))
    fields = tuple(FieldChange(name, old, new) for name, old, new in pairs if old != new)
    return replace(
        _of_note(note, change),
        old_deck=before.deck if before.deck != after.deck else "",
        fields=fields,
        reason=reason if fields or before.digest != after.digest else "",
    )


def _of_note(note: Note, change: Change) -> NoteChange:
    draft = note.draft
    texts = [plain(value) for _, value in draft.fields]
    return NoteChange(
        change,
        note.guid,
        draft.rule,
        draft.origin.span.path,
        draft.origin.span.line,
        texts[0] if texts else "",
        texts[1] if len(texts) > 1 else "",
        draft.deck,
    )


def _retired(line: LockEntry, reason: str) -> NoteChange:
    return NoteChange(
        "retired", line.guid, line.rule, line.path, 0, line.question, line.answer, line.deck, reason=reason
    )


def _shown_notes(build: Build) -> Iterable[Note]:
    return (rendered.note for rendered in build.notes if not rendered.note.is_skipped)


def _is_chosen(build: Build, path: str) -> bool:
    return build.chosen is None or path in build.chosen


def _in_order(changes: Iterable[NoteChange]) -> tuple[NoteChange, ...]:
    def place(one: NoteChange) -> tuple[Any, ...]:
        return ORDER.index(one.change), one.path.split("/"), one.line, one.guid if not one.line else ""

    return tuple(sorted(changes, key=place))


def _near_pairs(build: Build, paths: Sequence[str]) -> tuple[NearPair, ...]:
    notes = {note.guid: note for note in _shown_notes(build)}
    where = "".join(f" {quote(path)}" for path in paths)
    found = []
    for miss in build.identified.near_misses:
        if (note := notes.get(miss.new)) is None:
            continue
        shown = _of_note(note, "new")
        found.append(
            NearPair(
                miss.old.guid,
                miss.new,
                miss.old.question,
                miss.old.answer,
                shown.question,
                shown.answer,
                miss.reason,
                f"deckgen build{where} {miss.hint}",
            )
        )
    return tuple(found)


# ---- against a package


def against_package(build: Build, package: AnkiNotes, shown: str, paths: Sequence[str]) -> Diff:
    """What an import of the build would change in what the package holds. Anki takes a note with a greater mod."""
    theirs = {note.guid: note for note in package.notes}
    found: list[NoteChange] = []
    unchanged = kept = 0
    for rendered in build.notes:
        note = rendered.note
        before = theirs.pop(note.guid, None)
        if note.is_held_back:  # the build's package has not got it
            unchanged += 1
            continue
        if before is None:
            found.append(_of_note(note, "new"))
            continue
        fields = _field_changes(build, rendered, before)
        has_moved = before.deck.casefold() != note.draft.deck.casefold()
        old_deck = before.deck if has_moved else ""
        if fields and note.mod > before.mod:
            reason = note.reason if note.reason not in ("", "same") else "guid"
            found.append(replace(_of_note(note, "updated"), old_deck=old_deck, fields=fields, reason=reason))
        elif has_moved:
            found.append(replace(_of_note(note, "moved"), old_deck=old_deck))
        else:
            unchanged += 1
        kept += bool(fields) and note.mod <= before.mod
    lines = {line.guid: line for line in build.identified.lock.lines}
    guids = {note.guid for note in build.identified.notes}
    for guid, gone in theirs.items():
        line = lines.get(guid)
        is_ours = gone.field("ID") == search_id(guid) or line is not None
        if is_ours and guid not in guids and (line is None or _is_chosen(build, line.path)):
            found.append(_retired_in_package(gone, line))
    return Diff(shown, _in_order(found), _near_pairs(build, paths), unchanged, kept)


def _field_changes(build: Build, rendered: RenderedNote, before: AnkiNote) -> tuple[FieldChange, ...]:
    names = note_type_of(build, rendered.note.draft.note_type).field_names
    found = []
    for name, new in zip(names, rendered.fields, strict=True):
        old = before.field(name)
        if name not in _HIDDEN and old != new:
            texts = shown_text(old), shown_text(new)
            found.append(FieldChange(name, *(texts if texts[0] != texts[1] else (old, new))))
    tags = tuple(" ".join(sorted("_".join(tag.split()) for tag in t)) for t in (before.tags, rendered.note.draft.tags))
    return (*found, *([FieldChange("tags", *tags)] if tags[0] != tags[1] else []))


def _retired_in_package(note: AnkiNote, line: LockEntry | None) -> NoteChange:
    texts = [shown_text(field) for field in note.fields]
    path, rule, reason = (line.path, line.rule, line.retired) if line else ("", "", "gone")
    answer = texts[1] if len(texts) > 1 else ""
    return NoteChange("retired", note.guid, rule, path, 0, texts[0], answer, note.deck, reason=reason or "gone")


# ---- for programs


def diff_data(diff: Diff) -> dict[str, Any]:
    """All of it."""
    return {
        "against": diff.against,
        "counts": {**{change: len(diff.of(change)) for change in ORDER}, "unchanged": diff.unchanged},
        "changes": [
            {
                "change": one.change,
                "guid": one.guid,
                "rule": one.rule,
                "source": {"path": one.path, "line": one.line or None},
                "question": one.question,
                "answer": one.answer,
                "deck": {"old": one.old_deck or one.deck, "new": one.deck},
                "fields": {field.name: {"old": field.old, "new": field.new} for field in one.fields},
                "reason": one.reason,
            }
            for one in diff.changes
        ],
        "near_misses": [
            {
                "old": {"guid": near.old, "question": near.old_question, "answer": near.old_answer},
                "new": {"guid": near.new, "question": near.question, "answer": near.answer},
                "reason": near.reason,
                "command": near.command,
            }
            for near in diff.near
        ],
        "kept": diff.kept,
    }
