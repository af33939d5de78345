"""English phrases by the parts of speech of their words: whether one names something, and in which letter case.

A word is what it most often is, by a list; a word not listed is recognised by its ending, or taken for a noun. That is
enough to know a noun phrase from a clause, an adverb or a lone adjective, and costs a few milliseconds, once.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from deckgen.markdown.lazy_regex import lazy_regex

WORD = lazy_regex(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_BEGINS_WITH_CAPITAL = lazy_regex(
    r"(?:[*_]|\[\[(?:[^\[\]|]*\|)?)*(?:(A|An|The) +)?([A-Z][a-z]+)(?![\w&/+#.:’'-]*[A-Z0-9])(?=$|[ ,)*_’'\]-])"
)
_ADVERB = lazy_regex(r"[a-z]{3,}ly")
_ADJECTIVE = lazy_regex(r"[a-z]{2,}(?:ous|ful|less|able|ible|ary|ish)")
_MASS = lazy_regex(
    r"[a-z]{2,}(?:tion|sion|ment|ness|ity|sis|ism|logy|graphy|ance|ence|ship|hood|ware|ysis|osis|aemia|emia|phobia|"
    r"philia|genesis|lysis|ics|dom|cy)"
)


_OF_KIND = lazy_regex(r"[a-z]{3,}(?:sive|tive|oral|ular|oidal|inal|onal|ental|elial|ated|ised|ized)")
_DESCRIBING = ("ous", "ive", "ed", "ical", "onal", "ial", "ular")
_COUNTED = ("ion", "ist", "oid", "ase", "ose", "yte", "ome", "gen", "phyte", "ocus", "ule", "ite", "plasm")


_ARTICLES = ("a", "an", "the")
_NO_VERBS = ("means", "needs", "works", "goods", "sales", "savings", "looks")
_PARTICLES = ("out", "up", "down", "off", "away", "back")


@cache
def _words() -> dict[str, frozenset[str]]:
    rows = Path(__file__).with_name("english_words.txt").read_text("utf-8").splitlines()
    parts = (row.partition(": ") for row in rows if not row.startswith("#"))
    return {part: frozenset(words.split()) for part, _, words in parts}


def is_word(word: str, *parts: str) -> bool:
    """Whether a word, in small letters, most often is one of these parts of speech."""
    return any(word in _words()[part] for part in parts)


def is_adverb(word: str) -> bool:
    """Whether it is an adverb, by the list or by its ending."""
    return is_word(word, "adverb") or (
        not is_word(word, "no-adverb")
        and _ADVERB.fullmatch(word) is not None
        and not is_word(word, "noun", "adjective", "verb", "plural")
    )


def is_known(word: str) -> bool:
    """Whether the list has a word."""
    return any(
        word in words
        for part, words in _words().items()
        if part not in ("name", "no-adverb", "finite", "joining", "leading", "relative", "counted", "sole")
    )


def _is_adjective(word: str) -> bool:
    """Whether a word cannot stand alone as a noun."""
    if is_word(word, "adjective", "past", "participle"):
        return True
    return not is_known(word) and _ADJECTIVE.fullmatch(word) is not None


def is_lone_adjective(word: str) -> bool:
    """Whether a single word, in small letters, is an adjective that names nothing by itself: *intrusive*."""
    if is_word(word, "noun", "plural") or is_word(word, "name"):
        return False
    return _is_adjective(word) or (not is_known(word) and _OF_KIND.fullmatch(word) is not None)


def names_common_thing(label: str) -> bool:
    """Whether an English label is of common words alone, *Publication date*, and so no name of its own."""
    words: list[str] = WORD.findall(label)
    if not words or not label.isascii() or any(c.isdigit() for c in label):
        return False
    if any(not (word[1:].islower() or len(word) == 1) for word in words):
        return False
    return all(is_known(word.lower()) or is_word(word.lower(), "determiner") or word in _SMALL for word in words)


_SMALL = ("of", "in", "for", "to", "on", "at", "with", "and", "or", "by", "the", "a", "an", "per")


def why_no_noun_phrase(text: str) -> str | None:
    """Why a phrase, in small letters, names nothing; None where nothing speaks against it."""
    words: list[str] = WORD.findall(text)
    if not words or not words[0].isascii():
        return None
    first, last = words[0], words[-1]
    if negated := next((word for word in words if word.endswith("n't")), None):
        return f"“{negated}” is a verb"
    if first in ("more", "most", "less", "least", "better", "best", "fewer", "worse", "worst"):
        return f"it begins with “{first}”"
    if is_adverb(first):
        return f"it begins with an adverb, “{first}”"
    if is_word(first, "verb") and len(words) > 1 and (words[1] in _PARTICLES or is_word(words[1], "determiner")):
        return f"it begins with a verb, “{first}”"
    if is_word(first, "noun") and words[1:2] == ["the"]:
        return f"it begins with an order, “{first}”"
    if len(words) > 1 and is_word(first, "verb-s") and not is_word(first.removesuffix("s"), "noun"):
        return None if first in _NO_VERBS else f"it begins with a verb, “{first}”"
    named = words[1:] if is_word(first, "determiner") else words
    if len(named) == 1 and text.endswith(last) and _is_adjective(named[0]):
        return f"“{named[0]}” alone names nothing"
    for word, after in zip(words[1:], [*words[2:], ""], strict=False) if len(words) > 2 else ():
        if is_word(word, "verb-s") and (after in _ARTICLES or not is_word(word.removesuffix("s"), "noun")):
            return f"“{word}” is a verb"  # `system calls` are several calls
    return f"it ends in an adverb, “{last}”" if len(words) > 1 and is_adverb(last) else None


def in_sentence_case(text: str, following: str = "", small_words: Callable[[], frozenset[str]] = frozenset) -> str:
    """A phrase that a sentence began with, as it reads inside of one: `Market cap` is `market cap`, `Python` stays.

    `following`: what stands behind it there. What looks like several and *is* one thing is a name, as `Cityscapes`.
    `small_words`: words that the same text has in small letters elsewhere, and so are no names.
    """
    found = _BEGINS_WITH_CAPITAL.match(text)
    if found is None:
        return text
    article, word = found.group(1), found.group(2)
    lowered = word.lower()
    behind: list[str] = WORD.findall(text[found.end() :])
    if any(not other.islower() for other in behind[: 2 if behind[:1] == ["of"] else 1]) or is_word(lowered, "name"):
        return text  # a name of several words, or one that only looks like a word
    is_one_of_many = not article and not behind and lowered.endswith("s") and _MASS.fullmatch(lowered) is None
    if is_one_of_many and following.split()[:1] in (["is"], ["was"], ["has"], ["does"]):
        return text
    if not _is_lowered(lowered, article or "", behind):
        is_verb = is_known(lowered) and not is_word(lowered, "noun")  # which a text may have whatever the name is
        if is_verb or lowered not in small_words():
            return text
    start = found.start(2)
    return text[:start] + lowered + text[start + len(word) :]


def _is_common(word: str) -> bool:
    if word.endswith("ing"):
        return is_known(word) or is_known(word[:-3]) or is_known(word[:-3] + "e")
    return is_known(word) or _MASS.fullmatch(word) is not None


def _is_lowered(word: str, article: str, behind: list[str]) -> bool:
    is_common = _is_common(word) or (bool(behind) and word.endswith(_DESCRIBING) and is_known(behind[0]))
    if article in ("A", "An"):
        return is_common or word.endswith(_COUNTED)
    if not is_common:
        return word.endswith(("ers", "ors")) or (word.endswith("s") and is_word(word[:-1], "noun"))
    if article or behind:
        return True
    if word.endswith("s") and _MASS.fullmatch(word) is None and not word.endswith("ss"):
        return is_word(word, "plural") or is_word(word[:-1], "noun")
    return is_word(word, "uncounted") or _MASS.fullmatch(word) is not None


def names_several(phrase: str) -> bool:
    """Whether an English phrase names several things: its noun, the last word before any *of* or *in*, is a plural."""
    found = re.split(r" (?:of|in|for|with|from|between|that|which|when|against|to|on|by) ", phrase.lower(), maxsplit=1)[
        0
    ]
    words: list[str] = WORD.findall(found)
    if not words or not phrase.isascii():
        return False
    last = words[-1]
    if _MASS.fullmatch(last):
        return False  # economics
    return is_word(last, "plural") or (last.endswith("s") and is_word(last[:-1], "noun") and not is_word(last, "noun"))


def in_singular(name: str) -> str | None:
    """The name of one of several things: *Endings* are each an *Ending*; None where it is no plural for sure."""
    words: list[str] = WORD.findall(name)
    if not words or not name.endswith(words[-1]) or (not words[-1].islower() and words[-1] != words[-1].capitalize()):
        return None
    if any(word in _SMALL for word in words):
        return None  # the number of tasks is one
    last = words[-1].lower()
    if not last.endswith("s") or last.endswith(("ss", "us", "is", "ics", "ies")) or last in _NO_VERBS:
        return None
    is_plural = is_word(last[:-1], "noun", "counted", "ing") or last.endswith(("tions", "ours"))
    return name[:-1] if is_plural and not is_word(last, "noun") else None
