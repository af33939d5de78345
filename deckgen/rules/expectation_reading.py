"""`expects:`, `refuses:`, `anki:`, `schedule:` and `signs:` in a rule file → what a pack expects of notes."""

from __future__ import annotations

from msgspec import UnsetType

from deckgen.patterns.regex import Regex, compile_regex
from deckgen.rules.expectations import Expectation, OtherIds, Schedules
from deckgen.rules.regexes import RE2
from deckgen.rules.rule_file import Path, RuleFile
from deckgen.rules.schema import ExpectationText, OtherIdText, ScheduleText


def read_expectations(file: RuleFile, pack: str, key: str, texts: list[ExpectationText]) -> tuple[Expectation, ...]:
    """What stands under `expects:` or `refuses:`."""
    reader = _Reader(file, pack)
    found = [reader.read(text, key, (key, index)) for index, text in enumerate(texts)]
    return tuple(one for one in found if (one.line if key == "expects" else one.text) is not None)


def read_other_ids(file: RuleFile, pack: str, text: OtherIdText | UnsetType) -> OtherIds | None:
    """What stands under `anki:`."""
    if isinstance(text, UnsetType):
        return None
    key = "" if isinstance(text.front_matter, UnsetType) else text.front_matter
    line = _Reader(file, pack).regex(text.line, ("anki", "line"))
    if line is not None and "id" not in line.groupindex:
        file.report(
            "bad-value", "the expression has no group `id`", ("anki", "line"), hint="such as `\\^(?P<id>\\d{13})$`"
        )
    return OtherIds(pack, key, text.stands == "before", line)


def read_schedules(file: RuleFile, pack: str, text: ScheduleText | UnsetType) -> Schedules | None:
    """What stands under `schedule:`."""
    if isinstance(text, UnsetType):
        return None
    reader = _Reader(file, pack)
    line, card = reader.regex(text.line, ("schedule", "line")), reader.regex(text.card, ("schedule", "card"))
    for found, names, key in ((line, {"cards"}, "line"), (card, {"due", "interval", "ease"}, "card")):
        if found is not None and (missing := names - found.groupindex.keys()):
            message = f"the expression has no group {', '.join(f'`{name}`' for name in sorted(missing))}"
            hint = (
                r"such as `(?P<cards>.+)`"
                if key == "line"
                else r"such as `(?P<due>\S+),(?P<interval>\d+),(?P<ease>\d+)`"
            )
            file.report("bad-value", message, ("schedule", key), hint=hint)
    return Schedules(pack, text.between, text.unseen, line, card)


def read_signs(file: RuleFile, text: str | UnsetType) -> Regex | None:
    """What stands under `signs:`: an expression on lines."""
    return _Reader(file, "").regex(text, ("signs",))


class _Reader:
    def __init__(self, file: RuleFile, pack: str) -> None:
        self.file, self.pack = file, pack

    def read(self, text: ExpectationText, key: str, path: Path) -> Expectation:
        """One of them; what is wrong with it has been reported."""
        needed = "line" if key == "expects" else "text"
        if isinstance(getattr(text, needed), UnsetType):
            hint = "the mark of a card, such as `line: '^Q: '`" if key == "expects" else "what its tool refuses"
            self.file.report("missing-key", f"`{key}` needs `{needed}`", path, hint=hint)
        return Expectation(
            pack=self.pack,
            says=text.says,
            refuses=key == "refuses" or text.refuses is True,
            is_between=text.between is True,
            **{
                name: self.regex(getattr(text, name), (*path, name))
                for name in ("line", "text", "until", "block", "unless", "after")
            },
        )

    def regex(self, text: str | UnsetType, path: Path) -> Regex | None:
        """A compiled expression; None for none, or where it is wrong."""
        if isinstance(text, UnsetType):
            return None
        try:
            return compile_regex(text)
        except ValueError as problem:
            self.file.report("bad-regex", f"this expression does not compile: {problem}", path, hint=RE2)
            return None
