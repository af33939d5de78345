"""The sources of a project, compiled into the store: those that changed, and what others owe to them decided anew."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial

from deckgen.build.admission import Admission
from deckgen.build.compile import CompileOptions, SourceDigest, facts_in
from deckgen.build.compile_key import compile_key
from deckgen.build.decisions import DecidedState
from deckgen.build.identify import NotIncrementalError, require
from deckgen.build.index_rows import choice_key
from deckgen.build.load import compile_options, languages_in, packs_for, read_again, some_of
from deckgen.build.note_index import NoteIndex
from deckgen.build.settling import Settling
from deckgen.build.unit import CompiledNote, CompiledSource
from deckgen.build.workers import Compiler
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.extraction.rivals import decide
from deckgen.extraction.signs import AS_IT_IS
from deckgen.identity.lock import Header, LockEntry
from deckgen.model import Draft, Guid
from deckgen.project.choices import RuleChoice
from deckgen.project.project import Project
from deckgen.rendering.media import ProjectFiles, collect_media


class CompiledProject:
    """What came of the sources, for the later stages to ask for one by one."""

    settling: Settling

    def __init__(self, project: Project, compiler: Compiler, header: Header, files: ProjectFiles) -> None:
        assert compiler.cache is not None
        self.project, self.compiler, self.store = project, compiler, compiler.cache
        self.header, self.files = header, files
        self.index: NoteIndex = self.store.index
        self.reported: list[Diagnostic] = []
        self.admission = Admission(project.choices, self.index.has_key, self.index.has_note, self.index.has_guid)
        self.compiled_now: list[str] = []

    def compile(self) -> CompileOptions:
        """Compile what changed into the store; what the notes are made with."""
        project, before = self.project, self.header.rules
        read = partial(read_again, project)
        sources, store, index = project.sources, self.store, self.index
        known = store.unchanged(sources, read)
        self.compiler.digests.update(known)
        languages = {language for path in known for language in store.languages(path)}
        packs = project.packs
        if packs is None:
            changed = [source for source in sources if source.path not in known]
            sample = languages_in(map(read, some_of(changed)), project.config.language)
            packs = packs_for(sample | languages, before)
        gone = index.indexed().keys() - {source.path for source in sources}
        is_whole = index.value("settled") != b"yes"
        index.remember("settled", b"")
        links = store.links(gone)
        digests: dict[str, SourceDigest] = {}
        while True:
            making = compile_options(project, self.header.project, packs)
            require(not has_errors(making.rules()[1]))
            environment = self.compiler.environment = compile_key(making)
            if index.value("environment") != environment.encode():
                known = {}
                index.remember("environment", environment.encode())
            known = {path: digest for path, digest in known.items() if store.is_compiled(path, environment)}
            if self.index_known(known):
                is_whole = True
            changed = [source for source in sources if source.path not in known]
            languages = {language for path in known for language in store.languages(path)}
            links |= store.links(source.path for source in changed)
            for path in self.admitted_otherwise() - {source.path for source in changed} - gone:
                digests[path] = self.index_digest(SourceDigest.of(self.unit(path)), known[path])
                links |= store.links([path])
            for digest in self.compiler.make_and_keep(changed, making, read):
                languages.update(digest.languages)
                self.compiled_now.append(digest.path)
                digests[digest.path] = self.index_digest(digest, self.compiler.digests[digest.path])
                store.commit(seldom=True)
            wanted = packs if project.packs is not None else packs_for(languages, before)
            if wanted == packs:
                break
            packs = wanted
        index.forget_sources(gone)
        self.settle_fronts(making, digests, links, gone, is_whole=is_whole)
        index.remember("settled", b"yes")
        store.commit()
        self.reported.extend(making.rules()[1])
        return making

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
        admitted = self.admission.gist(found)
        self.index.put_suggestions(found.path, self.admission.decided(found))
        self.index.put_facts(found.path, admitted.facts, digest)
        return admitted

    def admitted_otherwise(self) -> set[str]:
        """The sources with suggestions that became notes, or notes that become suggestions, since the last build."""
        return {
            path
            for path, fact, of, is_admitted in list(self.index.suggestions())
            if self.admission.admits(fact, of) != is_admitted
        }

    def suggestions_of_changed(self, retired: Sequence[LockEntry]) -> list[CompiledNote]:
        """The suggestions in which notes that a build would retire may stand, reworded."""
        if not retired:
            return []
        return [one for path in self.compiled_now for one in self.admission.left(self.unit(path))]

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

    def ordinals(self, unit: CompiledSource) -> list[tuple[int, bool]]:
        """The place of each settled note of a source among all that came of it, and whether it is as it came."""
        admitted = [one for one in enumerate(unit.prepared) if self.admission.is_note(one[1])]
        own = self.settling.outcomes.get(unit.path, {})
        return [
            (ordinal, place not in own)
            for place, (ordinal, _) in enumerate(admitted)
            if own.get(place, AS_IT_IS).held_for is None
        ]

    def settled(self, path: str) -> CompiledSource:
        """What came of a source."""
        notes = self.notes(path)
        return self.settling.settled(notes) if path in self.settling.outcomes else notes

    def notes(self, path: str) -> CompiledSource:
        """The notes of a source alone."""
        return self.admission.notes(self.unit(path))

    def unit(self, path: str) -> CompiledSource:
        """What came of a source, suggestions and all."""
        notes = self.store.unit(path, self.compiler.environment)
        if notes is None:
            raise NotIncrementalError
        return notes

    def settle_fronts(
        self,
        making: CompileOptions,
        digests: Mapping[str, SourceDigest],
        links: set[int],
        gone: Collection[str],
        *,
        is_whole: bool,
    ) -> None:
        """Decide on the fronts of changed sources, and of all that they owe something to, or owed."""
        store, index = self.store, self.index
        order = [source.path for source in self.project.sources]
        known = index.outcomes()
        group, left = set(digests), links | store.links(digests)
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
        decided = decide(signs)
        outcomes = {path: own for path, own in known.items() if path in order and path not in group}
        self.settling = Settling(making, {**outcomes, **decided})
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
