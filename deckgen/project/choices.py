"""deck.choices.yaml as text → what the learner decided about notes, checked.

The file lies beside the lock and is made for people and for git: a list with one line for each decision, each complete
by itself, so that `merge=union` keeps those of both branches. A question stands above its decision as a comment.

    # What does DLSS stand for?
    - {note: abcdefghijklmnop, skip: true, of: 1f3a9c5d7e2b4a60, text: "DLSS stands for …"}
    - {note: bcdefghijklmnopq, keep: true}
    - {note: cdefghijklmnopqr, fields: {Back: "my own words"}, of: 90ab12cd34ef5678}
    - {rule: en/facts/stands-for, path: "notes/drafts/**"}
    - {same: [defghijklmnopqrs, efghijklmnopqrst]}
    - {another: [defghijklmnopqrs, fghijklmnopqrstu]}

| decision | says |
| --- | --- |
| `skip` | the note is in no package and not pushed; it holds while the fact does, also reworded or moved |
| `keep` | a suggestion is taken: the note is in the deck whatever its confidence |
| `fields` | the learner's wording, by the names of fields; `{html: …}` where it is HTML instead of Markdown |
| `of` | what the note was made of at that time: finds it where its GUID is lost, and tells that its source changed |
| `rule`, `path` | never this rule in these sources |
| `same`, `another` | OLD and NEW of a near miss are one note, or two |
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.diagnostics.shapes import check_keys
from deckgen.diagnostics.yaml import YamlNode, read_yaml
from deckgen.identity.normal_form import digest
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.project.choices_lines import WrittenLines, read_lines
from deckgen.project.globs import glob_expression

CHOICES_SUFFIX = ".choices.yaml"
CHOICES_LIMIT = 16 * 1024 * 1024
"""Bytes: more than a hundred thousand decisions."""
_NODES = 1_000_000
_NOTE_KEYS = ("note", "skip", "keep", "fields", "of", "text")
_RULE_KEYS = ("rule", "path")
_PAIR_KEYS = ("same", "another")
_GUID = lazy_regex(r"\S{1,500}")
_MARKER = lazy_regex(r"(?:<{7}|\|{7}|={7}|>{7})(?: |$)")

define(
    "error",
    choices_conflict="deck.choices.yaml has the markers of a merge conflict.",
    bad_choice="A decision in deck.choices.yaml is not one that deckgen knows.",
)
define(
    "warning",
    choices_differ="Two lines of deck.choices.yaml decide one thing differently, mostly because two branches were "
    "merged. A skip holds before anything else, and of two wordings the lower one.",
)


class Wording(Struct, frozen=True):
    """What the learner wants to read in a field."""

    text: str
    is_html: bool = False


class NoteChoice(Struct, frozen=True):
    """What was decided about one note."""

    guid: str
    is_skipped: bool = False
    is_kept: bool = False
    fields: tuple[tuple[str, Wording], ...] = ()
    of: str = ""  # `choice_digest` of what the note was made of
    text: str = ""  # an excerpt of that, for people

    @property
    def is_empty(self) -> bool:
        """Whether nothing was decided."""
        return not (self.is_skipped or self.is_kept or self.fields)


class RuleChoice(Struct, frozen=True):
    """A rule, by its name or its pack's, that makes no notes in some sources."""

    rule: str
    path: str  # a glob

    def is_about(self, path: str) -> bool:
        """Whether it is about a source."""
        return glob_expression(self.path).match(path) is not None

    def holds(self, rule: str, path: str) -> bool:
        """Whether a rule makes no notes in a source."""
        return (self.rule in ("*", rule) or rule.startswith(self.rule + "/")) and self.is_about(path)


class Choices(Struct, frozen=True):
    """All that was decided."""

    notes: Mapping[str, NoteChoice] = field(default_factory=dict)  # by GUID
    rules: tuple[RuleChoice, ...] = ()
    same: tuple[tuple[str, str], ...] = ()  # GUIDs: old and new
    another: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.notes or self.rules or self.same or self.another)

    def is_rule_off(self, rule: str, path: str) -> bool:
        """Whether a rule makes no notes in a source."""
        return any(choice.holds(rule, path) for choice in self.rules)


