"""deck.lock merged by git itself: two branches, both orders, then a build."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytestmark = [
    pytest.mark.usefixtures("plain_environment"),
    pytest.mark.skipif(shutil.which("git") is None, reason="needs git"),
]

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"


def term(word: str, meaning: str) -> str:
    return f"{word}\n: {meaning}\n\n"


START = {
    "notes/a.md": "".join(term(f"Alpha{i}", f"what the alpha of number {i} stands for") for i in range(12)),
    "notes/b.md": "".join(term(f"Beta{i}", f"what the beta of number {i} stands for") for i in range(12)),
}

Edit = Callable[[Path], None]


def add(name: str, *words: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / "notes" / name
        before = path.read_text() if path.exists() else ""
        path.write_text(before + "".join(term(word, f"the meaning of {word} in a sentence") for word in words))

    return edit


def put_first(name: str, word: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / "notes" / name
        path.write_text(term(word, f"the meaning of {word} in a sentence") + path.read_text())

    return edit


def change(name: str, old: str, new: str) -> Edit:
    def edit(root: Path) -> None:
        path = root / "notes" / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))

    return edit


def remove(name: str) -> Edit:
    return lambda root: (root / "notes" / name).unlink()


def git(folder: Path, *arguments: str) -> str:
    settings = ["user.name=A", "user.email=a@b.c", "commit.gpgsign=false", "merge.conflictstyle=merge"]
    command = ["git", *itertools.chain.from_iterable(("-c", one) for one in settings), *arguments]
    ended = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def build(root: Path, monkeypatch: pytest.MonkeyPatch, now: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(now))
    ended = deckgen("build", root)
    assert ended.code == 0, ended.err


def merge(root: Path, monkeypatch: pytest.MonkeyPatch, ours: Edit, theirs: Edit) -> Path:
    """A repository in which two branches were built, and merged by git."""
    files = {"deck.yaml": CONFIG, "rules.yaml": RULES, ".gitattributes": "deck.lock merge=union\n", **START}
    write_files(root, {**files, ".gitignore": "*.apkg\n"})
    git(root, "init", "--quiet", "--initial-branch=main")
    build(root, monkeypatch, 1_700_000_000)
    git(root, "add", "-A")
    git(root, "commit", "--quiet", "-m", "start")
    for branch, edit, now in (("ours", ours, 1_710_000_000), ("theirs", theirs, 1_720_000_000)):
        git(root, "checkout", "--quiet", "-b", branch, "main")
        edit(root)
        build(root, monkeypatch, now)
        git(root, "add", "-A")
        git(root, "commit", "--quiet", "-m", branch)
    return root


def lock_after(root: Path, monkeypatch: pytest.MonkeyPatch, onto: str, other: str) -> str:
    git(root, "checkout", "--quiet", "--force", "-B", f"{onto}-and-{other}", onto)
    git(root, "merge", "--quiet", "--no-edit", other)
    assert "<<<<<<<" not in (root / "deck.lock").read_text()
    build(root, monkeypatch, 1_730_000_000)
    return (root / "deck.lock").read_text()


EDITS: dict[str, tuple[Edit, Edit]] = {
    "both add, in different files": (add("a.md", "Gamma", "Delta"), add("b.md", "Epsilon", "Zeta", "Eta")),
    "both add, at the two ends of one file": (put_first("a.md", "Gamma"), add("a.md", "Delta")),
    "both add new files": (add("c.md", "Gamma"), add("d.md", "Delta")),
    "one adds, the other changes an answer": (
        add("a.md", "Gamma"),
        change("b.md", "beta of number 7 stands for", "seventh beta stands for, in short"),
    ),
    "both change answers": (
        change("a.md", "alpha of number 3 stands for", "third alpha stands for, in short"),
        change("b.md", "beta of number 4 stands for", "fourth beta stands for, in short"),
    ),
    "one deletes a file, the other adds": (remove("b.md"), add("a.md", "Gamma")),
    "one deletes, the other changes": (
        change("a.md", term("Alpha5", "what the alpha of number 5 stands for"), ""),
        change("a.md", "alpha of number 9 stands for", "ninth alpha stands for, in short"),
    ),
    "both add the same fact": (add("a.md", "Gamma"), add("b.md", "Gamma")),
    "the other side does nothing but add many": (add("a.md", "Gamma"), add("b.md", *(f"Theta{i}" for i in range(40)))),
}


@pytest.mark.parametrize("name", EDITS)
def test_both_orders_come_to_the_same_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    root = merge(tmp_path / "r", monkeypatch, *EDITS[name])
    of_branch = {}
    for branch in ("main", "ours", "theirs"):
        rows = git(root, "show", f"{branch}:deck.lock").splitlines()[1:]
        of_branch[branch] = {line["guid"]: line for line in map(json.loads, rows)}
    one = lock_after(root, monkeypatch, "ours", "theirs")
    other = lock_after(root, monkeypatch, "theirs", "ours")
    assert one == other
    merged = {line["guid"]: line for line in map(json.loads, one.splitlines()[1:])}
    assert len(merged) == len(one.splitlines()) - 1, "one line a note"
    assert merged.keys() == of_branch["ours"].keys() | of_branch["theirs"].keys(), "no GUID is lost, none is made"
    for guid, line in merged.items():
        sides = [of_branch[branch].get(guid) for branch in ("ours", "theirs", "main")]
        if name != "both add the same fact" or line["key"] != ["Gamma"]:
            assert line in sides, "each line is that of the branch that changed it"
    assert deckgen("build", root, "--check").code == 0


def test_the_attribute_is_what_init_writes_and_git_knows_it(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet")
    write_files(tmp_path, {"notes/a.md": START["notes/a.md"], ".gitattributes": "deck.lock merge=union\n"})
    shown = git(tmp_path, "check-attr", "merge", "--", "deck.lock", "notes/deck.lock")
    assert shown.count("merge: union") == 2


def test_without_the_attribute_the_markers_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two sides that changed one line: git leaves markers; after the three lines are deleted the build mends it."""
    root = merge(
        tmp_path / "r",
        monkeypatch,
        change("a.md", "alpha of number 3 stands for", "third alpha stands for, in short"),
        add("b.md", "Gamma"),
    )
    lock = root / "deck.lock"
    git(root, "checkout", "--quiet", "ours")
    ours, theirs = lock.read_text().splitlines(), git(root, "show", "theirs:deck.lock").splitlines()
    only_ours = [line for line in ours if line not in theirs]
    only_theirs = [line for line in theirs if line not in ours]
    common = [line for line in ours if line in theirs]
    conflict = ["<<<<<<< ours", *only_ours, "=======", *only_theirs, ">>>>>>> theirs"]
    (root / "notes" / "b.md").write_text(git(root, "show", "theirs:notes/b.md"))
    lock.write_text("\n".join([*common, *conflict]) + "\n")
    told = deckgen("build", root)
    assert (told.code, told.kinds) == (2, ["lock-conflict"])
    lock.write_text("\n".join(line for line in lock.read_text().splitlines() if line[:7] not in MARKERS) + "\n")
    build(root, monkeypatch, 1_730_000_000)
    mended = lock.read_text()
    git(root, "checkout", "--quiet", "--force", "ours")
    assert lock_after(root, monkeypatch, "ours", "theirs") == mended


MARKERS = ("<<<<<<<", "=======", ">>>>>>>")
