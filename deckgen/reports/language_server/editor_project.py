"""A deck project while its notes are open in an editor: what came of each source, kept up to date change by change.

The steps are those of a build, over the texts that the editor has: what did not change since the last build comes from
the store, which is only read; all else is compiled in memory, a source at a time. A key press costs one note.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.build.admission import Admission, admission_by_lock
from deckgen.build.compile import CompileOptions, ExtractedSource, extract_source, fact_of, prepare
from deckgen.build.compile_key import compile_key, text_digest
from deckgen.build.file_stamps import FileStamp, file_stamp
from deckgen.build.index_rows import FactRow
from deckgen.build.load import compile_options_of, files_of, languages_in, packs_for, read_lock, some_of
from deckgen.build.store import SourceCache, open_cache
from deckgen.build.unit import CompiledNote
from deckgen.diagnostics import Diagnostic, has_errors
from deckgen.identity.facts import make_guid, normalise_draft
from deckgen.identity.lock import Lock, new_lock
from deckgen.markdown.document import Document, read_document
from deckgen.model import Draft, Guid, Source, is_at_least
from deckgen.project.choices import NO_CHOICES
from deckgen.project.editor import unsaid_dialect
from deckgen.project.locate import Place, Request, keeps_cache, locate
from deckgen.project.project import Project, open_project, reread
from deckgen.project.source_files import leave_unread, unsaved_texts
from deckgen.rendering.media import ProjectFiles
from deckgen.reports.language_server.partial import changed_region, masked, merged_diagnostics, merged_drafts
from deckgen.reports.lint import LintIndex, with_severities
from deckgen.reports.lint_cards import without_place

QUICK_FROM = 2_500
"""Characters of a note of which only the changed section is read while somebody types."""


class SourceState(Struct):
    """What came of one source, as it was last read."""

    path: str
    digest: str
    drafts: tuple[Draft, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    languages: tuple[str, ...] = ()
    suggestions: Mapping[int, tuple[FactRow, str]] = field(default_factory=dict)  # by the places of drafts
    asked: tuple[Guid, ...] = ()  # of a note that is not open: what each draft's key asks for
    text: str | None = None  # of an open note
    is_whole: bool = True  # whether all of the text was tried, and not only the section that was changed


class EditorProject:
    """One project. `request` is the folder of its deck.yaml, or a note that is in no project."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.place: Place | None = None
        self.project: Project | None = None
        self.problems: list[Diagnostic] = []  # of deck.yaml, the rules, the lock, the choices
        self.compile_options: CompileOptions | None = None
        self.lock = new_lock("")
        self.admission: Admission = admission_by_lock(NO_CHOICES, self.lock)
        self._sources: dict[str, Source] = {}
        self.states: dict[str, SourceState] = {}
        self.index = LintIndex()
        self.generation = 0  # raised whenever what identity says may be another thing
        self._prepared: dict[str, dict[Draft, CompiledNote]] = {}  # of open notes: what is made of each draft
        self._known: dict[str, tuple[FileStamp, str]] = {}  # of each source: its file, and the digest of its text
        self._links: dict[str, str] | None = None  # of sources by where they really lie
        self._waiting: deque[str] = deque()
        self._texts: Mapping[str, str] = {}  # of open files, by their real paths
        self._environment = ""
        self._store: SourceCache | None = None

    # --- the project as a whole

    def open(self, texts: Mapping[str, str]) -> None:
        """Read deck.yaml, the rules, the lock and the names of all sources anew; the sources follow one by one."""
        self._texts = texts
        with unsaved_texts(texts):
            self.place, problems = locate(self.request)
            self._close_store()
            if self.place is not None and keeps_cache(self.place):
                self._store = open_cache(self.place.root)
            project, found = open_project(self.request, self._look) if self.place is not None else (None, [])
            problems = [*problems, *found]
            self.problems = problems
            if project is None:
                return
            lock, found = read_lock(project)
            problems.extend(found)
            self.project = project
            self._begin(project, lock)

    def _look(self, path: str, file: str, encoding: str) -> Source:
        """A source that is as it was read last, or else is read when its turn comes."""
        if self._store is None or (self._texts and os.path.realpath(file) in self._texts):
            return leave_unread(path)
        return self._store.look_only(path, file, encoding)

    def _begin(self, project: Project, lock: Lock) -> None:
        """Take over the settings, and have what does not fit them compiled anew."""
        packs = project.packs
        if packs is None:
            languages = {language for state in self.states.values() for language in state.languages}
            unread = [source for source in project.sources if source.path not in self.states]
            if self._store is not None:
                languages |= {one for source in unread for one in self._store.languages(source.path)}
            sample = [Source(source.path, self._text_of(source) or "") for source in some_of(unread)]
            languages |= languages_in(sample, project.config.language)
            packs = packs_for(languages, lock.header.rules)
        compile_options = compile_options_of(project, lock.header.project, packs, self._named_documents(project))
        rules_problems = compile_options.rules()[1]
        self.problems.extend(rules_problems)
        if has_errors(rules_problems) and self.compile_options is not None:
            return  # the last rules that were right hold on
        environment = compile_key(compile_options)
        if environment != self._environment:
            self.states, self.index, self._prepared = {}, LintIndex(), {}
        self.compile_options, self.lock, self._environment = compile_options, lock, environment
        self.admission = admission_by_lock(project.choices, lock)
        self.generation += 1
        there = {source.path for source in project.sources}
        for gone in self.states.keys() - there:
            self._drop(gone)
        self._sources = {source.path: source for source in project.sources}
        self._links = None
        open_first = sorted(project.sources, key=lambda source: self.real_path(source.path) not in self._texts)
        self._waiting = deque(source.path for source in open_first)

    def _named_documents(self, project: Project) -> list[Document]:
        """Of a note in no project: it names its deck."""
        if not project.reads_alone:
            return []
        text = self._text_of(project.sources[0]) if project.sources else None
        return [self._read(project, project.sources[0].path, text)] if text is not None else []

    def close(self) -> None:
        """Let go of files."""
        self._close_store()

    def _close_store(self) -> None:
        if self._store is not None:
            self._store.close()
            self._store = None

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.place.root if self.place is not None else Path()

    def real_path(self, path: str) -> str:
        """Where a source really lies."""
        return os.path.realpath(self.root / path)

    def source_at(self, real_path: str) -> str | None:
        """The source in a file; None where it is none."""
        root = os.path.realpath(self.root)
        if not real_path.startswith(root.rstrip(os.sep) + os.sep):
            return None
        path = os.path.relpath(real_path, root).replace(os.sep, "/")
        if path in self._sources:
            return path
        if self._links is None:
            self._links = {self.real_path(one): one for one in self._sources}
        return self._links.get(real_path)

    # --- source by source

    @property
    def is_loading(self) -> bool:
        """Whether sources wait to be looked at."""
        return bool(self._waiting)

    def load_one(self) -> bool:
        """Look at the next source; whether that was the last."""
        if not self._waiting or self.compile_options is None:
            self._waiting.clear()
            return True
        path = self._waiting.popleft()
        source = self._sources[path]
        real = self.real_path(path)
        state = self.states.get(path)
        if real in self._texts:
            text = self._texts[real]
            if state is None or state.digest != text_digest(text) or not state.is_whole:
                self._extract(path, text)
        else:
            stamp = file_stamp(real)
            known = self._known.get(path)
            is_same = state is not None and known is not None and known == (stamp, state.digest)
            if not is_same and not self._from_store(source):
                read = self._text_of(source)
                if read is None:
                    self._drop(path)
                elif state is None or state.digest != text_digest(read):
                    self._extract(path, read, keeps_text=False)
            if stamp is not None and (state := self.states.get(path)) is not None:
                self._known[path] = stamp, state.digest
        if not self._waiting:
            self.index.settle_all()
            self._close_store()
        return not self._waiting

    def _from_store(self, source: Source) -> bool:
        """Take over what the last build made of a source that did not change since."""
        store = self._store
        if store is None or not source.digest or not store.is_compiled(source.path, self._environment):
            return False
        unit = store.unit(source.path, self._environment, source.digest)
        if unit is None:
            return False
        suggestions = {i: (fact_of(one), one.suggested) for i, one in enumerate(unit.prepared) if one.suggested}
        drafts = tuple(one.draft for one in unit.prepared)
        asked = tuple(one.guid for one in unit.prepared)
        state = SourceState(source.path, source.digest, drafts, unit.diagnostics, unit.languages, suggestions, asked)
        self._put(state, stages=True)
        return True

    def _text_of(self, source: Source) -> str | None:
        """The text of a source that need not have been read; None where it cannot be had."""
        if source.is_read:
            return source.text
        assert self.project is not None or self.place is not None
        project = self.project
        if project is None:
            return None
        with unsaved_texts(self._texts):
            return reread(project, source)[0]

    def change(self, path: str, text: str, *, is_hurried: bool) -> None:
        """A note as it is now. Who is in a hurry has only the changed section of a long one tried, for now."""
        self._texts = {**self._texts, self.real_path(path): text}
        state = self.states.get(path)
        if state is not None and state.text == text and (state.is_whole or is_hurried):
            return
        if state is None or not is_hurried or state.text is None or len(text) < QUICK_FROM:
            self._extract(path, text)
            return
        before, now = state.text.split("\n"), text.split("\n")
        region = changed_region(before, now)
        if region is None:
            self._extract(path, text)
            return
        found = self._extracted(path, masked(now, region.first, region.last))
        drafts = merged_drafts(state.drafts, found.drafts, region)
        diagnostics = merged_diagnostics(state.diagnostics, found.diagnostics, region)
        self._take(ExtractedSource(path, state.languages, drafts, (), diagnostics), text, is_whole=False)

    def _extracted(self, path: str, text: str) -> ExtractedSource:
        assert self.compile_options is not None
        return extract_source(Source(path, text), self.compile_options)

    def _extract(self, path: str, text: str, *, keeps_text: bool = True) -> None:
        found = self._extracted(path, text)
        self._take(found, text, keeps_text=keeps_text)
        if self.project is not None and self.project.packs is None and self.compile_options is not None:
            wanted = {language for state in self.states.values() for language in state.languages}
            packs = packs_for(wanted, self.lock.header.rules)
            if {pack.name for pack in packs} - {pack.name for pack in self.compile_options.packs}:
                with unsaved_texts(self._texts):
                    self._begin(self.project, self.lock)  # a note in another language: its rules are tried everywhere

    def _take(self, found: ExtractedSource, text: str, *, is_whole: bool = True, keeps_text: bool = True) -> None:
        assert self.compile_options is not None
        level = self.compile_options.settings.confidence
        unsure = [i for i, draft in enumerate(found.drafts) if not is_at_least(draft.confidence, level)]
        suggestions = {}
        for ordinal in unsure:
            compiled = self.compiled(found.path, found.drafts[ordinal])
            suggestions[ordinal] = fact_of(compiled), compiled.suggested
        state = SourceState(
            found.path, text_digest(text), found.drafts, found.diagnostics, found.languages, suggestions
        )
        state.text, state.is_whole = (text if keeps_text else None), is_whole
        if not keeps_text:
            state.asked = tuple(self._guid_of(draft) for draft in found.drafts)
        self._put(state, stages=not keeps_text)
        if not keeps_text:
            self._prepared.pop(found.path, None)
        elif is_whole:
            keys = {without_place(draft) for draft in found.drafts}
            known = self._prepared.get(found.path, {})
            self._prepared[found.path] = {key: one for key, one in known.items() if key in keys}

    def _guid_of(self, draft: Draft) -> Guid:
        return make_guid(self.lock.header.project, (draft.kind, draft.identity, normalise_draft(draft).key), "")

    def _put(self, state: SourceState, *, stages: bool) -> None:
        self.states[state.path] = state
        notes = [draft for _, draft in self.notes(state)]
        if stages and self._waiting:
            self.index.stage(state.path, notes)
        else:
            self.index.put(state.path, notes)
        self.generation += 1

    def _drop(self, path: str) -> None:
        self.states.pop(path, None)
        self._prepared.pop(path, None)
        self.index.put(path, ())

    def forget_text(self, path: str, texts: Mapping[str, str]) -> None:
        """A note is closed: what counts is the file again."""
        self._texts = texts
        if path not in self._waiting and path in self._sources:
            self._known.pop(path, None)
            self._sources[path] = leave_unread(path)
            self._waiting.append(path)

    # --- what came of a source

    def notes(self, state: SourceState) -> Iterator[tuple[int, Draft]]:
        """The drafts that are notes, with their places among all that came of the source."""
        for ordinal, draft in enumerate(state.drafts):
            suggestion = state.suggestions.get(ordinal)
            if suggestion is None or self.admission.admits(*suggestion):
                yield ordinal, draft

    def suggested(self, state: SourceState) -> list[Draft]:
        """The drafts that are suggestions which nobody decided on."""
        taken = {ordinal for ordinal, _ in self.notes(state)}
        return [draft for ordinal, draft in enumerate(state.drafts) if ordinal not in taken]

    def compiled(self, path: str, draft: Draft) -> CompiledNote:
        """A draft with its normal form, rendered; made once while it stays the same."""
        assert self.compile_options is not None
        known = self._prepared.setdefault(path, {})
        key = without_place(draft)
        found = known.get(key)
        if found is None:
            found = known[key] = prepare(draft, self.compile_options)
        return found if found.draft is draft else replace(found, draft=draft)

    def document(self, path: str, text: str) -> Document:
        """A text as rules see it."""
        assert self.project is not None
        return self._read(self.project, path, text)

    def _read(self, project: Project, path: str, text: str) -> Document:
        return read_document(Source(path, text), project.config.language, project.config.dialect)[0]

    def findings(self, path: str) -> list[Diagnostic]:
        """What lint finds in a source, and what is wrong with the source itself."""
        state = self.states.get(path)
        if state is None or self.project is None:
            return []
        found = with_severities(self.index.findings(path), self.project.config.lint)
        return [*state.diagnostics, *found]

    def project_findings(self) -> list[Diagnostic]:
        """What is wrong with deck.yaml, the rules, the lock and the choices."""
        if self.project is None:
            return self.problems
        return [*self.problems, *unsaid_dialect(self.project.root, self.project.config_text)]

    @property
    def files(self) -> ProjectFiles:
        """Pictures and sounds."""
        assert self.project is not None
        return files_of(self.project)


def project_around(path: Path) -> Request:
    """The project around a file: that of the nearest deck.yaml, else the file alone."""
    place, _ = locate(Request((path,)))
    if place is not None and keeps_cache(place):
        return Request((place.root,))
    return Request((path,))
