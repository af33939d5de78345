"""`push --to FILE` opens nothing that is not proven to be a collection, and makes nothing beside it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from hostile import NOTE, Canary, command

pytest.importorskip("anki.collection")

from anki.collection import Collection

pytestmark = pytest.mark.usefixtures("plain_environment")

PREFS = ["create table profiles (name text primary key, data blob)", "insert into profiles values ('_global', x'00')"]
FAKE = [
    "create view notes as select 1 as id, 'g' as guid",
    "create table col (id, crt, mod, scm, ver, dty, usn, ls, conf, models, decks, dconf, tags)",
    "insert into col (ver) values (11)",
]
FOREIGN: dict[str, list[str]] = {
    "profiles": PREFS,
    "one table": ["create table col (ver)", "insert into col values (11)"],
    "other tables of those names": ["create table col (ver)", "create table notes (text)", "create table cards (x)"],
    "views": FAKE,
    "write-ahead": ["pragma journal_mode = wal", *PREFS],
    "nothing": ["create table x (y)", "drop table x"],
}
WAYS = [["push"], ["push", "--dry-run"], ["status"]]


def database(path: Path, statements: list[str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in statements:
        connection.execute(statement)
    connection.close()
    return path


def collection(path: Path) -> Path:
    path.parent.mkdir(exist_ok=True)
    Collection(str(path)).close()
    return path


@pytest.mark.parametrize("name", ["prefs21.db", "collection.anki2"])
@pytest.mark.parametrize("statements", FOREIGN.values(), ids=FOREIGN)
def test_a_database_of_another_program_stays_as_it_is(tmp_path: Path, name: str, statements: list[str]) -> None:
    file = database(tmp_path / "Anki2" / name, statements)
    write_files(tmp_path, {"n/a.md": NOTE})
    canary = Canary.of(tmp_path / "Anki2")
    for way, *options in WAYS:
        assert deckgen(way, tmp_path / "n", "--to", file, *options).kinds == ["no-collection"]
        canary.assert_untouched()


CHANGES: dict[str, Callable[[sqlite3.Connection], object]] = {
    "a version to come": lambda c: c.execute("update col set ver = 99"),
    "no version": lambda c: c.execute("delete from col"),
    "two of them": lambda c: c.execute(
        "insert into col select 2, crt, mod, scm, ver, dty, usn, ls, conf, models, decks, dconf, tags from col"
    ),
    "without cards": lambda c: c.execute("drop table cards"),
    "a trigger": lambda c: c.execute("create trigger t after insert on cards begin delete from notes; end"),
    "a view": lambda c: c.execute("create view v as select 1"),
    "other columns": lambda c: (c.execute("drop table revlog"), c.execute("create table revlog (id)")),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_collection_that_is_not_quite_one(tmp_path: Path, change: Callable[[sqlite3.Connection], object]) -> None:
    file = collection(tmp_path / "Anki2" / "collection.anki2")
    connection = sqlite3.connect(file, isolation_level=None)
    change(connection)
    connection.close()
    write_files(tmp_path, {"n/a.md": NOTE})
    canary = Canary.of(tmp_path / "Anki2")
    for way, *options in WAYS:
        assert deckgen(way, tmp_path / "n", "--to", file, *options).kinds == ["no-collection"]
        canary.assert_untouched()


def test_a_hot_journal_deletes_nothing(tmp_path: Path) -> None:
    """One that names a super-journal has SQLite delete the file of that name."""
    file = collection(tmp_path / "Anki2" / "collection.anki2")
    write_files(tmp_path, {"n/a.md": NOTE, "Anki2/precious": "precious"})
    journal = bytes.fromhex("d9d505f920a163d7") + bytes(600) + b"precious"
    (tmp_path / "Anki2" / "collection.anki2-journal").write_bytes(journal)
    canary = Canary.of(tmp_path / "Anki2")
    for way, *options in WAYS:
        assert deckgen(way, tmp_path / "n", "--to", file, *options).kinds == ["no-collection"]
        canary.assert_untouched()


@pytest.mark.parametrize("kind", ["pipe", "journal", "folder"])
def test_a_pipe_keeps_nothing_waiting(tmp_path: Path, kind: str) -> None:
    write_files(tmp_path, {"n/a.md": NOTE})
    file = tmp_path / "Anki2" / "collection.anki2"
    if kind == "journal":
        os.mkfifo(collection(file).with_name(file.name + "-journal"))
    else:
        file.parent.mkdir()
        os.mkfifo(file) if kind == "pipe" else file.mkdir()
    assert command("push", "n", "--to", file, cwd=tmp_path).kinds == ["no-collection"]


def test_only_the_file_of_a_collection_is_one(tmp_path: Path) -> None:
    """A copy under another name is somebody's backup."""
    file = collection(tmp_path / "Anki2" / "collection.anki2")
    backup = file.rename(file.with_name("collection.backup"))
    write_files(tmp_path, {"n/a.md": NOTE})
    assert deckgen("push", tmp_path / "n", "--to", backup).kinds == ["no-collection"]


def test_the_folder_of_a_profile_is_its_collection(tmp_path: Path) -> None:
    file = collection(tmp_path / "Anki2" / "collection.anki2")
    write_files(tmp_path, {"n/a.md": NOTE})
    assert deckgen("push", tmp_path / "n", "--to", file.parent).code == 0
    opened = Collection(str(file))
    try:
        assert opened.note_count() == 1
    finally:
        opened.close()
