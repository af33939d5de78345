"""One attempt to fit a pattern: what is captured so far, the steps left, and what was refused."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from deckgen.patterns.folded_text import FoldedText

STEPS = 50_000
"""Places tried for one pattern on one text."""
REFUSED_KEPT = 1_000
"""Captures of one pattern on one text of which `explain` says why they were refused; more say nothing new."""


class StepsExhaustedError(Exception):
    """A pattern took more than `STEPS` steps on one text."""


class Taken(Struct, frozen=True):
    """What a capture took: a trimmed range of a folded text."""

    folded_text: FoldedText
    start: int
    end: int

    @property
    def folded(self) -> str:
        """The text, folded."""
        return self.folded_text.folded[self.start : self.end]


class Refused(Struct, frozen=True):
    """A capture that its type did not let pass, for `explain`."""

    name: str
    type: str
    text: str
    reason: str


Accept = Callable[["Match", int], bool]
"""Asked when all parts fit, with the end: False looks for another way."""
Step = Callable[["Match", int], bool]
"""Fits a part of a pattern at a place and goes on with what follows; whether all of that fits."""


_NOTHING = FoldedText("")
_NO_FAILURES: set[tuple[int, int]] = set()
_NO_STARTS: dict[int, int] = {}


class Match:
    """The state of one attempt: what is captured so far, the steps left, and what was refused.

    Thousands are made for each note, so that it has no dataclass's factories.
    """

    __slots__ = (
        "accept",
        "accepted",
        "captures",
        "failed",
        "folded_text",
        "memo",
        "refused",
        "start",
        "starts",
        "steps",
        "text",
    )  # fmt: skip

    def __init__(self, captures: dict[str, Taken] | None = None) -> None:
        self.captures = {} if captures is None else captures
        self.steps = STEPS
        self.accepted = 0  # how often `accept` was asked: only failures without it may be remembered
        self.refused: list[Refused] | None = None  # a list when somebody wants to know
        self.memo: dict[tuple[int, int], set[tuple[int, int]]] = {}
        # Of the pattern that runs, which puts its own here:
        self.folded_text = _NOTHING
        self.text = ""
        self.start = 0
        self.accept: Accept = _accept_any
        self.failed = _NO_FAILURES
        self.starts = _NO_STARTS


def _accept_any(_: Match, __: int) -> bool:
    return True
