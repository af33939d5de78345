"""What the tree may hold, and where the program may start others."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LARGEST = 200_000
LARGE = {
    "deckgen/patterns/english_words.txt": "the English words by which patterns tell a part of speech",
    "card_rules/zh/facts.yaml": "the Chinese rules with their examples, written by hand",
}
BUILT = (
    ".whl",
    ".gz",
    ".zip",
    ".apkg",
    ".pyc",
    ".so",
    ".dll",
    ".exe",
    ".egg",
    ".anki2",
    ".db",
    ".log",
    ".orig",
    ".rej",
)
STARTS = {"subprocess", "multiprocessing", "concurrent.futures.process", "webbrowser", "socketserver", "http.server"}
STARTERS = {
    "deckgen/project/git.py": "git's object reader, for `diff --against REV`",
    "deckgen/build/workers.py": "more processes of its own",
    "deckgen/cli/review_screen.py": "the user's own editor, at a key of `review`",
    "deckgen/reports/preview/server.py": "the browser, at the address of the preview, which it serves",
}


def tracked() -> list[Path]:
    asked = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        done = subprocess.run(asked, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout of git's")
    return [ROOT / name for name in done.stdout.split("\0") if name]


def test_no_built_file_is_tracked() -> None:
    assert [path.name for path in tracked() if path.suffix in BUILT] == []


def test_no_large_file_is_tracked() -> None:
    large = {p.relative_to(ROOT).as_posix() for p in tracked() if p.is_file() and p.stat().st_size > LARGEST}
    assert large <= set(LARGE)


def test_where_processes_are_started() -> None:
    """A build starts nothing but itself: each place that can is known."""
    found = set()
    for path in (ROOT / "deckgen").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            is_call = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "os"
            if STARTS & set(names) or (
                is_call and node.attr.startswith(("system", "popen", "exec", "spawn", "posix_s"))
            ):
                found.add(path.relative_to(ROOT).as_posix())
    assert found == set(STARTERS)


def test_code_uses_the_words_of_the_field() -> None:
    """Reported, known, shown, not told; a path that does not apply returns, and insists on nothing."""
    unusual = re.compile(r"insist|NotFew|NotStreamed|told\b")
    for path in (ROOT / "deckgen").rglob("*.py"):
        assert not (found := unusual.findall(path.read_text("utf-8"))), f"{path.relative_to(ROOT)}: {found}"
