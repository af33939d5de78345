"""The text of a paragraph or an item → its lines that are something by themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from deckgen.extraction.entries.marks import LONGEST_LABEL, Parted, has_chinese, part
from deckgen.extraction.entries.numbering import numbering_of
from deckgen.extraction.entries.questions import asks, is_answer_line, question_prefix_end
from deckgen.markdown.blocks import Block, Paragraph
from deckgen.markdown.text import Text


def units_of(text: Text, siblings: Sequence[Block], index: int) -> list[tuple[int, int, Parted | None, bool]]:
    """The lines of a paragraph that are something by themselves; a hard-wrapped paragraph is one."""
    plain = text.plain
    spans = line_spans(text)
    parts = [part(text, *span) for span in spans]
    if len(spans) == 1:
        neighbours = [
            part(block.text, 0, len(block.text.plain))
            for block in (*siblings[max(0, index - 1) : index], *siblings[index + 1 : index + 2])
            if isinstance(block, Paragraph) and "\n" not in block.text.plain
        ]
        return [(*spans[0], parts[0], is_shared(parts[0], shared_marks([parts[0], *neighbours])))]
    numbers = [numbering_of(plain[start:end]).level for start, end in spans]
    is_numbered = sum(map(bool, numbers)) > 1
    by_line = has_chinese(plain) or _has_hard_breaks(text)
    shared = shared_marks(parts)
    is_run = all(is_shared(parted, shared) for parted in parts)
    if by_line or is_run:
        return [(*span, parted, is_shared(parted, shared)) for span, parted in zip(spans, parts, strict=True)]
    units: list[tuple[int, int, Parted | None, bool]] = []
    for span, parted, level in zip(spans, parts, numbers, strict=True):
        line = plain[span[0] : span[1]]
        begins = (
            (is_numbered and level)
            or (parted is not None and parted.emphasis in ("bold", "highlight") and parted.has_body)
            or bool(
                question_prefix_end(line)
                or is_answer_line(line)
                or asks(plain[units[-1][0] : units[-1][1]] if units else "")
            )
        )
        if units and not begins:
            units[-1] = (units[-1][0], span[1], units[-1][2], units[-1][3])
        else:
            units.append((*span, parted, is_shared(parted, shared)))
    return [
        (start, end, part(text, start, end) if parted is not None else None, run) for start, end, parted, run in units
    ]


def line_spans(text: Text) -> list[tuple[int, int]]:
    """The lines of a text, those cut that hold several labels: `**A**: one. **B**: two.`"""
    spans: list[tuple[int, int]] = []
    start, plain = 0, text.plain
    for line in plain.split("\n"):
        if line.strip():
            end = start + len(line)
            cuts = [a for a, b in text.mark_runs("bold") if start < a < b < end and _is_label_inside(plain, a, b)]
            spans.extend(pairwise([start, *cuts, end]))
        start += len(line) + 1
    return spans or [(0, len(plain))]


def is_label_alone(text: Text, line: tuple[int, int]) -> bool:
    """Whether a line is a label and nothing else: in capitals, or bold from one end to the other."""
    plain = text.plain[slice(*line)].strip()
    if plain.startswith("**") or (plain.isupper() and len(plain) > 4 and " " in plain and not has_chinese(plain)):
        return True
    is_bold = any(start <= line[0] and line[1] <= end for start, end in text.mark_runs("bold"))
    return is_bold and len(plain) <= LONGEST_LABEL


def _is_label_inside(plain: str, start: int, end: int) -> bool:
    """Whether a bold run behind the end of a sentence is the label of what follows."""
    is_marked = plain[end : end + 2].lstrip()[:1] in ("：", ":") or plain[end - 1] in "：:"
    return is_marked and plain[:start].rstrip()[-1:] in ("。", "．", ".", "；", ";", "！", "？")


def line_end(text: Text | None, start: int) -> int:
    """Where the line ends that begins at a place."""
    if text is None:
        return 0
    end = text.plain.find("\n", start)
    return len(text.plain) if end < 0 else end


def _has_hard_breaks(text: Text) -> bool:
    lines = text.raw.split("\n")[:-1]
    return bool(lines) and all(line.endswith(("  ", "\\", "<br>", "<br/>")) for line in lines)


def shared_marks(parts: Sequence[Parted | None]) -> frozenset[str]:
    """The marks by which two or more of several lines are parted."""
    counts = Counter(parted.mark for parted in parts if parted is not None and parted.mark)
    return frozenset(mark for mark, count in counts.items() if count > 1)


def is_shared(parted: Parted | None, marks: frozenset[str]) -> bool:
    """Whether a line is parted by one of the marks that several have."""
    return parted is not None and parted.mark in marks
