"""Drafts × the lock → notes with GUID, note id and modified time, the changes, and the next lock.

The promise kept here: a fact that survives an edit keeps its GUID, and a GUID never passes to another fact. The notes
carry no ids; deck.lock remembers what each note was made of, and `identify` finds it again, in passes, strictest first.
Each looks at what is left, needs the same kind, tries live lines before retired ones, and pairs nobody on a tie:

| pass | pairs a line and a draft with |
| --- | --- |
| by hand | `--same OLD=NEW`, or two lines given one GUID in the lock |
| same | the same key and the same text |
| same question | the same key, vouched for by place, by answer, or by text and answer that are clearly the same |
| other rule | the same text, question and answer: another rule took over |
| same text | the same rule and text: the rule changed what it captures |
| former key | a key that the line had before: a rewording undone |
| other script | the same text in traditional instead of simplified characters, or the other way round |
| reworded | a like text, clearly ahead of all others, that asks the same of the same thing, vouched for by the answer |

What is not sure is new. A new GUID comes from the key alone, so that two people make the same one; where another line
has or had that key, from the answer too. `identify` is a pure function; `now` is read only when a known note's content
changed, and then its modified time rises to it, unless the card is found to look as before (`visible_changes`). A
line without a draft is retired when its source was read or is gone, and restored with everything it had when its fact
comes back; no line ever leaves the lock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.assign import (
    Clock,
    build_asleep,
    build_known,
    build_new,
    check_displaced,
    check_note,
    check_unique,
    new_guids,
    note_ids,
    retire,
)
from deckgen.identity.branch_merges import candidates_of
from deckgen.identity.context import ALONE, Context
from deckgen.identity.decisions import UNDECIDED, Decisions
from deckgen.identity.facts import Fact, NormalForm, facts_of, normalise_draft
from deckgen.identity.identified import Identified
from deckgen.identity.lock import Lock, LockEntry, fold
from deckgen.identity.match_by_content import pair_other_keys
from deckgen.identity.match_by_hand import facts_apart, facts_named, pair_by_hand
from deckgen.identity.match_by_key import ASLEEP, Pairs, pair_by_key
from deckgen.identity.match_by_question import pair_by_question
from deckgen.identity.match_cloze import pair_cloze
from deckgen.identity.match_reworded import Miss, pair_reworded
from deckgen.identity.near_misses import NearMiss, near_misses_of
from deckgen.identity.pictures import by_content
from deckgen.identity.scope import Scope
from deckgen.model import Draft, Guid, Note

define(
    "warning",
    many_retired="A build retires over a fifth of the notes: perhaps a folder is missing, or a pattern in `sources` "
    "is wrong. The lock remembers them all, and they come back with the notes.",
)


def identify(
    drafts: Sequence[Draft],
    lock: Lock,
    scope: Scope,
    now: int,
    normal_forms: Sequence[NormalForm] | None = None,
    context: Context = ALONE,
    decisions: Decisions = UNDECIDED,
) -> Identified:
    """Give each draft its identity. `now`: seconds since 1970; `normal_forms`: of the drafts, where known;
    `context`: the notes of the project that are not among drafts and lines; `decisions`: the learner's.
    """
    scope = scope.in_normal_form()
    facts, fact_of_draft = facts_of(drafts, normal_forms or list(map(normalise_draft, drafts)))
    diagnostics: list[Diagnostic] = []
    paired = _paired(facts, lock, scope, context, diagnostics)
    built = _built(facts, paired, lock, Clock(now, scope.refresh), context, decisions)
    variants_left, retired = _with_lines_left(built.lines, paired.pairs, lock, scope)
    for index, old_guid in paired.apart.items():
        new_guid = paired.guids[index] if index in paired.guids else paired.pairs.of_fact[index][0].line.guid
        others = {*built.lines[old_guid].another, new_guid}
        built.lines[old_guid] = msgspec.structs.replace(built.lines[old_guid], another=tuple(sorted(others)))
    lines = tuple(built.lines[guid] for guid in sorted(built.lines))
    check_unique(lines)
    diagnostics.extend(problem for note in built.notes for problem in check_note(note))
    diagnostics.extend(check_displaced(built.notes, built.displaced))
    diagnostics.extend(check_retired(sum(not line.retired for line in lock.lines), len(retired)))
    in_order = tuple(built.notes[index] for index in dict.fromkeys(fact_of_draft))
    gone = {line.guid for line in retired}
    before = {line.guid: line for line in lock.lines if line.guid in gone}
    misses = near_misses_of(paired.pairs, paired.guids, paired.misses, before, facts)
    return Identified(
        in_order,
        replace(lock, lines=lines, variants=variants_left),
        tuple(sorted(retired, key=lambda line: line.guid)),
        _as_written(lock, misses),
        tuple(diagnostics),
    )


class _Paired(Struct, frozen=True):
    """Which facts are which notes."""

    pairs: Pairs
    guids: Mapping[int, Guid]  # of new notes, by their facts
    misses: list[Miss]
    apart: Mapping[int, str]  # facts, and the GUIDs of notes that somebody said they are not


class _Built(Struct):
    """Notes and the next lines, while they are made."""

    notes: list[Note] = field(default_factory=list)
    lines: dict[str, LockEntry] = field(default_factory=dict)
    displaced: dict[Guid, Guid] = field(default_factory=dict)


def _paired(
    facts: Sequence[Fact], lock: Lock, scope: Scope, context: Context, diagnostics: list[Diagnostic]
) -> _Paired:
    """All passes; once more where the command line or the learner named pairs, which need the GUIDs of new notes."""

    def pair(by_hand: dict[int, str], apart: frozenset[tuple[int, int]]) -> tuple[Pairs, dict[int, Guid], list[Miss]]:
        pairs = Pairs(*by_content(candidates_of(lock, scope), facts, context), lock.header.project, apart)
        pair_by_hand(pairs, by_hand)
        pair_by_key(pairs, context)
        pair_other_keys(pairs)
        pair_by_question(pairs, context)
        pair_cloze(pairs)
        misses = pair_reworded(pairs, context)
        fresh = [index for index in range(len(facts)) if index not in pairs.of_fact]
        keys_now = {facts[index].key for index in pairs.of_fact} if fresh else set()
        return pairs, new_guids(lock.header.project, lock, facts, fresh, keys_now, context), misses

    pairs, guids, misses = pair({}, frozenset())
    another: dict[int, str] = {}
    if scope.same or scope.another or scope.decided_same or scope.decided_another:
        another = facts_apart(scope.decided_another, pairs, guids, lock, [])
        another |= facts_apart(scope.another, pairs, guids, lock, diagnostics)
        named = facts_named(scope.decided_same, pairs, guids, lock, [])
        named |= facts_named(scope.same, pairs, guids, lock, diagnostics)
        note_indices = {line.guid: note_index for note_index, line in enumerate(lock.lines)}
        apart = frozenset((note_indices[old], index) for index, old in another.items())
        if named or another:
            pairs, guids, misses = pair(named, apart)
    return _Paired(pairs, guids, misses, another)


def _built(
    facts: Sequence[Fact], paired: _Paired, lock: Lock, clock: Clock, context: Context, decisions: Decisions
) -> _Built:
    """The note of each fact, and its line."""
    pairs, guids = paired.pairs, paired.guids
    ids = note_ids(lock, guids, context)
    made = _Built()
    for index, fact in enumerate(facts):
        if index in guids:
            built = build_new(fact, guids[index], ids[index], clock, decisions)
            if index in pairs.displaced:
                made.displaced[guids[index]] = Guid(pairs.displaced[index].line.guid)
        else:
            candidate, reason = pairs.of_fact[index]
            old = lock.lines[candidate.note_index]
            if candidate.tier == ASLEEP and candidate.line.path != fact.place[0] and reason != "by hand":
                made.notes.append(build_asleep(fact, old, reason, decisions))
                continue
            variants = lock.variants.get(Guid(old.guid), (old,))
            built = build_known(fact, old, variants, reason, clock, decisions)
        made.notes.append(built.note)
        made.lines[built.line.guid] = built.line
    return made


def _with_lines_left(
    lines: dict[str, LockEntry], pairs: Pairs, lock: Lock, scope: Scope
) -> tuple[dict[Guid, tuple[LockEntry, ...]], list[LockEntry]]:
    """Add the lines of the lock that no note is made of: asleep, or retired before or now. Those of which several
    stay, and those that are retired now.
    """
    variants_left: dict[Guid, tuple[LockEntry, ...]] = {}
    retired: list[LockEntry] = []
    for note_index, line in enumerate(lock.lines):
        if line.guid in lines:
            continue
        guid = Guid(line.guid)
        variants = lock.variants.get(guid, (line,))
        if note_index in pairs.of_note or any(scope.is_asleep(variant) for variant in variants):
            lines[guid] = line
            if len(variants) > 1:
                variants_left[guid] = variants
        elif line.retired:
            lines[guid] = line if len(variants) == 1 else fold(variants)
        else:
            lines[guid] = retire(line, variants, scope.reason(line))
            retired.append(lines[guid])
    return variants_left, retired


def _as_written(lock: Lock, misses: tuple[NearMiss, ...]) -> tuple[NearMiss, ...]:
    """With the lines of the lock, in which pictures have their paths."""
    if not any(miss.old.media for miss in misses):
        return misses
    lines = {line.guid: line for line in lock.lines}
    return tuple(replace(miss, old=lines[miss.old.guid]) for miss in misses)


def check_retired(live: int, retired: int) -> list[Diagnostic]:
    """Whether a build retires so many of the live notes that it may be a mistake."""
    if live < 20 or retired * 5 <= live:
        return []
    hint = "if that is a mistake, mend the notes or `sources` and build again: every note gets its schedule back"
    return [Diagnostic("many-retired", f"{retired} of {live} notes are no longer made", None, hint)]
