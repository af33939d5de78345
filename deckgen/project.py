"""The disk → a project: deck.yaml, sources, rule packs and lock, everything read once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from deckgen.config import Config, parse_config
from deckgen.diagnostics import Diagnostic, Span
from deckgen.model import Source
from deckgen.packs import PackText, read_shipped, shipped_names
from deckgen.yaml_reading import YamlNode, nearest

SOURCE_LIMIT = 64 * 1024 * 1024
"""Bytes of one source: what is larger is no note, and would take minutes."""

CONFIG_NAME, LOCK_NAME = "deck.yaml", "deck.lock"


@dataclass(frozen=True, slots=True)
class Project:
    """A deck project as the disk has it, with or without a deck.yaml."""

    root: Path
    config: Config
    has_config: bool
    sources: tuple[Source, ...]  # read in full, in order of their paths
    unread: frozenset[str]  # sources that exist, but were not read now
    packs: tuple[PackText, ...] | None  # None: chosen by the language of the notes
    lock_path: Path
    lock_text: str | None
    package_path: Path
    chosen: frozenset[str] | None = None  # the sources that the command line names; None for all
    is_package_chosen: bool = False  # `-o`

    @property
    def name(self) -> str:
        """What the project is called where it does not say: its folder's name."""
        return self.root.resolve().name or "Notes"


@dataclass(frozen=True, slots=True)
class Request:
    """What the command line says about the project."""

    paths: tuple[Path, ...] = ()
    output: Path | None = None
    lock: Path | None = None


def open_project(request: Request) -> tuple[Project | None, list[Diagnostic]]:
    """Read a project: that of the folder or the files named, of the folder one stands in without any."""
    paths = request.paths or (Path(),)
    diagnostics = [
        Diagnostic("source-not-found", f"there is no `{path}`", hint="a folder with notes, or a note") for path in paths if not path.exists()
    ]
    if diagnostics:
        return None, diagnostics
    roots = dict.fromkeys(_root_of(path) for path in paths)
    if len(roots) > 1:
        return None, [Diagnostic("bad-value", "the paths named belong to several projects: " + ", ".join(map(str, roots)), hint="build them one by one")]
    root = next(iter(roots))
    config_path = root / CONFIG_NAME
    if config_path.is_file():
        return _open_with_config(root, paths, request)
    return _open_without_config(root, paths, request)


def _root_of(path: Path) -> Path:
    """The folder of the deck.yaml at or above a path; the folder itself, or that of the file, where there is none."""
    folder = path if path.is_dir() else path.parent
    for candidate in (folder, *folder.resolve().parents) if not (folder / CONFIG_NAME).is_file() else (folder,):
        if (candidate / CONFIG_NAME).is_file():
            return candidate
    return folder


def _open_with_config(root: Path, paths: Sequence[Path], request: Request) -> tuple[Project | None, list[Diagnostic]]:
    config_path = root / CONFIG_NAME
    shown = _shown(config_path)
    text, diagnostics = _read_text(config_path, shown, "utf-8")
    if text is None:
        return None, diagnostics
    config, node, found = parse_config(text, shown)
    diagnostics.extend(found)
    if not config.deck:
        config = replace(config, deck=root.resolve().name)
    if not config.id:
        config = replace(config, id=config.deck)
    packs: list[PackText] | None = None
    if config.rules is not None:
        packs = []
        for index, name in enumerate(config.rules):
            pack, problems = _read_pack(root, name, node, index)
            diagnostics.extend(problems)
            packs.extend([pack] if pack else [])
    names = list(_find_sources(root, config.sources, config.exclude))
    if not names and not any(d.kind == "wrong-type" for d in diagnostics):
        diagnostics.append(Diagnostic("no-sources", f"no file fits `sources:` ({', '.join(config.sources)})", node.span("sources") if node else Span(shown), "globs are relative to deck.yaml: `notes/**/*.md`"))
    sources, problems = _read_sources(root, names, config.encoding)
    diagnostics.extend(problems)
    chosen = _chosen(root, paths, names)
    if chosen is not None and not chosen:
        diagnostics.append(Diagnostic("source-not-found", f"`{paths[0]}` is none of the project's sources", hint=f"{shown} says which files are: {', '.join(config.sources)}"))
    lock_path = request.lock or root / LOCK_NAME
    lock_text, problems = _read_lock(lock_path)
    diagnostics.extend(problems)
    package = request.output or root / f"{_file_name(root.resolve().name)}.apkg"
    return (
        Project(root, config, True, sources, frozenset(), tuple(packs) if packs is not None else None, lock_path, lock_text, package, chosen, request.output is not None),
        diagnostics,
    )


