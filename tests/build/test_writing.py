from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import pytest

from deckgen.build.commit import BusyError, LockChangedError, Texts, _alone_by_file, write_both
from deckgen.diagnostics import has_errors


def maker(content: bytes) -> Callable[[Path], Path]:
    """Makes a package of these bytes, as `build_package` does."""

    def make(target: Path) -> Path:
        temporary = target.with_name(f".{target.name}.abcdefgh.tmp")
        temporary.write_bytes(content)
        return temporary

    return make


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    return tmp_path / "deck.lock"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    return tmp_path / "deck.apkg"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_first_pair(lock: Path, package: Path) -> None:
    assert write_both(lock, Texts(None, "new\n"), package, maker(b"new")) == []
    assert lock.read_text() == "new\n"
    assert package.read_bytes() == b"new"
    assert names(lock.parent) == ["deck.apkg", "deck.lock"]


def test_new_files_have_the_permissions_that_new_files_get(lock: Path, package: Path) -> None:
    mask = os.umask(0o027)
    try:
        write_both(lock, Texts(None, "new\n"), package, maker(b"new"))
    finally:
        os.umask(mask)
    assert {stat.S_IMODE(path.stat().st_mode) for path in (lock, package)} == {0o640}


def test_old_files_keep_their_permissions(lock: Path, package: Path) -> None:
    lock.write_text("old\n")
    package.write_bytes(b"old")
    lock.chmod(0o600)
    package.chmod(0o604)
    assert write_both(lock, Texts("old\n", "new\n"), package, maker(b"new")) == []
    assert stat.S_IMODE(lock.stat().st_mode) == 0o600
    assert stat.S_IMODE(package.stat().st_mode) == 0o604


def test_what_is_right_already_is_not_touched(lock: Path, package: Path) -> None:
    lock.write_text("same\n")
    package.write_bytes(b"same")
    before = [(p.stat().st_ino, p.stat().st_mtime_ns) for p in (lock, package)]
    assert write_both(lock, Texts("same\n", "same\n"), package, maker(b"same")) == []
    assert [(p.stat().st_ino, p.stat().st_mtime_ns) for p in (lock, package)] == before
    assert names(lock.parent) == ["deck.apkg", "deck.lock"]


def test_links_are_replaced_never_written_through(tmp_path: Path, lock: Path, package: Path) -> None:
    """Those that may be followed are followed where the project is opened."""
    real = tmp_path / "real"
    real.mkdir()
    (real / "a.lock").write_text("old\n")
    lock.symlink_to(real / "a.lock")
    package.symlink_to(real / "a.apkg")
    assert write_both(lock, Texts("old\n", "new\n"), package, maker(b"new")) == []
    assert (lock.read_text(), lock.is_symlink()) == ("new\n", False)
    assert (package.read_bytes(), package.is_symlink()) == (b"new", False)
    assert names(real) == ["a.lock"]
    assert (real / "a.lock").read_text() == "old\n"


@pytest.mark.parametrize("on_disk", [None, "other\n"])
def test_a_lock_that_changed_since_it_was_read_stays(lock: Path, package: Path, on_disk: str | None) -> None:
    if on_disk is not None:
        lock.write_text(on_disk)
    with pytest.raises(LockChangedError):
        write_both(lock, Texts("old\n", "new\n"), package, maker(b"new"))
    assert names(lock.parent) == ([] if on_disk is None else ["deck.lock"])


def test_a_merge_while_the_package_is_made_is_seen(lock: Path, package: Path) -> None:
    lock.write_text("old\n")

    def make(target: Path) -> Path:
        lock.write_text("merged\n")
        return maker(b"new")(target)

    with pytest.raises(LockChangedError):
        write_both(lock, Texts("old\n", "new\n"), package, make)
    assert lock.read_text() == "merged\n"
    assert names(lock.parent) == ["deck.lock"]


def test_line_ends_that_git_changed_are_no_change(lock: Path, package: Path) -> None:
    lock.write_bytes(b"\xef\xbb\xbfold\r\n")
    assert write_both(lock, Texts("old\n", "new\n"), package, maker(b"new")) == []
    assert lock.read_bytes() == b"new\n"


def test_a_folder_where_the_package_should_be(lock: Path, package: Path) -> None:
    package.mkdir()
    (problem,) = write_both(lock, Texts(None, "new\n"), package, maker(b"new"))
    assert problem.kind == "unwritable"
    assert "a folder" in problem.message
    assert names(lock.parent) == ["deck.apkg"]


def test_a_package_that_cannot_be_made_leaves_the_old_pair(lock: Path, package: Path) -> None:
    lock.write_text("old\n")
    package.write_bytes(b"old")

    def make(target: Path) -> Path:
        raise OSError(28, "No space left on device", str(target))

    (problem,) = write_both(lock, Texts("old\n", "new\n"), package, make)
    assert "No space left on device" in problem.message
    assert (lock.read_text(), package.read_bytes()) == ("old\n", b"old")


