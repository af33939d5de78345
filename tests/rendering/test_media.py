"""Pictures and sounds: found inside the project, named by content, and told where they cannot be had."""

from __future__ import annotations

import hashlib
import json
import os
import re
import sys
import time
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from command_line import deckgen, write_files
from hypothesis import given
from hypothesis import strategies as st
from rendering_factories import make_draft

from deckgen.model import Draft
from deckgen.rendering.media import Digest, ProjectFiles, Reference, Refusal, collect_media, find_references, media_name

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 64


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with pictures, in a folder that has a secret beside it."""
    root = tmp_path / "project"
    for path in ("notes/img/a.png", "notes/空 格.PNG", "top.jpg", "assets/deep/only here.png", "notes/100%.png"):
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(PNG + path.encode())
    (tmp_path / "secret.png").write_bytes(b"secret")
    return root


def collect(project: Path, back: str, **changes: str) -> tuple[Draft, list[str]]:
    draft, diagnostics = collect_media(make_draft(Front="q", Back=back, text=back, **changes), ProjectFiles(project))
    return draft, [f"{d.kind}: {d.message}" for d in diagnostics]


@pytest.mark.parametrize(
    ("markdown", "path"),
    [
        ("![a](img/a.png)", "notes/img/a.png"),
        ("![a](./img/a.png)", "notes/img/a.png"),
        ("![a](../notes/img/a.png 'title')", "notes/img/a.png"),
        ("![a](/top.jpg)", "top.jpg"),
        ("![a](../top.jpg)", "top.jpg"),
        ("![a](空%20格.PNG)", "notes/空 格.PNG"),
        ("![a](<空 格.PNG>)", "notes/空 格.PNG"),
        ("![a](%E7%A9%BA%20%E6%A0%BC.PNG)", "notes/空 格.PNG"),
        ("![a](100%.png)", "notes/100%.png"),
        ("![a](img/a.png?raw=true)", "notes/img/a.png"),
        ("![a](img\\\\a.png)", "notes/img/a.png"),
        ("![[a.png]]", "notes/img/a.png"),
        ("![[img/a.png|300]]", "notes/img/a.png"),
        ("![[only here.png]]", "assets/deep/only here.png"),
        ("![[top.jpg]]", "top.jpg"),
        ('<img src="img/a.png" width=3>', "notes/img/a.png"),
        ("<img width='3' src='../top.jpg'/>", "top.jpg"),
        ("<p>\n<img src=img/a.png>\n</p>", "notes/img/a.png"),
        ("[![a](img/a.png)](https://example.org)", "notes/img/a.png"),
        ("- item\n\n  > ![a](img/a.png)", "notes/img/a.png"),
        ("| a |\n|---|\n| ![a](img/a.png) |", "notes/img/a.png"),
    ],
)
def test_a_reference_is_found(project: Path, markdown: str, path: str) -> None:
    draft, told = collect(project, markdown)
    assert told == []
    assert [file.path for file in draft.media] == [path]
    assert not draft.is_missing_media
    (file,) = draft.media
    content = (project / path).read_bytes()
    assert file.digest == hashlib.sha256(content).hexdigest()
    assert hashlib.sha1(content).hexdigest()[:12] in file.name
    assert re.fullmatch(r"[a-z0-9._-]+", file.name)


@pytest.mark.parametrize(
    ("markdown", "told"),
    [
        ("![a](gone.png)", "missing-media: `gone.png` is not there"),
        ("![a](../../secret.png)", "media-outside: `../../secret.png` leads out of the project"),
        ("![a](%2e%2e/%2e%2e/secret.png)", "media-outside: `../../secret.png` leads out of the project"),
        ("![a](/../secret.png)", "media-outside: `/../secret.png` leads out of the project"),
        ("![a](img/../../../secret.png)", "media-outside: `img/../../../secret.png` leads out of the project"),
        ("![a](/etc/passwd.png)", "missing-media: `/etc/passwd.png` is not there"),
        ("![a](img/a.png/b.png)", "missing-media: `img/a.png/b.png` is not there"),
        ("![a](x%00.png)", "missing-media: `x%00.png` is not there"),
        ('<img src="../../secret.png">', "media-outside: `../../secret.png` leads out of the project"),
    ],
)
def test_what_cannot_be_had_is_told(project: Path, markdown: str, told: str) -> None:
    draft, found = collect(project, markdown)
    assert found == [told]
    assert draft.media == ()
    assert draft.is_missing_media


@pytest.mark.parametrize(
    "markdown", ["![a](https://example.org/a.png)", "![a](//example.org/a.png)", "![a](http://example.org/x)"]
)
def test_a_remote_picture_stays_remote(project: Path, markdown: str) -> None:
    draft, (told,) = collect(project, markdown)
    assert told.startswith("remote-media: ")
    assert (draft.media, draft.is_missing_media) == ((), False)


@pytest.mark.parametrize(
    "markdown",
    [
        "plain",
        "`![a](gone.png)`",
        "```\n![a](gone.png)\n```",
        "a ![",
        "![[Some Note]]",
        "$![a](b)$",
        "![x](data:image/png;base64,AAAA)",
    ],
)
def test_what_is_no_reference_is_not_told(project: Path, markdown: str) -> None:
    draft, told = collect(project, markdown)
    assert (told, draft.media, draft.is_missing_media) == ([], (), False)


def test_a_document_as_picture_is_told_and_left_out(project: Path) -> None:
    (project / "notes/paper.pdf").write_bytes(b"%PDF")
    draft, told = collect(project, "![a](paper.pdf)")
    assert told == ["unknown-media: `paper.pdf` is no picture, sound or film"]
    assert (draft.media, draft.is_missing_media) == ((), False)


def test_links_out_of_the_project_are_not_followed(project: Path) -> None:
    (project / "notes/link.png").symlink_to(project.parent / "secret.png")
    (project / "notes/folder").symlink_to(project.parent)
    for markdown in ("![a](link.png)", "![a](folder/secret.png)", "![[link.png]]"):
        draft, (told,) = collect(project, markdown)
        assert told.startswith("media-outside: ")
        assert draft.media == ()


def test_links_within_the_project_are_followed(project: Path) -> None:
    (project / "notes/link.png").symlink_to(project / "top.jpg")
    draft, told = collect(project, "![a](link.png)")
    assert told == []
    assert draft.media[0].path == "notes/link.png"


def test_a_project_reached_through_a_link(project: Path) -> None:
    (project.parent / "alias").symlink_to(project)
    draft, told = collect(project.parent / "alias", "![a](img/a.png)")
    assert told == []
    assert len(draft.media) == 1


def test_a_pipe_does_not_hold_up_the_build(project: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("no named pipes here")
    os.mkfifo(project / "notes/pipe.png")
    _, told = collect(project, "![a](pipe.png)")
    assert told == ["unreadable-media: `pipe.png` could not be read: not an ordinary file"]


def test_a_folder_is_no_picture(project: Path) -> None:
    (project / "notes/folder.png").mkdir()
    _, (told,) = collect(project, "![a](folder.png)")
    assert told.startswith("unreadable-media: `folder.png` could not be read")


def test_a_file_without_permission(project: Path) -> None:
    if sys.platform == "win32" or os.geteuid() == 0:
        pytest.skip("permissions do not hold for this user")
    (project / "notes/img/a.png").chmod(0)
    _, told = collect(project, "![a](img/a.png)")
    assert told == ["unreadable-media: `img/a.png` could not be read: Permission denied"]


def test_too_large(project: Path) -> None:
    reader = ProjectFiles(project, size_limit=10)
    draft, (diagnostic,) = collect_media(make_draft(Front="![a](img/a.png)"), reader)
    assert diagnostic.kind == "media-too-large"
    assert draft.is_missing_media


def test_each_file_once_and_in_order(project: Path) -> None:
    draft, _ = collect(project, "![b](/top.jpg) ![a](img/a.png) ![again](/top.jpg) ![[a.png]]")
    assert [file.reference for file in draft.media] == ["/top.jpg", "img/a.png", "a.png"]
    assert draft.media[1].name == draft.media[2].name


def test_same_name_other_content_has_another_name(project: Path) -> None:
    (project / "a.png").write_bytes(b"another")
    draft, _ = collect(project, "![a](/a.png) ![a](img/a.png)")
    assert draft.media[0].name != draft.media[1].name


def test_the_diagnostic_stands_at_the_reference() -> None:
    text = "first line\nthen ![a](gone.png) here"
    draft = make_draft(Front="q", Back=text, text=text, line=10)
    _, (diagnostic,) = collect_media(draft, ProjectFiles(Path("/nowhere")))
    assert diagnostic.span is not None
    assert (diagnostic.span.line, diagnostic.span.column) == (11, 11)
    assert diagnostic.span.end_column == 19


def test_a_draft_without_media_is_the_same_draft(project: Path) -> None:
    draft = make_draft(Front="q", Back="a")
    assert collect_media(draft, ProjectFiles(project))[0] is draft


def test_find_references_knows_embeds() -> None:
    assert find_references("![[a.png]] ![x](b.png)") == [Reference("a.png", is_wiki=True), Reference("b.png")]


def test_chunks_are_the_file_and_digests_are_kept(project: Path) -> None:
    reader = ProjectFiles(project)
    first = reader.digest("top.jpg")
    assert isinstance(first, Digest)
    content = (project / "top.jpg").read_bytes()
    assert b"".join(reader.chunks("top.jpg")) == content
    (project / "top.jpg").write_bytes(b"changed")
    assert reader.digest("top.jpg") is first
    assert reader.digest("../secret.png") == Refusal("media-outside")
    with pytest.raises(OSError, match="media-outside"):
        list(reader.chunks("../secret.png"))


@given(st.text(max_size=80), st.sampled_from(["png", "JPG", "svg"]))
def test_any_file_name_becomes_a_plain_one(stem: str, extension: str) -> None:
    name = media_name(f"notes/{stem}.{extension}", Digest("0" * 64, "a1" * 20, 3))
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?\.[a-z]+", name)
    assert len(name) <= 60
    assert not name.startswith(("_", "latex-a"))


@given(st.text(st.sampled_from("./\\%2e~\0 aA:?#|é空"), max_size=20))
def test_no_path_leads_out(path: str) -> None:
    """Whatever is written: a file of the project, or a refusal; never an exception."""
    reader = ProjectFiles(Path(__file__).parents[1] / "cases")
    draft, _ = collect_media(make_draft(Front=f"![a](<{path}.png>) <img src='{path}.png'>"), reader)
    assert draft.media == ()


def test_a_picture_of_gigabytes_is_not_even_read(project: Path) -> None:
    with (project / "notes/huge.png").open("wb") as file:
        file.truncate(2 * 1024**3)  # takes no room on the disk
    start = time.monotonic()
    draft, told = collect(project, "![a](huge.png)")
    assert told == ["media-too-large: `huge.png` is too large: 2048 MB"]
    assert draft.media == ()
    assert time.monotonic() - start < 1


@pytest.mark.parametrize(
    "name", ["a\x01b.png", "a\tb.png", "a\x1b[31m.png", "\u202egnp.png", "\x7f.png", " .png", "-rf.png", "_a.png"]
)
def test_names_with_control_characters_become_plain(project: Path, name: str) -> None:
    (project / "notes" / name).write_bytes(PNG)
    draft, told = collect(project, f"![a](<{quote(name)}>)")
    assert told == []
    (file,) = draft.media
    assert re.fullmatch(r"[a-z0-9][a-z0-9.-]*\.png", file.name)


@pytest.mark.parametrize("name", ["a\x01b.png", "a\x1b[31m.png", "\u202egnp.png"])
def test_a_missing_name_commands_no_terminal(project: Path, name: str) -> None:
    _, (told,) = collect(project, f"![a](<{quote(name)}>)")
    assert told.startswith("missing-media: ")
    assert told.isprintable()


def test_names_that_differ_in_case_only(project: Path) -> None:
    """Anki keeps media where the case of names does not count: the second would be taken for the first."""
    (project / "notes/x.png").write_bytes(PNG + b"small")
    (project / "notes/X.png").write_bytes(PNG + b"great")
    if len(list((project / "notes").glob("[xX].png"))) < 2:
        pytest.skip("the case of names does not count on this disk")
    draft, told = collect(project, "![a](x.png) ![b](X.png)")
    assert told == []
    small, great = (file.name for file in draft.media)
    assert small.casefold() != great.casefold()


def test_pictures_in_a_folder_of_their_own(project: Path) -> None:
    """`media:` in deck.yaml: looked into after the note's own folder, and never out of the project."""
    (project / "assets/img").mkdir(parents=True)
    (project / "assets/img/b.png").write_bytes(PNG)
    reader = ProjectFiles(project, folders=["assets", "assets/img", "../.."])
    for written, path in (
        ("b.png", "assets/img/b.png"),
        ("img/b.png", "assets/img/b.png"),
        ("/img/b.png", "assets/img/b.png"),
        ("img/a.png", "notes/img/a.png"),
    ):
        draft, diagnostics = collect_media(make_draft(Front=f"![]({written})"), reader)
        assert (diagnostics, [file.path for file in draft.media]) == ([], [path])
    _, (told,) = collect_media(make_draft(Front="![](secret.png)"), reader)
    assert told.kind in ("missing-media", "media-outside")


