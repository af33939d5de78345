"""The parts of the language server that need no server: places in YAML, the changed part of a note, the words."""

from __future__ import annotations

import pytest

pytest.importorskip("pygls", reason="the language server needs pygls (`pip install '.[lsp]'`)")

from lsprotocol import types as lsp

from deckgen.patterns.types import BUILT_IN
from deckgen.project.config import KEYS, parse_config
from deckgen.reports.language_server import rule_words
from deckgen.reports.language_server.partial import changed_region, masked
from deckgen.reports.language_server.settings_edits import without_finding
from deckgen.reports.language_server.texts import open_text
from deckgen.reports.language_server.yaml_place import place_at
from deckgen.rules.element_values import ELEMENT_VALUES, EVERYWHERE

YAML = """\
types:
  name:
    like: ‸1
rules:
  - id: full
    on: sec‸2
    match: '{term:na‸3'
    when:
      - under: x‸4
        is: {level: 2, hea‸5
    fields:
      Front: 'What is {te‸6'
      Ba‸7
  - id: two
    fields: {Front: 'a {x‸8', Back: b}
    examples:
      - text: "abc‸9"
    wh‸a
- unindented: y‸b
un‸c
"""
PLACES = {
    "1": (("types", "name", "like"), False, ""),
    "2": (("rules", "*", "on"), False, "sec"),
    "3": (("rules", "*", "match"), False, "na"),
    "4": (("rules", "*", "when", "*", "under"), False, "x"),
    "5": (("rules", "*", "when", "*", "is"), True, "hea"),
    "6": (("rules", "*", "fields", "Front"), False, "te"),
    "7": (("rules", "*", "fields"), True, "Ba"),
    "8": (("rules", "*", "fields", "Front"), False, "x"),
    "9": (("rules", "*", "examples", "*", "text"), False, "abc"),
    "a": (("rules", "*"), True, "wh"),
    "b": (("rules", "*", "unindented"), False, "y"),
    "c": ((), True, "un"),
}


@pytest.mark.parametrize("mark", PLACES)
def test_a_place_in_a_file_that_is_no_yaml_yet(mark: str) -> None:
    lines = YAML.split("\n")
    line, column = next((n, text.index(f"‸{mark}")) for n, text in enumerate(lines, 1) if f"‸{mark}" in text)
    plain = [text if "‸" not in text else text[: text.index("‸")] + text[text.index("‸") + 2 :] for text in lines]
    place = place_at(plain, line, column + 1)
    assert (place.path, place.is_key, place.word) == PLACES[mark]


def test_every_word_is_explained() -> None:
    assert rule_words.ELEMENTS.keys() == ELEMENT_VALUES.keys()
    assert rule_words.TYPES.keys() == BUILT_IN.keys()
    assert rule_words.VALUES.keys() == set(EVERYWHERE)
    keys = {word.label: word.about for word in rule_words.keys_at("deck", ())}
    assert keys.keys() == set(KEYS)
    assert all(keys.values())
    assert {"error", "warning", "off"} == {word.label for word in rule_words.choices_at("deck", ("lint", "long-list"))}


NOTE = ["---", "title: T", "---", "# One", "", "a", "## Two", "", "b", "c", "```", "# none", "```", "## Three", "d"]


@pytest.mark.parametrize(
    ("line", "first", "last"), [(6, 4, 6), (7, 7, 13), (9, 7, 13), (12, 7, 13), (14, 14, 15), (15, 14, 15)]
)
def test_the_section_that_changed(line: int, first: int, last: int) -> None:
    now = [*NOTE]
    now[line - 1] += " more"
    now.insert(line, "a line more")
    region = changed_region(NOTE, now)
    assert region is not None
    assert (region.first, region.last, region.last_before) == (first, last + 1, last)
    assert region.shift == 1


def test_what_changes_how_all_is_read_is_no_section() -> None:
    assert changed_region(NOTE, NOTE) is None
    assert changed_region(NOTE, [NOTE[0], "title: U", *NOTE[2:]]) is None
    assert changed_region(NOTE[3:], NOTE) is None
    region = changed_region(NOTE, NOTE[:6])
    assert region is not None
    assert (region.first, region.last, region.last_before) == (4, 6, 15)


def test_what_is_left_of_a_note() -> None:
    assert masked(NOTE, 7, 13).split("\n") == [*NOTE[:4], "", "", *NOTE[6:13], "", ""]
    assert masked(NOTE, 14, 15).split("\n") == [*NOTE[:4], *[""] * 9, *NOTE[13:]]
    long = ["# One", *(text for n in range(100) for text in (f"text {n}", ""))]
    changed = [*long]
    changed[99] = "another text"
    region = changed_region(long, changed)
    assert region is not None
    assert region.first < 100 < region.last
    assert region.last - region.first < 80
    assert not long[region.first - 2]


def test_columns() -> None:
    for encoding, behind in (("utf-8", 7), ("utf-16", 4), ("utf-32", 3)):
        text = open_text("file:///a.md", "/a.md", 1, "\ufeffé🙂x\r\nb\u2028c\x0cd\re", encoding)
        assert text.lines == ["é🙂x", "b\u2028c\x0cd", "e"]
        assert text.position(1, 4) == lsp.Position(0, behind)
        assert text.place(lsp.Position(0, behind)) == (1, 4)
        assert text.place(lsp.Position(99, 99)) == (3, 2)
    half = open_text("file:///a.md", "/a.md", 1, "\ud83d\ude42 \ud83d", "utf-16")
    assert half.text == "🙂 \ufffd"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("deck: D\n", "deck: D\nlint:\n  long-list: off\n"),
        ("deck: D", "deck: D\nlint:\n  long-list: off"),
        ("lint:\n    no-subject: off\ndeck: D\n", "lint:\n    long-list: off\n    no-subject: off\ndeck: D\n"),
        ("lint: {no-subject: off}\n", "lint: {long-list: off, no-subject: off}\n"),
        ("lint: {}\n", "lint: {long-list: off}\n"),
        ("lint: {long-list: error}\n", None),
        ("lint:\n  long-list: error\n", None),
    ],
)
def test_a_finding_is_switched_off_in_any_deck_yaml(before: str, after: str | None) -> None:
    lines = before.split("\n")
    edit = without_finding(lines, "long-list")
    assert (edit is None) == (after is None)
    if edit is not None:
        at = edit.range.start
        lines[at.line] = lines[at.line][: at.character] + edit.new_text + lines[at.line][at.character :]
        assert "\n".join(lines) == after
        assert parse_config("\n".join(lines), "deck.yaml")[0].config.lint["long-list"] == "off"
