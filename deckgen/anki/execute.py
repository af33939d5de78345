"""A plan → Anki, batch after batch, in an order in which a push that ends anywhere is finished by the next one.

Everything about one note is in one batch, its baseline last, so that the baseline never claims more than was done. New
notes come in one import, which Anki does whole or not at all. Deletions come last, after the push record that knows of
them, so that deckgen's own are not taken for the learner's.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from deckgen.anki.actions import (
    Action,
    ChangeTags,
    DeleteNotes,
    MoveCards,
    RenameDeck,
    SuspendCards,
    Target,
    TargetError,
    UpdateFields,
)
from deckgen.anki.plan import NewNote, NotePlan, Plan
from deckgen.anki.push_record import PushRecord, format_record, record_name
from deckgen.model import MediaFile
from deckgen.package.apkg import build_package
from deckgen.rendering.baseline import name_digest
from deckgen.rendering.media import MediaReader

BATCH = 50
"""Notes in one request: half a second of Anki's time, in which its window does not answer."""

Progress = Callable[[int], None]
"""Called with how many more of the plan's notes are done."""


def carry_out(plan: Plan, target: Target, files: MediaReader, progress: Progress = lambda _: None) -> str:
    """Do it, and return where the backup is, where one was made. Raises `TargetError`, and OSError of the own disk."""
    with tempfile.TemporaryDirectory(prefix="deckgen-") as name:
        folder = Path(name)
        backup = target.begin()
        if plan.note_types:
            target.carry_out(plan.note_types)
        for file in plan.media:
            target.store_media(file.name, _copy(file, files, folder))
        if plan.left_over:
            target.carry_out([DeleteNotes(plan.left_over)])
        if plan.new or plan.carriers:
            has_schedules = any(one.rendered.note.draft.schedules for one in plan.new)
            target.import_package(_package([*plan.new, *plan.carriers], files, folder), with_schedules=has_schedules)
            progress(len(plan.new))
        if plan.carriers:  # Anki may have given them other numbers than these
            target.delete_by_field_id([one.rendered.note.guid for one in plan.carriers])
        for rename in plan.renames:
            target.carry_out([RenameDeck(rename.old, rename.new, rename.cards)])
        for batch in _batches(plan.notes):
            target.carry_out(list(_actions(batch)))
            progress(len(batch))
        if plan.deletions:
            if plan.record_before is not None:
                _remember(plan.record_before, target, folder)
            for start in range(0, len(plan.deletions), BATCH):
                batch_of = plan.deletions[start : start + BATCH]
                target.carry_out([DeleteNotes(tuple(note.id for note in batch_of))])
                progress(len(batch_of))
        if plan.record is not None:
            _remember(_with_decks(plan.record, plan.decks, target.deck_ids()), target, folder)
        target.refresh()
    return backup


def _with_decks(record: PushRecord, ours: frozenset[str], in_anki: Mapping[str, int]) -> PushRecord:
    """The record with the ids of the decks of the project; of one that the learner renamed it knows the id already."""
    found = {name_digest(name): in_anki[name] for name in ours if name in in_anki}
    return replace(record, decks={**record.decks, **found})


def _batches(plans: Sequence[NotePlan]) -> Iterator[Sequence[NotePlan]]:
    for start in range(0, len(plans), BATCH):
        yield plans[start : start + BATCH]


def _actions(batch: Sequence[NotePlan]) -> Iterator[Action]:
    """Of some notes, those that are alike as one."""
    moves: dict[str, list[int]] = defaultdict(list)
    tags: dict[tuple[tuple[str, ...], bool], list[int]] = defaultdict(list)
    for plan in batch:
        if plan.moves:
            moves[plan.deck].extend(card.id for card in plan.moves)
        if plan.remove_tags:
            tags[plan.remove_tags, True].append(plan.in_anki.id)
        if plan.add_tags:
            tags[plan.add_tags, False].append(plan.in_anki.id)
    yield from (plan.note_type for plan in batch if plan.note_type is not None)
    for plan in batch:
        if plan.announces:
            yield UpdateFields(plan.in_anki.id, plan.announces)
    for deck, cards in moves.items():
        yield MoveCards(tuple(cards), deck)
    if suspended := [card for plan in batch for card in plan.suspend]:
        yield SuspendCards(tuple(suspended))
    if released := [card for plan in batch for card in plan.release]:
        yield SuspendCards(tuple(released), is_release=True)
    for (names, is_removal), notes in tags.items():
        yield ChangeTags(tuple(notes), names, is_removal)
    for plan in batch:
        if plan.writes:
            yield UpdateFields(plan.in_anki.id, plan.writes)


def _package(new: Sequence[NewNote], files: MediaReader, folder: Path) -> Path:
    note_types = {note.note_type.name: note.note_type for note in new}.values()
    positions: dict[str, int] = {note.rendered.note.guid: note.position for note in new}
    return build_package(folder / "new.apkg", [note.rendered for note in new], note_types, files, positions).rename(
        folder / "new.apkg"
    )


def _copy(file: MediaFile, files: MediaReader, folder: Path) -> Path:
    """The file as it was when the cards were made; one that changed since has another name."""
    found, path = hashlib.sha256(), folder / file.name
    with path.open("wb") as copy:
        for chunk in files.chunks(file.path):
            found.update(chunk)
            copy.write(chunk)
    if found.hexdigest() != file.digest:
        raise TargetError("push-refused", f"{file.path} changed while it was pushed", "push again")
    return path


def _remember(record: PushRecord, target: Target, folder: Path) -> None:
    path = folder / record_name(record.project)
    path.write_text(format_record(record), "utf-8")
    target.store_media(path.name, path)
