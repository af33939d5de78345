"""Drafts × the ids that another tool wrote beside its cards → the drafts, each with what it is called in Anki."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from deckgen.diagnostics import Diagnostic, Span, define
from deckgen.markdown.document import Document
from deckgen.model import Draft
from deckgen.rules.expectations import OtherIds
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


def once(diagnostics: Iterable[Diagnostic], *, is_lock_new: bool) -> list[Diagnostic]:
    """The diagnostics with the first of `ids_problem` alone, and with none where a lock says which card is which."""
    kept: list[Diagnostic] = []
    is_reported = not is_lock_new
    for diagnostic in diagnostics:
        if diagnostic.kind == "ids-of-another-tool":
            if is_reported:
                continue
            is_reported = True
        kept.append(diagnostic)
    return kept


def _id_of(document: Document, ids: OtherIds, draft: Draft, begins: set[int]) -> str:
    if ids.front_matter:
        value = document.front_matter.get(ids.front_matter)
        return str(value) if isinstance(value, (str, int)) and value else ""
    if ids.line is None:
        return ""
    first, last = draft.origin.span.line, draft.origin.span.end_line
    lines = document.written_lines
    if ids.is_before:
        places = range(first - 1, max(first - 3, 0), -1)
    else:
        places = range(first, min(last + _FAR, len(lines)) + 1)
    for number in places:
        text = lines[number - 1]
        if (number > last and (not text.strip() or number in begins)) or (ids.is_before and not text.strip()):
            break
        if found := ids.line.search(text):
            return str(found.groupdict()["id"] or "")
    return ""
