"""What the notes of a project say × what notes in Anki say → which two are one fact.

Question and answer are compared as they are read, in the normal form of `wording`. In passes, strictest first; where
two could be meant, nobody is paired.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from deckgen.identity.normal_form import are_swapped, atoms, similar
from deckgen.identity.same_subject import ask_the_same
from deckgen.identity.similarity_index import Pieces

REASONS = {
    "same": "the same question and answer",
    "question": "the same question, another answer",
    "guid": "the same GUID, other words",
    "reworded": "clearly the most alike",
}

_LONG_QUESTION = 8  # characters; "Usage" and "缺点" are asked of everything
_ALIKE, _VOUCHED, _AHEAD, _NEARLY = 80, 50, 10, 60


@dataclass(frozen=True, slots=True)
class NoteText:
    """What is seen of a note, in normal form: `answers` are its other fields, the first of them the answer."""

    question: str
    answers: tuple[str, ...]
    is_cloze: bool
    guid: str = ""  # of a note that deckgen made

    @property
    def answer(self) -> str:
        """The one that counts."""
        return self.answers[0] if self.answers else ""


@dataclass(frozen=True, slots=True)
class Found:
    """The other of a pair, and why."""

    other: int
    reason: str  # of REASONS


@dataclass(slots=True)
class Result:
    """By the index of the project's note. `unclear`: the several that could be meant."""

    pairs: dict[int, Found] = field(default_factory=dict)
    unclear: dict[int, tuple[int, ...]] = field(default_factory=dict)


def match_notes(ours: Sequence[NoteText], theirs: Sequence[NoteText]) -> Result:
    """Pair the notes of a project with those in Anki."""
    return _Pairing(ours, theirs).run()