def _open_without_config(root: Path, paths: Sequence[Path], request: Request) -> tuple[Project | None, list[Diagnostic]]:
    config = Config()
    everything = list(_find_sources(root, config.sources, config.exclude))
    files = [os.path.relpath(path, root).replace(os.sep, "/") for path in paths if not path.is_dir()]
    is_folder = any(path.is_dir() for path in paths)
    names = sorted(set(everything if is_folder else []) | set(files))
    diagnostics: list[Diagnostic] = []
    if not names:
        diagnostics.append(Diagnostic("no-sources", f"there is no Markdown file in `{root}`", hint="notes are files that end in `.md`"))
    sources, problems = _read_sources(root, names, config.encoding)
    diagnostics.extend(problems)
    lock_path = request.lock or root / LOCK_NAME
    lock_text, problems = _read_lock(lock_path)
    diagnostics.extend(problems)
    stem = Path(files[0]).stem if len(files) == 1 and not is_folder else root.resolve().name
    package = request.output or root / f"{_file_name(stem)}.apkg"
    unread = frozenset(everything) - frozenset(names)
    return Project(root, config, False, sources, unread, None, lock_path, lock_text, package, None, request.output is not None), diagnostics


def _file_name(name: str) -> str:
    return re.sub(r'[\x00-\x1f/\\:*?"<>|]+', "-", name).strip(". ") or "notes"


def _shown(path: Path) -> str:
    """A path as a person standing in the working directory would write it."""
    try:
        relative = os.path.relpath(path)
    except ValueError:  # another drive
        return str(path)
    return str(path) if relative.startswith("..") and path.is_absolute() else relative


def _chosen(root: Path, paths: Sequence[Path], names: Iterable[str]) -> frozenset[str] | None:
    """The sources at or below the paths named; None when the whole project is."""
    real_root = root.resolve()
    wanted = [path.resolve() for path in paths]
    if any(path == real_root or path in real_root.parents for path in wanted):
        return None
    return frozenset(name for name in names if any((real := real_root / name) == path or path in real.parents for path in wanted))


def glob_expression(glob: str) -> re.Pattern[str]:
    """A glob as an expression on a path with `/`: `**` goes through folders, `*` and `?` do not."""
    parts = []
    for piece in re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]*\])", glob.removeprefix("./")):
        special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}.get(piece)
        if special is None:
            special = piece.replace("[!", "[^", 1) if piece.startswith("[") and piece.endswith("]") and len(piece) > 2 else re.escape(piece)
        parts.append(special)
    return re.compile("".join(parts) + r"\Z")


def _find_sources(root: Path, sources: Sequence[str], exclude: Sequence[str]) -> Iterator[str]:
    """The paths that fit, sorted. Hidden folders are not looked into, and nothing outside of the root is followed to."""
    wanted = [glob_expression(glob) for glob in sources]
    unwanted = [glob_expression(glob) for glob in exclude] + [glob_expression(glob.rstrip("/") + "/**") for glob in exclude]
    real_root = os.path.realpath(root)
    found = []
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in ("node_modules", "__pycache__"))
        relative = os.path.relpath(folder, root).replace(os.sep, "/")
        for name in files:
            path = name if relative == "." else f"{relative}/{name}"
            if name.startswith(".") or not any(e.match(path) for e in wanted) or any(e.match(path) for e in unwanted):
                continue
            full = os.path.join(folder, name)
            if os.path.islink(full) and not os.path.realpath(full).startswith(real_root + os.sep):
                continue
            found.append(path)
    return iter(sorted(found))


