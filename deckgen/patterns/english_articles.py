"""An English noun phrase without an article → the same with the article that a question about it has.

Notes leave articles out: *origin of the concept of kingship* is asked for as *the origin of the concept of kingship*.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import is_word, names_several

_NOUN_OF = lazy_regex(r"([a-z][a-z-]+)(?: [a-z][a-z-]+){0,2} of (?=[\w$\\(*\[])")
_SIDES = lazy_regex(
    r"(?:[a-z-]+ )?(?:types|kinds|forms|causes|effects|results|consequences|symptoms|signs|stages|phases|steps|parts"
    r"|components|elements|members|properties|features|characteristics|functions|roles|goals|aims|principles|advantages"
    r"|disadvantages|benefits|limitations|origins|roots|foundations|levels) of "
)
"""Several sides of one thing, which are all of them; other plurals are any of a kind."""
_SMALL = lazy_regex(r"([a-z][a-z-]+)(?: [a-z][a-z-]+){0,3}")
_DETERMINING = (
    "any", "all", "each", "every", "both", "some", "no", "one", "two", "most", "many", "much", "more", "less", "part",
    "kind", "type", "sort", "lack", "use", "either", "another", "which", "what", "such", "half", "plenty", "lots",
    "out", "further", "additional", "other",
)  # fmt: skip
"""Words before *of* with which a phrase has no article."""


def with_article(phrase: str, prose: Callable[[], str]) -> str:
    """A phrase in small letters with the article before it that it needs: it is a noun of something, or `prose`, the
    text that it stands in, most often has one before it.
    """
    if (found := _NOUN_OF.match(phrase)) is not None and _is_counted_noun(found[1]):
        return f"the {phrase}" if not names_several(phrase) or _SIDES.match(phrase) else phrase
    if (found := _SMALL.fullmatch(phrase)) is None or not _is_counted_noun(found[1]):
        return phrase
    article = _article_in(prose(), phrase)
    return phrase if article is None else f"{article} {phrase}"


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
    return not is_word(word, "determiner", "verb-s", "finite", "leading", "joining", "past")
