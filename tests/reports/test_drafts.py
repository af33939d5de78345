"""Fields as a person sees them at a glance."""

from __future__ import annotations

import pytest

from deckgen.reports.drafts import glance


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("- sand\n- silt\n  - fine", "sand · silt · fine"),
        ("a **dark** rock", "a dark rock"),
        ("- ![](shore.png)\n-", "[picture]"),
        ('<img src="a.png" style="width: 5in">', "[picture]"),
        ("![the shore](a.png)", "the shore"),
        ("x - y", "x - y"),
        ("1. sand\n2. silt", "1. sand 2. silt"),
    ],
)
def test_a_field_at_a_glance(markdown: str, shown: str) -> None:
    assert glance(markdown) == shown
