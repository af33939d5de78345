"""What people read is in short sentences: at most 25 words each, and none of the turns that were gone over once."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import deckgen
from deckgen.cli import app
from deckgen.diagnostics import KINDS
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped, shipped_names

ROOT = Path(__file__).parents[2]
MOST_WORDS = 25
PAGES = [
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"))
    if path.name not in ("CHANGELOG.md", "README.zh-CN.md")
]
GONE = (
    "are on where they are named",
    "never `sanitise`",
    "nobody answers at",
    "how grave each kind is",
    "what came of",
    "not told apart",
)
"""Literal translations, inversions and metaphors that once stood in messages and pages."""


def sentences(text: str) -> Iterator[str]:
    """The sentences of some prose; a colon and a semicolon end one."""
    found = re.split(r"(?<=[.!?:;])[\"”)*]*\s+|\s+\|\s+", " ".join(text.split()))
    return (sentence for sentence in found if sentence.strip())


def words(sentence: str) -> int:
    """How many words there are, a piece of code counted as one."""
    plain = re.sub(r"\]\([^)]*\)", "]", re.sub(r"`[^`]*`", "X", sentence))
    return len(re.findall(r"[A-Za-z0-9][\w'’-]*", plain))


def prose(markdown: str) -> Iterator[str]:
    """The paragraphs, items and cells of a page, without code."""
    text = re.sub(r"(?ms)^(```|~~~).*?^\1\s*$", "", markdown)
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL)
    for paragraph in re.split(r"\n\s*\n", text):
        lines = paragraph.split("\n")
        if lines[0].lstrip().startswith("|"):
            yield from (cell for line in lines for cell in line.split("|") if cell.strip())
        else:
            yield from re.split(r"\n(?=\s*(?:[-*>]|\d+\.)\s)", paragraph)


def commands(group: click.Group, name: str) -> Iterator[tuple[str, click.Command]]:
    """All commands, with those of groups."""
    for each in group.list_commands(click.Context(group)):
        command = group.get_command(click.Context(group), each)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{name} {each}")
        else:
            yield f"{name} {each}", command


def messages() -> Iterator[tuple[str, str]]:
    """All that the program says of itself: help, what diagnostics mean, what rules are about."""
    for module in pkgutil.walk_packages(deckgen.__path__, "deckgen."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    yield from ((f"diagnostic {name}", kind.explanation) for name, kind in KINDS.items())
    for name, command in commands(app, "deckgen"):
        yield name, command.help or ""
        yield from ((f"{name} {one.name}", one.help or "") for one in command.params if isinstance(one, click.Option))
    packs = [pack for name in shipped_names() if (pack := read_shipped(name)) is not None]
    yield from ((rule.name, rule.about) for pack in packs for rule in load_rules([pack])[0].rules)


def too_long(text: str) -> list[str]:
    """The sentences of a text that nobody reads to the end."""
    return [sentence for sentence in sentences(text) if words(sentence) > MOST_WORDS]


def test_words_are_counted() -> None:
    assert words("A `list of many words` is [one](page.md#place), and it's short.") == 7
    assert list(sentences("One. Two: three; four")) == ["One.", "Two:", "three;", "four"]
    assert too_long("word " * 26)
    assert not too_long("word " * 25)


def test_messages_are_in_short_sentences() -> None:
    found = list(messages())
    assert len(found) > 400
    assert {name: long for name, text in found if (long := too_long(text))} == {}
    assert [name for name, text in found if any(turn in text for turn in GONE)] == []


@pytest.mark.parametrize("page", PAGES)
def test_pages_are_in_short_sentences(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    assert [long for paragraph in prose(text) for long in too_long(paragraph)] == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_turn_that_is_gone(page: str) -> None:
    text = " ".join((ROOT / page).read_text("utf-8").split())
    assert [turn for turn in GONE if turn in text] == []
