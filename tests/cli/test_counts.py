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
    found = re.match(r"(\d+) sources, (\d+) notes\n(\d+) suggestion", begun)
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


PARTS = {
    "deck.yaml": "deck: Coast\nid: coast\n",
    "sub/a.md": "# Beaches\n\n- **Berm**: a terrace of sand\n\n![x](gone.png)\n\nMTL stands for multi-task learning.\n",
    "sub/b.md": "# Rocks\n\n- **Basalt**: a dark rock\n- **Chert**: a rock that breaks like glass\n",
    "other/c.md": "# Other\n\nMTL stands for multi-task learning.\n\n- **Tuff**: a rock of ash ![y](lost.png)\n",
}


def _counts_in(folder: Path) -> dict[str, int]:
    """How many notes each command speaks of there."""
    lint = deckgen("lint", cwd=folder).out.splitlines()[-1]
    return {
        "list": len(deckgen("list", "--json", cwd=folder).json),
        "coverage": deckgen("coverage", "--json", cwd=folder).json["notes"],
        "lint": int(lint.split()[0]),
        "diff": sum(deckgen("diff", "--json", cwd=folder).json["counts"].values()),
    }


def test_in_a_subfolder_commands_speak_of_its_notes_and_a_build_of_the_project(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "coast", PARTS)
    assert set(_counts_in(folder / "sub").values()) == {5}  # with the one that stands in other/c.md, too
    built = deckgen("build", cwd=folder / "sub")
    assert built.out.startswith(f"{folder / 'coast.apkg'}: 6 notes"), built.out
    assert sorted(path.name for path in (folder / "sub").iterdir()) == ["a.md", "b.md"]
    assert deckgen("build", "--check", cwd=folder).code == 0
    assert "6 unchanged" in deckgen("build", cwd=folder / "sub").out
    for _ in range(2):  # by what the build kept, and anew
        assert set(_counts_in(folder).values()) == {6}
        assert set(_counts_in(folder / "sub").values()) == {5}
        assert set(_counts_in(folder / "other").values()) == {2}
        (folder / ".deckgen" / "sources.db").unlink(missing_ok=True)


def test_in_a_subfolder_what_changed_is_that_of_the_folder(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "coast", PARTS)
    deckgen("build", cwd=folder)
    write_files(folder, {"other/c.md": "# Other\n", "sub/d.md": "# New\n\n- **Gneiss**: a banded rock\n"})
    (folder / "sub" / "b.md").unlink()
    counts = deckgen("diff", "--json", cwd=folder / "sub").json["counts"]
    assert (counts["new"], counts["retired"], counts["unchanged"]) == (1, 3, 2)
    assert "lost.png" not in deckgen("list", cwd=folder / "sub").err
    told = deckgen("build", "sub", "--json", "--dry-run", cwd=folder).json
    assert told["changes"] == {"new": 1, "updated": 0, "moved": 0, "restored": 0, "retired": 3, "unchanged": 2}
    assert told["elsewhere"]["retired"] == 1


def test_a_package_of_a_part_counts_what_is_in_it(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "coast", PARTS)
    built = deckgen("build", "sub", cwd=folder)
    assert built.out.splitlines()[:3] == [
        "sub/sub.apkg: 5 notes, 5 cards",
        "        5 new",
        "  elsewhere in the project: 1 new (in the lock, not in this package)",
    ], built.out
    again = deckgen("build", "sub", cwd=folder)
    assert again.out.splitlines()[:2] == ["sub/sub.apkg: 5 notes, 5 cards", "        5 unchanged"]
    assert "elsewhere" not in again.out


def test_no_project_begins_in_a_folder_of_another(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "coast", PARTS)
    ended = deckgen("init", cwd=folder / "sub")
    assert (ended.code, ended.kinds) == (2, ["project-exists"])
    assert not (folder / "sub" / "deck.yaml").exists()
    write_files(folder, {"deck.yaml": "deck: Coast\nid: coast\nexclude: sub\n"})
    assert deckgen("init", cwd=folder / "sub").code == 0
    (folder / "sub" / "deck.yaml").unlink()
    assert deckgen("init", ".", cwd=folder / "sub").code == 0


def test_a_note_of_several_places_is_listed_where_one_looks(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "coast", PARTS)
    listed = deckgen("list", "--json", cwd=folder / "sub").json
    assert {one["source"]["path"] for one in listed} == {"sub/a.md", "sub/b.md"}
