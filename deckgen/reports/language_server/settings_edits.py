"""deck.yaml × a setting → the edit that makes it so, all else in the file left as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lsprotocol import types as lsp


def without_finding(lines: Sequence[str], kind: str) -> lsp.TextEdit | None:
    """Have `lint` not report a kind; None where the file says something of that kind already, or cannot be edited."""
    place = next((index for index, line in enumerate(lines) if re.match(r"lint\s*:", line)), None)
    if place is None:
        return _inserted(len(lines) - (not lines[-1]), f"lint:\n  {kind}: off\n", lines)
    if any(re.match(rf"\s+{kind}\s*:", line) for line in lines[place + 1 :]) or kind in lines[place]:
        return None
    rest = lines[place].partition(":")[2].partition("#")[0].strip()
    if not rest:
        following = lines[place + 1] if place + 1 < len(lines) else ""
        indent = following[: len(following) - len(following.lstrip())] or "  "
        return _inserted(place + 1, f"{indent}{kind}: off\n", lines)
    if rest.startswith("{") and rest.endswith("}"):
        at = lsp.Position(place, lines[place].index("{") + 1)
        return lsp.TextEdit(lsp.Range(at, at), f"{kind}: off" + ("" if rest[1:-1].strip() == "" else ", "))
    return None


def with_line(lines: Sequence[str], line: str) -> lsp.TextEdit:
    """One more line at the end."""
    return _inserted(len(lines) - (not lines[-1]), line + "\n", lines)


def _inserted(place: int, text: str, lines: Sequence[str]) -> lsp.TextEdit:
    """Whole lines before a line; behind the last one where that does not end."""
    if place >= len(lines) and lines[-1]:
        at = lsp.Position(len(lines) - 1, len(lines[-1].encode("utf-16-le")) // 2)
        return lsp.TextEdit(lsp.Range(at, at), "\n" + text.removesuffix("\n"))
    at = lsp.Position(place, 0)
    return lsp.TextEdit(lsp.Range(at, at), text)
