"""How a rule wants a source read, and which elements it asks for: what its keys beside the pattern say of the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from deckgen.patterns.pattern import Pattern
from deckgen.patterns.regex import Regex


@dataclass(frozen=True, slots=True)
class LineTest:
    """Whether a line is nothing but what a pattern says."""

    text: str
    fits: Callable[[str], bool] = field(compare=False, repr=False)


HOLDS = {"element": "element", "section": "section", "onward": "onwards", "file": "file"}
"""The words of `holds:`, and the scope of each."""
SCOPES = ("element", "inside", "below", "section", "stretch", "file", "onwards")
"""What a line that is nothing but an aside holds for.

| scope | the line holds for |
| --- | --- |
| element | the element that it stands right below |
| inside | the element that it stands in, up to the next one, also below a blank line |
| below | the same and all that stands below that: a section, the children of an item; before all text, the stretch |
| section | the section that it stands in, wherever, and all below that; before all headings, the file |
| stretch | the stretch that it stands in: the whole file, unless `between:` cuts it |
| file | the whole file; the first such line counts |
| onwards | what follows, to the next such line |
"""


@dataclass(frozen=True, slots=True)
class Aside:
    """A pattern that is taken out of lines, and what it holds for (one of `SCOPES`) on a line of its own."""

    text: str
    pattern: Pattern = field(compare=False, repr=False)
    scope: str = "element"
    heading: LineTest | None = None  # of what stands on the line after one that holds nothing but this


class Preprocessing(Struct, frozen=True):
    """What is done to the lines of a source before Markdown is read; nothing, where none of these is said."""

    between: tuple[LineTest, ...] = ()  # one: the lines that part stretches; two: the first and last of each
    aside: tuple[Aside, ...] = ()
    hashtags: bool = False  # whether `#tag` is a tag, and no text
    cuts: tuple[LineTest, ...] = ()  # separators, which are no Markdown: a `---` under text makes no heading
    by_line: bool = False  # some elements are made of lines
    tag_lines: str = "onwards"  # what a line of tags alone holds for: "element" or "onwards"
    tags_at_end: bool = False  # whether `#tag` is a tag at the end of a line alone
    asked_tags: tuple[str, ...] = ()  # those that `when` asks for, where a line of them holds onwards

    def __bool__(self) -> bool:
        return bool(self.between or self.aside or self.hashtags or self.cuts or self.by_line)


PLAIN = Preprocessing()


@dataclass(frozen=True, slots=True)
class LabelStart:
    """How a line begins that has a label whose name is no word of it."""

    name: str
    text: str
    expression: Regex = field(compare=False, repr=False)

    @property
    def is_quote(self) -> bool:
        """Whether the label is the mark of a block quote, which each of its lines has."""
        return self.text == ">"


class Selector(Struct, frozen=True):
    """An element that a rule asks for, where its kind alone does not say which."""

    kind: str
    labels: tuple[str, ...] = ()  # of `labelled`
    starts: tuple[LabelStart, ...] = ()  # of `labelled`, where expressions say which lines have the labels
    tags: tuple[str, ...] = ()  # of `tagged`: those that mark a question
    separators: tuple[LineTest, ...] = ()  # of `split`
    of: str = "lines"  # of `split`: lines, section or source
    until: tuple[LineTest, ...] | None = None  # of `split` and `labelled`; None: a blank line, (): the end
    marks: tuple[object, ...] = ()  # of `highlight`: its `MarkForm`s

    @property
    def is_plain(self) -> bool:
        """Whether the kind says all."""
        return self.kind not in BY_SETTING


BY_SETTING = ("highlight", "labelled", "split", "source", "tagged")
"""Elements that other keys of the rule make, or that are no blocks of Markdown."""
BY_LINE = ("labelled", "split", "tagged")
"""Elements that are made of lines: what stands on them is cut before Markdown is read."""
