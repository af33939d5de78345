"""Documents: their blocks as an outline, front matter, places, and the Markdown of whole lines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from case_files import Case, read_cases
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it.parser_block import ParserBlock
from markdown_it.token import Token
from test_text import PIECES, compare, encode

from deckgen.markdown.block_parser import PlacedBlocks
from deckgen.markdown.blocks import Container
from deckgen.markdown.document import (
    Block,
    CodeBlock,
    Definition,
    Document,
    Heading,
    HtmlBlock,
    LinkLine,
    ListBlock,
    ListItem,
    MathBlock,
    Paragraph,
    Quote,
    Table,
    blocks_markdown,
    inner_blocks,
    read_document,
)
from deckgen.markdown.parser import parser
from deckgen.markdown.text import ATOMS, Text
from deckgen.model import Source


def read(text: str, path: str = "notes/a.md") -> Document:
    return read_document(Source(path, text))[0]


def outline(blocks: tuple[Block, ...], depth: int = 0) -> Iterator[str]:
    """A line for each block: its lines and column, its kind, what it holds."""
    for block in blocks:
        detail: list[str | Text | None] = []
        match block:
            case Heading(level=level, text=text):
                detail = [str(level), text]
            case Paragraph(text=text):
                detail = [text]
            case LinkLine(url=url, title=title):
                detail = [url, title]
            case ListBlock(ordered=ordered):
                detail = ["ordered" if ordered else None]
            case ListItem(text=text, number=number, checked=checked):
                detail = [number or None, None if checked is None else "[x]" if checked else "[ ]", text]
            case Quote(callout_kind=kind, callout_title=title):
                detail = [kind or None, title]
            case Container(kind=kind, title=title):
                detail = [kind, title]
            case CodeBlock(language=language, code=code):
                detail = [language or None, repr(code)]
            case MathBlock(tex=tex):
                detail = [repr(tex)]
            case HtmlBlock(html=html):
                detail = [repr(html)]
            case Definition(term=term, meaning=meaning):
                detail = [term, "=", meaning]
        written = [part if isinstance(part, str) else encode(part.plain).replace("\n", "⏎") for part in detail if part]
        lines = f"{block.line}-{block.end_line}" if block.end_line != block.line else f"{block.line}"
        yield "  " * depth + " ".join([f"{lines}:{block.column}", type(block).__name__, *written])
        if isinstance(block, Table):
            for cells in (block.header, *(row.cells for row in block.rows)):
                yield "  " * depth + "  | " + " | ".join(encode(cell.plain) for cell in cells)
        yield from outline(inner_blocks(block), depth + 1)


@pytest.mark.parametrize("case", read_cases("documents"), ids=lambda case: case.name)
def test_outline(case: Case, request: pytest.FixtureRequest) -> None:
    compare(case, "\n".join(outline(read(case.given).blocks)), request)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Ohm's law\n---\n# Other\n", "Ohm's law"),
        ("## Second\n\n# The *first* `level`\n", "The first level"),
        ("> # Quoted\n", "a"),
        ("---\ntitle: ''\n---\n", "a"),
        ("---\ntitle: [1]\n---\n", "a"),
        ("", "a"),
    ],
)
def test_title(text: str, title: str) -> None:
    assert read(text).title == title


@pytest.mark.parametrize(
    ("front", "tags"),
    [
        ("tags: [physics, '#law']", ("physics", "law")),
        ("tags: physics, law", ("physics", "law")),
        ("tags: physics law physics", ("physics", "law")),
        ("tags:\n- two words\n- b", ("two_words", "b")),
        ("tags: {a: b}", ()),
        ("tag: single", ("single",)),
        ("other: 1", ()),
    ],
)
def test_tags(front: str, tags: tuple[str, ...]) -> None:
    assert read(f"---\n{front}\n---\n\ntext\n").tags == tags


def test_broken_front_matter_is_a_warning_at_its_place_and_the_rest_is_read() -> None:
    document, diagnostics = read_document(Source("a.md", "---\ntitle: a: b\n---\ntext\n"))
    assert [(d.kind, d.severity, d.span.line if d.span else 0) for d in diagnostics] == [
        ("bad-front-matter", "warning", 2)
    ]
    assert diagnostics[0].line_text == "title: a: b"
    assert list(outline(document.blocks)) == ["4:1 Paragraph text"]


def test_text_between_thematic_breaks_is_no_front_matter() -> None:
    assert list(outline(read("---\nJust text.\n\n---\n").blocks)) == [
        "1:1 Rule",
        "2:1 Paragraph Just text.",
        "4:1 Rule",
    ]


def test_front_matter_that_never_ends_is_none() -> None:
    assert read("---\ntitle: a\n").front_matter == {}


def test_line_ends_nul_and_private_characters() -> None:
    document = read("a\r\nb\rc\0d\ue000\n")
    assert document.lines == ("a", "b", "c\ufffdd\ufffd", "")
    assert document.blocks[0].end_line == 3


@pytest.mark.parametrize(
    ("text", "language"), [("# 水\n\n水在`hundred degrees`沸腾。\n", "zh"), ("- Water boils.\n", "en"), ("$$x$$\n", "")]
)
def test_language(text: str, language: str) -> None:
    assert read(text).language == language


NESTED = """# Steps

> 1. Heat **it**
>    slowly
>
>    ```sh
>    heat  --slow
>    ```
>
>    - with care
>      and time
> 2. Cool it
>
> after
{: .note}

See [the book][book] and this.[^why]

[book]: http://x.org/book "Book"
[^why]: Because
    it is so.
