"""A card that an English sentence makes → whether its question is one, and whether its answer answers it, as terms of
its confidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from deckgen.extraction.english_answer_signals import answer_signals_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_doubtful_label, why_no_label
from deckgen.patterns.english_words import WORD, is_adverb, is_known, is_word, names_common_thing, names_several

_HEAD = lazy_regex(r"(?!the (?:number|amount|set|list|study|act|process) )([a-z][a-z -]*?) (?=of |on |in |for )")
_WAS = lazy_regex(r"What (?:was|were) (?!the )(?:an? )?(?P<named>[^?]+)\?")
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


_ASKED = lazy_regex(
    r"What (?:does|do|did|is|are|was|were) (?P<named>[^?]+?) [a-z]+(?: (?:by|of|to|from|with|on|in|for|as))?\?"
)
_WANTS_THING = (
    "does", "do", "did", "causes", "cause", "contains", "states", "maker", "creator", "kind", "kinds", "mass",
    "serves-as",
)  # fmt: skip
"""Rules whose answer is a noun phrase or a clause."""
_GOES_ON = lazy_regex(r"(?:of|by|with|than|and|or|but|which|that|as) ")
_BREAKS_LINE = lazy_regex(r"(?: {2}|\\)\n|<br|[a-z][.!?][\"”)*_]*\n")
_NO_FORMULA = lazy_regex(
    r"\$\s*(?:\\?[A-Za-z]+(?:_\{?\w+\}?)?(?:\([^()$]*\))?|(?:\\(?:sim|approx)\s*)?[\d.]+[^=$]*)\s*\$"
)
_ENDS_OPEN = lazy_regex(r" (?:of|than|and|or|but|which|the|an?|between|their|its|his|her|aka|e\.?g|i\.?e)\W*$")
_NO_NOUN = lazy_regex(r"\W*(?:the|an?|this|that|it|they|one|both|some|all|any|none|many|several)\W*", re.IGNORECASE)
_SPEAKS = lazy_regex(
    r"(?<![\w'’])(?:I['’]m|me|my|we|us|our)(?![\w'’/$])"
    r"|(?:^|[,;:.(] ?|\b(?:that|which|when|if|and|but|as|what|because|so) )I [a-z]"
)
_ANNOUNCES = lazy_regex(
    r"\b(?:exposed to|shows?|has|have|had|are|there are|gives?|gets?|include|includes|face|faces) "
    r"(?:two|three|four|five|six|several|various|many|some|certain|the following) [a-z]+s$"
)
_WHICH_ONE = lazy_regex(
    r"(?:if|is|are|was|were|do|does|did|when) the (?!(?:first|last|only|most|best)\b)[a-z]+(?: [a-z]+)?"
    r"(?: (?:is|are|does|do|was|were|has|have)\b[^?]*)?\?"
)
_GOES_ON_BY_VERB = lazy_regex(
    r" and (?:can|cannot|could|will|would|is|are|was|were|does|do|did|has|have|had|must|may|not)\b"
)
_REASONS = lazy_regex(
    r" (?:because|since (?!\d|the \d)|(?<!long )(?<!soon )(?<!same )(?<!such )as (?:it|they|he|she) )"
)
_BARELY = lazy_regex(r"Why .* (?:likely|mainly|mostly|largely|partly|primarily|chiefly|probably|possibly|usually)\?")
_MAY_TRY = lazy_regex(r"one (?:may|might|could|can) ", re.IGNORECASE)
_VERB = r"(?: (?:[a-z]+ed|made|known|found|written|[a-z]+))(?: (?:by|of|to|from|with|on|in|for|as|into))?"
_ASKS_ONE = lazy_regex(rf"What (?:does (?P<named>[^?]+?){_VERB}|is (?P<said>[^?]+?))\?")
_ASKS_MANY = lazy_regex(
    rf"What (?:do (?P<named>[^?]+?){_VERB}"
    r"|(?:are|were) (?P<said>[^?]+?)(?: (?:used for|for|responsible for|[a-z]+(?:ed|en) [a-z]+))?)\?"
)
_OF_NUMBER = (
    "does", "do", "causes", "cause", "kind", "kinds", "mass", "defined", "apposition", "serves-as", "contains",
    "measures", "composed", "composed-all", "use", "is-for", "relation", "responsible",
)  # fmt: skip
"""Rules whose verb says whether their subject is one thing or several."""
_NO_PLURAL_IN_S = (
    "people", "men", "women", "children", "mice", "feet", "teeth", "geese", "data", "media", "bacteria", "criteria",
    "phenomena", "species", "series", "fish", "sheep", "cattle", "police", "staff", "dice", "offspring", "aircraft",
)  # fmt: skip
_ASKED_VERB = lazy_regex(r"What do(?:es)? (?P<named>[^?]+) (?P<verb>[a-z]{5,})\?")
_AND_VERB = lazy_regex(r" and ([a-z]+s) ")
_AND_DOES_TO = lazy_regex(r" and [a-z]{3,}s (?:it|them|him|her|itself|themselves|the|an?|its|their)\b")
_WRITTEN_IN = lazy_regex(r"(?:written|built|made|founded|created|composed|published) in\?")
_WHEN = lazy_regex(r"\bcentury\b|\b1[0-9]{3}\b|\b20\d\d\b")
_DECADE = lazy_regex(r"What (?:was|were|is|are) the (?:early |late |mid-?)?\d{3,4}s\?")
_SYMBOL = lazy_regex(r"\$[^$=<>]{1,20}\$")
_ASSOCIATED = lazy_regex(r"(?:associated|related|connected|linked|concerned) (?:with|to)\?")
_OF_NOBODY = lazy_regex(r"(?:it|they|he|she|this|that|these|those) ", re.IGNORECASE)
_CONDITIONS = ("if", "if-so")
_AMOUNTS = ("quantity", "value", "count", "share")
_ONE_WORD = lazy_regex(r"What does [a-z]+ say\?")
_TWO_LETTERS = lazy_regex(r"\b[A-Z]{2} stand for\?")
_OF_SOMETHING = ("cause", "causes", "use", "do", "does", "depends-on")
_LONGEST_NAME = 3  # words
_JOINING = ("of", "in", "for", "to", "on", "at", "with", "by", "from", "and", "or", "having", "a", "an")
_LONGEST_END = 60  # characters behind which nothing is looked for
_ADDS = lazy_regex(r"[*_)]{0,3},? (as well as|and also|but also|along with)\b")
_LIMITS = lazy_regex(r"[*_)]{0,3},? (but (?:(?:is|are|was|were|does|do|did|has|have|can) )?not)\b")
_IS = lazy_regex(r"What (?P<be>is|are|was|were) (?:another name for )?(?P<named>[^?]+)\?")
_SOMEBODY = lazy_regex(
    r"(?:an?|the|one of the|former|both|two) (?:[\w-]+ ){0,3}?"
    r"(?:prophet|king|queen|prince|princess|emperor|empress|pharaoh|philosopher"
    r"|poet|playwright|writer|author|novelist|historian|general|admiral|soldier|warrior|president|minister|politician"
    r"|senator|scientist|physicist|chemist|biologist|mathematician|economist|psychologist|shareholder|director|founder"
    r"|leader|disciple|student|pupil|teacher|son|daughter|wife|husband|brother|sister|father|mother|children|god|hero"
    r"|goddess"
    r"|priest|bishop|pope|saint|monk|merchant|servant|slave|actor|actress|singer|painter|composer|lawyer|judge|doctor"
    r"|physician|theologian|reformer|revolutionary|activist|explorer|man|woman|boy|girl|person"
    r"|governor|mayor|republican|democrat|(?!\w*list\b)\w{3,}ist|lover|enemy|rival|friend|twin|character)s?"
    r"(?:,| (?:who|of|to|in|and|that|from|at|for)\b|$)",
    re.IGNORECASE,
)
PART_PLAYED, AS_THING = "the answer says what part it plays, not what it is", "it asks for a person as for a thing"
_PART_PLAYED = lazy_regex(
    r"(?:the (?:most|least|best|worst) |(?:an?|the|one of the)?\s?(?:[\w“”\"-]+ ){0,2}(?:building blocks?|father|mother"
    r"|basis|bases|foundations?|cornerstones?|backbone|heart|soul|pillars?|essence|crux|hallmarks?|manifestations?"
    r"|roots?|flip side|weapons?|workhorses?|causes?|symbols?|model|enemy|enemies|price|key"
    r"|skills?[”\"]*|notable examples?) (?:of|to|for)\b)"
)
_FORMULA = lazy_regex(r"\$[^$]+\$")
_SIGN = lazy_regex(r"@|\w/ |\b(?:usu|esp|eg|ie|b/c|pts?)\b|[a-z]ed and [A-Z]")
_SYMBOLS = lazy_regex(r"What (?:is|are|does|do) (?:.* )?(?:[A-Z]['’′]|[A-Z]\d? and [A-Z]\d?)(?: [a-z]+)?\?")
_DEFINING = ("kind", "kinds", "mass", "defined")
_WHICH = lazy_regex(r"[*_)]{0,3},? (?:which|that|who|whose|where|in which)\b")
_FEW_WORDS = 4
_LEAST = ("needs to be", "need to be", "should be", "has to be", "have to be")
_MOST_HEADING_WORDS = 2  # a line that was wrapped has more
_SHORTEST_LINE = 60  # characters of a line that was wrapped, and does not end a thought


def facts_signals_of(rule: str, front: str, answer: str) -> Iterator[tuple[str, int]]:
    """The terms of a card that an English sentence makes: whether its question is one that the answer answers."""
    said = answer.lstrip(' *_“"')
    found = _WAS.match(front)
    if found is not None and names_common_thing(found["named"]):
        yield "what something common was, is no definition", -3
    first = WORD.match(said)
    yield from _of_definition(rule, front, said)
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
    yield from _of_question(rule, front, said)
    yield from _of_answer(rule, said)


def _of_definition(rule: str, front: str, said: str) -> Iterator[tuple[str, int]]:
    """What speaks against an answer to *What is …?* that is no definition."""
    found = _IS.fullmatch(front) if rule in (*_DEFINING, "apposition", "nickname") else None
    if found is None:
        return
    named = found["named"].strip("*_ ")
    is_name = named[:1].isupper() and not named.startswith(("A ", "An ", "The ")) and not names_common_thing(named)
    if found["be"] == "was" and is_name and rule != "nickname":
        yield "what a name was, depends on what is said of it", -2
    elif is_name and _SOMEBODY.match(said):
        yield AS_THING, -2
    if rule != "nickname" and _PART_PLAYED.match(said):
        yield PART_PLAYED, -2
    if _FORMULA.fullmatch(named) and (rule == "nickname" or said.startswith(("a ", "an "))):
        yield "a symbol stands for what is said around it", -2


def sentence_signals_of(
    rule: str, front: str, answer: str, source: str, *, has_heading: bool
) -> Iterator[tuple[str, int]]:
    """The same with what stands around it: the text that it is made of, and whether a heading stands above."""
    yield from facts_signals_of(rule, front, answer)
    yield from answer_signals_of(rule, front, answer, source)
    first, _, below = answer.partition("\n")
    if (
        below
        and not below[0].islower()  # prose that is broken where a line is full
        and not below.startswith(("-", "*", "1", "\n", " ", "\t"))
        and len(source.partition("\n")[0]) < _SHORTEST_LINE
    ):
        yield "lines of their own stand in the answer", -3
    if below == "" and (_takes_line(source, front) or _joins_lines(source, front)):
        yield "a line of its own stands in its subject", -3
    if not has_heading and rule.startswith("initials") and _TWO_LETTERS.search(front):
        yield "two letters stand for many things, and no heading says of what", -5
    if not has_heading and rule in _OF_SOMETHING and _WHICH_ONE.search(front):
        yield "nothing says which one is meant", -2
    end = source.find(first) + len(first) if below == "" and first in source else -1
    going_on = (_ADDS, _LIMITS) if rule in _DEFINING else (_ADDS,)
    if end >= 0 and (found := next(filter(None, (one.match(source, end) for one in going_on)), None)) is not None:
        yield f"the sentence goes on with “{found.group(1)}”", -2
    if end >= 0 and rule in (*_DEFINING, "meaning") and _is_list_cut(first) and _WHICH.match(source, end):
        yield "the sentence says more closely what is meant", -2


def _is_list_cut(said: str) -> bool:
    """Whether an answer is a few words with commas, to which what comes behind them belongs: *rest, or shelter*."""
    return "," in said and len(said.split()) <= _FEW_WORDS


def _takes_line(source: str, front: str) -> bool:
    """Whether a front joins a first line of a word or two, which ends without a mark, to the line below it."""
    first, _, rest = source.strip().partition("\n")
    heading, words = first.strip(" *_#"), rest.split()
    if not words or not heading or len(heading.split()) > _MOST_HEADING_WORDS or not heading[-1].isalnum():
        return False
    return f"{heading} {words[0]}".casefold() in " ".join(front.split()).casefold()


def _joins_lines(source: str, front: str) -> bool:
    """Whether a front holds the end of a line and the beginning of the next one, which are short."""
    if "\n" not in front:
        return False
    longest = max(len(line) for line in source.split("\n")[:-1]) if "\n" in source else 0
    return 0 < longest < _SHORTEST_LINE


def _of_question(rule: str, front: str, said: str) -> Iterator[tuple[str, int]]:
    found = _ASKED.match(front)
    named = found["named"] if found is not None else ""
    if rule in _WANTS_THING and named and (reason := why_no_label(named) or why_doubtful_label(named)):
        yield f"its subject may be no name: {reason}", -3
    if rule == "states" and _ONE_WORD.fullmatch(front):
        yield "nothing says which one is meant", -3
    if rule in _CONDITIONS:
        yield "a condition most often stands for what is said around it", -1
    if rule in _AMOUNTS and _WHICH_ONE.search(front):
        yield "nothing says which one is meant", -2
    if rule == "relation" and _ASSOCIATED.search(front) and said.isalpha() and said.islower():
        yield "one word says little of a relation", -2
    if rule == "why-is" and _BARELY.fullmatch(front):
        yield "the question ends in how sure, or how far, it is", -3
    one = _ASKS_ONE.fullmatch(front)
    if rule in _OF_NUMBER and one is not None and _ends_in_several(one["named"] or one["said"]):
        yield "its subject is several things, and asked as one", -2
    many = _ASKS_MANY.fullmatch(front)
    if rule in _OF_NUMBER and many is not None and _ends_in_one(many["named"] or many["said"]):
        yield "its subject is one thing, and asked as several", -2
    if rule in ("do", "cause") and many is not None and _is_unknown_one(many["named"] or ""):
        yield "whether its subject is several things is not sure", -3
    if (is_asked := _IS.fullmatch(front) or found) is not None and _SIGN.search(is_asked["named"]):
        yield "a sign or a short form stands in its subject", -2
    if rule in (*_DEFINING, "contains", "does", "do") and _SYMBOLS.fullmatch(front):
        yield "a symbol stands for what is said around it", -2
    if rule in ("does", "do", "causes", "cause") and _says_verb_again(front, said):
        yield "its verb stands in its subject or in the answer again", -2
    if named.endswith("-"):
        yield "its subject is half a word", -3
    if rule == "relation" and _WRITTEN_IN.search(front) and _WHEN.search(said):
        yield "it asks for a place, or a language, and the answer is a time", -2
    if _DECADE.fullmatch(front):
        yield "what a time was, is no definition", -2
    if "##" in front:
        yield "the sign of a heading stands in its subject", -3
    if _SPEAKS.search(front):
        yield "somebody speaks of himself", -2


def _of_answer(rule: str, said: str) -> Iterator[tuple[str, int]]:
    if _NO_NOUN.fullmatch(said):
        yield "the answer names nothing", -3
    elif rule in _WANTS_THING and _GOES_ON.match(said):
        yield "the answer only goes on from its question", -3
    elif rule in ("kind", "defined") and _SYMBOL.fullmatch(said):
        yield "the answer is a symbol, and does not say of what", -2
    if _BREAKS_LINE.search(said):
        yield "lines of their own stand in the answer", -3
    if rule == "formula" and _NO_FORMULA.fullmatch(said.strip()):
        yield "a symbol or a value alone is no formula", -3
    if _ENDS_OPEN.search(said[-_LONGEST_END:]):
        yield "the answer breaks off", -3
    if _ANNOUNCES.search(said):
        yield "the answer announces what it does not say", -3
    if _SPEAKS.search(said):
        yield "somebody speaks of himself", -2
    if _has_another_verb(rule, said):
        yield "the answer goes on with another verb", -2
    if rule in ("kind", "mass") and _REASONS.search(said):
        yield "the answer gives a reason, and is no definition", -2
    if rule in _CONDITIONS and _MAY_TRY.match(said):
        yield "the answer is what one may try", -1
    if rule in _CONDITIONS and _OF_NOBODY.match(said):
        yield "the answer speaks of something named before", -1
    if rule in ("kind", "mass") and any(f" {least}" in said for least in _LEAST):
        yield "the answer says what ought to be", -2
    if rule in ("maker", "creator") and (by := WORD.match(said)) is not None and is_adverb(by[0].lower()):
        yield "the answer says how it was made, not by whom", -3
    if rule == "they-are" and (first := WORD.match(said)) is not None and is_adverb(first[0]):
        yield "the answer says how they are, not which", -3


def _is_several(named: str) -> bool:
    """Whether a subject names several things, shown by a plural before its *of* or *on*."""
    named = named[:1].lower() + named[1:]
    head = _HEAD.match(named)
    return head is not None and head.end() < len(named) and names_several(head[1])


def _ends_in_several(named: str) -> bool:
    """Whether a subject of small words ends in a plural that belongs to it: *nerve impulses*, not *a set of ropes*."""
    words: list[str] = WORD.findall(named)
    if words and words[-1].endswith("ics"):
        return False  # economics
    if not words or not named.islower() or len(words) > _LONGEST_NAME or any(word in _JOINING for word in words):
        return False
    return is_word(words[-1], "plural") and not is_word(words[-1], "noun", "verb-s")


def _ends_in_one(named: str) -> bool:
    """Whether a subject that is asked as several ends in a noun or initials of one thing: *coherent source*."""
    bare = named.strip("*_ ").removeprefix("the ")
    if not bare.isascii() or any(
        joining in bare for joining in (" and ", " or ", " of ", ",", "&", "/", "$", "`", "(")
    ):
        return False
    words: list[str] = WORD.findall(bare)
    if not words or words[-1] in _NO_PLURAL_IN_S:
        return False
    last = words[-1]
    if last.isupper() and len(last) > 1 and bare.endswith(last):
        return not last.endswith("S")
    return not last.endswith("s") and is_word(last, "noun", "counted") and not is_word(last, "plural")


def _is_unknown_one(named: str) -> bool:
    """Whether a subject that is asked as several ends in a word that nobody knows, and that is no plural: *usu*."""
    words: list[str] = WORD.findall(named)
    last = words[-1] if words else ""
    return last.islower() and not last.endswith(("s", "i", "ae", "a")) and not is_known(last)


def _says_verb_again(front: str, said: str) -> bool:
    """Whether what is asked by its verb holds that verb in its subject or answer, too: *evaluates … by evaluating*."""
    found = _ASKED_VERB.fullmatch(front)
    if found is None:
        return False
    stem = found["verb"].removesuffix("e")
    words: list[str] = WORD.findall(f"{found['named']} {said}".lower())
    return any(word.startswith(stem) and word[len(stem) :] in ("e", "es", "s", "ed", "ing") for word in words)


def _has_another_verb(rule: str, said: str) -> bool:
    """Whether what something does goes on with a second verb, to which the question does not belong."""
    if rule not in ("does", "do", "causes", "cause"):
        return False
    if _GOES_ON_BY_VERB.search(said):
        return True
    joined: list[str] = _AND_VERB.findall(said) if rule == "does" else []
    if rule in ("does", "causes") and _AND_DOES_TO.search(said):
        return True
    return any(is_word(word, "verb-s") and not is_word(word.removesuffix("s"), "noun") for word in joined)
