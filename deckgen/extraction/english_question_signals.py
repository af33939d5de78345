"""A question that an author wrote in English, a list, or what an arrow joins → what speaks against a card of it, as
terms of its confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_no_fragment
from deckgen.patterns.english_words import is_word

_ASKS = lazy_regex(
    r"\W*(?:what|which|who|whom|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|should|will|would|has|have)\b"
    r"|.*?\b(?:what|which|whose|who|whom|where|when|how (?:many|much|long|often|far|do|does|is|are|should|can))\b"
    r"|.*\b(?:by|of|with|in|to|for|from|as)\W*\?",
    re.IGNORECASE | re.DOTALL,
)
_OF_US = lazy_regex(
    r"\b(?:are|were) we\b(?! (?:\w+ed|able|interested|made)\b)"
    r"|\bour (?:own )?(?:company|product|resources|team|business|plan)|\b(?:do|did|should|will|can|am) I\b"
)
_WHAT_THEY = lazy_regex(
    r"\W*((?:what|which|who|whom|when|where|why|how)\b[^?]{0,30}?) ?"
    r"\b(?:did|does|do|is|are|was|were|has|have|had|can|could|will) (?:it|they|he|she)\b",
    re.IGNORECASE,
)
_NAMES = lazy_regex(r" \w+ \w+ \w+ ")
_ORDER = lazy_regex(
    r"\W*(?:find|calculate|compute|determine|solve|prove|suppose|given|let|consider|what is \$?P\()", re.IGNORECASE
)
_POINTS_AWAY = lazy_regex(r"\b(?:that|this|it|them|here|there|these|those|he|she|they)\W*\?", re.IGNORECASE)
_NO_ITEM = lazy_regex(
    r"\W*(?:however|also|but|others?|etc|misc|miscellaneous|notes?|more|overview|introduction|summary|examples?)\W*",
    re.IGNORECASE,
)
_SIDE = lazy_regex(r"\b(?:perspectives?|viewpoints?|points? of view|aspects?|sides?)\W*$", re.IGNORECASE)
_DOES = lazy_regex(
    r"(?:A|An|The) [a-z]+ ([a-z]+s) (?:[*_`]*[A-Z]|(?:in|to|from|on|at|with|into|onto|the|an?|its|their)\b)"
)
_SPEAKER = lazy_regex(
    r"\bthe (?:narrator|speaker|presenter|video|documentary|podcast) (?:say|state|ask|mention|claim|argue)",
    re.IGNORECASE,
)
_SIGN = lazy_regex(r"[?%&→⇒◇!]|::|(?:ex|e\.?g)\b[.:,]", re.IGNORECASE)
_ASIDE = lazy_regex(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)\W*")
_WORKED_OUT = lazy_regex(
    r"=\s*\\[dt]?frac\{\d+\}\{\d+\}|(?<!=)=[^=$\n]{1,200}=(?!=)\s*\d[\d.,]*"
    r"|[\d.]+\s*\\(?:times|cdot)\s*[\d.]+\s*=|^\[\d+\] [\d.]+",
    re.MULTILINE,
)
_LONGEST_SUM = 2000  # characters of an answer in which a calculation is looked for
_NUMBER = lazy_regex(r"\W*\d[\d.,]*\b")
_GIVEN = lazy_regex(r"\d|[a-z]\(")
_ITEM = lazy_regex(r"^[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+", re.MULTILINE)
_COUNTED = lazy_regex(r"\s*\(\d+\)\W*$")
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_LEADING = lazy_regex(r"\W*(?:the )?(\w+) ", re.IGNORECASE)
_ASKED_COUNT = lazy_regex(r"What are the (\d+) ")
_JOINS = lazy_regex(r"\W*(?:so|but|then|thus|hence|also|and|or|now|therefore|however|instead)\b,? ", re.IGNORECASE)
_OF_BEFORE = lazy_regex(r"\W*(?:its|their|his|her|it|they|he|she|some other|these|those|such) ", re.IGNORECASE)
_EXPLAINS_BY = lazy_regex(r"\bfor example\b|\bconsider\b|\bsuppose\b", re.IGNORECASE)
_RELATIVE = lazy_regex(
    r"\w, (?:which|who|where) (?:(?:is|are|was|were|has|have|can)\b|(?!of\b)\w+ (?:the|an?|its|their)\b)"
    r"|\b(?:is|are) what (?:its|the|an?)\b|\bthat (?:the|an?) "
)
_SHORT_QUESTION = 60  # characters: what is longer may have named before what it speaks of
_LONGEST_QUESTION = 800  # characters that are looked through


def question_signals_of(
    front: str, answer: str, *, has_owner: bool = False, is_stem: bool = False
) -> Iterator[tuple[str, int]]:
    """The terms of a question in English that stands in the notes, and what stands behind it."""
    asked = front[:_LONGEST_QUESTION]
    if _SIGN.match(asked):
        yield "the question begins with a sign", -2
    if not _ASKS.match(asked):
        yield "no word of it asks", -2
    elif not has_owner and len(asked) <= _SHORT_QUESTION and _POINTS_AWAY.search(asked):
        yield "the question speaks of something named before", -2
    if is_stem and _RELATIVE.search(asked):
        yield "what asks only joins a clause", -3
    if _OF_US.search(asked):
        yield "the question is one to oneself", -2
    elif not has_owner and (found := _WHAT_THEY.match(asked)) is not None and not _NAMES.search(found[1]):
        yield "the question speaks of somebody named before", -2
    if _SPEAKER.search(asked):
        yield "the question is about what a video says", -3
    if _ORDER.match(asked) or _WORKED_OUT.search(answer[:_LONGEST_SUM]):
        yield "it is an exercise, whose numbers are of use once", -3
    if _ASIDE.fullmatch(answer[:_LONGEST_SUM]):
        yield "the answer is only an aside", -2


def stem_signals_of(front: str) -> Iterator[tuple[str, int]]:
    """The terms of a line that breaks off where its answer begins."""
    asked = front[:_LONGEST_QUESTION]
    if _JOINS.match(asked):
        yield "the question goes on from a sentence before", -3
    elif _OF_BEFORE.match(asked):
        yield "the question speaks of something named before", -2
    elif _EXPLAINS_BY.search(asked):
        yield "a sentence that stands in the question announces what is explained", -3


def arrow_signals_of(label: str, answer: str) -> Iterator[tuple[str, int]]:
    """The terms of two sides of an arrow, or of an equals sign."""
    if _GIVEN.search(label) and _NUMBER.match(answer):
        yield "it is a calculation, whose numbers are of use once", -3


def list_signals_of(front: str, items: str) -> Iterator[tuple[str, int]]:
    """The terms of a list that its front asks for."""
    said = [_ITEM.sub("", line).strip() for line in items.splitlines() if line.strip()]
    named = _bare(_COUNTED.sub("", front))
    if any(map(_NO_ITEM.fullmatch, said)):
        yield "an item of the list names nothing", -3
    if any(_bare(item) == named for item in said):
        yield "the list holds what asks for it", -3
    if len(said) > 2 and said[-1].endswith("."):
        *others, last = (why_no_fragment(item.lower()) is not None for item in said)
        if last and not any(others):
            yield "the last item is a sentence about the others", -2
    if len(said) > 1 and all(map(_SIDE.search, said)):
        yield "the items are sides from which one may look, and not what is asked for", -3


def first_item_signals_of(answer: str) -> Iterator[tuple[str, int]]:
    """The terms of a name over items, the first of which should say what it is: *A user deposits coins* does not."""
    found = _DOES.match(answer)
    if found is None:
        return
    is_verb = is_word(found[1], "verb-s") or is_word(found[1][:-1], "verb")
    if is_verb or answer.startswith(("A ", "An ")):  # one thing, behind which no plural stands
        yield "the first item says what one does, and not what it is", -2


def count_signals_of(label: str, front: str) -> Iterator[tuple[str, int]]:
    """The terms of a number of things: *5 Duties* over four items is the fifth section."""
    said, counted = _LEADING.match(label), _ASKED_COUNT.match(front)
    if said is None or counted is None:
        return
    named = said[1].lower()
    number = int(named) if named.isdigit() else _NUMBERS.index(named) if named in _NUMBERS else None
    if number is not None and number != int(counted[1]):
        yield "it names another number than there are things below it", -3


def _bare(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()
