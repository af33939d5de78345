"""A package from anybody costs no more than its size, whatever it claims, and what it holds is checked at the door."""

from __future__ import annotations

import os
import shutil
import sqlite3
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from bounded_process import ends_within_bounds
from command_line import deckgen, write_files

from deckgen.diagnostics import Diagnostic
from deckgen.package import bounded_database, collection_reading, unpacking
from deckgen.package.anki_notes import AnkiNotes
from deckgen.package.reading import read_anki_notes

pytestmark = pytest.mark.usefixtures("plain_environment")

NOTES = "MTL stands for multi-task learning.\n\nDLSS stands for deep learning super sampling.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    project = write_files(tmp_path / "n", {"deck.yaml": "deck: N\nid: n\n", "a.md": NOTES})
    assert deckgen("build", project).code == 0
    return project


def without_lock(project: Path) -> Path:
    shutil.rmtree(project / ".deckgen", ignore_errors=True)
    for path in (project / "deck.lock", *project.glob("*.apkg")):
        path.unlink()
    return project


def changed(project: Path, change: Callable[[sqlite3.Connection], object], name: str = "evil.apkg") -> Path:
    """The package of the project, with a collection that was changed."""
    folder = project.parent
    with zipfile.ZipFile(next(project.glob("*.apkg"))) as package:
        package.extract("collection.anki2", folder)
    connection = sqlite3.connect(folder / "collection.anki2")
    change(connection)
    connection.commit()
    connection.close()
    with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(folder / "collection.anki2", "collection.anki2")
        package.writestr("media", "{}")
    return folder / name


def refused(path: Path, *kinds: str) -> Diagnostic:
    """Reads a package in a child with a ceiling, and then here for what is said of it."""
    ends_within_bounds(lambda: read_anki_notes(path))
    found, (problem,) = read_anki_notes(path)
    assert found is None
    assert problem.kind in (kinds or ("unreadable-package",)), problem
    return problem


# ---- tables that compute


def replaced(table: str, definition: str) -> Callable[[sqlite3.Connection], object]:
    """Another table of that name, with the rows of the old one in the columns that both have."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute(f"ALTER TABLE {table} RENAME TO old")
        connection.execute(definition)
        old = [row[1] for row in connection.execute("PRAGMA table_info(old)")]
        new = [row[1] for row in connection.execute(f"PRAGMA table_xinfo({table})") if not row[6]]
        names = ", ".join(name for name in new if name in old)
        if names and "VIEW" not in definition:
            connection.execute(f"INSERT INTO {table}({names}) SELECT {names} FROM old")

    return change


HUGE = "hex(zeroblob(100000000))"
COLUMNS = "id integer primary key, guid text, mid integer, mod integer, usn integer, tags text, "


@pytest.mark.parametrize(
    "change",
    [
        replaced("notes", f"CREATE TABLE notes({COLUMNS} flds text generated always as ({HUGE}||char(31)) virtual)"),
        replaced("notes", f"CREATE TABLE notes({COLUMNS} flds text as ('a' || char(31)) stored)"),
        replaced("notes", f"CREATE VIEW notes AS SELECT 1 id, 'g' guid, 1 mid, 1 mod, '' tags, {HUGE} flds"),
        replaced("cards", "CREATE VIEW cards AS WITH RECURSIVE c(nid) AS (SELECT 1 UNION ALL SELECT nid+1 FROM c) SELECT nid, 0 ord, 1 did, 0 odid FROM c"),
        replaced("cards", "CREATE VIRTUAL TABLE cards USING fts4(nid, ord, did, odid)"),
        lambda connection: connection.execute("CREATE VIEW other AS SELECT 1"),
        lambda connection: connection.execute("CREATE TRIGGER t AFTER INSERT ON notes BEGIN DELETE FROM cards; END"),
    ],
    ids=["generated", "generated-stored", "view", "endless-view", "virtual", "another-view", "trigger"],
)  # fmt: skip
def test_a_collection_that_computes(project: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    refused(changed(project, change))
    evil = project.parent / "evil.apkg"
    without_lock(project)
    assert deckgen("adopt", evil, project, "--yes").kinds == ["unreadable-package"]
    assert deckgen("diff", project, "--against", evil).kinds == ["unreadable-package"]


def test_a_view_under_the_name_of_a_table(project: Path) -> None:
    """What the list of tables calls it, and what its SQL defines, may differ."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA writable_schema = on")
        sql = f"CREATE VIEW notes AS SELECT 1 id, 'g' guid, 1 mid, 1 mod, '' tags, {HUGE} flds"
        connection.execute(
            "UPDATE sqlite_master SET sql = 'CREATE TABLE other' || substr(sql, 19) WHERE name = 'notes'"
        )
        connection.execute("INSERT INTO sqlite_master VALUES ('view', 'x', 'x', 0, ?)", (sql,))

    refused(changed(project, change))


