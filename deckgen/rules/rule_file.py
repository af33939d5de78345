"""One rule file while it is read: its YAML and the places in it, what is wrong with it, the small parts of rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator
from typing import Any

from msgspec import Struct

from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.shapes import read_shape
from deckgen.diagnostics.yaml import YamlNode, nearest
from deckgen.patterns.literals import plain_expression
from deckgen.patterns.pattern import Pattern, compile_line, compile_pattern, parse_plain
from deckgen.patterns.pattern_syntax import PatternError, captures_in
from deckgen.patterns.regex import Regex, compile_regex
from deckgen.rules.names import Names
from deckgen.rules.preprocessing import LineTest
from deckgen.rules.shipped import shipped_languages
from deckgen.rules.templates import Template, parse_template
from deckgen.rules.types import Types

Path = tuple[str | int, ...]


class RuleFile:
    """What all readers of a file's parts share; what is wrong collects in `diagnostics`."""

    def __init__(self, node: YamlNode, diagnostics: list[Diagnostic], *, has_bounds: bool = True) -> None:
        self.node, self.diagnostics = node, diagnostics
        self.has_bounds = has_bounds  # whether the lengths of texts are bounded
        self.types = Types({}, {})
        self.types_of: Callable[[str], Types] = lambda _: self.types  # of a rule with a language of its own
        self.shared: dict[Hashable, Any] = {}  # what rules that say the same have as one
        self.presumed: set[str] = set()  # captures of patterns that do not compile: one mistake is reported once

    def report(self, kind: str, message: str, path: Path, offset: int | None = None, hint: str = "") -> None:
        """Tell of something wrong at a value of the file."""
        span = self.node.span(*path) if offset is None else self.node.column_in_scalar(*path, offset=offset)
        self.diagnostics.append(Diagnostic(kind, message, span, hint, self.node.line_text(span.line)))

    def report_key(self, kind: str, message: str, path: Path, hint: str = "") -> None:
        """Tell of something wrong with a key of the file."""
        span = self.node.key_span(*path)
        self.diagnostics.append(Diagnostic(kind, message, span, hint, self.node.line_text(span.line)))

    def convert(self, value: Any, shape: Any, path: Path) -> Any:
        """A typed value, or None and a diagnostic at the very place."""
        return read_shape(self.node, value, shape, path, self.diagnostics)

    def tell_problem(self, problem: PatternError, path: Path) -> None:
        """Tell of what is no pattern."""
        hint = problem.hint
        if problem.kind == "unknown-type":
            hint = self._type_hint(problem.message.split("`")[1])
        self.report(problem.kind, problem.message, path, problem.offset, hint)

    def _type_hint(self, name: str) -> str:
        """The nearest type, or the language that has one of this name."""
        spoken = [language for language in shipped_languages() if self.types_of(language).get(name) is not None]
        if spoken:
            return f"`{name}` is a type of {' and '.join(spoken)}: say which with `language:`"
        return nearest(name, self.types.names())

    def pattern(self, text: str, path: Path, *, is_verbatim: bool = False) -> Pattern | None:
        """A compiled pattern; None where it is wrong."""
        try:
            return compile_pattern(text, self.types.get, is_verbatim=is_verbatim)
        except PatternError as problem:
            self.tell_problem(problem, path)
            self.presumed.update(re.findall(r"\{(\w[\w.-]*)", text))
            return None

    def plain(self, text: str, path: Path) -> str:
        """The expression of a pattern without captures; nothing where it is wrong."""
        try:
            return plain_expression(parse_plain(text))
        except PatternError as problem:
            self.tell_problem(problem, path)
            return ""

    def check_shadowing(self, pattern: Pattern, path: Path, names: Names) -> None:
        """Tell of captures that have the name of what the element offers."""
        for capture in captures_in(pattern.parts):
            if capture.name and names.is_taken(capture.name):
                message = f"`{capture.name}` is what the element offers by itself"
                self.report("shadowed-capture", message, path, capture.offset, "give the capture another name")

    def line_test(self, text: str, path: Path) -> LineTest | None:
        """Whether a line is nothing but what a pattern says, or what an expression between two slashes does."""
        if len(text) > 2 and text[0] == text[-1] == "/":
            try:
                whole = compile_regex(rf"(?:{text[1:-1]})\s*$")
            except ValueError as problem:
                self.report("bad-regex", f"this expression does not compile: {problem}", path)
                return None
            return LineTest(text, _RegexLine(whole))
        try:
            return LineTest(text, compile_line(text))
        except PatternError as problem:
            self.tell_problem(problem, path)
            return None

    def line_tests(self, texts: str | list[str], path: Path) -> tuple[LineTest, ...]:
        """One or several."""
        tests = [self.line_test(text, at) for text, at in self.each(texts, path)]
        return tuple(test for test in tests if test is not None)

    def template(self, text: str, path: Path, names: Names) -> Template | None:
        """A parsed template whose captures are all known."""
        try:
            template = parse_template(text)
        except PatternError as problem:
            self.tell_problem(problem, path)
            return None
        for slot in template.slots():
            self.check_name(slot.name, path, names, slot.offset)
        return template

    def check_name(self, name: str, path: Path, names: Names, offset: int | None = None, *, key: bool = False) -> None:
        """Tell of a name that nothing gives."""
        if names.knows(name) or name in self.presumed:
            return
        message = f"`{name}` is neither captured nor offered by `{'`, `'.join(names.kinds)}`"
        if key:
            self.report_key("unknown-capture", message, path, names.hint(name))
        else:
            self.report("unknown-capture", message, path, offset, names.hint(name))

    @staticmethod
    def each(texts: str | list[str], path: Path) -> Iterator[tuple[str, Path]]:
        """Each text with its place: one text, or a list of them."""
        if isinstance(texts, str):
            yield texts, path
        else:
            yield from ((text, (*path, index)) for index, text in enumerate(texts))


class _RegexLine(Struct, frozen=True):
    whole: Regex

    def __call__(self, line: str) -> bool:
        return self.whole.match(line) is not None


def listed(value: str | list[str]) -> tuple[str, ...]:
    """One text or several, as several."""
    return (value,) if isinstance(value, str) else tuple(value)
