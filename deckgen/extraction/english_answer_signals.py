"""What an English sentence says of its subject → whether that answers the question of its card, and is all of it, as
terms of the confidence of the card.
"""

from __future__ import annotations

from collections.abc import Iterator

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_no_fragment
from deckgen.patterns.english_words import WORD, is_word, names_common_thing

LIST_GOES_ON = "the sentence goes on with more of the list"
FORMULA_GOES_ON = "the sentence goes on in a formula or a list"
SENTENCE_JOINED = "another sentence is joined to the answer"
"""Reasons that tell of one answer, and nothing of how its note is written."""
_DEFINING = ("kind", "kinds", "mass", "defined", "they-are")
_RELATIONS = ("relation", "use", "is-for", "does", "do", "causes", "cause")
_IS = lazy_regex(r"What (?:is|are|was|were) (?P<named>[^?]+)\?")
_STATE = lazy_regex(
    r"([a-z]+) (?:when|whenever|if|based|because|around|through|during|across|between|under|against|about|after|before"
    r"|by|of|for|with|to|towards?|than)\b"
)
_WITHOUT_NOUN = lazy_regex(r"the (?:most|least|highest|lowest|[a-z]{3,}est) (?:with|in|for|among|when|at|after)\b")
_ENDS_IN_DASH = lazy_regex(r"(?:[—–]|\s-+)\W*$")
_OF_SOMEBODY = lazy_regex(r"\b(?:he|him|she)\b")
_LIST_GOES_ON = lazy_regex(r"[*_)]{0,3}, (?:[\w'’-]+ ){0,2}[\w'’-]+, (?:and|or) ")
_GOES_ON_IN_FORMULA = lazy_regex(r"[*_)]{0,3}[,:]\W*$")
_AND_CLAUSE = lazy_regex(r", and (?!(?:which|that|who)\b)([^,;]+)")
_AND_DONE = lazy_regex(r" and (?:is |are )?[a-z]+ed (?:by|to|in|into|from|with|at|on)\b")
_AND_VERB = lazy_regex(r" and ([a-z]+s) (?!of\b|and\b|or\b|for\b)[\w$(]")
_BEHIND_VERB = ("by", "on", "at", "from", "into", "with", "to")
_ONE = lazy_regex(r"an? (?!(?:[a-z-]+ )?(?:kind|type|sort|form|group|family|class|genus|set|branch|pair|part)\b)")
_MOVED = lazy_regex(r"What (?:is|was) [A-Z].* (?:sent|taken|brought|exiled|deported|banished) to\?")
_NAMED_AS = lazy_regex(
    r"Why (?:is|are|was|were) .*?([a-z]+) (?:the|an?) (?!only|most|least|best|worst|first|last|main|key|major)[a-z]+"
    r" (?:in|of|between|from|by)\b.* ([a-z]+)\?"
)
_STATED = lazy_regex(r"\W*([a-z]+) (?:to|by|when|in|with|on|from|into|as)\b")


def answer_signals_of(rule: str, front: str, answer: str, source: str) -> Iterator[tuple[str, int]]:
    """The terms of an answer that a sentence gives, with the text that it is made of."""
    said = answer.lstrip(' *_“"')
    asked = _IS.fullmatch(front)
    if rule in _DEFINING and asked is not None:
        yield from _of_definition(asked["named"], said)
    if rule in _DEFINING or rule in _RELATIONS:
        if _OF_SOMEBODY.search(said) and not _OF_SOMEBODY.search(front):
            yield "the answer speaks of somebody named before", -2
        yield from _of_end(rule, answer, source)
    if rule in _RELATIONS:
        yield from _of_relation(rule, front, said)
    if _ENDS_IN_DASH.search(answer[-_LONGEST_END:]):
        yield "the answer breaks off", -3
    if rule in ("why-is", "why-do", "why-does") and _is_named_as(front):
        yield "it asks for a reason of what is a definition", -2
    if rule == "appositions" and _ONE.match(said):
        yield "several things are not one", -3
    if rule == "headed" and _says_what_is_done(said):
        yield "the answer says what is done with it, not what it is", -3
    if rule == "headed-noun" and why_no_fragment(said.partition("\n")[0].lower()) is not None:
        yield "the answer is a sentence about it, not what it is", -3


_LONGEST_END = 60  # characters behind which nothing is looked for


def _of_definition(named: str, said: str) -> Iterator[tuple[str, int]]:
    words: list[str] = WORD.findall(named.lower())
    if len(words) > 1 and is_word(words[0], "verb") and words[1] in _BEHIND_VERB:
        yield f"its subject begins with a verb, “{words[0]}”", -3
    found = _STATE.match(said)
    if found is not None and is_word(found[1], "past", "participle", "adjective") and not is_word(found[1], "noun"):
        yield "the answer says how it is, not what it is", -3
    first = WORD.match(said)
    bare = named.strip("*_ ")
    if first is not None and first[0].endswith("ing") and bare[:1].isupper() and not names_common_thing(bare):
        yield "the answer says what somebody does, not what it is", -2
    if _WITHOUT_NOUN.match(said):
        yield "the answer names no thing", -2


def _of_end(rule: str, answer: str, source: str) -> Iterator[tuple[str, int]]:
    """Whether the sentence goes on behind an answer with what belongs to it."""
    end = source.find(answer) + len(answer) if answer in source else -1
    if end < 0:
        return
    if _LIST_GOES_ON.match(source, end):
        yield LIST_GOES_ON, -2
    elif rule in _DEFINING and _GOES_ON_IN_FORMULA.fullmatch(source, end):
        yield FORMULA_GOES_ON, -2


def _of_relation(rule: str, front: str, said: str) -> Iterator[tuple[str, int]]:
    if (clause := _AND_CLAUSE.search(said)) is not None and why_no_fragment(clause[1].lower()) is not None:
        yield SENTENCE_JOINED, -2
    if _MOVED.fullmatch(front):
        yield "it asks for a thing, and the answer is a place", -2
    if rule in ("relation", "does"):
        verbs: list[str] = _AND_VERB.findall(said)
        is_verb = any(is_word(verb, "verb-s") and not is_word(verb, "noun", "plural") for verb in verbs)
        if is_verb or (rule == "relation" and _AND_DONE.search(said)):
            yield "the answer goes on with another verb", -2


def _is_named_as(front: str) -> bool:
    """Whether a question for a reason says what a thing is: *Why is thermal expansion the change in volume …?*"""
    found = _NAMED_AS.fullmatch(front)
    if found is None or is_word(found[2], "adjective", "participle", "past"):
        return False
    return is_word(found[1], "noun", "plural")


def _says_what_is_done(said: str) -> bool:
    """Whether a sentence goes on behind its first *is* with what is done: *Filters are applied to packets*."""
    _, be, rest = said.partition(" are " if " are " in said.partition(" is ")[0] else " is ")
    found = _STATED.match(rest) if be else None
    return found is not None and is_word(found[1], "past", "participle")
