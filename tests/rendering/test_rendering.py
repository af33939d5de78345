"""Fields as Anki stores them: the cases of `cases/rendering_*.md`, and what no Markdown case can say."""

from __future__ import annotations

import hashlib
import re
from typing import Literal

import pytest
from case_files import Case, read_cases, write_expected
from html_balance import unbalanced
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rendering_factories import make_draft, make_note

from deckgen.diagnostics import Span
from deckgen.markdown.parser import parser
from deckgen.model import MediaFile, Note
from deckgen.rendering.escaping import FORBIDDEN
from deckgen.rendering.markdown_html import Writer, write_markdown
from deckgen.rendering.note import RenderOptions, render_note, shows_something
from deckgen.rendering.note_types import BASIC, own_note_type
from deckgen.reports.preview.templates import reveal

PICTURE = MediaFile("a.png", "notes/a.png", hashlib.sha256(b"picture").hexdigest(), "a-0.png")
CASES = [case for name in ("text", "math", "html", "cloze") for case in read_cases(f"rendering_{name}")]


def case_note(case: Case, number: int = 0) -> tuple[Note, RenderOptions]:
    """The note of a case: the input is Back of a Basic note, or Text of a Cloze, maybe with numbers `[1 1]` behind."""
    mode = re.search(r"html: (\w+)", case.section)
    options = RenderOptions(html=mode[1] if mode else "sanitize")  # type: ignore[arg-type]
    if case.file != "rendering_cloze":
        return make_note(make_draft(Front="question", Back=case.given), number), options
    numbers = re.search(r" \[([\d ]+)\]$", case.given)
    text = case.given[: numbers.start()] if numbers else case.given
    draft = make_draft("Cloze", Text=text, media=(PICTURE,))
    return make_note(draft, number, cloze=[int(n) for n in numbers[1].split()] if numbers else None), options


def render_case(case: Case) -> tuple[str, ...]:
    """The field's HTML, then a line for each diagnostic; or why there is no note."""
    rendered, diagnostics = render_note(*case_note(case))
    told = tuple(f"{d.kind}: {d.message}" for d in diagnostics)
    return (rendered.fields[0 if case.file == "rendering_cloze" else 1], *told) if rendered else told


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case: Case, request: pytest.FixtureRequest) -> None:
    output = "\n".join(render_case(case))
    if request.config.getoption("--update-cases", default=False):
        write_expected(case, output)
    else:
        assert output == case.expected


def rendered_fields(**fields: str) -> dict[str, str]:
    """A Basic note's fields by name."""
    rendered, _ = render_note(make_note(make_draft(**fields)), RenderOptions())
    assert rendered is not None
    return dict(zip(BASIC.field_names, rendered.fields, strict=True))


def told(note: Note, options: RenderOptions | None = None) -> list[str]:
    """Why a note is refused."""
    rendered, diagnostics = render_note(note, options or RenderOptions())
    assert rendered is None
    return [f"{d.kind}: {d.message}" for d in diagnostics]


def test_fields_that_no_rule_fills() -> None:
    note = make_note(make_draft(Front="q", Back="a", headings=("Maths & co", "The $x<1$ case")), 7)
    again = replace(note.draft.origin, span=Span("notes/b.md", 9), headings=())
    rendered, _ = render_note(replace(note, origins=(note.draft.origin, again)), RenderOptions())
    assert rendered is not None
    found = dict(zip(BASIC.field_names, rendered.fields, strict=True))
    assert found["Context"] == r"Maths &amp; co › The \(x&lt;1\) case"
    assert found["Source"] == r"notes/a.md › The \(x&lt;1\) case<br>notes/b.md"
    assert found["ID"] == note.guid
    assert {name for name in found if found[name]} == {"Front", "Back", "Context", "Source", "ID"}


