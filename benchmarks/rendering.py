"""Markdown → the HTML of fields, against markdown-it-py's own render of the same text.

    python benchmarks/rendering.py [FOLDER]

The texts are the sections of the notes in a folder, those of the demo decks without one, each as one field would hold
it. The reference is markdown-it-py with tables and strikethrough, as it comes: it renders them in the same process.
Both are given in seconds of CPU, the least of several rounds.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))

from markdown_it import MarkdownIt
from measuring import Table, timed

from deckgen.rendering.escaping import unmark
from deckgen.rendering.markdown_html import write_markdown

DECKS = Path(__file__).parent.parent / "decks"
LEAST = 2_000
"""Texts: fewer are taken again and again."""
ROUNDS = 7


def sections(folder: Path) -> list[str]:
    """The notes of a folder, cut at their headings."""
    found: list[str] = []
    for note in sorted(folder.rglob("*.md")):
        found += [part.strip() for part in re.split(r"^#{1,6} .*$", note.read_text("utf-8"), flags=re.MULTILINE)]
    return [text for text in found if text]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", nargs="?", type=Path, default=DECKS)
    folder = parser.parse_args().folder
    once = sections(folder)
    texts = once * -(-LEAST // len(once))
    lines = [line for text in once for line in text.splitlines() if line.strip()]
    lines *= -(-5 * LEAST // len(lines))
    stock = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for render in (stock.render, lambda text: write_markdown(text, {}, "sanitize")):
        timed(lambda render=render: [render(text) for text in once])  # imports, tables, lexers
    works = {
        "reference": lambda: [stock.render(text) for text in texts],
        "sections, html: sanitize": lambda: [unmark(write_markdown(text, {}, "sanitize").html) for text in texts],
        "sections, html: trust": lambda: [unmark(write_markdown(text, {}, "trust").html) for text in texts],
        "reference of lines": lambda: [stock.render(text) for text in lines],
        "single lines": lambda: [unmark(write_markdown(text, {}, "sanitize").html) for text in lines],
    }
    least = dict.fromkeys(works, float("inf"))
    for _ in range(ROUNDS):  # in turn, so that what else this machine does disturbs all of them alike
        for name, work in works.items():
            least[name] = min(least[name], timed(work)[0])
    reference, of_lines = least["reference"], least["reference of lines"]
    table = Table(
        "rendering", f"markdown-it-py's render of the same {len(texts):,} sections ({reference:.2f} s)", reference
    )
    for name in ("sections, html: sanitize", "sections, html: trust"):
        table.add(name, least[name], bound=round(1.3 * reference, 3))
    table.add(f"{len(lines):,} single lines", least["single lines"], bound=round(1.3 * of_lines, 3), is_apart=True)
    return table.end()


if __name__ == "__main__":
    raise SystemExit(main())
