"""An English term and its answer → what speaks against the answer being one to it, as terms of its confidence."""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.extraction.elements.element import Element
from deckgen.extraction.entries.english_sides import is_name_to_name
from deckgen.extraction.entries.leaning import says_which
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_no_fragment
from deckgen.patterns.english_words import WORD, is_adverb, is_word, names_common_thing, names_several
from deckgen.rules.rule import Rule

_GOES_ON = lazy_regex(
    r"\W*(?:with|from|by|of|as|than|because|so that|which|that|and|or|but|then|after which"
    r"|(?i:also|allowing|making|causing|leading|resulting|derived|based|judged)) ",
)
_HEAD = lazy_regex(r"(?!the (?:number|amount|set|list|study|act|process) )([a-z][a-z -]*?) (?=of |on |in |for )")
_TOLD_AT_LENGTH = ("conclusion", "conclusions", "background", "history", "plot", "discussion")
_ONE_FACT = 120  # characters
_INDEFINITE = lazy_regex(r"an? ", 2)
_SHORT_SENTENCE = 60  # characters: what is said of a topic in so few words can be learned


def english_looks_of(element: Element, rule: Rule) -> Iterator[tuple[str, int]]:
    """The terms of an entry that asks for what its label names, where that is English."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or not label.plain.isascii() or not _answers_with(rule, "answer"):
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
    is_topic = not _text(element, "body") and _text(element, "form") != "callout"
    is_named = named.lower() in first[: 2 * len(named) + 10].lower()
    if is_topic and not is_named and len(first) > _SHORT_SENTENCE and why_no_fragment(first.lower()) is not None:
        yield "a topic over a sentence asks nothing", -1


_WAS = lazy_regex(r"What (?:was|were) (?!the |an? )(?P<named>[^?]+)\?")
_DONE = lazy_regex(
    r"(?:[a-z]+(?:ed|en|own|ought)|paid|made|held|kept|built|sold|sent|cut|bound)"
    r" (?:on|to|of|in|by|with|from|as|at|into|onto|over)\b"
)
_DOES = lazy_regex(r"What does .+ [a-z]+\?")
_OF_ONE = lazy_regex(
    r"What (?:does|is|was) (?P<named>[^?]+?) [a-z]+(?: (?:by|of|to|from|with|on|in|for))?\?"
    r"|What (?:is|was) (?P<said>[^?]+)\?"
)
_OTHER_NAME = lazy_regex(r"What is another name for (?P<named>[^?]+)\?")


def role_looks_of(element: Element) -> Iterator[tuple[str, int]]:
    """The terms of a side of something, where that is English."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or label.shown.strip(" *_:").lower() not in _TOLD_AT_LENGTH:
        return
    if "\n" in answer.shown.strip() or len(answer.shown) > _ONE_FACT:
        yield "what takes long to say is no one fact", -3


def facts_looks_of(rule: str, front: str, answer: str) -> Iterator[tuple[str, int]]:
    """The terms of a card that an English sentence makes: whether its question is one that the answer answers."""
    said = answer.lstrip(' *_“"')
    found = _WAS.match(front)
    if found is not None and names_common_thing(found["named"]):
        yield "what something common was, is no definition", -3
    first = WORD.match(said)
    if rule in ("kind", "kinds", "mass") and (_DONE.match(said) or (first is not None and is_adverb(first[0]))):
        yield "the answer says what was done to it, not what it is", -3
    if _DOES.match(front) and first is not None and is_word(first[0], "verb") and not is_word(first[0], "noun"):
        yield "its verb may be a noun", -3
    if (found := _OF_ONE.match(front)) is not None and _is_several(found["named"] or found["said"] or ""):
        yield "its subject is several things, and asked as one", -2
    found = _OTHER_NAME.match(front)
    if rule == "nickname" and found is not None and " " not in found["named"] and names_common_thing(found["named"]):
        yield "one common word says not what has another name", -3
    if " + " in front or " = " in front:
        yield "its subject is a formula or a row of notes", -2


def _is_several(named: str) -> bool:
    """Whether a subject names several things, shown by a plural before its *of* or *on*."""
    head = _HEAD.match(named)
    return head is not None and head.end() < len(named) and names_several(head[1])


def _is_explained(element: Element, label: str) -> bool:
    """Whether what stands above a label says of what it tells the kind."""
    owner = element.value("owner")
    return (
        element.value("about") is not None
        or _text(element, "form") == "heading"
        or (owner is not None and label.lower() in owner.shown.lower())
    )


def _answers_with(rule: Rule, name: str) -> bool:
    return any(slot.name == name for _, template in rule.fields for slot in template.slots())


def _text(element: Element, name: str) -> str:
    passage = element.value(name)
    return passage.shown if passage is not None else ""