def test_a_default_that_every_short_row_repeats(project: Path) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM notes")
        connection.execute("ALTER TABLE notes RENAME COLUMN tags TO old")
        connection.executemany(
            "INSERT INTO notes(id,guid,mid,mod,usn,old,flds,sfld,csum,flags,data) VALUES (?,?,1,1,0,'','',0,0,0,'')",
            [(number, str(number)) for number in range(20_000)],
        )
        connection.execute(f"ALTER TABLE notes ADD COLUMN tags text NOT NULL DEFAULT '{'a ' * 45_000}'")

    assert "text" in refused(changed(project, change), "package-too-large").message


def test_a_page_that_is_listed_many_times(project: Path) -> None:
    """Inner pages of a table whose cells all lead to one page: a small file with endless rows."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM cards")
        connection.executemany(
            "INSERT INTO cards VALUES (?,1,1,0,0,0,0,0,0,0,0,0,0,0,0,0,0,'')", [(number,) for number in range(200_000)]
        )

    path = changed(project, change)
    with zipfile.ZipFile(path) as package:
        data = bytearray(package.read("collection.anki2"))
    size = struct.unpack(">H", data[16:18])[0]
    inner = [page for page in range(size, len(data), size) if data[page] == 5]
    for page in inner:  # every child of an inner page is an inner page: depth grows until SQLite gives up
        count = struct.unpack(">H", data[page + 3 : page + 5])[0]
        first = struct.unpack(">H", data[page + 12 : page + 14])[0]
        child = data[page + first : page + first + 4]
        for cell in range(count):
            place = struct.unpack(">H", data[page + 12 + 2 * cell : page + 14 + 2 * cell])[0]
            data[page + place : page + place + 4] = child
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("collection.anki2", bytes(data))
    ends_within_bounds(lambda: read_anki_notes(path))


# ---- bombs


def test_a_package_that_unpacks_to_a_thousand_times_its_size(project: Path, tmp_path: Path) -> None:
    with (
        zipfile.ZipFile(tmp_path / "bomb.apkg", "w", zipfile.ZIP_DEFLATED) as package,
        package.open("collection.anki2", "w", force_zip64=True) as file,
    ):
        for _ in range(300):
            file.write(bytes(1 << 20))
    assert "100 times" in refused(tmp_path / "bomb.apkg", "package-too-large").message


def test_a_zstandard_bomb(tmp_path: Path) -> None:
    zstandard = pytest.importorskip("zstandard")
    bomb = zstandard.ZstdCompressor().compress(bytes(300 << 20))
    with zipfile.ZipFile(tmp_path / "bomb.apkg", "w") as package:
        package.writestr("collection.anki21b", bomb)
    assert "100 times" in refused(tmp_path / "bomb.apkg", "package-too-large").message


def test_a_package_with_a_million_entries(tmp_path: Path) -> None:
    entries = b"PK\x01\x02" + bytes(24) + struct.pack("<HHH", 1, 0, 0) + bytes(12) + b"a"
    data = b"PK\x03\x04" + entries * 400_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, len(data) - 4, 4, 0)
    (tmp_path / "entries.apkg").write_bytes(data + end)
    assert "list of the package's files" in refused(tmp_path / "entries.apkg", "package-too-large").message


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_collection_packed_otherwise(project: Path, tmp_path: Path, method: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.apkg", "w", method) as package:
        package.writestr("collection.anki2", bytes(100))
    refused(tmp_path / "x.apkg")


def test_what_is_no_ordinary_file(project: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.apkg")
    refused(tmp_path / "pipe.apkg")


def of_models(edit: Callable[[str], str], column: str = "models") -> Callable[[sqlite3.Connection], object]:
    def change(connection: sqlite3.Connection) -> None:
        (text,) = connection.execute(f"SELECT {column} FROM col").fetchone()
        connection.execute(f"UPDATE col SET {column} = ?", (edit(text),))

    return change


@pytest.mark.parametrize("column", ["models", "decks"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda text: "[" * 200_000,
        lambda text: '{"a":' * 200_000,
        lambda text: "",
        lambda text: "null",
        lambda text: "[]",
        lambda text: '{"1": null}',
        lambda text: '{"1": {"name": 5}}',
        lambda text: '{"99999999999999999999": {"name": "x", "flds": [], "tmpls": []}}',
        lambda text: text[:-5],
        lambda text: '{"1": {"name": "x", "x": ' + "[" * 100_000 + "]" * 100_000 + ', "flds": [], "tmpls": []}}',
        lambda text: '{"1": {"name": "x", "flds": [' + ",".join(['{"name":""}'] * 1_400_000) + '], "tmpls": []}}',
        lambda text: '{"1": {"name": "x", "flds": [[' + ",".join(["[]"] * 5_000_000) + ']], "tmpls": []}}',
        lambda text: '{"1": "' + "x" * (17 << 20) + '"}',
        lambda text: '{"1": {"name": "x", "flds": [{"name": "a", "ord": 1e400}], "tmpls": []}}',
        lambda text: '{"1": {"name": "x", "flds": [{"name": "a", "id": ' + "9" * 5000 + '}], "tmpls": []}}',
    ],
    ids=range(15),
)  # fmt: skip
def test_odd_json(project: Path, column: str, edit: Callable[[str], str]) -> None:
    path = changed(project, of_models(edit, column))
    ends_within_bounds(lambda: read_anki_notes(path))
    found, problems = read_anki_notes(path)
    assert (found is None) == bool([one for one in problems if one.kind != "odd-guid"])


def test_limits(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = changed(project, lambda connection: None)
    monkeypatch.setattr(collection_reading, "MOST_NOTES", 1)
    refused(path, "package-too-large")
    monkeypatch.undo()
    monkeypatch.setattr(bounded_database, "TOTAL_LIMIT", 1000)
    refused(path, "package-too-large")
    monkeypatch.undo()
    monkeypatch.setattr(unpacking, "UNPACKED_LIMIT", 1000)
    refused(path, "package-too-large")


# ---- odd values


def read(path: Path) -> AnkiNotes:
    found, _ = read_anki_notes(path)
    assert found is not None
    return found


TIMES = [2**63 - 1, -(2**63), -1, 2**53, 253_402_300_800, 0, 1.0, 1.5, "", "x", b"\0", float("inf")]


@pytest.mark.parametrize("time", TIMES)
def test_an_odd_modified_time_never_reaches_the_lock(project: Path, time: object) -> None:
    """The first edit after an adoption must not meet a number that cannot be counted on from."""
    evil = changed(project, lambda connection: connection.execute("UPDATE notes SET mod = ?", (time,)))
    without_lock(project)
    ended = deckgen("adopt", evil, project, "--yes")
    assert ended.code in (0, 2)
    if ended.code == 2:
        assert ended.kinds == ["unreadable-package"]
        return
    assert ended.kinds == ([] if time in (0, 1.0) else ["odd-modified-time"])
    for words in ("multi task", "many task"):
        (project / "a.md").write_text(NOTES.replace("multi-task", words))
        assert deckgen("build", project).code == 0
        assert deckgen("build", project).code == 0


@pytest.mark.parametrize("column", ["id", "guid", "mid", "flds", "tags"])
@pytest.mark.parametrize(
    "value",
    [None, -1, 0, 2**53, 2**63 - 1, 1.5, "", "x", "a" * 600, "a" * 1_000_000, "\x00", "\x1f", "\x1f" * 1_000_000, b"\xff",
     "\ud7ff\ue000\u202e", "<b>", '"\\', "\n", "🎴", "a\x1fb", "-5", "1" * 400],
    ids=range(22),
)  # fmt: skip
def test_odd_values_of_notes(project: Path, column: str, value: object) -> None:
    """Whatever a package holds is read, or passed over, or refused; what is taken over can be built on."""

    def change(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA ignore_check_constraints = on")
        try:
            connection.execute(f"UPDATE notes SET {column} = ? WHERE id = (SELECT min(id) FROM notes)", (value,))
        except sqlite3.Error:
            connection.execute("DELETE FROM notes")

    evil = changed(project, change)
    without_lock(project)
    ended = deckgen("adopt", evil, project, "--yes")
    assert set(ended.kinds) <= {"unreadable-package", "odd-guid", "odd-modified-time", "package-too-large"}
    for text in (NOTES, NOTES.replace("multi-task", "multi task")):
        (project / "a.md").write_text(text)
        assert deckgen("build", project).code == 0
        assert deckgen("build", project).code == 0


def test_text_that_is_no_utf8(project: Path) -> None:
    def change(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE notes SET guid = CAST(x'61ff' AS TEXT) WHERE id = (SELECT min(id) FROM notes)")
        connection.execute("UPDATE notes SET tags = CAST(x'61ff' AS TEXT)")
        connection.execute("UPDATE col SET decks = replace(decks, 'name', CAST(x'6eff' AS TEXT)) WHERE 0")

    found, (warning,) = read_anki_notes(changed(project, change))
    assert found is not None
    assert warning.kind == "odd-guid"
    assert [note.tags for note in found.notes] == [("a\ufffd",)]


def test_media_that_lie_elsewhere_are_not_read(project: Path) -> None:
    path = changed(project, lambda connection: None)
    with zipfile.ZipFile(path, "a") as package:
        package.writestr("../../media", "x")
        package.writestr("/etc/passwd", "x")
    assert len(read(path).notes) == 2


def test_damage_anywhere(project: Path) -> None:
    """Bytes turned over, and ends cut off, in every part of a collection and a package."""
    path = changed(project, lambda connection: None)
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as package:
        collection = package.read("collection.anki2")

    def all_of_it() -> None:
        for data, is_zip in ((collection, False), (whole, True)):
            for step in range(150):
                damaged = bytearray(data)
                place = (len(data) * step // 150 if not is_zip else len(data) - 1 - step) % len(data)
                for offset in range(0, 3 if is_zip else 40, 1 if is_zip else 7):
                    damaged[(place + offset) % len(data)] ^= 0x55 + offset
                if not is_zip and damaged[:16] != collection[:16]:
                    continue
                target = path.with_name("damaged")
                target.write_bytes(damaged if step % 5 else damaged[: place + 100])
                read_anki_notes(target)

    ends_within_bounds(all_of_it)
