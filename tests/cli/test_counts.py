"""The numbers that commands say of one project are the same everywhere."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import deckgen, write_files

from deckgen.build.choices_file import edit_choices
from deckgen.project.choices import NoteChoice
from deckgen.project.choices_text import with_note

NOTES = {
    "beaches.md": """# Beaches

MTL stands for multi-task learning. A groyne is a wall that is built across a beach.

- **Berm**: a terrace of sand
- z: the number of waves in a train

## What is a spit?

A strip of sand that grows into open water. It holds sand, silt, mud, clay, gravel, pebbles, cobbles, boulders and peat.
""",
    "again.md": "# Beaches\n\nMTL stands for multi-task learning.\n\n- **Berm**: a terrace of sand\n",
    "rocks.md": "# Rocks\n\n- **Basalt**: a dark rock\n- **Basalt**: a column of six sides\n",
    "README.md": "# How to use this\n\nNPM stands for Node Package Manager.\n",
}


def test_all_commands_count_alike(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "vault", NOTES)
    begun = deckgen("init", cwd=folder).out
    found = re.match(r"(\d+) sources, (\d+) notes, (\d+) suggestion", begun)
    assert found is not None, begun
    sources, notes, suggestions = map(int, found.groups())
    assert sources == 3  # without the README that the project excludes
    listed = deckgen("list", "--json", cwd=folder).json
    built = deckgen("build", "--json", cwd=folder).json
    covered = deckgen("coverage", "--json", cwd=folder).json
    assert len(listed) == built["notes"] == covered["notes"] == notes
    assert len(deckgen("list", "--suggested", "--json", cwd=folder).json) == suggestions
    assert built["suggestions"] == covered["suggestions"] == suggestions
    assert sum(len(source["notes"]) for source in covered["sources"]) > notes  # with the places of repeats
    assert sum(rule["notes"] for rule in covered["rules"]) == notes
    assert deckgen("lint", cwd=folder).out.splitlines()[-1].startswith(f"{notes} notes")

    (berm,) = [one["guid"] for one in listed if one["fields"]["Front"] == "<strong>Berm</strong>"]
    edit_choices(folder, folder / "deck.lock", lambda text: with_note(text, NoteChoice(berm, is_skipped=True)))
    built = deckgen("build", "--json", cwd=folder).json
    assert (built["notes"], built["skipped"]) == (notes - 1, 1)
    assert len(deckgen("list", "--json", cwd=folder).json) == notes - 1
    assert deckgen("coverage", "--json", cwd=folder).json["notes"] == notes - 1
    assert deckgen("lint", cwd=folder).out.splitlines()[-1].startswith(f"{notes - 1} notes")


def test_a_build_says_how_many_cards_need_attention(tmp_path: Path) -> None:
    """The same by the way that compiles what changed, by that which holds all in memory, and where nothing changed."""
    folder = write_files(tmp_path / "vault", NOTES)
    line = "1 card needs attention (`deckgen lint`)"
    assert line in deckgen("build", cwd=folder).out
    assert line in deckgen("build", cwd=folder).out
    assert line in deckgen("build", "--refresh", "", cwd=folder).out
    write_files(folder, {"rocks.md": "# Rocks\n"})
    assert line in deckgen("build", cwd=folder).out
    ended = deckgen("lint", cwd=folder)
    assert "(1 needs attention)" in ended.out.splitlines()[-1]
    write_files(folder, {"deck.yaml": "deck: vault\nlint: {long-list: off}\n"})
    assert "attention" not in deckgen("build", cwd=folder).out
    assert "attention" not in deckgen("lint", cwd=folder).out


def test_a_package_goes_into_no_folder_that_is_not_there(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "vault", NOTES)
    ended = deckgen("build", "-o", "nope/x.apkg", cwd=folder)
    assert (ended.code, ended.out) == (2, "")
    assert "there is no folder `nope`" in ended.err
    assert not (folder / "nope").exists()
    assert not (folder / "deck.lock").exists()
