"""Tags in raw HTML: what is one, and that looking for them takes work in proportion to the text."""

from __future__ import annotations

import time

import pytest

from deckgen.rendering.raw_html import is_harmless, without_unknown_tags


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("vector<int> and <b>bold</b>", "vector&lt;int&gt; and <b>bold</b>"),
        ("<your name> </your>", "&lt;your name&gt; &lt;/your&gt;"),
        ('<a title="x > y">z</a>', '<a title="x > y">z</a>'),
        ("<a title='x > y\">z</a>", "<a title='x > y\">z</a>"),
        ("<b\n<i>x</i>", "<b\n<i>x</i>"),
        ("1 < 2 > 1", "1 < 2 > 1"),
        ("<b/>x<br/>", "<b/>x<br/>"),
        ("<p <q", "<p <q"),
    ],
)
def test_tags(html: str, shown: str) -> None:
    assert without_unknown_tags(html) == shown


def test_harm_is_seen_behind_a_tag_without_end() -> None:
    assert not is_harmless('<p "<b onclick=x>')
    assert is_harmless("<p '<b>x</b>")


@pytest.mark.parametrize("unit", ["<p\n", '<p "', '<p ""', "<p '\"", '<a"', "<a", '</p "a" ', "<p>", "<p \"' "])
def test_tags_that_do_not_end(unit: str) -> None:
    began = time.process_time()
    html = "word " + unit * (300_000 // len(unit))
    is_harmless(html)
    without_unknown_tags(html)
    assert time.process_time() - began < 3
