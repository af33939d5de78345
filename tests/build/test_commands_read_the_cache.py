"""Every command reads what builds kept: nothing is compiled again, and the same is said as without."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import pytest
from command_line import Ended, deckgen, write_files
from kept_builds import LONG_AGO

from deckgen.build import workers
from deckgen.build.owned_folder import FOLDER
from deckgen.identity import match_by_question
from deckgen.reports import lint_cards

NOTES = {
    "deck.yaml": "deck: Terms\nid: terms\nrules: [./rules.yaml]\n",
    "rules.yaml": "rules:\n  - id: term\n    on: definition\n    fields: {Front: '{term}', Back: '{definition}'}\n",
    "笔记/a.md": "Latency\n: the time from a request to its answer <script>x</script>\n",
    "b.md": "Jitter\n: how much that time varies\n\nHop\n: one router\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project that was built twice, with files of long ago."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1760000000")
    monkeypatch.delenv("CI", raising=False)
    root = write_files(tmp_path / "p", NOTES)
    for path in root.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    for _ in range(2):
        assert deckgen("build", ".", cwd=root).code == 0
    return root


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of the sources that are compiled."""
    paths: list[str] = []
    real = workers.compile_source

    def counting(source: workers.Source, *rest: object) -> object:
        paths.append(source.path)
        return real(source, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(workers, "compile_source", counting)
    return paths


COMMANDS = ("list", "list --json", "list --rule term", "lint", "lint --json", "diff", "diff --json", "build --check")


@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_compiled_and_the_same_is_said(project: Path, compiled: list[str], command: str) -> None:
    known = [deckgen(*command.split(), cwd=project) for _ in range(3)]
    assert not compiled
    shutil.rmtree(project / FOLDER)
    assert [deckgen(*command.split(), cwd=project)] * 3 == known
    assert len(compiled) == 2


@pytest.mark.parametrize("command", COMMANDS)
def test_what_changed_is_compiled(project: Path, compiled: list[str], command: str) -> None:
    deckgen(*command.split(), cwd=project)
    write_files(project, {"b.md": "Jitter\n: how much it varies\n"})
    known = deckgen(*command.split(), cwd=project)
    assert compiled == ["b.md"]
    shutil.rmtree(project / FOLDER)
    assert deckgen(*command.split(), cwd=project) == known


def test_what_a_command_compiled_is_not_compiled_again(project: Path, compiled: list[str]) -> None:
    write_files(project, {"b.md": "Jitter\n: how much it varies\n"})
    for command in ("list", "lint", "diff", "build"):
        deckgen(command, cwd=project)
    assert compiled == ["b.md"]


def test_after_a_build_lint_looks_at_what_changed(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_at: list[str] = []
    real = lint_cards.Card.names.func  # type: ignore[attr-defined]
    names = cached_property(lambda card: looked_at.append(card.question) or real(card))
    names.__set_name__(lint_cards.Card, "names")
    monkeypatch.setattr(lint_cards.Card, "names", names)
    deckgen("lint", cwd=project)
    assert sorted(looked_at) == ["Hop", "Jitter", "Latency"]
    looked_at.clear()
    for text in ("Jitter\n: how much it varies\n\nHop\n: one router\n", "Jitter\n: 上述时间\n\nHop\n: one router\n"):
        write_files(project, {"b.md": text})
        os.utime(project / "b.md", (LONG_AGO, LONG_AGO))
        for _ in range(2):
            deckgen("build", cwd=project)
        looked_at.clear()
        known = deckgen("lint", "--json", cwd=project)
        assert looked_at == ["Jitter"]
        shutil.copytree(project, copy := project.parent / "copy" / "p", ignore=shutil.ignore_patterns(FOLDER))
        assert deckgen("lint", "--json", cwd=copy) == known
        shutil.rmtree(copy)
        looked_at.clear()
    assert [found["kind"] for found in known.json] == ["answer-leans"]


def test_a_command_alone_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "p", NOTES)
    for command in ("list", "lint", "diff"):
        assert deckgen(command, cwd=folder).code == 0
    assert sorted(path.name for path in folder.iterdir()) == ["b.md", "deck.yaml", "rules.yaml", "笔记"]


def test_a_page_and_an_adoption_compile_nothing(project: Path, compiled: list[str]) -> None:
    deckgen("preview", "--html", "page.html", cwd=project)
    deckgen("adopt", "p.apkg", cwd=project)
    assert not compiled


def test_a_report_is_that_of_its_options_and_its_place(project: Path) -> None:
    def told(*arguments: str, cwd: Path = project) -> Ended:
        return [deckgen(*arguments, cwd=cwd) for _ in range(2)][1]

    assert told("list", "--json").out.startswith("[")
    assert not told("list").out.startswith("[")
    assert "笔记/a.md" in told("diff").err
    assert "p/笔记/a.md" in told("diff", "p", cwd=project.parent).err


def test_any_change_brings_another_report(project: Path) -> None:
    changes: dict[str, Callable[[], object]] = {
        "deck": lambda: write_files(project, {"deck.yaml": NOTES["deck.yaml"] + "tags: [net]\n"}),
        "rules": lambda: write_files(project, {"rules.yaml": NOTES["rules.yaml"] + "    tags: [net]\n"}),
        "source": lambda: write_files(project, {"c.md": "Loss\n: the share of packets that never arrive\n"}),
        "lock": (project / "deck.lock").unlink,
    }
    for change in changes.values():
        for command in ("list --json", "diff --json", "lint --json"):
            deckgen(*command.split(), cwd=project)
        change()
        for command in ("list --json", "diff --json", "lint --json"):
            known = deckgen(*command.split(), cwd=project)
            copy = project.parent / "copy" / "p"
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(project, copy, ignore=shutil.ignore_patterns(FOLDER))
            assert deckgen(*command.split(), cwd=copy) == known


def test_a_young_setting_leaves_a_record(project: Path, compiled: list[str]) -> None:
    for name in ("deck.yaml", "rules.yaml"):
        write_files(project, {name: NOTES[name]})
    deckgen("build", cwd=project)
    compiled.clear()
    assert any(path.name.startswith("rest-") for path in (project / FOLDER).iterdir())
    write_files(project, {"deck.yaml": NOTES["deck.yaml"] + "tags: [net]\n"})
    assert "3 updated" in deckgen("build", cwd=project).out


def test_a_pattern_that_fits_nothing_any_more_is_told_as_without(tmp_path: Path) -> None:
    config = NOTES["deck.yaml"] + 'sources: ["a/*.md", "b/*.md"]\n'
    files = {"deck.yaml": config, "rules.yaml": NOTES["rules.yaml"], "a/x.md": "A\n: one\n\nC\n: three\n"}
    project = write_files(tmp_path / "p", {**files, "b/y.md": "B\n: two\n"})
    for _ in range(2):
        assert deckgen("build", cwd=project).code == 0
    (project / "b/y.md").unlink()
    copy = shutil.copytree(project, tmp_path / "copy/p", ignore=shutil.ignore_patterns(FOLDER))
    warm = [deckgen("build", cwd=project) for _ in range(2)]
    assert warm == [deckgen("build", cwd=copy) for _ in range(2)]
    assert warm[0].kinds == ["empty-pattern"]
    (project / "a/x.md").unlink()
    shutil.rmtree(copy)
    shutil.copytree(project, copy, ignore=shutil.ignore_patterns(FOLDER))
    assert deckgen("build", cwd=project) == deckgen("build", cwd=copy)


def test_the_subjects_of_retired_notes_are_not_worked_out_again(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    many = "".join(f"Term {n}\n: meaning {n}\n\n" for n in range(200))
    write_files(project, {"many.md": many})
    deckgen("build", cwd=project)
    (project / "many.md").unlink()
    deckgen("build", cwd=project)
    asked: list[str] = []
    real = match_by_question.question_parts
    monkeypatch.setattr(match_by_question, "question_parts", lambda question: asked.append(question) or real(question))
    write_files(project, {"c.md": "Loss\n: the share of packets that never arrive\n"})
    assert "1 new" in deckgen("build", "--dry-run", cwd=project).out
    assert len(asked) < 10


def test_what_a_build_with_an_error_compiled_is_not_shown(tmp_path: Path) -> None:
    folder = write_files(
        tmp_path / "p",
        {
            "deck.yaml": "deck: D\nid: d\nsources: ['*.md']\n",
            "a.md": "- Fetch: a way over water\n- Berm: a terrace of sand\n",
        },
    )
    assert deckgen("build", cwd=folder).code == 0
    write_files(
        folder,
        {"a.md": "- Swash: water on a beach\n- Spit: a ridge of sand\n\n<<<<<<< ours\n=======\n>>>>>>> theirs\n"},
    )
    assert deckgen("build", cwd=folder).code == 2
    write_files(folder, {"a.md": "- Fetch: a way over water\n- Berm: a terrace of sand\n"})
    assert [note["fields"]["Front"] for note in deckgen("list", "--json", cwd=folder).json] == ["Fetch", "Berm"]


def test_what_a_build_with_an_error_compiled_by_other_settings_is_not_shown(project: Path) -> None:
    known = deckgen("list", "--json", cwd=project)
    write_files(
        project, {"deck.yaml": NOTES["deck.yaml"] + "tags: [net]\n", "c.md": "<<<<<<< ours\n=======\n>>>>>>> b\n"}
    )
    assert deckgen("build", cwd=project).code == 2
    (project / "c.md").unlink()
    write_files(project, {"deck.yaml": NOTES["deck.yaml"]})
    for path in (project, project / "deck.yaml"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    assert deckgen("list", "--json", cwd=project) == known


def test_a_note_that_is_declined_and_skipped_is_no_unchanged_one(project: Path) -> None:
    lock = project / "deck.lock"
    head, first, *others = lock.read_text("utf-8").splitlines()
    lock.write_text("\n".join([head, first.replace('"mod":', '"declined":"2025-01-01","mod":'), *others, ""]), "utf-8")
    guid = json.loads(first)["guid"]
    write_files(project, {"deck.choices.yaml": f"- {{note: {guid}, skip: true}}\n"})
    for _ in range(2):
        deckgen("build", ".", cwd=project)
    for path in project.rglob("*"):
        os.utime(path, (LONG_AGO, LONG_AGO))
    known = deckgen("diff", cwd=project)
    shutil.rmtree(project / FOLDER)
    assert deckgen("diff", cwd=project) == known
