"""Text as read → its sentences, its clauses. All places are offsets into the text."""

from __future__ import annotations

import re
from bisect import bisect_right
from itertools import accumulate

from msgspec import Struct

from deckgen.markdown.language import HAN
from deckgen.markdown.lazy_regex import lazy_regex

_CIRCLED = "\u2460-\u249b\u24ea-\u24ff\u2776-\u2793"
# Signs that begin a line and mean nothing: geometric shapes, stars, check marks of a font.
_BULLETS = "•·▪■◆●○◍◦‣⁃◉◎◇□▫◾◽▶►▸▹➤➢➔❖✦✧★☆♦♢"
_ENUMERATOR = lazy_regex(
    rf"""\s*(?:
      [-*+{_BULLETS}–—](?=[ \t\u3000])
    | [(（]\s*(?:\d{{1,2}}|[a-zA-Z]|[ivxIVX]{{1,4}}|[一二三四五六七八九十]{{1,3}})\s*[)）](?!\s*[(（])
    | [{_CIRCLED}]
    | \d{{1,2}}[.．](?=[ \t\u3000]|[^\s\d.．])(?!\d)
    | \d{{1,2}}(?:[.．]\d{{1,2}}){{1,4}}[.．](?=[ \t\u3000])
    | \d{{1,2}}(?:[)）]|、)
    | [一二三四五六七八九十]{{1,3}}、
    | [a-zA-Z](?:\)|）|\.(?=[ \t])|、)
    )、?[ \t\u3000]*""",
    re.VERBOSE,
)
_BULLET_OR_NUMBER = lazy_regex(
    rf"(?:[-*+{_BULLETS}]\s|\(?\d{{1,2}}[.)](?:\s|[^\s\d])|（[^（）]{{1,3}}）|[{_CIRCLED}]|\d{{1,2}}、|[一二三四五六七八九十]{{1,3}}、|[a-zA-Z]\)\s)"
)


def enumerator_end(plain: str, start: int) -> int:
    """The place after a bullet or enumerator (`1.`, `1、`, `（1）、`, `①`, `一、`, `a)`) and space; else `start`."""
    found = _ENUMERATOR.match(plain, start)
    return found.end() if found else start


_SECTION_NUMBER = lazy_regex(r"\s*\d{1,2}(?:[.．]\d{1,2}){1,4}[ \t\u3000]+(?=[A-Z\u3400-\u9fff])(?![GMkT]?(?:Hz|B)\b)")


def section_number_end(plain: str) -> int:
    """The place after the number of a section (`2.3 Indexes`, `2.3. Indexes`, `2. Indexes`); else 0."""
    found = _SECTION_NUMBER.match(plain)
    return found.end() if found else enumerator_end(plain, 0)


_OPENING = "([{（［｛【「『《〈〔“‘"
_CLOSING = ")]}）］｝】」』》〉〕”’"
_PAIR = dict(zip(_OPENING, _CLOSING, strict=True))
_BRACKET = lazy_regex("[" + re.escape(_OPENING + _CLOSING) + '"]')
_QUOTES = '”’」』"'


class _Pairs(Struct, frozen=True):
    """The pairs of brackets and quotation marks of a text: how deep each place stands, and the outermost pairs."""

    depths: list[int]
    openings: list[int]
    closings: list[int]

    def outer(self, place: int) -> tuple[int, int]:
        """The outermost pair around a place that is in one."""
        found = bisect_right(self.openings, place) - 1
        return self.openings[found], self.closings[found]


def _pairs(plain: str) -> _Pairs | None:
    """The pairs; None without any. A bracket without a partner is an ordinary character."""
    stack: list[tuple[str, int]] = []
    waiting = dict.fromkeys([*_CLOSING, '"'], 0)  # closing marks that some opening one waits for
    pairs: list[tuple[int, int]] = []
    for found in _BRACKET.finditer(plain):
        mark, place = found.group(), found.start()
        before = plain[place - 1 : place]
        opens = _PAIR.get(mark)
        if mark == '"' and not waiting['"'] and not (before.isascii() and before.isalnum()):
            opens = '"'
        if opens:
            stack.append((opens, place))
            waiting[opens] += 1
        elif waiting[mark]:
            following = plain[place + 1 : place + 2]
            if mark == "’" and following.isascii() and following.isalnum() and before.isalnum():
                continue  # an apostrophe
            while stack[-1][0] != mark:
                waiting[stack.pop()[0]] -= 1
            waiting[mark] -= 1
            pairs.append((stack.pop()[1], place))
    if not pairs:
        return None
    change = [0] * (len(plain) + 2)
    for opening, closing in pairs:
        change[opening + 1] += 1
        change[closing] -= 1
    depths = list(accumulate(change))
    outermost = sorted(pair for pair in pairs if not depths[pair[0]])
    return _Pairs(depths, [pair[0] for pair in outermost], [pair[1] for pair in outermost])


