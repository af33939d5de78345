"""Character references (`&amp;`, `&#39;`) in a text → the characters."""

from __future__ import annotations

import html
import re

from deckgen.markdown.lazy_regex import lazy_regex

_LONG = lazy_regex(r"&#([xX]?)((?<=[xX])[0-9a-fA-F]{9,}|(?<=#)[0-9]{9,});?")
_DIGITS = 8  # no character has a number of more


def unescape(text: str) -> str:
    """As `html.unescape`, which raises ValueError for a number of more than 4,300 digits."""
    if "&" not in text:
        return text
    return html.unescape(_LONG.sub(_shortened, text) if "&#" in text else text)


def _shortened(found: re.Match[str]) -> str:
    digits = found[2].lstrip("0") or "0"
    return "\ufffd" if len(digits) > _DIGITS else f"&#{found[1]}{digits};"
