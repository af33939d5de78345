"""The note types: what was released stays as it was, and what a deck.yaml adds works in Anki or is refused."""

from __future__ import annotations

import re

import pytest

from deckgen.rendering.note_type_stamps import digest, stamp
from deckgen.rendering.note_types import (
    BASIC,
    BUILT_IN,
    CLOZE,
    CSS,
    NoteType,
    cloze_fields,
    filled_templates,
    find_problems,
    own_note_type,
    permanent_id,
)

KEYS = {
    BASIC: ("basic", ["front", "back", "extra", "context", "source", "id", "reverse", "typed"], ["forward", "reverse"]),
    CLOZE: ("cloze", ["text", "back", "extra", "context", "source", "id"], ["cloze"]),
}


@pytest.mark.parametrize("note_type", [BASIC, CLOZE], ids=lambda t: t.name)
def test_ids_are_those_of_permanent_keys(note_type: NoteType) -> None:
    """For ever: another id is another note type to Anki, and every schedule of the old one is stuck."""
    name, fields, templates = KEYS[note_type]
    spares = [f"spare{n}" for n in range(1, len(note_type.fields) - len(fields) + 1)]
    assert note_type.id == permanent_id(f"deckgen/{name}")
    assert [f.id for f in note_type.fields] == [permanent_id(f"deckgen/{name}/field/{f}") for f in fields + spares]
    assert [t.id for t in note_type.templates] == [permanent_id(f"deckgen/{name}/template/{t}") for t in templates]


def test_ids_as_released() -> None:
    """The same, as numbers: a change to how ids are made must not move them either."""
    assert (BASIC.id, CLOZE.id) == (1454406228195, 1516245278101)
    assert [t.id for t in BASIC.templates + CLOZE.templates] == [1563735432954, 1523155469884, 1439375234659]
    assert [f.id for f in BASIC.fields] == [
        1475850616786, 1463986214029, 1464100599235, 1526285123903, 1566773160063, 1517110881046,
        1429366821344, 1480963307042, 1498929691463, 1505173386952, 1411940980027, 1572694432036,
    ]  # fmt: skip
    assert [f.id for f in CLOZE.fields] == [
        1553837581092, 1572751522459, 1496184400927, 1575452368326, 1572069677217, 1582367099147,
        1450695428700, 1402730055457, 1503403346611, 1544238395586, 1526275223605, 1578456635701,
    ]  # fmt: skip


def test_schema_as_released() -> None:
    """The number and order of fields and templates: adding one would freeze all notes that learners have."""
    assert BASIC.field_names == (
        "Front", "Back", "Extra", "Context", "Source", "ID", "Reverse", "Typed",
        "Spare 1", "Speech", "Speech back", "Spare 4",
    )  # fmt: skip
    assert CLOZE.field_names == (
        "Text", "Back", "Extra", "Context", "Source", "ID",
        "Spare 1", "Speech", "Speech back", "Spare 4", "Spare 5", "Spare 6",
    )  # fmt: skip
    assert [t.name for t in BASIC.templates] == ["Card 1", "Reverse"]
    assert (BASIC.is_cloze, CLOZE.is_cloze) == (False, True)


def test_another_look_needs_another_mod() -> None:
    """When this fails: set BUILT_IN_MOD to a second of today, then put both here."""
    assert (digest(BASIC), BASIC.mod) == ("c1f1ecba7a8865f1790e3654feb4be63", 1796020000)
    assert (digest(CLOZE), CLOZE.mod) == ("16dde4d38bc2c25de33a72a3328aea61", 1796020000)


def test_built_in_note_types_are_well_formed() -> None:
    assert find_problems(BASIC) == []
    assert find_problems(CLOZE) == []
    ids = [t.id for t in (BASIC, CLOZE)]
    ids += [part.id for t in (BASIC, CLOZE) for part in (*t.fields, *t.templates)]
    assert len(set(ids)) == len(ids)
    assert all(0 < i < 2**53 for i in ids)
    assert BUILT_IN["Reversed"] is BUILT_IN["Typed"] is BUILT_IN["Basic"]


