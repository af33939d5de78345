"""Rule packs as text → checked rules. Everything that is wrong with any of them is told in one run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.packs import PackText, read_shipped
from deckgen.patterns import CaptureType, Pattern, PatternError, compile_pattern
from deckgen.patterns.literals import literal_expression
from deckgen.rules import conditions as c
from deckgen.rules.offers import OFFERS, is_offered, offered_names
from deckgen.rules.rule import NOTES, Example, Rule, RuleSet, Way
from deckgen.rules.schema import UNSET, ConditionText, ExampleText, PackFile, RuleText, SharedText, keys_of
from deckgen.rules.templates import Template, parse_template
from deckgen.rules.types import Types
from deckgen.yaml_reading import YamlNode, check_keys, nearest, read_shape, read_yaml

Path = tuple[str | int, ...]

define(
    "error",
    unknown_pack="A rule pack is named that neither comes with deckgen nor lies at that path.",
    doubled_pack="Two packs have one name, so that their rules could not be told apart.",
    doubled_rule="Two rules have one id, so that their notes could not be told apart.",
    bad_pattern="A pattern does not compile.",
    bad_regex="A regular expression does not compile, or needs an engine that can backtrack for ever.",
    unknown_type="A capture is of a type that neither the pack, nor its language, nor deckgen knows.",
    unknown_element="`on:` names an element that there is not.",
    unknown_capture="A name is used that neither the pattern captures nor the element offers.",
    shadowed_capture="A pattern names a capture like one that the element offers by itself.",
    unknown_note="`note:` is neither a built-in kind of note nor a note type of deck.yaml.",
    unknown_field="`fields:` fills a field that the note type has not.",
)

FIELDS = {"Basic": ("Front", "Back", "Extra"), "Cloze": ("Text", "Back", "Extra")}
_SHARED = keys_of(SharedText)


def load_rules(
    packs: Sequence[PackText], own_note_types: Mapping[str, tuple[str, ...]] | None = None
) -> tuple[RuleSet, list[Diagnostic]]:
    """Read packs in order. `own_note_types`: the fields of each note type of deck.yaml."""
    diagnostics: list[Diagnostic] = []
    rules: list[Rule] = []
    abouts: dict[str, str] = {}
    seen: dict[str, str] = {}
    for pack in packs:
        loader = _PackLoader(pack, dict(own_note_types or {}), len(rules))
        rules.extend(loader.load())
        diagnostics.extend(loader.diagnostics)
        if loader.name in seen:
            diagnostics.append(
                Diagnostic(
                    "doubled-pack",
                    f"`{loader.name}` is also the name of {seen[loader.name]}",
                    Span(pack.path),
                    "give one of them another name with `pack:`",
                )
            )
        seen[loader.name] = pack.path
        abouts[loader.name] = loader.about
    return RuleSet(tuple(rules), tuple(seen), abouts), diagnostics


@cache
def language_types(language: str) -> Mapping[str, CaptureType]:
    """The types that a language's own pack, `<language>/types`, makes."""
    pack = read_shipped(f"{language}/types")
    if pack is None:
        return {}
    loader = _PackLoader(pack, {}, 0)
    loader.load()
    assert not loader.diagnostics, loader.diagnostics  # shipped, and tested
    return loader.types.all()


