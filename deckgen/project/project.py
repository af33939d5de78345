"""The disk → a project: deck.yaml, sources, rule packs and lock, everything read once."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.diagnostics.yaml import YamlNode
from deckgen.model import Source
from deckgen.project.choices import CHOICES_LIMIT, NO_CHOICES, Choices, choices_path, parse_choices
from deckgen.project.config import Config, parse_config
from deckgen.project.editor import dialect_of, guessed_dialect
from deckgen.project.globs import glob_expression
from deckgen.project.locate import (
    LOCK_NAME,
    Place,
    Request,
    is_there,
    keeps_cache,
    locate,
    outside_project,
    root_of,
)
from deckgen.project.output import default_package, file_name, followed, package_target
from deckgen.project.packs import PACK_LIMIT, read_packs
from deckgen.project.part import Part, part_of
from deckgen.project.source_files import (
    CONFIG_NAME,
    Look,
    SourceFile,
    find_sources,
    read_sources,
    read_start,
    read_text,
)
from deckgen.rules.shipped import PackText

__all__ = [
    "LOCK_NAME",
    "PACK_LIMIT",
    "Place",
    "Project",
    "Request",
    "keeps_cache",
    "locate",
    "note_types_around",
    "open_folder",
    "open_project",
    "reread",
    "stands_in_project",
]

ALL_NOTES = "**/*.{md,markdown,MD,Markdown}"
"""The notes of a folder without a deck.yaml."""

define(
    "warning",
    empty_pattern="A pattern of `sources` matches no file.",
)

LOCK_LIMIT = 2 * 1024**3
"""Bytes of a lock: that of four million notes."""
_BEGINNING = 4096  # bytes that show whether a file is text


class Project(Struct, frozen=True):
    """A deck project as the disk has it, with or without a deck.yaml."""

    root: Path
    config: Config
    has_config: bool
    sources: tuple[Source, ...]  # read in full, in order of their paths
    packs: tuple[PackText, ...] | None  # None: chosen by the language of the notes
    lock_path: Path  # this and the package: no link, and named by the command line or really in the project
    lock_text: str | None
    package_path: Path
    chosen: Part | None = None  # what the command line names of the sources; None for all
    is_package_chosen: bool = False  # `-o`
    is_package_unclear: bool = False  # several parts of the project are named, and no `-o`
    config_text: str = ""  # of deck.yaml
    reads_alone: bool = False  # without a deck.yaml: the files named, not their folder
    choices: Choices = NO_CHOICES  # what the learner decided about notes
    choices_text: str | None = None  # of deck.choices.yaml; None where there is none

    @property
    def name(self) -> str:
        """What the project is called where it does not say: its folder's name."""
        return self.root.resolve().name or "Notes"


def open_project(
    request: Request, look: Look | None = None, *, reads_lock: bool = True
) -> tuple[Project | None, list[Diagnostic]]:
    """Read a project. `look` tells which sources need not be read; a lock that is there, and not read, is empty."""
    place, diagnostics = locate(request)
    if place is None:
        return None, diagnostics
    if (place.root / CONFIG_NAME).is_file():
        return _open_with_config(place.root, place.paths, request, look, reads_lock=reads_lock)
    return _open_without_config(place.root, place.paths, request, look, reads_lock=reads_lock)


def reread(project: Project, source: Source) -> tuple[str | None, list[Diagnostic]]:
    """The text of a source that was not read."""
    return read_text(project.root / source.path, project.config.encoding)


def with_lock_text(project: Project) -> tuple[Project, list[Diagnostic]]:
    """The project with the text of a lock that is there and was not read."""
    text, diagnostics = _lock_text(project.lock_path)
    return replace(project, lock_text=text), diagnostics


def note_types_around(path: Path) -> dict[str, tuple[str, ...]]:
    """The fields of the own note types of the deck project that a rule file belongs to; none where it is in none."""
    root = root_of(path)
    config_path = root / CONFIG_NAME
    is_own = config_path.is_file() and not leads_outside(config_path, root)
    text = read_text(config_path, limit=PACK_LIMIT)[0] if is_own else None
    return {} if text is None else parse_config(text, shown_path(config_path))[0].config.field_names


def stands_in_project(folder: Path) -> bool:
    """Whether a folder belongs to a project with a deck.yaml."""
    return (root_of(folder) / CONFIG_NAME).is_file()


def open_folder(folder: Path) -> tuple[Project | None, list[Diagnostic]]:
    """Read a folder of notes as it is, whatever project is around it: what `init` begins with."""
    return _open_without_config(folder, [folder], Request())


