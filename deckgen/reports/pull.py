"""What was edited in Anki → the learner's words, as decisions: Markdown where that gives the same field, else HTML."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from deckgen.anki.anki_state import AnkiState
from deckgen.anki.plan import Plan
from deckgen.anki.three_way import FieldMerge
from deckgen.build.decisions import with_words
from deckgen.build.view import Build
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import RenderedNote
from deckgen.project.choices import NoteChoice, Wording
from deckgen.rendering.markdown_html import write_markdown
from deckgen.rendering.note_types import NoteType
from deckgen.rendering.raw_html import Html
from deckgen.reports.columns import cut, harmless
from deckgen.reports.review.deciding import question_of

_NOT_PULLED = frozenset({"Context", "Source", "ID", "Reverse", "Typed", "deckgen"})
_TAGS = (
    (re.compile(r"<(?:strong)>(\S(?:.*?\S)?)</strong>", re.DOTALL), r"**\1**"),
    (re.compile(r"<(?:em)>(\S(?:.*?\S)?)</em>", re.DOTALL), r"*\1*"),
    (re.compile(r"<code>([^<`]+)</code>"), r"`\1`"),
    (re.compile(r"\\\((.+?)\\\)", re.DOTALL), r"$\1$"),
    (re.compile(r"\\\[(.+?)\\\]", re.DOTALL), r"$$\1$$"),
)
_IMAGE = lazy_regex(r"<img\b[^>]*?\ssrc=[\"']([^\"']+)[\"'][^>]*>", re.IGNORECASE)


class Pulled(Struct, frozen=True):
    """A note that was edited in Anki, and its fields as the learner's words."""

    note: RenderedNote
    merges: tuple[FieldMerge, ...]
    fields: Mapping[str, Wording]


def pulled_from(plan: Plan, note_types: Mapping[str, NoteType], raw_html: Html) -> list[Pulled]:
    """All notes whose fields were edited there; what deckgen fills in itself is not asked about."""
    edited = [(one.rendered, one.fields) for one in plan.edited]
    edited += [(one.rendered, one.fields) for one in plan.conflicts]
    found = []
    for note, merges in edited:
        kept = tuple(one for one in merges if one.name not in _NOT_PULLED and one.verdict in ("edited", "conflict"))
        if not kept:
            continue
        fields = {one.name: wording_of(one.old, note, note_types[note.model], one.name, raw_html) for one in kept}
        found.append(Pulled(note, kept, fields))
    return found


def wording_of(text: str, note: RenderedNote, note_type: NoteType, name: str, raw_html: Html) -> Wording:
    """A field of Anki's in the learner's words: the first Markdown that comes out as it is there, else its HTML."""
    media = {file.reference: file for file in note.media}
    names = {file.name: file.reference for file in note.media}
    local = _IMAGE.sub(lambda found: _with_reference(found, names), text)
    if note_type.is_cloze and "{{c" in text:
        return _cloze_wording(text, local, note, note_type, name)
    for markdown in _candidates(local, names):
        if write_markdown(markdown, media, raw_html).html == text:
            return Wording(markdown)
    return Wording(local, is_html=True)


def _cloze_wording(text: str, local: str, note: RenderedNote, note_type: NoteType, name: str) -> Wording:
    """A cloze has its deletions in Anki's syntax either way."""
    is_plain = "<" not in text and "&" not in text
    wording = Wording(html.unescape(text) if is_plain else local, is_html=not is_plain)
    _, problem = with_words(note.note.draft, NoteChoice(note.note.guid, fields=((name, wording),)), note_type)
    return wording if not problem else Wording(local, is_html=True)


def _with_reference(found: re.Match[str], names: Mapping[str, str]) -> str:
    """A picture by its path in the project, where it is one of the note's."""
    reference = names.get(found[1])
    return found[0].replace(found[1], reference) if reference else found[0]


def _candidates(text: str, names: Mapping[str, str]) -> Iterator[str]:
    """Markdown that may come out as a text, the plainest first."""
    marked = text
    for expression, replacement in _TAGS:
        marked = expression.sub(replacement, marked)
    references = set(names.values())
    marked = _IMAGE.sub(lambda found: f"![]({found[1]})" if found[1] in references else found[0], marked)
    yield html.unescape(marked)
    yield html.unescape(marked.replace("<br>", "\\\n"))
    yield marked
    yield text


SKIP_TAG = "deckgen::skip"


def unwanted_in(plan: Plan, build: Build, state: AnkiState) -> list[tuple[RenderedNote, str]]:
    """Notes that the learner does not want to learn, by what was done in Anki, and what that was."""
    decided = build.project.choices.notes
    found = [(rendered, "deleted") for rendered in plan.declined]
    lines = {line.guid for line in build.identified.lock.lines if line.declined}
    for rendered in build.notes:
        note = state.notes.get(rendered.note.guid)
        if note is None:
            found.extend([(rendered, "deleted")] if rendered.note.guid in lines else [])
        elif any(tag.casefold() == SKIP_TAG for tag in note.tags):
            found.append((rendered, f"tagged {SKIP_TAG}"))
        elif note.cards and all(card.is_suspended for card in note.cards):
            found.append((rendered, "suspended"))
    unique = {rendered.note.guid: (rendered, why) for rendered, why in found}
    return [one for guid, one in unique.items() if guid not in decided]


def unwanted_lines(unwanted: Sequence[tuple[RenderedNote, str]], width: int) -> Iterator[str]:
    """For people: each of them."""
    for rendered, why in unwanted:
        span = rendered.note.draft.origin.span
        yield cut(f"{harmless(span.path)}:{span.line}: {why}: {question_of(rendered.note.draft)}", width)


def pull_lines(pulled: Sequence[Pulled], width: int) -> Iterator[str]:
    """For people: of each note its question, and each field there and as it would be written down."""
    for one in pulled:
        span = one.note.note.draft.origin.span
        yield f"{harmless(span.path)}:{span.line}: {cut(question_of(one.note.note.draft), width - 20)}"
        for merge in one.merges:
            wording = one.fields[merge.name]
            yield cut(f"  - {merge.name}: {harmless(merge.new)}", width)
            yield cut(f"  + {merge.name}{' (HTML)' if wording.is_html else ''}: {harmless(wording.text)}", width)
