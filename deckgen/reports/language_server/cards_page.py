"""The cards around a place of a note → a page for a panel beside it: no script, each card in a frame of its own."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Mapping
from typing import Any

from deckgen.reports.language_server.identities import KnownNote
from deckgen.reports.language_server.note_views import NoteView, section_of
from deckgen.reports.preview.cards import FRONT_SIDE, cards_data
from deckgen.reports.preview.media import media_type
from deckgen.reports.preview.page import own_text

_MOST = 40
_LARGEST_PICTURE = 1024 * 1024
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-src 'self' about:"
_STYLE = """body{margin:0;padding:8px;font:13px system-ui,sans-serif}article{border:1px solid #8886;border-radius:6px;
margin:0 0 10px;overflow:hidden}article.here{border:2px solid #3794ff}header{padding:4px 8px;opacity:.75}
iframe{display:block;width:100%;border:0;background:#fff;resize:vertical}p{opacity:.75}"""

_SMALL = "body.card{font-size:15px;padding:4px 12px;margin:0;min-height:0}"
_COLUMNS, _LEAST, _LINE, _TALLEST = 46, 110, 24, 460


def cards_page(view: NoteView, line: int) -> dict[str, Any]:
    """The cards of the section around a line; `here`: which of them stand on it."""
    region = section_of(view.text.lines, min(max(line, 1), len(view.text.lines)))
    notes = [one for one in view.notes() if region.first <= one.draft.origin.span.line <= region.last][:_MOST]
    here = {id(one) for one in notes if _is_on(one, line)}
    notes.sort(key=lambda one: id(one) not in here)  # those at the cursor first: a page without scripts cannot scroll
    articles = [article for one in notes for article in _articles(view, one, is_here=id(one) in here)]
    body = "".join(articles) or "<p>No card comes of this section.</p>"
    page = (
        f'<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" '
        f'content="{_POLICY}"><style>{_STYLE}</style></head><body>{body}</body></html>'
    )
    return {"html": page, "first": region.first, "last": region.last, "cards": len(articles)}


def _is_on(known: KnownNote, line: int) -> bool:
    span = known.draft.origin.span
    return span.line <= line <= max(span.line, span.end_line)


def _articles(view: NoteView, known: KnownNote, *, is_here: bool) -> Iterator[str]:
    note_type = view.identifier.note_type(known.note.draft.note_type)
    state = "suggestion" if known.is_suggestion else "skipped" if known.note.is_skipped else known.note.change
    for card in cards_data(known.rendered, note_type):
        answer = _with_pictures(view, known, card["answer"].replace(FRONT_SIDE, card["question"], 1))
        frame = (
            f'<!doctype html><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
            f"<style>{own_text('reviewer.css')}{note_type.css}{_SMALL}</style><body class='card'>{answer}</body>"
        )
        about = html.escape(f"{known.draft.origin.span.line} · {state} · {known.draft.rule}")
        yield (
            f'<article class="{"here" if is_here else ""}"><header>{about}</header>'
            f'<iframe sandbox="" style="height:{_height(card)}px" srcdoc="{html.escape(frame, quote=True)}"></iframe>'
            "</article>"
        )


def _height(card: Mapping[str, Any]) -> int:
    """About how tall a card is: nothing measures it where no script runs."""
    pictures = card["answer"].count("<img")
    lines = sum(1 + len(text) // _COLUMNS for text in (card["title"], card["said"])) + 8 * pictures
    return int(min(_LEAST + _LINE * lines, _TALLEST))


def _with_pictures(view: NoteView, known: KnownNote, answer: str) -> str:
    """A card with its pictures in it: the page may load none."""
    for file in known.rendered.media:
        kind = media_type(file.name)
        if not kind.startswith("image/"):
            continue
        try:
            data = b"".join(view.project.files.chunks(file.path))
        except OSError:
            continue
        if len(data) <= _LARGEST_PICTURE:
            answer = answer.replace(f'"{file.name}"', f'"data:{kind};base64,{base64.b64encode(data).decode()}"')
    return answer
