"""Decisions → deck.choices.yaml on disk: read, changed and written as one step, so that no other decision is lost."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from deckgen.build.commit import exclusively, write_beside
from deckgen.diagnostics import Diagnostic, Span, define, has_errors
from deckgen.diagnostics.paths import leads_outside, shown_path
from deckgen.project.choices import CHOICES_LIMIT, choices_path, parse_choices
from deckgen.project.git import repository_of
from deckgen.project.locate import outside_project
from deckgen.project.source_files import read_ordinary, read_text

define("error", unwritable_choices="A decision could not be written to deck.choices.yaml.")

_PATIENCE = 20.0  # seconds to wait for a build that is writing


def edit_choices(root: Path, lock_path: Path, edit: Callable[[str], str]) -> list[Diagnostic]:
    """Change what the file beside a lock says: `edit` gets its text, and gives the new one. A broken file is not
    touched.
    """
    path = choices_path(lock_path)
    if path.is_symlink() and leads_outside(path, root):
        return [outside_project(path, "delete it, or copy what it leads to into the project")]
    path = Path(os.path.realpath(path))
    try:
        with exclusively(path, _PATIENCE):
            is_new = not path.exists()
            before, problems = ("", []) if is_new else read_text(path, limit=CHOICES_LIMIT)
            if before is None:
                return problems
            _, problems = parse_choices(before, shown_path(path))
            if has_errors(problems):
                return problems
            after = edit(before)
            if after != before:
                write_beside(path, lambda file: file.write(after.encode())).replace(path)
                if is_new:
                    _have_git_merge(path)
    except OSError as problem:
        message = f"the decision cannot be written: {problem.strerror or problem}"
        return [Diagnostic("unwritable-choices", message, Span(shown_path(path)))]
    return []


def _have_git_merge(path: Path) -> None:
    """In a git repository: have both branches' decisions kept, line by line, when branches are merged."""
    if repository_of(path.parent) is not None:
        merge_by_union(path.parent, f"{path.name} merge=union")


def merge_by_union(folder: Path, *lines: str) -> Path | None:
    """Add lines to .gitattributes that are not there; the file where it changed. Raises OSError."""
    path = folder / ".gitattributes"
    before = read_ordinary(path, None, follows_links=False) if os.path.lexists(path) else b""
    known = [line.split() for line in before.decode("utf-8", "replace").splitlines()]
    missing = [line for line in lines if line.split() not in known]
    if not missing:
        return None
    end = b"\r\n" if b"\r\n" in before else b"\n"
    after = before + (end if before and not before.endswith(b"\n") else b"")
    after += b"".join(line.encode() + end for line in missing)
    write_beside(path, lambda file: file.write(after)).replace(path)  # other names of the file keep what it was
    return path