@pytest.mark.parametrize(
    ("filled", "cards"),
    [
        ({"Front", "Back"}, (0,)),
        ({"Front", "Back", "Reverse"}, (0, 1)),
        ({"Front", "Reverse"}, (0,)),
        ({"Back", "Context", "Source", "ID"}, ()),
        ({"Context"}, ()),
    ],
)
def test_cards_of_deckgen_basic(filled: set[str], cards: tuple[int, ...]) -> None:
    """Context, Source and ID are always filled, and must not make a card by themselves."""
    assert filled_templates(BASIC, filled) == cards


def test_css_has_both_lights_and_scrolls_wide_things() -> None:
    day, night = (set(re.findall(r"--[a-z]+(?=:)", part)) - {"--ground"} for part in CSS.split(".card.nightMode", 1))
    assert day == night, "a colour that is only right by day"
    used = set(re.findall(r"var\((--[a-z]+)\)", CSS)) - {"--ground"}
    assert used == day
    assert re.search(r"^\.wide, pre {[^}]*overflow-x: auto", CSS, re.MULTILINE)
    assert CSS.count("{") == CSS.count("}")
    assert "PingFang SC" in CSS
    assert "http" not in CSS


def word(**changes: object) -> NoteType:
    """A sound note type of a deck.yaml, with changes."""
    given: dict[str, object] = {
        "fields": ["Word", "Meaning"],
        "templates": [("Card 1", "{{Word}}", "{{FrontSide}}<hr>{{Meaning}}")],
        **changes,
    }
    return own_note_type("project", "Word", **given)  # type: ignore[arg-type]


def test_own_note_type() -> None:
    found = word()
    assert found.css == CSS
    assert word(css=".card {}").css == ".card {}"
    assert found.id == permanent_id("own/project/Word")
    assert found.fields[0].id == permanent_id("own/project/Word/field/Word")
    assert found.templates[0].id == permanent_id("own/project/Word/template/Card 1")
    assert found.mod * 1000 <= found.id < found.mod * 1000 + 1000
    assert own_note_type("other", "Word", ["Word"], []).id != found.id
    assert find_problems(found) == []


@pytest.mark.parametrize(
    ("changes", "where", "message"),
    [
        ({"fields": []}, ("fields",), "a note type needs at least one field"),
        ({"fields": ["Word", "Meaning", ""]}, ("fields", 2), "Anki takes no field named ``"),
        ({"fields": ["Word", "Meaning", "a:b"]}, ("fields", 2), "Anki takes no field named `a:b`"),
        ({"fields": ["Word", "Meaning", "#x"]}, ("fields", 2), "Anki takes no field named `#x`"),
        ({"fields": ["Word", "Meaning", "x "]}, ("fields", 2), "Anki takes no field named `x `"),
        ({"fields": ["Word", "Meaning", "Tags"]}, ("fields", 2), "`Tags` is a name that Anki keeps for itself"),
        ({"fields": ["Word", "Meaning", "word"]}, ("fields", 2), "a second field named `word`"),
        ({"templates": []}, ("templates",), "a note type needs at least one template"),
        ({"templates": [("1", "{{Wrod}}", "")]}, ("templates", 0, "front"), "no field is named `Wrod`"),
        ({"templates": [("1", "x", "")]}, ("templates", 0, "front"), "the front shows no field"),
        ({"templates": [("1", "{{#Word}}x{{/Word}}", "")]}, ("templates", 0, "front"), "the front shows no field"),
        (
            {"templates": [("1", "{{#Word}}{{^Word}}{{Word}}{{/Word}}{{/Word}}", "")]},
            ("templates", 0, "front"),
            "the front is blank whatever the fields hold",
        ),
        (
            {"templates": [("1", "{{#Word}}{{Word}}", "")]},
            ("templates", 0, "front"),
            "`{{#Word}}` is never closed",
        ),
        (
            {"templates": [("1", "{{Word}}{{/Word}}", "")]},
            ("templates", 0, "front"),
            "`{{/Word}}` closes what was not opened last",
        ),
        (
            {"templates": [("1", "{{Word}}", ""), ("1", "{{Meaning}}", "")]},
            ("templates", 1, "name"),
            "a second template named `1`",
        ),
        (
            {"templates": [("1", "{{Word}}", ""), ("2", "{{Word}}", "")]},
            ("templates", 1, "front"),
            "the same front as another template",
        ),
        (
            {"templates": [("1", "{{cloze:Word}}", "")]},
            ("templates", 0, "front"),
            "`cloze:Word` in a note type that is no cloze",
        ),
        (
            {"templates": [("1", "{{Word}}", "")], "is_cloze": True},
            ("templates", 0, "front"),
            "the front of a cloze shows no deletions",
        ),
        (
            {"templates": [("1", "{{cloze:Word}}", ""), ("2", "{{cloze:Meaning}}", "")], "is_cloze": True},
            ("templates", 1),
            "a cloze note type has one template",
        ),
    ],
)
def test_problems_of_own_note_types(changes: dict[str, object], where: tuple[str | int, ...], message: str) -> None:
    assert (where, message) in [(p.where, p.message) for p in find_problems(word(**changes))]


