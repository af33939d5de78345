"""What no note of the shipped packs may be: faults that `lint` calls errors, so that a default build makes none."""

from __future__ import annotations

from deckgen.extraction.rivals import bare
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft

LIKE = 0.6
"""Of two answers about one thing: how much of the longer one the shorter one is for both to be one fact."""

_JOINS = lazy_regex(
    r"^\W*(?:"
    # *Because* answers a question that begins with *why*; `AND`, `OR` are gates.
    r"(?:[Aa]nd|[Oo]r|(?i:but|so|which|whereas|thus|therefore|hence|however|although|moreover|furthermore|then))\b[ ,]"
    r"|但是|但(?=[它他她这那其也又还在是有要不，])|而且|并且|因此|所以|然而|不过|以及|或者|而是|从而|于是|另外|此外|否则)"
)
_CUT = lazy_regex(r"[:：][\s*_]*$")
_LETTER = lazy_regex(r"[^\W\d_]")


def cut_words(answer: str) -> str:
    """The words by which an answer shows that it was cut: it begins with a joining word, or breaks off."""
    text = answer.strip()
    found = _JOINS.match(text) or _CUT.search(text)
    return found.group().strip() if found else ""


def has_no_letter(front: str) -> bool:
    """Whether a front holds no letter of any script: nothing is asked. A picture and a formula are looked at."""
    return not _LETTER.search(front) and "](" not in front


def is_same_fact(one: Draft, other: Draft) -> bool:
    """Whether two notes of one line tell one fact: they ask about the same thing, and an answer holds the other."""
    here, there = one.origin.span, other.origin.span
    if here.path != there.path or here.line != there.line or one.kind != other.kind:
        return False
    if one.origin.text not in other.origin.text and other.origin.text not in one.origin.text:
        return False
    less, more = sorted((_said(one), _said(other)), key=len)
    if not less or less not in more:
        return False
    asked, asked_too = sorted((bare(one.question), bare(other.question)), key=len)
    if asked and one.key and other.key and bare(one.key[-1]) == bare(other.key[-1]) and more.startswith(less):
        return True  # a definition, and all that stands below the same name
    return bool(asked) and asked in asked_too and len(less) >= LIKE * len(more)


def _said(draft: Draft) -> str:
    return bare(draft.fields[1][1]) if len(draft.fields) > 1 else ""
