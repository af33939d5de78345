"""What asks, and what answers: the questions that the author of a note wrote down."""

from __future__ import annotations

import re

from deckgen.markdown.lazy_regex import lazy_regex

# What may stand behind the mark of a question: tags, ids, attributes, footnotes, emoji, closing quotes and brackets.
_DECORATION = lazy_regex(
    r"""(?:\s*+(?:\#[\w/-]++ | \^[\w-]++ | \{[#:.][^{}]*+\} | \[\^?\w{1,12}\]
        | [\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]++ | [*_"”’」』»)）\]]++ ))++\s*$""",
    re.VERBOSE,
)
_LONGEST_DECORATION = 300  # characters that are looked at in one go: it is sought from each of them on
_MARK = lazy_regex(r"[?？؟⸮]+[!！?？]*$|[!！]+[?？]+$|[;\u037e]$")
_EXCLAIMS = lazy_regex(r"[?？]{3,}")  # a cry, and no question
_GREEK = lazy_regex(r"[\u0370-\u03ff]")
_PREFIX = lazy_regex(
    r"\s*[*_]{0,3}(?:Q(?:uestion)?\s?\d{0,3}|问题?\s?\d{0,3}|题目?\s?\d{0,3}|提问)\s*[.．:：、]\s*[*_]{0,3}\s*"
    r"|\s*[*_]{0,3}Q\d{1,3}[)）]\s*",
    re.IGNORECASE,
)
_ANSWER = lazy_regex(
    r"\s*[*_]{0,3}(?:A(?:nswer|ns)?\s?\d{0,3}|答案?\s?\d{0,3}|解答)\s*[.．:：、]\s*[*_]{0,3}\s*|\s*[*_]{0,3}A\d{1,3}[)）]\s*",
    re.IGNORECASE,
)
_BARE_ANSWER = lazy_regex(r"\s*(?:-{2,}|—+|=>|-+>|→|:{2,3}(?!:))\s*")
_MARKED_ANSWER = lazy_regex(r"\s*(?:=>|-+>|→|:{2,3}(?!:))\s*\S")
_WORD = lazy_regex(
    r"(?:and |but |so |then )?(?:what|which|how|why|when|where|who|whom|whose|explain why|name the|list the)\b(?!ever)",
    re.IGNORECASE,
)
_CLAUSE = lazy_regex(  # no question: “When the tide is low, the wreck shows”
    r"(?:when|where) (?!(?:to|is|are|was|were|do|does|did|should|can|could|will|would|has|have)\b)"
    r"|(?:how|why|what) (?:the|a|an|we|i|it|he|she|they) ",
    re.IGNORECASE,
)
_LATE_WORD = lazy_regex(
    r"(?:(?<!\.[A-Z])\.|;)\s*(?:what|which|how|why|when|where|who)\b[^,.;]{6,}$"
    r"|,\s*(?:what|how|why|which (?:of|[\w-]+ (?:should|is|are|does|do|can|could|would|was|were)))\b[^,.;]{6,}$"
    r"|\b(?:by|in|with|to|of|at|for|from|on) (?:what|which)(?: [\w-]+){1,4}$"
    r"|(?<!s )(?<!know )(?<!tell )\b(?:what|which)(?: [\w-]+){1,3}"
    r" (?:should|is|are|does|do|can|could|would|was|were)\b(?! (?:called|known))[^,.;:]*$",
    re.IGNORECASE,
)
# A stem: it breaks off where its answer begins.
_STEM = lazy_regex(
    r"\b(?:is|are|was|were|by|on|because|states?|should|includes?|reflects?|means|called|where|when|you|due to|equals)"
    r"\s*[:：.]?$",
    re.IGNORECASE,
)
_SAYS = lazy_regex(r" (?:states|says|means|is|are|includes?|consists? of|involves?|defines?)$", re.IGNORECASE)
_ZH_STEM = lazy_regex(r"^(?:为什么|为何|如何|怎样|怎么|什么是|何谓|哪些)|为什么|是什么$|有哪些$|怎么办$|怎么做$")
_OPTION = lazy_regex(r"\s*[(（]?[A-Ha-h][.)、．）]\s*")
_RIGHT = lazy_regex(r"[✓✔√☑✅]|\[correct\]|\(correct\)|（正确）|\[x\]", re.IGNORECASE)
_BLANK = lazy_regex(
    r"_{3,}|（[\s\u3000]+）|\([\s\u3000]{2,}\)|\[\s?\.\.\.\s?\]|\[…\]|\{\{[^{}]*\}\}|<%|%\}|\$\{[^}]*\}|(?<!…)…{2,}$|(?<!\.)\.{3,}$"
)
_RHETORICAL = lazy_regex(
    r"(?:what(?: i|')?s next|what next|now what|what else|any questions|what will (?:you|we)"
    r"|what (?:you|we)(?:'ll| will)"
    r"|what (?:has )?happen(?:ed|s)|what to expect|how to use this|who is this|why this"
    r"|isn't it|right|is it|got it|see)\W*$|(?:那么?|然后|所以)呢\W*$",
    re.IGNORECASE,
)