class _Configured(Struct, frozen=True):
    """What a deck.yaml says, with the packs that it names."""

    config: Config
    packs: tuple[PackText, ...] = ()
    node: YamlNode | None = None
    has_sources: bool = True
    text: str = ""


def _read_configuration(root: Path) -> tuple[_Configured | None, list[Diagnostic]]:
    config_path = root / CONFIG_NAME
    text, diagnostics = read_text(config_path, limit=PACK_LIMIT)
    if text is None:
        return None, diagnostics
    read, problems = parse_config(text, shown_path(config_path))
    config, node = read.config, read.node
    diagnostics.extend(problems)
    if not config.deck:
        config = replace(config, deck=root.resolve().name)
    config = replace(config, dialect=dialect_of(root, config.dialect.name, breaks=config.breaks))
    packs, problems = read_packs(root, config, node)
    diagnostics.extend(problems)
    return _Configured(config, tuple(packs), node, read.has_sources, text), diagnostics


def _open_with_config(
    root: Path, paths: Sequence[Path], request: Request, look: Look | None, *, reads_lock: bool
) -> tuple[Project | None, list[Diagnostic]]:
    configured, diagnostics = _read_configuration(root)
    if configured is None:
        return None, diagnostics
    config, shown = configured.config, shown_path(root / CONFIG_NAME)
    files: list[SourceFile] = []
    if configured.has_sources:
        files, problems = find_sources(root, config.sources, config.passed_over)
        diagnostics.extend([*problems, *_patterns_without_files(config, files, configured.node, Span(shown))])
    chosen = part_of(root, paths, [source.path for source in files])
    if chosen is not None and not chosen.sources and files:
        named = ", ".join(f"`{shown_path(path)}`" for path in paths)
        hint = f"{shown} says which files are: {', '.join(config.sources)}"
        if config.exclude:
            hint += f"; not {', '.join(config.exclude)}"
        diagnostics.append(Diagnostic("source-not-found", f"{named} is none of the project's sources", hint=hint))
    package = default_package(root, paths, is_part=chosen is not None)
    is_unclear = package is None and request.output is None
    default = package or root / f"{file_name(root.resolve().name)}.apkg"
    project, problems = _read_files(root, request, config, files, default, look, reads_lock=reads_lock)
    project = replace(
        project,
        has_config=True,
        packs=None if config.rules is None else configured.packs,
        chosen=chosen,
        is_package_unclear=is_unclear,
        config_text=configured.text,
    )
    return project, [*diagnostics, *problems]


def _read_files(
    root: Path,
    request: Request,
    config: Config,
    files: Sequence[SourceFile],
    package: Path,
    look: Look | None,
    *,
    reads_lock: bool,
) -> tuple[Project, list[Diagnostic]]:
    """A project without a deck.yaml, as its files say. `package`: where it goes if the command line does not say."""
    sources, diagnostics = read_sources(files, config.encoding, look)
    lock_path, lock_text, problems = _read_lock(root, request, reads=reads_lock)
    diagnostics.extend(problems)
    choices, choices_text, problems = _read_choices(root, lock_path)
    diagnostics.extend(problems)
    package_path, problems = package_target(root, request, package)
    diagnostics.extend(problems)
    project = Project(
        root=root,
        config=config,
        has_config=False,
        sources=sources,
        packs=None,
        lock_path=lock_path,
        lock_text=lock_text,
        package_path=package_path,
        is_package_chosen=request.output is not None,
        choices=choices,
        choices_text=choices_text,
    )
    return project, diagnostics


def _open_without_config(
    root: Path, paths: Sequence[Path], request: Request, look: Look | None = None, *, reads_lock: bool = True
) -> tuple[Project | None, list[Diagnostic]]:
    real_root = root.resolve()
    is_folder = any(path.is_dir() and path.resolve() == real_root for path in paths)
    config = Config(sources=(ALL_NOTES,), dialect=dialect_of(root, guessed_dialect(root)))
    if is_folder:
        files, diagnostics = find_sources(root, config.sources, config.passed_over)
    else:
        files, diagnostics = _find_named(real_root, paths, config)
    known = {source.path for source in files}
    for path in paths:
        if os.path.islink(path) and not path.is_dir() and leads_outside(path, root):
            diagnostics.append(outside_project(path, "name the file that it leads to"))
        elif not path.is_dir():
            name = (path.parent.resolve() / path.name).relative_to(real_root).as_posix()
            files.extend([SourceFile(name, str(path))] if name not in known else [])
            known.add(name)
    named = {shown_path(source.file) for source in files}
    diagnostics = [d for d in diagnostics if d.kind != "sync-copy" or d.span is None or d.span.path not in named]
    files.sort(key=lambda source: source.path.split("/"))
    if not files and not diagnostics:
        inner = next(iter(sorted(root.glob(f"*/{CONFIG_NAME}"))), None)
        hint = (
            f"`{shown_path(inner.parent)}` is a deck project: name it" if inner else "notes are files that end in `.md`"
        )
        diagnostics.append(Diagnostic("no-sources", f"there is no Markdown file in `{shown_path(root)}`", hint=hint))
    is_alone = not is_folder and len(paths) == 1
    stem = Path(files[0].path).stem if is_alone and files else real_root.name
    package = root / f"{file_name(stem)}.apkg"
    look = look if is_folder else None
    project, problems = _read_files(root, request, config, files, package, look, reads_lock=reads_lock)
    return replace(project, reads_alone=not is_folder), [*diagnostics, *problems]