@pytest.mark.parametrize(
    "front",
    [
        "{{Word}}",
        "{{text:Word}}",
        "{{#Meaning}}{{hint:Word}}{{/Meaning}}",
        "{{Word}} {{Tags}} {{Deck}}",
        "{{type:nc:Word}}",
        "<!-- {{Gone}} -->{{Word}}",
        "{{^Meaning}}{{Word}}{{/Meaning}}",
    ],
)
def test_fronts_that_are_fine(front: str) -> None:
    assert find_problems(word(templates=[("1", front, "{{FrontSide}}")])) == []


def test_cloze_fields() -> None:
    own = word(templates=[("1", "{{cloze:Word}} {{type:cloze:Meaning}}", "")], is_cloze=True)
    assert cloze_fields(own) == ("Word", "Meaning")
    assert cloze_fields(CLOZE) == ("Text",)
    assert cloze_fields(BASIC) == ()


def test_stamp_keeps_mod_until_the_look_changes() -> None:
    """A stable mod keeps the learner's own styling; a changed one brings ours."""
    stamped, locked, problems = stamp({"Word": word()}, {}, now=2_000_000_000)
    assert (stamped["Word"].mod, problems) == (word().mod, [])
    again, locked_again, _ = stamp({"Word": word()}, locked, now=2_000_000_001)
    assert (again, locked_again) == (stamped, locked)
    changed, locked, problems = stamp({"Word": word(css="x")}, locked, now=2_000_000_002)
    assert (changed["Word"].mod, problems) == (2_000_000_002, [])
    back_then, _, _ = stamp({"Word": word(css="y")}, locked, now=5)
    assert back_then["Word"].mod == 2_000_000_003


def test_stamp_remembers_a_note_type_that_is_gone() -> None:
    _, locked, _ = stamp({"Word": word()}, {}, now=1)
    assert stamp({}, locked, now=2) == ({}, locked, [])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"fields": ["Word", "Meaning", "More"]}, "the fields of note type `Word` were Word, Meaning and are now"),
        (
            {"fields": ["Meaning", "Word"]},
            "the fields of note type `Word` were Word, Meaning and are now Meaning, Word",
        ),
        ({"templates": [("Card", "{{Word}}", "")]}, "the templates of note type `Word` were Card 1 and are now Card"),
    ],
)
def test_a_change_that_anki_cannot_follow_is_an_error(changes: dict[str, object], message: str) -> None:
    _, locked, _ = stamp({"Word": word()}, {}, now=1)
    _, _, (problem,) = stamp({"Word": word(**changes)}, locked, now=2)
    assert problem.message.startswith(message)
    assert problem.severity == "error"
    assert "another name" in problem.hint


def test_basic_to_cloze_is_an_error() -> None:
    _, locked, _ = stamp({"Word": word()}, {}, now=1)
    cloze = word(templates=[("Card 1", "{{cloze:Word}}", "")], is_cloze=True)
    _, _, (problem,) = stamp({"Word": cloze}, locked, now=2)
    assert problem.message == "the `cloze` of note type `Word` were false and are now true"
