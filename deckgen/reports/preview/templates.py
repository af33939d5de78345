"""A note's fields and a card template → the two sides as Anki's own engine makes them.

What the rules are was read off the engine (tests hold every case against it): conditionals, filters from the right to
the left, cloze deletions, `{{FrontSide}}`. What the reviewer does afterwards is in `reviewer`.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Literal

from msgspec import Struct

from deckgen.markdown.entities import unescape
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.rendering.note_types import Template


class Sides(Struct, frozen=True):
    """A card's question and answer: the HTML that Anki's reviewer gets."""

    question: str
    answer: str


class Replacement(Struct, frozen=True):
    """`{{filter:filter:Field}}`, the filters in the order in which they apply."""

    field: str
    filters: tuple[str, ...]


class Conditional(Struct, frozen=True):
    """`{{#Field}}…{{/Field}}`, or with `^` for an empty one."""

    field: str
    is_negated: bool
    parts: tuple[Part, ...]


Part = str | Replacement | Conditional

# A comment is text, whatever braces it has.
_TOKEN = lazy_regex(r"(<!--.*?-->|\{\{.*?\}\})", re.DOTALL)
_BLANK = lazy_regex(r"(?:\s|</?(?:br|div)\s*/?>)*", re.IGNORECASE)


@lru_cache(maxsize=256)
def parse_template(text: str) -> tuple[Part, ...]:
    """The parts of one side. What deck.yaml's checks let through is balanced; a stray end is passed over."""
    return _parse(iter(_TOKEN.split(text)), None)


def _parse(tokens: Iterator[str], opened: str | None) -> tuple[Part, ...]:
    parts: list[Part] = []
    for token in tokens:
        if not token.startswith("{{"):
            if token:
                parts.append(token)
            continue
        inside = token[2:-2].strip()
        mark, name = inside[:1], inside[1:].strip()
        if mark == "/":
            if name == opened:
                break
        elif mark in ("#", "^"):
            parts.append(Conditional(name, mark == "^", _parse(tokens, name)))
        else:
            *filters, field = inside.split(":")
            parts.append(Replacement(field, tuple(reversed(filters))))
    return tuple(parts)


def render_card(
    template: Template, ordinal: int, fields: Mapping[str, str], special_fields: Mapping[str, str], *, is_cloze: bool
) -> Sides:
    """Both sides of the card with that ordinal.

    `fields` are the note's, as HTML; `special_fields` what Anki adds: Tags, Type, Deck, Subdeck, Card, CardFlag.
    """
    shown = {**special_fields, **fields}
    filled = {name for name, value in shown.items() if _BLANK.fullmatch(value) is None}
    if is_cloze:
        filled.add(f"c{ordinal + 1}")
    question = _Side(shown, filled, ordinal, "question").render(parse_template(template.front))
    shown["FrontSide"] = question
    answer = _Side(shown, filled | {"FrontSide"}, ordinal, "answer").render(parse_template(template.back))
    return Sides(question, answer)


class _Side(Struct, frozen=True):
    shown: Mapping[str, str]
    filled: set[str]
    ordinal: int
    side: Literal["question", "answer"]

    def render(self, parts: tuple[Part, ...]) -> str:
        return "".join(map(self._part, parts))

    def _part(self, part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Conditional):
            return self.render(part.parts) if (part.field in self.filled) != part.is_negated else ""
        text = self.shown.get(part.field, "")
        if part.filters and part.filters[-1] == "type":
            before = [name for name in part.filters[:-1] if name in ("cloze", "nc")]
            return f"[[type:{':'.join([*before[:1], part.field])}]]"
        for name in part.filters:
            text = self._filtered(text, name, part.field)
        return text

    def _filtered(self, text: str, name: str, field: str) -> str:
        match name:
            case "text":
                return unescape(strip_tags(text))
            case "cloze":
                return bare_in_math(reveal(text, self.ordinal + 1, self.side))
            case "cloze-only":
                return ", ".join(deletions(text, self.ordinal + 1, self.side))
            case "hint":
                return _hint(text, field)
            case "furigana":
                return _ruby(text, r"<ruby><rb>\1</rb><rt>\2</rt></ruby>")
            case "kanji":
                return _ruby(text, r"\1")
            case "kana":
                return _ruby(text, r"\2")
        if name.startswith("tts "):
            return f"[anki:tts lang={name[4:]}]{text}[/anki:tts]"
        return text


