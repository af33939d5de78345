"""A question as a reader sees it → the forms in which two questions are the same.

`visible` takes off what is no part of a question: HTML tags, an icon at its ends, a number in front of it, the
attributes of a heading. `same_subject` takes it apart. The other functions say what an author changes in Latin script
without asking anything else: letter case, articles and plurals, slips, words that come or go. docs/identity.md has
their table of examples.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from deckgen.markdown.lazy_regex import lazy_regex

_TAGS = "a|abbr|b|big|br|center|code|del|details|div|em|font|h[1-6]|i|img|ins|kbd|mark|p|s|small|span|strong|summary|u"
_TAG = lazy_regex(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ATTRIBUTES = lazy_regex(r"\s*\{[#.:][^{}]*\}$")
_SHORTCODE = lazy_regex(r"(?<![\w:]):[a-z][a-z0-9_+-]+:(?![\w:])")
# Pictographs, dingbats and arrows with a picture; not the degree sign, ♀, ♂ or the suits, which may be what is asked.
_ICON = (
    "\u2300-\u23ff\u25a0-\u25ff\u2600-\u263f\u2668-\u27bf\u2b00-\u2bff\u3030\u303d\u3297\u3299\u20e3\u200d\ufe0e\ufe0f"
    "\U0001f000-\U0001faff"
)
_ICONS = lazy_regex(rf"^[{_ICON}\s]+|[{_ICON}\s]+$")
_NUMBER = lazy_regex(r"^(?:Q(?:uestion)?[ .]?\d{0,3}|\(?\d{1,3}|[a-z](?=\)))[.:)]\)?\s+(?=\S)", re.IGNORECASE)


def visible(question: str) -> str:
    """The normal form of a question without its decoration; as it is where nothing else is in it."""
    text = question
    if "<" in text:
        text = _TAG.sub(" ", text)
    if "{" in text:
        text = _ATTRIBUTES.sub("", text)
    if ":" in text:
        text = _SHORTCODE.sub(" ", text)
    if not text.isascii():
        text = _ICONS.sub("", text)
    text = _NUMBER.sub("", text.strip())
    text = " ".join(text.split())
    return text if any(map(str.isalnum, text)) else question


_LAST_SIGN = lazy_regex(r"\S\s+[*_]*([.,:;!?\u2026]+)[*_]*\s*$")


def last_sign(markdown: str) -> str:
    """The sign that stands alone at the end of a question, and that its normal form has not: `Operator .`."""
    found = _LAST_SIGN.search(markdown) if markdown and markdown.rstrip(" *_")[-1:] in ".,:;!?\u2026" else None
    return found[1] if found else ""


_WORD = lazy_regex("(?![A-Z]{2,}[a-z]$)[A-Za-z\u00c0-\u024f]{3,}")  # GIPs are several GIP, and not GIPS


def cased_alike(words: Sequence[str]) -> tuple[str, ...]:
    """Words of three letters or more in small letters; one and two letters are symbols, options, abbreviations."""
    return tuple(
        word.lower() if _WORD.fullmatch(word) and not is_name else word
        for word, is_name in zip(words, _names(words), strict=True)
    )


_CODE_BEFORE, _CODE_AFTER = frozenset("_.$@#/\\:-"), frozenset("_=")


def _names(words: Sequence[str]) -> list[bool]:
    """Whether each word touches a sign of code and so is a name: `Date()` is not `DATE()`."""
    return [
        (number > 0 and words[number - 1] in _CODE_BEFORE)
        or (number + 1 < len(words) and words[number + 1] in _CODE_AFTER)
        or tuple(words[number + 1 : number + 3]) == ("(", ")")
        for number in range(len(words))
    ]


_ARTICLES = frozenset(["a", "an", "the"])
_BEING = frozenset(["is", "are", "was", "were"])


def stems(words: Sequence[str]) -> tuple[str, ...]:
    """Words in small letters and in the singular, without articles, possessives and a form of *to be* at the end."""
    kept: list[str] = []
    for number, (word, singular) in enumerate(zip(words, _singulars(words), strict=True)):
        if word == "'" or (word == "s" and number and words[number - 1] == "'"):
            continue
        if len(words) > 1 and (singular == "an" or singular == "the" or word == "a" or (word == "A" and not number)):
            continue
        if number and number == len(words) - 1 and singular in _BEING:  # a verb that the rule captured
            continue
        kept.append(singular)
    return tuple(kept)


def _singulars(words: Sequence[str]) -> list[str]:
    return [word if is_name else _singular(word) for word, is_name in zip(words, _names(words), strict=True)]


def _singular(word: str) -> str:
    lower = word.lower()
    if not word.isalpha() or len(word) < 3:
        return lower if lower in _ARTICLES or lower in _BEING else word
    if word.isupper():
        return lower
    if word.endswith("s") and word[:-1].isupper():  # APIs
        return lower[:-1] if len(word) > 3 else word[:-1]
    if len(lower) > 4 and lower.endswith("ies"):
        return lower[:-3] + "y"
    if len(lower) > 4 and lower.endswith(("sses", "shes", "ches", "xes", "zes")):
        return lower[:-2]
    if len(lower) > 3 and lower.endswith("s") and not lower.endswith(("ss", "us", "is")):
        return lower[:-1]
    return lower


_VOWELS = frozenset("aeiouy")


def is_slip(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists of stems differ in one long word by a vowel, or a doubled letter, more or less, or by two
    letters exchanged: what a finger does, and no pair of terms that is known to differ so.
    """
    if len(one) != len(other):
        return False
    apart = [(a, b) for a, b in zip(one, other, strict=True) if a != b]
    if len(apart) != 1:
        return False
    short, long = sorted(apart[0], key=len)
    if not (short + long).isalpha() or not (short + long).isascii() or (short + long).lower() != short + long:
        return False
    if len(short) < (7 if len(one) == 1 else 6) or short[:2] != long[:2]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(short, long, strict=False)) if a != b), len(short))
    if len(short) == len(long):
        return short[start : start + 2] == long[start : start + 2][::-1] and short[start + 2 :] == long[start + 2 :]
    if len(long) != len(short) + 1 or short[start:] != long[start + 1 :]:
        return False
    if start == len(short):  # `franchise`, `franchisee`; but `medicin`, `medicine`
        return long.endswith("ine")
    return long[start] in _VOWELS or long[start] in (long[start - 1], long[start + 1])


