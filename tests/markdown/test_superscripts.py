"""Sub- and superscripts of headings stand beside cards as such."""

from __future__ import annotations

import pytest

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.markdown.plain_text import plain_of
from deckgen.markdown.superscripts import with_scripts
from deckgen.model import Source
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import read_shipped


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("Powers of 10^6^", "Powers of 10⁶"),
        ("H~2~O and x^−1^", "H₂O and x⁻¹"),
        ("**n^2^** = n·n", "n² = n·n"),
        ("e^qQ^ has none", "eqQ has none"),
        ("`a^2^` is code", "a^2^ is code"),
        ("$x^2$ and y^2^", "$x^2$ and y2"),
        ("~~struck~~ out", "struck out"),
        ("2^10 stays", "2^10 stays"),
    ],
)
def test_scripts_of_text(markdown: str, shown: str) -> None:
    assert with_scripts(markdown, plain_of(markdown)) == shown


def test_headings_beside_a_card_keep_them_and_identity_does_not_see_it() -> None:
    pack = read_shipped("structure")
    assert pack is not None
    text = "# Heat of 10^6^ J\n\nSteam\n: the gas of water\n"
    (draft,) = extract([read_document(Source("a.md", text))[0]], load_rules([pack])[0], Settings("D")).drafts
    assert (draft.origin.headings, draft.origin.shown_headings) == (("Heat of 106 J",), ("Heat of 10⁶ J",))
