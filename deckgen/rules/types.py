"""The types of captures that a pack or a language makes, from their YAML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.shapes import check_keys
from deckgen.diagnostics.yaml import YamlNode, nearest
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.patterns.english_clauses import why_no_clause, why_no_fragment
from deckgen.patterns.english_verbs import why_no_verb
from deckgen.patterns.english_words import why_no_noun_phrase
from deckgen.patterns.literals import is_plain, plain_expression
from deckgen.patterns.needed_features import NOTHING, Needed, one_of
from deckgen.patterns.pattern_syntax import PatternError, Sequence, captures_in, parse_pattern
from deckgen.patterns.types import BUILT_IN, CaptureType, regex_ends, regex_probe
from deckgen.patterns.word_lists import WordLists
from deckgen.rules.conditions import parse_range
from deckgen.rules.schema import TypeText, keys_of
from deckgen.rules.type_restrictions import Refuser, Wanter

_LONGEST = 10_000  # characters of a capture whose length has no bound

_PHRASES = {"noun": why_no_noun_phrase, "verb": why_no_verb, "verbless": why_no_fragment, "clause": why_no_clause}

Report = Callable[[str, str, tuple[str | int, ...], int | None, str], None]
"""kind, message, path of the value in the file, offset in its text, hint."""


class Types:
    """The types that the patterns of one pack may name: its own, its language's, the built-in ones."""

    def __init__(self, own: Mapping[str, Any], outer: Mapping[str, CaptureType], *, has_bounds: bool = True) -> None:
        self._own = own
        self._has_bounds = has_bounds
        self._outer = outer
        self._made: dict[str, CaptureType] = {}

    def get(self, name: str) -> CaptureType | None:
        """A type by its name."""
        return self._made.get(name) or self._outer.get(name) or BUILT_IN.get(name)

    def spoken_in(self, outer: Mapping[str, CaptureType]) -> Types:
        """The same pack's types for a rule of its own in another language."""
        types = Types(self._own, outer, has_bounds=self._has_bounds)
        types._made = self._made  # made once for the pack
        return types

    def names(self) -> list[str]:
        """All names that there are."""
        return sorted({*self._own, *self._outer, *BUILT_IN})

    def all(self) -> dict[str, CaptureType]:
        """Those of the pack and of its language."""
        return {**self._outer, **self._made}

    def make(self, node: YamlNode, report: Report, diagnostics: list[Diagnostic]) -> None:
        """Make the pack's own types, telling what is wrong with them."""
        make_one = self._maker(node, report, diagnostics)
        for name in self._own:
            make_one(name)

    def later(self, node: YamlNode, report: Report, diagnostics: list[Diagnostic]) -> Mapping[str, CaptureType]:
        """The pack's own types, each made when it is asked for: those of a pack that is known to be right."""
        return _Later(self._own, self._made, self._maker(node, report, diagnostics))

    def _maker(self, node: YamlNode, report: Report, diagnostics: list[Diagnostic]) -> Callable[[str], None]:
        """What makes one of the types, and those that it begins from."""
        waiting: list[str] = []
        wrong: set[str] = set()  # reported already

        def make_one(name: str) -> None:
            if name in self._made or name in wrong or name not in self._own:
                return
            path = ("types", name)
            if name in waiting:
                circle = " → ".join(f"`{each}`" for each in [*waiting[waiting.index(name) :], name])
                report("bad-value", f"types begin from each other: {circle}", (*path, "like"), None, "break the circle")
                wrong.update(waiting)
                return
            before = len(diagnostics)
            check_keys(node, path, keys_of(TypeText), diagnostics)
            if len(diagnostics) > before:
                return
            try:
                text = msgspec.convert(self._own[name], TypeText)
            except msgspec.ValidationError as problem:
                report("wrong-type", f"type `{name}`: {problem}", path, None, "")
                return
            like = text.like or "text"
            waiting.append(name)
            if like != name:
                make_one(like)
            waiting.pop()
            parent = (self._outer.get(name) or BUILT_IN.get(name)) if like == name else self.get(like)
            if name in wrong or like in wrong:
                wrong.add(name)
                return
            if parent is None:
                report("unknown-type", f"unknown type `{like}`", (*path, "like"), None, nearest(like, self.names()))
                return
            made = _derive(name, text, parent, path, report)
            if not self._has_bounds and text.length:
                made = replace(made, longest=max(made.longest, _LONGEST))
            self._made[name] = made

        return make_one


