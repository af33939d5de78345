"""One rule of a file → a checked rule."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, UnsetType, field

from deckgen.diagnostics.yaml import nearest
from deckgen.model import CONFIDENCES, Confidence
from deckgen.patterns.regex import Regex, compile_regex
from deckgen.patterns.types import CaptureType
from deckgen.rules import conditions as c
from deckgen.rules.condition_reading import Alternatives, read_conditions
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.expectations import Expectation, OtherIds, Schedules
from deckgen.rules.label_words import NO_WORDS, LabelWords
from deckgen.rules.names import Names
from deckgen.rules.regexes import RE2
from deckgen.rules.rule import NOTES, Alternative, Example, Rule
from deckgen.rules.rule_file import Path, RuleFile, listed
from deckgen.rules.schema import ConditionText, RuleText, SharedText
from deckgen.rules.setting_reading import Settings, asked_tags, read_settings
from deckgen.rules.templates import Template

BESIDE_FIELDS = ("tags", "deck", "key")
"""What an example may say of a note beside its fields."""
FIELDS = {"Basic": ("Front", "Back", "Extra"), "Cloze": ("Text", "Back", "Extra")}


class Pack(Struct):
    """A pack while its rules are read."""

    name: str
    own_note_types: Mapping[str, tuple[str, ...]]
    order: int  # of its first rule among all
    about: str = ""
    defaults: SharedText = field(default_factory=SharedText)
    types: Mapping[str, CaptureType] = field(default_factory=dict)
    skip: re.Pattern[str] | None = None
    abbreviations: tuple[str, str] | None = None  # its language, and an expression that finds them
    label_words: LabelWords = NO_WORDS
    mark_tags: tuple[str, ...] = ()  # that any of its rules asks for
    rules: list[Rule] = field(default_factory=list)
    expectations: tuple[Expectation, ...] = ()
    signs: Regex | None = None
    other_ids: OtherIds | None = None
    schedules: Schedules | None = None
    outline: str = ""  # a digest of it without the templates of its rules
    shared: dict[tuple[str, Names], Alternatives] = field(default_factory=dict)  # the pack's own conditions


def read_rule(pack: Pack, file: RuleFile, text: RuleText, index: int) -> Rule | None:
    """One checked rule; None where it is wrong."""
    types = file.types
    if not isinstance(text.language, UnsetType):
        file.types = file.types_of(text.language)
    try:
        return _RuleReader(pack, file, text, ("rules", index)).read(index)
    finally:
        file.types = types


EXAMPLE_SETTINGS = {"lists": ("card", "cloze", "off"), "vocabulary": ("one", "both")}
"""What an example may say of deck.yaml."""


class _RuleReader:
    def __init__(self, pack: Pack, file: RuleFile, text: RuleText, path: Path) -> None:
        self.pack, self.file, self.text, self.path = pack, file, text, path
        self.names = Names(())
        file.presumed.clear()

    def setting(self, key: str) -> tuple[Any, Path]:
        """A key of the rule, or of the pack where the rule does not say, and its place; None for neither."""
        value = getattr(self.text, key)
        if not isinstance(value, UnsetType):
            return value, (*self.path, key)
        value = getattr(self.pack.defaults, key)
        return (None if isinstance(value, UnsetType) else value), (key,)

    def read(self, index: int) -> Rule | None:
        text, file, path = self.text, self.file, self.path
        elements = self.elements()
        if not elements:
            return None
        settings = read_settings(file, text, self.pack.defaults, path, elements)
        self.names = Names(elements, added=settings.names)
        alternatives = self.alternatives(is_verbatim=settings.is_verbatim)
        captured = [name for alternative in alternatives for name in alternative.names]
        self.carry(settings, alternatives, elements)
        self.names = self.names.with_captured([*captured, *settings.carry])
        note = str(self.setting("note")[0] or "Basic")
        fields = self.fields(note)
        settings.check_note(file, text, self.names, path, note)
        deck, deck_path = self.setting("deck")
        own = f"{self.pack.name}/{text.id}"
        return Rule(
            name=own,
            about=text.about or "",
            identity=str(self.setting("identity")[0] or own),
            former=tuple(self.setting("former")[0] or ()),
            is_apart=self.is_apart(),
            order=self.pack.order + index,
            elements=elements,
            selectors=settings.selectors,
            preprocessing=settings.preprocessing,
            language=str(self.setting("language")[0] or ""),
            alternatives=alternatives,
            finds=bool(text.find or text.regex),
            carry=settings.carry,
            for_each=settings.for_each,
            fields=fields,
            note=note,
            cloze=settings.cloze,
            marks=settings.deleted_marks,
            numbering=settings.numbering,
            key=self.key(fields, settings),
            tags=self.tags(),
            tag_lists=self.tags("each"),
            asked_tags=asked_tags(self.text, self.pack.defaults),
            mark_tags=self.pack.mark_tags,
            deck=file.template(deck, deck_path, self.names) if deck else None,
            when=self.both("when"),
            unless=self.both("unless"),
            claims=bool(self.setting("claims")[0]),
            confidence=self.confidence(),
            skip=self.pack.skip,
            articles=self.article_types(alternatives),
            examples=self.examples(),
            span=file.node.span(*path),
        )

    def confidence(self) -> Confidence:
        """How sure its author is of the rule."""
        value, path = self.setting("confidence")
        if value is not None and value not in CONFIDENCES:
            hint = nearest(value, CONFIDENCES)
            self.file.report("bad-value", f"`confidence` is not `{value}`", path, hint=hint)
        return value if value in CONFIDENCES else "likely"

    def is_apart(self) -> bool:
        """Whether fronts of the rule must tell its notes apart: `fronts: apart`."""
        value, path = self.setting("fronts")
        if value not in (None, "apart", "as-written"):
            self.file.report(
                "bad-value", f"`fronts` is not `{value}`", path, hint=nearest(value, ("apart", "as-written"))
            )
        return bool(value == "apart")

    def elements(self) -> tuple[str, ...]:
        """The elements that the rule looks at; none where something is wrong with them or the id."""
        text, file, path = self.text, self.file, self.path
        begun = len(file.diagnostics)
        if not text.id:
            file.report(
                "missing-key", "a rule needs an `id`", path, hint="it names the notes of the rule: `id: full-name`"
            )
            return ()
        if not re.fullmatch(r"[\w.-]+", text.id):
            file.report("bad-value", f"`{text.id}` is no id", (*path, "id"), hint="letters, digits, `-`, `_` and `.`")
        on, on_path = self.setting("on")
        for element, at in file.each(on or [], on_path):
            if element not in ELEMENT_VALUES:
                file.report(
                    "unknown-element", f"there is no element `{element}`", at, hint=nearest(element, ELEMENT_VALUES)
                )
        if not on:
            message = f"rule `{text.id}` does not say which element it looks at"
            file.report("missing-key", message, path, hint=f"`on:` is one of {', '.join(ELEMENT_VALUES)}")
        return () if len(file.diagnostics) > begun else tuple(dict.fromkeys(listed(on)))

    def alternatives(self, *, is_verbatim: bool) -> tuple[Alternative, ...]:
        """The alternatives of `match`, `find` or `regex`; one that alalternatives fits where there is none."""
        text = self.text
        said = [key for key in ("match", "find", "regex") if not isinstance(getattr(text, key), UnsetType)]
        for key in said[1:]:
            message = f"a rule has `{said[0]}` or `{key}`, not both"
            self.file.report_key("bad-value", message, (*self.path, key), "make it two rules, or a list of patterns")
        if not said:
            return (Alternative(),)
        value, path = getattr(text, said[0]), (*self.path, said[0])
        if said[0] == "regex":
            return self.regexes(value, path)
        if not value:
            self.file.report(
                "bad-value", f"`{said[0]}` holds no pattern", path, hint="leave the key out to look at all"
            )
        alternatives = []
        for index, choice in enumerate(value if isinstance(value, list) else [value]):
            at: Path = (*path, index) if isinstance(value, list) else path
            patterns = []
            for name, pattern_text in [("", choice)] if isinstance(choice, str) else choice.items():
                where = (*at, name) if name else at
                if name:
                    self.file.check_name(name, where, self.names, key=True)
                if pattern := self.file.pattern(pattern_text, where, is_verbatim=is_verbatim):
                    patterns.append((name, pattern))
                    self.file.check_shadowing(pattern, where, self.names)
            alternatives.append(Alternative(tuple(patterns)))
        return tuple(alternatives)

    def regexes(self, value: str | list[str], path: Path) -> tuple[Alternative, ...]:
        """A way for each regular expression."""
        alternatives = []
        for expression, at in self.file.each(value, path):
            try:
                compiled = compile_regex(expression)
            except ValueError as problem:
                self.file.report("bad-regex", f"this expression does not compile: {problem}", at, hint=RE2)
                self.file.presumed.update(re.findall(r"\(\?P<(\w+)>", expression))
                continue
            for name in compiled.groupindex:
                if self.names.is_taken(name):
                    message = f"`{name}` is what the element offers by itself"
                    offset = expression.find(f"?P<{name}>") + 3
                    self.file.report("shadowed-capture", message, at, offset, "give the group another name")
            alternatives.append(Alternative(regex=compiled))
        return tuple(alternatives)

    def carry(self, settings: Settings, alternatives: tuple[Alternative, ...], elements: tuple[str, ...]) -> None:
        """What is carried stands in no pattern, and only sentences carry."""
        at = (*self.path, "carry")
        if settings.carry and not {"sentence", "clause"} & set(elements):
            hint = "only `sentence` and `clause` follow one another"
            self.file.report_key("bad-value", f"`carry` says nothing of `{elements[0]}`", at, hint)
        for name in settings.carry:
            if all(name in alternative.names for alternative in alternatives):
                hint = "take it out of the pattern, which begins where it would stand, or leave `carry` out"
                self.file.report("bad-value", f"`{name}` is captured, so it cannot be carried", at, hint=hint)

    def fields(self, note: str) -> tuple[tuple[str, Template], ...]:
        """The field templates, the note type's first field first."""
        text, file, path = self.text, self.file, self.path
        own = self.pack.own_note_types
        if note not in NOTES and note not in own:
            hint = nearest(note, [*NOTES, *own])
            file.report("unknown-note", f"there is no note type `{note}`", self.setting("note")[1], hint=hint)
            return ()
        known = own.get(note) or FIELDS["Cloze" if note == "Cloze" else "Basic"]
        if not text.fields:
            hint = f"`fields:` fills {', '.join(known)}"
            file.report("missing-key", f"rule `{text.id}` fills no `fields`", path, hint=hint)
            return ()
        filled = []
        for name in sorted(text.fields, key=lambda name: known.index(name) if name in known else len(known)):
            at = (*path, "fields", name)
            if name not in known:
                file.report_key("unknown-field", f"`{note}` has no field `{name}`", at, nearest(name, known))
            elif template := file.template(text.fields[name], at, self.names):
                filled.append((name, template))
        if known[0] not in text.fields and all(name in known for name in text.fields):
            message = f"rule `{text.id}` does not fill `{known[0]}`"
            file.report_key("missing-key", message, (*path, "fields"), "a card without a question is none")
        return tuple(filled)

    def key(self, fields: tuple[tuple[str, Template], ...], settings: Settings) -> tuple[str, ...]:
        """The captures that identify a note: those of `key:`, else those in its first field."""
        key, path = self.setting("key")
        if key:
            for name, at in self.file.each(key, path):
                self.file.check_name(name, at, self.names)
            return tuple(key)
        if not fields:
            return ()
        names = tuple(dict.fromkeys(slot.name for slot in fields[0][1].slots() if slot.name not in settings.cloze))
        if not names:
            message = f"the question of rule `{self.text.id}` holds no capture, so it needs a `key`"
            hint = "`key:` names the captures that tell its notes apart, such as `key: [title]`"
            self.file.report("missing-key", message, self.path, hint=hint)
        return names

    def tags(self, key: str = "") -> tuple[Template, ...]:
        """The tags of the pack and of the rule: those that are one each, or (`each`) lists of several."""
        templates: list[Template | None] = []
        for shape, path in ((self.pack.defaults, ("tags",)), (self.text, (*self.path, "tags"))):
            written = [] if isinstance(shape.tags, UnsetType) else shape.tags
            for index, tag in enumerate(written if isinstance(written, list) else [written]):
                at = (*path, index) if isinstance(written, list) else path
                if isinstance(tag, str):
                    templates.extend([] if key else [self.file.template(tag, at, self.names)])
                    continue
                for name, text in tag.items():
                    if name != "each" and not key:
                        hint = "`each` makes several tags of one text"
                        self.file.report_key("bad-value", f"`{name}` is no kind of tags", (*at, name), hint)
                    elif name == "each" and key:
                        templates.append(self.file.template(text, (*at, name), self.names))
        return tuple(template for template in templates if template)

    def both(self, key: str) -> tuple[c.Conditions, ...]:
        """`when` or `unless` of the pack and of the rule: alternatives for `when`, all one for `unless`."""
        shared = self.pack.shared.get((key, self.names))
        if shared is None:  # the same conditions for all rules of the pack, so that they are asked once an element
            shared = self.shared_conditions(key)
            self.pack.shared[key, self.names] = shared
        own = read_conditions(self.file, getattr(self.text, key), (*self.path, key), self.names)
        if key == "unless":
            return (c.Conditions(tuple(condition for part in shared + own for condition in part)),)
        return tuple(c.Conditions((*a, *b)) for a in shared or [()] for b in own or [()])

    def shared_conditions(self, key: str) -> Alternatives:
        """The conditions of the pack, for rules with these names."""
        value = getattr(self.pack.defaults, key)
        for (other, names), found in self.pack.shared.items():
            if other == key and names.kinds == self.names.kinds and not _looks_at_captures(value):
                return found
        return read_conditions(self.file, value, (key,), self.names)

    def article_types(self, alternatives: tuple[Alternative, ...]) -> dict[str, CaptureType]:
        """By capture, its type where that reads otherwise behind other text."""
        found: dict[str, CaptureType] = {}
        for alternative in alternatives:
            for _, pattern in alternative.patterns:
                for name, type_name in pattern.type_of.items():
                    kind = self.file.types.get(type_name)
                    if kind and (kind.articles or kind.is_noun_phrase or kind.is_verb):
                        found.setdefault(name, kind)
        return found

    def examples(self) -> tuple[Example, ...]:
        """The examples of a rule; a field named in one must be a field of the rule."""
        found = []
        fields = self.text.fields or {}
        for index, example in enumerate(self.text.examples or []):
            path = (*self.path, "examples", index)
            for number, note in enumerate(example.notes):
                for name in note:
                    if name not in fields and name not in BESIDE_FIELDS:
                        message, at = f"the rule fills no field `{name}`", (*path, "notes", number, name)
                        self.file.report_key("unknown-field", message, at, nearest(name, fields))
            settings = {} if isinstance(example.settings, UnsetType) else example.settings
            for name, value in settings.items():
                if value not in EXAMPLE_SETTINGS.get(name, ()):
                    known = EXAMPLE_SETTINGS.get(name, tuple(EXAMPLE_SETTINGS))
                    message = f"an example knows no `{name}: {value}`"
                    self.file.report_key("bad-value", message, (*path, "settings", name), f"one of {', '.join(known)}")
            found.append(Example(example.text, tuple(example.notes), self.file.node.span(*path), settings))
        return tuple(found)


def _looks_at_captures(value: ConditionText | list[ConditionText] | UnsetType) -> bool:
    """Whether a condition of a pack names values, which not every rule need have."""
    if isinstance(value, UnsetType):
        return False
    return any(
        isinstance(getattr(one, key), dict) or (key == "known" and one.known)
        for one in (value if isinstance(value, list) else [value])
        for key in ("match", "find", "is_", "length", "prose", "initials", "known")
    )