def _hint(text: str, field: str) -> str:
    """Folded away, as Anki does with a script, of which none runs here."""
    return f"<details class=hint><summary>{field}</summary>{text}</details>" if text.strip() else text


def _ruby(text: str, form: str) -> str:
    return re.sub(r" ?([^ >]+?)\[(?!sound:)(.+?)\]", form, text.replace("&nbsp;", " "))


_TAGS = lazy_regex(r"<!--.*?-->|<style.*?>.*?</style>|<script.*?>.*?</script>|<.*?>", re.DOTALL | re.IGNORECASE)
_MATH = lazy_regex(r"(\\[(\[])(.*?)(\\[)\]])", re.DOTALL)


def strip_tags(text: str) -> str:
    """HTML without tags, entities as they are."""
    return _TAGS.sub("", text)


def bare_in_math(text: str) -> str:
    """HTML in which formulas have no tags: MathJax reads text."""
    return _MATH.sub(lambda found: found[1] + strip_tags(found[2]) + found[3], text) if "\\" in text else text


_CLOZE = lazy_regex(r"\{\{c([\d,]+)::|\}\}|::", re.IGNORECASE)


class _Open(Struct):
    """A deletion that is being read: its text and hint so far, as shown."""

    numbers: tuple[int, ...]
    text: str = ""
    hint: str | None = None
    bare: str = ""  # the text without marks of the deletions in it

    def add(self, piece: str, bare: str | None = None) -> None:
        if self.hint is None:
            self.text += piece
            self.bare += piece if bare is None else bare
        else:
            self.hint += piece


def reveal(text: str, number: int, side: Literal["question", "answer"]) -> str:
    """A field with its cloze deletions shown, but those of the card's own number covered on the question."""
    shown, found = _read_deletions(text, number, side)
    return shown if found else ""


def deletions(text: str, number: int, side: Literal["question", "answer"]) -> list[str]:
    """Only what the card's own deletions show."""
    return _read_deletions(text, number, side)[1]


def _read_deletions(text: str, number: int, side: str) -> tuple[str, list[str]]:
    outermost = _Open(())
    opened = [outermost]
    found: list[str] = []
    end = 0
    for match in _CLOZE.finditer(text):
        opened[-1].add(text[end : match.start()])
        end = match.end()
        if match[1]:
            numbers = tuple(int(part) for part in match[1].split(",") if part)
            opened.append(_Open(numbers))
        elif match.group() == "}}" and len(opened) > 1:
            deletion = opened.pop()
            shown, own = _shown(deletion, number, side)
            if own is not None:
                found.append(own)
            opened[-1].add(shown, deletion.bare)
        elif match.group() == "::" and len(opened) > 1 and opened[-1].hint is None:
            opened[-1].hint = ""
        else:
            opened[-1].add(match.group())
    opened[-1].add(text[end:])
    return outermost.text, found  # what is never closed is not shown


def _shown(deletion: _Open, number: int, side: str) -> tuple[str, str | None]:
    ordinals = ",".join(map(str, deletion.numbers))
    if number not in deletion.numbers:
        return f'<span class="cloze-inactive" data-ordinal="{ordinals}">{deletion.text}</span>', None
    if side == "answer":
        return f'<span class="cloze" data-ordinal="{ordinals}">{deletion.text}</span>', deletion.bare
    covered, kept = deletion.hint or "...", html.escape(deletion.text)
    return f'<span class="cloze" data-cloze="{kept}" data-ordinal="{ordinals}">[{covered}]</span>', covered
