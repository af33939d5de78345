"""Facts and lines that show the same picture by other paths → both with its content for a name, so that they match.

The normal form of a picture is its path. The lock remembers beside it what bytes stood there (`media`); where the same
bytes stand in two places, one of them is where a picture was moved from.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

import msgspec
from msgspec.structs import replace

from deckgen.identity.assign import media_of
from deckgen.identity.context import Context
from deckgen.identity.facts import Fact
from deckgen.identity.lock import LockEntry
from deckgen.identity.match_by_key import LockCandidate
from deckgen.identity.normal_form import LONGEST, cut, digest, normalise

Names = Mapping[str, str]
"""How pictures are written → what they are called here."""


def by_content(
    candidates: Sequence[LockCandidate], facts: Sequence[Fact], context: Context
) -> tuple[Sequence[LockCandidate], Sequence[Fact]]:
    """Both, with the content for the path of each picture that has several paths."""
    if not any(candidate.line.media for candidate in candidates):
        return candidates, facts
    paths: dict[str, set[str]] = defaultdict(set)
    for fact in facts:
        for reference, content in media_of(fact.draft.media):
            paths[content].add(reference)
    if not paths:
        return candidates, facts
    for candidate in candidates:
        for reference, content in candidate.line.media:
            paths[content].add(reference)
    for reference, content in context.pictures():
        if content in paths:
            paths[content].add(reference)
    moved = {content for content, references in paths.items() if len(references) > 1}
    if not moved:
        return candidates, facts
    new_facts = [_fact(fact, _names(media_of(fact.draft.media), moved)) for fact in facts]
    new_entries = [
        LockCandidate(_line(candidate.line, names), candidate.note_index, candidate.tier)
        if (names := _names(candidate.line.media, moved))
        else candidate
        for candidate in candidates
    ]
    return new_entries, new_facts


def _names(media: Iterable[tuple[str, str]], moved: set[str]) -> Names:
    return {reference: f"\ue0fe{content}" for reference, content in media if content in moved}


def _fact(fact: Fact, names: Names) -> Fact:
    if not names:
        return fact
    kind, rule, key = fact.key
    text = _renamed(normalise(fact.draft.text), names)
    return replace(
        fact,
        key=(kind, rule, tuple(_renamed(value, names) for value in key)),
        text=cut(text),
        digest=digest(text),
        question=_renamed(fact.question, names),
        answer=_renamed(fact.answer, names),
    )


def _line(line: LockEntry, names: Names) -> LockEntry:
    if len(line.text) >= LONGEST:  # of which the lock has not all, nor a digest of what it would be
        return line
    text = _renamed(line.text, names)
    return msgspec.structs.replace(
        line,
        key=tuple(_renamed(value, names) for value in line.key),
        text=text,
        digest=digest(text),
        question=_renamed(line.question, names),
        answer=_renamed(line.answer, names),
    )


def _renamed(text: str, names: Names) -> str:
    for reference in sorted(names, key=len, reverse=True):
        for written in dict.fromkeys((reference, unquote(reference))):
            if written in text:
                text = re.sub(rf"(?<![\w./-]){re.escape(written)}(?![\w-])", names[reference], text)
    return text
