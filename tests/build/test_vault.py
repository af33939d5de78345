"""A vault of forty notes with all that Obsidian writes beyond Markdown: none of its syntax and nothing private on a card."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from command_line import deckgen, write_files

BIRDS = [
    "Tern",
    "Gull",
    "Skua",
    "Auk",
    "Puffin",
    "Gannet",
    "Petrel",
    "Fulmar",
    "Plover",
    "Dunlin",
    "Knot",
    "Ruff",
    "Godwit",
    "Curlew",
    "Snipe",
    "Avocet",
    "Heron",
    "Egret",
    "Bittern",
    "Crane",
    "Rail",
    "Coot",
    "Grebe",
    "Loon",
    "Swift",
    "Swallow",
    "Martin",
    "Wren",
    "Dipper",
    "Robin",
    "Thrush",
    "Warbler",
    "Pipit",
    "Wagtail",
    "Shrike",
    "Jay",
    "Rook",
    "Finch",
    "Linnet",
    "Siskin",
]

NOTE = """---
tags: [birds]
---
# {bird}s of the coast %%SECRET draft, ask Ole%%

status:: SECRET unfinished
[rating:: SECRET 3]

%%
SECRET **{bird} plan**: a list of errands
%%

- **{bird} call**: a note of the {low} that carries over water ^call-{number}
- **{bird} nest**: where the {low} lays in spring, see [[{other}|the {other_low}]] (page:: SECRET 12) #nests/{low}
- [ ] **{bird} task**: SECRET count them
- [x] **{bird} done**: SECRET they were counted

## What does a {low} eat? #food

Fish and ==shrimp==, dug
from the mud of the {low} bay.
^food-{number}

## Which bird is near a {low}?

This one stands beside it:

