"""What the notes of a project say × what notes in Anki say → which two are one fact.

Question and answer are compared as they are read, in the normal form of `wording`. In passes, strictest first; where
two could be meant, nobody is paired.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence

from msgspec import Struct, field

from deckgen.identity.normal_form import are_swapped, atoms, cut, similar
from deckgen.identity.same_subject import ask_the_same
from deckgen.identity.similarity_index import Pieces

REASONS = {
    "id": "the id that another tool wrote in the notes",
    "same": "the same question and answer",
    "question": "the same question, another answer",
    "guid": "the same GUID, other words",
    "reworded": "clearly the most alike",
}

_LONG_QUESTION = 8  # characters; "Usage" and "缺点" are asked of everything
_ALIKE, _VOUCHED, _AHEAD, _NEARLY = 80, 50, 10, 60
_MOST_COMPARED = 100_000  # pairs of answers to one question; of more nobody can say which is which


class NoteText(Struct, frozen=True):
    """What is seen of a note, in normal form: `answers` are its other fields, the first of them the answer."""

    question: str
    answers: tuple[str, ...]
    is_cloze: bool
    guid: str = ""  # of a note that deckgen made
    names: frozenset[str] = frozenset()  # ids: of ours those in the notes, of theirs all by which a tool may know it
    asked_media: tuple[str, ...] = ()  # digests of what the question shows and plays
    media: frozenset[str] = frozenset()  # of what the other fields do

    @property
    def answer(self) -> str:
        """The one that counts."""
        return self.answers[0] if self.answers else ""


class Found(Struct, frozen=True):
    """The other of a pair, and why."""

    other: int
    reason: str  # of REASONS


class Result(Struct):
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
        self._pair_ids()
        self._pair_media()
        groups = self._by_question()
        groups = [(self._left(mine), self._free(yours)) for mine, yours in groups]
        for mine, yours in groups:
            self._pair_same(mine, yours)
        for mine, yours in groups:
            self._pair_question(mine, yours)
        self._pair_guid()
        self._pair_reworded()
        return self.result

    def _pair_ids(self) -> None:
        """What another tool wrote beside a card, where one note in Anki alone has it, and one card alone names it."""
        named: dict[str, list[int]] = defaultdict(list)
        for their, face in enumerate(self.theirs):
            for name in face.names:
                named[name].append(their)
        written = Counter(name for face in self.ours for name in face.names)
        for our, face in enumerate(self.ours):
            found = {named[name][0] for name in face.names if written[name] == 1 and len(named[name]) == 1}
            their = found.pop() if len(found) == 1 else -1
            if their >= 0 and their not in self.used and self.theirs[their].is_cloze == face.is_cloze:
                self._add(our, their, "id")

    def _pair_media(self) -> None:
        """The same pictures and sounds, whatever their files are called, and the same words beside them."""
        for is_exact in (True, False):
            groups: dict[Hashable, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
            for side, faces in enumerate((self.ours, self.theirs)):
                for index, face in enumerate(faces):
                    has_media = face.asked_media or (is_exact and face.media)
                    if has_media and not self._is_taken(side, index):
                        behind = face.media if is_exact else None
                        groups[face.is_cloze, face.question, face.asked_media, behind][side].append(index)
            for mine, yours in groups.values():
                self._pair_media_of(mine, yours, is_exact=is_exact)

    def _is_taken(self, side: int, index: int) -> bool:
        return index in (self.used if side else self.result.pairs)

    def _pair_media_of(self, mine: Sequence[int], yours: Sequence[int], *, is_exact: bool) -> None:
        """Of several with the same, those whose answers are the same; or the only two, with answers alike."""
        if not is_exact:
            if len(mine) == len(yours) == 1 and self._answers_alike(mine[0], yours[0]) >= _VOUCHED:
                self._add(mine[0], yours[0], "question")
            return
        by_answer = self._by_answer(list(yours))
        asking = Counter(self.ours[our].answer for our in mine)
        for our in mine:
            answer = self.ours[our].answer
            fits = by_answer.get(answer, [])
            if len(fits) == 1 and asking[answer] == 1 and fits[0] not in self.used:
                self._add(our, fits[0], "same")

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
        by_answer = self._by_answer(yours)
        fits = {our: by_answer.get(self.ours[our].answer, []) for our in mine}
        self._pair_by_guid(fits, "same")
        asking = Counter(self.ours[our].answer for our in self._left(mine))
        claims: Counter[int] = Counter()
        for answer, count in asking.items():
            claims.update(dict.fromkeys(by_answer.get(answer, ()), count))
        # A note that is paired here has no rival, so what the others are left with stays the same.
        free_of = {answer: tuple(self._free(by_answer.get(answer, ()))) for answer in asking}
        for our in self._left(mine):
            free = free_of[self.ours[our].answer]
            if len(free) == 1 and claims[free[0]] == 1:
                self._add(our, free[0], "same")
            elif free:
                self.result.unclear[our] = free

    def _by_answer(self, yours: list[int]) -> dict[str, list[int]]:
        """Those that say it, among others; of the empty answer those that say nothing."""
        found: dict[str, list[int]] = defaultdict(list)
        for their in yours:
            for answer in set(self.theirs[their].answers) or {""}:
                found[answer].append(their)
        return found

    def _pair_question(self, mine: list[int], yours: list[int]) -> None:
        """The same question: alone on both sides, or with clearly the most alike answer."""
        left, free = self._left(mine), self._free(yours)
        self._pair_by_guid(dict.fromkeys(left, free), "question")
        left, free = self._left(left), self._free(free)
        if not left or not free:
            return
        if len(left) * sum(max(1, len(self.theirs[their].answers)) for their in free) <= _MOST_COMPARED:
            self._pair_alike(left, free, is_only=len(mine) == len(yours) == 1)
        still = tuple(self._free(free))
        for our in self._left(left) if still else ():
            self.result.unclear[our] = still

    def _pair_alike(self, left: list[int], free: list[int], *, is_only: bool) -> None:
        likeness = {(our, their): self._answers_alike(our, their) for our in left for their in free}
        if is_only:
            (our,), (their,) = left, free
            if likeness[our, their] >= _VOUCHED or len(self.ours[our].question) >= _LONG_QUESTION:
                self._add(our, their, "question")
                return
        best_of_ours, best_of_theirs = _best_two(likeness, 0), _best_two(likeness, 1)
        for (our, their), score in likeness.items():
            rival = max(_other(best_of_ours[our], score), _other(best_of_theirs[their], score))
            if score >= _ALIKE and rival <= score - _AHEAD and not self._is_swapped(our, their):
                self._add(our, their, "question")

    def _answers_alike(self, our: int, their: int) -> float:
        one, best = self.ours[our].answer, 0.0
        for other in self.theirs[their].answers:
            short, long = sorted((one, other), key=len)
            best = max(best, 100.0 if len(short) >= 4 and short in long else similar(cut(one), cut(other)))
        return best

    def _is_swapped(self, our: int, their: int) -> bool:
        one, other = self.ours[our], self.theirs[their]
        return are_swapped(atoms(one.answer), atoms(" ".join(other.answers)))

    def _pair_by_guid(self, fits: Mapping[int, Sequence[int]], reason: str) -> None:
        """Of several that deckgen made, the one that this project would give that GUID."""
        by_guid: dict[int, dict[str, list[int]]] = {}  # of each list of several
        for our, several in fits.items():
            if id(several) not in by_guid:
                found: dict[str, list[int]] = defaultdict(list)
                for their in several:
                    found[self.theirs[their].guid].append(their)
                by_guid[id(several)] = found
            guid = self.ours[our].guid
            own = self._free(by_guid[id(several)].get(guid, ())) if guid else []
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
            if (
                atoms(face.question) == atoms(other.question)
                and similar(cut(face.question), cut(other.question)) >= _NEARLY
            ):
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
        asked = similar(cut(one.question), cut(other.question))
        said = max((similar(cut(one.answer), cut(answer)) for answer in other.answers), default=0.0)
        if not one.answer and not other.answers:
            said = asked
        if asked < _NEARLY or said < _NEARLY or not ask_the_same(one.question, other.question):
            return 0.0
        if len(one.answer) < 12 and said < 90 and asked < 90:
            return 0.0
        return 0.0 if self._is_swapped(our, their) else (asked + said) / 2


def _text(face: NoteText) -> str:
    return f"{cut(face.question)}\n{cut(face.answer)}"


def _best_two(likeness: Mapping[tuple[int, int], float], side: int) -> dict[int, tuple[float, float]]:
    """The greatest two likenesses of each note of one side."""
    found: dict[int, tuple[float, float]] = {}
    for pair, score in likeness.items():
        first, second = found.get(pair[side], (0.0, 0.0))
        found[pair[side]] = (max(first, score), max(second, min(first, score)))
    return found


def _other(best: tuple[float, float], score: float) -> float:
    """Of the greatest two the one that is not this."""
    return best[1] if score == best[0] else best[0]
