"""A field of Anki's, as HTML → what is read of it. Every scan is linear: fields may come from anybody."""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex

DELETIONS = 2_000
"""Cloze deletions of one field that are looked at; Anki itself makes no card above number 500."""

_TOKEN = lazy_regex(r"\{\{c(\d{1,9})::|\}\}")
_UNREAD = lazy_regex(r"<!--|<(style|script)\b|\[sound:", re.IGNORECASE)
_ENDS = {"style": re.compile(r"</style\s*>", re.IGNORECASE), "script": re.compile(r"</script\s*>", re.IGNORECASE)}
_COMMENT_END, _SOUND_END = re.compile("-->"), re.compile(r"\]")
_BREAK = lazy_regex(
    r"<(?:br|hr|/?(?:p|div|li|ul|ol|tr|td|th|table|pre|blockquote|h[1-6]|dt|dd))\b[^>]*>", re.IGNORECASE
)
_TAG = lazy_regex(r"<[^>]*>")


class FieldDeletion(Struct, frozen=True):
    """A cloze deletion: `[start, end)` with its braces, `[text, text_end)` what it deletes, without the hint."""

    number: int
    start: int
    end: int
    text: int
    text_end: int


def deletions_in(field: str) -> list[FieldDeletion]:
    """The cloze deletions that are closed, in the order of their beginnings. As in Anki they may be nested, and `::`
    begins the hint of the innermost one that is open there.
    """
    if "{{c" not in field:
        return []
    opened: list[tuple[int, int, int]] = []  # number, start, where the text begins
    hints: list[int] = []
    found: list[FieldDeletion] = []
    place = 0
    for token in _TOKEN.finditer(field):
        if opened and hints[-1] < 0:
            hints[-1] = field.find("::", place, token.start())
        place = token.end()
        if token[1]:
            opened.append((int(token[1]), token.start(), token.end()))
            hints.append(-1)
        elif opened:
            number, start, text = opened.pop()
            hint = hints.pop()
            found.append(FieldDeletion(number, start, token.end(), text, token.start() if hint < 0 else hint))
            if len(found) == DELETIONS:
                break
    return sorted(found, key=lambda deletion: deletion.start)


def without_comments(html: str) -> str:
    """HTML without its comments; one that is not closed is text."""
    return "".join(_without(html, re.compile("<!--")))


def shown_text(field: str) -> str:
    """A field's HTML as one line of text: without tags and pictures, cloze deletions as what they delete."""
    field = _with_deletions_shown(field)
    if "<" in field or "[" in field:
        field = "".join(_without(field, _UNREAD))
        field = _replaced(_TAG, "", _replaced(_BREAK, " ", field))
    return " ".join(unescape(field).replace("\xa0", " ").split())


def _replaced(tag: re.Pattern[str], by: str, text: str) -> str:
    """Behind the last `>` nothing is a tag, and to look there for the end of each would take quadratic time."""
    last = text.rfind(">") + 1
    return tag.sub(by, text[:last]) + text[last:]


def _with_deletions_shown(field: str) -> str:
    deletions = deletions_in(field)
    if not deletions:
        return field
    dropped = sorted(
        [(one.start, one.text) for one in deletions] + [(one.text_end, one.end) for one in deletions]
    )  # the opening braces; the hint and the closing ones
    pieces: list[str] = []
    place = 0
    for start, end in dropped:
        if start > place:
            pieces.append(field[place:start])
        place = max(place, end)
    pieces.append(field[place:])
    return "".join(pieces)


def _without(text: str, opening: re.Pattern[str]) -> Iterator[str]:
    """The text without what these begin, up to their ends; what is never closed stays. Looked for once each."""
    place = search = 0
    endless: set[str] = set()
    while (found := opening.search(text, search)) is not None:
        kind = (found.lastindex and found[1].lower()) or found[0]
        ending = None if kind in endless else _end_of(kind).search(text, found.end())
        if ending is None:
            endless.add(kind)
            search = found.end()
            continue
        yield text[place : found.start()]
        place = search = ending.end()
    yield text[place:]


def _end_of(kind: str) -> re.Pattern[str]:
    return _COMMENT_END if kind == "<!--" else _ENDS.get(kind, _SOUND_END)
