"""Answers that are a piece of something, and those that only look so."""

import pytest

from deckgen.extraction.faults import cut_words


@pytest.mark.parametrize("answer", ["and the rest of it", "So it goes on", "但是还有", "these three:"])
def test_cut(answer: str) -> None:
    assert cut_words(answer)


@pytest.mark.parametrize("answer", ["AND, OR and NOT", "Because the tasks pull in two directions", "because it floats"])
def test_whole(answer: str) -> None:
    assert cut_words(answer) == ""
