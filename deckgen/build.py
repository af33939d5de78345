"""The pipeline: a project as read → its notes, what changed, and the next lock. Nothing is written here."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from functools import cache, partial

from deckgen.config import own_note_types
from deckgen.deck_names import check_decks
from deckgen.diagnostics import Diagnostic, Span, define, has_errors, sort_diagnostics
from deckgen.documents import Block, Document, ListItem, Paragraph, inner_blocks, read_document
from deckgen.extraction import Settings, extract
from deckgen.identity import Identified, Scope, identify, leave_unseen, seen_digest
from deckgen.lock import Lock, format_lock, new_lock, parse_lock
from deckgen.media import ProjectFiles, collect_media
from deckgen.model import Draft, Guid, RenderedNote
from deckgen.note_types import BUILT_IN, NoteType, stamp
from deckgen.packs import PackText, read_shipped
from deckgen.project import Project, Request, open_project
from deckgen.rendering import RenderOptions, render_note
from deckgen.rules import RuleSet, load_rules
from deckgen.sentences import language_of
from deckgen.source_files import shown_path

define(
    "error",
    other_project="deck.yaml and deck.lock name different projects: with another `id` every note would be a new one.",
)

DEFAULT_PACKS = {"zh": "zh/facts", "en": "en/facts"}
"""The packs of a project that names none, by the language of its notes; `structure` comes after them."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about identities."""

    same: tuple[tuple[str, str], ...] = ()  # GUIDs: the old one, and that of the new note which it is
    refresh: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """One run of the pipeline, without an error. `notes` are those that are shown and packaged."""

    project: Project
    documents: tuple[Document, ...]
    rules: RuleSet
    identified: Identified
    notes: tuple[RenderedNote, ...]  # of the whole project, or of the sources that the command line names
    lock_before: Lock
    lock_text: str
    rendering: RenderOptions
    files: ProjectFiles
    diagnostics: tuple[Diagnostic, ...] = ()  # warnings

    @property
    def is_lock_new(self) -> bool:
        """Whether the project has no lock yet."""
        return self.project.lock_text is None

    @property
    def is_rendering_new(self) -> bool:
        """Whether HTML is made in another way than that of the notes sent before, which alone sends nothing again."""
        return self.lock_before.header.rendering not in ("", self.rendering.stamp)

    @property
    def note_types(self) -> tuple[NoteType, ...]:
        """All that notes of this build may have."""
        return tuple({t.name: t for t in (*BUILT_IN.values(), *self.rendering.note_types.values())}.values())


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that notes are made of, read and parsed: what every command begins with."""

    project: Project
    documents: tuple[Document, ...]
    lock: Lock
    rules: RuleSet
    settings: Settings
    placed: Callable[[Diagnostic], Diagnostic]  # a diagnostic of a source, with the path as a person wants it

    @property
    def chosen(self) -> tuple[Document, ...]:
        """The documents that the command line names; all where it names none."""
        chosen = self.project.chosen
        return tuple(document for document in self.documents if chosen is None or document.path in chosen)


def read_inputs(project: Project) -> tuple[Inputs, list[Diagnostic]]:
    """Parse the sources, the lock and the rules of a project, and tell all that is wrong with them."""
    told: list[Diagnostic] = []
    documents: list[Document] = []
    placed = _placing(project, documents)
    for source in project.sources:
        document, problems = read_document(source)
        documents.append(document)
        told.extend(map(placed, problems))
    lock, problems = _read_lock(project)
    told.extend(problems)
    packs = project.packs if project.packs is not None else choose_packs(documents, lock.header.rules)
    rules, problems = load_rules(packs, project.config.field_names)
    told.extend(problems)
    settings = Settings(
        project.config.deck or _deck_name(project, documents), project.config.subdecks, project.config.tags
    )
    return Inputs(project, tuple(documents), lock, rules, settings, placed), told


def open_and_run(request: Request, now: int, options: Options | None = None) -> tuple[Build | None, list[Diagnostic]]:
    """Read a project and run the pipeline over it; no build when there is an error anywhere."""
    project, diagnostics = open_project(request)
    if project is None:
        return None, sort_diagnostics(diagnostics)
    return run(project, now, options, diagnostics)


def run(
    project: Project, now: int, options: Options | None = None, diagnostics: Sequence[Diagnostic] = ()
) -> tuple[Build | None, list[Diagnostic]]:
    """Run all steps. `diagnostics` are those of reading the project, `now` is in seconds since 1970.

    Every step that still can runs after an error too, so that all errors are told at once; identity does not.
    """
    options = options or Options()
    inputs, problems = read_inputs(project)
    told = [*diagnostics, *problems]
    documents, lock, rules, placed = inputs.documents, inputs.lock, inputs.rules, inputs.placed
    extracted = extract(documents, rules, inputs.settings)
    told.extend(map(placed, extracted.diagnostics))
    files = ProjectFiles(project.root, folders=project.config.media)
    drafts: list[Draft] = []
    for draft in extracted.drafts:
        with_media, problems = collect_media(draft, files)
        drafts.append(with_media)
        told.extend(map(placed, problems))
    if not any(d.kind == "bad-deck-name" for d in told):
        told.extend(map(placed, check_decks(drafts)))
    own = own_note_types(project.config, lock.header.project)
    note_types, remembered, problems = stamp(own, lock.header.note_types, now)
    told.extend(problems)
    if has_errors(told):
        return None, sort_diagnostics(told)
    rendering = RenderOptions(project.config.html, note_types, project.config.tts)
    is_stamped = not lock.header.rendering or _is_all_refreshed(options, project)
    header = replace(
        lock.header,
        rules=() if project.packs is not None else rules.packs,
        rendering=rendering.stamp if is_stamped else lock.header.rendering,
        note_types=remembered,
    )
    scope = _scope(project, lock, rules, extracted.untried, options)
    identified = identify(drafts, replace(lock, header=header), scope, now)
    told.extend(map(placed, identified.diagnostics))
    rendered: dict[Guid, RenderedNote] = {}
    for note in identified.notes:
        with_cards, problems = render_note(note, rendering)
        told.extend(map(placed, problems))
        if with_cards is not None:
            rendered[note.guid] = with_cards
    identified = leave_unseen(identified, lock, partial(_seen, rendered, rendering), options.refresh)
    notes: list[RenderedNote] = []
    for note in identified.notes:
        origins = note.origins or (note.draft.origin,)
        if note.guid in rendered and (
            project.chosen is None or any(origin.span.path in project.chosen for origin in origins)
        ):
            shown = rendered[note.guid]
            notes.append(shown if shown.note is note else replace(shown, note=note))
    told = sort_diagnostics(told)
    if has_errors(told):
        return None, told
    build = Build(
        project=project,
        documents=documents,
        rules=rules,
        identified=identified,
        notes=tuple(notes),
        lock_before=lock,
        lock_text=format_lock(identified.lock),
        rendering=rendering,
        files=files,
        diagnostics=tuple(told),
    )
    return build, told


def _seen(rendered: Mapping[Guid, RenderedNote], options: RenderOptions, guid: Guid) -> str:
    """What is seen of a note, as a digest; nothing of one without a card."""
    note = rendered.get(guid)
    if note is None:
        return ""
    name = note.note.draft.note_type
    return seen_digest(note, options.note_type(name).field_names, is_own=name in options.note_types)


def choose_packs(documents: Iterable[Document], before: Sequence[str] = ()) -> tuple[PackText, ...]:
    """The shipped packs for the languages of the notes; one that was chosen before stays."""
    languages = languages_in(documents)
    names = [name for language, name in DEFAULT_PACKS.items() if language in languages or name in before]
    names = [*names, *(name for name in before if name not in names and name != "structure"), "structure"]
    return tuple(pack for name in names if (pack := read_shipped(name)) is not None)


def languages_in(documents: Iterable[Document]) -> set[str]:
    """Those of the documents, and of any paragraph in them: of each language that has a pack."""
    found: set[str] = set()
    for document in documents:
        found.add(document.language)
        blocks: list[Block] = list(document.blocks)
        while blocks and not found.issuperset(DEFAULT_PACKS):
            block = blocks.pop()
            if isinstance(block, (Paragraph, ListItem)) and block.text is not None and len(block.text.raw) >= 20:
                found.add(language_of(block.text.raw))
            blocks.extend(inner_blocks(block))
    return found


def _placing(project: Project, documents: Sequence[Document]) -> Callable[[Diagnostic], Diagnostic]:
    """A step knows a source by its path in the project; a person wants the one from where they stand, and the line."""
    shown = cache(lambda path: shown_path(project.root / path))
    by_path: dict[str, Document] = {}

    def placed(diagnostic: Diagnostic) -> Diagnostic:
        span = diagnostic.span
        if len(by_path) != len(documents):
            by_path.update((document.path, document) for document in documents)
        if span is None or span.path not in by_path:
            return diagnostic
        lines = by_path[span.path].lines
        line = lines[span.line - 1] if span.line <= len(lines) else ""
        return replace(
            diagnostic, span=replace(span, path=shown(span.path)), line_text=diagnostic.line_text or line[:2000]
        )

    return placed


def _deck_name(project: Project, documents: Sequence[Document]) -> str:
    """Without a deck.yaml: the one note's title, or the folder's name."""
    title = documents[0].title if project.reads_alone and len(documents) == 1 else project.name
    name = " ".join(title.replace("::", ": ").replace('"', "'").split()).strip(": ")
    return name if name.lower() not in ("", "default") else "Notes"


def _read_lock(project: Project) -> tuple[Lock, list[Diagnostic]]:
    """The lock on disk, or a new one. What its header calls the project holds, whatever else would be derived now."""
    wanted = project.config.id
    if project.lock_text is None:
        return new_lock(wanted or project.config.deck or _identity_of_folder(project)), []
    shown = shown_path(project.lock_path)
    lock, diagnostics = parse_lock(project.lock_text, shown)
    if wanted and not has_errors(diagnostics) and lock.header.project != wanted:
        message = f"deck.yaml says `id: {wanted}`, the lock is of `{lock.header.project}`"
        hint = f"write `id: {lock.header.project}` in deck.yaml; `deck:` may change at any time, `id:` never"
        diagnostics.append(Diagnostic("other-project", message, Span(shown), hint))
    return lock, diagnostics


def _identity_of_folder(project: Project) -> str:
    """What tells two folders named `notes` apart: the names of what was first built in them."""
    names = "\n".join(source.path for source in project.sources)
    return f"{project.name}-{hashlib.sha256(names.encode()).hexdigest()[:12]}"


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
    there = frozenset(path for path in others if (project.root / path).is_file())
    if project.has_config:
        unread, excluded = frozenset[str](), there
    else:
        unread, excluded = (others if project.reads_alone else there), frozenset[str]()
    identities = frozenset(rule.identity for rule in rules.rules)
    return Scope(read, unread, untried, options.same, options.refresh, excluded, identities)
