"""Whole notes as cards, a section each: of people who never heard of deckgen, and of the demo decks."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from command_line import write_files
from html_balance import unbalanced

from deckgen.build.pipeline import open_and_run
from deckgen.project.project import Request
from deckgen.reports.preview.cards import FRONT_SIDE, page_data

ROOT = Path(__file__).parents[2]
CORPORA = {
    "corpus zh": (ROOT.parent / "shared/corpus/zh", 250),
    "corpus en": (ROOT.parent / "shared/corpus/en", 100),
    "demo decks": (ROOT / "decks", 50),
}
RULE = "rules:\n- {id: r, on: section, fields: {Front: '{title} {headings}', Back: '{body}'}}\n"
CODE = re.compile(r"<(code|pre)\b.*?</\1>", re.DOTALL)


@pytest.mark.parametrize("name", CORPORA)
def test_sections_are_well_formed_and_their_formulas_delimited(name: str, tmp_path: Path) -> None:
    folder, least = CORPORA[name]
    if not folder.is_dir():
        pytest.skip(f"{folder} is not here")
    for note in folder.rglob("*.md"):
        target = tmp_path / "notes" / note.relative_to(folder)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(note, target)
    write_files(tmp_path, {"deck.yaml": "rules: [./r.yaml]\n", "r.yaml": RULE})
    build, diagnostics = open_and_run(Request((tmp_path,)), 1_760_000_000)
    assert build is not None, diagnostics
    assert len(build.notes) >= least
    assert {d.kind for d in diagnostics} <= {"missing-media", "remote-media", "sanitised-html", "unknown-media"}
    for rendered in build.notes:
        place = rendered.note.draft.origin.span
        for field in rendered.fields:
            assert unbalanced(field) == [], place
            text = CODE.sub("", field)
            assert "$$" not in text, place
            assert text.count(r"\(") == text.count(r"\)"), place
            assert text.count(r"\[") == text.count(r"\]"), place
        formulas = re.findall(
            r"\$\$[^$]+\$\$", re.sub(r"```.*?```|`[^`]*`", "", rendered.note.draft.fields[1][1], flags=re.DOTALL)
        )
        made = len(re.findall(r"\\[(\[]", CODE.sub("", rendered.fields[1])))
        assert made >= len(formulas), place
    for card in page_data(build)["cards"]:
        assert unbalanced(card["question"]) == []
        assert unbalanced(card["answer"].replace(FRONT_SIDE, "")) == []
