"""Simple fields: the short way gives what the parser gives, for whatever field it takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deckgen.rendering.fast_html import simple_html
from deckgen.rendering.markdown_html import write_parsed

CORPUS = Path(__file__).parents[3] / "shared/corpus"

ODD = "`$*_~=&<![]\\(){}>#|:.-+12a中，。 \n\n\t\u3000\ue010\ue011\ue012\ue040"
PIECES = [
    *(
        "\n",
        "\n\n",
        "- ",
        "\n- ",
        "\n* ",
        "\n1. ",
        "\n2. ",
        "\n- a",
        "\n\n- a",
        "\n  b",
        "\n---",
        "\n===",
        "a",
        "中文，",
    ),
    *(
        "**b**",
        "*c*",
        "`d`",
        "`\\(`",
        "$x<y$",
        "$\\)$",
        "a & b",
        "a > b",
        "!",
        "|",
        "\n: d",
        "#",
        "\n# ",
        "{:toc}",
        "* toc",
    ),
    *(
        " ",
        "1",
        ".",
        ")",
        "\n> ",
        "a | b\n",
        "- | -",
        "1998",
        "\n10) ",
        "+ ",
        "[ ] ",
        "\ue010\ue040",
        "\ue012",
        "```\n",
        "$$\n",
    ),
]
fields = st.one_of(
    st.text(st.sampled_from(ODD), max_size=24),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


@pytest.mark.parametrize(
    ("field", "html"),
    [
        ("**a**: `b`", "<strong>a</strong>: <code>b</code>"),
        ("a\n\nb & c", "<p>a</p>\n<p>b &amp; c</p>"),
        ("a:\n- *b*\n- c", "<p>a:</p>\n<ul>\n<li><em>b</em></li>\n<li>c</li>\n</ul>"),
        ("3. a\n4. b\n\nc", '<ol start="3">\n<li>a</li>\n<li>b</li>\n</ol>\n<p>c</p>'),
    ],
)
def test_takes(field: str, html: str) -> None:
    assert simple_html(field) == html


@pytest.mark.parametrize(
    "field",
    [
        *(
            "- a\n\n- b",
            "- a\n* b",
            "- a\nb",
            "- a\n  - b",
            "a\n2. b",
            "a\n---",
            "a\n===",
            "a | b\n--- | ---",
            "# a",
            "> a",
        ),
        *(
            "a\n: b",
            "    a",
            "- ",
            "-  a",
            "- [ ] a",
            "- - a",
            "- 1. a",
            "***",
            "1.",
            "```\na\n```",
            "* toc\n{:toc}",
            "a  \nb",
        ),
    ],
)
def test_leaves_to_the_parser(field: str) -> None:
    assert simple_html(field) is None


def check(field: str) -> bool:
    """Whether the short way takes a field, which it must then write as the parser does."""
    field = field.strip("\n")
    short = simple_html(field) if field.strip() else None
    assert short is None or short == write_parsed(field, {}, "sanitize").html, field
    return short is not None


@given(fields)
@settings(max_examples=1500)
def test_writes_what_the_parser_gives(field: str) -> None:
    check(field)


def test_writes_the_corpus_as_the_parser_gives_it() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is not here")
    taken = 0
    for path in CORPUS.rglob("*.md"):
        paragraphs = path.read_text("utf-8", "replace").split("\n\n")
        for index in range(len(paragraphs)):
            taken += check(paragraphs[index])
            taken += check("\n\n".join(paragraphs[index : index + 3]))
    assert taken > 500
