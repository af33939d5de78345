"""Drafts → facts: each draft in its normal form, those that are one note together; what a key is made into."""

from __future__ import annotations

import unicodedata
from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from deckgen.identity.lock import LockEntry, key_digest
from deckgen.identity.normal_form import cut, digest, normalise, written
from deckgen.model import Draft, Guid, Origin

Key = tuple[str, str, tuple[str, ...]]
"""Kind, rule identity, values."""
Place = tuple[str, tuple[str, ...]]
"""Path and headings. No line numbers: they would change with every edit above."""


EXPLICIT_ID = "^"
"""The first value of a key that holds an id which stands in the notes: the author says which note it is."""


class NormalForm(Struct, frozen=True, array_like=True):
    """The normal forms of a draft, which depend on nothing else: made where the draft is, and kept with it."""

    question: str
    key: tuple[str, ...]
    answer: str
    text: str  # cut
    digest: str  # of all of the text
    content: str = ""  # `content_hash`, where it is known from the draft alone
    former: tuple[str, ...] = ()  # digests of the keys that it may have had

    def of_content(self, content: str) -> NormalForm:
        """The same with that hash. (`replace` takes four times as long.)"""
        return NormalForm(self.question, self.key, self.answer, self.text, self.digest, content, self.former)


def normalise_draft(draft: Draft) -> NormalForm:
    """Of question, key, answer and text."""
    question = normalise(draft.question)
    key = draft.key
    values = (question,) if len(key) == 1 and key[0] == draft.question else tuple(normalise(value) for value in key)
    if draft.has_explicit_id:
        values = (EXPLICIT_ID, *values)
    text = normalise(draft.text)
    former = tuple([key_digest(draft.kind, rule, tuple(map(normalise, key))) for rule, key in draft.former])
    return NormalForm(question, values, normalise(draft.answer, with_targets=True), cut(text), digest(text), "", former)


class Fact(Struct, frozen=True):
    """What identity compares with a line of the lock. Texts are cut as the lock's are."""

    draft: Draft
    origins: tuple[Origin, ...]
    key: Key
    text: str
    digest: str  # of all of the text
    question: str
    answer: str
    place: Place
    places: tuple[Place, ...]  # of all origins
    content: str = ""  # `content_hash`, where it is known
    ids: tuple[str, ...] = ()  # what the author wrote to name it
    former: tuple[str, ...] = ()  # digests of the keys that it may have had


def facts_of(drafts: Sequence[Draft], normal_forms: Sequence[NormalForm]) -> tuple[list[Fact], list[int]]:
    """The facts in the order in which they are first met, and for each draft which one it is.

    Drafts with the same key, question and answer are one fact: that of the first place. The question is compared too,
    because with `key:` two questions may share a key.
    """
    paths: dict[str, str] = {}
    headings: dict[tuple[str, ...], tuple[str, ...]] = {}
    same: dict[tuple[Key, str, str], int] = {}
    facts: list[Fact] = []
    more: dict[int, list[Fact]] = {}
    order: list[int] = []
    for draft, normal in zip(drafts, normal_forms, strict=True):
        path, above = draft.origin.span.path, draft.origin.headings
        if path not in paths:
            paths[path] = unicodedata.normalize("NFC", path)
        if above not in headings:
            headings[above] = tuple(unicodedata.normalize("NFC", heading) for heading in above)
        fact = Fact(
            draft,
            (draft.origin,),
            (draft.kind, draft.identity, normal.key),
            normal.text,
            normal.digest,
            cut(normal.question),
            cut(normal.answer),
            (place := (paths[path], headings[above])),
            (place,),
            normal.content,
            tuple(map(normalise, draft.ids)) if draft.ids else (),
            normal.former,
        )
        known = same.setdefault((fact.key, normal.question, normal.answer), len(facts))
        order.append(known)
        if known == len(facts):
            facts.append(fact)
        else:
            more.setdefault(known, [facts[known]]).append(fact)
    for index, several in more.items():
        several.sort(key=_where)
        origins = tuple(dict.fromkeys(fact.draft.origin for fact in several))
        places = tuple(dict.fromkeys(fact.place for fact in several))
        facts[index] = replace(several[0], origins=origins, places=places)
    return facts, order


def _where(fact: Fact) -> tuple[Any, ...]:
    """In the order of the sources, whatever the order of the drafts."""
    draft = fact.draft
    return draft.origin.span, fact.place, draft.fields, draft.deck, draft.tags


def key_of(line: LockEntry) -> Key:
    """The key of a line."""
    return line.kind, line.rule, line.key


def place_of(line: LockEntry) -> Place:
    """Where a line stands."""
    return line.path, line.headings


def have_other_ids(line: LockEntry, fact: Fact) -> bool:
    """Whether the author named both, and by different ids. A line's id is what its key has and its question has not.

    An id on a line of its own was once taken for that of the next card: a line whose key is not marked says nothing.
    """
    if not fact.ids or set(fact.ids) <= set(line.key) or line.rule != fact.key[1]:
        return False
    if EXPLICIT_ID in (line.key[0], fact.key[2][0]):
        return line.key[0] == fact.key[2][0]
    return any(value not in line.question for value in line.key)


def digest_of_key(key: Key) -> str:
    """What `was` keeps of a key."""
    return key_digest(*key)


def make_guid(project: str, key: Key, salt: str) -> Guid:
    """16 characters of base32, the same for all who build the same note of the same project."""
    kind, rule, values = key
    named = written(["deckgen-1", project, [kind, rule, *values], salt])
    return Guid(b32encode(sha256(named.encode("utf-8", "surrogatepass")).digest()[:10]).decode().lower())


_2010, _2024 = 1_262_304_000, 1_704_067_200


def natural_id(guid: Guid) -> int:
    """The note id that a GUID asks for: a second between 2010 and 2024, in milliseconds, never from the clock."""
    number = int.from_bytes(sha256(guid.encode()).digest()[:8], "big")
    return (_2010 + number % (_2024 - _2010)) * 1000
