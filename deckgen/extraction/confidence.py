"""What a rule and its match are worth → how sure it is that a note is a good one: a sum that `explain` shows.

The rule begins it (`confidence:`), and what the match met goes up and down from there, mostly by a point. Under the
level that the project asks for (`confidence:` in deck.yaml) a note is a suggestion: shown, and in no deck before the
learner takes it.

Signals, what speaks for a card and against it, count for the rules that read notes as they are written, not for a
project's own rules. Nothing counts for marks of another tool, whose author asked for the card.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deckgen.extraction.card_signals import asks_examples, signals_of
from deckgen.extraction.elements.element import Element
from deckgen.extraction.english_label_signals import label_signals_of
from deckgen.extraction.english_signals import english_signals_of, role_signals_of
from deckgen.extraction.entries.marks import has_chinese
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Confidence, Draft

if TYPE_CHECKING:
    from deckgen.extraction.attempt import Attempt

POINTS: dict[Confidence, int] = {"maybe": 0, "likely": 3, "sure": 6}
"""What a rule begins with."""
LIKELY, SURE = 2, 5
"""The least that a note has to have."""
_LONG = 600
"""Characters of an answer: near the bound that most rules have."""
_LONGEST_QUESTION = 60
"""Characters of a Chinese question that is one."""
_ASKS = lazy_regex("[?？]")
_LEANS = lazy_regex(
    r"(?:例如|比如|譬如|因为|由于|如果|倘若|所以|因此|但是?|不过|而且|并且|其实|可能(?!性)|也许|大概|最好|建议|尽量|注意|记得|不要|别|请|应该|应当"
    r"|则是?|也是?|还(?![原款])|又(?!称|名|叫)|只需|只要|就(?![业是指])|要(?!求|素)|每[天次个]|是不是|以此|这(?![种类]是?)|那(?!不勒斯)|有点|比较|非常|很|才(?!能|华|子|干|智)|您|对比(?![度色法学剂效]))"
)
"""Beginnings of what says no fact by itself: a remark, an advice, the second half of a sentence."""
_SPEAKS = lazy_regex(r"我们|咱们|大家|(?<![自非本超小大])我(?![国军方执])|你|您")
_SHORT = lazy_regex(r"[\u3400-\u9fff]{1,4}(?:[，,]\s*[\u3400-\u9fff]{1,4}){0,4}[。；]?")
"""Chinese words, alone or in a row, that a body may be without saying what they have to do with its label."""


def confidence_of(points: int) -> Confidence:
    """The level that a sum comes to."""
    return "sure" if points >= SURE else "likely" if points >= LIKELY else "maybe"


def with_confidence(draft: Draft, attempt: Attempt) -> Draft:
    """A draft with its level, and what is added to and taken from that of its rule."""
    level = attempt.rule.confidence
    terms = tuple(_terms(draft, attempt))
    if not terms and draft.confidence == level:
        return draft
    points = POINTS[level] + sum(worth for _, worth in terms)
    return replace(draft, confidence=confidence_of(points), confidence_terms=terms)


def _terms(draft: Draft, attempt: Attempt) -> Iterator[tuple[str, int]]:
    element, rule = attempt.element, attempt.rule
    if rule.pack.startswith("compat/"):  # its author asked for the card
        return
    if element.kind == "entry":
        if doubt := element.value("doubt"):
            yield f"the label may name nothing: {doubt.shown}", -3
        if draft.owner and element.shown("class") == "role":
            yield "a side of something that is named above", 1
        if element.shown("emphasis") == "bold" and element.value("mark"):
            yield "the label is bold, and parted by a mark", 1
        if element.value("more") and not _is_english_term(element):  # where it is the rest of what is said
            yield "a remark stands beside the answer", -1
        if element.shown("class") == "question" and _goes_round(element):
            yield "it asks several things, or at length", -3
        if element.shown("class") == "term" and _repeats(element):
            yield "the answer ends in what is asked", -3
        if element.shown("class") == "term" and _says_little(element):
            yield "a word behind a label may be any side of it", -3
        if element.shown("class") == "term":
            yield from english_signals_of(element, attempt.rule)
            yield from label_signals_of(element, attempt.rule)
        if element.shown("class") == "role":
            yield from role_signals_of(element)
        if element.shown("class") == "term" and (leaning := _LEANS.match(_said(element))) and not asks_examples(draft):
            yield f"what is said of the label begins with “{leaning.group()}”", -2
        if element.shown("class") == "term" and _SPEAKS.search(_said(element)):
            yield "somebody speaks of himself", -1
    if any(attempt.extra_values.get(name) is not None for name in rule.carry):
        yield "its subject is that of the sentence before", -1
    own, others = element.language, element.document.language
    if own and others and own != others and element.kind != "entry":
        yield "it is in another language than its file", -1
    if "~~" in draft.answer:
        yield "some of the answer is struck out", -3
    if rule.is_shipped:
        yield from signals_of(draft, attempt)
    elif len(draft.answer) >= _LONG:
        yield "the answer is long", -1


def _is_english_term(element: Element) -> bool:
    label, found = element.value("label"), element.value("class")
    return label is not None and label.plain.isascii() and found is not None and found.shown == "term"


def _goes_round(element: Element) -> bool:
    """Whether a Chinese question is several, or as long as a speech."""
    label = element.value("label")
    if label is None or not has_chinese(label.plain):
        return False
    return len(label.plain) > _LONGEST_QUESTION or len(_ASKS.findall(label.plain)) > 1


def _repeats(element: Element) -> bool:
    """Whether a Chinese answer says what belongs to a label, and not what that is: …都属于甲 of 甲."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or not has_chinese(label.plain):
        return False
    return answer.shown.strip(" 。；\n").endswith(f"属于{label.shown}")


def _says_little(element: Element) -> bool:
    """Whether all that stands behind a Chinese label is a word or two."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or not has_chinese(label.plain) or element.value("emphasis"):
        return False
    if any(word in label.plain for word in ("的", "最", "唯一", "第一")):
        return False  # it says what of: 地壳中含量最多的元素
    return _SHORT.fullmatch(answer.shown.strip()) is not None


def _said(element: Element) -> str:
    """What stands behind a Chinese label."""
    label, body = element.value("label"), element.value("body")
    return body.plain.strip() if label is not None and body is not None and has_chinese(label.plain) else ""
