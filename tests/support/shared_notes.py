"""Notes that lie beside the project, in `shared`, for tests that need real ones: their drafts."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from deckgen.build.pipeline import open_and_compile
from deckgen.build.workers import Compiler
from deckgen.model import Draft
from deckgen.project.locate import Request

SHARED = Path(__file__).parents[3] / "shared"


def needed(path: str) -> Path:
    """A folder of `shared`; the test is skipped where it is not there."""
    folder = SHARED / path
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    return folder


def drafts_of(root: Path, folders: Iterable[Path]) -> list[Draft]:
    """What a project makes of all Markdown files in some folders."""
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    (root / "deck.yaml").write_text("deck: D\nid: shared\nsources: ['notes/**/*.md']\n", "utf-8")
    for number, folder in enumerate(folders):
        shutil.copytree(folder, root / "notes" / str(number))
    compiled, problems = open_and_compile(Request((root,)), Compiler())
    assert compiled is not None, problems
    return [note.draft for note in compiled.compiled]
