"""A filled field → what a card shows of it: without characters that nobody sees, the names of lines and pages, and
marks that say nothing at the end of a label or the beginning of an answer.

What identifies a note is taken from the values, and stays as it is written.
"""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

_INVISIBLE = lazy_regex("[\u200b\u2060\ufeff\u00ad]+")
_SPACE_BEFORE_MARK = lazy_regex(r"(?<=\w)[ \u00a0]+([?:])(?=\s|$)")
_LINE_NAME = lazy_regex(r"(?:(?<=\S)[ \t]|\n[ \t]*)\^(?=[\w-]*[a-z])[\w-]{4,40}[ \t]*$")
"""The name that Obsidian gives to a line, behind it: `^tidal-range`."""
_PAGE = lazy_regex(r"(?<!\s)\s*\((?:pp?|pgs?|pages?)\.? ?\d[\d\s,–-]*\)(?=[\s.,;:]|$)", 2)
"""The page of a book that a remark in brackets names."""
_LONE_QUOTE = lazy_regex(r'^"(?=\w)|(?<=[^\W\d])"$')
_STOP_OF_LABEL = lazy_regex(r"(?<=[a-z]{3})\.(?=[*_]*$)")
_IS_ONE = lazy_regex(r"(?:is|are|was)\s+(?=(?:an?|the|any|one)\s)", 2)


def tidied(name: str, markdown: str, *, is_english_term: bool) -> str:
    """A field of a note that a shipped rule made of plain notes."""
    if _INVISIBLE.search(markdown):
        markdown = _SPACE_BEFORE_MARK.sub(r"\1", _INVISIBLE.sub("", markdown))
    if name == "Front":
        return _STOP_OF_LABEL.sub("", markdown) if is_english_term and markdown.count(".") == 1 else markdown
    if "^" in markdown and "`" not in markdown:
        markdown = _LINE_NAME.sub("", markdown)
    if markdown.count('"') == 1:
        markdown = _LONE_QUOTE.sub("", markdown)  # its other one stands outside of what was taken
    if "(p" in markdown or "(P" in markdown:
        markdown = _PAGE.sub("", markdown)
    return _IS_ONE.sub("", markdown, count=1) if is_english_term and _IS_ONE.match(markdown) else markdown
