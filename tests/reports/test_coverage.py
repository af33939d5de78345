"""`deckgen coverage`: what of the notes became cards, as text, as data and as a page."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from command_line import deckgen, write_files
from msgspec.structs import replace

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.reports.columns import columns
from deckgen.reports.coverage import Coverage, measure, text_lines
from deckgen.reports.coverage_page import page
from deckgen.reports.coverage_reasons import reasons_of
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText, read_shipped

RULES = r"""
types: {subject: {like: phrase, not: '它'}}
rules:
  - {id: full, on: sentence, match: '{term:subject}的全称是{full}', fields: {Front: '{term}的全称？', Back: '{full}'}}
  - {id: item, on: list_item, match: '{term}：{what}', fields: {Front: '{term}', Back: '{what}'}}
  - {id: parent, on: list_item, match: '{term}？$', fields: {Front: '{term}？', Back: '{children}'}}
  - {id: ask, on: section, match: {heading: '…？$'}, fields: {Front: '{heading}', Back: '{body}'}}
  - {id: first, on: section, match: {heading: '…！$'}, fields: {Front: '{heading}', Back: '{paragraph}'}}
  - {id: row, on: table_row, when: {is: {columns: 2}}, fields: {Front: '{1}', Back: '{2}'}}
"""


def covered(text: str, rules: str = RULES) -> Coverage:
    loaded, problems = load_rules([PackText("own", "own.yaml", rules)])
    assert problems == []
    document, _ = read_document(Source("note.md", text))
    return measure([document], loaded, Settings("Deck"))


def spans(text: str) -> list[tuple[str, ...]]:
    """Of each note: the stretches of the source that it was made of."""
    (source,) = covered(text).sources
    lines = source.document.lines
    return [tuple(lines[line - 1][begin - 1 : end - 1] for line, begin, end in note.spans) for note in source.notes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("天气很好。甲的全称是乙。再见。", [("甲的全称是乙。",)]),
        ("**甲**的全称是`乙`。再见。", [("**甲**的全称是`乙`。",)]),
        ("天气很好。甲的全称\n是乙。", []),
        ("甲的全称是\n乙。", []),
        ("> 甲的全称是乙。再见。", [("甲的全称是乙。",)]),
        ("- 甲：乙\n- 丙", [("甲：乙",)]),
        ("- 甲：乙\n  - 丁", [("甲：乙",)]),
        ("- 甲？\n  - 丁\n\n  - 戊\n- 己", [("甲？", "- 丁", "- 戊")]),
        ("# 甲？\n\n乙。\n\n- 丙\n  丁\n\n# 戊\n", [("甲？", "乙。", "- 丙", "丁")]),
        ("# 甲！\n\n乙。\n丙。\n\n丁。\n", [("甲！", "乙。", "丙。")]),
        ("| a | b |\n| - | - |\n| 甲 | 乙 |\n", [("甲", "乙")]),
        (r"| a | b |" + "\n| - | - |\n" + r"| 甲\|甲 | 乙 |" + "\n", [(r"甲\|甲", "乙")]),
        ("# 甲？\n\n```\n乙\n```\n", [("甲？", "```", "乙", "```")]),
    ],
)
def test_what_a_note_was_made_of(text: str, expected: list[tuple[str, ...]]) -> None:
    assert spans(text) == expected


def test_shares_are_of_the_text_without_headings_code_and_space() -> None:
    (source,) = covered("# 标题\n\n甲的全称是乙。 天气很好啊。\n\n```\n代码\n```\n").sources
    assert (source.covered, source.characters) == (7, 13)
    assert covered("").sources[0].share == 0


def test_text_that_two_notes_share_counts_once() -> None:
    (source,) = covered("# 问？\n\n甲的全称是乙。\n").sources
    assert (len(source.notes), source.covered, source.characters) == (2, 7, 7)


def test_elements_with_and_without_a_note() -> None:
    coverage = covered("# 问\n\n甲的全称是乙。它的全称是丙。天气很好。\n\n- 丁：戊\n- 己\n")
    (source,) = coverage.sources
    assert source.elements == {"section": (0, 1), "sentence": (1, 5), "list_item": (1, 2)}
    counts = {rule.name: (rule.notes, rule.passed_over) for rule in coverage.rules}
    assert counts["own/full"] == (1, 1)
    assert counts["own/item"] == (1, 0)
    assert counts["own/row"] == (0, 0)


def _demo(name: str) -> Coverage:
    names = ("zh/facts", "en/facts", "structure")
    rules, _ = load_rules([pack for name in names if (pack := read_shipped(name))])
    folder = Path(__file__).parents[2] / "decks" / name
    paths = sorted(folder.rglob("*.md"))
    documents = [read_document(Source(p.relative_to(folder).as_posix(), p.read_text("utf-8")))[0] for p in paths]
    coverage = measure(documents, rules, Settings("Deck"))
    built = extract(documents, rules, Settings("Deck")).drafts
    assert [note.draft for source in coverage.sources for note in source.notes] == list(built)
    return coverage


@pytest.mark.parametrize("name", ["dlss", "go-tournaments", "multi-task-learning"])
def test_demo_decks(name: str) -> None:
    """The notes are those of a build; each has its stretches, all inside of their lines."""
    for source in _demo(name).sources:
        assert 0 < source.covered <= source.characters
        for note in source.notes:
            assert note.spans
            for line, begin, end in note.spans:
                assert 1 <= begin < end <= len(source.document.lines[line - 1]) + 1


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_holds_the_notes_to_the_letter() -> None:
    """Line by line, without its marks, the page is the source."""
    coverage = _demo("dlss")
    shown = re.findall(r'<div class="line[^"]*"><i>\d+</i><span>(.*)</span></div>', page(coverage, "DLSS"))
    plain = [re.sub(r"</?mark[^>]*>", "", line) for line in shown]
    unescaped = [
        line.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'") for line in plain
    ]
    expected = [line for source in coverage.sources for line in source.document.lines]
    assert [line.replace("&amp;", "&") for line in unescaped] == expected


def test_the_page_says_why_there_is_no_card() -> None:
    document, _ = read_document(Source("note.md", "甲的全称是乙。它的全称是丙。天气很好。\n"))
    rules, _ = load_rules([PackText("own", "own.yaml", RULES)])
    coverage = measure([document], rules, Settings("Deck"))
    reasons = reasons_of(coverage, rules, Settings("Deck"))
    (line,) = re.findall(r'<div class="line" data-why="([^"]*)">', page(coverage, "D", reasons).replace("\n", "|"))
    assert line.startswith("它的全称是丙。 — full: `term` = “它”")
    assert "|天气很好。 — no rule finds a fact in these words" in line
    assert "甲的全称" not in line


def test_a_page_of_many_files_lists_them_first_those_with_most_missing() -> None:
    texts = {f"{number:02}.md": "甲的全称是乙。\n" + "天气很好。\n" * number for number in range(20)}
    documents = [read_document(Source(path, text))[0] for path, text in texts.items()]
    rules, _ = load_rules([PackText("own", "own.yaml", RULES)])
    made = page(measure(documents, rules, Settings("Deck")), "D")
    assert re.findall(r'<li data-file="\d+"><button class="file">([^<]*)', made) == sorted(texts, reverse=True)
    assert made.count("<details>") == 20  # folded: opening one is a click
    assert 'type="search"' in made


def test_the_page_is_the_same_every_time_and_loads_nothing() -> None:
    coverage = _demo("dlss")
    made = page(coverage, "DLSS")
    assert made == page(coverage, "DLSS")
    head = made[: made.index("</head>")]
    assert "default-src 'none'" in head
    assert "unsafe" not in head
    assert not re.search(
        r"""<(?:link|img|iframe|object|embed|base)\b|\b(?:src|href|style|on\w+)=["']""",
        re.sub(r"<span>.*</span>", "", made),
    )


