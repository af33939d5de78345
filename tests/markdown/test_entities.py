"""Character references of any length are read, as a browser reads them."""

from __future__ import annotations

import html
from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.markdown.entities import unescape


@pytest.mark.parametrize(
    "text", ["a & b", "&amp;&lt;", "&#65;&#x42;&#X43;", "&#1114112;", "&#x110000;", "&notit;", "&#;&#x;"]
)
def test_short_references_are_those_of_python(text: str) -> None:
    assert unescape(text) == html.unescape(text)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("&#" + "9" * 5000 + ";b", "\ufffdb"),
        ("&#x" + "9" * 5000 + ";b", "\ufffdb"),
        ("&#" + "0" * 5000 + "65;b", "Ab"),
        ("&#X" + "0" * 5000 + "41;b", "Ab"),
        ("&#" + "0" * 5000 + ";b", "\ufffdb"),
    ],
)
def test_long_references(text: str, read: str) -> None:
    assert unescape(text) == read


WRITTEN = ["{}", "<a href='{}'>x</a>", "<img src='{}' alt='{}'>", "`{}`", "[x]({})", "${}$", "[[{}]]"]


@pytest.mark.parametrize("html_option", ["sanitize", "escape", "trust"])
def test_a_long_reference_anywhere_in_a_note(tmp_path: Path, html_option: str) -> None:
    files = {"deck.yaml": f"deck: D\nid: d\nhtml: {html_option}\nrules: [structure]\n"}
    for index, written in enumerate(WRITTEN):
        said = written.replace("{}", "&#" + "1" * 5000 + ";")
        files[f"{index}.md"] = f"## What is {said}?\n\nIt is {said}.\n\n- **Term {said}**: meaning {said}\n"
    project = write_files(tmp_path, files)
    for command in ("build", "list", "lint", "coverage"):
        assert deckgen(command, ".", cwd=project).code in (0, 1)
    assert deckgen("explain", "1.md", cwd=project).code == 0
