"""An English label and what stands behind it → whether the label asks by itself, or needs what it belongs to.

*Publication date: 2014* tells a side of a book, and is asked with it. What stands behind *Athens* may be anything about
it where it is a bare name.
"""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import WORD, is_known, names_common_thing

_LONGEST_QUANTITY = 80  # characters: the expression takes the cube of them at worst
_QUANTITY = lazy_regex(
    r"\W*(?:about|around|approximately|approx\.?|ca?\.|over|under|up to|at least)?\s*[~≈<>≤≥$€£+-]{0,2}\s*\d[\d.,:/%]*"
    r"(?:\s*(?:[-–—~]|to|x|×|\*)\s*[$€£]?\d[\d.,:/%]*)?(?:\s*[\w°%µ²³/.-]+){0,2}\W*",
    2,
)
_COUNTED = lazy_regex(r"(?:two|three|four|five|six|seven|eight|nine|ten|[2-9]|1\d) (?:[a-z-]+ )?[a-z-]+s", 2)
_SMALL = ("of", "the", "and", "de", "von", "van", "da", "di", "al", "a")
_MOST_WORDS = 8


def has_value(label: str, said: str) -> bool:
    """Whether a label counts things, or is of common words with a bare value behind them, and so is asked with its
    owner: *Publication date: 2014*.
    """
    if _COUNTED.fullmatch(label):
        return True
    if not names_common_thing(label):
        return False
    if len(said) <= _LONGEST_QUANTITY and _QUANTITY.fullmatch(said):
        return True
    return not _is_title(label) and is_bare_name(said)


def is_name_to_name(label: str, said: str) -> bool:
    """Whether a name stands behind a name, which may be any fact about it: *Lucknow: Begum Hazrat Mahal*."""
    return not names_common_thing(label) and _is_title(label) and " of " not in label and is_bare_name(said)


def _is_title(label: str) -> bool:
    """Whether all words of a label begin with a capital."""
    return all(word[0].isupper() for word in WORD.findall(label) if word not in _SMALL) and (
        " " in label or not names_common_thing(label)
    )


def is_bare_name(text: str) -> bool:
    """Whether a text is a name in capitals, or a few of them, that no common word explains."""
    words: list[str] = WORD.findall(text)
    if not words or len(words) > _MOST_WORDS or not text.isascii() or any(c in text for c in "=+→()"):
        return False
    named = [word for word in words if word not in _SMALL]
    if not named or any(not word[0].isupper() or word.isupper() for word in named):
        return False
    return any(not is_known(word.lower()) for word in named)
