"""`deckgen explain`: what became of each rule on each element, and why."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import deckgen, write_files

from deckgen.extraction.extract import extract
from deckgen.extraction.settings import Settings
from deckgen.markdown.document import read_document
from deckgen.model import Source
from deckgen.reports.columns import columns
from deckgen.reports.explain import Explained, Tried, explain
from deckgen.rules.loading import load_rules
from deckgen.rules.shipped import PackText, read_shipped

RULES = """
language: zh
on: sentence
types:
  subject: {like: phrase, length: 1..12, not: ['(它|该)']}
unless: {find: [例如], under: [参考]}
rules:
  - id: first
    match: '{term:subject}的全称是{full:phrase}'
    unless: {find: {full: ['未知']}}
    fields: {Front: '{term}的全称是什么？', Back: '{full}'}
  - id: second
    match: '{term:subject}的全称[是]{full:phrase}'
    fields: {Front: '{term}的全称是什么？', Back: '{full}'}
  - id: numbered
    match: '{term:subject}有{count:number}种'
    when: {known: [term]}
    fields: {Front: '{term}有几种？', Back: '{count}'}
  - {id: heading, on: section, match: {heading: '{x}$', intro: '{x}是'}, fields: {Front: '{heading}', Back: '{body}'}}
  - {id: optional, match: '{a:subject}又叫{b:phrase}', fields: {Front: '[（{zzz}）]{a}', Back: '{b}'}}
"""


def explained(text: str, rules: str = RULES, line: int | None = None) -> list[Explained]:
    loaded, problems = load_rules([PackText("own", "own.yaml", rules.replace("[（{zzz}）]", ""))])
    assert problems == []
    document, _ = read_document(Source("note.md", text))
    return explain(document, loaded, Settings("Deck"), line)


def sentence(text: str, rule: str, rules: str = RULES) -> Tried:
    (one,) = [one for one in explained(text, rules) if one.element.kind == "sentence"]
    return next(tried for tried in one.tried if tried.rule.name == f"own/{rule}")


@pytest.mark.parametrize(
    ("text", "rule", "outcome", "reason"),
    [
        ("DLSS的全称是深度超采样。", "first", "note", None),
        ("DLSS的全称是深度超采样。", "second", "asked already", "“DLSS的全称是什么？” is asked by own/first already"),
        ("DLSS的全称是深度超采样。", "numbered", "no words", "`有` is not there"),
        ("它的全称是深度超采样。", "first", "no fit", "`term` = “它” is no `subject`: “它” may not stand there"),
        (
            "非常非常非常非常长的一个名字的全称是某物。",
            "first",
            "no fit",
            "`term` = “非常非常非常非常长的一个名字” is no `subject`: 14 characters, 12 at most",
        ),
        ("DLSS的全称是未知的。", "first", "refused", "`unless` find: full: 未知 (full = 未知的)"),
        ("例如，DLSS的全称是深度超采样。", "first", "refused", "`unless` find: 例如"),
        ("猫有3种。", "numbered", "refused", "`when` does not hold: known: term (term = 猫)"),
        (
            "猫有很多种。",
            "numbered",
            "no fit",
            "fits up to `{term:subject}有`, then wants `{count:number}`, but “很多种。” follows",
        ),
    ],
)
def test_reasons(text: str, rule: str, outcome: str, reason: str | None) -> None:
    tried = sentence(text, rule)
    assert tried.outcome == outcome
    assert tried.reasons[:1] == (() if reason is None else (reason,))


def test_the_heading_that_refuses_is_named() -> None:
    tried = sentence("# 参考资料\n\nDLSS的全称是深度超采样。\n", "first")
    assert tried.reasons == ("`unless` under: 参考 (“参考资料”)",)


def test_a_capture_that_another_pattern_bound_is_shown() -> None:
    section = next(one for one in explained("# 猫\n\n狗是动物。\n") if one.element.kind == "section")
    assert section.tried[0].reasons == ("`intro` wants `{x}` first, not “狗是动物。” (x = 猫)",)


def test_an_empty_field_is_told() -> None:
    rules = "on: section\nrules:\n  - {id: a, fields: {Front: '{heading}', Back: '{body}'}}\n"
    (one,) = explained("# 猫\n", rules)
    assert one.tried[0].outcome == "refused"
    assert one.tried[0].reasons == ("`Back` comes out empty",)


def test_an_alternative_says_which_words_it_lacks() -> None:
    rules = "on: sentence\nrules:\n  - {id: a, match: ['{x} is {y}', '{x} (means|denotes) {y}'], fields: {Front: '{x}', Back: '{y}'}}\n"
    (one,) = explained("A cat sleeps.", rules)
    assert one.tried[0].reasons == ("`is` is not there", "`(means|denotes)` is not there")


def test_rules_for_other_languages_are_counted() -> None:
    (one,) = [one for one in explained("A cat is an animal.") if one.element.kind == "sentence"]
    assert (one.tried, one.foreign) == ((), 4)


def test_a_line_has_its_elements_and_the_section_whose_answer_it_is() -> None:
    text = "# 猫\n\n猫是动物。DLSS的全称是深度超采样。\n\n## 狗\n\n走了。\n"
    assert [(one.element.kind, one.element.line) for one in explained(text, line=3)] == [
        ("section", 1),
        ("sentence", 3),
        ("sentence", 3),
    ]
    assert [(one.element.kind, one.element.line) for one in explained(text, line=5)] == [("section", 1), ("section", 5)]
    assert [one.element.kind for one in explained(text, line=7)] == ["section", "sentence"]


@pytest.mark.parametrize("deck", ["dlss", "multi-task-learning"])
def test_the_notes_are_those_of_a_build(deck: str) -> None:
    """Of every demo note: explain's drafts, and no others, are what a build makes."""
    names = ("zh/facts", "en/facts", "structure")
    rules, _ = load_rules([pack for name in names if (pack := read_shipped(name))])
    for path in sorted((Path(__file__).parents[2] / "decks" / deck).rglob("*.md")):
        document, _ = read_document(Source(path.name, path.read_text("utf-8")))
        built = extract([document], rules, Settings("Deck")).found
        told = explain(document, rules, Settings("Deck"))
        assert [draft for one in told for tried in one.tried for draft in tried.drafts] == list(built)
        assert built
        for one in told:
            for tried in one.tried:
                assert tried.reasons or tried.drafts or tried.outcome == "no words", (one.element.line, tried.rule.name)


