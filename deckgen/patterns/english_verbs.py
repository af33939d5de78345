"""English verbs: the base form that a question with *does* or *did* has of them, and whether a text begins with one."""

from __future__ import annotations

import re

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import WORD, is_word

_WORD = lazy_regex(rf"[*_]*({WORD.pattern})")
_OF_ONE = {"has": "have", "does": "do", "goes": "go", "undergoes": "undergo"}
_PAST = {
    "agreed": "agree", "became": "become", "began": "begin", "bore": "bear", "bought": "buy", "broke": "break",
    "brought": "bring", "built": "build", "came": "come", "caught": "catch", "chose": "choose", "cut": "cut",
    "decreed": "decree", "did": "do", "died": "die", "drew": "draw", "drove": "drive", "fed": "feed", "fell": "fall",
    "fled": "flee", "flew": "fly", "forbade": "forbid", "fought": "fight", "found": "find", "freed": "free",
    "gave": "give", "got": "get", "grew": "grow", "guaranteed": "guarantee", "had": "have", "held": "hold",
    "hung": "hang", "kept": "keep", "knew": "know", "laid": "lay", "led": "lead", "left": "leave", "lent": "lend",
    "lied": "lie", "lost": "lose", "made": "make", "met": "meet", "overcame": "overcome", "overthrew": "overthrow",
    "paid": "pay", "put": "put", "ran": "run", "rebuilt": "rebuild", "rose": "rise", "said": "say", "sang": "sing",
    "sank": "sink", "sat": "sit", "saw": "see", "sent": "send", "set": "set", "shot": "shoot", "slew": "slay",
    "sold": "sell", "sought": "seek", "spent": "spend", "split": "split", "spoke": "speak", "spread": "spread",
    "stole": "steal", "stood": "stand", "struck": "strike", "swore": "swear", "taught": "teach", "thought": "think",
    "threw": "throw", "tied": "tie", "took": "take", "understood": "understand",
    "undertook": "undertake", "used": "use", "went": "go", "withdrew": "withdraw", "woke": "wake", "won": "win",
    "wore": "wear", "wrote": "write",
}  # fmt: skip
_DOUBLED = "bdgmnprt"
"""Consonants that *-ed* doubles: *planned* is of *plan*."""


def why_no_verb(text: str) -> str | None:
    """Why a text, in small letters, does not begin with a verb; None where it does."""
    words: list[str] = WORD.findall(text)
    if words and (is_word(words[0], "verb", "verb-s") or is_word(_base_of_one(words[0]), "verb", "noun")):
        return None
    if words and _base_of_past(words[0]) is not None:
        return None
    return "it does not begin with a verb"


def in_base_form(text: str) -> str:
    """Verbs of one thing, or of the past, as a question with *does* or *did* has them: `stores and sends` is `store and
    send`, `took Paris and Rouen` is `take Paris and Rouen`.
    """
    first, *others = re.split(r"( and | or )", text)
    return "".join([_begun_in_base_form(first, is_first=True), *(_begun_in_base_form(part) for part in others)])


def _begun_in_base_form(text: str, *, is_first: bool = False) -> str:
    found = _WORD.match(text)
    if found is None or not (is_first or found[1].islower()):
        return text
    word = found[1].lower()
    base = _base_of_past(word) if is_first or word in _PAST or is_word(word, "past") else None
    return text[: found.start(1)] + (base or _base_of_one(word)) + text[found.end(1) :]


def _base_of_past(word: str) -> str | None:
    """`carried` → `carry`, `took` → `take`; None for what is no verb of the past."""
    if word in _PAST:
        return _PAST[word]
    if not word.endswith("ed") or word.endswith("eed") or len(word) <= len("need"):
        return None
    if word.endswith("ied"):
        return word[:-3] + "y"
    stem = word[:-2]
    forms = [word[:-1], stem]  # `use` before `us`
    if stem[-1:] == stem[-2:-1]:
        forms.insert(0, stem[:-1])
    if word.endswith(("ised", "ysed", "ized")):
        return word[:-1]
    if listed := next((form for form in forms if is_word(form, "verb")), None):
        return listed
    if listed := next((form for form in forms if is_word(form, "noun")), None):
        return listed
    return _unlisted(stem)


def _unlisted(stem: str) -> str:
    """What *-ed* was added to, of a verb that the list does not have."""
    if stem.endswith(("at", "iz", "is", "v", "c", "g", "u", "s", "rs", "ns", "bl", "pl", "tl", "dl")):
        return stem + "e"
    if stem[-1:] == stem[-2:-1] and stem[-1] in _DOUBLED:
        return stem[:-1]
    return stem


def _base_of_one(word: str) -> str:
    """`carries` → `carry`; a word that is no verb in -s stays."""
    if word in _OF_ONE:
        return _OF_ONE[word]
    if not word.endswith("s") or word.endswith("ss"):
        return word
    if word.endswith(("ises", "yses")):  # `emphasises` is of no *emphasis*
        return word[:-1]
    forms = [word[:-1]]
    if word.endswith("es"):
        forms.append(word[:-2])
    if word.endswith("ies"):
        forms.append(word[:-3] + "y")
    for part in ("verb", "noun"):
        if listed := next((form for form in forms if is_word(form, part)), None):
            return listed
    return word[:-2] if word.endswith(("shes", "ches", "sses", "xes", "zzes")) else word[:-1]