class _Later(Mapping[str, CaptureType]):
    """Types of which most rules need few."""

    def __init__(self, own: Mapping[str, Any], made: dict[str, CaptureType], make: Callable[[str], None]) -> None:
        self._own, self._made, self._make = own, made, make

    def __getitem__(self, name: str) -> CaptureType:
        if name not in self._made and name in self._own:
            self._make(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._own)

    def __len__(self) -> int:
        return len(self._own)


def _derive(name: str, text: TypeText, parent: CaptureType, path: tuple[str | int, ...], report: Report) -> CaptureType:
    length = None
    if text.length:
        try:
            length = parse_range(text.length)
        except ValueError:
            report(
                "bad-value",
                f"`{text.length}` is no range",
                (*path, "length"),
                None,
                "a range is `3`, `1..30`, `10..` or `..30`",
            )
    tests: list[Callable[[str], str | None]] = []
    if text.but and not text.not_:
        report("bad-value", "`but` excuses from `not`, and there is no `not`", (*path, "but"), None, "use `is`")
    if text.not_:
        refuse = _words(text.not_, (*path, "not"), report)
        excuse = _words(text.but, (*path, "but"), report) if text.but else None
        if refuse is not None:
            tests.append(Refuser(refuse, excuse))
    if text.is_:
        want = _words(text.is_, (*path, "is"), report)
        if want is not None:
            tests.append(Wanter(want, text.is_ if isinstance(text.is_, str) else " or ".join(text.is_)))
    if text.phrase:
        tests.append(_PHRASES[text.phrase])
    until = _expression(text.until, (*path, "until"), report) if text.until else None
    needed = _needed(text.is_) if text.is_ and tests else NOTHING
    ends = probe = None
    if text.until and text.regex:
        report("bad-value", "an expression says itself where it ends", (*path, "until"), None, "leave `until` out")
    if text.regex:
        try:
            ends, probe = regex_ends(text.regex), regex_probe(text.regex)
        except ValueError as problem:
            report(
                "bad-regex",
                f"this expression does not compile: {problem}",
                (*path, "regex"),
                None,
                "expressions are those of RE2: no back-references, no looking around",
            )
    return parent.derive(
        name,
        length=length,
        tests=tests,
        ends=ends,
        probe=probe,
        articles=tuple(text.articles or ()),
        is_noun_phrase=text.phrase == "noun",
        is_verb=text.phrase == "verb",
        needed=needed,
        until=until,
    )


def _needed(texts: str | list[str]) -> Needed:
    """Features of which a text must hold one for any of these patterns to fit."""
    try:
        return one_of(tuple(parse_pattern(text) for text in ([texts] if isinstance(texts, str) else texts)))
    except PatternError:  # reported already
        return NOTHING


def _words(texts: str | list[str], path: tuple[str | int, ...], report: Report) -> WordLists | None:
    """A test of all of these patterns; None where none of them is right."""
    patterns = list(_plain(texts, path, report))
    return WordLists(patterns) if patterns else None


def _plain(texts: str | list[str], path: tuple[str | int, ...], report: Report) -> Iterator[Sequence]:
    """Patterns without captures; what is wrong with them is reported."""
    for index, text in enumerate([texts] if isinstance(texts, str) else texts):
        at = path if isinstance(texts, str) else (*path, index)
        try:
            parts = parse_pattern(text)
            if not is_plain(parts):
                raise PatternError("a type takes no captures", captures_in(parts)[0].offset)
        except PatternError as problem:
            report(problem.kind, problem.message, at, problem.offset, problem.hint)
        else:
            yield parts


def _expression(texts: str | list[str], path: tuple[str | int, ...], report: Report) -> re.Pattern[str] | None:
    """One expression for all of these patterns, compiled when it is first asked for."""
    pieces = [plain_expression(parts) for parts in _plain(texts, path, report)]
    return lazy_regex("|".join(f"(?:{piece})" for piece in pieces), re.DOTALL) if pieces else None
