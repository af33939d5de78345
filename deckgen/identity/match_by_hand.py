"""Pass 0: `--same OLD=NEW` and `--another OLD=NEW`, the author's own word on what is the same note, and what is not."""

from __future__ import annotations

from collections.abc import Mapping

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.lock import Lock
from deckgen.identity.match_by_key import LockCandidate, Pairs
from deckgen.model import Guid

define(
    "error",
    same_unknown="A GUID of `--same OLD=NEW` is not known: OLD must be in the lock, and NEW a note that this build "
    "makes.",
    same_kind="`--same` names two notes of different kinds; Anki would refuse the update.",
    same_taken="The old note of `--same` is still in the notes.",
)


def pair_by_hand(pairs: Pairs, by_hand: Mapping[int, str]) -> None:
    """Pair facts with the newest line of the GUID that they are given."""
    if not by_hand:
        return
    lines: dict[str, list[LockCandidate]] = {}
    for candidate in pairs.candidates:
        lines.setdefault(candidate.line.guid, []).append(candidate)
    for index in sorted(by_hand):
        known = lines[by_hand[index]]
        pairs.add(min(known, key=lambda e: (e.tier, -e.line.mod, e.line.digest)), index, "by hand")
        pairs.used.update(id(candidate) for candidate in known)


def facts_named(
    same: tuple[tuple[str, str], ...], pairs: Pairs, fresh: Mapping[int, Guid], lock: Lock, found: list[Diagnostic]
) -> dict[int, str]:
    """The fact that each NEW names and the OLD that it is given; `pairs` and `fresh` are what comes out without."""
    note_indices = {line.guid: note_index for note_index, line in enumerate(lock.lines)}
    fact_of = _facts_by_guid(pairs, fresh)
    named: dict[int, str] = {}
    moved_on = {fact_of[new] for old, new in same if old != new and new in fact_of}
    for old, new in same:
        if old not in note_indices or new not in fact_of:
            found.append(_unknown("--same", old, new, note_indices, fact_of))
        elif old != new:
            line, fact = lock.lines[note_indices[old]], pairs.facts[fact_of[new]]
            holder = pairs.of_note.get(note_indices[old], [None])[0]
            if line.kind != fact.key[0]:
                message = f"`--same {old}={new}`: {old} is of kind {line.kind}, {new} of {fact.key[0]}"
                found.append(Diagnostic("same-kind", message, fact.draft.origin.span))
            elif (holder is not None and holder not in moved_on) or old in named.values():
                message = f"`--same {old}={new}`: {old} is a note of this build, its fact stands in the notes"
                span = fact.draft.origin.span if holder is None else pairs.facts[holder].draft.origin.span
                found.append(Diagnostic("same-taken", message, span, "delete that fact first, or swap the two GUIDs"))
            else:
                named[fact_of[new]] = old
    return named


def facts_apart(
    another: tuple[tuple[str, str], ...], pairs: Pairs, fresh: Mapping[int, Guid], lock: Lock, found: list[Diagnostic]
) -> dict[int, str]:
    """The fact that each NEW of `--another OLD=NEW` names, and the OLD that it is not."""
    note_indices = {line.guid: note_index for note_index, line in enumerate(lock.lines)}
    fact_of = _facts_by_guid(pairs, fresh)
    apart: dict[int, str] = {}
    for old, new in another:
        if old not in note_indices or new not in fact_of:
            found.append(_unknown("--another", old, new, note_indices, fact_of))
        else:
            apart[fact_of[new]] = old
    return apart


def _facts_by_guid(pairs: Pairs, fresh: Mapping[int, Guid]) -> dict[str, int]:
    fact_of: dict[str, int] = {guid: index for index, guid in fresh.items()}
    for index, (candidate, _) in pairs.of_fact.items():
        fact_of.setdefault(candidate.line.guid, index)
    return fact_of


def _unknown(
    option: str, old: str, new: str, note_indices: Mapping[str, int], fact_of: Mapping[str, int]
) -> Diagnostic:
    from difflib import get_close_matches

    wrong, known = (old, list(note_indices)) if old not in note_indices else (new, list(fact_of))
    near = get_close_matches(wrong, known, 1) if len(known) < 10_000 else []
    hint = f"did you mean `{near[0]}`?" if near else "`deckgen list` and `deckgen diff` show the GUIDs"
    return Diagnostic("same-unknown", f"`{option} {old}={new}`: no note {wrong}", None, hint)
