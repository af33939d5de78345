"""Notes for the tests of rendering, media and packages: short to write, with all that a real one has."""

from __future__ import annotations

from collections.abc import Sequence

from deckgen.diagnostics import Span
from deckgen.model import DELETION_CLOSE, DELETION_HINT, DELETION_OPEN, Draft, Guid, Markdown, MediaFile, Note, Origin
from deckgen.rendering.cloze_html import count_deletions

FIRST_SECOND = 1_400_000_000


def deletions(text: str) -> Markdown:
    """`⟦text¦hint⟧` as the marks of a draft's field."""
    for shown, mark in (("⟦", DELETION_OPEN), ("¦", DELETION_HINT), ("⟧", DELETION_CLOSE)):
        text = text.replace(shown, mark)
    return Markdown(text)


def make_draft(
    note_type: str = "Basic",
    *,
    path: str = "notes/a.md",
    line: int = 3,
    text: str = "the element",
    headings: tuple[str, ...] = ("Part", "Section"),
    deck: str = "Deck",
    tags: tuple[str, ...] = (),
    media: tuple[MediaFile, ...] = (),
    **fields: str,
) -> Draft:
    """A draft; `fields` are Markdown, with `⟦…⟧` for deletions."""
    filled = tuple((name, deletions(markdown)) for name, markdown in fields.items())
    origin = Origin(Span(path, line, 1), text, headings)
    kind = "Basic" if note_type in ("Reversed", "Typed") else note_type
    return Draft("pack/rule", "pack/rule", kind, note_type, filled, (), "", "", text, origin, deck, tags, media)


def make_note(
    draft: Draft, number: int = 0, *, mod: int = 0, cloze: Sequence[int] | None = None, held_back: bool = False
) -> Note:
    """A note of the draft; `number` makes its GUID, id and first modified time."""
    if cloze is None:
        cloze = range(1, sum(count_deletions(markdown) for _, markdown in draft.fields) + 1)
    second = FIRST_SECOND + number
    guid = Guid(f"note{number:012}")
    return Note(draft, guid, second * 1000, mod or second, "new", tuple(cloze), (draft.origin,), is_held_back=held_back)
