"""Writes a pair over and over, each time killed one call on the disk later; prints what was found after each.

A process of its own, since only one without threads may fork: `killed_writes.py FOLDER [LOCK BEFORE]`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from deckgen.build.commit import Texts, write_both

EVENTS = {"open", "os.rename", "os.remove", "os.chmod", "os.mkdir", "fcntl.flock", "tempfile.mkstemp"}


def make(target: Path) -> Path:
    """A package, as `build_package` makes one."""
    temporary = target.with_name(f".{target.name}.abcdefgh.tmp")
    temporary.write_bytes(b"new")
    return temporary


def die_at(moment: int) -> None:
    """End this process, as by a power cut, at its `moment`-th call that touches the disk."""
    calls = 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal calls
        if event in EVENTS:
            if calls == moment:
                os._exit(9)
            calls += 1

    sys.addaudithook(hook)


def main() -> None:
    """One line of JSON for each moment: whether it was killed, lock and package then, and all files after the next."""
    folder, before = Path(sys.argv[1]), (sys.argv[2:] or [None])[0]
    was_killed, moment = True, 0
    while was_killed:
        place = folder / str(moment)
        place.mkdir()
        lock, package = place / "deck.lock", place / "deck.apkg"
        if before is not None:
            lock.write_text(before)
            package.write_bytes(b"old")
        child = os.fork()
        if child == 0:
            die_at(moment)
            write_both(lock, Texts(before, "new\n"), package, make)
            os._exit(0)
        was_killed = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        found = [path.read_text() if path.exists() else None for path in (lock, package)]
        write_both(lock, Texts(found[0], "new\n"), package, make)
        print(json.dumps([was_killed, found, {path.name: path.read_text() for path in sorted(place.iterdir())}]))
        moment += 1


if __name__ == "__main__":
    main()
