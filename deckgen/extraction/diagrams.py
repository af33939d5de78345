"""Drafts → what is reported of diagrams that their cards would show as the text that draws them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from deckgen.diagnostics import Diagnostic, Span
from deckgen.markdown.document import Document
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft

_DIAGRAM = lazy_regex(r"^[ >\t]*(?:```+|~~~+)\s*\{?\.?(mermaid|plantuml|dot|graphviz)\b", re.MULTILINE | re.IGNORECASE)


def diagram_problem(document: Document, drafts: Sequence[Draft]) -> list[Diagnostic]:
    """Once a file: a card never loads a program that could draw it."""
    for draft in drafts:
        for _, text in draft.fields:
            if ("```" in text or "~~~" in text) and (found := _DIAGRAM.search(text)):
                message = f"a card shows this {found[1].lower()} diagram as the text that draws it"
                hint = "export it as SVG and show that: `![](diagram.svg)`"
                return [Diagnostic("unshown-syntax", message, Span(document.path, draft.origin.span.line), hint)]
    return []
