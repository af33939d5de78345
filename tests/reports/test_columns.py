"""Text in the columns of a terminal."""

from __future__ import annotations

from random import Random

import pytest
from wcwidth import iter_graphemes, wcswidth, wcwidth

from deckgen.reports.columns import columns, cut, wrapped

FAMILY = "\U0001f469\u200d\U0001f469\u200d\U0001f467"
HEART, SCISSORS, FLAG, THUMB, KEYCAP = (
    "\u2764\ufe0f",
    "\u2702\ufe0f",
    "\U0001f1e9\U0001f1ea",
    "\U0001f44d\U0001f3fd",
    "1\ufe0f\u20e3",
)


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("abc", 3),
        ("中文", 4),
        ("e\u0301", 1),
        ("\u0301", 0),
        ("a\u200bb", 2),
        ("é\x85b", 2),
        ("\u2702", 1),
        *((emoji, 2) for emoji in (FAMILY, HEART, SCISSORS, FLAG, THUMB, KEYCAP, "\U0001f600")),
    ],
)
def test_columns_of_a_text(text: str, width: int) -> None:
    assert columns(text) == width


@pytest.mark.parametrize("emoji", [FAMILY, HEART, FLAG, THUMB])
def test_no_emoji_is_cut_in_two(emoji: str) -> None:
    assert cut(emoji * 4, 8) == emoji * 4
    assert cut(emoji * 4, 7) == emoji * 3 + "…"
    assert cut(emoji * 4, 6) == emoji * 2 + "…"
    assert wrapped(emoji * 5, 4) == [emoji * 2, emoji * 2, emoji]


def test_a_text_that_is_cut_keeps_its_last_space() -> None:
    assert wrapped("it is asked by an earlier match", 17, 1) == ["it is asked by a…"]
    assert wrapped("它由更早的一条问过了", 9, 1) == ["它由更早…"]


def test_a_character_takes_the_columns_that_it_takes_in_a_longer_text() -> None:
    for code in (*range(0x20, 0x7F), *range(0xA0, 0xD800), *range(0xE000, 0x1FB00)):
        character = chr(code)
        assert columns(character) == max(wcwidth(character), 0), hex(code)


@pytest.mark.parametrize("seed", range(5))
def test_a_text_is_cut_between_graphemes_whatever_its_characters_are(seed: int) -> None:
    chooser = Random(seed)
    characters = [
        *"abc é—“→中文，。한が½αя",
        "\u0301",
        "\u200d",
        "\ufe0f",
        "\u3099",
        FAMILY,
        HEART,
        FLAG,
        THUMB,
        KEYCAP,
    ]
    for _ in range(300):
        text = "".join(chooser.choices(characters, k=chooser.randrange(1, 30)))
        width = chooser.randrange(1, 40)
        fitting = text
        if wcswidth(text) > width:
            kept = list(iter_graphemes(text))
            while sum(map(wcswidth, kept)) > width - 1:
                kept.pop()
            fitting = "".join(kept) + "…"
        assert columns(text) == wcswidth(text)
        assert cut(text, width) == fitting
