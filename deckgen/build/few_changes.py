"""A few sources changed, came or went since the last build, and nothing else: only what hangs on them is made again.

The last build was at rest (`unchanged`): every line of the lock was found by its own key, and the collection of the
package was kept. So the notes of the other sources are what they were, and keep their lines and their rows; what is
left to find out is which notes of the changed sources are which. That is decided as always, by `identify`, among their
own lines and those that are retired.

Where that may not be the whole truth, nothing is done here, and the caller builds the long way: a note that another
source has too, a key that another line has, a note reworded (the lines of its rule all have a say in that), pictures,
anything to be told. What is written is, byte for byte, what the long way writes.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import IO, NamedTuple
from unicodedata import is_normalized

import msgspec

from deckgen.build.commit import LockChangedError, write_both
from deckgen.build.compile import Making, Prepared, SourceNotes, notes_of, pack_notes, packed_languages, render_prepared
from deckgen.build.file_state import FileRecord, folder_records, lock_digest, written_file, written_lock
from deckgen.build.leaving import any_may_stand
from deckgen.build.load import making_of, read_again
from deckgen.build.owned_folder import is_own_file, seal
from deckgen.build.pipeline import seen_of
from deckgen.build.preflight import check_lock
from deckgen.build.result import MovedNote, Outcome
from deckgen.build.settling import links_of, settle_sources
from deckgen.build.snapshot import Rest, Rested, collection_path, write_rest
from deckgen.build.store import (
    SourceCache,
    State,
    environment_of,
    is_settled,
    open_cache,
    shows_writes,
    state_of,
    text_digest,
)
from deckgen.diagnostics import Diagnostic
from deckgen.identity.facts import Normal
from deckgen.identity.identify import Identified, identify, leave_unseen
from deckgen.identity.known import NotKnownError, new_among
from deckgen.identity.lock import Header, Lock, LockLine, key_digest, parse_lock
from deckgen.identity.lock_file import LockText
from deckgen.identity.scope import Scope
from deckgen.model import Draft, Guid, RenderedNote, Source
from deckgen.package.apkg import Kept, NotKeptError, change_package
from deckgen.package.collection import Exchange
from deckgen.project.config import Config
from deckgen.project.deck_names import check_decks
from deckgen.project.locate import Place, Request
from deckgen.project.project import Project, open_few
from deckgen.project.source_files import SourceFile, find_sources, glob_expression
from deckgen.rendering.media import ProjectFiles
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import BUILT_IN, NoteType, stamp

MOST = 200
"""Sources that count as a few."""
_FAR = 20  # sources without a note that are passed over in search of one with notes


class _NotFewError(Exception):
    """More hangs on the change than is looked at here."""


def _insist(condition: object) -> None:
    if not condition:
        raise _NotFewError


@dataclass(frozen=True, slots=True)
class FewChanges:
    """What such a build did, or would do."""

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]


def build_few(
    request: Request, place: Place, now: int, rested: Rested, pieces: Future[list[bytes]], *, is_writing: bool
) -> FewChanges | None:
    """Build what hangs on the changed sources; None where that is not enough. `pieces`: digests, of the collection."""
    rest = rested.rest
    path = collection_path(rested.folder, request, place)
    if len(rested.changed) > MOST or rest.collection is None or state_of(path) != rest.collection:
        return None
    if not is_own_file(path):
        return None
    kept = Kept(path, Path(rest.files[-1].path), rest.pieces, seal)
    with contextlib.closing(open_cache(place.root, ())) as cache:
        try:
            read = _read(request, place, rested, cache)
            found = _identified(read, rest, now)
            told = check_lock(read.project.lock_path, changes=bool(found.lines))
            _insist(_is_whole(pieces.result(), rest))
            if is_writing:
                lock = _write(read, found, kept, rested)
                with contextlib.suppress(OSError):  # lock and package are written: the next build goes the long way
                    cache.keep()
                    _remember(read, found, kept, rested, cache, lock)
        except (_NotFewError, NotKnownError, NotKeptError, LockChangedError, OSError):
            return None
    return FewChanges(found.outcome, (*told, *rest.outcome.diagnostics))


def _is_whole(pieces: Sequence[bytes], rest: Rest) -> bool:
    """Whether the collection is that of the package, byte for byte but for the last piece, which is short."""
    return list(pieces[: len(rest.pieces)]) == [digest for digest, *_ in rest.pieces]


# ---- reading


@dataclass(frozen=True, slots=True)
class _Read:
    """The changed sources, read and tried, what came of them before, and the lock."""

    project: Project  # with the changed sources alone
    making: Making
    order: tuple[str, ...]  # the paths of all sources, as they are now
    entangled: frozenset[str]
    changes: tuple[_Change, ...]  # in that order; those that are gone last
    lock: LockText
    lock_state: State
    header: Header

    @property
    def prepared(self) -> list[Prepared]:
        """The drafts, in order."""
        return [prepared for change in self.changes for prepared in change.now]


class _Change(NamedTuple):
    """A source, and what it made before and makes now."""

    path: str
    before: Sequence[Prepared]
    now: Sequence[Prepared]


def _read(request: Request, place: Place, rested: Rested, cache: SourceCache) -> _Read:
    rest = rested.rest
    known = {path: record.text for path, record in zip(rest.sources, rest.files, strict=False)}
    order = rest.sources

    def some(config: Config) -> list[str]:
        nonlocal order
        if rested.has_other_files:
            _insist(not rest.looks_for_media and not rest.outcome.diagnostics)  # which may not be so any more
            files, problems = find_sources(place.root, config.sources, config.exclude)
            _insist(not problems and files and all(_fits_any(glob, files) for glob in config.sources))
            order = tuple(file.path for file in files)
        changed = {rest.sources[i] for i in rested.changed}
        return [path for path in order if path in changed or path not in known]

    def look(path: str, file: Path, encoding: str) -> str:
        cache.look(path, file, encoding)  # how it is now, before it is read; which it is in any case
        return ""

    project, problems = open_few(request, place, rest.packs, some, look)
    _insist(project is not None and not problems)
    assert project is not None
    paths = [source.path for source in project.sources]
    gone = [path for path in rest.sources if path not in set(order)] if rested.has_other_files else []
    _insist(len(paths) + len(gone) <= MOST and all(is_normalized("NFC", path) for path in (*paths, *gone)))
    _insist(set(rest.entangled).isdisjoint([*paths, *gone]) and not any((place.root / path).exists() for path in gone))
    state = state_of(project.lock_path)
    lock = LockText.of(project.lock_path)
    _insist(state is not None and lock.is_plain)
    assert state is not None
    header = parse_lock(lock.header.decode(), "")[0].header
    making = making_of(project, header.project, project.packs or ())
    _insist(environment_of(making) == rest.environment and not making.rules()[1])
    before = {p: _simple(cache.made_of(p, rest.environment, known[p])) for p in (*paths, *gone) if p in known}
    changes = [_Change(path, before[path], ()) for path in gone]
    for source in reversed(project.sources):
        notes = notes_of(source, making)
        _insist(not rest.packs or all(f"{language}/facts" in rest.packs for language in packed_languages(notes)))
        changes.append(_Change(source.path, before.get(source.path, ()), _simple(notes)))
        cache.put(notes, text_digest(source.text), rest.environment, pack_notes(notes))
    changes = _settled(tuple(reversed(changes)), making, cache)
    return _Read(project, making, order, frozenset(rest.entangled), tuple(changes), lock, state, header)


def _fits_any(glob: str, files: Sequence[SourceFile]) -> bool:
    """Whether a pattern of `sources:` fits a file; what fits none is told."""
    fits = glob_expression(glob).match
    return any(fits(file.path) for file in files)


def _simple(notes: SourceNotes | None) -> Sequence[Prepared]:
    """What came of a source, where there is nothing to tell of it, and nothing that depends on other files."""
    _insist(notes is not None and not notes.untried and not notes.diagnostics)
    assert notes is not None
    _insist(all(prepared.shown is not None for prepared in notes.prepared))
    return notes.prepared


def _settled(changes: Sequence[_Change], making: Making, cache: SourceCache) -> list[_Change]:
    """The changed sources as their notes are asked, before and now, where they owe nothing to other sources."""
    both = [one.sign for change in changes for one in (*change.before, *change.now)]
    _insist(not cache.linked(links_of(both), [change.path for change in changes]))
    sides = []
    for notes in ([change.before for change in changes], [change.now for change in changes]):
        sources = [SourceNotes(c.path, (), tuple(own)) for c, own in zip(changes, notes, strict=True)]
        settled, held = settle_sources(sources, making)
        _insist(not held)
        sides.append([_simple(source) for source in settled])
    return [_Change(c.path, before, now) for c, before, now in zip(changes, *sides, strict=True)]


# ---- identity


@dataclass(frozen=True, slots=True)
class _Found:
    """The notes of the changed sources: what is to be written."""

    groups: tuple[Exchange, ...]  # of each source
    lines: Mapping[str, LockLine]  # that change, by GUID
    outcome: Outcome
    note_types: tuple[NoteType, ...]


def _identified(read: _Read, rest: Rest, now: int) -> _Found:
    prepared = read.prepared
    drafts = [one.draft for one in prepared]
    _insist(not check_decks(drafts))
    rendering = _rendering(read, now)
    own = read.lock.of_paths(change.path for change in read.changes)
    live = [line for line in own if not line.retired]
    old = {line.guid: line for line in (*own, *(read.lock.retired() if rest.has_retired else ()))}
    normals = [one.normal for one in prepared]
    _look_for_strangers(read.lock, drafts, normals, live, old.keys())
    lock = Lock(read.header, tuple(old[guid] for guid in sorted(old)))
    identities = frozenset(rule.identity for rule in read.making.rules()[0].rules)
    identified = identify(drafts, lock, Scope(frozenset(read.order), rules=identities), now, normals)
    _check(identified, read.lock, old)
    _insist(not any_may_stand(identified.retired, read.project.sources, partial(read_again, read.project)))
    rendered: dict[Guid, RenderedNote] = {}
    for note, one in zip(identified.notes, prepared, strict=True):
        with_cards, problems = render_prepared(note, one.shown, rendering)
        _insist(with_cards is not None and not problems)
        assert with_cards is not None
        rendered[note.guid] = with_cards
    identified = leave_unseen(identified, lock, partial(seen_of, rendered, rendering))
    notes = [replace(rendered[note.guid], note=note) for note in identified.notes]
    groups = tuple(_groups(read, live, notes))
    lines = {line.guid: line for line in identified.lock.lines if line != old.get(line.guid)}
    outcome = _outcome(read, rest, identified, groups)
    return _Found(groups, lines, outcome, (*BUILT_IN.values(), *rendering.note_types.values()))


def _rendering(read: _Read, now: int) -> RenderOptions:
    """How notes are rendered, which is as before."""
    config, header = read.project.config, read.header
    note_types, remembered, problems = stamp(read.making.rendering.note_types, header.note_types, now)
    rendering = RenderOptions(config.html, note_types, config.tts)
    _insist(not problems and remembered == header.note_types and header.rendering)
    return rendering


def _look_for_strangers(
    lock: LockText, drafts: Sequence[Draft], normals: Sequence[Normal], live: Sequence[LockLine], known: Collection[str]
) -> None:
    """Make sure that no line of another source has, or had, the key of a draft."""
    keys = [(draft.kind, draft.identity, normal.key) for draft, normal in zip(drafts, normals, strict=True)]
    own = {(line.kind, line.rule, line.key) for line in live}
    _insist(len({*keys}) == len(keys) and len(own) == len(live) and not any(line.declined for line in live))
    for key in {*keys} - own:
        _insist(all(line.guid in known for line in lock.of_key(*key)) and not lock.may_remember(key_digest(*key)))


def _check(identified: Identified, lock: LockText, old: Mapping[str, LockLine]) -> None:
    """Make sure that identity found what it would have found among all lines."""
    # Whether many are retired is asked of all notes (`_outcome`), not of those of a few sources.
    _insist(not identified.near_misses and all(told.kind == "many-retired" for told in identified.diagnostics))
    _insist(all(len(note.origins) < 2 and not note.is_held_back for note in identified.notes))
    lines = {line.guid: line for line in identified.lock.lines}
    for note in new_among(identified.notes, lines, old):
        _insist(not lock.has_guid(note.guid) and not lock.has_id(note.id))


def _groups(read: _Read, live: Sequence[LockLine], notes: Sequence[RenderedNote]) -> Iterator[Exchange]:
    """Of each source the ids of the notes that it had in the package, and the notes that it has now."""
    for change in read.changes:
        had = [line.id for line in live if line.path == change.path]
        _insist(len(had) == len(change.before))
        new = [note for note in notes if note.note.draft.origin.span.path == change.path]
        yield Exchange(had, new, _following(read, change.path) if new and not had else ())


def _following(read: _Read, path: str) -> list[int]:
    """The ids of the notes that the next source with notes has in the package; none where there is no such source."""
    changed = {change.path: change for change in read.changes}
    for tried, other in enumerate(read.order[read.order.index(path) + 1 :]):
        _insist(tried < _FAR)
        if other in changed and not changed[other].before:
            continue
        ids = [line.id for line in read.lock.of_paths([other]) if not line.retired]
        if ids:
            _insist(other not in read.entangled)
            return ids
    return []


def _outcome(read: _Read, rest: Rest, identified: Identified, groups: Sequence[Exchange]) -> Outcome:
    before, retired = rest.outcome, identified.retired
    live, had = before.changes["unchanged"], sum(len(group.old) for group in groups)
    _insist(live < 20 or len(retired) * 5 <= live)
    changes = Counter[str](note.change for note in identified.notes)
    changes["unchanged"] += live - had
    changes["retired"] = len(retired)
    old_cards = sum(len(one.shown.cards) for change in read.changes for one in change.before if one.shown)
    return replace(
        before,
        notes=before.notes - had + len(identified.notes),
        cards=before.cards - old_cards + sum(len(note.cards) for group in groups for note in group.new),
        changes=dict(changes),
        moved=tuple(MovedNote(moved.note.guid, moved.old_deck, moved.note.draft.deck) for moved in identified.moved),
        retired=tuple(line.guid for line in retired),
    )


# ---- writing


class _Exchange:
    """A lock in which some lines are exchanged."""

    def __init__(self, read: _Read, lines: Mapping[str, LockLine], begun: int) -> None:
        self._text, self._state, self._lines, self._begun = read.lock, read.lock_state, lines, begun
        self.written = 0  # bytes

    @property
    def is_changed(self) -> bool:
        return bool(self._lines)

    @property
    def size(self) -> int:
        return len(self._text.data) if self._lines else 0

    def is_still(self, path: Path) -> bool:
        if state_of(path) != self._state:
            return False
        if is_settled(self._state, self._begun) or shows_writes(self._state):
            return True
        return LockText.of(path).data[:] == self._text.data[:]

    def write_to(self, file: IO[bytes]) -> None:
        self.written = sum(map(file.write, self._text.exchanged(self._lines)))

    def digest(self) -> str:
        """Of what it is to be."""
        return lock_digest(self._text.exchanged(self._lines))[1]


def _write(read: _Read, found: _Found, kept: Kept, rested: Rested) -> _Exchange:
    """Write both; the lock."""
    project = read.project
    lock = _Exchange(read, found.lines, rested.begun)
    files = ProjectFiles(project.root)

    def make(target: Path) -> Path:
        return change_package(target, kept, found.groups, found.note_types, rested.rest.media, files)

    problems = write_both(project.lock_path, lock, project.package_path, make)
    _insist(not problems)  # told by the long way, if it meets them too
    return lock


def _remember(read: _Read, found: _Found, kept: Kept, rested: Rested, cache: SourceCache, new_lock: _Exchange) -> None:
    """Have the next build know that this one left the project at rest."""
    rest, project = rested.rest, read.project
    files = dict(zip(rest.sources, rest.files, strict=False))
    for source in project.sources:
        state = cache.found_state(source.path)
        if state is None:
            return
        text = text_digest(source.text)
        known = ("", "") if is_settled(state, rested.begun) else (text, project.config.encoding)
        files[source.path] = FileRecord(str(project.root / source.path), state, *known, text)
    folders = rest.folders
    if rested.has_other_files:
        whole = replace(project, sources=tuple(Source(path, "") for path in read.order))
        records = list(folder_records(whole, rested.begun, looks_for_media=False))
        if None in records:
            return
        folders = tuple(record for record in records if record is not None)
    lock: FileRecord | None = rest.files[-2]
    if new_lock.is_changed:
        lock = written_lock(project.lock_path, new_lock.written, new_lock.digest)
    package = written_file(project.package_path)
    if lock is None or package is None:
        return
    others = rest.files[len(rest.sources) : -2]
    latest = max((note.note.mod for group in found.groups for note in group.new), default=0)
    outcome = found.outcome.at_rest(is_rendering_new=rest.outcome.is_rendering_new)
    write_rest(
        rested.folder,
        msgspec.structs.replace(
            rest,
            sources=read.order,
            files=(*(files[path] for path in read.order), *others, lock, package),
            folders=folders,
            latest=max(rest.latest, latest),
            outcome=outcome,
            has_retired=rest.has_retired or bool(found.outcome.retired),
            collection=state_of(kept.path),
            pieces=tuple(kept.pieces),
        ),
    )
