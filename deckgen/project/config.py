"""deck.yaml as text → what it says of a deck project, checked."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal, get_args

from msgspec import UNSET, Struct, UnsetType, field
from msgspec import field as struct_field

from deckgen.diagnostics import Diagnostic, define
from deckgen.diagnostics.lint_kinds import LINT_KINDS, LintSeverity
from deckgen.diagnostics.shapes import check_keys, read_shape
from deckgen.diagnostics.yaml import YamlNode, nearest, read_yaml
from deckgen.markdown.dialects import COMMONMARK, DIALECTS, PLAIN, Dialect
from deckgen.model import CONFIDENCES, Confidence
from deckgen.project.deck_names import find_problem
from deckgen.rendering.note_types import BUILT_IN, NoteType, find_problems, own_note_type, with_css
from deckgen.rules.separators import LONGEST

define(
    "error",
    unknown_encoding="`encoding:` in deck.yaml names an encoding that Python does not know.",
    bad_note_type="Anki would refuse a note type of deck.yaml, or show a blank card.",
)

Subdecks = Literal["none", "file", "folder", "heading"]
Html = Literal["sanitize", "escape", "trust"]
Lists = Literal["card", "cloze", "off"]
Vocabulary = Literal["one", "both"]
SEVERITIES: tuple[LintSeverity, ...] = get_args(LintSeverity)
CHOICES = {
    "subdecks": get_args(Subdecks),
    "html": get_args(Html),
    "confidence": CONFIDENCES,
    "dialect": DIALECTS,
    "lists": get_args(Lists),
    "vocabulary": get_args(Vocabulary),
}


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


class FolderText(Struct, forbid_unknown_fields=True, frozen=True):
    """What holds for the notes of a folder."""

    deck: str = ""
    tags: str | list[str] = struct_field(default_factory=list)


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
    lists: Lists | UnsetType = UNSET
    vocabulary: Vocabulary | UnsetType = UNSET
    html: Html | UnsetType = UNSET
    media: str | list[str] | UnsetType = UNSET
    css: str | UnsetType = UNSET
    tts: dict[str, str] | UnsetType = UNSET
    encoding: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    folders: dict[str, FolderText] | UnsetType = UNSET
    separators: dict[str, dict[str, str]] | UnsetType = UNSET
    dialect: Literal["commonmark", "obsidian", "logseq"] | UnsetType = UNSET
    breaks: bool | UnsetType = UNSET
    lint: dict[str, str] | UnsetType = UNSET
    confidence: Confidence | UnsetType = UNSET


KEYS = ConfigText.__struct_encode_fields__


class Config(Struct, frozen=True):
    """What a deck project says of itself; the defaults where there is no deck.yaml."""

    deck: str = ""  # empty: named after the folder, or the file's title
    id: str = ""  # empty: the lock knows, or the deck's name it is
    sources: tuple[str, ...] = ("**/*.md",)
    exclude: tuple[str, ...] = ()
    rules: tuple[str, ...] | None = None  # None: chosen by the language of the notes
    subdecks: Subdecks = "none"
    tags: tuple[str, ...] = ()
    note_types: Mapping[str, NoteTypeText] = field(default_factory=dict)
    lists: Lists = "card"
    vocabulary: Vocabulary = "one"
    html: Html = "sanitize"
    media: tuple[str, ...] = ()  # folders in which pictures are looked for, beside the note's own
    css: str = ""  # comes after that of the built-in note types
    tts: Mapping[str, str] = field(default_factory=dict)  # language of a text → Anki's name of the voice's language
    encoding: str = "utf-8"
    language: str = ""  # of the notes in the Latin script, where their front matter does not say
    folders: Mapping[str, tuple[str, tuple[str, ...]]] = field(default_factory=dict)  # deck and tags, by their paths
    separators: Mapping[str, Mapping[str, str]] = field(default_factory=dict)  # of packs, by their names
    dialect: Dialect = PLAIN
    breaks: bool | None = None  # whether a single line break is one; None: as the editor has it
    lint: Mapping[str, LintSeverity] = field(default_factory=dict)  # of findings that the project sees otherwise
    confidence: Confidence = "likely"  # the least that a note needs to be in the deck

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Globs of files that are no sources: those that deck.yaml excludes, and the templates of an editor."""
        return (*self.exclude, *self.dialect.excluded)

    @property
    def field_names(self) -> dict[str, tuple[str, ...]]:
        """The fields of the own note types."""
        return {name: tuple(text.fields) for name, text in self.note_types.items()}


