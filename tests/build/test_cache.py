"""A build with a cache is the build without one: the same lock, package and words, whatever became of either."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
from command_line import deckgen, write_files
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_builds import LONG_AGO, age, outcome, same_without

from deckgen.build import file_stamps
from deckgen.build import store as kept
from deckgen.build import workers as made
from deckgen.build.compile import CompileOptions
from deckgen.build.compile_key import compile_key
from deckgen.build.file_stamps import file_stamp, is_settled, mtime_is_reliable
from deckgen.build.owned_folder import FOLDER
from deckgen.build.store import open_cache
from deckgen.build.unit import CompiledSource, decode_unit, encode_unit
from deckgen.build.workers import Compiler, workers_for
from deckgen.extraction.settings import Settings
from deckgen.rendering.note import RenderOptions
from deckgen.rules.shipped import PackText

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nrules: [./rules.yaml]\n"
NOTES = {
    "deck.yaml": CONFIG,
    "rules.yaml": RULES,
    "a.md": "Latency\n: the time from a request to its answer\n",
    "b.md": "Jitter\n: how much that **time** varies\n\n![a plan](plan.png)\n\n<script>x</script>\n",
    "c/c.md": "Loss\n: the share of packets <script>alert(1)</script> that never arrive\n\nHop\n: one router, ![it](r.png)\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose files are old enough to be known by their times."""
    monkeypatch.setattr(file_stamps, "SLACK", -(10**15))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.delenv("CI", raising=False)
    return write_files(tmp_path / "p", NOTES)


def read_sources(project: Path, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    """The sources that a build tries rules on."""
    tried: list[str] = []
    real = made.compile_source

    def noting(source: Any, *rest: Any) -> CompiledSource:
        tried.append(source.path)
        return real(source, *rest)

    with monkeypatch.context() as patched:
        patched.setattr(made, "compile_source", noting)
        same = deckgen("build", project, *arguments)
    assert same.code in (0, 1), same.err
    return tried


def test_a_source_is_tried_again_only_when_it_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_sources(project, monkeypatch) == ["a.md", "b.md", "c/c.md"]
    assert read_sources(project, monkeypatch) == []
    (project / "b.md").write_text("Jitter\n: how much the time varies\n")
    assert read_sources(project, monkeypatch) == ["b.md"]
    os.utime(project / "a.md")  # read again, and found to be the same
    assert read_sources(project, monkeypatch) == []
    same_without(project)


def test_the_cache_has_its_own_gitignore_and_may_go_at_any_time(project: Path) -> None:
    outcome(project)
    second = outcome(project)[1]  # that of the first build has notes with the picture that is missing
    assert (project / FOLDER / ".gitignore").read_text().splitlines()[-1] == "*"
    shutil.rmtree(project / FOLDER)
    ended = same_without(project)
    assert "4 unchanged" in ended.out
    assert outcome(project)[1] == second


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("rules.yaml", RULES.replace("'{definition}'", "'= {definition}'")),
        ("rules.yaml", RULES + "    note: Reversed\n"),
        ("deck.yaml", CONFIG + "tags: [net]\n"),
        ("deck.yaml", CONFIG + "html: escape\n"),
        ("deck.yaml", CONFIG + "subdecks: file\n"),
        ("deck.yaml", CONFIG + "exclude: [a.md]\n"),
        ("deck.yaml", CONFIG + "encoding: latin-1\n"),
        ("deck.yaml", CONFIG.replace("deck: Terms", "deck: Words")),
        ("deck.yaml", "deck: Terms\nid: terms\n"),
        ("c/c.md", None),
        ("c/d.md", "Route\n: the way of a packet\n"),
        ("c/r.png", "a picture that was missing"),
    ],
)
def test_whatever_changes(project: Path, file: str, text: str | None) -> None:
    outcome(project)
    if text is None:
        (project / file).unlink()
    else:
        (project / file).write_text(text)
    same_without(project)
    same_without(project)


