"""How fast `deckgen build` is, as a whole process, against references in the same run.

    python benchmarks/speed.py [--cards 10000] [--runs 5] [--notes FOLDER] [--megabytes 5] [--large]

Every figure is the median of the runs, and deckgen and its reference take turns, so that what else the machine does
falls on both. `cpu` is user and system time of the process and of those that it started, `peak` the memory of the
largest one. Other tools are looked for in `DECKGEN_PEERS` (folders of programs, as in PATH) and skipped by name where
they are not installed. `--large` adds a hundred thousand notes and a million. The table goes to `dist/` as JSON, with
a plot of cost against size.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from measuring import DIST, Table
from vault import write_vault

HERE = Path(__file__).parent
DECKGEN = [sys.executable, "-m", "deckgen"]
REFERENCE = [sys.executable, str(HERE / "reference.py")]


@dataclass(frozen=True)
class Run:
    """One process: seconds, and MiB."""

    wall: float
    cpu: float
    peak: float


Prepare = Callable[[], object]


def once(command: list[str]) -> Run:
    begun = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "SOURCE_DATE_EPOCH": "1760000000"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as it is installed: not compiled at every start
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=tempfile.gettempdir(),  # where some tools leave what they make
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.perf_counter() - begun
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}")
    scale = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / scale)


def in_turns(runs: int, *ways: tuple[list[str], Prepare]) -> list[Run]:
    """The medians of some commands, one after the other in each round; before each what it needs is prepared."""
    found: list[list[Run]] = [[] for _ in ways]
    for _ in range(runs):
        for (command, prepare), of_way in zip(ways, found, strict=True):
            prepare()
            of_way.append(once(command))
    return [Run(*(statistics.median(getattr(r, n) for r in way) for n in ("wall", "cpu", "peak"))) for way in found]


def clean(folder: Path) -> Prepare:
    """As it was before any build."""

    def forget() -> None:
        shutil.rmtree(folder / ".deckgen", ignore_errors=True)
        for path in (folder / "deck.lock", folder / f"{folder.name}.apkg"):
            path.unlink(missing_ok=True)

    return forget


def peer(name: str) -> str | None:
    """A program of another tool."""
    return shutil.which(name, path=os.environ.get("DECKGEN_PEERS", "") + os.pathsep + os.environ.get("PATH", ""))


def cold(table: Table, folder: Path, cards: int, runs: int) -> None:
    """(a): a vault of questions, nothing kept, against other ways to make the same cards."""
    plain = folder / "plain"
    build = [*DECKGEN, "build", str(plain)]
    ways: list[tuple[str, list[str], Prepare]] = [
        ("markdown-it-py + genanki", [*REFERENCE, "cards", str(plain), str(folder / "r.apkg")], lambda: None)
    ]
    if path := peer("ankdown"):
        ways.append(("ankdown", [path, "-r", str(folder / "ankdown"), "-p", str(folder / "a.apkg")], lambda: None))
    if path := peer("ankivalenz"):
        ways.append(("ankivalenz", [path, "run", str(folder / "ankivalenz")], lambda: None))
    for name in {"ankdown", "ankivalenz"} - {name for name, *_ in ways}:
        print(f"skipped: {name} is not installed", file=sys.stderr)
    own, *others = in_turns(runs, (build, clean(plain)), *((command, prepare) for _, command, prepare in ways))
    table.add(f"{cards:,} cards cold, wall", own.wall, is_apart=True)
    table.add(f"{cards:,} cards cold, cpu", own.cpu, is_apart=True)
    table.add(f"{cards:,} cards cold, peak", own.peak, unit="MiB")
    for (name, *_), other in zip(ways, others, strict=True):
        cpu, wall = _MOST_TIMES.get(name, (None, None))
        table.add(f"  cpu against {name}", own.cpu / other.cpu, unit="x", bound=cpu)
        table.add(f"  wall against {name}", own.wall / other.wall, unit="x", bound=wall)


_MOST_TIMES = {"markdown-it-py + genanki": (2.0, None), "ankdown": (None, 2.0)}
"""What a cold build may take of the CPU and of the wall of another way."""


def warm(table: Table, plain: Path, runs: int, *, is_bound: bool = False) -> None:
    """(c) and (d): nothing changed, one file changed. `is_bound`: it is the vault for which there are bounds."""
    once([*DECKGEN, "build", str(plain)])
    once([*DECKGEN, "build", str(plain)])
    time.sleep(2.1)  # until the times of what was just written tell
    once([*DECKGEN, "build", str(plain)])
    files = len(list(plain.rglob("*.md")))
    (same,) = in_turns(runs, ([*DECKGEN, "build", str(plain)], lambda: None))
    bounds = (0.3, 0.9) if is_bound else (None, None)
    table.add(f"nothing changed, {files:,} files, wall", same.wall, bound=bounds[0], is_apart=True)
    table.add(f"nothing changed, {files:,} files, cpu", same.cpu, is_apart=True)
    one, chance = min(plain.rglob("n*.md")), random.Random(0)

    def edit() -> None:
        one.write_text(f"{one.read_text('utf-8').rstrip()} {chance.randrange(1000)}\n", "utf-8")

    (edited,) = in_turns(runs, ([*DECKGEN, "build", str(plain)], edit))
    table.add(f"one file changed of {files:,}, wall", edited.wall, bound=bounds[1], is_apart=True)
    table.add(f"one file changed of {files:,}, cpu", edited.cpu, is_apart=True)


def ordinary(table: Table, notes: Path, folder: Path, size: int, runs: int) -> None:
    """(b): real notes again and again, each time edited a little, against one render of the same text."""
    written, copy = 0, 0
    texts = [path.read_text("utf-8", "replace") for path in sorted(notes.rglob("*.md"))]
    while written < size:
        for index, text in enumerate(texts):
            edited = text.replace("\n\n", f"\n\n{copy} ", 3 + copy % 3)
            path = folder / f"{copy:03}" / f"{index:05}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            written += path.write_bytes(edited.encode())
        copy += 1
    own, other = in_turns(
        runs, ([*DECKGEN, "build", str(folder)], clean(folder)), ([*REFERENCE, "render", str(folder)], lambda: None)
    )
    table.add(f"ordinary notes cold, {written / 1e6:.1f} MB, wall", own.wall, is_apart=True)
    table.add("  wall against markdown-it-py's render", own.wall / other.wall, unit="x")
    table.add("  cpu against markdown-it-py's render", own.cpu / other.cpu, unit="x")


_PEAKS = {100_000: 150.0, 1_000_000: 1229.0}


def growth(table: Table, folder: Path, sizes: list[int], runs: int) -> None:
    """How cost grows with size: four sizes, each twice or three times the one before; (e) where asked."""
    points: list[tuple[int, float, float]] = []
    for size in sizes:
        plain = write_vault(folder / f"v{size}", size) / "plain"
        (own,) = in_turns(runs if size < 50_000 else 1, ([*DECKGEN, "build", str(plain)], clean(plain)))
        points.append((size, own.cpu, own.peak))
        table.add(f"{size:,} cards, cpu a thousand", own.cpu / size * 1000, is_apart=True)
        table.add(f"{size:,} cards, peak", own.peak, unit="MiB", bound=_PEAKS.get(size))
        if size == 100_000:
            again(table, plain)
            warm(table, plain, runs, is_bound=True)
        shutil.rmtree(folder / f"v{size}")
    DIST.mkdir(exist_ok=True)
    (DIST / "benchmark-speed.svg").write_text(plot(points), "utf-8")
    print("  -> dist/benchmark-speed.svg")


def again(table: Table, plain: Path) -> None:
    """With the lock, and nothing kept: a fresh clone, or a newer deckgen."""
    shutil.rmtree(plain / ".deckgen")
    (own,) = in_turns(1, ([*DECKGEN, "build", str(plain)], lambda: None))
    table.add("  with its lock, in a fresh clone, wall", own.wall, is_apart=True)
    table.add("  with its lock, in a fresh clone, peak", own.peak, unit="MiB", bound=_PEAKS[100_000])


def plot(points: list[tuple[int, float, float]]) -> str:
    """Seconds of CPU against notes; the line is what the first size would cost at the same rate."""
    most_notes, most = points[-1][0], max(cpu for _, cpu, _ in points)
    rate = points[0][1] / points[0][0]
    top = max(most, rate * most_notes)

    def place(notes: float, cpu: float) -> tuple[float, float]:
        return 60 + 500 * notes / most_notes, 320 - 280 * cpu / top

    x, y = place(most_notes, rate * most_notes)
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 620 370" font-family="sans-serif" font-size="12">',
        '<rect width="620" height="370" fill="#fff"/><path d="M60 20V320H580" fill="none" stroke="#333"/>',
        f'<path d="M60 320L{x:.1f} {y:.1f}" stroke="#bbb" stroke-dasharray="4"/>',
        '<text x="60" y="14">deckgen build, cold: seconds of CPU</text><text x="520" y="358">notes</text>',
    ]
    for notes, cpu, peak in points:
        x, y = place(notes, cpu)
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="#1565c0"/>')
        parts.append(f'<text x="{x:.1f}" y="{y - 8:.1f}" text-anchor="end">{cpu:.1f} s, {peak:.0f} MiB</text>')
        parts.append(f'<text x="{x:.1f}" y="338" text-anchor="middle">{notes:,}</text>')
    return "\n".join([*parts, "</svg>\n"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--cards", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--notes", type=Path, default=HERE.parent / "decks")
    parser.add_argument("--megabytes", type=float, default=2)
    parser.add_argument("--large", action="store_true")
    asked = parser.parse_args()
    table = Table("speed", "named in each line")
    with tempfile.TemporaryDirectory(prefix="deckgen-bench-") as made:
        folder = Path(made)
        vault = write_vault(folder / "vault", asked.cards)
        cold(table, vault, asked.cards, asked.runs)
        warm(table, vault / "plain", asked.runs)
        shutil.rmtree(vault)
        ordinary(table, asked.notes, folder / "ordinary", int(asked.megabytes * 1e6), asked.runs)
        for words in (["--help"], ["list", "--help"]):
            (helped,) = in_turns(asked.runs, ([*DECKGEN, *words], lambda: None))
            table.add(f"{' '.join(words)}, cpu", helped.cpu, bound=0.12, is_apart=True)
        sizes = [1000, 3000, 10_000, 30_000]
        growth(table, folder, [*sizes, 100_000, 1_000_000] if asked.large else sizes, min(asked.runs, 3))
    return table.end()


if __name__ == "__main__":
    raise SystemExit(main())
