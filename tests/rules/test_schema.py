"""The JSON Schemas for editors: what ships is what the shapes say, and the shapes say what is right and what is not."""

from __future__ import annotations

import re
from pathlib import Path

import jsonschema
import pytest
import yaml
from command_line import deckgen

from deckgen.reports.json_schema import DESCRIPTIONS, Subject, format_schema, schema
from deckgen.rules import shipped as packs

SUBJECTS: tuple[Subject, ...] = ("rules", "deck")


@pytest.mark.parametrize("subject", SUBJECTS)
def test_shipped_schema_is_made_of_the_shapes(subject: Subject, request: pytest.FixtureRequest) -> None:
    path = packs.folder() / f"{subject}.schema.json"
    if request.config.getoption("--update-cases"):
        path.write_text(format_schema(subject), "utf-8", newline="\n")
    assert path.read_text("utf-8") == format_schema(subject), (
        "pytest tests/rules/test_schema.py --update-cases writes it"
    )


@pytest.mark.parametrize("subject", SUBJECTS)
def test_schema_is_one(subject: Subject) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(subject))


def _keys(subject: Subject) -> list[tuple[str, str, dict[str, object]]]:
    whole = schema(subject)
    shapes = {"": whole, **whole["$defs"]}
    return [(name, key, value) for name, shape in shapes.items() for key, value in shape.get("properties", {}).items()]


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_key_says_what_it_is(subject: Subject) -> None:
    assert [f"{name}.{key}" for name, key, value in _keys(subject) if not value.get("description")] == []
    texts = [text for part in DESCRIPTIONS.values() for text in part.values()]
    assert [text for text in texts if text != text.strip() or text.endswith(".")] == []


def _as_yaml(text: str) -> object:
    """As an editor reads it: YAML 1.2, in which `on` and `off` are text."""

    class Loader(yaml.CSafeLoader):
        pass

    Loader.yaml_implicit_resolvers = dict(Loader.yaml_implicit_resolvers)  # its own, not those of all loaders
    for first, resolvers in list(Loader.yaml_implicit_resolvers.items()):
        kept = [(tag, regexp) for tag, regexp in resolvers if not tag.endswith((":bool", ":timestamp"))]
        Loader.yaml_implicit_resolvers[first] = kept
    Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))
    return yaml.load(text, Loader)


def _problems(subject: Subject, text: str) -> list[str]:
    validator = jsonschema.Draft202012Validator(schema(subject))
    return [error.message for error in validator.iter_errors(_as_yaml(text))]


@pytest.mark.parametrize("path", sorted(packs.folder().rglob("*.yaml")), ids=lambda path: path.stem)
def test_shipped_packs_fit(path: Path) -> None:
    assert _problems("rules", path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", sorted((Path(__file__).parents[2] / "decks").glob("*/deck.yaml")), ids=str)
def test_demo_decks_fit(path: Path) -> None:
    assert _problems("deck", path.read_text("utf-8")) == []


def test_a_bare_number_is_text() -> None:
    text = "rules:\n  - {id: 7, on: section, fields: {Front: '{heading}', Back: 1.10}}\n"
    assert _problems("rules", text) == []


@pytest.mark.parametrize(
    ("subject", "text", "said"),
    [
        ("rules", "rules:\n  - {id: a, on: sentence, mtach: x, fields: {Front: a}}", "'mtach' was unexpected"),
        ("rules", "rules:\n  - {id: a, on: sentense, fields: {Front: a}}", "is not valid under any"),
        ("rules", "rules:\n  - {on: sentence, fields: {Front: a}}", "'id' is a required property"),
        ("rules", "rules:\n  - {id: a, on: sentence}", "'fields' is a required property"),
        ("rules", "types: {name: {lenght: 3}}", "'lenght' was unexpected"),
        ("deck", "source: ['*.md']", "'source' was unexpected"),
        ("deck", "subdecks: files", "'files' is not one of"),
        ("deck", "lint: {long-lists: off}", "'long-lists' was unexpected"),
        ("deck", "lint: {long-list: fatal}", "'fatal' is not one of"),
        ("deck", "note_types: {Word: {fields: [A]}}", "'templates' is a required property"),
    ],
)
def test_what_is_wrong_is_told(subject: Subject, text: str, said: str) -> None:
    assert any(said in problem for problem in _problems(subject, text))


@pytest.mark.parametrize("subject", SUBJECTS)
def test_command_prints_it(subject: Subject) -> None:
    assert deckgen("rules", "schema", subject).out == format_schema(subject)


def test_command_prints_that_of_rules() -> None:
    assert deckgen("rules", "schema").out == format_schema("rules")
    assert deckgen("rules", "schema", "decks").code == 2