def test_a_file_put_back_with_its_old_time(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    age(project)
    outcome(project)
    old = file_stamp(project / "a.md")
    assert old is not None
    text = (project / "a.md").read_text()
    (project / "a.md").write_text(text.replace("answer", "echoes"))  # of the same size
    os.utime(project / "a.md", ns=(old[1], old[1]))
    new = file_stamp(project / "a.md")
    assert new is not None
    assert (new[0], new[1], new[3]) == (old[0], old[1], old[3])
    assert same_without(project).out.count("1 updated") == 1


def test_a_file_written_in_the_same_tick_is_read_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that are as young as the build say nothing: the row is kept, but its source is read, and compared."""
    monkeypatch.setattr(file_stamps, "SLACK", 2 * 10**9)
    outcome(project)
    with sqlite3.connect(project / FOLDER / "sources.db") as database:
        assert {size for (size,) in database.execute("SELECT size FROM sources")} == {-1}
    assert read_sources(project, monkeypatch) == []
    same_without(project)


def test_what_is_settled() -> None:
    begun = 10**18
    assert is_settled((1, begun - 3 * 10**9, begun - 3 * 10**9, 1), begun)
    assert not is_settled((1, begun - 3 * 10**9, begun - 10**9, 1), begun)
    assert not is_settled((1, begun + 3 * 10**9, 0, 1), begun)


def test_when_a_write_must_show() -> None:
    assert mtime_is_reliable((1, 10**18 + 1, 10**18 + 4_000_001, 1))
    assert not mtime_is_reliable((1, 10**18 + 1, 10**18 + 1, 1))
    assert not mtime_is_reliable((1, 10**18, 10**18 + 4_000_001, 1)), "it may be rounded to seconds"


def test_a_write_shows_in_a_file_that_was_renamed_after_a_while(tmp_path: Path) -> None:
    before, path = tmp_path / "before", tmp_path / "file"
    before.write_text("one", "utf-8")
    time.sleep(0.05)
    before.rename(path)
    state = file_stamp(path)
    assert state is not None
    assert mtime_is_reliable(state)
    path.write_text("two", "utf-8")
    after = file_stamp(path)
    assert after is not None
    assert after != state
    assert not mtime_is_reliable(after)


def test_another_program_or_place_makes_everything_anew(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome(project)
    monkeypatch.setattr(kept, "program_fingerprint", lambda: "a newer one")
    assert len(read_sources(project, monkeypatch)) == 3
    assert read_sources(project, monkeypatch) == []
    monkeypatch.undo()
    copy = project.parent / "copied"
    shutil.copytree(project, copy)  # with the cache
    assert len(read_sources(copy, monkeypatch)) == 3


def damage(database: Path, kind: str) -> None:
    data = database.read_bytes()
    if kind == "empty":
        database.write_bytes(b"")
    elif kind == "cut":
        database.write_bytes(data[: len(data) // 2])
    elif kind == "foreign":
        database.write_bytes(b"not a database at all" * 100)
    elif kind == "folder":
        database.unlink()
        database.mkdir()
    elif kind == "link":
        target = database.with_name("elsewhere")
        database.rename(target)
        database.symlink_to(target)
    elif kind == "tables":
        database.unlink()
        with sqlite3.connect(database) as other:
            other.execute("CREATE TABLE sources (path TEXT)")
            other.execute("CREATE TABLE owner (identity TEXT)")
    else:
        with sqlite3.connect(database) as other:
            other.execute(kind)


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "cut",
        "foreign",
        "folder",
        "link",
        "tables",
        "UPDATE sources SET made = (SELECT made FROM sources WHERE path = 'a.md')",
        "UPDATE sources SET made = x'00', checksum = 0",
        "UPDATE sources SET made = 'text'",
        "UPDATE sources SET languages = 'xx'",
        "UPDATE sources SET environment = 'xx'",
        "UPDATE sources SET digest = 'xx'",
        "UPDATE sources SET size = 'many'",
        "UPDATE owner SET identity = 'of somebody else'",
        "DROP TABLE owner",
        "DELETE FROM sources",
    ],
)
def test_damaged_and_foreign_caches_are_dropped_without_a_word(project: Path, kind: str) -> None:
    outcome(project)
    damage(project / FOLDER / "sources.db", kind)
    (project / "a.md").write_text(NOTES["a.md"].replace("answer", "echo"))
    assert same_without(project).err.count("cache") == 0
    same_without(project)


@pytest.mark.parametrize("seed", range(20))
def test_bytes_that_are_others(project: Path, seed: int) -> None:
    outcome(project)
    database = project / FOLDER / "sources.db"
    chance, data = random.Random(seed), bytearray(database.read_bytes())
    for _ in range(30):
        data[chance.randrange(len(data))] = chance.randrange(256)
    database.write_bytes(data)
    same_without(project)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written(project: Path) -> None:
    (project / FOLDER).mkdir()
    (project / FOLDER).chmod(0o500)
    same_without(project)


def test_a_file_in_the_place_of_the_folder(project: Path) -> None:
    (project / FOLDER).write_text("mine")
    other = write_files(project.parent / "q", NOTES)
    assert deckgen("build", ".", cwd=project).err == deckgen("build", ".", cwd=other).err
    assert (project / FOLDER).read_text() == "mine"


def test_a_cache_that_another_build_is_writing(project: Path) -> None:
    outcome(project)
    with sqlite3.connect(project / FOLDER / "sources.db", isolation_level=None) as other:
        other.execute("BEGIN EXCLUSIVE")
        (project / "a.md").write_text(NOTES["a.md"].replace("answer", "echo"))
        same_without(project)
        other.execute("ROLLBACK")
    same_without(project)


def test_nothing_is_kept_of_single_notes_and_where_nothing_is_written(project: Path, tmp_path: Path) -> None:
    deckgen("build", project, "--dry-run")
    deckgen("build", project, "--check")
    deckgen("list", project)
    assert not (project / FOLDER).exists()
    alone = write_files(tmp_path / "alone", {"one.md": "# Nets\n\n## What is a hop?\n\nOne router.\n"})
    assert deckgen("build", alone / "one.md").code == 0
    assert not (alone / FOLDER).exists()


def test_what_a_pack_is_shown_as_is_no_part_of_what_it_makes() -> None:
    def making(path: str, text: str) -> CompileOptions:
        return CompileOptions((PackText("mine", path, text),), Settings("D"), RenderOptions())

    assert compile_key(making("a/mine.yaml", "x")) == compile_key(making("mine.yaml", "x"))
    assert compile_key(making("mine.yaml", "x")) != compile_key(making("mine.yaml", "y"))


def test_packed_notes_come_back() -> None:
    notes = CompiledSource("a.md", (), ("en",))
    assert decode_unit(encode_unit(notes)) == notes
    assert decode_unit(b"") is decode_unit(b"\x78\x9c") is decode_unit(encode_unit(notes)[:-3]) is None


# ---- workers


def test_the_number_of_processes_changes_nothing(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(30):
        (project / f"n{index}.md").write_text(
            f"Term {index}\n: meaning {index} of ![it](x.png) <b onclick=x>it</b>\n" * 9
        )
    found = []
    for workers in ("1", "2", "5"):
        monkeypatch.setenv("DECKGEN_WORKERS", workers)
        copy = project.parent / workers / "p"
        shutil.copytree(project, copy)
        found.append(outcome(copy))
    assert found[0] == found[1] == found[2]
    assert found[0][0].code == 0


def test_how_many_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DECKGEN_WORKERS", raising=False)
    assert workers_for(1000) == 1
    monkeypatch.setenv("DECKGEN_WORKERS", "3")
    assert workers_for(1000) == 3
    monkeypatch.setenv("DECKGEN_WORKERS", "0")
    assert workers_for(10**9) == 1


def test_a_process_that_is_killed_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made, "compile_source", lambda *_: os._exit(9))
    monkeypatch.setenv("DECKGEN_WORKERS", "2")
    ended = deckgen("build", project)
    assert ended.code == 2
    assert "error[lost-worker]" in ended.err
    assert not (project / "deck.lock").exists()


def test_how_far_it_is_is_told(project: Path) -> None:
    from deckgen.build.pipeline import open_and_run
    from deckgen.project.project import Request

    told: list[tuple[int, int]] = []
    open_and_run(
        Request((project,)), 1_760_000_000, None, Compiler(step=lambda done, total: told.append((done, total)))
    )
    assert told == [(1, 3), (2, 3), (3, 3)]


# ---- stories

WORDS = ("Latency", "Jitter", "Loss", "Hop", "Route")
EDITS = st.one_of(
    st.tuples(
        st.just("write"), st.sampled_from("abcd"), st.sampled_from(WORDS), st.sampled_from(("time", "share", "way"))
    ),
    st.tuples(st.just("delete"), st.sampled_from("abcd")),
    st.tuples(st.just("move"), st.sampled_from("abcd"), st.sampled_from("abcd")),
    st.tuples(st.just("touch"), st.sampled_from("abcd")),
    st.tuples(st.just("tags"), st.sampled_from(("x", "y"))),
    st.tuples(st.just("rule"), st.sampled_from(("'{definition}'", "'= {definition}'"))),
    st.tuples(st.just("picture")),
    st.tuples(st.just("drop cache")),
    st.tuples(st.just("drop package")),
    st.tuples(st.just("nothing")),
)


def apply(project: Path, edit: tuple[str, ...], clock: int) -> None:
    kind, *rest = edit
    file = project / f"{rest[0]}.md" if rest else project
    if kind == "write":
        file.write_text(f"{rest[1]}\n: the {rest[2]} of a packet, ![it](r.png)\n\nPort\n: a number\n")
    elif kind == "delete" and file.exists() and len(list(project.glob("*.md"))) > 1:
        file.unlink()
    elif kind == "move" and file.exists():
        file.rename(project / f"{rest[1]}.md")
    elif kind == "touch" and file.exists():
        os.utime(file, (clock, clock))
    elif kind == "tags":
        (project / "deck.yaml").write_text(CONFIG + f"tags: [{rest[0]}]\n")
    elif kind == "rule":
        (project / "rules.yaml").write_text(RULES.replace("'{definition}'", rest[0]))
    elif kind == "picture":
        (project / "r.png").write_bytes(b"picture")
    elif kind == "drop cache":
        shutil.rmtree(project / FOLDER, ignore_errors=True)
    elif kind == "drop package":
        (project / "p.apkg").unlink(missing_ok=True)


@settings(max_examples=int(os.environ.get("CACHE_EXAMPLES", "12")))
@given(st.lists(st.lists(EDITS, max_size=3), min_size=1, max_size=6), st.sampled_from([-(10**15), 2 * 10**9]))
def test_any_story_of_edits(
    tmp_path_factory: pytest.TempPathFactory, story: list[list[tuple[str, ...]]], slack: int
) -> None:
    """Two copies of a project live through the same edits, one of them with its cache, the other always without."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(file_stamps, "SLACK", slack)
        patched.delenv("CI", raising=False)
        root = tmp_path_factory.mktemp("story")
        cached, bare = write_files(root / "kept" / "p", NOTES), write_files(root / "bare" / "p", NOTES)
        for moment, edits in enumerate([[], *story]):
            patched.setenv("SOURCE_DATE_EPOCH", str(1_760_000_000 + moment * 1000))
            found = []
            for project in (cached, bare):
                for edit in edits:
                    apply(project, edit, LONG_AGO + moment)
                shutil.rmtree(bare / FOLDER, ignore_errors=True)
                found.append(outcome(project))
            assert found[0] == found[1]


def test_the_clock_is_looked_at_before_the_sources() -> None:
    before = time.time_ns()
    cache = open_cache(Path("nowhere"))
    assert cache.begun >= before
    assert not Path("nowhere").exists()
