"""A card as one sees it → signals for and against it: terms of its confidence.

Which terms there are, and what they are worth, comes from cards that readers judged, in English and in Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from deckgen.extraction.chinese_signals import chinese_signals_of
from deckgen.extraction.elements.element import Element
from deckgen.extraction.english_fact_signals import sentence_signals_of
from deckgen.extraction.english_question_signals import (
    arrow_signals_of,
    count_signals_of,
    first_item_signals_of,
    list_signals_of,
    question_signals_of,
    stem_signals_of,
)
from deckgen.extraction.entries.addresses import is_reference
from deckgen.extraction.given_away import gives_away, is_label_again
from deckgen.extraction.widths import WIDE, width_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft

if TYPE_CHECKING:
    from deckgen.extraction.attempt import Attempt

GIVEN_AWAY = "the question says the answer"
"""The reason of a card that asks nothing."""
IN_EXAMPLE = "the heading says that it is an example"
_LONG, _VERY_LONG = 120, 300  # columns of an answer, of which a Chinese character takes two
_LONG_LIST, _VERY_LONG_LIST = 240, 600  # the same where the front asks for a list
_WHOLE = 20  # columns of a question that can stand for itself
_FEW, _MANY = 2, 7  # items of an answer, and of such a one
_FEWEST_CAPITALS = 2  # of initials
_NAMED_FROM_OUTSIDE = ("entry", "cell", "table_row", "list_item")
_NO_TEXT = lazy_regex(
    r"^```.*?^```|^~~~.*?^~~~|!\[[^\]\n]{0,300}\]\([^)\n]{0,300}\)|\$\$[^$]*\$\$|\$[^$\n]*\$", re.MULTILINE | re.DOTALL
)
"""Code blocks, pictures and formulas, whose source is longer than what one reads."""
_ITEM = lazy_regex(r"^([ \t]*)(?:[-*+]|\d{1,3}[.)])[ \t]", re.MULTILINE)
_ONLY_NUMBER = lazy_regex(r"^\W*\d{1,2}[a-e]?[^\w°%℃]*(?:[:：的]|$)")  # of a row or an item; 404 is a name
_DEICTIC = lazy_regex(
    r"\b(?:this|these|the (?:above|former|latter))\b|上述|以上|这[个种些里样]|该(?!当)", re.IGNORECASE
)
_NAMELESS = lazy_regex(
    r"\b(?:between|of|in) the (?:two|three|four|five) [a-z]+(?=\W*(?::|\(\d+\)|\?|$))"
    r"|^(?:the )?(?:two|three|four|five|six|[2-9]) (?:[a-z ]+ )?(?:types|kinds|forms|classes|stages) of [^:]+: "
    r"\*{0,2}(?:importance|functions?|structure|purpose|uses?|role|definition)\b",
    re.IGNORECASE,
)
_LETTERS = lazy_regex(r"[^\W_]+")
_ARTICLE = lazy_regex(r"(?:the|an?) ")
_SHORTEST_SAID = 3  # characters of an answer that a heading gives away
_LONGEST_END = 60  # characters behind which nothing is looked for: the expression tries each of them
_BREAKS_OFF = lazy_regex(r"(?:\betc\.?|\.\.\.|…|等等|-->|[-=]>|[→⇒])\W*$", re.IGNORECASE)
_ENDS_OPEN = lazy_regex(r"[a-z,] (?:either|and|or|the|an?|which|because|than|including)[ \t]*$")
_ONLY_LINK = lazy_regex(r"\W*\[[^\[\]]*\]\(https?://[^()\s]*\)\W*|\W*<?https?://\S*>?\W*")
_ONLY_PREMISE = lazy_regex(r"[PCQ]\d{1,2}(?:[,&-] ?[PCQ]\d{1,2})*\.")  # P3. of an argument
_ONLY_TAGS = lazy_regex(r"\W*#[^\W\d][\w/-]*(?:\s+#[^\W\d][\w/-]*)*\s*")
_BEGINS_WITH_TAG = lazy_regex(r"(?:[-*] )?#[a-z][\w/-]{2,}\s+\S")
_SENDS_ON = lazy_regex(
    r"\b(?:see|shown|listed|given|described|explained|discussed|evidenced|mentioned|noted|outlined)\b[^.]{0,30}"
    r" (?:below|above)\W*$",
    re.IGNORECASE,
)
_GIVES_EXAMPLE = lazy_regex(r"\W*(?:e\.\s?g\b|i\.\s?e\b|for example|例如|比如)", re.IGNORECASE)
_OPENS, _CLOSES = "(（《【「『", ")）》】」』"
_NO_BRACKETS = lazy_regex(r"[:;]-?[()（）]|[(（][^()\[\]（）\n]{0,30}\]")  # a face, and an interval: (0, 1]
_LEFT_OPEN = lazy_regex(r"\[ [^\[\]\n]{1,40} \](?!\()")  # [ 4. a number ], as lessons leave places to be filled in
_IN_EXAMPLE = lazy_regex(r"\W*(?:例子?|例题|算例|案例) ?[\d一二三四五六七八九十]{0,2}\W*")
_EXAMPLE = lazy_regex(r"\W*(?:(?:an?|another|worked) )?example(?: (?:\d{1,2}|[A-Z]))?\W*", re.IGNORECASE)
_CODE_OF_A_SITE = lazy_regex(r"\{\{(?!c\d)[^{}\n]*\}\}|\{%[^%\n]*%\}")
"""What the program of a site puts in there, as Jekyll's and Hugo's templates write it."""
_CODE = lazy_regex(r"^```.*?^```|^~~~.*?^~~~|`[^`\n]+`", re.MULTILINE | re.DOTALL)
_ASKS_AT_END = lazy_regex(r"[?？؟\u037e][\s*_`）)]*$")
_ASKS_IN_LINE = lazy_regex(r"[?？؟\u037e][ \t*_`）)]*$", re.MULTILINE)
_MARKED = lazy_regex(r"^\W*(?:Q|Question|问题?|题目?)\s*\d*\W{0,2}[:：.)]", re.IGNORECASE)
_QUESTION_WORD = lazy_regex(
    r"\b(?:what|which|who|whom|whose|when|where|why|how)\b|什么|哪|谁|几|多少|多[大久长高远]|怎|如何|为何|何[时地处种]|吗|呢|是否|是不是|有没有|有木有|能不能|会不会|可不可以|要不要|还是",
    re.IGNORECASE,
)
_INITIALS = lazy_regex(r"(?<![A-Za-z\d])[A-Z](?:[a-z]?[A-Z&/-]?){1,9}s?(?![A-Za-z\d])")


def signals_of(draft: Draft, attempt: Attempt) -> Iterator[tuple[str, int]]:
    """The terms of a card with a question and an answer."""
    if draft.note_type not in ("Basic", "Reversed", "Typed") or len(draft.fields) < 2:
        return
    element = attempt.element
    front, answer = draft.fields[0][1], draft.fields[1][1]
    asked_class = element.value("class") if element.kind == "entry" else None
    entry_class = asked_class.shown if asked_class is not None else ""
    asks_list = any(slot.name == "items" for _, template in attempt.rule.fields[1:] for slot in template.slots())
    counts = asks_list or entry_class == "stem"  # the beginning of a sentence says as much
    is_marked = entry_class == "question" and bool(_MARKED.match(draft.origin.text))
    if entry_class != "word" and element.kind in _NAMED_FROM_OUTSIDE:
        is_asked = is_marked or (_ASKS_AT_END.search(front) and width_of(front) >= _WHOLE)
        is_complete = counts or is_asked or attempt.rule.pack != "structure"  # rules for sentences ask whole questions
        if not (is_complete or draft.origin.shown_names or draft.owner):
            yield "no heading says what it is about", -1
        if _ONLY_NUMBER.match(front):
            yield "the label is only a number", -2
    if attempt.rule.pack == "en/facts":
        rule, has_heading = attempt.rule.name.rpartition("/")[2], bool(draft.origin.shown_names)
        yield from sentence_signals_of(rule, front, answer, element.source_text, has_heading=has_heading)
        above = [
            one for one in draft.origin.shown_headings[-1:] if _letters(one) != _letters(answer)
        ]  # such is not shown
        if rule in _TOLD and gives_away(" ".join([front, *above]), answer):
            yield GIVEN_AWAY, -5
        if _says_heading(front, answer, draft.origin.shown_headings):
            yield "the heading above it says the answer", -2
    if element.kind == "entry" and not _OTHER_SCRIPT.search(front):
        yield from _of_english_entry(attempt.rule.name, front, answer, element)
    elif attempt.rule.name in _TERMS and gives_away(front, answer):
        yield GIVEN_AWAY, -3
    if _NAMELESS.search(front):
        yield "the question names several things by their number alone", -3
    if is_left_open(_NO_TEXT.sub("", front).replace("（", "(").replace("）", ")")):
        yield "a bracket of the question stays open", -3
    if "[ " in front + answer and _LEFT_OPEN.search(f"{_NO_TEXT.sub('', front)}\n{_NO_TEXT.sub('', answer)}"):
        yield "a place in it is left to be filled in", -3
    headings = draft.origin.shown_headings
    if headings and (_IN_EXAMPLE.fullmatch(headings[-1]) or any(map(_EXAMPLE.fullmatch, headings))):
        yield IN_EXAMPLE, -3
    if _DEICTIC.search(front):
        yield "the question points at something else", -1
    if is_marked:
        yield "the author marked question and answer", 2
    elif entry_class == "question" and _form_of(element) == "heading" and _ASKS_AT_END.search(front):
        if not _ASKS_IN_LINE.search(answer):
            yield "a heading asks it", 1
    elif entry_class == "question" and not (_QUESTION_WORD.search(front) or _ASKS_AT_END.search(front)):
        yield "what asks is no question", -1
    elif (
        entry_class == "question"
        and WIDE.search(front)
        and not (_QUESTION_WORD.search(front) or is_marked or element.value("role"))
    ):
        yield "no word of it asks", -2
    yield from _of_answer(answer, counts=counts, are_examples=asks_examples(draft))
    if not counts and _spells_out(front, answer):
        yield "the answer spells the initials out", 2
    yield from chinese_signals_of(draft, attempt)


def asks_examples(draft: Draft) -> bool:
    """Whether the question wants examples, so that the answer may begin and end as such do."""
    return draft.fields[0][1].endswith("有哪些例子？")


def _letters(text: str) -> str:
    return _ARTICLE.sub("", " ".join(_LETTERS.findall(text.lower())))


def is_left_open(text: str) -> bool:
    """Whether a bracket opens in a text and closes nowhere. A `)` alone belongs to a number, as in *1)*."""
    opened = ""
    for sign in _NO_BRACKETS.sub("", text):
        if sign in _OPENS:
            opened += sign
        elif sign in _CLOSES:
            before, found, _ = opened.rpartition(_OPENS[_CLOSES.index(sign)])
            opened = before if found else opened
    return bool(opened)


def _says_heading(front: str, answer: str, headings: Sequence[str]) -> bool:
    """Whether the innermost heading, which the front of a card shows, holds the answer: *Ablative of Manner*."""
    said = _letters(answer)
    if not headings or len(said) <= _SHORTEST_SAID or len(answer) > _LONGEST_END or said in front.lower():
        return False
    above = " ".join(_LETTERS.findall(headings[-1].lower()))
    return said != above and f" {said} " in f" {above} "  # a rule may ask for the heading itself


def _form_of(element: Element) -> str:
    form = element.value("form")
    return form.shown if form is not None else ""


_TOLD = (
    "use", "possible-use", "relation", "called", "does", "do", "causes", "cause", "kind", "kinds", "mass", "creator",
    "composed", "composed-all", "purpose", "is-for", "responsible", "measures", "contains", "defined", "meaning",
    "place", "origin", "arises",
)  # fmt: skip
"""Rules for sentences whose answer may stand in the question: no initials, and no answer that is the whole sentence."""
_TERMS = ("structure/term", "structure/glossary-row", "structure/glossary-term-row", "structure/equals-term")
_OTHER_SCRIPT = lazy_regex(r"[^\x00-\u024f\u2000-\u2bff]")
_QUESTIONS = ("structure/question", "structure/question-of", "structure/stem-asks")
_OF_NOBODY = lazy_regex(r"\W*(?:they|it|we|you|he|she|these|those)\b (?!-)", re.IGNORECASE)
_ARROWS = ("structure/leads-to", "structure/follows-from", "structure/equals", "structure/equals-term")


def _of_english_entry(rule: str, front: str, answer: str, element: Element) -> Iterator[tuple[str, int]]:
    label = element.value("label")
    if rule in _TERMS and is_label_again(front, answer):
        yield GIVEN_AWAY, -3
    if rule in _QUESTIONS:
        is_stem = rule.endswith("asks")
        asked = label.shown if label is not None and not is_stem else front
        yield from question_signals_of(asked, answer, has_owner=rule.endswith("question-of"), is_stem=is_stem)
    elif rule in _ARROWS and label is not None:
        yield from arrow_signals_of(label.shown, answer)
    elif rule == "structure/cell" and _OF_NOBODY.match(front):
        yield "its row speaks of somebody named before", -3
    elif rule.startswith("structure/stem"):
        yield from stem_signals_of(front)
    elif rule == "structure/so-many-of" and label is not None:
        yield from count_signals_of(label.shown, front)
    elif rule == "structure/list":
        yield from list_signals_of(front, answer)
    elif rule == "structure/said-first":
        yield from first_item_signals_of(answer)


def _of_answer(answer: str, *, counts: bool, are_examples: bool) -> Iterator[tuple[str, int]]:
    seen = _NO_TEXT.sub("", answer)
    width = width_of(seen)
    if width > (_VERY_LONG_LIST if counts else _VERY_LONG):
        yield "the answer is very long", -2
    elif width > (_LONG_LIST if counts else _LONG):
        yield "the answer is long", -1
    indents = [len(found[1].expandtabs(4)) for found in _ITEM.finditer(answer)]
    if len(indents) > (_MANY if counts else _FEW):
        yield "the answer is a list of many things", -1
    if len(set(indents)) > 1:
        yield "the answer is a list within a list", -1
    if _ASKS_IN_LINE.search(seen):
        yield "the answer asks a question itself", -2
    if _ONLY_LINK.fullmatch(answer[:_VERY_LONG]):
        yield "the answer is a link to a page", -3
    elif is_reference(answer):
        yield "the answer is only a place in a book", -3
    elif _ONLY_PREMISE.fullmatch(answer[:_LONGEST_END]):
        yield "the answer is only a number that stands for something", -3
    if _BEGINS_WITH_TAG.match(answer):
        yield "the answer begins with a tag", -3
    if _ONLY_TAGS.fullmatch(answer[:_VERY_LONG]):
        yield "the answer is only a tag", -3
    elif len(answer) <= _LONGEST_END and _SENDS_ON.search(answer):
        yield "the answer stands elsewhere", -3
    if not are_examples and (_BREAKS_OFF.search(answer[-_LONGEST_END:]) or _GIVES_EXAMPLE.match(answer)):
        yield "the answer breaks off, or is an example", -1
    if _ENDS_OPEN.search(answer[-_LONGEST_END:]):
        yield "the answer breaks off before its last word", -2
    if "{" in answer and _CODE_OF_A_SITE.search(_CODE.sub("", answer)):
        yield "the code of a site stands in the answer", -3
    if "→" in answer or "->" in answer:
        yield "an arrow stands in the answer", -1


def _spells_out(front: str, answer: str) -> bool:
    """Whether a question asks about initials, and its answer is the words that they are of."""
    words = re.findall(r"[A-Za-z]+", answer)
    if not 2 <= len(words) <= 10:
        return False
    begin = [word[0].upper() for word in words]
    for found in _INITIALS.finditer(front):
        if sum(map(str.isupper, found[0])) < _FEWEST_CAPITALS:
            continue  # *It*, *In*
        letters = [letter.upper() for letter in found[0].removesuffix("s") if letter.isalpha()]
        if len(letters) >= 2 and _is_within(letters, begin) and len(words) <= 2 * len(letters):
            return True
    return False


def _is_within(letters: list[str], begin: list[str]) -> bool:
    """Whether letters come one after the other among the first letters of some words."""
    left = iter(begin)
    return all(letter in left for letter in letters)