class _PackLoader:
    """Reads one pack; what is wrong collects in `diagnostics`."""

    def __init__(self, pack: PackText, own_note_types: dict[str, tuple[str, ...]], order: int) -> None:
        self.pack, self.name, self.about = pack, pack.name, ""
        self.own_note_types = own_note_types
        self.order = order
        self.types = Types({}, {})
        self.skip: re.Pattern[str] | None = None
        node, self.diagnostics = read_yaml(pack.text, pack.path)
        self.node: YamlNode | None = node
        self.defaults: dict[str, Any] = {}
        self.shared: dict[tuple[str, tuple[str, ...]], list[tuple[c.Condition, ...]]] = {}  # the pack's own conditions
        self.presumed: set[str] = set()  # captures of patterns that do not compile

    def report(self, kind: str, message: str, path: Path, offset: int | None = None, hint: str = "") -> None:
        """Tell of something wrong at a value of the file."""
        assert self.node is not None
        span = self.node.span(*path) if offset is None else self.node.column_in_scalar(*path, offset=offset)
        self.diagnostics.append(Diagnostic(kind, message, span, hint, self.node.line_text(span.line)))

    def load(self) -> list[Rule]:
        """The rules of the pack that are right."""
        node = self.node
        if node is None or self.diagnostics:
            return []
        if node.value is None:
            return []
        if not isinstance(node.value, dict):
            self.report("wrong-type", "a rule file is a mapping", (), hint="its keys are `rules:`, `types:`, …")
            return []
        check_keys(node, (), keys_of(PackFile), self.diagnostics)
        top = {key: value for key, value in node.value.items() if key in keys_of(PackFile)}
        pack = self.convert(top, PackFile, ())
        if pack is None:
            return []
        self.name, self.about = pack.pack or self.name, pack.about or ""
        self.defaults = {key: top[key] for key in _SHARED if key in top}
        language = pack.language or self.name.partition("/")[0]
        outer = {} if self.name == f"{language}/types" else language_types(language)
        self.types = Types(pack.types or {}, outer)
        self.types.make(node, self.report, self.diagnostics)
        if pack.skip:
            words = "|".join(literal_expression(word) for word in sorted(pack.skip, key=len, reverse=True))
            self.skip = re.compile(rf"(?:{words})[\s,，、:]*")
        rules = []
        ids: set[str] = set()
        for index, value in enumerate(pack.rules or []):
            path: Path = ("rules", index)
            if not isinstance(value, dict):
                self.report("wrong-type", "a rule is a mapping", path)
                continue
            before = len(self.diagnostics)
            check_keys(node, path, keys_of(RuleText), self.diagnostics)
            text = self.convert({k: v for k, v in value.items() if k in keys_of(RuleText)}, RuleText, path)
            if text is None:
                continue
            if text.id in ids:
                self.report(
                    "doubled-rule",
                    f"`{text.id}` is the id of a rule above",
                    (*path, "id"),
                    hint="ids name the notes of a rule: each needs its own",
                )
            ids.add(str(text.id))
            rule = self.rule(text, path)
            if rule is not None and len(self.diagnostics) == before:
                rules.append(rule)
        return rules

    def convert(self, value: Any, shape: Any, path: Path) -> Any:
        """A typed value, or None and a diagnostic at the very place."""
        assert self.node is not None
        return read_shape(self.node, value, shape, path, self.diagnostics)

    def setting(self, text: RuleText, key: str) -> Any:
        """A key of the rule, or of the pack where the rule does not say."""
        value = getattr(text, key)
        if value is not UNSET:
            return value
        default = self.defaults.get(key, UNSET)
        return UNSET if default is UNSET else msgspec.convert({key: default}, SharedText).__getattribute__(key)

    def rule(self, text: RuleText, path: Path) -> Rule | None:
        """One checked rule; None where it is wrong."""
        begun = len(self.diagnostics)
        self.presumed.clear()
        if not text.id:
            self.report(
                "missing-key", "a rule needs an `id`", path, hint="it names the notes of the rule: `id: full-name`"
            )
            return None
        if not re.fullmatch(r"[\w.-]+", text.id):
            self.report("bad-value", f"`{text.id}` is no id", (*path, "id"), hint="letters, digits, `-`, `_` and `.`")
        on = self.setting(text, "on")
        elements = tuple([on] if isinstance(on, str) else on or ())
        if not elements:
            self.report(
                "missing-key",
                f"rule `{text.id}` does not say `on` which element it looks",
                path,
                hint=f"`on:` is one of {', '.join(OFFERS)}",
            )
        for index, element in enumerate(elements):
            if element not in OFFERS:
                own = text.on is not UNSET
                where: Path = ((*path, "on") if isinstance(on, str) else (*path, "on", index)) if own else ("on",)
                self.report("unknown-element", f"there is no element `{element}`", where, hint=nearest(element, OFFERS))
        if len(self.diagnostics) > begun:
            return None
        if text.match and text.find:
            self.report("bad-value", "a rule has `match` or `find`, not both", (*path, "find"))
        ways = self.ways(text.match or text.find, (*path, "match" if text.match else "find"), elements)
        captured = tuple(dict.fromkeys(name for way in ways for name in way.names))
        note = self.setting(text, "note") or "Basic"
        fields = self.fields(text, path, note, elements, captured)
        key = self.key(text, path, fields, elements, captured)
        language = self.setting(text, "language") or ""
        tags = self.setting(text, "tags")
        own_tags = [text.tags] if isinstance(text.tags, str) else list(text.tags or [])
        pack_tags = self.defaults.get("tags", [])
        both = ([pack_tags] if isinstance(pack_tags, str) else list(pack_tags)) + own_tags
        templates = [self.template(tag, (*path, "tags"), elements, captured) for tag in both] if tags else []
        deck = self.setting(text, "deck")
        return Rule(
            name=f"{self.name}/{text.id}",
            about=text.about or "",
            identity=text.identity or f"{self.name}/{text.id}",
            order=self.order + int(path[1]),
            elements=elements,
            language=language,
            ways=ways,
            finds=bool(text.find),
            fields=fields,
            note=note,
            key=key,
            tags=tuple(template for template in templates if template),
            deck=self.template(deck, (*path, "deck"), elements, captured) if deck else None,
            when=self.both("when", text, path, elements, captured),
            unless=self.both("unless", text, path, elements, captured),
            skip=self.skip,
            articles={name: kind for name in captured if (kind := self.article_type(ways, name))},
            examples=self.examples(text, path),
            span=self.node.span(*path) if self.node else Span(self.pack.path),
        )

    def article_type(self, ways: tuple[Way, ...], name: str) -> CaptureType | None:
        """The type of a capture, where it has articles."""
        for way in ways:
            for _, pattern in way.patterns:
                kind = self.types.get(pattern.type_of.get(name, ""))
                if kind and kind.articles:
                    return kind
        return None

    def pattern(self, text: str, path: Path) -> Pattern | None:
        """A compiled pattern; None where it is wrong."""
        try:
            return compile_pattern(text, self.types.get)
        except PatternError as problem:
            hint = problem.hint
            if problem.kind == "unknown-type":
                hint = nearest(problem.message.split("`")[1], self.types.names())
            self.report(problem.kind, problem.message, path, problem.offset, hint)
            return None

    def ways(self, value: Any, path: Path, elements: tuple[str, ...]) -> tuple[Way, ...]:
        """The ways of `match` or `find`; one that always fits where there is none."""
        if value is UNSET or not value:
            return (Way(()),)
        ways = []
        for index, choice in enumerate(value if isinstance(value, list) else [value]):
            at = (*path, index) if isinstance(value, list) else path
            patterns = []
            for name, text in [("", choice)] if isinstance(choice, str) else choice.items():
                where = (*at, name) if name else at
                if name and not is_offered(elements, name):
                    self.unknown_capture(name, where, elements, ())
                pattern = self.pattern(text, where)
                if pattern is None:  # its captures count as known, so that one mistake is told once
                    self.presumed.update(re.findall(r"\{([^{}:()]+)", text))
                else:
                    patterns.append((name, pattern))
                    for captured in pattern.names:
                        if any(captured in OFFERS[element] for element in elements):
                            self.report(
                                "shadowed-capture",
                                f"`{captured}` is what the element offers by itself",
                                where,
                                max(text.find("{" + captured), 0),
                                "give the capture another name",
                            )
            ways.append(Way(tuple(patterns)))
        return tuple(ways)

    def unknown_capture(
        self, name: str, path: Path, elements: tuple[str, ...], captured: tuple[str, ...], offset: int | None = None
    ) -> None:
        """Tell of a name that nothing gives."""
        if name in self.presumed:
            return
        self.report(
            "unknown-capture",
            f"`{name}` is neither captured nor offered by `{'`, `'.join(elements)}`",
            path,
            offset,
            nearest(name, [*captured, *offered_names(elements)]),
        )

    def template(self, text: str, path: Path, elements: tuple[str, ...], captured: tuple[str, ...]) -> Template | None:
        """A parsed template whose captures are all known."""
        try:
            template = parse_template(text)
        except PatternError as problem:
            self.report(problem.kind, problem.message, path, problem.offset, problem.hint)
            return None
        for slot in template.slots():
            if slot.name not in captured and not is_offered(elements, slot.name):
                self.unknown_capture(slot.name, path, elements, captured, slot.offset)
        return template

    def fields(
        self, text: RuleText, path: Path, note: str, elements: tuple[str, ...], captured: tuple[str, ...]
    ) -> tuple[tuple[str, Template], ...]:
        """The field templates, the note type's first field first."""
        if note not in NOTES and note not in self.own_note_types:
            self.report(
                "unknown-note",
                f"there is no note type `{note}`",
                (*path, "note") if text.note else ("note",),
                hint=nearest(note, [*NOTES, *self.own_note_types]),
            )
            return ()
        known = self.own_note_types.get(note) or FIELDS["Cloze" if note == "Cloze" else "Basic"]
        if not text.fields:
            self.report(
                "missing-key", f"rule `{text.id}` fills no `fields`", path, hint=f"`fields:` fills {', '.join(known)}"
            )
            return ()
        filled = []
        for name in sorted(text.fields, key=lambda name: known.index(name) if name in known else len(known)):
            at = (*path, "fields", name)
            if name not in known:
                self.report("unknown-field", f"`{note}` has no field `{name}`", at, hint=nearest(name, known))
            elif template := self.template(text.fields[name], at, elements, captured):
                filled.append((name, template))
        if known[0] not in text.fields:
            self.report(
                "missing-key",
                f"rule `{text.id}` does not fill `{known[0]}`",
                (*path, "fields"),
                hint="a card without a question is none",
            )
        return tuple(filled)

    def key(
        self,
        text: RuleText,
        path: Path,
        fields: tuple[tuple[str, Template], ...],
        elements: tuple[str, ...],
        captured: tuple[str, ...],
    ) -> tuple[str, ...]:
        """The captures that identify a note: those of `key:`, else those in its first field."""
        key = self.setting(text, "key")
        if key:
            for index, name in enumerate(key):
                if name not in captured and not is_offered(elements, name):
                    self.unknown_capture(name, (*path, "key", index), elements, captured)
            return tuple(key)
        if not fields:
            return ()
        names = tuple(dict.fromkeys(slot.name for slot in fields[0][1].slots()))
        if not names:
            self.report(
                "missing-key",
                f"the question of rule `{text.id}` holds no capture, so it needs a `key`",
                path,
                hint="`key:` names the captures that tell its notes apart, such as `key: [title]`",
            )
        return names

    def both(
        self, key: str, text: RuleText, path: Path, elements: tuple[str, ...], captured: tuple[str, ...]
    ) -> tuple[c.Conditions, ...]:
        """`when` or `unless` of the pack and of the rule: alternatives for `when`, all one for `unless`."""
        shared = self.shared.get((key, elements))
        if shared is None:  # the same conditions for all rules of the pack, so that they are asked once an element
            pack = msgspec.convert({key: self.defaults[key]}, SharedText) if key in self.defaults else None
            shared = self.alternatives(getattr(pack, key) if pack else UNSET, (key,), elements, captured)
            self.shared[key, elements] = shared
        own = self.alternatives(getattr(text, key), (*path, key), elements, captured)
        if key == "unless":
            return (c.Conditions(tuple(condition for part in shared + own for condition in part)),)
        return tuple(c.Conditions((*a, *b)) for a in shared or [()] for b in own or [()])

    def alternatives(
        self, value: Any, path: Path, elements: tuple[str, ...], captured: tuple[str, ...]
    ) -> list[tuple[c.Condition, ...]]:
        """Each mapping's conditions."""
        if value is UNSET or not value:
            return []
        if isinstance(value, ConditionText):
            return [tuple(self.conditions(value, path, elements, captured))]
        return [tuple(self.conditions(one, (*path, index), elements, captured)) for index, one in enumerate(value)]

    def conditions(
        self, text: ConditionText, path: Path, elements: tuple[str, ...], captured: tuple[str, ...]
    ) -> list[c.Condition]:
        """The conditions of one mapping."""
        found: list[c.Condition] = []
        for word, make in (("match", c.matching), ("find", c.finding)):
            value = getattr(text, word)
            if value is UNSET:
                continue
            by_name = value if isinstance(value, dict) else {"": value}
            for name, texts in by_name.items():
                at = (*path, word, name) if name else (*path, word)
                if name and name not in captured and not is_offered(elements, name):
                    self.unknown_capture(name, at, elements, captured)
                found.append(c.on_text(word, name, self.finders(texts, at, make), _listed(texts)))
        if text.under:
            found.append(c.under(self.finders(text.under, (*path, "under"), c.matching), _listed(text.under)))
        if text.inside:
            found.append(c.inside(_listed(text.inside)))
        if text.path:
            found.append(c.path(_listed(text.path)))
        if text.tag:
            found.append(c.tag(_listed(text.tag)))
        for name, wanted in (text.is_ or {}).items():
            if name not in captured and not is_offered(elements, name):
                self.unknown_capture(name, (*path, "is", name), elements, captured)
            found.append(c.property_is(name, tuple(wanted) if isinstance(wanted, list) else (wanted,)))
        for word, measure in (
            ("length", lambda passage: len(passage.shown)),
            ("prose", lambda passage: len(passage.prose.strip())),
        ):
            value = getattr(text, word)
            for name, bounds in ({"": value} if isinstance(value, str) else value or {}).items():
                at = (*path, word, name) if name else (*path, word)
                if name and name not in captured and not is_offered(elements, name):
                    self.unknown_capture(name, at, elements, captured)
                try:
                    low, high = c.parse_range(bounds)
                except ValueError:
                    self.report(
                        "bad-value", f"`{bounds}` is no range", at, hint="a range is `3`, `1..30`, `10..` or `..30`"
                    )
                    continue
                found.append(c.length(word, name, low, high, measure))
        for short, long in (text.initials or {}).items():
            for name in (short, long):
                if name not in captured:
                    self.unknown_capture(name, (*path, "initials", short), elements, captured)
            found.append(c.initials(short, long))
        if text.known:
            for name in _listed(text.known):
                if name not in captured and not is_offered(elements, name):
                    self.unknown_capture(name, (*path, "known"), elements, captured)
            found.append(c.known(_listed(text.known)))
        return found

    def finders(self, texts: str | list[str], path: Path, make: Any) -> tuple[c.Finder, ...]:
        """The patterns of a condition, one of which is enough."""
        made = []
        for index, text in enumerate([texts] if isinstance(texts, str) else texts):
            if pattern := self.pattern(text, path if isinstance(texts, str) else (*path, index)):
                made.append(make(pattern))
        return tuple(made)

    def examples(self, text: RuleText, path: Path) -> tuple[Example, ...]:
        """The examples of a rule; a field named in one must be a field of the rule."""
        found = []
        for index, example in enumerate(text.examples or []):
            assert isinstance(example, ExampleText)
            for number, note in enumerate(example.notes):
                for name in note:
                    if name not in (text.fields or {}):
                        self.report(
                            "unknown-field",
                            f"the rule fills no field `{name}`",
                            (*path, "examples", index, "notes", number, name),
                            hint=nearest(name, text.fields or ()),
                        )
            span = self.node.span(*path, "examples", index) if self.node else Span(self.pack.path)
            found.append(Example(example.text, tuple(example.notes), span))
        return tuple(found)


def _listed(value: str | list[str]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value)
