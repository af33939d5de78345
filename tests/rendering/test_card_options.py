"""What deck.yaml says about cards: CSS beside that of deckgen, own note types, folders of media, voices."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path
from typing import Any

import pytest
from command_line import Ended, deckgen, write_files
from engine import Anki

from deckgen.rendering.note_types import BASIC, BUILT_IN_MOD, CSS

pytestmark = pytest.mark.usefixtures("plain_environment")

NOTE = "# Mail\n\nSMTP stands for Simple Mail Transfer Protocol.\n"


def build(folder: Path, config: str, clock: int, monkeypatch: pytest.MonkeyPatch, **files: str) -> Ended:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(clock))
    write_files(folder, {"deck.yaml": config, "a.md": NOTE, **files})
    return deckgen("build", folder, "-o", folder / "out.apkg")


def models(folder: Path) -> dict[str, dict[str, Any]]:
    """The note types in the package, by name."""
    with zipfile.ZipFile(folder / "out.apkg") as package:
        (folder / "c.anki2").write_bytes(package.read("collection.anki2"))
    connection = sqlite3.connect(folder / "c.anki2")
    found = json.loads(connection.execute("SELECT models FROM col").fetchone()[0])
    connection.close()
    return {model["name"]: model for model in found.values()}


CLOCK = BUILT_IN_MOD + 1000
STYLED = "id: x\nrules: [en/facts]\ncss: '.card { font-size: 30px }'\n"


def test_css_comes_after_that_of_deckgen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert build(tmp_path, STYLED, CLOCK, monkeypatch).code == 0
    model = models(tmp_path)[BASIC.name]
    assert model["css"] == f"{CSS}\n/* css of deck.yaml */\n.card {{ font-size: 30px }}\n"
    assert (model["id"], model["mod"]) == (BASIC.id, CLOCK)


def test_css_is_sent_once_and_taken_back_when_it_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A stable `mod` leaves the learner's own styling alone; a greater one is what Anki takes a change from."""
    plain = "id: x\nrules: [en/facts]\n"
    mods = []
    for clock, config in (
        (0, plain),
        (1, STYLED),
        (2, STYLED),
        (3, STYLED.replace("30", "31")),
        (4, plain),
        (5, plain),
    ):
        assert build(tmp_path, config, CLOCK + clock, monkeypatch).code == 0
        mods.append(models(tmp_path)[BASIC.name]["mod"])
    assert mods == [BUILT_IN_MOD, CLOCK + 1, CLOCK + 1, CLOCK + 3, CLOCK + 4, CLOCK + 4]
    assert models(tmp_path)[BASIC.name]["css"] == CSS


def test_css_reaches_the_cards_in_anki(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "anki").mkdir()
    anki = Anki(tmp_path / "anki")
    for clock, config in ((-900, "id: x\nrules: [en/facts]\n"), (-800, STYLED)):
        build(tmp_path, config, CLOCK + clock, monkeypatch)
        anki.import_package(tmp_path / "out.apkg")
    (note,) = anki.collection.find_notes("")
    assert "font-size: 30px" in anki.collection.get_note(note).cards()[0].question()
    anki.collection.close()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("css: '</style><script>'", "`css` ends the style that it stands in"),
        ("tts: {en: english}", "`english` is no voice"),
        ("tts: {English: en_US}", "`English` is no language"),
        ("tts: en_US", "tts"),
        ("media: ../pictures", "`../pictures` leads out of the project"),
        ("media: [a, /etc]", "`/etc` leads out of the project"),
        ("css: [a]", "css"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, message: str) -> None:
    ended = build(tmp_path, f"rules: [en/facts]\n{line}\n", CLOCK, monkeypatch)
    assert ended.code == 2
    assert message in ended.err
    assert "deck.yaml:2:" in ended.err


def test_texts_are_read_aloud_where_their_language_has_a_voice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = "id: x\nrules: [en/facts, zh/facts]\ntts: {en: en_US}\n"
    other = {"b.md": "# 缩写\n\nOFA的全称是Optical Flow Accelerator。\n"}
    assert build(tmp_path, config, CLOCK, monkeypatch, **other).code == 0
    with zipfile.ZipFile(tmp_path / "out.apkg") as package:
        (tmp_path / "c.anki2").write_bytes(package.read("collection.anki2"))
    connection = sqlite3.connect(tmp_path / "c.anki2")
    fields = [row[0].split("\x1f") for row in connection.execute("SELECT flds FROM notes ORDER BY id")]
    connection.close()
    names = BASIC.field_names
    spoken = {row[0]: (row[names.index("Speech")], row[names.index("Speech back")]) for row in fields}
    assert spoken["What does SMTP stand for?"] == (
        "[anki:tts lang=en_US]What does SMTP stand for?[/anki:tts]",
        "[anki:tts lang=en_US]Simple Mail Transfer Protocol[/anki:tts]",
    )
    assert spoken["OFA的全称是什么？"] == ("", "[anki:tts lang=en_US]Optical Flow Accelerator[/anki:tts]")


def test_pictures_from_the_folder_that_deck_yaml_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "rules:\n- {id: r, on: section, fields: {Front: '{title}', Back: '{body}'}}\n"
    picture = '<svg xmlns="http://www.w3.org/2000/svg"/>'
    files = {"r.yaml": rule, "notes/b.md": "# B\n\n![](p.svg){width=300}\n", "pictures/p.svg": picture}
    ended = build(tmp_path, "rules: [./r.yaml]\nmedia: pictures\n", CLOCK, monkeypatch, **files)
    assert (ended.code, ended.kinds) == (0, [])
    with zipfile.ZipFile(tmp_path / "out.apkg") as package:
        assert len(json.loads(package.read("media"))) == 1
