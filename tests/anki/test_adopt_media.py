"""Notes of another tool whose pictures have other names: the bytes say that they are the same."""

from __future__ import annotations

import json
import os
import struct
import time
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import deckgen, write_files

pytest.importorskip("anki.collection")
from anki.collection import ExportAnkiPackageOptions
from engine import Anki

from deckgen.anki.adoption_media import names_in
from deckgen.package.media_reading import media_digests

RULES = """
rules:
  - id: term
    on: definition
    fields: {Front: '{term}', Back: '{definition}'}
"""
CONFIG = "deck: Terms\nid: terms\nsources: ['notes/*.md']\nrules: [./rules.yaml]\n"
NOTES = """![](spit.png)
: a long strip of sand

![](arch.png)
: rock with a hole

What is this? ![](spit.png)
: a spit

What is this? ![](arch.png)
: an arch
"""


def png(shade: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes([0, shade]))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    pictures = {"notes/spit.png": png(10), "notes/arch.png": png(200)}
    files: dict[str, str | bytes] = {"deck.yaml": CONFIG, "rules.yaml": RULES, "notes/a.md": NOTES, **pictures}
    return write_files(tmp_path / "terms", files)


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    (tmp_path / "anki").mkdir()
    found = Anki(tmp_path / "anki")
    for name, shade in (("paste-1.png", 200), ("paste 2.png", 10)):
        found.collection.media.write_data(name, png(shade))
    yield found
    found.collection.close()


def add(anki: Anki, front: str, back: str) -> str:
    col = anki.collection
    note = col.new_note(col.models.by_name("Basic"))
    note["Front"], note["Back"] = front, back
    col.add_note(note, col.decks.id("Mine"))
    return str(note.guid)


@pytest.mark.parametrize("form", ["legacy", "new", "collection"])
def test_pictures_are_compared_by_their_bytes(project: Path, anki: Anki, tmp_path: Path, form: str) -> None:
    wanted = {
        add(anki, '<img src="paste%202.png">', "a long strip of sand"),
        add(anki, '<img src="paste-1.png">', "rock with a hole"),
        add(anki, 'What is this? <img src="paste 2.png">', "a spit"),
        add(anki, "What is this? <img src='paste-1.png'>", "an arch"),
    }
    add(anki, '<img src="paste-1.png">', "a bridge that nobody built")
    source = tmp_path / "theirs.apkg"
    if form == "collection":
        anki.collection.close()
        source = next((tmp_path / "anki").glob("*.anki2"))
    else:
        options = ExportAnkiPackageOptions(with_scheduling=True, legacy=form == "legacy", with_media=True)
        anki.collection.export_anki_package(out_path=str(source), options=options, limit=None)
    ended = deckgen("adopt", source, project, "--yes")
    assert ended.code == 0, ended.out + ended.err
    assert {note["guid"] for note in deckgen("list", project, "--json").json} == wanted, ended.out
    if form == "collection":
        anki.collection.reopen()


def test_of_two_notes_with_one_picture_and_one_answer_none_is_taken(project: Path, anki: Anki, tmp_path: Path) -> None:
    twice = {add(anki, '<img src="paste-1.png">', "rock with a hole") for _ in range(2)}
    source = tmp_path / "theirs.apkg"
    options = ExportAnkiPackageOptions(with_scheduling=True, legacy=True, with_media=True)
    anki.collection.export_anki_package(out_path=str(source), options=options, limit=None)
    deckgen("adopt", source, project, "--yes")
    assert twice.isdisjoint({note["guid"] for note in deckgen("list", project, "--json").json})


def test_nothing_but_ordinary_files_beside_a_collection_is_read(tmp_path: Path) -> None:
    (tmp_path / "c.anki2").write_bytes(b"SQLite format 3\0")
    folder = tmp_path / "c.media"
    folder.mkdir()
    secret = tmp_path / "secret"
    secret.write_bytes(b"12345")
    os.symlink(secret, folder / "link.png")
    os.mkfifo(folder / "pipe.png")
    (folder / "plain.png").write_bytes(b"12345")
    names = ["link.png", "pipe.png", "../secret", str(secret), "..", "", "a\0b", "plain.png"]
    assert set(media_digests(tmp_path / "c.anki2", names, {5})) == {"plain.png"}
    assert media_digests(tmp_path / "c.anki2", names, {6}) == {}


@pytest.mark.parametrize(
    "listing", [b"", b"[]", b'{"0": 5}', b'{"0": "a.png"}', b'{"../x": "a.png"}', b"\x28\xb5\x2f\xfdnonsense"]
)
def test_a_broken_list_of_media_names_nothing(tmp_path: Path, listing: bytes) -> None:

    path = tmp_path / "broken.apkg"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("collection.anki2", b"")
        package.writestr("media", listing)
    assert media_digests(path, ["a.png"], {5}) == {}
    with zipfile.ZipFile(tmp_path / "new.apkg", "w") as package:
        package.writestr("collection.anki21b", b"")
        package.writestr("media", listing)
    assert media_digests(tmp_path / "new.apkg", ["a.png"], {5}) == {}


@pytest.mark.parametrize(
    "piece", ["<img ", '<img src="', "[sound:", "<img src='a", "<video x=src= ", "<img" + " src" * 9]
)
def test_fields_that_are_known_to_hurt_are_read_in_linear_time(piece: str) -> None:
    field = piece * (200_000 // len(piece))
    began = time.process_time()
    names_in(field)
    assert time.process_time() - began < 2


def test_a_package_with_many_files_is_looked_through_once(tmp_path: Path) -> None:
    path = tmp_path / "many.apkg"
    with zipfile.ZipFile(path, "w") as package:
        package.writestr("collection.anki2", b"")
        package.writestr("media", json.dumps({str(number): f"{number}.png" for number in range(20_000)}))
        for number in range(20_000):
            package.writestr(str(number), b"x" if number else b"12345")
    began = time.process_time()
    assert set(media_digests(path, {f"{number}.png" for number in range(20_000)}, {5})) == {"0.png"}
    assert time.process_time() - began < 10