class _Pairing:
    def __init__(self, ours: Sequence[NoteText], theirs: Sequence[NoteText]) -> None:
        self.ours, self.theirs = ours, theirs
        self.result = Result()
        self.used: set[int] = set()

    def run(self) -> Result:
        groups = self._by_question()
        for mine, yours in groups:
            self._pair_same(mine, yours)
        for mine, yours in groups:
            self._pair_question(mine, yours)
        self._pair_guid()
        self._pair_reworded()
        return self.result

    def _add(self, our: int, their: int, reason: str) -> None:
        self.result.pairs[our] = Found(their, reason)
        self.result.unclear.pop(our, None)
        self.used.add(their)

    def _left(self, mine: Iterable[int]) -> list[int]:
        return [our for our in mine if our not in self.result.pairs]

    def _free(self, yours: Iterable[int]) -> list[int]:
        return [their for their in yours if their not in self.used]

    def _by_question(self) -> list[tuple[list[int], list[int]]]:
        asked: dict[tuple[bool, str], tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        for side, faces in enumerate((self.ours, self.theirs)):
            for index, face in enumerate(faces):
                if face.question:
                    asked[face.is_cloze, face.question][side].append(index)
        return [group for group in asked.values() if group[0] and group[1]]

    def _pair_same(self, mine: list[int], yours: list[int]) -> None:
        """The same question and the same answer: the only ones, or those of one GUID."""
        fits = {our: [t for t in yours if self._is_same(our, t)] for our in mine}
        self._pair_by_guid(fits, "same")
        for our in self._left(mine):
            free = self._free(fits[our])
            rivals = [o for o in self._left(mine) if o != our and set(fits[o]) & set(free)]
            if len(free) == 1 and not rivals:
                self._add(our, free[0], "same")
            elif free:
                self.result.unclear[our] = tuple(free)

    def _is_same(self, our: int, their: int) -> bool:
        one, other = self.ours[our], self.theirs[their]
        return one.answer in other.answers if one.answer else not other.answers

    def _pair_question(self, mine: list[int], yours: list[int]) -> None:
        """The same question: alone on both sides, or with clearly the most alike answer."""
        left, free = self._left(mine), self._free(yours)
        self._pair_by_guid(dict.fromkeys(left, free), "question")
        left, free = self._left(left), self._free(free)
        if not left or not free:
            return
        likeness = {(o, t): self._answers_alike(o, t) for o in left for t in free}
        if len(mine) == len(yours) == 1:
            (our,), (their,) = left, free
            if likeness[our, their] >= _VOUCHED or len(self.ours[our].question) >= _LONG_QUESTION:
                self._add(our, their, "question")
                return
        for (our, their), score in likeness.items():
            rivals = [s for (o, t), s in likeness.items() if (o == our) != (t == their)]
            if score >= _ALIKE and max(rivals, default=0.0) <= score - _AHEAD and not self._is_swapped(our, their):
                self._add(our, their, "question")
        for our in self._left(left):
            if still := self._free(free):
                self.result.unclear[our] = tuple(still)

    def _answers_alike(self, our: int, their: int) -> float:
        one, best = self.ours[our].answer, 0.0
        for other in self.theirs[their].answers:
            short, long = sorted((one, other), key=len)
            best = max(best, 100.0 if len(short) >= 4 and short in long else similar(one, other))
        return best

    def _is_swapped(self, our: int, their: int) -> bool:
        one, other = self.ours[our], self.theirs[their]
        return are_swapped(atoms(one.answer), atoms(" ".join(other.answers)))

    def _pair_by_guid(self, fits: Mapping[int, Sequence[int]], reason: str) -> None:
        """Of several that deckgen made, the one that this project would give that GUID."""
        for our, several in fits.items():
            own = [t for t in self._free(several) if self.theirs[t].guid and self.theirs[t].guid == self.ours[our].guid]
            if len(own) == 1:
                self._add(our, own[0], reason)

    def _pair_guid(self) -> None:
        """Made by deckgen, of the same key: another answer, or another template since."""
        by_guid = {face.guid: index for index, face in enumerate(self.theirs) if face.guid and index not in self.used}
        for our in self._left(range(len(self.ours))):
            face = self.ours[our]
            their = by_guid.get(face.guid)
            if their is None or face.is_cloze != self.theirs[their].is_cloze:
                continue
            other = self.theirs[their]
            if atoms(face.question) == atoms(other.question) and similar(face.question, other.question) >= _NEARLY:
                self._add(our, their, "guid")

    def _pair_reworded(self) -> None:
        """The same question in other words, the answer alike, clearly ahead of all others."""
        left = self._left(our for our in range(len(self.ours)) if our not in self.result.unclear)
        if not left or len(self.used) == len(self.theirs):
            return
        theirs, here = Pieces([_text(face) for face in self.theirs]), Pieces([_text(face) for face in self.ours])
        for our in left:
            scores = {their: self._score(our, their) for their in theirs.candidates(_text(self.ours[our]))}
            if not scores:
                continue
            their = max(scores, key=lambda t: (scores[t], -t))
            rivals = [score for t, score in scores.items() if t != their]
            rivals += [self._score(o, their) for o in here.candidates(_text(self.theirs[their])) if o != our]
            if scores[their] < _ALIKE or their in self.used or self.result.unclear.get(our):
                continue
            if max(rivals, default=0.0) <= scores[their] - _AHEAD:
                self._add(our, their, "reworded")

    def _score(self, our: int, their: int) -> float:
        one, other = self.ours[our], self.theirs[their]
        if one.is_cloze != other.is_cloze:
            return 0.0
        asked = similar(one.question, other.question)
        said = max((similar(one.answer, answer) for answer in other.answers), default=0.0)
        if not one.answer and not other.answers:
            said = asked
        if asked < _NEARLY or said < _NEARLY or not ask_the_same(one.question, other.question):
            return 0.0
        if len(one.answer) < 12 and said < 90 and asked < 90:
            return 0.0
        return 0.0 if self._is_swapped(our, their) else (asked + said) / 2


def _text(face: NoteText) -> str:
    return f"{face.question}\n{face.answer}"
