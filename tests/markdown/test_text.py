"""Inline Markdown as read, and back: cases, and properties that hold for any text."""

from __future__ import annotations

import pytest
from case_files import Case, read_cases, write_expected
from hypothesis import given, settings
from hypothesis import strategies as st

from deckgen.markdown.document import Paragraph, read_document
from deckgen.markdown.plain_text import plain_of
from deckgen.markdown.text import CODE, IMAGE, MATH, URL, Definitions, Text
from deckgen.model import Source

VISIBLE = {CODE: "⟨code⟩", MATH: "⟨math⟩", URL: "⟨url⟩", IMAGE: "⟨image⟩", "\t": "⇥"}


def encode(text: str) -> str:
    for character, name in VISIBLE.items():
        text = text.replace(character, name)
    return text


def decode(text: str) -> str:
    for character, name in VISIBLE.items():
        text = text.replace(name, character)
    return text


def compare(case: Case, output: str, request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-cases") and output != case.expected:
        write_expected(case, output)
    assert output == case.expected


@pytest.mark.parametrize("case", read_cases("text_plain"), ids=lambda case: case.name)
def test_plain(case: Case, request: pytest.FixtureRequest) -> None:
    compare(case, encode(Text(decode(case.given)).plain), request)


@pytest.mark.parametrize("case", read_cases("text_slices"), ids=lambda case: case.name)
def test_slice(case: Case, request: pytest.FixtureRequest) -> None:
    raw, _, wanted = decode(case.given).rpartition("\n→ ")
    text = Text(raw)
    start = text.plain.index(wanted)
    compare(case, encode(text.markdown(start, start + len(wanted))), request)


def test_text_without_marks_is_never_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("deckgen.markdown.text.read_inline", refuse)
    text = Text("Plain words, (even) these: a-b; c/d!\nAnd 100% more?", 7, (3, 5))
    assert text.plain == text.raw
    assert text.markdown(0, 11) == "Plain words"
    assert text.marks(0, 5) == frozenset()
    assert text.place(text.plain.index("And")) == (8, 5)


def test_marks_must_cover_the_whole_range() -> None:
    text = Text("**a *b*** ==c== ~~d~~ [e](u) <b>f</b>")
    plain = text.plain
    assert text.marks(plain.index("b"), plain.index("b") + 1) == {"bold", "italic"}
    assert text.marks(0, 3) == {"bold"}
    assert text.marks(0, 5) == frozenset()
    assert [text.marks(plain.index(x), plain.index(x) + 1) for x in "cdef"] == [
        {"highlight"},
        {"strike"},
        {"link"},
        {"bold"},
    ]


def test_mark_runs_join_touching_emphasis_but_not_links() -> None:
    text = Text("**a**__b__ [c](u)[d](v) `e``f` `g`")
    assert text.mark_runs("bold") == [(0, 2)]
    assert text.mark_runs("link") == [(3, 4), (4, 5)]
    assert [text.shown(a, b) for a, b in text.mark_runs("code")] == ["e``f", "g"]
    assert text.mark_runs("italic") == []


def test_shown_and_prose() -> None:
    text = Text("run `ls` on $x$ see [the *manual*](u) at http://x.org and ![a lamp](l.png)")
    end = len(text.plain)
    assert text.shown(0, end) == "run ls on $x$ see the manual at http://x.org and a lamp"
    assert text.prose(0, end) == "run  on  see  at  and "
    assert text.prose(text.plain.index("manual"), end) == " at  and "


def test_link_targets() -> None:
    text = Text("[a](http://x.org/1) http://x.org/2 [[Page|b]] <http://x.org/3> <a href='4'>c</a> d")
    targets = [text.link_target(place) for place in range(len(text.plain))]
    assert targets == [
        "http://x.org/1",
        None,
        "http://x.org/2",
        None,
        "Page",
        None,
        "http://x.org/3",
        None,
        "4",
        None,
        None,
    ]


def test_source_is_raw_with_its_marks_as_cut() -> None:
    text = Text("it is **very *warm*** here")
    start = text.plain.index("very")
    assert text.source(start, start + len("very warm")) == "very *warm"


def test_place_after_an_escaped_pipe_of_a_table_cell() -> None:
    document, _ = read_document(Source("a.md", "| h | i |\n|---|---|\n| `a\\|b` c | d\\|e f |\n"))
    cells = document.blocks[0].rows[0].cells
    assert [cell.shown(0, len(cell.plain)) for cell in cells] == ["a|b c", "d|e f"]
    assert [cell.place(len(cell.plain) - 1) for cell in cells] == [(3, 10), (3, 19)]


def test_references_and_footnotes_are_written_out() -> None:
    references = {"LAMP": {"href": "http://x.org/a(b)", "title": 'A "lamp"'}}
    text = Text(
        "see [the lamp][lamp] and ![it][lamp][^1], [^2]", definitions=Definitions(references, {"1": "so *they*\nsay"})
    )
    assert text.plain == f"see the lamp and {IMAGE}, [^2]"
    written = text.markdown(0, len(text.plain))
    assert (
        written
        == 'see [the lamp](<http://x.org/a(b)>) and ![it](<http://x.org/a(b)> "A \\"lamp\\"")^[so *they* say], [^2]'
    )
    assert Text(written).plain == text.plain


def test_plain_of_shows_atoms() -> None:
    assert plain_of("# of `x` is **$n$** &amp; more") == "# of x is $n$ & more"


# fmt: off
PIECES = [
    "a", "b ", "词", " ", "\n", "  \n", "\\\n", "*", "**", "_", "~~", "==", "`", "``", "[", "]", "(", ")", "](u)",
    "![i](s)", "[[P]]", "[[P|q]]", "|", "$", "$$", "\\(", "\\)", "\\[", "\\]", "^", "\\", "&amp;", "&#10;",
    "&#xe000;", "<", ">", "<b>", "</b>", "<br>", "<!-- c -->", "<http://a.b>", "http://a.b", "，", "。", "“", "”",
    "1. ", "- ", "# ", "---", "===", "[^1]", "^[n]", "[r]: u", "\t", "\"", "5", "\u3000", "\xa0", "\ue000", "😀",
    "e\u0301",
]
# fmt: on
raws = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)


