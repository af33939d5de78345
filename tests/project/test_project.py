"""The disk → a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from deckgen.diagnostics import Diagnostic
from deckgen.project.globs import glob_expression
from deckgen.project.project import Project, Request, open_project
from deckgen.project.source_files import is_damaged_utf8, likely_encoding


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
        ("**/**/**/x.md", "x.md", True),
        ("notes/**", "notes", False),
        ("[z-a].md", "[z-a].md", True),
        ("[^a].md", "b.md", False),
        ("a[/]b", "a/b", False),
        ("a[+-9]b", "a/b", False),
        ("a[+-9]b", "a5b", True),
        ("*a*b*c[!d].md", "xaxbxce.md", True),
        ("*a*b*c[!d].md", "xa/xbxce.md", False),
        ("**/*a*b*.md", "x/y/abab.md", True),
        ("**/*a*b*.md", "x/a/b.md", False),
        ("*a*b*caf\u00e9.md", "ab\udcffcaf\u00e9.md", True),
        ("caf\u00e9.md", "caf\u00e9.md", True),
    ],
)
def test_globs(glob: str, path: str, fits: bool) -> None:
    assert bool(glob_expression(glob).match(path)) is fits


@pytest.mark.parametrize("glob", ["*a" * 12 + "b", "**/" + "*a" * 12 + "b", "**a" * 12 + "b", "*" * 4001 + "?b"])
def test_no_glob_backtracks_for_ever(glob: str) -> None:
    assert not glob_expression(glob).match("a" * 200 + ".md")


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
    assert project.reads_alone
    assert project.package_path.name == "a.apkg"


def test_a_project(tmp_path: Path) -> None:
    config = "deck: A::B\nid: ab\nsources: notes/**/*.md\nexclude: [notes/drafts]\ntags: x\n"
    config += "rules: [structure, rules/mine.yaml]\n"
    write(
        tmp_path,
        {
            "deck.yaml": config,
            "notes/a.md": "a",
            "notes/drafts/d.md": "d",
            "other.md": "o",
            "rules/mine.yaml": "rules: []",
        },
    )
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
    assert project.chosen.sources == {"a/1.md"}
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
    ("data", "offset", "place", "hint"),
    [
        (b"good\n" + "中值滤波是一种滤波技术。".encode("gb18030"), 5, (2, 1), "encoding: gb18030"),
        (b"good\nd\xe9j\xe0 vu, \xe0 la carte", 6, (2, 2), "encoding: latin-1"),
        ("中文笔记".encode("utf-16"), 0, (1, 1), "encoding: utf-16"),
        ("# Notes in words\n".encode("utf-16-le") + "é".encode("utf-16-le"), 34, (2, 2), "encoding: utf-16-le"),
        ("中值滤波是一种滤波技术".encode() + b"\xe4\xb8 x", 33, (1, 12), "the rest of it is UTF-8"),
        (bytes(range(256)) * 4, 128, (2, 118), "this is no text"),
    ],
    ids=["gb18030", "latin-1", "utf-16", "utf-16-le", "damaged", "binary"],
)
def test_what_is_not_utf8_is_told_with_its_byte_and_the_others_are_read(
    tmp_path: Path, data: bytes, offset: int, place: tuple[int, int], hint: str
) -> None:
    write(tmp_path, {"bad.md": data, "good.md": "good"})
    project, diagnostics = opened(tmp_path)
    assert [s.path for s in project.sources] == ["good.md"]
    (problem,) = diagnostics
    assert problem.kind == "not-utf8"
    assert f"offset {offset} " in problem.message
    assert problem.span is not None
    assert (problem.span.line, problem.span.column) == place
    assert hint in problem.hint


def test_guesses_at_encodings() -> None:
    assert likely_encoding("《深度学习》是一本书".encode("gb18030") * 20_000) == "gb18030"  # cut inside a character
    assert likely_encoding("naïve café".encode("latin-1")) == "latin-1"
    assert not is_damaged_utf8("naïve café".encode("latin-1"))


def test_an_encoding_that_gives_half_characters(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A\nencoding: unicode_escape", "a.md": "x \\ud800 y"})
    project, diagnostics = opened(tmp_path)
    assert project.sources == ()
    assert [d.kind for d in diagnostics] == ["not-utf8"]


def test_links_out_of_the_project_are_not_followed_and_told(tmp_path: Path) -> None:
    write(tmp_path, {"outside.md": "secret", "elsewhere/b.md": "secret", "notes/a.md": "a"})
    (tmp_path / "notes" / "link.md").symlink_to(tmp_path / "outside.md")
    (tmp_path / "notes" / "folder").symlink_to(tmp_path / "elsewhere")
    project, diagnostics = opened(tmp_path / "notes")
    assert [s.path for s in project.sources] == ["a.md"]
    assert [d.kind for d in diagnostics] == ["link-not-followed", "link-not-followed"]


def test_a_link_to_another_source_is_that_source(tmp_path: Path) -> None:
    write(tmp_path, {"notes/a.md": "a", "notes/t.txt": "t"})
    (tmp_path / "notes" / "again.md").symlink_to(tmp_path / "notes" / "a.md")
    (tmp_path / "notes" / "text.md").symlink_to(tmp_path / "notes" / "t.txt")
    (tmp_path / "notes" / "loop").symlink_to(tmp_path / "notes")
    project, diagnostics = opened(tmp_path / "notes")
    assert [(s.path, s.text) for s in project.sources] == [("a.md", "a"), ("text.md", "t")]
    assert not diagnostics


def test_what_is_not_looked_into(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "deck.yaml": "deck: A",
        "a.md": "a",
        ".obsidian/b.md": "b",
        ".#a.md": "emacs",
        "env/pyvenv.cfg": "",
        "env/lib/c.md": "c",
        "node_modules/d.md": "d",
        "inner/deck.yaml": "deck: B",
        "inner/e.md": "e",
    }
    write(tmp_path, files)
    project, _ = opened(tmp_path)
    assert [s.path for s in project.sources] == ["a.md"]


def test_sources_come_in_the_order_of_their_folders(tmp_path: Path) -> None:
    write(tmp_path, {"a-b/x.md": "", "a/y.md": "", "a.md": "", "a/b/z.md": ""})
    project, _ = opened(tmp_path)
    assert [s.path for s in project.sources] == ["a/b/z.md", "a/y.md", "a-b/x.md", "a.md"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
def test_a_pipe_does_not_keep_the_build_waiting(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a"})
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "dead.md").symlink_to(tmp_path / "nothing.md")
    project, diagnostics = opened(tmp_path)
    assert [s.path for s in project.sources] == ["a.md"]
    assert [(d.kind, d.message) for d in diagnostics] == [
        ("unreadable-source", "this link leads nowhere"),
        ("unreadable-source", "this is no ordinary file"),
    ]


def test_a_source_that_is_too_large_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a"})
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate(65 * 1024 * 1024)
    project, diagnostics = opened(tmp_path)
    assert [s.path for s in project.sources] == ["a.md"]
    (problem,) = diagnostics
    assert problem.kind == "source-too-large"
    assert problem.span is not None
    assert problem.span.path.endswith("huge.md")
    assert "65 MB" in problem.message


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="this user may read everything")
def test_a_folder_that_may_not_be_read_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a", "closed/b.md": "b"})
    (tmp_path / "closed").chmod(0)
    _, diagnostics = open_project(Request((tmp_path,)))
    (tmp_path / "closed").chmod(0o700)
    assert [d.kind for d in diagnostics] == ["unreadable-source"]


def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    write(tmp_path, {"a.md": "a"})
    try:
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md")).write_text("b")
    except OSError:
        pytest.skip("this disk has no such names")
    project, diagnostics = opened(tmp_path)
    assert [s.path for s in project.sources] == ["a.md"]
    assert [d.message for d in diagnostics] == ["the name of this file is not UTF-8"]


@pytest.mark.parametrize(
    ("config", "kind", "place", "hint"),
    [
        ("dekc: A", "unknown-key", (1, 1), "did you mean `deck`?"),
        ("deck: [a]", "wrong-type", (1, 7), None),
        ("deck: 'A::'", "bad-deck-name", (1, 7), None),
        ("deck: Default", "bad-deck-name", (1, 7), None),
        ("deck: A\nsubdecks: flie", "bad-value", (2, 11), "did you mean `file`?"),
        ("deck: A\nhtml: yes", "bad-value", (2, 7), "known here: sanitize, escape, trust"),
        ("deck: A\nencoding: klingon", "unknown-encoding", (2, 11), None),
        ("deck: A\nencoding: rot13", "unknown-encoding", (2, 11), None),
        ("deck: A\nrules: [zh/fact]", "unknown-pack", (2, 9), "did you mean `zh/facts`?"),
        ("deck: A\nrules: [./no.yaml]", "unknown-pack", (2, 9), None),
        ("deck: A\nsources: none/*.md", "no-sources", (2, 10), None),
        ("deck: A\nid: ''", "bad-value", (2, 5), None),
        ("deck: A\nid: 7\nid: 8", "doubled-key", (3, 1), None),
        ("deck: A\nsources: [notes, '**/*.md']", "empty-pattern", (2, 11), "`notes/**/*.md`"),
        ("deck: A\nsources: ../other/*.md", "bad-value", (2, 10), "relative to deck.yaml"),
        ("deck: A\nexclude: [/etc/*]", "bad-value", (2, 11), None),
        ("deck: A\ntags: {a: b}", "wrong-type", (2, 7), None),
        ("deck: [", "bad-yaml", (1, 8), None),
        ("deck: !!python/name:os.system x", "unsafe-yaml", (1, 7), None),
        ("- a", "wrong-type", (1, 1), None),
        ("deck: A\nnote_types: {Basic: {}}", "bad-note-type", (2, 14), None),
        (
            "deck: A\nnote_types: {Word: {fields: [A], templates: [{name: C, front: '{{B}}', back: x}]}}",
            "bad-note-type",
            (2, 63),
            None,
        ),
        ("deck: A\nnote_types: {Word: {feilds: [A]}}", "unknown-key", (2, 21), "did you mean `fields`?"),
    ],
)
def test_mistakes_in_deck_yaml(
    tmp_path: Path, config: str, kind: str, place: tuple[int, int], hint: str | None
) -> None:
    write(tmp_path, {"deck.yaml": config, "a.md": "a"})
    _, diagnostics = open_project(Request((tmp_path,)))
    found = [d for d in diagnostics if d.kind == kind]
    assert found, diagnostics
    assert found[0].span is not None
    assert (found[0].span.line, found[0].span.column) == place
    if hint is not None:
        assert hint in found[0].hint


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    config = "dekc: A\nhtml: yes\ntags: {}\ntags: x\nrules: [nothing, ./no.yaml]"
    write(tmp_path, {"deck.yaml": config, "a.md": "a", "b.md": b"\xe9"})
    _, diagnostics = open_project(Request((tmp_path,)))
    kinds = sorted(d.kind for d in diagnostics)
    assert kinds == ["bad-value", "doubled-key", "not-utf8", "unknown-key", "unknown-pack", "unknown-pack"]


def test_what_leads_to_the_sources_is_wrong_so_nothing_is_said_of_them(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A\nencoding: gb18013", "a.md": "中".encode("gb18030")})
    _, diagnostics = open_project(Request((tmp_path,)))
    assert [d.kind for d in diagnostics] == ["unknown-encoding"]


def test_a_path_that_is_not_there(tmp_path: Path) -> None:
    project, diagnostics = open_project(Request((tmp_path / "no",)))
    assert project is None
    assert [d.kind for d in diagnostics] == ["source-not-found"]


def test_a_file_and_a_folder_are_all_that_is_read(tmp_path: Path) -> None:
    write(tmp_path, {"x.md": "x", "w.md": "w", "y/y.md": "y", "z/z.md": "z"})
    project, _ = opened(tmp_path / "x.md", tmp_path / "y")
    assert [source.path for source in project.sources] == ["x.md", "y/y.md"]
    assert project.reads_alone
    whole, _ = opened(tmp_path / "x.md", tmp_path)
    assert [source.path for source in whole.sources] == ["w.md", "x.md", "y/y.md", "z/z.md"]


def test_what_lies_beside_the_folders_named_is_not_looked_at(tmp_path: Path) -> None:
    write(tmp_path, {"x.md": "x", ".y/a.md": "a", ".y/b/b.md": "b", "z/z.md": "z"})
    (tmp_path / "z" / "away").symlink_to(tmp_path.parent)
    project, diagnostics = opened(tmp_path / "x.md", tmp_path / ".y", tmp_path / ".y" / "b", tmp_path / ".y" / "a.md")
    assert [source.path for source in project.sources] == [".y/a.md", ".y/b/b.md", "x.md"]
    assert diagnostics == []


def test_paths_of_two_projects(tmp_path: Path) -> None:
    write(tmp_path, {"a/deck.yaml": "deck: A", "a/1.md": "1", "b/deck.yaml": "deck: B", "b/2.md": "2"})
    project, diagnostics = open_project(Request((tmp_path / "a", tmp_path / "b")))
    assert project is None
    assert "several projects" in diagnostics[0].message


def test_the_folder_that_holds_the_others_is_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"notes/a.md": "a", "notes/sub/b.txt": "b"})
    project, _ = opened(tmp_path / "notes" / "sub" / "b.txt", tmp_path / "notes")
    assert [s.path for s in project.sources] == ["a.md", "sub/b.txt"]


def test_a_deck_yaml_above_is_found_within_the_repository_only(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A", "repository/notes/a.md": "a"})
    project, _ = opened(tmp_path / "repository" / "notes")
    assert project.has_config
    (tmp_path / "repository" / ".git").mkdir()
    project, _ = opened(tmp_path / "repository" / "notes")
    assert not project.has_config


def test_naming_the_deck_yaml_names_the_project(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A", "a.md": "a"})
    project, diagnostics = opened(tmp_path / "deck.yaml")
    assert not diagnostics
    assert project.chosen is None


def test_a_part_of_a_project_has_a_package_of_its_own(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A", "a/1.md": "1", "a/2.md": "2", "b/3.md": "3"})
    assert opened(tmp_path / "a")[0].package_path.relative_to(tmp_path) == Path("a/a.apkg")
    assert opened(tmp_path / "a" / "1.md")[0].package_path.relative_to(tmp_path) == Path("a/1.apkg")
    whole = tmp_path / f"{tmp_path.name}.apkg"
    assert opened(tmp_path / "a", tmp_path / "b")[0].package_path == whole
    assert opened(tmp_path)[0].package_path == whole
    assert opened(tmp_path / "a" / "1.md", tmp_path / "b")[0].is_package_unclear


def test_a_file_that_is_no_source_of_its_project(tmp_path: Path) -> None:
    write(tmp_path, {"deck.yaml": "deck: A\nexclude: drafts", "a.md": "a", "drafts/b.md": "b"})
    _, diagnostics = open_project(Request((tmp_path / "drafts" / "b.md",)))
    assert [d.kind for d in diagnostics] == ["source-not-found"]
    assert "not drafts" in diagnostics[0].hint


def test_a_folder_of_projects_says_so(tmp_path: Path) -> None:
    write(tmp_path, {"one/deck.yaml": "deck: A", "one/a.md": "a"})
    _, diagnostics = open_project(Request((tmp_path,)))
    assert [d.kind for d in diagnostics] == ["no-sources"]
    assert "is a deck project" in diagnostics[0].hint


def test_a_path_that_no_disk_can_have(tmp_path: Path) -> None:
    project, diagnostics = open_project(Request((tmp_path / ("a" * 5000),)))
    assert project is None
    assert [d.kind for d in diagnostics] == ["source-not-found"]
