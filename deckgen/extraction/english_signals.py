"""An English term and its answer → what speaks against the answer being one to it, as terms of its confidence."""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.extraction.elements.element import Element
from deckgen.extraction.entries.dependent_labels import says_which
from deckgen.extraction.entries.english_sides import is_name_to_name
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_no_fragment
from deckgen.patterns.english_words import WORD, is_word
from deckgen.rules.rule import Rule

_GOES_ON = lazy_regex(
    r"\W*(?:with|from|by|of|as|than|because|so that|which|that|and|or|but|then|after which"
    r"|(?i:also|allowing|making|causing|leading|resulting|derived|based|judged)) ",
)
_TOLD_AT_LENGTH = ("conclusion", "conclusions", "background", "history", "plot", "discussion")
_ONE_FACT = 120  # characters
_INDEFINITE = lazy_regex(r"an? ", 2)
_IN_BRACKETS = lazy_regex(r"\([^()]*\)")
_SHORT_NAME = 2  # words
_FEWEST_HEADINGS = 1  # above a label that says what it is of
_SHORT_SENTENCE = 60  # characters: what is said of a topic in so few words can be learned


def english_signals_of(element: Element, rule: Rule) -> Iterator[tuple[str, int]]:
    """The terms of an entry that asks for what its label names, where that is English."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or not label.plain.isascii() or not answers_with(rule, "answer"):
        return
    named, said = label.shown.strip(), answer.shown.strip()
    first, _, below = said.partition("\n")
    if _GOES_ON.match(first):
        yield "the answer only goes on from its label", -2
    if not first.startswith("$") and says_which(named) and not _is_explained(element, named):
        yield "the label says of what kind, and nothing above it of what", -2
    if _INDEFINITE.match(named) and not _INDEFINITE.match(first) and why_no_fragment(first.lower()) is not None:
        yield "the label is one of several, and the answer does not say what it is", -2
    if not below and is_name_to_name(named, first):
        yield "a name behind a name may be any side of it", -2
    is_topic = not element.shown("body") and element.shown("form") != "callout"
    is_named = named.lower() in first[: 2 * len(named) + 10].lower()
    if is_topic and not is_named and len(first) > _SHORT_SENTENCE and why_no_fragment(first.lower()) is not None:
        yield "a topic over a sentence asks nothing", -1
    is_loose = len(_IN_BRACKETS.sub("", named).split()) > _SHORT_NAME or len(element.heading_path()) < _FEWEST_HEADINGS
    is_plain = is_loose and not (is_topic or is_named or element.shown("emphasis") or _begins_with_verb(first))
    if is_plain and why_no_fragment(first.partition(":")[0].lower()) is not None:
        yield "a sentence behind a plain label may say anything of it", -2


def _begins_with_verb(said: str) -> bool:
    """Whether what is said leaves out its subject, which is the label: *stands for truth*."""
    found = WORD.match(said.lower())
    return found is not None and is_word(found[0], "verb-s")


def role_signals_of(element: Element) -> Iterator[tuple[str, int]]:
    """The terms of a side of something, where that is English."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or label.shown.strip(" *_:").lower() not in _TOLD_AT_LENGTH:
        return
    if "\n" in answer.shown.strip() or len(answer.shown) > _ONE_FACT:
        yield "what takes long to say is no one fact", -3


def _is_explained(element: Element, label: str) -> bool:
    """Whether what stands above a label says of what it tells the kind."""
    owner = element.value("owner")
    return (
        element.value("about") is not None
        or element.shown("form") == "heading"
        or (owner is not None and label.lower() in owner.shown.lower())
    )


def answers_with(rule: Rule, name: str) -> bool:
    """Whether the back of a rule's cards holds a value."""
    return any(slot.name == name for _, template in rule.fields for slot in template.slots())