# Words that make another question, or another thing, wherever they come or go. No such list is complete: it only adds
# to the conditions that there are without it.
_TELLING_WORDS = """
what why how when where who whom whose which used use uses using purpose difference differences different between
versus vs advantage advantages disadvantage disadvantages benefit benefits drawback drawbacks pros cons example
examples not no non nor never without neither none cannot except unlike false true anti pseudo half semi quasi
first second third fourth fifth last next previous former latter left right upper lower inner outer inside outside
top bottom front back high low higher lower highest lowest max min maximum minimum greater less least most more
positive negative conditional unconditional direct indirect active passive primary secondary tertiary internal
external global local public private static dynamic absolute relative open closed single double triple multiple
old new early late before after north south east west
"""
_TELLING = frozenset(_TELLING_WORDS.split())
_BRACKETS = frozenset("()[],&/")


def only_more_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether one list of words is the other with words more that tell nothing apart, plurals and letter case aside.

    A word in the place of an article is a word in the place of another: *an ion channel*, *voltage-gated ion channel*.
    A single word that is left needs its company behind it: a conditional GAN is another thing than a GAN.
    """
    forms = [_singulars(words[:-1] if len(words) > 1 and words[-1] in _BEING else words) for words in (one, other)]
    less, more = sorted(forms, key=lambda words: len(words) - _articles(words))
    extra: list[str] = []
    for tag, start, end, other_start, other_end in edits_of(less, more):
        if tag == "replace" or (tag == "delete" and not _ARTICLES.issuperset(less[start:end])):
            return False
        if tag == "insert":
            extra += more[other_start:other_end]
    said = [word for word in extra if word not in _ARTICLES]
    shared = [word for word in less if word not in _BRACKETS and word not in _ARTICLES]
    if not said or not shared or not all(map(_is_plain, said)) or not all(map(_is_western, less)):
        return False
    return len(shared) > 1 or next(word for word in more if word not in _ARTICLES) == shared[0]


def _articles(words: Sequence[str]) -> int:
    return sum(word in _ARTICLES for word in words)


def edits_of(words: Sequence[str], others: Sequence[str]) -> Any:
    """What makes the one row of words of the other."""
    from rapidfuzz.distance import Levenshtein

    return Levenshtein.opcodes(words, others)


def _is_western(word: str) -> bool:
    return all(char < "\u0370" or "\u1e00" <= char < "\u2e80" for char in word)


def _is_plain(word: str) -> bool:
    return word in _BRACKETS or (_is_latin(word) and len(word) > 1 and word.lower() not in _TELLING)


def _is_latin(word: str) -> bool:
    return word.isalpha() and all(char < "\u0250" for char in word)
