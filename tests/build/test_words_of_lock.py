"""deck.lock names the dictionary by which Chinese words are found, and a build says when it is another one."""

import json
import shutil
import subprocess
import sys
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


LOADED = """
import sys
from deckgen.cli import app
try:
    app(standalone_mode=False)
except SystemExit:
    pass
english = sys.modules.get("deckgen.patterns.english_words")
print("LOADED", "rjieba" in sys.modules, english is not None and english._words.cache_info().currsize > 0)
"""


def loads(folder: Path, *arguments: str) -> str:
    """Which dictionaries a command loads: `LOADED` with one truth for Chinese and one for English."""
    shown = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments], capture_output=True, text=True, check=True, cwd=folder
    )
    return next(line for line in shown.stdout.splitlines() if line.startswith("LOADED"))


def test_help_and_a_build_where_nothing_changed_load_no_dictionary(tmp_path: Path) -> None:
    notes = {
        "deck.yaml": "deck: W\nid: w\nrules: [zh/facts, en/facts, structure]\n",
        "zh.md": "# 海岸\n\n锋面是一种冷暖气团相遇的交界面。\n\n- 潮汐：海水每天两次的涨落\n",
        "en.md": "# Coast\n\nA groyne is a wall that traps sand.\n",
    }
    project = write_files(tmp_path / "p", notes)
    assert loads(project, "build", ".") == "LOADED True True"
    assert loads(project, "build", ".") == "LOADED False False"
    assert loads(project, "--help") == "LOADED False False"
