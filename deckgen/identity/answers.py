"""Two answers, in their normal forms → whether they are the same, or one and the same edited."""

from __future__ import annotations

from deckgen.identity.normal_form import similar
from deckgen.identity.same_subject import denies, is_exchanged, stems_of
from deckgen.identity.visible_question import visible
from deckgen.markdown.lazy_regex import lazy_regex

_WORD = lazy_regex(r"[A-Za-z\u00c0-\u024f]{3,}")
_OTHER_SCRIPT = lazy_regex("[\u0370-\u1dff\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]")
_LEAST = 6  # characters of an answer that can be like another


def same_answer_form(answer: str) -> str:
    """What two answers have in common that are the same as they are seen: letter case in words aside."""
    return _WORD.sub(lambda found: found[0].lower(), visible(answer))


def is_latin(text: str) -> bool:
    """Whether a text is in Latin script: articles, plurals and slips are those of its languages."""
    return text.isascii() or not _OTHER_SCRIPT.search(text)


def are_same(one: str, other: str) -> bool:
    """Whether two answers are the same as they are seen; no two empty ones are."""
    return bool(one) and (one == other or same_answer_form(one) == same_answer_form(other))


def goes_on(one: str, other: str) -> bool:
    """Whether one answer is the other with more said: it begins with it, or has nearly all of its words in order."""
    short, long = sorted((same_answer_form(one), same_answer_form(other)), key=len)
    if len(short) + len(_OTHER_SCRIPT.findall(short)) < 12:  # a Chinese character says what two letters do
        return False
    if long.startswith(short) and not long[len(short) : len(short) + 1].isalnum():
        return True
    words, others = short.split(), long.split()
    if len(words) < 5 or _common(words, others) < 0.85 * len(words):
        return False
    return _denials(words) == _denials(others[: len(words) + 3])


def without_question(answer: str, question: str) -> str:
    """An answer without its question and a colon in front of it: a section may begin with a definition."""
    begin = question + ":"
    return answer[len(begin) :].lstrip() if question and answer.startswith(begin) else answer


_TOKEN = lazy_regex(r"[-\u2212]?\d+(?:\.\d+)*|[A-Za-z\u00c0-\u024f]+|\w")


def has_gained(one: str, other: str) -> bool:
    """Whether one answer has all words of the other in one piece: as its beginning, or six letters of it or more.

    The other may be short, so that the place has to vouch as well.
    """
    less, more = sorted((_TOKEN.findall(one), _TOKEN.findall(other)), key=len)
    if not less:
        return False
    piece, whole = f" {' '.join(less)} ".lower(), f" {' '.join(more)} ".lower()
    return whole.startswith(piece) or (sum(map(len, less)) >= _LEAST and piece in whole)


def _denials(words: list[str]) -> int:
    return sum(denies(word) for word in words)


def _common(words: list[str], others: list[str]) -> int:
    from rapidfuzz.distance import LCSseq

    return int(LCSseq.similarity(words, others))


def are_same_in_stems(one: str, other: str) -> bool:
    """Whether two answers are the same but for articles and plurals."""
    if not one or not other or not is_latin(one + other):
        return False
    return are_same(one, other) or stems_of(one) == stems_of(other)


def alike(one: str, other: str, *, least: int = 0, forgives_slips: bool = False) -> bool:
    """Whether one answer is the other edited: no word in the place of another, no denial more or less.

    `least`: how similar they are at least, from 0 to 100.
    """
    shorter = min(len(one), len(other))
    if shorter < _LEAST:
        return False
    wanted = max(least, 50 if shorter >= 20 else 70)
    return similar(one, other) >= wanted and not is_exchanged(one, other, forgives_slips=forgives_slips)


def alike_despite_exchange(one: str, other: str) -> bool:
    """Whether one answer is the other edited although a word stands in the place of another: `material`, `matter`."""
    shorter = min(len(one), len(other))
    return shorter >= 12 and similar(one, other) >= 75
