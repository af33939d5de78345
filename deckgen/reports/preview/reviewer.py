"""What Anki's reviewer makes of a side after the engine: sounds, text to be typed, speech, formulas."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Literal

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.rendering.media import FILMS
from deckgen.reports.preview.mathematics import with_mathml
from deckgen.reports.preview.templates import deletions, strip_tags

_SOUND = lazy_regex(r"\[sound:([^\]<>]*)\]")
_SPEECH = lazy_regex(r"\[anki:tts lang=([^\s\]]*)[^\]]*\](.*?)\[/anki:tts\]", re.DOTALL)
_TYPED = lazy_regex(r"\[\[type:((?:cloze|nc):)?([^\]]+)\]\]")


def review(text: str, side: Literal["question", "answer"], fields: Mapping[str, str], ordinal: int) -> str:
    """The side as a learner sees it. What plays or is typed in Anki stands here where it would."""
    text = _SPEECH.sub(_speech, _SOUND.sub(_player, text))
    text = _TYPED.sub(lambda found: _typed(found, side, fields, ordinal), text)
    return with_mathml(_TAG.sub(_without_handlers, _ACTIVE.sub("", text)))


_TAG = lazy_regex(r"""<[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>""")
_ACTIVE = lazy_regex(
    r"<script\b.*?(?:</script\s*>|\Z)|</?(?:base|meta|link|script|iframe|object|embed|form)\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>",
    re.DOTALL | re.IGNORECASE,
)
_HANDLER = lazy_regex(r"""[\s/"']on[a-z]+\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]*)""", re.IGNORECASE)


def _without_handlers(tag: re.Match[str]) -> str:
    """A tag that `html: trust` or a template has, without what would run. The page lets none run in any case."""
    return _HANDLER.sub(" ", tag.group()) if "on" in tag.group().lower() else tag.group()


def _player(found: re.Match[str]) -> str:
    name = html.escape(unescape(found[1]))
    kind = "video" if name.rpartition(".")[2].lower() in FILMS else "audio"
    return f'<{kind} controls preload="none" src="{name}"></{kind}>'


def _speech(found: re.Match[str]) -> str:
    said = strip_tags(found[2]).strip()
    return f'<span class="tts" title="{html.escape(unescape(said))}">🔊 {found[1]}</span>' if said else ""


def _typed(found: re.Match[str], side: str, fields: Mapping[str, str], ordinal: int) -> str:
    if side == "question":
        return '<center><input type="text" id="typeans" autocomplete="off"></center>'
    expected = fields.get(found[2], "")
    if (found[1] or "").startswith("cloze"):
        expected = ", ".join(deletions(expected, ordinal + 1, "answer"))
    return f'<div><code id="typeans">{strip_tags(expected)}</code></div>'
