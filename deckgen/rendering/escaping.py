"""Text → HTML that Anki, its LaTeX, its sounds and MathJax leave alone, and TeX → the delimiters MathJax reads."""

from __future__ import annotations

import re

from deckgen.markdown.lazy_regex import lazy_regex

# Marks of rendering's own, taken out by the last step. Sources hold none of them: `documents` replaces U+E000-E0FF.
TEX_OPENS, TEX_CLOSES = "\ue020\ue021", "\ue022\ue023"  # of inline and of display math
BACKSLASH = "\ue024"  # becomes `&#92;` once no sanitiser can turn it back
BRACKET = "\ue025"  # becomes `&#91;`
_MEANINGS = dict(
    zip(TEX_OPENS + TEX_CLOSES + BACKSLASH + BRACKET, (r"\(", r"\[", r"\)", r"\]", "&#92;", "&#91;"), strict=True)
)
_MARKS = lazy_regex("[\ue020-\ue025]")

FORBIDDEN = lazy_regex("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
"""What no field may hold: Anki separates fields with U+001F, and refuses the whole package over one."""

_MATHJAX = lazy_regex(r"\\([()\[\]])")
_DELIMITER_IN_TEX = lazy_regex(r"(\\\\)(?=[)\]])|\\.", re.DOTALL)
# MathJax makes a link of `\href`, also within a macro, and asks not where it leads.
_TEX_LINK = lazy_regex(r"\\href(?![a-zA-Z])(?!\s*\{\s*(?:https?|mailto):)(?:\s*\{[^{}]*\})?", re.IGNORECASE)
_ANKI = lazy_regex(r"\[(?=sound:|anki:|/?latex\]|/?\$\$?\]|type:)", re.IGNORECASE)


def escape_html(text: str) -> str:
    """`&`, `<`, `>` as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def escape_text(text: str) -> str:
    r"""Text of a note: besides HTML, what it says of `\(`, `[latex]` or `[sound:…]` is no instruction to Anki."""
    text = escape_html(text)
    if "\\" in text:
        # MathJax reads through entities, but not from one element into the next.
        text = _MATHJAX.sub(BACKSLASH + r"<span>\1</span>", text)
    return without_instructions(text)


def without_instructions(text: str) -> str:
    """Text or HTML whose `[latex]` or `[sound:…]` Anki does not act upon."""
    return _ANKI.sub(BRACKET, text) if "[" in text else text


def escape_code(code: str) -> str:
    r"""Text in `<code>`: MathJax passes it over, but Anki drops all tags between `\(` and `\)` in a cloze."""
    code = escape_html(code)
    if "\\" in code:
        code = _MATHJAX.sub(BACKSLASH + r"\1", code)
    return without_instructions(code)


def tex_html(tex: str, *, is_display: bool = False) -> str:
    """TeX between marks for the delimiters that Anki's MathJax looks for."""
    tex = _DELIMITER_IN_TEX.sub(_other_than_delimiter, _TEX_LINK.sub("", tex.strip()))
    return TEX_OPENS[is_display] + escape_html(tex) + TEX_CLOSES[is_display]


def _other_than_delimiter(found: re.Match[str]) -> str:
    r"""What Anki would take for the end: `\\)` is a line break and a bracket, and within `\text` `\(` is `$`."""
    if found[1]:
        return found[1] + " "
    return {r"\(": "$", r"\)": "$", r"\[": "[", r"\]": "]"}.get(found.group(), found.group())


def unmark(html: str) -> str:
    """HTML with what rendering's own marks stand for."""
    return html if html.isascii() else _MARKS.sub(lambda found: _MEANINGS[found.group()], html)
