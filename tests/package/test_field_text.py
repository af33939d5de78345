"""A field of Anki's as it is read, whatever stands in it."""

from __future__ import annotations

import pytest
from bounded_process import ends_within_bounds

from deckgen.package.field_text import DELETIONS, deletions_in, shown_text, without_comments


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("a<br>b", "a b"),
        ("<div>a</div><div>b&nbsp;&amp; c</div>", "a b & c"),
        ("{{c1::Lima::city}} lies in {{c2::Peru}}", "Lima lies in Peru"),
        ("{{c1::a {{c2::b}} c}} d", "a b c d"),
        ("{{c1::a {{c2::b::hint}} c::hint}} d", "a b c d"),
        ("{{c1::never closed {{c2::b}}", "{{c1::never closed b"),
        ("{{c1::}}a}}", "a}}"),
        ("<style>x{}</style>a[sound:x.mp3]<!-- no --><img src='x.png'>", "a"),
        ("<STYLE>x{}</Style >a<script src=x>y</script>b", "ab"),
        ("a<!-- never closed", "a<!-- never closed"),
        ("<style>never closed <b>a</b>", "never closed a"),
        ("[sound:a <!-- x -->b", "[sound:a b"),
        ("a <b>b</b> 1 < 2", "a b 1 < 2"),
        (r"\(a &lt; b\)", r"\(a < b\)"),
    ],
)
def test_fields_as_read(field: str, shown: str) -> None:
    assert shown_text(field) == shown


def test_comments() -> None:
    assert without_comments("a<!-- {{b}} -->c<!--d") == "ac<!--d"


def test_no_more_deletions_than_a_note_may_have() -> None:
    assert len(deletions_in("{{c1::a}}" * (DELETIONS + 5))) == DELETIONS
    assert deletions_in("{{c1::" * 5 + "a" + "}}" * 5)[0].number == 1


UNITS = [
    "{{c1::",
    "{{c1::a::",
    "{{c1::{{c2::a}}",
    "}}",
    "{{c1",
    "{{c1::a}}",
    "<style>",
    "<script ",
    "<!--",
    "<!-- <style>",
]
UNITS += [
    "[sound:",
    "[sound:a]<!--",
    "<style>[sound:a]",
    "<",
    "<br ",
    "<br",
    "<a ",
    "</style ",
    "<style></style",
    "&#1",
]
UNITS += ["&amp", "&", "<!--[sound:a]<style>", "> <", "\xa0", " ", "<p><!--", "::", "{{c1::::", "</p <", "--", "]"]


@pytest.mark.parametrize("unit", UNITS)
def test_a_field_of_megabytes_ends(unit: str) -> None:
    """Each of these made some expression quadratic, or would."""
    field = unit * (2_000_000 // len(unit))
    ends_within_bounds(lambda: (shown_text(field), deletions_in(field), without_comments(field)))
    ends_within_bounds(lambda: shown_text("<b>" + field + "</b>"))
