"""`InlineParse`: a text as read, the pieces of source behind it and the marked spans, and the way back to Markdown."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct, field

from deckgen.markdown.atoms import CODE, IMAGE, URL
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.parser import inline_tokens


class Definitions(Struct, frozen=True):
    """What a document defines in one place and uses in another: `[label]: url` and `[^label]: text`."""

    references: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)  # as markdown-it keeps them
    footnotes: Mapping[str, str] = field(default_factory=dict)  # the Markdown of each

    def environment(self, raw: str) -> dict[str, Any]:
        """What markdown-it's inline rules want to know about the rest of the document."""
        environment: dict[str, Any] = {}
        if self.references:
            environment["references"] = self.references
        if self.footnotes and "[^" in raw:
            used = [label for label in re.findall(r"\[\^([^\]\s]+)\]", raw) if label in self.footnotes]
            environment["footnotes"] = {"refs": {":" + label: -1 for label in used}, "list": {}}
        return environment

    def inline_footnote(self, label: str) -> str:
        """`^[its text]`, which stands for itself; empty when that cannot be written so."""
        content = re.sub(r"\[\^[^\]\s]+\]", "", " ".join(self.footnotes.get(label, "").split()))
        written = f"^[{content}]"
        tokens = inline_tokens(written, {}) if content else []
        return written if [token.type for token in tokens] == ["footnote_ref"] else ""


NO_DEFINITIONS = Definitions()


class Segment(Struct):
    """`plain[start:end]` and the raw text behind it: character for character, or (`is_unit`) as a whole."""

    start: int
    end: int
    raw_start: int
    raw_end: int
    is_unit: bool = False
    shown: str = ""  # of an atom
    target: str = ""  # of a URL or an image


class MarkedSpan(Struct):
    """A pair of marks in `raw` and what it holds in `plain`; `opening` and `closing` are what to write for it."""

    kind: str  # "" for HTML tags that mean no mark
    start: int
    end: int
    opening: str
    closing: str
    target: str = ""
    tag: str = ""  # of HTML
    raw_start: int = 0
    whole_opening: str = ""  # written instead of `opening` when the span is whole; [[Page]] needs the difference


_ESCAPED = lazy_regex(r"([\\`*_<>&$~=^!])|([\[\]])|(?<=:)(/)(?=/)")


class InlineParse:
    """What a parse found. Without segments the text is plain: `raw` and `plain` are the same."""

    __slots__ = ("_starts", "edits", "is_plain", "plain", "raw", "segments", "spans")

    def __init__(self, raw: str) -> None:
        self.raw = self.plain = raw
        self.is_plain = True
        self.segments: list[Segment] = []
        self.spans: list[MarkedSpan] = []  # in the order in which they open
        self.edits: list[tuple[int, int, str]] = []  # stretches of raw that `markdown` writes otherwise
        self._starts: list[int] = []

    def segment_at(self, index: int) -> Segment | None:
        """The segment that holds `plain[index]`."""
        if not self._starts and self.segments:
            self._starts = [segment.start for segment in self.segments]
        found = bisect_right(self._starts, index) - 1
        return self.segments[found] if found >= 0 else None

    def atoms(self, start: int, end: int) -> Iterator[Segment]:
        """The atoms of `plain[start:end]`."""
        for place in range(start, min(end, len(self.plain))):
            if CODE <= self.plain[place] <= IMAGE:
                segment = self.segment_at(place)
                if segment is not None:
                    yield segment

    def raw_start(self, index: int) -> int:
        """Where in raw the character begins; the end for `len(plain)`."""
        if self.is_plain:
            return index
        if index >= len(self.plain):
            return self.raw_end(len(self.plain) - 1)
        segment = self.segment_at(index)
        if segment is None:
            return 0
        return segment.raw_start if segment.is_unit else segment.raw_start + index - segment.start

    def raw_end(self, index: int) -> int:
        """Where in raw the character ends."""
        if self.is_plain:
            return index + 1
        segment = self.segment_at(index)
        if segment is None:
            return 0
        return segment.raw_end if segment.is_unit else segment.raw_start + index + 1 - segment.start

    def markdown(self, start: int, end: int) -> str:
        """The raw of a non-empty range, with the marks around it opened and closed."""
        first, last = self.raw_start(start), self.raw_end(end - 1)
        opened: list[str] = []
        closed: list[str] = []
        edits = self.edits
        for span in self.spans:
            if span.start < end and span.end > start:
                is_whole = span.start >= start and span.end <= end
                if span.start <= start:
                    opened.append(span.whole_opening if is_whole and span.whole_opening else span.opening)
                elif span.whole_opening and not is_whole:
                    edits = sorted([*edits, (span.raw_start, span.raw_start + len(span.whole_opening), span.opening)])
                if span.end >= end:
                    closed.append(span.closing)
        for from_, to, _ in edits:
            if from_ == last:  # a footnote belongs to the word before it
                last = to
        closed.reverse()
        return "".join(opened) + self._edited(first, last, edits) + "".join(closed)

    def _edited(self, first: int, last: int, edits: list[tuple[int, int, str]]) -> str:
        parts, place = [], first
        for from_, to, text in edits:
            if from_ >= place and to <= last:
                parts.append(self.raw[place:from_])
                parts.append(text)
                place = to
        return "".join(parts) + self.raw[place:last]

    def escaped(self, start: int, end: int) -> str:
        """The range without marks, every character that could mean something escaped."""
        parts = []
        place = start
        while place < end:
            segment = self.segment_at(place)
            if segment is None:
                break
            stop = min(segment.end, end)
            text = self.plain[place:stop]
            if text == URL and self.raw[segment.raw_start] != "<":
                parts.append(f"<{self.raw[segment.raw_start : segment.raw_end]}>")
            elif segment.is_unit and (text != "\n" or self.raw[segment.raw_start] == "&"):
                parts.append(self._edited(segment.raw_start, segment.raw_end, self.edits))
            else:
                parts.append(_ESCAPED.sub(_escape, text))
            place = stop
        return "".join(parts)


def _escape(found: re.Match[str]) -> str:
    # A bracket after a backslash would be TeX's \[, a slash after one is no escape.
    return "\\" + found[1] if found[1] else f"&#{ord(found.group())};"