def test_a_heading_that_is_the_question_is_no_context() -> None:
    """Else the card would say the same thing twice."""
    note = make_note(make_draft(Front="Is *a* < b?", Back="a", headings=("Part", "Is a < b?")))
    rendered, _ = render_note(note, RenderOptions())
    assert rendered is not None
    assert rendered.fields[BASIC.field_names.index("Context")] == "Part"


def test_the_context_is_the_three_nearest_headings() -> None:
    note = make_note(make_draft(Front="q", Back="a", headings=("One", "Two", "Three", "Four")))
    rendered, _ = render_note(note, RenderOptions())
    assert rendered is not None
    assert rendered.fields[BASIC.field_names.index("Context")] == "Two › Three › Four"


def test_a_context_that_the_rule_fills_stays() -> None:
    assert rendered_fields(Front="q", Back="a", Context="*mine*")["Context"] == "<em>mine</em>"


def test_no_line_number_in_any_field() -> None:
    """Else a line added on top would change every note below it."""
    notes = [make_note(make_draft(Front="q", Back="a", line=line)) for line in (3, 999)]
    first, second = (render_note(note, RenderOptions())[0] for note in notes)
    assert first is not None
    assert second is not None
    assert first.fields == second.fields


@pytest.mark.parametrize(
    ("note_type", "switches", "cards"),
    [("Basic", ("", ""), (0,)), ("Reversed", ("1", ""), (0, 1)), ("Typed", ("", "1"), (0,))],
)
def test_switches(note_type: str, switches: tuple[str, str], cards: tuple[int, ...]) -> None:
    rendered, diagnostics = render_note(make_note(make_draft(note_type, Front="q", Back="a")), RenderOptions())
    assert rendered is not None
    found = dict(zip(BASIC.field_names, rendered.fields, strict=True))
    assert (found["Reverse"], found["Typed"]) == switches
    assert rendered.cards == cards
    assert diagnostics == []


@pytest.mark.parametrize("back", ["- a\n- b", "$x$", "a\n\nb", "![x](https://example.org/x.png)", "```\nx\n```"])
def test_an_answer_that_cannot_be_typed_is_not_asked_for(back: str) -> None:
    rendered, diagnostics = render_note(make_note(make_draft("Typed", Front="q", Back=back)), RenderOptions())
    assert rendered is not None
    assert rendered.fields[BASIC.field_names.index("Typed")] == ""
    assert [d.kind for d in diagnostics] == ["untypeable-answer"]


@pytest.mark.parametrize("front", ["", " ", "<br>", "&nbsp;", "<!-- x -->", "\u200b", "<script>x</script>", "<p></p>"])
def test_blank_front_is_refused(front: str) -> None:
    """Anki would import the note without a card, or with one that shows nothing."""
    assert "note-without-card: Front shows nothing" in told(make_note(make_draft(Front=front, Back="a")))


@pytest.mark.parametrize("front", ["0", "&amp;", "$x$", "`x`", "***", "![](https://example.org/a.png)", "..."])
def test_a_front_of_one_mark_is_a_front(front: str) -> None:
    assert render_note(make_note(make_draft(Front=front, Back="a")), RenderOptions())[0] is not None


def test_a_reversed_note_without_an_answer_has_one_card() -> None:
    rendered, _ = render_note(make_note(make_draft("Reversed", Front="q", Back="&nbsp;")), RenderOptions())
    assert rendered is not None
    assert rendered.cards == (0,)


def test_cloze_without_a_card_is_refused() -> None:
    assert told(make_note(make_draft("Cloze", Text="no deletion"))) == [
        "note-without-card: the text has no cloze deletion"
    ]
    assert told(make_note(make_draft("Cloze", Text="a ⟦ ⟧ b ⟦c⟧"))) == [
        "note-without-card: cloze deletion 1 deletes nothing"
    ]
    assert told(make_note(make_draft("Cloze", Text="{{c1::no mark of deckgen's}}"))) == [
        "note-without-card: the text has no cloze deletion"
    ]


