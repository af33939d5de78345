"""`folders:` of deck.yaml: decks and tags of folders; and what `init` takes over of the settings of Obsidian's plugins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

BLOCK = "START\nBasic\n{0}?\nBack: {0} it is\nEND\n"
FOLDERS = "folders: {Natural science: {deck: Science, tags: [nature]}, Natural science/Waves: {tags: [waves]}, Maths/: {deck: 'Maths::All'}}"
FILES = {
    "deck.yaml": f"deck: D\nid: d\nrules: [compat/obsidian-to-anki]\nsubdecks: file\n{FOLDERS}\n",
    "Top.md": BLOCK.format("Top"),
    "Natural science/Bird.md": BLOCK.format("Bird"),
    "Natural science/Waves/deep/Sound.md": BLOCK.format("Sound"),
    "Natural science/Waves/Target.md": "TARGET DECK: Sea\n\n" + BLOCK.format("Target"),
    "Maths/Sum.md": "---\ndeck: Other\n---\n" + BLOCK.format("Sum"),
    "Maths/Root.md": BLOCK.format("Root"),
    "Mathsy/Near.md": BLOCK.format("Near"),
}


def listed(folder: Path) -> dict[str, tuple[str, list[str]]]:
    notes = deckgen("list", folder, "--json").json
    return {note["fields"]["Front"].rstrip("?"): (note["deck"], note["tags"]) for note in notes}


def test_the_nearest_folder_names_the_deck_and_all_of_them_tags(tmp_path: Path) -> None:
    assert listed(write_files(tmp_path, FILES)) == {
        "Top": ("D::Top", []),
        "Bird": ("D::Science", ["nature"]),
        "Sound": ("D::Science", ["nature", "waves"]),
        "Target": ("D::Target::Sea", ["nature", "waves"]),
        "Sum": ("D::Other", []),
        "Root": ("D::Maths::All", []),
        "Near": ("D::Near", []),
    }


def test_a_note_follows_its_folder(tmp_path: Path) -> None:
    """A change of the table is a change of the notes, also where their texts are known."""
    write_files(tmp_path, FILES)
    assert deckgen("build", tmp_path).code == 0
    before = {note["guid"] for note in deckgen("list", tmp_path, "--json").json}
    (tmp_path / "deck.yaml").write_text(FILES["deck.yaml"].replace("deck: Science", "deck: Nature"), "utf-8")
    assert deckgen("build", tmp_path).code == 0
    assert listed(tmp_path)["Bird"] == ("D::Nature", ["nature"])
    assert {note["guid"] for note in deckgen("list", tmp_path, "--json").json} == before


@pytest.mark.parametrize(
    ("folders", "kind"),
    [
        ("{a: {deck: 'x::'}}", "bad-deck-name"),
        ("{a: {dek: x}}", "unknown-key"),
        ("{a: x}", "wrong-type"),
        ("[a]", "wrong-type"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, folders: str, kind: str) -> None:
    write_files(
        tmp_path, {"deck.yaml": f"deck: D\nid: d\nrules: [structure]\nfolders: {folders}\n", "a.md": "Term\n: what\n"}
    )
    assert kind in deckgen("build", tmp_path).kinds


def vault(folder: Path, plugin: str, settings: Any, text: str) -> dict[str, Any]:
    """The deck.yaml that `init` writes for a vault."""
    data = settings if isinstance(settings, str) else json.dumps(settings)
    files = {f".obsidian/plugins/{plugin}/data.json": data, "Natural science/a.md": text, "b.md": text}
    assert deckgen("init", write_files(folder, files)).code == 0
    return dict(yaml.safe_load((folder / "deck.yaml").read_text("utf-8")))


def test_init_takes_the_tables_of_obsidian_to_anki(tmp_path: Path) -> None:
    tables = {
        "FOLDER_DECKS": {"Natural science": "Science::All", "": "Root", "../x": "Out", "Odd": "a::", "Empty": ""},
        "FOLDER_TAGS": {"Natural science": "nature, animals", "Odd": 'odd "one'},
    }
    text = "".join(BLOCK.format(name) for name in ("One", "Two", "Three"))
    written = vault(tmp_path, "obsidian-to-anki-plugin", {"settings": tables}, text)
    assert written["rules"] == ["compat/obsidian-to-anki"]
    assert written["folders"] == {
        "Natural science": {"deck": "Science::All", "tags": ["nature", "animals"]},
        "Odd": {"tags": ["odd", '"one']},
    }
    assert {deck for deck, _ in listed(tmp_path).values()} == {f"{written['deck']}::Science::All"}


def test_init_takes_separators_and_decks_of_folders(tmp_path: Path) -> None:
    settings = {
        "convertFoldersToDecks": True,
        "singleLineCardSeparator": ";;",
        "multilineCardEndMarker": "+++",
        "multilineCardSeparator": "?",
        "singleLineReversedCardSeparator": 7,
    }
    text = "#flashcards\n\none;;two\n\nthree;;four\n\nfive\n?\nsix\n+++\n\n#flashcards\n#flashcards\n"
    written = vault(tmp_path, "obsidian-spaced-repetition", {"settings": settings}, text)
    assert written["separators"] == {"compat/obsidian-spaced-repetition": {"line": ";;", "end": "+++"}}
    assert written["subdecks"] == "folder"


@pytest.mark.parametrize(
    "data", ["", "[]", "{", '{"settings": []}', '{"FOLDER_DECKS": 5, "FOLDER_TAGS": {"a": 5}}', "[" * 9000]
)
def test_settings_that_cannot_be_read_are_none(tmp_path: Path, data: str) -> None:
    text = "".join(BLOCK.format(name) for name in ("One", "Two", "Three"))
    written = vault(tmp_path, "obsidian-to-anki-plugin", data, text)
    assert "folders" not in written
