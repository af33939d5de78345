"""Small whole projects through the pipeline and onto the disk, as `deckgen build` does it."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
import zipfile
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files

from deckgen.build.commit import LockChangedError, Texts, write_both
from deckgen.build.load import choose_packs
from deckgen.build.options import Options
from deckgen.build.pipeline import build_project, open_and_run
from deckgen.build.preflight import package_of
from deckgen.build.workers import Compiler
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.project.project import Request

pytestmark = pytest.mark.usefixtures("plain_environment")

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"


def note(term: str, meaning: str) -> str:
    return f"{term}\n: {meaning}\n\n"


ONE = note("Latency", "the time from a request to its answer") + note("Throughput", "requests in a second")
TWO = note("Jitter", "how much latency varies from one packet to the next")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    files = {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes/one.md": ONE, "notes/two.md": TWO}
    return write_files(tmp_path / "terms", files)


def built(*arguments: object, **options: Any) -> Ended:
    ended = deckgen("build", *arguments, **options)
    assert ended.code == 0, ended.err
    return ended


def listed(*arguments: object) -> dict[str, dict[str, Any]]:
    """The notes by their questions."""
    ended = deckgen("list", *arguments, "--json")
    assert ended.code == 0, ended.err
    return {n["fields"]["Front"]: n for n in ended.json}


def lock_lines(folder: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "deck.lock").read_text("utf-8").splitlines()]
    return {line["question"]: line for line in lines[1:]}


def header(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "deck.lock").read_text("utf-8").splitlines()[0])
    return found


def rows(package: Path, tmp_path: Path) -> dict[str, tuple[str, int]]:
    """Question → GUID and modified time, as they stand in a package."""
    with zipfile.ZipFile(package) as archive:
        archive.extract("collection.anki2", tmp_path / "unpacked")
    connection = sqlite3.connect(tmp_path / "unpacked" / "collection.anki2")
    found = {
        fields.split("\x1f")[0]: (guid, mod)
        for guid, mod, fields in connection.execute("select guid, mod, flds from notes")
    }
    connection.close()
    return found


def test_a_build_and_another(project: Path) -> None:
    first = built(project)
    assert "3 notes, 3 cards" in first.out
    assert "3 new" in first.out
    pair = [(project / name).read_bytes() for name in ("deck.lock", "terms.apkg")]
    second = built(project)
    assert "3 unchanged" in second.out
    assert [(project / name).read_bytes() for name in ("deck.lock", "terms.apkg")] == pair


def test_only_lock_and_package_are_written(project: Path) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    built(project)
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    written = {path for path in set(after) - set(before) if path.parent != project / ".deckgen"}
    assert written == {project / "deck.lock", project / "terms.apkg"}
    assert {path: after[path] for path in before} == before


def test_listing_before_is_building_is_listing_after(project: Path, tmp_path: Path) -> None:
    before = listed(project)
    built(project)
    after = listed(project)
    assert {q: (n["guid"], n["id"]) for q, n in before.items()} == {q: (n["guid"], n["id"]) for q, n in after.items()}
    assert {q: guid for q, (guid, _) in rows(project / "terms.apkg", tmp_path).items()} == {
        q: n["guid"] for q, n in before.items()
    }
    assert {n["change"] for n in before.values()} == {"new"}
    assert {n["change"] for n in after.values()} == {"unchanged"}


@pytest.mark.parametrize("seed", ["1", "77"])
def test_a_first_build_is_the_same_bytes_everywhere(project: Path, tmp_path: Path, seed: str) -> None:
    built(project)
    other = write_files(
        tmp_path / "elsewhere",
        {p.relative_to(project).as_posix(): p.read_bytes() for p in project.rglob("*") if p.suffix in (".md", ".yaml")},
    )
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo", "SOURCE_DATE_EPOCH": "1900000000"}
    command = [sys.executable, "-m", "deckgen", "build", str(other), "-o", str(other / "terms.apkg")]
    subprocess.run(command, check=True, capture_output=True, env=environment, cwd=Path(__file__).parents[2])
    for name in ("deck.lock", "terms.apkg"):
        assert (other / name).read_bytes() == (project / name).read_bytes()


def test_an_answer_that_changes_is_an_update_at_the_time_of_the_build(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built(project)
    before = rows(project / "terms.apkg", tmp_path)
    (project / "notes" / "one.md").write_text(ONE.replace("in a second", "in a minute"))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    assert "1 updated" in built(project).out
    after = rows(project / "terms.apkg", tmp_path)
    assert after["Throughput"] == (before["Throughput"][0], 1_900_000_000)
    assert after["Latency"] == before["Latency"]
    assert after["Jitter"] == before["Jitter"]


def test_a_note_that_goes_is_retired_and_comes_back(project: Path) -> None:
    built(project)
    guid = lock_lines(project)["Jitter"]["guid"]
    (project / "notes" / "two.md").unlink()
    gone = built(project)
    assert "1 retired" in gone.out
    assert f'"ID:re:^({guid})$"' in gone.out
    assert "Jitter" not in listed(project)
    retired = deckgen("list", project, "--retired", "--json").json
    assert [(line["guid"], line["reason"]) for line in retired] == [(guid, "gone")]
    (project / "notes" / "two.md").write_text(TWO)
    assert "1 restored" in built(project).out
    assert lock_lines(project)["Jitter"]["guid"] == guid


def test_a_source_that_is_excluded_says_so_in_the_lock(project: Path) -> None:
    built(project)
    (project / "deck.yaml").write_text(CONFIG + "exclude: [notes/two.md]\n")
    built(project)
    assert lock_lines(project)["Jitter"]["retired"] == "excluded"


def test_a_note_whose_deck_changes_is_moved_by_the_learner(project: Path) -> None:
    built(project)
    guids = sorted(line["guid"] for line in lock_lines(project).values())
    (project / "deck.yaml").write_text(CONFIG.replace("deck: Terms", "deck: Words"))
    moved = built(project)
    assert "3 moved" in moved.out
    assert f'"ID:re:^({"|".join(guids)})$"' in moved.out
    assert "to Words" in moved.out
    summary = deckgen("build", project, "--dry-run", "--json").json
    assert summary["changes"]["unchanged"] == 3


def test_most_of_a_project_gone_gives_no_search_to_delete_it_by(project: Path) -> None:
    many = "".join(note(f"Term {i}", f"what term number {i} means") for i in range(30))
    (project / "notes" / "many.md").write_text(many)
    built(project)
    (project / "notes" / "many.md").unlink()
    gone = built(project)
    assert "30 retired" in gone.out
    assert "ID:re" not in gone.out
    assert gone.kinds == ["many-retired"]


def test_check_and_dry_run_write_nothing(project: Path) -> None:
    assert deckgen("build", project, "--check").code == 1
    assert built(project, "--dry-run").out.count("nothing is written") == 1
    assert not (project / "deck.lock").exists()
    built(project)
    assert deckgen("build", project, "--check").code == 0
    (project / "terms.apkg").unlink()
    assert deckgen("build", project, "--check").code == 0  # packages need not be in version control
    assert deckgen("build", project, "--check", "-o", project / "terms.apkg").code == 1
    (project / "terms.apkg").write_bytes(b"another")
    assert deckgen("build", project, "--check").code == 1
    assert (project / "terms.apkg").read_bytes() == b"another"
    names = [".deckgen", "deck.lock", "deck.yaml", "notes", "rules.yaml", "terms.apkg"]
    assert sorted(p.name for p in project.iterdir()) == names


def test_a_part_is_packaged_while_the_lock_knows_the_whole(project: Path, tmp_path: Path) -> None:
    ended = built(project / "notes" / "two.md")
    assert "1 note, 1 card" in ended.out
    assert set(rows(project / "notes" / "two.apkg", tmp_path)) == {"Jitter"}
    assert set(lock_lines(project)) == {"Latency", "Throughput", "Jitter"}
    assert [n["fields"]["Front"] for n in deckgen("list", project / "notes" / "two.md", "--json").json] == ["Jitter"]
    assert "3 unchanged" in built(project).out


def test_several_parts_of_a_project_need_a_place_for_their_package(project: Path) -> None:
    (project / "notes" / "three.md").write_text(note("Bandwidth", "what a line can carry in a second"))
    parts = [project / "notes" / name for name in ("one.md", "two.md")]
    assert len(deckgen("list", *parts, "--json").json) == 3
    unclear = deckgen("build", *parts)
    assert (unclear.code, unclear.kinds) == (2, ["no-output"])
    assert "3 notes" in built(*parts, "-o", project / "parts.apkg").out


def test_a_file_built_alone_leaves_the_rest_of_its_folder(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/one.md": ONE, "notes/two.md": TWO})
    built(tmp_path / "notes")
    before = lock_lines(tmp_path / "notes")
    (tmp_path / "notes" / "two.md").write_text(TWO.replace("varies", "changes"))
    ended = built(tmp_path / "notes" / "one.md")
    assert "retired" not in ended.out
    assert lock_lines(tmp_path / "notes")["Jitter"] == before["Jitter"]


def test_a_file_and_a_folder_built_together_leave_the_rest_of_their_folder(tmp_path: Path) -> None:
    beside = {"notes/three.md": note("Bandwidth", "what a line can carry in a second")}
    write_files(tmp_path, {"notes/one.md": ONE, "notes/more/two.md": TWO, **beside})
    built(tmp_path / "notes")
    before = (tmp_path / "notes" / "deck.lock").read_bytes()
    parts = [tmp_path / "notes" / name for name in ("one.md", "more")]
    paths = {card["source"]["path"] for card in deckgen("list", *parts, "--json").json}
    assert paths == {"one.md", "more/two.md"}
    assert "retired" not in built(*parts).out
    assert (tmp_path / "notes" / "deck.lock").read_bytes() == before


def test_a_file_that_is_no_note_by_its_name_is_not_retired_by_its_folder(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/one.md": ONE, "notes/two.txt": TWO})
    built(tmp_path / "notes" / "two.txt")
    assert "retired" not in built(tmp_path / "notes").out


def test_without_a_deck_yaml(tmp_path: Path) -> None:
    write_files(tmp_path, {"Computer networks/one.md": ONE, "b/two.md": "# Delays: all of them\n\n" + TWO})
    built("Computer networks", cwd=tmp_path)
    assert (tmp_path / "Computer networks" / "Computer networks.apkg").is_file()
    assert {line["deck"] for line in lock_lines(tmp_path / "Computer networks").values()} == {"Computer networks"}
    assert header(tmp_path / "Computer networks")["rules"] == ["en/facts", "structure"]
    built("b/two.md", cwd=tmp_path)
    assert (tmp_path / "b" / "two.apkg").is_file()
    assert {line["deck"] for line in lock_lines(tmp_path / "b").values()} == {"Delays: all of them"}


def test_output_and_lock_elsewhere(project: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    built(project, "-o", tmp_path / "out" / "x.apkg", "--lock", tmp_path / "x.lock")
    assert (tmp_path / "out" / "x.apkg").is_file()
    assert (tmp_path / "x.lock").is_file()
    assert not (project / "deck.lock").exists()


def test_what_the_lock_calls_the_project_holds(project: Path) -> None:
    (project / "deck.yaml").write_text(CONFIG.replace("id: terms\n", ""))
    built(project)
    assert header(project)["project"] == "Terms"
    (project / "deck.yaml").write_text(CONFIG.replace("id: terms\n", "").replace("deck: Terms", "deck: Words"))
    built(project)
    assert header(project)["project"] == "Terms"
    (project / "deck.yaml").write_text(CONFIG)
    other = deckgen("build", project)
    assert other.code == 2
    assert other.kinds == ["other-project"]
    assert "write `id: Terms`" in other.err


def test_an_own_note_type_keeps_its_ids_when_the_deck_is_renamed(project: Path, tmp_path: Path) -> None:
    card = "{name: Card, front: '{{Word}}', back: '{{Meaning}}'}"
    own = f"note_types:\n  Word: {{fields: [Word, Meaning], templates: [{card}]}}\n"
    config = CONFIG.replace("id: terms\n", "") + own
    rules = RULES.replace("fields: {Front", "note: Word\n    fields: {Word").replace("Back:", "Meaning:")
    write_files(project, {"deck.yaml": config, "rules.yaml": rules})

    def types() -> set[int]:
        with zipfile.ZipFile(project / "terms.apkg") as archive:
            archive.extract("collection.anki2", tmp_path / "types")
        connection = sqlite3.connect(tmp_path / "types" / "collection.anki2")
        found = {mid for (mid,) in connection.execute("select mid from notes")}
        connection.close()
        return found

    built(project)
    before = types()
    (project / "deck.yaml").write_text(config.replace("deck: Terms", "deck: Words"))
    built(project)
    assert types() == before


def test_a_lost_lock_is_no_first_build(project: Path) -> None:
    built(project)
    (project / "deck.lock").unlink()
    package = (project / "terms.apkg").read_bytes()
    lost = deckgen("build", project)
    assert (lost.code, lost.kinds) == (2, ["lost-lock"])
    assert not (project / "deck.lock").exists()
    assert (project / "terms.apkg").read_bytes() == package


def test_under_ci_a_lock_that_changes_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(project)
    monkeypatch.setenv("CI", "true")
    assert built(project).kinds == []
    (project / "notes" / "three.md").write_text(note("Bandwidth", "what a line can carry in a second"))
    assert built(project).kinds == ["lock-not-committed"]


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_lock_that_git_ignores_is_told(project: Path) -> None:
    subprocess.run(["git", "init", "--quiet", str(project)], check=True)
    assert built(project).kinds == []
    (project / ".gitignore").write_text("*.lock\n")
    assert built(project).kinds == ["lock-ignored"]


def test_a_build_that_was_overtaken_writes_nothing(project: Path) -> None:
    build, _ = open_and_run(Request((project,)), 1_700_000_000)
    assert build is not None
    built(project)
    texts = Texts(build.project.lock_text, build.lock_text)
    with pytest.raises(LockChangedError):
        write_both(build.lock_path, texts, build.project.package_path, partial(package_of, build))


def test_a_build_that_is_overtaken_twice_tells_of_the_notes_all_the_same(project: Path) -> None:
    built(project)
    lock, source = project / "deck.lock", project / "notes" / "one.md"
    head, _, rest = lock.read_text("utf-8").partition("\n")
    other_builds = count()
    source.write_text(ONE + note("Topology", "as the drawing has it: ![a drawing](nowhere.png)"), "utf-8")

    def check(_: object) -> tuple[str, ...]:
        """Another build, in the middle of this one."""
        another = json.loads(head) | {"rendering": str(next(other_builds))}
        lock.write_text(json.dumps(another, separators=(",", ":")) + "\n" + rest, "utf-8")
        return ()

    found = build_project(Request((project,)), 1_700_000_000, Options(), Compiler(check=check))
    assert [failure.kind for failure in found.failures] == ["lock-changed"]
    assert "missing-media" in [problem.kind for problem in found.diagnostics]


def test_two_builds_at_once(project: Path) -> None:
    """Whoever comes second starts again from the lock of the first: both end well, with one result."""
    many = "".join(note(f"Term {i}", f"what term number {i} means") for i in range(200))
    (project / "notes" / "many.md").write_text(many)
    command = [sys.executable, "-m", "deckgen", "build", str(project)]
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for _ in range(2)
    ]
    ended = [(*process.communicate(), process.returncode) for process in running]
    assert [code for _, _, code in ended] == [0, 0], ended
    assert len(lock_lines(project)) == 203
    assert deckgen("build", project, "--check").code == 0


def test_refresh_sends_notes_again(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    built(project)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1900000000")
    assert "1 updated" in built(project, "--refresh", "notes/two.md").out
    assert rows(project / "terms.apkg", tmp_path)["Jitter"][1] == 1_900_000_000
    assert "3 updated" in built(project, "--refresh", "").out


def test_a_new_way_of_rendering_is_told_until_everything_was_sent(project: Path) -> None:
    built(project)
    lock = project / "deck.lock"
    lock.write_text(lock.read_text().replace('"rendering":"', '"rendering":"0 was '))
    for arguments in ((), ("--refresh", "notes/two.md")):
        assert "`--refresh ''` sends all now" in " ".join(built(project, *arguments).out.split())
    built(project, "--refresh", "")
    assert "--refresh" not in built(project).out


def test_same_makes_two_notes_one(project: Path) -> None:
    built(project)
    old = lock_lines(project)["Jitter"]["guid"]
    (project / "notes" / "two.md").write_text(note("Schwankung", "wie sehr sich Laufzeiten unterscheiden"))
    new = listed(project)["Schwankung"]["guid"]
    assert new != old
    assert "retired" not in built(project, "--same", f"{old}={new}").out
    assert lock_lines(project)["Schwankung"]["guid"] == old


def test_no_notes_make_no_package(tmp_path: Path) -> None:
    write_files(tmp_path, {"notes/a.md": "Nothing here is a fact."})
    assert "no notes" in built(tmp_path / "notes").out
    assert not list((tmp_path / "notes").glob("*.apkg"))


def test_a_package_is_emptied_with_its_project(project: Path, tmp_path: Path) -> None:
    built(project)
    for path in (project / "notes").glob("*.md"):
        path.write_text("Nothing.")
    built(project)
    assert rows(project / "terms.apkg", tmp_path) == {}


def test_packs_are_chosen_by_the_languages_of_paragraphs_too() -> None:
    text = "# 笔记\n\n围棋是一种策略性棋类游戏，起源于中国，已有数千年的历史。\n\nGo is a board game for two players.\n"
    document, _ = read_document(Source("a.md", text))
    assert [pack.name for pack in choose_packs([document])] == ["zh/facts", "en/facts", "structure"]
    chinese, _ = read_document(Source("a.md", text.partition("Go is")[0]))
    assert [pack.name for pack in choose_packs([chinese])] == ["zh/facts", "structure"]
    assert [pack.name for pack in choose_packs([chinese], ["en/facts"])] == ["zh/facts", "en/facts", "structure"]


def test_a_note_deleted_in_anki_is_left_out_for_that_reason(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("MTL stands for multi-task learning. CNN stands for convolutional neural network.\n")
    assert deckgen("build", tmp_path).code == 0
    lock = tmp_path / "deck.lock"
    header, first, second = lock.read_text().splitlines()
    declined = json.dumps({**json.loads(first), "declined": "2026-01-01"}, ensure_ascii=False, separators=(",", ":"))
    lock.write_text("\n".join([header, declined, second, ""]))
    for _ in range(2):
        ended = deckgen("build", tmp_path)
        assert "1 note, 1 card\n" in ended.out + ended.err
        assert "1 not in the package: deleted in Anki (`deckgen push --again` adds it)" in ended.out + ended.err
        assert "picture" not in ended.out + ended.err
