"""What `deckgen lint` can find, by name: cards that will be hard to learn. deck.yaml sets the severity of each kind."""

from __future__ import annotations

from typing import Literal

from deckgen.diagnostics import KINDS, define

LintSeverity = Literal["off", "warning", "error"]

define(
    "error",
    two_answers="One question has different answers. Whoever is asked cannot know which of them is meant, and will "
    "fail the card for ever. Say in the question what tells them apart.",
)
define(
    "error",
    same_fact_twice="Two notes of one line tell one fact: they ask about the same thing, and the answer of one holds "
    "that of the other. Keep the better one.",
    answer_cut="The answer is a piece of something: it ends in a colon, or begins with a joining word, so "
    "that what it leans on is not on the card.",
    no_letters="The question holds no letter of any script, so that nothing is asked.",
    children_left_off="What stands below an item is not on its card: neither in the answer nor in another field.",
)
define(
    "warning",
    front_taken="No note is made of this text: another one of the deck asks the same and wants another answer, and no "
    "heading or parent tells the two apart.",
    answer_in_question="The question already holds its answer, so that the card is answered without being known.",
    same_note_twice="Two notes say nearly the same. Both will be asked, and each makes the other one easier.",
    question_too_long="The question is so long that it is recognised by its looks and no longer read.",
    answer_too_long="The answer is too long to be recalled as one thing; it will be half known for ever. Cards are "
    "learned best when each asks for one fact.",
    long_list="The answer is a list of more items than one can hold. Lists are forgotten in pieces: better one card "
    "per item, or groups.",
    no_subject="The question does not say what it is about: a pronoun stands for something that only the notes know.",
    answer_leans="The answer points at something that stood before it in the notes, and does not stand on the card.",
)

LINT_KINDS: tuple[str, ...] = (
    "two-answers",
    "same-fact-twice",
    "answer-cut",
    "no-letters",
    "children-left-off",
    "front-taken",
    "answer-in-question",
    "same-note-twice",
    "question-too-long",
    "answer-too-long",
    "long-list",
    "no-subject",
    "answer-leans",
)
"""All of them, the most severe first."""


def default_severity(name: str) -> LintSeverity:
    """The severity of a finding for which deck.yaml sets none."""
    return KINDS[name].severity
