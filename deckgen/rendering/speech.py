"""Fields read aloud (`tts:` in deck.yaml): a field's HTML → the mark by which Anki speaks its text.

It stands in a field of its own, which the templates show where there is one: so each note is read in the language of
its own text, and the note types stay the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from deckgen.markdown.entities import unescape
from deckgen.markdown.language import language_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.rendering.escaping import escape_html
from deckgen.rendering.note_types import CLOZE, NoteType

_SILENT = lazy_regex(
    r"\\\(.*?\\\)|\\\[.*?\\\]|<(pre|code)\b.*?</\1>|<small class=\"footnote\">.*?</small>|\[sound:.*?\]", re.DOTALL
)
_TAGS = lazy_regex(r"</?(?:a|b|em|i|mark|s|span|strong|sub|sup|u)\b[^>]*>|(<[^>]*>)")
_CLOZE = lazy_regex(r"\{\{c\d+::(.*?)(?:::.*?)?\}\}", re.DOTALL)
_LONGEST = 1_000  # characters: what is longer is no question or answer to listen to


def add_speech(filled: dict[str, str], note_type: NoteType, voices: Mapping[str, str]) -> None:
    """Fill the fields for speech of a built-in note type, for texts in the languages that have a voice."""
    if "Speech" in note_type.field_names:
        spoken = _CLOZE.sub(r"\1", filled.get("Text", "")) if note_type.name == CLOZE.name else filled.get("Front", "")
        filled["Speech"] = speech(spoken, voices)
    if "Speech back" in note_type.field_names:
        filled["Speech back"] = speech(filled.get("Back", ""), voices)


def speech(text: str, voices: Mapping[str, str]) -> str:
    """The mark for a field's HTML; none for formulas and code, and for a language without a voice."""
    words = " ".join(unescape(_TAGS.sub(lambda found: " " if found[1] else "", _SILENT.sub(" ", text))).split())
    voice = voices.get(language_of(words)) if words else None
    if voice is None or len(words) > _LONGEST:
        return ""
    return f"[anki:tts lang={voice}]{escape_html(words).replace('[', '&#91;').replace('{{', '{ {')}[/anki:tts]"
