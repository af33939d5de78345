"""The literal words of a pattern → regular expressions on folded text (laws 2 and 3 of patterns).

A Latin word or a number is matched whole, a mark repeated is one, and white space beside a mark or a Chinese
character never matters. The expressions hold no repetition but of white space, so they cannot backtrack for long.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.folded_text import IDEOGRAPHS, IDLE, LONG_RUN, MARK, RUN, WORD, fold_characters
from deckgen.patterns.pattern_syntax import Capture, End, Gap, Group, Literal, Sequence
from deckgen.patterns.shapes import SHAPES

SPACE = r"\s*"
"""A space in a pattern. It may be idle: words on both sides are whole anyway (law 2), none can hide in another."""
_LETTER = "[\u00c0-\u024f]"
BEGIN, STOP = rf"(?a:\b)(?<!{_LETTER})", rf"(?a:\b)(?!{_LETTER})"
"""Where a word of ASCII letters and digits begins and ends: not beside a Latin letter with a mark, as in `Räder`.

Unicode's own `\\b` will not do, for which Chinese characters are letters too; a class of all is slow to compile.
"""
_OTHER_BEGIN, _OTHER_STOP = rf"(?<![0-9A-Za-z_])(?<!{_LETTER})", rf"(?![0-9A-Za-z_])(?!{_LETTER})"
_BETWEEN = STOP + SPACE + BEGIN
"""What stands between two words: white space, since neither ends inside of the other. Said so it compiles faster."""
_BEFORE_ANY = STOP + SPACE + _OTHER_BEGIN
"""The same before a word of any letters."""
_NOT_INSIDE = r"(?:(?<![0-9a-z])|(?![0-9a-z]))"
"""Where an idle space may stand: not inside of a word of ASCII letters and digits."""
END = r"[\s。.]*$"
_BRACKETS = frozenset("()[]{}“”‘’«»")
_IN_WORD = r"[^\s!-/:-@\[-`{-~\xab\xb7\xbb]"
_PLAIN_SHAPES = SHAPES | {"word": rf"{_IN_WORD}+(?:['_-]+{_IN_WORD}+)*"}
"""`{:word}` where nothing is captured, by what does not stand in a word.

