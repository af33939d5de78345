"""A build × what Anki has × the wishes of the command line → the plan of a push. Nothing is done here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.anki.additions import as_carrier, carrier_guid, new_notes
from deckgen.anki.anki_state import AnkiNote, AnkiQuery, AnkiState
from deckgen.anki.compare import MergeBase, NoteDiff, compare, retire
from deckgen.anki.decks import find_renames
from deckgen.anki.note_type_changes import change_note_type
from deckgen.anki.plan import NewNote, Plan, PushOptions
from deckgen.anki.push_record import PushRecord, parse_record, record_name
from deckgen.anki.template_updates import plan_note_types
from deckgen.build.view import Build, note_type_of, note_types_of
from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.guid_field import search_id
from deckgen.identity.lock import LockEntry
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import MediaFile, RenderedNote
from deckgen.rendering.note_types import NoteType

define(
    "error",
    many_deleted="More than a fifth of the notes that a push added to Anki are gone there. This is probably another "
    "profile, or one restored from a backup.",
    other_profile="The notes of this project were pushed into an Anki, and this one has none of them: it is another "
    "profile.",
    many_to_delete="A push with `--retired delete` would delete more than a fifth of the notes with their schedules.",
)

_MANY = 20
"""So few notes are never many, whatever their share."""
_MADE_HERE = lazy_regex(r"[a-z2-7]{16}")


def query_of(build: Build, *, with_lapses: bool = False) -> AnkiQuery:
    """What has to be read of Anki for a project."""
    lines = build.identified.lock.lines
    with_id = {t.name: "ID" in t.field_names for t in note_types_of(build)}
    own = {name: note_type.id for name, note_type in build.own_note_types.items()}
    ids: dict[str, str] = {}
    by_number: dict[tuple[int, int], str] = {}
    for line in lines:
        if line.kind in own and not with_id.get(line.kind, True):
            by_number |= {(own[line.kind], number): line.guid for number in (line.id, line.pushed) if number}
        else:
            ids[search_id(line.guid)] = line.guid
    decks = {line.deck for line in lines}.union(*(line.decks for line in lines))
    note_types = frozenset(t.id for t in note_types_of(build))
    ids |= {guid: guid for guid in map(carrier_guid, note_types)}
    project = build.identified.lock.header.project
    return AnkiQuery(
        ids,
        by_number,
        note_types,
        frozenset(decks),
        record_name(project),
        {line.guid: (line.pushed, line.id) if line.pushed else (line.id,) for line in lines},
        with_lapses,
        {line.pushed: line.guid for line in lines if line.pushed and not _MADE_HERE.fullmatch(line.guid)},
    )


def make_plan(build: Build, state: AnkiState, options: PushOptions, now: int) -> tuple[Plan, list[Diagnostic]]:
    """The plan, and why it may not be carried out. `now`, in seconds: for the lock, and for the ids of new notes."""
    today = datetime.fromtimestamp(now, tz=UTC).strftime("%Y-%m-%d")
    record = parse_record(state.record, build.identified.lock.header.project)
    known = _MergeBases(build, record)
    found = _sorted(build, state, known, options, today)
    retired = [state.notes[line.guid] for line in build.identified.lock.lines if _is_retired(build, line, state)]
    retired += [
        state.notes[one.note.guid] for one in build.notes if one.note.is_skipped and one.note.guid in state.notes
    ]
    compared = [*found.compared]
    if options.retired == "suspend":
        compared += [one for note in retired if (one := retire(note, known.of(note)))]
    deletions = tuple(retired) if options.retired == "delete" else ()
    types = {note_type.id for note_type in note_types_of(build)}
    carried = _types_to_bring(found, build, state)
    added = new_notes([*found.missing, *carried], build, state, record, now)
    new, carriers = added[: len(found.missing)], map(as_carrier, added[len(found.missing) :])
    lines = {**found.lines, **_pushed(new, found.lines, known.lines)}
    note_types, styled, parts = plan_note_types(build, state, record)
    renames, plans = find_renames([one.plan for one in compared if one.plan], state)
    before, after = _records(known, state, compared, new, deletions)
    after = replace(after, parts=record.parts | parts)
    plan = Plan(
        new=tuple(new),
        carriers=tuple(carriers),
        left_over=tuple(state.notes[guid].id for guid in map(carrier_guid, sorted(types)) if guid in state.notes),
        notes=tuple(plans),
        deletions=deletions,
        renames=tuple(renames),
        note_types=tuple(note_types),
        media=tuple(_missing_media(compared, state)),
        record_before=before if deletions else None,
        record=after if after != record else None,
        conflicts=tuple(one.conflict for one in compared if one.conflict),
        edited=tuple(one.edited for one in compared if one.edited),
        moved=tuple(one.moved for one in compared if one.moved),
        styled=tuple(styled),
        declined=tuple(found.declined),
        declined_before=found.declined_before,
        changeable=tuple(found.changeable),
        foreign=tuple(found.foreign),
        unclear=tuple(found.unclear),
        waiting=sum(one.waiting for one in compared),
        unchanged=sum(one.plan is None and one.conflict is None for one in compared),
        decks=frozenset(one.note.draft.deck for one in build.notes),
        lines=lines,
    )
    if (problem := _other_profile(build, state, options)) is not None:
        return plan, [problem]
    return plan, _refusals(plan, record, state, options)


def _other_profile(build: Build, state: AnkiState, options: PushOptions) -> Diagnostic | None:
    """That notes which a push once added are all unknown here, where the command line names no profile."""
    if options.names_profile or options.is_again or options.accepts_deletions or state.notes or state.record:
        return None
    pushed = sum(bool(line.pushed) and not line.declined for line in build.identified.lock.lines)
    if not pushed:
        return None
    message = f"{pushed:,} notes were pushed into Anki before, and this profile has none of them"
    hint = "in Anki, File › Switch Profile; or name the profile that you mean: `--profile NAME`"
    return Diagnostic("other-profile", message, hint=hint)


def _pushed(
    new: Sequence[NewNote], changed: Mapping[str, LockEntry], lines: Mapping[str, LockEntry]
) -> dict[str, LockEntry]:
    """The lines of notes that are added, with the ids that they get in Anki."""
    ids = {one.rendered.note.guid: one.rendered.note.id for one in new}
    lines_of = {guid: changed.get(guid) or lines.get(guid) for guid in ids}
    return {guid: replace(line, pushed=ids[guid]) for guid, line in lines_of.items() if line is not None}


class _Sorted(Struct):
    """The notes of a build by what is to be done with them; `lines` are those of the lock that change."""

    compared: list[NoteDiff] = field(default_factory=list)
    missing: list[RenderedNote] = field(default_factory=list)
    declined: list[RenderedNote] = field(default_factory=list)
    declined_before: int = 0
    changeable: list[RenderedNote] = field(default_factory=list)
    foreign: list[tuple[RenderedNote, str]] = field(default_factory=list)
    unclear: list[RenderedNote] = field(default_factory=list)
    lines: dict[str, LockEntry] = field(default_factory=dict)


def _sorted(build: Build, state: AnkiState, known: _MergeBases, options: PushOptions, today: str) -> _Sorted:
    """Each note that stands in the sources: compared with the one in Anki, or why it is not there."""
    into = _Sorted()
    for rendered in build.notes:
        guid, line = rendered.note.guid, known.lines.get(rendered.note.guid)
        note = state.notes.get(guid)
        was_declined = line is not None and bool(line.declined)
        if guid in state.unclear:
            into.unclear.append(rendered)
        elif note is not None:
            if was_declined and line is not None:  # the learner took it back
                into.lines[guid] = msgspec.structs.replace(line, declined="")
            if rendered.note.draft.is_missing_media and rendered.note.is_held_back:
                continue
            if rendered.note.is_skipped:  # what is done about it, `--retired` says
                continue
            note_type = note_type_of(build, rendered.note.draft.note_type)
            one = compare(rendered, note, note_type, known.of(note), options)
            if one is not None:
                into.compared.append(one)
            else:
                _sort_other_type(rendered, note, note_type, state, options, into)
        elif was_declined and not options.is_again:
            into.declined_before += 1
        elif _is_deleted(rendered, known.record) and not options.is_again:
            into.declined.append(rendered)
            if line is not None:
                into.lines[guid] = msgspec.structs.replace(line, declined=today)
        elif not state.sees_guids and not _MADE_HERE.fullmatch(guid):
            into.foreign.append((rendered, "taken over, and not found by the number that it had"))
        else:
            if was_declined and line is not None:
                into.lines[guid] = msgspec.structs.replace(line, declined="")
            if not rendered.note.is_skipped and (was_declined or not rendered.note.is_held_back):
                into.missing.append(rendered)
    return into


def _sort_other_type(
    rendered: RenderedNote, note: AnkiNote, ours: NoteType, state: AnkiState, options: PushOptions, into: _Sorted
) -> None:
    """A note that has another note type in Anki: one that another tool made may get the one that the build gives it."""
    if _MADE_HERE.fullmatch(note.guid):
        into.foreign.append((rendered, "given another note type in Anki"))
        return
    change = change_note_type(rendered, note, ours, state, options.choices.get(note.guid, options.conflicts))
    if isinstance(change, str):
        into.foreign.append((rendered, change))
    elif options.changes_note_types:
        into.compared.append(change)
    else:
        into.changeable.append(rendered)


def _types_to_bring(found: _Sorted, build: Build, state: AnkiState) -> list[RenderedNote]:
    """A note of each note type that some are to get, which Anki lacks, and which no new note brings."""
    known = {t.id for t in state.note_types.values()} | {
        note_type_of(build, one.note.draft.note_type).id for one in found.missing
    }
    wanted = {
        one.plan.note_type.new: one.rendered
        for one in found.compared
        if one.plan is not None and one.plan.note_type is not None and one.rendered is not None
    }
    return [wanted[number] for number in sorted(wanted.keys() - known)]


class _MergeBases:
    """What is known of notes beside what they say, here and there."""

    def __init__(self, build: Build, record: PushRecord) -> None:
        self.record = record
        self.lines = {line.guid: line for line in build.identified.lock.lines}
        is_changed = build.lock_before is not build.identified.lock
        self._before = {line.guid: line for line in build.lock_before.lines} if is_changed else self.lines
        self._types = {note_type.id: note_type for note_type in note_types_of(build)}

    def of(self, note: AnkiNote) -> MergeBase:
        """Of one note in Anki."""
        line, before = self.lines.get(note.guid), self._before.get(note.guid)
        return MergeBase(self.record, before, line, self._types.get(note.note_type))


def _records(
    known: _MergeBases,
    state: AnkiState,
    compared: Sequence[NoteDiff],
    new: Sequence[NewNote],
    deletions: Sequence[AnkiNote],
) -> tuple[PushRecord, PushRecord]:
    """What a push has to leave behind before it deletes anything, and at the end."""
    record, lines = known.record, known.lines
    deleted = {note.guid for note in deletions}
    cleaned_up = {line.guid for line in lines.values() if line.retired and line.guid not in state.notes}
    kept = record.seen - cleaned_up - deleted
    added = {note.rendered.note.guid for note in new}
    baselines = {**record.baselines, **{one.guid: one.baseline for one in compared if one.baseline}}
    baselines |= {note.rendered.note.guid: note.baseline for note in new if note.baseline}
    seen = kept | ((lines.keys() & state.notes.keys()) - deleted) | added
    after = replace(record, seen=seen, baselines={guid: text for guid, text in baselines.items() if guid in lines})
    return replace(record, seen=kept), after


def _is_deleted(rendered: RenderedNote, record: PushRecord) -> bool:
    """Whether the learner deleted it: it was there. One that comes back to the sources right now is no such note."""
    return rendered.note.guid in record.seen and rendered.note.change not in ("new", "restored")


def _is_retired(build: Build, line: LockEntry, state: AnkiState) -> bool:
    chosen = build.chosen
    return bool(line.retired) and line.guid in state.notes and (chosen is None or line.path in chosen)


def _missing_media(compared: Iterable[NoteDiff], state: AnkiState) -> list[MediaFile]:
    """Of notes that are there: those of new ones come in their package."""
    needed = {file.name: file for one in compared if one.rendered for file in one.rendered.media}
    return [needed[name] for name in sorted(needed) if name not in state.media]


def _refusals(plan: Plan, record: PushRecord, state: AnkiState, options: PushOptions) -> list[Diagnostic]:
    if options.accepts_deletions:
        return []
    diagnostics: list[Diagnostic] = []
    gone, seen = len(plan.declined), len(record.seen)
    if gone > _MANY and gone * 5 > seen:
        message = f"{gone:,} of {seen:,} notes that were in this Anki are gone"
        hint = "is the right profile open? a push into another one, or into a restored backup, would take them all for "
        hint += "deleted\n`--again` adds them again; `--accept-deletions` lets them stay deleted"
        diagnostics.append(Diagnostic("many-deleted", message, hint=hint))
    if len(plan.deletions) > _MANY and len(plan.deletions) * 5 > len(state.notes):
        message = f"`--retired delete` would delete {len(plan.deletions):,} of {len(state.notes):,} notes in Anki"
        hint = "is a folder missing? `--retired suspend` can be undone; `--accept-deletions` says that it is meant"
        diagnostics.append(Diagnostic("many-to-delete", message, hint=hint))
    return diagnostics
