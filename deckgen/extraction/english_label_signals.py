"""An English label and where it stands → what speaks against it being a name that asks for something, as terms of the
confidence of its card.

Names are written in capitals or emphasised, or stand below a heading that says what they belong to. A label in small
letters in a plain line most often is the beginning of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckgen.extraction.elements.element import Element
from deckgen.extraction.english_signals import answers_with
from deckgen.extraction.entries.marks import has_chinese
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import WORD, is_adverb, is_known, is_word
from deckgen.rules.rule import Rule

OF_SOURCE = "the label says where it is from"
SPEAKS_FIRST = "what is said of the label begins with somebody who speaks"
_PIECE = lazy_regex(
    r"(?:the|an?(?! priori\b| posteriori\b)|from|in(?! vitro\b| vivo\b| situ\b| utero\b)|of|for|to|with|if|when"
    r"|on|by|at|as"
    r"|then|so|thus|hence|Then|So|Thus|Hence|If|When|[Ee]\.?g\.?|[Ii]\.e\.?)[ ,]"
)
_ANNOUNCES = lazy_regex(r"\b(?:eg|e\.g|ie|i\.e|such as|for example)\.?$", re.IGNORECASE)
_IN_BRACKETS = lazy_regex(r"\([^()]*\)")
_SIGN = lazy_regex(r"[\^%&→⇒?◇<>=+@!|/\\]|::")
_OF_COURSE = lazy_regex(
    r"\b(?:this|the|our|my) (?:course|class|lecture|module|exam|lesson|chapter|reading|paper|video)\b"
    r"|\b(?:professor|homework|midterm|syllabus|office hours|trick question|target length"
    r"|word (?:count|limit)|page limit|due date|grading|deadlines?)\b",
    re.IGNORECASE,
)
_EXERCISE = lazy_regex(
    r"(?:hypo(?:thetical)?|argument|scenario|situation|prompt|person|player|sample|test|trial) #?\d", re.IGNORECASE
)
_MANY_WORDS = 4
_DATE = lazy_regex(
    r"\W*(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? )?"
    r"(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?"
    r"|\d{1,2}(?:st|nd|rd|th)? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?(?:,? \d{4})?"
    r"|\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./](?:\d{2}|\d{4}))\W*",
    re.IGNORECASE,
)
_POINTS_AWAY = lazy_regex(
    r"(?:the )?same\b|another\b|also\b|again\b|that(?:'s| is)\b"
    r"|it(?:'s| is)\b|(?:he|she|they) |not |but |see |"
    r"these [a-z]+ and |like (?:the )?(?:above|before)|instead\b",
    re.IGNORECASE,
)
_COMPARES = lazy_regex(r"(?:even |much |far )?(?:more|less|fewer|most|least) (?!than\b)[a-z]", re.IGNORECASE)
_SPEAKS = lazy_regex(r"(?<![\w'’\\])(?:I['’]m|I (?=[a-z])|(?:me|my|you|your|we|us|our)(?![\w'’/]))")
_BEGINS_TO_SPEAK = lazy_regex(r"\W*(?:i|let us|we (?:have|need|want|will|saw|see|now)) [a-z]", re.IGNORECASE)
_SMALL = (
    "of",
    "in",
    "for",
    "to",
    "on",
    "at",
    "with",
    "and",
    "or",
    "by",
    "over",
    "under",
    "from",
    "between",
    "into",
    "as",
)
_LONGEST_SAID = 200  # characters in which somebody speaks
_PLACE = lazy_regex(
    r"\W*(?:pp?|pages?|parts?|chapters?|sections?|vol|see|modules?|lectures?|units?|weeks?|slides?)\.?"
    r" ?[\dIVX][\dIVX, &–-]*\W*",
    re.IGNORECASE,
)
_WORK = lazy_regex(r"[^.]{0,80}, [A-Z]\.[^()]{0,80}\(\d{4}[a-z]?\)[.,]")
"""An entry of a bibliography: Markel, K. (2020)."""
_TITLE = lazy_regex(
    r"[A-Z][\w’'-]*(?: (?:[A-Z][\w’'-]*|of|the|and|&|in|to|for|on))*"
    r"(?: (?:of|the|and|&|in|to|for|on))(?: (?:[A-Z][\w’'-]*))+(?: \(\d{4}\)\.?)?"
)
_LABELLED = lazy_regex(r"(?:[A-Z]?[a-z]+|[IVX]+)(?: [a-z]+){0,3}: [^:]*")
_LEGEND = lazy_regex(r"[^:]{3,60}; [A-Za-z]+(?: [a-z]+)?: [^:;]*")
_INTRODUCES = lazy_regex(r"\W*(?:understanding|introducing|introduction to|exploring|overview of) ", re.IGNORECASE)
_OF_EXAM = lazy_regex(
    r"(?:classic|common|exam|typical) (?:trap|tip|pitfall|mistake|question)s?"
    r"|(?:video|web) (?:reference|link|source)s?",
    re.IGNORECASE,
)
_SOURCE = lazy_regex(
    r"(?:according to )?(?:wikipedia|google|chatgpt|britannica|youtube|merriam-webster)", re.IGNORECASE
)
_FILE = lazy_regex(
    r"\W*[\w./ ()&-]{1,120}\.(?:md|pdf|docx?|pptx?|xlsx?|csv|txt|png|jpe?g)\W*|[\w.-]+/[\w.-]+/[\w ./-]+"
)
_ALWAYS = lazy_regex(
    r"\W*(?:always|never|usually|often(?! referred| called| known)|sometimes|rarely|typically) ", re.IGNORECASE
)
_OF_CASE = lazy_regex(r"(?:context|setting|scenario|situation|case)", re.IGNORECASE)
_LONGEST_TITLE = 80
_SLOGAN = lazy_regex(
    r"[^.;]{0,60}!|[^.;:]{1,40} vs\.? [^.;:]{1,40}|.{0,200}\s[:;]-?[)(D]|[A-Z][\w ,-]{4,60}"
    r" (?:explained|discussed|described|introduced|covered)\W*"
)


def label_signals_of(element: Element, rule: Rule) -> Iterator[tuple[str, int]]:
    """The terms of an entry with an English label that asks for what it names."""
    label, answer = element.value("label"), element.value("answer")
    if label is None or answer is None or not label.plain.isascii() or has_chinese(answer.shown):
        return  # a foreign word in a Chinese note is written as its authors write it
    named, said = label.shown.strip(), (element.shown("body") or answer.shown).strip()
    bare = _IN_BRACKETS.sub("", named)
    is_plain = not element.shown("emphasis")
    if _SIGN.match(named):
        yield "the label begins with a sign", -2
    is_row = "," in bare and element.shown("form") != "heading"
    if _ANNOUNCES.search(bare) or (is_plain and (is_row or _PIECE.match(named))):
        yield "the label is a piece of a sentence", -2
    if _OF_COURSE.search(named):
        yield "it is about a course, not about its subject", -3
    if _EXERCISE.fullmatch(bare.strip()):
        yield "the label counts exercises", -3
    if is_plain and named[:1].islower() and _is_of_known_words(named):
        is_sentence = element.shown("form") == "line" or len(WORD.findall(named)) >= _MANY_WORDS
        yield "the label is written small", -2 if is_sentence else -1
    if _SOURCE.fullmatch(bare.strip()):
        yield OF_SOURCE, -3
    if _says_what_like(named):
        yield "the label says what something is like", -2
    if _OF_EXAM.fullmatch(bare.strip()):
        yield "the label announces a warning or a link", -3
    if _OF_CASE.fullmatch(bare.strip()):
        yield "the label announces a story", -3
    if _INTRODUCES.match(named):
        yield "the label announces a section", -3
    if is_plain and "example" in named.lower():
        yield "the label announces an example", -2
    if answers_with(rule, "answer"):
        yield from _of_said(said.partition("\n")[0], is_plain=is_plain)
    if (dated := _dated(element)) is not None:
        yield f"it stands in a diary, under “{dated}”", -2


def _of_said(first: str, *, is_plain: bool) -> Iterator[tuple[str, int]]:
    if is_plain and len(first) <= _LONGEST_TITLE and _TITLE.fullmatch(first):
        yield "what is said of the label is a title", -2
    if is_plain and _LABELLED.fullmatch(first):
        yield "another label stands in what is said of it", -2
    if is_plain and _LEGEND.fullmatch(first):
        yield "the labels of a legend stand in what is said of it", -3
    if (found := _POINTS_AWAY.match(first)) is not None:
        yield f"what is said of the label begins with “{found.group().strip()}”", -3
    elif (found := _COMPARES.match(first)) is not None:
        yield "what is said of the label compares it with something else", -1
    if _BEGINS_TO_SPEAK.match(first):
        yield SPEAKS_FIRST, -2
    elif _SPEAKS.search(first, 0, _LONGEST_SAID):
        yield "somebody speaks of himself, or to the reader", -1
    if _SLOGAN.fullmatch(first):
        yield "what is said of the label is a slogan", -2
    if _FILE.fullmatch(first):
        yield "all that is said of the label is the name of a file", -3
    if _ALWAYS.match(first):
        yield "what is said of the label only says how often", -2
    if _PLACE.fullmatch(first):
        yield "all that is said of the label is where it stands in a book", -3
    elif _WORK.match(first):
        yield "it is the title of a work", -3


def _says_what_like(label: str) -> bool:
    """Whether a label begins with an adverb, or is two deeds: *Highly industrialised*, *monitor and set prices*."""
    words: list[str] = WORD.findall(label.lower())
    if len(words) < 2 or not label.isascii():
        return False
    if is_adverb(words[0]) and words[0].endswith("ly"):
        return is_word(words[-1], "adjective", "participle", "past")
    return len(words) > 2 and words[1] == "and" and all(is_word(word, "verb") for word in (words[0], words[2]))


def _dated(element: Element) -> str | None:
    """The date that is the heading of a part of a diary, where no name stands between it and the entry."""
    headings = element.heading_path()
    outermost = next((heading.shown.strip() for heading in headings if _DATE.fullmatch(heading.shown.strip())), None)
    return outermost if outermost is not None and len(headings) <= 2 else None


def _is_of_known_words(label: str) -> bool:
    words = WORD.findall(label.lower())
    return bool(words) and all(word in _SMALL or is_known(word) for word in words)
