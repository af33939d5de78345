"""Text in the columns of a terminal."""

from __future__ import annotations

import pytest

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
