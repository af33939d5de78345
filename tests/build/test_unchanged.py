"""A build of a project at rest reads nothing, and says what it would have said; everything it depends on wakes it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files

from deckgen.build import file_stamps, pipeline
from deckgen.build import file_state as file_records
from deckgen.build.owned_folder import FOLDER
from deckgen.build.project_build import Built

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
NOTES = {
    "deck.yaml": "deck: Terms\nid: terms\nrules: [./rules.yaml]\n",
    "rules.yaml": RULES,
    "a.md": "Latency\n: the time from a request to its answer ![it](pictures/plan.png)\n",
    "b/b.md": "Jitter\n: how much that time varies <script>x</script>\n",
    "pictures/plan.png": "a plan",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was built."""
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.delenv("CI", raising=False)
    root = write_files(tmp_path / "p", NOTES)
    assert deckgen("build", ".", cwd=root).code == 0
    return root


def builds(project: Path, *arguments: object, cwd: Path | None = None) -> tuple[Ended, bool]:
    """What a build says, and whether it went beyond a look at the files."""
    runs: list[bool] = []
    real = pipeline.build_project

    def noting(*rest: Any, **options: Any) -> Built:
        runs.append(True)
        return real(*rest, **options)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pipeline, "build_project", noting)
        ended = deckgen("build", *(arguments or (".",)), cwd=cwd or project)
    return ended, bool(runs)


def without_cache(project: Path, *arguments: object) -> Ended:
    shutil.rmtree(project / FOLDER)
    return deckgen("build", *(arguments or (".",)), cwd=project)


@pytest.mark.parametrize("option", [(), ("--check",), ("--dry-run",), ("--json",), ("--check", "--json")])
def test_nothing_is_read_and_the_same_is_said(project: Path, option: tuple[str, ...]) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and FOLDER not in path.parts}
    for _ in range(3):
        ended, is_run = builds(project, ".", *option)
        assert not is_run
        assert "warning[sanitised-html]" in ended.err
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file() and FOLDER not in path.parts}
    assert after == before
    assert without_cache(project, ".", *option) == ended


def write(name: str, text: str) -> Callable[[Path], object]:
    return lambda project: write_files(project, {name: text})


def edit_in_place(name: str) -> Callable[[Path], None]:
    """Another byte at the end, and the time as it was."""

    def edit(project: Path) -> None:
        path = project / name
        times = path.stat()
        data = bytearray(path.read_bytes())
        data[-2] ^= 1
        with path.open("r+b") as file:
            file.write(data)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))

    return edit


WAKING: dict[str, Callable[[Path], object]] = {
    "a source": write("a.md", NOTES["a.md"].replace("request", "question")),
    "a source of the same size and time": edit_in_place("a.md"),
    "a source more": write("c.md", "Hop\n: one router\n"),
    "a source in a new folder": write("d/e/f.md", "Hop\n: one router\n"),
    "a source less": lambda project: (project / "b/b.md").unlink(),
    "a source renamed": lambda project: (project / "b/b.md").rename(project / "b/c.md"),
    "a folder renamed": lambda project: (project / "b").rename(project / "c"),
    "a project within": write("b/deck.yaml", "deck: Other\n"),
    "an environment": write("b/pyvenv.cfg", ""),
    "deck.yaml": write("deck.yaml", NOTES["deck.yaml"] + "tags: [x]\n"),
    "deck.yaml gone": lambda project: (project / "deck.yaml").unlink(),
    "a rule": write("rules.yaml", RULES.replace("'{definition}'", "'= {definition}'")),
    "the lock gone": lambda project: ((project / "deck.lock").unlink(), (project / "p.apkg").unlink()),
    "the lock": lambda project: (project / "deck.lock").write_text((project / "deck.lock").read_text() + "\n"),
    "the package gone": lambda project: (project / "p.apkg").unlink(),
    "the package": write("p.apkg", "something else"),
    "the package's bytes": edit_in_place("p.apkg"),
    "a picture": write("pictures/plan.png", "another plan"),
    "a picture gone": lambda project: (project / "pictures/plan.png").unlink(),
}


@pytest.mark.parametrize("name", WAKING)
@pytest.mark.parametrize("times", [0, 1])
@pytest.mark.parametrize("slack", [-(10**15), 2 * 10**9])
def test_whatever_a_build_depends_on_wakes_it(
    project: Path, monkeypatch: pytest.MonkeyPatch, name: str, times: int, slack: int
) -> None:
    monkeypatch.setattr(file_stamps, "SLACK", slack)
    for _ in range(times):
        builds(project)
    WAKING[name](project)
    copy = project.parent / "other" / "p"
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(FOLDER))
    ended, is_run = builds(project)
    assert is_run
    assert ended == deckgen("build", ".", cwd=copy)
    for file in ("deck.lock", "p.apkg"):
        assert (project / file).read_bytes() == (copy / file).read_bytes()


