"""English clauses: whether a phrase says something by a verb of its own, or is a noun and what tells it from others.

Words are what they most often are (`english_words`), so only what is sure counts: many words of names are verbs, too.
"""

from __future__ import annotations

from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_words import WORD, is_adverb, is_known, is_word

_COMPARED = lazy_regex(
    r"(?:easier|harder|better|worse|faster|slower|larger|smaller|less|more|[a-z]{3,}ier) (?:to|than)\b"
)


@lru_cache(maxsize=4096)
def why_no_label(label: str) -> str | None:
    """Why a label is a clause, an order or a piece of a sentence, and so names nothing; None where it may be a name.

    Only what is sure: a name may be any phrase, and many words of a title are verbs elsewhere.
    """
    text = label.lower()
    words: list[str] = WORD.findall(text)
    if len(words) < 3 or not text.isascii():
        return None
    first, second = words[0], words[1]
    if first in ("who", "what", "which", "how", "why", "where"):
        return f"it begins with “{first}”"
    if is_word(first, "leading") or _COMPARED.match(text) or (is_adverb(first) and text.startswith(f"{first},")):
        return f"it begins with “{first}”"
    if is_word(first, "finite") or first in ("may", "might") or (second != "of" and _is_verb_of_one(first, "", second)):
        return f"it begins with a verb, “{first}”"
    if (is_word(first, "verb") and is_word(second, "determiner")) or (is_word(first, "noun") and second == "the"):
        return f"it begins with an order, “{first}”"
    if len(words) > 3 and all(
        word in ("and", "or", "but") or is_word(word, "adjective") or is_adverb(word) for word in words
    ):
        return "it has no noun"
    for before, word, after in zip(words, words[1:], [*words[2:], ""], strict=False):
        if not is_word(before, "relative") and (is_word(word, "finite") or _is_verb_of_one(word, before, after)):
            return f"“{word}” is a verb"
        if is_word(word, "joining") and after:
            return f"“{word}” joins a clause"
        if is_word(word, "past", "participle") and (after in ("more", "less", "fewer") or is_word(after, "determiner")):
            return f"“{word}” is a verb"
        if is_adverb(word) and is_word(after, "verb"):
            return f"“{after}” is a verb"
    return None


_BEGINS_OBJECT = ("the", "a", "an", "her", "his", "its", "their", "our", "my", "your", "all", "that", "it", "them")
_JOINS_NOUNS = ("of", "and", "or", "in", "for", "with", "by", "to", "from", "as", "between", "on", "at")
_SHORTENED = lazy_regex(r"(?:here|there|that|it|what|who|let)'s |(?:i|we|you|they|he|she)'(?:m|re|ve|ll|d|s) ")
_ORDERS = ("shut", "put", "practice", "practise")  # which most often are something else
_REASONING = ("hence", "thus", "therefore", "because", "since", "whereas")
_COMPARING = ("less", "fewer", "more")
_PAST_ALONE = frozenset({
    "ate", "became", "began", "broke", "came", "chose", "drew", "drove", "fell", "flew", "gave", "grew", "knew", "rose",
    "sank", "spoke", "threw", "took", "went", "withdrew", "wrote",
})  # fmt: skip
"""Forms of the past that are no participles, and so are always the verb of a clause."""
_NOT_VERBS = ("means", "needs", "works", "goods", "sales")