EVIL = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><circle r="3"/></svg>'


def test_an_svg_is_packaged_without_what_runs(project: Path) -> None:
    (project / "notes/evil.SVG").write_bytes(EVIL)
    (project / "notes/good.svg").write_bytes(EVIL.replace(b"<script>alert(1)</script>", b""))
    reader = ProjectFiles(project)
    draft, (told,) = collect_media(make_draft(Front="![](evil.SVG) ![](good.svg)"), reader)
    assert (told.kind, told.message) == (
        "sanitised-picture",
        "`evil.SVG` is packaged without its scripts and what it would load",
    )
    for file in draft.media:
        content = b"".join(reader.chunks(file.path))
        assert hashlib.sha256(content).hexdigest() == file.digest
        assert b"circle" in content
        assert b"script" not in content


@pytest.mark.parametrize("content", [b"no svg", b"<svg", b"<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>"])
def test_an_svg_that_no_browser_draws(project: Path, content: bytes) -> None:
    (project / "notes/bad.svg").write_bytes(content)
    draft, told = collect(project, "![a](bad.svg)")
    assert told == ["unreadable-media: `bad.svg` could not be read: not an SVG that a browser would draw"]
    assert draft.media == ()


def test_packages_hold_what_notes_show_once_and_nothing_from_outside(project: Path) -> None:
    """A whole build with everything that a hostile note may try."""
    (project / "notes/link.png").symlink_to("/etc/passwd")
    (project / "notes/copy.png").write_bytes((project / "notes/img/a.png").read_bytes())
    tried = "../../etc/passwd ../../../../../../etc/passwd /etc/passwd /etc/passwd.png link.png ../../secret.png file:///etc/passwd"
    note = "# Pictures\n\n" + "".join(
        f"![x]({path})\n" for path in [*tried.split(), "img/a.png", "img/a.png", "copy.png"]
    )
    note += "<img src=/etc/passwd> <video src='../../secret.png'></video> ![[../../secret.png]] ![[passwd.png]]\n"
    rule = "rules:\n- {id: r, on: section, fields: {Front: '{title}', Back: '{body}'}}\n"
    write_files(project, {"notes/a.md": note, "deck.yaml": "rules: [./r.yaml]\n", "r.yaml": rule})
    ended = deckgen("build", project, "-o", project / "out.apkg")
    assert ended.code == 0
    assert {"media-outside", "missing-media", "unknown-media"} <= set(ended.kinds)
    with zipfile.ZipFile(project / "out.apkg") as package:
        media = json.loads(package.read("media"))
        held = [package.read(number) for number in media]
    assert len(media) == 2  # a.png, and its copy by another name; not what no note shows
    assert set(held) == {(project / "notes/img/a.png").read_bytes()}
    assert b"root:" not in (project / "out.apkg").read_bytes()
