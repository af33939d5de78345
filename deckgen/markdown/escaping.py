"""Text → Markdown that shows it."""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

_MEANS = lazy_regex(r"[\[\]\\`*_<>$#~=^]|&(?=#?\w+;)")


def escaped(text: str) -> str:
    """Text as Markdown that shows it. A bracket after a backslash would be TeX's, so brackets become entities."""
    return _MEANS.sub(lambda found: f"&#{ord(found[0])};" if found[0] in "[]" else "\\" + found[0], text)
