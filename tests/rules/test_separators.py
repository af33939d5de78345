"""Separators of packs that a deck sets otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.rules.loading import load_rules
from deckgen.rules.separators import separators_of, with_separators
from deckgen.rules.shipped import PackText, read_shipped, shipped_names

NAME = "compat/obsidian-spaced-repetition"
NOTES = "#flashcards\n\na {line} b\n\nc {reversed} d\n\nWhat?\n{lines}\nThis\n\nand that\n{end}\nafter\n"


@pytest.mark.parametrize(
    ("line", "reverse", "lines", "end"),
    [
        ("=>", "<=>", "(Q)", "+++"),
        ("&&", "&&&", ";>", "---"),
        ("$", "$$", "{x}", "it's"),
        ("|", "[|]", "...", "\\\\end"),
    ],
)
def test_any_characters_separate(tmp_path: Path, line: str, reverse: str, lines: str, end: str) -> None:
    quoted = {
        name: "'" + text.replace("'", "''") + "'"
        for name, text in zip("lrme", (line, reverse, lines, end), strict=True)
    }
    said = f"{{line: {quoted['l']}, reversed-line: {quoted['r']}, lines: {quoted['m']}, end: {quoted['e']}}}"
    config = f"deck: D\nrules: [{NAME}]\nseparators:\n  {NAME}: {said}\n"
    text = NOTES.replace("{line}", line).replace("{reversed}", reverse).replace("{lines}", lines).replace("{end}", end)
    write_files(tmp_path, {"deck.yaml": config, "a.md": text})
    ended = deckgen("list", "--json", cwd=tmp_path)
    assert ended.kinds == []
    assert [note["fields"]["Front"] for note in ended.json] == ["a", "c", "What?"]
    assert "and that" in ended.json[2]["fields"]["Back"]
    assert "after" not in ended.json[2]["fields"]["Back"]


def test_what_a_pack_has_not_is_told(tmp_path: Path) -> None:
    config = f"deck: D\nrules: [{NAME}, structure]\nseparators: {{{NAME}: {{lime: '='}}, structure: {{line: '='}}}}\n"
    write_files(tmp_path, {"deck.yaml": config, "a.md": "a\n"})
    assert deckgen("list", cwd=tmp_path).kinds == ["unknown-key", "unknown-key"]


@pytest.mark.parametrize("text", ["", " ", "x" * 21, "a\\nb"])
def test_what_separates_nothing_is_told(tmp_path: Path, text: str) -> None:
    config = f'deck: D\nrules: [{NAME}]\nseparators: {{{NAME}: {{line: "{text}"}}}}\n'
    write_files(tmp_path, {"deck.yaml": config, "a.md": "a\n"})
    assert deckgen("list", cwd=tmp_path).kinds == ["bad-value"]


@pytest.mark.parametrize("name", [name for name in shipped_names() if name.startswith("compat/")])
def test_each_separator_stands_in_its_pack(name: str) -> None:
    pack = read_shipped(name)
    assert pack is not None
    for separator in separators_of(pack):
        assert f"<{separator}>" in pack.text or f"<{separator}!>" in pack.text
    filled = with_separators(pack, dict.fromkeys(separators_of(pack), "'='"))
    assert not load_rules([filled])[1]
    assert with_separators(PackText("mine", "mine.yaml", "rules: []\n"), {"line": "="}).text == "rules: []\n"
