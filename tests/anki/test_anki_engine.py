"""Packages in Anki's own engine: what a learner gets on the first import and on every later one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from engine import Anki, render_all, sides, write_package
from msgspec.structs import replace
from rendering_factories import make_draft, make_note
from test_rendering import CASES, case_note

from deckgen.model import RenderedNote
from deckgen.rendering.media import ProjectFiles, collect_media
from deckgen.rendering.note import RenderOptions, render_note
from deckgen.rendering.note_types import BASIC, BUILT_IN, CLOZE, NoteField, filled_templates, own_note_type


@pytest.fixture
def anki(tmp_path: Path) -> Iterator[Anki]:
    found = Anki(tmp_path)
    yield found
    found.collection.close()


def basic(
    number: int, front: str, back: str, *, mod: int = 0, deck: str = "Deck", note_type: str = "Basic"
) -> RenderedNote:
    return render_all([make_note(make_draft(note_type, Front=front, Back=back, deck=deck), number, mod=mod)])[0]


def test_every_case_in_the_engine(anki: Anki) -> None:
    """Each rendering case makes the cards that were counted for it, with no syntax left over on any side."""
    rendered, cases = [], {}
    for number, case in enumerate(CASES):
        note, options = case_note(case, number)
        result, _ = render_note(note, options)
        if result is not None:
            rendered.append(result)
            cases[note.guid] = (case, result)
    assert len(rendered) > 250
    (anki.folder / "notes").mkdir()
    (anki.folder / "notes/a.png").write_bytes(b"picture")
    package = write_package(anki.folder / "cases.apkg", rendered)
    assert anki.import_package(package) == {"new": len(rendered)}
    for guid, (case, result) in cases.items():
        cards = anki.cards(guid)
        assert tuple(card.ord for card in cards) == result.cards, case.name
        if case.file == "rendering_cloze":
            numbers = sorted(anki.note(guid).cloze_numbers_in_fields())
            assert tuple(number - 1 for number in numbers) == result.cards, case.name
        for card in cards:
            question, answer = sides(card)
            for side in (question, answer):
                assert not re.search("[\ue000-\ue0ff⟦⟧¦]", side), case.name
                if case.file == "rendering_cloze":
                    assert "{{c" not in side, case.name
                assert "No cloze" not in side, case.name
            if case.file == "rendering_cloze":
                assert re.search(r"\[(\.\.\.|[^\]]+)\]", question), case.name
    assert anki.collection.get_empty_cards().report == ""


def test_answers_of_a_cloze(anki: Anki) -> None:
    """What the engine shows for a deletion is the deletion, whole."""
    texts = [
        ("⟦std::vector⟧ is", "std&#58;&#58;vector"),
        ("⟦$\\frac{a}{\\sqrt{b}}$⟧", r"\(\frac{a}{\sqrt{b} }\)"),
        ("⟦`{{x}}`⟧", "<code>&#123;&#123;x&#125;&#125;</code>"),
        ("⟦a:¦hint⟧", "a&#58;"),
    ]
    notes = [make_note(make_draft("Cloze", Text=text), n) for n, (text, _) in enumerate(texts)]
    anki.import_package(write_package(anki.folder / "a.apkg", render_all(notes)))
    for note, (_, shown) in zip(notes, texts, strict=True):
        (card,) = anki.cards(note.guid)
        found = re.search(r'<span class="cloze" data-ordinal="1">(.*?)</span>', sides(card)[1])
        assert found is not None
        assert found[1] == shown


def test_reimport_updates_only_what_changed(anki: Anki) -> None:
    """A changed note arrives; an unchanged one keeps the learner's edit and tag; schedules stay."""
    first = [basic(n, f"question {n}", f"answer {n}") for n in range(3)]
    assert anki.import_package(write_package(anki.folder / "1.apkg", first)) == {"new": 3}
    edited = anki.note(first[1].note.guid)
    edited["Back"] += " by hand"
    edited.add_tag("mine")
    anki.collection.update_note(edited)
    (card,) = anki.cards(first[0].note.guid)
    card.type = card.queue = 2
    card.ivl, card.due, card.reps = 30, 100, 5
    anki.collection.update_card(card)

    second = [basic(0, "question 0", "another answer", mod=first[0].note.mod + 1), *first[1:]]
    assert anki.import_package(write_package(anki.folder / "2.apkg", second)) == {"updated": 1, "duplicate": 2}
    assert anki.note(first[0].note.guid)["Back"] == "another answer"
    (card,) = anki.cards(first[0].note.guid)
    assert (card.ivl, card.due, card.reps) == (30, 100, 5)
    kept = anki.note(first[1].note.guid)
    assert kept["Back"] == "answer 1 by hand"
    assert kept.tags == ["mine"]


