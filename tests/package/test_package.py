"""The package's bytes: the same every time, nothing of the clock, one note's rows as Anki wants them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sqlite3
import subprocess
import sys
import tracemalloc
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from rendering_factories import make_draft, make_note

from deckgen.model import RenderedNote
from deckgen.package.apkg import build_package
from deckgen.project.deck_names import check_decks, find_problem
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rendering.note import RenderOptions, render_note
from deckgen.rendering.note_types import BASIC, CLOZE


def rendered_notes(count: int = 5) -> Iterator[RenderedNote]:
    """Basic and cloze notes in two decks."""
    for number in range(count):
        draft = make_draft(Front=f"question {number}", Back=f"**answer** {number}", deck="A" if number % 2 else "B::C")
        if number % 3 == 0:
            draft = make_draft("Cloze", Text=f"⟦x {number}⟧ and ⟦y⟧", tags=("t", "a"))
        rendered, _ = render_note(make_note(draft, number), RenderOptions())
        assert rendered is not None
        yield rendered


def package(folder: Path, notes: Iterator[RenderedNote] | list[RenderedNote], name: str = "deck.apkg") -> Path:
    temporary = build_package(folder / name, iter(notes), [BASIC, CLOZE], ProjectFiles(folder))
    return temporary.replace(folder / name)


def rows(path: Path, query: str) -> list[tuple[object, ...]]:
    """What a package's collection answers."""
    with zipfile.ZipFile(path) as file:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(file.read("collection.anki2"))
    return connection.execute(query).fetchall()


def test_same_bytes_twice(tmp_path: Path) -> None:
    first = package(tmp_path, rendered_notes(), "1.apkg").read_bytes()
    assert package(tmp_path, rendered_notes(), "2.apkg").read_bytes() == first


def test_same_bytes_under_other_hash_seeds_zones_and_folders(tmp_path: Path) -> None:
    """Another process, with nothing in common but the notes."""
    script = (
        "import sys, hashlib; from pathlib import Path\n"
        "sys.path[:0] = [sys.argv[1] + folder for folder in ('', '/tests/package', '/tests/support')]\n"
        "from test_package import package, rendered_notes\n"
        "folder = Path(sys.argv[2]); folder.mkdir()\n"
        "print(hashlib.sha256(package(folder, rendered_notes(50), 'x.apkg').read_bytes()).hexdigest())"
    )
    root = Path(__file__).parents[2]
    digests = set()
    for seed, zone in (("0", "UTC"), ("1", "Asia/Shanghai"), ("4711", "America/Lima")):
        command = [sys.executable, "-c", script, str(root), str(tmp_path / seed)]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        digests.add(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)
    assert len(digests) == 1


