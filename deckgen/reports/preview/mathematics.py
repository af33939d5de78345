r"""Formulas between MathJax's delimiters → MathML, which browsers draw by themselves: no script, no network.

MathJax reads the text of the page, so entities count as what they stand for, and code is passed over. What the library
cannot read stays as its TeX, marked as such.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import cache, lru_cache
from itertools import accumulate
from typing import Any

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex

_PASSED_OVER = lazy_regex(
    r"(<(pre|code|script|style|textarea)\b.*?</\2>|<!--.*?-->|<[^>]*>)", re.DOTALL | re.IGNORECASE
)
_FORMULA = lazy_regex(r"\\\((.*?)\\\)|\\\[(.*?)\\\]", re.DOTALL)
_TAG = lazy_regex(r"\\tag(\*?)\s*\{([^{}]*)\}")
_IGNORED = lazy_regex(r"\\(?:label\s*\{[^{}]*\}|nonumber|notag|displaylimits)(?![a-zA-Z])")

_LONGEST, _DEEPEST, _MOST_OPEN = 4_000, 80, 12
"""Characters of a formula, braces in braces, brackets in brackets. The library (math-core 0.9) reads by recursion, and
ends the process when too deep; and it doubles its work with each bracket that is not closed."""


def with_mathml(text: str) -> str:
    """HTML whose formulas are MathML."""
    if "\\" not in text:
        return text
    pieces = []
    last = 0
    # A formula has no tags in it, so it never reaches from one piece into the next.
    for passed in _PASSED_OVER.finditer(text):
        pieces += [_FORMULA.sub(_formula, text[last : passed.start()]), passed.group()]
        last = passed.end()
    return "".join([*pieces, _FORMULA.sub(_formula, text[last:])])


def _formula(found: re.Match[str]) -> str:
    is_display = found[1] is None
    return mathml(unescape(found[2] if is_display else found[1]), is_display=is_display)


@lru_cache(maxsize=8192)
def mathml(tex: str, *, is_display: bool = False) -> str:
    """One formula; its source in `<code>` where it cannot be read."""
    readable = _IGNORED.sub("", _TAG.sub(_number, tex))
    made = _converted(readable, is_display=is_display) if _is_simple(readable) else None
    if made is None:
        made = f'<code class="tex">{html.escape(tex.strip())}</code>'
    return f'<div class="formula">{made}</div>' if is_display else made


def _number(found: re.Match[str]) -> str:
    """An equation's number, as text behind it."""
    return rf"\qquad\text{{{found[2]}}}" if found[1] else rf"\qquad\text{{({found[2]})}}"


def _converted(tex: str, *, is_display: bool) -> str | None:
    from math_core import LatexError

    try:
        return str(_converter().convert_with_local_state(tex, displaystyle=is_display))
    except LatexError:
        return None


@cache
def _converter() -> Any:
    from math_core import LatexToMathML

    return LatexToMathML(fancy_error=False, allow_unreliable_rendering=True, macros={"mbox": r"\text{#1}"})


_NAMES = "angle|brace|brack|ceil|floor|group|moustache|paren|vert|Vert|bracket"
_BRACES = lazy_regex(r"\\.|\{|(\})", re.DOTALL)
_STRUCTURES = lazy_regex(r"\\(?:left|begin)(?![a-zA-Z])|(\\(?:right|end)(?![a-zA-Z]))")
_BRACKETS = lazy_regex(
    rf"\\[lu](?:{_NAMES}|lcorner)(?![a-zA-Z])|\\?[(\[]|\\\{{|(\\[ru](?:{_NAMES}|rcorner)(?![a-zA-Z])|\\?[)\]]|\\\}})"
)
_DEFINITIONS = lazy_regex(r"\\(?:[a-z]?def|let|DeclareMathOperator|[a-z]+command\*?)(?![a-zA-Z])")


def _is_simple(tex: str) -> bool:
    return (
        len(tex) <= _LONGEST
        and _DEFINITIONS.search(tex) is None
        and _depth(_BRACES, tex) <= _DEEPEST
        and _depth(_STRUCTURES, tex) <= _DEEPEST
        and _depth(_BRACKETS, tex) <= _MOST_OPEN
    )


def _depth(pairs: re.Pattern[str], tex: str) -> int:
    """How many are open at once, at most. Group 1 closes; of what is escaped nothing opens."""
    steps: Iterable[int] = (
        -1 if found[1] else 0 if pairs is _BRACES and found.group() != "{" else 1 for found in pairs.finditer(tex)
    )
    return max(accumulate(steps, lambda depth, step: max(0, depth + step), initial=0))
