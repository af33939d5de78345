"""Notes → cards: `deckgen list` over a corpus, the demo decks built, and how soon `--help` answers.

    python benchmarks/notes.py [FOLDER]

Without a folder the corpus is the notes of the demo decks, twenty times. The reference is markdown-it-py's own render
of the same files, whole: what the parser that deckgen uses takes to read and print them once. Both run in the same
process, in seconds of CPU.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from markdown_it import MarkdownIt
from measuring import Table, in_own_process, peak_mib, timed

from deckgen.build.options import Options
from deckgen.build.pipeline import build_project, open_and_run
from deckgen.build.view import Build
from deckgen.build.workers import Compiler
from deckgen.project.project import Request

DECKS = Path(__file__).parent.parent / "decks"
COPIES = 20
NOW = 1_760_000_000


def demo_corpus(folder: Path) -> Path:
    """The notes of the demo decks, again and again, in one folder without a deck.yaml."""
    for copy in range(COPIES):
        for deck in sorted(DECKS.iterdir()):
            if deck.is_dir():
                shutil.copytree(deck / "notes", folder / f"{deck.name}-{copy:02}")
    return folder


def run(folder: Path) -> Build:
    built, diagnostics = open_and_run(Request((folder,)), NOW)
    assert built is not None, diagnostics
    return built


def list_corpus(path: str) -> dict[str, float]:
    """The reference, then deckgen, twice: the second time the rules are compiled already."""
    folder = Path(path)
    render = MarkdownIt("commonmark").enable(["table", "strikethrough"]).render
    texts = [file.read_text("utf-8") for file in folder.rglob("*.md")]
    reference, _ = timed(lambda: [render(text) for text in texts], 3)
    first, built = timed(lambda: run(folder))
    elements = sum(len(rendered.note.origins) or 1 for rendered in built.notes)
    notes = len(built.notes)
    del built
    again, _ = timed(lambda: run(folder))
    return {
        "reference": reference,
        "files": len(texts),
        "kib": sum(len(text.encode()) for text in texts) / 1024,
        "first": first,
        "again": again,
        "notes": notes,
        "elements": elements,
        "peak": peak_mib(),
    }


def build_demo_decks() -> float:
    """Packages and locks of copies, as `make demo` makes them; rules and Markdown read anew."""
    with tempfile.TemporaryDirectory() as folder:
        decks = Path(shutil.copytree(DECKS, Path(folder) / "decks"))

        def build() -> None:
            for deck in sorted(decks.iterdir()):
                if deck.is_dir():
                    made = build_project(Request((deck,)), NOW, Options(), Compiler())
                    assert made.outcome is not None, made.diagnostics

        return timed(build)[0]


def help_time(runs: int = 7) -> float:
    """The least wall time of `deckgen --help`, as a person waits for it."""
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "deckgen", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - start)
    return min(times)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path)
    wanted = parser.parse_args().folder
    with tempfile.TemporaryDirectory() as made:
        folder = wanted or demo_corpus(Path(made))
        listed = in_own_process(list_corpus, str(folder))
    reference = listed["reference"]
    size = f"{listed['files']:.0f} files, {listed['kib']:,.0f} KiB"
    table = Table("notes", f"markdown-it-py's render of the same {size} ({reference:.2f} s)", reference)
    table.add("deckgen list", listed["first"])
    table.add("the same, rules compiled", listed["again"])
    table.add("elements that made notes", listed["elements"], unit="")
    table.add("notes", listed["notes"], unit="")
    table.add("peak memory", listed["peak"], unit="MiB", bound=500)
    table.add("the demo decks built", in_own_process(build_demo_decks), is_apart=True)
    table.add("deckgen --help, wall", help_time(), is_apart=True)
    return table.end()


if __name__ == "__main__":
    raise SystemExit(main())
