"""Elements: what each offers and where it stands (`cases/elements.md`), and what is true of those of any text."""

from __future__ import annotations

import pytest
from case_files import Case, read_cases, write_expected
from hypothesis import given, settings
from hypothesis import strategies as st

from deckgen.extraction.elements.element import Element, Where
from deckgen.extraction.elements.from_blocks import elements_of
from deckgen.extraction.elements.from_lines import line_elements
from deckgen.extraction.elements.line_preprocessing import preprocess
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.patterns.match_state import Match
from deckgen.patterns.pattern import compile_line, compile_pattern
from deckgen.patterns.types import BUILT_IN
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.preprocessing import BY_SETTING, PLAIN, Aside, LineTest, Preprocessing, Selector

KINDS = frozenset(kind for kind in ELEMENT_VALUES if kind not in BY_SETTING)


def written(element: Element, asked: list[str]) -> str:
    """An element in a line or two: its place, its kind and what it offers, Markdown in quotes."""
    (_, first), (_, last) = element.extent
    columns = f":{first}-{last}" if first else ""
    place = f"{element.line}{columns}" if element.line == element.end_line else f"{element.line}-{element.end_line}"
    offered = {name: element.value(name) for name in [*ELEMENT_VALUES[element.kind], *asked]}
    if element.kind in ("table", "table_row"):
        offered |= {
            name: element.value(name) for name in ("header.1", "header.2", "1", "2", "b") if element.value(name)
        }
    values = [f"{name}={str(value.markdown)!r}" for name, value in offered.items() if value]
    inside = f" in {', '.join(sorted(element.inside))}" if element.inside else ""
    return f"{place} {element.kind}{inside} {element.language}: {'; '.join(values)}"


@pytest.mark.parametrize("case", read_cases("elements"), ids=lambda case: case.name)
def test_elements(case: Case, request: pytest.FixtureRequest) -> None:
    head, _, text = case.given.partition("\n")
    kinds = {name.partition(".")[0]: list(name.split(".")[1:]) for name in head.split()}
    document, _ = read_document(Source("a.md", text))
    found = "\n".join(written(element, kinds[element.kind]) for element in elements_of(document, frozenset(kinds)))
    if request.config.getoption("update_cases") and found != case.expected:
        write_expected(case, found)
        return
    assert found == case.expected


BLOCKS = st.sampled_from(
    ["# H", "text. more", "- a", "  - b", "> q", "| a | b |", "|--|--|", "```", "", "1. x", "Q: y", "A: z", "?", "---", "![i](j)", "https://x.y", "Term", ": d", "==m==", "#tag", "<!-- c", "-->", "START", "END"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(BLOCKS, max_size=14))
def test_elements_of_any_text_stand_where_they_say(lines: list[str]) -> None:
    document, _ = read_document(Source("a.md", "\n".join(lines)))
    cut = LineTest("?", compile_line("?"))
    walls = (LineTest("---", compile_line("\\-\\-\\-")),)
    tagged = Preprocessing(walls, (Aside("Q:", compile_pattern("Q:", BUILT_IN.get)),), True, (cut,), True)
    selectors = [
        Selector("split", separators=(cut,)),
        Selector("split", separators=(cut,), of="section"),
        Selector("split", separators=(cut,), of="source", until=()),
        Selector("labelled", labels=("Q", "A"), until=walls),
        Selector("labelled", labels=("Q", "A")),
        Selector("source"),
    ]
    for preprocessing in (PLAIN, Preprocessing(cuts=(cut,), by_line=True), tagged):
        for region in preprocess(document, preprocessing):
            found = list(elements_of(region.document, KINDS))
            for selector in selectors:
                found.extend(line_elements(region, selector))
            for element in found:
                assert 1 <= element.line <= element.end_line <= max(1, len(lines))
                assert element.column >= 1
                assert element.origin().span.line == element.line
                for name in (*ELEMENT_VALUES[element.kind], "before", "after", "headings", "tags", "1", "2", "Q", "A"):
                    value = element.value(name)
                    assert value is None or isinstance(value.markdown, str)


def elements(text: str, selector: Selector, preprocessing: Preprocessing = PLAIN) -> list[Element]:
    document, _ = read_document(Source("a.md", text))
    return [element for region in preprocess(document, preprocessing) for element in line_elements(region, selector)]


def test_a_separator_in_code_and_comments_cuts_nothing() -> None:
    cut = LineTest("?", compile_line("?"))
    text = "a\n```\n?\n```\nb\n\n<!--\n?\n-->\n"
    assert not elements(text, Selector("split", separators=(cut,)), Preprocessing(cuts=(cut,), by_line=True))


def test_line_tests_look_at_the_whole_line() -> None:
    fits = compile_line("---")
    assert [fits(line) for line in ("---", " --- ", "----", "--", "---x", "x ---", "")] == [True, True] + [False] * 5


def test_front_matter_is_no_line_of_text() -> None:
    wall = LineTest("---", compile_line("---"))
    document, _ = read_document(Source("a.md", "---\ntitle: x\n---\none\n---\ntwo\n"))
    regions = preprocess(document, Preprocessing(between=(wall,)))
    assert [(s.first_line, s.last_line) for s in regions] == [(4, 4), (6, 7)]
    assert [s.document.title for s in regions] == ["x", "x"]


def test_a_match_in_a_reread_text_knows_its_line() -> None:
    tags = Preprocessing(hashtags=True)
    document, _ = read_document(Source("a.md", "one #a\n\n#b\n\ntwo #c #c/d\n\n`#e` #1\n"))
    (region,) = preprocess(document, tags)
    where = Where(siblings=region.blocks, metadata=region.metadata)
    found = list(elements_of(region.document, frozenset({"paragraph"}), where))
    shown = [(e.line, e.value("text").markdown if e.value("text") else "", e.own_tags) for e in found]
    assert shown == [(1, "one", ("a",)), (5, "two", ("c", "c/d", "b")), (7, "`#e` #1", ("b",))]


def test_asides_hold_for_their_line_or_onwards() -> None:
    scopes = {"DECK: {deck}": "onwards", "\\^{id:word}$": "element"}
    aside = Preprocessing(aside=tuple(Aside(t, compile_pattern(t, BUILT_IN.get), scope) for t, scope in scopes.items()))
    document, _ = read_document(Source("a.md", "one ^x1\n\nDECK: a b\n\ntwo ^x2\nthree\n\n- `^no` ^x3\n"))
    (region,) = preprocess(document, aside)
    where = Where(siblings=region.blocks, metadata=region.metadata)
    found = [
        [str(value.markdown) if (value := e.value(name)) else None for name in ("text", "id", "deck")]
        for e in elements_of(region.document, frozenset({"line"}), where)
    ]
    assert found == [
        ["one", "x1", None],
        ["two", "x2", "a b"],
        ["three", None, "a b"],
        ["`^no`", "x3", "a b"],
    ]


def test_a_pattern_finds_its_words_in_a_line_of_a_heading() -> None:
    document, _ = read_document(Source("a.md", "# der Hund :: the dog"))
    (line,) = elements_of(document, frozenset({"line"}))
    text = line.value("text")
    assert text is not None
    pattern = compile_pattern("{a}::{b}", BUILT_IN.get)
    taken: dict[str, str] = {}

    def accept(match: Match, _: int) -> bool:
        taken.update((name, capture.folded) for name, capture in match.captures.items())
        return True

    assert pattern.match(text.folded_text, 0, Match(), accept)
    assert taken == {"a": "der hund", "b": "the dog"}
