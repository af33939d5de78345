"""deck.yaml as text → what it says of a deck project, checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from msgspec import UNSET, Struct, UnsetType

from deckgen.deck_names import find_problem
from deckgen.diagnostics import Diagnostic, define
from deckgen.note_types import NoteType, find_problems, own_note_type
from deckgen.rules.rule import NOTES
from deckgen.yaml_reading import YamlNode, check_keys, read_shape, read_yaml

define(
    "error",
    unknown_encoding="`encoding:` in deck.yaml names an encoding that Python does not know.",
    bad_note_type="A note type of deck.yaml would be refused by Anki, or would show a blank card.",
)

Subdecks = Literal["none", "file", "folder", "heading"]


class TemplateText(Struct, forbid_unknown_fields=True, frozen=True):
    """A card template of an own note type."""

    name: str
    front: str
    back: str


class NoteTypeText(Struct, forbid_unknown_fields=True, frozen=True):
    """An own note type, in Anki's terms."""

    fields: list[str]
    templates: list[TemplateText]
    css: str = ""
    cloze: bool = False


class ConfigText(Struct, forbid_unknown_fields=True, frozen=True):
    """deck.yaml."""

    deck: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    sources: str | list[str] | UnsetType = UNSET
    exclude: str | list[str] | UnsetType = UNSET
    rules: str | list[str] | UnsetType = UNSET
    subdecks: Subdecks | UnsetType = UNSET
    tags: str | list[str] | UnsetType = UNSET
    note_types: dict[str, Any] | UnsetType = UNSET
    html: Literal["sanitize", "escape", "trust"] | UnsetType = UNSET
    encoding: str | UnsetType = UNSET


KEYS = ConfigText.__struct_encode_fields__


@dataclass(frozen=True, slots=True)
class Config:
    """What a deck project says of itself; the defaults where there is no deck.yaml."""

    deck: str = ""  # empty: named after the folder, or the file's title
    id: str = ""
    sources: tuple[str, ...] = ("**/*.md",)
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] | None = None  # None: chosen by the language of the notes
    subdecks: Subdecks = "none"
    tags: tuple[str, ...] = ()
    note_types: Mapping[str, NoteType] = field(default_factory=dict)
    html: Literal["sanitize", "escape", "trust"] = "sanitize"
    encoding: str = "utf-8"


def parse_config(text: str, path: str) -> tuple[Config, YamlNode | None, list[Diagnostic]]:
    """What a deck.yaml says; the node leads from a value back to its place."""
    node, diagnostics = read_yaml(text, path)
    if node is None or diagnostics:
        return Config(), node, diagnostics

    def tell(kind: str, message: str, where: tuple[str | int, ...], hint: str = "") -> None:
        span = node.span(*where)
        diagnostics.append(Diagnostic(kind, message, span, hint, node.line_text(span.line)))

    value = {} if node.value is None else node.value
    if not isinstance(value, dict):
        tell("wrong-type", "deck.yaml is a mapping", (), "its first line could be `deck: My deck`")
        return Config(), node, diagnostics
    check_keys(node, (), KEYS, diagnostics)
    read: dict[str, Any] = {}
    for key in KEYS:  # one by one, so that each mistake is told
        if key in value:
            part = read_shape(node, {key: value[key]}, ConfigText, (), diagnostics)
            if part is not None:
                read[key] = getattr(part, key)
    if "deck" in read and (problem := find_problem(read["deck"])):
        tell("bad-deck-name", problem, ("deck",), "`::` nests decks: `Languages::German`")
    if "encoding" in read and not _is_encoding(read["encoding"]):
        tell("unknown-encoding", f"there is no encoding `{read['encoding']}`", ("encoding",), "for example utf-8, gb18030, utf-16 or latin-1")
        del read["encoding"]
    if "id" in read and not read["id"].strip():
        tell("bad-value", "the id is empty", ("id",), "identities are derived from it: any short text, never to be changed")
    identity = read.get("id", "") or read.get("deck", "")
    note_types = _note_types(node, read.get("note_types", {}), identity, diagnostics)
    lists = {key: _listed(read[key]) for key in ("sources", "exclude", "rules", "tags") if key in read}
    config = Config(
        deck=read.get("deck", ""),
        id=identity,
        sources=lists.get("sources", ("**/*.md",)),
        exclude=lists.get("exclude", ()),
        rules=lists.get("rules"),
        subdecks=read.get("subdecks", "none"),
        tags=lists.get("tags", ()),
        note_types=note_types,
        html=read.get("html", "sanitize"),
        encoding=read.get("encoding", "utf-8"),
    )
    return config, node, diagnostics


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _is_encoding(name: str) -> bool:
    import codecs

    try:
        return codecs.lookup(name)._is_text_encoding  # type: ignore[attr-defined]  # no other way to tell rot13 from a charset
    except LookupError:
        return False


def _note_types(node: YamlNode, texts: Mapping[str, Any], project: str, diagnostics: list[Diagnostic]) -> dict[str, NoteType]:
    found: dict[str, NoteType] = {}
    for name, value in texts.items():
        path = ("note_types", name)
        if name in NOTES:
            span = node.key_span(*path)
            diagnostics.append(Diagnostic("bad-note-type", f"`{name}` is the name of a built-in kind of note", span, "give it another name", node.line_text(span.line)))
            continue
        before = len(diagnostics)
        if isinstance(value, dict):
            check_keys(node, path, NoteTypeText.__struct_encode_fields__, diagnostics)
        if len(diagnostics) > before:
            continue
        text = read_shape(node, value, NoteTypeText, path, diagnostics)
        if text is None:
            continue
        note_type = own_note_type(project, name, text.fields, [(t.name, t.front, t.back) for t in text.templates], text.css, text.cloze)
        for problem in find_problems(note_type):
            span = node.span(*path, *problem.where)
            diagnostics.append(Diagnostic("bad-note-type", problem.message, span, problem.hint, node.line_text(span.line)))
        found[name] = note_type
    return found


