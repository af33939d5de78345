"""Ordinary notes → their cards, against markdown-it-py's full render of the same text, in one process.

    python benchmarks/ordinary.py [FOLDER ...] [--runs 5]

Each folder is compiled with the packs that a build would choose for it; start-up is apart, since expressions and
dictionaries are made at the first run, which does not count. Without a folder the example decks are taken, which have
ten cards in a kilobyte and so no bound. The two take turns, so that what else the machine does falls on both; every
figure is the median of the runs. Last comes what a user waits for `deckgen list` on one note of 10 KB, with start-up
and nothing kept.
"""

from __future__ import annotations

import argparse
import gc
import os
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from markdown_it import MarkdownIt
from measuring import Table
from speed import DECKGEN, in_turns

from deckgen.build.compile import CompileOptions, compile_source
from deckgen.build.load import choose_packs, compile_options_of
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.project.project import Request, open_project

DECKS = Path(__file__).parent.parent / "decks"
MOST = 6.0
"""Times the render of the same text."""
NOTE, LONGEST_WAIT = 10_000, 0.45
"""Bytes of one note, and seconds."""


def sources_of(folder: Path) -> tuple[tuple[Source, ...], CompileOptions]:
    """The notes of a folder, and all that cards are made of them with."""
    project, diagnostics = open_project(Request((folder,)))
    if project is None:
        raise SystemExit(f"{folder}: {diagnostics}")
    documents = [
        read_document(source, project.config.language, project.config.dialect)[0] for source in project.sources
    ]
    packs = project.packs if project.packs is not None else choose_packs(documents)
    return project.sources, compile_options_of(project, "bench", packs)


def seconds(work: Callable[[], object]) -> float:
    """CPU of one run, without the collector, as in a build."""
    gc.collect()
    gc.disable()
    begun = time.process_time()
    work()
    taken = time.process_time() - begun
    gc.enable()
    return taken


def measure(table: Table, folder: Path, runs: int, bound: float | None) -> None:
    """One folder."""
    sources, making = sources_of(folder)
    texts = [source.text for source in sources]
    size = sum(len(text.encode()) for text in texts)
    stock = MarkdownIt("commonmark").enable(["table", "strikethrough"])

    def compile_all() -> None:
        for source in sources:
            compile_source(source, making)

    def render_all() -> None:
        for text in texts:
            stock.render(text)

    own: list[float] = []
    other: list[float] = []
    for number in range(runs + 1):
        for work, found in ((compile_all, own), (render_all, other)):
            taken = seconds(work)
            if number:
                found.append(taken)
    ratios = [a / b for a, b in zip(own, other, strict=True)]
    name = "/".join(folder.resolve().parts[-2:])
    table.add(f"{name}, {size / 1000:,.0f} kB, cpu", statistics.median(own), is_apart=True)
    table.add("  against markdown-it-py's render", statistics.median(ratios), unit="x", bound=bound)


def one_note(table: Table, texts: Sequence[str], folder: Path, runs: int) -> None:
    """`deckgen list` on one note, as a whole process."""
    whole = "\n\n".join(texts).encode()[:NOTE].decode("utf-8", "ignore")
    (folder / "note.md").write_text(whole.rpartition("\n\n")[0], "utf-8")
    os.environ["XDG_CACHE_HOME"] = str(folder / "cache")
    listed = [*DECKGEN, "list", str(folder / "note.md")]
    (run,) = in_turns(runs, (listed, lambda: shutil.rmtree(folder / "cache", ignore_errors=True)))
    table.add("list, one note of 10 KB, cpu", run.cpu, is_apart=True)
    table.add("list, one note of 10 KB, wall", run.wall, bound=LONGEST_WAIT, is_apart=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    asked = parser.parse_args()
    folders = asked.folders or sorted(path for path in DECKS.iterdir() if (path / "notes").is_dir())
    table = Table("ordinary", "named in each line")
    for folder in folders:
        measure(table, folder, asked.runs, MOST if asked.folders else None)
    texts = [source.text for folder in folders for source in sources_of(folder)[0]]
    with tempfile.TemporaryDirectory(prefix="deckgen-ordinary-") as made:
        one_note(table, texts, Path(made), asked.runs)
    return table.end()


if __name__ == "__main__":
    raise SystemExit(main())
