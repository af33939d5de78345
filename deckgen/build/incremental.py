"""A project → its package and its lock, while no more than what changed is compiled, identified and written.

A first build, a fresh clone, a pull and an edit are the same: sources that changed are compiled into the store, keys
that were touched are decided on (`identify`), and the notes of the sources that are stale then go into the package one
by one, in the place of those that it has of them. How much changed makes no difference but in time.

What concerns all notes together, an error anywhere, a lock that a merge left unsorted, lines that sleep, a part of a
project, is done by `pipeline`, which holds a whole build in memory: then None is returned. The bytes are the same.
"""

from __future__ import annotations

import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from deckgen.build.admission import Admission, reworded
from deckgen.build.commit import LockChangedError, write_both
from deckgen.build.compile import Gist, Making, Prepared, SourceNotes, facts_in, render_prepared
from deckgen.build.compile_key import compile_key
from deckgen.build.decisions import DecidedState, ProjectDecisions
from deckgen.build.identify import KnownNote, NotesOfBuild, NotIncrementalError, sync_lines
from deckgen.build.leaving import any_may_stand
from deckgen.build.load import languages_in, making_of, packs_for, placing, read_again, read_lock, some_of
from deckgen.build.lock_writer import NextLock, RowChanges
from deckgen.build.note_index import MadeSource, NoteIndex, choice_key
from deckgen.build.pipeline import is_waiting, seen_of
from deckgen.build.preflight import check_lock
from deckgen.build.result import MovedNote, NearlySame, Outcome
from deckgen.build.settling import Settling
from deckgen.build.snapshot import Delta, Ending
from deckgen.build.store import SourceCache
from deckgen.build.workers import Maker, NotMadeError
from deckgen.diagnostics import Diagnostic, has_errors, sort_diagnostics
from deckgen.extraction.rivals import decide
from deckgen.identity.assign import DAY, Clock, check_notes, media_of
from deckgen.identity.facts import key_of, make_guid
from deckgen.identity.identify import check_retired
from deckgen.identity.lock import Header, Lock, LockEntry, format_lock, parse_lock
from deckgen.identity.lock_file import LockFile
from deckgen.identity.scope import Scope
from deckgen.identity.visible_changes import ignore_invisible_edit
from deckgen.model import Draft, Guid, MediaFile, Note, RenderedNote
from deckgen.package.apkg import Kept, NotKeptError, build_package, change_package
from deckgen.package.collection import Exchange
from deckgen.project.choices import RuleChoice
from deckgen.project.deck_names import find_problem
from deckgen.project.locate import Request
from deckgen.project.project import Project, open_project
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import BUILT_IN, NoteType, stamp

_TRANSIENT = frozenset({"many-retired", "made-on-two-branches", "clock-ahead"})
Step = Callable[[int, int], None]
"""Is told how many sources are done, and of how many."""


@dataclass(frozen=True, slots=True)
class Built:
    """What such a build did; `ending` where the next one says the same if nothing changes."""

    outcome: Outcome
    diagnostics: tuple[Diagnostic, ...]
    ending: Ending | None
    kept: Kept


def build_changes(
    request: Request, now: int, maker: Maker, kept: Callable[[], Kept | None], last: Delta | None, step: Step
) -> Built | None:
    """Build and write a project; None where all of it has to be looked at together. `last`: what changed since the last
    build with the same command line, `kept` makes a place for the collection of the package.
    """
    cache = maker.cache
    if cache is None:
        return None
    is_done = False
    try:
        project, told = _opened(request, cache)
        collection = kept()
        _insist(collection is not None and cache.begin())
        assert collection is not None
        with tempfile.TemporaryFile(prefix="deckgen-") as waiting, _opened_lock(project) as lock:
            building = _Building(project, now, maker, told, step, lock, collection, RowChanges(waiting))
            built = building.build(last)
        is_done = True
        return built
    except (NotIncrementalError, NotMadeError, LockChangedError, NotKeptError, ValueError, OSError, sqlite3.Error):
        return None
    finally:
        cache.end(is_done=is_done)


def _insist(condition: object) -> None:
    if not condition:
        raise NotIncrementalError


