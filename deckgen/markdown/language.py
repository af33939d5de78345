"""Text as read → the language that its script tells."""

from __future__ import annotations

from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex

HAN = lazy_regex("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = lazy_regex("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = lazy_regex("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_LATIN_WORD = lazy_regex("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
_OTHER_SCRIPTS = (
    ("ru", lazy_regex("[\u0400-\u052f]+")),
    ("el", lazy_regex("[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("ar", lazy_regex("[\u0600-\u06ff\u0750-\u077f]+")),
    ("he", lazy_regex("[\u0590-\u05ff]+")),
    ("hi", lazy_regex("[\u0900-\u097f]+")),
    ("th", lazy_regex("[\u0e00-\u0e7f]+")),
)


NOT_LATIN = frozenset(["zh", "ja", "ko", *(language for language, _ in _OTHER_SCRIPTS)])
"""The languages that a text's script tells; all others are `en` until somebody says which."""


@lru_cache(maxsize=256)  # each element in a text asks for that of the text
def language_of(plain: str) -> str:
    """The language of a text by its script: `zh`, `ja`, `ko`, `ru`, …; `en` for all Latin ones; else `""`."""
    if plain.isascii():
        return "en" if _LATIN_WORD.search(plain) else ""
    words = len(_LATIN_WORD.findall(plain))
    han, kana, hangul = len(HAN.findall(plain)), len(_KANA.findall(plain)), len(_HANGUL.findall(plain))
    if hangul and hangul >= 0.4 * words and hangul > han:
        return "ko"
    if kana and kana > 0.1 * (han + kana) and han + kana >= 0.4 * words:
        return "ja"
    if han and han >= 0.4 * words:
        return "zh"
    counts = [(len(script.findall(plain)), name) for name, script in _OTHER_SCRIPTS]
    most, name = max(counts)
    if most > words:
        return name
    return "en" if words else ""
