"""A coverage → one HTML page with the notes as they are written, and in colour what of them became cards.

Nothing of a note can run or load there: all text is escaped, and the content security policy lets only the page's own
style and script pass, by their digests. It needs no network.
"""

from __future__ import annotations

import html
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from itertools import pairwise
from math import gcd

from deckgen.markdown.document import CodeBlock, Document, Heading, HtmlBlock, MathBlock, inner_blocks
from deckgen.reports.columns import counted, cut
from deckgen.reports.coverage import Coverage, CoveredNote, CoveredSource, totals
from deckgen.reports.coverage_reasons import Reasons
from deckgen.reports.drafts import shown_lines
from deckgen.reports.inline_scripts import script_data, script_digest

_OPEN = 12
"""Files of a project that are unfolded when the page opens."""


def _hue(number: int, count: int) -> int:
    """The hue of a rule: all as far apart as so many can be, and those of neighbours in the list farther."""
    step = next((step for step in range(round(count * 0.38), count) if gcd(step, count) == 1), 1)
    return round(25 + (number * step % count) * 360 / count) % 360


def page(coverage: Coverage, name: str, reasons: Reasons | None = None) -> str:
    """The page, as text. `name` is the deck's; `reasons` say why what is plain made no card."""
    rules_with_notes = [rule for rule in coverage.rules if rule.notes]
    colors = {rule.name: number for number, rule in enumerate(rules_with_notes)}
    hues = "".join(f".r{number} {{ --hue: {_hue(number, len(rules_with_notes))}; }}\n" for number in colors.values())
    style = _own("coverage_page.css") + hues
    script = _own("coverage_page.js")
    notes = [note for source in coverage.sources for note in source.notes]
    data = [
        {
            "rule": note.draft.rule,
            "color": colors[note.draft.rule],
            "fields": [list(f) for f in shown_lines(note.draft)],
        }
        for note in notes
    ]
    chips = "".join(
        f'<li><button class="chip r{colors[rule.name]}" aria-pressed="false" data-rule="{_escaped(rule.name)}"'
        f' title="{_escaped(rule.about)}">{_escaped(rule.name)} <span>{rule.notes:,}</span></button></li>'
        for rule in rules_with_notes
    )
    allowed = f"style-src '{script_digest(style)}'; script-src '{script_digest(script)}'"
    policy = f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"
    sections: list[str] = []
    first = 0
    is_open = len(coverage.sources) <= _OPEN
    for number, source in enumerate(coverage.sources):
        why = (reasons or {}).get(source.document.path, {})
        sections.extend(_section(source, number, first, colors, why, is_open=is_open))
        first += len(source.notes)
    return "".join(
        [
            '<!doctype html>\n<html lang="">\n<head>\n<meta charset="utf-8">\n',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n',
            '<meta name="viewport" content="width=device-width, initial-scale=1">\n',
            '<meta name="referrer" content="no-referrer">\n',
            f"<title>{_escaped(name)}: coverage</title>\n<style>{style}</style>\n</head>\n<body>\n",
            f'<header><h1>{_escaped(name)}</h1>\n<p class="soft">{totals(coverage)}, ',
            f"{coverage.share:.0%} of the text</p>\n",
            f'<ul class="rules">{chips}</ul>\n',
            *_file_list(coverage),
            "</header>\n<main>\n",
            *sections,
            '</main>\n<footer class="soft">In colour: what became a card, by rule. ',
            "Plain: what was passed over; point at it to see why.</footer>\n",
            '<aside id="panel" aria-live="polite" hidden><button id="close" aria-label="Close">×</button>'
            '<div id="list"></div></aside>\n',
            f'<script type="application/json" id="notes">{script_data(data)}</script>\n<script>{script}</script>\n',
            "</body>\n</html>\n",
        ]
    )


def _own(name: str) -> str:
    return files("deckgen.reports").joinpath(name).read_text("utf-8")


def _escaped(text: str) -> str:
    return html.escape(text.replace("\0", "\ufffd"))


