"""Facts and lines that show the same picture by other paths → both with its content for a name, so that they match.

The normal form of a picture is its path. The lock remembers beside it what bytes stood there (`media`); where the same
bytes stand in two places, one of them is where a picture was moved from. What matches by its paths, with the bytes that
stand there, goes on doing so: two notes may show one picture by two names.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from urllib.parse import unquote

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from deckgen.identity.assign import media_of
from deckgen.identity.context import Context
from deckgen.identity.facts import Fact, Key, key_of
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
    same = _Matching.of(candidates, facts)
    return [_candidate(one, moved, same) for one in candidates], [_fact(one, moved, same) for one in facts]


class _Matching(Struct, frozen=True):
    """What lines and facts have in common whose pictures are where they were."""

    keys: Collection[Key]
    texts: Collection[tuple[Key, str]]  # digests of texts

    @classmethod
    def of(cls, candidates: Iterable[LockCandidate], facts: Iterable[Fact]) -> _Matching:
        """Of those with pictures."""
        known: dict[Key, list[LockEntry]] = defaultdict(list)
        for candidate in candidates:
            if candidate.line.media:
                known[key_of(candidate.line)].append(candidate.line)
        keys: set[Key] = set()
        texts: set[tuple[Key, str]] = set()
        for fact in facts:
            if not fact.draft.media:
                continue
            there = dict(media_of(fact.draft.media))
            for line in known.get(fact.key, ()):
                if all(there.get(reference, content) == content for reference, content in line.media):
                    keys.add(fact.key)
                    if line.digest == fact.digest:
                        texts.add((fact.key, fact.digest))
        return cls(keys, texts)


def _candidate(candidate: LockCandidate, moved: set[str], same: _Matching) -> LockCandidate:
    line = candidate.line
    names = _names(line.media, moved)
    if not names or (key_of(line), line.digest) in same.texts:
        return candidate
    renamed = _line(line, names, keeps_question=key_of(line) in same.keys)
    return LockCandidate(renamed, candidate.note_index, candidate.tier)


def _names(media: Iterable[tuple[str, str]], moved: set[str]) -> Names:
    return {reference: f"\ue0fe{content}" for reference, content in media if content in moved}


def _fact(fact: Fact, moved: set[str], same: _Matching) -> Fact:
    names = _names(media_of(fact.draft.media), moved)
    if not names or (fact.key, fact.digest) in same.texts:
        return fact
    kind, rule, key = fact.key
    text = _renamed(normalise(fact.draft.text), names)
    of_question = {} if fact.key in same.keys else names
    return replace(
        fact,
        key=(kind, rule, tuple(_renamed(value, of_question) for value in key)),
        text=cut(text),
        digest=digest(text),
        question=_renamed(fact.question, of_question),
        answer=_renamed(fact.answer, names),
    )


def _line(line: LockEntry, names: Names, *, keeps_question: bool) -> LockEntry:
    if len(line.text) >= LONGEST:  # of which the lock has not all, nor a digest of what it would be
        return line
    text = _renamed(line.text, names)
    of_question = {} if keeps_question else names
    return msgspec.structs.replace(
        line,
        key=tuple(_renamed(value, of_question) for value in line.key),
        text=text,
        digest=digest(text),
        question=_renamed(line.question, of_question),
        answer=_renamed(line.answer, names),
    )


def _renamed(text: str, names: Names) -> str:
    for reference in sorted(names, key=len, reverse=True):
        for written in dict.fromkeys((reference, unquote(reference))):
            if written in text:
                text = re.sub(rf"(?<![\w./-]){re.escape(written)}(?![\w-])", names[reference], text)
    return text
