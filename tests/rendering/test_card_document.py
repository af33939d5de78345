"""docs/cards.md says what is: its examples of deck.yaml are accepted, its Markdown shows as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from deckgen.diagnostics.lint_kinds import LINT_KINDS, default_severity
from deckgen.model import MediaFile
from deckgen.project.config import parse_config
from deckgen.rendering.escaping import unmark
from deckgen.rendering.markdown_html import write_markdown
from deckgen.rendering.note import RenderOptions
from deckgen.reports.preview.page import EDITORS

TEXT = (Path(__file__).parents[2] / "docs/cards.md").read_text("utf-8")
MEDIA = {name: MediaFile(name, name, "0", f"x-{name}") for name in ("a.png", "a.mp3", "a.mp4")}


@pytest.mark.parametrize("config", re.findall(r"^```yaml\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
def test_examples_of_deck_yaml_are_accepted(config: str) -> None:
    assert parse_config(config, "deck.yaml")[1] == []


def test_the_table_of_findings_is_what_lint_finds() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (warning|error) \|", TEXT.split("## What lint finds")[1], re.MULTILINE)
    assert rows == [(name, default_severity(name)) for name in LINT_KINDS]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("**bold**", "<strong>"),
        ("*italic*", "<em>"),
        ("~~struck~~", "<s>"),
        ("==marked==", "<mark>"),
        ("H~2~O", "<sub>2</sub>"),
        ("x^2^", "<sup>2</sup>"),
        ("3~5", "3~5"),
        ("2^3^4", "2^3^4"),
        ("> [!note] Title", 'class="callout note"'),
        ("^[a note]", "(a note)"),
        ("[[Page\\|text]]", "text"),
        ("![alt\\|300](a.png)", 'width="300"'),
        ("![[a.png\\|300]]", 'width="300"'),
        ("![alt](a.png){width=300}", 'width="300"'),
        ("![](a.mp3)", "[sound:x-a.mp3]"),
        ("![](a.mp4)", "<video"),
        ("$5 and $6", "$5 and $6"),
    ],
)
def test_what_shows(written: str, shown: str) -> None:
    assert f"`{written}`" in TEXT
    assert shown in unmark(
        write_markdown("word" * ("^[" in written) + written.replace("\\|", "|"), MEDIA, "sanitize").html
    )


def test_editors_are_named() -> None:
    assert set(re.findall(r"`(?:--editor )?(\w+)`", TEXT.split("opens in an editor")[1].split("or an\n")[0])) == set(
        EDITORS
    )


def test_ways_with_html() -> None:
    assert RenderOptions().html == "sanitize"
    assert "sanitize | escape (shown as it is written) | trust" in TEXT