def undecorated(plain: str) -> str:
    """A line without what may stand behind its mark."""
    text = plain.rstrip()
    while found := _DECORATION.search(text, max(0, len(text) - _LONGEST_DECORATION)):
        text = text[: found.start()].rstrip()
    return text


def asks(plain: str) -> bool:
    """Whether a line is a question."""
    if not plain or ("?" not in plain and "？" not in plain and not _asks_otherwise(plain)):
        return False
    text = undecorated(plain)
    if question_prefix_end(plain):
        return True
    found = _MARK.search(text)
    if found is None or _EXCLAIMS.search(found.group()):
        return False
    if found.group() in ";\u037e" and not _GREEK.search(text):
        return False
    return len(text) <= 300 and found.start() >= 2 and not _RHETORICAL.search(text)


def _asks_otherwise(plain: str) -> bool:
    if question_prefix_end(plain) or any(mark in plain for mark in "؟⸮\u037e"):
        return True
    return ";" in plain and _GREEK.search(plain) is not None


def question_end(plain: str) -> int:
    """Where the question ends of a line that goes on behind its mark; 0 where it does not."""
    place = 0
    for found in re.finditer(r"[?？؟]+[!！]*", plain):
        rest = plain[found.end() :]
        if (
            rest.strip()
            and not _DECORATION.match(rest)
            and (rest[0].isspace() or not rest[0].isascii() or _MARKED_ANSWER.match(rest))
        ):
            place = found.end()
            break
    if not place or place > 200 or place < 4:
        return 0
    rest = plain[place:].strip()
    return place if rest and not _MARK.search(undecorated(rest)) and "？" not in rest and "?" not in rest else 0


_ASKING = lazy_regex(r"什么|如何|怎么|怎样|为何|哪|谁|多少|几|吗|呢|是否|是不是|有没有|有木有|能不能|会不会|可不可以")


def is_answered(plain: str) -> bool:
    """Whether a line asks and goes on with the answer: `What is demurrage? A fee …`."""
    end = question_end(plain)
    if not end:
        return False
    asked = plain[:end]
    return bool(_WORD.match(asked.lstrip(" *_")) if asked.isascii() else _ASKING.search(asked))


def is_marked_answer(plain: str) -> bool:
    """Whether an arrow or `::` parts a question from its answer."""
    end = question_end(plain)
    return bool(end) and _MARKED_ANSWER.match(plain, end) is not None


def question_prefix_end(plain: str) -> int:
    """Where a question begins behind `Q:`, `Q1.`, `问：`; 0 without."""
    found = _PREFIX.match(plain)
    return found.end() if found and found.end() < len(plain) else 0


def is_answer_line(plain: str) -> bool:
    """`A: …`, `答：…`."""
    return _ANSWER.match(plain) is not None


def answer_start(plain: str) -> int:
    """Where an answer begins behind `A:`, `答：` or an arrow."""
    found = _ANSWER.match(plain) or _BARE_ANSWER.match(plain)
    return found.end() if found else 0


def is_stem(plain: str) -> bool:
    """Whether a line without a mark asks all the same: by a question word, or since it breaks off before its answer."""
    text = undecorated(plain).rstrip(" .:：")
    if _ZH_STEM.search(text):
        return 4 <= len(text) <= 60
    words = text.count(" ") + 1
    if words < 3 or len(text) > 400:
        return False
    if _SAYS.search(text):
        return True
    is_asking = _WORD.match(text) and not _CLAUSE.match(text)
    return words > 3 and bool(is_asking or _LATE_WORD.search(text) or _STEM.search(undecorated(plain)))


def is_option(plain: str) -> bool:
    """`A. …`, `(b) …`."""
    return _OPTION.match(plain) is not None


def is_right_option(plain: str) -> bool:
    """Whether an option is marked as the right one."""
    return _RIGHT.search(plain) is not None


def has_blank(plain: str) -> bool:
    """Whether something is left to be filled in."""
    return _BLANK.search(plain) is not None
