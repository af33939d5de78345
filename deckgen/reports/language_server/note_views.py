"""An open note → what the editor shows of it: lenses above headings, a hover for each text, its cards as symbols."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from lsprotocol import types as lsp

from deckgen.diagnostics import Diagnostic
from deckgen.extraction.skip_marks import reason_at, skipped_lines
from deckgen.markdown.blocks import Heading
from deckgen.markdown.document import Document
from deckgen.markdown.lazy_regex import lazy_regex
from deckgen.model import Draft
from deckgen.reports.columns import counted, cut
from deckgen.reports.drafts import plain
from deckgen.reports.explain import confidence_sum, explain
from deckgen.reports.explain_summary import nearest_reason
from deckgen.reports.language_server.editor_project import EditorProject
from deckgen.reports.language_server.identities import Identifier, KnownNote
from deckgen.reports.language_server.partial import Region, changed_region, masked
from deckgen.reports.language_server.texts import OpenText
from deckgen.reports.preview.cards import summary_of_card
from deckgen.rules.rule import Rule
from deckgen.rules.shipped import folder

SOURCE = "deckgen"
_SEVERITIES = {"error": lsp.DiagnosticSeverity.Error, "warning": lsp.DiagnosticSeverity.Warning}
_RETIRED_SHOWN = 8
_TITLE = 120  # columns of a question in a list


class NoteView:
    """One open note of a project."""

    def __init__(self, project: EditorProject, identifier: Identifier, text: OpenText, path: str) -> None:
        self.project, self.identifier, self.text, self.path = project, identifier, text, path

    # --- diagnostics

    def diagnostics(self) -> list[lsp.Diagnostic]:
        """What is found in it."""
        skipped = self._skipped()
        found = self.project.findings(self.path)
        shown = [one for one in found if one.span is None or (one.span, _rule_of(one)) not in skipped]
        return [as_lsp(one, self.text) for one in dict.fromkeys(shown)]

    def _skipped(self) -> set[tuple[object, str]]:
        project = self.project.project
        if project is None or not project.choices:
            return set()
        notes = self.identifier.of(self.path).notes
        return {(one.draft.origin.span, one.draft.rule) for one in notes if one.note.is_skipped}

    # --- lenses and symbols

    def lenses(self) -> list[lsp.CodeLens]:
        """Above each heading, how many cards and suggestions stand below it."""
        state = self.project.states.get(self.path)
        if state is None:
            return []
        cards = [(draft.origin.span.line, self._card_count(draft)) for _, draft in self.project.notes(state)]
        suggestions = [draft.origin.span.line for draft in self.project.suggested(state)]
        found = []
        for line, last, _, _ in self._sections():
            count = sum(number for place, number in cards if line <= place <= last)
            unsure = sum(line <= place <= last for place in suggestions)
            if count or unsure:
                title = counted(count, "card") + (f", {counted(unsure, 'suggestion')}" if unsure else "")
                at = self.text.position(line, 1)
                command = lsp.Command(title, "deckgen.showCards", arguments=[self.text.uri, line])
                found.append(lsp.CodeLens(lsp.Range(at, at), command))
        return found

    def _card_count(self, draft: Draft) -> int:
        """How many cards Anki makes of a draft."""
        shown = self.project.compiled(self.path, draft).shown
        if shown is not None:
            return len(shown.cards)
        known = next((one for one in self.identifier.of(self.path).notes if one.draft is draft), None)
        return len(known.rendered.cards) if known is not None else 1

    def _sections(self) -> list[tuple[int, int, int, str]]:
        """Of each heading: its line, the last of its section, its level, its text. Without any, the whole note."""
        headings = list(_headings(self.project.document(self.path, self.text.text)))
        end = len(self.text.lines)
        found = []
        for index, heading in enumerate(headings):
            following = (other.line - 1 for other in headings[index + 1 :] if other.level <= heading.level)
            found.append((heading.line, next(following, end), heading.level, heading.text.plain.strip()))
        return found or [(1, end, 1, Path(self.path).stem)]

    def symbols(self) -> list[lsp.DocumentSymbol]:
        """The cards below their headings."""
        cards = [(known.draft.origin.span, symbol) for known in self.notes() for symbol in self._card_symbols(known)]
        root: list[lsp.DocumentSymbol] = []
        stack: list[tuple[int, int, list[lsp.DocumentSymbol]]] = [(0, len(self.text.lines), root)]
        sections = self._sections()
        places = [(line, 0, index) for index, (line, *_) in enumerate(sections)]
        places.extend((span.line, 1, index) for index, (span, _) in enumerate(cards))
        for _, is_card, index in sorted(places):
            if is_card:
                stack[-1][2].append(cards[index][1])
                continue
            begun, last, level, title = sections[index]
            while len(stack) > 1 and stack[-1][0] >= level:
                stack.pop()
            whole = lsp.Range(self.text.position(begun, 1), self.text.position(last, len(self.text.line(last)) + 1))
            own = lsp.Range(whole.start, self.text.position(begun, len(self.text.line(begun)) + 1))
            symbol = lsp.DocumentSymbol(title or "#", lsp.SymbolKind.Namespace, whole, own, children=[])
            stack[-1][2].append(symbol)
            assert isinstance(symbol.children, list)
            stack.append((level, last, symbol.children))
        return [one for one in root if _has_cards(one)]

    def below(self, line: int) -> list[KnownNote]:
        """The notes of the section that a heading begins."""
        last = next((last for begun, last, _, _ in self._sections() if begun == line), line)
        return [one for one in self.notes() if line <= one.draft.origin.span.line <= last]

    def counts(self) -> tuple[int, int, int]:
        """Of the project: new notes, suggestions that wait, notes."""
        project, new, review, notes = self.project, 0, 0, 0
        for state in project.states.values():
            taken = {ordinal for ordinal, _ in project.notes(state)}
            review += len(state.drafts) - len(taken)
            notes += len(taken)
            if state.text is None:
                unknown = (place for place, one in enumerate(state.asked) if not project.admission.is_asked(one))
                new += sum(ordinal in taken for ordinal in unknown)
            else:
                known = self.identifier.of(state.path).notes
                new += sum(not one.is_suggestion and one.note.change == "new" for one in known)
        return new, review, notes

    def notes(self) -> Sequence[KnownNote]:
        """What came of it, in order."""
        notes = self.identifier.of(self.path).notes
        return sorted(notes, key=lambda one: (one.draft.origin.span.line, one.draft.origin.span.column))

    def _card_symbols(self, known: KnownNote) -> Iterator[lsp.DocumentSymbol]:
        span = known.draft.origin.span
        for question, answer in cards_of(known, self.identifier):
            whole, line = self.text.range(span), self.text.first_line(span)
            title = cut(question, _TITLE) or "…"
            yield lsp.DocumentSymbol(title, lsp.SymbolKind.String, whole, line, detail=cut(answer, _TITLE))

    # --- what stands at a place

    def at(self, line: int, column: int) -> list[KnownNote]:
        """The notes of the smallest text around a place."""
        around = [one for one in self.identifier.of(self.path).notes if self._is_in(one.draft, line, column)]
        least = min((len(one.draft.origin.text) for one in around), default=0)
        return [one for one in around if len(one.draft.origin.text) == least]

    def _is_in(self, draft: Draft, line: int, column: int) -> bool:
        span, lines = draft.origin.span, draft.origin.text.split("\n")
        last = span.line + len(lines) - 1
        if not span.line <= line <= max(last, span.line):
            return False
        if len(lines) == 1:
            return span.column <= column <= span.column + len(lines[0])
        if line == span.line:
            return column >= span.column
        end = len(lines[-1]) + 1 if span.column > 1 else len(self.text.line(last)) + 1
        return line < last or column <= end

    def hover(self, line: int, column: int) -> lsp.Hover | None:
        """What came of the text at a place, or why nothing did."""
        found = self.at(line, column)
        if found:
            parts = [*(self._shown(one) for one in found), *self._retired(line)]
            span = found[0].draft.origin.span
            return lsp.Hover(markdown("\n\n---\n\n".join(parts)), self.text.first_line(span))
        held = [one for one in self.identifier.of(self.path).held if self._is_in(one, line, column)]
        if held:
            question = escape(cut(plain(held[0].fields[0][1]), _TITLE))
            return lsp.Hover(markdown(f"no card: “{question}” is asked by another note, with another answer"))
        if not self.text.line(line).strip():
            return None
        return lsp.Hover(markdown("\n\n".join([self._why_none(line, column), *self._retired(line)])))

    def _retired(self, line: int) -> Iterator[str]:
        """On a heading: the notes of the lock that are no longer made below it; on the first one, all of the file."""
        sections = self._sections()
        title = next((title for begun, _, _, title in sections if begun == line), None)
        if title is None:
            return
        gone = [one for one in self.identifier.of(self.path).retired if line == sections[0][0] or title in one.headings]
        for one in gone[:_RETIRED_SHOWN]:
            yield f"retired: **{escape(plain(one.question))}** → {escape(cut(plain(one.answer), _TITLE))}"
        if len(gone) > _RETIRED_SHOWN:
            yield f"and {len(gone) - _RETIRED_SHOWN:,} more that are no longer made"

    def _why_none(self, line: int, column: int) -> str:
        """The nearest reason, in a line."""
        compile_options = self.project.compile_options
        assert compile_options is not None
        document = self.project.document(self.path, self.text.text)
        if reason := reason_at(skipped_lines(document), line):
            return f"no card: {escape(reason)}"
        region = section_of(self.text.lines, line)
        part = self.project.document(self.path, masked(self.text.lines, region.first, region.last))
        explained = explain(part, compile_options.rules()[0], compile_options.settings, line)
        reason, rule = nearest_reason(explained, line, column)
        if not reason:
            return "no card: nothing here is a text that a rule looks at"
        return f"no card: {escape(reason)}" + (f"  \n`{rule}`" if rule else "")

    def _shown(self, known: KnownNote) -> str:
        draft, note = known.draft, known.note
        lines = []
        for question, answer in cards_of(known, self.identifier):
            lines.append(f"**{escape(question)}**  \n→ {escape(answer)}")
        rule = self.rule(draft.rule)
        sure = confidence_sum(rule, draft) if rule is not None else draft.confidence
        state = "a suggestion: not in the deck until you keep it" if known.is_suggestion else _state_of(known)
        lines.append(f"{state} · {escape(note.draft.deck)} · `{draft.rule}`")
        lines.append(f"confidence: {escape(sure)}")
        if note.draft.worded:
            lines.append(f"in your own words: {escape(', '.join(note.draft.worded))}")
        return "\n\n".join(lines)

    def rule(self, name: str) -> Rule | None:
        """A rule of the project by its name."""
        compile_options = self.project.compile_options
        rules = compile_options.rules()[0].rules if compile_options is not None else ()
        return next((rule for rule in rules if rule.name == name), None)

    def definition(self, line: int, column: int) -> list[lsp.Location]:
        """Where the rules of the notes at a place stand."""
        found = []
        for name in dict.fromkeys(one.draft.rule for one in self.at(line, column)):
            rule = self.rule(name)
            if rule is not None and (file := self.pack_file(rule)) is not None:
                at = lsp.Position(rule.span.line - 1, max(rule.span.column - 1, 0))
                found.append(lsp.Location(file.as_uri(), lsp.Range(at, at)))
        return found

    def pack_file(self, rule: Rule) -> Path | None:
        """The rule file that a rule stands in."""
        if rule.is_shipped:
            file = folder() / rule.span.path.removeprefix("card_rules/")
        else:
            file = Path(os.path.realpath(rule.span.path))
        return file if file.is_file() else None


def _rule_of(diagnostic: Diagnostic) -> str:
    return diagnostic.hint.rpartition("made by ")[2]


def as_lsp(diagnostic: Diagnostic, text: OpenText) -> lsp.Diagnostic:
    """A diagnostic in the words of the command."""
    at = text.first_line(diagnostic.span) if diagnostic.span is not None else lsp.Range(*[text.position(1, 1)] * 2)
    message = diagnostic.message + "".join(f"\nhelp: {line}" for line in diagnostic.hint.splitlines())
    return lsp.Diagnostic(at, message, _SEVERITIES[diagnostic.severity], diagnostic.kind, source=SOURCE)


def cards_of(known: KnownNote, identifier: Identifier) -> Iterator[tuple[str, str]]:
    """Question and answer of each card, as Anki asks them."""
    draft = known.note.draft
    note_type = identifier.note_type(draft.note_type)
    fields: dict[str, str] = dict(zip(note_type.field_names, known.rendered.fields, strict=True))
    for ordinal in known.rendered.cards:
        yield summary_of_card(draft, note_type, fields, ordinal)


def _state_of(known: KnownNote) -> str:
    """What a build does to a note, in words."""
    note = known.note
    if note.is_skipped:
        return "skipped: you decided so"
    if note.is_declined:
        return "not in the package: deleted in Anki"
    if note.is_held_back:
        return "not in the package: a picture is missing"
    return {"unchanged": "in the lock, unchanged"}.get(note.change, note.change)


def section_of(lines: Sequence[str], line: int) -> Region:
    """The section, or the paragraphs, around a line."""
    changed = [*lines]
    changed[line - 1] = changed[line - 1] + "\0"
    region = changed_region(lines, changed)
    return region or Region(1, len(lines), len(lines))


def _headings(document: Document) -> Iterator[Heading]:
    yield from (block for block in document.blocks if isinstance(block, Heading))


def _has_cards(symbol: lsp.DocumentSymbol) -> bool:
    kept = [one for one in symbol.children or () if _has_cards(one)]
    symbol.children = kept or None
    return symbol.kind == lsp.SymbolKind.String or bool(kept)


_MEANS = lazy_regex(r"([\\`*_\[\]<>|~&])")


def escape(text: str) -> str:
    """Text as Markdown that shows it: nothing of a stranger's note is a link or a picture in a hover."""
    return _MEANS.sub(r"\\\1", " ".join(text.split()))


def markdown(text: str) -> lsp.MarkupContent:
    """Markdown for a hover."""
    return lsp.MarkupContent(lsp.MarkupKind.Markdown, text)