def _opened(request: Request, cache: SourceCache) -> tuple[Project, list[Diagnostic]]:
    """The project, with sources that are to be read when their turn comes, and a lock that is not read."""
    project, told = open_project(request, cache.look_only, reads_lock=False)
    _insist(project is not None and not has_errors(told) and project.sources)
    assert project is not None
    _insist(not (project.choices.same or project.choices.another))
    _insist(project.chosen is None and not project.reads_alone and not project.is_package_unclear)
    _insist(project.lock_text is not None or not project.package_path.exists())
    return project, told


class _NoLock:
    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        pass


def _opened_lock(project: Project) -> LockFile | _NoLock:
    if project.lock_text is None:
        return _NoLock()
    _insist(project.lock_path.is_file())  # opening a pipe would wait for ever
    return LockFile(project.lock_path)


@dataclass
class _Tally:
    """What is counted while the notes go by."""

    changes: Counter[str] = field(default_factory=Counter)
    moved: list[MovedNote] = field(default_factory=list)
    held_back: int = 0
    questions: dict[str, str] = field(default_factory=dict)  # of new notes, for near misses


class _Building:
    """One build."""

    def __init__(
        self,
        project: Project,
        now: int,
        maker: Maker,
        told: list[Diagnostic],
        step: Step,
        lock: LockFile | None,
        kept: Kept,
        rows: RowChanges,
    ) -> None:
        assert maker.cache is not None
        self.project, self.maker, self.cache, self.told = project, maker, maker.cache, told
        self.now, self.clock, self.step, self.lock, self.kept = now, Clock(now), step, lock, kept
        self.begun = time.time_ns()
        self.index: NoteIndex = self.cache.index
        self.files = ProjectFiles(project.root, folders=project.config.media)
        self.header = self._read_header()
        self.rows = rows
        self.tally = _Tally()
        self.made: dict[str, MadeSource] = {}
        self.has_cards = False
        self.settling: Settling
        self.before: dict[str, MadeSource] = {}  # what the last package has of each source
        self.admission = Admission(project.choices, self.index.has_key, self.index.has_text, self.index.has_guid)
        self.compiled_now: list[str] = []

    def _read_header(self) -> Header:
        """The header of the lock, which has to be as deckgen writes it."""
        if self.lock is None:
            lock, problems = read_lock(self.project)
            _insist(not problems)
            return lock.header
        parsed, problems = parse_lock(self.lock.header.decode(), "")
        _insist(not problems and format_lock(Lock(parsed.header)).encode() == self.lock.header)
        _insist(self.project.config.id in ("", parsed.header.project))
        return parsed.header

    def build(self, last: Delta | None) -> Built:
        project, index = self.project, self.index
        if index.value("project") != self.header.project.encode():
            index.clear()
            index.remember("project", self.header.project.encode())
        self.before = dict(index.made())
        sync_lines(index, self.lock, self.header.project)
        making = self.compile()
        rendering, header, is_rendered_otherwise = self.rendering(making)
        self.touch_what_hangs_on_media(last)
        self.touch_what_was_decided()
        decisions = ProjectDecisions(project.choices, index.has_guid, self.files, rendering)
        notes = NotesOfBuild(index, self.lock, self.header, self.clock, decisions)
        is_changing = not is_rendered_otherwise and self.is_collection_current(last)
        index.make_stale(index.touched_paths() if is_changing else (source.path for source in project.sources))
        pictures = {picture for made in self.before.values() for picture in made.pictures}
        notes.decide(self.drafts_of, partial(self.scope, making), pictures)
        _insist(not any_may_stand(notes.new_lines, project.sources, partial(read_again, project)))
        _insist(not reworded(notes.new_lines, self.suggestions_of_changed(notes.new_lines)))
        for line in notes.new_lines:
            self.rows.add(line)
        next_lock = NextLock(self.lock, format_lock(Lock(header)).encode(), self.rows, self.begun)

        def make(target: Path) -> Path:
            return self.package(target, rendering, notes, is_changing=is_changing)

        problems = write_both(project.lock_path, next_lock, project.package_path, make)
        _insist(not problems)
        return self.finish(notes, next_lock, rendering, header)

    # ---- compile

    def compile(self) -> Making:
        """Compile what changed into the store; what the notes are made with."""
        project, before = self.project, self.header.rules
        read = partial(read_again, project)
        sources, cache, index = project.sources, self.cache, self.index
        known = cache.unchanged(sources, read)
        self.maker.digests.update(known)
        languages = {language for path in known for language in cache.languages(path)}
        packs = project.packs
        if packs is None:
            changed = [source for source in sources if source.path not in known]
            sample = languages_in(map(read, some_of(changed)), project.config.language)
            packs = packs_for(sample | languages, before)
        gone = index.indexed().keys() - {source.path for source in sources}
        is_whole = index.value("settled") != b"yes"
        index.remember("settled", b"")
        links = cache.links(gone)
        gists: dict[str, Gist] = {}
        while True:
            making = making_of(project, self.header.project, packs)
            _insist(not has_errors(making.rules()[1]))
            environment = self.maker.environment = compile_key(making)
            if index.value("environment") != environment.encode():
                known = {}
                index.remember("environment", environment.encode())
            known = {path: digest for path, digest in known.items() if cache.is_compiled(path, environment)}
            if self.index_known(known):
                is_whole = True
            changed = [source for source in sources if source.path not in known]
            languages = {language for path in known for language in cache.languages(path)}
            links |= cache.links(source.path for source in changed)
            for path in self.admitted_otherwise() - {source.path for source in changed} - gone:
                gists[path] = self.index_gist(Gist.of(self.made_of(path)), known[path])
                links |= cache.links([path])
            for gist in self.maker.make_and_keep(changed, making, read):
                languages.update(gist.languages)
                self.compiled_now.append(gist.path)
                gists[gist.path] = self.index_gist(gist, self.maker.digests[gist.path])
                cache.commit(seldom=True)
            wanted = packs if project.packs is not None else packs_for(languages, before)
            if wanted == packs:
                break
            packs = wanted
        index.forget_sources(gone)
        self.settle_fronts(making, gists, links, gone, is_whole=is_whole)
        index.remember("settled", b"yes")
        cache.commit()
        self.told.extend(making.rules()[1])
        return making

    def index_known(self, known: Mapping[str, str]) -> bool:
        """Index what was compiled by builds that do not index; whether there was anything."""
        indexed = self.index.indexed()
        is_any = False
        for path, digest in known.items():
            if indexed.get(path) != digest:
                self.index_gist(Gist.of(self.made_of(path)), digest)
                is_any = True
        return is_any

    def index_gist(self, gist: Gist, digest: str) -> Gist:
        """Index what came of a source; that of its notes alone."""
        admitted = self.admission.gist(gist)
        self.index.put_suggestions(gist.path, self.admission.decided(gist))
        self.index.put_facts(gist.path, admitted.facts, digest)
        return admitted

    def admitted_otherwise(self) -> set[str]:
        """The sources with suggestions that became notes, or notes that become suggestions, since the last build."""
        return {
            path
            for path, fact, of, is_admitted in list(self.index.suggestions())
            if self.admission.admits(fact, of) != is_admitted
        }

    def suggestions_of_changed(self, retired: Sequence[LockEntry]) -> list[Prepared]:
        """The suggestions in which notes that a build would retire may stand, reworded."""
        if not retired:
            return []
        return [one for path in self.compiled_now for one in self.admission.left(self.made_of(path))]

    def touch_what_was_decided(self) -> None:
        """Have notes decided on again about which the learner decided otherwise since the last build."""
        index, choices = self.index, self.project.choices
        now = DecidedState.of(choices, index.has_guid)
        before = DecidedState.read(index.value("choices"))
        changed = now.differing(before)
        index.touch(index.asked_of_lines(changed))
        index.touch(changed)
        index.touch_decided(choice_key(of) for of in now.lost_among(changed) | before.lost_among(changed))
        rules = [RuleChoice(rule, path) for rule, path in set(now.rules) ^ set(before.rules)]
        if rules:
            index.touch_sources(path for path in index.indexed() if any(one.is_about(path) for one in rules))
        index.remember("choices", now.written)

    def notes_of(self, path: str) -> SourceNotes:
        """What came of a source."""
        notes = self.compiled(path)
        return self.settling.settled(notes) if path in self.settling.outcomes else notes

    def compiled(self, path: str) -> SourceNotes:
        """The notes of a source alone."""
        return self.admission.notes(self.made_of(path))

    def made_of(self, path: str) -> SourceNotes:
        """What came of a source, suggestions and all."""
        notes = self.cache.made_of(path, self.maker.environment)
        if notes is None:
            raise NotIncrementalError
        return notes

    def settle_fronts(
        self, making: Making, gists: Mapping[str, Gist], links: set[int], gone: Collection[str], *, is_whole: bool
    ) -> None:
        """Decide on the fronts of changed sources, and of all that they owe something to, or owed."""
        cache, index = self.cache, self.index
        order = [source.path for source in self.project.sources]
        known = index.outcomes()
        group, left = set(gists), links | cache.links(gists)
        while left and not is_whole:
            more = cache.linked(left) - group - set(gone)
            group |= more
            left = cache.links(more)
        group = set(order) if is_whole else group
        signs = [
            (path, gists[path].signs if path in gists else [one.sign for one in self.compiled(path).prepared])
            for path in order
            if path in group
        ]
        decided = decide(signs)
        outcomes = {path: own for path, own in known.items() if path in order and path not in group}
        self.settling = Settling(making, {**outcomes, **decided})
        indexed = index.indexed()
        for path in gone:
            index.put_outcomes(path, {})
        for path, _ in signs:
            own = decided.get(path, {})
            if own or known.get(path):
                index.put_facts(path, facts_in(self.notes_of(path)), indexed[path])
            index.put_outcomes(path, own)

    def drafts_of(self, paths: Collection[str], asked: Collection[Guid]) -> Iterator[tuple[Draft, Prepared]]:
        """The drafts of some keys, in order."""
        for source in self.project.sources:
            if source.path in paths:
                for prepared in self.notes_of(source.path).prepared:
                    if prepared.guid in asked:
                        yield self.with_media(prepared)[0], prepared

    def with_media(self, prepared: Prepared) -> tuple[Draft, Sequence[Diagnostic]]:
        """A draft with its pictures, and what is to be told of them."""
        return (prepared.draft, ()) if prepared.shown else collect_media(prepared.draft, self.files)

    def touch_what_hangs_on_media(self, last: Delta | None) -> None:
        """What a note with pictures is, other files say: it is looked at again, unless none of them changed."""
        if last is None or not last.is_media_same or not self.is_of_last(last):
            self.index.touch_sources([path for path, made in self.before.items() if made.has_media])

    def scope(self, making: Making, lines: Iterable[LockEntry]) -> Scope:
        """What identity may conclude from what is missing."""
        project = self.project
        read = frozenset(source.path for source in project.sources)
        there = {line.path for line in lines if not line.retired} - read
        there = {path for path in there if (project.root / path).is_file()}
        _insist(project.has_config or not there)  # else they are asleep
        return Scope(read, excluded=frozenset(there), rules=frozenset(r.identity for r in making.rules()[0].rules))

    def rendering(self, making: Making) -> tuple[RenderOptions, Header, bool]:
        """How notes are rendered, the header that says so, and whether it is otherwise than in the last package."""
        config = self.project.config
        note_types, remembered, problems = stamp(making.rendering.note_types, self.header.note_types, self.now)
        _insist(not has_errors(problems))
        self.told.extend(problems)
        rendering = RenderOptions(config.html, note_types, config.tts)
        packs = () if self.project.packs is not None else making.rules()[0].packs
        how = self.header.rendering or rendering.stamp
        header = replace(self.header, rules=packs, rendering=how, note_types=remembered, words=making.words)
        how_stamped = f"{rendering.stamp}\n{sorted(remembered.items())}".encode()
        is_otherwise = self.index.value("rendering") != how_stamped
        self.index.remember("rendering", how_stamped)
        return rendering, header, is_otherwise

    # ---- the package

    def is_collection_current(self, last: Delta | None) -> bool:
        """Whether the collection of the last package is there, and is what the index says of it."""
        if last is None or not self.is_of_last(last) or not last.is_collection_whole(self.kept.path):
            return False
        self.kept.package, self.kept.pieces = self.project.package_path, last.record.pieces
        return True

    def is_of_last(self, last: Delta) -> bool:
        """Whether the index is as the last build with the same command line left it."""
        return bool(last.record.generation) and last.record.generation.encode() == self.index.value("generation")

    def package(self, target: Path, rendering: RenderOptions, notes: NotesOfBuild, *, is_changing: bool) -> Path:
        """Make the package: of the last one, or from the start."""
        note_types: dict[str, NoteType] = {t.name: t for t in (*BUILT_IN.values(), *rendering.note_types.values())}
        stale = self.index.stale()
        there = {source.path for source in self.project.sources}
        if not is_changing:
            _insist({path for path in stale if path in there} == there)
            rendered = (note for path in stale if path in there for note in self.make(path, rendering, notes))
            made = build_package(target, rendered, note_types.values(), self.files, kept=self.kept)
        else:
            exchanges = self.exchanges([path for path in stale if path in there], stale, rendering, notes)
            made = change_package(
                target, self.kept, exchanges, note_types.values(), self.decks(), self.media(), self.files
            )
        is_needed = is_changing or self.has_cards or self.project.package_path.is_file()
        if has_errors(self.told) or not is_needed:
            made.unlink()
            raise NotIncrementalError
        return made

    def exchanges(
        self, making: Sequence[str], stale: Sequence[str], rendering: RenderOptions, notes: NotesOfBuild
    ) -> list[Exchange]:
        """Of each stale source where its notes begin in the package, those that it has there, and its notes now."""
        new = {path: list(self.make(path, rendering, notes)) for path in making}
        before = self.before
        place, found = 1, []
        wanted = set(stale)
        for path in sorted({*before, *new}, key=lambda path: path.split("/")):
            old = before[path].ids if path in before else ()
            if path in wanted and (old or new.get(path)):
                found.append(Exchange(place, old, new.get(path, [])))
            place += len(old)
        return found

    def make(self, path: str, rendering: RenderOptions, notes: NotesOfBuild) -> Iterator[RenderedNote]:
        """The notes of a source, as the package has them."""
        source = self.notes_of(path)
        held_apart = self.settling.held.get(path, ())
        _insist(not source.untried)
        self.step(len(self.made), len(self.project.sources))
        said: list[Diagnostic] = list(source.diagnostics)
        ids: list[int] = []
        cards = latest = held = declined = skipped = total = 0
        decided: set[str] = set()
        decks: set[str] = set()
        media: dict[str, MediaFile] = {}
        looked_at: set[str] = set()
        pictures: set[tuple[str, str]] = set()
        has_media = is_missing = False
        for prepared in source.prepared:
            draft, problems = self.with_media(prepared)
            said.extend(problems)
            has_media = has_media or bool(draft.media or draft.missing_media)
            is_missing = is_missing or draft.is_missing_media
            looked_at.update(file.path for file in draft.media)
            pictures.update(media_of(draft.media))
            _insist(not find_problem(draft.deck))
            known = notes.note(draft, prepared)
            if known is None:
                continue
            total += 1
            shown = known.note.draft
            if shown.worded:
                has_media = has_media or bool(shown.media or shown.missing_media)
                is_missing = is_missing or shown.is_missing_media
                looked_at.update(file.path for file in shown.media)
                pictures.update(media_of(shown.media))
            said.extend(notes.decisions.problems.get(known.note.guid, ()))
            decided.update([notes.decisions.used[known.note.guid]] if known.note.guid in notes.decisions.used else [])
            rendered, problems = render_prepared(known.note, prepared.shown, rendering)
            said.extend(problems)
            said.extend(check_notes([known.note], self.now, {}))
            pictures.update(known.line.media)
            note = self.settle(known, rendered, rendering)
            latest = max(latest, note.mod)
            held += is_waiting(note)
            declined += note.is_declined
            skipped += note.is_skipped and not note.is_declined
            if rendered is None:
                continue
            self.has_cards = True
            if not note.is_held_back:
                ids.append(note.id)
                cards += len(rendered.cards)
                decks.add(draft.deck)
                media.update((file.name, file) for file in rendered.media)
                yield rendered if rendered.note is note else replace(rendered, note=note)
        _insist(latest <= self.now + DAY)  # told of all notes at once
        self.told.extend(said)
        self.made[path] = MadeSource(
            tuple(ids),
            total,
            cards,
            held,
            declined,
            skipped,
            tuple(sorted(decided)),
            held_apart,
            latest,
            tuple(sorted(decks)),
            tuple(media[name] for name in sorted(media)),
            tuple(sorted(looked_at)),
            tuple(sorted(pictures)),
            has_media,
            is_missing,
            tuple(said),
        )

    def settle(self, known: KnownNote, rendered: RenderedNote | None, rendering: RenderOptions) -> Note:
        """A note with the modified time that it has once it is known what is seen of it."""
        seen = partial(seen_of, {known.note.guid: rendered} if rendered else {}, rendering)
        old = known.old
        note, line = ignore_invisible_edit(known.note, known.line, old, (old,) if old else (), seen, self.clock)
        if line != old:
            self.rows.add(line)
        self.tally.changes[note.change] += 1
        if old is not None and line.deck != old.deck:
            self.tally.moved.append(MovedNote(note.guid, old.deck, note.draft.deck))
        if note.change == "new":
            self.tally.questions[note.guid] = note.draft.question
        return note

    def now_made(self) -> Iterator[tuple[str, MadeSource]]:
        """What the package has of each source afterwards."""
        there = {source.path for source in self.project.sources}
        for path, made in self.before.items():
            if path in there and path not in self.made:
                yield path, made
        yield from self.made.items()

    def decks(self) -> set[str]:
        """All decks of notes in the package."""
        return {deck for _, made in self.now_made() for deck in made.decks}

    def media(self) -> list[MediaFile]:
        """All pictures and sounds in the package."""
        found = {file.name: file for _, made in self.now_made() for file in made.media}
        return [found[name] for name in sorted(found)]

    # ---- what was done

    def finish(self, notes: NotesOfBuild, lock: NextLock, rendering: RenderOptions, header: Header) -> Built:
        """Take down what was written; what there is to tell."""
        project, index, identified = self.project, self.index, notes.identified
        placed = placing(project)
        others = dict(self.now_made())
        told = [*self.told]
        for path, made in others.items():
            if path not in self.made:
                told.extend(made.diagnostics)
                self.tally.changes["unchanged"] += made.total
        retired = identified.retired if identified is not None else ()
        many = check_retired(notes.live, len(retired))
        told.extend(many)
        if identified is not None:
            told.extend(d for d in identified.diagnostics if d.kind == "made-on-two-branches")
        diagnostics = tuple(sort_diagnostics(map(placed, told)))
        misses = identified.near_misses if identified is not None else ()
        outcome = Outcome(
            package=str(project.package_path),
            lock=str(project.lock_path),
            notes=sum(len(made.ids) for made in others.values()),
            cards=sum(made.cards for made in others.values()),
            changes={**self.tally.changes, **({} if self.lock is None else {"retired": len(retired)})},
            held_back=sum(made.held for made in others.values()),
            declined=sum(made.declined for made in others.values()),
            skipped=sum(made.skipped for made in others.values()),
            suggestions=sum(not is_admitted for *_, is_admitted in index.suggestions()),
            decisions_gone=len(project.choices.notes) - len({one for made in others.values() for one in made.decided}),
            held_apart=tuple(place for path in sorted(others) for place in others[path].held_apart),
            moved=tuple(self.tally.moved),
            retired=tuple(line.guid for line in retired),
            retires_many=bool(many),
            near_misses=tuple(
                NearlySame(
                    miss.old.guid,
                    miss.new,
                    miss.old.question,
                    self.tally.questions.get(miss.new, ""),
                    miss.reason,
                    miss.hint,
                )
                for miss in misses
            ),
            is_lock_new=self.lock is None,
            is_rendering_new=header.rendering != rendering.stamp,
            new_words=header.words if self.header.words not in ("", header.words) else "",
            diagnostics=diagnostics,
        )
        index.put_lines((line, make_guid(header.project, key_of(line), ""), row) for line, row in self.rows.all())
        index.remember("lock", f"{lock.size} {lock.digest}".encode())
        generation = index.settle(self.made, {source.path for source in project.sources})
        ending = None
        lasting = [diagnostic for diagnostic in diagnostics if diagnostic.kind not in _TRANSIENT]
        if not any(made.is_missing_media for made in others.values()):
            ending = Ending(
                project,
                replace(outcome.at_rest(is_rendering_new=outcome.is_rendering_new), diagnostics=tuple(lasting)),
                max((made.latest for made in others.values()), default=0),
                (lock.size, lock.digest),
                {path for made in others.values() for path in made.looked_at},
                {file for made in others.values() for file in made.media},
                generation,
            )
        around = check_lock(project.lock_path, changes=lock.is_changed)
        return Built(outcome, (*around, *diagnostics), ending, self.kept)
