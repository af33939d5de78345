"""When obsidian-spaced-repetition wants to ask a card again becomes its due date in Anki, once: at its first import."""

from __future__ import annotations

import shutil
import sqlite3
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from command_line import deckgen, write_files
from engine import Anki
from push_world import WAYS, World, make_world, opened

from deckgen.model import CardSchedule
from deckgen.package.rows import FIRST_DAY

pytestmark = pytest.mark.usefixtures("plain_environment")

YAML = "deck: Trees\nid: trees\nrules: [compat/obsidian-spaced-repetition]\n"
TODAY = datetime.now(tz=UTC).date()
SOON, LATE = (TODAY + timedelta(days=days) for days in (3, 40))
NOTES = f"""#flashcards/trees

der Ahorn:::the maple
<!--SR:!{SOON},12,250!{LATE},60,310-->

die Tanne::the fir <!--SR:!fsrs,{SOON}T08:00:00.000Z,20,19.5,6.1,2,7,0,0,{TODAY}T08:00:00.000Z-->

The ==larch== loses its ==needles==.
<!--SR:!2000-01-01,1,250!{SOON},5,190-->

die Eiche::the oak
"""
WANTED = {
    ("der Ahorn", 0): (2, 3, 12, 2500),
    ("der Ahorn", 1): (2, 40, 60, 3100),
    ("die Tanne", 0): (2, 3, 20, 2500),
    ("The {{c1::larch}} loses its {{c2::needles}}.", 0): (0, 4, 0, 0),
    ("The {{c1::larch}} loses its {{c2::needles}}.", 1): (2, 3, 5, 1900),
    ("die Eiche", 0): (0, 5, 0, 0),
}


def told(state: dict[str, Any]) -> dict[tuple[str, int], tuple[int, ...]]:
    """Type, due, interval and ease of each card, by question and ordinal."""
    found = {}
    for note in state["notes"].values():
        question = next(iter(note["fields"].values()))
        for ordinal, card in note["cards"].items():
            kind, _, due, interval, ease = card["schedule"][:5]
            found[question, int(ordinal)] = (kind, due, interval, ease)
    return found


def check(found: dict[tuple[str, int], tuple[int, ...]]) -> None:
    """A collection that was made today counts its days from today; what is due may be so a day later by its hours."""
    assert found.keys() == WANTED.keys()
    for key, (kind, due, *rest) in WANTED.items():
        assert found[key][0] == kind, key
        assert found[key][1] in ((due, due + 1) if kind == 2 else range(1, 6)), key
        assert list(found[key][2:]) == rest, key


