"""Inline Markdown as it reads: without the parser what the parser gives, for whatever text is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it.common.utils import isMdAsciiPunct, isPunctChar, isWhiteSpace

from deckgen.markdown.flanking import is_punctuation, is_space
from deckgen.markdown.plain_text import simple_plain
from deckgen.markdown.text import Text

CORPUS = Path(__file__).parents[3] / "shared/corpus"

ODD = "`$*_~^=&<![]\\(){}>#|:/.,-1²aZ é中文，。「」“” \n\t\u3000\xa0\ufffd"
PIECES = [
    *("**", "*", "**a**", "*a*", "**概念：**", "`", "`a`", "` b `", "`  `", "`a$b`", "``", "$", "$x$", "$\\$$", "$5"),
    *("$x_1 = {a}^2$", "$$", "_", "a_b", "=", "==", "!", "![", "&", "&amp;", "<", "://", "\\", "中", "（", "。", " "),
    *("\n", " \n", "\n ", "a", "Z9", "word ", "**`a`**", "**$x$**，", "***", "~", "^", "]", "1"),
]
texts = st.one_of(
    st.text(st.sampled_from(ODD), max_size=24),
    st.lists(st.sampled_from(PIECES), max_size=14).map("".join),
)


@pytest.mark.parametrize(
    "text",
    [
        *("a **b** `c` $d$", "看作**一种特例**，这种说法", "**a `b` c** *d*", "snake_case = 5 & 6!", "a $x$\n**b** c"),
        *("$\\frac{a}{b}$", "**「引」**的", "` a `b`  `", "]"),
    ],
)
def test_takes(text: str) -> None:
    assert simple_plain(text) is not None


@pytest.mark.parametrize(
    "text",
    [
        *("[a](b)", "a\\*", "http://a.b", "$5 and $6", "1$x$", "$x$1", "$ x$", "$x $", "$$x$$", "``a``", "`a", "a~b~"),
        *("x^2^", "==a==", "_a_", "<b>", "&amp;", "![a](b)", "***a***", "**a *b* c**", "**a*", "**a", "** a**"),
        *("a **b **c", "a  \nb", "a\n b", "`a\nb`", "$a\nb$", "a" * 20_001, "a \ue000"),
    ],
)
def test_leaves_to_the_parser(text: str) -> None:
    assert simple_plain(text) is None


@given(st.lists(texts, max_size=4).map("\n\n".join))
@example("**a**b**c**")
@example("*a**b*")
@example("a*b*c*d*e")
@example("**a** b\n\n- `c`\n- $d$")
@example("a\n\n b")
@settings(max_examples=1500)
def test_plain_text_is_that_of_the_parser(text: str) -> None:
    found = simple_plain(text)
    if found is not None:
        read = Text(text)
        assert found == read.shown(0, len(read.plain))


def test_plain_text_of_paragraphs() -> None:
    assert simple_plain("**a** b\n\n- `c`\n- $d$") == "a b\n- c\n- $d$"
    assert simple_plain("a\n\n b") is simple_plain("[a](b)") is None


def test_reads_the_corpus_as_the_parser_does() -> None:
    if not CORPUS.is_dir():
        pytest.skip(f"{CORPUS} is not here")
    taken = 0
    for path in CORPUS.rglob("*.md"):
        for text in path.read_text("utf-8", "replace").split("\n"):
            for line in (text.strip(), text.lstrip("-*+#> 0123456789.").rstrip()):
                if line and (found := simple_plain(line)) is not None:
                    taken += 1
                    read = Text(line)
                    assert found == read.shown(0, len(read.plain))
    assert taken > 1_000


def test_marks_are_counted_as_the_parser_of_commonmark_counts_them() -> None:
    for code in (*range(0xD800), *range(0xE000, 0x20000)):
        character = chr(code)
        assert is_punctuation(character) == (isMdAsciiPunct(code) or isPunctChar(character)), hex(code)
        assert is_space(character) == isWhiteSpace(code), hex(code)