ATTACKS = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "<!--<script>",
    "' onmouseover='alert(1)",
    "&lt;b&gt;",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_a_note_is_markup(attack: str) -> None:
    text = f"# {attack}？\n\n{attack} 的全称是 {attack}。\n\n- {attack}：`{attack}`\n"
    made = page(covered(text), attack)
    plain = page(covered("# 问？\n\n甲的全称是乙。\n"), "x")
    tags = re.findall(r"<[a-z!/][^\s>]*", made, re.IGNORECASE)
    assert set(tags) <= set(re.findall(r"<[a-z!/][^\s>]*", plain, re.IGNORECASE))
    assert made.count("<script") == 2


# --- the command --------------------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Path:
    config = "deck: 显卡\nrules: [./own.yaml]\nsources: ['notes/**/*.md']\n"
    long = "notes/" + "很长的文件夹名字/" * 3 + "b.md"
    files = {
        "deck.yaml": config,
        "own.yaml": RULES,
        "notes/a.md": "甲的全称是乙。它的全称是丙。\n",
        long: "# 问？\n\n答。\n",
    }
    return write_files(tmp_path, files)


def test_text_cuts_nothing_in_a_pipe_and_begins_with_what_is_missing(project: Path) -> None:
    ended = deckgen("coverage", cwd=project)
    assert (ended.code, ended.err) == (0, "")
    long = "notes/" + "很长的文件夹名字/" * 3 + "b.md"
    gap = " " * (columns(long) - columns("notes/a.md"))
    assert (
        ended.out
        == f"""\
{" " * columns(long)}   notes    text  sentence  section
notes/a.md{gap}       1     50%       1/2        –
{long}       1    100%       0/1      1/1

           notes
own/full       1
own/ask        1
4 other rules made no note here: `-v` lists those whose words are there

2 sources, 2 notes, 56% of the text
"""
    )
    told = deckgen("coverage", "-v", cwd=project).out
    assert "           notes  passed\nown/full       1       1\n" in told


