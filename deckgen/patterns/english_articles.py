"""An English noun phrase without an article → the same with the article that a question about it has.

Notes leave articles out: *origin of the concept of kingship* is asked for as *the origin of the concept of kingship*.
"""

from __future__ import annotations

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
    """A phrase in small letters with `the` before it, where it needs one: it is a noun of something, or `prose`, the
    text that it stands in, most often has one before it.
    """
    if (found := _NOUN_OF.match(phrase)) is not None and _is_counted_noun(found[1]):
        return f"the {phrase}" if not names_several(phrase) or _SIDES.match(phrase) else phrase
    if (found := _SMALL.fullmatch(phrase)) is not None and _is_counted_noun(found[1]) and " " in phrase:
        text = prose()
        named = text.count(f"the {phrase}")
        if named and 2 * named >= text.count(phrase):
            return f"the {phrase}"
    return phrase


def _is_counted_noun(word: str) -> bool:
    """Whether a phrase that begins with this word may have an article before it."""
    if word in _DETERMINING or word.endswith(("ing", "ly")):
        return False
    return not is_word(word, "determiner", "verb-s", "finite", "leading", "joining", "past")
