"""The pipeline: a project as read → its notes, what changed, and the next lock. Nothing is written here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import partial

from deckgen.build.admission import Admission, admission_by_lock, reworded
from deckgen.build.compile import CompileOptions, all_languages, fact_of, languages_of, render_compiled
from deckgen.build.counts import CardCheck
from deckgen.build.decisions import ProjectDecisions
from deckgen.build.in_memory_build import InMemoryBuild, seen_of
from deckgen.build.leaving import look_into
from deckgen.build.load import compile_options, files_of, packs_for, placing, read_again, read_lock, some_of
from deckgen.build.settling import settle_sources
from deckgen.build.unit import CompiledNote, CompiledSource, RenderedDraft
from deckgen.build.workers import CompileError, Compiler
from deckgen.diagnostics import Diagnostic, Span, has_errors, sort_diagnostics
from deckgen.extraction.other_ids import once
from deckgen.identity.facts import NormalForm, key_of, make_guid
from deckgen.identity.identify import identify, ignore_invisible_edits
from deckgen.identity.lock import Lock, format_lock
from deckgen.identity.scope import Scope
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Guid, Origin, RenderedNote, Source
from deckgen.project.choices import Choices
from deckgen.project.deck_names import check_decks
from deckgen.project.part import of_part
from deckgen.project.project import Project, Request, open_project
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rendering.note import RenderOptions
from deckgen.rendering.note_types import stamp
from deckgen.rules.rule import RuleSet


@dataclass(frozen=True, slots=True)
class Options:
    """What a command says about identities."""

    same: tuple[tuple[str, str], ...] = ()  # GUIDs: the old one, and that of the new note which it is
    refresh: str | None = None
    another: tuple[tuple[str, str], ...] = ()  # GUIDs: an old one, and that of a note which it is not
    takes_suggestions: bool = False  # whether every suggestion is a note


def open_and_run(
    request: Request, now: int, options: Options | None = None, maker: Compiler | None = None
) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    """Read a project and run the pipeline over it; no build when there is an error anywhere."""
    maker = maker or Compiler()
    project, diagnostics = open_project(request, maker.cache.look if maker.cache else None)
    if project is None:
        return None, sort_diagnostics(diagnostics)
    return run(project, now, options, diagnostics, maker)


def run(
    project: Project,
    now: int,
    options: Options | None = None,
    diagnostics: Sequence[Diagnostic] = (),
    maker: Compiler | None = None,
) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    """Run all steps. `diagnostics` are those of reading the project, `now` is in seconds since 1970.

    Every step that still can runs after an error too, so that all errors are reported at once; identity does not.
    """
    options = options or Options()
    reported = list(diagnostics)
    lock, problems = read_lock(project)
    reported.extend(problems)
    try:
        making, compiled = _make(project, lock, maker or Compiler())
    except CompileError as problem:
        return None, problem.diagnostics
    admission = admission_by_lock(project.choices, lock, takes_all=options.takes_suggestions)
    check = maker.check if maker is not None else _no_check
    with_lock = partial(_run, project, now, options, lock, making, compiled, check)
    build, found = with_lock(admission, reported)
    suggestions = [one for source in compiled for one in admission.left(source)] if build is not None else []
    candidates = reworded(build.identified.retired, suggestions) if build is not None else []
    if candidates:  # where they are no old notes after all, they are none
        tried, _ = with_lock(admission.with_others(map(fact_of, candidates)), reported)
        known = {_made_of(note.draft) for note in tried.identified.notes if note.change != "new"} if tried else set()
        paired = [one for one in candidates if _made_of(one.draft) in known]
        if paired:
            return with_lock(admission.with_others(map(fact_of, paired)), reported)
    return build, found


def _no_check(_draft: Draft) -> tuple[str, ...]:
    return ()


def _made_of(draft: Draft) -> tuple[Origin, str, str]:
    """What tells a draft from others, with or without its pictures."""
    return draft.origin, draft.rule, draft.question


def _run(
    project: Project,
    now: int,
    options: Options,
    lock: Lock,
    making: CompileOptions,
    compiled: Sequence[CompiledSource],
    check: CardCheck,
    admission: Admission,
    diagnostics: Sequence[Diagnostic],
) -> tuple[InMemoryBuild | None, list[Diagnostic]]:
    """What comes after the compiler."""
    reported = list(diagnostics)
    rules, problems = making.rules()
    reported.extend(problems)
    sources, held_apart = settle_sources([admission.notes(source) for source in compiled], making)
    placed = placing(project)
    files = files_of(project)
    drafts: list[Draft] = []
    normals: list[NormalForm] = []
    shown: dict[int, RenderedDraft | None] = {}
    for source in sources:
        reported.extend(map(placed, source.diagnostics))
        for prepared in source.prepared:
            draft, problems = collect_media(prepared.draft, files)
            drafts.append(draft)
            normals.append(prepared.normal)
            shown[id(draft)] = prepared.shown
            reported.extend(map(placed, problems))
    reported = once(reported, is_lock_new=not lock.lines)
    if not any(d.kind == "bad-deck-name" for d in reported):
        reported.extend(map(placed, check_decks(drafts)))
    note_types, remembered, problems = stamp(making.rendering.note_types, lock.header.note_types, now)
    reported.extend(problems)
    if has_errors(reported):
        return None, sort_diagnostics(reported)
    rendering = RenderOptions(project.config.html, note_types, project.config.tts)
    has_baseline = not lock.header.rendering or _is_all_refreshed(options, project)
    header = replace(
        lock.header,
        rules=() if project.packs is not None else rules.packs,
        rendering=rendering.stamp if has_baseline else lock.header.rendering,
        note_types=remembered,
        words=making.words,
    )
    untried = frozenset((source.path, identity) for source in sources for identity in source.untried)
    scope = _scope(project, lock, rules, untried, options)
    start = replace(lock, header=header)
    decisions = decisions_of(project, lock, files, rendering)
    identified = identify(drafts, start, scope, now, normals, decisions=decisions)
    leaving = look_into(identified.retired, project.sources, making, partial(read_again, project))
    if leaving.kept:
        for one in leaving.kept:
            draft, problems = collect_media(one.draft, files)
            reported.extend(map(placed, problems))
            place = _place_of(draft, drafts, [source.path for source in project.sources])
            drafts.insert(place, draft)
            normals.insert(place, one.normal)
            shown[id(draft)] = one.shown
        identified = identify(drafts, start, scope, now, normals, decisions=decisions)
    retired = {line.guid for line in identified.retired}
    reported.extend(placed(why) for guid, why in leaving.reasons if guid in retired)
    reported.extend(map(placed, identified.diagnostics))
    reported.extend(placed(problem) for note in identified.notes for problem in decisions.problems.get(note.guid, ()))
    rendered: dict[Guid, RenderedNote] = {}
    for note in identified.notes:
        with_cards, problems = render_compiled(note, shown.get(id(note.draft)), rendering)
        reported.extend(map(placed, problems))
        if with_cards is not None:
            rendered[note.guid] = with_cards
    identified = ignore_invisible_edits(identified, lock, partial(seen_of, rendered, rendering), options.refresh)
    notes: list[RenderedNote] = []
    for note in identified.notes:
        if note.guid in rendered and (project.chosen is None or project.chosen.has(note)):
            with_cards = rendered[note.guid]
            notes.append(with_cards if with_cards.note is note else replace(with_cards, note=note))
    reported = sort_diagnostics(_of_part(project, reported))
    if has_errors(reported):
        return None, reported
    stayed = {_made_of(one.draft) for one in leaving.kept}
    left = [one for source in compiled for one in admission.left(source)]
    build = InMemoryBuild(
        project=project,
        rules=rules,
        identified=identified,
        notes=tuple(notes),
        lock_before=lock,
        lock_text=format_lock(identified.lock),
        rendering=rendering,
        files=files,
        diagnostics=tuple(reported),
        held_apart=held_apart,
        decisions_gone=decisions.gone,
        check=check,
        suggested=tuple(one for one in left if _made_of(one.draft) not in stayed),
    )
    return build, reported


@dataclass(frozen=True, slots=True)
class CompiledProject:
    """The drafts of a project, before identity."""

    project: Project
    drafts: tuple[Draft, ...]
    placed: Callable[[Diagnostic], Diagnostic]  # a diagnostic of a source, with the path as a person wants it
    skipped: frozenset[tuple[Span, str]] = frozenset()  # places and rules of drafts that the learner skipped


def open_and_compile(request: Request, maker: Compiler) -> tuple[CompiledProject | None, list[Diagnostic]]:
    """Read a project and try the rules on it; no drafts when there is an error anywhere."""
    project, reported = open_project(request, maker.cache.look if maker.cache else None)
    if project is None:
        return None, sort_diagnostics(reported)
    lock, problems = read_lock(project)
    reported.extend(problems)
    try:
        making, sources = _make(project, lock, maker)
    except CompileError as problem:
        return None, problem.diagnostics
    reported.extend(making.rules()[1])
    placed = placing(project)
    reported.extend(placed(diagnostic) for source in sources for diagnostic in source.diagnostics)
    admission = admission_by_lock(project.choices, lock)
    prepared = [one for source in sources for one in admission.notes(source).prepared]
    reported = sort_diagnostics(_of_part(project, once(reported, is_lock_new=not lock.lines)))
    if has_errors(reported):
        return None, reported
    skipped = frozenset(_skipped(project.choices, lock, prepared))
    return CompiledProject(project, tuple(one.draft for one in prepared), placed, skipped), reported


def _of_part(project: Project, reported: Sequence[Diagnostic]) -> list[Diagnostic]:
    return of_part(reported, project.chosen, project.root, (source.path for source in project.sources))


def _skipped(choices: Choices, lock: Lock, prepared: Iterable[CompiledNote]) -> Iterator[tuple[Span, str]]:
    """Which drafts the learner skipped, as far as keys and texts tell."""
    guids = {guid for guid, choice in choices.notes.items() if choice.is_skipped}
    lines = [line for line in lock.lines if line.guid in guids]
    asked = {make_guid(lock.header.project, key_of(line), "") for line in lines} | guids
    digests = {(line.rule, line.digest) for line in lines}
    for one in prepared:
        draft = one.draft
        is_known = one.guid in asked or (draft.identity, one.normal.digest) in digests
        if is_known or choices.is_rule_off(draft.rule, draft.origin.span.path):
            yield draft.origin.span, draft.rule


def _place_of(draft: Draft, drafts: Sequence[Draft], order: Sequence[str]) -> int:
    """Where a draft belongs among all, which are in the order of the sources and of their texts."""
    of_path = {path: place for place, path in enumerate(order)}

    def rank(one: Draft) -> tuple[int, int, int]:
        span = one.origin.span
        return of_path[span.path], span.line, span.column

    return next((place for place, other in enumerate(drafts) if rank(other) > rank(draft)), len(drafts))


def _make(project: Project, lock: Lock, maker: Compiler) -> tuple[CompileOptions, list[CompiledSource]]:
    """What notes are made with, and what came of each source.

    Without `rules:` the languages of the notes say which packs are tried. Some sources are looked at before, and when
    it turns out that others are in another language, all are tried once more.
    """
    language = project.config.language
    sample = {source.path: read_document(source, language, project.config.dialect) for source in _sample(project)}
    documents = [document for document, _ in sample.values()]
    packs = project.packs
    if packs is None:
        languages = {language for document in documents for language in languages_of(document)}
        packs = packs_for(languages | maker.languages(project.sources), lock.header.rules)
    while True:
        making = compile_options(project, lock.header.project, packs, documents)
        found = maker.make(project.sources, making, partial(read_again, project), sample)
        if project.packs is not None:
            return making, found
        wanted = packs_for(all_languages(found), lock.header.rules)
        if wanted == packs:
            return making, found
        packs = wanted


def _sample(project: Project) -> Sequence[Source]:
    """The sources that have to be looked at before any rule is tried."""
    if project.packs is not None:
        return project.sources if project.reads_alone and len(project.sources) == 1 else ()
    return some_of([source for source in project.sources if not source.kept])


def _is_all_refreshed(options: Options, project: Project) -> bool:
    glob = options.refresh
    if glob is None or not glob.strip("*"):
        return glob is not None
    return all(fnmatchcase(source.path, glob) for source in project.sources)


def _scope(
    project: Project, lock: Lock, rules: RuleSet, untried: frozenset[tuple[str, str]], options: Options
) -> Scope:
    """What identity may conclude from what is missing. With a deck.yaml, a file that is no source is excluded; without
    one, a file that was named once and is there still was only not named now.
    """
    read = frozenset(source.path for source in project.sources)
    others = frozenset(line.path for line in lock.lines) - read
    there = frozenset(
        path for path in others if os.path.isfile(project.root / path)
    )  # a lock may name what no disk can hold
    if project.has_config:
        unread, excluded = frozenset[str](), there
    else:
        unread, excluded = (others if project.reads_alone else there), frozenset[str]()
    identities = frozenset(rule.identity for rule in rules.rules)
    return Scope(
        read,
        unread,
        untried,
        options.same,
        options.refresh,
        excluded,
        identities,
        options.another,
        project.choices.same,
        project.choices.another,
    )


def decisions_of(project: Project, lock: Lock, files: ProjectFiles, rendering: RenderOptions) -> ProjectDecisions:
    """The learner's choices, for a build with that lock."""
    known = frozenset(line.guid for line in lock.lines) if project.choices.notes else frozenset[str]()
    return ProjectDecisions(project.choices, known.__contains__, files, rendering)
