"""The front and the answer of an English card → whether the front gives the answer away."""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import WORD, is_adverb, is_word

_SMALL = frozenset({
    "of", "in", "on", "at", "to", "for", "by", "with", "from", "as", "and", "or", "into", "between", "is", "are", "be",
    "which", "who", "one", "something", "anything", "it", "its", "what", "usually",
})  # fmt: skip
_SAYING = frozenset({
    "denote", "denotes", "express", "expresses", "indicate", "indicates", "show", "shows", "mean", "means", "describe",
    "describes", "form", "forms", "make", "makes", "give", "gives", "provide", "provides", "process", "result",
})  # fmt: skip
"""Words of an answer that say nothing of what is asked."""
_ENDING = lazy_regex(r"(?:e?s|ed|ing|e)$")
_LONGEST = 60  # characters of an answer that a front may hold
_INITIALS = lazy_regex(r"\b[A-Z]{2,6}\b")
_NO_WORDS = lazy_regex(r"[\d$`=<>{}\\]")


def gives_away(front: str, answer: str) -> bool:
    """Whether all that an answer says stands in its front, as words of one kin or as initials: *Ablative of Cause: what
    is the ablative used for?* and *to express cause*.
    """
    if len(answer) > _LONGEST or not answer.isascii() or _NO_WORDS.search(answer):
        return False
    said = _telling(answer)
    if not said:
        return False
    asked: list[str] = WORD.findall(front)
    if _are_words_of(said, asked):
        return True
    begun = "".join(word[0] for word in said).upper()
    return len(said) > 1 and all(word[0].isupper() for word in said) and begun in _INITIALS.findall(front)


def is_label_again(label: str, answer: str) -> bool:
    """Whether an answer only says the words of its label again, or writes them apart: *windspeed* and *wind speed*."""
    if len(answer) > _LONGEST or not answer.isascii() or _NO_WORDS.search(answer + label):
        return False
    said = _telling(answer)
    return bool(said) and (
        _are_words_of(said, WORD.findall(label)) or "".join(said).lower() == label.strip(" *_`").lower()
    )


def _are_words_of(said: list[str], asked: list[str]) -> bool:
    return set(map(_stem, said)) <= set(map(_stem, asked))


def _stem(word: str) -> str:
    return _ENDING.sub("", _ENDING.sub("", word.lower()))


def _telling(answer: str) -> list[str]:
    """The words of an answer that say something."""
    words: list[str] = WORD.findall(answer)
    return [
        word
        for word in words
        if not (
            word.lower() in _SMALL
            or word.lower() in _SAYING
            or is_word(word.lower(), "determiner")
            or is_adverb(word.lower())
        )
    ]
