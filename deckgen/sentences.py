"""Text as read → its language, its sentences, its clauses. All places are offsets into the text."""

from __future__ import annotations

import re

_HAN = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile("[\u3041-\u3096\u30a1-\u30fa\uff66-\uff9d]")
_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\uac00-\ud7af]")
_LATIN_WORD = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:['’-][A-Za-z\u00c0-\u024f]+)*")
_OTHER_SCRIPTS = (
    ("ru", re.compile("[\u0400-\u052f]+")),
    ("el", re.compile("[\u0370-\u03ff\u1f00-\u1fff]+")),
    ("ar", re.compile("[\u0600-\u06ff\u0750-\u077f]+")),
    ("he", re.compile("[\u0590-\u05ff]+")),
    ("hi", re.compile("[\u0900-\u097f]+")),
    ("th", re.compile("[\u0e00-\u0e7f]+")),
)


def language_of(plain: str) -> str:
    """The language of a text by its script: `zh`, `ja`, `ko`, `ru`, …, `en` for any in Latin letters, `""` without letters."""
    words = len(_LATIN_WORD.findall(plain))
    if plain.isascii():
        return "en" if words else ""
    han, kana, hangul = len(_HAN.findall(plain)), len(_KANA.findall(plain)), len(_HANGUL.findall(plain))
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


_CIRCLED = "\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
_ENUMERATOR = re.compile(
    rf"""\s*(?:
      [-*+•·▪■◆●○–—](?=[ \t\u3000])
    | [(（]\s*(?:\d{{1,2}}|[a-zA-Z]|[ivxIVX]{{1,4}}|[一二三四五六七八九十]{{1,3}})\s*[)）](?!\s*[(（])
    | [{_CIRCLED}]
    | \d{{1,2}}[.．](?=[ \t\u3000]|[^\s\d.．])(?!\d)
    | \d{{1,2}}(?:[)）]|、)
    | [一二三四五六七八九十]{{1,3}}、
    | [a-zA-Z](?:\)|）|\.(?=[ \t])|、)
    )[ \t\u3000]*""",
    re.VERBOSE,
)
_BULLET_OR_NUMBER = re.compile(
    rf"(?:[-*+•·▪]\s|\(?\d{{1,2}}[.)](?:\s|[^\s\d])|（[^（）]{{1,3}}）|[{_CIRCLED}]|\d{{1,2}}、|[一二三四五六七八九十]{{1,3}}、|[a-zA-Z]\)\s)"
)
_VERSION_LIKE = re.compile(r"\d{1,2}[.．](?:\d|[a-z]{1,4}\b(?![\u3400-\u9fff]))")


def enumerator_end(plain: str, start: int) -> int:
    """The place after a bullet or enumerator (`1.`, `1、`, `（1）`, `①`, `一、`, `a)`) and space; `start` without one."""
    found = _ENUMERATOR.match(plain, start)
    return found.end() if found else start


_OPENING = "([{（［｛【「『《〈〔“‘"
_CLOSING = ")]}）］｝】」』》〉〕”’"
_PAIR = dict(zip(_OPENING, _CLOSING, strict=True))
_QUOTES = "”’」』"
_ZH_END = re.compile(r"[。！？!?…]+|\.(?=\s|$)|\.{3,}|\n")
_EN_END = re.compile(r"[.!?…]+|[。！？]+|\n")
_TAIL = re.compile(r"[”’」』）)\]】》\"'*]*")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"'‘/])(?:e\.g|i\.e|etc|vs|cf|viz|al|ca|approx|resp|incl|esp|Dr|Mr|Mrs|Ms|Prof|Sr|Jr|St|Mt|Fig|Figs|Eq|Eqs|Sec|Ch|Vol|No|Nos"
    r"|pp?|ed|eds|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[Uu]\.[Ss]|[A-Z]|[A-Z](?:\.[A-Z])+|[ap]\.m)$"
)
_STILL_ENDS = re.compile(r"(?:etc|al|Inc|Ltd|Co|Corp|Jr|Sr|[ap]\.m|[Uu]\.[Ss])$")


