"""A build → what the page shows of it: each card's two sides, where its note comes from, what was found about it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from deckgen.build.view import Build, note_types_of
from deckgen.diagnostics import Diagnostic, format_diagnostic, sort_diagnostics
from deckgen.diagnostics.paths import shown_path
from deckgen.markdown.entities import unescape
from deckgen.model import Draft, RenderedNote
from deckgen.project.choices import Choices
from deckgen.rendering.note_types import NoteType
from deckgen.reports.columns import cut
from deckgen.reports.drafts import plain
from deckgen.reports.lint import lint
from deckgen.reports.preview.reviewer import review
from deckgen.reports.preview.templates import render_card, reveal, strip_tags

FRONT_SIDE = "\x00"
"""In an answer: its question, as a whole."""

_TITLE, _SEARCHED = 160, 1000  # columns of a question in the list; characters of an answer that a search looks through


def page_data(build: Build, *, is_asking: bool = False) -> dict[str, Any]:
    """What the page needs to know, for JSON: note types, notes, cards in the order in which they will be learned.

    A page that asks for decisions has what is skipped and what is only suggested, too.
    """
    types = {note_type.name: note_type for note_type in note_types_of(build)}
    findings, others = _findings(build)
    notes: list[dict[str, Any]] = []
    cards: list[dict[str, Any]] = []
    shown = [rendered for rendered in build.notes if is_asking or not rendered.note.is_skipped]
    suggestions = build.suggestions if is_asking else ()
    choices = build.project.choices
    for place, rendered in enumerate((*shown, *suggestions)):
        shown_cards = cards_data(rendered, types[rendered.model])
        cards.extend({"note": len(notes), **card} for card in shown_cards)
        state = state_of(rendered, choices, is_suggested=place >= len(shown))
        notes.append(_note(rendered, findings[id(rendered.note.draft)]) | {"state": state})
    return {
        "deck": _deck(build),
        "css": {name: types[name].css for name in {rendered.model for rendered in (*shown, *suggestions)}},
        "notes": notes,
        "cards": cards,
        "notices": [format_diagnostic(diagnostic) for diagnostic in others],
        "root": build.project.root.resolve().as_posix(),
    }


def state_of(rendered: RenderedNote, choices: Choices, *, is_suggested: bool) -> str:
    """What was decided about a note, in a word."""
    if rendered.note.is_skipped:
        return "skipped"
    if is_suggested:
        return "suggested"
    return "kept" if rendered.note.guid in choices.notes else "to review"


def _deck(build: Build) -> str:
    """The deck that all notes are in or below."""
    names = [rendered.note.draft.deck.split("::") for rendered in build.notes]
    if not names:
        return build.project.config.deck or build.project.name
    shared = names[0]
    for name in names:
        while name[: len(shared)] != shared:
            shared = shared[:-1]
    return "::".join(shared) or build.project.name


def _note(rendered: RenderedNote, findings: Sequence[Diagnostic]) -> dict[str, Any]:
    note, draft = rendered.note, rendered.note.draft
    span = draft.origin.span
    return {
        "guid": note.guid,
        "type": rendered.model,
        "deck": draft.deck,
        "rule": draft.rule,
        "tags": list(draft.tags),
        "change": note.change,
        "reason": note.reason,
        "confidence": draft.confidence,
        "worded": list(draft.worded),
        "path": span.path,
        "line": span.line,
        "column": span.column,
        "source": draft.origin.text,
        "found": [
            {"kind": d.kind, "severity": d.severity, "message": d.message, "hint": d.hint.split("\nmade by")[0]}
            for d in findings
        ],
    }


def cards_data(rendered: RenderedNote, note_type: NoteType) -> Iterable[dict[str, Any]]:
    """The cards of a note, each with its two sides as HTML."""
    draft = rendered.note.draft
    fields: dict[str, str] = dict(zip(note_type.field_names, rendered.fields, strict=True))
    for ordinal in rendered.cards:
        template = note_type.templates[0 if note_type.is_cloze else ordinal]
        special_fields = {
            "Tags": " ".join(draft.tags),
            "Type": note_type.name,
            "Deck": draft.deck,
            "Subdeck": draft.deck.rpartition("::")[2],
            "Card": f"{template.name} {ordinal + 1}" if note_type.is_cloze else template.name,
            "CardFlag": "flag0",
        }
        sides = render_card(template, ordinal, fields, special_fields, is_cloze=note_type.is_cloze)
        question = review(sides.question, "question", fields, ordinal)
        answer = review(sides.answer, "answer", fields, ordinal)
        title, said = summary_of_card(draft, note_type, fields, ordinal)
        yield {
            "name": special_fields["Card"],
            "ordinal": ordinal,
            "title": cut(title, _TITLE),
            "said": said[:_SEARCHED],
            "question": question,
            "answer": answer.replace(question, FRONT_SIDE, 1),
        }


def summary_of_card(draft: Draft, note_type: NoteType, fields: dict[str, str], ordinal: int) -> tuple[str, str]:
    """Question and answer of one card of a note as read, each on a line."""
    if note_type.is_cloze:
        text = next((text for text in fields.values() if "{{c" in text), "")
        sides = (
            " ".join(plain(strip_tags(reveal(text, ordinal + 1, side))).split()) for side in ("question", "answer")
        )
        question, answer = sides
        return question, answer
    shown = [plain(markdown) for _, markdown in draft.fields]
    if ordinal and note_type.templates[ordinal].name == "Reverse":
        shown[:2] = reversed(shown[:2])
    return shown[0], "  ".join(shown[1:])


def _line(text: str) -> str:
    return " ".join(re.sub(r"\\[()\[\]]", "$", unescape(strip_tags(text))).split())


def _findings(build: Build) -> tuple[dict[int, list[Diagnostic]], list[Diagnostic]]:
    """What was found about each draft (by its id in this process), and what is about none of them."""
    drafts = [rendered.note.draft for rendered in build.notes]
    by_path: dict[str, list[Draft]] = defaultdict(list)
    for draft in drafts:
        by_path[draft.origin.span.path].append(draft)
    shown = {shown_path(build.project.root / path): path for path in by_path}
    found: dict[int, list[Diagnostic]] = defaultdict(list)
    made = {(draft.origin.span, draft.rule): draft for draft in drafts}
    for diagnostic in lint(drafts, build.project.config.lint):
        rule = diagnostic.hint.rpartition("made by ")[2]
        about_draft = made.get((diagnostic.span, rule)) if diagnostic.span else None
        if about_draft is not None:
            found[id(about_draft)].append(diagnostic)
    others = []
    for diagnostic in sort_diagnostics(build.diagnostics):
        span = diagnostic.span
        about = (
            [
                draft
                for draft in by_path.get(shown.get(span.path, ""), ())
                if draft.origin.span.line <= span.line <= max(draft.origin.span.end_line, draft.origin.span.line)
            ]
            if span
            else []
        )
        for draft in about:
            found[id(draft)].append(diagnostic)
        if not about:
            others.append(diagnostic)
    return found, others
