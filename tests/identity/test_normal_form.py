"""The normal form: what is the same wording, and what never is."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckgen.identity.normal_form import are_swapped, atoms, cut, digest, normalise, similar

SAME = [
    ("**概念：**这是 一种 `x_1` 方法。", "概念：这是一种x_1方法"),
    ("全称（Deep Learning）", "全称(Deep  Learning)"),
    ("[**深度**](http://x_y.org/a_b)学习", "深度学习"),
    ("[[Page name|深度]]学习", "==深度==学习"),
    ("the _second_ __law__ ~~of~~", "the second law of"),
    ("***a** b*", "a b"),
    ("GPU，CPU", "GPU,CPU"),
    (r"\(x_1 * y\)", "$x_1 * y$"),
    (r"$$x$$", r"\[ x \]"),
    ("![one](img/a.png)", "![other](img/a.png)"),
    ("a<!-- a note to self -->b", "ab"),
    ("Ａ　Ｂ１", "A B1"),
    ("AT&amp;T", "AT&T"),
    ("什么是池化？", "什么是池化"),
    ("* one\n* two", "- one\n- two"),
    ("e\u0301", "é"),
    ("a\u200bb\u00ad", "ab"),
    (r"2 \* 3", "2 * 3"),
    ("H. 264", "H. 264."),
]
OTHER = [
    ("x²", "x2"),
    ("-o", "-O"),
    ("-o", "o"),
    ("C", "C#"),
    ("C", "C++"),
    (".NET", "NET"),
    ("`?`", "`!`"),
    ("`a?`", "`a`"),
    ("snake_case", "snakecase"),
    ("$x_1$", "$x^1$"),
    ("![](a.png)", "![](b.png)"),
    ("深度 learning", "deep learning"),
    ("Ⅳ", "IV"),
    ("map(f, *xs)", "map(f, xs)"),
    ("H<sub>2</sub>", "H<sup>2</sup>"),
    ("arr[i][j]", "arr[j][i]"),
    ("2 * 3 * 4", "2 3 4"),
    ("？", "！"),
]


@pytest.mark.parametrize(("one", "other"), SAME)
def test_the_same_wording(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), OTHER)
def test_another_wording(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_where_links_lead_matters_only_when_asked_for() -> None:
    assert normalise("[here](a)") == normalise("[here](b)")
    assert normalise("[here](a)", with_targets=True) != normalise("[here](b)", with_targets=True)


def test_the_normal_form_is_frozen() -> None:
    """Another result here is another format of the lock."""
    text = "**定义：** 由 [Adam](https://e.org/a_b) 与 `β_1`，取 $\\beta_1 = 0.9$（默认）。"
    assert normalise(text) == "定义:由Adam与β_1,取$\\beta_1 = 0.9$(默认)"
    assert digest(normalise(text)) == "e3867d9459138849ddb82fee4dac807a"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("DLSS 3.5和GPT-4", ["DLSS", "3.5", "GPT", "4"]),
        (r"$\frac{a}{b}$", ["a", "b"]),
        ("召回率(Recall, 2019)", ["2019"]),
        ("第三届和一般的情况", ["第三"]),
        ("召回率(Recall", ["Recall"]),
        ("过拟合", []),
    ],
)
def test_atoms(text: str, found: list[str]) -> None:
    assert sorted(atoms(text).elements()) == sorted(found)


def test_swapped() -> None:
    assert are_swapped(atoms("DLSS 3"), atoms("DLSS 3.5"))
    assert not are_swapped(atoms("GAN"), atoms("Conditional GAN"))
    assert are_swapped(atoms("第三届"), atoms("第四届"))


def test_similar() -> None:
    assert similar("", "") == 0
    assert similar("abc", "abc") == 100
    assert 60 < similar("abcd", "abce") < 90


def test_cut_keeps_both_ends() -> None:
    assert cut("x" * 2000) == "x" * 2000
    assert cut("a" * 3000 + "b" * 3000) == "a" * 1500 + "b" * 500


@given(st.text(alphabet=st.sampled_from("ab12 *_`$[]()!\\<>-&;~=，。？概念\n#"), max_size=60))
def test_any_text_has_a_normal_form_that_is_stable(text: str) -> None:
    once = normalise(text)
    assert normalise(text) == once
    assert "\n" not in once
    assert normalise(" " + text + "\n") == once


@given(st.text(alphabet="概念方法abc12 ", min_size=1, max_size=30))
def test_a_text_without_marks_is_its_own_normal_form(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    "piece",
    ["*", "[", "a*", "`", "` `` ", "$", "$a ", "\\(", "<!--", "![[a", "[[a", "](", "http://", "&a", "_a", "(", ")]"],
)
def test_hostile_texts_take_linear_time(piece: str) -> None:
    text = piece * (100_000 // len(piece))
    start = time.process_time()
    normalise(text)
    atoms(text)
    assert time.process_time() - start < 3


def test_an_address_among_nothing_but_words_loses_the_marks_at_its_end() -> None:
    assert normalise("https://example.org/a。") == "https://example.org/a"
    assert normalise("https://example.org/a. here") == "https://example.org/a. here"
