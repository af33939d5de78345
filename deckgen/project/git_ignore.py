"""The ignore files of a repository → whether git would leave the lock out of a commit.

Git itself is not asked: in a stranger's folder, it would obey the configuration that it finds there. What only a
person's own configuration ignores (`core.excludesFile`) is not looked at.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from pathlib import Path

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.paths import shown_path
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.regex import Regex, compile_regex
from deckgen.project.git import Repository, plain_bytes, repository_of

define(
    "warning",
    lock_ignored="deck.lock is ignored by git, so others, or you on another machine, would lose track of notes.",
)

_FILE_LIMIT = 1 << 18  # bytes of one ignore file
_INDEX_LIMIT = 1 << 28


def check_ignored(lock_path: Path) -> list[Diagnostic]:
    """Whether git would leave the lock out of a commit."""
    real = Path(os.path.realpath(lock_path))
    repository = repository_of(real.parent)
    if repository is None or not _is_ignored(real.relative_to(repository.top), repository):
        return []
    hint = f"take {lock_path.name} out of .gitignore, and commit it beside the notes"
    return [Diagnostic("lock-ignored", f"git ignores {shown_path(lock_path)}", hint=hint)]


def _is_ignored(path: Path, repository: Repository) -> bool:
    parts = path.parts
    files = [(depth, patterns) for depth, patterns in _ignore_files(parts, repository) if patterns]
    # A folder that is ignored hides all that is in it, whatever the ignore files in it say.
    depths = range(1, len(parts) + 1)
    is_ignored = any(_is_last_match_positive(files, parts[:depth], is_folder=depth < len(parts)) for depth in depths)
    return is_ignored and not _is_tracked(path, repository)


def _ignore_files(parts: Sequence[str], repository: Repository) -> Iterator[tuple[int, list[str]]]:
    """(depth of its folder, patterns that may match) of each ignore file above a path, the strongest last."""
    paths = [(0, repository.common / "info" / "exclude")]
    paths += [(depth, repository.top.joinpath(*parts[:depth], ".gitignore")) for depth in range(len(parts))]
    for depth, path in paths:
        text = plain_bytes(path, _FILE_LIMIT).decode("utf-8", "replace").removeprefix("\ufeff")
        lines = [re.sub(r"(?<!\\) +\Z", "", line.removesuffix("\r")) for line in text.split("\n")]
        yield depth, [line for line in lines if not line.startswith("#") and _may_match(line, parts)]


def _may_match(pattern: str, parts: Sequence[str]) -> bool:
    """Whether the last part of a pattern fits any part of a path, without which it cannot match. Mostly it does not,
    and no expression need be compiled.
    """
    last = pattern.removeprefix("!").rstrip("/").rpartition("/")[2]
    return "\\" in pattern or "[" in pattern or any(fnmatchcase(part, last) for part in parts)


def _is_last_match_positive(
    files: Sequence[tuple[int, Sequence[str]]], parts: Sequence[str], *, is_folder: bool
) -> bool:
    """What the last pattern that matches a path says: that it is ignored, or with `!` that it is not."""
    for depth, patterns in reversed(files):
        path = "/".join(parts[depth:])
        for pattern in reversed(patterns) if path else ():
            if _matches(pattern.removeprefix("!"), path, is_folder=is_folder):
                return not pattern.startswith("!")
    return False


def _matches(pattern: str, path: str, *, is_folder: bool) -> bool:
    is_for_folders = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    if not pattern or (is_for_folders and not is_folder):
        return False
    expression = _expression(pattern.removeprefix("/"))
    subject = path if "/" in pattern else path.rpartition("/")[2]
    return expression is not None and expression.match(subject) is not None


@lru_cache(maxsize=256)
def _expression(pattern: str) -> Regex | None:
    """A pattern as a regular expression for a whole path; None for what is no pattern."""
    pieces: list[str] = []
    for found in _PIECE.finditer(pattern):
        kind, text = found.lastgroup, found.group()
        if kind == "through":
            pieces.append("(?:.*/)?")
        elif kind == "below":
            pieces.append("/.*")
        elif kind == "some":
            pieces.append("[^/]*")
        elif text == "?":
            pieces.append("[^/]")
        elif kind == "class":
            is_negated = text[1] in "!^"
            inside = text[2 if is_negated else 1 : -1].replace("/", "").replace("[", r"\[")  # it never fits a slash
            pieces.append(f"[^/{inside}]" if is_negated else f"[{inside}]")
        elif text in ("[", "\\"):  # a class that does not end, a backslash at the end
            return None
        else:
            pieces.append(re.escape(text.removeprefix("\\")))
    try:
        return compile_regex(f"(?s)^(?:{''.join(pieces)})$")  # linear: a stranger's pattern may want to backtrack
    except ValueError:  # `[z-a]`
        return None


_PIECE = lazy_regex(
    r"(?P<through>(?:(?<=/)|\A)\*\*/(?:\*\*/)*)|(?P<below>/\*\*\Z)|(?P<some>\*+)"
    r"|(?P<class>\[[!^]?\]?(?:\\.|[^\]\\])*\])|(?P<one>\\.|.)",
    re.DOTALL,
)


def _is_tracked(path: Path, repository: Repository) -> bool:
    """Whether the index has the file: what is committed already is ignored no more. Its names have their length before
    them and a NUL behind.
    """
    name = path.as_posix().encode()
    return bytes([len(name) & 0xFF]) + name + b"\0" in plain_bytes(repository.folder / "index", _INDEX_LIMIT)