@pytest.mark.parametrize("before", [None, "old\n"])
def test_a_package_that_cannot_be_renamed_brings_the_old_lock_back(
    lock: Path, package: Path, before: str | None
) -> None:
    if before is not None:
        lock.write_text(before)

    def make(target: Path) -> Path:
        temporary = maker(b"new")(target)
        package.mkdir()  # somebody else, at the worst moment
        (package / "x").write_text("")
        return temporary

    assert has_errors(write_both(lock, Texts(before, "new\n"), package, make))
    assert (lock.read_text() if lock.exists() else None) == before
    assert names(lock.parent) == (["deck.apkg"] if before is None else ["deck.apkg", "deck.lock"])


def test_the_lock_cannot_be_written(tmp_path: Path, package: Path) -> None:
    lock = tmp_path / "nowhere" / "deck.lock"
    (problem,) = write_both(lock, Texts(None, "new\n"), package, maker(b"new"))
    assert problem.kind == "unwritable"
    assert not package.exists()


def test_remains_of_killed_builds_are_swept(lock: Path, package: Path) -> None:
    for name in (
        ".deck.lock.12345678.tmp",
        ".deck.apkg.12345678.tmp",
        ".deck.apkg.mine.tmp",
        ".other.apkg.12345678.tmp",
    ):
        (lock.parent / name).write_text("x")
    write_both(lock, Texts(None, "new\n"), package, maker(b"new"))
    assert names(lock.parent) == [".deck.apkg.mine.tmp", ".other.apkg.12345678.tmp", "deck.apkg", "deck.lock"]


def test_remains_are_swept_where_no_package_is_made(lock: Path, package: Path) -> None:
    package.with_name(f".{package.name}.12345678.tmp").touch()
    assert not write_both(lock, Texts(None, "new"), package, None)
    assert names(lock.parent) == [lock.name]


def test_two_writers_come_one_after_the_other(lock: Path, package: Path) -> None:
    """Each reads the lock, adds a line, and begins again when another was faster: no line is lost."""
    pytest.importorskip("fcntl")

    def add(name: str) -> None:
        while True:
            before = lock.read_text() if lock.exists() else None
            after = (before or "") + name + "\n"
            try:
                assert write_both(lock, Texts(before, after), package, maker(after.encode())) == []
            except LockChangedError:
                continue
            return

    threads = [threading.Thread(target=add, args=(f"writer {i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lock.read_text().splitlines()) == [f"writer {i}" for i in range(8)]
    assert package.read_text() == lock.read_text()


def test_another_build_that_never_ends_is_told(lock: Path, package: Path) -> None:
    fcntl: Any = pytest.importorskip("fcntl")
    descriptor = os.open(lock.parent, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    (problem,) = write_both(lock, Texts(None, "new\n"), package, maker(b"new"), patience=0.1)
    os.close(descriptor)
    assert problem.kind == "lock-busy"
    assert names(lock.parent) == []


def test_where_there_are_no_advisory_locks_a_file_keeps_others_out(tmp_path: Path) -> None:
    busy = tmp_path / ".deck.lock.busy"
    with _alone_by_file(busy, 0.1), pytest.raises(BusyError), _alone_by_file(busy, 0.05):
        pytest.fail("two builds at once")
    assert not busy.exists()
    busy.touch()
    os.utime(busy, (time.time() - 3600,) * 2)  # of a build that died
    with _alone_by_file(busy, 0.1):
        assert busy.exists()
    assert not busy.exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
@pytest.mark.parametrize("before", [None, "old\n"])
def test_killed_at_any_moment(tmp_path: Path, before: str | None) -> None:
    """The old pair, the new pair, or the new lock with the old package; the next build ends at the new pair."""
    root = Path(__file__).parents[2]
    command = [
        sys.executable,
        str(root / "tests/support/killed_writes.py"),
        str(tmp_path),
        *([before] if before else []),
    ]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    moments = [json.loads(line) for line in ended.stdout.splitlines()]
    old = "old" if before else None
    allowed = [[before, old], ["new\n", old], ["new\n", "new"]]
    assert all(found in allowed for _, found, _ in moments)
    assert all(found in [pair for _, pair, _ in moments] for found in allowed)
    assert all(after == {"deck.apkg": "new", "deck.lock": "new\n"} for _, _, after in moments)
    assert [was_killed for was_killed, _, _ in moments] == [True] * (len(moments) - 1) + [False]
    assert len(moments) > 8


class _GrowingLock:
    """A lock that learns its rows while the package is made, as large as may be."""

    size = 1 << 30
    is_changed = True

    def __init__(self) -> None:
        self.rows: list[bytes] = []

    def is_still(self, _: Path) -> bool:
        return True

    def write_to(self, file: IO[bytes]) -> None:
        file.write(b"".join(self.rows))


def test_a_lock_has_what_is_known_once_the_package_is_made(tmp_path: Path) -> None:
    lock = _GrowingLock()

    def make(target: Path) -> Path:
        time.sleep(0.05)
        lock.rows.append(b"a row\n")
        made = target.with_name("made")
        made.write_bytes(b"package")
        return made

    assert write_both(tmp_path / "deck.lock", lock, tmp_path / "p.apkg", make) == []
    assert (tmp_path / "deck.lock").read_bytes() == b"a row\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deck.lock", "p.apkg"]