def own_note_types(config: Config, project: str) -> dict[str, NoteType]:
    """The own note types as Anki gets them; their ids are derived from what the lock calls the project.

    With `css:` the built-in ones are among them, by their names in Anki.
    """
    own = {name: _note_type(project, name, text) for name, text in config.note_types.items()}
    return own | (with_css(config.css) if config.css.strip() else {})


def _note_type(project: str, name: str, text: NoteTypeText) -> NoteType:
    templates = [(t.name, t.front, t.back) for t in text.templates]
    return own_note_type(project, name, text.fields, templates, text.css, text.cloze)


class ReadConfig(Struct, frozen=True):
    """A deck.yaml as read. Its sources are unknown where the keys that name them are wrong."""

    config: Config
    node: YamlNode | None  # leads from a value back to its place
    has_sources: bool


def parse_config(text: str, path: str) -> tuple[ReadConfig, list[Diagnostic]]:
    """What a deck.yaml says, and everything that is wrong with it."""
    node, diagnostics = read_yaml(text, path)
    if node is None:
        return ReadConfig(Config(), node, has_sources=False), diagnostics

    def report(kind: str, message: str, where: tuple[str | int, ...], hint: str = "") -> None:
        span = node.span(*where)
        diagnostics.append(Diagnostic(kind, message, span, hint, node.line_text(span.line)))

    value = {} if node.value is None else node.value
    if not isinstance(value, dict):
        report("wrong-type", "deck.yaml is a mapping", (), "its first line could be `deck: My deck`")
        return ReadConfig(Config(), node, has_sources=False), diagnostics
    check_keys(node, (), KEYS, diagnostics)
    read: dict[str, Any] = {}
    for key in KEYS:  # one by one, so that each mistake is reported
        if key in CHOICES and isinstance(value.get(key), str) and value[key] not in CHOICES[key]:
            report("bad-value", f"`{key}` is never `{value[key]}`", (key,), nearest(value[key], CHOICES[key]))
        elif key in value:
            part = read_shape(node, {key: value[key]}, ConfigText, (), diagnostics)
            if part is not None:
                read[key] = getattr(part, key)
    _check_values(read, report)
    lists: dict[str, tuple[str, ...]] = {
        key: _listed(read[key]) for key in ("sources", "exclude", "rules", "tags", "media") if key in read
    }
    for key in ("sources", "exclude", "media"):
        for index, glob in enumerate(lists.get(key, ())):
            if glob.startswith("/") or ".." in glob.split("/"):
                hint = _INSIDE if key != "media" else "folders are relative to deck.yaml: `notes/images`"
                report("bad-value", f"`{glob}` leads out of the project", (key, index), hint)
    config = Config(
        deck=read.get("deck", ""),
        id=read.get("id", ""),
        sources=lists.get("sources", ("**/*.md",)),
        exclude=lists.get("exclude", ()),
        rules=lists.get("rules"),
        subdecks=read.get("subdecks", "none"),
        tags=lists.get("tags", ()),
        note_types=_note_types(node, read.get("note_types", {}), diagnostics),
        lists=read.get("lists", "card"),
        vocabulary=read.get("vocabulary", "one"),
        html=read.get("html", "sanitize"),
        media=lists.get("media", ()),
        css=read.get("css", ""),
        tts=read.get("tts", {}),
        encoding=read.get("encoding", "utf-8"),
        language=read.get("language", ""),
        confidence=read.get("confidence", "likely"),
        folders={path.strip("/"): (text.deck, _listed(text.tags)) for path, text in read.get("folders", {}).items()},
        separators=read.get("separators", {}),
        dialect=Dialect(read.get("dialect", COMMONMARK)),
        breaks=read.get("breaks"),
        lint=_severities(read.get("lint", {}), report),
    )
    has_sources = not any(key in value and key not in read for key in ("sources", "exclude", "encoding"))
    return ReadConfig(config, node, has_sources), diagnostics


_INSIDE = "patterns are relative to deck.yaml: `notes/**/*.md`"