The class of all letters would take 0.5 ms to compile, three times for each of hundreds.
"""
_PIECE = lazy_regex(
    rf"(?P<space>\s+)|(?P<word>[{WORD}](?:[{WORD}]|[-_'.](?=[{WORD}]))*)|(?P<mark>[{MARK}])(?P=mark)*|(?P<other>.)",
    re.DOTALL,
)


@lru_cache(maxsize=4096)
def compiled(expression: str) -> re.Pattern[str]:
    """An expression, compiled once for all patterns that have it: more of them than `re` itself remembers."""
    return re.compile(expression, re.DOTALL)


@lru_cache(maxsize=8192)  # each literal is asked for by sieves, finders and matchers
def literal_pieces(text: str) -> tuple[tuple[str, str], ...]:
    """The words, marks, spaces and other characters of a run of literal characters, folded: kind and text of each."""
    text = fold_characters(text)
    if not text.isascii():
        text = IDLE.sub("", text)
    text = LONG_RUN.sub(lambda run: run[0][:RUN], text)
    return tuple((piece.lastgroup or "", piece.group()) for piece in _PIECE.finditer(text))


def verbatim(text: str) -> str | None:
    """The text that literal characters are found by as they stand; None where marks, spaces or words need more."""
    if not text.isascii() and IDEOGRAPHS.fullmatch(text):
        return text
    pieces = list(literal_pieces(text))
    return "".join(found for _, found in pieces) if all(kind == "other" for kind, _ in pieces) else None


def verbatim_choice(parts: Sequence) -> str:
    """The text that a sequence is found by as it stands; empty where it takes more."""
    part = parts[0]
    return (verbatim(part.text) or "") if len(parts) == 1 and isinstance(part, Literal) else ""


def single_word(parts: Sequence) -> str:
    """The one word of ASCII letters that a sequence is; empty where it is another thing."""
    part = parts[0]
    pieces = literal_pieces(part.text) if len(parts) == 1 and isinstance(part, Literal) else ()
    word = pieces[0][1] if len(pieces) == 1 else ""
    return word if word.isascii() and word.isalpha() else ""


def literal_beginning(text: str) -> tuple[bool, str]:
    """How literal characters begin: whether white space may stand there, and what stands behind it."""
    kind, found = next(piece for piece in literal_pieces(text) if piece[0] != "space")
    has_space = kind == "mark" or literal_pieces(text)[0][0] == "space"
    return has_space, found[0] if kind == "mark" else found


@lru_cache(maxsize=8192)
def literal_expression(text: str) -> str:
    """The expression of a run of literal characters."""
    parts = []
    for kind, found in literal_pieces(text):
        if kind == "space":
            parts.append(SPACE)
        elif kind == "word":
            before = (BEGIN if found[0].isascii() else _OTHER_BEGIN) + (r"(?<!\d[.,])" if found[0].isdigit() else "")
            after = (r"(?![.,]\d)" if found[-1].isdigit() else "") + (STOP if found[-1].isascii() else _OTHER_STOP)
            parts.append(before + re.escape(found) + after)
        elif kind == "mark":
            mark = re.escape(found[0])
            is_bracket = found in _BRACKETS  # two closing ones are two
            parts.append(rf"\s*{mark}\s*" if is_bracket else rf"\s*(?<!{mark}){re.escape(found)}(?!{mark})\s*")
        else:
            parts.append(re.escape(found))
    return "".join(parts).replace(_BETWEEN, r"\s+")


def is_plain(parts: Sequence) -> bool:
    """Whether one expression says all of a sequence: no capture is in it, but nameless ones of a simple shape."""
    return all(
        (part.type in SHAPES and not part.name and not part.inner)
        if isinstance(part, Capture)
        else not isinstance(part, Group) or all(is_plain(c) for c in part.choices)
        for part in parts
    )


def plain_expression(parts: Sequence) -> str:
    """The expression of a sequence without captures. A gap is as short as can be."""
    pieces = []
    for part in parts:
        if isinstance(part, Literal):
            pieces.append(literal_expression(part.text))
        elif isinstance(part, Gap):
            pieces.append(".*?")
        elif isinstance(part, End):
            pieces.append(END)
        elif isinstance(part, Capture):
            shape = f"(?:{_PLAIN_SHAPES[part.type]})"
            pieces.append(shape if part.type == "cjk" else f"{_OTHER_BEGIN}{shape}{_OTHER_STOP}")
        elif isinstance(part, Group):
            choices = one_of([plain_expression(choice) for choice in part.choices])
            pieces.append(f"(?:{choices})?" if part.is_optional else choices)
    return joined(pieces)


def joined(pieces: Iterable[str]) -> str:
    """Expressions one behind the other."""
    return "".join(pieces).replace(_BETWEEN, r"\s+").replace(_BEFORE_ANY, r"\s+")


def one_of(choices: list[str]) -> str:
    """An expression of several; where all of them are words, that is asked once for all: long lists compile faster."""
    before = BEGIN if all(choice.startswith(BEGIN) for choice in choices) else ""
    after = STOP if all(choice.endswith(STOP) for choice in choices) else ""
    inner = "|".join(choice.removeprefix(before).removesuffix(after) for choice in choices)
    return f"{before}(?:{inner}){after}"


def first_expressions(parts: Sequence) -> list[str] | None:
    """Expressions one of which must match where the sequence begins; None where it could begin with anything."""
    found: list[str] = []
    for part in parts:
        if isinstance(part, Literal):
            return [*found, literal_expression(part.text) if part.text.strip() else _NOT_INSIDE]
        if isinstance(part, End):
            return [*found, END]
        if isinstance(part, Group):
            choices = part.choices
        elif isinstance(part, Capture) and part.inner:
            choices = part.inner.choices
        else:
            return None
        for choice in choices:
            first = first_expressions(choice)
            if first is None:
                return None
            found.extend(first)
        if not (isinstance(part, Group) and part.is_optional):
            return found
    return None


def needed_expressions(parts: Sequence) -> Iterator[str]:
    """Expressions that a text must hold, in this order, for the sequence to have a chance."""
    for part in parts:
        if isinstance(part, Literal) and part.text.strip():
            yield literal_expression(part.text)
        elif isinstance(part, Group) and not part.is_optional:
            yield from _needed_choice(part)
        elif isinstance(part, Capture) and part.inner:
            yield from _needed_choice(part.inner)


def _needed_choice(group: Group) -> Iterator[str]:
    needs = [next(needed_expressions(choice), None) for choice in group.choices]
    if all(need is not None for need in needs):
        yield one_of([str(need) for need in needs])
