"""Cloze deletions: captures, and what is marked, written into a field with the marks of `model`."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from deckgen.extraction.elements.masking import mask_blocks
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN
from deckgen.patterns.passage import Blocks, Passage
from deckgen.rules.mark_forms import MarkForm, find_marks

_DELETION = lazy_regex(
    f"{DELETION_OPEN}([^{DELETION_HINT}{DELETION_CLOSE}]*)(?:{DELETION_HINT}([^{DELETION_CLOSE}]*))?{DELETION_CLOSE}"
)
_ANY_MARK = lazy_regex(f"[{DELETION_OPEN}{DELETION_HINT}{DELETION_CLOSE}]")


def deleted(markdown: str, hint: str = "") -> str:
    """A deletion."""
    text = _ANY_MARK.sub("", markdown)
    return f"{DELETION_OPEN}{text}{DELETION_HINT + hint if hint else ''}{DELETION_CLOSE}"


def deletions_in(markdown: str) -> list[str]:
    """What is deleted, in order."""
    return [found[1] for found in _DELETION.finditer(markdown)]


def around_deletions(markdown: str) -> str:
    """The text around deletions, each of them `[…]`."""
    return _DELETION.sub("[…]", markdown)


def write_deletions(markdown: str, numbers: Iterator[int]) -> str:
    """Deletions as Anki writes them: `{{c1::text::hint}}`."""

    def written(found: re.Match[str]) -> str:
        return f"{{{{c{next(numbers)}::{found[1]}{f'::{found[2]}' if found[2] else ''}}}}}"

    return _DELETION.sub(written, markdown)


def delete_parts(passage: Passage, parts: Iterable[Passage], hint: Callable[[Passage], str]) -> str:
    """The Markdown of a passage with those parts of it deleted that stand in it; without overlap, the first counts."""
    inner: list[Passage] = []
    for part in sorted(parts, key=lambda part: (part.start, -part.end)):
        stands_in = part.text is passage.text and passage.start <= part.start < part.end <= passage.end
        if stands_in and (not inner or part.start >= inner[-1].end):
            inner.append(part)
    if not inner:
        return passage.markdown.strip()
    if isinstance(passage.text, Blocks) and (written := _delete_in_blocks(passage, inner, hint)):
        return written
    pieces: list[str] = []
    place = passage.start
    for part in inner:
        pieces.append(_with_edges(passage, place, part.start))
        pieces.append(deleted(part.markdown, hint(part)))
        place = part.end
    pieces.append(_with_edges(passage, place, passage.end))
    return "".join(pieces).strip()


def _with_edges(passage: Passage, start: int, end: int) -> str:
    """The Markdown of a range with the white space at its ends."""
    if start >= end:
        return ""
    plain = passage.text.plain[start:end]
    if not plain.strip():
        return plain
    before = plain[: len(plain) - len(plain.lstrip())]
    after = plain[len(plain.rstrip()) :]
    return before + passage.text.markdown(start, end) + after


def _delete_in_blocks(passage: Passage, parts: Sequence[Passage], hint: Callable[[Passage], str]) -> str:
    """In several blocks as they are written: each part where it stands as often before it as read; else nothing."""
    markdown = str(passage.markdown)
    plain = passage.plain
    spans: list[tuple[int, int, str]] = []
    for part in parts:
        written, shown = part.text.source(part.start, part.end), part.plain
        earlier = plain.count(shown, 0, part.start - passage.start)
        place = -1
        for _ in range(earlier + 1):
            place = markdown.find(written, place + 1)
        if place < 0:
            return ""
        spans.append((place, place + len(written), deleted(written, hint(part))))
    for start, end, deletion in sorted(spans, reverse=True):
        markdown = markdown[:start] + deletion + markdown[end:]
    return markdown.strip()


def delete_marks(markdown: str, forms: Sequence[MarkForm]) -> tuple[str, list[int]]:
    """A field with all that is so marked deleted, and the number written with each deletion of it, 0 for none."""
    masked, native = mask_blocks(markdown), markdown
    for found in re.finditer(
        f"{DELETION_OPEN}[^{DELETION_CLOSE}]*{DELETION_CLOSE}", markdown
    ):  # captures, deleted before
        gone = DELETION_OPEN * len(found.group())
        masked = masked[: found.start()] + gone + masked[found.end() :]
        native = native[: found.start()] + gone + native[found.end() :]
    marks = find_marks(forms, masked, native)
    numbered: list[tuple[int, int]] = [(mark.start, mark.number) for mark in marks]
    numbered += [(found.start(), 0) for found in re.finditer(DELETION_OPEN, markdown)]
    for mark in reversed(marks):
        answer = _PIPE_AT_EDGE.sub("&#124;", markdown[slice(*mark.answer)].strip())
        deletion = deleted(answer, markdown[slice(*mark.hint)].strip())
        markdown = markdown[: mark.start] + deletion + markdown[mark.end :]
    return markdown, [number for _, number in sorted(numbered)]


_PIPE_AT_EDGE = lazy_regex(r"^\|(?=.)|(?<=[^\\])\|$")
"""A bar that begins or ends a deletion, and is no edge of a table's cell."""


def settle_numbers(written: Sequence[int], numbering: str) -> tuple[int, ...]:
    """The numbers as written. What has none gets, as written, the next one that is nowhere written; `counted`, its
    place among those without a number; `placed`, its place among all; `running`, the one after the last.
    """
    if numbering == "placed":
        return tuple(number or place for place, number in enumerate(written, 1))
    if numbering == "running":
        settled, last = [], 0
        for number in written:
            last = number or last + 1
            settled.append(last)
        return tuple(settled)
    taken = {number for number in written if number and numbering != "counted"}
    free = (number for number in itertools.count(1) if number not in taken)
    return tuple(number or next(free) for number in written)