def test_cloze_numbers_over_500_are_refused() -> None:
    draft = make_draft("Cloze", Text="⟦a⟧ ⟦b⟧")
    assert told(make_note(draft, cloze=(1, 501))) == [
        "too-many-deletions: cloze number 501: Anki makes cards up to 500"
    ]
    rendered, _ = render_note(make_note(draft, cloze=(1, 500)), RenderOptions())
    assert rendered is not None
    assert rendered.cards == (0, 499)


def test_marks_in_a_field_that_deletes_nothing_are_dropped() -> None:
    draft = make_draft("Cloze", Extra="the ⟦word¦hint⟧", Text="⟦a⟧ is")
    rendered, _ = render_note(make_note(draft, cloze=(3, 5)), RenderOptions())
    assert rendered is not None
    assert (rendered.fields[0], rendered.fields[2]) == ("{{c5::a}} is", "the word")
    assert rendered.cards == (4,)


def test_own_cloze_note_type_with_two_fields() -> None:
    template = ("Cloze", "{{cloze:One}} {{cloze:Two}}", "{{cloze:One}} {{cloze:Two}} {{Three}}")
    own = own_note_type("project", "Pair", ["One", "Two", "Three"], [template], is_cloze=True)
    note = make_note(make_draft("Pair", One="⟦a⟧", Two="⟦b⟧ ⟦c⟧", Three="d"), cloze=(1, 2, 1))
    rendered, _ = render_note(note, RenderOptions(note_types={"Pair": own}))
    assert rendered is not None
    assert rendered.fields == ("{{c1::a}}", "{{c2::b}} {{c1::c}}", "d")
    assert rendered.cards == (0, 1)


def test_own_note_type_whose_templates_show_nothing_is_refused() -> None:
    own = own_note_type("project", "Word", ["Word", "Meaning"], [("Card 1", "{{#Meaning}}{{Word}}{{/Meaning}}", "x")])
    options = RenderOptions(note_types={"Word": own})
    assert told(make_note(make_draft("Word", Word="a")), options) == ["note-without-card: Word shows nothing"]
    assert render_note(make_note(make_draft("Word", Word="a", Meaning="b")), options)[0] is not None


def test_forbidden_characters_are_dropped() -> None:
    """One U+001F in a field, and Anki refuses the whole package."""
    found = rendered_fields(Front="a\x1fb\x00c\x7f", Back="x\ty\r", Extra="\x1f")
    assert (found["Front"], found["Extra"]) == ("abc", "")
    assert "\x1f" not in "".join(found.values())


def test_diagnostics_stand_at_the_element() -> None:
    _, (diagnostic,) = render_note(make_note(make_draft(Front="", Back="a", line=12)), RenderOptions())
    assert diagnostic.span == Span("notes/a.md", 12, 1)
    assert diagnostic.line_text == "the element"


def test_too_few_numbers_are_a_bug_not_a_note() -> None:
    with pytest.raises(ValueError, match="2 deletions, but 1 numbers"):
        render_note(make_note(make_draft("Cloze", Text="⟦a⟧ ⟦b⟧"), cloze=(1,)), RenderOptions())


TEXT = st.text(
    st.one_of(
        st.sampled_from("⟦⟧¦*_`~=$[](){}<>:|#-+>\\!\n &;\"'"),
        st.sampled_from("abc12中文。，“”"),
        st.characters(codec="utf-8"),
    ),
    max_size=60,
)
MARKS_AND_TEX = re.compile("[\ue010-\ue025]")


@given(TEXT, st.sampled_from(["sanitize", "escape", "trust"]))
def test_any_text_is_written(text: str, mode: Literal["sanitize", "escape", "trust"]) -> None:
    """No exception, no mark left over, nothing that Anki forbids."""
    draft = make_draft(Front="q", Back=text.translate(dict.fromkeys(range(0xE000, 0xE100), 0xFFFD)))
    rendered, _ = render_note(make_note(draft), RenderOptions(html=mode))
    assert rendered is not None
    assert not MARKS_AND_TEX.search(rendered.fields[1])
    assert not re.search("[\x00-\x08\x0b-\x1f]", rendered.fields[1])