![[{other}#What does a {other_low} eat?]]

## How does a {low} sleep?

> [!bird]+ At night
> On one leg, %%SECRET maybe%% in the {low} reeds

And see ![[{other}#^call-{other_number}]]
"""

PRIVATE = re.compile(r"SECRET|%%|\^call|\^food|::|\[\[|\]\]|!\[|#food|#nests|\[ \]|\[x\]|\[!")


def vault(folder: Path) -> None:
    files = {
        ".obsidian/app.json": "{}",
        ".obsidian/templates.json": '{"folder": "Templates"}',
        "Templates/Bird.md": "# {{title}}\n\n- **{{bird}}**: SECRET template\n",
        "deck.yaml": "deck: Birds\nid: birds\ndialect: obsidian\n",
    }
    for number, bird in enumerate(BIRDS):
        other = (number + 1) % len(BIRDS)
        files[f"{'Shore' if number % 2 else 'Marsh'}/{bird}.md"] = NOTE.format(
            bird=bird,
            low=bird.lower(),
            number=number,
            other=BIRDS[other],
            other_low=BIRDS[other].lower(),
            other_number=other,
        )
    write_files(folder, files)


def test_nothing_of_the_syntax_and_nothing_private_is_on_a_card(tmp_path: Path) -> None:
    vault(tmp_path)
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds) == (0, [])
    notes = deckgen("list", "--json", tmp_path).json
    assert len(notes) >= 5 * len(BIRDS)
    for note in notes:
        shown = {name: text for name, text in note["fields"].items() if name not in ("ID", "Source")}
        for name, text in shown.items():
            found = PRIVATE.search(re.sub(r"<[^>]*>", "", text))
            assert found is None, (name, text)
    by_front = {re.sub(r"<[^>]*>", "", note["fields"]["Front"]): note for note in notes}
    nest = by_front["Tern nest"]
    assert nest["fields"]["Back"] == "where the tern lays in spring, see the gull"
    assert nest["tags"] == ["birds", "nests::tern"]
    eats = by_front["What does a tern eat?"]
    assert "<br>" in eats["fields"]["Back"]
    assert eats["tags"] == ["birds", "food"]
    near = by_front["Which bird is near a tern?"]["fields"]["Back"]
    assert "from the mud of the gull bay" in near
    assert "a note of the gull that carries over water" in by_front["How does a tern sleep?"]["fields"]["Back"]


def test_a_card_follows_what_it_embeds(tmp_path: Path) -> None:
    vault(tmp_path)
    assert deckgen("build", tmp_path).code == 0
    gull = tmp_path / "Shore" / "Gull.md"
    gull.write_text(gull.read_text("utf-8").replace("Fish and", "Crabs and"), "utf-8")
    ended = deckgen("build", tmp_path)
    assert ended.code == 0
    assert "2 updated" in ended.out  # the note itself, and the one that embeds it
    notes = deckgen("list", "--json", tmp_path).json
    near = next(note for note in notes if note["fields"]["Front"] == "Which bird is near a tern?")
    assert "Crabs and" in near["fields"]["Back"]
    assert deckgen("build", tmp_path, "--check").code == 0


EMBEDS = {
    "a note that is none of the sources": "![[Hidden/key]]",
    "a path out of the vault": "![[../outside]]",
    "an absolute path": "![[/etc/passwd]]",
    "no such heading": "![[Tern#Nowhere]]",
    "no such block": "![[Tern#^nowhere]]",
    "more than a line in the middle of one": "x ![[Tern#What does a tern eat?]] y",
}


@pytest.mark.parametrize("embed", EMBEDS.values(), ids=EMBEDS)
def test_what_cannot_be_embedded_is_told(tmp_path: Path, embed: str) -> None:
    home = tmp_path / "vault"
    vault(home)
    write_files(tmp_path, {"outside.md": "SECRET outside\n"})
    write_files(home, {".hidden/key.md": "SECRET key\n", "Hidden/key.md": "SECRET key\n"})
    (home / "deck.yaml").write_text("deck: B\nid: b\ndialect: obsidian\nexclude: ['Hidden/**']\n")
    write_files(home, {"Embeds.md": f"# Test\n\n## What is shown here?\n\nA text of some words. {embed}\n"})
    ended = deckgen("build", home)
    assert (ended.code, ended.kinds) == (0, ["embed-left-out"])
    notes = deckgen("list", "--json", home).json
    shown = next(note for note in notes if note["fields"]["Front"] == "What is shown here?")
    assert "SECRET" not in shown["fields"]["Back"]
    assert "root:" not in shown["fields"]["Back"]


def test_notes_that_embed_each_other_are_shown_once(tmp_path: Path) -> None:
    write_files(
        tmp_path,
        {
            ".obsidian/app.json": "{}",
            "a.md": "## What stands in the east?\n\nThis side of it.\n\n![[b]]\n",
            "b.md": "## What stands in the west?\n\nThe other side of it.\n\n![[a]]\n",
            "c.md": "## What stands in the north?\n\nA text of some words.\n\n![[d]]\n",
            "d.md": "word " * 2000 + "\n",
        },
    )
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds) == (0, ["embed-left-out"])
    backs = {n["fields"]["Front"]: n["fields"]["Back"] for n in deckgen("list", "--json", tmp_path).json}
    assert backs["What stands in the east?"].count("side of it") == 2
    assert backs["What stands in the west?"].count("side of it") == 2
    assert "word word" not in backs["What stands in the north?"]


@pytest.mark.skipif(os.name == "nt", reason="Windows asks for a privilege to make links")
def test_a_link_out_of_the_vault_is_not_embedded(tmp_path: Path) -> None:
    write_files(tmp_path, {"outside.md": "SECRET outside\n", "vault/.obsidian/app.json": "{}"})
    (tmp_path / "vault" / "leak.md").symlink_to(tmp_path / "outside.md")
    write_files(tmp_path / "vault", {"a.md": "## What is shown?\n\nA text of some words. ![[leak]]\n"})
    ended = deckgen("build", tmp_path / "vault")
    assert set(ended.kinds) == {"embed-left-out", "link-not-followed"}
    assert "SECRET" not in str(deckgen("list", "--json", tmp_path / "vault").json)