def _find_named(real_root: Path, paths: Sequence[Path], config: Config) -> tuple[list[SourceFile], list[Diagnostic]]:
    """The sources in the folders named: what is beside them is not asked for, and not looked at."""
    files: dict[str, SourceFile] = {}
    diagnostics: list[Diagnostic] = []
    for folder in dict.fromkeys(path for path in paths if path.is_dir()):
        inside = folder.resolve().relative_to(real_root)
        found, problems = find_sources(folder, config.sources)
        diagnostics.extend(problem for problem in problems if problem not in diagnostics)
        for source in found:
            name = (inside / source.path).as_posix()
            files.setdefault(name, SourceFile(name, source.location))
    return list(files.values()), diagnostics


def _patterns_without_files(
    config: Config, files: Sequence[SourceFile], node: YamlNode | None, config_span: Span
) -> list[Diagnostic]:
    """Patterns of `sources` that fit nothing: an error when none of them does."""
    if not files:
        span = node.span("sources") if node else config_span
        message = f"no file fits `sources:` ({', '.join(config.sources)})"
        line = node.line_text(span.line) if node else ""
        return [Diagnostic("no-sources", message, span, _glob_hint(config.sources[0] if config.sources else ""), line)]
    found = []
    for index, glob in enumerate(config.sources):
        expression = glob_expression(glob)
        if node is not None and not any(expression.match(source.path) for source in files):
            span = node.span("sources", index)
            message = f"no file fits `{glob}`"
            found.append(Diagnostic("empty-pattern", message, span, _glob_hint(glob), node.line_text(span.line)))
    return found


def _glob_hint(glob: str) -> str:
    if glob and not re.search(r"[*?\[]", glob) and not Path(glob).suffix:
        return f"for all notes of a folder: `{glob.rstrip('/')}/**/*.md`"
    return "patterns are relative to deck.yaml; `**/` goes through folders: `notes/**/*.md`"


def _read_lock(root: Path, request: Request, *, reads: bool) -> tuple[Path, str | None, list[Diagnostic]]:
    path = request.lock or root / LOCK_NAME
    if os.path.islink(os.path.realpath(path)):
        message = "this link leads back to itself"
        return path, None, [Diagnostic("unreadable-source", message, Span(shown_path(path)), "delete it")]
    path = followed(path)
    if not is_there(path):
        return path, None, []
    if not reads:
        return path, "", []
    text, diagnostics = _lock_text(path)
    return path, text, diagnostics


def _lock_text(path: Path) -> tuple[str | None, list[Diagnostic]]:
    """The text of a lock; what is far too large for one, or no text at its beginning, is not read."""
    hint = "take the lock from version control or a backup; without it every note is new"
    try:
        if path.stat().st_size > LOCK_LIMIT:
            message = f"this lock has more than {LOCK_LIMIT // 1024**3} GB, so that it is none"
            return None, [Diagnostic("source-too-large", message, Span(shown_path(path)), hint)]
        if b"\0" in read_start(path, _BEGINNING):
            message = "this lock is no text: it holds bytes of zeros"
            return None, [Diagnostic("not-utf8", message, Span(shown_path(path)), hint)]
    except OSError:
        pass  # what cannot be looked at is reported as what cannot be read
    return read_text(path, limit=None)


def _read_choices(root: Path, lock_path: Path) -> tuple[Choices, str | None, list[Diagnostic]]:
    """What the learner decided, which lies beside the lock."""
    path = choices_path(lock_path)
    if not os.path.lexists(path):
        return NO_CHOICES, None, []
    if path.is_symlink() and leads_outside(path, root):
        return NO_CHOICES, None, [outside_project(path, "delete it, or copy what it leads to into the project")]
    text, diagnostics = read_text(path, limit=CHOICES_LIMIT)
    if text is None:
        return NO_CHOICES, None, diagnostics
    choices, diagnostics = parse_choices(text, shown_path(path))
    return choices, text, diagnostics
