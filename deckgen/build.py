"""The pipeline: a project as read → its notes, what changed, the next lock and the package."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from deckgen.deck_names import check_decks
from deckgen.diagnostics import Diagnostic, Span, define, has_errors, sort_diagnostics
from deckgen.documents import Document, read_document
from deckgen.extraction import Settings, extract
from deckgen.identity import Identified, Scope, identify
from deckgen.lock import Lock, format_lock, new_lock, parse_lock
from deckgen.media import ProjectFiles, collect_media
from deckgen.model import Draft, RenderedNote
from deckgen.note_types import BUILT_IN, NoteType, stamp
from deckgen.packs import PackText, read_shipped
from deckgen.project import LOCK_NAME, Project, Request, open_project
from deckgen.rendering import RenderOptions, render_note
from deckgen.rules import RuleSet, load_rules
from deckgen.writing import write_pair

define(
    "error",
    other_project="deck.yaml and deck.lock name different projects: with another `id` every note would be a new one.",
    lost_lock="There is a package, but no deck.lock: a build now could give notes other identities than they have in Anki.",
)
define(
    "warning",
    lock_ignored="deck.lock is ignored by git, so that others, or you on another machine, would lose track of reworded notes.",
    lock_not_committed="This build, under CI, changes deck.lock: unless it is committed, each run sends the same notes as changed again.",
)

DEFAULT_PACKS = {"zh": "zh/facts", "en": "en/facts"}
"""The packs of a project that names none, by the language of its notes; `structure` comes after them."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about identities."""

    same: tuple[tuple[str, str], ...] = ()
    refresh: str | None = None


@dataclass(frozen=True, slots=True)
class Build:
    """One run of the pipeline. Nothing is written yet; nothing may be when a diagnostic is an error."""

    project: Project
    documents: tuple[Document, ...]
    rules: RuleSet
    identified: Identified
    lock_before: Lock
    lock_text: str
    rendering: RenderOptions
    files: ProjectFiles
    diagnostics: tuple[Diagnostic, ...] = ()
    _rendered: list[RenderedNote] = field(default_factory=list)

    @property
    def is_lock_new(self) -> bool:
        """Whether the project has no lock yet."""
        return self.project.lock_text is None

    @property
    def notes(self) -> tuple[RenderedNote, ...]:
        """The notes that are shown and packaged: all, or those of the sources that the command line names."""
        chosen = self.project.chosen
        if chosen is None:
            return tuple(self._rendered)
        return tuple(n for n in self._rendered if any(o.span.path in chosen for o in n.note.origins))


