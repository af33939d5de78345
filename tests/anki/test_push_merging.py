"""Three versions of a note → what a push writes; a table for fields, tags, decks and renames each."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckgen.anki.anki_state import AnkiCard, AnkiNote, AnkiState
from deckgen.anki.decks import find_renames
from deckgen.anki.plan import NotePlan
from deckgen.anki.three_way import map_fields, merge_decks, merge_fields, merge_tags
from deckgen.rendering.baseline import SyncBaseline, digest, name_digest, tag_digests


def written(*fields: str, tags: tuple[str, ...] = (), deck: str = "", is_placed: bool = True) -> SyncBaseline:
    return SyncBaseline(tuple(map(digest, fields)), tag_digests(tags), name_digest(deck) if deck else "", is_placed)


@pytest.mark.parametrize(
    ("base", "there", "here", "verdict"),
    [
        ("a", "a", "a", "same"),
        ("a", "a", "b", "update"),
        ("a", "b", "a", "edited"),
        ("a", "b", "b", "same"),
        ("a", "b", "c", "conflict"),
        (None, "a", "a", "same"),
        (None, "a", "b", "unknown"),
        ("", "mine", "", "edited"),
        ("", "", "ours", "update"),
        ("", "mine", "ours", "conflict"),
        ("e\u0301", "\u00e9", "e\u0301", "same"),
        ("e\u0301", "\u00e9", "x", "update"),
    ],
)
def test_a_field(base: str | None, there: str, here: str, verdict: str) -> None:
    baseline = None if base is None else written(base)
    (merged,) = merge_fields(["Back"], [here], {"Back": there}, baseline)
    assert merged.verdict == verdict


@given(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3))
def test_no_edit_in_anki_is_overwritten(base: str, there: str, here: str) -> None:
    (merged,) = merge_fields(["Back"], [here], {"Back": there}, written(base))
    if digest(there) != digest(base):
        assert merged.verdict in ("same", "edited", "conflict")


@pytest.mark.parametrize(
    ("base", "there", "here", "add", "remove"),
    [
        ((), (), ("a",), ["a"], []),
        (("a",), ("a", "mine"), ("b",), ["b"], ["a"]),
        (("a",), ("mine",), ("a",), [], []),  # taken off by the learner
        (("a",), ("a",), (), [], ["a"]),
        ((), ("a", "mine"), (), [], []),  # the learner's own, though deckgen once might have had it
        (("A::b",), ("a::B",), ("a::b",), [], []),  # Anki keeps the first spelling
        ((), (), ("two words", "marked", "leech"), ["two_words"], []),
        (None, ("mine",), ("a",), ["a"], []),
        (None, ("old",), ("a",), ["a"], []),  # nobody knows whose it is
    ],
)
def test_tags(
    base: tuple[str, ...] | None, there: tuple[str, ...], here: tuple[str, ...], add: list[str], remove: list[str]
) -> None:
    assert merge_tags(here, there, None if base is None else written(tags=base)) == (add, remove)


@pytest.mark.parametrize(
    ("base", "former", "there", "here", "outcome"),
    [
        (written(deck="A"), (), "A", "A", "stays"),
        (written(deck="A"), ("A",), "A", "B", "moves"),
        (written(deck="A"), ("A",), "Mine", "B", "moved there"),
        (written(deck="B"), ("A",), "A", "B", "moved there"),  # back by hand, after a push had moved it
        (written(deck="B", is_placed=False), ("A",), "A", "B", "moves"),  # a package said B and moved nothing
        (written(deck="B", is_placed=False), (), "A", "B", "moved there"),
        (None, ("A",), "A", "B", "moves"),
        (None, (), "A", "B", "moved there"),
        (written(deck="a"), (), "A", "B", "moves"),
        (written(deck="A"), (), "b", "B", "stays"),
    ],
)
def test_a_card(base: SyncBaseline | None, former: tuple[str, ...], there: str, here: str, outcome: str) -> None:
    merged = merge_decks(here, [AnkiCard(1, there)], base, former)
    found = "moves" if merged.moves else "moved there" if merged.moved_in_anki else "stays"
    assert (found, merged.waiting) == (outcome, ())
    filtered = merge_decks(here, [AnkiCard(1, there, is_filtered=True)], base, former)
    assert (len(filtered.waiting), filtered.moves) == (outcome == "moves", ())


def test_fields_that_were_renamed_are_found_by_their_places() -> None:
    assert map_fields(("A", "B", "C"), ("A", "b", "C")) == {"A": "A", "B": "b", "C": "C"}
    assert map_fields(("A", "B"), ("B", "A")) == {"A": "A", "B": "B"}
    assert map_fields(("A", "B"), ("A", "mine", "x")) == {"A": "A"}


def moving(deck: str, *cards: tuple[int, str]) -> list[NotePlan]:
    return [
        NotePlan("moved", AnkiNote(i, "", 0, {}, (), 0, ()), None, moves=(AnkiCard(i, old),), deck=deck + old[1:])
        for i, old in cards
    ]


@pytest.mark.parametrize(
    ("decks", "cards", "renamed"),
    [
        ({"A": 2}, ["A", "A"], {"A": "B"}),
        ({"A": 3}, ["A", "A"], {}),  # one card more is in it
        ({"A": -1}, ["A"], {}),  # nobody counted
        ({"A": 1, "B": 0}, ["A"], {}),  # the other is there already
        ({"A": 1, "b": 0}, ["A"], {}),
        ({"A": 1, "A::x": 1}, ["A", "A::x"], {"A": "B", "A::x": "B::x"}),
        ({"A": 1, "A::x": 2}, ["A", "A::x"], {}),
        ({"A": 1, "A::mine": 4}, ["A"], {}),
        ({"A": 1, "A::empty": 0}, ["A"], {"A": "B"}),
        ({"A": 0, "A::x": 1, "A::y": 1}, ["A::x", "A::y"], {"A::x": "B::x", "A::y": "B::y"}),
    ],
)
def test_renames(decks: dict[str, int], cards: list[str], renamed: dict[str, str]) -> None:
    plans = moving("B", *enumerate(cards))
    renames, left = find_renames(plans, AnkiState(decks=decks))
    assert {rename.old: rename.new for rename in renames} == renamed
    assert [card.deck for plan in left for card in plan.moves] == [deck for deck in cards if deck not in renamed]
    assert [plan.kind for plan in left] == ["moved"] * len(plans)


def test_two_targets_are_no_rename() -> None:
    plans = [*moving("B", (1, "A")), *moving("C", (2, "A"))]
    assert find_renames(plans, AnkiState(decks={"A": 2}))[0] == []


def test_a_deck_is_not_renamed_into_itself() -> None:
    note = AnkiNote(1, "", 0, {}, (), 0, ())
    plans = [NotePlan("moved", note, None, moves=(AnkiCard(1, "A"),), deck="A::B")]
    assert find_renames(plans, AnkiState(decks={"A": 1}))[0] == []