@lru_cache(maxsize=4096)
def why_doubtful_label(label: str) -> str | None:
    """Why a label may be a piece of a sentence and name nothing; None where nothing speaks for that."""
    text = label.lower().replace("’", "'")
    if not text.isascii():
        text = text.replace("“", '"').replace("”", '"')
    if text.startswith("(") and text.endswith(")"):
        return "it stands in brackets"
    words: list[str] = WORD.findall(text)
    if len(words) < 2:
        return None
    first, second = words[0], words[1]
    if _SHORTENED.match(text):
        return f"it begins with “{first}”"
    if first in _COMPARING and is_word(words[-1], "plural", "noun"):
        return f"it begins with “{first}”"
    if first == "example":
        return "it announces an example"
    if reasoned := next((word for word in words[1:] if word in _REASONING), None):
        return f"“{reasoned}” joins a clause"
    if second != "of" and first not in _NOT_VERBS and _is_verb_of_one(first, "", second):
        return f"it begins with a verb, “{first}”"
    if is_word(first, "verb-s") and second in _BEGINS_OBJECT:
        return f"it begins with a verb, “{first}”"
    is_order = is_word(first, "verb") or first in _ORDERS
    if is_order and is_word(second, "determiner", "adjective", *(["participle"] if first in _ORDERS else [])):
        return f"it begins with an order, “{first}”"
    if len(words) > 2 and is_word(words[-2], "plural") and is_word(words[-1], "verb", "adjective"):
        return f"it ends like a sentence, in “{words[-2]} {words[-1]}”"
    for before, word, after in zip(words, words[1:], words[2:], strict=False):
        if is_word(before, "plural") and is_word(word, "verb") and after not in ("and", "or"):
            return f"“{word}” is a verb"
        if is_word(word, "past", "participle") and is_word(before, "noun") and is_word(after, "adjective"):
            return f"“{word}” is a verb"
        if is_word(word, "past") and (after in ("to", "in", "from", "up", "down") or is_word(after, "adjective")):
            return f"“{word}” is a verb"
    return "it breaks off" if words[-1] == "including" else None


def _is_verb_of_one(word: str, before: str, after: str) -> bool:
    """Whether a word can only be what one thing does: `takes` between two words, no plural."""
    if not after or before == "to" or not word.endswith("s"):
        return False
    if word.endswith("ises") and not is_known(word):
        return is_word(f"{word[:-4]}ize", "verb")
    return is_word(word, "verb-s") and not is_word(word.removesuffix("s"), "noun")


def why_no_fragment(text: str) -> str | None:
    """Why a text, in small letters, is a sentence; None where no verb of its own stands in it.

    `a tube that keeps a vessel open` is a fragment: its verb belongs to *that*.
    """
    words: list[str] = WORD.findall(text)
    owed = 0  # verbs that relative clauses still want
    had = False  # whether a relative clause has its verb: what *and* joins to it has one, too
    link = ""  # the word before, but for adverbs
    for before, word, after in zip(["", *words], words, [*words[1:], ""], strict=False):
        if is_word(word, "relative") or is_word(word, "joining") or word in ("how", "what", "why", "whom"):
            owed, had = owed + 1, False
        elif (
            is_word(word, "finite")
            or word in ("may", "might", "will")
            or _is_finite(word, link if is_adverb(before) else before, after)
        ):
            if not owed and not (had and link in ("and", "or", "but")):
                return f"“{word}” is its verb"
            owed, had = max(0, owed - 1), True
        if not is_adverb(word):
            link = word
    return None


def why_no_clause(text: str) -> str | None:
    """Why a text, in small letters, is no clause; None where a word stands in it that may be its verb."""
    words: list[str] = WORD.findall(text)
    for before, word in zip(["", *words], words, strict=False):
        if is_word(word, "finite", "verb-s") or word in ("may", "might", "will"):
            return None
        if is_word(before, "plural") and is_word(word, "verb"):
            return None
    return "it has no verb of its own"


def _is_finite(word: str, before: str, after: str) -> bool:
    if word in _PAST_ALONE and before:
        return True
    if _is_verb_of_one(word, before, after):
        return True
    if (
        before
        and after in _BEGINS_OBJECT
        and (
            is_word(word, "past")
            or (word.endswith("s") and not word.endswith(("ss", "us", "is")) and is_known(word[:-1]))
        )
    ):
        return before not in _JOINS_NOUNS  # `a keeper views her work`: a plural takes no object
    return is_word(before, "plural") and is_word(word, "verb") and bool(after)
