"""The shapes that rule files and deck.yaml are checked against → JSON Schema, by which editors help to write them.

`card_rules/rules.schema.json` and `card_rules/deck.schema.json` are what this makes; `deckgen rules schema` prints it.
"""

from __future__ import annotations

import json
from typing import Any, Literal

import msgspec
from msgspec import UNSET, UnsetType

from deckgen.diagnostics import KINDS
from deckgen.diagnostics.lint_kinds import LINT_KINDS
from deckgen.project.config import SEVERITIES, ConfigText, NoteTypeText
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.schema import PackFile, RuleText, TypeText

Subject = Literal["rules", "deck"]
DIALECT = "https://json-schema.org/draft/2020-12/schema"


class WholePackFile(PackFile, forbid_unknown_fields=True, frozen=True):
    """A rule file with all that stands in it; it is read piece by piece, so that every mistake is reported."""

    types: dict[str, TypeText] | UnsetType = UNSET
    rules: list[RuleText] | UnsetType = UNSET


class WholeConfig(ConfigText, forbid_unknown_fields=True, frozen=True):
    """deck.yaml with all that stands in it."""

    note_types: dict[str, NoteTypeText] | UnsetType = UNSET


DESCRIPTIONS: dict[str, dict[str, str]] = {
    "Rule": {
        "id": "names the notes of the rule; its full name is <pack>/<id>",
        "about": "what the rule finds, in a line",
        "on": "the element that the rule looks at, or a list of elements",
        "match": "what the text must look like: '{term:name}的全称是{full}'; a mapping looks at several captures, "
        "a list is tried in order",
        "find": "as `match`, but looked for from every word on: a note of each place",
        "fields": "the fields of the note; {x} is a capture, [（{x}）] goes when x is empty",
        "note": "Basic, Reversed, Typed, Cloze, or a note type of deck.yaml",
        "when": "what must hold beside the pattern",
        "unless": "what must not hold",
        "key": "the captures that identify the note; by default those in its first field",
        "former": "identities by which the notes of the rule may be known in an older lock",
        "fronts": "`apart`: a heading or parent becomes part of a front that another note has with another answer",
        "confidence": "how often its notes are good ones: `sure`, `likely` or `maybe`; `explain` shows what adds to it",
        "identity": "what the rule's notes are known by; a renamed rule keeps its notes with its old <pack>/<id>",
        "tags": "tags of the notes; may use captures",
        "deck": "a tail below the project's deck; may use captures",
        "language": "for text in this language; all languages without it",
        "cloze": "the captures that a cloze note deletes",
        "numbering": "of cloze deletions: each, together, as-written, counted, placed or running",
        "verbatim": "captures keep the punctuation at their ends; by default where lines are read before Markdown is",
        "holds": "what an aside or a line of tags holds for on a line of its own: element, section, onward or file",
        "marks": "forms of marked spans, longest first: '==answer=='",
        "for_each": "a note per item of this list",
        "carry": "the capture that a sentence without a subject takes from the one before",
        "claims": "keeps later rules off what a note of this rule was made of",
        "regex": "a regular expression with named groups, on the Markdown as written",
        "labels": "of `labelled`: the words that begin its parts, `[Q, A]`, or expressions by name",
        "separator": "of `split`: the line that cuts; between slashes an expression",
        "of": "of `split`: what is cut, `section` or `source`",
        "until": "what ends `labelled` and `split`: blank, end, or a line",
        "between": "lines between which each stretch is read as a file of its own",
        "aside": "patterns that are taken out of the text first: a list, or lists by scope (`file`, `element`, …)",
        "hashtags": "makes `#tag` a tag of the note; `element`: a line of tags belongs to what stands above it; "
        "`at-end`: only tags at the end of a line count",
        "examples": "sources, and the notes that the rule makes of them; `deckgen rules test` runs them",
    },
    "Pack": {
        "pack": "the pack's name; by default its path below card_rules/, or the file's name",
        "about": "what the pack finds, in a line",
        "types": "types that captures can have, by name",
        "roles": "patterns of labels that say which side of something follows, such as `(cause|causes)$`",
        "remarks": "patterns of labels that are remarks: no note comes from them",
        "sequences": "patterns of labels that are places in a row, such as `week {:number}`",
        "clauses": "patterns of what is no label but a piece of a sentence",
        "generic": "patterns of headings that only say what kind of section this is, and so own nothing",
        "names": "patterns of labels that only look like clauses",
        "doubtful": "patterns of labels that may name nothing: what they make is a suggestion",
        "abbreviations": "patterns whose full stops end no sentence, such as `z. B.`",
        "skip": "words at the beginning of a text that patterns pass over, such as `In fact`",
        "separators": "what the tool lets its users choose, with the defaults; `<line>` in patterns is one of them",
        "anki": "where the tool writes the ids by which it knows its cards in Anki, for `deckgen adopt`",
        "schedule": "where the tool writes when its cards are due; cards that are new in Anki take it over",
        "signs": "an expression on lines that stand in notes for one tool alone, so that `init` can choose the pack",
        "expects": "the marks by which a tool means a card; one of which no note comes is reported",
        "refuses": "texts for which a tool makes nothing of a file",
        "rules": "the rules, in the order in which they count",
    },
    "Type": {
        "like": "the type that this one begins from",
        "length": "characters, inclusive: `1..30`",
        "not": "patterns that it may not be like",
        "but": "patterns that excuse it from those under `not`",
        "is": "patterns one of which it must be like",
        "regex": "a regular expression that it must match",
        "until": "patterns before which it ends at the latest",
        "phrase": "`noun`: it must be an English noun phrase; it is in small letters where other text comes before it; "
        "`verb`: it begins with an English verb, which has its base form where other text comes before it; "
        "`verbless`: no English sentence, but a noun and what tells it from others; `clause`: it has a verb of its own",
        "articles": "words such as `the` that stay in the capture, but not in the key",
    },
    "Condition": {
        "match": "patterns on the text, or on captures by name",
        "find": "patterns that stand somewhere in the text, or in captures by name",
        "under": "patterns on the headings above",
        "inside": "elements that it stands in",
        "path": "globs on the source's path",
        "tag": "tags of the note's front matter",
        "is": "what captures are: `{level: 2..3}`",
        "length": "characters as seen: `{body: 10..600}`",
        "prose": "the same without code, math, images and links",
        "initials": "`{short: long}`: the one is the other's initials",
        "known": "captures that stand out: in the headings, emphasised, Latin, or in brackets",
    },
    "Expectation": {
        "line": "the mark of a card: an expression on lines",
        "text": "what the tool refuses: an expression on the whole file",
        "says": "the reason that is shown; `{name}` is a group of an expression",
        "until": "the last line of what the mark begins",
        "block": "what must stand from the mark to that line",
        "unless": "what must not stand there",
        "after": "what must stand in a line above",
        "between": "whether only what stands between the lines of `between:` counts",
        "refuses": "whether nothing is made of a file in which it is not met",
    },
    "Schedule": {
        "line": "an expression on lines, with a group `cards`, in the card or right below",
        "card": "an expression on what it says of a card, with groups `due` (a date), `interval` (days) and `ease`",
        "between": "what stands between two cards",
        "unseen": "the date of a card that was never asked",
    },
    "OtherId": {
        "line": "an expression on lines, with a group `id`",
        "front_matter": "the key of a file that is a card",
        "stands": "before the card, or (`after`) in it or right below",
    },
    "Example": {
        "text": "a whole source",
        "notes": "the notes that the rule makes of it; [] for none",
        "settings": "what deck.yaml says: `{lists: cloze}`",
    },
    "Deck": {
        "deck": "the deck's name in Anki; `::` nests",
        "id": "what identities are derived from; never change it",
        "sources": "globs, relative to this file",
        "exclude": "globs of sources to leave out",
        "rules": "rule packs in order: names of shipped ones, paths of your own; by default chosen by language",
        "subdecks": "what names the subdeck of a note",
        "lists": "what a list becomes: a card, a note with a deletion for each item, or nothing",
        "vocabulary": "whether words of two languages are asked one way or both",
        "tags": "added to every note, beside the tags of front matter",
        "note_types": "your own note types, in Anki's terms",
        "html": "what to do with raw HTML in notes",
        "media": "folders in which pictures and sounds are looked for that do not stand beside the note",
        "css": "CSS that comes after that of the built-in note types",
        "tts": "languages whose questions and answers are read aloud, with the voice: `{en: en_US, zh: zh_CN}`",
        "encoding": "of the sources",
        "language": "of the notes in the Latin script, such as `de`, where their front matter does not say",
        "folders": "decks and tags of folders and of those below: `{Physics/Waves: {deck: Waves, tags: [physics]}}`",
        "separators": "separators of packs that are set otherwise: `{compat/flashcards-obsidian: {line: '=='}}`",
        "dialect": "how the editor of the notes writes Markdown: commonmark, obsidian or logseq",
        "breaks": "whether a single line break is one; by default as the editor has it",
        "lint": "the severity of each finding of `deckgen lint`",
        "confidence": "the least that goes into the deck: what is less sure is a suggestion",
    },
    "Folder": {
        "deck": "the deck of its notes, below the project's",
        "tags": "added to its notes, and to those of folders below",
    },
    "NoteType": {
        "fields": "its fields in order; a note without the first has no card",
        "templates": "its card templates",
        "css": "its styling",
        "cloze": "whether it makes cards of cloze deletions",
    },
    "Template": {"name": "of the card", "front": "HTML with {{Field}}", "back": "HTML with {{Field}}"},
}
_SHAPES = {
    "WholePackFile": ("Pack", "Rule"),
    "RuleText": ("Rule",),
    "TypeText": ("Type",),
    "ConditionText": ("Condition",),
    "ExampleText": ("Example",),
    "ExpectationText": ("Expectation",),
    "OtherIdText": ("OtherId",),
    "ScheduleText": ("Schedule",),
    "FolderText": ("Folder",),
    "WholeConfig": ("Deck",),
    "NoteTypeText": ("NoteType",),
    "TemplateText": ("Template",),
}


