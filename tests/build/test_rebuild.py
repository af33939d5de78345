"""A build with a lock and without a cache goes note by note, and is the build that looks at all of them together."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_builds import outcome, together
from test_first_build import CONFIG, PROJECTS, SOURCES
from test_incremental import CHANGES, NOTES, adding, replacing

from deckgen.build import file_stamps
from deckgen.build import store as cache
from deckgen.build.owned_folder import FOLDER


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project as it was built some time ago."""
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    folder = write_files(tmp_path / "p", NOTES)
    assert deckgen("build", ".", cwd=folder).code == 0
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760090000")
    return folder


def both_ways(project: Path, *arguments: str) -> None:
    """Build without what was kept, note by note and all together: nothing may differ, nor in the builds after it."""
    other = project.parent / "together"
    shutil.rmtree(other, ignore_errors=True)
    shutil.rmtree(project / FOLDER, ignore_errors=True)
    shutil.copytree(project, other / project.name)
    for _ in range(2):
        assert outcome(project, *arguments) == together(other / project.name, *arguments)


@pytest.mark.parametrize("name", CHANGES)
def test_any_edit(project: Path, name: str) -> None:
    CHANGES[name](project)
    both_ways(project)
    undone = write_files(project, {path: text for path, text in NOTES.items() if not path.startswith("rules")})
    both_ways(undone, "--json")


@pytest.mark.parametrize("name", PROJECTS)
@pytest.mark.parametrize("processes", ["1", "3"])
def test_any_kind_of_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, processes: str) -> None:
    monkeypatch.delenv("CI", raising=False)
    monkeypatch.setenv("DECKGEN_WORKERS", processes)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    project = write_files(tmp_path / "p", PROJECTS[name])
    assert deckgen("build", ".", cwd=project).code == 0
    both_ways(project)


def test_what_left_and_comes_back(project: Path) -> None:
    for edit in (
        replacing("b.md", "Hop\n: one router on the way\n", ""),
        adding("c/c.md", "\nHop\n: one router on the way\n"),
        replacing("c/c.md", "one router", "a router"),
        lambda project: (project / "c/c.md").unlink(),
        adding("a.md", "\nHop\n: one router on the way\n\nHop\n: a plant\n"),
    ):
        edit(project)
        both_ways(project)


def test_a_newer_program(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an older one kept is of no use, and goes; the next builds know what this one made."""
    monkeypatch.setattr(cache, "program_fingerprint", lambda: "a newer one")
    before = outcome(project)
    assert before == outcome(project)
    CHANGES["an answer"](project)
    copy = shutil.copytree(project, project.parent / "q" / "p", ignore=shutil.ignore_patterns(FOLDER))
    assert outcome(project) == together(copy)


def _doubled(lock: bytes) -> bytes:
    first, *lines = lock.splitlines(keepends=True)
    return b"".join([first, lines[0], lines[0].replace(b'"mod":', b'"mod":1'), *lines[1:]])


LOCKS: dict[str, Callable[[bytes], bytes]] = {
    "line ends of Windows": lambda lock: lock.replace(b"\n", b"\r\n"),
    "a mark at the beginning": lambda lock: b"\xef\xbb\xbf" + lock,
    "an empty line": lambda lock: lock.replace(b"\n", b"\n\n", 1),
    "another order": lambda lock: b"".join(
        [*lock.splitlines(keepends=True)[:1], *lock.splitlines(keepends=True)[:0:-1]]
    ),
    "spaces": lambda lock: lock.replace(b',"mod":', b', "mod": '),
    "no end of the last line": lambda lock: lock[:-1],
    "a merge of two branches": _doubled,
    "one id for two": lambda lock: lock.replace(lock.split(b'"id":')[1][:13], lock.split(b'"id":')[2][:13]),
    "a broken line": lambda lock: lock.replace(b'"kind"', b'"sort"', 1),
    "the marks of a conflict": lambda lock: lock + b"<<<<<<< ours\n",
    "no header": lambda lock: lock.split(b"\n", 1)[1],
    "another project": lambda lock: lock.replace(b'"project":"terms"', b'"project":"words"'),
    "not UTF-8": lambda lock: lock.replace(b"Latency", b"Latenc\xff"),
    "nothing": lambda _: b"",
}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_that_deckgen_did_not_write(project: Path, name: str) -> None:
    lock = project / "deck.lock"
    lock.write_bytes(LOCKS[name](lock.read_bytes()))
    both_ways(project)


def test_a_learner_who_deleted_a_note(project: Path) -> None:
    lock = project / "deck.lock"
    lock.write_text(lock.read_text().replace(',"seen"', ',"declined":"2025-01-01","seen"', 2))
    both_ways(project)
    CHANGES["an answer"](project)
    both_ways(project, "--json")


def test_a_rule_that_went(project: Path) -> None:
    rules = (project / "rules.yaml").read_text()
    (project / "rules.yaml").write_text(rules.partition("  - id: gap")[0])
    both_ways(project)


def test_a_folder_without_a_deck_yaml_whose_source_is_no_longer_one(tmp_path: Path) -> None:
    """What is still there, and was not read, sleeps."""
    notes = {"a.md": "# Hop\n\nTCP stands for Transmission Control Protocol. It is a protocol of the internet.\n"}
    project = write_files(tmp_path / "p", {**notes, "b/b.md": "UDP stands for User Datagram Protocol.\n"})
    assert deckgen("build", ".", cwd=project).code == 0
    (project / "b" / "deck.yaml").write_text("deck: Other\n")
    both_ways(project)


@settings(max_examples=int(os.environ.get("CACHE_EXAMPLES", "12")))
@given(st.lists(SOURCES, min_size=2, max_size=4))
def test_any_project(tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, list[tuple[str, str]]]]) -> None:
    """One state of a project after the other, with doubled keys, pictures that are missing, raw HTML."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(file_stamps, "SLACK", -(10**15))
        patched.delenv("CI", raising=False)
        project = write_files(tmp_path_factory.mktemp("project") / "p", CONFIG)
        for moment, sources in enumerate(states):
            patched.setenv("SOURCE_DATE_EPOCH", str(1_760_000_000 + moment * 1000))
            for path in project.rglob("*.md"):
                path.unlink()
            for path, terms in sources.items():
                text = "".join(f"\n{term}\n: {meaning}\n" for term, meaning in terms)
                write_files(project, {path: text or "Nothing.\n"})
            both_ways(project)
