"""`when` and `unless` in a rule file → checked conditions."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

from msgspec import UnsetType

from deckgen.diagnostics.yaml import nearest
from deckgen.rules import conditions as c
from deckgen.rules.element_values import ELEMENT_VALUES
from deckgen.rules.names import Names
from deckgen.rules.pattern_set import PatternSet
from deckgen.rules.rule_file import Path, RuleFile, listed
from deckgen.rules.schema import ConditionText, OnText, Texts

Alternatives = list[tuple[c.Condition, ...]]


def read_conditions(
    file: RuleFile, value: ConditionText | list[ConditionText] | UnsetType, path: Path, names: Names
) -> Alternatives:
    """Each mapping's conditions."""
    if isinstance(value, ConditionText):
        return [tuple(_ConditionReader(file, path, names).read(value))]
    if isinstance(value, UnsetType):
        return []
    return [tuple(_ConditionReader(file, (*path, index), names).read(one)) for index, one in enumerate(value)]


class _ConditionReader:
    """Reads one mapping."""

    def __init__(self, file: RuleFile, path: Path, names: Names) -> None:
        self.file, self.path, self.names = file, path, names
        self.found: list[c.Condition] = []

    def read(self, text: ConditionText) -> list[c.Condition]:
        self.patterns("match", text.match)
        self.patterns("find", text.find)
        if text.under:
            under = self.tests(text.under, (*self.path, "under"))
            self.add(("under", under), "", lambda: c.under(under))
        if text.inside:
            self.inside(text.inside)
        if text.path:
            paths = listed(text.path)
            self.add(("path", paths), "", lambda: c.path(paths))
        if text.tag:
            tags = listed(text.tag)
            self.add(("tag", tags), "", lambda: c.tag(tags))
        for name, value in (text.is_ or {}).items():
            self.check(name, "is", name)
            wanted = tuple(value) if isinstance(value, list) else (value,)
            self.add(("is", name, tuple(map(repr, wanted))), name, partial(c.property_is, name, wanted))
        self.lengths("length", text.length)
        self.lengths("prose", text.prose)
        for short, long in (text.initials or {}).items():
            for name, is_key in ((short, True), (long, False)):
                self.file.check_name(
                    name, (*self.path, "initials", short), Names(self.names.kinds, self.names.captured), key=is_key
                )
            self.found.append(c.initials(short, long))
        if text.known:
            for name, at in self.file.each(text.known, (*self.path, "known")):
                self.file.check_name(name, at, self.names)
            self.found.append(c.known(listed(text.known)))
        return self.found

    def add(self, key: Hashable, name: str, make: Callable[[], c.Condition]) -> None:
        """A condition, the same one for all rules of the file that say it: so it is asked once of an element.

        A value that `aside:` finds is for each rule another one.
        """
        known = {} if name in self.names.added else self.file.shared
        if key not in known:
            known[key] = make()
        self.found.append(known[key])

    def check(self, name: str, *inner: str) -> None:
        """Tell of an unknown name that is a key."""
        self.file.check_name(name, (*self.path, *inner), self.names, key=True)

    def patterns(self, word: str, value: OnText | UnsetType) -> None:
        """`match` or `find`, on the text or on captures by name."""
        if isinstance(value, UnsetType):
            return
        by_name: dict[str, Texts] = value if isinstance(value, dict) else {"": value}
        for name, texts in by_name.items():
            if name:
                self.check(name, word, name)
            path = (*self.path, word, name) if name else (*self.path, word)
            tests = self.tests(texts, path, is_found=word == "find")
            self.add((word, name, tests), name, partial(c.on_text, word, name, tests))

    def tests(self, texts: Texts, path: Path, *, is_found: bool = False) -> PatternSet:
        """Patterns one of which is enough."""
        key = "tests", listed(texts), is_found, self.file.types
        known: PatternSet | None = self.file.shared.get(key)
        if known is not None:
            return known
        patterns = [self.file.pattern(text, at) for text, at in self.file.each(texts, path)]
        tests = PatternSet([pattern for pattern in patterns if pattern is not None], is_found=is_found)
        if None not in patterns:  # what is wrong is reported at each place
            self.file.shared[key] = tests
        return tests

    def inside(self, kinds: Texts) -> None:
        """The elements that it stands in."""
        for kind, at in self.file.each(kinds, (*self.path, "inside")):
            if kind not in CONTAINERS:
                hint = nearest(kind, CONTAINERS)
                problem = "contains no other" if kind in ELEMENT_VALUES else "is not there"
                self.file.report("unknown-element", f"the element `{kind}` {problem}", at, hint=hint)
        self.add(("inside", listed(kinds)), "", lambda: c.inside(listed(kinds)))

    def lengths(self, word: str, value: dict[str, str] | str | UnsetType) -> None:
        """`length` or `prose`, of the text or of captures by name."""
        if isinstance(value, UnsetType):
            return
        for name, bounds in ({"": value} if isinstance(value, str) else value).items():
            if name:
                self.check(name, word, name)
            try:
                low, high = c.parse_range(bounds)
            except ValueError:
                at = (*self.path, word, name) if name else (*self.path, word)
                hint = "a range is `3`, `1..30`, `10..` or `..30`"
                self.file.report("bad-value", f"`{bounds}` is no range", at, hint=hint)
            else:
                if not self.file.has_bounds:
                    low, high = c.without_bounds(low, high)
                self.add((word, name, low, high), name, partial(c.length, word, name, low, high))


CONTAINERS = ("list", "list_item", "quote", "callout", "table", "definition", "section")
"""What an element can stand in."""