NO_CHOICES = Choices()


def choices_path(lock_path: Path) -> Path:
    """The file that belongs to a lock: deck.choices.yaml beside deck.lock."""
    return lock_path.with_name(lock_path.name.removesuffix(".lock") + CHOICES_SUFFIX)


def choice_digest(question: str, text_digest: str) -> str:
    """What a note was made of, by the normal form of its question (as the lock has it) and the digest of its text."""
    return digest(f"{question}\n{text_digest}")[:16]


def parse_choices(text: str, path: str) -> tuple[Choices, list[Diagnostic]]:
    """What a file says, and everything that is wrong with it. Nothing of a broken one may be used."""
    for number, line in enumerate(text.split("\n"), 1):
        if _MARKER.match(line):
            hint = "delete the marker lines (<<<<<<<, =======, >>>>>>>) and keep the lines of both sides"
            hint += "\na line `deck.choices.yaml merge=union` in .gitattributes makes git do so by itself"
            message = "merge conflict in the decisions"
            return NO_CHOICES, [Diagnostic("choices-conflict", message, Span(path, number), hint, line)]
    if (written := read_lines(text, path)) is not None:
        quick = _Reader(written, [])
        for index in range(len(written.value)):
            quick.read(index)
        if not quick.diagnostics:
            return quick.choices(), []
    node, diagnostics = read_yaml(text, path, most=_NODES)
    if node is None:
        return NO_CHOICES, diagnostics
    if node.value is None:
        return NO_CHOICES, diagnostics
    if not isinstance(node.value, list):
        span = node.span()
        hint = "a line could be `- {note: abcdefghijklmnop, skip: true}`"
        found = Diagnostic("wrong-type", "decisions are a list", span, hint, node.line_text(span.line))
        return NO_CHOICES, [*diagnostics, found]
    reader = _Reader(node, diagnostics)
    for index in range(len(node.value)):
        reader.read(index)
    return reader.choices(), diagnostics


