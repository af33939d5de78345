"""An English noun phrase without an article → the same with the article that a question about it has.

Notes leave articles out: *origin of the concept of kingship* is asked for as *the origin of the concept of kingship*.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import is_word as is_part
from deckgen.patterns.english_words import names_several

_NOUN_OF = lazy_regex(r"([a-z][a-z-]+)(?: [a-z][a-z-]+){0,2} of (?=[\w$\\(*\[])")
_SIDES = lazy_regex(
    r"(?:[a-z-]+ )?(?:types|kinds|forms|causes|effects|results|consequences|symptoms|signs|stages|phases|steps|parts"
    r"|components|elements|members|properties|features|characteristics|functions|roles|goals|aims|principles|advantages"
    r"|disadvantages|benefits|limitations|origins|roots|foundations|levels) of "
)
"""Several sides of one thing, which are all of them; other plurals are any of a kind."""
_SMALL = lazy_regex(r"([a-z][a-z-]+)(?: [a-z][a-z-]+){0,3}")
_OF_ONE = lazy_regex(r"(.+ of )([a-z][a-z-]+)")
_TITLE = lazy_regex(r"(?!The |An? )(?:[A-Z][\w-]*(?<!['’]s) )+([A-Z][a-z]+)")
_INSTITUTIONS = (
    "Act", "Agreement", "Amendment", "Army", "Assembly", "Bill", "Church", "Clause", "Commission", "Committee",
    "Compromise", "Convention", "Corollary", "Council", "Court", "Declaration", "Doctrine", "Dynasty", "Edict",
    "Empire", "Foundation", "Institute", "League", "Movement", "Ministry", "Ocean", "Organisation",
    "Organization", "Party", "Proclamation", "Protocol", "Reformation", "Renaissance", "Republic",
    "Restoration", "Revolution", "Sea", "Senate", "Society", "Summit", "Treaty", "Union",
)  # fmt: skip
"""Last words of names that have *the* before them."""
_HEAD = lazy_regex(r" (?:of|in|for|with|from|between|on|at|to|by|that|which) ")
_VOWEL = lazy_regex(r"(?!eu|one\b|uni|us[aeiu]|ut[aei]|ura)[aeiou]|hour|honest|heir")
_MARKS = lazy_regex(r"[*_]{1,3}")
_DETERMINING = (
    "any", "all", "each", "every", "both", "some", "no", "one", "two", "most", "many", "much", "more", "less", "part",
    "kind", "type", "sort", "lack", "use", "either", "another", "which", "what", "such", "half", "plenty", "lots",
    "out", "further", "additional", "other",
)  # fmt: skip
"""Words before *of* with which a phrase has no article."""


def with_article(phrase: str, prose: Callable[[], str], *, is_word: bool = False) -> str:
    """A phrase with the article before it that it needs: it is a noun of something, `prose`, the text that it stands
    in, most often has one before it, or what it names is counted. `is_word`: the question is about the word itself.
    """
    marks = found.group() if (found := _MARKS.match(phrase)) is not None and phrase.count(found.group()) == 2 else ""
    bare = phrase.removeprefix(marks).removesuffix(marks)
    if bare.endswith(marks) and marks:
        return phrase
    article = _article_of(bare, prose, is_word=is_word)
    if found := _OF_ONE.fullmatch(bare):
        phrase = f"{marks}{found[1]}{_with_indefinite(found[2])}{marks}"
    return phrase if article is None else f"{article} {phrase}"


def _article_of(phrase: str, prose: Callable[[], str], *, is_word: bool) -> str | None:
    """The article that a phrase needs, which has none."""
    if (found := _TITLE.fullmatch(phrase)) is not None:
        return "the" if found[1] in _INSTITUTIONS and not is_word else None
    if (found := _NOUN_OF.match(phrase)) is not None and _is_counted_noun(found[1]):
        return "the" if not names_several(phrase) or _SIDES.match(phrase) else None
    if (found := _SMALL.fullmatch(phrase)) is None or not _is_counted_noun(found[1]):
        return None
    if (article := _article_in(prose(), phrase)) is not None or is_word:
        return article
    head = _HEAD.split(phrase, maxsplit=1)[0].split()[-1]
    if is_part(head, "sole"):
        return "the"
    return _indefinite(phrase) if is_part(head, "counted") else None


def _with_indefinite(noun: str) -> str:
    if is_part(noun, "sole"):
        return f"the {noun}"
    return f"{_indefinite(noun)} {noun}" if is_part(noun, "counted") else noun


def _indefinite(phrase: str) -> str:
    return "an" if _VOWEL.match(phrase) else "a"


def _article_in(text: str, phrase: str) -> str | None:
    """The article that a text has before a phrase at least half of the times that it stands there."""
    before = re.findall(rf"(?:\b(the|an?) )?\b{re.escape(phrase)}(?![\w-]| of )", text)
    article, count = max(((one, before.count(one)) for one in ("the", "a", "an")), key=lambda one: one[1])
    least = 1 if " " in phrase else 2  # a lone word may have it once for another reason
    return article if count >= least and 2 * (len(before) - before.count("")) >= len(before) else None


def _is_counted_noun(word: str) -> bool:
    """Whether a phrase that begins with this word may have an article before it."""
    if word in _DETERMINING or word.endswith(("ing", "ly")):
        return False
    return not is_part(word, "determiner", "verb-s", "finite", "leading", "joining", "past")
