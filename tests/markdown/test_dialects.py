"""Dialects of editors: what they hide is gone before any element is read, a line for a line."""

from __future__ import annotations

import pytest

from deckgen.markdown.dialects import LOGSEQ, OBSIDIAN, Cleaned, Dialect, clean_lines
from deckgen.markdown.document import read_document, unread_lines
from deckgen.model import Source


def cleaned(text: str, name: str = OBSIDIAN, *, has_breaks: bool = False, keeps: bool = False) -> Cleaned:
    document, _ = read_document(Source("a.md", text))
    dialect = Dialect(name, has_breaks)
    unread = unread_lines(document.blocks)
    return clean_lines(dialect, document.lines, 1, unread, keeps_properties=keeps, keeps_tags=keeps)


def lines(text: str, name: str = OBSIDIAN, **how: bool) -> list[str]:
    return list(cleaned(text, name, **how).lines)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("A tern %%ask Ole%% dives.", "A tern dives."),
        ("A tern dives. %%ask%%", "A tern dives."),
        ("%%\nsecret\n%%\nA tern.", "\n\n\nA tern."),
        ("%% secret\nmore %% A tern.", "\nA tern."),
        ("100%% of it", "100%% of it"),  # never closed, and in the middle of a line
        ("`%%x%%` stays", "`%%x%%` stays"),
        ("```\n%%x%%\n^id\n#tag\n```", "```\n%%x%%\n^id\n#tag\n```"),
        ("$a %% b %% c$ stays", "$a %% b %% c$ stays"),
        ("A tern. ^bird-1", "A tern."),
        ("A tern.\n^bird-1", "A tern.\n"),
        ("- item ^a\n- $x^2", "- item\n- $x^2"),
        ("2 ^ 3", "2 ^ 3"),
        ("status:: draft\nA tern.", "\nA tern."),
        ("- status:: draft", ""),
        ("A tern (page:: 12) dives [seen:: 2021].", "A tern dives."),
        ("std::vector holds", "std::vector holds"),
        ("le chat :: the cat", "le chat :: the cat"),
        ("Dives. #birds #sea/gull", "Dives."),
        ("C# and #birds in a sentence", "C# and #birds in a sentence"),
        ("# Title", "# Title"),
        ("Item #1", "Item #1"),
        (
            "{漢字|かん|じ} and {東京|とうきょう}",
            "<ruby>漢<rt>かん</rt>字<rt>じ</rt></ruby> and <ruby>東京<rt>とうきょう</rt></ruby>",
        ),
        ("{1|x} and {a|b}", "{1|x} and {a|b}"),
    ],
)
def test_obsidian(written: str, read: str) -> None:
    assert "\n".join(lines(written)) == read


def test_tags_belong_to_their_line_the_line_above_or_the_file() -> None:
    found = cleaned("#shore\n\n# Terns #birds\n\nThey dive.\n#sea\n\n#alone\n")
    assert (found.file_tags, dict(found.tags)) == (("shore",), {3: ("birds",), 5: ("sea",)})


def test_rules_that_read_properties_and_tags_keep_them() -> None:
    assert lines("le chat:: the cat #card ^x1", keeps=True) == ["le chat:: the cat #card"]


def test_single_line_breaks_are_breaks() -> None:
    text = "# One\nTwo\nthree\n- four\n  five\n\n| a |\n| - |\n| b |\n\n```\nx\ny\n```\nlast"
    assert lines(text, has_breaks=True) == [
        *("# One", "Two  ", "three", "- four  ", "  five", "", "| a |", "| - |", "| b |", "", "```", "x", "y", "```"),
        "last",
    ]


def test_tasks_make_no_card() -> None:
    assert cleaned("- [ ] call\n- [x] done\n1. [/] half\n- [a link](b)\n").cardless == {1, 2, 3}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("- A tern\n  id:: 65a1b2c3-0000-4000-8000-000000000001\n  collapsed:: true", "- A tern\n\n"),
        ("title:: Birds\n- A tern", "\n- A tern"),
        (
            "- A tern\n  id:: 65a1b2c3-0000-4000-8000-000000000001\n- see ((65a1b2c3-0000-4000-8000-000000000001))",
            "- A tern\n\n- see A tern",
        ),
        ("- ![x](a.png){:height 120, :width 200}", "- ![x](a.png)"),
        ("- A tern\n  SCHEDULED: <2024-05-01 Wed>", "- A tern\n"),
        ("- f((x)) stays", "- f((x)) stays"),
        ("- `((65a1b2c3-0000-4000-8000-000000000001))`", "- `((65a1b2c3-0000-4000-8000-000000000001))`"),
    ],
)
def test_logseq(written: str, read: str) -> None:
    assert "\n".join(lines(written, LOGSEQ)) == read


def test_what_logseq_alone_shows_is_told() -> None:
    found = cleaned("- see ((65a1b2c3-0000-4000-8000-00000000000f))\n- {{query (todo now)}}", LOGSEQ)
    assert [line for line, _ in found.problems] == [1, 2]
    assert list(found.lines) == ["- see", "-"]


def test_commonmark_stays_as_it_is() -> None:
    text = "A tern %%x%% ^id #tag\nkey:: value"
    assert lines(text, "commonmark") == text.split("\n")


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("a.md", "![x](:/0123456789abcdef0123456789abcdef)", 1),
        ("a.md", "Water is ::wet:: and cold", 1),
        ("Page 0123456789abcdef0123456789abcdef.md", "text", 1),
        ("a.md", "le chat::the cat\nstd::map::iterator\na :: b", 0),
    ],
)
def test_syntax_of_other_programs_is_told(path: str, text: str, count: int) -> None:
    _, problems = read_document(Source(path, text))
    assert [problem.kind for problem in problems] == ["unshown-syntax"] * count