def _check_values(read: dict[str, Any], report: Callable[[str, str, tuple[str | int, ...], str], None]) -> None:
    """Values of the right type that mean nothing; what cannot be used is taken out of `read`."""
    if "deck" in read and (problem := find_problem(read["deck"])):
        report("bad-deck-name", problem, ("deck",), "`::` nests decks: `Languages::German`")
    if "encoding" in read and not _is_encoding(read["encoding"]):
        message = f"there is no encoding `{read['encoding']}`"
        report("unknown-encoding", message, ("encoding",), "for example utf-8, gb18030, utf-16 or latin-1")
        del read["encoding"]
    if "language" in read and not re.fullmatch(r"[a-z]{2,3}", read["language"]):
        report("bad-value", f"`{read['language']}` is no language", ("language",), "two letters, such as `de`")
        del read["language"]
    if "id" in read and not read["id"].strip():
        hint = "identities are derived from it: any short text, never to be changed"
        report("bad-value", "the id is empty", ("id",), hint)
    for path, folder in read.get("folders", {}).items():
        if folder.deck and (problem := find_problem(folder.deck)):
            report(
                "bad-deck-name", problem, ("folders", path, "deck"), "it stands below the project's: `Physics::Waves`"
            )
    for pack, separators in read.get("separators", {}).items():
        for name, text in separators.items():
            if not text.strip() or "\n" in text or len(text) > LONGEST:
                hint = f"up to {LONGEST} characters on one line"
                report("bad-value", f"`{text[:30]}` separates nothing", ("separators", pack, name), hint)
    for language, voice in read.get("tts", {}).items():
        if not re.fullmatch(r"[a-z]{2,3}", language):
            report("bad-value", f"`{language}` is no language", ("tts", language), "two letters, such as `en`")
        elif not re.fullmatch(r"[a-z]{2,3}_[A-Za-z0-9]{2,8}", voice):
            hint = "language and country as Anki has them: `en_US`, `zh_CN`, `de_DE`"
            report("bad-value", f"`{voice}` is no voice", ("tts", language), hint)
    if "</style" in read.get("css", "").lower():
        report("bad-value", "`css` ends the style that it stands in", ("css",), "take `</style` out of it")


def _severities(
    values: Mapping[str, str], report: Callable[[str, str, tuple[str | int, ...], str], None]
) -> dict[str, LintSeverity]:
    """How grave the project holds the findings of `deckgen lint`."""
    found: dict[str, LintSeverity] = {}
    for name, value in values.items():
        if name not in LINT_KINDS:
            report("unknown-key", f"`lint` finds no `{name}`", ("lint", name), nearest(name, LINT_KINDS))
        elif value not in SEVERITIES:
            report("bad-value", f"`{name}` is never `{value}`", ("lint", name), nearest(value, SEVERITIES))
        else:
            found[name] = value
    return found


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)


def _is_encoding(name: str) -> bool:
    try:
        codec = codecs.lookup(name)
    except (LookupError, ValueError):  # ValueError: a NUL in the name
        return False
    # There is no other way to tell rot13 from a charset.
    return bool(getattr(codec, "_is_text_encoding", True))


def _note_types(node: YamlNode, texts: Mapping[str, Any], diagnostics: list[Diagnostic]) -> dict[str, NoteTypeText]:
    found: dict[str, NoteTypeText] = {}
    for name, value in texts.items():
        path = ("note_types", name)
        if name in BUILT_IN:
            span = node.key_span(*path)
            message = f"`{name}` is the name of a built-in kind of note"
            line = node.line_text(span.line)
            diagnostics.append(Diagnostic("bad-note-type", message, span, "give it another name", line))
            continue
        before = len(diagnostics)
        if isinstance(value, dict):
            check_keys(node, path, NoteTypeText.__struct_encode_fields__, diagnostics)
        if len(diagnostics) > before:
            continue
        text = read_shape(node, value, NoteTypeText, path, diagnostics)
        if text is None:
            continue
        for problem in find_problems(_note_type("", name, text)):
            span = node.span(*path, *problem.where)
            line = node.line_text(span.line)
            diagnostics.append(Diagnostic("bad-note-type", problem.message, span, problem.hint, line))
        found[name] = text
    return found