@pytest.mark.parametrize("name", ["the lock", "the package", "the package's bytes"])
def test_what_takes_long_to_be_written_is_known_by_its_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Syncing a large file takes longer than a tick: it need not be read again to know that it is the same."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    real, digest_of, read = Path.replace, file_records.digest_of, []

    def late(temporary: Path, target: Path) -> Path:
        time.sleep(0.05)
        return real(temporary, target)

    monkeypatch.setattr(Path, "replace", late)
    monkeypatch.setattr(file_records, "digest_of", lambda path: read.append(Path(path).name) or digest_of(path))
    root = write_files(tmp_path / "p", NOTES)
    assert deckgen("build", ".", cwd=root).code == 0
    read.clear()
    assert not builds(root)[1]
    assert {"deck.lock", "p.apkg"}.isdisjoint(read)
    WAKING[name](root)
    assert builds(root)[1]


def test_what_is_asked_wakes_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not builds(project)[1]
    assert builds(project, ".", "--refresh", "")[1]
    assert builds(project, ".", "-o", "other.apkg")[1]
    assert builds(project, "a.md")[1]
    assert builds(project, project, cwd=project.parent)[1]  # says other paths
    assert not builds(project, project, cwd=project.parent)[1]


def test_only_a_wrong_clock_is_an_error(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A modified time in the future is reported with a note that changes, and here none does."""
    assert not builds(project)[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000000000")
    assert not builds(project)[1]
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    assert builds(project)[0].code == 2


def test_another_program_wakes_it(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("store", "snapshot"):
        monkeypatch.setattr(f"deckgen.build.{module}.program_fingerprint", lambda: "a newer one")
    assert builds(project)[1]
    assert not builds(project)[1]


@pytest.mark.parametrize("kind", ["empty", "cut", "bytes", "folder", "link"])
def test_a_damaged_record_is_dropped(project: Path, kind: str) -> None:
    (record,) = (project / FOLDER).glob("rest-*")
    data = record.read_bytes()
    if kind in ("folder", "link"):
        record.unlink()
        record.mkdir() if kind == "folder" else record.symlink_to("rest")
        (project / FOLDER / "rest").write_bytes(data)
    else:
        record.write_bytes({"empty": b"", "cut": data[:-9], "bytes": data[:-9] + bytes(9)}[kind])
    ended, is_run = builds(project)
    assert is_run
    assert ended.code == 0


def test_a_missing_picture_keeps_it_awake(project: Path) -> None:
    (project / "pictures/plan.png").unlink()
    for _ in range(3):
        assert builds(project)[1]
    write_files(project, {"pictures/plan.png": "a plan"})
    assert builds(project)[1]
    assert not builds(project)[1]


def test_one_question_twice_is_known_like_any_other(project: Path) -> None:
    write_files(project, {"c.md": "Jitter\n: another thing altogether\n"})
    assert builds(project)[1]
    known, is_run = builds(project)
    assert not is_run
    assert without_cache(project) == known


def test_records_of_old_command_lines_go(project: Path) -> None:
    for index in range(7):
        builds(project, ".", "-o", f"{index}.apkg")
    assert len(list((project / FOLDER).glob("rest-*"))) <= 4
    assert not list((project / FOLDER).glob("*.tmp"))


def test_a_folder_without_a_deck_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.delenv("CI", raising=False)
    root = write_files(tmp_path / "notes", {"a.md": "# Nets\n\n## What is a hop?\n\nOne router on the way.\n"})
    assert builds(root)[1]
    assert not builds(root)[1]
    write_files(root, {"b.md": "# Nets\n\n## What is jitter?\n\nHow much a delay varies.\n"})
    assert builds(root)[1]


VAULT = {
    "deck.yaml": "deck: Terms\nid: terms\ndialect: obsidian\nrules: [./rules.yaml]\n",
    "rules.yaml": RULES,
    "a.md": "Latency\n: the time from a request\nto its answer\n",
    "templates/new note.md": "Term\n: what it means\n",
    ".obsidian/templates.json": '{"folder": "templates"}',
}


@pytest.fixture
def vault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An Obsidian vault that was built, with a folder of templates."""
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    root = write_files(tmp_path / "v", VAULT)
    assert deckgen("build", ".", cwd=root).code == 0
    return root


def test_a_vault_with_templates_is_at_rest(vault: Path) -> None:
    _, is_run = builds(vault)
    assert not is_run


@pytest.mark.parametrize(
    ("file", "text", "change"),
    [("templates.json", '{"folder": "none"}', "1 new"), ("app.json", '{"strictLineBreaks": true}', "1 updated")],
)
def test_settings_of_an_editor_wake_a_build(vault: Path, file: str, text: str, change: str) -> None:
    write_files(vault, {f".obsidian/{file}": text})
    ended, is_run = builds(vault)
    assert is_run
    assert change in ended.out
