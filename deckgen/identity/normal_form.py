"""Markdown as captured → the normal form in which two wordings are compared, its digest, its atoms.

The normal form is part of the lock's format: a change here is a new `FORMAT` in `lock`. It takes away what an author
changes without saying anything else (emphasis, code marks, the targets of links, the width of ASCII, white space,
punctuation at the ends) and nothing that may tell two facts apart: letter case (`-o` is not `-O`), superscripts (x² is
not x2, so no NFKC), the source of math, the path of an image, punctuation inside code.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from hashlib import sha256

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex

_KEPT = "\ue0ff"  # stands for code, math, a URL or an image while the text around it is worked on
_CJK = "\u2e80-\u30ff\u3100-\u312f\u3190-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_CJK += "\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uffef\U00020000-\U0003fffd"  # no full-width A or 1
_SPACE_BESIDE_CJK = lazy_regex(rf" (?:(?=[{_CJK}])|(?<=[{_CJK}] ))")  # the space first: it is looked for the fastest
_FULL_WIDTH = lazy_regex("[\uff01-\uff5e]")
# Locks hold what it decides: in a text of nothing else, an address is words, and loses the marks at its end.
_UNMARKED = lazy_regex("[0-9A-Za-z\u4e00-\u9fff%+\\-/.,:;?!()'\"，。、：；？！（）“”—…·]*")
_COMMON = tuple(zip("，：（）；？！", ",:();?!", strict=True))
_TO_ASCII = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_INVISIBLE = lazy_regex("[\u00ad\u200b\u2060\ufeff]")
_LEADING, _TRAILING = " ,;:?!、。…·", " ,;:?!、。…·."  # a dot in front is a name's own: .NET

_MARKED = lazy_regex(r"[`$*_~=\[<&\\]|https?://")
_TOKEN = lazy_regex(
    r"""
      (?P<opening><!--|\\\(|\\\[)
    | (?P<code>(?<!`)(?P<ticks>`+)(?!`)(?P<in_code>.+?)(?<!`)(?P=ticks)(?!`))
    | \$\$(?P<block_math>[^$]+)\$\$
    | (?<![\w$\\])\$(?P<math>(?![\s$])[^$]*(?<![\s\\]))\$(?![\w$])
    | !\[\[(?P<embed>[^\[\]|\n]+)(?:\|[^\]\n]*)?\]\]
    | !\[[^\[\]]*\]\(\s*<?(?P<image>[^\s()<>]+)>?[^()\n]*\)
    | \[\[(?:[^\[\]|\n]*\|)?(?P<wiki>[^\[\]|\n]+)\]\]
    | <?(?P<url>https?://[^\s<>()\[\]]+)>?
    | \\(?P<escaped>[!-/:-@\[-`{-~])
    | (?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});)
    | (?P<bullet>(?m:^)[ \t]*\*(?=[ \t]))
    | (?P<run>\*+|_+|~~|==)
    | (?P<open>\[)
    | \](?P<link>\(\s*<?(?P<target>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+(?:"[^"]*"|'[^']*'))?\s*\))
    | (?P<close>\])
    """,
    re.VERBOSE | re.DOTALL,
)
# Where one of them may begin: looking for that first is five times as fast as trying all of them everywhere. An
# indented bullet is the only one that begins with white space.
_MAY_BEGIN = lazy_regex(r"[\\`$!\[\]<&*_~=]|https?://")
_INDENTED_BULLET = lazy_regex(r"^[ \t]+\*[ \t]", re.MULTILINE)
_CLOSING = {"<!--": "-->", "\\(": "\\)", "\\[": "\\]"}


def normalise(markdown: str, *, with_targets: bool = False) -> str:
    """The normal form. `with_targets` keeps where links lead: two answers `[here](a)`, `[here](b)` are not the same."""
    return _normalise(markdown, with_targets=with_targets and "](" in markdown)


@lru_cache(maxsize=512)  # rules, rivals and identity ask for the same texts one after the other
def _normalise(markdown: str, *, with_targets: bool) -> str:
    if _UNMARKED.fullmatch(markdown):  # one word or Chinese clause: nothing else there is to take away
        text = _narrow(markdown)
        return text.lstrip(_LEADING).rstrip(_TRAILING) or text
    text = markdown if markdown.isascii() else unicodedata.normalize("NFC", markdown)
    kept: list[str] = []
    if _MARKED.search(text):
        text = _without_marks(text, kept, with_targets=with_targets)
    if text.isascii() and not kept:
        text = " ".join(text.split())
    else:
        text = _INVISIBLE.sub("", text)
        text = _folded(" ".join(text.split()))
    text = text.lstrip(_LEADING).rstrip(_TRAILING) or text
    if kept:
        pieces = iter(kept)
        text = re.sub(_KEPT, lambda _: next(pieces, ""), text)
        text = " ".join(text.split())
    return text


def _folded(text: str) -> str:
    if " " in text:
        text = _SPACE_BESIDE_CJK.sub("", text)
    text = _narrow(text)
    return text.translate(_TO_ASCII) if _FULL_WIDTH.search(text) else text


def _narrow(text: str) -> str:
    """Full-width punctuation as ASCII: nearly all that there is to fold, and ten times as fast as `translate`."""
    for wide, narrow in _COMMON:
        text = text.replace(wide, narrow)
    return text


def _without_marks(text: str, kept: list[str], *, with_targets: bool) -> str:
    """The text without its marks; what is to be left alone goes to `kept`, a placeholder in its stead. Linear."""
    out: list[str] = []
    openers: dict[str, list[tuple[int, int]]] = {}  # of emphasis: place in `out`, marks that are left
    brackets: list[int] = []
    end = 0

    def keep(piece: str) -> None:
        kept.append(_folded(" ".join(piece.split())))
        out.append(_KEPT)

    unclosed: set[str] = set()
    next_token = _TOKEN.search if _INDENTED_BULLET.search(text) else _next_token
    while (found := next_token(text, end)) is not None:
        out.append(text[end : found.start()])
        end = found.end()
        group = found.lastgroup
        if group == "opening":
            closing = _CLOSING[found[0]]
            place = -1 if closing in unclosed else text.find(closing, end)
            if place < 0:
                unclosed.add(closing)
                out.append(found[0])
                continue
            if closing != "-->":
                keep(f"${text[end:place].strip()}$")
            end = place + len(closing)
        elif group in ("code", "in_code", "ticks"):
            keep(found["in_code"].strip())
        elif group in ("math", "block_math"):
            keep(f"${found[group].strip()}$")
        elif group in ("embed", "image", "url"):
            keep(found[group])
        elif group in ("wiki", "escaped"):
            out.append(found[group])
        elif group == "entity":
            out.append(unescape(found[0]))
        elif group == "bullet":
            out.append("- ")
        elif group == "run":
            _emphasis(text, found, out, openers)
        elif group == "open":
            brackets.append(len(out))
            out.append("[")
        elif group == "close":
            if brackets:
                brackets.pop()
            out.append("]")
        elif group in ("link", "target"):
            if not brackets:
                out.append(found[0])
                continue
            out[brackets.pop()] = ""
            if with_targets and found["target"]:
                out.append(" ")
                keep(found["target"])
    out.append(text[end:])
    return "".join(out)


def _next_token(text: str, start: int) -> re.Match[str] | None:
    """The first token from a place on, in a text without indented bullets."""
    while (begin := _MAY_BEGIN.search(text, start)) is not None:
        if (found := _TOKEN.match(text, begin.start())) is not None:
            return found
        start = begin.start() + 1
    return None


def _emphasis(text: str, found: re.Match[str], out: list[str], openers: dict[str, list[tuple[int, int]]]) -> None:
    """A run of marks: it closes what is open, opens, or is text. CommonMark's flanking, without punctuation."""
    mark, count = found[0][0], len(found[0])
    before, after = text[found.start() - 1 : found.start()], text[found.end() : found.end() + 1]
    closes = bool(before.strip()) and not (mark == "_" and after.isalnum())
    opens = bool(after.strip()) and not (mark == "_" and before.isalnum())
    stack = openers.setdefault(mark, [])
    while closes and count and stack:
        place, marks = stack.pop()
        used = min(marks, count)
        count -= used
        out[place] = out[place][used:]
        if marks > used:
            stack.append((place, marks - used))
    if count and opens:
        stack.append((len(out), count))
    out.append(mark * count)


written: Callable[[object], str] = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""A value as JSON on one line, for a digest."""


def digest(text: str) -> str:
    """The first 32 hexadecimal digits of the SHA-256 of a text (give it a normal form)."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


LONGEST, FIRST, LAST = 2000, 1500, 500


def cut(text: str) -> str:
    """As the lock holds it: over 2,000 characters the first 1,500 and the last 500."""
    return text if len(text) <= LONGEST else text[:FIRST] + text[-LAST:]


_LATIN = "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u1e00-\u1eff"
_NUMERALS = "〇零一二三四五六七八九十百千两"
_NUMBER = rf"\d+(?:\.\d+)*|第[{_NUMERALS}]+|[{_NUMERALS}]+(?=[届次代年月日号版期级阶层段])"
_NUMBERS = lazy_regex(_NUMBER)
_ATOM = lazy_regex(rf"\\[A-Za-z]+|({_NUMBER}|[{_LATIN}][{_LATIN}0-9+#]*)")
_NO_ATOMS: Counter[str] = Counter()
_BRACKETED = lazy_regex(r"[(\[【][^()\[\]【】]*[)\]】]")


def atoms(text: str) -> Counter[str]:
    """The numbers and Latin words of a normal form, counted: where they differ, two sentences may be of two things.

    No TeX commands; of what stands in brackets the numbers only, for a translation or an abbreviation comes and goes.
    Chinese numerals count where they number something: 第三, 三届.
    """
    if not _ATOM.search(text):
        return _NO_ATOMS
    for _ in range(3):
        bare = _BRACKETED.sub(lambda found: " " + " ".join(_NUMBERS.findall(found[0])) + " ", text)
        if bare == text:
            break
        text = bare
    return all_atoms(text)


def all_atoms(text: str) -> Counter[str]:
    """Those in brackets, too."""
    found = [atom for atom in _ATOM.findall(text) if atom]
    return Counter(found) if found else _NO_ATOMS


def are_swapped(one: Counter[str], other: Counter[str]) -> bool:
    """Whether each side has an atom that the other lacks."""
    return bool(one and other) and one != other and bool(one - other) and bool(other - one)


def similar(one: str, other: str) -> float:
    """How alike two normal forms are, 0 to 100; an empty one is like nothing."""
    if not one or not other:
        return 0.0
    if one == other:
        return 100.0
    return _ratio()(one, other)


def most_similar(text: str, others: Sequence[str], least: float) -> float:
    """How alike the most similar of some texts is; 0 when none reaches `least`."""
    if not others or not text:
        return 0.0
    best = _search()(text, others, scorer=_ratio(), score_cutoff=least)
    return best[1] if best is not None else 0.0


@cache
def _search() -> Callable[..., tuple[str, float, int] | None]:
    from rapidfuzz import process

    return process.extractOne


@cache
def _ratio() -> Callable[[str, str], float]:
    """Only a build in which something was reworded needs it, and pays for the import."""
    from rapidfuzz import fuzz

    return fuzz.ratio