def _file_list(coverage: Coverage) -> Iterator[str]:
    """The files, those first of which most is missing, with a field to search them by name and text."""
    if len(coverage.sources) < 2:
        return
    yield '<input id="search" type="search" placeholder="Search the files and their text" aria-label="Search">\n'
    yield '<p class="soft" id="found" aria-live="polite"></p>\n<ol class="files">'
    ordered = sorted(enumerate(coverage.sources), key=lambda one: (-one[1].missing, one[1].document.path))
    for number, source in ordered:
        path = _escaped(source.document.path)
        yield f'<li data-file="{number}"><button class="file">{path}</button>'
        yield f'<span class="soft">{counted(source.count, "note")}, {source.share:.0%}</span></li>'
    yield "</ol>\n"


def _section(
    source: CoveredSource,
    place: int,
    first: int,
    colors: dict[str, int],
    reasons: Mapping[int, Sequence[tuple[str, str]]],
    *,
    is_open: bool,
) -> Iterator[str]:
    summary = f"{counted(source.count, 'note')}, {source.share:.0%}"
    path = _escaped(source.document.path)
    yield f'<section data-file="{place}"><details{" open" if is_open else ""}>\n'
    yield f'<summary class="head"><h2>{path}</h2><span class="soft">{summary}</span></summary>\n'
    yield f'<meter value="{source.share:.4f}">{source.share:.0%}</meter>\n'
    kinds = _line_kinds(source.document)
    spans: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for number, note in enumerate(source.notes):
        for line, begin, end in note.spans:
            spans[line].append((begin, end, number))
    for number, text in enumerate(source.document.lines, 1):
        kind = kinds.get(number, "") if text.strip() else " blank"
        shown = _line(text, spans[number], source.notes, first, colors) if number in spans else _escaped(text)
        why = ""
        if number in reasons:
            lines = "\n".join(f"{cut(text, 40)} — {reason}" for text, reason in reasons[number])
            why = f' data-why="{_escaped(lines)}"'
        yield f'<div class="line{kind}"{why}><i>{number}</i><span>{shown}</span></div>\n'
    yield "</details></section>\n"


def _line(
    text: str,
    spans: Sequence[tuple[int, int, int]],
    notes: Sequence[CoveredNote],
    first: int,
    colors: dict[str, int],
) -> str:
    """A line with its covered stretches, cut where one of them begins or ends; the colour is that of the shortest."""
    ends = sorted({1, len(text) + 1, *(min(c, len(text) + 1) for begin, end, _ in spans for c in (begin, end))})
    pieces: list[tuple[tuple[int, ...], str]] = []
    for begin, end in pairwise(ends):
        over = sorted((b - a, note) for a, b, note in spans if a <= begin and end <= b)
        covering = tuple(dict.fromkeys(note for _, note in over))
        if pieces and pieces[-1][0] == covering:
            pieces[-1] = covering, pieces[-1][1] + text[begin - 1 : end - 1]
        else:
            pieces.append((covering, text[begin - 1 : end - 1]))
    shown = []
    for covering, piece in pieces:
        if not covering or not piece.strip():
            shown.append(_escaped(piece))
            continue
        color = colors[notes[covering[0]].draft.rule]
        several = " several" if len(covering) > 1 else ""
        numbers = " ".join(str(first + number) for number in covering)
        mark = f'<mark class="r{color}{several}" tabindex="0" role="button" data-n="{numbers}">'
        shown.append(f"{mark}{_escaped(piece)}</mark>")
    return "".join(shown)


def _line_kinds(document: Document) -> dict[int, str]:
    """The class of each line that is no plain text: headings, and what rules read no sentences in."""
    kinds: dict[int, str] = {}
    blocks = list(document.blocks)
    before = min((block.line for block in blocks), default=len(document.lines) + 1)
    if document.front_matter:
        kinds.update((line, " code") for line in range(1, before))
    while blocks:
        block = blocks.pop()
        if isinstance(block, (Heading, CodeBlock, MathBlock, HtmlBlock)):
            kind = " title" if isinstance(block, Heading) else " code"
            kinds.update((line, kind) for line in range(block.line, block.end_line + 1))
        blocks.extend(inner_blocks(block))
    return kinds
