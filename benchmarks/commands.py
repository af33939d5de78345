"""What each command costs on a project of which nothing, or little, changed: as a whole process, in pairs.

    python benchmarks/commands.py [--cards 2000] [--runs 5] [--push] [--edits 100000]

The first table holds commands on unchanged notes against a warm build, in turns: called again and again, and for the
first time after a build. `--push` adds `push --dry-run` against the server of the tests (which needs `anki`). The
second, with `--edits`, holds builds of a vault of that size: CPU, and the memory of the largest process. Both end with
the bounds that the project sets itself.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measuring import Table
from speed import DECKGEN, HERE, Run, clean, in_turns, once
from vault import write_vault

COMMANDS = ("list", "list --json", "diff", "lint")
MOST = 3.0
"""Times a warm build's CPU."""
TERMS = 1000
"""Notes of the rule whose template is edited."""
SETTLED = 2.1
"""Seconds after which the times of a file tell whether it is the same."""


class Vault:
    """A built project, and edits of it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.edits = folder, 0
        self.notes = sorted(folder.rglob("n*.md"))

    def deckgen(self, command: str, *more: str) -> list[str]:
        """A command line for it."""
        name, *options = command.split()
        return [*DECKGEN, name, str(self.folder), *options, *more]

    def build(self) -> Run:
        """Build it."""
        return once(self.deckgen("build"))

    def settle(self) -> None:
        """Build until nothing is young any more."""
        self.build()
        time.sleep(SETTLED)
        self.build()

    def answer(self, count: int = 1) -> None:
        """Change an answer in some notes."""
        self._edit("Of ", lambda line: f"{line.partition(' Once more')[0]} Once more {self.edits}.", count)

    def heading(self) -> None:
        """Reword a heading."""
        words = ("anybody", "somebody")
        self._edit("## What", lambda line: line.replace(words[self.edits % 2], words[self.edits % 2 - 1]), 1)

    def add_terms(self, count: int) -> None:
        """Notes of a rule of their own, ten in a file."""
        (self.folder / "deck.yaml").write_text(
            "deck: Bench\nid: bench\nrules: [./rules/cards.yaml, ./rules/terms.yaml]\n"
        )
        self.template()
        for first in range(0, count, 10):
            terms = [
                f"### Term {n}\n\nWhat the people of valley {n} call a bridge of rope.\n"
                for n in range(first, first + 10)
            ]
            path = self.folder / "terms" / f"t{first:06}.md"
            path.parent.mkdir(exist_ok=True)
            path.write_text("\n".join(["# Terms\n", *terms]), "utf-8")

    def template(self) -> None:
        """Edit the template of that rule."""
        self.edits += 1
        (self.folder / "rules" / "terms.yaml").write_text(
            "rules:\n  - id: term\n    on: section\n    match: {heading: 'Term {t}$', level: '3'}\n"
            f"    fields: {{Front: 'What is term {{t}}? ({self.edits})', Back: '{{body}}'}}\n"
        )

    def _edit(self, mark: str, change: Callable[[str], str], count: int) -> None:
        self.edits += 1
        for path in self.notes[:count]:
            lines = path.read_text("utf-8").split("\n")
            number = next(n for n, line in enumerate(lines) if line.startswith(mark))
            lines[number] = change(lines[number])
            path.write_text("\n".join(lines), "utf-8")


def commands(table: Table, vault: Vault, cards: int, runs: int, more: list[list[str]]) -> None:
    """Commands on unchanged notes."""
    vault.settle()
    ways = [vault.deckgen(command) for command in COMMANDS] + more
    names = [*COMMANDS, *("push --dry-run" for _ in more)]
    warm, *again = in_turns(runs, (vault.deckgen("build"), lambda: None), *((way, lambda: None) for way in ways))
    table.add(f"{cards:,} notes, warm build", warm.cpu)
    for name, run in zip(names, again, strict=True):
        table.add(f"  {name}, against it", run.cpu / warm.cpu, unit="x", bound=MOST)

    def anew() -> None:
        vault.answer()
        vault.settle()

    first = in_turns(1, *((way, anew) for way in ways))
    for name, run in zip(names, first, strict=True):
        table.add(f"  {name}, for the first time after a build", run.cpu / warm.cpu, unit="x", bound=MOST)


@contextmanager
def pushing(vault: Vault, folder: Path) -> Iterator[list[str]]:
    """`push --dry-run` into an Anki that has all notes."""
    support = HERE.parent / "tests/support/ankiconnect_server.py"
    server = subprocess.Popen(
        [sys.executable, str(support), str(folder / "collection.anki2")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        command = vault.deckgen("push", "--url", server.stdout.readline().strip())
        once(command)
        yield [*command, "--dry-run"]
    finally:
        server.stdin.close()
        server.wait(60)
        server.stdout.close()


def builds(table: Table, vault: Vault, cards: int, runs: int) -> None:
    """Builds of a large project after this and that."""

    def add(name: str, run: Run, cpu: float | None = None, peak: float | None = None) -> None:
        table.add(f"{name}, cpu", run.cpu, bound=cpu, is_apart=True)
        table.add(f"{name}, peak", run.peak, unit="MiB", bound=peak)

    clean(vault.folder)()
    add(f"{cards:,} notes, first build", vault.build())
    vault.settle()
    for name, edit, cpu, peak in (
        ("answer edited", vault.answer, 0.8, None),
        ("heading reworded", vault.heading, 1.2, 200.0),
    ):
        (run,) = in_turns(runs, (vault.deckgen("build"), edit))
        add(f"one {name}", run, cpu, peak)
    vault.add_terms(TERMS)
    vault.settle()
    (run,) = in_turns(1, (vault.deckgen("build"), vault.template))
    add(f"one rule's template edited, {TERMS:,} notes are its", run, 3.0)
    vault.settle()
    build = vault.deckgen("build")
    (same,) = in_turns(runs, (build, lambda: None))
    add("nothing changed", same, 0.2)
    relative = os.path.relpath(vault.folder, tempfile.gettempdir())  # where `once` stands
    (elsewhere,) = in_turns(runs, ([*DECKGEN, "build", relative], lambda: None))
    add("nothing changed, by another path", elsewhere, 0.2)

    def check_out() -> None:
        for path in vault.notes:
            path.touch()
        time.sleep(SETTLED)
        vault.build()

    (second,) = in_turns(1, (build, check_out))
    add("second build after a checkout", second, 0.2)
    copy = vault.folder.with_name("copy")
    (moved,) = in_turns(1, ([*DECKGEN, "build", str(copy)], lambda: shutil.copytree(vault.folder, copy)))
    add("first build of a copied folder", moved)
    pulled = Vault(copy)
    pulled.answer(50)
    pulled.build()
    for path in (copy / "deck.lock", *pulled.notes[:50]):
        shutil.copy(path, vault.folder / path.relative_to(copy))
    add("a pull of 50 files and the lock", vault.build(), 4.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cards", type=int, default=2000, help="how many notes commands are run on (2000)")
    parser.add_argument("--runs", type=int, default=5, help="how many runs the medians are of (5)")
    parser.add_argument("--push", action="store_true", help="measure `push --dry-run`, too")
    parser.add_argument("--edits", type=int, default=0, help="how many notes builds are run on, beside 1,000 (none)")
    asked = parser.parse_args()
    table = Table("commands", "nothing but itself")
    with tempfile.TemporaryDirectory(prefix="deckgen-commands-") as name:
        folder = Path(name)
        os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
        vault = Vault(write_vault(folder / "small", asked.cards) / "plain")
        if asked.push:
            vault.settle()
            with pushing(vault, folder) as push:
                commands(table, vault, asked.cards, asked.runs, [push])
        else:
            commands(table, vault, asked.cards, asked.runs, [])
        if asked.edits:
            builds(table, Vault(write_vault(folder / "large", asked.edits) / "plain"), asked.edits, asked.runs)
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
