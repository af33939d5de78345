"""Pairing thousands of notes that ask one question takes work in proportion, and the same notes as before."""

from __future__ import annotations

import random
from itertools import product

import pytest
from bounded_process import ends_within_bounds

from deckgen.anki.adoption_matching import NoteText, match_notes


def faces(count: int, answer: str, question: str = "what is it", others: int = 1) -> list[NoteText]:
    return [
        NoteText(question, tuple(answer.format(n=index, k=k) for k in range(others)), is_cloze=False, guid=f"g{index}")
        for index in range(count)
    ]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (faces(20_000, "it"), faces(20_000, "it")),
        (faces(20_000, "it {n}"), faces(20_000, "it {n}")),
        (faces(20_000, "it {n}"), faces(20_000, "that {n}")),
        (faces(5_000, "it {n}"), faces(5_000, "it {k}", others=60)),
        (faces(300, "word " * 300 + "{n}"), faces(300, "ward " * 300 + "{n}")),
        (faces(1, "a" * 3_000_000), faces(1, "b" * 3_000_000 + "a")),
        (faces(1, "a" * 3_000_000, "is " * 500_000), faces(1, "a" * 3_000_000, "is " * 500_000 + "it")),
    ],
    ids=["same", "each its own", "none", "many fields", "long alike", "long answers", "long questions"],
)
def test_notes_that_ask_the_same(ours: list[NoteText], theirs: list[NoteText]) -> None:
    ends_within_bounds(lambda: match_notes(ours, theirs))


def test_those_with_the_same_answer_are_paired_among_thousands() -> None:
    ours = faces(3000, "it {n}")
    theirs = [NoteText(face.question, face.answers, is_cloze=False) for face in reversed(ours)]
    assert {our: found.other for our, found in match_notes(ours, theirs).pairs.items()} == {
        index: 2999 - index for index in range(3000)
    }


def test_rivals_are_those_of_either_side() -> None:
    """Of all small worlds of alike answers: a pair is made only when it is ahead of all others on both sides."""
    answers = ["a fast memory near it", "a fast memory near its core", "something else that is", "it", ""]
    shuffled = random.Random(0)
    for size in product((1, 2, 3), (1, 2, 3)):
        for _ in range(40):
            ours, theirs = (
                [NoteText("what is a cache", (shuffled.choice(answers),), is_cloze=False) for _ in range(n)]
                for n in size
            )
            result = match_notes(ours, theirs)
            others = [found.other for found in result.pairs.values()]
            assert len(set(others)) == len(others)
            for our, found in result.pairs.items():
                twins = [face for face in ours if face == ours[our]]
                assert len(twins) == 1 or found.reason == "question"
