"""Sub- and superscripts of Markdown → the characters that Unicode has for them, where only text can stand."""

from __future__ import annotations

import re
import unicodedata

from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.plain_text import plain_of

_HIGH = dict(zip("0123456789+-=()abcdefghijklmnoprstuvwxyz", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
_LOW = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
_HIGH["−"], _LOW["−"] = _HIGH["-"], _LOW["-"]
_SCRIPT = lazy_regex(r"(?<=\S)(?:\^([^\s^]{1,12})\^|~([^\s~]{1,12})~)")


def with_scripts(markdown: str, shown: str) -> str:
    """What is shown of some Markdown, `10^6^` as `10⁶`. It stays as it is where Unicode lacks a character, and beside
    code and formulas.
    """
    if ("^" not in markdown and "~" not in markdown) or "`" in markdown or "$" in markdown:
        return shown
    text = plain_of(_SCRIPT.sub(_in_unicode, markdown))
    return text if without_scripts(text) == without_scripts(shown) else shown


def without_scripts(text: str) -> str:
    """The same characters on the line."""
    return unicodedata.normalize("NFKC", text).replace("−", "-")


def _in_unicode(found: re.Match[str]) -> str:
    table, text = (_HIGH, found[1]) if found[1] else (_LOW, found[2])
    return "".join(table[c] for c in text) if all(c in table for c in text) else found[0]