def schema(subject: Subject) -> dict[str, Any]:
    """The JSON Schema of rule files, or of deck.yaml."""
    shape = WholePackFile if subject == "rules" else WholeConfig
    _, definitions = msgspec.json.schema_components([shape], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        described = [DESCRIPTIONS[part] for part in _SHAPES.get(name, ())]
        for key, value in definition.get("properties", {}).items():
            definition["properties"][key] = _open(value)
            if text := next((part[key] for part in described if key in part), ""):
                definition["properties"][key]["description"] = text
        definition.pop("title", None)
        if not definition.get("required"):
            definition.pop("required", None)
    root = definitions.pop(shape.__name__)
    if subject == "rules":
        definitions["RuleText"]["required"] = ["id", "fields"]
        elements = {"enum": list(ELEMENT_VALUES)}
        for part in (root, definitions["RuleText"]):
            on = part["properties"]["on"]
            on["anyOf"] = [elements, {"type": "array", "items": elements, "minItems": 1}]
    else:
        severity_values = {"enum": list(SEVERITIES)}
        root["properties"]["lint"] |= {
            "properties": {name: {**severity_values, "description": KINDS[name].explanation} for name in LINT_KINDS},
            "additionalProperties": False,
        }
    title = "a rule file of deckgen" if subject == "rules" else "deck.yaml, a deck project of deckgen"
    return {"$schema": DIALECT, "title": title, **root, **({"$defs": definitions} if definitions else {})}


def format_schema(subject: Subject) -> str:
    """The same as the text of a file."""
    return json.dumps(schema(subject), ensure_ascii=False, indent=2) + "\n"


def _open(value: Any) -> Any:
    """Where deckgen reads text, YAML may also write a bare number: `1.10` stays as written."""
    if isinstance(value, dict):
        opened = {key: _open(inner) for key, inner in value.items() if key != "title"}
        return opened | ({"type": ["string", "number"]} if opened.get("type") == "string" else {})
    return [_open(inner) for inner in value] if isinstance(value, list) else value
