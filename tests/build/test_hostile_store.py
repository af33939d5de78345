"""A `.deckgen/` that a stranger's repository brings along runs nothing, deletes nothing, leads nowhere and hangs nobody."""

from __future__ import annotations

import os
import shutil
import socket
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from command_line import write_files

from deckgen.build.owned_folder import FOLDER, is_own_file, open_folder, seal

SECONDS = 60  # a build of one note takes one
NAMES = ("sources.db", "store.db", "owner", ".gitignore", "rest-0123456789abcdef", "collection-0123456789abcdef")
NOTE = "MTL stands for multi-task learning.\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_files(tmp_path, {"p/a.md": NOTE, "precious.txt": "precious", "outside/keep.txt": "keep"})
    (tmp_path / "p" / FOLDER).mkdir()
    return tmp_path / "p"


def build(project: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build in a process of its own, which has to end."""
    command = [sys.executable, "-m", "deckgen", "build", "."]
    around = {**os.environ, **environment}
    return subprocess.run(
        command, cwd=project, capture_output=True, text=True, timeout=SECONDS, env=around, check=False
    )


def canaries(project: Path) -> dict[str, bytes]:
    """All that lies outside of the project."""
    root = project.parent
    paths = [path for path in root.rglob("*") if project not in (path, *path.parents) and not path.is_dir()]
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}


def database(path: Path, statement: str) -> None:
    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def hot_journal(path: Path, names: str) -> None:
    """A journal that has SQLite delete the file which it names as its super-journal."""
    pages = path.stat().st_size // 4096
    magic, name = bytes.fromhex("d9d505f920a163d7"), names.encode()
    head = (magic + struct.pack(">IIIII", 0, 0, pages, 512, 4096)).ljust(512, b"\0")
    record = struct.pack(">I", 0x40000000 // 4096 + 1) + name + struct.pack(">II", len(name), sum(name) & 0xFFFFFFFF)
    Path(f"{path}-journal").write_bytes(head + record + magic)


def journals(folder: Path) -> None:
    for name in NAMES:
        if not name.startswith(".") and name != "owner":
            database(folder / name, "create table owner(identity)")
            hot_journal(folder / name, "../precious.txt")


def views(folder: Path) -> None:
    for name in ("sources.db", "store.db"):
        endless = "with recursive c(x) as (select 1 union all select x + 1 from c) select x as identity from c"
        for view in ("owner", "meta", "sources", "file", "unit", "fact", "line"):
            database(folder / name, f"create view {view} as {endless}")


def pipes(folder: Path) -> None:
    for name in NAMES:
        for ending in ("", "-journal", "-wal", "-shm"):
            os.mkfifo(folder / f"{name}{ending}")


def folders(folder: Path) -> None:
    for name in NAMES:
        write_files(folder / name, {"inner/file": "words"})


def links(folder: Path) -> None:
    for name in NAMES:
        (folder / name).symlink_to("../../made-outside.txt")


def links_to_files(folder: Path) -> None:
    for name in NAMES:
        (folder / name).symlink_to("../../precious.txt")


def links_to_folders(folder: Path) -> None:
    for name in (*NAMES, "collection-0123456789abcdef-abcdefgh"):
        (folder / name).symlink_to("../../outside")


def hard_links(folder: Path) -> None:
    for name in NAMES:
        os.link(folder.parent.parent / "precious.txt", folder / name)


def sockets(folder: Path) -> None:
    before = Path.cwd()
    os.chdir(folder)  # the path of a socket is short
    for name in NAMES:
        socket.socket(socket.AF_UNIX).bind(name)
    os.chdir(before)


def noise(folder: Path) -> None:
    for name in NAMES:
        (folder / name).write_bytes(os.urandom(5000))


def endless_proof(folder: Path) -> None:
    with (folder / "owner").open("wb") as file:
        file.truncate(1 << 40)


def a_file(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("words")


def a_pipe(folder: Path) -> None:
    folder.rmdir()
    os.mkfifo(folder)


def a_link(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("../outside")


def a_dangling_link(folder: Path) -> None:
    folder.rmdir()
    folder.symlink_to("../made-outside")


ATTACKS: list[Callable[[Path], None]] = [
    journals,
    views,
    pipes,
    folders,
    links,
    links_to_files,
    links_to_folders,
    hard_links,
    sockets,
    noise,
    endless_proof,
    a_file,
    a_pipe,
    a_link,
    a_dangling_link,
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_a_repository_brings_is_neither_opened_nor_followed(project: Path, attack: Callable[[Path], None]) -> None:
    attack(project / FOLDER)
    before = canaries(project)
    for _ in range(2):
        ended = build(project)
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stderr
    assert canaries(project) == before
    assert "1 unchanged" in ended.stdout


def test_a_folder_of_a_repository_is_made_anew_and_serves(project: Path) -> None:
    noise(project / FOLDER)
    build(project)
    names = {path.name for path in (project / FOLDER).iterdir()}
    assert {"owner", ".gitignore"} < names
    assert all(is_own_file(project / FOLDER / name) for name in names - {"owner", ".gitignore"})


def test_the_secret_is_for_this_user_alone(project: Path, tmp_path: Path) -> None:
    build(project, XDG_CACHE_HOME=str(tmp_path / "cache"))
    secret = tmp_path / "cache/deckgen/secret"
    assert secret.stat().st_mode & 0o777 == 0o600
    assert len(secret.read_bytes()) == 32


@pytest.mark.parametrize("what", ["open to others", "short", "long", "a link", "a folder", "a pipe"])
def test_a_secret_that_others_may_know_is_replaced(
    project: Path, tmp_path: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    secret = write_files(cache / "deckgen", {"other": b"s" * 32}) / "secret"
    if what == "open to others":
        secret.write_bytes(b"s" * 32)
        secret.chmod(0o644)
    elif what in ("short", "long"):
        secret.write_bytes(b"s" * (31 if what == "short" else 33))
        secret.chmod(0o600)
    elif what == "a link":
        (cache / "deckgen/other").chmod(0o600)
        secret.symlink_to("other")
    elif what == "a folder":
        secret.mkdir()
    else:
        os.mkfifo(secret)
    assert open_folder(project) is not None
    assert not secret.is_symlink()
    assert (secret.stat().st_mode & 0o777, len(secret.read_bytes())) == (0o600, 32)
    assert secret.read_bytes() != b"s" * 32
    assert (cache / "deckgen/other").read_bytes() == b"s" * 32


@pytest.mark.parametrize("what", ["no home", "a home that is a file"])
def test_without_a_place_for_the_secret_there_is_no_cache(project: Path, tmp_path: Path, what: str) -> None:
    home = "" if what == "no home" else str(tmp_path / "precious.txt")
    ended = build(project, XDG_CACHE_HOME="", HOME=home)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not list((project / FOLDER).iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_no_cache(project: Path) -> None:
    (project / FOLDER).chmod(0o500)
    assert build(project).returncode == 0


class TestProof:
    """What the secret vouches for, and what it does not."""

    @pytest.fixture
    def folder(self, project: Path) -> Path:
        folder = open_folder(project)
        assert folder is not None
        (folder / "store.db").write_bytes(b"made here")
        seal(folder / "store.db")
        assert is_own_file(folder / "store.db")
        return folder

    def test_a_file_that_was_written_since_is_not_its_own(self, folder: Path) -> None:
        (folder / "store.db").write_bytes(b"made hers")
        assert not is_own_file(folder / "store.db")
        assert open_folder(folder.parent) is not None
        assert not (folder / "store.db").exists()

    def test_a_published_folder_serves_where_it_is_whole(self, folder: Path, tmp_path: Path) -> None:
        """The same content elsewhere is its own; other content beside the same proof is not."""
        shutil.copytree(folder.parent, tmp_path / "copy")
        copy = tmp_path / "copy" / FOLDER
        assert is_own_file(copy / "store.db")
        (copy / "store.db").write_bytes(b"not made here")
        (copy / "other.db").write_bytes(b"made here")
        assert not is_own_file(copy / "store.db")
        assert not is_own_file(copy / "other.db")

    def test_the_proof_of_another_machine_is_none(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "another machine"))
        assert open_folder(folder.parent, makes=False) is None
        assert open_folder(folder.parent) is not None
        assert not (folder / "store.db").exists()

    @pytest.mark.parametrize("ending", ["-journal", "-wal", "-shm"])
    def test_nothing_lies_beside_a_file_that_is_opened(self, folder: Path, ending: str) -> None:
        (folder / f"store.db{ending}").write_bytes(b"")
        assert not is_own_file(folder / "store.db")
        open_folder(folder.parent)
        assert is_own_file(folder / "store.db")
        assert not (folder / f"store.db{ending}").exists()

    def test_without_writing_nothing_is_deleted(self, folder: Path) -> None:
        (folder / "stranger").write_bytes(b"")
        (folder / "store.db").write_bytes(b"other")
        assert open_folder(folder.parent, makes=False) == folder
        assert (folder / "stranger").exists()
        assert not is_own_file(folder / "store.db")
