"""What a case has done to its files between its commands."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from random import Random

from mutations import mutate_bytes, mutate_database, pick


def mutate_cache(folder: Path, seed: int) -> None:
    """Something happens to the files of a cache."""
    random = Random(seed)
    cache = folder / ".deckgen"
    files = sorted(path for path in cache.rglob("*") if path.is_file() and not path.is_symlink())
    if not files or random.random() < 0.05:
        shutil.rmtree(cache, ignore_errors=True)
        cache.write_bytes(b"")
        return
    for _ in range(random.choice((1, 1, 2))):
        path = pick(random, files)
        if os.path.lexists(path) and (path.is_symlink() or not path.is_file()):
            continue  # it was made something else before
        content = path.read_bytes() if path.exists() else b""
        what = random.randrange(10)
        if what <= 4 and content.startswith(b"SQLite format 3\0"):
            path.write_bytes(mutate_database(random, content))
        elif what <= 7:
            path.write_bytes(mutate_bytes(random, content))
        elif what == 8:
            other = path.with_name(path.name + pick(random, ("-journal", "-wal", "-shm", ".tmp")))
            other.write_bytes(mutate_bytes(random, content[:5000]))
        else:
            path.unlink(missing_ok=True)
            put_special(path, pick(random, (("link", "../../outside/precious.txt"), ("fifo", ""), ("folder", ""))))


def put_special(path: Path, content: tuple[str, str]) -> None:
    """What is no ordinary file."""
    kind, value = content
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "link":
        path.symlink_to(value)
    elif kind == "fifo":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    else:
        with path.open("wb") as file:
            file.truncate(int(value))
