"""A note with an identity → the fields of its note type as HTML, and the ordinals of its cards.

The cards are computed here, by Anki's rules, and a note that Anki would import without one, or with a blank or broken
one, is refused: an import reports none of that (it shows later, in Check Database or Empty Cards).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from msgspec import Struct, field

from deckgen.diagnostics import Diagnostic, define
from deckgen.identity.guid_field import search_id
from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.superscripts import without_scripts
from deckgen.model import DELETION_OPEN, Html, Note, RenderedNote
from deckgen.rendering.cloze_html import count_deletions, place_deletions, settle_marks, without_deletions
from deckgen.rendering.escaping import FORBIDDEN, escape_text, tex_html, unmark
from deckgen.rendering.markdown_html import write_html, write_markdown
from deckgen.rendering.note_types import BASIC, BUILT_IN, CLOZE, NoteType, cloze_fields, filled_templates
from deckgen.rendering.raw_html import Html as RawHtml
from deckgen.rendering.speech import add_speech

define(
    "warning",
    note_without_card="Anki would import this note without a card, or with a blank one; it is left out.",
    too_many_deletions="A cloze number is over 500, the last that Anki makes cards of; the note is left out.",
    sanitised_html="Raw HTML in a note could do harm on a card (scripts, forms, event attributes); that part is "
    "removed. `html:` in deck.yaml changes this.",
    untypeable_answer="The answer of a `Typed` note is more than a line of text, so the card does not ask to type it.",
)

RENDERING = "1"
"""Raised when the same Markdown gives other HTML: a lock remembers which one its notes were made with."""

CLOZE_LIMIT = 500


class RenderOptions(Struct, frozen=True):
    """What deck.yaml says about rendering. `note_types` are its own ones, by the name that rules use; `voices` are by
    the language of what they read.
    """

    html: RawHtml = "sanitize"
    note_types: Mapping[str, NoteType] = field(default_factory=dict)
    voices: Mapping[str, str] = field(default_factory=dict)

    def note_type(self, name: str) -> NoteType:
        """The note type that a rule's `note:` names."""
        return self.note_types.get(name) or BUILT_IN[name]

    @property
    def stamp(self) -> str:
        """What the lock's header says of rendering."""
        spoken = ",".join(sorted(self.voices.values()))
        return f"{RENDERING} html={self.html}" + (f" tts={spoken}" if spoken else "")


def render_note(note: Note, options: RenderOptions) -> tuple[RenderedNote | None, list[Diagnostic]]:
    """The note as the package stores it, or None and the reason why Anki could make no card of it."""
    draft, diagnostics = note.draft, list[Diagnostic]()
    note_type = options.note_type(draft.note_type)
    media = {file.reference: file for file in draft.media}
    numbers = _Numbers(note, note_type)
    filled: dict[str, str] = {}
    for name, markdown in draft.fields:
        deletes = numbers.counts_in(name)
        settled = settle_marks(markdown) if deletes else without_deletions(markdown)
        is_html = name in draft.html_fields
        written = write_html(settled, media, options.html) if is_html else write_markdown(settled, media, options.html)
        if written.is_sanitised:
            message = f"raw HTML in {name} was sanitised"
            diagnostics.append(Diagnostic("sanitised-html", message, draft.origin.span, line_text=_line(note)))
        text = numbers.place(written.html, name) if deletes or note_type.is_cloze else written.html
        filled[name] = unmark(text).strip()
    _fill_in(filled, note, note_type)
    if filled.get("Typed") and not _is_typeable(filled.get("Back", "")):
        filled["Typed"] = ""
        message = "the answer is too much to be typed"
        diagnostics.append(Diagnostic("untypeable-answer", message, draft.origin.span, line_text=_line(note)))
    if options.voices and note_type.name in (BASIC.name, CLOZE.name):
        add_speech(filled, note_type, options.voices)
    shown = {name: text for name, text in filled.items() if shows_something(text)}
    fields = tuple([Html(shown.get(f.name, "")) for f in note_type.fields])
    cards = numbers.cards if note_type.is_cloze else filled_templates(note_type, shown)
    refusal = _refusal(note, note_type, cards, numbers)
    if refusal is not None:
        return None, [*diagnostics, refusal]
    used = tuple([file for file in draft.media if any(file.name in text for text in fields)]) if media else ()
    return RenderedNote(note, note_type.name, fields, cards, used), diagnostics


class _Numbers:
    """The numbers of a note's deletions, handed out in order, and what became of them."""

    def __init__(self, note: Note, note_type: NoteType) -> None:
        deleting = cloze_fields(note_type) if note_type.is_cloze else ()
        self._numbers = note.cloze
        self._starts: dict[str, int] = {}
        self.wanted: set[int] = set()
        position = 0
        for name, markdown in note.draft.fields:
            count = count_deletions(markdown)
            if name in deleting:
                self._starts[name] = position
                self.wanted.update(note.cloze[position : position + count])
            position += count
        if deleting and position != len(note.cloze):
            raise ValueError(f"{note.guid}: {position} deletions, but {len(note.cloze)} numbers")
        self._cards: set[int] = set()

    def counts_in(self, name: str) -> bool:
        """Whether deletions in this field make cards."""
        return name in self._starts

    def place(self, text: str, name: str) -> str:
        """The field's HTML with its deletions in Anki's syntax."""
        if DELETION_OPEN not in text and "{{c" not in text:
            return text
        text, numbers = place_deletions(text, self._numbers[self._starts.get(name, 0) :])
        self._cards.update(numbers)
        return text

    @property
    def cards(self) -> tuple[int, ...]:
        """Ordinals of the cards."""
        return tuple(sorted(number - 1 for number in self._cards))


