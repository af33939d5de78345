"""Front matter as real vaults have it: a slip in one key costs no other, and what cannot be known is named."""

from __future__ import annotations

import time

import pytest
from bounded_process import ends_within_bounds

from deckgen.markdown.document import Document, read_document
from deckgen.model import Source


def read(text: str) -> tuple[Document, list[tuple[str, int]]]:
    document, diagnostics = read_document(Source("a.md", text))
    assert {d.kind for d in diagnostics} <= {"bad-front-matter"}
    return document, [(d.message, d.span.line if d.span else 0) for d in diagnostics]


@pytest.mark.parametrize(
    ("front", "tags", "lines"),
    [
        ("author: @me\ntags: [a, b]", ("a", "b"), [2]),
        ("tags: [a, b]\nauthor: @me", ("a", "b"), [3]),
        ("title: C++: an overview\ntags: [a]", ("a",), [2]),
        ("tags: [a, b\ntitle: x", ("a", "b"), [2]),
        ("tags: @me\ntitle: x", ("@me",), [2]),
        ("tags: #a #b", ("a", "b"), []),
        ("tags: #a, #b/c", ("a", "b/c"), []),
        ("tags: # none yet", (), []),
        ("tags:\n- #a\n- b", ("b", "a"), []),
        ("tags:\n\t- a\n\t- b", ("a", "b"), [3]),
        ("tags:\n  - a\n  - @b\nx: 1", ("a", "@b"), [4]),
        ("tags: a\ntags: [b, c]", ("a", "b", "c"), [3]),
        ("tags: a\ntitle: one\ntitle: two", ("a",), [4]),
        ("tags: [a]\nauthor @me", ("a",), [3]),
        ("tags: [a]\n\nauthor @me\nx: 1\ny: 2", ("a",), [4]),
        ("title: x\ntags:a, b", ("a", "b"), [3]),
        ("title: x\ntags：a，b", ("a", "b"), [3]),
        ('"tags": [a]\nx: `y`', ("a",), [3]),
        ('{"dg-publish":true,"created":"2025-08-27T13:15:23.051+01:00","tags":["a","b c"]}', ("a", "b_c"), []),
        ('{\n  "tags": ["a"],\n  "title": "Sea"\n}', ("a",), []),
        ("tags:\r\n  - a\r\n  - b\r\nauthor: @me\r", ("a", "b"), [5]),
        ("x: {a\ntags: [a]", ("a",), [2]),
        ("x: !!python/object a\ntags: [a]", ("a",), [2]),
        ("x: &a [*a]\ntags: [a]", ("a",), [2]),
    ],
)
def test_a_slip_costs_no_other_key(front: str, tags: tuple[str, ...], lines: list[int]) -> None:
    document, diagnostics = read(f"---\n{front}\n---\n\n# Heading\n\ntext\n")
    assert document.tags == tags
    assert [line for _, line in diagnostics] == lines
    assert not document.unread & {"tags", "tag"}
    assert len(document.blocks) == 2


@pytest.mark.parametrize(
    ("front", "unread"),
    [
        ("tags: [a, {b: c}\ntitle: x", {"tags"}),
        ("tags:\na\nb\nx: 1", {"tags"}),
        ("title: x: y\ntags a, b", {"tags"}),
        ("tags: |\n  a\n b: c: d\n- @x", {"tags"}),
        ("- tags: [a]\n- b: c", {""}),
        ("author:\n  name: @me\n  mail: x\ntags: a", {"author"}),
    ],
)
def test_what_cannot_be_known_is_named(front: str, unread: set[str]) -> None:
    document, diagnostics = read(f"---\n{front}\n---\n\ntext\n")
    assert set(document.unread) == unread
    assert diagnostics


def test_a_value_on_one_line_counts_as_text() -> None:
    document, _ = read("---\nauthor: @me\ntitle: C++: an overview\n---\ntext\n")
    assert dict(document.front_matter) == {"author": "@me", "title": "C++: an overview"}
    assert document.title == "C++: an overview"


def test_the_diagnostic_says_how_to_write_it() -> None:
    _, (first, second) = read_document(Source("a.md", "---\nauthor: @me\ntags: [a]\ntags: [b]\n---\n"))
    assert (first.hint, first.line_text) == ('put it in quotes: `author: "@me"`', "author: @me")
    assert (second.message, second.line_text) == ("`tags` stands here a second time", "tags: [b]")


@pytest.mark.parametrize("end", ["\n\n# Heading\n\ntext\n", "\n\n# Heading\n\ntext\n\n---\n\nmore: text\n\nand more\n"])
def test_front_matter_without_an_end(end: str) -> None:
    """The text below is none of it, though a line `---` comes later."""
    document, diagnostics = read(f"---\ntags: [a]\ntitle: x{end}")
    assert (document.tags, document.title) == (("a",), "x")
    assert [line for _, line in diagnostics] == [1]
    assert document.blocks[0].line == 5