def test_switches_of_one_note(anki: Anki) -> None:
    """Basic, Reversed, Typed and back: one note, one schedule for its first card."""
    history = ["Basic", "Reversed", "Typed", "Basic"]
    for mod, note_type in enumerate(history, 1_500_000_000):
        rendered = basic(1, "question", "answer", mod=mod, note_type=note_type)
        counts = anki.import_package(write_package(anki.folder / f"{mod}.apkg", [rendered]))
        assert counts == ({"new": 1} if mod == 1_500_000_000 else {"updated": 1})
    question, _ = sides(anki.cards(rendered.note.guid)[0])
    assert "[[type:" not in question
    assert len(anki.collection.find_notes("")) == 1


def test_typed_answer_is_asked_for(anki: Anki) -> None:
    rendered = basic(1, "question", "answer", note_type="Typed")
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered]))
    (card,) = anki.cards(rendered.note.guid)
    question, answer = sides(card)
    assert question.count("[[type:Back]]") == 1
    assert answer.count("[[type:Back]]") == 1
    assert answer.count("question</div>") == 1


def test_reversed_card_asks_the_other_way_round(anki: Anki) -> None:
    rendered = basic(1, "vorn", "hinten", note_type="Reversed")
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered]))
    forward, backward = map(sides, anki.cards(rendered.note.guid))
    assert ["vorn" in forward[0], "hinten" in forward[0]] == [True, False]
    assert ["vorn" in backward[0], "hinten" in backward[0]] == [False, True]


def test_template_renamed_by_the_learner_or_by_us(anki: Anki) -> None:
    """Ids of fields and templates make a rename a rename: nothing freezes, no second note type."""
    rendered = basic(1, "question", "answer", note_type="Reversed")
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered]))
    before = [card.id for card in anki.cards(rendered.note.guid)]
    names = {"Card 1": "Forward", "Reverse": "Backward"}
    renamed = replace(
        BASIC,
        fields=tuple(NoteField("Notes", f.id) if f.name == "Spare 1" else f for f in BASIC.fields),
        templates=tuple(replace(t, name=names[t.name]) for t in BASIC.templates),
        mod=BASIC.mod + 1,
    )
    later = replace(
        rendered, note=replace(rendered.note, mod=rendered.note.mod + 1), fields=("new", *rendered.fields[1:])
    )
    assert anki.import_package(write_package(anki.folder / "2.apkg", [later], [renamed])) == {"updated": 1}
    assert [card.id for card in anki.cards(rendered.note.guid)] == before
    model = anki.note(rendered.note.guid).note_type()
    assert [t["name"] for t in model["tmpls"]] == ["Forward", "Backward"]
    assert "Notes" in [f["name"] for f in model["flds"]]
    assert [m.name for m in anki.collection.models.all_names_and_ids() if "deckgen" in m.name] == ["deckgen Basic"]


def test_styling_by_the_learner_stays(anki: Anki) -> None:
    rendered = basic(1, "question", "answer")
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered]))
    model = anki.note(rendered.note.guid).note_type()
    model["css"] = ".card { color: teal }"
    anki.collection.models.update_dict(model)
    later = replace(rendered, note=replace(rendered.note, mod=rendered.note.mod + 1))
    anki.import_package(write_package(anki.folder / "2.apkg", [later]))
    assert anki.note(rendered.note.guid).note_type()["css"] == ".card { color: teal }"


