"""A line × what is no text in it: code, formulas and addresses are masked, so that an editor's marks are not looked for
there.
"""

from __future__ import annotations

from deckgen.markdown.lazy_regex import lazy_regex

_MASK = "\ue000"
_UNREAD = lazy_regex(r"(`+)(?!`).*?(?<!`)\1(?!`)|\$\$.*?\$\$|\$(?!\s)[^$]*?(?<![\s\\])\$(?!\d)|\\.|https?://\S+")


def masked(line: str) -> str:
    """A line of the same length."""
    if "`" not in line and "$" not in line and "\\" not in line and "://" not in line:
        return line
    return _UNREAD.sub(lambda found: _MASK * len(found.group()), line)


def without(line: str, spans: list[tuple[int, int]]) -> str:
    """A line without some stretches of it, and without the space that was before each."""
    pieces: list[str] = []
    place = 0
    for start, end in sorted(spans):
        kept = line[place:start]
        place = end
        after = line[end : end + 1]
        if not kept and pieces:
            continue
        closes = after == "" or after in _CLOSING
        pieces.append(kept.rstrip() if closes or after.isspace() else kept)
        if kept[-1:].isspace() and after and not closes and not after.isspace():
            pieces[-1] = kept.rstrip() + " "
    text = "".join([*pieces, line[place:]])
    return text.lstrip() if spans and not line[: min(spans)[0]].strip() and line[:1].strip() == "" else text


_CLOSING = ",.;:!?)，。；：！？）"