def read_now() -> int:
    """Seconds: `SOURCE_DATE_EPOCH` where it is set, the clock elsewhere."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(epoch) if epoch.isdigit() else int(time.time())


def run(project: Project, now: int, options: Options | None = None, diagnostics: Sequence[Diagnostic] = ()) -> Build:
    """Run all steps over a project. `diagnostics` are those of reading it."""
    options = options or Options()
    told = list(diagnostics)
    documents = []
    for source in project.sources:
        document, problems = read_document(source)
        documents.append(document)
        told.extend(_placed(problem, project) for problem in problems)
    lock, problems = _read_lock(project)
    told.extend(problems)
    packs = project.packs if project.packs is not None else choose_packs(documents, lock.header.rules)
    rules, problems = load_rules(packs, {name: t.field_names for name, t in project.config.note_types.items()})
    told.extend(problems)
    deck = project.config.deck or _deck_name(project, documents)
    settings = Settings(deck, project.config.subdecks, project.config.tags)
    extracted = extract(documents, rules, settings)
    told.extend(_placed(problem, project) for problem in extracted.diagnostics)
    files = ProjectFiles(project.root)
    drafts: list[Draft] = []
    for draft in extracted.drafts:
        with_media, problems = collect_media(draft, files)
        drafts.append(with_media)
        told.extend(_placed(problem, project) for problem in problems)
    told.extend(_placed(problem, project) for problem in check_decks(drafts))
    note_types, remembered, problems = stamp(project.config.note_types, lock.header.note_types, now)
    told.extend(problems)
    rendering = RenderOptions(project.config.html, note_types)
    header = replace(
        lock.header,
        rules=() if project.packs is not None else rules.packs,
        rendering=lock.header.rendering or rendering.stamp,
        note_types=remembered,
    )
    scope = Scope(frozenset(s.path for s in project.sources), project.unread, extracted.untried, options.same, options.refresh)
    identified = identify(drafts, replace(lock, header=header), scope, now)
    told.extend(identified.diagnostics)
    build = Build(project, tuple(documents), rules, identified, lock, format_lock(identified.lock), rendering, files)
    for note in identified.notes:
        rendered, problems = render_note(note, rendering)
        told.extend(_placed(problem, project) for problem in problems)
        if rendered is not None:
            build._rendered.append(rendered)
    return replace(build, diagnostics=tuple(sort_diagnostics(told)))


def open_and_run(request: Request, now: int, options: Options | None = None) -> tuple[Build | None, list[Diagnostic]]:
    """Read and run; without a build when there is no project to run."""
    project, diagnostics = open_project(request)
    if project is None:
        return None, sort_diagnostics(diagnostics)
    build = run(project, now, options, diagnostics)
    return build, list(build.diagnostics)


def choose_packs(documents: Sequence[Document], before: Sequence[str] = ()) -> tuple[PackText, ...]:
    """The shipped packs for the languages of the notes; one that was chosen before stays."""
    languages = {document.language for document in documents}
    names = [name for language, name in DEFAULT_PACKS.items() if language in languages or name in before]
    names = [*names, *(name for name in before if name not in names and name != "structure"), "structure"]
    return tuple(pack for name in names if (pack := read_shipped(name)) is not None)


def _placed(diagnostic: Diagnostic, project: Project) -> Diagnostic:
    """A step knows a source by its path in the project; a person wants the one from where they stand."""
    if diagnostic.span is None:
        return diagnostic
    shown = os.path.relpath(project.root / diagnostic.span.path)
    return replace(diagnostic, span=replace(diagnostic.span, path=shown))


def _deck_name(project: Project, documents: Sequence[Document]) -> str:
    """Without a deck.yaml: the one note's title, or the folder's name."""
    title = documents[0].title if len(documents) == 1 and not project.has_config else project.name
    return " ".join(title.replace("::", ": ").replace('"', "'").split()).strip(": ") or "Notes"


def _read_lock(project: Project) -> tuple[Lock, list[Diagnostic]]:
    """The lock on disk, or a new one."""
    names = ",".join(sorted(source.path for source in project.sources))
    identity = project.config.id if project.has_config else f"{project.name}:{names}"
    if project.lock_text is None:
        return new_lock(identity), []
    shown = os.path.relpath(project.lock_path)
    lock, diagnostics = parse_lock(project.lock_text, shown)
    if project.has_config and not has_errors(diagnostics) and lock.header.project != identity:
        diagnostics.append(
            Diagnostic(
                "other-project",
                f"deck.yaml says `id: {identity}`, the lock is of `{lock.header.project}`",
                Span(shown, 1),
                f"write `id: {lock.header.project}` in deck.yaml; `deck:` may change at any time, `id:` never",
            )
        )
    return lock, diagnostics


def check_surroundings(build: Build) -> list[Diagnostic]:
    """What about the files around a build would cost somebody their schedules."""
    project = build.project
    found: list[Diagnostic] = []
    if project.lock_text is None and project.package_path.exists():
        found.append(
            Diagnostic(
                "lost-lock",
                f"{os.path.relpath(project.package_path)} is there, {os.path.relpath(project.lock_path)} is not",
                hint=f"restore {LOCK_NAME} (from version control, or a backup); if no package of these notes was ever imported, delete the package",
            )
        )
    if build.lock_text != project.lock_text and os.environ.get("CI", "").lower() in ("1", "true") and project.lock_text is not None:
        found.append(Diagnostic("lock-not-committed", f"this build changes {os.path.relpath(project.lock_path)}", hint="build where the lock can be committed, and let CI run `deckgen build --check`"))
    if _is_ignored(project.lock_path):
        found.append(Diagnostic("lock-ignored", f"git ignores {os.path.relpath(project.lock_path)}", hint=f"take {LOCK_NAME} out of .gitignore and commit it beside the notes"))
    return found


def _is_ignored(path: Path) -> bool:
    if not any((folder / ".git").exists() for folder in path.resolve().parents):
        return False
    try:
        asked = subprocess.run(["git", "check-ignore", "-q", str(path.resolve())], cwd=path.resolve().parent, capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.SubprocessError):
        return False
    return asked.returncode == 0


def is_up_to_date(build: Build) -> bool:
    """Whether a build would change nothing: lock and package are as they would be written."""
    if build.lock_text != build.project.lock_text:
        return False
    target = build.project.package_path
    if not target.exists():
        return not build.project.is_package_chosen
    made = _make_package(build, target)
    try:
        return made.read_bytes() == target.read_bytes()
    finally:
        made.unlink(missing_ok=True)


def write(build: Build) -> list[Diagnostic]:
    """Write lock and package. Raises `LockChanged` when another build was faster."""
    project = build.project
    make = (lambda target: _make_package(build, target)) if build.notes else None
    return write_pair(project.lock_path, project.lock_text, build.lock_text, project.package_path, make)


def _make_package(build: Build, target: Path) -> Path:
    from deckgen.package import build_package

    return build_package(target, iter(build.notes), note_types_of(build), build.files)


def note_types_of(build: Build) -> Iterator[NoteType]:
    """The note types that notes of this build may have."""
    yield from {t.name: t for t in (*BUILT_IN.values(), *build.rendering.note_types.values())}.values()


