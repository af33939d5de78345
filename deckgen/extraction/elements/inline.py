"""A text → its lines, sentences, clauses, images and links."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

from msgspec import Struct, field

from deckgen.extraction.elements.element import Element, Where
from deckgen.markdown.document import Document
from deckgen.markdown.escaping import escaped
from deckgen.markdown.language import language_of
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.markdown.sentences import split_clauses, split_sentences
from deckgen.markdown.text import Text
from deckgen.patterns.passage import Passage

_IMAGE_TITLE = lazy_regex(r"""\(.*\s(?:"([^"]*)"|'([^']*)')\s*\)$""", re.DOTALL)


class Cutting(Struct, frozen=True):
    """What rules have to say about how texts are cut into sentences, and sentences into clauses.

    `is_worthwhile`: whether any rule on clauses may fit one of a sentence; to cut all of them would take as long as all
    the rest. `abbreviations` finds, in text of a language, what holds full stops that end no sentence.
    """

    is_worthwhile: Callable[[Element], bool] | None = None
    abbreviations: Callable[[str], re.Pattern[str] | None] = lambda _: None
    label_ends: Mapping[int, Sequence[int]] = field(default_factory=dict)  # by the `id` of a text


WHOLE = Cutting()


def inline_elements(
    document: Document, text: Text, where: Where, kinds: frozenset[str], cutting: Cutting
) -> Iterator[Element]:
    """The elements of these kinds in a text. Clauses only of sentences that are worth it."""
    if "line" in kinds:
        yield from _lines(document, text, where)
    if "sentence" in kinds or "clause" in kinds:
        yield from _sentences(document, text, where, kinds, cutting)
    if "image" in kinds:
        yield from _images(document, text, where)
    if "link" in kinds:
        yield from _links(document, text, where)


def _element(kind: str, document: Document, where: Where, passage: Passage) -> Element:
    text, start, end = passage.text, passage.start, passage.end
    line, column = text.place(start)
    last = text.place(end - 1)[0] if "\n" in text.plain else line
    return Element(kind, document, where, "text", {"text": passage}, (line, last), column)


def _lines(document: Document, text: Text, where: Where) -> Iterator[Element]:
    plain = text.plain
    language = document.language_of(plain)
    start = 0
    for line in plain.split("\n"):
        end = start + len(line)
        first = end - len(line.lstrip())
        last = start + len(line.rstrip())
        if first < last:
            element = _element("line", document, where, Passage(text, first, last))
            element.language = language
            yield element
        start = end + 1


def _sentences(
    document: Document, text: Text, where: Where, kinds: frozenset[str], cutting: Cutting
) -> Iterator[Element]:
    plain = text.plain
    written = language_of(plain)
    language = document.language_of(plain)
    thread = [] if where.thread is None else where.thread
    spans = split_sentences(plain, written, cutting.abbreviations(language))
    if cutting.label_ends and (ends := cutting.label_ends.get(id(text))):
        spans = _cut_at(spans, ends, plain)
    for start, end in spans:
        sentence = _element("sentence", document, where, Passage(text, start, end, is_sentence=True))
        sentence.language = language
        sentence.previous = thread[-1] if thread else None
        thread[:] = [sentence]
        if "sentence" in kinds:
            yield sentence
        if "clause" in kinds and (cutting.is_worthwhile is None or cutting.is_worthwhile(sentence)):
            for first, last in split_clauses(plain, start, end, language):
                clause = _element("clause", document, where, Passage(text, first, last, is_sentence=True))
                clause.language = language
                clause.sentence = sentence
                yield clause


def _cut_at(spans: Sequence[tuple[int, int]], places: Sequence[int], plain: str) -> list[tuple[int, int]]:
    """Sentences, cut where labels end."""
    found: list[tuple[int, int]] = []
    for start, end in spans:
        edges = [start, *(place for place in places if start < place < end), end]
        for first, last in pairwise(edges):
            stripped = plain[first:last].strip()
            if stripped:
                begin = first + plain[first:last].index(stripped)
                found.append((begin, begin + len(stripped)))
    return found


def _images(document: Document, text: Text, where: Where) -> Iterator[Element]:
    for start, end in text.mark_runs("image"):
        title = _IMAGE_TITLE.search(text.source(start, end))
        values = {
            "image": Passage(text, start, end),
            "alt": Passage.of(escaped(text.shown(start, end))),
            "title": Passage.of(escaped(title[1] or title[2] or "")) if title else None,
        }
        line, column = text.place(start)
        image = Element("image", document, where, "alt", dict(values), (line, line), column)
        yield _standing_in(text, image, start, end)


def _links(document: Document, text: Text, where: Where) -> Iterator[Element]:
    runs = [(run, False) for run in text.mark_runs("link")] + [(run, True) for run in text.mark_runs("url")]
    for (start, end), is_bare in sorted(runs):
        target = text.link_target(start) or ""
        link = link_element(document, where, None if is_bare else Passage(text, start, end), target, text.place(start))
        yield _standing_in(text, link, start, end)


def link_element(
    document: Document, where: Where, text: Passage | None, url: str, place: tuple[int, int], end_line: int = 0
) -> Element:
    """A link; `text` is what it is called, if anything."""
    values = {"text": text, "url": Passage.of(f"<{url}>" if "://" in url else escaped(url))}
    return Element("link", document, where, "text", dict(values), (place[0], end_line or place[0]), place[1])


def _standing_in(text: Text, element: Element, start: int, end: int) -> Element:
    """The element with what it has of the text around it."""
    line, column = text.place(end - 1)
    element.extent = (element.line, element.column), (line, column + 1)
    element.source_text = text.source(start, end)
    element.language = element.document.language_of(text.plain)
    return element
