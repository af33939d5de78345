"""Notes that are known to hurt readers of Markdown take work in proportion to their length, counted in calls, not seconds."""

from __future__ import annotations

import sys
from pathlib import Path
from types import FrameType

import pytest
from bounded_process import ends_within_bounds
from command_line import deckgen, write_files

pytestmark = pytest.mark.usefixtures("plain_environment")

CONFIG = "deck: D\nid: d\nrules: [structure, tables, en/facts, zh/facts]\n"
SMALL, LARGE, HUGE = 5_000, 20_000, 80_000

# A unit that is repeated, what stands before it, and behind it.
REPEATED = {
    "spaces in a sentence": (" ", "Abc is", "word."),
    "spaces in a Chinese sentence": (" ", "甲是", "乙。"),
    "ideographic spaces": ("\u3000", "甲 ", "a乙。"),
    "full stops": (".", "Abc is word", " And more"),
    "marks in turn": (".,", "Abc is word", " And more"),
    "spaces in a tag": (" ", "x <a", "x"),
    "initials without end": ("Aa ", "", "(AB)."),
    "initials of small words": ("of ", "", "Abc (ABC)."),
    "initials with hyphens": ("a-", "", "b (ABC)."),
    "initials in Chinese": ("alpha beta ", "甲（AB，", "）是乙。"),
    "more letters than words": ("A", "ab ab ab (", ")."),
    "an abbreviation of all words": ("of ", "CNN (", ") is a."),
    "abbreviations side by side": ("Abc Bcd (AB) ", "", ""),
    "stands for, again and again": ("ABC stands for ", "", ""),
    "brackets that open": ("(a", "", ""),
    "brackets of two kinds": ("([", "", ")" * 1000),
    "properties in brackets": ("(a:: b) ", "", ""),
    "or": ("a or b ", "", ""),
    "Chinese without a mark": ("字", "甲是", "。"),
    "digits": ("1", "Abc is ", "."),
    "a value of digits": ("1", "- Publication date: ", " = a = b"),
    "a picture of dots": (".", "- Groyne: a wall ![", "x](m.png)"),
    "quotation marks": ("「a", "甲是", "。"),
    "bold terms": ("**a** ", "", "is b."),
    "emphasis": ("*a **a ", "", ""),
    "links that open": ("[a](", "", ""),
    "backticks": ("` `` ", "", ""),
    "comments that open": ("<!-- a ", "", ""),
    "entities": ("&a", "", ""),
    "combining marks": ("\u0301", "a", " is b."),
    "spaces in a heading": (" ", "# Abc", "x\n\nMTL stands for multi-task learning."),
    "underscores behind a question": ("_", "- What is it? ", "x"),
    "quotation marks behind a question": ("”", "## What is it? ", "x\n\nA word."),
    "tags behind a question": ("#a ", "## What is it? ", ".x\n\nA word."),
    "spaces behind a question": (" ", "- What is it?", "x"),
    "attributes of a picture": ("a=b", "- **Term**: a meaning ![x](m.png){", " c"),
    "spaces beside a bracket": (" ", "- **Groyne**: a wall (pier)", "x"),
    "underscores in a title": ("_", "---\ntitle: a", "x\n---\n\n- Causes: a word"),
    "blanks before a verb": ("_" * 40 + " 1 causes flooding.\n\n", "", ""),
    "brackets before a verb": ("[" * 60 + " 1 causes flooding.\n\n", "", ""),
    "emoji": ("👩\u200d", "", ""),
}
COUNTED = {
    "one label of many items": ("", "- Term: a meaning {}\n"),
    "one label of short items": ("", "- a: b\n"),
    "one question of many sections": ("", "# What is it?\n\nAnswer {}.\n\n"),
    "one first column": ("| Name | Use |\n|---|---|\n", "| term | for thing {} |\n"),
    "rows": ("| Name | Use | Year |\n|---|---|---|\n", "| term {} | for thing {} | 1900 |\n"),
    "labels below owners": ("", "- Owner {}\n  - Pros: good {}\n  - Cons: bad {}\n"),
    "sentences of one line": ("", "Term{} is a word of kind {}. "),
}
NESTED = {"parentheses": "()", "Chinese parentheses": "（）", "book marks": "《》", "quotes": "“”", "brackets": "[]"}


def text_of(name: str, size: int) -> str:
    if name in NESTED:
        opening, closing = NESTED[name]
        return opening * (size // 2) + "a" + closing * (size // 2) + "\n"
    if name in COUNTED:
        before, unit = COUNTED[name]
        return before + "".join(unit.replace("{}", str(number)) for number in range(size // len(unit))) + "\n"
    unit, before, after = REPEATED[name]
    return before + unit * (size // len(unit)) + after + "\n"


def calls_of(project: Path, text: str) -> int:
    """How many functions are called, of Python and of C, to list the notes of a text."""
    (project / "a.md").write_text(text)
    count = 0

    def counted(_: FrameType, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        ended = deckgen("list", ".", "--json", cwd=project)
    finally:
        sys.setprofile(None)
    assert ended.code == 0
    return count


@pytest.mark.parametrize("name", [*REPEATED, *NESTED, *COUNTED])
def test_work_grows_with_the_text(tmp_path: Path, name: str) -> None:
    project = write_files(tmp_path, {"deck.yaml": CONFIG})
    deckgen("list", project)  # what is made once
    nothing = calls_of(project, "x\n")
    small, large = (calls_of(project, text_of(name, size)) - nothing for size in (SMALL, LARGE))
    assert large <= 6 * max(small, 100_000)  # below it, what is made once counts for more


@pytest.mark.parametrize("name", [*REPEATED, *NESTED, *COUNTED])
def test_no_expression_is_quadratic(tmp_path: Path, name: str) -> None:
    """What an expression does counts as one call: so a text of which a quadratic one would take minutes."""
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "a.md": text_of(name, HUGE)})
    ends_within_bounds(lambda: deckgen("list", ".", "--json", cwd=project), seconds=15)


@pytest.mark.parametrize("unit", ["- a\n", "# a\n", "a\n\n", "a\n: b\n\n", "| a |\n|-|\n| b |\n\n"])
def test_a_long_note_fills_no_memory(tmp_path: Path, unit: str) -> None:
    """A note of 200 kB that anybody may send: what its elements are is found out one by one, and given back."""
    text = unit * (200_000 // len(unit))
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "a.md": text})
    ends_within_bounds(lambda: deckgen("list", ".", "--json", cwd=project), seconds=120, mebibytes=400)


def test_a_long_run_is_kept_whole_on_the_card(tmp_path: Path) -> None:
    """Patterns see less of it; a card shows what was written."""
    rule = "-" * 60
    text = f"- **Term**: a meaning of its own. More of it.\n  {rule} done {rule}\n"
    project = write_files(tmp_path, {"deck.yaml": CONFIG, "a.md": text})
    (note,) = deckgen("list", project, "--json").json
    assert sum(field.count("-") for name, field in note["fields"].items() if name != "Source") == 120
