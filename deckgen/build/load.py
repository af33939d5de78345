"""What every build begins with: a project's lock, its documents, its rules, and what its notes are made with."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from deckgen.build.compile import CompileOptions, languages_of, with_line
from deckgen.build.workers import CompileError
from deckgen.diagnostics import Diagnostic, Span, define, has_errors
from deckgen.diagnostics.paths import shown_path
from deckgen.extraction.settings import Folder, Settings
from deckgen.identity.lock import Lock, new_lock, parse_lock
from deckgen.markdown.dialects import OBSIDIAN
from deckgen.markdown.document import Document, read_document
from deckgen.model import Source
from deckgen.project.config import own_note_types
from deckgen.project.project import Project, reread
from deckgen.rendering.embeds import EmbeddedNotes
from deckgen.rendering.media import ProjectFiles
from deckgen.rendering.note import RenderOptions
from deckgen.rules.shipped import PACK_LANGUAGES, PackText, read_shipped

if TYPE_CHECKING:
    from deckgen.rules.rule import RuleSet

define(
    "error",
    other_project="deck.yaml and deck.lock name different projects: with another `id` every note would be a new one.",
)


class Inputs(Struct, frozen=True):
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


def read_inputs(project: Project, *, only_chosen: bool = False) -> tuple[Inputs, list[Diagnostic]]:
    """Parse the sources, the lock and the rules of a project, and tell all that is wrong with them. `only_chosen`: the
    sources that the command line names, where it needs no others to know the rules.
    """
    from deckgen.build.rule_cache import read_rules

    reported: list[Diagnostic] = []
    documents: list[Document] = []
    placed = placing(project)
    part = project.chosen if only_chosen and project.packs is not None else None
    for source in project.sources:
        if part is not None and source.path not in part:
            continue
        document, problems = read_document(source, project.config.language, project.config.dialect)
        documents.append(document)
        reported.extend(placed(with_line(problem, document)) for problem in problems)
    lock, problems = read_lock(project)
    reported.extend(problems)
    packs = project.packs if project.packs is not None else choose_packs(documents, lock.header.rules)
    rules, problems = read_rules(packs, project.config.field_names)
    reported.extend(problems)
    return Inputs(project, tuple(documents), lock, rules, _settings(project, documents), placed), reported


def compile_options_of(
    project: Project, identity: str, packs: tuple[PackText, ...], documents: Sequence[Document] = ()
) -> CompileOptions:
    """What the notes of a project are made with. `identity`: what its lock calls it; `documents`: those of a project
    that is one note, or some of another.
    """
    config = project.config
    rendering = RenderOptions(config.html, own_note_types(config, identity), config.tts)
    settings = _settings(project, documents)
    return CompileOptions(packs, settings, rendering, config.field_names, config.language, identity, config.dialect)


def files_of(project: Project) -> ProjectFiles:
    """The files that notes name: pictures, sounds, and in Obsidian other notes."""
    config = project.config
    if config.dialect.name != OBSIDIAN:
        return ProjectFiles(project.root, folders=config.media)
    sources = {source.path: source for source in project.sources}

    def read(path: str) -> Document | None:
        source = sources[path]
        text = source.text if source.is_read else reread(project, source)[0]
        return None if text is None else read_document(Source(path, text), config.language, config.dialect)[0]

    return ProjectFiles(project.root, folders=config.media, notes=EmbeddedNotes(tuple(sources), read))


def read_again(project: Project, source: Source) -> Source:
    """A source that need not have been read, had the cache known what came of it. Raises `CompileError`."""
    text, problems = reread(project, source)
    if text is None:
        raise CompileError(problems)
    return Source(source.path, text)


_SAMPLE = 48  # sources, of all parts of the project


def some_of(sources: Sequence[Source]) -> Sequence[Source]:
    """As many as tell the languages of all."""
    return sources[:: len(sources) // _SAMPLE + 1]


def languages_in(sources: Iterable[Source], declared: str) -> set[str]:
    """The languages of some sources; `declared` is what deck.yaml says."""
    return {language for source in sources for language in languages_of(read_document(source, declared)[0])}


def _settings(project: Project, documents: Sequence[Document]) -> Settings:
    config = project.config
    deck = config.deck or _deck_name(project, documents)
    return Settings(
        deck,
        config.subdecks,
        config.tags,
        config.confidence,
        config.lists,
        config.vocabulary,
        folders=tuple(Folder(path, deck, tags) for path, (deck, tags) in config.folders.items()),
    )


def choose_packs(documents: Iterable[Document], before: Sequence[str] = ()) -> tuple[PackText, ...]:
    """The shipped packs for the languages of the notes; one that was chosen before stays."""
    languages: set[str] = set()
    for document in documents:
        languages |= languages_of(document)
    return packs_for(languages, before)


def packs_for(languages: Collection[str], before: Sequence[str] = ()) -> tuple[PackText, ...]:
    """The shipped packs for some languages; one that was chosen before stays."""
    names = [f"{language}/facts" for language in PACK_LANGUAGES]
    names = [name for name in names if name.partition("/")[0] in languages or name in before]
    names = [*names, *(name for name in before if name not in names and name != "structure"), "structure"]
    return tuple(pack for name in names if (pack := read_shipped(name)) is not None)


def placing(project: Project) -> Callable[[Diagnostic], Diagnostic]:
    """A step knows a source by its path in the project; a person wants the one from where they stand, and the line."""
    shown = cache(lambda path: shown_path(project.root / path))
    sources = {source.path: source for source in project.sources}

    @lru_cache(maxsize=64)
    def read(path: str) -> Document:
        source = sources[path]
        if not source.is_read:
            text, _ = reread(project, source)
            source = Source(path, text or "")
        return read_document(source)[0]

    def placed(diagnostic: Diagnostic) -> Diagnostic:
        span = diagnostic.span
        if span is None or span.path not in sources:
            return diagnostic
        if not diagnostic.line_text:
            diagnostic = with_line(diagnostic, read(span.path))
        return replace(diagnostic, span=replace(span, path=shown(span.path)))

    return placed


def _deck_name(project: Project, documents: Sequence[Document]) -> str:
    """Without a deck.yaml: the one note's title, or the folder's name."""
    title = documents[0].title if project.reads_alone and len(documents) == 1 else project.name
    name = " ".join(title.replace("::", ": ").replace('"', "'").split()).strip(": ")
    return name if name.lower() not in ("", "default") else "Notes"


def read_lock(project: Project) -> tuple[Lock, list[Diagnostic]]:
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