@given(TEXT)
def test_any_cloze_is_written_or_refused(text: str) -> None:
    """The cards are those that the text's own syntax makes, whatever stands in it."""
    draft = make_draft("Cloze", Text=text.translate(dict.fromkeys(range(0xE000, 0xE100), 0xFFFD)))
    rendered, diagnostics = render_note(make_note(draft), RenderOptions())
    if rendered is None:
        assert diagnostics
        return
    assert not MARKS_AND_TEX.search(rendered.fields[0])
    assert cloze_numbers(rendered.fields[0]) == {ordinal + 1 for ordinal in rendered.cards}


PIECES = (
    "word", "中文", " ", "**b**", "*i*", "**", "*", "`c`", "`", "$x^2$", r"\\(z\\)", "$$y$$", "[l](https://example.org)", "[x](", "](y)",
    "~~s~~", "==m==", "==", "H~2~O", "a < b", "}}", "{{", "::", "&amp;", "![p](a.png)", "[[Page|w]]", "^[note]", "[^1]", "\n[^1]: f\n",
    "\n", "\n\n", "\n- ", "1. ", "\n> ", "> [!note] t\n> b", "\n\n| a | b |\n|---|---|\n| c | d |\n\n", "\n```\ncode\n```\n",
    "\nTerm\n: def\n", "# ", "<b>", "</b>", "<br>", "<span style='color:red'>", "</span>", "<div>", "</div>", "<p>", "<li>", "<table>", "<td>",
)  # fmt: skip


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.integers(0, 12), st.integers(0, 12), st.booleans())
def test_each_side_of_a_cloze_is_well_formed(pieces: list[str], start: int, length: int, has_hint: bool) -> None:
    """Whatever a deletion cuts through: the field, the question and the answer have balanced tags."""
    marked = [
        *pieces[:start],
        "⟦",
        *pieces[start : start + length],
        "¦hint⟧" if has_hint else "⟧",
        *pieces[start + length :],
    ]
    rendered, _ = render_note(make_note(make_draft("Cloze", Text="".join(marked))), RenderOptions())
    if rendered is None:
        return
    field = rendered.fields[0]
    assert unbalanced(re.sub(r"\{\{c\d+::|\}\}", "", field)) == []
    for card in rendered.cards:
        assert unbalanced(reveal(field, card + 1, "question")) == []
        assert unbalanced(reveal(field, card + 1, "answer")) == []


def cloze_numbers(text: str) -> set[int]:
    """As Anki reads a field: an opening, and the closing of its own level."""
    numbers, opened = set(), list[int]()
    for found in re.finditer(r"\{\{c(\d+)::|\}\}", text):
        if found[1]:
            opened.append(int(found[1]))
        elif opened:
            numbers.add(opened.pop())
    assert not opened
    return numbers


@given(TEXT)
def test_the_short_way_gives_what_the_parser_gives(text: str) -> None:
    """Plain text is not parsed at all, and one line not by the block parser: with the same result."""
    text = FORBIDDEN.sub("", text.translate(dict.fromkeys(range(0xE000, 0xE100), 0xFFFD))).replace("\n", " ")
    assert write_markdown(text, {}, "trust").html == Writer({}, "trust").write(parser().parse(text)).strip()


@pytest.mark.parametrize(
    ("text", "is_shown"),
    [
        ("", False),
        (" \n", False),
        ("<br>", False),
        ("&nbsp;", False),
        ("<div></div>", False),
        ("x", True),
        ('<img src="a.png">', True),
        ("[sound:a.mp3]", True),
        ("<b>0</b>", True),
        ("&lt;", True),
    ],
)
def test_shows_something(text: str, *, is_shown: bool) -> None:
    assert shows_something(text) is is_shown