def test_nothing_of_the_clock(tmp_path: Path) -> None:
    path = package(tmp_path, rendered_notes())
    with zipfile.ZipFile(path) as file:
        assert {info.date_time for info in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert [info.filename for info in file.infolist()] == ["collection.anki2", "media"]
        header = file.read("collection.anki2")[:100]
    assert header[96:100] == (3040001).to_bytes(4)
    assert rows(path, "select mod from notes order by id") == [(1_400_000_000 + n,) for n in range(5)]
    assert rows(path, "select crt, mod, scm from col") == [(1411124400, 1425279151694, 1425279151690)]
    models = json.loads(str(rows(path, "select models from col")[0][0]))
    assert {model["mod"] for model in models.values()} == {BASIC.mod}


def test_rows_of_notes_and_cards(tmp_path: Path) -> None:
    path = package(tmp_path, rendered_notes(4))
    assert rows(path, "select id, guid, mid, usn, tags, flags, data from notes") == [
        (1400000000000 + 1000 * n, f"note{n:012}", (CLOZE if n % 3 == 0 else BASIC).id, -1, tags, 0, "")
        for n, tags in enumerate([" a t ", "", "", " a t "])
    ]
    assert rows(path, "select nid - 1400000000000, id - nid, ord, due, type, queue from cards") == [
        (0, 0, 0, 1, 0, 0),
        (0, 1, 1, 1, 0, 0),
        (1000, 0, 0, 2, 0, 0),
        (2000, 0, 0, 3, 0, 0),
        (3000, 0, 0, 4, 0, 0),
        (3000, 1, 1, 4, 0, 0),
    ]


def test_checksum_and_sort_field_are_ankis(tmp_path: Path) -> None:
    """SHA-1 of the first field's text, its first eight digits; pictures count by their names."""
    draft = make_draft(Front="**A** &amp; B", Back="a")
    rendered, _ = render_note(make_note(draft), RenderOptions())
    assert rendered is not None
    path = package(tmp_path, [rendered])
    assert rows(path, "select sfld, csum from notes") == [("A & B", int(hashlib.sha1(b"A & B").hexdigest()[:8], 16))]


def test_decks_and_note_types_that_are_used(tmp_path: Path) -> None:
    path = package(tmp_path, [note for note in rendered_notes(5) if note.model == "deckgen Basic"])
    decks = json.loads(str(rows(path, "select decks from col")[0][0]))
    assert sorted(deck["name"] for deck in decks.values()) == ["A", "B::C", "Default"]
    models = json.loads(str(rows(path, "select models from col")[0][0]))
    assert [model["name"] for model in models.values()] == ["deckgen Basic"]
    (model,) = models.values()
    assert [f["id"] for f in model["flds"]] == [f.id for f in BASIC.fields]
    assert [t["id"] for t in model["tmpls"]] == [t.id for t in BASIC.templates]
    assert model["did"] is None


def test_held_back_notes_leave_no_gap(tmp_path: Path) -> None:
    notes = list(rendered_notes(3))
    notes[1] = replace(notes[1], note=replace(notes[1].note, is_held_back=True))
    path = package(tmp_path, notes)
    assert rows(path, "select distinct nid - 1400000000000, due from cards") == [(0, 1), (2000, 2)]


def test_a_package_without_notes(tmp_path: Path) -> None:
    path = package(tmp_path, [])
    assert rows(path, "select count(*) from notes") == [(0,)]


DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"><circle r="1"/></svg>'


def with_picture(folder: Path, content: bytes, name: str = "a.png") -> RenderedNote:
    (folder / name).write_bytes(content)
    draft, _ = collect_media(make_draft(Front="q", Back=f"![a](/{name})"), ProjectFiles(folder))
    rendered, _ = render_note(make_note(draft), RenderOptions())
    assert rendered is not None
    return rendered


def test_media_are_sorted_and_named(tmp_path: Path) -> None:
    first, second = with_picture(tmp_path, b"1", "z.png"), with_picture(tmp_path, DRAWING, "a.svg")
    second = replace(second, note=replace(second.note, id=second.note.id + 1000, guid="other"))  # type: ignore[arg-type]
    path = package(tmp_path, [first, second])
    with zipfile.ZipFile(path) as file:
        names = json.loads(file.read("media"))
        assert names == {"0": second.media[0].name, "1": first.media[0].name}
        assert (b"<circle" in file.read("0"), file.read("1")) == (True, b"1")
        assert file.getinfo("1").compress_type == zipfile.ZIP_STORED
        assert file.getinfo("0").compress_type == zipfile.ZIP_DEFLATED


def test_a_picture_that_changed_meanwhile_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    rendered = with_picture(tmp_path, b"one")
    (tmp_path / "a.png").write_bytes(b"two")
    with pytest.raises(OSError, match=r"a\.png changed while the package was written"):
        package(tmp_path, [rendered])
    assert [p.name for p in tmp_path.iterdir()] == ["a.png"]


def test_a_target_in_no_folder_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        build_package(tmp_path / "gone" / "deck.apkg", rendered_notes(), [BASIC, CLOZE], ProjectFiles(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_an_old_package_is_not_touched_by_a_failure(tmp_path: Path) -> None:
    old = package(tmp_path, rendered_notes()).read_bytes()

    def failing() -> Iterator[RenderedNote]:
        yield from rendered_notes(2)
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        package(tmp_path, failing())
    assert (tmp_path / "deck.apkg").read_bytes() == old
    assert len(list(tmp_path.iterdir())) == 1


def test_memory_does_not_grow_with_media(tmp_path: Path) -> None:
    """Thirty megabytes of pictures go through a megabyte at a time."""
    notes = []
    for number in range(3):
        rendered = with_picture(tmp_path, bytes([number]) * 10_000_000, f"{number}.png")
        note = replace(rendered.note, id=rendered.note.id + 1000 * number, guid=f"n{number}")  # type: ignore[arg-type]
        notes.append(replace(rendered, note=note))
    tracemalloc.start()
    package(tmp_path, notes)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8_000_000


def test_memory_does_not_grow_with_notes(tmp_path: Path) -> None:
    pattern = list(rendered_notes(2))[1]

    def many() -> Iterator[RenderedNote]:
        for number in range(30_000):
            note = replace(pattern.note, id=pattern.note.id + 1000 * number, guid=f"n{number}")  # type: ignore[arg-type]
            yield replace(pattern, note=note)

    tracemalloc.start()
    package(tmp_path, many())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000


def test_zip_is_read_by_a_strict_reader(tmp_path: Path) -> None:
    """Sizes stand in the local headers, not behind the data: old readers of Anki's phones want them there."""
    data = package(tmp_path, rendered_notes()).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert file.testzip() is None
        assert all(not info.flag_bits & 0x08 for info in file.infolist())


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "a deck needs a name"),
        ("  ", "a deck needs a name"),
        ("A::", "`A::` has an empty part: `::` stands between names only"),
        ("::A", "`::A` has an empty part: `::` stands between names only"),
        ("A::::B", "`A::::B` has an empty part: `::` stands between names only"),
        ("A:: ::B", "`A:: ::B` has an empty part: `::` stands between names only"),
        ("A ::B", "`A ::B` has a part that begins or ends with a space or a colon"),
        ("A:::B", "`A:::B` has a part that begins or ends with a space or a colon"),
        ("Default", "`Default` is Anki's own deck"),
        ("default", "`default` is Anki's own deck"),
        ("A\x1fB", "`A\x1fB` holds '\\x1f', which Anki drops"),
        ('say "x"', '`say "x"` holds \'"\', which Anki drops'),
    ],
)
def test_deck_names_that_anki_would_change(name: str, problem: str) -> None:
    assert find_problem(name) == problem


@pytest.mark.parametrize("name", ["A", "深度学习::DLSS", "A::Default", "a: b", "C++ & C#", "A::B::C", "Défaut"])
def test_deck_names_that_stay(name: str) -> None:
    assert find_problem(name) == ""


def test_each_bad_deck_is_told_once() -> None:
    drafts = [make_draft(deck="A::", line=3), make_draft(deck="A::", line=9), make_draft(deck="B")]
    (diagnostic,) = check_decks(drafts)
    assert diagnostic.span is not None
    assert (diagnostic.kind, diagnostic.span.line) == ("bad-deck-name", 3)