class _Reader:
    def __init__(self, node: YamlNode | WrittenLines, diagnostics: list[Diagnostic]) -> None:
        self.node, self.diagnostics = node, diagnostics
        self.notes: dict[str, NoteChoice] = {}
        self.rules: list[RuleChoice] = []
        self.pairs: dict[str, list[tuple[str, str]]] = {name: [] for name in _PAIR_KEYS}

    def choices(self) -> Choices:
        return Choices(
            self.notes,
            tuple(dict.fromkeys(self.rules)),
            tuple(dict.fromkeys(self.pairs["same"])),
            tuple(dict.fromkeys(self.pairs["another"])),
        )

    def report(self, kind: str, message: str, where: Sequence[str | int], hint: str = "") -> None:
        span = self.node.span(*where)
        self.diagnostics.append(Diagnostic(kind, message, span, hint, self.node.line_text(span.line)))

    def read(self, index: int) -> None:
        """One decision."""
        value = self.node.value[index]
        if not isinstance(value, dict):
            self.report("wrong-type", "a decision is a mapping", (index,), "such as `{note: GUID, skip: true}`")
        elif "note" in value:
            self.read_note(index, value)
        elif "rule" in value or "path" in value:
            self.read_rule(index, value)
        elif pair := next((name for name in _PAIR_KEYS if name in value), None):
            self.read_pair(index, value, pair)
        else:
            check_keys(self.node, (index,), (*_NOTE_KEYS, *_RULE_KEYS, *_PAIR_KEYS), self.diagnostics)
            hint = "`note:` with `skip`, `keep` or `fields`; `rule:` with `path`; `same:` or `another:` with two GUIDs"
            self.report("bad-choice", "this line does not say what it is about", (index,), hint)

    def known_keys(self, index: int, keys: Iterable[str]) -> bool:
        before = len(self.diagnostics)
        check_keys(self.node, (index,), keys, self.diagnostics)
        return len(self.diagnostics) == before

    def text(self, index: int, value: Mapping[str, Any], key: str, default: str | None = None) -> str | None:
        found = value.get(key, default)
        if not isinstance(found, str) or (key != "text" and found is not default and not found.strip()):
            self.report("wrong-type", f"`{key}` is a text", (index, key) if key in value else (index,))
            return None
        return found

    def truth(self, index: int, value: Mapping[str, Any], key: str) -> bool:
        found = value.get(key, False)
        if not isinstance(found, bool):
            self.report("wrong-type", f"`{key}` is true or false", (index, key))
            return False
        return found

    def read_note(self, index: int, value: Mapping[str, Any]) -> None:
        if not self.known_keys(index, _NOTE_KEYS):
            return
        guid = self.text(index, value, "note")
        of, text = self.text(index, value, "of", ""), self.text(index, value, "text", "")
        fields = self.fields(index, value)
        if guid is None or of is None or text is None or fields is None:
            return
        if not _GUID.fullmatch(guid):
            self.report("bad-choice", f"`{guid}` is no GUID", (index, "note"), "`deckgen list --json` shows them")
            return
        skip, keep = self.truth(index, value, "skip"), self.truth(index, value, "keep")
        self.add(index, NoteChoice(guid, skip, keep, fields, of, text))

    def fields(self, index: int, value: Mapping[str, Any]) -> tuple[tuple[str, Wording], ...] | None:
        fields = value.get("fields", {})
        if not isinstance(fields, dict):
            self.report("wrong-type", "`fields` is a mapping", (index, "fields"), "such as `{Back: my own words}`")
            return None
        found: list[tuple[str, Wording]] = []
        for name, wording in fields.items():
            if isinstance(wording, str):
                found.append((name, Wording(wording)))
            elif isinstance(wording, dict) and list(wording) == ["html"] and isinstance(wording["html"], str):
                found.append((name, Wording(wording["html"], is_html=True)))
            else:
                hint = "Markdown as a text; or `{html: …}`"
                self.report("wrong-type", f"`{name}` is a text", (index, "fields", name), hint)
                return None
        return tuple(found)

    def add(self, index: int, choice: NoteChoice) -> None:
        """A decision beside those about the same note that stand above it."""
        before = self.notes.get(choice.guid)
        if before is not None:
            if (before.is_skipped and choice.is_kept) or (before.is_kept and choice.is_skipped):
                self.tell_difference(index, choice.guid, "is skipped on one line and kept on another: it is skipped")
            words = dict(before.fields)
            if any(words.get(name, wording) != wording for name, wording in choice.fields):
                self.tell_difference(index, choice.guid, "has two wordings: this one holds")
            choice = replace(
                choice,
                is_skipped=before.is_skipped or choice.is_skipped,
                is_kept=before.is_kept or choice.is_kept,
                fields=tuple({**words, **dict(choice.fields)}.items()),
                of=choice.of or before.of,
                text=choice.text or before.text,
            )
        self.notes[choice.guid] = choice

    def tell_difference(self, index: int, guid: str, what: str) -> None:
        span = self.node.span(index, "note")
        hint = "delete the line that you do not mean"
        message = f"the note {guid} {what}"
        self.diagnostics.append(Diagnostic("choices-differ", message, span, hint, self.node.line_text(span.line)))

    def read_rule(self, index: int, value: Mapping[str, Any]) -> None:
        if not self.known_keys(index, _RULE_KEYS):
            return
        rule, path = self.text(index, value, "rule"), self.text(index, value, "path", "**")
        if rule is not None and path is not None:
            self.rules.append(RuleChoice(rule, path))

    def read_pair(self, index: int, value: Mapping[str, Any], name: str) -> None:
        if not self.known_keys(index, (name,)):
            return
        pair = value[name]
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(one, str) and one for one in pair):
            hint = f"the old note, then the new one: `{name}: [GUID, GUID]`"
            self.report("wrong-type", f"`{name}` is a list of two GUIDs", (index, name), hint)
            return
        old, new = pair
        others = self.pairs["another" if name == "same" else "same"]
        if (old, new) in others:
            span = self.node.span(index, name)
            message = f"{old} and {new} are the same note on one line and two on another: they are two"
            line = self.node.line_text(span.line)
            self.diagnostics.append(Diagnostic("choices-differ", message, span, "delete one of the lines", line))
            self.pairs["same"] = [one for one in self.pairs["same"] if one != (old, new)]
            if name == "same":
                return
        self.pairs[name].append((old, new))