_ZH_END = lazy_regex(r"[。！？!?…]+|\.{3,}|\.(?=\s|$)|\n")
_EN_END = lazy_regex(r"[.!?…]+|[。！？]+|\n")
_TAIL = lazy_regex(r"[”’」』）)\]】》\"'*]*")
_ABBREVIATION = lazy_regex(
    r"(?:^|[\s(\[“\"'‘/])(?:e\.g|i\.e|etc|vs|cf|viz|al|ca|approx|resp|incl|esp|Dr|Mr|Mrs|Ms|Prof|Sr|Jr|St|Mt|Figs?|Eqs?|Sec|Ch|Vol|Nos?"
    r"|pp?|eds?|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|[Uu]\.[Ss]|[A-Z](?:\.[A-Z])+|[ap]\.m)$"
)
_LAST_WORD = lazy_regex(r"(?:etc|al)$")
_INITIAL = lazy_regex(r"(?<![A-Za-z0-9'’-])[A-Z]$")
_STARTER = lazy_regex(
    r"(?:The|Th(?:is|at|ese|ose|ey|en|ere|us|erefore)|An?|It|Its|In|On|At|By|We|You|He|She|I|If|When|While|As|For|From|With|Without|But|And|Or"
    r"|So|Since|Because|However|Otherwise|Here|Each|Every|Both|All|Some|Any|Now|Also|After|Before|What|Why|How|Note|Let|Imagine|Consider"
    r"|Suppose|Once|To|No|Not|[A-Z][a-z]+ly)(?:[\s,’']|$)"
)
"""Words that begin a sentence rather than go on with a name: `Grace B. Miller`, but `from A to B. Without …`."""


def split_sentences(plain: str, language: str, kept: re.Pattern[str] | None = None) -> list[tuple[int, int]]:
    """The sentences of a paragraph, as spans without surrounding white space.

    In Chinese and Japanese a line break ends a sentence; elsewhere it is a hard wrap, unless the next line begins with
    an enumerator, or the lines of an English paragraph are a sentence each. Inside of a pair of brackets or quotation
    marks nothing ends, but a quotation may end its sentence.
    `kept` finds abbreviations of a language: what stands in them ends no sentence, but that of the whole text.
    """
    abbreviations = [found.span() for found in kept.finditer(plain)] if kept is not None and "." in plain else []
    is_cjk = language in ("zh", "ja")
    is_by_line = is_cjk or (language == "en" and "\n" in plain and _is_by_line(plain))
    pairs = _pairs(plain)
    spans: list[tuple[int, int]] = []
    last = 0
    for found in (_ZH_END if is_cjk else _EN_END).finditer(plain):
        mark, start, end = found.group(), found.start(), found.end()
        if start < last or any(a <= start < b and end < len(plain.rstrip()) for a, b in abbreviations):
            continue
        if mark == "\n":
            cut = end if is_by_line or _BULLET_OR_NUMBER.match(plain, end) else 0
        elif pairs and pairs.depths[start]:
            cut = _end_of_quotation(plain, start, end, last, pairs, is_cjk=is_cjk)
        else:
            tail = _TAIL.match(plain, end)
            after = tail.end() if tail else end
            ends = _ends_chinese if is_cjk else _ends_latin
            cut = after if ends(plain, start, after, mark) else 0
        if cut:
            _add_span(plain, last, cut, spans)
            last = cut
    _add_span(plain, last, len(plain), spans)
    return spans


