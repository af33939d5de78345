"""Thousands of edits across hundreds of files: no schedule crosses, nine edited facts of ten keep theirs."""

from __future__ import annotations

import os
import random
from collections import Counter

from identity_factories import Project
from identity_histories import History

ROUNDS = int(os.environ.get("IDENTITY_EXAMPLES", "1"))
"""How many histories; one in CI."""

EDITED = ("answer", "question", "question and answer", "moved and edited")


def test_a_history_of_thousands_of_edits() -> None:
    kept: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for seed in range(ROUNDS):
        replay(random.Random(seed), kept, total)
    untouched = set(total) - set(EDITED)
    assert all(kept[what] == total[what] for what in untouched), (kept, total)
    edited, kept_edited = sum(total[what] for what in EDITED), sum(kept[what] for what in EDITED)
    assert edited > 800 * ROUNDS
    assert kept_edited >= 0.9 * edited, (kept, total)


def replay(rnd: random.Random, kept: Counter[str], total: Counter[str]) -> None:
    history, project = History(rnd), Project()
    for _ in range(1500):
        history.add()
    truth_of: dict[str, int] = {}
    before: dict[int, str] = {}
    for _ in range(20):
        drafts = {truth: told.draft for truth, told in history.facts.items()}
        order = list(drafts.values())
        rnd.shuffle(order)
        guid_at = {origin: note.guid for note in project.build(*order).notes for origin in note.origins}
        guids = {truth: guid_at[draft.origin] for truth, draft in drafts.items()}
        for truth, guid in guids.items():
            assert truth_of.setdefault(guid, truth) == truth, history.facts[truth]
        for truth in before.keys() & guids.keys():
            what = history.done.get(truth, "untouched")
            total[what] += 1
            kept[what] += before[truth] == guids[truth]
        before = guids
        history.done = {}
        for _ in range(150):
            history.edit()