"""


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (3, 12, NESTED[NESTED.index("> 1.") : NESTED.index("\n>\n> after")]),
        (4, 4, "slowly"),
        (6, 8, "```sh\nheat  --slow\n```"),
        (6, 11, "```sh\nheat  --slow\n```\n\n- with care\n  and time"),
        (10, 11, "- with care\n  and time"),
        (14, 16, "after"),
        (
            17,
            17,
            'See [the book][book] and this.[^why]\n\n[^why]: Because it is so.\n[book]: <http://x.org/book> "Book"',
        ),
        (2, 2, ""),
        (90, 91, ""),
        (5, 4, ""),
    ],
)
def test_markdown_of_lines(first: int, last: int, expected: str) -> None:
    assert blocks_markdown(read(NESTED), first, last) == expected


def test_markdown_of_lines_from_a_given_column() -> None:
    assert blocks_markdown(read(NESTED), 3, 4, 6) == "Heat **it**\nslowly"


def texts(blocks: tuple[Block, ...]) -> Iterator[Text]:
    for block in blocks:
        match block:
            case Heading(text=text) | Paragraph(text=text) | ListItem(text=Text() as text):
                yield text
            case LinkLine(title=Text() as text) | Quote(callout_title=Text() as text):
                yield text
            case Table():
                yield from (cell for cells in (block.header, *(row.cells for row in block.rows)) for cell in cells)
            case Definition():
                yield block.term
                if block.meaning is not None:
                    yield block.meaning
        yield from texts(inner_blocks(block))


PREFIXES = [
    "",
    "> ",
    "- ",
    "  ",
    "    ",
    "1. ",
    "\t",
    ">",
    "* ",
    "> - ",
    ": ",
    "[^1]: ",
    "# ",
    "|",
    "> [!note] ",
    "- [ ] ",
]
lines = st.tuples(
    st.sampled_from(PREFIXES), st.lists(st.sampled_from([p for p in PIECES if "\n" not in p]), max_size=5).map("".join)
)
sources = st.lists(lines.map("".join), max_size=9).map("\n".join)


@settings(max_examples=400, deadline=None)
@given(sources)
def test_every_character_points_at_itself(source: str) -> None:
    document = read(source)
    for text in texts(document.blocks):
        for index, character in enumerate(text.plain):
            line, column = text.place(index)
            found = document.lines[line - 1][column - 1 : column]
            is_itself = found == character or character in ATOMS or character.isspace() or found in "&\\<"
            assert is_itself, (character, found, text)


@settings(max_examples=400, deadline=None)
@given(sources)
def test_blocks_lie_in_order_inside_of_their_blocks(source: str) -> None:
    document = read(source)

    def check(blocks: tuple[Block, ...], first: int, last: int) -> None:
        for block in blocks:
            assert first <= block.line <= block.end_line <= last, (block, first, last)
            assert 1 <= block.column <= len(document.lines[block.line - 1]) + 1
            check(inner_blocks(block), block.line, block.end_line)
            first = block.line

    check(document.blocks, 1, len(document.lines))


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_a_document(source: str) -> None:
    document = read(source)
    for text in texts(document.blocks):
        assert isinstance(text.plain, str)


@pytest.mark.parametrize(
    "source",
    [
        ">" * 5000 + "a",
        "- " * 5000 + "a",
        "1. " * 5000 + "a",
        "\n".join("  " * i + "- a" for i in range(1000)),
        "> - " * 2000 + "a",
        "a\n" * 50_000,
        "\n" * 100_000,
        "```\n" * 10_001,
        "$$a\n" * 10_000,
        "\\[a\n" * 10_000,
        "[a\n" * 10_000,
        "|a" * 3000 + "\n" + "|-" * 3000,
        "{: a}\n" * 10_000,
        "> a\n" + "b\n" * 10_000,
        "<div>\n" * 10_000,
        "---\n" + "a: b\n" * 5000,
        "".join(f"[^{i}]: x\n" for i in range(5000)),
    ],
    ids=lambda source: repr(source[:8]),
)
def test_hostile_sources_are_read_in_bounded_time(source: str) -> None:
    read(source)


def test_what_is_nested_too_deep_is_kept_as_text() -> None:
    document = read("> " * 300 + "deep down")
    assert any("deep down" in text.plain for text in texts(document.blocks))


OPENINGS = (
    *(
        "a",
        "",
        "# a",
        "- a",
        "1. a",
        "> a",
        "```",
        "~~~",
        "$$",
        "\\[",
        "\\]",
        "***",
        "---",
        "===",
        "| a | b |",
        "|-|-|",
    ),
    *(":   a", "[a]: b", "[^a]: b", "<div>", "{: .a}", "{:toc}", "* toc", "    a", "\ta", "+ a", "_ _ _", "~ a", "`a`"),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", " ", "  ", "   ", "> ", "- "]), st.sampled_from(OPENINGS)), max_size=9))
def test_no_block_begins_with_a_character_that_its_rule_is_not_tried_on(lines: list[tuple[str, str]]) -> None:
    text = "\n".join(mark + line for mark, line in lines)
    found = [(token.type, token.map, token.content) for token in parser().parse(text)]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(PlacedBlocks, "rules_at", lambda self, _state, _line, chain="": self.ruler.getRules(chain))
        assert [(token.type, token.map, token.content) for token in parser().parse(text)] == found


@settings(max_examples=400, deadline=None)
@given(st.text("aßé中 \t#*_`$|:-=>[](){}~<&!1.^", min_size=1, max_size=20))
def test_one_line_that_begins_with_a_letter_is_what_all_rules_make_of_it(text: str) -> None:
    md = parser()
    for written in (text, f"a{text}", f"中{text}"):
        by_all_rules: list[Token] = []
        ParserBlock.parse(md.block, written, md, {}, by_all_rules)
        found: list[Token] = []
        md.block.parse(written, md, {}, found)
        assert found == by_all_rules
