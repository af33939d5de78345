"""Files that sync services, editors and merges leave beside notes are reported and not built; notes of like names are."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.project.sync_copies import copied_by

COPIES = [
    "note (conflicted copy).md",
    "note (Conflicted Copy).md",
    "note (conflicted copy) (1).md",
    "note (conflicted copy 2).md",
    "note (Alice's conflicted copy 2024-05-01).md",
    "note (Alice’s conflicted copy 2024-05-01 (1)).md",
    "note (DESKTOP-X1's conflicted copy 2024-05-01).md",
    "note (conflicted copy 2024-05-01 123456).md",
    "note (Alice conflicted copy 2024-05-01 123456).md",
    "note (Conflicted copy MacBook Air 202405011234).md",
    "note (conflict 2024-05-01-12-34-56).md",
    "note (冲突副本).md",
    "笔记 (小明 的冲突副本 2024-05-01).md",
    "note（小明的冲突副本 2024-05-01）.md",
    "note (In Konflikt stehende Kopie von Anna 2024-05-01).md",
    "note (Copie en conflit de Anne 2024-05-01).md",
    "note (Unicode Encoding Conflict).md",
    "note.sync-conflict-20240501-123456.md",
    "note.sync-conflict-20240501-123456-ABCDEF7.md",
    "note_conflict-20240501-123456.md",
    "note_conflict-alice-20240501-123456.md",
    "note (SFConflict alice@example.org 2024-05-01-12-34-56).md",
    "note [conflicted].md",
    "note-DESKTOP-AB12.md",
    "note-DESKTOP-AB12CDE.md",
    "note-LAPTOP-0A1B2C3D-2.md",
    "Note (Case Conflict).md",
    "note (Alice's Case Conflict 1).md",
    "note_LOCAL_12345.md",
    "~$note.md",
    "~$te.md",
    ".#note.md",
]
NOTES = [
    "Conflict.md",
    "conflicted copy.md",
    "My conflicted copy of the notes.md",
    "What a (conflicted copy) is.md",
    "Resolving conflicts (draft).md",
    "Conflict (1914).md",
    "The Korean conflict (1950-1953).md",
    "Conflict resolution (2024-05-01).md",
    "note (the conflict of 2024-05-01).md",
    "note (conflict).md",
    "note (copy).md",
    "note copy.md",
    "note 2.md",
    "note (1).md",
    "Copy of note.md",
    "sync-conflict-2024.md",
    "How sync-conflict-20240501-123456 came about.md",
    "other-DESKTOP-AB12CDE.md",
    "my-DESKTOP-SETUP.md",
    "note-desktop-ab12.md",
    "other_LOCAL_1.md",
    "other (Case Conflict).md",
    "冲突.md",
    "冲突副本.md",
    "冲突（1914）.md",
    "~note.md",
    "$note.md",
    "#note.md",
    "note#.md",
    "conflicted.md",
]


def test_copies_and_files_of_programs_are_known_by_their_names() -> None:
    neighbours = {name.casefold() for name in ["note.md", *COPIES, *NOTES]}
    assert [name for name in COPIES if not copied_by(name, neighbours)] == []


def test_notes_of_like_names_are_notes() -> None:
    neighbours = {name.casefold() for name in ["note.md", *COPIES, *NOTES]}
    assert [name for name in NOTES if copied_by(name, neighbours)] == []


TEXT = "MTL stands for multi-task learning.\n"


@pytest.mark.parametrize("has_config", [True, False])
@pytest.mark.parametrize("name", [name for name in COPIES if name != "Note (Case Conflict).md"])
def test_a_copy_is_reported_and_not_built(tmp_path: Path, name: str, has_config: bool) -> None:
    config = {"deck.yaml": "deck: D\nid: d\n"} if has_config else {}
    write_files(
        tmp_path, {"note.md": TEXT, **config, f"inner/{name}": "CNN stands for convolutional neural network.\n"}
    )
    (tmp_path / "inner" / "note.md").write_text("Text.\n")
    for _ in range(2):
        ended = deckgen("build", tmp_path)
        assert (ended.code, ended.kinds) == (0, ["sync-copy"]), ended.err
    notes = deckgen("list", tmp_path, "--format", "json").json
    assert [note["source"]["path"] for note in notes] == ["note.md"]


def test_a_copy_is_built_where_it_is_listed(tmp_path: Path) -> None:
    names = ["note (conflicted copy).md", "note [conflicted].md"]
    config = f'deck: D\nid: d\nsources: ["**/*.md", "{names[0]}", "{names[1]}"]\n'
    write_files(tmp_path, {"deck.yaml": config, "note.md": TEXT})
    (tmp_path / names[0]).write_text("CNN stands for convolutional neural network.\n")
    (tmp_path / names[1]).write_text("GAN stands for generative adversarial network.\n")
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds) == (0, []), ended.err
    assert len(deckgen("list", tmp_path, "--format", "json").json) == 3


def test_a_copy_is_built_where_the_command_line_names_it(tmp_path: Path) -> None:
    name = "note (conflicted copy).md"
    write_files(tmp_path, {"note.md": "Text.\n", name: TEXT})
    ended = deckgen("build", tmp_path / name)
    assert (ended.code, ended.kinds) == (0, [])
    both = deckgen("build", tmp_path, tmp_path / name, "-o", tmp_path / "o.apkg")
    assert (both.code, both.kinds) == (0, [])


def test_a_copy_that_comes_later_changes_no_note(tmp_path: Path) -> None:
    (tmp_path / "note.md").write_text(TEXT)
    deckgen("build", tmp_path)
    lock = (tmp_path / "deck.lock").read_bytes()
    (tmp_path / "note.sync-conflict-20240501-123456-ABCDEF7.md").write_text(TEXT.replace("multi", "many"))
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds, (tmp_path / "deck.lock").read_bytes()) == (0, ["sync-copy"], lock)


def test_a_note_that_icloud_holds_is_an_error(tmp_path: Path) -> None:
    write_files(tmp_path, {"note.md": TEXT, "other.md": "CNN stands for convolutional neural network.\n"})
    deckgen("build", tmp_path)
    (tmp_path / "other.md").unlink()
    (tmp_path / ".other.md.icloud").write_bytes(b"bplist00")
    ended = deckgen("build", tmp_path)
    assert (ended.code, ended.kinds) == (2, ["unreadable-source"])
