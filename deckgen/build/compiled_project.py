"""The sources of a project, compiled into the store: those that changed, and what others owe to them decided anew."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import NamedTuple

import msgspec

from deckgen.build.admission import Admission
from deckgen.build.compile import CompileOptions, Read, SourceDigest, facts_in, languages_of
from deckgen.build.compile_key import compile_key, outline_key, text_digest
from deckgen.build.decisions import DecidedState
from deckgen.build.index_rows import choice_key
from deckgen.build.load import compile_options_of, packs_for, read_again, some_of
from deckgen.build.note_index import NoteIndex
from deckgen.build.settling import Settling
from deckgen.build.skips import Mark, SkippedText, Skips, lost_among, mark_of
from deckgen.build.store import SourceCache
from deckgen.build.unit import CompiledNote, CompiledSource
from deckgen.build.workers import Compiler
from deckgen.diagnostics import Diagnostic
from deckgen.extraction.rival_values import AS_IT_IS
from deckgen.extraction.rivals import decide_without
from deckgen.identity.lock import Header
from deckgen.markdown.document import Document, read_document
from deckgen.model import Draft, Guid, Source
from deckgen.project.choices import NO_CHOICES, RuleChoice
from deckgen.project.project import Project
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rules.shipped import PackText


class DamagedStoreError(Exception):
    """The store has not got what it should have."""


class SettledNote(NamedTuple):
    """A note as it is asked; `ordinal` is its place among all that came of its source, -1 for none."""

    ordinal: int
    is_as_compiled: bool
    compiled: CompiledNote


def _place(one: CompiledNote) -> tuple[int, int]:
    span = one.draft.origin.span
    return span.line, span.column


class CompiledProject:
    """What came of the sources, for the later stages to ask for one by one."""

    settling: Settling

    def __init__(
        self, project: Project, compiler: Compiler, store: SourceCache, lock: Header, files: ProjectFiles
    ) -> None:
        self.project, self.compiler, self.store, self.lock, self.files = project, compiler, store, lock, files
        self.index: NoteIndex = store.index
        self.admission = Admission(project.choices, self.index.has_key, self.index.has_note, self.index.has_guid)
        self.skips = Skips(project.choices)
        self._live_skips: Sequence[int] = ()  # what the texts of live lines of skipped notes are found by
        self.compile_options: CompileOptions
        self.environment = ""  # what the notes were made with
        self.digests: dict[str, str] = {}  # of the texts of sources
        self.made_after_all: dict[str, list[CompiledNote]] = {}  # notes that a bound alone keeps out of a source
        self._held: dict[tuple[str, str], CompiledSource] = {}
        self._holds_all = False

    def compile(self) -> None:
        """Compile what changed into the store, and decide anew on what it owes to others."""
        sources, store, index = self.project.sources, self.store, self.index
        known = store.unchanged(sources, self.read)
        self.digests.update(known)
        parsed = self._parsed_before([source for source in sources if source.path not in known])
        documents = [document for document, _ in parsed.values()]
        gone = index.indexed().keys() - {source.path for source in sources}
        is_whole = index.value("settled") != b"yes"
        skipped_otherwise = self._read_skips()
        is_whole = is_whole or skipped_otherwise is None
        links = store.links(gone)
        digests: dict[str, SourceDigest] = {}
        packs, wanted = None, self._packs_for(self._languages(known).union(*map(languages_of, documents)))
        while packs != wanted:
            packs = wanted
            known = self._known_with(packs, documents, known)
            is_whole = self.index_known(known) or is_whole
            changed = [source for source in sources if source.path not in known]
            if changed:
                index.remember("settled", b"")  # for a build that is interrupted
            links |= store.links(source.path for source in changed)
            for path in self._admitted_otherwise() & known.keys():
                digests[path] = self.index_digest(SourceDigest.of(self.unit(path)), known[path])
                links |= store.links([path])
            for digest in self._compiled(changed, parsed):
                digests[digest.path] = self.index_digest(digest, self.digests[digest.path])
                store.commit(seldom=True)
            wanted = self._packs_for(self._languages(known).union(*(one.languages for one in digests.values())))
        index.forget_sources(gone)
        self.settle_fronts(digests, links, gone, (skipped_otherwise or set()) - gone, is_whole=is_whole)
        index.remember("settled", b"yes")
        store.commit()

    def rule_problems(self) -> list[Diagnostic]:
        """What is wrong with the rules, which are not read again where they were in order."""
        if self.index.value("rules in order").decode() == self.environment:
            return []
        _, found = self.compile_options.rules()
        if not found:
            self.index.remember("rules in order", self.environment.encode())
        return found

    def _languages(self, known: Iterable[str]) -> set[str]:
        """Those of sources that are in the store."""
        return {language for path in known for language in self.store.languages(path)}

    def _packs_for(self, languages: Collection[str]) -> tuple[PackText, ...]:
        """The packs that the project names, else those for its languages."""
        packs = self.project.packs
        return packs if packs is not None else packs_for(languages, self.lock.rules)

    def _known_with(
        self, packs: tuple[PackText, ...], documents: Sequence[Document], known: Mapping[str, str]
    ) -> dict[str, str]:
        """Compile with some packs from now on; the sources of which the store has what these make. `documents`: those
        that are parsed already.
        """
        project, store, index = self.project, self.store, self.index
        named_by = documents if project.reads_alone and len(project.sources) == 1 else []
        compile_options = self.compile_options = compile_options_of(project, self.lock.project, packs, named_by)
        environment = self.environment = compile_key(compile_options)
        if (last := index.value("environment").decode()) != environment:
            known = {path: digest for path, digest in known.items() if store.is_compiled(path, last)}
            templates = compile_options.rules()[0].templates
            store.made_with = store.made_with.followed_by(environment, outline_key(compile_options), templates)
            index.remember("made with", store.made_with.written)
            index.remember("environment", environment.encode())
        return {path: digest for path, digest in known.items() if store.is_compiled(path, environment)}

    def _parsed_before(self, changed: Sequence[Source]) -> dict[str, Read]:
        """The sources that have to be looked at before any rule is tried: some tell the languages of all, and a note
        that is read alone names its deck.
        """
        project = self.project
        if project.packs is None:
            sample = some_of(changed)
        elif project.reads_alone and len(project.sources) == 1:
            sample = project.sources
        else:
            return {}
        config = project.config
        return {one.path: read_document(self.read(one), config.language, config.dialect) for one in sample}

    def read(self, source: Source) -> Source:
        """A source with its text, whose digest is known from then on."""
        found = source if source.is_read else read_again(self.project, source)
        self.digests[source.path] = text_digest(found.text)
        return found

    def _size(self, source: Source) -> int:
        """About how many characters a source has."""
        state = None if source.is_read else self.store.scanned_stamp(source.path)
        return state[0] // 2 if state is not None else len(source.text)

    def _compiled(self, sources: Sequence[Source], parsed: Mapping[str, Read]) -> Iterator[SourceDigest]:
        """Compile some sources into the store; the digest of what came of each, in any order."""
        for made, data in self.compiler.compile_all(sources, self.compile_options, parsed, self.read, self._size):
            self.store.put(made, self.digests[made.path], self.environment, data)
            yield made

    def _read_skips(self) -> set[str] | None:
        """Find out which drafts are skipped; the sources where these are others than before, None for all."""
        index, choices = self.index, self.project.choices
        skipped = {guid for guid, choice in choices.notes.items() if choice.is_skipped}
        found = index.texts_of_lines(skipped)
        self._live_skips = [text for _, text, _, is_retired in found if not is_retired]
        texts_now = frozenset((text, answer) for _, text, answer, _ in found)
        self.skips = Skips(choices, texts_now, lost_among(choices, skipped - {guid for guid, *_ in found}))
        before = index.value("skips") or msgspec.msgpack.encode(Skips(NO_CHOICES).state)
        index.remember("skips", now := msgspec.msgpack.encode(self.skips.state))
        if now == before:
            return set()
        texts, lost, rules = msgspec.msgpack.decode(
            before, type=tuple[set[SkippedText], set[str], set[tuple[str, str]]]
        )
        paths: set[str] = set()
        for text, _ in texts ^ self.skips.texts:
            paths |= (at := index.paths_saying(text))
            if not at:  # of a note that is held back, or gone
                return None
        if lost ^ self.skips.lost:
            return None
        changed = [RuleChoice(*one) for one in rules ^ {(one.rule, one.path) for one in choices.rules}]
        return paths | {path for path in index.indexed() if any(one.is_about(path) for one in changed)}

    @property
    def are_skips_known(self) -> bool:
        """Whether every skipped note is there as its line has it: else one was edited, or left."""
        return all(self.index.paths_saying(text) for text in self._live_skips)

    def _skipped_places(self, path: str) -> frozenset[int]:
        """The places of skipped drafts among the notes of a source."""
        skips = self.skips
        if not (skips.texts or skips.lost or any(one.is_about(path) for one in skips.choices.rules)):
            return frozenset()
        return skips.places(self.notes(path))

    def skipped_ordinals(self, path: str) -> frozenset[int]:
        """The places of skipped drafts among all that came of a source."""
        if not (places := self._skipped_places(path)):
            return frozenset()
        admitted = [ordinal for ordinal, one in enumerate(self.unit(path).prepared) if self.admission.is_note(one)]
        return frozenset(admitted[place] for place in places)

    def index_known(self, known: Mapping[str, str]) -> bool:
        """Index what was compiled by builds that do not index; whether there was anything."""
        indexed = self.index.indexed()
        is_any = False
        for path, digest in known.items():
            if indexed.get(path) != digest:
                self.index_digest(SourceDigest.of(self.unit(path)), digest)
                is_any = True
        return is_any

    def index_digest(self, found: SourceDigest, digest: str) -> SourceDigest:
        """Index what came of a source; that of its notes alone."""
        admitted = self.admission.notes_in(found)
        self.index.suggestions.put(found.path, self.admission.decided(found))
        self.index.put_facts(found.path, admitted.facts, digest)
        return admitted

    def _admitted_otherwise(self) -> set[str]:
        """The sources with suggestions that became notes, or notes that become suggestions, since the last build."""
        suggestions, admission = self.index.suggestions, self.admission
        named = suggestions.named(self.project.choices.notes, admission.lost)
        known = chain(suggestions.admitted_otherwise(), named)
        return {path for path, fact, of, is_admitted in list(known) if admission.admits(fact, of) != is_admitted}

    def suggestions(self, paths: Iterable[str]) -> list[CompiledNote]:
        """The suggestions of some sources that nobody decided on."""
        return [one for path in paths for one in self.admission.left(self.unit(path))]

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

    def settled_notes(self, path: str) -> list[SettledNote]:
        """The notes of a source as they are asked, in order."""
        admitted = [one for one in enumerate(self.unit(path).prepared) if self.admission.is_note(one[1])]
        own = self.settling.outcomes.get(path, {})
        places = [
            (ordinal, place not in own)
            for place, (ordinal, _) in enumerate(admitted)
            if own.get(place, AS_IT_IS).held_for is None
        ]
        compiled = self.settled(path).prepared
        found = [SettledNote(*place, one) for place, one in zip(places, compiled, strict=True)]
        for one in self.made_after_all.get(path, ()):
            later = (i for i, other in enumerate(found) if _place(other.compiled) > _place(one))
            found.insert(next(later, len(found)), SettledNote(-1, False, one))
        return found

    def made_of(self, path: str) -> frozenset[Mark]:
        """What tells the drafts of a source that are notes from others."""
        return frozenset(mark_of(one) for _, _, one in self.settled_notes(path))

    def settled(self, path: str) -> CompiledSource:
        """What came of a source."""
        notes = self.notes(path)
        return self.settling.settled(notes) if path in self.settling.outcomes else notes

    def settle_all(self, admission: Admission, skips: Skips) -> None:
        """Have all notes at hand, and settle them anew with those suggestions that are notes, and those skips."""
        sources = self.all_notes(admission)
        self.made_after_all, self.skips = {}, skips
        signs = [(one.path, [n.sign for n in one.prepared]) for one in sources]
        self.settling = Settling(
            self.compile_options, decide_without(signs, {s.path: self.skips.places(s) for s in sources})
        )

    def all_notes(self, admission: Admission) -> list[CompiledSource]:
        """The notes of all sources as they came, which are at hand from then on."""
        self.admission, self._holds_all = admission, True
        return [self.notes(source.path) for source in self.project.sources]

    def index_settled(self) -> None:
        """Have the index know what became of all notes, where they were settled anew."""
        index, known, indexed = self.index, self.index.outcomes(), self.index.indexed()
        suggestions, admits = list(index.suggestions.all()), self.admission.admits
        otherwise = {path for path, fact, of, is_admitted in suggestions if admits(fact, of) != is_admitted}
        for path in [source.path for source in self.project.sources]:
            own = self.settling.outcomes.get(path, {})
            if path in otherwise:
                index.suggestions.put(path, self.admission.decided(SourceDigest.of(self.unit(path))))
            if path in otherwise or own != known.get(path, {}):
                index.put_facts(path, facts_in(self.settled(path)), indexed[path])
                index.put_outcomes(path, own)

    def notes(self, path: str) -> CompiledSource:
        """The notes of a source alone."""
        return self.admission.notes(self.unit(path))

    def unit(self, path: str) -> CompiledSource:
        """What came of a source, suggestions and all. That of the last one, or of all once they are settled, is at
        hand.
        """
        key = path, self.environment
        if key not in self._held:
            notes = self.store.unit(path, self.environment)
            if notes is None:
                raise DamagedStoreError
            if not self._holds_all:
                self._held.clear()
            self._held[key] = notes
        return self._held[key]

    def settle_fronts(
        self,
        digests: Mapping[str, SourceDigest],
        links: set[int],
        gone: Collection[str],
        skipped_otherwise: Collection[str],
        *,
        is_whole: bool,
    ) -> None:
        """Decide on the fronts of changed sources, and of all that they owe something to, or owed."""
        store, index = self.store, self.index
        order = dict.fromkeys(source.path for source in self.project.sources)
        known = index.outcomes()
        group = {*digests, *skipped_otherwise}
        left = links | store.links(group)
        while left and not is_whole:
            more = store.linked(left) - group - set(gone)
            group |= more
            left = store.links(more)
        group = set(order) if is_whole else group
        signs = [
            (path, digests[path].signs if path in digests else [one.sign for one in self.notes(path).prepared])
            for path in order
            if path in group
        ]
        decided = decide_without(signs, {path: self._skipped_places(path) for path, _ in signs})
        outcomes = {path: own for path, own in known.items() if path in order and path not in group}
        self.settling = Settling(self.compile_options, {**outcomes, **decided})
        indexed = index.indexed()
        for path in gone:
            index.put_outcomes(path, {})
        for path, _ in signs:
            own = decided.get(path, {})
            if own or known.get(path):
                index.put_facts(path, facts_in(self.settled(path)), indexed[path])
            index.put_outcomes(path, own)

    def drafts_of(self, paths: Collection[str], asked: Collection[Guid]) -> Iterator[tuple[Draft, CompiledNote]]:
        """The drafts of some keys, in order."""
        for source in self.project.sources:
            if source.path in paths:
                for prepared in self.settled(source.path).prepared:
                    if prepared.guid in asked:
                        yield self.with_media(prepared)[0], prepared

    def with_media(self, prepared: CompiledNote) -> tuple[Draft, Sequence[Diagnostic]]:
        """A draft with its pictures, and what there is to report of them."""
        return (prepared.draft, ()) if prepared.shown else collect_media(prepared.draft, self.files)
