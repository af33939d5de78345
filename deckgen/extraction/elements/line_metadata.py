"""What was taken out of a source's lines before Markdown was read: tags, ids, deck names, and what they hold for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from msgspec import Struct, field

from deckgen.markdown.lazy_regex import lazy_regex

Lines = tuple[int, int]
"""First and last line, from 1."""


class Touching(Struct, frozen=True):
    """The captures of a line that is nothing else, kept with the line of text that it stands right below."""

    captures: Mapping[str, str]
    reaches_below: bool  # to all that stands below that element, too


class Extent(Struct, frozen=True):
    """The lines of an element, as far as they say what belongs to it."""

    own: Lines  # of its own text: of a section its heading
    whole: Sequence[Lines]  # all of its lines
    room: Lines  # the same up to the next block
    above: Sequence[Lines]  # of the items and headings that it stands below, innermost first


class LineMetadata(Struct, frozen=True):
    """By line, from 1."""

    tags: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    standing_tags: tuple[tuple[int, tuple[str, ...]], ...] = ()  # to the next such line
    file_tags: tuple[tuple[Lines, tuple[str, ...]], ...] = ()  # of lines before all text
    captures: Mapping[int, Mapping[str, str]] = field(default_factory=dict)
    touching: tuple[tuple[int, Touching], ...] = ()  # each with the line of text above it, in order
    inside: tuple[tuple[int, int, Mapping[str, str]], ...] = ()  # line, first line of its region, in order
    spanning: Mapping[str, tuple[tuple[Lines, str], ...]] = field(default_factory=dict)
    standing_captures: Mapping[str, tuple[tuple[int, str], ...]] = field(default_factory=dict)  # to the next such line

    def __bool__(self) -> bool:
        return bool(
            self.tags
            or self.standing_tags
            or self.file_tags
            or self.captures
            or self.touching
            or self.inside
            or self.spanning
            or self.standing_captures
        )

    def tags_of(self, first: int, last: int) -> tuple[str, ...]:
        """The tags on these lines, then those that hold from an earlier line on."""
        own = [tag for line in range(first, last + 1) for tag in self.tags.get(line, ())]
        held = bisect_right(self.standing_tags, first, key=lambda entry: entry[0])
        return tuple(dict.fromkeys([*own, *(self.standing_tags[held - 1][1] if held else ())]))

    def file_tags_at(self, line: int) -> tuple[str, ...]:
        """The tags of the file or region that a line stands in."""
        return tuple(tag for (first, last), tags in self.file_tags if first <= line <= last for tag in tags)

    def capture(self, name: str, reach: Extent) -> str | None:
        """What holds for an element under a name: the first of `captures_of`."""
        return next(self.captures_of(name, reach), None)

    def captures_of(self, name: str, reach: Extent) -> Iterator[str]:
        """All that holds for an element under a name: first what stands on its own lines, then on a line alone below
        one of its lines, then below a heading or an item that it belongs to, then what its region or its file says.
        """
        own = reach.own
        for line in range(own[0], own[1] + 1):
            if name in (found := self.captures.get(line, {})):
                yield found[name]
        for first, last in reach.whole:
            for touching in self._touching(first, last):
                if name in touching.captures:
                    yield touching.captures[name]
        start = bisect_left(self.inside, reach.room[0], key=lambda entry: entry[0])
        for line, region, captures in self.inside[start:]:
            if line > reach.room[1] or region > reach.room[0]:
                break
            if name in captures:
                yield captures[name]
        for first, last in reach.above:
            for touching in self._touching(first, last):
                if touching.reaches_below and name in touching.captures:
                    yield touching.captures[name]
        for (first, last), value in self.spanning.get(name, ()):
            if first <= own[0] <= last:
                yield value
                break
        standing = self.standing_captures.get(name, ())
        held = bisect_right(standing, own[0], key=lambda entry: entry[0])
        if held:
            yield standing[held - 1][1]

    def _touching(self, first: int, last: int) -> Iterable[Touching]:
        start = bisect_left(self.touching, first, key=lambda entry: entry[0])
        end = bisect_right(self.touching, last, lo=start, key=lambda entry: entry[0])
        return (found for _, found in self.touching[start:end])


NO_METADATA = LineMetadata()


class AloneLine(Struct, frozen=True):
    """A line that was nothing but tags and asides. Of each aside its scope and what it captured."""

    line: int
    tags: tuple[str, ...]
    asides: tuple[tuple[str, Mapping[str, str]], ...]


class Reach:
    """What such a line may belong to: the line of text that it stands right below, or the region that it begins.

    `lines` are the source's as they are left, from `first_line` (after the front matter) on; `emptied` those of which
    nothing is left, `headings` those that are headings.
    """

    def __init__(
        self,
        lines: Sequence[str],
        first_line: int,
        regions: Iterable[Lines],
        emptied: Collection[int],
        headings: Collection[int],
    ) -> None:
        self.whole = (1, len(lines))
        self._touched: dict[int, int] = {}  # by emptied line: the line of text right above
        self._headed: dict[int, int] = {}  # by emptied line: the heading that only blank lines part from it
        self._sections: dict[int, int] = {}  # by emptied line: the nearest heading above
        touched = last = heading = 0
        self._texts: list[int] = []
        for line in range(first_line, len(lines) + 1):
            if line in emptied:
                self._touched[line], self._headed[line] = touched, last if last in headings else 0
                self._sections[line] = heading
            elif lines[line - 1].strip():
                is_underline = last == line - 1 and last and _UNDERLINE.match(lines[line - 1])
                touched = last if is_underline else line
                last = line
                heading = line if line in headings else heading
                self._texts.append(line)
            else:
                touched = 0
        self.regions = tuple(regions)
        self._first_line = first_line

    def touched(self, line: int) -> int:
        """The line of text that a line stands right below, but for others that were taken out; 0 for none."""
        return self._touched.get(line, 0)

    def heading(self, line: int) -> int:
        """The heading that a line stands below, with nothing but blank lines between; 0 for none."""
        return self._headed.get(line, 0)

    def section(self, line: int) -> int:
        """The heading of the section that a line stands in; 0 for none."""
        return self._sections.get(line, 0)

    def region(self, line: int) -> Lines | None:
        """The region that a line stands in."""
        found = bisect_right(self.regions, line, key=lambda region: region[0])
        return self.regions[found - 1] if found and line <= self.regions[found - 1][1] else None

    def begun(self, line: int) -> Lines | None:
        """The file or the region that a line stands at the beginning of, before all text."""
        for first, last in ((self._first_line, self.whole[1]), self.region(line) or (line + 1, line)):
            place = bisect_left(self._texts, first)
            if first <= line <= last and (place == len(self._texts) or self._texts[place] > line):
                return first, last
        return None


_UNDERLINE = lazy_regex(r" {0,3}(?:=+|-+)[ \t]*$")


def metadata_of(
    alone: Iterable[AloneLine],
    reach: Reach,
    tags: Mapping[int, tuple[str, ...]],
    captures: Mapping[int, Mapping[str, str]],
    *,
    holds_onward: Callable[[tuple[str, ...]], bool],
) -> LineMetadata:
    """All that was taken out: of lines of text (`tags`, `captures`), and of lines that were nothing else."""
    tags = dict(tags)
    standing_tags, file_tags = [], []
    touching: list[tuple[int, Touching]] = []
    inside: list[tuple[int, int, Mapping[str, str]]] = []
    spanning: dict[str, list[tuple[Lines, str]]] = defaultdict(list)
    standing: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for one in alone:
        line, touched, begun = one.line, reach.touched(one.line), reach.begun(one.line)
        if not one.tags:
            pass
        elif holds_onward(one.tags):
            standing_tags.append((line, one.tags))
        elif above := touched or reach.heading(line):
            tags[above] = (*tags.get(above, ()), *one.tags)
        elif begun:
            file_tags.append((begun, one.tags))
        for scope, taken in one.asides:
            spans = {"file": reach.whole, "stretch": reach.region(line), "below": begun, "section": begun}
            if scope == "onwards":
                for name, value in taken.items():
                    standing[name].append((line, value))
            elif scope in ("element", "below", "section") and (
                place := reach.section(line) if scope == "section" else touched
            ):
                touching.append((place, Touching(taken, reaches_below=scope != "element")))
            elif scope == "inside" and (region := reach.region(line)):
                inside.append((line, region[0], taken))
            elif span := spans.get(scope):
                for name, value in taken.items():
                    spanning[name].append((span, value))
    return LineMetadata(
        tags,
        tuple(standing_tags),
        tuple(file_tags),
        captures,
        tuple(touching),
        tuple(inside),
        {name: tuple(entries) for name, entries in spanning.items()},
        {name: tuple(entries) for name, entries in standing.items()},
    )