def test_new_cards_come_in_the_order_of_the_notes(anki: Anki) -> None:
    rendered = [basic(n, f"q{n}", "a", note_type="Reversed") for n in (5, 2, 9)]
    anki.import_package(write_package(anki.folder / "1.apkg", rendered))
    assert [anki.cards(r.note.guid)[0].due for r in rendered] == [1, 2, 3]
    assert {card.due for card in anki.cards(rendered[1].note.guid)} == {2}


def test_decks_tags_and_ids(anki: Anki) -> None:
    draft = make_draft(Front="q", Back="a", deck="深度学习::DLSS", tags=("deep-learning", "two words", "a::b"))
    note = make_note(draft, 7)
    anki.import_package(write_package(anki.folder / "1.apkg", render_all([note])))
    found = anki.note(note.guid)
    assert found.id == note.id
    assert found.tags == ["a::b", "deep-learning", "two_words"]
    assert anki.collection.decks.name(anki.cards(note.guid)[0].did) == "深度学习::DLSS"
    assert found["ID"] == note.guid
    assert anki.collection.find_notes(f'"ID:re:^({note.guid}|x)$"') == [note.id]
    assert found["Context"] == "Part › Section"
    assert found["Source"] == "notes/a.md › Section"


def test_held_back_note_is_not_in_the_package(anki: Anki) -> None:
    kept, held = basic(1, "q", "a"), basic(2, "r", "b")
    held = replace(held, note=replace(held.note, is_held_back=True))
    assert anki.import_package(write_package(anki.folder / "1.apkg", [held, kept])) == {"new": 1}


def test_a_changed_picture_arrives(anki: Anki) -> None:
    """A picture is named by its content, so another content is another field and another file."""
    project = anki.folder / "project"
    (project / "notes/图").mkdir(parents=True)
    picture = project / "notes/图/Über 图.png"
    names = []
    for mod, content in ((1_500_000_000, b"one"), (1_500_000_001, b"two")):
        picture.write_bytes(content)
        reader = ProjectFiles(project)
        draft, diagnostics = collect_media(make_draft(Front="q", Back="![alt](图/Über%20图.png)"), reader)
        assert diagnostics == []
        (rendered,) = render_all([make_note(draft, 1, mod=mod)])
        anki.import_package(write_package(anki.folder / f"{mod}.apkg", [rendered], reader=reader))
        names.append(draft.media[0].name)
        assert f'src="{names[-1]}"' in anki.note(rendered.note.guid)["Back"]
        assert (Path(anki.collection.media.dir()) / names[-1]).read_bytes() == content
    assert names[0] != names[1]
    assert all(re.fullmatch(r"[a-z0-9._-]+", name) for name in names)
    assert anki.collection.media.check().missing == []