@settings(max_examples=300, deadline=None)
@given(raws, st.integers(0, 40), st.integers(0, 40))
def test_any_slice_reads_as_itself(raw: str, start: int, length: int) -> None:
    text = Text(raw)
    for first, end in ((0, len(text.plain)), (start, start + length)):
        assert Text(text.markdown(first, end)).plain.strip() == text.plain[first:end].strip()


@settings(max_examples=300, deadline=None)
@given(raws)
def test_the_whole_is_what_its_range_is(raw: str) -> None:
    read = Text(raw)
    assert (Text(raw).whole, Text(raw).is_empty) == (read.markdown(0, len(read.plain)), not read.plain)


@given(raws, st.integers(0, 40), st.integers(0, 40))
def test_a_slice_opens_no_block(raw: str, start: int, length: int) -> None:
    written = Text(raw).markdown(start, start + length)
    kinds = {type(block).__name__ for block in read_document(Source("a.md", written))[0].blocks}
    assert kinds <= {
        "Paragraph",
        "MathBlock",
        "LinkLine",
        "HtmlBlock",
        "CodeBlock",
    }  # no list, heading, quote, rule, table


@settings(max_examples=300, deadline=None)
@given(raws)
def test_places_go_forward_and_stay_inside(raw: str) -> None:
    text = Text(raw, 5, tuple(range(3, 40)))
    places = [text.place(index) for index in range(len(text.plain) + 1)]
    assert places == sorted(places)
    lines = raw.split("\n")
    for line, column in places:
        assert 0 <= column - (line - 2) <= len(lines[line - 5])


@pytest.mark.parametrize(
    "raw",
    [
        "[" * 6_000,
        "![" * 6_000,
        "^[" * 1000 + "]" * 1000,
        "*a " * 6_000,
        "**a *b_ " * 3_000,
        "[a](b" * 3_000,
        "$\\$ " * 6_000,
        "\\(" * 6_000,
        "<a b='" * 3_000,
        "<!-- " * 6_000,
        "[[a" * 6_000,
        "http://a(" * 2000,
        "`a``" * 6_000,
        "![" * 1000 + "](b)" * 1000,
    ],
    ids=lambda raw: raw[:8],
)
def test_hostile_text_is_read_in_bounded_time(raw: str) -> None:
    text = Text(raw)
    assert len(text.plain) > 0
    assert Text(text.markdown(0, 50)).plain == text.plain[:50].strip()


def test_what_comes_after_too_many_tokens_is_text() -> None:
    text = Text("`a` " * 101_000 + "`b`")
    assert text.plain.startswith(f"{CODE} {CODE}")
    assert text.plain.endswith("`b`")


def test_paragraph_lines_keep_their_places() -> None:
    document, _ = read_document(Source("a.md", "> - one **two\n>   three** [four](u)\n"))
    item = document.blocks[0].blocks[0].items[0]
    assert not isinstance(item, Paragraph)
    plain = item.text.plain
    assert [item.text.place(plain.index(word)) for word in ("one", "two", "three", "four")] == [
        (1, 5),
        (1, 11),
        (2, 5),
        (2, 14),
    ]
