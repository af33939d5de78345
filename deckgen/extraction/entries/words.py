"""Words of two languages: `- 雨 - rain`, `海啸（tsunami）`, `Catch me later` with its translation below."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from deckgen.extraction.entries.marks import has_chinese
from deckgen.markdown.language import language_of
from deckgen.markdown.lazy_regex import lazy_regex

if TYPE_CHECKING:
    from deckgen.extraction.entries.entry import Entry

_BRACKETED = lazy_regex(r"^(?P<word>[^()（）]+?)\s*[(（]\s*(?P<gloss>[^()（）]+?)\s*[)）]$")
_OPEN = lazy_regex(r"(?:todo|tbd|wip|n/?a|fixme)$", re.IGNORECASE)  # still to be written
_LONGEST = 80
_KANA = lazy_regex(r"[\u3040-\u30ffー・\s]+$")

Span = tuple[int, int]


class Pair(NamedTuple):
    """A word, what it means, and how it is read, as places in the text of an entry."""

    word: Span
    meaning: Span
    reading: Span | None = None


def is_pair(one: str, other: str) -> bool:
    """Whether two texts are words of different scripts, each of one alone."""
    first, second = _script(one), _script(other)
    return bool(first and second) and first != second


def _script(text: str) -> str:
    text = text.strip()
    if not text or len(text) > _LONGEST or any(mark in text for mark in "\ue000\ue001\ue002\ue003=:："):
        return ""
    found = language_of(text)
    has_latin = any("a" <= c.casefold() <= "z" for c in text)
    if found in ("zh", "ja", "ko", "ru", "el", "ar", "he", "th", "hi"):
        return "" if has_latin else "cjk" if found in ("zh", "ja") else found
    return found if text.isascii() or found else ""


def language_pair(entry: Entry) -> Pair | None:
    """Both sides of an entry that pairs words of two languages; None for any other."""
    text = entry.text
    assert text is not None
    plain = text.plain
    if entry.parted is not None and entry.parted.has_body:
        label, body = entry.parted.label, entry.parted.body
        if "\n" in plain[slice(*body)]:
            return None
        one, other = plain[slice(*label)], plain[slice(*body)]
        if entry.parted.mark in ("：", ":") and has_chinese(other):
            return None  # what stands behind a colon explains
        return _with_reading(plain, Pair(label, body)) if entry.is_run and _are_words(one, other) else None
    found = bracketed(entry)
    if found and entry.form in ("item", "line", "lead") and _are_words(*(plain[slice(*side)] for side in found[:2])):
        return found
    start, end = _line_of(entry)
    lines = plain[start:end].split("\n")
    if (
        len(lines) == 2
        and entry.form == "item"
        and is_pair(lines[0].strip(" .!?。！？…"), lines[1].strip(" .!?。！？…"))
    ):
        cut = start + len(lines[0])
        return Pair((start, cut), (cut + 1, end))
    return None


def bracketed(entry: Entry) -> Pair | None:
    """A word and what stands in brackets behind it, where a line is nothing else."""
    assert entry.text is not None
    start, end = _line_of(entry)
    if end - start > 4 * _LONGEST:
        return None  # no pair of words; the expression takes quadratic time in a run of spaces
    found = _BRACKETED.match(entry.text.plain[start:end].rstrip())
    if found is None:
        return None
    word, gloss = ((start + a, start + b) for a, b in (found.span("word"), found.span("gloss")))
    return Pair(word, gloss)


def _line_of(entry: Entry) -> Span:
    assert entry.text is not None
    start, end = entry.parted.label if entry.parted is not None else (entry.start, entry.end)
    while start < end and entry.text.plain[start].isspace():
        start += 1
    return start, end


def _with_reading(plain: str, pair: Pair) -> Pair:
    """`雨 (あめ)` → the word without the kana behind it, which say how it is read."""
    start, end = pair.word
    found = _BRACKETED.match(plain[start:end])
    if found is None or not _KANA.match(found["gloss"]) or _KANA.match(found["word"]):
        return pair
    word, gloss = ((start + a, start + b) for a, b in (found.span("word"), found.span("gloss")))
    return Pair(word, pair.meaning, gloss)


def is_mostly_chinese(text: str) -> bool:
    """Whether a text is Chinese, some Latin letters aside: `n. 潮汐`."""
    chinese = sum("\u3400" <= character <= "\u9fff" for character in text)
    return chinese > 0 and 2 * chinese >= sum("a" <= character.casefold() <= "z" for character in text)


def _are_words(one: str, other: str) -> bool:
    """A pair of words, not a word and a sentence about it."""
    if not is_pair(one, other) or _OPEN.match(other.strip()):
        return False
    if any(len(text.strip()) < 2 and not has_chinese(text) for text in (one, other)):
        return False  # a sign, as μ, and what is said of it
    shorter = all(
        len(text.strip()) <= 40
        and text.count(" ") <= 4
        and not any(m in text for m in "。；;，!！?？+/")
        and not any(c.isdigit() for c in text)
        for text in (one, other)
    )
    chinese = next((text for text in (one, other) if _script(text) != "en"), one)
    return shorter and len(chinese.strip()) <= 8
