"""What stood in the margin of a source's lines: tags, ids, deck names, taken out before Markdown was read."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Margin:
    """By line, from 1. What stands on a line of its own holds from there on, up to the next such line."""

    tags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    standing_tags: tuple[tuple[int, tuple[str, ...]], ...] = ()
    captures: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    standing_captures: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.tags or self.standing_tags or self.captures or self.standing_captures)

    def tags_of(self, first: int, last: int) -> tuple[str, ...]:
        """The tags on these lines, then those that hold there."""
        own = [tag for line in range(first, last + 1) for tag in self.tags.get(line, ())]
        held = bisect_right(self.standing_tags, first, key=lambda entry: entry[0])
        return tuple(dict.fromkeys([*own, *(self.standing_tags[held - 1][1] if held else ())]))

    def capture(self, name: str, first: int, last: int) -> str | None:
        """A capture on these lines, else the one that holds there."""
        for line in range(first, last + 1):
            if (own := self.captures.get(line)) and name in own:
                return own[name]
        standing = self.standing_captures.get(name, ())
        held = bisect_right(standing, first, key=lambda entry: entry[0])
        return standing[held - 1][1] if held else None


NO_MARGIN = Margin()
