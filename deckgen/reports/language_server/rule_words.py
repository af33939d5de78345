"""The words of rule files and deck.yaml, each with what there is to say of it: what completion and hover show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from msgspec import Struct

from deckgen.patterns.types import BUILT_IN
from deckgen.reports.json_schema import Subject, schema
from deckgen.reports.language_server.yaml_place import ITEM
from deckgen.rules.element_values import ELEMENT_VALUES, EVERYWHERE
from deckgen.rules.loading import language_types
from deckgen.rules.rule import NOTES
from deckgen.rules.shipped import read_shipped, shipped_languages, shipped_names

ELEMENTS: Mapping[str, str] = {
    "section": "a heading and everything up to the next of its level or higher",
    "heading": "the heading alone",
    "paragraph": "a paragraph",
    "line": "a line of a paragraph, heading, list item, quote or table cell",
    "sentence": "a sentence of a paragraph, list item, quote or table cell",
    "clause": "a part of a sentence between commas, colons, semicolons",
    "list_item": "an item's own text",
    "list": "a whole list",
    "definition": "`Term` and `: meaning` lines",
    "table": "a table",
    "table_row": "a body row of a table; a capture per column, by number or header: `{2}`, `{Meaning}`",
    "table_cell": "a body cell but the row's first",
    "code_block": "fenced or indented code",
    "quote": "a block quote",
    "callout": "`> [!kind] title`, `!!! kind`, `::: kind`, `<details>`",
    "image": "an image",
    "link": "a link, or a bare URL on its own line",
    "highlight": "a span that `marks:` finds",
    "entry": "a label with what stands behind it or below it",
    "labelled": "lines that begin with labels, such as `Q:` and `A:`",
    "tagged": "a line with a tag, and what belongs to it",
    "split": "what a separator cuts a section or a source into",
    "source": "the whole file",
}
TYPES: Mapping[str, str] = {
    "text": "anything; the default",
    "phrase": "text not past the clause: up to a comma, colon, semicolon, or a dash between words",
    "rest": "text not past the sentence",
    "quoted": "a quotation or title with its marks",
    "latin": "a run of words in the Latin script",
    "acronym": "`DLSS`, `TCP/IP`: 2 to 12 letters with two capitals",
    "cjk": "a run of Chinese characters",
    "number": "`1,024`, `12 %`, `三十万`",
    "year": "`1999`, `前221年`",
    "date": "a year, or more of a date",
    "word": "one word",
    "bold": "one span in bold",
    "italic": "one span in italics",
    "code": "one span of code",
    "link": "one link",
    "math": "one formula",
    "highlight": "one highlighted span",
    "strike": "one span that is struck out",
}
VALUES: Mapping[str, str] = {
    "before": "the block before",
    "after": "the block after",
    "title": "the title of the note",
    "path": "the path of the note",
    "headings": "the headings above, and the items that it stands below",
    "above": "the nearest heading above",
    "tags": "the tags of the note",
    "tag": "what stands below the tag that `when:` asks for",
}


class Word(Struct, frozen=True):
    """Something that may stand at a place."""

    label: str
    about: str = ""
    kind: str = "value"  # or key, type, capture, element, pack


def element_about(name: str) -> str:
    """What an element is, and what it offers."""
    offers = ", ".join(f"`{value}`" for value in ELEMENT_VALUES.get(name, ()))
    about = ELEMENTS.get(name, "")
    return f"{about}; offers {offers}" if offers else about


def elements() -> list[Word]:
    """All elements."""
    return [Word(name, element_about(name), "element") for name in ELEMENT_VALUES]


def types(own: Sequence[str] = (), language: str = "") -> list[Word]:
    """All types that a capture can have: the file's own, those of a language, the built-in ones."""
    found = [Word(name, "a type of this file", "type") for name in own]
    for spoken in [language] if language in shipped_languages() else shipped_languages():
        found.extend(Word(name, f"a type of the language `{spoken}`", "type") for name in language_types(spoken))
    found.extend(Word(name, TYPES.get(name, ""), "type") for name in BUILT_IN)
    return list({word.label: word for word in reversed(found)}.values())


def values_of(element_names: Sequence[str]) -> list[Word]:
    """What some elements offer to fields and conditions."""
    found = [Word(value, f"of `{name}`", "capture") for name in element_names for value in ELEMENT_VALUES.get(name, ())]
    return [*found, *(Word(name, VALUES[name], "capture") for name in EVERYWHERE)]


@cache
def packs() -> list[Word]:
    """The packs that come with deckgen, each with what its head says."""
    found = []
    for name in shipped_names():
        pack = read_shipped(name)
        text = pack.text if pack is not None else ""
        lines = [line for line in text.split("\n") if line.startswith(("about:", "#"))]
        about = lines[0].removeprefix("about:").lstrip("# ").strip() if lines else ""
        found.append(Word(name, about, "pack"))
    return found


@cache
def _schema(subject: Subject) -> dict[str, Any]:
    return schema(subject)


def keys_at(subject: Subject, path: Sequence[str]) -> list[Word]:
    """The keys that a mapping at a place may have."""
    found: dict[str, Word] = {}
    for node in _nodes(subject, path):
        for name, inner in node.get("properties", {}).items():
            found.setdefault(name, Word(name, _description(subject, inner), "key"))
    return list(found.values())


def choices_at(subject: Subject, path: Sequence[str]) -> list[Word]:
    """The values that a key may have, where there are only so many."""
    if subject == "rules" and path and path[-1] == "note":
        return [Word(name, "a kind of note") for name in NOTES]
    found: dict[str, Word] = {}
    for node in _nodes(subject, path):
        for value in node.get("enum", []):
            about = element_about(value) if value in ELEMENTS and path[-1:] in (("on",), (ITEM,)) else ""
            found.setdefault(value, Word(value, about))
        if node.get("type") == "boolean":
            found.update({value: Word(value) for value in ("true", "false")})
    return list(found.values())


def about_key(subject: Subject, path: Sequence[str]) -> str:
    """What a key is for."""
    return next((word.about for word in keys_at(subject, path[:-1]) if word.label == path[-1]), "") if path else ""


def _description(subject: Subject, node: Mapping[str, Any]) -> str:
    return str(node.get("description", "")) or next(
        (str(one["description"]) for one in _open(subject, node) if "description" in one), ""
    )


def _nodes(subject: Subject, path: Sequence[str]) -> list[Mapping[str, Any]]:
    """The shapes that a place may have."""
    nodes: list[Mapping[str, Any]] = [_schema(subject)]
    for step in path:
        following: list[Mapping[str, Any]] = []
        for node in (one for each in nodes for one in _open(subject, each)):
            if step == ITEM:
                following.extend([node["items"]] if isinstance(node.get("items"), dict) else [])
            elif step in node.get("properties", {}):
                following.append(node["properties"][step])
            elif isinstance(node.get("additionalProperties"), dict):
                following.append(node["additionalProperties"])
        nodes = following
    return [one for each in nodes for one in _open(subject, each)]


def _open(subject: Subject, node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A shape, and those that it stands for."""
    yield node
    if "$ref" in node:
        yield from _open(subject, _schema(subject)["$defs"][node["$ref"].rpartition("/")[2]])
    for inner in (*node.get("anyOf", ()), *node.get("oneOf", ())):
        yield from _open(subject, inner)