CARRYING = """
on: sentence
language: zh
rules:
  - {id: what, claims: true, match: '{term}是{what}的赛事', fields: {Front: '{term}？', Back: '{what}'}}
  - {id: again, match: '{other}的赛事', fields: {Front: '{other}', Back: '{text}'}}
  - {id: when, carry: [term], match: '从{year:year}开始', fields: {Front: '{term}何时？', Back: '{year}'}}
  - {id: expression, on: paragraph, regex: '(?P<a>.+) ::: (?P<b>.+)', fields: {Front: '{a}', Back: '{b}'}}
"""


@pytest.mark.parametrize(
    ("text", "rule", "outcome", "reason"),
    [
        ("百灵杯是两年一届的赛事。从2012年开始办。", "when", "note", None),
        (
            "天气很好。从2012年开始办。",
            "when",
            "refused",
            "no sentence right before, of which a rule of the pack made a note",
        ),
        ("百灵杯是两年一届的赛事。", "again", "claimed", "own/what made a note of this text and claims it"),
        ("天气很好。", "expression", "no fit", "the regular expression finds nothing here"),
        ("甲 ::: 乙", "expression", "note", None),
    ],
)
def test_reasons_beyond_the_pattern(text: str, rule: str, outcome: str, reason: str | None) -> None:
    found = [t for one in explained(text, CARRYING) for t in one.tried if t.rule.name == f"own/{rule}"]
    tried = found[-1]
    assert tried.outcome == outcome
    assert reason is None or tried.reasons[0].startswith(reason)


NOTE = "# 显卡\n\n显卡的全称是显示接口卡，用来输出画面。它的全称是什么，没有人记得。\n\n今天天气很好。\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    deck = "deck: 显卡\nrules: [./own.yaml]\nsources: ['notes/*.md']\n"
    return write_files(
        tmp_path, {"deck.yaml": deck, "own.yaml": RULES.replace("[（{zzz}）]", ""), "notes/a.md": NOTE, "b.md": "乙。"}
    )


def test_text_is_exact_and_fits_80_columns(project: Path) -> None:
    ended = deckgen("explain", "notes/a.md:3", "--rules", cwd=project)
    assert ended.code == 0
    assert max(map(columns, ended.out.splitlines())) <= 80
    assert (
        ended.out
        == """\
notes/a.md:3:1: sentence (zh)
  | 显卡的全称是显示接口卡，用来输出画面。
  + own/first
      Front: 显卡的全称是什么？
      Back: 显示接口卡
  = own/second
      “显卡的全称是什么？” is asked by own/first already
  · 2 rules found none of their words

notes/a.md:3:20: sentence (zh)
  | 它的全称是什么，没有人记得。
  - own/first
      `term` = “它” is no `subject`: “它” may not stand there
  - own/second
      `term` = “它” is no `subject`: “它” may not stand there
  · 2 rules found none of their words

2 elements, 1 note
"""
    )


def test_what_had_no_chance_is_listed_where_all_is_asked_for(project: Path) -> None:
    short, long = (
        deckgen("explain", "notes/a.md", "--rules", cwd=project),
        deckgen("explain", "notes/a.md", "--all", cwd=project),
    )
    assert "1 more element in which no rule found its words; `--all` lists it" in short.out
    assert "今天天气很好" not in short.out
    assert "今天天气很好" in long.out
    assert "  · own/numbered\n      `有` is not there\n" in long.out


def test_json(project: Path) -> None:
    told = deckgen("explain", "notes/a.md:3:1", "--json", cwd=project).json
    assert [(one["kind"], one["line"], one["column"]) for one in told] == [("sentence", 3, 1), ("sentence", 3, 20)]
    assert told[0]["rules"][0] == {
        "rule": "own/first",
        "outcome": "note",
        "notes": [{"Front": "显卡的全称是什么？", "Back": "显示接口卡"}],
        "confidence": [{"level": "likely", "terms": []}],
        "reasons": [],
    }


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("notes", "this is a folder; name a note"),
        ("b.md", "is none of the project's sources"),
        ("nothing.md:3", "there is no `nothing.md`"),
        ("notes/a.md:99", "notes/a.md has 5 lines"),
        ("notes/a.md:0", "notes/a.md has 5 lines"),
    ],
)
def test_a_place_that_is_none(project: Path, place: str, said: str) -> None:
    ended = deckgen("explain", place, cwd=project)
    assert (ended.code, ended.out) == (2, "")
    assert said in " ".join(ended.err.split())


def test_a_line_without_an_element(project: Path) -> None:
    assert (
        deckgen("explain", "notes/a.md:2", cwd=project).out == "no element that a rule looks at stands on this line\n"
    )


def test_a_broken_rule_stops_it(project: Path) -> None:
    (project / "own.yaml").write_text("rules: [{id: a, on: sentense, fields: {Front: x}}]", "utf-8")
    ended = deckgen("explain", "notes/a.md", "--rules", cwd=project)
    assert (ended.code, ended.kinds) == (2, ["unknown-element"])
