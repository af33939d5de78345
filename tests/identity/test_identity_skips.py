"""The identity scenarios with a skip on each note: it holds while its fact does, and never falls on another one."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from command_line import deckgen
from test_identity_scenarios import SCENARIOS, build

from deckgen.build.choices_file import edit_choices
from deckgen.project.choices import NoteChoice, choice_digest
from deckgen.project.choices_text import with_note

pytestmark = pytest.mark.usefixtures("plain_environment")


def listed(folder: Path, *options: str) -> set[str]:
    """The GUIDs of the notes."""
    return {note["guid"] for note in deckgen("list", ".", "--json", *options, cwd=folder).json}


def digests(folder: Path) -> dict[str, str]:
    """What a decision remembers of each note, by GUID."""
    rows = [json.loads(row) for row in (folder / "deck.lock").read_text("utf-8").splitlines()[1:]]
    return {row["guid"]: choice_digest(row["question"], row["digest"]) for row in rows}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_skip_on_each_note(tmp_path: Path, name: str) -> None:
    *before, last = SCENARIOS[name].builds
    start, plain, folder = tmp_path / "start", tmp_path / "plain", tmp_path / "skipped"
    start.mkdir()
    for files in before:
        build(start, files)
    guids, remembered = listed(start), digests(start)
    shutil.copytree(start, plain)
    build(plain, last)
    expected = listed(plain)
    for guid in sorted(guids):
        shutil.copytree(start, folder)
        choice = NoteChoice(guid, is_skipped=True, of=remembered[guid])
        assert edit_choices(folder, folder / "deck.lock", lambda text, one=choice: with_note(text, one)) == []
        build(folder, last)
        skipped = listed(folder, "--skipped")
        assert skipped == {guid} & expected
        assert skipped | listed(folder) == expected
        shutil.rmtree(folder)