def test_sounds_and_films(anki: Anki) -> None:
    for name, content in (("a.mp3", b"a"), ("b.mp4", b"b"), ("c.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>')):
        (anki.folder / name).write_bytes(content)
    back = '![](a.mp3) ![](b.mp4) ![[c.svg|40]] <img src="c.svg" onclick="x">'
    reader = ProjectFiles(anki.folder)
    draft, _ = collect_media(make_draft(Front="q", Back=back, path="a.md"), reader)
    (rendered,) = render_all([make_note(draft)])
    anki.import_package(write_package(anki.folder / "1.apkg", [rendered], reader=reader))
    assert len(list(Path(anki.collection.media.dir()).iterdir())) == 3
    assert anki.cards(rendered.note.guid)[0].answer_av_tags()
    found = anki.collection.media.check()
    assert (list(found.missing), list(found.unused)) == ([], [])


def test_own_note_type(anki: Anki) -> None:
    own = own_note_type("project", "Word", ["Word", "Meaning", "ID"], [("Card 1", "{{Word}}", "{{Meaning}}")])
    options = RenderOptions(note_types={"Word": own})
    note = make_note(make_draft("Word", Word="der *Hund*", Meaning="dog"))
    (rendered,) = render_all([note], options)
    assert rendered.fields == ("der <em>Hund</em>", "dog", note.guid)
    assert anki.import_package(write_package(anki.folder / "1.apkg", [rendered], [own])) == {"new": 1}
    assert anki.note(note.guid).note_type()["name"] == "Word"
    assert [f["id"] for f in anki.note(note.guid).note_type()["flds"]] == [f.id for f in own.fields]


FRONTS = [
    "{{A}}",
    "{{#B}}{{A}}{{/B}}",
    "{{^B}}{{A}}{{/B}}",
    "{{#B}}x{{/B}}{{C}}",
    "{{^B}}x{{^C}}{{A}}{{/C}}{{/B}}",
    "x{{hint:B}}",
    "{{type:C}}",
    "{{^A}}{{B}}{{/A}}",
    "{{#A}}{{#B}}{{C}}{{/B}}{{B}}{{/A}}",
]


def test_cards_are_counted_as_anki_counts_them(anki: Anki) -> None:
    """Every set of filled fields, every kind of template: the same ordinals."""
    own = own_note_type("p", "T", ["A", "B", "C"], [(f"T{n}", front, "b") for n, front in enumerate(FRONTS)])
    models = anki.collection.models
    model = models.new("T")
    for name in ("A", "B", "C"):
        models.add_field(model, models.new_field(name))
    for template in own.templates:
        made = models.new_template(template.name)
        made["qfmt"], made["afmt"] = template.front, template.back
        models.add_template(model, made)
    models.add(model)
    for filled in ("A", "B", "C", "AB", "AC", "BC", "ABC"):
        note = anki.collection.new_note(models.by_name("T"))
        for name in filled:
            note[name] = name.lower()
        anki.collection.add_note(note, 1)
        assert tuple(card.ord for card in note.cards()) == filled_templates(own, set(filled)), filled


def test_built_in_note_types_arrive_whole(anki: Anki) -> None:
    """Fields, ids, templates and CSS as they are here; Anki finds nothing to mend."""
    notes = [make_note(make_draft(Front="q", Back="a"), 1), make_note(make_draft("Cloze", Text="⟦x⟧"), 2)]
    anki.import_package(write_package(anki.folder / "1.apkg", render_all(notes)))
    for note, note_type in zip(notes, (BASIC, CLOZE), strict=True):
        model = anki.note(note.guid).note_type()
        assert (model["name"], model["id"]) == (note_type.name, note_type.id)
        assert [(f["name"], f["id"]) for f in model["flds"]] == [(f.name, f.id) for f in note_type.fields]
        assert [(t["name"], t["id"]) for t in model["tmpls"]] == [(t.name, t.id) for t in note_type.templates]
        assert model["css"] == note_type.css
    problems, is_well = anki.collection.fix_integrity()
    assert is_well, problems
    assert set(BUILT_IN.values()) == {BASIC, CLOZE}


def test_texts_are_read_aloud_in_their_language(anki: Anki) -> None:
    """Each side of a card speaks what stands there, formulas and code left out."""
    options = RenderOptions(voices={"en": "en_US", "zh": "zh_CN"})
    notes = [
        make_note(make_draft("Reversed", Front="What is *H~2~O*?", Back="水")),
        make_note(make_draft("Cloze", Text="The ⟦heart¦organ⟧ pumps & $x^2$ `code`"), 1),
        make_note(make_draft(Front="Что это?", Back="$x$"), 2),
    ]
    anki.import_package(write_package(anki.folder / "1.apkg", render_all(notes, options)))
    spoken = [
        [
            [(tag.field_text, tag.lang) for tag in tags if hasattr(tag, "lang")]
            for tags in (c.question_av_tags(), c.answer_av_tags())
        ]
        for note in notes
        for c in anki.cards(note.guid)
    ]
    assert spoken == [
        [[("What is H2O?", "en_US")], [("水", "zh_CN")]],
        [[("水", "zh_CN")], [("What is H2O?", "en_US")]],
        [[], [("The heart pumps &", "en_US")]],
        [[], []],
    ]
    for note in notes:
        for card in anki.cards(note.guid):
            assert "anki:tts" not in "".join(sides(card))
