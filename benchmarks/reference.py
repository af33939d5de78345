"""What deckgen's speed is held against, each in a process of its own.

python benchmarks/reference.py cards FOLDER OUT     markdown-it-py and genanki: headings → cards → a package
python benchmarks/reference.py render FOLDER        markdown-it-py alone: every file rendered once, whole
"""

from __future__ import annotations

import sys
from pathlib import Path

from markdown_it import MarkdownIt


def cards(folder: Path, out: Path) -> None:
    import genanki

    md = MarkdownIt("commonmark")
    model = genanki.Model(
        1_700_000_001,
        "Reference",
        fields=[{"name": "Front"}, {"name": "Back"}],
        templates=[{"name": "Card 1", "qfmt": "{{Front}}", "afmt": "{{Back}}"}],
    )
    deck = genanki.Deck(1_700_000_002, "Reference")
    for path in sorted(folder.rglob("*.md")):
        for section in path.read_text("utf-8").split("\n## ")[1:]:
            question, _, answer = section.partition("\n")
            fields = [md.renderInline(question), md.render(answer)]
            deck.add_note(genanki.Note(model=model, fields=fields, tags=["bench"]))
    genanki.Package(deck).write_to_file(out)


def render(folder: Path) -> None:
    md = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    for path in sorted(folder.rglob("*.md")):
        md.render(path.read_text("utf-8"))


if __name__ == "__main__":
    if sys.argv[1] == "cards":
        cards(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        render(Path(sys.argv[2]))
