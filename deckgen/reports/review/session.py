"""A queue of things to decide on × keys → decisions: what `deckgen review` does, without a screen."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field

from deckgen.diagnostics import Diagnostic
from deckgen.reports.columns import counted, wrapped
from deckgen.reports.review.card_text import Line, card_lines
from deckgen.reports.review.deciding import Deciding, changed_fields, editable, question_of
from deckgen.reports.review.queue import Item


class Session(Struct):
    """One sitting. `lines_of` gives the lines of a source."""

    items: Sequence[Item]
    deciding: Deciding
    lines_of: Callable[[str], Sequence[str]]
    place: int = 0
    said: str = ""
    decided: int = 0
    _visited: list[int] = field(default_factory=list)  # where each decision was made

    def __post_init__(self) -> None:
        self.lines_of = lru_cache(maxsize=16)(self.lines_of)

    @property
    def item(self) -> Item | None:
        """What is to be decided on now; None at the end."""
        return self.items[self.place] if self.place < len(self.items) else None

    def lines(self, width: int) -> list[Line]:
        """What is shown."""
        if self.item is None:
            ending: list[Line] = [[("strong", line)] for line in wrapped(self.ending, width)]
            return [*ending, [("key", "u"), ("soft", " undo   "), ("key", "q"), ("soft", " quit")]]
        place = f"{self.place + 1:,} of {len(self.items):,}"
        path = self.item.note.note.draft.origin.span.path
        return list(card_lines(self.item, self.lines_of(path), place, self.said, width))

    @property
    def ending(self) -> str:
        """What there is to say in the end."""
        left = len(self.items) - self.place
        done = f"{counted(self.decided, 'decision')} in deck.choices.yaml"
        return f"{done}, {left:,} left" if left else f"{done}; nothing is left to decide"

    def press(self, key: str) -> None:
        """Do what a key says; a key that says nothing here does nothing."""
        actions = _ON_MISSES if self.item is not None and self.item.miss else _ON_NOTES
        action = actions.get(key)
        if key == "u":
            self._undo()
        elif key == "b":
            self.place, self.said = max(0, self.place - 1), ""
        elif self.item is not None and key == "space":
            self._go_on("")
        elif self.item is not None and action is not None:
            action(self, self.item)

    def edited(self, fields: Mapping[str, str]) -> None:
        """The note in other words."""
        if self.item is None or self.item.miss:
            return
        changed = changed_fields(self.item.note, fields)
        if not changed:
            self.said = "nothing was changed"
        elif next(iter(editable(self.item.note))) in changed and not next(iter(fields.values())).strip():
            self.said = "the first field cannot be empty"
        else:
            self._done(self.deciding.word(self.item.note, changed), f"reworded: {', '.join(changed)}")

    def _keep(self, item: Item) -> None:
        self._done(self.deciding.keep(item.note), "kept")

    def _skip(self, item: Item) -> None:
        self._done(self.deciding.skip(item.note), "skipped")

    def _never(self, item: Item) -> None:
        self._off(item, item.note.note.draft.origin.span.path)

    def _never_in_folder(self, item: Item) -> None:
        folder = posixpath.dirname(item.note.note.draft.origin.span.path)
        self._off(item, f"{folder}/**" if folder else "**")

    def _off(self, item: Item, path: str) -> None:
        rule = item.note.note.draft.rule
        self._done(self.deciding.never(rule, _as_glob(path)), f"never {rule} in {path}")

    def _same(self, item: Item) -> None:
        self._pair(item, "same")

    def _another(self, item: Item) -> None:
        self._pair(item, "another")

    def _pair(self, item: Item, name: str) -> None:
        assert item.miss is not None
        problems = self.deciding.pair(name, item.miss.old.guid, item.miss.new, question_of(item.note.note.draft))
        self._done(problems, "the same note" if name == "same" else "two notes")

    def _done(self, problems: Sequence[Diagnostic], said: str) -> None:
        if problems:
            self.said = problems[0].message
            return
        self._visited.append(self.place)
        self.decided += 1
        self._go_on(said)

    def _go_on(self, said: str) -> None:
        self.said = said
        self.place += 1
        while (item := self.item) is not None and not item.miss and self._is_off(item):
            self.place += 1

    def _is_off(self, item: Item) -> bool:
        draft = item.note.note.draft
        return self.deciding.choices.is_rule_off(draft.rule, draft.origin.span.path)

    def _undo(self) -> None:
        if not self.deciding.can_undo:
            self.said = "there is nothing to undo"
        elif problems := self.deciding.undo():
            self.said = problems[0].message
        else:
            self.place, self.said = self._visited.pop(), "taken back"
            self.decided -= 1


def _as_glob(path: str) -> str:
    """A file's path as a glob that means nothing but it."""
    return "".join(f"[{c}]" if c in "*?" and not path.endswith("**") else c for c in path)


Action = Callable[[Session, Item], None]
_ON_NOTES: Mapping[str, Action] = {
    "k": Session._keep,
    "s": Session._skip,
    "n": Session._never,
    "N": Session._never_in_folder,
}
_ON_MISSES: Mapping[str, Action] = {"s": Session._same, "a": Session._another}
