"""The disk → a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deckgen.diagnostics import Diagnostic
from deckgen.project import Project, Request, glob_expression, open_project


def write(root: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return root


def opened(*paths: Path) -> tuple[Project, list[Diagnostic]]:
    project, diagnostics = open_project(Request(paths))
    assert project is not None, diagnostics
    return project, diagnostics


@pytest.mark.parametrize(
    ("glob", "path", "fits"),
    [
        ("**/*.md", "a.md", True),
        ("**/*.md", "a/b/c.md", True),
        ("*.md", "a/b.md", False),
        ("notes/**", "notes/a/b.md", True),
        ("notes/**/*.md", "notes/a.md", True),
        ("./notes/*.md", "notes/a.md", True),
        ("n?tes/[ab].md", "notes/a.md", True),
        ("n?tes/[!ab].md", "notes/a.md", False),
        ("a+b.md", "a+b.md", True),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert bool(glob_expression(glob).match(path)) is fits


def test_a_folder_without_a_deck_yaml(tmp_path: Path) -> None:
    write(tmp_path, {"notes/b.md": "b", "notes/a/a.md": "a", "notes/x.txt": "x", "notes/.hidden/h.md": "h"})
    project, diagnostics = opened(tmp_path / "notes")
    assert not diagnostics
    assert [s.path for s in project.sources] == ["a/a.md", "b.md"]
    assert project.package_path == tmp_path / "notes" / "notes.apkg"
    assert project.lock_path == tmp_path / "notes" / "deck.lock"
    assert not project.has_config


def test_a_file_of_any_name_is_read_alone(tmp_path: Path) -> None:
    write(tmp_path, {"a.txt": "a", "b.md": "b"})
    project, diagnostics = opened(tmp_path / "a.txt")
    assert not diagnostics
    assert [s.path for s in project.sources] == ["a.txt"]
    assert project.unread == {"b.md"}
    assert project.package_path.name == "a.apkg"


def test_a_project(tmp_path: Path) -> None:
    config = "deck: A::B\nid: ab\nsources: notes/**/*.md\nexclude: [notes/drafts]\nrules: [structure, rules/mine.yaml]\ntags: x\n"
    write(tmp_path, {"deck.yaml": config, "notes/a.md": "a", "notes/drafts/d.md": "d", "other.md": "o", "rules/mine.yaml": "rules: []"})
    project, diagnostics = opened(tmp_path)
    assert not diagnostics
    assert [s.path for s in project.sources] == ["notes/a.md"]
    assert project.config.tags == ("x",)
    assert project.packs is not None
    assert [p.name for p in project.packs] == ["structure", "mine"]


def test_a_path_inside_a_project_chooses_what_is_shown(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A", "a/1.md": "1", "b/2.md": "2"})
    project, _ = opened(tmp_path / "a")
    assert len(project.sources) == 2  # identity sees the whole project
    assert project.chosen == {"a/1.md"}
    assert project.root.resolve() == tmp_path.resolve()


def test_text_is_read_as_a_person_sees_it(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": b"\xef\xbb\xbfone\r\ntwo\rthree"})
    project, _ = opened(tmp_path)
    assert project.sources[0].text == "one\ntwo\nthree"


def test_another_encoding(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A\nencoding: gb18030", "a.md": "中值滤波".encode("gb18030")})
    project, diagnostics = opened(tmp_path)
    assert not diagnostics
    assert project.sources[0].text == "中值滤波"


@pytest.mark.parametrize(
    ("data", "likely"), [("中值滤波是一种滤波技术。".encode("gb18030"), "gb18030"), ("é la carte".encode("latin-1"), "latin-1"), ("中".encode("utf-16"), "utf-16")]
)
def test_what_is_not_utf8_is_told_with_its_byte_and_the_others_are_read(tmp_path: Path, data: bytes, likely: str) -> None:
    write(tmp_path, {"bad.md": b"good\n" + data if likely != "utf-16" else data, "good.md": "good"})
    project, diagnostics = opened(tmp_path)
    assert [s.path for s in project.sources] == ["good.md"]
    (problem,) = diagnostics
    assert problem.kind == "not-utf8"
    assert f"byte {0 if likely == 'utf-16' else 5} " in problem.message
    assert f"encoding: {likely}" in problem.hint


def test_links_out_of_the_project_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"outside.md": "secret", "notes/a.md": "a"})
    os.symlink(tmp_path / "outside.md", tmp_path / "notes" / "link.md")
    project, _ = opened(tmp_path / "notes")
    assert [s.path for s in project.sources] == ["a.md"]


@pytest.mark.parametrize(
    ("config", "kind", "place", "hint"),
    [
        ("dekc: A", "unknown-key", (1, 1), "did you mean `deck`?"),
        ("deck: [a]", "wrong-type", (1, 7), None),
        ("deck: 'A::'", "bad-deck-name", (1, 7), None),
        ("deck: Default", "bad-deck-name", (1, 7), None),
        ("deck: A\nsubdecks: flie", "wrong-type", (2, 11), None),
        ("deck: A\nhtml: yes", "wrong-type", (2, 7), None),
        ("deck: A\nencoding: klingon", "unknown-encoding", (2, 11), None),
        ("deck: A\nencoding: rot13", "unknown-encoding", (2, 11), None),
        ("deck: A\nrules: [zh/fact]", "unknown-pack", (2, 9), "did you mean `zh/facts`?"),
        ("deck: A\nrules: [./no.yaml]", "unknown-pack", (2, 9), None),
        ("deck: A\nsources: none/*.md", "no-sources", (2, 10), None),
        ("deck: A\nid: ''", "bad-value", (2, 5), None),
        ("- a", "wrong-type", (1, 1), None),
        ("deck: A\nnote_types: {Basic: {}}", "bad-note-type", (2, 14), None),
        ("deck: A\nnote_types: {Word: {fields: [A], templates: [{name: C, front: '{{B}}', back: x}]}}", "bad-note-type", (2, 63), None),
        ("deck: A\nnote_types: {Word: {feilds: [A]}}", "unknown-key", (2, 21), "did you mean `fields`?"),
    ],
)
def test_mistakes_in_deck_yaml(tmp_path: Path, config: str, kind: str, place: tuple[int, int], hint: str | None) -> None:
    write(tmp_path, {"deck.yaml": config, "a.md": "a"})
    _, diagnostics = open_project(Request((tmp_path,)))
    found = [d for d in diagnostics if d.kind == kind]
    assert found, diagnostics
    assert found[0].span is not None
    assert (found[0].span.line, found[0].span.column) == place
    if hint is not None:
        assert hint in found[0].hint


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "dekc: A\nhtml: yes\nencoding: klingon", "a.md": "a"})
    _, diagnostics = open_project(Request((tmp_path,)))
    assert {d.kind for d in diagnostics} == {"unknown-key", "wrong-type", "unknown-encoding"}


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    project, diagnostics = open_project(Request((tmp_path / "no",)))
    assert project is None
    assert [d.kind for d in diagnostics] == ["source-not-found"]


def test_paths_of_two_projects(tmp_path: Path) -> None:
    write(tmp_path, {"a/deck.yaml": "deck: A", "a/1.md": "1", "b/deck.yaml": "deck: B", "b/2.md": "2"})
    project, diagnostics = open_project(Request((tmp_path / "a", tmp_path / "b")))
    assert project is None
    assert "several projects" in diagnostics[0].message
