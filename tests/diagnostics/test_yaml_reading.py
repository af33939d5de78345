from __future__ import annotations

import time
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deckgen.diagnostics import Diagnostic, Span
from deckgen.diagnostics.shapes import check_keys, read_shape
from deckgen.diagnostics.yaml import YamlNode, nearest, read_yaml


def read(text: str) -> YamlNode:
    node, diagnostics = read_yaml(text, "f.yaml")
    assert node is not None
    assert diagnostics == []
    return node


def told(text: str) -> list[tuple[str, int, int]]:
    """Kind, line and column of each diagnostic."""
    _, diagnostics = read_yaml(text, "f.yaml")
    return [(d.kind, d.span.line, d.span.column) for d in diagnostics if d.span]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on: no", {"on": "no"}),
        ("version: 1.10", {"version": "1.10"}),
        ("day: 2020-01-01", {"day": "2020-01-01"}),
        ("time: 12:30", {"time": "12:30"}),
        ("id: 007", {"id": "007"}),
        ("a: true\nb: false", {"a": True, "b": False}),
        ("a: True\nb: 'true'\nc: \"false\"", {"a": "True", "b": "true", "c": "false"}),
        ("a:\nb: ~\nc: null\nd: ''", {"a": None, "b": None, "c": None, "d": ""}),
        ("- 1\n- [a, {b: c}]", ["1", ["a", {"b": "c"}]]),
        ("{term}", {"term": None}),
        ("a: |\n  x\n   y\nb: >\n  p\n  q\n", {"a": "x\n y\n", "b": "p q\n"}),
        ("a: 'it''s'", {"a": "it's"}),
        ("", None),
        ("# nothing\n", None),
        ("牌组: 围棋::比赛 # 名字", {"牌组": "围棋::比赛"}),
    ],
)
def test_scalars_stay_as_written(text: str, value: Any) -> None:
    assert read(text).value == value


def test_an_alias_is_what_its_anchor_was() -> None:
    node = read("a: &a {x: [1, 2]}\nb: *a\nc: &a 3\nd: *a\n")
    assert node.value == {"a": {"x": ["1", "2"]}, "b": {"x": ["1", "2"]}, "c": "3", "d": "3"}
    assert node.span("b", "x", 1) == Span("f.yaml", 1, 15, 1, 16)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\na: 2\nb: {c: 1, c: 2}\na: 3", [("doubled-key", 2, 1), ("doubled-key", 3, 11), ("doubled-key", 4, 1)]),
        ("a: !!python/object/apply:os.system ['x']", [("unsafe-yaml", 1, 4)]),
        ("a: !!str 3\nb: !own 4", [("unsafe-yaml", 1, 4), ("unsafe-yaml", 2, 4)]),
        ("a: &x [*x]", [("unsafe-yaml", 1, 8)]),
        ("a: *x", [("bad-yaml", 1, 4)]),
        ("<<: {a: 1}\nb: 1", [("unknown-key", 1, 1)]),
        ("{a: b}: c", [("wrong-type", 1, 1)]),
        ("a: 1\n---\nb: 1", [("bad-yaml", 2, 1)]),
        ("\ta: 1", [("bad-yaml", 1, 1)]),
        ("a: b: c", [("bad-yaml", 1, 5)]),
        ("a: x\nb: \x07", [("bad-yaml", 2, 4)]),
        ("标题: 一: 二", [("bad-yaml", 1, 6)]),
        ("a: 'x\n\n", [("bad-yaml", 1, 6)]),
    ],
)
def test_what_is_wrong_is_told_in_one_run(text: str, expected: list[tuple[str, int, int]]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"{n}: &{n} [{','.join([f'*{p}'] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)),
        "[" * 200_000,
        "{a: " * 100_000,
        "".join(" " * i + "-\n" for i in range(2_000)),
        "- x\n" * 200_000,
    ],
    ids=["aliases", "brackets", "braces", "indentation", "values"],
)
def test_bombs_are_refused_at_once(text: str) -> None:
    begun = time.process_time()
    assert {kind for kind, _, _ in told(text)} == {"unsafe-yaml"}
    assert len(told(text)) == 1
    assert time.process_time() - begun < 2


def test_places_of_values_and_keys() -> None:
    node = read("rules:\n  - id: 名字\n    match: '{x}''s {y:类}'\n")
    assert node.span("rules", 0, "id") == Span("f.yaml", 2, 9, 2, 11)
    assert node.key_span("rules", 0, "match") == Span("f.yaml", 3, 5, 3, 10)
    assert node.line_text(2) == "  - id: 名字"
    assert node.line_text(99) == ""


def test_the_place_of_what_is_not_there_is_what_is_around_it() -> None:
    node = read("a: {b: 1}")
    assert node.span("a", "c", 0) == node.span("a")
    assert node.key_span("z") == node.span()


@pytest.mark.parametrize(
    ("text", "offset", "column"),
    [
        ("a: plain {x}", 6, 10),
        ("a: 'it''s {x}'", 5, 11),  # past the doubled quote
        ("a: '{x}'", 0, 5),
        ("a: 中文{x}", 2, 6),
        ('a: "\\u0041{x}"', 1, 4),  # in double quotes: where it begins
        ("a: |\n  {x}", 0, 4),
        ("a: one\n  two {x}", 8, 4),
    ],
)
def test_columns_inside_a_text(text: str, offset: int, column: int) -> None:
    assert read(text).column_in_scalar("a", offset=offset).column == column


def test_nearest_names_one_or_all() -> None:
    assert nearest("ruls", ["rules", "types"]) == "did you mean `rules`?"
    assert nearest("zzz", ["rules", "types", "rules"]) == "known here: rules, types"


def test_unknown_keys_are_told_with_the_nearest() -> None:
    node = read("deck: x\nsorces: []\nzzz: 1")
    diagnostics: list[Diagnostic] = []
    check_keys(node, (), ("deck", "sources"), diagnostics)
    assert [(d.kind, d.span, d.hint, d.line_text) for d in diagnostics] == [
        ("unknown-key", Span("f.yaml", 2, 1, 2, 7), "did you mean `sources`?", "sorces: []"),
        ("unknown-key", Span("f.yaml", 3, 1, 3, 4), "known here: deck, sources", "zzz: 1"),
    ]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    many: list[str] = []
    by_key: dict[str, str] = {}


@pytest.mark.parametrize(
    ("text", "message", "column"),
    [
        ("name: {x}", "expected a text, got a mapping", 7),
        ("name: a\nmany: [b, true]", "expected a text, got true or false", 11),
        ("many: []", "there is no name", 1),
        ("name: a\nmany: b", "expected a list, got a text", 7),
        ("name: a\nby_key: {x: y, z: [a]}", "expected a text, got a list", 19),
    ],
)
def test_a_shape_that_does_not_fit_is_told_at_its_place(text: str, message: str, column: int) -> None:
    node = read(text)
    diagnostics: list[Diagnostic] = []
    assert read_shape(node, node.value, Shape, (), diagnostics) is None
    (found,) = diagnostics
    assert found.kind == "wrong-type"
    assert found.message == message
    assert found.span is not None
    assert found.span.column == column


@given(st.text(alphabet=st.sampled_from(list("ab:-[]{}'\"&*!|># \n\t,?<~%@`.\x00é中\ufeff\u2028")), max_size=60))
def test_never_raises(text: str) -> None:
    node, diagnostics = read_yaml(text, "f.yaml")
    assert node is not None or diagnostics
    lines = text.count("\n") + text.count("\u2028") + 1
    assert all(d.span is not None and 1 <= d.span.line <= lines + 1 for d in diagnostics)