@pytest.fixture
def trees(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    with opened(make_world(request.param, tmp_path, {"deck.yaml": YAML, "trees.md": NOTES})) as world:
        yield world


@pytest.mark.parametrize("trees", WAYS, indirect=True)
def test_a_push_takes_it_over_once(trees: World) -> None:
    ended = trees.push()
    assert (ended.code, ended.kinds) == (0, ["schedules-of-another-tool"]), ended
    state = trees.state()
    check(told(state))
    assert state["well"]
    trees.learn("study", 3)
    learned = trees.state()
    trees.replace("trees.md", f"!{SOON},12,250", f"!{LATE},99,130")
    trees.replace("trees.md", "the oak", "the old oak\n<!--SR:!2024-01-01,9,250-->")
    again = trees.push()
    assert (again.code, again.kinds, "1 updated" in again.out) == (0, [], True), again
    after = trees.state()
    assert told(after) == told(learned)
    assert after["reviews"] == learned["reviews"]


@pytest.mark.parametrize("with_learning", [False, True])
def test_a_package_brings_it_where_anki_is_told_to(tmp_path: Path, with_learning: bool) -> None:
    from anki.import_export_pb2 import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    notes = write_files(tmp_path / "notes", {"deck.yaml": YAML, "trees.md": NOTES})
    assert deckgen("build", notes).code == 0
    anki = Anki(tmp_path)
    try:
        options = ImportAnkiPackageOptions(with_scheduling=with_learning)
        request = ImportAnkiPackageRequest(package_path=str(notes / "notes.apkg"), options=options)
        anki.collection.import_anki_package(request)
        rows = anki.collection.db.all(
            "select flds, ord, type, due, ivl, factor from notes n join cards c on nid = n.id"
        )
        found = {(fields.split("\x1f")[0], ordinal): tuple(rest) for fields, ordinal, *rest in rows}
        if with_learning:
            check(found)
        else:
            assert [found[key] for key in WANTED] == [(0, place, 0, 0) for place in (1, 1, 2, 3, 3, 4)]
    finally:
        anki.collection.close()


def rows_of(package: Path, folder: Path) -> list[tuple[Any, ...]]:
    with zipfile.ZipFile(package) as archive:
        path = archive.extract("collection.anki2", folder)
    with sqlite3.connect(path) as database:
        return database.execute("select nid, ord, type, due, ivl, factor, data from cards order by id").fetchall()


def test_a_package_that_is_changed_is_the_one_of_a_new_build(tmp_path: Path) -> None:
    """A note more in front moves the places of the others, and no due date."""
    notes = write_files(tmp_path / "notes", {"deck.yaml": YAML, "trees.md": NOTES})
    assert deckgen("build", notes).code == 0
    before = rows_of(notes / "notes.apkg", tmp_path)
    write_files(notes, {"bushes.md": "#flashcards\n\nder Busch::the bush\n\ndie Hecke::the hedge\n"})
    assert deckgen("build", notes).code == 0
    changed, package = rows_of(notes / "notes.apkg", tmp_path), (notes / "notes.apkg").read_bytes()
    assert sorted(row[3] for row in before if row[2] == 2) == sorted(row[3] for row in changed if row[2] == 2)
    places = sorted(int(row[6][7:-1]) if row[2] == 2 else row[3] for row in changed)
    assert places == [1, 2, 3, 3, 4, 5, 5, 6]
    shutil.rmtree(notes / ".deckgen")
    assert deckgen("build", notes).code == 0
    assert (notes / "notes.apkg").read_bytes() == package


def test_days_count_from_where_genankis_collection_begins() -> None:
    from genanki.apkg_col import APKG_COL

    first = int(APKG_COL.partition("VALUES")[2].partition("(")[2].split(",")[1])
    assert first // 86_400 == FIRST_DAY


@pytest.mark.parametrize(
    ("comment", "schedules"),
    [
        ("<!--SR:!2024-05-01,12,250-->", (CardSchedule(19_844, 12, 250),)),
        (
            "<!--SR:!2024-05-01,12,250!2024-05-03,14,250-->",
            (CardSchedule(19_844, 12, 250), CardSchedule(19_846, 14, 250)),
        ),
        ("<!--SR:!2000-01-01,1,250-->", ()),
        ("<!--SR:!2024-13-01,12,250-->", ()),
        ("<!--SR:!soon,12,250-->", ()),
        ("<!--SR:!2024-05-01,999999,250-->", (CardSchedule(19_844, 36_500, 250),)),
        ("\n<!--SR:!2024-05-01,12,250-->", ()),
    ],
)
def test_what_the_comment_says(tmp_path: Path, comment: str, schedules: tuple[CardSchedule, ...]) -> None:
    from deckgen.extraction.extract import extract
    from deckgen.extraction.settings import Settings
    from deckgen.markdown.document import read_document
    from deckgen.model import Source
    from deckgen.rules.loading import load_rules
    from deckgen.rules.shipped import read_shipped

    pack = read_shipped("compat/obsidian-spaced-repetition")
    assert pack is not None
    document, _ = read_document(Source("a.md", f"#flashcards\n\na::b\n{comment}\nc::d\n"))
    drafts = extract([document], load_rules([pack])[0], Settings("D")).drafts
    assert [draft.schedules for draft in drafts] == [schedules, ()]
