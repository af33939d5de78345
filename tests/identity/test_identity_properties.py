"""What holds for any history of edits: no GUID ever stands for two facts, and none is lost without need."""

from __future__ import annotations

import os
import random

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from identity_factories import NOW, Project, merged, scope_of
from identity_worlds import EDITS, World

from deckgen.identity.identified import Identified
from deckgen.identity.identify import identify
from deckgen.identity.lock import format_lock, parse_lock
from deckgen.model import Draft

EXAMPLES = int(os.environ.get("IDENTITY_EXAMPLES", "1"))
"""How many times as many examples as in CI."""

profile = settings(deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
step = st.lists(
    st.tuples(st.integers(0, len(EDITS) - 1), st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=5
)
script = st.lists(step, min_size=1, max_size=7)
Step = list[tuple[int, int, int]]

FIRST: Step = [(0, i, 3 * i + i % 2) for i in range(6)]
"""The notes that every history begins with."""


def edit(world: World, edits: Step) -> World:
    world = world.copy()
    for which, number, other in edits:
        EDITS[which](world, number, other)
    return world


def build(project: Project, world: World, **scope: object) -> tuple[Identified, dict[int, str]]:
    """Build a world, in some order; the GUID of each fact."""
    entries = world.drafts()
    random.Random(len(entries)).shuffle(entries)
    result = project.build(*(draft for _, draft in entries), **scope)
    guid_at = {origin: note.guid for note in result.notes for origin in note.origins}
    guids: dict[int, str] = {}
    for truth, draft in entries:
        guid = guid_at[draft.origin]
        assert guids.setdefault(truth, guid) == guid, "one fact at two places has two GUIDs"
    assert len(set(guids.values())) == len(guids), "one GUID for two facts"
    return result, guids


def check_truth(truth_of: dict[str, int], guids: dict[int, str]) -> None:
    for truth, guid in guids.items():
        assert truth_of.setdefault(guid, truth) == truth, "a GUID went to another fact"


@settings(profile, max_examples=150 * EXAMPLES)
@given(script)
def test_a_guid_stands_for_one_fact_and_stays_with_it(steps: list[Step]) -> None:
    """Properties 1, 3 to 9."""
    project, world = Project(), World()
    truth_of: dict[str, int] = {}
    before: dict[int, str] = {}
    for edits in [FIRST, *steps]:
        old_lines = {line.guid: line for line in project.lock.lines}
        world = edit(world, edits)
        result, guids = build(project, world)
        check_truth(truth_of, guids)
        for truth in before.keys() & guids.keys() - world.free:
            assert guids[truth] == before[truth], "a fact lost its GUID"
        for note in result.notes:
            old = old_lines.get(note.guid)
            if old is None:
                assert note.mod == note.id // 1000
                continue
            assert note.id == old.id
            has_changed = project.line(note.guid).hash != old.hash
            assert (note.mod > old.mod) == has_changed
            assert not has_changed or note.mod >= NOW
        text = project.text()
        again, same = build(project, world)
        assert same == guids
        assert project.text() == text
        assert {note.change for note in again.notes} <= {"unchanged"}
        before = guids
        event(f"live {len(guids) // 5 * 5}")


@settings(profile, max_examples=100 * EXAMPLES)
@given(script, st.randoms(use_true_random=False))
def test_no_order_matters(steps: list[Step], rnd: random.Random) -> None:
    """Property 1: shuffled drafts, shuffled lock, another clock where nothing changed."""
    project, world = Project(), World()
    for edits in [FIRST, *steps]:
        world = edit(world, edits)
        drafts = [draft for _, draft in world.drafts()]
        rows = project.text().splitlines()
        rnd.shuffle(rows)
        shuffled_lock, _ = parse_lock("\n".join(rows), "deck.lock")
        shuffled = drafts[:]
        rnd.shuffle(shuffled)
        one = identify(drafts, project.lock, scope_of(drafts), NOW)
        two = identify(shuffled, shuffled_lock, scope_of(drafts), NOW)
        assert format_lock(one.lock) == format_lock(two.lock)
        assert {note.guid: note for note in one.notes} == {note.guid: note for note in two.notes}
        assert [note.draft for note in one.notes if not note.origins[1:]] == [
            draft for draft in drafts if draft in {note.draft for note in one.notes if not note.origins[1:]}
        ]
        assert set(one.near_misses) == set(two.near_misses)
        project.lock = parse_lock(format_lock(one.lock), "deck.lock")[0]


@settings(profile, max_examples=150 * EXAMPLES)
@given(script, step)
@example([[(0, 0, 1)]], [(0, 0, 0), (0, 0, 0), (6, 15, 0), (12, 15, 0)])  # the answer edited, a copy put before it
def test_undo_restores(steps: list[Step], last: Step) -> None:
    """Properties 6 and 7: what one build did, the next undoes: GUIDs and ids are as before."""
    project, world = Project(), World()
    for edits in [FIRST, *steps]:
        world = edit(world, edits)
        _, guids = build(project, world)
    ids = {line.guid: line.id for line in project.lock.lines}
    build(project, edit(world, last))
    _, undone = build(project, world)
    assert undone == guids
    assert ids.items() <= {line.guid: line.id for line in project.lock.lines}.items()


@settings(profile, max_examples=100 * EXAMPLES)
@given(script, step, st.sampled_from(["a.md", "b.md", "目录/c.md"]))
def test_what_is_asleep_stays_as_it_is(steps: list[Step], last: Step, path: str) -> None:
    """Property 10."""
    project, world = Project(), World()
    for edits in [FIRST, *steps]:
        world = edit(world, edits)
        build(project, world)
    before = {line.guid: line for line in project.lock.lines}
    drafts = [draft for _, draft in edit(world, last).drafts() if draft.origin.span.path != path]
    result = project.build(*drafts, unread=frozenset({path}))
    after = {line.guid: line for line in project.lock.lines}
    for guid, line in before.items():
        if line.path == path and not line.retired:
            assert after[guid] == line
    assert not [line for line in result.retired if line.path == path]


def three_way(base: World, ours: World, theirs: World) -> list[Draft]:
    """The notes after a merge: what a side changed wins, where both did the smaller."""
    merged_facts = {}
    for truth in base.facts.keys() | ours.facts.keys() | theirs.facts.keys():
        old, one, two = base.facts.get(truth), ours.facts.get(truth), theirs.facts.get(truth)
        if one == two or two == old:
            chosen = one
        elif one == old:
            chosen = two
        else:
            chosen = min((x for x in (one, two) if x is not None), key=repr)
        if chosen is not None:
            merged_facts[truth] = chosen
    world = World(merged_facts, front=max(ours.front, theirs.front), deck=max(ours.deck, theirs.deck))
    return [draft for _, draft in world.drafts()]


def essence(text: str) -> list[tuple[object, ...]]:
    """What Anki sees of a lock."""
    lock, _ = parse_lock(text, "deck.lock")
    return [(line.guid, line.id, line.key, line.hash, line.mod, bool(line.retired)) for line in lock.lines]


@settings(profile, max_examples=150 * EXAMPLES)
@given(script, step, step)
def test_two_branches_merge_to_one_lock(steps: list[Step], ours: Step, theirs: Step) -> None:
    """Property 11: a union merge at its worst, in either order."""
    project, base = Project(), World()
    for edits in [FIRST, *steps]:
        base = edit(base, edits)
        build(project, base)
    start = project.lock
    one, two = (
        Project(lock=start, clock=iter(range(NOW + 5000, NOW + 9000))),
        Project(lock=start, clock=iter(range(NOW + 7000, NOW + 9000))),
    )
    our_world = edit(base, ours)
    other_base = base.copy()
    other_base.count += 1000  # facts added on two branches are two facts
    their_world = edit(other_base, theirs)
    build(one, our_world)
    build(two, their_world)
    drafts = three_way(base, our_world, their_world)
    results = []
    for text in (
        merged(one.text(), two.text()),
        merged(two.text(), one.text()),
        merged(format_lock(start), merged(two.text(), one.text())),
    ):
        lock, problems = parse_lock(text, "deck.lock")
        assert not problems
        results.append(format_lock(identify(drafts, lock, scope_of(drafts), NOW + 10_000).lock))
    assert results[0] == results[1]
    assert essence(results[0]) == essence(results[2])
    merged_lock = parse_lock(results[0], "deck.lock")[0]
    again = identify(drafts, merged_lock, scope_of(drafts), NOW + 10_001)
    assert format_lock(again.lock) == results[0]
    assert {line.guid for line in one.lock.lines} | {line.guid for line in two.lock.lines} <= {
        line.guid for line in merged_lock.lines
    }


@settings(profile, max_examples=100 * EXAMPLES)
@given(script, step)
def test_a_merge_with_an_unchanged_side_is_the_other_side(steps: list[Step], theirs: Step) -> None:
    """Property 11, also where the union kept the old line beside the new one."""
    project, world = Project(), World()
    for edits in [FIRST, *steps]:
        world = edit(world, edits)
        build(project, world)
    base = project.text()
    world = edit(world, theirs)
    build(project, world)
    expected = project.text()
    lock, problems = parse_lock(merged(base, expected), "deck.lock")
    assert not problems
    drafts = [draft for _, draft in world.drafts()]
    assert format_lock(identify(drafts, lock, scope_of(drafts), NOW + 99_999).lock) == expected


def test_the_worlds_are_worth_testing() -> None:
    """Every kind of edit does something in some history."""
    rnd = random.Random(7)
    seen: set[int] = set()
    world = World()
    for _ in range(400):
        which = rnd.randrange(len(EDITS))
        before = (dict(world.facts), world.front, world.deck)
        EDITS[which](world, rnd.randrange(40), rnd.randrange(40))
        if (world.facts, world.front, world.deck) != before:
            seen.add(which)
        world.touched, world.free = set(), set()
    assert seen == set(range(len(EDITS)))
