"""What one can do with the notes at a place: skip, keep, word anew, make a rule of a sentence.

A decision goes into deck.choices.yaml, by the code of `review`, when the user asks for it; a rule into rules/mine.yaml,
by that of `rules new`. Nothing else is written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from lsprotocol import types as lsp

from deckgen.build.decisions import as_written
from deckgen.diagnostics import Diagnostic
from deckgen.diagnostics.lint_kinds import LINT_KINDS
from deckgen.markdown.plain_text import plain_of
from deckgen.project.choices import Wording, choices_path
from deckgen.project.source_files import CONFIG_NAME
from deckgen.reports.columns import cut
from deckgen.reports.language_server.identities import KnownNote
from deckgen.reports.language_server.note_views import NoteView
from deckgen.reports.language_server.settings_edits import without_finding
from deckgen.reports.review.deciding import Deciding, changed_fields, editable, question_of
from deckgen.reports.rules_by_example.proposing import Wanted, propose, sentences_like
from deckgen.reports.rules_by_example.writing import add_rule, how_to_use, own_rules_path

_QUICK, _OTHER = lsp.CodeActionKind.QuickFix, lsp.CodeActionKind.Refactor


def actions(view: NoteView, span: lsp.Range, found: Sequence[lsp.Diagnostic]) -> list[lsp.CodeAction]:
    """What can be done at a place of a note."""
    line, column = view.text.place(span.start)
    notes = view.at(line, column)
    made = [action for known in notes for action in _on_note(view, known)]
    for diagnostic in found:
        if diagnostic.code in LINT_KINDS:
            place = view.text.place(diagnostic.range.start)
            rule = diagnostic.message.rpartition("made by ")[2]
            made.extend(_fixes(view, diagnostic, [one for one in view.at(*place) if one.draft.rule in rule]))
            made.extend(_unreported(view, diagnostic))
    if not notes and (sentence := sentence_at(view.text.line(line), column)):
        arguments = [view.text.uri, sentence]
        made.append(_action(f"New rule from “{cut(sentence, 60)}”", _OTHER, "deckgen.newRule", arguments))
    return made


def _action(title: str, kind: lsp.CodeActionKind, command: str, arguments: list[Any]) -> lsp.CodeAction:
    return lsp.CodeAction(title, kind=kind, command=lsp.Command(title, command, arguments=arguments))


def _on_note(view: NoteView, known: KnownNote) -> Iterator[lsp.CodeAction]:
    question = f"“{cut(question_of(known.note.draft), 60)}”"
    arguments = [view.text.uri, str(known.note.guid)]
    project = view.project.project
    choice = project.choices.notes.get(known.note.guid) if project is not None else None
    if not known.note.is_skipped:
        yield _action(f"Skip {question}", _OTHER, "deckgen.skip", arguments)
    if known.is_suggestion:
        yield _action(f"Keep {question}", _OTHER, "deckgen.keep", arguments)
    elif choice is None:
        yield _action(f"Keep {question} as it is", _OTHER, "deckgen.keep", arguments)
    if choice is not None:
        yield _action(f"Take back what you decided about {question}", _OTHER, "deckgen.takeBack", arguments)
    yield _action(f"Edit the wording of {question}", _OTHER, "deckgen.editWording", arguments)


def _fixes(view: NoteView, diagnostic: lsp.Diagnostic, notes: Sequence[KnownNote]) -> Iterator[lsp.CodeAction]:
    """What mends a finding of lint: the note is left out, or worded anew."""
    for known in notes:
        question = f"“{cut(question_of(known.note.draft), 60)}”"
        arguments = [view.text.uri, str(known.note.guid)]
        titles = [(f"Skip {question} ({diagnostic.code})", "deckgen.skip")]
        if diagnostic.code != "front-taken":
            titles.append((f"Edit the wording of {question} ({diagnostic.code})", "deckgen.editWording"))
        for title, command in titles:
            action = _action(title, _QUICK, command, arguments)
            action.diagnostics = [diagnostic]
            yield action


def _unreported(view: NoteView, diagnostic: lsp.Diagnostic) -> Iterator[lsp.CodeAction]:
    """Have the project hold a kind of finding for none."""
    project = view.project.project
    if project is None or not project.has_config:
        return
    edit = without_finding(project.config_text.split("\n"), str(diagnostic.code))
    if edit is not None:
        changes = {(project.root / CONFIG_NAME).resolve().as_uri(): [edit]}
        title = f"Never report {diagnostic.code} in this project"
        yield lsp.CodeAction(title, _QUICK, diagnostics=[diagnostic], edit=lsp.WorkspaceEdit(changes))


def sentence_at(line: str, column: int) -> str:
    """The sentence of a line at a column, as it reads; nothing where there is none."""
    begun = re.match(r"\s*(?:(?:[-*+>]|\d+[.)]|#{1,6})\s+)*", line)
    start = begun.end() if begun else 0
    for sentence in sentences_like(line[start:]):
        at = line.find(sentence, start)
        start = at + len(sentence)
        if column <= start + 1:
            return plain_of(sentence).strip()
    return ""


class Decider:
    """Carries out what the user asked for."""

    def __init__(self, view: NoteView) -> None:
        self._view = view

    def _deciding(self) -> Deciding | None:
        project = self._view.project.project
        return Deciding(project.root, project.lock_path, project.choices) if project is not None else None

    def note(self, guid: str) -> KnownNote | None:
        """A note of the source by its GUID."""
        return next((one for one in self._view.identifier.of(self._view.path).notes if one.note.guid == guid), None)

    def decide(self, action: str, guid: str) -> list[Diagnostic]:
        """Skip or keep a note, or take back what was decided about it. Raises LookupError for a note that is gone."""
        known, deciding = self.note(guid), self._deciding()
        if known is None or deciding is None:
            raise LookupError(guid)
        carry_out = {"skip": deciding.skip, "keep": deciding.keep, "takeBack": deciding.take_back}[action]
        return carry_out(known.rendered)

    def fields(self, guid: str) -> dict[str, str]:
        """The fields of a note as a person edits them. Raises LookupError."""
        known = self.note(guid)
        if known is None:
            raise LookupError(guid)
        return editable(known.rendered)

    def word(self, guid: str, fields: Mapping[str, str]) -> list[Diagnostic]:
        """A note in the user's own words. Raises LookupError."""
        known, deciding = self.note(guid), self._deciding()
        if known is None or deciding is None:
            raise LookupError(guid)
        changed = changed_fields(known.rendered, fields)
        return deciding.word(known.rendered, changed) if changed else []

    def word_as_it_is(self, guid: str) -> tuple[Path, int, list[Diagnostic]]:
        """Write the wording of a note as it is into deck.choices.yaml, to be edited there: the file, and the line.
        Raises LookupError.
        """
        known, deciding = self.note(guid), self._deciding()
        project = self._view.project.project
        if known is None or deciding is None or project is None:
            raise LookupError(guid)
        draft, html = known.note.draft, known.note.draft.html_fields
        words = {name: Wording(text, name in html) for name, text in as_written(draft, known.note.cloze) if text}
        path = choices_path(project.lock_path)
        problems = deciding.word(known.rendered, words)
        if problems:
            return path, 1, problems
        lines = path.read_text("utf-8").split("\n")
        return path, next((n for n, line in enumerate(lines, 1) if guid in line), 1), []

    def new_rule(self, sentence: str, front: str, back: str) -> tuple[Path, list[Diagnostic], str]:
        """Make a rule that makes this card of this sentence: its file, what is wrong, what is left to be done. Raises
        LookupError where no rule does.
        """
        project = self._view.project.project
        proposal = propose(Wanted(sentence, front, back))
        if proposal is None or project is None:
            raise LookupError(sentence)
        target = own_rules_path(project.root)
        problems = add_rule(target, project.root, proposal.text)
        return target, problems, how_to_use(project.config.rules, target)
