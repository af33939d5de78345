"""How long an editor waits: from a key press to fresh diagnostics, in a long note of a large project.

    python benchmarks/editor.py [--notes 2000] [--lines 500] [--changes 50]

The project has the shipped rules and was built once; the long note is made of the demo decks. Each change is a letter
more in a line of it. The server answers twice: for the changed section at once, which is what a change waits for, and
for the whole note when the typing stops. Median and worst of the changes, by the clock on the wall.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests/support"))

from editor_client import Editor
from measuring import Table
from speed import DECKGEN
from vault import write_vault

HERE = Path(__file__).parent
BOUND = 0.15
"""Seconds from a change to its diagnostics."""


def long_note(lines: int) -> str:
    """A note of that many lines, of what the demo decks say."""
    sources = sorted((HERE.parent / "decks").glob("*/notes/*.md"))
    texts = [path.read_text("utf-8").partition("---\n")[2].partition("---\n")[2] for path in sources]
    found = "\n".join(text for text in texts if text.isascii() or "。" not in text).split("\n")
    while len(found) < lines:
        found += found
    return "\n".join(found[:lines]) + "\n"


async def measure(folder: Path, note: Path, changes: int) -> tuple[list[float], list[float], float, int]:
    """Seconds to the first diagnostics, to those of the whole note, to begin with; KiB in the end."""
    editor = Editor()
    await editor.start(folder)
    begun = time.perf_counter()
    await editor.open(note)
    await editor.settle(note)
    opened = time.perf_counter() - begun
    chance = random.Random(1)
    first, whole = [], []
    for _ in range(changes):
        lines = editor.texts[note.as_uri()].split("\n")
        place = chance.choice([n for n, line in enumerate(lines) if len(line) > 40 and not line.startswith("|")])
        lines[place] = lines[place].rstrip(".") + chance.choice("abcdef") + "."
        begun = time.perf_counter()
        await editor.change(note, "\n".join(lines))
        first.append(time.perf_counter() - begun)
        await editor.settle(note)
        whole.append(time.perf_counter() - begun)
    server = editor.client._server
    status = Path(f"/proc/{server.pid}/status") if server is not None else Path()
    lines_of = status.read_text().splitlines() if status.is_file() else []
    memory = next((int(line.split()[1]) for line in lines_of if line.startswith("VmRSS")), 0)
    await editor.stop()
    return first, whole, opened, memory


def main() -> int:
    """Measure, and say whether the bound is kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--notes", type=int, default=2000)
    parser.add_argument("--lines", type=int, default=500)
    parser.add_argument("--changes", type=int, default=50)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = write_vault(Path(temporary), asked.notes * 2, per_file=2) / "plain"
        (folder / "deck.yaml").write_text("deck: Bench\nid: bench\n", "utf-8")
        note = folder / "long.md"
        note.write_text(long_note(asked.lines), "utf-8")
        subprocess.run([*DECKGEN, "build", str(folder)], check=True, stdout=subprocess.DEVNULL, cwd=HERE.parent)
        first, whole, opened, memory = asyncio.run(measure(folder, note, asked.changes))
    table = Table("editor", "none: seconds of a person's time")
    table.add(f"{asked.notes:,} notes: opened, all of them looked at", opened)
    name = f"a change in {asked.lines} lines to fresh diagnostics"
    table.add(f"{name}, median of {asked.changes}", statistics.median(first), bound=BOUND)
    table.add("  the slowest of them", max(first))
    table.add("  to those of the whole note, the pause in it", statistics.median(whole))
    table.add("memory of the server", memory / 1024, unit="MiB")
    return table.end()


if __name__ == "__main__":
    sys.exit(main())
