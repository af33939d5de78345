"""YAML as data: what is text, where things stand, and what is refused."""

from __future__ import annotations

import time

import pytest

from deckgen.diagnostics import Diagnostic
from deckgen.yaml_reading import check_keys, nearest, read_yaml


def value_of(text: str) -> object:
    node, diagnostics = read_yaml(text, "x.yaml")
    assert not diagnostics, diagnostics
    assert node is not None
    return node.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: on", {"a": "on"}),
        ("a: no", {"a": "no"}),
        ("a: 1.10", {"a": "1.10"}),
        ("a: 2024-01-01", {"a": "2024-01-01"}),
        ("a: true\nb: 'true'", {"a": True, "b": "true"}),
        ("a:\nb: ~\nc: ''", {"a": None, "b": None, "c": ""}),
        ("a: &x [1, 2]\nb: *x", {"a": ["1", "2"], "b": ["1", "2"]}),
        ("", None),
    ],
)
def test_only_true_and_false_are_not_text(text: str, value: object) -> None:
    assert value_of(text) == value


def kinds(text: str) -> list[tuple[str, int, int]]:
    _, diagnostics = read_yaml(text, "x.yaml")
    return [(d.kind, d.span.line, d.span.column) for d in diagnostics if d.span]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: [1", [("bad-yaml", 2, 1)]),
        ("a: 1\n\tb: 2", [("bad-yaml", 2, 1)]),
        ("a: 1\nb: 2\na: 3", [("doubled-key", 3, 1)]),
        ("a: 1\na: 2\nb: {c: 1, c: 2}", [("doubled-key", 2, 1), ("doubled-key", 3, 11)]),
        ("a: !!python/object/apply:os.system [ls]", [("unsafe-yaml", 1, 4)]),
        ("a: !mine 1", [("unsafe-yaml", 1, 4)]),
        ("{a: 1}: 2", [("wrong-type", 1, 1)]),
        ("a: {term}: x", [("bad-yaml", 1, 10)]),
    ],
)
def test_what_is_refused(text: str, found: list[tuple[str, int, int]]) -> None:
    assert kinds(text) == found


def test_a_tag_runs_nothing(tmp_path: object) -> None:
    node, diagnostics = read_yaml(f"a: !!python/object/apply:os.system ['touch {tmp_path}/ran']", "x.yaml")
    assert [d.kind for d in diagnostics] == ["unsafe-yaml"]
    assert not list(__import__("pathlib").Path(str(tmp_path)).iterdir())


def test_an_alias_bomb_is_refused_at_once() -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{i}: &a{i} [" + ", ".join([f"*a{i - 1}"] * 10) + "]" for i in range(1, 12)]
    begin = time.process_time()
    assert "unsafe-yaml" in [kind for kind, _, _ in kinds("\n".join(rows))]
    assert time.process_time() - begin < 5


def test_an_alias_within_itself_is_refused() -> None:
    assert "unsafe-yaml" in [kind for kind, _, _ in kinds("a: &a [*a]")]


def test_places() -> None:
    node, _ = read_yaml("a:\n  - b: 'it''s {x'\n    c: plain\n", "x.yaml")
    assert node is not None
    assert (node.span("a", 0, "b").line, node.span("a", 0, "b").column) == (2, 8)
    assert node.key_span("a", 0, "c").column == 5
    assert node.column_in_scalar("a", 0, "b", offset=5).column == 8 + 1 + 6  # behind the doubled apostrophe
    assert node.column_in_scalar("a", 0, "c", offset=2).column == 10
    assert node.span("a", 0, "nothing", 3) == node.span("a", 0)


def test_unknown_keys_name_the_nearest_right_one() -> None:
    node, _ = read_yaml("ruels: []\nzzz: 1", "x.yaml")
    assert node is not None
    found: list[Diagnostic] = []
    check_keys(node, (), ["rules", "types"], found)
    assert [(d.message, d.hint) for d in found] == [
        ("unknown key `ruels`", "did you mean `rules`?"),
        ("unknown key `zzz`", "known here: rules, types"),
    ]
    assert nearest("x", []) == "known here: "
