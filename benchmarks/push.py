"""Pushes of ten thousand notes: the first, one of nothing, one in which every note changed; both ways into Anki.

    python benchmarks/push.py [COUNT]        # needs what the tests need: pip install '.[test]'

In seconds of CPU, of deckgen and Anki together, a build of the notes included. The reference is Anki's own import of
the package of all notes. Over HTTP the tests' server stands for AnkiConnect. The add-on itself reads a kilobyte
at a time, forty times a second, so what is sent is shown as well: each 40 kB take it a second.
"""

from __future__ import annotations

import argparse
import contextlib
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent / "tests/support"))
sys.path.insert(0, str(Path(__file__).parent.parent))

from measuring import Table

try:
    from push_world import FileWorld, World
except ModuleNotFoundError as missing:
    sys.exit(f"benchmarks/push.py needs {missing.name}: `pip install '.[test]'` in the checkout")

RULES = """rules:
  - id: fact
    on: list_item
    match: '{term} ↔ {meaning}'
    fields: {Front: '{term}', Back: '{meaning}'}
"""
PER_FILE = 100


def write_notes(world: World, count: int, said: str) -> None:
    for number in range(0, count, PER_FILE):
        lines = (
            f"- port {n} ↔ {said} port number {n}, of {n * 7919 % 1000} kinds\n"
            for n in range(number, number + PER_FILE)
        )
        world.write(f"{number:06}.md", f"# Ports from {number}\n\n" + "".join(lines))


def pushed(world: World) -> float:
    start = time.process_time()
    ended = world.push()
    spent = time.process_time() - start
    assert ended.code == 0, ended
    return spent


class CountingWorld(World):
    """How much was sent since it was asked last."""

    def start(self) -> None:
        super().start()
        self.sent = 0
        handle = self.server.handle

        def counting(request: dict[str, object]) -> dict[str, object]:
            import json

            self.sent += len(json.dumps(request, ensure_ascii=False).encode())
            self.server.handle = handle  # not what `multi` asks of itself
            try:
                return handle(request)
            finally:
                self.server.handle = counting

        self.server.handle = counting


def measure(kind: type[World], name: str, count: int, table: Table) -> None:
    folder = Path(tempfile.mkdtemp(prefix="deckgen-push-"))
    world = kind(folder, {"deck.yaml": "deck: Ports\nid: ports\nrules: [./facts.yaml]\n", "facts.yaml": RULES})
    try:
        write_notes(world, count, "this is")
        for step, bound in (("first", 60.0), ("empty", 5.0), ("every note edited", None)):
            if bound is None:
                write_notes(world, count, "now it is")
            bounded = bound if count <= 10_000 else None
            table.add(f"{name}: {step}", pushed(world), bound=bounded)
            if isinstance(world, CountingWorld):
                table.add(f"{name}: {step}, sent", world.sent / 1000, unit="kB")
                world.sent = 0
    finally:
        world.stop()
        shutil.rmtree(folder)


def reference(count: int) -> float:
    folder = Path(tempfile.mkdtemp(prefix="deckgen-push-"))
    world = FileWorld(folder, {"deck.yaml": "deck: Ports\nid: ports\nrules: [./facts.yaml]\n", "facts.yaml": RULES})
    write_notes(world, count, "this is")
    package = world.build()
    start = time.process_time()
    world.learn("import_package", package)
    spent = time.process_time() - start
    world.stop()
    shutil.rmtree(folder)
    return spent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("count", nargs="?", type=int, default=10_000, help="how many notes (10000)")
    count = parser.parse_args().count
    with contextlib.redirect_stderr(None):
        table = Table("push", f"Anki's import of a package of {count:,} notes", reference(count))
    measure(CountingWorld, "AnkiConnect", count, table)
    measure(FileWorld, "closed collection", count, table)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