def test_on_a_terminal_a_page_is_shown() -> None:
    coverage = covered("甲的全称是乙。它的全称是丙。\n")
    (source,) = coverage.sources
    paths = [f"{'很长的名字/' * 8}{number}.md" for number in range(60)]
    documents = [replace(source, document=replace(source.document, path=path)) for path in paths]
    lines = list(text_lines(replace(coverage, sources=tuple(documents)), 80))
    assert max(map(columns, lines)) <= 80
    assert "and 40 more sources: `--html FILE` writes a page with all of them" in lines
    assert lines[-1] == "60 sources, 60 notes, 50% of the text"


def test_long_counts_take_the_room_of_paths() -> None:
    coverage = covered("甲的全称是乙。\n")
    (source,) = coverage.sources
    document = replace(source.document, path="a folder of a course/" * 5 + "lecture.md")
    counts = dict.fromkeys(("entry", "sentence", "list_item", "section"), (1_234, 56_789))
    lines = list(text_lines(replace(coverage, sources=(replace(source, document=document, elements=counts),)), 80))
    assert max(map(columns, lines)) <= 80
    assert lines[1].startswith("…ture.md ")
    assert lines[1].count("1,234/56,789") == 4


def test_json_and_a_part_of_the_project(project: Path) -> None:
    told = deckgen("coverage", "notes/a.md", "--json", cwd=project).json
    assert [source["path"] for source in told["sources"]] == ["notes/a.md"]
    assert told["sources"][0]["notes"] == [
        {"rule": "own/full", "fields": {"Front": "甲的全称？", "Back": "乙"}, "stretches": [[1, 1, 8]]}
    ]
    assert told["sources"][0]["elements"]["sentence"] == {"with_note": 1, "all": 2}
    assert told["rules"][0] == {"rule": "own/full", "about": "", "notes": 1, "passed_over": 1}


def test_html(project: Path) -> None:
    ended = deckgen("coverage", "--html", "out.html", cwd=project)
    assert (ended.code, ended.out.splitlines()[-1]) == (0, "wrote out.html")
    assert (project / "out.html").read_text("utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written(project: Path) -> None:
    ended = deckgen("coverage", "--html", "none/out.html", cwd=project)
    assert (ended.code, ended.out, ended.kinds) == (2, "", ["unwritable"])


def test_a_note_is_never_written_over(project: Path) -> None:
    before = (project / "notes" / "a.md").read_bytes()
    ended = deckgen("coverage", "--html", "notes/a.md", cwd=project)
    assert (ended.code, ended.out) == (2, "")
    assert "is there, and is no page" in ended.err
    assert (project / "notes" / "a.md").read_bytes() == before
    assert [deckgen("coverage", "--html", "out.html", cwd=project).code for _ in range(2)] == [0, 0]


def test_a_source_without_text(tmp_path: Path) -> None:
    write_files(tmp_path, {"a.md": ""})
    ended = deckgen("coverage", "--html", "out.html", cwd=tmp_path)
    assert ended.code == 0
    assert ended.out.splitlines()[-2] == "1 source, 0 notes, 0% of the text"


MANNERS = r"""
rules:
  - {id: tagged, hashtags: true, on: sentence, match: '{a}的全称是{b}', fields: {Front: '{a}？', Back: '{b}'}}
  - {id: labelled, on: labelled, labels: [Q, A], fields: {Front: '{Q}', Back: '{A}'}}
  - {id: cut, on: split, separator: '?', fields: {Front: '{front}', Back: '{back}'}}
  - {id: marked, on: highlight, marks: ['==answer=='], note: Cloze, cloze: [marked], fields: {Text: '{text}'}}
  - {id: expression, on: source, regex: '(?m)^(?P<a>.+) ::: (?P<b>.+)$', fields: {Front: '{a}', Back: '{b}'}}
"""


@pytest.mark.parametrize(
    ("text", "rule", "first"),
    [
        ("天气很好。\n\n甲的全称是乙。 #标签\n", "tagged", (3, 1)),
        ("天气很好。\n\nQ: 甲\nA: 乙\n", "labelled", (3, 1)),
        ("天气很好。\n\n甲\n?\n乙\n", "cut", (3, 1)),
        ("天气很好。\n\n这是==甲==。\n", "marked", (3, 3)),
        ("天气很好。\n\n甲 ::: 乙\n", "expression", (3, 1)),
    ],
)
def test_sources_that_a_rule_wants_read_otherwise(text: str, rule: str, first: tuple[int, int]) -> None:
    (source,) = covered(text, MANNERS).sources
    (note,) = [note for note in source.notes if note.draft.rule == f"own/{rule}"]
    assert note.spans[0][:2] == first
    assert {line for line, _, _ in note.spans} <= {3, 4, 5}
    assert (
        source.elements[
            {"tagged": "sentence", "cut": "split", "marked": "highlight", "expression": "source"}.get(rule, rule)
        ][0]
        == 1
    )
    assert "天气很好。" in re.sub(r"<[^>]*>", "", page(covered(text, MANNERS), "Deck"))
