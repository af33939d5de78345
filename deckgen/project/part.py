"""The part of a project that a command line names, or in which one stands."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.paths import shown_path
from deckgen.model import Note


class Part(Struct, frozen=True):
    """Some sources of a project, and the folders that they were named by: what was there once belongs to it, too."""

    sources: frozenset[str]
    folders: tuple[str, ...] = ()

    def __contains__(self, path: str) -> bool:
        return path in self.sources or any(path.startswith(f"{folder}/") for folder in self.folders)

    def has(self, note: Note) -> bool:
        """Whether a note stands in it, be it in one place of several."""
        return any(origin.span.path in self for origin in note.origins or (note.draft.origin,))


def part_of(root: Path, paths: Sequence[Path], sources: Iterable[str]) -> Part | None:
    """The sources at or below the paths named; None when the whole project is."""
    real_root = Path(os.path.realpath(root))
    wanted = [Path(os.path.realpath(path)) for path in paths]
    if any(path == real_root or path in real_root.parents for path in wanted):
        return None
    names = list(sources)
    chosen = []
    for name in names:
        real = Path(os.path.realpath(root / name))  # `resolve` would raise on links in a circle
        if any(real == path or path in real.parents for path in wanted):
            chosen.append(name)
    if len(chosen) == len(names):
        return None
    folders = [
        path.relative_to(real_root).as_posix() for path in wanted if path.is_dir() and _is_below(path, real_root)
    ]
    return Part(frozenset(chosen), tuple(folders))


def _is_below(path: Path, root: Path) -> bool:
    return root in path.parents


def of_part(
    diagnostics: Sequence[Diagnostic], part: Part | None, root: Path, sources: Iterable[str]
) -> list[Diagnostic]:
    """Without the warnings about other sources. An error anywhere stops all of a project."""
    if part is None or not diagnostics:
        return list(diagnostics)
    others = {shown_path(root / name) for name in sources if name not in part}
    return [d for d in diagnostics if d.severity == "error" or d.span is None or d.span.path not in others]
