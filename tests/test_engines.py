"""A learner's year in five versions of Anki's own engine: no review, due date, tag or edit is ever lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ENGINES = Path(__file__).parent / "engines"
sys.path.insert(0, str(ENGINES))

from environments import VERSIONS, NoEnvironmentError, python_with  # noqa: E402
from year import Moment, live_through  # noqa: E402

ANSWERS = 60
"""Cards answered at each moment: all come round, and many come due again."""
STOCK = {"Basic", "Basic (and reversed card)", "Basic (optional reversed card)", "Basic (type in the answer)", "Cloze"}
STOCK |= {"Image Occlusion"}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> list[Moment]:
    return list(live_through(tmp_path_factory.mktemp("year")))


def spared(year: list[Moment]) -> list[str]:
    """Notes that stand in every package and whose source never changes, in a fixed order."""
    changed = {guid for moment in year for guid in moment.updated}
    return [g for g in year[0].notes if g not in changed and all(g in moment.notes for moment in year)]


def plan_of(year: list[Moment]) -> list[dict[str, Any]]:
    """What the learner does: at every moment something to another note, and to one that will change."""
    unchanged, plan = spared(year), []
    changed_later = [next(iter(sorted(moment.updated)), "") for moment in year]
    for index, moment in enumerate(year):
        tagged, edited, suspended, flagged, moved = unchanged[index * 5 : index * 5 + 5]
        by_hand: list[list[Any]] = [
            ["tag", tagged, "mine", f"exam::{index}"],
            ["edit", edited, "Back", f"in my own words {index}"],
            ["suspend", suspended],
            ["flag", flagged, 1 + index % 4],
            ["move", moved, "My own deck"],
        ]
        if index + 1 < len(year) and changed_later[index + 1]:
            by_hand += [["tag", changed_later[index + 1], "soon-gone"], ["flag", changed_later[index + 1], 2]]
        plan.append(
            {
                "moment": moment.at,
                "packages": list(map(str, moment.packages)),
                "answers": ANSWERS,
                "by_hand": by_hand,
            }
        )
    return plan


def environment(version: str) -> Path:
    """Its Python. Under CI a version that cannot be had is a failure: nobody would notice that it is not tested."""
    try:
        return python_with(version)
    except NoEnvironmentError as problem:
        if os.environ.get("CI", "").lower() in ("1", "true"):
            pytest.fail(f"{problem}\nUnder CI all of {', '.join(VERSIONS)} must be there.", pytrace=False)
        pytest.skip(f"offline? {problem}")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_year_of_edits_loses_nothing(version: str, year: list[Moment], tmp_path: Path) -> None:
    python = environment(version)
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(plan_of(year)), "utf-8")
    ended = subprocess.run(
        [python, ENGINES / "learn.py", plan, tmp_path],
        check=False,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    report = json.loads(ended.stdout)
    check_year(year, report)
    check_learner(year, report)


def check_year(year: list[Moment], report: dict[str, Any]) -> None:
    """What every import left as it was, and what it brought."""
    assert len(report["steps"]) == len(year) >= 12
    keeps_package_times = tuple(int(part) for part in report["version"].split(".")[:2]) >= (25, 2)
    known: dict[str, Any] = {}  # what stands in the collection, by all that was imported and done by hand
    for moment, step in zip(year, report["steps"], strict=True):
        before, after = step["before"], step["after"]
        context = (report["version"], moment.name)

        # Schedules: every card is as it was, in every column; every review is there.
        assert {card: after["cards"].get(card) for card in before["cards"]} == before["cards"], context
        assert (after["reviews"], after["reviews_digest"]) == (before["reviews"], before["reviews_digest"]), context

        # Content: what changed arrived whole, all else is as the learner had it.
        for guid, note in before["notes"].items():
            if guid not in moment.updated:
                assert after["notes"][guid] == note, (*context, guid)
        for guid in moment.updated | moment.new:
            fields, tags, mod = after["notes"][guid]
            wanted = moment.notes[guid]
            assert (tuple(fields), tuple(sorted(tags))) == (wanted.fields, wanted.tags), (*context, guid)
            # Up to 24.11 an update is stamped with the moment of the import.
            assert mod == wanted.mod if keeps_package_times or guid in moment.new else mod > wanted.mod, context
        assert set(after["notes"]) == set(before["notes"]) | moment.new, context
        assert after["notes_in_all"] == len(after["notes"]), context

        # Cards: those of new notes, and the second ones where a rule makes two now.
        made = [row[0] for card, row in after["cards"].items() if card not in before["cards"]]
        wanted_cards = [g for g in moment.new for _ in range(moment.notes[g].cards)] + list(moment.more_cards)
        assert sorted(made) == sorted(wanted_cards), context

        # Anki's own log says so too.
        logged = {name: sum(log.get(name, 0) for log in step["logs"]) for name in ("new", "updated", "duplicate")}
        untouched = len(moment.notes) - len(moment.new) - len(moment.updated)
        assert logged == {"new": len(moment.new), "updated": len(moment.updated), "duplicate": untouched}, context
        assert all(set(log) <= {"new", "updated", "duplicate"} for log in step["logs"]), (*context, step["logs"])
        assert set(after["note_types"]) - STOCK == {"deckgen Basic"}, context
        assert step["empty_cards"] == [], context
        known |= after["notes"]
    assert set(report["final"]["notes"]) == set(known), "a package deletes nothing"
    # Newer engines add to cards when they were last seen, from the reviews, which had to be put back in time here.
    problems = [line for line in report["problems"].splitlines() if "last review time" not in line]
    assert problems == ["Database rebuilt and optimized."]


def check_learner(year: list[Moment], report: dict[str, Any]) -> None:
    """The year was really lived: otherwise new cards would be compared with new cards."""
    final, steps = report["final"], report["steps"]
    assert steps[-1]["before"]["reviews"] > 600
    intervals = [row[6] for row in steps[-1]["before"]["cards"].values()]
    assert sum(interval >= 20 for interval in intervals) > 50
    assert sum(row[9] > 0 for row in final["cards"].values()) > 5, "lapses"
    assert steps[-1]["before"]["today"] - steps[0]["before"]["today"] > 400
    # What the learner did by hand in the first months is there in the end.
    tagged, edited, suspended, flagged, moved = spared(year)[:5]
    assert {"mine", "exam::0"} <= set(final["notes"][tagged][1])
    assert final["notes"][edited][0][1] == "in my own words 0"
    rows = {row[0]: row for row in final["cards"].values()}
    assert rows[suspended][4] == -1
    assert rows[flagged][13] & 7 == 1
    assert rows[moved][2] not in {row[2] for row in steps[0]["after"]["cards"].values()}, "a deck of the learner's own"
    # A tag of the learner goes when the note's source changes, and only then; the flag, which is the card's, stays.
    for before, moment, step in zip(steps, year[1:], steps[1:], strict=False):
        for guid in sorted(moment.updated)[:1]:
            assert "soon-gone" in step["before"]["notes"][guid][1]
            assert "soon-gone" not in step["after"]["notes"][guid][1]
            assert before["after"]["notes"][guid] is not None
            assert {row[13] & 7 for row in step["after"]["cards"].values() if row[0] == guid and row[1] == 0} == {2}