def _read_sources(root: Path, names: Iterable[str], encoding: str) -> tuple[tuple[Source, ...], list[Diagnostic]]:
    sources, diagnostics = [], []
    for name in names:
        text, problems = _read_text(root / name, _shown(root / name), encoding)
        diagnostics.extend(problems)
        if text is not None:
            sources.append(Source(name, text))
    return tuple(sources), diagnostics


def _read_text(path: Path, shown: str, encoding: str) -> tuple[str | None, list[Diagnostic]]:
    """A file's text: without a byte order mark, line ends as `\\n`."""
    try:
        if not path.is_file():
            return None, [Diagnostic("unreadable-source", f"`{shown}` is no ordinary file", Span(shown))]
        if path.stat().st_size > SOURCE_LIMIT:
            size = path.stat().st_size / 1024 / 1024
            return None, [Diagnostic("source-too-large", f"`{shown}` has {size:.0f} MB, {SOURCE_LIMIT // 1024 // 1024} MB at most are read", Span(shown), "split it, or leave it out with `exclude:`")]
        data = path.read_bytes()
    except OSError as problem:
        return None, [Diagnostic("unreadable-source", f"`{shown}` cannot be read: {problem.strerror or problem}", Span(shown))]
    try:
        text = data.decode("utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding)
    except UnicodeDecodeError as problem:
        return None, [_not_decoded(data, problem, shown, encoding)]
    except (UnicodeError, LookupError) as problem:
        return None, [Diagnostic("not-utf8", f"this file is not {encoding}: {problem}", Span(shown))]
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n"), []


def _not_decoded(data: bytes, problem: UnicodeDecodeError, shown: str, encoding: str) -> Diagnostic:
    start = problem.start
    line = data.count(b"\n", 0, start) + 1
    likely = _likely_encoding(data)
    message = f"this file is not {encoding.upper()}: byte {start} (0x{data[start]:02x}) cannot be read"
    hint = f"it looks like {likely}: save it as UTF-8, or write `encoding: {likely}` in deck.yaml" if likely else "save it as UTF-8, or name its encoding in deck.yaml: `encoding: …`"
    return Diagnostic("not-utf8", message, Span(shown, line), hint)


def _likely_encoding(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    sample = data[:200_000]
    if b"\x00" in sample:
        return ""
    try:
        text = sample.decode("gb18030", "strict" if len(data) <= len(sample) else "ignore")
        common = sum("\u4e00" <= c <= "\u9fff" or c in "，。：；（）" for c in text)
        if common * 3 > sum(not c.isascii() for c in text) * 2 and common >= 2:
            return "gb18030"
    except UnicodeDecodeError:
        pass
    return "latin-1"


def _read_lock(path: Path) -> tuple[str | None, list[Diagnostic]]:
    if not path.exists():
        return None, []
    return _read_text(path, _shown(path), "utf-8")


def _read_pack(root: Path, name: str, node: YamlNode | None, index: int) -> tuple[PackText | None, list[Diagnostic]]:
    """A pack of `rules:`: a shipped one by name, one's own by its path."""
    if not name.endswith((".yaml", ".yml")):
        if pack := read_shipped(name):
            return pack, []
        span = node.span("rules", index) if node else Span(CONFIG_NAME)
        hint = nearest(name, shipped_names()) + "\na file of your own is named by its path: `./rules/mine.yaml`"
        return None, [Diagnostic("unknown-pack", f"there is no rule pack `{name}`", span, hint, node.line_text(span.line) if node else "")]
    path = root / name
    shown = _shown(path)
    if not path.is_file():
        span = node.span("rules", index) if node else Span(CONFIG_NAME)
        return None, [Diagnostic("unknown-pack", f"there is no file `{shown}`", span, "paths are relative to deck.yaml", node.line_text(span.line) if node else "")]
    text, problems = _read_text(path, shown, "utf-8")
    return (None if text is None else PackText(path.stem, shown, text)), problems