def _is_by_line(plain: str) -> bool:
    """Whether the lines of an English paragraph are a sentence each, and not wrapped: each begins with a capital, and
    they are not about as long as each other.
    """
    lines = [line.strip(" \t*_") for line in plain.split("\n") if line.strip()]
    if len(lines) < 2 or not all(line[:1].isupper() for line in lines):
        return False
    lengths = [len(line) for line in lines[:-1]]
    if len(lines) == 2:
        return lengths[0] < _SHORT_LINE
    return max(lengths) < _WRAPPED or max(lengths) - min(lengths) > _RAGGED


_SHORT_LINE, _WRAPPED, _RAGGED = 50, 60, 30
"""Characters: no line is wrapped as early as this; few are; and the lines of a wrapped paragraph differ by less."""


def _add_span(plain: str, start: int, end: int, spans: list[tuple[int, int]]) -> None:
    text = plain[start:end]
    stripped = text.strip()
    if stripped:
        start += len(text) - len(text.lstrip())
        spans.append((start, start + len(stripped)))


def _end_of_quotation(plain: str, start: int, end: int, last: int, pairs: _Pairs, *, is_cjk: bool) -> int:
    """The end of the sentence when a pair closes right after its mark and the sentence with it; 0 otherwise.

    `“…。”` ends the sentence around it unless that goes on; `（…。）` only when the sentence began with the bracket.
    """
    opening, closing = pairs.outer(start)
    if pairs.depths[start] > 1 or closing != end or plain[start] == "…":
        return 0
    if plain[closing] not in _QUOTES and plain[last:opening].strip():
        return 0
    rest = plain[closing + 1 : closing + 4]
    if is_cjk:
        return 0 if rest and rest[0] in "，、；：,;:。！？的地得是了着过）)】》—" else closing + 1
    return closing + 1 if not rest.strip() or (rest[0].isspace() and _looks_like_start(rest.lstrip()[0])) else 0


def _ends_chinese(plain: str, start: int, after: int, mark: str) -> bool:
    if any(character in "。！？" for character in mark):
        return True
    before, following = plain[start - 1 : start], plain[after : after + 1]
    if mark[0] == "…" or mark.startswith("..."):
        return not following or following in " \n"
    if mark[0] == ".":
        ends_word = before.isalnum() or before in _CLOSING
        return bool(HAN.match(before)) or (ends_word and _ends_latin(plain, start, after, mark))
    return not following or following in " \n" or not following.isascii()


def _looks_like_start(character: str) -> bool:
    """What a sentence can begin with: no small letter, no mark that goes on."""
    return not character.islower() and character not in ",;:.)]}"


def _ends_latin(plain: str, start: int, after: int, mark: str) -> bool:
    if mark[0] in "。！？":
        return True
    rest = plain[after : after + 40].lstrip()
    if not rest:
        return True
    if not plain[after].isspace():
        return HAN.match(rest) is not None and mark != "."
    if not _looks_like_start(rest[0]):
        return False
    if mark == "." and plain[start + 1 : after] == "":
        before = plain[max(0, start - 12) : start]
        if _ABBREVIATION.search(before) or (_INITIAL.search(before) and rest[0].isupper()):
            return bool(_STARTER.match(rest)) or (rest[0].isupper() and bool(_LAST_WORD.search(before)))
        line = max(plain.rfind("\n", max(0, start - 8), start) + 1, start - 8)
        if enumerator_end(plain, line) > start and plain[line:start].strip(" (").isalnum():
            return False
    if mark[0] == "…" or (len(mark) > 1 and set(mark) == {"."}):
        return rest[0].isupper() or not rest[0].isascii()
    return True


_ZH_CLAUSE = lazy_regex(r"[，；：,;:。！？!?]|——|\n")
_CLAUSE_TRIM = " \t\n，；：,;:。！？!?—…"


def split_clauses(plain: str, start: int, end: int, language: str) -> list[tuple[int, int]]:  # noqa: ARG001
    """The clauses of `plain[start:end]`: between commas, colons and semicolons that stand outside of brackets.

    The marks of all languages count in each: `language` is there for those to come.
    """
    text = plain[start:end]
    pairs = _pairs(text)
    spans, last = [], 0
    for found in [*_ZH_CLAUSE.finditer(text), None]:
        stop = found.start() if found else len(text)
        if found:
            following = text[found.end() : found.end() + 1]
            if pairs and pairs.depths[stop]:
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
