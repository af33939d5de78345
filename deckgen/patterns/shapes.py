"""The shapes of numbers, dates and words on folded text, as regular expressions."""

from __future__ import annotations

from deckgen.patterns.folded_text import WORD

_CHINESE_NUMERAL = "零〇一二三四五六七八九十百千万亿两几"
_NUMBER = rf"(?:[-+]?\d+(?:,\d{{3}})*(?:\.\d+)?\s*%?|[{_CHINESE_NUMERAL}]+)(?:[万亿]|多|余)?"
_YEAR = r"(?:公元前|公元|前)?\d{1,4}\s*年(?:代)?|(?:1\d|20)\d\ds?(?!\d)|\d{1,2}(?:st|nd|rd|th) century"
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DATE = (
    rf"(?:公元前|公元|前)?\d{{1,4}}\s*年(?:\s*\d{{1,2}}\s*月(?:\s*\d{{1,2}}\s*[日号])?|[初末底]|代)?"
    rf"|\d{{4}}[-./]\d{{1,2}}(?:[-./]\d{{1,2}})?"
    rf"|{_MONTH}\.? (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?\d{{4}}|\d{{1,2}} {_MONTH}\.? \d{{4}}|{_YEAR}"
)
LATIN_WORD = rf"[{WORD}\ue000\ue001_][{WORD}\ue000\ue001_+#/&.'’–-]*(?<![.'’–-])"
SHAPES = {
    "number": _NUMBER,
    "year": _YEAR,
    "date": _DATE,
    "word": rf"[{WORD}](?:[{WORD}'_-]*[{WORD}])?|[\u3400-\u9fff]+",
    "latin": rf"{LATIN_WORD}(?:\s(?:&\s)?{LATIN_WORD})*",
    "cjk": r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff·]+",
}
