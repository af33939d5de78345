"""A line × what is no text in it: code, formulas and addresses are masked, so that an editor's marks are not looked for
there.
"""

from __future__ import annotations

import re

_MASK = "\ue000"
_UNREAD = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)|\$\$.*?\$\$|\$(?!\s)[^$]*?(?<![\s\\])\$(?!\d)|\\.|https?://\S+")


def masked(line: str) -> str:
    """A line of the same length."""
    if "`" not in line and "$" not in line and "\\" not in line and "://" not in line:
        return line
    return _UNREAD.sub(lambda found: _MASK * len(found.group()), line)


def without(line: str, spans: list[tuple[int, int]]) -> str:
    """A line without some stretches of it, and without the space that was before each."""
    for start, end in sorted(spans, reverse=True):
        before, after = line[:start], line[end:]
        if not before.strip():
            line = before + after.lstrip()
        elif not after.strip():
            line = before.rstrip()
        elif after[0] in ",.;:!?)，。；：！？）":
            line = before.rstrip() + after
        elif before[-1].isspace() or after[0].isspace():
            line = before.rstrip() + " " + after.lstrip()
        else:
            line = before + after
    return line