NEAREST = 3
"""Headings that a card shows above its question, the nearest ones."""


def _fill_in(filled: dict[str, str], note: Note, note_type: NoteType) -> None:
    """The fields that no rule has to fill: where the note comes from, its GUID, the switches of deckgen Basic."""
    names = note_type.field_names
    if "Context" in names and "Context" not in filled:
        answers = [html for name, html in filled.items() if name != names[0]]
        above = note.draft.origin.shown_names
        shown = [_heading_html(text) for text in above if not _gives_away(text, answers)]
        if shown and without_scripts(shown[-1]) == without_scripts(_TAGS.sub("", filled.get(names[0], ""))):
            shown.pop()  # the question is the heading itself
        filled["Context"] = " › ".join(shown[-NEAREST:])
    if "Source" in names and "Source" not in filled:
        origins = note.origins or (note.draft.origin,)
        question = _TAGS.sub("", filled.get(names[0], ""))
        places = (" › ".join([o.span.path, *_headings_above(o.shown_headings, question)[-1:]]) for o in origins)
        filled["Source"] = "<br>".join(dict.fromkeys(_heading_html(place) for place in places))
    if "ID" in names and "ID" not in filled:
        filled["ID"] = search_id(note.guid)
    if note_type.name == BUILT_IN["Basic"].name:
        filled["Reverse"] = "1" if note.draft.note_type == "Reversed" else ""
        filled["Typed"] = "1" if note.draft.note_type == "Typed" else ""


def _headings_above(headings: Sequence[str], question: str) -> Sequence[str]:
    """The headings of a note's place, without the one that is its question."""
    is_asked = headings and without_scripts(_heading_html(headings[-1])) == without_scripts(question)
    return headings[:-1] if is_asked else headings


def _bare(text: str) -> str:
    """The letters of a field, for looking whether a heading gives them away."""
    return _NO_LETTERS.sub("", unescape(_TAGS.sub("", text))).casefold()


def _gives_away(heading: str, answers: list[str]) -> bool:
    """Whether a heading holds an answer: `DOM (Document Object Model)` above the question what DOM stands for."""
    shown = _bare(without_scripts(heading))
    for answer in answers:
        begun = _BEGINNING.match(answer)
        if begun is None or begun[1].casefold() in shown:  # most answers are known by their first word not to be there
            bare = _bare(answer)
            if len(bare) > 2 and bare in shown:
                return True
    return False


_BEGINNING = lazy_regex(r"(?:<[^>]*>|[^\w<&])*([^\W_]+)(?![\w&])")
"""The first word of a field, where no entity stands before or in it."""


_HEADING_MATH = lazy_regex(r"(?<![\\$])(?:\$\$([^$\n]+)\$\$|(?<!\w)\$(?=[^\s$])([^$\n]*?[^\s$\\])\$(?![\d$]))")


@lru_cache(maxsize=4096)
def _heading_html(text: str) -> str:
    """A heading's plain text, in which math is still its source."""
    if FORBIDDEN.search(text):
        text = FORBIDDEN.sub("", text)
    if "$" not in text:
        return unmark(escape_text(text))
    pieces, end = [], 0
    for found in _HEADING_MATH.finditer(text):
        pieces += [escape_text(text[end : found.start()]), tex_html(found[1] or found[2])]
        end = found.end()
    pieces.append(escape_text(text[end:]))
    return unmark("".join(pieces))


def _is_typeable(text: str) -> bool:
    return not re.search(r"<(?:p|div|ul|ol|dl|pre|table|blockquote|img|video|audio|h\d|br)\b|\\[(\[]|\[sound:", text)


_SEEN = lazy_regex(r"<(?:img|audio|video|hr)\b|\[sound:", re.IGNORECASE)
_TAGS = lazy_regex(r"<[^>]*>")
_NO_LETTERS = lazy_regex(r"[\W_]+")
_BLANK = lazy_regex("[\\s\u200b-\u200f\u2060\ufeff\u00ad]*")


def shows_something(text: str) -> bool:
    """Whether there is anything to be seen or heard in a field's HTML."""
    if not text:
        return False
    if "<" not in text and "&" not in text:
        return _BLANK.fullmatch(text) is None
    return bool(_SEEN.search(text)) or _BLANK.fullmatch(unescape(_TAGS.sub("", text))) is None


def _refusal(note: Note, note_type: NoteType, cards: tuple[int, ...], numbers: _Numbers) -> Diagnostic | None:
    span, line = note.draft.origin.span, _line(note)
    if note_type.is_cloze:
        if any(number > CLOZE_LIMIT or number < 1 for number in numbers.wanted):
            message = f"cloze number {max(numbers.wanted)}: Anki makes cards up to {CLOZE_LIMIT}"
            return Diagnostic("too-many-deletions", message, span, "make several notes of it", line)
        if not cards:
            return Diagnostic("note-without-card", "the text has no cloze deletion", span, line_text=line)
        blank = numbers.wanted - {ordinal + 1 for ordinal in cards}
        if blank:
            return Diagnostic("note-without-card", f"cloze deletion {min(blank)} deletes nothing", span, line_text=line)
    elif not cards or (note_type.name == BUILT_IN["Basic"].name and 0 not in cards):
        return Diagnostic("note-without-card", f"{note_type.field_names[0]} shows nothing", span, line_text=line)
    return None


def _line(note: Note) -> str:
    """The first line of the element, where it is the whole line of its source."""
    origin = note.draft.origin
    return origin.text.split("\n", 1)[0] if origin.span.column == 1 else ""