@pytest.mark.parametrize("text", ["---\nNote: this is prose.\n\nMore.\n", "---\ntext\n\ntags: x\n", "---\ntags: [a]\n"])
def test_a_thematic_break_at_the_top_is_none(text: str) -> None:
    document, diagnostics = read(text)
    assert dict(document.front_matter) == {}
    assert not diagnostics


def test_a_section_of_cards_at_the_top_is_none() -> None:
    """As Inka reads it: `Deck:`, `Tags:` and cards between lines `---`."""
    document, diagnostics = read("---\nDeck: Tides\nTags: sea\n\n1. What is an ebb?\n\n> A fall.\n---\n")
    assert (dict(document.front_matter), diagnostics) == ({}, [])
    closed, _ = read("---\nDeck: Tides\n---\n\ntext\n")
    assert dict(closed.front_matter) == {"Deck": "Tides"}


TOML = """+++
title = "Sea: a survey"
date = 2024-05-01T10:00:00Z
draft = false
weight = 3
tags = ["a", "b c"]
+++

text
"""


def test_toml_of_hugo() -> None:
    document, diagnostics = read(TOML)
    assert not diagnostics
    assert (document.title, document.tags) == ("Sea: a survey", ("a", "b_c"))
    assert document.front_matter["weight"] == "3"
    assert document.front_matter["draft"] is False
    assert [block.line for block in document.blocks] == [9]


def test_toml_of_zola() -> None:
    document, _ = read('+++\ntitle = "x"\n[taxonomies]\ntags = ["a"]\n+++\ntext\n')
    assert document.tags == ("a",)


def test_a_slip_in_toml_costs_no_other_key() -> None:
    document, diagnostics = read('+++\nauthor = @me\ntags = [\n  "a",\n]\n+++\n\ntext\n')
    assert (document.tags, document.front_matter["author"]) == (("a",), "@me")
    assert [line for _, line in diagnostics] == [2]


def test_plus_signs_around_text_are_no_toml() -> None:
    document, diagnostics = read("+++\nText\n+++\n")
    assert dict(document.front_matter) == {}
    assert not diagnostics
    assert document.blocks


@pytest.mark.parametrize(
    "unit",
    [
        " ",
        "a",
        ":",
        "a: ",
        "- ",
        "\n- a",
        "\na b",
        "\n\t- a",
        "\n'",
        '\n"a" ',
        "[",
        "\n[",
        "{",
        "#",
        "\n#a",
        "\n\n",
        "=",
        ".",
    ],
)
@pytest.mark.parametrize("fence", ["---", "+++"])
def test_odd_front_matter_takes_time_in_proportion(fence: str, unit: str) -> None:
    """Twenty thousand times anything is read, and as text if need be."""
    first = "x: @\n" if fence == "---" else "x = @\n"
    began = time.process_time()
    read_document(Source("a.md", f"{fence}\n{first}k{unit * 20_000}\n{fence}\n"))
    assert time.process_time() - began < 20


@pytest.mark.parametrize(
    ("before", "unit"), [("", "a: b\n"), ("", "tags: [a]\n"), ("a: b\n", "[x\n"), ("a: b\na: c\n", "k{}: @x\n")]
)
def test_keys_without_end_take_time_in_proportion(before: str, unit: str) -> None:
    """Keys that stand twice, or are no YAML, two hundred thousand of them: more than anybody writes is not read."""
    text = f"---\n{before}{''.join(unit.replace('{}', str(number)) for number in range(200_000))}---\n"
    ends_within_bounds(lambda: read_document(Source("a.md", text)), seconds=30)
    _, problems = read(text)
    assert problems[0][0] == "the front matter holds more than 20,000 lines with keys: the others are not read"


HOSTILE = {
    "lists without end": "a = " + "[" * 5_000,
    "deep lists": "a = " + "[" * 5_000 + "]" * 5_000,
    "a number of many digits": "a = " + "1" * 6_000,
    "a key of many parts": ".".join(["a"] * 20_000) + " = 1",
    "a table of many parts": "[" + ".".join(["a"] * 20_000) + "]",
    "quoted parts": ".".join([r'"\"a"'] * 20_000) + " = 1",
    "half a character": 'a = "\\uD800"',
    "a day that is none": "a = 0000-00-00",
}


@pytest.mark.parametrize("fence", ["---", "+++"])
@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_no_toml_costs_a_note_or_the_memory(fence: str, content: str) -> None:
    source = Source("a.md", f"{fence}\n{content}\n{fence}\n\ntext\n")
    ends_within_bounds(lambda: read_document(source), seconds=10, mebibytes=200)


def test_dots_in_a_text_are_no_parts_of_a_key() -> None:
    document, problems = read(f'+++\ntitle = "{"." * 200}"\ntags = ["a.b", "c"]\n+++\ntext\n')
    assert (document.tags, problems) == (("a.b", "c"), [])
