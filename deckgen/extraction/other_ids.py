"""Drafts × the ids that another tool wrote beside its cards → the drafts, each with what it is called in Anki."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.markdown.document import Document
from deckgen.model import Draft
from deckgen.rules.expectations import OtherIds

if TYPE_CHECKING:
    from deckgen.rules.rule import RuleSet

define(
    "warning",
    ids_of_another_tool="The notes hold ids of cards that another tool made in Anki, and no lock says which is which.",
)

_FAR = 6
"""Lines below a card in which its id may stand: tags and other metadata stand between."""


def with_other_ids(document: Document, rules: RuleSet, drafts: Sequence[Draft]) -> list[Draft]:
    """The drafts, each with its own id, if it has one."""
    known = {ids.pack: ids for ids in rules.other_ids}
    if not known:
        return list(drafts)
    begins = {draft.origin.span.line for draft in drafts}
    found = []
    for draft in drafts:
        ids = known.get(draft.rule.rpartition("/")[0])
        named = _id_of(document, ids, draft, begins) if ids is not None else ""
        written = tuple(dict.fromkeys([*draft.ids, *([named] if named else [])])) if ids is not None else ()
        found.append(replace(draft, other_ids=written) if written else draft)
    return found


def ids_problem(document: Document, drafts: Sequence[Draft]) -> list[Diagnostic]:
    """What is reported of them where the cards were never adopted: once a file."""
    first = next((draft for draft in drafts if draft.other_ids), None)
    if first is None:
        return []
    tool = first.rule.split("/")[1]
    message = f"{tool} knows these cards in Anki by the ids that it wrote here: built, they would stand there twice"
    hint = "run `deckgen adopt` on a package or collection first; then every card keeps its schedule"
    return [Diagnostic("ids-of-another-tool", message, Span(document.path, first.origin.span.line), hint)]


_OF_A_FIRST_BUILD = frozenset({"ids-of-another-tool", "schedules-of-another-tool"})


def once(diagnostics: Iterable[Diagnostic], *, is_lock_new: bool) -> list[Diagnostic]:
    """The diagnostics with the first of each kind that a first build alone reports; none of these with a lock."""
    kept: list[Diagnostic] = []
    left = set(_OF_A_FIRST_BUILD) if is_lock_new else set[str]()
    for diagnostic in diagnostics:
        if diagnostic.kind in _OF_A_FIRST_BUILD:
            if diagnostic.kind not in left:
                continue
            left.discard(diagnostic.kind)
        kept.append(diagnostic)
    return kept


def _id_of(document: Document, ids: OtherIds, draft: Draft, begins: set[int]) -> str:
    if ids.front_matter:
        value = document.front_matter.get(ids.front_matter)
        return str(value) if isinstance(value, (str, int)) and value else ""
    if ids.line is None:
        return ""
    for text in _lines_before(document, draft) if ids.is_before else lines_of_card(document, draft, begins):
        if found := ids.line.search(text):
            return str(found.groupdict()["id"] or "")
    return ""


def _lines_before(document: Document, draft: Draft) -> Iterator[str]:
    first = draft.origin.span.line
    for number in range(first - 1, max(first - 3, 0), -1):
        text = document.written_lines[number - 1]
        if not text.strip():
            return
        yield text


def lines_of_card(document: Document, draft: Draft, begins: set[int]) -> Iterator[str]:
    """The lines of a card and those of its metadata right below, up to an empty one or the next card."""
    first, last = draft.origin.span.line, draft.origin.span.end_line
    lines = document.written_lines
    for number in range(first, min(last + _FAR, len(lines)) + 1):
        text = lines[number - 1]
        if number > last and (not text.strip() or number in begins):
            return
        yield text
