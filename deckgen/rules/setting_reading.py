"""The keys of a rule that say how a source is read, which elements are wanted, and what a cloze deletes, checked."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, UnsetType

from deckgen.diagnostics.yaml import nearest
from deckgen.patterns.pattern_syntax import PatternError
from deckgen.patterns.regex import compile_regex
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.mark_forms import MarkForm, parse_form
from deckgen.rules.names import Names
from deckgen.rules.preprocessing import (
    BY_LINE,
    HOLDS,
    PLAIN,
    SCOPES,
    Aside,
    LabelStart,
    LineTest,
    Preprocessing,
    Selector,
)
from deckgen.rules.regexes import RE2
from deckgen.rules.rule import NOTES
from deckgen.rules.rule_file import Path, RuleFile, listed
from deckgen.rules.schema import RuleText, SharedText

_OF = {"labels": ("labelled",), "separator": ("split",), "of": ("split",), "until": ("labelled", "split", "tagged")}
"""Which elements a key is for."""
_NEEDS = {
    "labelled": ("labels", "such as `labels: [Q, A]`"),
    "split": ("separator", "the line that parts question and answer, such as `separator: '?'`"),
    "highlight": ("marks", "such as `marks: ['==answer==']`"),
}
_PARTS = ("section", "source")
_TAG_LINES = ("element", "onward", "onwards", "at-end")
_NUMBERINGS = ("each", "together", "as-written", "counted", "placed", "running")


def asked_tags(*shapes: SharedText) -> tuple[str, ...]:
    """The tags that `when` of a rule and of its pack ask for."""
    found: list[str] = []
    for shape in shapes:
        when = shape.when
        if isinstance(when, UnsetType):
            continue
        for one in when if isinstance(when, list) else [when]:
            found.extend(() if isinstance(one.tag, UnsetType) else listed(one.tag))
    return tuple(dict.fromkeys(found))


class Settings(Struct):
    """What the keys say; what is wrong with them has been reported."""

    selectors: tuple[Selector, ...] = ()
    preprocessing: Preprocessing = PLAIN
    carry: tuple[str, ...] = ()
    for_each: str = ""
    cloze: tuple[str, ...] = ()
    marks: tuple[MarkForm, ...] = ()
    deleted_marks: tuple[MarkForm, ...] = ()
    numbering: str = "each"
    is_verbatim: bool = False
    names: tuple[str, ...] = ()  # of the labels, and of what is taken aside

    def check_note(self, file: RuleFile, text: RuleText, names: Names, path: Path, note: str) -> None:
        """Deletions are for cloze notes, and a cloze note has some."""
        for name in self.cloze:
            file.check_name(name, (*path, "cloze"), names)
        if note == "Cloze" and not self.cloze and not self.deleted_marks:
            hint = "`cloze: [full]` deletes a capture, `marks: ['==answer==']` what is so marked"
            file.report("missing-key", f"rule `{text.id}` does not say what its cloze deletes", path, hint=hint)
        if note in NOTES and note != "Cloze":
            for key in ("cloze", "numbering", *(("marks",) if self.deleted_marks else ())):
                if not isinstance(getattr(text, key), UnsetType):
                    message = f"`{key}` says nothing of a `{note}` note"
                    file.report_key("bad-value", message, (*path, key), "cloze deletions need `note: Cloze`")


def read_settings(
    file: RuleFile, text: RuleText, defaults: SharedText, path: Path, elements: tuple[str, ...]
) -> Settings:
    """Read them."""
    return _SettingReader(file, text, defaults, path, elements).read()


class _SettingReader:
    def __init__(
        self, file: RuleFile, text: RuleText, defaults: SharedText, path: Path, elements: tuple[str, ...]
    ) -> None:
        self.file, self.text, self.defaults, self.path, self.elements = file, text, defaults, path, elements

    def get(self, key: str) -> tuple[Any, Path]:
        """A setting with its place; None where nobody says."""
        value = getattr(self.text, key)
        if not isinstance(value, UnsetType):
            return value, (*self.path, key)
        value = getattr(self.defaults, key, None)
        return (None if isinstance(value, UnsetType) else value), (key,)

    def read(self) -> Settings:
        file, path, elements = self.file, self.path, self.elements
        for key, kinds in _OF.items():
            if not isinstance(getattr(self.text, key), UnsetType) and not set(kinds) & set(elements):
                hint = f"it belongs to `on: {kinds[0]}`"
                file.report_key("bad-value", f"`{key}` says nothing of `{elements[0]}`", (*path, key), hint)
        for kind in elements:
            if kind in _NEEDS and not self.get(_NEEDS[kind][0])[0]:
                key, hint = _NEEDS[kind]
                file.report("missing-key", f"`on: {kind}` needs `{key}`", path, hint=hint)
        settings = Settings(
            carry=listed(self.text.carry) if not isinstance(self.text.carry, UnsetType) else (),
            for_each=self.for_each(),
            cloze=listed(self.get("cloze")[0] or []),
            marks=self.marks(),
            numbering=self.choice("numbering", _NUMBERINGS) or "each",
        )
        if set(elements) != {"highlight"}:
            settings.deleted_marks = settings.marks
        settings.selectors = tuple(self.selector(kind, settings.marks) for kind in elements)
        settings.preprocessing = self.preprocessing(settings.selectors)
        verbatim = self.get("verbatim")[0]
        settings.is_verbatim = bool(settings.preprocessing) if verbatim is None else verbatim
        asides = [name for aside in settings.preprocessing.aside for name in aside.pattern.names]
        labels = [label for selector in settings.selectors for label in selector.labels]
        section = ELEMENT_VALUES["section"] if any(selector.of == "section" for selector in settings.selectors) else ()
        settings.names = tuple(dict.fromkeys([*labels, *asides, *section]))
        return settings

    def choice(self, key: str, known: tuple[str, ...]) -> str:
        """One of several words."""
        value, at = self.get(key)
        if value is None or value in known:
            return value or ""
        self.file.report("bad-value", f"`{key}` is not `{value}`", at, hint=nearest(value, known))
        return ""

    def marks(self) -> tuple[MarkForm, ...]:
        """The forms of marked spans."""
        value, path = self.get("marks")
        forms = []
        for scope, texts in value.items() if isinstance(value, dict) else [("", value or [])]:
            if scope not in ("", "line"):
                self.file.report_key("bad-value", f"`{scope}` is no scope of marks", (*path, scope), "`line`")
            for text, at in self.file.each(texts, (*path, scope) if scope else path):
                try:
                    forms.append(parse_form(text, is_in_line=scope == "line"))
                except PatternError as problem:
                    self.file.tell_problem(problem, at)
        return tuple(forms)

    def selector(self, kind: str, marks: tuple[MarkForm, ...]) -> Selector:
        """The element that is asked for, with the settings that are its own."""
        if kind == "highlight":
            return Selector(kind, marks=marks)
        if kind == "labelled":
            return Selector(
                kind, labels=tuple(self.get("labels")[0] or ()), starts=self.label_starts(), until=self.until()
            )
        if kind == "tagged":
            return Selector(kind, tags=asked_tags(self.text, self.defaults), until=self.until())
        if kind == "split":
            value, at = self.get("separator")
            separators = self.file.line_tests(value or [], at)
            return Selector(kind, separators=separators, of=self.choice("of", _PARTS) or "lines", until=self.until())
        return Selector(kind)

    def label_starts(self) -> tuple[LabelStart, ...]:
        """The expressions of labels that are no words."""
        value, path = self.get("labels")
        starts = []
        for name, text in value.items() if isinstance(value, dict) else ():
            try:
                starts.append(LabelStart(name, text, compile_regex(rf" {{0,3}}(?:{text})[ \t]*")))
            except ValueError as problem:
                message = f"this expression does not compile: {problem}"
                self.file.report("bad-regex", message, (*path, name), hint=RE2)
        return tuple(starts)

    def until(self) -> tuple[LineTest, ...] | None:
        """What ends lines that belong together: None for a blank line, nothing for the end of the file."""
        value, path = self.get("until")
        if value in (None, "blank"):
            return None
        return () if value == "end" else self.file.line_tests(value, path)

    def preprocessing(self, selectors: tuple[Selector, ...]) -> Preprocessing:
        """How the source is read."""
        between, between_path = self.get("between")
        if isinstance(between, list) and len(between) not in (1, 2):
            hint = "one line parts stretches; of two, a stretch stands from the one to the other"
            self.file.report("bad-value", "`between` holds one line or two", between_path, hint=hint)
        hashtags = self.hashtags()
        return Preprocessing(
            between=self.file.line_tests(between or [], between_path),
            aside=self.asides(),
            hashtags=bool(hashtags),
            tag_lines="onwards" if hashtags in (True, "onwards", "onward") else "element",
            tags_at_end=hashtags == "at-end",
            asked_tags=() if hashtags in (False, "element", "at-end") else asked_tags(self.text, self.defaults),
            cuts=tuple(test for selector in selectors for test in (*selector.separators, *(selector.until or ()))),
            by_line=any(selector.kind in BY_LINE for selector in selectors),
        )

    def asides(self) -> tuple[Aside, ...]:
        """What is taken out of lines. An id names one note; what else a line says holds for all below it, unless the
        rule says otherwise.
        """
        value, path = self.get("aside")
        scoped = value if isinstance(value, dict) else {"": value or []}
        held = HOLDS.get(self.get("holds")[0] or "", "")
        asides = []
        for scope, texts in scoped.items():
            scope_path = (*path, scope) if scope else path
            if scope and scope not in (*SCOPES, *HOLDS):
                hint = nearest(scope, (*SCOPES, *HOLDS))
                self.file.report_key("bad-value", f"`{scope}` is no scope", scope_path, hint)
                continue
            for whole, at in self.file.each(texts, scope_path):
                *above, text = whole.split("\n")
                if pattern := self.file.pattern(text, at):
                    self.file.check_shadowing(pattern, at, Names(self.elements))
                    is_id = not set(pattern.names).isdisjoint(self.get("key")[0] or ())
                    own = HOLDS.get(scope, scope) or held or ("element" if is_id else "below")
                    asides.append(Aside(whole, pattern, own, self.file.line_test(above[0], at) if above else None))
        return tuple(asides)

    def hashtags(self) -> bool | str:
        """Whether `#tag` is a tag, or what a line of tags alone holds for."""
        value, at = self.get("hashtags")
        if value is True and (held := self.get("holds")[0]):
            return "onward" if held == "onward" else "element"
        if isinstance(value, str) and value not in _TAG_LINES:
            hint = nearest(value, ["true", *_TAG_LINES])
            self.file.report("bad-value", f"`hashtags` is not `{value}`", at, hint=hint)
            return False
        return value or False

    def for_each(self) -> str:
        """A list that the elements have."""
        value, at = self.get("for_each")
        if value is None:
            return ""
        lists = [name for kind, name in (("list", "items"), ("list_item", "children")) if kind in self.elements]
        if value not in lists and not str(value).startswith("front_matter."):
            hint = nearest(value, [*lists, "front_matter.<key>"])
            self.file.report("bad-value", f"`{value}` is no list of `{self.elements[0]}`", at, hint=hint)
        return str(value)