def split_sentences(plain: str, language: str) -> list[tuple[int, int]]:
    """The sentences of a paragraph, as spans without surrounding white space.

    In Chinese and Japanese a line break ends a sentence; elsewhere it is a hard wrap, unless the next line begins with
    an enumerator. Inside of a pair of brackets or quotation marks nothing ends.
    """
    is_cjk = language in ("zh", "ja")
    depths = _pairs(plain) if any(mark in plain for mark in _OPENING) or '"' in plain else []
    cuts: list[int] = []
    for found in (_ZH_END if is_cjk else _EN_END).finditer(plain):
        mark, start, end = found.group(), found.start(), found.end()
        if mark == "\n":
            if is_cjk or _BULLET_OR_NUMBER.match(plain, end):
                cuts.append(end)
            continue
        tail = _TAIL.match(plain, end)
        after = tail.end() if tail else end
        closed = depths[start] if depths else ()
        if closed:
            # Only a quotation that ends here, sentence and all, ends the sentence around it.
            inner = closed[-1]
            if not (is_cjk and len(closed) == 1 and inner < after and plain[inner] in _QUOTES + '"'):
                continue
            if mark == "…" * len(mark) or not _starts_new(plain, inner + 1):
                continue
            after = inner + 1
        elif not (_ends_chinese(plain, start, end, after, mark) if is_cjk else _ends_latin(plain, start, end, after, mark)):
            continue
        cuts.append(after)
    spans = []
    last = 0
    for cut in [*cuts, len(plain)]:
        if cut > last:
            text = plain[last:cut]
            stripped = text.strip()
            if stripped:
                begin = last + len(text) - len(text.lstrip())
                spans.append((begin, begin + len(stripped)))
            last = cut
    return spans


def _pairs(plain: str) -> list[tuple[int, ...]]:
    """For each place the closing marks, outermost first, of the pairs that it stands in; a line break ends none."""
    stack: list[tuple[str, int]] = []
    pairs: list[tuple[int, int]] = []
    for place, character in enumerate(plain):
        if character == '"':
            if stack and any(mark == '"' for mark, _ in stack):
                while stack[-1][0] != '"':
                    stack.pop()
                pairs.append((stack.pop()[1], place))
            else:
                stack.append(('"', place))
        elif character in _PAIR:
            stack.append((_PAIR[character], place))
        elif character in _CLOSING and any(mark == character for mark, _ in stack[-20:]):
            if character == "’" and place + 1 < len(plain) and plain[place + 1].isalnum() and plain[place + 1].isascii():
                continue  # an apostrophe
            while stack[-1][0] != character:
                stack.pop()
            pairs.append((stack.pop()[1], place))
    closing: list[tuple[int, ...]] = [()] * (len(plain) + 1)
    for opening, end in sorted(pairs):
        for place in range(opening + 1, end):
            closing[place] = (*closing[place], end)
    return closing


def _starts_new(plain: str, place: int) -> bool:
    following = plain[place : place + 1]
    return not following or following not in "，、；：,;:的地得是了着过）)】》"


def _ends_chinese(plain: str, start: int, end: int, after: int, mark: str) -> bool:
    if mark[0] in "。！？":
        return True
    before, following = plain[start - 1 : start], plain[after : after + 1]
    if mark[0] == "…":
        return not following or following in " \n"
    if mark[0] == ".":
        return bool(_HAN.match(before)) or (len(mark) == 1 and before.isalnum() and _ends_latin(plain, start, end, after, mark))
    return not following or following in " \n" or not following.isascii()


def _ends_latin(plain: str, start: int, end: int, after: int, mark: str) -> bool:
    if mark[0] in "。！？":
        return True
    rest = plain[after:].lstrip() if after < len(plain) and after + 4 > len(plain) else plain[after : after + 4].lstrip()
    if not rest:
        return True
    if not plain[after].isspace():
        return not rest[0].isascii() and bool(_HAN.match(rest[0]))
    if mark == ".":
        before = plain[max(0, start - 12) : start]
        if _ABBREVIATION.search(before) and not (_STILL_ENDS.search(before) and rest[0].isupper()):
            return False
        line = plain.rfind("\n", 0, start) + 1
        if enumerator_end(plain, line) >= end and plain[line:start].strip("( ").isalnum():
            return False
    if mark[0] == "…" or len(mark) > 1 and set(mark) == {"."}:
        return rest[0].isupper() or not rest[0].isascii()
    return rest[0].isupper() or rest[0].isdigit() or not rest[0].isalpha() or not rest[0].isascii()


_ZH_CLAUSE = re.compile(r"[，；：,;:。！？!?]|——|\n")
_CLAUSE_TRIM = " \t\n，；：,;:。！？!?—…"


def split_clauses(plain: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    """The clauses of `plain[start:end]`: between commas, colons and semicolons that stand outside of brackets."""
    text = plain[start:end]
    depths = _pairs(text) if any(mark in text for mark in _OPENING) or '"' in text else []
    spans, last = [], 0
    for found in [*_ZH_CLAUSE.finditer(text), None]:
        stop = found.start() if found else len(text)
        if found:
            following = text[found.end() : found.end() + 1]
            if depths and depths[stop]:
                continue
            if found.group() in ",;:!?" and following and following.isascii() and not following.isspace():
                continue
        part = text[last:stop]
        stripped = part.strip(_CLAUSE_TRIM)
        if stripped:
            begin = start + last + part.index(stripped)
            spans.append((begin, begin + len(stripped)))
        last = found.end() if found else stop
    return spans
