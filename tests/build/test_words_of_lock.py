"""deck.lock names the dictionary by which Chinese words are found, and a build says when it is another one."""

import json
import shutil
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.build import compile as compiling
from deckgen.patterns.chinese_words import dictionary_version

NOTES = {
    "deck.yaml": "deck: 词\nid: words\nrules: [zh/facts]\n",
    "a.md": "DLSS的全称是Deep Learning Super Sampling。\n",
}


def words_of(lock: Path) -> str:
    header = json.loads(lock.read_text("utf-8").splitlines()[0])
    return str(header.get("words", ""))


def test_the_lock_names_the_dictionary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = write_files(tmp_path / "p", NOTES)
    assert deckgen("build", ".", cwd=project).code == 0
    lock = project / "deck.lock"
    assert words_of(lock) == dictionary_version()
    line = lock.read_text("utf-8").splitlines()[1]

    monkeypatch.setattr(compiling, "dictionary_version", lambda: "rjieba 99.0")
    shutil.rmtree(project / ".deckgen")  # installing a package drops what was kept
    ended = deckgen("build", ".", cwd=project)
    assert "Chinese words are found by rjieba 99.0 now" in ended.out + ended.err
    assert words_of(lock) == "rjieba 99.0"
    assert lock.read_text("utf-8").splitlines()[1] == line
    ended = deckgen("build", ".", cwd=project)
    assert "rjieba" not in ended.out + ended.err


def test_a_lock_without_a_dictionary_is_read(tmp_path: Path) -> None:
    project = write_files(tmp_path / "p", NOTES)
    assert deckgen("build", ".", cwd=project).code == 0
    lock = project / "deck.lock"
    new = lock.read_text("utf-8")
    header, _, rest = new.partition("\n")
    old = json.loads(header)
    del old["words"]
    lock.write_text(json.dumps(old, separators=(",", ":")) + "\n" + rest, "utf-8")
    ended = deckgen("build", ".", cwd=project)
    assert ended.code == 0
    assert "rjieba" not in ended.out + ended.err
    assert lock.read_text("utf-8") == new


def test_english_notes_name_none(tmp_path: Path) -> None:
    notes = {"deck.yaml": "deck: W\nid: w\nrules: [en/facts]\n", "a.md": "TTL stands for time to live.\n"}
    project = write_files(tmp_path / "p", notes)
    assert deckgen("build", ".", cwd=project).code == 0
    assert words_of(project / "deck.lock") == ""
