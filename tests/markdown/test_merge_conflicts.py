"""Merge conflicts that were left in a note, and what only looks like them."""

from __future__ import annotations

import pytest

from deckgen.markdown.document import read_document
from deckgen.model import Source


def conflicts(text: str) -> list[int]:
    _, diagnostics = read_document(Source("a.md", text))
    assert all(d.severity == "error" and d.hint for d in diagnostics)
    return [d.span.line for d in diagnostics if d.kind == "merge-conflict" and d.span]


OURS, THEIRS = "The sea is deep.\n", "The sea is very deep.\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"<<<<<<< HEAD\n{OURS}=======\n{THEIRS}>>>>>>> branch\n", [1]),
        (f"# Sea\n\n<<<<<<< HEAD\n{OURS}||||||| 1a2b3c4\nThe sea.\n=======\n{THEIRS}>>>>>>> 5d6e7f8\n", [3]),
        (f"<<<<<<< HEAD\n=======\n{THEIRS}>>>>>>> branch\n", [1]),
        (f"<<<<<<<\n{OURS}=======\n>>>>>>>\n", [1]),
        (f"<<<<<<< Updated upstream\n{OURS}", [1]),
        (f"{OURS}=======\n{THEIRS}>>>>>>> Stashed changes\n", [2]),
        ("- a\n<<<<<<< HEAD\n- b\n=======\n- c\n>>>>>>> x\n\n<<<<<<< HEAD\n- d\n=======\n- e\n>>>>>>> x\n", [2, 8]),
        ("<<<<<<< HEAD\n---\ntags: [a]\n=======\n---\ntags: [b]\n>>>>>>> x\n---\n", [1]),
        ("---\ntitle: x\n<<<<<<< HEAD\ntags: [a]\n=======\ntags: [b]\n>>>>>>> x\n---\ntext\n", [3]),
        ("<<<<<<< HEAD\n```sh\n=======\n```bash\n>>>>>>> x\nls\n```\n", [1]),
        ("<<<<<<< HEAD\r\na\r\n=======\r\nb\r\n>>>>>>> x\r\n", [1]),
        ("<<<<<<< Conflict 1 of 1\n%%%%%%% Changes\n-a\n+++++++ Contents\nb\n>>>>>>> Conflict 1 of 1 ends\n", [1]),
    ],
)
def test_a_conflict_is_an_error_at_its_line(text: str, lines: list[int]) -> None:
    assert conflicts(text) == lines


@pytest.mark.parametrize(
    "text",
    [
        "The sea\n=======\n\nIt is deep.\n",
        "One\n=======\n\ntext\n\nTwo\n=======\n\n> quoted\n",
        "```\n<<<<<<< HEAD\na\n=======\nb\n>>>>>>> x\n```\n",
        "~~~diff\n<<<<<<< HEAD\na\n||||||| base\n=======\nb\n>>>>>>> x\n~~~\n",
        "- item\n\n  ```\n  <<<<<<< HEAD\n  =======\n  >>>>>>> x\n  ```\n",
        "    <<<<<<< HEAD\n    =======\n    >>>>>>> x\n",
        "git writes `<<<<<<< HEAD`, `=======` and `>>>>>>> x`.\n",
        "<<<<<<<<<< ten\n\n>>>>>>>>>> ten\n",
        "> > > > > > > deep\n\n>>>>>>> deep\n",
        "<pre>\n<<<<<<< HEAD\n=======\n>>>>>>> x\n</pre>\n",
        "| a |\n|---|\n||||||| x\n",
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert conflicts(text) == []


def test_one_that_ends_in_raw_html_may_be_an_example() -> None:
    text = f"<<<<<<< HEAD\n{OURS}\n<pre>\na\n=======\n{THEIRS}\n>>>>>>> x\n</pre>\n"
    _, (diagnostic,) = read_document(Source("a.md", text))
    assert (diagnostic.kind, diagnostic.severity) == ("merge-conflict-in-html", "warning")
    assert diagnostic.span is not None
    assert diagnostic.span.line == 1
