"""The name of a note, which stands in its front matter or its file's name: whose sides its labels tell, and what a card
shows above its question.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Draft, Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped

STRUCTURE, _ = load_rules([pack for pack in [read_shipped("structure")] if pack is not None])
SYMPTOMS = "- Symptoms: pain in the ear, fever and loss of hearing\n"


def drafts_of(path: str, text: str) -> dict[str, Draft]:
    document, _ = read_document(Source(path, text))
    return {draft.fields[0][1]: draft for draft in extract([document], STRUCTURE, Settings("Deck")).drafts}


@pytest.mark.parametrize(
    ("path", "text", "front"),
    [
        ("Otitis media.md", SYMPTOMS, "Otitis media: Symptoms"),
        ("Otitis media.md", f"## Overview\n\n{SYMPTOMS}", "Otitis media: Symptoms"),
        ("Ear.md", f"---\ntitle: Otitis media\n---\n\n{SYMPTOMS}", "Otitis media: Symptoms"),
        ("Ear.md", f"# Otitis media\n\n{SYMPTOMS}", "Otitis media: Symptoms"),
        ("Ear.md", f"## Otitis media\n\n{SYMPTOMS}\n## Vertigo\n\nIt turns.\n", "Otitis media: Symptoms"),
        ("中耳炎.md", "- 症状：耳痛、发热、听力下降\n", "中耳炎的症状有哪些？"),
    ],
)
def test_the_name_of_a_note_owns_the_sides_in_it(path: str, text: str, front: str) -> None:
    assert list(drafts_of(path, text)) == [front]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("Lecture 3.md", SYMPTOMS),
        ("Ear.md", f"## Otitis media — “the swimmer's ear”, as they say, and so on.\n\n{SYMPTOMS}"),
        ("Ear.md", f"## Why does it hurt?\n\n- It swells\n  {SYMPTOMS}"),
    ],
)
def test_what_may_belong_to_something_else_is_not_that_of_the_note(path: str, text: str) -> None:
    assert not [front for front in drafts_of(path, text) if "Symptoms" in front and not front.startswith("Why")]


def test_a_card_shows_the_name_of_its_note_above_its_headings() -> None:
    text = "## Middle ear\n\n- **Stapes**: the smallest bone of the body\n\n## Inner ear\n\nIt turns.\n"
    origin = drafts_of("Hearing.md", text)["**Stapes**"].origin
    assert origin.shown_names == ("Hearing", "Middle ear")
    assert origin.headings == ("Middle ear",), "what identity looks at"


def listed(root: Path) -> dict[str, str]:
    return {note["fields"]["Front"]: note["guid"] for note in deckgen("list", root, "--json", cwd=root).json}


def test_a_note_keeps_its_cards_when_its_file_is_renamed(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text("deck: D\nid: names\nrules: [structure]\n", "utf-8")
    for path, symptoms in [("Otitis media", "pain in the ear"), ("Flu", "fever"), ("中耳炎", "耳痛")]:
        label = "症状：" if path == "中耳炎" else "Symptoms: "
        (tmp_path / f"{path}.md").write_text(f"- {label}{symptoms}, and more that is told here\n", "utf-8")
    assert deckgen("build", tmp_path, cwd=tmp_path).code == 0
    before = listed(tmp_path)
    assert len(before) == 3
    (tmp_path / "Otitis media.md").rename(tmp_path / "Middle ear infection.md")
    (tmp_path / "中耳炎.md").rename(tmp_path / "急性中耳炎.md")
    assert deckgen("build", tmp_path, cwd=tmp_path).code == 0
    after = listed(tmp_path)
    assert sorted(after.values()) == sorted(before.values())
    assert after["Middle ear infection: Symptoms"] == before["Otitis media: Symptoms"]
    (tmp_path / "Flu.md").write_text("# Influenza\n\n- Symptoms: fever, and more that is told here\n", "utf-8")
    assert deckgen("build", tmp_path, cwd=tmp_path).code == 0
    assert listed(tmp_path)["Influenza: Symptoms"] == before["Flu: Symptoms"], "a heading took the place of the name"


def test_a_side_of_another_note_is_another_fact(tmp_path: Path) -> None:
    (tmp_path / "deck.yaml").write_text("deck: D\nid: names\nrules: [structure]\n", "utf-8")
    flu, malaria = tmp_path / "Flu.md", tmp_path / "Malaria.md"
    flu.write_text("- Symptoms: fever\n- Treatment: rest in bed\n", "utf-8")
    malaria.write_text("- Incubation: ten days or more\n", "utf-8")
    assert deckgen("build", tmp_path, cwd=tmp_path).code == 0
    before = listed(tmp_path)
    flu.write_text("- Treatment: rest in bed\n", "utf-8")
    malaria.write_text("- Incubation: ten days or more\n- Symptoms: fever\n", "utf-8")
    assert deckgen("build", tmp_path, cwd=tmp_path).code == 0
    assert listed(tmp_path)["Malaria: Symptoms"] not in before.values()
